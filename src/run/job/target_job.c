/* Target job: takes one target along its path, on a worker thread. The target is the truth: rows and history
 * are read under the lock, the path is entered where the target stands, and the heads are read back at the
 * end. What comes before the first step may be done again as a whole. Prints nothing, retries no statement.
 */
#include "base/intern.h"
#include "run/job/job_run_internal.h"
#include "run/probe.h"
#include <string.h>

#define LOCK_POLL_US (G_USEC_PER_SEC / 5)
/* A cancel that came between two statements was lost; one that comes too soon after another would hit the
 * cleaning up. */
#define CANCEL_AGAIN_US (3 * G_USEC_PER_SEC)
/* After so many of them a batch that is still at work gets no answer any more: a server that rolls back for
 * as long as that is found at work by the lock its session holds. */
#define CANCELS_UNHEARD 20u

TargetJob *target_job_new(unsigned index, const PlanTarget *planned, RunControl *control)
{
    TargetJob *self = g_new0(TargetJob, 1);
    self->index = index;
    self->planned = planned;
    self->control = control;
    self->found = target_result_new();
    target_result_fit_steps(self->found, planned->path->steps->len);
    self->cancelled_at = -CANCEL_AGAIN_US;
    pthread_mutex_init(&self->mutex, NULL);
    return self;
}

void target_job_free(TargetJob *self)
{
    if (!self)
        return;
    pthread_mutex_destroy(&self->mutex);
    target_result_free(self->found);
    g_free(self);
}

void target_job_cancel(TargetJob *self)
{
    gint64 now = run_clock_now(self->control->clock);
    pthread_mutex_lock(&self->mutex);
    if (self->connection && now - self->cancelled_at >= CANCEL_AGAIN_US) {
        self->cancelled_at = now;
        connection_cancel(self->connection);
        if (++self->cancels == CANCELS_UNHEARD && atomic_load(&self->connection->busy_since))
            connection_sever(self->connection); /* its owner then settles what was lost */
    }
    pthread_mutex_unlock(&self->mutex);
}

int job_run_stop_level(const JobRun *run)
{
    return atomic_load(&run->job->control->stop);
}

static bool is_stopped_at_step(gconstpointer run)
{
    return job_run_stop_level(run) >= STOP_AT_STEP;
}

static bool is_cancelled(gconstpointer run)
{
    return job_run_stop_level(run) >= STOP_NOW;
}

bool job_run_pause(const JobRun *run, gint64 us, StopLevel level)
{
    return run_clock_wait(run->clock, us, level == STOP_NOW ? is_cancelled : is_stopped_at_step, run);
}

/* ---- Outcomes ---- */

void job_run_set_outcome(JobRun *run, Outcome outcome, const char *reason)
{
    run->result->outcome = outcome;
    g_free(run->result->reason);
    run->result->reason = g_strdup(reason);
}

/* Takes over `error`. The outcome follows from its class; DB_ERROR_CANCELLED counts only if we asked for it.
 */
void job_run_fail(JobRun *run, GError *error, const PlanStep *step, const StepAttempt *attempt)
{
    g_autoptr(GError) owned = error;
    bool cancelled =
        g_error_matches(owned, DB_ERROR, DB_ERROR_CANCELLED) && job_run_stop_level(run) == STOP_NOW;
    bool undecidable = g_error_matches(owned, STEP_ERROR, STEP_ERROR_UNDECIDABLE);
    failure_free(run->result->failure);
    run->result->failure = failure_from_error(owned, step, attempt, run->variables.mask);
    if (g_error_matches(owned, DB_ERROR, DB_ERROR_LOCK_TIMEOUT))
        run->result->failure->blocker = job_run_take_blocker(run);
    if (undecidable)
        run->result->failure->hint = undecidable_hint(run->options->run_id, run->job->planned->target->name);
    job_run_set_outcome(run,
                        cancelled     ? OUTCOME_CANCELLED
                        : undecidable ? OUTCOME_BLOCKED
                                      : OUTCOME_FAILED,
                        run->result->failure->message);
}

/* ---- Connecting ---- */

static void publish_connection(JobRun *run, Connection *connection)
{
    pthread_mutex_lock(&run->job->mutex);
    run->job->connection = connection;
    run->job->cancels = 0;
    pthread_mutex_unlock(&run->job->mutex);
}

static void take_connection(JobRun *run, Connection *connection)
{
    run->connection = connection;
    publish_connection(run, connection);
    run->watched =
        lock_watch_enter(run->job->control->lock_watch, run->job->planned->target, connection, run->job);
    if (!run->lock)
        run->lock = lock_key(&connection->server, run->options->version_table);
}

bool job_run_open(JobRun *run, GError **error)
{
    const SessionOptions session = {
        .secrets = run->options->secrets, .folder = run->options->folder, .run_id = run->options->run_id};
    g_autoptr(GError) problem = NULL;
    Connection *connection = session_open(run->job->planned->target, &session, &problem);
    if (g_error_matches(problem, DB_ERROR, DB_ERROR_BUSY) && spare_connections_give_up(run->options->spare)) {
        g_clear_error(&problem);
        connection = session_open(run->job->planned->target, &session, &problem);
    }
    if (problem)
        g_propagate_error(error, g_steal_pointer(&problem));
    else
        take_connection(run, connection);
    return connection != NULL;
}

bool job_run_open_spare(JobRun *run)
{
    SpareConnections *spare = run->options->spare;
    Connection *connection = spare ? spare_connections_take(spare, run->job->planned->target) : NULL;
    if (connection)
        take_connection(run, connection);
    return connection != NULL;
}

void job_run_close(JobRun *run)
{
    publish_connection(run, NULL);
    run->locked = false;
    g_clear_pointer(&run->watched, lock_watch_leave);
    g_clear_pointer(&run->connection, connection_close);
}

/* ---- Locking, and reading under the lock ---- */

/* One try; run->locked tells whether the lock was taken and the state read with it. */
static bool try_lock(JobRun *run, GError **error)
{
    bool held = false;
    VersionStore store = session_store(run->connection, run->options->version_table);
    g_autoptr(Batch) batch = session_state_batch(&store, run->job->planned->state);
    g_auto(BatchResult) rows = {0};
    g_autoptr(GError) problem = NULL;
    const Driver *driver = run->connection->driver;
    if (!driver->try_lock(run->connection, run->lock, batch, &held, &rows, &problem)) {
        if (!held || !g_error_matches(problem, DB_ERROR, DB_ERROR_UNDEFINED_TABLE)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        connection_rollback(run->connection);
    }
    run->locked = held;
    return !held ||
           session_take_state(run->connection, &store, run->job->planned->state, &rows, run->state, error);
}

static void report_locked(JobRun *run)
{
    g_autofree char *holder = run->connection->driver->lock_holder(run->connection, run->lock);
    g_autofree char *reason = g_strdup_printf(
        "another dbfleet works on this target (%s), or a statement that a "
        "dead one sent still runs; waited %.1f s",
        holder ? holder : "who is not known", run->job->planned->target->settings.lock_wait_ms / 1000.0);
    job_run_set_outcome(run, OUTCOME_LOCKED, reason);
}

bool job_run_wait_for_lock(JobRun *run, StopLevel level, GError **error)
{
    gint64 deadline =
        run_clock_now(run->clock) + (gint64)run->job->planned->target->settings.lock_wait_ms * 1000;
    for (;;) {
        if (!try_lock(run, error))
            return false;
        gint64 left = deadline - run_clock_now(run->clock);
        if (run->locked || left <= 0 || !job_run_pause(run, MIN(left, LOCK_POLL_US), level))
            return true;
    }
}

/* ---- Where on the path the target stands ---- */

bool job_run_stands_before(const JobRun *run, const PlanStep *step)
{
    return rows_are_same(run->state->rows, step->before);
}

/* A step of a fill moves no row: the history tells whether it is behind the target already. */
static bool is_filled(const JobRun *run, const PlanStep *step)
{
    if (!step->revision || plan_step_moves_rows(step))
        return false;
    for (guint i = run->state->history->len; i-- > 0;) {
        const HistoryEntry *entry = run->state->history->pdata[i];
        if (g_str_equal(entry->revision, step->revision->id))
            return g_str_equal(entry->direction, direction_name(step->direction)) &&
                   g_str_equal(entry->state, HISTORY_DONE);
    }
    return false;
}

bool job_run_expect_before(JobRun *run, const PlanStep *step)
{
    bool readable = run->state->has_version_table && run->state->has_history;
    if (readable && job_run_stands_before(run, step))
        return true;
    GError *moved =
        db_error_new(DB_ERROR_HEADS_MOVED, NULL, "the heads are not those that the step begins with", NULL,
                     "plan again; look for another tool that writes the version table");
    job_run_fail(run, moved, step, NULL);
    return false;
}

/* Index of the step to begin with; the number of steps if the target is at the goal already; -1: it is
 * nowhere on the path. */
static gint entry_step(const JobRun *run)
{
    for (guint i = 0; i < run->path->steps->len; i++) {
        const PlanStep *step = &run->path->steps->first[i];
        if (job_run_stands_before(run, step) && !is_filled(run, step))
            return (gint)i;
    }
    return rows_are_same(run->state->rows, run->path->rows) ? (gint)run->path->steps->len : -1;
}

bool job_run_resumable(JobRun *run, const PlanStep *first, const HistoryEntry **unfinished)
{
    const HistoryEntry *open = target_state_unfinished(run->state);
    bool same = open && first->revision && g_str_equal(first->revision->id, open->revision) &&
                g_str_equal(direction_name(first->direction), open->direction);
    *unfinished = same ? open : NULL;
    bool settled = !open || run->path->command == PLAN_STAMP;
    if (settled || same || (open->intent == 0 && open->statements_done == 0))
        return true;
    g_autofree char *reason =
        g_strdup_printf("%s of revision %s stopped at statement %u of %u%s; go on with it first, or complete "
                        "or undo it by hand, then \"dbfleet stamp\"",
                        open->direction, open->revision, open->statements_done + 1, open->statements_total,
                        open->intent ? ", and whether that statement took effect is not settled" : "");
    job_run_set_outcome(run, OUTCOME_BLOCKED, reason);
    return false;
}

/* ---- Preparing the target ---- */

static const char *job_run_assumed(const JobRun *run)
{
    GHashTable *assume = run->options->assume;
    return assume ? g_hash_table_lookup(assume, run->job->planned->target->name) : NULL;
}

StepContext job_run_context(const JobRun *run)
{
    return (StepContext){.connection = run->connection,
                         .store = session_store(run->connection, run->options->version_table),
                         .run_id = run->options->run_id,
                         .plan_digest = run->job->control->plan_digest,
                         .applied_by = run->options->operator_name,
                         .assume = job_run_assumed(run),
                         .variables = run->variables.values,
                         .variable_references = run->variables.references,
                         .mask = run->variables.mask,
                         .lock = run->lock,
                         .last_seq = &run->state->last_seq};
}

static bool prepare_target(const JobRun *run, GError **error)
{
    const StepContext context = job_run_context(run);
    bool first_contact = run->state->rows[0] && run->state->history->len == 0;
    if (!probe_complete_tables(run->connection, &context.store, run->state, error))
        return false;
    if (!first_contact || run->path->command == PLAN_STAMP)
        return true;
    g_autofree char *applied = plan_path_applied_before(run->path);
    return !applied || step_baseline(&context, (const char *const *)run->state->rows, applied, error);
}

static bool resolve_variables(JobRun *run, GError **error)
{
    const FleetRunOptions *options = run->options;
    return target_variables_init(&run->variables, run->job->planned->target, options->variables,
                                 run->path->dialect, options->secrets, options->folder, error);
}

/* ---- Before the first step ---- */

static void set_not_locked(JobRun *run)
{
    if (job_run_stop_level(run) != STOP_NOT)
        job_run_set_outcome(run, OUTCOME_NOT_STARTED,
                            "the run stopped while this target was locked by another");
    else
        report_locked(run);
}

/* A table that the plan read and that is not there now, or that the server denies for a moment: without it
 * nothing of what was done is known. */
static bool has_lost_tables(const JobRun *run)
{
    const TargetState *planned = run->job->planned->state;
    return (planned->has_version_table && !run->state->has_version_table) ||
           (planned->has_history && !run->state->has_history);
}

/* With the lock held and the state read: the step to begin with; -1, with the outcome set, if there is none.
 */
static gint enter_path(JobRun *run)
{
    gint first = entry_step(run);
    /* In between with no history: what moved it was not dbfleet, so which revisions a baseline assumes is not
     * known. */
    bool moved_by_other = first > 0 && run->state->rows[0] && run->state->history->len == 0;
    g_strfreev(run->result->rows_before);
    run->result->rows_before = g_strdupv(run->state->rows);
    if (has_lost_tables(run)) {
        job_run_set_outcome(run, OUTCOME_STALE,
                            "its version table or history, which were there when it was planned, are not; "
                            "plan again");
        return -1;
    }
    if (first < 0 || moved_by_other) {
        job_run_set_outcome(run, OUTCOME_STALE, "its heads moved since it was planned; plan again");
        return -1;
    }
    if ((guint)first < run->path->steps->len)
        return first;
    run->result->rows_after = g_strdupv(run->state->rows);
    job_run_set_outcome(run, OUTCOME_UNCHANGED, "reached the goal meanwhile");
    return -1;
}

static void note_server(JobRun *run)
{
    run->result->server_version = intern_text(run->connection->server.version);
}

/* A server may have closed the probe's connection while it was left alone, which is nobody's failure: with
 * nothing begun, another one is as good. */
static bool open_and_lock(JobRun *run, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (job_run_open_spare(run)) {
        note_server(run);
        if (job_run_wait_for_lock(run, STOP_AT_STEP, &problem))
            return true;
        if (!g_error_matches(problem, DB_ERROR, DB_ERROR_CONNECTION_LOST)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        job_run_close(run);
    }
    if (!job_run_open(run, error))
        return false;
    note_server(run);
    return job_run_wait_for_lock(run, STOP_AT_STEP, error);
}

/* Connects, locks, finds the place on the path, prepares the target: nothing of it counts twice, so it can be
 * done again. *first: the step to begin with; -1, with the outcome set, if there is none. */
static bool begin_target(JobRun *run, gint *first, GError **error)
{
    *first = -1;
    if (!open_and_lock(run, error))
        return false;
    if (run->locked)
        *first = enter_path(run);
    else
        set_not_locked(run);
    if (*first < 0)
        return true;
    if (!job_run_backup(run, error))
        return false;
    if (run->result->backup && job_run_stopped(run, 0, run->path->steps->len - (guint)*first))
        *first = -1;
    return *first < 0 || prepare_target(run, error);
}

/* A first connect that fails is tried again only where the server answered that it is busy. */
static bool may_begin_again(const JobRun *run, const GError *error)
{
    return run->result->server_version ? error_is_absence(error) : error_is_transient(error);
}

/* The same, tried again as the target's retry settings say; false with the outcome set. */
static bool begin_patiently(JobRun *run, gint *first)
{
    GError *error = NULL;
    Backoff backoff;
    backoff_init(&backoff, run->retry, run->clock);
    while (!begin_target(run, first, &error)) {
        bool connected = run->connection != NULL;
        gint64 wait = may_begin_again(run, error) ? backoff_next(&backoff) : -1;
        job_run_close(run);
        if (wait < 0 || !job_run_pause(run, wait, STOP_AT_STEP)) {
            job_run_fail(run, error, NULL, NULL);
            if (!connected)
                run->result->outcome = OUTCOME_UNREACHABLE;
            return false;
        }
        job_run_tell_retry(run, error->message);
        g_clear_error(&error);
    }
    return true;
}

/* ---- The end ---- */

/* The version rows as the target has them now; NULL with an error. */
static char **read_rows(const JobRun *run, GError **error)
{
    VersionStore store = session_store(run->connection, run->options->version_table);
    g_autofree char *query = version_store_select_rows(&store);
    g_autoptr(GError) problem = NULL;
    g_autoptr(RowSet) rows = connection_query(run->connection, query, &problem);
    if (g_error_matches(problem, DB_ERROR, DB_ERROR_CANCELLED)) { /* the cancel was meant for a step */
        g_clear_error(&problem);
        rows = connection_query(run->connection, query, &problem);
    }
    if (!rows) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    return session_rows_from(rows);
}

/* A connection that breaks here changes nothing of what the target is at: connects again and reads. With
 * nothing to prove it is not worth more than one try. */
static char **read_rows_again(JobRun *run, bool good)
{
    bool back = good ? job_run_reconnect(run) : job_run_reconnect_once(run);
    return back && run->state->has_version_table ? g_strdupv(run->state->rows) : NULL;
}

static void set_not_read(JobRun *run, GError *error)
{
    bool lost = error_is_transient(error);
    job_run_fail(run, error, NULL, NULL);
    if (lost)
        job_run_set_outcome(run, OUTCOME_UNKNOWN,
                            "every step was done, but the connection broke before the heads could be read "
                            "back; run \"dbfleet status\" when the target answers");
}

static void judge_rows(JobRun *run)
{
    if (rows_are_same(run->result->rows_after, run->path->rows)) {
        job_run_set_outcome(run, OUTCOME_DONE, NULL);
        return;
    }
    g_autofree char *found = g_strjoinv(", ", run->result->rows_after);
    GError *moved =
        db_error_new(DB_ERROR_HEADS_MOVED, NULL, "the heads read back at the end are not those expected",
                     found, "look for another tool that writes the version table");
    job_run_fail(run, moved, NULL, NULL);
}

/* The report speaks from what the target says, not from what was sent. */
static void read_back(JobRun *run, bool good)
{
    GError *error = NULL;
    run->locked &= !run->closing.unlocked;
    run->result->rows_after =
        good && run->closing.rows ? g_steal_pointer(&run->closing.rows) : read_rows(run, &error);
    if (!run->result->rows_after && error_is_transient(error))
        run->result->rows_after = read_rows_again(run, good);
    if (run->result->rows_after)
        g_clear_error(&error);
    if (good && error)
        set_not_read(run, error);
    else if (good)
        judge_rows(run);
    else
        g_clear_error(&error);
}

/* ---- The whole ---- */

static void run_path(JobRun *run, guint first)
{
    StepContext context = job_run_context(run);
    bool one = run->job->planned->target->settings.transaction_target && run->path->command != PLAN_STAMP;
    bool good = one ? job_run_in_one_transaction(run, &context, first) : job_run_steps(run, &context, first);
    if (run->connection &&
        run->result->outcome != OUTCOME_UNKNOWN) /* without the lock it would tell nothing */
        read_back(run, good);
}

static void run_target(JobRun *run)
{
    GError *error = NULL;
    gint first = -1;
    if (!resolve_variables(run, &error)) {
        job_run_fail(run, error, NULL, NULL);
        return;
    }
    if (begin_patiently(run, &first) && first >= 0)
        run_path(run, (guint)first);
    if (run->connection && run->locked)
        run->connection->driver->unlock(run->connection, run->lock);
    job_run_close(run);
}

static void job_run_clear(JobRun *self)
{
    g_free(self->lock);
    g_free(self->blocker);
    target_state_free(self->state);
    g_strfreev(self->closing.rows);
    target_variables_clear(&self->variables);
}

void target_job_work(gpointer item, gpointer context)
{
    TargetJob *job = item;
    RunControl *control = context;
    gint64 begin = run_clock_now(control->clock);
    JobRun run = {.job = job,
                  .result = job->found,
                  .path = job->planned->path,
                  .options = control->options,
                  .clock = control->clock,
                  .retry = &job->planned->target->settings.retry,
                  .state = target_state_new()};
    run.result->outcome = OUTCOME_NOT_STARTED;
    run.result->started_us = run_clock_real(control->clock);
    if (!job_run_stopped(&run, 0, run.path->steps->len))
        run_target(&run);
    run.result->duration_us = run_clock_now(control->clock) - begin;
    job_run_clear(&run);
    JobEvent *event = g_new0(JobEvent, 1);
    event->job = job;
    event->finished = true;
    queue_push(control->events, event);
}
