/* Explain view: labels on the left, words wrapped behind them. */
#include "report/explain_view.h"
#include "base/duration.h"
#include "base/json_out.h"
#include "base/terminal.h"
#include "base/text_table.h"
#include "plans/plan_checks.h"
#include "report/exceptions_internal.h"
#include "report/risk_view_internal.h"
#include "report/style_internal.h"
#include <string.h>

#define INDENT 12
#define STEPS_SHOWN 3

typedef struct View {
    GString *out;
    const Explanation *explanation;
    const ReportOptions *options;
} View;

/* "  label   words", wrapped; without a label it goes on below the last one. */
static void print_row(const View *view, const char *label, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void print_row(const View *view, const char *label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_string_append_printf(view->out, "  %-*s", INDENT - 2, label);
    style_append_words(view->out, INDENT, INDENT, view->options->width, text);
}

/* Lines that are kept as they are. */
static void print_lines(const View *view, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autofree char *safe = text_printable(*line, false);
        g_autofree char *indented = g_strdup_printf("%*s  %s", INDENT, "", safe);
        g_autofree char *fits = text_ellipsize(indented, view->options->width);
        if (**line)
            g_string_append_printf(view->out, "%s\n", fits);
    }
}

/* ---- Who and where ---- */

static const struct {
    const char *word;
    StyleColor color;
} verdicts[] = {
    [PLAN_PENDING] = {"pending", STYLE_BOLD},   [PLAN_AT_GOAL] = {"at the goal", STYLE_GREEN},
    [PLAN_BLOCKED] = {"blocked", STYLE_RED},    [PLAN_UNREACHABLE] = {"unreachable", STYLE_YELLOW},
    [PLAN_INACTIVE] = {"skipped", STYLE_PLAIN},
};

static void print_title(const View *view)
{
    const PlanTarget *planned = view->explanation->planned;
    const char *kind = planned->verdict == PLAN_INACTIVE ? target_life_name(view->explanation->target->life)
                       : planned->problem == PROBLEM_NONE || planned->verdict == PLAN_UNREACHABLE
                           ? NULL
                           : plan_problem_name(planned->problem);
    style_append(view->out, false, STYLE_PLAIN, view->explanation->target->name);
    g_string_append(view->out, " is ");
    style_append(view->out, view->options->color, verdicts[planned->verdict].color,
                 verdicts[planned->verdict].word);
    g_string_append_printf(view->out, "%s%s\n", kind ? ": " : "", kind ? kind : "");
}

static void append_labels(GString *text, const Target *target)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(target->labels), (GCompareFunc)g_strcmp0);
    for (GList *name = names; name; name = name->next)
        g_string_append_printf(text, ", %s=%s", (char *)name->data,
                               (char *)g_hash_table_lookup(target->labels, name->data));
}

static void print_place(const View *view)
{
    const Target *target = view->explanation->target;
    const TargetState *state = view->explanation->state;
    g_autoptr(GString) member = g_string_new(target->group ? target->group->name : "none");
    g_string_append_printf(member, ", track %s", target->track);
    append_labels(member, target);
    print_row(view, "database", "%s%s%s", target->endpoint, state && state->server_version ? ", " : "",
              state && state->server_version ? state->server_version : "");
    print_row(view, "group", "%s", member->str);
}

/* ---- From here to there ---- */

static char *rows_text(char **rows)
{
    return rows && rows[0] ? g_strjoinv(", ", rows) : g_strdup("base");
}

static void print_step(const View *view, const PlanStep *step)
{
    if (!step->revision)
        return;
    g_autofree char *words = risk_view_words(step->risks);
    g_autofree char *marks = words ? g_strdup_printf("   [%s]", words) : NULL;
    g_autofree char *line = g_strdup_printf("%s %s  %s", direction_name(step->direction), step->revision->id,
                                            step->revision->message);
    print_lines(view, line);
    if (marks)
        print_lines(view, marks);
}

static void print_path(const View *view)
{
    const PlanPath *path = view->explanation->path;
    guint length = path ? path->steps->len : 0;
    guint shown = view->options->verbose || length == STEPS_SHOWN + 1 ? length : MIN(length, STEPS_SHOWN);
    if (length == 0)
        return;
    print_row(view, "path", "%u %s%s", length, length == 1 ? "step" : "steps",
              view->explanation->planned->verdict == PLAN_PENDING ? "" : ", held up");
    for (guint i = 0; i < shown; i++)
        print_step(view, &path->steps->first[i]);
    if (shown < length)
        g_string_append_printf(view->out, "%*s  … and %u more (-v shows all)\n", INDENT, "", length - shown);
}

static void print_heads(const View *view)
{
    const Explanation *explanation = view->explanation;
    const TargetState *state = explanation->state;
    g_autofree char *goal = rows_text(explanation->goal_rows);
    if (state && state->outcome == PROBE_OK) {
        g_autofree char *at = rows_text(state->rows);
        print_row(view, "at", "%s%s", at, state->has_version_table ? "" : " (no version table yet)");
    }
    if (explanation->goal_rows)
        print_row(view, "goal", "%s = %s", explanation->goal, goal);
    else
        print_row(view, "goal", "%s", explanation->goal);
    print_path(view);
}

/* ---- Why ---- */

static void print_reason(const View *view)
{
    const Explanation *explanation = view->explanation;
    static const char *const words[] = {
        [PLAN_PENDING] = "it has steps to do, and nothing holds them up",
        [PLAN_AT_GOAL] = "nothing is left to do",
        [PLAN_INACTIVE] = "the inventory says that it is not active, so no command touches it",
    };
    const PlanTarget *planned = explanation->planned;
    bool waits = planned->verdict == PLAN_PENDING && explanation->lock_holder;
    bool checks = planned->verdict == PLAN_PENDING && plan_path_has_checks(explanation->path);
    print_row(view, "why", "%s",
              planned->reason ? planned->reason
              : waits         ? "it has steps to do, and they wait for its lock"
              : checks        ? "it has steps to do; what their migrate:check says was not asked here"
                              : words[planned->verdict]);
    for (guint i = 0; i < explanation->details->len; i++)
        print_row(view, "", "%s", (const char *)explanation->details->pdata[i]);
    if (explanation->statement)
        print_lines(view, explanation->statement);
}

/* A run without an end: what became of its targets may not be known yet. */
static bool is_open(const char *end)
{
    static const char *const ends[] = {"running", "paused", "died", "not finished", NULL};
    return g_strv_contains(ends, end);
}

/* One line each, unless all is wanted: the last run's reason is often what stands above. */
static void print_run(const View *view, const char *label, const ExplainedRun *run)
{
    const char *reason = run->reason;
    if (reason && g_strcmp0(reason, view->explanation->planned->reason) == 0)
        reason = "for the same reason";
    bool open = run->end && is_open(run->end);
    g_autofree char *line =
        g_strdup_printf("%s %s: %s%s%s%s%s", run->id, run->command, open ? run->end : "", open ? ", " : "",
                        outcome_name(run->outcome), reason ? ", " : "", reason ? reason : "");
    unsigned width = view->options->width > INDENT ? view->options->width - INDENT : 1;
    g_autofree char *fits = text_ellipsize(line, width);
    print_row(view, label, "%s", view->options->verbose ? line : fits);
}

static void print_rest(const View *view)
{
    const Explanation *explanation = view->explanation;
    const TargetState *state = explanation->state;
    if (explanation->lock_holder)
        print_row(view, "lock", "held by %s%s", explanation->lock_holder,
                  explanation->lock_is_stale ? "; stale: its run is over or dead; wait for its statement, or "
                                               "end that session on the server"
                                             : "");
    else if (state && state->outcome == PROBE_OK)
        print_row(view, "lock", "nobody is seen to hold it");
    for (guint i = 0; i < explanation->runs->len; i++)
        print_run(view, i ? "" : "runs", explanation->runs->pdata[i]);
    for (guint i = 0; i < explanation->next->len; i++)
        print_row(view, i ? "" : "next", "%s", (const char *)explanation->next->pdata[i]);
}

char *explain_view_text(const Explanation *explanation, const ReportOptions *options)
{
    const View view = {g_string_new(NULL), explanation, options};
    print_title(&view);
    print_place(&view);
    print_heads(&view);
    print_reason(&view);
    print_rest(&view);
    return g_string_free(view.out, FALSE);
}

/* ---- JSON ---- */

static void trail_json(JsonOut *json, const TrailEntry *entry)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "revision", *entry->revision ? entry->revision : NULL);
    json_out_string(json, "direction", entry->direction);
    json_out_string(json, "state", entry->state);
    json_out_string(json, "checksum", entry->checksum);
    json_out_string(json, "run", entry->run_id);
    json_out_string(json, "applied_by", entry->applied_by);
    json_out_string(json, "started", entry->started);
    json_out_string(json, "finished", entry->finished);
    json_out_int(json, "statements_total", entry->total);
    json_out_int(json, "statements_done", entry->done);
    json_out_int(json, "intent", entry->intent);
    json_out_string(json, "detail", entry->detail);
    json_out_end_object(json);
}

static void run_json(JsonOut *json, const ExplainedRun *run)
{
    g_autofree char *started = timestamp_format(run->started_us);
    json_out_begin_object(json, NULL);
    json_out_string(json, "run", run->id);
    json_out_string(json, "command", run->command);
    json_out_string(json, "started", started);
    json_out_string(json, "end", run->end);
    json_out_string(json, "outcome", outcome_name(run->outcome));
    json_out_string(json, "reason", run->reason);
    json_out_end_object(json);
}

static void steps_json(JsonOut *json, const PlanPath *path)
{
    json_out_begin_array(json, "steps");
    for (guint i = 0; path && i < path->steps->len; i++) {
        const PlanStep *step = &path->steps->first[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "revision", step->revision ? step->revision->id : NULL);
        json_out_string(json, "message", step->revision ? step->revision->message : NULL);
        json_out_string(json, "direction", step->revision ? direction_name(step->direction) : NULL);
        json_out_bool(json, "transactional", step->transactional);
        risk_view_json(json, step->risks);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void texts_json(JsonOut *json, const char *key, const GPtrArray *texts)
{
    json_out_begin_array(json, key);
    for (guint i = 0; i < texts->len; i++)
        json_out_string(json, NULL, texts->pdata[i]);
    json_out_end_array(json);
}

static void rows_json(JsonOut *json, const char *key, char **rows)
{
    if (rows)
        json_out_strings(json, key, (const char *const *)rows);
    else
        json_out_null(json, key);
}

static void target_json(JsonOut *json, const Explanation *self)
{
    const Target *target = self->target;
    const PlanTarget *planned = self->planned;
    bool read = self->state && self->state->outcome == PROBE_OK;
    json_out_string(json, "target", target->name);
    json_out_string(json, "group", target->group ? target->group->name : NULL);
    json_out_string(json, "track", target->track);
    json_out_string(json, "life", target_life_name(target->life));
    json_out_string(json, "endpoint", target->endpoint);
    json_out_string(json, "server_version", self->state ? self->state->server_version : NULL);
    rows_json(json, "heads", read ? self->state->rows : NULL);
    json_out_string(json, "goal", self->goal);
    rows_json(json, "heads_goal", self->goal_rows);
    json_out_string(json, "verdict", plan_verdict_name(planned->verdict));
    json_out_string(json, "problem",
                    planned->problem == PROBLEM_NONE ? NULL : plan_problem_name(planned->problem));
    json_out_string(json, "reason", planned->reason);
    json_out_string(json, "error_class", self->state ? self->state->error_class : NULL);
}

char *explain_view_json(const Explanation *self)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    target_json(json, self);
    texts_json(json, "details", self->details);
    json_out_string(json, "statement", self->statement);
    steps_json(json, self->path);
    json_out_string(json, "lock_holder", self->lock_holder);
    json_out_bool(json, "lock_is_stale", self->lock_is_stale);
    json_out_begin_array(json, "history");
    for (guint i = 0; i < self->trail->len; i++)
        trail_json(json, self->trail->pdata[i]);
    json_out_end_array(json);
    json_out_begin_array(json, "runs");
    for (guint i = 0; i < self->runs->len; i++)
        run_json(json, self->runs->pdata[i]);
    json_out_end_array(json);
    texts_json(json, "next", self->next);
    json_out_end_object(json);
    return json_out_steal(json);
}
