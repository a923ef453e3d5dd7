/* Ranges: width, letters, in step, multiplied, refused. */
#include "inventory/range.h"

#include <criterion/criterion.h>
#include <string.h>

/* All values of a text, joined by blanks; or the error's message. */
static char *expand_with(const char *first, const char *text)
{
    g_autoptr(RangeSet) set = range_set_new();
    g_autoptr(GError) error = NULL;
    if (!range_set_add(set, first, 1000, &error) || !range_set_add(set, text, 1000, &error))
        return g_strdup(error->message);
    g_autoptr(GString) all = g_string_new(NULL);
    for (unsigned i = 0; i < range_set_length(set); i++) {
        g_autofree char *one = range_set_expand(set, text, i);
        g_string_append_printf(all, "%s%s", i > 0 ? " " : "", one);
    }
    return g_string_free(g_steal_pointer(&all), FALSE);
}

static void expect_expansion(const char *text, const char *expected)
{
    g_autofree char *actual = expand_with("", text);
    cr_expect_str_eq(actual, expected, "%s gave '%s'", text, actual);
}

static void expect_error(const char *first, const char *text, const char *part)
{
    g_autofree char *actual = expand_with(first, text);
    cr_expect(strstr(actual, part) != NULL, "%s then %s gave '%s'", first, text, actual);
}

Test(range, keeps_the_width_of_leading_zeros)
{
    expect_expansion("eu-{0008..0011}", "eu-0008 eu-0009 eu-0010 eu-0011");
    expect_expansion("{8..11}", "8 9 10 11");
    expect_expansion("{0..2}", "0 1 2");
    expect_expansion("{00..02}", "00 01 02");
}

Test(range, counts_letters)
{
    expect_expansion("{x..z}", "x y z");
    expect_expansion("{A..C}1", "A1 B1 C1");
}

Test(range, one_value_is_a_range)
{
    expect_expansion("n{7..7}", "n7");
}

Test(range, unnamed_ranges_advance_in_step)
{
    expect_expansion("{1..3}-{a..c}-{07..09}", "1-a-07 2-b-08 3-c-09");
}

Test(range, names_multiply_and_the_last_runs_fastest)
{
    expect_expansion("{a:1..2}{b:x..z}", "1x 1y 1z 2x 2y 2z");
    expect_expansion("{1..2}{b:x..y}", "1x 1y 2x 2y");
}

Test(range, one_name_is_one_variable)
{
    expect_expansion("{a:1..2}-{b:x..y}-{a:11..12}", "1-x-11 1-y-11 2-x-12 2-y-12");
}

Test(range, order_is_that_of_the_first_text)
{
    g_autofree char *url = expand_with("{b:x..y}{a:1..2}", "{a:1..2}{b:x..y}");
    cr_expect_str_eq(url, "1x 2x 1y 2y", "%s", url);
}

Test(range, text_without_range_is_one_value)
{
    expect_expansion("plain", "plain");
    expect_expansion("{name} and {{ sql }} and {}", "{name} and {{ sql }} and {}");
    expect_expansion("${file:../secret}", "${file:../secret}");
    expect_expansion("${file:../secret/{1..2}}", "${file:../secret/1} ${file:../secret/2}");
}

Test(range, refuses_what_is_no_range)
{
    expect_error("", "{3..1}", "bad range {3..1}: it runs backwards");
    expect_error("", "{01..100}", "same number of digits");
    expect_error("", "{1..010}", "same number of digits");
    expect_error("", "{a..3}", "one end is a number");
    expect_error("", "{a..Z}", "upper case");
    expect_error("", "{ab..cd}", "write {1..40}");
    expect_error("", "{1..}", "write {1..40}");
    expect_error("", "{..}", "write {1..40}");
    expect_error("", "{1..5..2}", "write {1..40}");
    expect_error("", "{:1..2}", "the name before ':' is empty");
    expect_error("", "{-1..2}", "write {1..40}");
    expect_error("", "{1..99999999999999999999}", "write {1..40}");
}

Test(range, refuses_different_lengths_in_step)
{
    expect_error("eu-{1..3}", "eu_{1..4}", "{1..4} has 4 values and {1..3} has 3");
    expect_error("{a:1..3}", "{a:1..2}", "advance together");
}

Test(range, refuses_too_many)
{
    expect_error("", "{1..1001}", "more than 1000 targets");
    expect_error("", "{a:1..100}{b:1..100}", "more than 1000 targets");
    expect_error("", "{0..999999999999999999}{a:0..999999999999999999}", "more than 1000 targets");
}
