/* Text tables: alignment, shrinking, and that no cell can break the layout. */
#include "base/terminal.h"
#include "base/text_table.h"

#include <criterion/criterion.h>

static const TextColumn COLUMNS[] = {
    {.title = "TARGET", .shrinks = true, .min_width = 6},
    {.title = "AHEAD", .align = ALIGN_RIGHT},
    {.title = "MESSAGE", .shrinks = true, .min_width = 4},
};

static void add(TextTable *table, const char *a, const char *b, const char *c)
{
    const char *const cells[] = {a, b, c};
    text_table_add(table, cells);
}

static void assert_render(const TextTable *table, unsigned indent, unsigned width, const char *expected)
{
    g_autofree char *text = text_table_render(table, indent, width);
    cr_assert_str_eq(text, expected);
}

Test(text_table, aligns_columns)
{
    g_autoptr(TextTable) table = text_table_new(COLUMNS, 3);
    add(table, "acme", "2", "add invoices");
    add(table, "eu-漢字", "12", NULL);
    cr_assert_eq(text_table_rows(table), 2);
    assert_render(table, 2, 0,
                  "  TARGET   AHEAD  MESSAGE\n"
                  "  acme         2  add invoices\n"
                  "  eu-漢字     12\n");
}

Test(text_table, an_empty_one_is_its_header)
{
    g_autoptr(TextTable) table = text_table_new(COLUMNS, 3);
    assert_render(table, 0, 80, "TARGET  AHEAD  MESSAGE\n");
}

Test(text_table, without_titles_there_is_no_header)
{
    static const TextColumn PLAIN[] = {{.title = NULL}, {.title = NULL}};
    static const char *const CELLS[] = {"a", "b"};
    g_autoptr(TextTable) table = text_table_new(PLAIN, 2);
    assert_render(table, 0, 80, "");
    text_table_add(table, CELLS);
    assert_render(table, 0, 80, "a  b\n");
}

Test(text_table, shrinks_the_widest_column_that_may)
{
    g_autoptr(TextTable) table = text_table_new(COLUMNS, 3);
    add(table, "eu-0001", "1", "a message that is far too long");
    assert_render(table, 0, 30,
                  "TARGET   AHEAD  MESSAGE\n"
                  "eu-0001      1  a message tha…\n");
    assert_render(table, 4, 34,
                  "    TARGET   AHEAD  MESSAGE\n"
                  "    eu-0001      1  a message tha…\n");
}

Test(text_table, never_cuts_below_the_minimum_nor_what_does_not_shrink)
{
    g_autoptr(TextTable) table = text_table_new(COLUMNS, 3);
    add(table, "eu-0000001", "1234567890", "message");
    assert_render(table, 0, 1,
                  "TARGET       AHEAD  MES…\n"
                  "eu-00…  1234567890  mes…\n");
}

Test(text_table, no_cell_moves_the_cursor)
{
    g_autoptr(TextTable) table = text_table_new(COLUMNS, 3);
    add(table, "a\nb", "\x1b[31m", "tab\there\xff");
    g_autofree char *text = text_table_render(table, 0, 0);
    cr_assert_str_eq(text, "TARGET     AHEAD  MESSAGE\n"
                           "a\\nb    \\x1b[31m  tab\\there\\xff\n");
}

Test(text_table, every_line_fits_whatever_the_cells)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    static const char *const PIECES[] = {"a", "漢", "e\xCC\x81", "\x1b", "\xff", "…", " ", "😀"};
    for (int round = 0; round < 200; round++) {
        g_autoptr(TextTable) table = text_table_new(COLUMNS, 3);
        for (int row = 0; row < 5; row++) {
            g_autoptr(GString) cell = g_string_new(NULL);
            for (int n = g_rand_int_range(random, 0, 60); n > 0; n--)
                g_string_append(cell, PIECES[g_rand_int_range(random, 0, G_N_ELEMENTS(PIECES))]);
            add(table, cell->str, "1", cell->str);
        }
        unsigned width = (unsigned)g_rand_int_range(random, 19, 100);
        g_autofree char *text = text_table_render(table, 0, width);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line != NULL; line++)
            cr_assert_leq(terminal_text_width(*line), width, "%s", *line);
    }
}

static void assert_printable(const char *text, bool keep_newlines, const char *expected)
{
    g_autofree char *printable = text_printable(text, keep_newlines);
    cr_assert_str_eq(printable, expected);
}

Test(text_printable, escapes_what_steers_a_terminal)
{
    assert_printable("plain Müller 漢 😀", false, "plain Müller 漢 😀");
    assert_printable("\x1b[2J\a\x7f", false, "\\x1b[2J\\x07\\x7f");
    assert_printable("a\r\n\tb", false, "a\\r\\n\\tb");
    assert_printable("\xC2\x80\xC2\x9B", false, "\\u0080\\u009b");
    assert_printable("\xE2\x80\xAEx", false, "\\u202ex"); /* right-to-left override */
    assert_printable("\xE2\x80\xA8", false, "\\u2028");
    assert_printable("\xE2\x80\x8D", false, "\xE2\x80\x8D"); /* a joiner is text */
    assert_printable("\xF3\xA0\x80\x81", false, "\\ue0001");
    assert_printable("\xC0\x80\xff", false, "\\xc0\\x80\\xff");
}

Test(text_printable, keeps_lines_when_asked)
{
    assert_printable("select\r\n\t1;\n\x1b", true, "select\n\t1;\n\\x1b");
    assert_printable("a\rb", true, "a\\rb");
}

static void assert_ellipsized(const char *text, unsigned width, const char *expected)
{
    g_autofree char *cut = text_ellipsize(text, width);
    cr_assert_str_eq(cut, expected);
}

Test(text_ellipsize, cuts_between_characters)
{
    assert_ellipsized("acme", 4, "acme");
    assert_ellipsized("acme", 3, "ac…");
    assert_ellipsized("acme", 1, "…");
    assert_ellipsized("acme", 0, "");
    assert_ellipsized("", 0, "");
    assert_ellipsized("漢字漢", 5, "漢字…");
    assert_ellipsized("漢字漢", 4, "漢…");
    assert_ellipsized("e\xCC\x81"
                      "abc",
                      3,
                      "e\xCC\x81"
                      "a…");
}

Test(text_table, names_keep_their_end)
{
    static const struct {
        const char *text;
        unsigned width;
        const char *expected;
    } cases[] = {
        {"tenant-0001", 11, "tenant-0001"}, {"tenant-0001", 8, "ten…0001"}, {"tenant-0001", 3, "t…1"},
        {"tenant-0001", 2, "…1"},           {"tenant-0001", 1, "…"},        {"tenant-0001", 0, ""},
        {"日本語テナント", 8, "日…ント"},   {"日本語テナント", 7, "日…ト"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *cut = text_ellipsize_middle(cases[i].text, cases[i].width);
        cr_expect_str_eq(cut, cases[i].expected, "%s", cut);
    }
}

Test(text_table, a_column_of_names_shrinks_in_its_middle)
{
    static const TextColumn columns[] = {{"target", ALIGN_LEFT, 8, SHRINKS_MIDDLE},
                                         {"n", ALIGN_RIGHT, 1, false}};
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    text_table_add(table, (const char *[]){"tenant-of-the-north-0001", "1"});
    text_table_add(table, (const char *[]){"tenant-of-the-north-0002", "2"});
    g_autofree char *text = text_table_render(table, 0, 15);
    cr_expect_str_eq(text, "target        n\ntenan…h-0001  1\ntenan…h-0002  2\n", "%s", text);
}
