/* A run at work: what fleet_run.c (targets out and back) and fleet_stop.c (what holds it up or ends it)
 * share. Main thread. */
#pragma once

#include "run/fleet_run.h"
#include "run/run_record_internal.h"
#include "run/target_job_internal.h"

/* One run at work. */
typedef struct FleetRun {
    RunResult *result;
    const Plan *plan;
    const FleetRunOptions *options;
    const FleetRunWatch *watch;
    RunControl control;
    Scheduler *scheduler;
    Pool *pool;
    GPtrArray *pending;  /* of const PlanTarget *, in the order to start */
    GPtrArray *targets;  /* of const Target *, the same */
    GPtrArray *servers;  /* of char *: the server of each of them (server_keys.h) */
    GArray *places;      /* of guint: where each stands in the plan and the result */
    GHashTable *running; /* TargetJob * as a set */
    RunRecord record;
    gint64 stop_starting_us; /* since 1970: from then on no target starts; 0: no such time */
    unsigned signals_seen;
    bool halt_told;
} FleetRun;

void fleet_run_notice(const FleetRun *self, const char *text);
/* Tells of a halt once, and does with running targets what on_halt says. */
void fleet_run_tell_halt(FleetRun *self);
/* What interrupts ask for; sees to it that what is to be cancelled is. */
void fleet_run_take_signals(FleetRun *self);
/* Once the time to start targets is over, none starts any more. Before each look for one. */
void fleet_run_keep_window(FleetRun *self);
/* What was asked for from another shell. */
void fleet_run_take_requests(FleetRun *self);
