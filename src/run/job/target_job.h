/* One target's job: connect, lock, read, run the path, read back. For fleet_run.c only. */
#pragma once

#include "run/fleet_run.h"
#include "run/job/lock_watch.h"
#include "run/mask_internal.h"
#include "run/queue.h"
#include <pthread.h>
#include <stdatomic.h>

/* How running jobs are asked to end. */
typedef enum StopLevel { STOP_NOT, STOP_AT_STEP, STOP_NOW } StopLevel;

/* What all jobs of a run share; read-only but for the level, which the main thread raises. */
typedef struct RunControl {
    const FleetRunOptions *options;
    const RunClock *clock;
    const char *plan_digest;
    Queue *events; /* of JobEvent * */
    LockWatch *lock_watch;
    atomic_int stop; /* StopLevel */
} RunControl;

typedef struct TargetJob {
    unsigned index; /* in the schedule */
    guint worker;   /* who does it, from 0; main thread */
    const PlanTarget *planned;
    RunControl *control;
    TargetResult *found;   /* the worker's until the job is given back, then the main thread's */
    pthread_mutex_t mutex; /* guards `connection` for cancelling */
    Connection *connection;
    unsigned cancels;    /* of this connection; guarded too */
    gint64 cancelled_at; /* monotonic; main thread */
} TargetJob;

typedef struct JobEvent {
    TargetJob *job;
    bool finished;
    gint64 time_us;       /* began: when, since 1970 */
    const PlanStep *step; /* began: this one, which lives as long as the plan. NULL: no step did */
    bool backup;          /* began */
    bool about_lock;      /* the wait for a lock began, or with `blocker` NULL is over */
    char *blocker;        /* owned */
    char *retried;        /* owned: why what it was doing is done again; NULL: it is not about that */
} JobEvent;

TargetJob *target_job_new(unsigned index, const PlanTarget *planned, RunControl *control);
void target_job_free(TargetJob *self);
/* The watch's thread: posts a JobEvent. For LockWatchOptions.tell: `events` is the queue, `job` a TargetJob.
 */
void target_job_tell_lock(gpointer events, gpointer job, LockWait wait, const char *text);
void job_event_free(JobEvent *event);
/* Worker thread; posts a JobEvent for each step and one when it is finished. */
void target_job_work(gpointer job, gpointer control);
/* Main thread: cancels what the job's connection is doing, if it has one; called again it does so again only
 * after a while. */
void target_job_cancel(TargetJob *self);

/* What a step's error says, for the report. `attempt` NULL: the error is not about a step's SQL. `mask`
 * NULL: nothing to hide. */
struct StepAttempt;
Failure *failure_from_error(const GError *error, const PlanStep *step, const struct StepAttempt *attempt,
                            const Mask *mask);
/* What a person can type once they have looked at the database; `run_id` is the run whose report says it.
 * Caller frees. */
char *undecidable_hint(const char *run_id, const char *target);
