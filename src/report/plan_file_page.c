/* Plan file page: a plan as one HTML page that needs nothing else. Its markup, style and script are the
 * plan.* files in src/report/page/; here is only its data. */
#include "report/plan_file_view.h"

#include "base/duration.h"
#include "base/json_out.h"
#include "report/page_parts_internal.h"
#include "report/plan_file_summary_internal.h"
#include "report/risk_view_internal.h"
#include "report/size_view_internal.h"

static const char *const scripts[] = {"page_text.js", "plan.js"};

static void time_json(JsonOut *json, const char *key, gint64 unix_us)
{
    g_autofree char *text = unix_us ? timestamp_format(unix_us) : NULL;
    json_out_string(json, key, text);
}

static void head_json(JsonOut *json, const PlanFileSummary *summary)
{
    const PlanFile *file = summary->file;
    g_autofree char *title = plan_file_title(file), *limits = plan_file_limits_text(file);
    json_out_string(json, "title", title);
    json_out_string(json, "track", file->track);
    json_out_string(json, "digest", file->digest);
    json_out_string(json, "operator", file->created_by);
    time_json(json, "created", file->created_us);
    time_json(json, "expires", file->expires_us);
    time_json(json, "not_before", file->not_before_us);
    json_out_strings(json, "variables", (const char *const *)file->variables);
    json_out_string(json, "limits", limits);
    json_out_int(json, "pending", summary->pending);
    json_out_int(json, "at_goal", summary->at_goal);
    json_out_int(json, "left_alone", file->exceptions->len);
}

static void step_json(JsonOut *json, const StepSummary *step, bool read)
{
    g_autofree char *sql = step->section ? g_strndup(step->section->text, step->section->length) : NULL;
    json_out_begin_object(json, NULL);
    json_out_string(json, "word", plan_file_step_word(step->step));
    json_out_string(json, "revision", step->step->revision);
    json_out_string(json, "message", step->revision ? step->revision->message : "");
    json_out_string(json, "dialect", dialect_name(step->dialect));
    json_out_int(json, "targets", step->targets);
    json_out_bool(json, "fill", step->step->fill);
    json_out_bool(json, "changed", read && *step->step->revision && !step->section);
    json_out_string(json, "sql", sql);
    risk_view_json(json, step->step->risks);
    json_out_end_object(json);
}

static void wave_json(JsonOut *json, const PlanFile *file, const PlanFileWave *wave)
{
    g_autofree char *rules = plan_file_wave_rules(file, wave);
    json_out_begin_object(json, NULL);
    json_out_string(json, "name", wave->name);
    json_out_int(json, "targets", wave->targets);
    json_out_string(json, "rules", rules);
    json_out_end_object(json);
}

static void path_json(JsonOut *json, const PlanFilePath *path)
{
    g_autofree char *from = plan_file_rows_text(path->from);
    g_autofree char *to = plan_file_rows_text(plan_file_path_end(path));
    json_out_begin_object(json, NULL);
    json_out_string(json, "name", path->name);
    json_out_string(json, "dialect", dialect_name(path->dialect));
    json_out_int(json, "targets", path->takers->len);
    json_out_string(json, "from", from);
    json_out_string(json, "to", to);
    json_out_int(json, "steps", path->steps->len);
    json_out_end_object(json);
}

static void exceptions_json(JsonOut *json, const GPtrArray *groups)
{
    json_out_begin_array(json, "exceptions");
    for (guint i = 0; i < groups->len; i++) {
        const ExceptionSummary *group = groups->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "problem", group->problem);
        json_out_string(json, "reason", group->reason);
        json_out_begin_array(json, "targets");
        for (guint j = 0; j < group->exceptions->len; j++)
            json_out_string(json, NULL, ((const PlanFileException *)group->exceptions->pdata[j])->name);
        json_out_end_array(json);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void size_json(JsonOut *json, const TableSize *size)
{
    g_autofree char *all = size_view_amount(size->rows, size->bytes, size->at_least);
    json_out_begin_object(json, NULL);
    json_out_string(json, "table", size->table);
    json_out_int(json, "targets", size->targets);
    json_out_int(json, "unasked", size->unasked);
    json_out_string(json, "all", all);
    json_out_begin_array(json, "largest");
    for (guint i = 0; i < size->largest->len; i++) {
        const TableSizeAt *at = size->largest->pdata[i];
        g_autofree char *amount = size_view_amount(at->rows, at->bytes, false);
        g_autofree char *text = g_strdup_printf("%s: %s", at->target, amount);
        json_out_string(json, NULL, text);
    }
    json_out_end_array(json);
    json_out_end_object(json);
}

static void sizes_json(JsonOut *json, const GPtrArray *sizes)
{
    json_out_begin_array(json, "sizes");
    for (guint i = 0; sizes && i < sizes->len; i++)
        size_json(json, sizes->pdata[i]);
    json_out_end_array(json);
}

/* Who signed, and whether it counts. */
static void approvals_json(JsonOut *json, const PlanFile *file)
{
    json_out_int(json, "approvals_needed", file->approvals_needed);
    json_out_begin_array(json, "approvals");
    for (guint i = 0; file->approvals && i < file->approvals->len; i++) {
        const Approval *approval = file->approvals->pdata[i];
        g_autofree char *standing = approval_standing(approval);
        json_out_begin_object(json, NULL);
        json_out_string(json, "signer", approval->principals ? approval_signer(approval) : approval->file);
        json_out_string(json, "standing", standing);
        json_out_bool(json, "counts", approval->state == APPROVAL_COUNTS);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

/* A list each: 10,000 objects with keys would be half the page. */
static void targets_json(JsonOut *json, const PlanFile *file)
{
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < file->targets->len; i++) {
        const PlanFileTarget *target = file->targets->pdata[i];
        if (!target->path)
            continue;
        json_out_begin_array(json, NULL);
        json_out_string(json, NULL, target->name);
        json_out_string(json, NULL, target->endpoint);
        json_out_string(json, NULL, target->path->name);
        json_out_string(json, NULL, target->wave ? target->wave->name : "");
        json_out_end_array(json);
    }
    json_out_end_array(json);
}

static char *page_json(const PlanFileSummary *summary)
{
    const PlanFile *file = summary->file;
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_begin_object(json, NULL);
    head_json(json, summary);
    json_out_begin_array(json, "steps");
    for (guint i = 0; i < summary->steps->len; i++)
        step_json(json, summary->steps->pdata[i], summary->graph != NULL);
    json_out_end_array(json);
    json_out_begin_array(json, "waves");
    for (guint i = 0; file->waves && i < file->waves->len; i++)
        wave_json(json, file, file->waves->pdata[i]);
    json_out_end_array(json);
    json_out_begin_array(json, "paths");
    for (guint i = 0; i < file->paths->len; i++)
        path_json(json, file->paths->pdata[i]);
    json_out_end_array(json);
    exceptions_json(json, summary->exceptions);
    sizes_json(json, file->sizes);
    approvals_json(json, file);
    targets_json(json, file);
    json_out_end_object(json);
    return json_out_steal(json);
}

char *plan_file_view_html(const PlanFile *file, const RevisionGraph *graph)
{
    g_autoptr(PlanFileSummary) summary = plan_file_summary_new(file, graph);
    g_autofree char *template = page_file_text("plan.html");
    g_autofree char *shared = page_file_text("page.css"), *own = page_file_text("plan.css");
    g_autofree char *style = g_strconcat(shared, own, NULL);
    g_autofree char *script = page_script(scripts, G_N_ELEMENTS(scripts));
    g_autofree char *policy = page_policy(style, script, false);
    g_autofree char *words = plan_file_title(file);
    g_autofree char *title = g_markup_printf_escaped("Plan: %s (%.12s)", words, file->digest);
    g_autofree char *json = page_json(summary), *data = page_data(json);
    const PageFilling fillings[] = {{"policy", policy}, {"title", title},   {"style", style},
                                    {"data", data},     {"script", script}, {0}};
    return page_fill(template, fillings);
}
