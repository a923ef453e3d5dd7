/* Markup: owns escaping for XML and Markdown. It refuses to know what is written: no element, no table. */
#include "base/markup.h"
#include "base/text_table.h"
#include <string.h>

#define LINE_MAX_BYTES 1000 /* of a line in a block: minified SQL is no reading */

/* ---- XML ---- */

/* U+FFFE and U+FFFF are UTF-8 and no XML. */
static void replace_noncharacters(char *text)
{
    for (char *at = text; (at = strstr(at, "\xef\xbf")); at++)
        if (at[2] == '\xbe' || at[2] == '\xbf')
            at[2] = '\xbd'; /* U+FFFD */
}

char *xml_escape(const char *text)
{
    g_autofree char *safe = text_printable(text, true);
    replace_noncharacters(safe);
    return g_markup_escape_text(safe, -1);
}

/* ---- Markdown ---- */

/* One line, nothing that moves a cursor. */
static char *one_line(const char *text)
{
    g_autofree char *blank = g_strdelimit(g_strdup(text), "\r\n\t", ' ');
    return text_printable(blank, false);
}

/* "@team" at the beginning of a word rings at GitHub even where it is escaped; a blank of no width parts the
 * two. */
static bool is_mention(const char *text, const char *at)
{
    return *at == '@' && (at == text || !g_ascii_isalnum(at[-1])) && g_ascii_isalnum(at[1]);
}

char *markdown_escape(const char *text)
{
    g_autofree char *safe = one_line(text);
    GString *out = g_string_new(NULL);
    for (const char *at = safe; *at; at++) {
        if (*at == '<' || *at == '>' || *at == '&') {
            g_string_append(out, *at == '<' ? "&lt;" : *at == '>' ? "&gt;" : "&amp;");
            continue;
        }
        if (strchr("\\`*_{}[]#|~!$", *at))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
        if (is_mention(safe, at))
            g_string_append(out, "\xe2\x80\x8b");
    }
    return g_string_free(out, FALSE);
}

/* The longest row of backticks. */
static unsigned longest_row(const char *text)
{
    unsigned longest = 0, length = 0;
    for (const char *at = text; *at; at++) {
        length = *at == '`' ? length + 1 : 0;
        longest = MAX(longest, length);
    }
    return longest;
}

char *markdown_code(const char *text)
{
    g_autofree char *safe = one_line(text);
    if (!*safe || strchr(safe, '|')) /* no code span can be empty, and in a table none can hold a bar */
        return markdown_escape(text);
    g_autofree char *ticks = g_strnfill(longest_row(safe) + 1, '`');
    bool touches = g_str_has_prefix(safe, "`") || g_str_has_suffix(safe, "`");
    const char *blank = touches ? " " : "";
    return g_strconcat(ticks, blank, safe, blank, ticks, NULL);
}

static void append_block_line(GString *out, const char *line)
{
    const char *end = strlen(line) > LINE_MAX_BYTES ? g_utf8_find_prev_char(line, line + LINE_MAX_BYTES + 1)
                                                    : line + strlen(line);
    g_string_append_len(out, line, end - line);
    g_string_append(out, *end ? "…\n" : "\n");
}

void markdown_fence(GString *out, const char *language, const char *text, unsigned max_lines)
{
    g_autofree char *fence = g_strnfill(MAX(longest_row(text) + 1, 3), '`');
    g_autofree char *whole = g_strchomp(text_printable(text, true));
    g_auto(GStrv) lines = g_strsplit(whole, "\n", -1);
    guint count = g_strv_length(lines);
    guint shown = max_lines && count > max_lines ? max_lines : count;
    g_string_append_printf(out, "%s%s\n", fence, language);
    for (guint i = 0; i < shown; i++)
        append_block_line(out, lines[i]);
    if (shown < count)
        g_string_append_printf(out, "… and %u more lines\n", count - shown);
    g_string_append_printf(out, "%s\n", fence);
}
