/* What a plan makes of targets whose schema is not what their revision says. */
#include "planner_case.h"
#include "plans/plan_drift.h"

TestSuite(plan_drift);

Test(plan_drift, leaves_alone_what_drifted_and_goes_on_with_the_rest)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    static const char *const names[] = {"clean", "drifted", "unknown", "gone", "not-asked"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        fixture_add(&files, names[i], DIALECT_SQLITE, "aa");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autofree char *before = g_strdup(plan->digest);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)target_drift_free);
    g_ptr_array_add(found, target_drift_new(PROBLEM_NONE, NULL));
    g_ptr_array_add(found, target_drift_new(PROBLEM_DRIFTED, "index i: missing"));
    g_ptr_array_add(found, target_drift_new(PROBLEM_DRIFT_UNKNOWN, "no right"));
    g_ptr_array_add(found, target_drift_new(PROBLEM_UNREACHABLE, "refused"));
    g_ptr_array_add(found, NULL);

    plan_take_drift(plan, found);

    expect_verdict(plan, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(plan, 1, PLAN_BLOCKED, PROBLEM_DRIFTED, "index i: missing");
    expect_verdict(plan, 2, PLAN_BLOCKED, PROBLEM_DRIFT_UNKNOWN, "no right");
    expect_verdict(plan, 3, PLAN_UNREACHABLE, PROBLEM_UNREACHABLE, "refused");
    expect_verdict(plan, 4, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_eq(plan->counts[PLAN_PENDING], 2);
    cr_expect_eq(plan->counts[PLAN_BLOCKED], 2);
    cr_expect_eq(plan->counts[PLAN_UNREACHABLE], 1);
    cr_expect_null(plan_target_at(plan, 1)->path);
    cr_expect_eq(plan_target_at(plan, 0)->path->targets, 2);
    cr_expect_str_neq(plan->digest, before);
}

Test(plan_drift, asks_only_where_there_is_something_to_do_and_a_revision_to_compare_with)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "behind", DIALECT_SQLITE, "aa");
    fixture_add(&files, "there", DIALECT_SQLITE, "cc");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    cr_expect(plan_target_may_drift(plan_target_at(plan, 0)));
    cr_expect_not(plan_target_may_drift(plan_target_at(plan, 1)));
    target_drift_free(NULL);
}

Test(plan_drift, keeps_the_uncommitted_files_that_it_would_run)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "behind", DIALECT_SQLITE, "bb");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    static const char *const names[] = {"versions/bb.sql", "versions/cc.sql", "versions/notes.txt", NULL};

    cr_expect_null(plan->uncommitted);
    plan_take_uncommitted(plan, g_strdupv((char **)names));
    cr_assert_eq(g_strv_length(plan->uncommitted), 1);
    cr_expect_str_eq(plan->uncommitted[0], "versions/cc.sql");
    plan_take_uncommitted(plan, NULL);
    cr_expect_null(plan->uncommitted);
}
