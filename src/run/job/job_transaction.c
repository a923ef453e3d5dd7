/* Job transaction: a target whose path is one transaction (transaction: target). It commits whole or not at
 * all, and what failed for the moment is tried again whole. Worker thread. */
#include "base/intern.h"
#include "run/job/job_run_internal.h"
#include "run/session.h"

/* None of the steps in the target's one transaction is done, or of none it is known. */
static void mark_not_done(JobRun *run)
{
    bool unknown = run->result->outcome == OUTCOME_UNKNOWN;
    for (guint i = 0; i < run->result->step_count; i++) {
        StepResult *step = &run->result->steps[i];
        if (g_strcmp0(step_result_state(step), STATE_NOT_STARTED) == 0)
            continue;
        step_result_set_state(step, unknown ? STATE_UNKNOWN : STATE_ROLLED_BACK);
        step->statements_done = 0;
    }
}

/* The COMMIT failed: where the connection broke, the last step's history row tells what became of it. Takes
 * over `error`. */
static TryEnd end_lost_commit(JobRun *run, GError *error)
{
    g_autofree char *id = step_result_id(&run->result->steps[run->result->step_count - 1]);
    StepAttempt attempt = {
        .step = &run->path->steps->first[run->path->steps->len - 1], .step_id = id, .failed = -1};
    bool again = error_is_transient(error);
    LostStep lost = LOST_NOT_DONE;
    if (g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST))
        lost = job_run_settle_lost(run, &attempt);
    if (lost == LOST_DONE) {
        g_error_free(error);
        return TRY_DONE;
    }
    job_run_fail_step(run, error, &attempt, lost);
    return again && lost != LOST_UNKNOWN ? TRY_AGAIN : TRY_FAILED;
}

static TryEnd try_begin(JobRun *run)
{
    GError *error = NULL;
    if (connection_run(run->connection, run->connection->driver->begin, &error))
        return TRY_DONE;
    TryEnd end = error_is_transient(error) ? TRY_AGAIN : TRY_FAILED;
    job_run_fail(run, error, NULL, NULL);
    return end;
}

static TryEnd try_path(JobRun *run, StepContext *context, guint first)
{
    GError *error = NULL;
    TryEnd end = try_begin(run);
    for (guint i = first; end == TRY_DONE && i < run->path->steps->len; i++)
        end = job_run_step(run, context, i, i - first, NULL);
    if (end == TRY_DONE && !connection_run(run->connection, "COMMIT", &error))
        end = end_lost_commit(run, error);
    if (end != TRY_DONE && run->connection)
        connection_rollback(run->connection);
    return end;
}

/* On a new connection, since the old one may be the trouble. */
static bool begin_again(JobRun *run, StepContext *context, guint first)
{
    const PlanStep *step = &run->path->steps->first[first];
    const HistoryEntry *unfinished = NULL;
    if (!job_run_reconnect(run) || !job_run_expect_before(run, step) ||
        !job_run_resumable(run, step, &unfinished))
        return false;
    *context = job_run_context(run);
    context->in_target_transaction = true;
    g_clear_pointer(&run->result->failure, failure_free);
    return true;
}

bool job_run_in_one_transaction(JobRun *run, StepContext *context, guint first)
{
    Backoff backoff;
    const HistoryEntry *unfinished = NULL;
    TryEnd end;
    if (job_run_stopped(run, 0, run->path->steps->len - first) ||
        !job_run_resumable(run, &run->path->steps->first[first], &unfinished))
        return false;
    backoff_init(&backoff, run->retry, run->clock);
    context->in_target_transaction = true;
    while ((end = try_path(run, context, first)) == TRY_AGAIN) {
        gint64 wait = backoff_next(&backoff);
        g_autofree char *why = run->result->failure ? g_strdup(run->result->failure->message) : NULL;
        if (wait < 0 || !job_run_pause(run, wait, STOP_AT_STEP) || !begin_again(run, context, first))
            break;
        job_run_tell_retry(run, why ? why : "the target's transaction did not commit");
    }
    context->in_target_transaction = false;
    if (end != TRY_DONE)
        mark_not_done(run);
    return end == TRY_DONE;
}
