/* SQL in messages: the line with a caret, the first lines. */
#include <criterion/criterion.h>
#include <string.h>

#include "sql/script.h"

static void expect_caret(const char *text, gsize offset, unsigned width, const char *expected)
{
    g_autofree char *found = sql_caret_excerpt(text, strlen(text), offset, width);
    cr_expect_str_eq(found, expected, "<%s> instead of <%s>", found, expected);
}

static void expect_lines(const char *text, unsigned lines, unsigned width, const char *expected)
{
    g_autofree char *found = sql_first_lines(text, strlen(text), lines, width);
    cr_expect_str_eq(found, expected, "<%s> instead of <%s>", found, expected);
}

Test(excerpt, the_caret_stands_below_the_byte)
{
    expect_caret("select 1", 7, 80, "select 1\n       ^\n");
    expect_caret("a\nselect x\nb", 2, 80, "select x\n^\n");
    expect_caret("a\r\nselect x\r\nb", 10, 80, "select x\n       ^\n");
}

Test(excerpt, at_line_ends_and_behind_the_text)
{
    expect_caret("ab\ncd", 2, 80, "ab\n  ^\n");
    expect_caret("ab\r\ncd", 3, 80, "ab\n  ^\n");
    expect_caret("ab\r\ncd", 2, 80, "ab\n  ^\n");
    expect_caret("ab\ncd", 5, 80, "cd\n  ^\n");
    expect_caret("ab\ncd", 500, 80, "cd\n  ^\n");
    expect_caret("ab\n", 3, 80, "\n^\n");
    expect_caret("", 0, 80, "\n^\n");
}

Test(excerpt, columns_are_what_a_terminal_shows)
{
    expect_caret("äö x", strlen("äö "), 80, "äö x\n   ^\n");
    expect_caret("äö x", 3, 80, "äö x\n ^\n"); /* inside ö */
    expect_caret("日本 x", strlen("日本 "), 80, "日本 x\n     ^\n");
    expect_caret("\ta\t x", 4, 80, " a  x\n    ^\n");
}

Test(excerpt, nothing_that_a_terminal_obeys_passes)
{
    expect_caret("a\x1b[31m x", 7, 80, "a\xEF\xBF\xBD[31m x\n       ^\n");
    expect_caret("a\xff\xfe x", 4, 80, "a\xEF\xBF\xBD\xEF\xBF\xBD x\n    ^\n");
    expect_caret("a\xE2\x80\xAE x", 5, 80, "a\xEF\xBF\xBD x\n   ^\n");
    expect_lines("a\x1b[2J\n", 3, 80, "a\xEF\xBF\xBD[2J\n");
}

Test(excerpt, long_lines_are_cut_around_the_caret)
{
    expect_caret("abcdefghijklmnopqrstuvwxyz", 0, 12, "abcdefghijk…\n^\n");
    expect_caret("abcdefghijklmnopqrstuvwxyz", 8, 12, "abcdefghijk…\n        ^\n");
    expect_caret("abcdefghijklmnopqrstuvwxyz", 13, 12, "…hijklmnopq…\n       ^\n");
    expect_caret("abcdefghijklmnopqrstuvwxyz", 25, 12, "…tuvwxyz\n       ^\n");
    expect_caret("abcdefghijkl", 3, 12, "abcdefghijkl\n   ^\n");
}

Test(excerpt, a_very_long_line_is_not_read_whole)
{
    gsize length = 50 * 1000 * 1000;
    g_autofree char *text = g_malloc(length);
    g_autofree char *found = NULL;
    gint64 start = g_get_monotonic_time();

    memset(text, 'x', length);
    for (int i = 0; i < 1000; i++) {
        g_free(found);
        found = sql_caret_excerpt(text, length, length / 2, 20);
    }
    cr_expect_str_eq(found, "…xxxxxxxxxxxxxxxxxx…\n           ^\n");
    cr_expect_lt(g_get_monotonic_time() - start, 10 * G_USEC_PER_SEC);
}

Test(excerpt, first_lines)
{
    expect_lines("a\nb\n", 2, 80, "a\nb\n");
    expect_lines("a\nb\nc", 2, 80, "a\nb\n…\n");
    expect_lines("a\r\n\r\nc", 5, 80, "a\n\nc\n");
    expect_lines("abcdefghijklmnop", 1, 10, "abcdefghi…\n");
    expect_lines("日本日本日本", 1, 10, "日本日本…\n");
    expect_lines("", 3, 80, "");
    expect_lines("a", 0, 80, "…\n");
}
