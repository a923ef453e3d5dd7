/* Places of statements and of bytes. */
#include "split_support.h"

static void expect_place(const Script *script, gsize offset, unsigned line, unsigned column)
{
    SourcePlace place = script_place_of(script, offset);

    cr_expect_eq(place.line, line, "offset %zu: line %u instead of %u", offset, place.line, line);
    cr_expect_eq(place.column, column, "offset %zu: column %u instead of %u", offset, place.column, column);
    cr_expect_str_eq(place.file, "a.sql");
}

static Script *split_at(const char *sql, unsigned line, unsigned column)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Script *script =
        script_split(sql, strlen(sql), DIALECT_POSTGRES, (SourcePlace){"a.sql", line, column}, problems);

    cr_assert_not_null(script);
    return script;
}

Test(place, statements_know_their_line_and_column)
{
    g_autoptr(Script) script = split_at("-- x\n select 1; select 2;\r\n\r\n  select 3\n", 1, 1);

    cr_assert_eq(script_length(script), 3);
    cr_expect_eq(script_at(script, 0)->line, 2);
    cr_expect_eq(script_at(script, 0)->column, 2);
    cr_expect_eq(script_at(script, 1)->line, 2);
    cr_expect_eq(script_at(script, 1)->column, 12);
    cr_expect_eq(script_at(script, 2)->line, 4);
    cr_expect_eq(script_at(script, 2)->column, 3);
}

Test(place, a_section_begins_in_the_middle_of_its_file)
{
    g_autoptr(Script) script = split_at("select 1;\nselect 2", 10, 5);

    expect_place(script, 0, 10, 5);
    expect_place(script, 8, 10, 13);
    expect_place(script, 10, 11, 1);
    cr_expect_eq(script_at(script, 0)->column, 5);
    cr_expect_eq(script_at(script, 1)->line, 11);
    cr_expect_eq(script_at(script, 1)->column, 1);
}

Test(place, an_unknown_place_is_the_first)
{
    g_autoptr(Script) script = split_at("select 1", 0, 0);

    expect_place(script, 0, 1, 1);
}

Test(place, columns_are_characters)
{
    g_autoptr(Script) script = split_at("select 'äöü€😀'; x", 1, 1);

    expect_place(script, 8, 1, 9);
    expect_place(script, 9, 1, 9); /* inside ä */
    expect_place(script, 10, 1, 10);
    expect_place(script, strlen("select 'äöü€😀"), 1, 14);
    cr_expect_eq(script_at(script, 1)->column, 17);
}

Test(place, a_byte_of_no_character_is_not_part_of_the_one_before)
{
    g_autoptr(Script) script = split_at("\xC3\xA4\xA4 x\xC3 y", 1, 1);

    expect_place(script, 1, 1, 1);
    expect_place(script, 2, 1, 2);
    expect_place(script, 4, 1, 3);
    expect_place(script, 6, 1, 5);
}

Test(place, a_byte_order_mark_has_no_width)
{
    for (int i = 0; i < DIALECT_COUNT; i++) {
        g_autoptr(Diagnostics) problems = diagnostics_new();
        static const char SQL[] = "\xEF\xBB\xBFselect 1;\nselect 2";
        g_autoptr(Script) script =
            script_split(SQL, strlen(SQL), (Dialect)i, (SourcePlace){"a.sql", 1, 1}, problems);
        cr_assert_eq(script_length(script), 2);
        cr_expect_eq(script_at(script, 0)->start, 3);
        cr_expect_eq(script_at(script, 0)->column, 1);
        cr_expect_eq(script_at(script, 0)->kind, STATEMENT_SELECT);
        cr_expect_eq(script_at(script, 1)->line, 2);
        expect_place(script, 0, 1, 1);
        expect_place(script, 3, 1, 1);
        expect_place(script, 4, 1, 2);
    }
}

Test(place, behind_the_end_is_the_end)
{
    g_autoptr(Script) script = split_at("a\nbc", 1, 1);

    expect_place(script, 4, 2, 3);
    expect_place(script, 400, 2, 3);
}

/* Every byte of a text that is longer than the distance of two marks, against counting by hand. */
Test(place, every_byte_of_a_long_text)
{
    g_autoptr(GString) sql = g_string_new(NULL);
    g_autoptr(Script) script = NULL;
    unsigned line = 1, column = 1;

    for (int i = 0; i < 3000; i++)
        g_string_append(sql, i % 7 == 0 ? "x;\r\n" : i % 3 == 0 ? "é" : "ab");
    script = split_at(sql->str, 1, 1);
    for (gsize at = 0; at < sql->len; at++) {
        if (((unsigned char)sql->str[at] & 0xC0) == 0x80)
            continue;
        SourcePlace place = script_place_of(script, at);
        cr_assert(place.line == line && place.column == column, "byte %zu", at);
        line += sql->str[at] == '\n';
        column = sql->str[at] == '\n' ? 1 : column + 1;
    }
}

Test(place, a_script_without_statements)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script = script_split(NULL, 0, DIALECT_SQLITE, (SourcePlace){"a.sql", 3, 1}, problems);

    cr_assert_not_null(script);
    cr_expect_eq(script_length(script), 0);
    cr_expect_str_eq(script_text(script), "");
    expect_place(script, 0, 3, 1);
    script_free(NULL);
}

Test(place, a_nul_byte_is_refused_where_it_is)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    static const char SQL[] = "select 1;\nselect '\0';";
    Script *script = script_split(SQL, sizeof SQL - 1, DIALECT_MYSQL, (SourcePlace){"a.sql", 1, 1}, problems);
    g_autofree char *found = diagnostics_to_string(problems);

    cr_expect_null(script);
    cr_expect_str_eq(found, "a.sql:2:9: error: NUL byte: this is not SQL text\n");
}

/* ---- What a reader noted ---- */

static unsigned released;

static void count_release(gpointer value)
{
    g_free(value);
    released++;
}

Test(place, the_first_note_of_a_script_stays_until_it_goes)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Script *script = script_split("select 1", 8, DIALECT_SQLITE, (SourcePlace){.file = "test"}, problems);
    cr_expect_null(script_noted(script));
    gconstpointer first = script_note(script, g_strdup("first"), count_release);
    cr_expect_eq(script_note(script, g_strdup("second"), count_release), first);
    cr_expect_eq(script_noted(script), first);
    cr_expect_eq(released, 1, "the one that came later");
    script_free(script);
    cr_expect_eq(released, 2);
}
