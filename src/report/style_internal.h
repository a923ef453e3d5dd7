/* Style: colour and wrapping for the text renderers. Pure. */
#pragma once

#include "report/report.h"

typedef enum StyleColor { STYLE_PLAIN, STYLE_BOLD, STYLE_GREEN, STYLE_RED, STYLE_YELLOW } StyleColor;

/* The text with control characters visible, in colour if `color`. */
void style_append(GString *out, bool color, StyleColor style, const char *text);
StyleColor style_of_outcome(Outcome outcome);
/* "label text" wrapped at blanks to `width` columns, each line indented; control characters visible. Ends the
 * line. */
void style_append_wrapped(GString *out, unsigned indent, unsigned width, const char *label, const char *text);
/* Goes on with a line that has `column` columns already, as above. */
void style_append_words(GString *out, unsigned column, unsigned indent, unsigned width, const char *text);

/* "3 done" in a line of counts. */
typedef struct StyleCount {
    unsigned count;
    const char *label;
    StyleColor color;
} StyleCount;

/* "LEAD 3 done, 1 failed" wrapped to the width, counts of 0 left out. Ends the line. */
void style_append_counts(GString *out, const ReportOptions *options, const char *lead,
                         const StyleCount *counts, gsize length);
