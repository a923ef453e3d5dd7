/* What a plan makes of the answers of its checks: who is blocked, who goes on, and that what is left adds up.
 */
#include "planner_case.h"
#include "plans/plan_checks.h"

#define CHECKED_FILES                                                                                        \
    TABLE_FILE("aa", ""),                                                                                    \
        REVISION_FILE("bb", "aa", "-- migrate:up\nselect 1;\n-- migrate:check\nselect 2;\n"),                \
        REVISION_FILE("cc", "bb", "-- migrate:up\nselect 3;\n-- migrate:check\nselect 4;\n")

TestSuite(plan_checks);

/* Two targets on one path, and one on its own. */
static Plan *plan_of_three(PlanFixture *files)
{
    fixture_add(files, "one", DIALECT_SQLITE, "aa");
    fixture_add(files, "two", DIALECT_SQLITE, "aa");
    fixture_add(files, "far", DIALECT_SQLITE, "bb");
    return fixture_plan(files, PLAN_UPGRADE, "head");
}

static GPtrArray *nothing_asked(const Plan *plan)
{
    GPtrArray *checks = g_ptr_array_new_with_free_func((GDestroyNotify)target_checks_free);
    g_ptr_array_set_size(checks, (gint)plan->targets->len);
    return checks;
}

/* The answer of the step at `step` of the target's path. */
static void answer(const Plan *plan, GPtrArray *checks, unsigned target, unsigned step, CheckAnswer said)
{
    const PlanStep *of = &plan_target_at(plan, target)->path->steps->first[step];
    if (!checks->pdata[target])
        checks->pdata[target] = target_checks_new();
    g_ptr_array_add(((TargetChecks *)checks->pdata[target])->answers,
                    plan_check_new(of, step, said, "the reason", "id=1"));
}

Test(plan_checks, rows_block_a_target_and_leave_the_others)
{
    g_auto(PlanFixture) files = plan_fixture_of(CHECKED_FILES);
    g_autoptr(Plan) plan = plan_of_three(&files);
    g_autoptr(GPtrArray) checks = nothing_asked(plan);
    g_autofree char *before = g_strdup(plan->digest);

    answer(plan, checks, 0, 0, CHECK_PASSED);
    answer(plan, checks, 0, 1, CHECK_LATER);
    answer(plan, checks, 1, 0, CHECK_PASSED);
    answer(plan, checks, 1, 1, CHECK_REFUSED);
    plan_take_checks(plan, checks);

    expect_verdict(plan, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(plan, 1, PLAN_BLOCKED, PROBLEM_CHECK, "the reason");
    cr_expect_null(plan_target_at(plan, 1)->path);
    cr_expect_str_eq(plan_target_refusal(plan_target_at(plan, 1))->revision->id, "cc");
    cr_expect_null(plan_target_refusal(plan_target_at(plan, 0)));
    cr_expect_eq(plan->counts[PLAN_PENDING], 2);
    cr_expect_eq(plan->counts[PLAN_BLOCKED], 1);
    cr_expect_eq(plan_target_at(plan, 0)->path->targets, 1);
    cr_expect_str_neq(plan->digest, before);
    cr_expect_null(plan_file_error(plan));
}

Test(plan_checks, a_path_that_nobody_takes_any_more_is_gone)
{
    g_auto(PlanFixture) files = plan_fixture_of(CHECKED_FILES);
    g_autoptr(Plan) plan = plan_of_three(&files);
    g_autoptr(GPtrArray) checks = nothing_asked(plan);

    cr_expect_eq(plan->paths->len, 2);
    answer(plan, checks, 2, 0, CHECK_FAILED);
    plan_take_checks(plan, checks);
    cr_expect_eq(plan->paths->len, 1);
    expect_verdict(plan, 2, PLAN_BLOCKED, PROBLEM_CHECK, "the reason");
}

Test(plan_checks, a_target_that_is_gone_by_then_is_unreachable)
{
    g_auto(PlanFixture) files = plan_fixture_of(CHECKED_FILES);
    g_autoptr(Plan) plan = plan_of_three(&files);
    g_autoptr(GPtrArray) checks = nothing_asked(plan);

    checks->pdata[0] = target_checks_new();
    ((TargetChecks *)checks->pdata[0])->unreachable = g_strdup("connection refused");
    plan_take_checks(plan, checks);
    expect_verdict(plan, 0, PLAN_UNREACHABLE, PROBLEM_UNREACHABLE, "connection refused");
    cr_expect_eq(plan->counts[PLAN_UNREACHABLE], 1);
    cr_expect_eq(plan->counts[PLAN_PENDING], 2);
}

Test(plan_checks, nothing_against_starting_leaves_the_plan_as_it_was)
{
    g_auto(PlanFixture) files = plan_fixture_of(CHECKED_FILES);
    g_autoptr(Plan) plan = plan_of_three(&files);
    g_autoptr(GPtrArray) checks = nothing_asked(plan);
    g_autofree char *before = g_strdup(plan->digest);

    answer(plan, checks, 0, 0, CHECK_PASSED);
    answer(plan, checks, 0, 1, CHECK_LATER);
    plan_take_checks(plan, checks);
    cr_expect_str_eq(plan->digest, before);
    cr_expect_eq(plan->counts[PLAN_PENDING], 3);
}

Test(plan_checks, only_upgrades_have_any)
{
    g_auto(PlanFixture) files = plan_fixture_of(
        TABLE_FILE("aa", ""),
        REVISION_FILE("bb", "aa",
                      "-- migrate:up\nselect 1;\n-- migrate:check\nselect 2;\n-- migrate:down\nselect 3;\n"));
    fixture_add(&files, "one", DIALECT_SQLITE, "");
    fixture_add(&files, "two", DIALECT_SQLITE, "bb");
    g_autoptr(Plan) up = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autoptr(Plan) half = fixture_plan(&files, PLAN_UPGRADE, "aa");
    g_autoptr(Plan) down = fixture_plan(&files, PLAN_DOWNGRADE, "base");

    cr_expect(plan_path_has_checks(plan_target_at(up, 0)->path));
    cr_expect_not(plan_path_has_checks(plan_target_at(half, 0)->path));
    cr_expect_not(plan_path_has_checks(plan_target_at(down, 1)->path));
    cr_expect_not(plan_path_has_checks(NULL));
}
