/* YAML out: texts as YAML scalars on one line, for files that people read and git compares. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Appends the text so that a YAML reader has exactly it as text: plain where it is a word, else in double
 * quotes (YAML 1.2, 7.3.1). Bytes that are not UTF-8 become U+FFFD, which no YAML file could hold. */
void yaml_out_text(GString *out, const char *text);
/* `, key: text`; nothing for NULL. */
void yaml_out_member(GString *out, const char *key, const char *text);
/* A flow list, as [a, "b c"]. NULL-terminated. */
void yaml_out_list(GString *out, char *const *texts);
