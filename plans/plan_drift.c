/* Plan drift: owns what was found out about a target's schema, and judges it. Asks no database. */
#include "plans/plan_drift.h"
#include "plans/planner_internal.h"

TargetDrift *target_drift_new(PlanProblem problem, const char *reason)
{
    TargetDrift *self = g_new(TargetDrift, 1);
    *self = (TargetDrift){problem, g_strdup(reason)};
    return self;
}

void target_drift_free(TargetDrift *self)
{
    if (!self)
        return;
    g_free(self->reason);
    g_free(self);
}

bool plan_target_may_drift(const PlanTarget *self)
{
    return self->verdict == PLAN_PENDING && !history_entry_has_begun(target_state_unfinished(self->state));
}

void plan_take_drift(Plan *self, const GPtrArray *found)
{
    for (guint i = 0; i < self->targets->len; i++) {
        PlanTarget *target = self->targets->pdata[i];
        const TargetDrift *drift = found->pdata[i];
        if (!drift || drift->problem == PROBLEM_NONE || target->verdict != PLAN_PENDING)
            continue;
        bool unreachable = drift->problem == PROBLEM_UNREACHABLE;
        plan_except(self, target, unreachable ? PLAN_UNREACHABLE : PLAN_BLOCKED, drift->problem,
                    drift->reason);
    }
    plan_settle(self);
}
