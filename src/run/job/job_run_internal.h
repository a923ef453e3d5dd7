/* A target's job at work: what target_job.c (connect, lock, enter, read back), job_steps.c (the steps),
 * job_transaction.c (the whole path as one) and job_recover.c (after a lost connection) share. Worker thread.
 */
#pragma once

#include "run/job/backoff.h"
#include "run/job/target_job.h"
#include "run/step/step_apply.h"
#include "run/target_variables.h"

/* The state of one job at work. */
typedef struct JobRun {
    TargetJob *job;
    TargetResult *result;
    const PlanPath *path;
    const FleetRunOptions *options;
    const RunClock *clock;
    const RetrySettings *retry;
    Connection *connection;
    WatchedSession *watched; /* that connection; NULL: nothing watches it */
    char *blocker;           /* who held the lock that was last waited for in vain; NULL: not noted */
    char *lock;
    bool locked;         /* by this connection */
    StepClosing closing; /* what the last step has done for the end */
    TargetState *state;  /* as read under the lock */
    TargetVariables variables;
} JobRun;

int job_run_stop_level(const JobRun *self);
/* Sleeps; false, at once, if the run is asked to stop at `level` or more urgently. */
bool job_run_pause(const JobRun *self, gint64 us, StopLevel level);
/* Tells the main thread that what failed with `message` is being tried again. */
void job_run_tell_retry(const JobRun *self, const char *message);
void job_run_set_outcome(JobRun *self, Outcome outcome, const char *reason);
/* Takes over `error`. The outcome follows from its class; `step` and `attempt` may be NULL. */
void job_run_fail(JobRun *self, GError *error, const PlanStep *step, const StepAttempt *attempt);
/* Connects anew. */
bool job_run_open(JobRun *self, GError **error);
/* Takes over the probe's connection; false if there is none. */
bool job_run_open_spare(JobRun *self);
void job_run_close(JobRun *self);
/* Right after a lock timeout: remembers who held that lock, before waiting makes the answer an old one. */
void job_run_note_blocker(JobRun *self, const GError *error);
/* What was remembered, or what is known now. Caller frees. */
char *job_run_take_blocker(JobRun *self);
/* Polls until the lock is had and the state read with it (then self->locked), lock_wait is over, or the run
 * is asked to stop at `level`. False with an error if the connection or the reading failed. */
bool job_run_wait_for_lock(JobRun *self, StopLevel level, GError **error);
/* True if the rows last read are those that the step begins with. */
bool job_run_stands_before(const JobRun *self, const PlanStep *step);
/* True if so; else false, with the outcome set. */
bool job_run_expect_before(JobRun *self, const PlanStep *step);
/* *unfinished: the open history row that `first` goes on with, or NULL. False, with the outcome set, if
 * another step stopped half-way, or it is not known how far this one came. */
bool job_run_resumable(JobRun *self, const PlanStep *first, const HistoryEntry **unfinished);
/* What the steps work with, on the present connection. */
StepContext job_run_context(const JobRun *self);

/* Makes the backup that the target's inventory asks for, with the lock held and nothing changed yet; the
 * result names it. False with an error if there is none: then nothing may be changed. */
bool job_run_backup(JobRun *self, GError **error);

/* ---- After a lost connection ---- */

typedef enum LostStep { LOST_DONE, LOST_NOT_DONE, LOST_UNKNOWN } LostStep;

/* Connects again, takes the lock and reads the state, trying until the total time of the retry settings is
 * over or the run is cancelled. False: no connection is left. */
bool job_run_reconnect(JobRun *self);
/* The same, tried once. */
bool job_run_reconnect_once(JobRun *self);
/* What became of a step whose connection broke: reconnects and reads its history row into the attempt. */
LostStep job_run_settle_lost(JobRun *self, StepAttempt *attempt);

/* ---- Steps ---- */

/* States of a step that no history row tells. */
#define STATE_ROLLED_BACK "rolled-back"
#define STATE_NOT_STARTED "not-started"
#define STATE_UNKNOWN "outcome-unknown"

typedef enum TryEnd { TRY_DONE, TRY_FAILED, TRY_AGAIN } TryEnd;

/* Runs the step of that index, tried again where that can help: TRY_DONE, or TRY_FAILED with the outcome set.
 * Inside the target's one transaction it is tried once and TRY_AGAIN is for the caller, who must roll back
 * first; the outcome is set for the case that nothing comes of it. `place`: of its result among those of the
 * steps that were begun. */
TryEnd job_run_step(JobRun *self, StepContext *context, guint index, guint place,
                    const HistoryEntry *unfinished);
/* Fails with the error, which it takes over; the outcome is unknown if `lost` says so. */
void job_run_fail_step(JobRun *self, GError *error, const StepAttempt *attempt, LostStep lost);
/* True, with the outcome set, if the run is stopped: `done` and `left` steps. */
bool job_run_stopped(JobRun *self, unsigned done, unsigned left);
/* Runs the steps from `first`; false as soon as one fails for good or the run is stopped between two. */
bool job_run_steps(JobRun *self, StepContext *context, guint first);
/* transaction: target: the whole path commits or nothing of it, and is tried again as a whole. */
bool job_run_in_one_transaction(JobRun *self, StepContext *context, guint first);
