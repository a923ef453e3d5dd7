/* Style: ANSI colours by meaning, and text wrapped to a width. */
#include "base/terminal.h"
#include "base/text_table.h"
#include "report/style_internal.h"
#include <string.h>

static const char *const codes[] = {[STYLE_PLAIN] = "",
                                    [STYLE_BOLD] = "\033[1m",
                                    [STYLE_GREEN] = "\033[32m",
                                    [STYLE_RED] = "\033[31m",
                                    [STYLE_YELLOW] = "\033[33m"};

void style_append(GString *out, bool color, StyleColor style, const char *text)
{
    g_autofree char *safe = text_printable(text, false);
    if (color && style != STYLE_PLAIN)
        g_string_append_printf(out, "%s%s\033[0m", codes[style], safe);
    else
        g_string_append(out, safe);
}

StyleColor style_of_outcome(Outcome outcome)
{
    static const StyleColor colors[OUTCOME_COUNT] = {
        [OUTCOME_DONE] = STYLE_GREEN,         [OUTCOME_UNCHANGED] = STYLE_GREEN,
        [OUTCOME_FAILED] = STYLE_RED,         [OUTCOME_UNKNOWN] = STYLE_RED,
        [OUTCOME_UNREACHABLE] = STYLE_YELLOW, [OUTCOME_LOCKED] = STYLE_YELLOW,
        [OUTCOME_STALE] = STYLE_YELLOW,       [OUTCOME_BLOCKED] = STYLE_YELLOW,
        [OUTCOME_STOPPED] = STYLE_YELLOW,     [OUTCOME_CANCELLED] = STYLE_YELLOW,
        [OUTCOME_NOT_STARTED] = STYLE_YELLOW,
    };
    return colors[outcome];
}

void style_append_words(GString *out, unsigned column, unsigned indent, unsigned width, const char *text)
{
    g_autofree char *blank = g_strdelimit(g_strdup(text), "\r\n\t", ' ');
    g_autofree char *safe = text_printable(blank, false);
    g_auto(GStrv) words = g_strsplit(safe, " ", -1);
    for (char **word = words; *word; word++) {
        unsigned size = terminal_text_width(*word);
        if (!size)
            continue;
        if (column > indent && column + 1 + size > width) {
            g_string_append_c(out, '\n');
            column = 0;
        }
        unsigned gap = column > indent ? 1 : indent - column;
        g_string_append_printf(out, "%*s%s", (int)gap, "", *word);
        column += gap + size;
    }
    g_string_append_c(out, '\n');
}

void style_append_wrapped(GString *out, unsigned indent, unsigned width, const char *label, const char *text)
{
    g_autofree char *whole = *label ? g_strconcat(label, " ", text, NULL) : g_strdup(text);
    style_append_words(out, 0, indent, width, whole);
}

void style_append_counts(GString *out, const ReportOptions *options, const char *lead,
                         const StyleCount *counts, gsize length)
{
    const char *comma = "";
    unsigned column = terminal_text_width(lead);
    style_append(out, false, STYLE_PLAIN, lead);
    for (gsize i = 0; i < length; i++) {
        if (!counts[i].count)
            continue;
        g_autofree char *text = g_strdup_printf("%u %s", counts[i].count, counts[i].label);
        unsigned size = terminal_text_width(text) + 2; /* the blank before it and the comma behind it */
        bool fits = column + size <= options->width;
        g_string_append_printf(out, "%s%s", comma, fits ? " " : "\n    ");
        style_append(out, options->color, counts[i].color, text);
        column = (fits ? column : 3) + size;
        comma = ",";
    }
    g_string_append_c(out, '\n');
}
