/* Pace: what the targets that are done teach about the rest of a run: when it will be over, and which target
 * at work is far slower than its like. Owns what is known of each target at work; decides nothing about the
 * run. Main thread; for fleet_run.c. */
#pragma once

#include "run/clock.h"
#include "run/estimate.h"

typedef struct Pace Pace;

typedef struct PaceOptions {
    const RunClock *clock;
    /* "takes 2m 05s in 4b1f…, of 3 targets the median is 4.2 s; waits for a lock …", once for each step */
    void (*tell)(gpointer context, const char *target, const char *text);
    gpointer context;
} PaceOptions;

Pace *pace_new(const PaceOptions *options);
void pace_free(Pace *self);

void pace_step(Pace *self, const char *target, const char *revision);
/* Whom the target waits for; NULL: the wait is over. */
void pace_lock(Pace *self, const char *target, const char *blocker);
/* One that was called out adds what became of it to `warnings`. */
void pace_finished(Pace *self, const TargetResult *target, GPtrArray *warnings);
/* What it took is what others will take. */
void pace_learn(Pace *self, const TargetResult *target);

/* A target that has not come to its end. */
typedef struct PaceTarget {
    const TargetResult *target;
    const RunPath *path; /* NULL: not known */
    const char *server;
    unsigned per_host;
} PaceTarget;
/* How long `targets` of one wave take from now; -1: not known yet. */
gint64 pace_left_us(const Pace *self, const PaceTarget *targets, guint count, unsigned jobs);

/* Calls out who is slow; about once a second is enough. */
void pace_look(Pace *self);
