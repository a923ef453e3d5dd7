/* The ledger: the runs of one target. */
#include "ledger_fixture.h"

TestSuite(ledger_target, .init = make_folder, .fini = remove_folder);

static void record_run(const char *id, gint64 started_us, const char *const *names, Outcome outcome)
{
    g_autoptr(RunResult) run = run_result_new();
    char **texts[] = {&run->id,    &run->command,       &run->goal,
                      &run->track, &run->operator_name, &run->plan_digest};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup(i ? "upgrade" : id);
    run->started_us = started_us;
    run->finished_us = started_us + 1;
    for (; *names; names++) {
        TargetResult *target = target_result_new();
        target->name = g_strdup(*names);
        target->outcome = outcome;
        target->reason = g_strdup("because");
        g_ptr_array_add(run->targets, target);
    }
    record(run);
}

Test(ledger_target, the_newest_runs_that_took_it_in)
{
    record_run("one", 10, (const char *const[]){"a", "b", NULL}, OUTCOME_DONE);
    record_run("two", 20, (const char *const[]){"b", NULL}, OUTCOME_FAILED);
    record_run("three", 30, (const char *const[]){"b", "a", NULL}, OUTCOME_STALE);
    record_run("four", 40, (const char *const[]){"a", NULL}, OUTCOME_INACTIVE);
    record_run("five", 50, (const char *const[]){"a'", NULL}, OUTCOME_DONE);
    g_autoptr(Ledger) ledger = open_ledger(false);
    g_autoptr(GPtrArray) runs = ledger_runs_of_target(ledger, "a", 5, NULL);
    cr_assert_not_null(runs);
    cr_assert_eq(runs->len, 2);
    const RunResult *newest = runs->pdata[0], *oldest = runs->pdata[1];
    const TargetResult *target = newest->targets->pdata[0];
    expect_text(newest->id, "three", "newest");
    expect_text(oldest->id, "one", "oldest");
    cr_assert_eq(newest->targets->len, 1);
    expect_text(target->name, "a", "target");
    expect_text(target->reason, "because", "reason");
    cr_assert_eq(target->outcome, OUTCOME_STALE);
    g_autoptr(GPtrArray) one = ledger_runs_of_target(ledger, "b", 1, NULL);
    cr_assert_eq(one->len, 1);
    g_autoptr(GPtrArray) quoted = ledger_runs_of_target(ledger, "a'", 1, NULL);
    cr_assert_eq(quoted->len, 1);
}
