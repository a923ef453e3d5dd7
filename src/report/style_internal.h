/* Style: colour and wrapping for the text renderers. Pure. */
#pragma once

#include "run/results.h"

typedef enum StyleColor { STYLE_PLAIN, STYLE_BOLD, STYLE_GREEN, STYLE_RED, STYLE_YELLOW } StyleColor;

/* The text with control characters visible, in colour if `color`. */
void style_append(GString *out, bool color, StyleColor style, const char *text);
StyleColor style_of_outcome(Outcome outcome);
/* "label text" wrapped at blanks to `width` columns, each line indented; control characters visible. */
void style_append_wrapped(GString *out, unsigned indent, unsigned width, const char *label, const char *text);
