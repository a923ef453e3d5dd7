/* Clock: where a run takes its time, its sleeps and its chance from. Handed in, so that a simulation can
 * bring a clock of its own. Immutable; any thread may call. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct RunClock {
    gpointer context;
    gint64 (*now_us)(gpointer context);  /* never runs backwards; counts from anywhere */
    gint64 (*real_us)(gpointer context); /* since 1970 */
    void (*sleep_us)(gpointer context, gint64 us);
    double (*chance)(gpointer context); /* 0 to 1, 1 excluded */
} RunClock;

/* The system's. */
const RunClock *run_clock_system(void);

gint64 run_clock_now(const RunClock *self);
gint64 run_clock_real(const RunClock *self);
double run_clock_chance(const RunClock *self);
/* Sleeps; false, within a tenth of a second, as soon as `stopped` says so (NULL: nothing does). */
bool run_clock_wait(const RunClock *self, gint64 us, bool (*stopped)(gconstpointer context),
                    gconstpointer context);
