/* Backoff: waits that double from the initial to the maximum, less a random part so that many targets do not
 * come back together; and the classes of errors that are tried again at all. Worker threads, each its own. */
#include "run/job/backoff.h"

#define LEAST_WAIT_US (G_USEC_PER_SEC / 5) /* where attempts have no limit */

static const DbErrorClass transient_classes[] = {DB_ERROR_LOCK_TIMEOUT, DB_ERROR_DEADLOCK,
                                                 DB_ERROR_CONNECTION_LOST, DB_ERROR_BUSY};
static const DbErrorClass absence_classes[] = {DB_ERROR_UNREACHABLE, DB_ERROR_READ_ONLY};

static bool is_one_of(const GError *error, const DbErrorClass *classes, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (g_error_matches(error, DB_ERROR, (gint)classes[i]))
            return true;
    return false;
}

bool error_is_transient(const GError *error)
{
    return is_one_of(error, transient_classes, G_N_ELEMENTS(transient_classes));
}

bool error_is_absence(const GError *error)
{
    return error_is_transient(error) || is_one_of(error, absence_classes, G_N_ELEMENTS(absence_classes));
}

void backoff_init(Backoff *self, const RetrySettings *settings, const RunClock *clock)
{
    *self = (Backoff){.settings = *settings, .clock = clock};
}

void backoff_init_until(Backoff *self, const RetrySettings *settings, const RunClock *clock)
{
    backoff_init(self, settings, clock);
    self->settings.attempts = 0;
}

/* Before the random part is taken off. */
static gint64 full_wait(const Backoff *self)
{
    gint64 longest = self->settings.maximum_ms ? self->settings.maximum_ms : G_MAXUINT;
    gint64 wait = self->settings.initial_ms;
    for (unsigned i = 1; i < self->failures && wait < longest; i++)
        wait *= 2;
    return MIN(wait, longest) * 1000;
}

gint64 backoff_next(Backoff *self)
{
    gint64 now = run_clock_now(self->clock);
    if (self->failures++ == 0)
        self->first_us = now;
    if (self->settings.attempts && self->failures >= self->settings.attempts)
        return -1;
    gint64 wait = (gint64)((double)full_wait(self) * (1 - run_clock_chance(self->clock) / 2));
    if (!self->settings.attempts)
        wait = MAX(wait, LEAST_WAIT_US);
    gint64 total = (gint64)self->settings.total_ms * 1000;
    return total && now - self->first_us + wait > total ? -1 : wait;
}
