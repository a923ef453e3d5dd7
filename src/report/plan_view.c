/* Plan view: a plan as text and JSON, before anything runs: totals, each distinct path once, exceptions
 * grouped by kind and reason. */
#include "report/plan_view.h"
#include "base/finding.h"
#include "base/json_out.h"
#include "base/terminal.h"
#include "base/text_table.h"
#include "report/check_view_internal.h"
#include "report/exceptions_internal.h"
#include "report/risk_view_internal.h"
#include "report/since_view_internal.h"
#include "report/size_view_internal.h"
#include "report/style_internal.h"
#include "report/wave_view_internal.h"
#include <string.h>

#define STEPS_SHOWN 12
#define FILES_SHOWN 5

typedef struct View {
    GString *out;
    const Plan *plan;
    const ReportOptions *options;
} View;

static void print_totals(const View *view)
{
    const unsigned *counts = view->plan->counts;
    const StyleCount rows[] = {{counts[PLAN_PENDING], "to do", STYLE_BOLD},
                               {counts[PLAN_AT_GOAL], "already there", STYLE_GREEN},
                               {counts[PLAN_BLOCKED], "blocked", STYLE_RED},
                               {counts[PLAN_UNREACHABLE], "unreachable", STYLE_YELLOW},
                               {counts[PLAN_INACTIVE], "inactive", STYLE_PLAIN}};
    g_autofree char *goal = g_strjoinv(" ", view->plan->goals);
    g_autofree char *lead =
        g_strdup_printf("plan: %s %s, %u %s:", plan_command_name(view->plan->command), goal,
                        view->plan->targets->len, view->plan->targets->len == 1 ? "target" : "targets");
    style_append_counts(view->out, view->options, lead, rows, G_N_ELEMENTS(rows));
}

/* ---- Paths ---- */

static char *rows_text(char **rows)
{
    return rows[0] ? g_strjoinv(", ", rows) : g_strdup("base");
}

static void print_step(const View *view, const PlanStep *step)
{
    if (!step->revision) {
        g_string_append(view->out, "      stamp, no SQL\n");
        return;
    }
    g_autofree char *message = text_printable(step->revision->message, false);
    g_autofree char *line =
        g_strdup_printf("      %s %s  %s", direction_name(step->direction), step->revision->id, message);
    risk_view_line(view->out, line, 9, step->risks, view->options);
}

static void print_sql(const View *view, const PlanStep *step)
{
    if (!view->options->verbose || !plan_step_section(step))
        return;
    g_auto(GStrv) lines = g_strsplit(plan_step_section(step)->text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autofree char *safe = text_printable(*line, false);
        g_string_append_printf(view->out, *safe ? "        %s\n" : "%s\n", safe);
    }
}

static const PlanTarget *first_of(const Plan *plan, const PlanPath *path)
{
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        if (target->path == path)
            return target;
    }
    return NULL;
}

static void print_path(const View *view, const PlanPath *path)
{
    const PlanTarget *first = first_of(view->plan, path);
    const PlanStep *step = &path->steps->first[0];
    g_autofree char *from = rows_text(step->before);
    g_autofree char *to = rows_text(path->rows);
    g_autofree char *title =
        g_strdup_printf("%u %s", path->targets, path->targets == 1 ? "target" : "targets");
    g_autofree char *what = g_strdup_printf("(%s, %s%s): %s -> %s, %u %s", dialect_name(path->dialect),
                                            first->target->name, path->targets > 1 ? ", …" : "", from, to,
                                            path->steps->len, path->steps->len == 1 ? "step" : "steps");
    guint shown = view->options->verbose ? path->steps->len : MIN(path->steps->len, STEPS_SHOWN);
    g_string_append(view->out, "  ");
    style_append(view->out, view->options->color, STYLE_BOLD, title);
    style_append_words(view->out, 2 + terminal_text_width(title), 4, view->options->width, what);
    for (guint i = 0; i < shown; i++) {
        print_step(view, &path->steps->first[i]);
        print_sql(view, &path->steps->first[i]);
    }
    if (shown < path->steps->len)
        g_string_append_printf(view->out, "      … and %u more (-v shows all)\n", path->steps->len - shown);
}

/* What is planned now and gone tomorrow. */
static void print_uncommitted(const View *view)
{
    char **files = view->plan->uncommitted;
    guint count = files ? g_strv_length(files) : 0;
    if (count == 0)
        return;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (char **file = files; *file; file++)
        g_ptr_array_add(names, (gpointer)(strrchr(*file, '/') ? strrchr(*file, '/') + 1 : *file));
    g_autofree char *list = finding_names(names, view->options->verbose ? count : FILES_SHOWN);
    g_autofree char *text = g_strdup_printf("%u revision %s of this plan %s not committed to git: %s", count,
                                            count == 1 ? "file" : "files", count == 1 ? "is" : "are", list);
    style_append_wrapped(view->out, 2, view->options->width, "note:", text);
}

char *plan_view_text(const Plan *plan, const ReportOptions *options)
{
    const View view = {g_string_new(NULL), plan, options};
    print_totals(&view);
    for (guint i = 0; i < plan->paths->len; i++)
        print_path(&view, plan->paths->pdata[i]);
    g_autoptr(GPtrArray) steps = risk_view_steps(plan);
    risk_view_print(view.out, steps, options);
    size_view_print(view.out, plan->sizes, options);
    wave_view_plan(view.out, plan, options);
    exceptions_print(view.out, plan, options);
    check_view_print(view.out, plan, options);
    print_uncommitted(&view);
    since_view_print(view.out, plan->since, options);
    return g_string_free(view.out, FALSE);
}

/* ---- JSON ---- */

static void path_json(JsonOut *json, const PlanPath *path)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "digest", path->digest);
    json_out_string(json, "dialect", dialect_name(path->dialect));
    json_out_int(json, "targets", path->targets);
    json_out_strings(json, "heads_after", (const char *const *)path->rows);
    json_out_begin_array(json, "steps");
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanStep *step = &path->steps->first[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "revision", step->revision ? step->revision->id : NULL);
        json_out_string(json, "message", step->revision ? step->revision->message : NULL);
        json_out_string(json, "direction", step->revision ? direction_name(step->direction) : "stamp");
        json_out_string(json, "file", step->revision ? step->revision->file : NULL);
        json_out_string(json, "checksum", plan_step_section(step) ? plan_step_section(step)->checksum : NULL);
        json_out_bool(json, "transactional", step->transactional);
        risk_view_json(json, step->risks);
        json_out_strings(json, "heads_before", (const char *const *)step->before);
        json_out_strings(json, "heads_after", (const char *const *)step->after);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
}

static void target_json(JsonOut *json, const PlanTarget *target, bool waved)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->target->name);
    json_out_string(json, "group", target->target->group ? target->target->group->name : NULL);
    json_out_string(json, "endpoint", target->target->endpoint);
    json_out_string(json, "verdict", plan_verdict_name(target->verdict));
    json_out_string(json, "problem",
                    target->problem == PROBLEM_NONE ? NULL : plan_problem_name(target->problem));
    json_out_string(json, "reason", target->reason);
    if (target->state && target->state->outcome == PROBE_OK)
        json_out_strings(json, "heads", (const char *const *)target->state->rows);
    else
        json_out_null(json, "heads");
    json_out_string(json, "path", target->path ? target->path->digest : NULL);
    json_out_int(json, "wave", waved && target->verdict == PLAN_PENDING ? target->wave + 1 : 0);
    check_view_json(json, target);
    json_out_end_object(json);
}

char *plan_view_json(const Plan *plan)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_string(json, "command", plan_command_name(plan->command));
    json_out_strings(json, "goals", (const char *const *)plan->goals);
    json_out_string(json, "digest", plan->digest);
    json_out_begin_object(json, "totals");
    for (int i = 0; i <= PLAN_INACTIVE; i++)
        json_out_int(json, plan_verdict_name((PlanVerdict)i), plan->counts[i]);
    json_out_end_object(json);
    json_out_begin_array(json, "paths");
    for (guint i = 0; i < plan->paths->len; i++)
        path_json(json, plan->paths->pdata[i]);
    json_out_end_array(json);
    wave_view_plan_json(json, plan);
    size_view_json(json, plan->sizes);
    if (plan->uncommitted)
        json_out_strings(json, "uncommitted", (const char *const *)plan->uncommitted);
    else
        json_out_null(json, "uncommitted");
    since_view_json(json, plan->since);
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < plan->targets->len; i++)
        target_json(json, plan->targets->pdata[i], plan->waves != NULL);
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}
