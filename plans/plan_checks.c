/* Plan checks: owns the answers of a target's checks, and judges them. Asks no database. */
#include "plans/plan_checks.h"
#include "plans/planner_internal.h"

const char *check_answer_name(CheckAnswer answer)
{
    static const char *const names[] = {[CHECK_PASSED] = "passed",
                                        [CHECK_REFUSED] = "rows",
                                        [CHECK_FAILED] = "failed",
                                        [CHECK_LATER] = "later"};
    return names[answer];
}

PlanCheck *plan_check_new(const PlanStep *step, unsigned before, CheckAnswer answer, const char *reason,
                          const char *detail)
{
    PlanCheck *self = g_new0(PlanCheck, 1);
    self->revision = step->revision;
    self->section = plan_step_check(step);
    self->before = before;
    self->answer = answer;
    self->reason = g_strdup(reason);
    self->detail = g_strdup(detail);
    return self;
}

static void plan_check_free(gpointer item)
{
    PlanCheck *self = item;
    g_free(self->reason);
    g_free(self->detail);
    g_free(self);
}

TargetChecks *target_checks_new(void)
{
    TargetChecks *self = g_new0(TargetChecks, 1);
    self->answers = g_ptr_array_new_with_free_func(plan_check_free);
    return self;
}

void target_checks_free(TargetChecks *self)
{
    if (!self)
        return;
    g_free(self->unreachable);
    g_ptr_array_unref(self->answers);
    g_free(self);
}

bool plan_path_has_checks(const PlanPath *self)
{
    for (guint i = 0; self && i < self->steps->len; i++)
        if (self->steps->first[i].check)
            return true;
    return false;
}

const PlanCheck *plan_target_refusal(const PlanTarget *self)
{
    for (guint i = 0; self->checks && i < self->checks->answers->len; i++) {
        const PlanCheck *check = self->checks->answers->pdata[i];
        if (check->answer == CHECK_REFUSED || check->answer == CHECK_FAILED)
            return check;
    }
    return NULL;
}

static void judge_checks(Plan *plan, PlanTarget *target)
{
    const PlanCheck *refusal = plan_target_refusal(target);
    if (target->verdict != PLAN_PENDING)
        return;
    if (target->checks->unreachable)
        plan_except(plan, target, PLAN_UNREACHABLE, PROBLEM_UNREACHABLE, target->checks->unreachable);
    else if (refusal)
        plan_except(plan, target, PLAN_BLOCKED, PROBLEM_CHECK, refusal->reason);
}

void plan_take_checks(Plan *self, GPtrArray *checks)
{
    for (guint i = 0; i < self->targets->len; i++) {
        PlanTarget *target = self->targets->pdata[i];
        if (!checks->pdata[i])
            continue;
        target_checks_free(target->checks);
        target->checks = g_steal_pointer(&checks->pdata[i]);
        judge_checks(self, target);
    }
    plan_settle(self);
}
