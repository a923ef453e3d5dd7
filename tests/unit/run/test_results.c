/* Results: names, what makes two failures the same, and which exit code speaks for a run. */
#include "run/results.h"

#include <criterion/criterion.h>

TestSuite(results_names);

Test(results_names, every_outcome_is_read_back_by_its_own)
{
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        Outcome outcome = OUTCOME_COUNT;
        cr_assert(outcome_parse(outcome_name((Outcome)i), &outcome));
        cr_expect_eq(outcome, (Outcome)i);
    }
    Outcome untouched = OUTCOME_LOCKED;
    cr_expect_not(outcome_parse("nosuch", &untouched));
    cr_expect_eq(untouched, OUTCOME_LOCKED);
}

/* ---- Signatures ---- */

TestSuite(results_signatures);

static char *signature(const char *message, const char *code, unsigned statement, const char *target)
{
    const Failure failure = {.error_class = (char *)"statement",
                             .code = (char *)code,
                             .message = (char *)message,
                             .revision = (char *)"aa",
                             .direction = (char *)"up",
                             .statement = statement};
    return failure_signature(&failure, target);
}

static void expect_same(const char *left, const char *left_target, const char *right,
                        const char *right_target, bool same)
{
    g_autofree char *one = signature(left, "23505", 1, left_target);
    g_autofree char *other = signature(right, "23505", 1, right_target);

    cr_expect_eq(g_str_equal(one, other), same, "%s\n%s", one, other);
}

Test(results_signatures, names_and_numbers_of_the_target_do_not_count)
{
    expect_same("database eu-0001 is full", "eu-0001", "database eu-0002 is full", "eu-0002", true);
    expect_same("deadlock with process 17", "a", "deadlock with process 18234", "b", true);
    expect_same("table items has no column n", "items_eu", "table items has no column n", "shop", true);
    expect_same("index shop_items exists", "shop", "index shop_items exists", "acme", true);
    expect_same("table my_shop is gone", "shop", "table my_shop is gone", "acme", true);
    expect_same("acme: no room", "acme", "globex: no room", "globex", true);
    expect_same("no room", "acme", "no right", "acme", false);
    expect_same("table a1b2 exists", "x", "table a10b20 exists", "y", true);
    expect_same("99", "x", "7", "y", true);
    expect_same("", "x", "7", "y", false);
}

Test(results_signatures, class_code_revision_and_statement_do)
{
    g_autofree char *base = signature("no", "1", 1, "t");
    g_autofree char *code = signature("no", "2", 1, "t");
    g_autofree char *statement = signature("no", "1", 2, "t");
    Failure other = {.error_class = (char *)"verify", .message = (char *)"no", .statement = 1};
    g_autofree char *class = failure_signature(&other, "t");

    cr_expect_str_neq(base, code);
    cr_expect_str_neq(base, statement);
    cr_expect_str_neq(base, class);
}

Test(results_signatures, an_empty_failure_has_one)
{
    const Failure nothing = {0};
    g_autofree char *text = failure_signature(&nothing, NULL);
    g_autofree char *unnamed = failure_signature(&nothing, "");

    cr_expect_str_eq(text, unnamed);
}

/* ---- Exit codes ---- */

TestSuite(results_exit_code);

/* Of a run over targets with these outcomes. */
static int exit_code(const Outcome *outcomes, gsize count, const char *halt_reason, bool interrupted)
{
    g_autoptr(RunResult) run = run_result_new();
    for (gsize i = 0; i < count; i++) {
        TargetResult *target = target_result_new();
        target->outcome = outcomes[i];
        g_ptr_array_add(run->targets, target);
    }
    run->halt_reason = g_strdup(halt_reason);
    run->interrupted = interrupted;
    return run_result_exit_code(run);
}

Test(results_exit_code, of_each_outcome_alone)
{
    static const int wanted[OUTCOME_COUNT] = {
        [OUTCOME_DONE] = 0,        [OUTCOME_UNCHANGED] = 0, [OUTCOME_FAILED] = 1,      [OUTCOME_UNKNOWN] = 1,
        [OUTCOME_UNREACHABLE] = 4, [OUTCOME_LOCKED] = 6,    [OUTCOME_STALE] = 5,       [OUTCOME_BLOCKED] = 1,
        [OUTCOME_STOPPED] = 1,     [OUTCOME_CANCELLED] = 1, [OUTCOME_NOT_STARTED] = 1, [OUTCOME_INACTIVE] = 0,
    };
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        const Outcome outcomes[] = {OUTCOME_DONE, (Outcome)i};
        cr_expect_eq(exit_code(outcomes, 2, NULL, false), wanted[i], "%s", outcome_name((Outcome)i));
    }
    cr_expect_eq(exit_code(NULL, 0, NULL, false), 0);
}

/* 130, 3, 1, 6, 5, 4 */
Test(results_exit_code, the_gravest_speaks)
{
    const Outcome all[] = {OUTCOME_UNREACHABLE, OUTCOME_STALE, OUTCOME_LOCKED, OUTCOME_FAILED};

    cr_expect_eq(exit_code(all, 4, "2 failed", true), 130);
    cr_expect_eq(exit_code(all, 4, "2 failed", false), 3);
    cr_expect_eq(exit_code(all, 4, NULL, false), 1);
    cr_expect_eq(exit_code(all, 3, NULL, false), 6);
    cr_expect_eq(exit_code(all, 2, NULL, false), 5);
    cr_expect_eq(exit_code(all, 1, NULL, false), 4);
}

Test(results_exit_code, counts_are_of_targets)
{
    g_autoptr(RunResult) run = run_result_new();
    for (int i = 0; i < 3; i++)
        g_ptr_array_add(run->targets, target_result_new());

    cr_expect_eq(run_result_count(run, OUTCOME_DONE), 3);
    cr_expect_eq(run_result_count(run, OUTCOME_FAILED), 0);
}

/* As the history has it, whoever wrote it. */
Test(results_step, an_id_comes_back_as_it_was_told)
{
    static const char *const ids[] = {"20261123-202848-fn65-0001",
                                      "run-9999",
                                      "run-10000",
                                      "run-123456789",
                                      "run-1234567890",
                                      "run-99999999999999999999",
                                      "run-stamp",
                                      "run-0000",
                                      "run-00012",
                                      "run-12",
                                      "run-",
                                      "-0007",
                                      "0007",
                                      "run-007a",
                                      "run--0007",
                                      ""};
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
        StepResult step = {0};
        step_result_set_id(&step, ids[i]);
        g_autofree char *id = step_result_id(&step);
        cr_expect_str_eq(id, ids[i]);
    }
}

Test(results_step, one_that_never_began_has_no_id)
{
    StepResult step = {0};
    step_result_set_id(&step, "run-0001");
    step_result_set_id(&step, NULL);
    cr_expect_null(step_result_id(&step));
}

Test(results_step, ids_of_a_run_share_what_they_begin_with)
{
    StepResult one = {0}, other = {0};
    step_result_set_id(&one, "run-0001");
    step_result_set_id(&other, "run-12345");
    cr_expect_eq(one.id_stem, other.id_stem);
}

Test(results_step, steps_stay_in_their_order_as_more_are_added)
{
    TargetResult *target = target_result_new();
    target_result_fit_steps(target, 2);
    for (unsigned i = 0; i < 100; i++)
        target_result_add_step(target)->tries = i;
    target_result_fit_steps(target, target->step_count);
    for (unsigned i = 0; i < 100; i++)
        cr_expect_eq(target->steps[i].tries, i);
    target_result_free(target);
}

Test(results_exit_code, freeing_nothing_is_allowed)
{
    run_result_free(NULL);
    target_result_free(NULL);
    failure_free(NULL);
}
