/* Fleet run: one execution of a plan over a fleet. The main thread schedules, records and shows; workers do
 * targets. */
#pragma once

#include "plans/waves.h"
#include "run/clock.h"
#include "run/gates/gates.h"
#include "run/ledger/ledger.h"
#include "run/pool.h"
#include "run/queue.h"
#include "run/scheduler.h"
#include "run/session.h"
#include "run/spare_connections.h"

typedef enum OnHalt { HALT_STEP, HALT_TARGET, HALT_CANCEL } OnHalt;

/* Who does the jobs, and how the main thread waits for what they tell. */
typedef struct RunExecutor {
    gpointer context;
    void (*submit)(gpointer context, PoolWork work, gpointer job, gpointer control);
    /* The next event of the queue; NULL if none came in time. */
    gpointer (*next_event)(gpointer context, Queue *events, gint64 timeout_us);
} RunExecutor;

/* Who is told of every event of a run, in their order, on the main thread, whether there is a ledger or not.
 */
typedef struct RunListener {
    gpointer context;
    /* NULL: nothing to do */
    void (*event)(gpointer context, const RunResult *run, const RunEvent *event);
    /* The run is over and recorded. What is added to run->warnings now is recorded too. NULL: nothing to do
     */
    void (*ended)(gpointer context, RunResult *run);
} RunListener;

/* What a person says of a wave that is to be confirmed. */
typedef enum WaveAnswer {
    WAVE_YES,
    WAVE_NO,
    WAVE_NO_ANSWER /* not yet: ask again */
} WaveAnswer;

typedef struct FleetRunOptions {
    const char *run_id;
    SecretStore *secrets;
    const char *folder;         /* where relative paths in the targets' secrets start */
    const char *project_folder; /* where gates and throttles run, and relative paths in them start; NULL:
                                   `folder` */
    const char *version_table;
    const char *operator_name;
    GHashTable *variables; /* -x */
    GHashTable *assume;    /* target name -> "done" or "not-done": what a person says of its open statement;
                              NULL: nothing */
    SchedulerLimits limits;
    OnHalt on_halt;
    const char *stop_starting_at; /* no target starts after it: rollout_time_resolve() from the start of the
                                     run; NULL: no end */
    const RolloutPolicy *rollout; /* of the plan's waves, and its throttles; NULL: there are none */
    GHashTable *known_errors;     /* failure signatures (set) of earlier waves, of a run that is gone on with;
                                     NULL: none */
    bool no_backup;               /* although the inventory asks for one */
    Ledger *ledger;               /* NULL: no ledger */
    SpareConnections *spare;      /* what the probe left; NULL: every target is connected to anew */
    const GPtrArray *listeners;   /* of const RunListener *; NULL: none */
    const RunClock *clock;        /* NULL: the system's */
    const RunExecutor *executor;  /* NULL: a pool of threads */
    /* Asks gates; NULL: gates_ask() */
    bool (*ask_gates)(const GPtrArray *gates, GPtrArray *targets, const GateOptions *options,
                      GPtrArray *results);
} FleetRunOptions;

/* What an onlooker (the progress view) is told, on the main thread. */
typedef struct FleetRunWatch {
    gpointer context;
    void (*step_started)(gpointer context, const TargetResult *target, const char *revision,
                         const char *message);
    void (*target_finished)(gpointer context, const TargetResult *target);
    /* "waits for a lock held by pid 4711, user app, …", once for each wait that lasts; NULL: it is over. */
    void (*lock_wait)(gpointer context, const TargetResult *target, const char *text);
    /* About ten times a second. */
    void (*tick)(gpointer context, const RunResult *run, const Scheduler *scheduler);
    /* Once for each: "draining: …", "cancelling: …", "halted: …". */
    void (*notice)(gpointer context, const char *text);
    /* A wave (from 0) has another state. */
    void (*wave_changed)(gpointer context, const RunResult *run, unsigned wave);
    /* Whether this wave (from 0) may begin; asked about ten times a second until the answer is yes or no, and
     * must not block. Of a no it may say why (caller frees). NULL: no person is there, which is a no. */
    WaveAnswer (*confirm)(gpointer context, const RunResult *run, unsigned wave, char **why);
} FleetRunWatch;

/* A new run id: UTC time and random letters, "20261122-164000-k3f9". Caller frees. */
char *run_id_new(void);

/* The result to be: every target of the plan with its state and verdict; blocked, unreachable, inactive and
 * unchanged ones have their outcome already. Caller frees. */
RunResult *fleet_run_prepare(const Plan *plan, const FleetRunOptions *options);

/* Runs what is pending in `run` until all is done or halted, then reads back and fills the result. False only
 * if the run could not begin (the ledger cannot be written, no thread), and then nothing was changed. */
bool fleet_run_execute(RunResult *run, const Plan *plan, const FleetRunOptions *options,
                       const FleetRunWatch *watch, GError **error);
