/* A run at work: what fleet_run.c (targets out and back), fleet_stop.c (what holds it up or ends it) and
 * wave_run.c (one wave after the other) share. Main thread. */
#pragma once

#include "run/fleet_run.h"
#include "run/gates/throttle.h"
#include "run/job/target_job.h"
#include "run/ledger/run_record.h"
#include "run/pace_internal.h"

/* Where a run is in its waves. */
typedef struct WaveRun {
    guint current;           /* index into result->waves; their number: all are over */
    bool any_begun;          /* some wave had its turn in this run */
    gint64 soak_until;       /* run_clock_now() */
    GHashTable *errors;      /* signatures of failures of earlier waves: set of texts */
    GHashTable *wave_errors; /* of this one */
    bool judges_errors;      /* there were earlier waves */
    bool is_cut;             /* all targets of the run were started, but the last wave did not end well */
} WaveRun;

/* What is known of how long things take (fleet_pace.c). */
typedef struct FleetPace {
    Pace *pace;
    GHashTable *paths; /* digest -> const RunPath * */
    gint64 looked_at;  /* run_clock_now() */
} FleetPace;

/* One run at work. */
typedef struct FleetRun {
    RunResult *result;
    const Plan *plan;
    const FleetRunOptions *options;
    const FleetRunWatch *watch;
    RunControl control;
    Scheduler *scheduler;
    Throttle *throttle; /* NULL: none */
    FleetPace pace;
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
    WaveRun waves;
    GArray *workers; /* of bool: who is at work, by number from 0 */
} FleetRun;

/* What is recorded and shown while the main thread waits for something: signals, requests, heartbeat, the
 * onlooker. */
void fleet_run_breathe(FleetRun *self);

/* Asks the throttles of the options, if there are any. */
Throttle *fleet_run_throttle(FleetRun *self);
/* True if targets wait for nothing but a throttle. */
bool fleet_run_is_held(const FleetRun *self);
void fleet_run_notice(const FleetRun *self, const char *text);
/* Tells of a halt once, and does with running targets what on_halt says. */
void fleet_run_tell_halt(FleetRun *self);
/* What interrupts ask for; sees to it that what is to be cancelled is. */
void fleet_run_take_signals(FleetRun *self);
/* Once the time to start targets is over, none starts any more. Before each look for one. */
void fleet_run_keep_window(FleetRun *self);
/* What was asked for from another shell. */
void fleet_run_take_requests(FleetRun *self);

/* ---- Pace (fleet_pace.c) ---- */

void fleet_pace_init(FleetRun *self);
void fleet_pace_clear(FleetRun *self);
/* About once a second: calls out who is slow, and says in the result when the run will be over. */
void fleet_pace_tick(FleetRun *self);

/* ---- Waves (wave_run.c) ---- */

/* The waves of the result to be. */
void wave_run_prepare(RunResult *run, const Plan *plan);
void wave_run_init(FleetRun *self);
void wave_run_clear(FleetRun *self);
/* Goes on to what comes next, if what was before is over: confirm, targets, soak, gates, the next wave. */
void wave_run_step(FleetRun *self);
/* True while a wave is still to come or is not over, and the run is not halted. */
bool wave_run_is_going(const FleetRun *self);
/* A target of the current wave failed. */
void wave_run_note_failure(FleetRun *self, const TargetResult *found);
/* True while all that is left of the last wave is its soak and its gates. */
bool wave_run_is_behind_targets(const FleetRun *self);
/* The run is over: what the waves that are not have become. */
void wave_run_end(FleetRun *self);
