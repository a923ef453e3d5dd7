/* Job recover: what a target's job does once its connection is gone: connects again, takes the lock, which
 * the old session holds while it is still at work on the server, and only then reads. Guesses nothing. Worker
 * thread. */
#include "run/job/job_run_internal.h"
#include "run/session.h"

static bool come_back(JobRun *run, GError **error)
{
    job_run_close(run);
    return job_run_open(run, error) && job_run_wait_for_lock(run, STOP_NOW, error);
}

/* Without the lock a connection is of no use, and nor is the lock where the state could not be read: what was
 * read before is not what the target is at now. */
static bool keep_if_known(JobRun *run, bool is_read)
{
    bool known = is_read && run->locked;
    if (!known)
        job_run_close(run);
    return known;
}

bool job_run_reconnect_once(JobRun *run)
{
    return keep_if_known(run, come_back(run, NULL));
}

static bool reconnect(JobRun *run, Backoff *backoff)
{
    for (;;) {
        g_autoptr(GError) error = NULL;
        bool is_read = come_back(run, &error);
        if (is_read || !error_is_absence(error))
            return keep_if_known(run, is_read);
        job_run_close(run);
        gint64 wait = backoff_next(backoff);
        if (wait < 0 || !job_run_pause(run, wait, STOP_NOW))
            return false;
    }
}

bool job_run_reconnect(JobRun *run)
{
    Backoff backoff;
    backoff_init_until(&backoff, run->retry, run->clock);
    return reconnect(run, &backoff);
}

/* How far a journaled step came; a step in a transaction that was not done left no row. */
static LostStep lost_step_from(char *const *row, StepAttempt *attempt)
{
    static const char *const states[] = {HISTORY_DONE, HISTORY_RUNNING, HISTORY_FAILED,
                                         HISTORY_VERIFY_FAILED};
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (g_str_equal(row[HISTORY_STATE], states[i]))
            attempt->state = states[i];
    attempt->done = (unsigned)g_ascii_strtoull(row[HISTORY_STATEMENTS_DONE], NULL, 10);
    attempt->intent = (unsigned)g_ascii_strtoull(row[HISTORY_INTENT], NULL, 10);
    return g_strcmp0(attempt->state, HISTORY_DONE) == 0 ? LOST_DONE : LOST_NOT_DONE;
}

static LostStep read_lost_step(JobRun *run, StepAttempt *attempt, GError **error)
{
    if (!attempt->step_id)
        return LOST_NOT_DONE; /* the connection broke before anything of it was sent */
    VersionStore store = session_store(run->connection, run->options->version_table);
    g_autofree char *query = version_store_select_step(&store, attempt->step_id);
    g_autoptr(RowSet) rows = connection_query(run->connection, query, error);
    if (!rows)
        return LOST_UNKNOWN;
    return rows->rows->len ? lost_step_from(rows->rows->pdata[0], attempt) : LOST_NOT_DONE;
}

/* A connection that breaks once more is no answer. */
LostStep job_run_settle_lost(JobRun *run, StepAttempt *attempt)
{
    LostStep lost = LOST_UNKNOWN;
    bool again = true;
    Backoff backoff;
    backoff_init_until(&backoff, run->retry, run->clock);
    while (lost == LOST_UNKNOWN && again && reconnect(run, &backoff)) {
        g_autoptr(GError) error = NULL;
        lost = read_lost_step(run, attempt, &error);
        gint64 wait = lost == LOST_UNKNOWN && error_is_absence(error) ? backoff_next(&backoff) : -1;
        again = wait >= 0 && job_run_pause(run, wait, STOP_NOW);
    }
    if (lost == LOST_UNKNOWN && attempt->step_id)
        attempt->state = STATE_UNKNOWN;
    return lost;
}
