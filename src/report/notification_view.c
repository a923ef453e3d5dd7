/* Notification view: a run at one moment, as JSON for programs and as a few lines for a chat. Texts of others
 * stand in code spans there, where they mean nothing and mention nobody. */
#include "report/notification_view.h"
#include "base/duration.h"
#include "base/json_out.h"
#include "base/text_table.h"
#include "report/summary_internal.h"
#include <string.h>

#define CLUSTERS_SENT 5
#define NAMES_SENT 10
#define NAMES_SHOWN 5
#define MESSAGE_MAX 300 /* columns of a text of others in a chat */

/* A run that sends this is there: it has not died. */
static const char *end_of(const RunResult *run)
{
    RunState state = run->paused_by ? RUN_PAUSED : RUN_RUNNING;
    return run_end_name(run->finished_us, state, run->interrupted, run->halt_reason != NULL);
}

static char *next_of(const RunResult *run)
{
    if (run->finished_us)
        return report_next_command(run);
    return run->paused_by ? g_strdup_printf("dbfleet continue %s", run->id) : NULL;
}

static guint wave_number(const Notification *self)
{
    guint index = 0;
    return self->wave && g_ptr_array_find(self->run->waves, self->wave, &index) ? index + 1 : 0;
}

/* ---- JSON ---- */

static void time_json(JsonOut *json, const char *key, gint64 time_us)
{
    g_autofree char *text = time_us ? timestamp_format(time_us) : NULL;
    json_out_string(json, key, text);
}

static void counts_json(JsonOut *json, const unsigned *counts)
{
    json_out_begin_object(json, "outcomes");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        json_out_int(json, outcome_name((Outcome)i), counts[i]);
    json_out_end_object(json);
}

static void run_json(JsonOut *json, const RunResult *run)
{
    json_out_string(json, "run", run->id);
    json_out_string(json, "command", run->command);
    json_out_string(json, "goal", run->goal);
    json_out_string(json, "track", run->track);
    json_out_string(json, "plan_file", run->plan_file);
    json_out_string(json, "of_run", run->of_run);
    json_out_string(json, "operator", run->operator_name);
    json_out_string(json, "host", run->host);
    time_json(json, "started", run->started_us);
    time_json(json, "finished", run->finished_us);
    json_out_string(json, "end", end_of(run));
    json_out_string(json, "halt_reason", run->halt_reason);
    if (run->finished_us)
        json_out_int(json, "exit_code", run_result_exit_code(run));
    else
        json_out_null(json, "exit_code");
}

static void wave_json(JsonOut *json, const Notification *self, const Summary *summary)
{
    guint number = wave_number(self);
    if (number == 0) {
        json_out_null(json, "wave");
        return;
    }
    json_out_begin_object(json, "wave");
    json_out_string(json, "name", self->wave->name);
    json_out_int(json, "number", number);
    json_out_int(json, "of", self->run->waves->len);
    json_out_string(json, "state", wave_state_name(self->wave->state));
    json_out_string(json, "halt_reason", self->wave->halt_reason);
    counts_json(json, summary_wave_counts(summary, number - 1));
    json_out_end_object(json);
}

static void names_json(JsonOut *json, const GPtrArray *targets)
{
    json_out_begin_array(json, "names");
    for (guint i = 0; i < MIN(targets->len, NAMES_SENT); i++)
        json_out_string(json, NULL, ((const TargetResult *)targets->pdata[i])->name);
    json_out_end_array(json);
}

static void cluster_json(JsonOut *json, const FailureCluster *cluster)
{
    const Failure *failure = cluster->example->failure;
    g_autofree char *place = failure ? summary_place(failure) : NULL;
    json_out_begin_object(json, NULL);
    json_out_string(json, "outcome", outcome_name(cluster->outcome));
    json_out_int(json, "targets", cluster->targets->len);
    names_json(json, cluster->targets);
    json_out_string(json, "class", failure ? failure->error_class : NULL);
    json_out_string(json, "code", failure ? failure->code : NULL);
    json_out_string(json, "message", failure ? failure->message : cluster->example->reason);
    json_out_string(json, "revision", failure ? failure->revision : NULL);
    json_out_string(json, "place", place);
    json_out_end_object(json);
}

char *notification_json(const Notification *self)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    g_autoptr(Summary) summary = summary_new(self->run);
    g_autofree char *next = next_of(self->run);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_string(json, "event", self->event);
    time_json(json, "time", self->time_us);
    json_out_string(json, "text", self->text);
    run_json(json, self->run);
    json_out_int(json, "targets", self->run->targets->len);
    counts_json(json, summary->counts);
    wave_json(json, self, summary);
    json_out_begin_array(json, "failures");
    for (guint i = 0; i < MIN(summary->clusters->len, CLUSTERS_SENT); i++)
        cluster_json(json, summary->clusters->pdata[i]);
    json_out_end_array(json);
    json_out_int(json, "failures_left_out",
                 summary->clusters->len - MIN(summary->clusters->len, CLUSTERS_SENT));
    json_out_begin_array(json, "warnings");
    for (guint i = 0; i < self->run->warnings->len; i++)
        json_out_string(json, NULL, self->run->warnings->pdata[i]);
    json_out_end_array(json);
    json_out_string(json, "next", next);
    json_out_end_object(json);
    return json_out_steal(json);
}

/* ---- Chat ---- */

/* https://api.slack.com/reference/surfaces/formatting#escaping */
static void append_escaped(GString *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : NULL;
        if (entity)
            g_string_append(out, entity);
        else
            g_string_append_c(out, *text);
    }
}

/* A text of others: its first line, cut off, in a code span. */
static void append_code(GString *out, const char *text)
{
    g_autofree char *line = g_strndup(text, strcspn(text, "\r\n"));
    g_autofree char *printable = text_printable(line, false);
    g_autofree char *shown = text_ellipsize(printable, MESSAGE_MAX);
    g_strdelimit(shown, "`", '\'');
    g_string_append_c(out, '`');
    append_escaped(out, shown);
    g_string_append_c(out, '`');
}

static const char *headline_of(const Notification *self)
{
    static const char *const words[][2] = {
        {"started", "STARTED"},     {"failed", "FIRST FAILURE"},
        {"halted", "HALTED"},       {"paused", "PAUSED"},
        {"continued", "CONTINUED"}, {"interrupted", "INTERRUPTED"},
        {"wave", "WAVE DONE"},      {"test", "TEST"},
    };
    if (self->wave && self->wave->state == WAVE_HALTED)
        return "WAVE HALTED";
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i][0], self->event))
            return words[i][1];
    return summary_verdict(self->run);
}

static void append_headline(GString *out, const Notification *self)
{
    const RunResult *run = self->run;
    g_autofree char *took =
        run->finished_us ? duration_format(run->finished_us - run->started_us) : g_strdup("");
    g_string_append_printf(out, "*%s* %s ", headline_of(self), run->command);
    append_code(out, run->goal);
    g_string_append(out, ", run ");
    append_code(out, run->id);
    g_string_append(out, ", track ");
    append_code(out, run->track);
    g_string_append(out, " by ");
    append_code(out, run->operator_name);
    g_string_append_printf(out, "%s%s\n", *took ? ", took " : "", took);
}

static void append_counts(GString *out, guint targets, const unsigned *counts)
{
    const char *between = ": ";
    g_string_append_printf(out, "%u %s", targets, targets == 1 ? "target" : "targets");
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (!counts[i])
            continue;
        g_string_append_printf(out, "%s%u %s", between, counts[i], outcome_name((Outcome)i));
        between = ", ";
    }
    g_string_append_c(out, '\n');
}

static void append_wave(GString *out, const Notification *self, const Summary *summary)
{
    guint number = wave_number(self);
    if (number == 0)
        return;
    g_string_append(out, "wave ");
    append_code(out, self->wave->name);
    g_string_append_printf(out, " (%u of %u): ", number, self->run->waves->len);
    append_counts(out, self->wave->targets, summary_wave_counts(summary, number - 1));
}

static void append_cluster(GString *out, const FailureCluster *cluster)
{
    const Failure *failure = cluster->example->failure;
    g_autofree char *message = failure ? summary_message(failure) : g_strdup(cluster->example->reason);
    g_autofree char *place = failure ? summary_place(failure) : NULL;
    g_string_append_printf(out, "%s on %u %s (", outcome_name(cluster->outcome), cluster->targets->len,
                           cluster->targets->len == 1 ? "target" : "targets");
    for (guint i = 0; i < MIN(cluster->targets->len, NAMES_SHOWN); i++) {
        g_string_append(out, i ? ", " : "");
        append_code(out, ((const TargetResult *)cluster->targets->pdata[i])->name);
    }
    g_string_append(out, cluster->targets->len > NAMES_SHOWN ? ", …): " : "): ");
    append_code(out, message ? message : "");
    if (place) {
        g_string_append(out, " at ");
        append_code(out, place);
    }
    g_string_append_c(out, '\n');
}

static void append_clusters(GString *out, const Summary *summary)
{
    guint count = summary->clusters->len;
    if (count > 0)
        append_cluster(out, summary->clusters->pdata[0]);
    if (count > 1)
        g_string_append_printf(out, "and %u more %s of failure\n", count - 1, count == 2 ? "kind" : "kinds");
}

static char *chat_text(const Notification *self)
{
    GString *out = g_string_new(NULL);
    g_autoptr(Summary) summary = summary_new(self->run);
    g_autofree char *next = next_of(self->run);
    const char *why = self->run->halt_reason ? self->run->halt_reason : self->text;
    append_headline(out, self);
    if (why) {
        append_code(out, why);
        g_string_append_c(out, '\n');
    }
    append_counts(out, self->run->targets->len, summary->counts);
    append_wave(out, self, summary);
    append_clusters(out, summary);
    if (next) {
        g_string_append(out, "next: ");
        append_code(out, next);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

char *notification_slack(const Notification *self)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    g_autofree char *text = g_strchomp(chat_text(self));
    json_out_begin_object(json, NULL);
    json_out_string(json, "text", text);
    json_out_end_object(json);
    return json_out_steal(json);
}
