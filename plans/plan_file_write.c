/* Plan file, writing: one line for each step and target, in an order that does not change from plan to plan,
 * so that two of them compare well. */
#include "plans/plan_file_internal.h"

#include "base/digest.h"
#include "base/duration.h"
#include "base/yaml_out.h"
#include <string.h>

static void add_line(GString *out, const char *key, const char *value)
{
    g_string_append_printf(out, "%s: ", key);
    yaml_out_text(out, value);
    g_string_append_c(out, '\n');
}

static void add_time(GString *out, const char *key, gint64 unix_us)
{
    if (unix_us == 0)
        return;
    g_autofree char *text = timestamp_format(unix_us);
    add_line(out, key, text);
}

static void add_flag(GString *out, const char *key, bool value)
{
    if (value)
        g_string_append_printf(out, "%s: true\n", key);
}

static void add_head(GString *out, const PlanFile *self)
{
    g_string_append(out, "# A plan of dbfleet. \"dbfleet plan show\" shows it, \"dbfleet apply\" runs it as "
                         "it is here or not at "
                         "all:\n# a changed file is refused.\nversion: " PLAN_FILE_VERSION "\n");
    add_line(out, "command", plan_command_name(self->command));
    g_string_append(out, "goals: ");
    yaml_out_list(out, self->goals);
    g_string_append_c(out, '\n');
    add_line(out, "track", self->track);
    add_line(out, "version_table", self->version_table);
    add_time(out, "created", self->created_us);
    add_line(out, "created_by", self->created_by);
    add_time(out, "expires", self->expires_us);
    add_time(out, "not_before", self->not_before_us);
    g_string_append(out, "variables: ");
    yaml_out_list(out, self->variables);
    g_string_append(out, "\n");
    add_flag(out, "allow_edited", self->allow_edited);
    add_flag(out, "fill", self->fill);
    g_string_append(out, "rollout:\n");
    rollout_policy_yaml(&self->rollout, "  ", out);
}

static void add_waves(GString *out, const PlanFile *self)
{
    g_string_append(out, self->waves ? "waves:\n" : "");
    for (guint i = 0; self->waves && i < self->waves->len; i++) {
        const PlanFileWave *wave = self->waves->pdata[i];
        g_string_append(out, "  - {name: ");
        yaml_out_text(out, wave->name);
        g_string_append_printf(out, ", targets: %u", wave->targets);
        if (wave->at_goal > 0)
            g_string_append_printf(out, ", at_goal: %u", wave->at_goal);
        g_string_append(out, "}\n");
    }
}

static void add_risks(GString *out, const GPtrArray *risks)
{
    if (risks->len == 0)
        return;
    g_string_append(out, ", risks: [");
    for (guint i = 0; i < risks->len; i++) {
        const RiskMark *mark = risks->pdata[i];
        g_string_append_printf(out, "%s{kind: %s", i ? ", " : "", risk_kind_name(mark->kind));
        if (mark->statement)
            g_string_append_printf(out, ", statement: %u", mark->statement);
        yaml_out_member(out, "object", mark->object);
        yaml_out_member(out, "reason", mark->reason);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void add_step(GString *out, const PlanFileStep *step)
{
    if (*step->revision) {
        g_string_append(out, "      - {revision: ");
        yaml_out_text(out, step->revision);
        yaml_out_member(out, "direction", direction_name(step->direction));
    } else {
        g_string_append(out, "      - {direction: stamp");
    }
    if (step->fill)
        g_string_append(out, ", fill: true");
    g_string_append(out, ", after: ");
    yaml_out_list(out, step->after);
    yaml_out_member(out, "checksum", step->checksum);
    yaml_out_member(out, "check", step->check);
    yaml_out_member(out, "verify", step->verify);
    add_risks(out, step->risks);
    g_string_append(out, "}\n");
}

static void add_path(GString *out, const PlanFilePath *path)
{
    g_string_append_printf(out, "  %s:\n    dialect: %s\n    from: ", path->name,
                           dialect_name(path->dialect));
    yaml_out_list(out, path->from);
    g_string_append(out, "\n    digest: ");
    yaml_out_text(out, path->digest);
    g_string_append(out, "\n    steps:\n");
    for (guint i = 0; i < path->steps->len; i++)
        add_step(out, path->steps->pdata[i]);
}

static void add_target(GString *out, const PlanFileTarget *target)
{
    g_string_append(out, "  - {name: ");
    yaml_out_text(out, target->name);
    yaml_out_member(out, "endpoint", target->endpoint);
    yaml_out_member(out, "path", target->path ? target->path->name : "none");
    yaml_out_member(out, "wave", target->wave ? target->wave->name : NULL);
    yaml_out_member(out, "variables", target->variables);
    g_string_append(out, "}\n");
}

static void add_exception(GString *out, const PlanFileException *exception)
{
    g_string_append(out, "  - {name: ");
    yaml_out_text(out, exception->name);
    yaml_out_member(out, "endpoint", exception->endpoint);
    yaml_out_member(out, "problem", exception->problem);
    yaml_out_member(out, "reason", exception->reason);
    yaml_out_member(out, "wave", exception->wave ? exception->wave->name : NULL);
    g_string_append(out, "}\n");
}

void plan_file_sum(const char *text, gsize length, char digest[65])
{
    Digest *sum = digest_new(length);
    digest_add(sum, text, length);
    digest_end(sum, digest);
}

char *plan_file_text(PlanFile *self)
{
    GString *out = g_string_new(NULL);
    add_head(out, self);
    add_waves(out, self);
    g_string_append_printf(out, "paths:%s\n", self->paths->len ? "" : " {}");
    for (guint i = 0; i < self->paths->len; i++)
        add_path(out, self->paths->pdata[i]);
    g_string_append_printf(out, "targets:%s\n", self->targets->len ? "" : " []");
    for (guint i = 0; i < self->targets->len; i++)
        add_target(out, self->targets->pdata[i]);
    g_string_append_printf(out, "exceptions:%s", self->exceptions->len ? "\n" : " []\n");
    for (guint i = 0; i < self->exceptions->len; i++)
        add_exception(out, self->exceptions->pdata[i]);
    plan_file_sizes_write(self->sizes, out);
    plan_file_sum(out->str, out->len, self->digest);
    g_string_append_printf(out, "%s%s\n", &PLAN_FILE_DIGEST_LINE[1], self->digest);
    return g_string_free(out, FALSE);
}
