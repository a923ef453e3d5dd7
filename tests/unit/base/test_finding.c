/* Findings: lists of plain values. */
#include "base/finding.h"

#include <criterion/criterion.h>

TestSuite(finding);

Test(finding, a_list_owns_what_was_added_and_knows_its_worst)
{
    g_autoptr(GPtrArray) findings = findings_new();
    cr_assert_eq(findings_worst(findings), FINDING_OK);
    findings_add(findings, FINDING_NOTE, "git", NULL, "%d things", 3);
    findings_add_of_server(findings, FINDING_WARNING, "sql-mode", "Change it.", "%s", "bad");
    findings_add(findings, FINDING_OK, "ledger", NULL, "good");
    const Finding *first = findings->pdata[0], *second = findings->pdata[1];
    cr_assert_eq(findings_worst(findings), FINDING_WARNING);
    cr_assert_str_eq(first->found, "3 things");
    cr_assert_null(first->advice);
    cr_assert(!first->of_server && second->of_server);
    cr_assert_str_eq(second->advice, "Change it.");
    cr_assert_str_eq(finding_level_name(FINDING_ERROR), "error");
}

static void expect_names(guint shown, const char *expected)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *const texts[] = {"a", "b", "c"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_ptr_array_add(names, (gpointer)texts[i]);
    g_autofree char *text = finding_names(names, shown);
    cr_assert_str_eq(text, expected);
}

Test(finding, names_are_cut_and_counted)
{
    expect_names(3, "a, b, c");
    expect_names(9, "a, b, c");
    expect_names(2, "a, b and 1 more");
}
