/* Run metrics: families of a run, most of them with the same labels each time, so that alerts on them hold
 * from one run to the next; only dbfleet_run_info names the run. */
#include "base/metrics_text.h"
#include "report/metrics.h"
#include "report/summary_internal.h"

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})

static double seconds(gint64 microseconds)
{
    return (double)microseconds / (double)G_USEC_PER_SEC;
}

/* A family with one sample. */
static void add_one(MetricsText *out, const char *name, const char *help, double value)
{
    metrics_text_family(out, name, "gauge", help);
    metrics_text_sample(out, "", NULL, value);
}

static void add_run(MetricsText *out, const RunResult *run)
{
    metrics_text_family(out, "dbfleet_run_info", "gauge",
                        "The run that the other metrics are about; always 1.");
    metrics_text_sample(
        out, "",
        LABELS("run", run->id, "goal", run->goal, "end", summary_end(run), "version", run->dbfleet_version),
        1);
    add_one(out, "dbfleet_run_start_time_seconds", "When the run began, in seconds since 1970.",
            seconds(run->started_us));
    if (run->finished_us) {
        add_one(out, "dbfleet_run_end_time_seconds", "When the run ended, in seconds since 1970.",
                seconds(run->finished_us));
        add_one(out, "dbfleet_run_duration_seconds", "How long the run took.",
                seconds(run->finished_us - run->started_us));
    }
    add_one(out, "dbfleet_run_exit_code", "The exit code of the run: 0 is done.", run_result_exit_code(run));
    add_one(out, "dbfleet_run_halted", "1 if the run was halted before its end.", run->halt_reason != NULL);
    add_one(out, "dbfleet_run_warnings", "Number of warnings of the run.", run->warnings->len);
}

static void add_outcomes(MetricsText *out, const Summary *summary)
{
    metrics_text_family(out, "dbfleet_run_targets", "gauge", "Number of targets of the run by outcome.");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        metrics_text_sample(out, "", LABELS("outcome", outcome_name((Outcome)i)), summary->counts[i]);
}

static void add_gates(MetricsText *out, const RunResult *run)
{
    unsigned results[] = {0, 0};
    for (guint w = 0; w < run->waves->len; w++) {
        const WaveResult *wave = run->waves->pdata[w];
        for (guint g = 0; g < wave->gates->len; g++)
            results[((const GateResult *)wave->gates->pdata[g])->passed]++;
    }
    if (run->waves->len == 0)
        return;
    metrics_text_family(out, "dbfleet_run_gates", "gauge", "Number of gates that were asked, by result.");
    metrics_text_sample(out, "", LABELS("result", "failed"), results[false]);
    metrics_text_sample(out, "", LABELS("result", "passed"), results[true]);
}

static void add_step(MetricsText *out, const Summary *summary, const RevisionSummary *revision)
{
    static const struct {
        const char *label;
        double share;
    } quantiles[] = {{"0.5", 0.5}, {"0.95", 0.95}, {"1", 1}};
    const char *name = *revision->first->revision ? revision->first->revision : NULL;
    const char *direction = step_result_direction(revision->first);
    gint64 sum = 0;
    for (guint i = 0; i < revision->count; i++)
        sum += summary_duration(summary, revision, i);
    for (gsize i = 0; i < G_N_ELEMENTS(quantiles); i++)
        metrics_text_sample(out, "",
                            LABELS("direction", direction, "quantile", quantiles[i].label, "revision", name),
                            seconds(summary_percentile(summary, revision, quantiles[i].share)));
    metrics_text_sample(out, "_sum", LABELS("direction", direction, "revision", name), seconds(sum));
    metrics_text_sample(out, "_count", LABELS("direction", direction, "revision", name), revision->count);
}

static void add_steps(MetricsText *out, const Summary *summary)
{
    if (summary->revisions->len == 0)
        return;
    metrics_text_family(out, "dbfleet_run_step_duration_seconds", "summary",
                        "How long a revision took on the targets where it was done.");
    for (guint i = 0; i < summary->revisions->len; i++)
        add_step(out, summary, summary_revision(summary, i));
}

static bool is_at_goal(const TargetResult *target)
{
    return target->outcome == OUTCOME_DONE || target->outcome == OUTCOME_UNCHANGED;
}

static void add_targets(MetricsText *out, const RunResult *run)
{
    metrics_text_family(out, "dbfleet_run_target_at_goal", "gauge",
                        "1 if the target was where the run was to bring it when it ended.");
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        if (target->outcome != OUTCOME_INACTIVE)
            metrics_text_sample(out, "", LABELS("group", target->group, "target", target->name),
                                is_at_goal(target));
    }
    metrics_text_family(out, "dbfleet_run_target_duration_seconds", "gauge",
                        "How long the target was worked on; only those that were begun.");
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        if (target->started_us)
            metrics_text_sample(out, "", LABELS("group", target->group, "target", target->name),
                                seconds(target->duration_us));
    }
}

char *run_metrics(const RunResult *run, const ReportOptions *options)
{
    g_autoptr(Summary) summary = summary_new(run);
    g_autoptr(MetricsText) out = metrics_text_new(LABELS("project", options->project ? options->project : "",
                                                         "track", run->track, "command", run->command));
    add_run(out, run);
    add_outcomes(out, summary);
    add_gates(out, run);
    add_steps(out, summary);
    add_targets(out, run);
    return metrics_text_steal(out);
}
