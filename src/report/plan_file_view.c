/* Plan file view: the head, the paths with their targets, the exceptions. */
#include "report/plan_file_view.h"

#include "base/duration.h"
#include "base/json_out.h"
#include "report/risk_view_internal.h"

#define NAMES_SHOWN 8u

static unsigned targets_of(const PlanFile *file, const PlanFilePath *path)
{
    unsigned count = 0;
    for (guint i = 0; i < file->targets->len; i++)
        count += ((const PlanFileTarget *)file->targets->pdata[i])->path == path;
    return count;
}

static char *rows_text(char **rows)
{
    return rows[0] ? g_strjoinv(" ", rows) : g_strdup("base");
}

/* ---- Text ---- */

static void print_time(GString *out, const char *label, gint64 unix_us)
{
    g_autofree char *text = timestamp_format(unix_us);
    if (unix_us)
        g_string_append_printf(out, "  %s %s\n", label, text);
}

static void print_policy(GString *out, const PlanFile *file)
{
    if (file->allow_edited)
        g_string_append(out, "  edited revisions allowed\n");
    if (file->fill)
        g_string_append(out, "  also what stands below the heads and never ran (--fill)\n");
    g_string_append(out, "  rollout:\n");
    rollout_policy_yaml(&file->rollout, "    ", out);
}

static void print_head(GString *out, const PlanFile *file)
{
    g_autofree char *goals = g_strjoinv(" ", file->goals);
    g_autofree char *made = timestamp_format(file->created_us);
    g_autofree char *variables = g_strjoinv(", ", file->variables);
    g_string_append_printf(out, "plan: %s %s, track %s\n  made %s by %s, digest %.12s\n",
                           plan_command_name(file->command), goals, file->track, made, file->created_by,
                           file->digest);
    print_time(out, "expires", file->expires_us);
    print_time(out, "not before", file->not_before_us);
    print_policy(out, file);
    if (file->variables[0])
        g_string_append_printf(out, "  needs -x for: %s\n", variables);
}

static void print_names(GString *out, const PlanFile *file, const PlanFilePath *path, bool all)
{
    unsigned shown = 0;
    unsigned count = targets_of(file, path);
    g_string_append(out, "  targets:");
    for (guint i = 0; i < file->targets->len; i++) {
        const PlanFileTarget *target = file->targets->pdata[i];
        if (target->path != path)
            continue;
        if (all)
            g_string_append_printf(out, "\n    %s  %s", target->name, target->endpoint);
        else if (shown < NAMES_SHOWN)
            g_string_append_printf(out, "%s %s", shown ? "," : "", target->name);
        shown++;
    }
    if (!all && count > NAMES_SHOWN)
        g_string_append_printf(out, " and %u more", count - NAMES_SHOWN);
    g_string_append_c(out, '\n');
}

static void print_path(GString *out, const PlanFile *file, const PlanFilePath *path,
                       const ReportOptions *options)
{
    unsigned count = targets_of(file, path);
    g_autofree char *from = rows_text(path->from);
    g_string_append_printf(out, "\npath %s: %u %s, %s, from %s, %u %s\n", path->name, count,
                           count == 1 ? "target" : "targets", dialect_name(path->dialect), from,
                           path->steps->len, path->steps->len == 1 ? "step" : "steps");
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanFileStep *step = path->steps->pdata[i];
        g_autofree char *after = rows_text(step->after);
        g_autofree char *line = g_strdup_printf("  %u. %s %s -> %s  (%.12s%s)", i + 1,
                                                *step->revision ? direction_name(step->direction) : "stamp",
                                                step->revision, after, step->checksum ? step->checksum : "",
                                                step->check ? ", checked before" : "");
        risk_view_line(out, line, 5, step->risks, options);
    }
    print_names(out, file, path, options->verbose);
}

static void print_risks(GString *out, const PlanFile *file, const ReportOptions *options)
{
    g_autoptr(GPtrArray) steps = risk_view_file_steps(file);
    if (steps->len)
        g_string_append(out, "\nwhat to know before:\n");
    risk_view_print(out, steps, options);
}

static void print_exceptions(GString *out, const PlanFile *file)
{
    if (file->exceptions->len)
        g_string_append_printf(out, "\nleft alone: %u\n", file->exceptions->len);
    for (guint i = 0; i < file->exceptions->len; i++) {
        const PlanFileException *exception = file->exceptions->pdata[i];
        g_string_append_printf(out, "  %s  %s%s%s\n", exception->name, exception->problem,
                               exception->reason ? ": " : "", exception->reason ? exception->reason : "");
    }
}

char *plan_file_view_text(const PlanFile *file, const ReportOptions *options)
{
    GString *out = g_string_new(NULL);
    unsigned unchanged = targets_of(file, NULL);
    print_head(out, file);
    for (guint i = 0; i < file->paths->len; i++)
        print_path(out, file, file->paths->pdata[i], options);
    print_risks(out, file, options);
    if (unchanged)
        g_string_append_printf(out, "\nat their goal already: %u\n", unchanged);
    print_exceptions(out, file);
    return g_string_free(out, FALSE);
}

/* ---- JSON ---- */

static void path_json(JsonOut *json, const PlanFile *file, const PlanFilePath *path)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "path", path->name);
    json_out_string(json, "digest", path->digest);
    json_out_string(json, "dialect", dialect_name(path->dialect));
    json_out_int(json, "targets", targets_of(file, path));
    json_out_strings(json, "from", (const char *const *)path->from);
    json_out_begin_array(json, "steps");
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanFileStep *step = path->steps->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "revision", *step->revision ? step->revision : NULL);
        json_out_string(json, "direction", *step->revision ? direction_name(step->direction) : "stamp");
        json_out_string(json, "checksum", step->checksum);
        json_out_strings(json, "after", (const char *const *)step->after);
        risk_view_json(json, step->risks);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
}

static void targets_json(JsonOut *json, const PlanFile *file)
{
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < file->targets->len; i++) {
        const PlanFileTarget *target = file->targets->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "target", target->name);
        json_out_string(json, "endpoint", target->endpoint);
        json_out_string(json, "path", target->path ? target->path->name : NULL);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_begin_array(json, "exceptions");
    for (guint i = 0; i < file->exceptions->len; i++) {
        const PlanFileException *exception = file->exceptions->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "target", exception->name);
        json_out_string(json, "endpoint", exception->endpoint);
        json_out_string(json, "problem", exception->problem);
        json_out_string(json, "reason", exception->reason);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void time_json(JsonOut *json, const char *key, gint64 unix_us)
{
    g_autofree char *text = unix_us ? timestamp_format(unix_us) : NULL;
    json_out_string(json, key, text);
}

char *plan_file_view_json(const PlanFile *file)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_string(json, "command", plan_command_name(file->command));
    json_out_strings(json, "goals", (const char *const *)file->goals);
    json_out_string(json, "track", file->track);
    json_out_string(json, "digest", file->digest);
    json_out_string(json, "operator", file->created_by);
    time_json(json, "created", file->created_us);
    time_json(json, "expires", file->expires_us);
    time_json(json, "not_before", file->not_before_us);
    json_out_strings(json, "variables", (const char *const *)file->variables);
    json_out_begin_array(json, "paths");
    for (guint i = 0; i < file->paths->len; i++)
        path_json(json, file, file->paths->pdata[i]);
    json_out_end_array(json);
    targets_json(json, file);
    json_out_end_object(json);
    return json_out_steal(json);
}
