/* Job steps: the steps of one target's path, on a worker thread. A lock that could not be had in time, a
 * deadlock and a lost connection are tried again, as the target's retry settings say, nothing else is. */
#include "base/intern.h"
#include "run/job/job_run_internal.h"
#include "run/session.h"
#include <string.h>

/* Nothing is decided by it: the main thread is not woken for each step. */
static void post_step_started(const JobRun *run, const PlanStep *step, gint64 time_us)
{
    JobEvent *event = g_new0(JobEvent, 1);
    event->job = run->job;
    event->time_us = time_us;
    event->step = step;
    queue_push_quietly(run->job->control->events, event);
}

void job_run_tell_retry(const JobRun *run, const char *message)
{
    JobEvent *event = g_new0(JobEvent, 1);
    event->job = run->job;
    event->retried = mask_text(run->variables.mask, message, strlen(message), NULL);
    queue_push(run->job->control->events, event);
}

/* The result at that place; a path that runs as a whole again finds those of the time before. */
static StepResult *step_result_at(JobRun *run, const PlanStep *step, guint place)
{
    if (place < run->result->step_count)
        return &run->result->steps[place];
    StepResult *result = target_result_add_step(run->result);
    result->revision = intern_text(step->revision ? step->revision->id : "");
    result->message = intern_text(step->revision ? step->revision->message : "");
    step_result_set_direction(result, step->revision ? direction_name(step->direction) : "stamp");
    result->started_us = run_clock_real(run->clock);
    return result;
}

/* ---- One step, tried again where that can help ---- */

/* Not where a person must say what happened, nor where the step took effect and only its verify failed. A
 * statement left open is settled by the next try. */
static bool may_try_again(const StepAttempt *attempt, const GError *error)
{
    bool undecidable = attempt->intent > 0 && g_strcmp0(attempt->state, HISTORY_FAILED) == 0;
    return error_is_transient(error) && !undecidable && g_strcmp0(attempt->state, HISTORY_VERIFY_FAILED) != 0;
}

static void record_attempt(StepResult *result, const StepAttempt *attempt, bool good)
{
    step_result_set_id(result, attempt->step_id);
    result->statements_total = step_attempt_total(attempt);
    result->statements_done = attempt->done;
    step_result_set_state(result, attempt->state     ? attempt->state
                                  : good             ? HISTORY_DONE
                                  : attempt->step_id ? STATE_ROLLED_BACK
                                                     : STATE_NOT_STARTED);
}

void job_run_fail_step(JobRun *run, GError *error, const StepAttempt *attempt, LostStep lost)
{
    job_run_fail(run, error, attempt->step, attempt);
    if (lost == LOST_UNKNOWN && attempt->step_id)
        job_run_set_outcome(
            run, OUTCOME_UNKNOWN,
            "the connection broke during this step and the target could not be locked again to "
            "see whether it took effect; run \"dbfleet status\" when it answers");
}

/* One attempt. A stamp is one transaction, too. */
static bool apply_step(StepAttempt *attempt, const JobRun *run, const StepContext *context, guint index,
                       const HistoryEntry *unfinished, GError **error)
{
    const PlanStep *step = &run->path->steps->first[index];
    if (step->revision)
        return (history_entry_has_begun(unfinished) || step_check(context, step, error)) &&
               step_attempt_init(attempt, context, step, index + 1, unfinished, error) &&
               step_apply(attempt, context, error);
    attempt->step_id = step_record_id(context, "stamp");
    return step_stamp(context, step, run->path->applied_after, error);
}

/* Between the break and the new lock another dbfleet may have gone on from there. */
static bool expect_behind(const JobRun *run, const PlanStep *step, GError **error)
{
    if (rows_are_same(run->state->rows, step->after))
        return true;
    g_clear_error(error);
    g_propagate_error(
        error, db_error_new(DB_ERROR_HEADS_MOVED, NULL,
                            "this step was done, but the heads moved on while the connection was gone", NULL,
                            "another dbfleet went on here; see where it stands, and plan again"));
    return false;
}

static bool wait_to_try_again(const JobRun *run, Backoff *backoff)
{
    gint64 wait = job_run_stop_level(run) == STOP_NOT ? backoff_next(backoff) : -1;
    return wait >= 0 && job_run_pause(run, wait, STOP_AT_STEP);
}

/* A step inside the target's one transaction is not tried again by itself: what was before it is rolled back
 * too. */
static TryEnd try_step(JobRun *run, StepContext *context, guint index, const HistoryEntry *unfinished,
                       Backoff *backoff, StepResult *result)
{
    g_auto(StepAttempt) attempt = {.step = &run->path->steps->first[index], .failed = -1};
    GError *error = NULL;
    LostStep lost = LOST_NOT_DONE;
    bool last = index + 1 == run->path->steps->len && !context->in_target_transaction;
    context->closing = last ? &run->closing : NULL;
    if (result->tries < G_MAXUINT16)
        result->tries++;
    bool good = apply_step(&attempt, run, context, index, unfinished, &error);
    job_run_note_blocker(run, error);
    if (g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST) && !context->in_target_transaction) {
        lost = job_run_settle_lost(run, &attempt);
        if (run->connection)
            *context = job_run_context(run);
        good = lost == LOST_DONE && expect_behind(run, attempt.step, &error);
    }
    record_attempt(result, &attempt, good);
    bool again = !good && lost != LOST_UNKNOWN && may_try_again(&attempt, error);
    if (again && !context->in_target_transaction)
        again = wait_to_try_again(run, backoff);
    if (again && !context->in_target_transaction)
        job_run_tell_retry(run, error->message);
    if (good || (again && !context->in_target_transaction))
        g_clear_error(&error);
    else
        job_run_fail_step(run, error, &attempt, lost);
    return good ? TRY_DONE : again ? TRY_AGAIN : TRY_FAILED;
}

/* The target says where the step stands now; false, with the outcome set, if it cannot be gone on with. */
static bool reread_state(JobRun *run, StepContext *context, const PlanStep *step,
                         const HistoryEntry **unfinished)
{
    GError *error = NULL;
    bool read = session_read_state(run->connection, &context->store, run->state, &error);
    if (!read && error_is_transient(error) && job_run_reconnect(run)) {
        *context = job_run_context(run);
        g_clear_error(&error);
        read = true;
    }
    if (read)
        return job_run_expect_before(run, step) && job_run_resumable(run, step, unfinished);
    job_run_fail(run, error, step, NULL);
    return false;
}

TryEnd job_run_step(JobRun *run, StepContext *context, guint index, guint place,
                    const HistoryEntry *unfinished)
{
    const PlanStep *step = &run->path->steps->first[index];
    StepResult *result = step_result_at(run, step, place);
    gint64 begin = run_clock_now(run->clock);
    Backoff backoff;
    TryEnd end;
    if (result->tries == 0)
        post_step_started(run, step, result->started_us);
    backoff_init(&backoff, run->retry, run->clock);
    while ((end = try_step(run, context, index, unfinished, &backoff, result)) == TRY_AGAIN)
        if (context->in_target_transaction || !reread_state(run, context, step, &unfinished))
            break;
    result->duration_us += run_clock_now(run->clock) - begin;
    return end == TRY_AGAIN && !context->in_target_transaction ? TRY_FAILED : end;
}

bool job_run_stopped(JobRun *run, unsigned done, unsigned left)
{
    if (job_run_stop_level(run) == STOP_NOT)
        return false;
    g_autofree char *reason = g_strdup_printf("stopped between two steps: %u done, %u left", done, left);
    job_run_set_outcome(run, done ? OUTCOME_STOPPED : OUTCOME_NOT_STARTED,
                        done ? reason : "the run stopped before its first step");
    return true;
}

bool job_run_steps(JobRun *run, StepContext *context, guint first)
{
    const HistoryEntry *unfinished = NULL;
    if (!job_run_resumable(run, &run->path->steps->first[first], &unfinished))
        return false;
    for (guint i = first; i < run->path->steps->len; i++, unfinished = NULL) {
        if (job_run_stopped(run, i - first, run->path->steps->len - i) ||
            job_run_step(run, context, i, i - first, unfinished) != TRY_DONE)
            return false;
        connection_rest(run->connection);
    }
    return true;
}
