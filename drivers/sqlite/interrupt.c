/* Stopping a SQLite statement: time limits, waiting for locks, and cancelling from another thread.
 *
 * Owns both handlers that the library calls while a statement runs: the busy handler (another connection
 * holds the file's lock) and the progress handler (every so many steps of its virtual machine). Refuses to
 * decide what an error means: it leaves the reason in `stop`, errors.c reads it. All but sqlite_cancel() run
 * in the thread that owns the connection.
 *
 * A request to cancel is kept until an error has told it: sqlite3_interrupt() alone is lost when it comes
 * between two statements. */
#include "drivers/sqlite/sqlite_internal.h"

/* Steps of the virtual machine between two looks at the clock: some 10 microseconds. */
#define STEPS_BETWEEN_CHECKS 1000

/* Deadlines by the monotonic clock, in microseconds; 0: none. */
static gint64 deadline_in(unsigned milliseconds)
{
    return milliseconds ? g_get_monotonic_time() + (gint64)milliseconds * 1000 : 0;
}

static bool deadline_passed(gint64 deadline)
{
    return deadline && g_get_monotonic_time() >= deadline;
}

static bool must_stop(SqliteConnection *self)
{
    if (self->unstoppable)
        return false;
    if (sqlite_cancel_is_pending(self))
        self->stop = STOP_CANCELLED;
    else if (deadline_passed(self->statement_deadline))
        self->stop = STOP_TIMEOUT;
    return self->stop != STOP_NONE;
}

/* Progress handler: not 0 interrupts the statement (https://www.sqlite.org/c3ref/progress_handler.html). */
static int on_progress(void *data)
{
    return must_stop(data);
}

/* Busy handler: 0 gives up with SQLITE_BUSY, else the lock is tried again; `attempts` counts from 0 for each
 * lock (https://www.sqlite.org/c3ref/busy_handler.html). The naps stay short: a cancel cannot wake us. */
static int on_busy(void *data, int attempts)
{
    static const unsigned char naps_ms[] = {1, 2, 5, 10, 15, 20, 25};
    SqliteConnection *self = data;
    if (attempts == 0)
        self->lock_deadline = deadline_in(self->lock_timeout_ms);
    if (must_stop(self) || deadline_passed(self->lock_deadline))
        return 0;
    g_usleep(1000UL * naps_ms[MIN((gsize)attempts, G_N_ELEMENTS(naps_ms) - 1)]);
    return 1;
}

void sqlite_watch(SqliteConnection *self)
{
    sqlite3_busy_handler(self->db, on_busy, self);
    sqlite3_progress_handler(self->db, STEPS_BETWEEN_CHECKS, on_progress, self);
}

void sqlite_watch_begin(SqliteConnection *self, unsigned timeout_ms, bool unstoppable)
{
    self->unstoppable = unstoppable;
    self->stop = STOP_NONE;
    self->statement_deadline = deadline_in(timeout_ms);
}

bool sqlite_cancel_is_pending(const SqliteConnection *self)
{
    return atomic_load(&self->cancelled);
}

/* Under the guard, so that the interrupt of a request that is over cannot hit the ROLLBACK that follows. */
void sqlite_cancel_consume(SqliteConnection *self)
{
    pthread_mutex_lock(&self->cancel_guard);
    atomic_store(&self->cancelled, false);
    pthread_mutex_unlock(&self->cancel_guard);
}

void sqlite_cancel(Connection *base)
{
    SqliteConnection *self = (SqliteConnection *)base;
    pthread_mutex_lock(&self->cancel_guard);
    atomic_store(&self->cancelled, true);
    if (self->db)
        sqlite3_interrupt(self->db);
    pthread_mutex_unlock(&self->cancel_guard);
}
