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

void style_append_wrapped(GString *out, unsigned indent, unsigned width, const char *label, const char *text)
{
    g_autofree char *whole = *label ? g_strconcat(label, " ", text, NULL) : g_strdup(text);
    g_autofree char *safe = text_printable(g_strdelimit(whole, "\r\n\t", ' '), false);
    g_auto(GStrv) words = g_strsplit(safe, " ", -1);
    unsigned column = 0;
    for (char **word = words; *word; word++) {
        unsigned size = terminal_text_width(*word);
        if (!size)
            continue;
        if (column > 0 && column + 1 + size > width) {
            g_string_append_c(out, '\n');
            column = 0;
        }
        g_string_append_printf(out, "%*s%s", column ? 1 : (int)indent, "", *word);
        column += (column ? 1 : indent) + size;
    }
    g_string_append_c(out, '\n');
}
