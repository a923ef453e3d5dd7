/* Status metrics: where each target stands now. */
#include "base/metrics_text.h"
#include "report/metrics.h"
#include "report/status_view_internal.h"

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef double Measure(const PlanTarget *target);

static double is_up_to_date(const PlanTarget *target)
{
    return target->verdict == PLAN_AT_GOAL;
}

static double is_reachable(const PlanTarget *target)
{
    return target->verdict != PLAN_UNREACHABLE;
}

static double steps_behind(const PlanTarget *target)
{
    return target->path ? target->path->steps->len : 0;
}

/* A sample for each active target that it can be said of. */
static void add_targets(MetricsText *out, const Plan *plan, Measure *measure, bool of_judged_only)
{
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        bool judged = target->verdict == PLAN_PENDING || target->verdict == PLAN_AT_GOAL;
        const char *group = target->target->group ? target->target->group->name : "";
        if (target->verdict != PLAN_INACTIVE && (judged || !of_judged_only))
            metrics_text_sample(out, "", LABELS("group", group, "target", target->target->name),
                                measure(target));
    }
}

static void add_totals(MetricsText *out, const Plan *plan, const RevisionGraph *graph)
{
    const char *key;
    unsigned count;
    metrics_text_family(out, "dbfleet_status_targets", "gauge", "Number of targets by where they stand.");
    for (gsize i = 0; status_standing_at(plan, graph, i, &key, &count); i++)
        metrics_text_sample(out, "", LABELS("standing", key), count);
}

char *status_metrics(const Plan *plan, const RevisionGraph *graph, const char *project, const char *track,
                     gint64 now_us)
{
    g_autoptr(MetricsText) out = metrics_text_new(LABELS("project", project, "track", track));
    metrics_text_family(out, "dbfleet_status_time_seconds", "gauge",
                        "When the targets were read, in seconds since 1970.");
    metrics_text_sample(out, "", NULL, (double)now_us / (double)G_USEC_PER_SEC);
    add_totals(out, plan, graph);
    metrics_text_family(out, "dbfleet_target_up_to_date", "gauge", "1 if the target is at the heads.");
    add_targets(out, plan, is_up_to_date, false);
    metrics_text_family(out, "dbfleet_target_reachable", "gauge", "1 if the target could be reached.");
    add_targets(out, plan, is_reachable, false);
    metrics_text_family(out, "dbfleet_target_steps_behind", "gauge",
                        "Number of steps to the heads; only where that can be told.");
    add_targets(out, plan, steps_behind, true);
    return metrics_text_steal(out);
}
