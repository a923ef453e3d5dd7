/* JSON out: layout, and that whatever goes in comes out as JSON another program reads. */
#include "base/json_out.h"

#include <criterion/criterion.h>
#include <math.h>
#include <time.h>

static void write_sample(JsonOut *json)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "name", "acme");
    json_out_string(json, "missing", NULL);
    json_out_int(json, "least", G_MININT64);
    json_out_double(json, "seconds", 1.5);
    json_out_bool(json, "done", true);
    json_out_begin_array(json, "list");
    json_out_int(json, NULL, 1);
    json_out_begin_object(json, NULL);
    json_out_end_object(json);
    json_out_begin_array(json, NULL);
    json_out_end_array(json);
    json_out_end_array(json);
    json_out_end_object(json);
}

Test(json_out, writes_one_line)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    write_sample(json);
    g_autofree char *text = json_out_steal(json);
    cr_assert_str_eq(text, "{\"name\": \"acme\", \"missing\": null, \"least\": -9223372036854775808, "
                           "\"seconds\": 1.500, \"done\": true, \"list\": [1, {}, []]}\n");
}

Test(json_out, indents)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    write_sample(json);
    g_autofree char *text = json_out_steal(json);
    cr_assert_str_eq(text, "{\n"
                           "  \"name\": \"acme\",\n"
                           "  \"missing\": null,\n"
                           "  \"least\": -9223372036854775808,\n"
                           "  \"seconds\": 1.500,\n"
                           "  \"done\": true,\n"
                           "  \"list\": [\n"
                           "    1,\n"
                           "    {},\n"
                           "    []\n"
                           "  ]\n"
                           "}\n");
}

static void assert_string(const char *value, const char *expected)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_string(json, NULL, value);
    g_autofree char *text = json_out_steal(json);
    cr_assert_str_eq(text, expected);
}

Test(json_out, escapes_strings)
{
    assert_string("", "\"\"\n");
    assert_string("a\"b\\c\n\t\x1b\x7f", "\"a\\\"b\\\\c\\n\\t\\u001B\x7f\"\n");
    assert_string("Müller 漢 😀", "\"Müller 漢 😀\"\n");
}

Test(json_out, replaces_bytes_that_are_not_utf8)
{
    assert_string("a\xff\xc3", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
    assert_string("\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\n"); /* a surrogate */
}

Test(json_out, escapes_names_too)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_begin_object(json, NULL);
    json_out_int(json, "a\"\xff", 1);
    json_out_end_object(json);
    g_autofree char *text = json_out_steal(json);
    cr_assert_str_eq(text, "{\"a\\\"\xEF\xBF\xBD\": 1}\n");
}

Test(json_out, numbers_that_are_none_become_null)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_begin_array(json, NULL);
    json_out_double(json, NULL, NAN);
    json_out_double(json, NULL, -INFINITY);
    json_out_double(json, NULL, 0.0004);
    json_out_double(json, NULL, -1e308);
    json_out_end_array(json);
    g_autofree char *text = json_out_steal(json);
    cr_assert(g_str_has_prefix(text, "[null, null, 0.000, -1000000000000000010979063629440455417"));
}

Test(json_out, writes_lists_of_strings)
{
    static const char *const VALUES[] = {"a", "b", NULL};
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_begin_object(json, NULL);
    json_out_strings(json, "some", VALUES);
    json_out_strings(json, "none", NULL);
    json_out_end_object(json);
    g_autofree char *text = json_out_steal(json);
    cr_assert_str_eq(text, "{\"some\": [\"a\", \"b\"], \"none\": []}\n");
}

Test(json_out, is_empty_after_stealing)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_begin_object(json, NULL);
    g_autofree char *part = json_out_steal(json);
    cr_assert_str_eq(part, "{", "an open value gets no final newline");
    json_out_bool(json, NULL, false);
    g_autofree char *whole = json_out_steal(json);
    cr_assert_str_eq(whole, "false\n");
    g_autofree char *nothing = json_out_steal(json);
    cr_assert_str_eq(nothing, "");
}

Test(json_out, a_report_on_ten_thousand_targets_is_quick)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    gint64 started = clock();
    json_out_begin_array(json, NULL);
    for (int i = 0; i < 10000; i++)
        write_sample(json);
    json_out_end_array(json);
    g_autofree char *text = json_out_steal(json);
    cr_assert_gt(strlen(text), 1000000);
    cr_assert_lt(clock() - started, 10 * G_USEC_PER_SEC);
}

Test(json_out, numbers_with_a_fraction_are_written_as_printf_rounds_them)
{
    guint64 state = 42;
    for (unsigned i = 0; i < 20000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        double value = (double)(state >> (20 + i % 40)) / (i % 3 == 0 ? 2000.0 : 1000000.0);
        g_autoptr(JsonOut) json = json_out_new(0);
        json_out_double(json, NULL, value);
        g_autofree char *text = json_out_steal(json), *wanted = g_strdup_printf("%.3f\n", value);
        if (!g_str_equal(text, wanted))
            cr_assert_str_eq(text, wanted);
    }
}
