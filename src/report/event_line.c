/* Event line: from the kind and the text that the ledger keeps of an event to keys with a type each. */
#include "report/event_line.h"
#include "base/duration.h"
#include "base/json_out.h"
#include "report/summary_internal.h"
#include <string.h>

typedef void EventKeys(JsonOut *json, const RunResult *run, const RunEvent *event);

/* ---- Keys by kind ---- */

static void run_began(JsonOut *json, const RunResult *run, const RunEvent *event)
{
    json_out_string(json, "command", run->command);
    json_out_string(json, "goal", run->goal);
    json_out_string(json, "track", run->track);
    json_out_string(json, "operator", event->text);
    json_out_string(json, "dbfleet_version", run->dbfleet_version);
    json_out_int(json, "targets", run->targets->len);
}

/* A run that is looked up again while it is at work has this event already and no end yet. */
static void run_finished(JsonOut *json, const RunResult *run, const RunEvent *event)
{
    json_out_string(json, "end", event->text);
    json_out_int(json, "exit_code", run_result_exit_code(run));
    json_out_double(json, "seconds", (double)(run->finished_us - run->started_us) / (double)G_USEC_PER_SEC);
    json_out_string(json, "halt_reason", run->halt_reason);
    json_out_begin_object(json, "outcomes");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        json_out_int(json, outcome_name((Outcome)i), run_result_count(run, (Outcome)i));
    json_out_end_object(json);
}

/* "4b1f0c27a9de add invoices"; what is no step of a revision (a stamp, a backup) begins with a blank. */
static void step_started(JsonOut *json, const RunResult *run, const RunEvent *event)
{
    (void)run;
    const char *text = event->text ? event->text : "";
    gsize length = strcspn(text, " ");
    g_autofree char *revision = length ? g_strndup(text, length) : NULL;
    const char *rest = text + length + (text[length] == ' ');
    json_out_string(json, "revision", revision);
    json_out_string(json, "message", *rest ? rest : NULL);
}

/* "failed: relation … does not exist" */
static void target_finished(JsonOut *json, const RunResult *run, const RunEvent *event)
{
    (void)run;
    const char *text = event->text ? event->text : "";
    const char *colon = strstr(text, ": ");
    g_autofree char *outcome = colon ? g_strndup(text, (gsize)(colon - text)) : g_strdup(text);
    json_out_string(json, "outcome", outcome);
    json_out_string(json, "reason", colon ? colon + 2 : NULL);
}

static void plain_text(JsonOut *json, const RunResult *run, const RunEvent *event)
{
    (void)run;
    json_out_string(json, "text", event->text);
}

/* The kinds that say more than a text. */
static const struct {
    const char *kind;
    EventKeys *keys;
} typed[] = {
    {"began", run_began},
    {"finished", run_finished},
    {"step-started", step_started},
    {"target-finished", target_finished},
};

static EventKeys *keys_of(const char *kind)
{
    for (gsize i = 0; i < G_N_ELEMENTS(typed); i++)
        if (g_str_equal(typed[i].kind, kind))
            return typed[i].keys;
    return plain_text;
}

/* ---- Lines ---- */

static JsonOut *begin_line(const RunResult *run, gint64 time_us, const char *type)
{
    JsonOut *json = json_out_new(0);
    g_autofree char *time = timestamp_format_milliseconds(time_us);
    json_out_begin_object(json, NULL);
    json_out_int(json, "v", EVENT_LINE_VERSION);
    json_out_string(json, "type", type);
    json_out_string(json, "time", time);
    json_out_string(json, "run", run->id);
    return json;
}

char *event_line(const RunResult *run, const RunEvent *event)
{
    g_autoptr(JsonOut) json = begin_line(run, event->time_us, event->kind);
    json_out_int(json, "number", (gint64)event->number);
    json_out_string(json, "target", event->target);
    keys_of(event->kind)(json, run, event);
    json_out_end_object(json);
    return json_out_steal(json);
}

char *event_line_dropped(const RunResult *run, gint64 time_us, guint count)
{
    g_autoptr(JsonOut) json = begin_line(run, time_us, "dropped");
    json_out_int(json, "count", count);
    json_out_end_object(json);
    return json_out_steal(json);
}

char *event_lines(const RunResult *run)
{
    GString *lines = g_string_new(NULL);
    for (guint i = 0; i < run->events->len; i++) {
        g_autofree char *line = event_line(run, run->events->pdata[i]);
        g_string_append(lines, line);
    }
    return g_string_free(lines, FALSE);
}
