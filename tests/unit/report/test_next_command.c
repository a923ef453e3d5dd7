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

Test(next_command, is_the_same_again_for_those_not_started)
{
    g_autoptr(RunResult) run = run_of("upgrade", "head", "eu:!legacy");
    add_target(run, OUTCOME_FAILED, "bb");
    add_target(run, OUTCOME_NOT_STARTED, "bb");
    expect_next(run, "dbfleet upgrade head -l 'eu:!legacy'");
}

Test(next_command, selects_what_failed_or_could_not_be_reached)
{
    g_autoptr(RunResult) run = run_of("upgrade", "head", NULL);
    add_target(run, OUTCOME_UNREACHABLE, NULL);
    expect_next(run, "dbfleet upgrade head -l @unreachable:20261122-1");
    add_target(run, OUTCOME_FAILED, "bb");
    expect_next(run, "dbfleet upgrade head -l @failed:20261122-1");
}

Test(next_command, names_the_track)
{
    g_autoptr(RunResult) run = run_of("upgrade", "heads", NULL);
    g_free(run->track);
    run->track = g_strdup("audit");
    add_target(run, OUTCOME_NOT_STARTED, "bb");
    expect_next(run, "dbfleet upgrade heads -n audit");
}

/* Typed again, "-1" would take a target that is done back once more. */
Test(next_command, never_repeats_a_relative_goal)
{
    static const char *const goals[] = {"-1", "+1", "reports@-1"};
    for (gsize i = 0; i < G_N_ELEMENTS(goals); i++) {
        g_autoptr(RunResult) run = run_of("downgrade", goals[i], NULL);
        add_target(run, OUTCOME_DONE, "aa");
        add_target(run, OUTCOME_NOT_STARTED, "aa");
        expect_next(run, "dbfleet downgrade aa");
        add_target(run, OUTCOME_NOT_STARTED, "bb");
        expect_next(run, "(none)");
    }
    g_autoptr(RunResult) run = run_of("downgrade", "-1", NULL);
    add_target(run, OUTCOME_NOT_STARTED, NULL);
    ((TargetResult *)run->targets->pdata[0])->rows_goal = g_new0(char *, 1);
    expect_next(run, "dbfleet downgrade base");
}

Test(next_command, a_walk_from_a_revision_is_repeated)
{
    g_autoptr(RunResult) run = run_of("upgrade", "aa+1", NULL);
    add_target(run, OUTCOME_NOT_STARTED, "bb");
    expect_next(run, "dbfleet upgrade aa+1");
}
