/* Report JSON: a run's result for programs; docs/reference/report-json.md describes every key. */
#include "base/duration.h"
#include "base/json_out.h"
#include "report/summary_internal.h"

static void time_json(JsonOut *json, const char *key, gint64 unix_us)
{
    g_autofree char *text = unix_us ? timestamp_format(unix_us) : NULL;
    json_out_string(json, key, text);
}

static void seconds_json(JsonOut *json, const char *key, gint64 microseconds)
{
    json_out_double(json, key, (double)microseconds / (double)G_USEC_PER_SEC);
}

static void counts_json(JsonOut *json, const char *key, const unsigned *counts)
{
    json_out_begin_object(json, key);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        json_out_int(json, outcome_name((Outcome)i), counts[i]);
    json_out_end_object(json);
}

/* A list that was not read is null, not empty. */
static void rows_json(JsonOut *json, const char *key, char **rows)
{
    if (rows)
        json_out_strings(json, key, (const char *const *)rows);
    else
        json_out_null(json, key);
}

static void failure_json(JsonOut *json, const Failure *failure)
{
    if (!failure) {
        json_out_null(json, "failure");
        return;
    }
    json_out_begin_object(json, "failure");
    json_out_string(json, "class", failure->error_class);
    json_out_string(json, "code", failure->code);
    json_out_string(json, "message", failure->message);
    json_out_string(json, "detail", failure->detail);
    json_out_string(json, "hint", failure->hint);
    json_out_string(json, "revision", failure->revision);
    json_out_string(json, "direction", failure->direction);
    json_out_string(json, "file", failure->file);
    json_out_int(json, "line", failure->line);
    json_out_int(json, "column", failure->column);
    json_out_int(json, "statement", failure->statement);
    json_out_string(json, "sql", failure->sql);
    json_out_string(json, "excerpt", failure->excerpt);
    json_out_string(json, "blocker", failure->blocker);
    json_out_string(json, "difference", failure->difference);
    json_out_end_object(json);
}

static void step_json(JsonOut *json, const StepResult *step)
{
    g_autofree char *id = step_result_id(step);
    json_out_begin_object(json, NULL);
    json_out_string(json, "step", id);
    json_out_string(json, "revision", step->revision);
    json_out_string(json, "message", step->message);
    json_out_string(json, "direction", step_result_direction(step));
    json_out_string(json, "state", step_result_state(step));
    time_json(json, "started", step->started_us);
    seconds_json(json, "seconds", step->duration_us);
    json_out_int(json, "statements_total", step->statements_total);
    json_out_int(json, "statements_done", step->statements_done);
    json_out_int(json, "tries", step->tries);
    json_out_end_object(json);
}

static void target_json(JsonOut *json, const TargetResult *target)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->name);
    json_out_string(json, "group", target->group);
    json_out_string(json, "endpoint", target->server);
    json_out_string(json, "dialect", target->dialect);
    json_out_string(json, "server_version", target->server_version);
    json_out_string(json, "outcome", outcome_name(target->outcome));
    json_out_string(json, "reason", target->reason);
    rows_json(json, "heads_before", target->rows_before);
    rows_json(json, "heads_after", target->rows_after);
    rows_json(json, "heads_goal", target->rows_goal);
    time_json(json, "started", target->started_us);
    seconds_json(json, "seconds", target->duration_us);
    json_out_string(json, "backup", target->backup);
    json_out_int(json, "steps_planned", target->steps_planned);
    json_out_int(json, "wave", target->wave);
    json_out_int(json, "worker", target->worker);
    json_out_begin_array(json, "steps");
    for (guint i = 0; i < target->step_count; i++)
        step_json(json, &target->steps[i]);
    json_out_end_array(json);
    failure_json(json, target->failure);
    json_out_end_object(json);
}

static void gate_json(JsonOut *json, const GateResult *gate)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "gate", gate->name);
    json_out_string(json, "kind", gate->kind);
    json_out_string(json, "target", gate->target);
    json_out_bool(json, "passed", gate->passed);
    json_out_string(json, "saw", gate->saw);
    json_out_int(json, "tries", gate->tries);
    time_json(json, "started", gate->started_us);
    seconds_json(json, "seconds", gate->duration_us);
    json_out_end_object(json);
}

static void waves_json(JsonOut *json, const RunResult *run, const Summary *summary)
{
    json_out_begin_array(json, "waves");
    for (guint i = 0; i < run->waves->len; i++) {
        const WaveResult *wave = run->waves->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "wave", wave->name);
        json_out_string(json, "state", wave_state_name(wave->state));
        json_out_int(json, "targets", wave->targets);
        counts_json(json, "outcomes", summary_wave_counts(summary, i));
        time_json(json, "started", wave->started_us);
        time_json(json, "finished", wave->finished_us);
        seconds_json(json, "seconds", wave->finished_us ? wave->finished_us - wave->started_us : 0);
        time_json(json, "soak_until", wave->soak_until_us);
        json_out_string(json, "halt_reason", wave->halt_reason);
        json_out_begin_array(json, "gates");
        for (guint g = 0; g < wave->gates->len; g++)
            gate_json(json, wave->gates->pdata[g]);
        json_out_end_array(json);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void groups_json(JsonOut *json, const Summary *summary)
{
    json_out_begin_array(json, "groups");
    for (guint i = 0; i < summary->groups->len; i++) {
        const GroupSummary *group = summary->groups->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "group", group->name);
        json_out_int(json, "targets", group->targets);
        counts_json(json, "outcomes", group->counts);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void clusters_json(JsonOut *json, const Summary *summary)
{
    json_out_begin_array(json, "failures");
    for (guint i = 0; i < summary->clusters->len; i++) {
        const FailureCluster *cluster = summary->clusters->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "signature", cluster->signature);
        json_out_string(json, "outcome", outcome_name(cluster->outcome));
        json_out_string(json, "example", cluster->example->name);
        json_out_begin_array(json, "targets");
        for (guint t = 0; t < cluster->targets->len; t++)
            json_out_string(json, NULL, ((const TargetResult *)cluster->targets->pdata[t])->name);
        json_out_end_array(json);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void revisions_json(JsonOut *json, const Summary *summary)
{
    json_out_begin_array(json, "revisions");
    for (guint i = 0; i < summary->revisions->len; i++) {
        const RevisionSummary *revision = summary_revision(summary, i);
        json_out_begin_object(json, NULL);
        json_out_string(json, "revision", revision->first->revision);
        json_out_string(json, "message", revision->first->message);
        json_out_string(json, "direction", step_result_direction(revision->first));
        json_out_int(json, "targets", revision->count);
        seconds_json(json, "median", summary_percentile(summary, revision, 0.5));
        seconds_json(json, "p95", summary_percentile(summary, revision, 0.95));
        seconds_json(json, "max", summary_percentile(summary, revision, 1));
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void run_json(JsonOut *json, const RunResult *run)
{
    json_out_string(json, "run", run->id);
    json_out_string(json, "command", run->command);
    json_out_string(json, "of_run", run->of_run);
    json_out_string(json, "plan_file", run->plan_file);
    rows_json(json, "approved_by", run->approved_by);
    json_out_string(json, "goal", run->goal);
    json_out_string(json, "track", run->track);
    json_out_string(json, "selector", run->selector);
    json_out_string(json, "operator", run->operator_name);
    json_out_string(json, "host", run->host);
    json_out_string(json, "plan_digest", run->plan_digest);
    json_out_string(json, "versions_commit", run->versions_commit);
    json_out_string(json, "dbfleet_version", run->dbfleet_version);
    json_out_int(json, "jobs", run->jobs);
    json_out_int(json, "per_host", run->per_host);
    json_out_string(json, "max_failures", run->max_failures);
    json_out_string(json, "max_unreachable", run->max_unreachable);
    json_out_string(json, "on_halt", run->on_halt);
    json_out_string(json, "on_failure", run->on_failure);
    json_out_bool(json, "allow_edited", run->allow_edited);
    json_out_bool(json, "purge", run->purge);
    rows_json(json, "variables", run->variables);
    time_json(json, "started", run->started_us);
    time_json(json, "finished", run->finished_us);
    time_json(json, "estimate", run->estimate_us);
    seconds_json(json, "seconds", run->finished_us ? run->finished_us - run->started_us : 0);
    json_out_string(json, "end", summary_end(run));
    json_out_string(json, "paused_by", run->paused_by);
    json_out_string(json, "halt_reason", run->halt_reason);
    json_out_bool(json, "interrupted", run->interrupted);
    json_out_int(json, "exit_code", run_result_exit_code(run));
}

/* Only where they were loaded. */
static void events_json(JsonOut *json, const RunResult *run)
{
    if (!run->events)
        return;
    json_out_begin_array(json, "events");
    for (guint i = 0; i < run->events->len; i++) {
        const RunEvent *event = run->events->pdata[i];
        json_out_begin_object(json, NULL);
        time_json(json, "time", event->time_us);
        json_out_string(json, "kind", event->kind);
        json_out_string(json, "target", event->target);
        json_out_string(json, "text", event->text);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

char *report_json(const RunResult *run)
{
    g_autoptr(Summary) summary = summary_new(run);
    g_autoptr(JsonOut) json = json_out_new(2);
    g_autofree char *next = report_next_command(run);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    run_json(json, run);
    counts_json(json, "outcomes", summary->counts);
    waves_json(json, run, summary);
    groups_json(json, summary);
    clusters_json(json, summary);
    revisions_json(json, summary);
    json_out_begin_array(json, "slowest");
    for (guint i = 0; i < summary->slowest->len; i++)
        json_out_string(json, NULL, ((const TargetResult *)summary->slowest->pdata[i])->name);
    json_out_end_array(json);
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < run->targets->len; i++)
        target_json(json, run->targets->pdata[i]);
    json_out_end_array(json);
    json_out_begin_array(json, "warnings");
    for (guint i = 0; i < run->warnings->len; i++)
        json_out_string(json, NULL, run->warnings->pdata[i]);
    json_out_end_array(json);
    events_json(json, run);
    json_out_string(json, "next", next);
    json_out_end_object(json);
    return json_out_steal(json);
}
