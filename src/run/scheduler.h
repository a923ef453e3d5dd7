/* Scheduler: which target may start next, and whether any may. Pure decisions over values: no thread, no
 * clock, no connection, so that they can be simulated. Limits: jobs, per_host (targets at work on one
 * server), concurrency of a group and every group above it; budgets: failures and unreachable targets, of the
 * run and of a wave. Exceeded means halt: no further target is started. One thread at a time. */
#pragma once

#include "inventory/fleet.h"

/* A budget as a user writes it: "0", "5" or "2.5%" (of the targets in the run, rounded down). */
typedef struct Budget {
    bool is_share;
    double value;
} Budget;
bool budget_parse(const char *text, Budget *budget);
unsigned budget_limit(const Budget *self, unsigned targets);

typedef struct SchedulerLimits {
    unsigned jobs;
    /* The server that each target is on (server_keys.h); outlives the scheduler. NULL: as its URL spells it
     */
    const GPtrArray *servers;
    unsigned per_host; /* stricter of this and the target's own; 0: only the target's own */
    Budget max_failures;
    Budget max_unreachable;      /* shares are of the targets with those found unreachable before */
    unsigned unreachable_before; /* found so when the run was planned; they count */
    bool is_capped;              /* then these hold besides: a plan file's, which a run may not loosen */
    Budget most_failures;
    Budget most_unreachable;
} SchedulerLimits;

/* The part of a run that may start: its budgets hold besides those of the run. */
typedef struct SchedulerWave {
    const char *name;              /* borrowed as long as the scheduler */
    unsigned targets;              /* so many of those not started, in order */
    const Budget *max_failures;    /* NULL: only the run's. A share is of `targets` */
    const Budget *max_unreachable; /* the same, with those found unreachable before */
    unsigned unreachable_before;
} SchedulerWave;

typedef enum SchedulerOutcome { SCHEDULER_GOOD, SCHEDULER_FAILED, SCHEDULER_UNREACHABLE } SchedulerOutcome;

typedef struct Scheduler Scheduler;

/* `targets`: const Target *, in the order to start; referenced. */
Scheduler *scheduler_new(GPtrArray *targets, const SchedulerLimits *limits);
void scheduler_free(Scheduler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scheduler, scheduler_free)

/* From now on the next wave.targets targets may start, and no others, until the next call; without any call
 * all may. What finishes counts for this wave's budgets: call it when nobody is at work. */
void scheduler_begin_wave(Scheduler *self, const SchedulerWave *wave);
/* Index of a target that may start now, and marks it started; -1: none may (limits, halt, or nothing is
 * left). */
gint scheduler_next(Scheduler *self);
/* Whether targets may start on a server, called as in the limits; what runs there goes on. */
void scheduler_hold(Scheduler *self, const char *server, bool held);
/* Whether a target of that server (NULL: any) could start now but for the limits. */
bool scheduler_waits_on(const Scheduler *self, const char *server);
/* How many wait only because their server is held. */
unsigned scheduler_held(const Scheduler *self);
void scheduler_finished(Scheduler *self, unsigned index, SchedulerOutcome outcome);
/* No further target starts, for a reason from outside (a signal, a full ledger). The first reason stays. */
void scheduler_halt(Scheduler *self, const char *reason);
/* No further target starts, since the time for it is over: what runs goes on, and a budget that is exceeded
 * later still halts. The first reason stays. */
void scheduler_close(Scheduler *self, const char *reason);
/* True while nothing else has halted it. */
bool scheduler_is_closed(const Scheduler *self);
/* NULL while not halted or closed; else why: "2 targets failed, max_failures is 1". */
const char *scheduler_halted(const Scheduler *self);
unsigned scheduler_running(const Scheduler *self);
/* True if it is halted because more targets failed than may; those that could not be reached are none. */
bool scheduler_failed_too_often(const Scheduler *self);
unsigned scheduler_left(const Scheduler *self);      /* not started */
unsigned scheduler_wave_left(const Scheduler *self); /* of the wave, or of all where there is none */
