/* Plan file, waves: gives a plan the waves and the order that were reviewed. Asks no selector. Pure; any
 * thread. */
#include "plans/plan_file.h"
#include "plans/waves.h"

static const char *reviewed_wave(gpointer context, const Target *target)
{
    const PlanFileTarget *planned = plan_file_target(context, target->name);
    const PlanFileException *exception = planned ? NULL : plan_file_exception(context, target->name);
    const PlanFileWave *wave = planned ? planned->wave : exception ? exception->wave : NULL;
    return wave ? wave->name : NULL;
}

/* What was at its goal when the plan was made is not asked again. */
static void count_at_goal(const PlanFile *self, Plan *plan)
{
    for (guint i = 0; self->waves && i < self->waves->len; i++)
        ((PlanWave *)plan->waves->pdata[i])->at_goal +=
            ((const PlanFileWave *)self->waves->pdata[i])->at_goal;
}

/* Targets of a plan from the file stand in the file's order, which is the one to start in, whatever the
 * policy would make of names and sizes now. */
void plan_file_give_waves(const PlanFile *self, Plan *plan)
{
    RolloutPolicy policy = self->rollout;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; self->waves && i < self->waves->len; i++)
        g_ptr_array_add(names, ((const PlanFileWave *)self->waves->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    policy.order = ORDER_INVENTORY;
    plan_restore_waves(plan, &policy, (const char *const *)names->pdata, reviewed_wave, (gpointer)self);
    plan->rollout = &self->rollout;
    count_at_goal(self, plan);
}
