/* Plan file as JSON: what the file says, for programs. */
#include "report/plan_file_view.h"

#include "base/duration.h"
#include "base/json_out.h"
#include "base/yaml_tree.h"
#include "report/plan_file_summary_internal.h"
#include "report/risk_view_internal.h"
#include "report/size_view_internal.h"

/* ---- The rollout, with the keys of dbfleet.yaml ---- */

static void node_json(JsonOut *json, const char *key, const YamlNode *node);

static void scalar_json(JsonOut *json, const char *key, const YamlNode *node)
{
    const char *text = yaml_text(node);
    guint64 number;
    bool plain = !yaml_is_quoted(node);
    if (plain && (g_str_equal(text, "true") || g_str_equal(text, "false")))
        json_out_bool(json, key, g_str_equal(text, "true"));
    else if (plain && g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &number, NULL))
        json_out_int(json, key, (gint64)number);
    else
        json_out_string(json, key, text);
}

static void node_json(JsonOut *json, const char *key, const YamlNode *node)
{
    if (yaml_kind(node) == YAML_MAPPING) {
        json_out_begin_object(json, key);
        for (unsigned i = 0; i < yaml_length(node); i++)
            node_json(json, yaml_key_at(node, i), yaml_at(node, i));
        json_out_end_object(json);
    } else if (yaml_kind(node) == YAML_SEQUENCE) {
        json_out_begin_array(json, key);
        for (unsigned i = 0; i < yaml_length(node); i++)
            node_json(json, NULL, yaml_at(node, i));
        json_out_end_array(json);
    } else {
        scalar_json(json, key, node);
    }
}

static void rollout_json(JsonOut *json, const PlanFile *file)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    rollout_policy_yaml(&file->rollout, "", text);
    if (text->len == 0)
        g_string_append(text, "{}\n");
    g_autoptr(YamlTree) tree = yaml_tree_parse(text->str, text->len, "rollout", problems);
    g_assert(tree); /* its own writing */
    node_json(json, "rollout", yaml_tree_root(tree));
}

/* ---- Paths ---- */

static void step_json(JsonOut *json, const PlanFileStep *step)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "revision", *step->revision ? step->revision : NULL);
    json_out_string(json, "direction", plan_file_step_word(step));
    json_out_bool(json, "fill", step->fill);
    json_out_string(json, "checksum", step->checksum);
    json_out_string(json, "check", step->check);
    json_out_string(json, "verify", step->verify);
    json_out_strings(json, "after", (const char *const *)step->after);
    risk_view_json(json, step->risks);
    json_out_end_object(json);
}

static void path_json(JsonOut *json, const PlanFilePath *path)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "path", path->name);
    json_out_string(json, "digest", path->digest);
    json_out_string(json, "dialect", dialect_name(path->dialect));
    json_out_int(json, "targets", path->takers->len);
    json_out_strings(json, "from", (const char *const *)path->from);
    json_out_begin_array(json, "steps");
    for (guint i = 0; i < path->steps->len; i++)
        step_json(json, path->steps->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
}

/* ---- Targets ---- */

static void waves_json(JsonOut *json, const PlanFile *file)
{
    json_out_begin_array(json, "waves");
    for (guint i = 0; file->waves && i < file->waves->len; i++) {
        const PlanFileWave *wave = file->waves->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "wave", wave->name);
        json_out_int(json, "targets", wave->targets);
        json_out_int(json, "at_goal", wave->at_goal);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void target_json(JsonOut *json, const PlanFileTarget *target)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->name);
    json_out_string(json, "endpoint", target->endpoint);
    json_out_string(json, "path", target->path ? target->path->name : NULL);
    json_out_string(json, "wave", target->wave ? target->wave->name : NULL);
    json_out_end_object(json);
}

static void exception_json(JsonOut *json, const PlanFileException *exception)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", exception->name);
    json_out_string(json, "endpoint", exception->endpoint);
    json_out_string(json, "problem", exception->problem);
    json_out_string(json, "reason", exception->reason);
    json_out_string(json, "wave", exception->wave ? exception->wave->name : NULL);
    json_out_end_object(json);
}

/* ---- The whole ---- */

static void time_json(JsonOut *json, const char *key, gint64 unix_us)
{
    g_autofree char *text = unix_us ? timestamp_format(unix_us) : NULL;
    json_out_string(json, key, text);
}

static void head_json(JsonOut *json, const PlanFile *file)
{
    json_out_int(json, "format", 1);
    json_out_string(json, "command", plan_command_name(file->command));
    json_out_strings(json, "goals", (const char *const *)file->goals);
    json_out_string(json, "track", file->track);
    json_out_string(json, "version_table", file->version_table);
    json_out_string(json, "digest", file->digest);
    json_out_string(json, "operator", file->created_by);
    time_json(json, "created", file->created_us);
    time_json(json, "expires", file->expires_us);
    time_json(json, "not_before", file->not_before_us);
    json_out_strings(json, "variables", (const char *const *)file->variables);
    json_out_bool(json, "allow_edited", file->allow_edited);
    json_out_bool(json, "fill", file->fill);
}

static void approval_json(JsonOut *json, const Approval *approval)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "signer", approval_signer(approval));
    json_out_string(json, "state", approval_state_name(approval->state));
    json_out_string(json, "reason", approval->reason);
    json_out_string(json, "key", approval->key);
    json_out_string(json, "file", approval->file);
    json_out_end_object(json);
}

static void approvals_json(JsonOut *json, const PlanFile *file)
{
    if (!file->approvals) {
        json_out_null(json, "approvals");
        return;
    }
    json_out_int(json, "approvals_needed", file->approvals_needed);
    json_out_begin_array(json, "approvals");
    for (guint i = 0; i < file->approvals->len; i++)
        approval_json(json, file->approvals->pdata[i]);
    json_out_end_array(json);
}

char *plan_file_view_json(const PlanFile *file)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    head_json(json, file);
    approvals_json(json, file);
    rollout_json(json, file);
    waves_json(json, file);
    json_out_begin_array(json, "paths");
    for (guint i = 0; i < file->paths->len; i++)
        path_json(json, file->paths->pdata[i]);
    json_out_end_array(json);
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < file->targets->len; i++)
        target_json(json, file->targets->pdata[i]);
    json_out_end_array(json);
    json_out_begin_array(json, "exceptions");
    for (guint i = 0; i < file->exceptions->len; i++)
        exception_json(json, file->exceptions->pdata[i]);
    json_out_end_array(json);
    size_view_json(json, file->sizes);
    json_out_end_object(json);
    return json_out_steal(json);
}
