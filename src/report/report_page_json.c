/* Report page's data: a run as compact JSON for src/report/page/page_model.js, which reads exactly this. What
 * many targets share (revisions, paths, failures that are the same to the letter) stands in a list once, and
 * targets name its places. Times are milliseconds, since 1970 where they are a moment. What is not known is
 * left out. */
#include "base/json_out.h"
#include "report/report_page.h"
#include "report/summary_internal.h"
#include <string.h>

/* Texts that are written once: each one's place in the order in which they came. */
typedef struct Places {
    GHashTable *by_text; /* owned text -> place + 1 */
    GPtrArray *values;   /* borrowed */
} Places;

typedef struct Writer {
    JsonOut *json;
    const RunResult *run;
    const RunResult *before; /* NULL: all targets are written */
    Places revisions;        /* of StepResult * */
    Places failures;         /* of Failure * */
} Writer;

static void places_init(Places *self)
{
    self->by_text = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->values = g_ptr_array_new();
}

static void places_clear(Places *self)
{
    g_hash_table_unref(self->by_text);
    g_ptr_array_unref(self->values);
}

/* Takes the text. */
static guint place_of(Places *self, char *text, gconstpointer value)
{
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(self->by_text, text));
    if (place > 0) {
        g_free(text);
        return place - 1;
    }
    g_ptr_array_add(self->values, (gpointer)value);
    g_hash_table_insert(self->by_text, text, GUINT_TO_POINTER(self->values->len));
    return self->values->len - 1;
}

/* ---- What is known ---- */

static void known_string(JsonOut *json, const char *key, const char *value)
{
    if (value && *value)
        json_out_string(json, key, value);
}

static void known_int(JsonOut *json, const char *key, gint64 value)
{
    if (value)
        json_out_int(json, key, value);
}

static void known_strings(JsonOut *json, const char *key, char **values)
{
    if (values)
        json_out_strings(json, key, (const char *const *)values);
}

static void known_time(JsonOut *json, const char *key, gint64 unix_us)
{
    known_int(json, key, unix_us / 1000);
}

static void milliseconds(JsonOut *json, const char *key, gint64 microseconds)
{
    json_out_double(json, key, (double)microseconds / 1000);
}

/* ---- The run ---- */

static void run_json(JsonOut *json, const RunResult *run)
{
    g_autofree char *next = report_next_command(run);
    json_out_begin_object(json, "run");
    json_out_string(json, "id", run->id);
    json_out_string(json, "command", run->command);
    json_out_string(json, "goal", run->goal);
    json_out_string(json, "track", run->track);
    known_string(json, "of_run", run->of_run);
    known_string(json, "plan_file", run->plan_file);
    known_strings(json, "approved_by", run->approved_by);
    known_string(json, "selector", run->selector);
    known_string(json, "operator", run->operator_name);
    known_string(json, "host", run->host);
    known_string(json, "plan_digest", run->plan_digest);
    known_string(json, "versions_commit", run->versions_commit);
    known_string(json, "dbfleet_version", run->dbfleet_version);
    known_int(json, "jobs", run->jobs);
    known_int(json, "per_host", run->per_host);
    known_string(json, "max_failures", run->max_failures);
    known_string(json, "max_unreachable", run->max_unreachable);
    known_string(json, "on_halt", run->on_halt);
    known_string(json, "on_failure", run->on_failure);
    json_out_bool(json, "allow_edited", run->allow_edited);
    json_out_bool(json, "purge", run->purge);
    known_strings(json, "variables", run->variables);
    known_time(json, "started", run->started_us);
    known_time(json, "heartbeat", run->heartbeat_us);
    known_time(json, "finished", run->finished_us);
    known_time(json, "estimate", run->estimate_us);
    json_out_string(json, "end", summary_end(run));
    known_string(json, "paused_by", run->paused_by);
    known_string(json, "halt_reason", run->halt_reason);
    json_out_int(json, "exit_code", run_result_exit_code(run));
    known_string(json, "next", next);
    json_out_begin_array(json, "warnings");
    for (guint i = 0; run->warnings && i < run->warnings->len; i++)
        json_out_string(json, NULL, run->warnings->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
}

static void gate_json(JsonOut *json, const GateResult *gate)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "name", gate->name);
    json_out_string(json, "kind", gate->kind);
    known_string(json, "target", gate->target);
    json_out_bool(json, "passed", gate->passed);
    known_string(json, "saw", gate->saw);
    json_out_int(json, "tries", gate->tries);
    known_time(json, "started", gate->started_us);
    milliseconds(json, "took", gate->duration_us);
    json_out_end_object(json);
}

static void wave_json(JsonOut *json, const WaveResult *wave)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "name", wave->name);
    json_out_string(json, "state", wave_state_name(wave->state));
    json_out_int(json, "targets", wave->targets);
    known_time(json, "started", wave->started_us);
    known_time(json, "finished", wave->finished_us);
    known_time(json, "soak_until", wave->soak_until_us);
    known_string(json, "halt_reason", wave->halt_reason);
    json_out_begin_array(json, "gates");
    for (guint i = 0; wave->gates && i < wave->gates->len; i++)
        gate_json(json, wave->gates->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
}

static void waves_json(JsonOut *json, const RunResult *run)
{
    json_out_begin_array(json, "waves");
    for (guint i = 0; run->waves && i < run->waves->len; i++)
        wave_json(json, run->waves->pdata[i]);
    json_out_end_array(json);
}

/* "targets": places in the fleet's order, those of changes too. */
static void clusters_json(JsonOut *json, const RunResult *run)
{
    g_autoptr(Summary) summary = summary_new(run);
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < run->targets->len; i++)
        g_hash_table_insert(places, run->targets->pdata[i], GUINT_TO_POINTER(i));
    json_out_begin_array(json, "clusters");
    for (guint i = 0; i < summary->clusters->len; i++) {
        const FailureCluster *cluster = summary->clusters->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "signature", cluster->signature);
        json_out_string(json, "outcome", outcome_name(cluster->outcome));
        json_out_begin_array(json, "targets");
        for (guint t = 0; t < cluster->targets->len; t++)
            json_out_int(json, NULL,
                         GPOINTER_TO_UINT(g_hash_table_lookup(places, cluster->targets->pdata[t])));
        json_out_end_array(json);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

/* ---- Targets ---- */

static guint revision_place(Writer *self, const StepResult *step)
{
    return place_of(&self->revisions, g_strconcat(step_result_direction(step), " ", step->revision, NULL),
                    step);
}

/* [revision, state, started, took, statements done, of, tries] */
static void step_json(Writer *self, const StepResult *step)
{
    JsonOut *json = self->json;
    json_out_begin_array(json, NULL);
    json_out_int(json, NULL, revision_place(self, step));
    json_out_string(json, NULL, step_result_state(step));
    json_out_int(json, NULL, step->started_us / 1000);
    milliseconds(json, NULL, step->duration_us);
    json_out_int(json, NULL, step->statements_done);
    json_out_int(json, NULL, step->statements_total);
    json_out_int(json, NULL, step->tries);
    json_out_end_array(json);
}

static char *failure_text(const Failure *failure)
{
    const char *const texts[] = {failure->error_class, failure->code,    failure->message,
                                 failure->detail,      failure->hint,    failure->revision,
                                 failure->direction,   failure->file,    failure->sql,
                                 failure->excerpt,     failure->blocker, failure->difference};
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%u:%u:%u", failure->line, failure->column, failure->statement);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_string_append_printf(text, "\n%s", texts[i] ? texts[i] : "");
    return g_string_free(text, FALSE);
}

static gint64 path_place(const RunResult *run, const char *digest)
{
    for (guint i = 0; digest && run->paths && i < run->paths->len; i++)
        if (g_str_equal(((const RunPath *)run->paths->pdata[i])->digest, digest))
            return i;
    return -1;
}

static void target_rows(JsonOut *json, const TargetResult *target)
{
    known_strings(json, "before", target->rows_before);
    known_strings(json, "after", target->rows_after);
    known_strings(json, "goal", target->rows_goal);
}

static void target_steps(Writer *self, const TargetResult *target)
{
    if (target->step_count == 0)
        return;
    json_out_begin_array(self->json, "steps");
    for (guint i = 0; i < target->step_count; i++)
        step_json(self, &target->steps[i]);
    json_out_end_array(self->json);
}

static void target_json(Writer *self, guint place)
{
    JsonOut *json = self->json;
    const TargetResult *target = self->run->targets->pdata[place];
    gint64 path = path_place(self->run, target->path);
    json_out_begin_object(json, NULL);
    if (self->before)
        json_out_int(json, "place", place);
    json_out_string(json, "name", target->name);
    known_string(json, "group", target->group);
    known_string(json, "server", target->server);
    known_string(json, "dialect", target->dialect);
    known_string(json, "version", target->server_version);
    json_out_string(json, "outcome", outcome_name(target->outcome));
    known_string(json, "reason", target->reason);
    target_rows(json, target);
    known_time(json, "started", target->started_us);
    if (target->started_us)
        milliseconds(json, "took", target->duration_us);
    known_int(json, "planned", target->steps_planned);
    known_string(json, "backup", target->backup);
    known_int(json, "wave", target->wave);
    known_int(json, "worker", target->worker);
    if (path >= 0)
        json_out_int(json, "path", path);
    if (target->failure)
        json_out_int(json, "failure",
                     place_of(&self->failures, failure_text(target->failure), target->failure));
    target_steps(self, target);
    json_out_end_object(json);
}

static bool steps_differ(const TargetResult *now, const TargetResult *then)
{
    if (now->step_count != then->step_count)
        return true;
    if (now->step_count == 0)
        return false;
    const StepResult *last = &now->steps[now->step_count - 1], *was = &then->steps[then->step_count - 1];
    return last->state_place != was->state_place || last->duration_us != was->duration_us ||
           last->statements_done != was->statements_done || last->tries != was->tries;
}

static bool target_differs(const Writer *self, guint place)
{
    if (!self->before || place >= self->before->targets->len)
        return true;
    const TargetResult *now = self->run->targets->pdata[place], *was = self->before->targets->pdata[place];
    return now->outcome != was->outcome || now->started_us != was->started_us ||
           now->duration_us != was->duration_us || now->worker != was->worker || now->wave != was->wave ||
           g_strcmp0(now->reason, was->reason) != 0 || !now->rows_after != !was->rows_after ||
           g_strcmp0(now->backup, was->backup) != 0 || steps_differ(now, was);
}

/* ---- What targets name the places of ---- */

static void failures_json(Writer *self)
{
    JsonOut *json = self->json;
    json_out_begin_array(json, "failures");
    for (guint i = 0; i < self->failures.values->len; i++) {
        const Failure *failure = self->failures.values->pdata[i];
        json_out_begin_object(json, NULL);
        known_string(json, "class", failure->error_class);
        known_string(json, "code", failure->code);
        known_string(json, "message", failure->message);
        known_string(json, "detail", failure->detail);
        known_string(json, "hint", failure->hint);
        known_string(json, "revision", failure->revision);
        known_string(json, "direction", failure->direction);
        known_string(json, "file", failure->file);
        known_int(json, "line", failure->line);
        known_int(json, "column", failure->column);
        known_int(json, "statement", failure->statement);
        known_string(json, "sql", failure->sql);
        known_string(json, "excerpt", failure->excerpt);
        known_string(json, "blocker", failure->blocker);
        known_string(json, "difference", failure->difference);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void revisions_json(Writer *self)
{
    json_out_begin_array(self->json, "revisions");
    for (guint i = 0; i < self->revisions.values->len; i++) {
        const StepResult *step = self->revisions.values->pdata[i];
        json_out_begin_object(self->json, NULL);
        json_out_string(self->json, "revision", step->revision);
        known_string(self->json, "message", step->message);
        json_out_string(self->json, "direction", step_result_direction(step));
        json_out_end_object(self->json);
    }
    json_out_end_array(self->json);
}

/* Each an array of [revision, direction]. */
static void paths_json(JsonOut *json, const RunResult *run)
{
    json_out_begin_array(json, "paths");
    for (guint p = 0; run->paths && p < run->paths->len; p++) {
        const RunPath *path = run->paths->pdata[p];
        json_out_begin_array(json, NULL);
        for (guint s = 0; s < run_path_length(path); s++) {
            const RunPathStep step = run_path_step(path, s);
            const char *const texts[] = {step.revision, step.direction, NULL};
            json_out_strings(json, NULL, texts);
        }
        json_out_end_array(json);
    }
    json_out_end_array(json);
}

static void targets_json(Writer *self)
{
    json_out_begin_array(self->json, self->before ? "changed" : "targets");
    for (guint i = 0; i < self->run->targets->len; i++)
        if (target_differs(self, i))
            target_json(self, i);
    json_out_end_array(self->json);
}

/* Only where they were loaded: [time, kind, target, text]. */
static void events_json(JsonOut *json, const RunResult *run)
{
    if (!run->events)
        return;
    json_out_begin_array(json, "events");
    for (guint i = 0; i < run->events->len; i++) {
        const RunEvent *event = run->events->pdata[i];
        json_out_begin_array(json, NULL);
        json_out_int(json, NULL, event->time_us / 1000);
        json_out_string(json, NULL, event->kind);
        json_out_string(json, NULL, event->target);
        json_out_string(json, NULL, event->text);
        json_out_end_array(json);
    }
    json_out_end_array(json);
}

char *report_page_changes(const RunResult *run, const RunResult *before)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    Writer writer = {.json = json, .run = run, .before = before};
    places_init(&writer.revisions);
    places_init(&writer.failures);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    run_json(json, run);
    waves_json(json, run);
    paths_json(json, run);
    targets_json(&writer);
    revisions_json(&writer);
    failures_json(&writer);
    clusters_json(json, run);
    events_json(json, run);
    json_out_end_object(json);
    places_clear(&writer.revisions);
    places_clear(&writer.failures);
    return json_out_steal(json);
}

char *report_page_json(const RunResult *run)
{
    return report_page_changes(run, NULL);
}
