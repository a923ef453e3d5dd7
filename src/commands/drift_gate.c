/* Drift gate: compares the targets that a plan would change with what their revisions say, before it runs. */
#include "commands/drift_internal.h"
#include "plans/plan_drift.h"

/* Those whose schema is that of a revision, and that have something to do. */
static GPtrArray *targets_of(const Plan *plan)
{
    GPtrArray *targets = g_ptr_array_new();
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        if (plan_target_may_drift(target))
            g_ptr_array_add(targets, (gpointer)target->target);
    }
    return targets;
}

static char *drifted_text(const DriftTarget *found)
{
    g_autoptr(GPtrArray) lines = drift_lines(found->cluster->differences);
    g_autofree char *heads = found->heads[0] ? g_strjoinv(", ", found->heads) : g_strdup("base");
    g_autofree char *more = lines->len > 1 ? g_strdup_printf(", and %u more", lines->len - 1) : g_strdup("");
    return g_strdup_printf("its schema is not what %s at %s %s: %s%s; \"dbfleet drift -l %s\" shows all",
                           found->cluster->basis == DRIFT_BY_PEERS ? "its peers" : "the revisions", heads,
                           found->cluster->basis == DRIFT_BY_PEERS ? "have" : "say",
                           lines->len > 0 ? (const char *)lines->pdata[0] : "something differs", more,
                           found->target->name);
}

static TargetDrift *answer_of(const DriftTarget *found)
{
    static const PlanProblem problems[DRIFT_VERDICT_COUNT] = {
        [DRIFT_NONE] = PROBLEM_NONE,
        [DRIFT_FOUND] = PROBLEM_DRIFTED,
        [DRIFT_UNJUDGED] = PROBLEM_DRIFT_UNKNOWN,
        [DRIFT_UNREACHABLE] = PROBLEM_UNREACHABLE,
        [DRIFT_ABSENT] = PROBLEM_NONE,
        [DRIFT_INACTIVE] = PROBLEM_NONE,
    };
    g_autofree char *text =
        found->verdict == DRIFT_FOUND ? drifted_text(found)
        : found->verdict == DRIFT_UNJUDGED
            ? g_strdup_printf("whether its schema has drifted cannot be told: %s", found->reason)
            : g_strdup(found->reason);
    return target_drift_new(problems[found->verdict], text);
}

/* The answers at the places of the plan's targets. */
static GPtrArray *spread(const Plan *plan, const DriftResult *result)
{
    GPtrArray *answers = g_ptr_array_new_with_free_func((GDestroyNotify)target_drift_free);
    for (guint i = 0, next = 0; i < plan->targets->len; i++) {
        const bool asked = plan_target_may_drift(plan->targets->pdata[i]);
        g_ptr_array_add(answers, asked ? answer_of(result->targets->pdata[next++]) : NULL);
    }
    return answers;
}

bool change_drift(const Workspace *self, Plan *plan, bool wanted)
{
    g_autoptr(GPtrArray) targets = targets_of(plan);
    bool required = self->project->rollout.require_no_drift && plan->command != PLAN_STAMP;
    if ((!wanted && !required) || targets->len == 0)
        return true;
    spare_connections_close(self->spare); /* a role may have no more than one */
    const DriftOptions options = {.against = DRIFT_BY_REVISIONS};
    g_autoptr(DriftResult) result = drift_of(self, targets, &options);
    if (!result)
        return false;
    g_autoptr(GPtrArray) answers = spread(plan, result);
    plan_take_drift(plan, answers);
    return true;
}
