/* Paragraphs: running text from a table, taken apart and wrapped. Private to this room. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Paragraph {
    char *text;    /* one line for running text; several when verbatim */
    bool verbatim; /* its first line is indented: shown as it is */
} Paragraph;

/* Taken apart at empty lines. NULL is no text. Elements are `Paragraph *`; the caller frees the array. */
GPtrArray *paragraphs_of(const char *text);

/* Appends blanks. */
void append_blanks(GString *out, unsigned count);
/* Appends `text` broken at blanks so that no line is wider than `width` columns (a longer word stays whole),
 * and a newline. The first line goes on at `column`, the others are indented by `indent`. */
void append_wrapped(GString *out, const char *text, unsigned column, unsigned indent, unsigned width);
/* Appends all paragraphs of a text, an empty line between them, each line indented. */
void append_paragraphs(GString *out, const char *text, unsigned indent, unsigned width);
/* Appends each line of `text` indented and as it is, with a newline after the last. */
void append_lines(GString *out, const char *text, unsigned indent);
