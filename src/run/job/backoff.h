/* Backoff: how long to wait before something is tried again, and whether it is. Pure but for the clock handed
 * in. */
#pragma once

#include "drivers/driver.h"
#include "inventory/fleet.h"
#include "run/clock.h"

typedef struct Backoff {
    RetrySettings settings;
    const RunClock *clock;
    unsigned failures;
    gint64 first_us; /* when the first of them was */
} Backoff;

/* For attempts of one kind, none of which has failed yet. */
void backoff_init(Backoff *self, const RetrySettings *settings, const RunClock *clock);
/* The same with no limit of attempts, for what must be found out: only the total time ends it. */
void backoff_init_until(Backoff *self, const RetrySettings *settings, const RunClock *clock);
/* After a failure: microseconds to wait before the next attempt; -1: there is none. */
gint64 backoff_next(Backoff *self);

/* True if the same may go well a moment later: a lock timeout, a deadlock, a lost connection, a busy server.
 */
bool error_is_transient(const GError *error);
/* True if connecting may go well later, to a server that was there before. */
bool error_is_absence(const GError *error);
