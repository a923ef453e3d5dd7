/* Plan drift: what comparing a target's schema with its revision said before anything was changed, as plain
 * values, and what a plan makes of it. Pure; the plan's thread. */
#pragma once

#include "plans/planner.h"

typedef struct TargetDrift {
    PlanProblem problem; /* PROBLEM_NONE: it is as its revision says; PROBLEM_DRIFTED, PROBLEM_DRIFT_UNKNOWN,
                            PROBLEM_UNREACHABLE */
    char *reason;        /* one line; NULL without a problem */
} TargetDrift;
/* The reason is copied. */
TargetDrift *target_drift_new(PlanProblem problem, const char *reason);
void target_drift_free(TargetDrift *self); /* NULL-safe */

/* True if there is something to do on the target and its schema is that of a revision: a step that is gone on
 * with has left it between two. */
bool plan_target_may_drift(const PlanTarget *self);
/* Puts what was found into the plan: `found` has a TargetDrift * or NULL for each of its targets. Those with
 * a problem become exceptions and lose their path. Counts, paths and digest are those of the plan that is
 * left. */
void plan_take_drift(Plan *self, const GPtrArray *found);
