/* Target job: takes one target along its path, on a worker thread. The target is the truth: rows and history
 * are read under the lock, the path is entered where the target stands, and the heads are read back at the
 * end. A step whose outcome is lost with its connection is found out by reconnecting and taking the lock,
 * never guessed. Prints nothing, retries no statement. */
#include "run/job_run_internal.h"
#include "run/probe.h"
#include <string.h>

#define LOCK_POLL_US (G_USEC_PER_SEC / 5)
/* A cancel that came between two statements was lost; one that comes too soon after another would hit the
 * cleaning up. */
#define CANCEL_AGAIN_US (3 * G_USEC_PER_SEC)

TargetJob *target_job_new(unsigned index, const PlanTarget *planned, RunControl *control)
{
    TargetJob *self = g_new0(TargetJob, 1);
    self->index = index;
    self->planned = planned;
    self->control = control;
    self->found = target_result_new();
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
    gint64 now = g_get_monotonic_time();
    pthread_mutex_lock(&self->mutex);
    if (self->connection && now - self->cancelled_at >= CANCEL_AGAIN_US) {
        self->cancelled_at = now;
        connection_cancel(self->connection);
    }
    pthread_mutex_unlock(&self->mutex);
}

int job_run_stop_level(const JobRun *run)
{
    return atomic_load(&run->job->control->stop);
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
    failure_free(run->result->failure);
    run->result->failure = failure_from_error(owned, step, attempt, run->variables.mask);
    job_run_set_outcome(run, cancelled ? OUTCOME_CANCELLED : OUTCOME_FAILED, run->result->failure->message);
}

/* ---- Connecting ---- */

static void publish_connection(JobRun *run, Connection *connection)
{
    pthread_mutex_lock(&run->job->mutex);
    run->job->connection = connection;
    pthread_mutex_unlock(&run->job->mutex);
}

bool job_run_open(JobRun *run, GError **error)
{
    const SessionOptions session = {
        .secrets = run->options->secrets, .folder = run->options->folder, .run_id = run->options->run_id};
    run->connection = session_open(run->job->planned->target, &session, error);
    if (!run->connection)
        return false;
    publish_connection(run, run->connection);
    if (!run->lock)
        run->lock = lock_key(&run->connection->server, run->options->version_table);
    return true;
}

void job_run_close(JobRun *run)
{
    publish_connection(run, NULL);
    g_clear_pointer(&run->connection, connection_close);
}

/* ---- Locking, and reading under the lock ---- */

/* One try: true if the lock was taken and the state read with it. */
static bool try_lock(JobRun *run, bool *held, GError **error)
{
    VersionStore store = session_store(run->connection, run->options->version_table);
    g_autoptr(Batch) batch = session_state_batch(&store);
    g_auto(BatchResult) rows = {0};
    g_autoptr(GError) problem = NULL;
    const Driver *driver = run->connection->driver;
    if (!driver->try_lock(run->connection, run->lock, batch, held, &rows, &problem)) {
        if (!*held || !g_error_matches(problem, DB_ERROR, DB_ERROR_UNDEFINED_TABLE)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        connection_rollback(run->connection);
    }
    if (*held)
        session_state_from(&rows, run->state);
    return true;
}

static void report_locked(JobRun *run)
{
    g_autofree char *holder = run->connection->driver->lock_holder(run->connection, run->lock);
    g_autofree char *reason = g_strdup_printf("another dbfleet works on this target (%s); waited %.1f s",
                                              holder ? holder : "who is not known",
                                              run->job->planned->target->settings.lock_wait_ms / 1000.0);
    job_run_set_outcome(run, OUTCOME_LOCKED, reason);
}

/* Polls until the lock is had, lock_wait is over, or the run is stopped; *held tells. */
bool job_run_wait_for_lock(JobRun *run, bool *held, GError **error)
{
    gint64 deadline =
        g_get_monotonic_time() + (gint64)run->job->planned->target->settings.lock_wait_ms * 1000;
    for (;;) {
        *held = false;
        if (!try_lock(run, held, error))
            return false;
        gint64 left = deadline - g_get_monotonic_time();
        if (*held || left <= 0 || job_run_stop_level(run) != STOP_NOT)
            return true;
        g_usleep((gulong)MIN(left, LOCK_POLL_US));
    }
}

/* ---- Where on the path the target stands ---- */

bool job_run_stands_before(const JobRun *run, const PlanStep *step)
{
    return rows_are_same(run->state->rows, step->move->before);
}

/* A step of a fill moves no row: the history tells whether it is behind the target already. */
static bool is_filled(const JobRun *run, const PlanStep *step)
{
    if (!step->revision || step->move->removed[0] || step->move->added[0])
        return false;
    for (guint i = run->state->history->len; i-- > 0;) {
        const HistoryEntry *entry = run->state->history->pdata[i];
        if (g_str_equal(entry->revision, step->revision->id))
            return g_str_equal(entry->direction, direction_name(step->direction)) &&
                   g_str_equal(entry->state, HISTORY_DONE);
    }
    return false;
}

/* Index of the step to begin with; the number of steps if the target is at the goal already; -1: it is
 * nowhere on the path. */
static gint entry_step(const JobRun *run)
{
    for (guint i = 0; i < run->path->steps->len; i++) {
        const PlanStep *step = run->path->steps->pdata[i];
        if (job_run_stands_before(run, step) && !is_filled(run, step))
            return (gint)i;
    }
    return rows_are_same(run->state->rows, run->path->move->rows) ? (gint)run->path->steps->len : -1;
}

bool job_run_resumable(JobRun *run, const PlanStep *first, const HistoryEntry **unfinished)
{
    const HistoryEntry *open = target_state_unfinished(run->state);
    bool same = open && first->revision && g_str_equal(first->revision->id, open->revision) &&
                g_str_equal(direction_name(first->direction), open->direction);
    *unfinished = same ? open : NULL;
    bool settled = !open || run->path->command == PLAN_STAMP;
    if (settled || (open->intent == 0 && (same || open->statements_done == 0)))
        return true;
    g_autofree char *reason =
        g_strdup_printf("%s of revision %s stopped at statement %u of %u%s; complete or undo it by hand, "
                        "then \"dbfleet stamp\"",
                        open->direction, open->revision, open->statements_done + 1, open->statements_total,
                        open->intent ? ", and whether that statement took effect is not known" : "");
    job_run_set_outcome(run, OUTCOME_BLOCKED, reason);
    return false;
}

/* ---- Preparing the target ---- */

static bool prepare_target(JobRun *run, const StepContext *context, GError **error)
{
    bool first_contact = run->state->rows[0] && run->state->history->len == 0;
    bool has_tables = run->state->has_version_table && run->state->has_history;
    if (!has_tables && !probe_create_tables(run->connection, &context->store, error))
        return false;
    if (!first_contact || run->path->command == PLAN_STAMP || !run->path->applied_before)
        return true;
    return step_baseline(context, (const char *const *)run->state->rows, run->path->applied_before, error);
}

static bool resolve_variables(JobRun *run, GError **error)
{
    const FleetRunOptions *options = run->options;
    return target_variables_init(&run->variables, run->job->planned->target, options->variables,
                                 run->path->dialect, options->secrets, options->folder, error);
}

/* ---- The end ---- */

/* The report speaks from what the target says, not from what was sent. */
static void read_back(JobRun *run, bool good)
{
    g_autoptr(GError) error = NULL;
    VersionStore store = session_store(run->connection, run->options->version_table);
    g_autofree char *query = version_store_select_rows(&store);
    g_autoptr(RowSet) rows = connection_query(run->connection, query, &error);
    if (g_error_matches(error, DB_ERROR, DB_ERROR_CANCELLED)) { /* the cancel was meant for a step */
        g_clear_error(&error);
        rows = connection_query(run->connection, query, &error);
    }
    if (!rows) {
        if (good)
            job_run_fail(run, g_error_copy(error), NULL, NULL);
        return;
    }
    g_autoptr(GStrvBuilder) heads = g_strv_builder_new();
    for (guint i = 0; i < rows->rows->len; i++)
        g_strv_builder_add(heads, ((char **)rows->rows->pdata[i])[0]);
    run->result->rows_after = g_strv_builder_end(heads);
    if (!good)
        return;
    if (rows_are_same(run->result->rows_after, run->path->move->rows)) {
        job_run_set_outcome(run, OUTCOME_DONE, NULL);
        return;
    }
    g_autofree char *found = g_strjoinv(", ", run->result->rows_after);
    GError *moved =
        db_error_new(DB_ERROR_HEADS_MOVED, NULL, "the heads read back at the end are not those expected",
                     found, "look for another tool that writes the version table");
    job_run_fail(run, moved, NULL, NULL);
}

static void run_path(JobRun *run, guint first)
{
    GError *error = NULL;
    StepContext context = {.connection = run->connection,
                           .store = session_store(run->connection, run->options->version_table),
                           .run_id = run->options->run_id,
                           .plan_digest = run->job->control->plan_digest,
                           .applied_by = run->options->operator_name,
                           .variables = run->variables.values,
                           .variable_references = run->variables.references,
                           .mask = run->variables.mask};
    if (!prepare_target(run, &context, &error)) {
        job_run_fail(run, error, NULL, NULL);
        return;
    }
    bool one = run->job->planned->target->settings.transaction_target && run->path->command != PLAN_STAMP;
    bool good = one ? job_run_in_one_transaction(run, &context, first) : job_run_steps(run, &context, first);
    if (run->connection &&
        run->result->outcome != OUTCOME_UNKNOWN) /* without the lock it would tell nothing */
        read_back(run, good);
}

/* With the lock held and the state read: enters the path where the target stands. */
static void run_locked(JobRun *run)
{
    run->result->rows_before = g_strdupv(run->state->rows);
    gint first = entry_step(run);
    /* In between with no history: what moved it was not dbfleet, so which revisions a baseline assumes is not
     * known. */
    bool moved_by_other = first > 0 && run->state->rows[0] && run->state->history->len == 0;
    if (first < 0 || moved_by_other) {
        job_run_set_outcome(run, OUTCOME_STALE, "its heads moved since it was planned; plan again");
        return;
    }
    if ((guint)first == run->path->steps->len) {
        run->result->rows_after = g_strdupv(run->state->rows);
        job_run_set_outcome(run, OUTCOME_UNCHANGED, "reached the goal meanwhile");
        return;
    }
    run_path(run, (guint)first);
}

static void run_connected(JobRun *run)
{
    GError *error = NULL;
    bool held = false;
    g_free(run->result->server_version);
    run->result->server_version = g_strdup(run->connection->server.version);
    if (!job_run_wait_for_lock(run, &held, &error))
        job_run_fail(run, error, NULL, NULL);
    else if (!held && job_run_stop_level(run) != STOP_NOT)
        job_run_set_outcome(run, OUTCOME_NOT_STARTED,
                            "the run stopped while this target was locked by another");
    else if (!held)
        report_locked(run);
    else
        run_locked(run);
    if (held && run->connection)
        run->connection->driver->unlock(run->connection, run->lock);
}

static void run_target(JobRun *run)
{
    GError *error = NULL;
    if (!resolve_variables(run, &error)) {
        job_run_fail(run, error, NULL, NULL);
        return;
    }
    if (!job_run_open(run, &error)) {
        job_run_fail(run, error, NULL, NULL);
        run->result->outcome = OUTCOME_UNREACHABLE;
        return;
    }
    run_connected(run);
    job_run_close(run);
}

static void job_run_clear(JobRun *self)
{
    g_free(self->lock);
    target_state_free(self->state);
    target_variables_clear(&self->variables);
}

void target_job_work(gpointer item, gpointer context)
{
    TargetJob *job = item;
    RunControl *control = context;
    gint64 begin = g_get_monotonic_time();
    JobRun run = {.job = job,
                  .result = job->found,
                  .path = job->planned->path,
                  .options = control->options,
                  .state = target_state_new()};
    run.result->outcome = OUTCOME_NOT_STARTED;
    run.result->started_us = g_get_real_time();
    if (!job_run_stopped(&run, 0, run.path->steps->len))
        run_target(&run);
    run.result->duration_us = g_get_monotonic_time() - begin;
    job_run_clear(&run);
    JobEvent *event = g_new0(JobEvent, 1);
    event->job = job;
    event->finished = true;
    queue_push(control->events, event);
}
