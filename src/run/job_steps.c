/* Job steps: the steps of one target's path, on a worker thread. A lock that could not be had in time, a
 * deadlock and a lost connection are tried again, nothing else is; what became of a step whose connection
 * broke is found out by reconnecting and taking the lock, never guessed. */
#include "run/job_run_internal.h"
#include "run/session.h"

/* Tries of one step, and the wait after the first. */
#define RETRY_TRIES 4
#define RETRY_FIRST_US (G_USEC_PER_SEC / 2)
#define RECONNECT_POLL_US (G_USEC_PER_SEC / 5)

static void post_step_started(const JobRun *run, const PlanStep *step)
{
    JobEvent *event = g_new0(JobEvent, 1);
    event->job = run->job;
    event->revision = step->revision ? step->revision->id : "stamp";
    event->message = step->revision ? step->revision->message : "";
    queue_push(run->job->control->events, event);
}

static StepResult *add_step_result(JobRun *run, const PlanStep *step)
{
    StepResult *result = g_new0(StepResult, 1);
    result->revision = g_strdup(step->revision ? step->revision->id : "");
    result->message = g_strdup(step->revision ? step->revision->message : "");
    result->direction = g_strdup(step->revision ? direction_name(step->direction) : "stamp");
    result->started_us = g_get_real_time();
    g_ptr_array_add(run->result->steps, result);
    return result;
}

/* States of a step that no history row tells. */
#define STATE_ROLLED_BACK "rolled-back"
#define STATE_NOT_STARTED "not-started"
#define STATE_UNKNOWN "outcome-unknown"

/* ---- After a lost connection ---- */

/* What became of a step whose connection broke: reconnects, takes the lock, reads the step's history row. */
typedef enum LostStep { LOST_DONE, LOST_NOT_DONE, LOST_UNKNOWN } LostStep;

/* How far a journaled step came; a step in a transaction that was not done left no row. */
static LostStep lost_step_from(char *const *row, StepAttempt *attempt)
{
    static const char *const states[] = {HISTORY_DONE, HISTORY_RUNNING, HISTORY_FAILED,
                                         HISTORY_VERIFY_FAILED};
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (g_str_equal(row[8], states[i]))
            attempt->state = states[i];
    attempt->done = (unsigned)g_ascii_strtoull(row[10], NULL, 10);
    attempt->intent = (unsigned)g_ascii_strtoull(row[12], NULL, 10);
    return g_strcmp0(attempt->state, HISTORY_DONE) == 0 ? LOST_DONE : LOST_NOT_DONE;
}

static LostStep read_lost_step(JobRun *run, StepAttempt *attempt)
{
    VersionStore store = session_store(run->connection, run->options->version_table);
    g_autofree char *query = version_store_select_step(&store, attempt->step_id);
    g_autoptr(RowSet) rows = connection_query(run->connection, query, NULL);
    if (!rows)
        return LOST_UNKNOWN;
    return rows->rows->len ? lost_step_from(rows->rows->pdata[0], attempt) : LOST_NOT_DONE;
}

/* True once the target is connected and locked again. */
static bool reconnect(JobRun *run)
{
    bool held = false;
    gint64 deadline =
        g_get_monotonic_time() + (gint64)run->job->planned->target->settings.lock_wait_ms * 1000;
    job_run_close(run);
    while (!job_run_open(run, NULL)) {
        if (g_get_monotonic_time() >= deadline || job_run_stop_level(run) == STOP_NOW)
            return false;
        g_usleep(RECONNECT_POLL_US);
    }
    return job_run_wait_for_lock(run, &held, NULL) && held;
}

static LostStep settle_lost_step(JobRun *run, StepAttempt *attempt)
{
    LostStep lost = LOST_UNKNOWN;
    if (reconnect(run))
        lost = attempt->step_id ? read_lost_step(run, attempt) : LOST_NOT_DONE;
    if (lost == LOST_UNKNOWN && attempt->step_id)
        attempt->state = STATE_UNKNOWN;
    return lost;
}

/* ---- One step, tried again where that can help ---- */

static bool is_transient(const GError *error)
{
    return g_error_matches(error, DB_ERROR, DB_ERROR_LOCK_TIMEOUT) ||
           g_error_matches(error, DB_ERROR, DB_ERROR_DEADLOCK) ||
           g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST);
}

/* Not where the outcome is open, nor where the step took effect and only its verify failed. */
static bool may_try_again(const StepAttempt *attempt, const GError *error)
{
    return is_transient(error) && attempt->intent == 0 &&
           g_strcmp0(attempt->state, HISTORY_VERIFY_FAILED) != 0;
}

static void record_attempt(StepResult *result, const StepAttempt *attempt, bool good)
{
    g_free(result->step_id);
    g_free(result->state);
    result->step_id = g_strdup(attempt->step_id);
    result->statements_total = step_attempt_total(attempt);
    result->statements_done = attempt->done;
    result->state = g_strdup(attempt->state     ? attempt->state
                             : good             ? HISTORY_DONE
                             : attempt->step_id ? STATE_ROLLED_BACK
                                                : STATE_NOT_STARTED);
}

static void fail_step(JobRun *run, GError *error, const StepAttempt *attempt, LostStep lost)
{
    job_run_fail(run, error, attempt->step, attempt);
    if (lost == LOST_UNKNOWN && attempt->step_id)
        job_run_set_outcome(
            run, OUTCOME_UNKNOWN,
            "the connection broke during this step and the target could not be locked again to "
            "see whether it took effect; run \"dbfleet status\" when it answers");
}

/* Onto the connection that replaced a lost one: the store's schema name is the connection's. */
static void rebind(StepContext *context, const JobRun *run)
{
    context->connection = run->connection;
    context->store = session_store(run->connection, run->options->version_table);
}

typedef enum TryEnd { TRY_DONE, TRY_FAILED, TRY_AGAIN } TryEnd;

/* A step inside the target's one transaction is not tried again by itself: what was before it is rolled back
 * too. */
static TryEnd try_step(JobRun *run, StepContext *context, const PlanStep *step, unsigned number,
                       const HistoryEntry *unfinished, bool last, StepResult *result)
{
    g_auto(StepAttempt) attempt = {.step = step, .failed = -1};
    GError *error = NULL;
    LostStep lost = LOST_NOT_DONE;
    bool begun = unfinished && unfinished->statements_done > 0; /* its check let it in then */
    bool good = (begun || step_check(context, step, &error)) &&
                step_attempt_init(&attempt, context, step, number, unfinished, &error) &&
                step_apply(&attempt, context, &error);
    if (g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST) && !context->in_target_transaction) {
        lost = settle_lost_step(run, &attempt);
        if (run->connection)
            rebind(context, run);
        good = lost == LOST_DONE;
    }
    record_attempt(result, &attempt, good);
    bool again = !good && !last && lost != LOST_UNKNOWN && may_try_again(&attempt, error) &&
                 !context->in_target_transaction && job_run_stop_level(run) == STOP_NOT;
    if (good || again)
        g_clear_error(&error);
    else
        fail_step(run, error, &attempt, lost);
    return good ? TRY_DONE : again ? TRY_AGAIN : TRY_FAILED;
}

/* Twice as long each time, and up to half of that more, so that many targets do not come back together. */
static void wait_before_retry(unsigned tries)
{
    gulong wait = (gulong)RETRY_FIRST_US << (tries - 1);
    g_usleep(wait + (gulong)g_random_int_range(0, (gint32)(wait / 2)));
}

/* The target says where the step stands now; false, with the outcome set, if it cannot be gone on with. */
static bool reread_state(JobRun *run, const StepContext *context, const PlanStep *step,
                         const HistoryEntry **unfinished)
{
    GError *error = NULL;
    if (!session_read_state(run->connection, &context->store, run->state, &error)) {
        job_run_fail(run, error, step, NULL);
        return false;
    }
    if (job_run_stands_before(run, step))
        return job_run_resumable(run, step, unfinished);
    error = db_error_new(DB_ERROR_HEADS_MOVED, NULL, "the heads are not those that the step begins with",
                         NULL, "plan again; look for another tool that writes the version table");
    job_run_fail(run, error, step, NULL);
    return false;
}

static bool run_step(JobRun *run, StepContext *context, const PlanStep *step, unsigned number,
                     const HistoryEntry *unfinished)
{
    post_step_started(run, step);
    StepResult *result = add_step_result(run, step);
    gint64 begin = g_get_monotonic_time();
    TryEnd end = TRY_AGAIN;
    for (unsigned tries = 1; end == TRY_AGAIN; tries++) {
        end = try_step(run, context, step, number, unfinished, tries == RETRY_TRIES, result);
        if (end != TRY_AGAIN)
            break;
        wait_before_retry(tries);
        if (!reread_state(run, context, step, &unfinished))
            end = TRY_FAILED;
    }
    result->duration_us = g_get_monotonic_time() - begin;
    return end == TRY_DONE;
}

/* A stamp is one transaction, too. */
static bool run_stamp(JobRun *run, StepContext *context, const PlanStep *step)
{
    g_auto(StepAttempt) attempt = {.step = step, .failed = -1};
    GError *error = NULL;
    LostStep lost = LOST_NOT_DONE;
    post_step_started(run, step);
    StepResult *result = add_step_result(run, step);
    gint64 begin = g_get_monotonic_time();
    attempt.step_id = step_record_id(context, "stamp");
    bool good = step_stamp(context, step, run->path->applied_after, &error);
    if (g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST)) {
        lost = settle_lost_step(run, &attempt);
        good = lost == LOST_DONE;
    }
    record_attempt(result, &attempt, good);
    result->duration_us = g_get_monotonic_time() - begin;
    if (good)
        g_clear_error(&error);
    else
        fail_step(run, error, &attempt, lost);
    return good;
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

/* Runs the steps from `first`; false as soon as one fails or the run is stopped between two. */
bool job_run_steps(JobRun *run, StepContext *context, guint first)
{
    const HistoryEntry *unfinished = NULL;
    if (!job_run_resumable(run, run->path->steps->pdata[first], &unfinished))
        return false;
    for (guint i = first; i < run->path->steps->len; i++) {
        const PlanStep *step = run->path->steps->pdata[i];
        bool may_stop = !context->in_target_transaction || i == first;
        if (may_stop && job_run_stopped(run, i - first, run->path->steps->len - i))
            return false;
        bool good = step->revision ? run_step(run, context, step, i + 1, i == first ? unfinished : NULL)
                                   : run_stamp(run, context, step);
        if (!good)
            return false;
    }
    return true;
}

/* None of the steps in the target's one transaction is done, or of none it is known. */
static void mark_not_done(JobRun *run)
{
    bool unknown = run->result->outcome == OUTCOME_UNKNOWN;
    for (guint i = 0; i < run->result->steps->len; i++) {
        StepResult *step = run->result->steps->pdata[i];
        if (g_str_equal(step->state, STATE_NOT_STARTED))
            continue;
        g_free(step->state);
        step->state = g_strdup(unknown ? STATE_UNKNOWN : STATE_ROLLED_BACK);
        step->statements_done = 0;
    }
}

/* The COMMIT of a whole path failed: the last step's history row tells what became of it. Takes over `error`.
 */
static bool recover_lost_commit(JobRun *run, GError *error)
{
    const StepResult *last = run->result->steps->pdata[run->result->steps->len - 1];
    StepAttempt attempt = {
        .step = run->path->steps->pdata[run->path->steps->len - 1], .step_id = last->step_id, .failed = -1};
    LostStep lost = LOST_NOT_DONE;
    if (g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST))
        lost = settle_lost_step(run, &attempt);
    if (lost == LOST_DONE) {
        g_error_free(error);
        return true;
    }
    fail_step(run, error, &attempt, lost);
    return false;
}

/* transaction: target: the whole path commits or nothing of it. */
bool job_run_in_one_transaction(JobRun *run, StepContext *context, guint first)
{
    GError *error = NULL;
    context->in_target_transaction = true;
    if (!connection_run(run->connection, run->connection->driver->begin, &error)) {
        job_run_fail(run, error, NULL, NULL);
        return false;
    }
    bool good = job_run_steps(run, context, first);
    if (good && !connection_run(run->connection, "COMMIT", &error))
        good = recover_lost_commit(run, error);
    if (!good && run->connection)
        connection_rollback(run->connection);
    if (!good)
        mark_not_done(run);
    return good;
}
