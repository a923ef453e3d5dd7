/* What a report says to type next. */
#include "report/report.h"

#include <criterion/criterion.h>

static void add_target(RunResult *run, Outcome outcome, const char *goal)
{
    const char *rows[] = {goal, NULL};
    TargetResult *target = target_result_new();
    target->name = g_strdup_printf("t%u", run->targets->len);
    target->outcome = outcome;
    target->rows_goal = goal ? g_strdupv((char **)rows) : NULL;
    g_ptr_array_add(run->targets, target);
}

static RunResult *run_of(const char *command, const char *goal, const char *selector)
{
    RunResult *run = run_result_new();
    run->id = g_strdup("20261122-1");
    run->command = g_strdup(command);
    run->goal = g_strdup(goal);
    run->track = g_strdup("default");
    run->selector = g_strdup(selector);
    return run;
}

static void expect_next(const RunResult *run, const char *expected)
{
    g_autofree char *next = report_next_command(run);
    cr_expect_str_eq(next ? next : "(none)", expected);
}

Test(next_command, none_when_all_are_done)
{
    g_autoptr(RunResult) run = run_of("upgrade", "head", NULL);
    add_target(run, OUTCOME_DONE, "bb");
    add_target(run, OUTCOME_INACTIVE, NULL);
    expect_next(run, "(none)");
}

Test(next_command, goes_on_with_all_that_was_held_back)
{
    g_autoptr(RunResult) run = run_of("upgrade", "head", "eu:!legacy");
    add_target(run, OUTCOME_FAILED, "bb");
    add_target(run, OUTCOME_NOT_STARTED, "bb");
    expect_next(run, "dbfleet resume 20261122-1");
}

Test(next_command, tries_again_what_failed_or_could_not_be_reached)
{
    static const Outcome outcomes[] = {OUTCOME_FAILED, OUTCOME_UNREACHABLE, OUTCOME_UNKNOWN,  OUTCOME_LOCKED,
                                       OUTCOME_STALE,  OUTCOME_BLOCKED,     OUTCOME_CANCELLED};
    for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
        g_autoptr(RunResult) run = run_of("downgrade", "-1", NULL);
        add_target(run, OUTCOME_DONE, "aa");
        add_target(run, outcomes[i], "aa");
        expect_next(run, "dbfleet retry 20261122-1");
    }
}

Test(next_command, a_target_stopped_between_two_steps_is_gone_on_with)
{
    g_autoptr(RunResult) run = run_of("upgrade", "heads", NULL);
    add_target(run, OUTCOME_STOPPED, "bb");
    expect_next(run, "dbfleet resume 20261122-1");
}

Test(next_command, asks_to_look_where_only_a_person_can_go_on)
{
    g_autoptr(RunResult) run = run_of("upgrade", "heads", NULL);
    add_target(run, OUTCOME_DONE, "bb");
    add_target(run, OUTCOME_BLOCKED, "bb");
    TargetResult *asked = run->targets->pdata[1];
    asked->failure = failure_new();
    asked->failure->error_class = g_strdup("undecidable");
    expect_next(run, "dbfleet explain t1");
    add_target(run, OUTCOME_FAILED, "bb");
    expect_next(run, "dbfleet retry 20261122-1");
    add_target(run, OUTCOME_NOT_STARTED, "bb");
    expect_next(run, "dbfleet resume 20261122-1");
}

Test(next_command, names_the_variables_to_give_again)
{
    const char *names[] = {"owner", "region", NULL};
    g_autoptr(RunResult) run = run_of("upgrade", "head", NULL);
    run->variables = g_strdupv((char **)names);
    add_target(run, OUTCOME_FAILED, "bb");
    expect_next(run, "dbfleet retry 20261122-1 -x owner=… -x region=…");
}

Test(next_command, leaves_a_run_at_work_alone)
{
    g_autoptr(RunResult) run = run_of("upgrade", "head", NULL);
    add_target(run, OUTCOME_NOT_STARTED, "bb");
    run->state = RUN_RUNNING;
    expect_next(run, "(none)");
    run->state = RUN_PAUSED;
    expect_next(run, "dbfleet continue 20261122-1");
    run->state = RUN_DIED;
    expect_next(run, "dbfleet resume 20261122-1");
}

Test(next_command, explains_what_the_same_again_would_not_help)
{
    static const char *const classes[] = {"edited", "never-run", "unknown-revision", "verify-failed",
                                          "moved"};
    for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
        g_autoptr(RunResult) run = run_of("upgrade", "head", NULL);
        add_target(run, OUTCOME_BLOCKED, "bb");
        TargetResult *blocked = run->targets->pdata[0];
        blocked->failure = failure_new();
        blocked->failure->error_class = g_strdup(classes[i]);
        expect_next(run, "dbfleet explain t0");
        add_target(run, OUTCOME_FAILED, "bb");
        expect_next(run, "dbfleet retry 20261122-1");
    }
}
