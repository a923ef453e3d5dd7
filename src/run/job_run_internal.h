/* A target's job at work: what target_job.c (connect, lock, enter, read back) and job_steps.c (the steps)
 * share. Worker thread. */
#pragma once

#include "run/step_apply_internal.h"
#include "run/target_job_internal.h"
#include "run/target_variables_internal.h"

/* The state of one job at work. */
typedef struct JobRun {
    TargetJob *job;
    TargetResult *result;
    const PlanPath *path;
    const FleetRunOptions *options;
    Connection *connection;
    char *lock;
    TargetState *state; /* as read under the lock */
    TargetVariables variables;
} JobRun;

int job_run_stop_level(const JobRun *self);
void job_run_set_outcome(JobRun *self, Outcome outcome, const char *reason);
/* Takes over `error`. The outcome follows from its class; `step` and `attempt` may be NULL. */
void job_run_fail(JobRun *self, GError *error, const PlanStep *step, const StepAttempt *attempt);
bool job_run_open(JobRun *self, GError **error);
void job_run_close(JobRun *self);
/* Polls until the lock is had and the state read with it, lock_wait is over, or the run is stopped; *held
 * tells. */
bool job_run_wait_for_lock(JobRun *self, bool *held, GError **error);
/* True if the rows last read are those that the step begins with. */
bool job_run_stands_before(const JobRun *self, const PlanStep *step);
/* *unfinished: the open history row that `first` goes on with, or NULL. False, with the outcome set, if
 * another step stopped half-way, or it is not known how far this one came. */
bool job_run_resumable(JobRun *self, const PlanStep *first, const HistoryEntry **unfinished);

/* True, with the outcome set, if the run is stopped: `done` and `left` steps. */
bool job_run_stopped(JobRun *self, unsigned done, unsigned left);
/* Runs the steps from `first`; false as soon as one fails for good or the run is stopped between two. */
bool job_run_steps(JobRun *self, StepContext *context, guint first);
/* transaction: target: the whole path commits or nothing of it. */
bool job_run_in_one_transaction(JobRun *self, StepContext *context, guint first);
