/* For the tests of ledger and report: runs made in memory. */
#pragma once

#include "run/results.h"

#include <criterion/criterion.h>
#include <string.h>

#define RUN_STARTED G_GINT64_CONSTANT(1795365600000000) /* 2026-11-22T16:40:00Z */
#define SECOND_US G_USEC_PER_SEC

/* A finished upgrade to head without targets. */
static inline RunResult *fixture_run(const char *id)
{
    RunResult *run = run_result_new();

    run->id = g_strdup(id);
    run->command = g_strdup("upgrade");
    run->goal = g_strdup("head");
    run->track = g_strdup("default");
    run->operator_name = g_strdup("me@here");
    run->plan_digest = g_strdup("0123abcd");
    run->dbfleet_version = g_strdup("0.1.0");
    run->host = g_strdup("here");
    run->process = g_strdup("4711 pid:[1] 99");
    run->versions_commit = g_strdup("0f1e2d3c4b5a69788796a5b4c3d2e1f001234567-dirty");
    run->max_failures = g_strdup("0");
    run->max_unreachable = g_strdup("100%");
    run->on_halt = g_strdup("step");
    run->jobs = 8;
    run->started_us = RUN_STARTED;
    run->finished_us = RUN_STARTED + 90 * SECOND_US;
    return run;
}

static inline char **fixture_rows(const char *rows)
{
    return *rows ? g_strsplit(rows, " ", -1) : g_new0(char *, 1);
}

/* A target with this outcome, from aa to bb; only what was started has a time, only what was reached its
 * rows. */
static inline TargetResult *fixture_result(RunResult *run, const char *name, const char *group,
                                           Outcome outcome)
{
    TargetResult *target = target_result_new();
    bool started = outcome != OUTCOME_NOT_STARTED && outcome != OUTCOME_INACTIVE;

    target->name = g_strdup(name);
    target->group = g_intern_string(group);
    target->server = g_strdup_printf("postgresql://db1:5432/%s", name);
    target->dialect = g_intern_string("postgres");
    target->outcome = outcome;
    target->steps_planned = 1;
    target->started_us = started ? RUN_STARTED : 0;
    target->duration_us = started ? (run->targets->len + 1) * SECOND_US / 10 : 0;
    if (outcome != OUTCOME_UNREACHABLE && outcome != OUTCOME_INACTIVE) {
        target->rows_before = fixture_rows("aa");
        target->rows_goal = fixture_rows("bb");
    }
    if (outcome == OUTCOME_DONE)
        target->rows_after = fixture_rows("bb");
    g_ptr_array_add(run->targets, target);
    return target;
}

static inline StepResult *fixture_step(TargetResult *target, const char *revision, const char *state,
                                       gint64 duration_us)
{
    StepResult *step = target_result_add_step(target);

    g_autofree char *id = g_strdup_printf("run-%04u", target->step_count);
    step_result_set_id(step, id);
    step->revision = g_intern_string(revision);
    g_autofree char *message = g_strdup_printf("add %s", revision);
    step->message = g_intern_string(message);
    step_result_set_direction(step, "up");
    step_result_set_state(step, state);
    step->started_us = RUN_STARTED;
    step->duration_us = duration_us;
    step->tries = 1;
    step->statements_total = 2;
    step->statements_done = g_str_equal(state, "done") ? 2 : 1;
    return step;
}

/* A target that failed at the second statement of revision bb, saying `message`. */
static inline TargetResult *fixture_failed(RunResult *run, const char *name, const char *group,
                                           const char *message)
{
    TargetResult *target = fixture_result(run, name, group, OUTCOME_FAILED);
    Failure *failure = failure_new();

    failure->error_class = g_strdup("statement");
    failure->code = g_strdup("42P01");
    failure->message = g_strdup(message);
    failure->detail = g_strdup("the detail");
    failure->hint = g_strdup("the hint");
    failure->revision = g_strdup("bb");
    failure->direction = g_strdup("up");
    failure->file = g_strdup("versions/bb_add.sql");
    failure->line = 9;
    failure->column = 15;
    failure->statement = 2;
    failure->sql = g_strdup("insert into nosuch\nvalues (1)");
    failure->excerpt = g_strdup("insert into nosuch\n            ^\n");
    target->failure = failure;
    target->reason = g_strdup(message);
    target->rows_after = fixture_rows("aa");
    fixture_step(target, "bb", "rolled-back", SECOND_US / 5);
    return target;
}
