/* Diagnostics: order, counting, repetition, and what reaches a terminal. */
#include "base/diagnostics.h"

#include <criterion/criterion.h>

static SourcePlace at(const char *file, unsigned line, unsigned column)
{
    return (SourcePlace){.file = file, .line = line, .column = column};
}

static void assert_text(const Diagnostics *problems, const char *expected)
{
    g_autofree char *text = diagnostics_to_string(problems);
    cr_assert_str_eq(text, expected);
}

Test(diagnostics, is_empty_at_first)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    cr_assert_not(diagnostics_has_errors(problems));
    cr_assert_eq(diagnostics_list(problems)->len, 0);
    assert_text(problems, "");
}

Test(diagnostics, lists_by_file_line_and_column)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    diagnostics_error(problems, at("b.yaml", 1, 1), "fifth");
    diagnostics_error(problems, at("a.yaml", 10, 2), "fourth");
    diagnostics_error(problems, at("a.yaml", 9, 5), "third");
    diagnostics_warning(problems, at("a.yaml", 9, 4), "second");
    diagnostics_error(problems, at(NULL, 0, 0), "first");
    assert_text(problems, "error: first\n"
                          "a.yaml:9:4: warning: second\n"
                          "a.yaml:9:5: error: third\n"
                          "a.yaml:10:2: error: fourth\n"
                          "b.yaml:1:1: error: fifth\n");
}

Test(diagnostics, keeps_the_order_of_additions_at_one_place)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    for (int i = 0; i < 100; i++)
        diagnostics_error(problems, at("a", 1, 1), "%d", i);
    (void)diagnostics_list(problems);
    diagnostics_error(problems, at("a", 1, 1), "100");
    const GPtrArray *list = diagnostics_list(problems);
    for (int i = 0; i <= 100; i++) {
        const Diagnostic *problem = list->pdata[i];
        cr_assert_eq(atoi(problem->message), i);
    }
}

Test(diagnostics, leaves_out_unknown_parts_of_a_place)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    diagnostics_error(problems, at("a", 0, 0), "whole file");
    diagnostics_error(problems, at("a", 3, 0), "whole line");
    assert_text(problems, "a: error: whole file\na:3: error: whole line\n");
}

Test(diagnostics, counts_by_level_and_a_warning_is_no_error)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    diagnostics_warning(problems, at("a", 1, 1), "careful");
    cr_assert_not(diagnostics_has_errors(problems));
    diagnostics_error(problems, at("a", 1, 1), "careful");
    cr_assert(diagnostics_has_errors(problems));
    cr_assert_eq(diagnostics_count(problems, DIAGNOSTIC_WARNING), 1);
    cr_assert_eq(diagnostics_count(problems, DIAGNOSTIC_ERROR), 1);
}

Test(diagnostics, tells_the_same_problem_once)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    for (int i = 0; i < 3; i++)
        diagnostics_error(problems, at("a", 1, 1), "per_host must be a number");
    diagnostics_error(problems, at("a", 1, 2), "per_host must be a number");
    cr_assert_eq(diagnostics_count(problems, DIAGNOSTIC_ERROR), 2);
    cr_assert_eq(diagnostics_list(problems)->len, 2);
}

Test(diagnostics, copies_what_it_is_given)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    char file[] = "a.yaml";
    diagnostics_error(problems, at(file, 1, 1), "bad");
    file[0] = 'z';
    assert_text(problems, "a.yaml:1:1: error: bad\n");
}

Test(diagnostics, shows_control_characters_as_escapes)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    diagnostics_error(problems, at("a\x1b[2J", 1, 1), "key '%s' is unknown", "\x1b]0;x\a\nb\xff");
    assert_text(problems, "a\\x1b[2J:1:1: error: key '\\x1b]0;x\\x07\\nb\\xff' is unknown\n");
}

Test(diagnostics, keeps_a_bounded_number_and_counts_all)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    for (unsigned i = 0; i < DIAGNOSTICS_KEPT + 5; i++)
        diagnostics_error(problems, at("a", i + 1, 1), "bad");
    cr_assert_eq(diagnostics_count(problems, DIAGNOSTIC_ERROR), DIAGNOSTICS_KEPT + 5);
    cr_assert_eq(diagnostics_list(problems)->len, DIAGNOSTICS_KEPT);
    g_autofree char *text = diagnostics_to_string(problems);
    cr_assert(g_str_has_suffix(text, "and 5 more problems that are not shown\n"));
}

Test(diagnostics, shows_a_warning_that_is_everywhere_at_three_places)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    for (unsigned line = 1; line <= 5; line++)
        diagnostics_warning(problems, at("a.yaml", line, 0), "open password");
    diagnostics_warning(problems, at("a.yaml", 6, 0), "another");
    assert_text(problems, "a.yaml:1: warning: open password\na.yaml:2: warning: open password\n"
                          "a.yaml:3: warning: open password (and the same at 2 more places)\n"
                          "a.yaml:6: warning: another\n");
}

Test(diagnostics, shows_an_error_at_every_place)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    for (unsigned line = 1; line <= 4; line++)
        diagnostics_error(problems, at("a.yaml", line, 0), "no");
    assert_text(problems,
                "a.yaml:1: error: no\na.yaml:2: error: no\na.yaml:3: error: no\na.yaml:4: error: no\n");
}

Test(diagnostics, free_takes_null)
{
    diagnostics_free(NULL);
}
