/* Plan file, writing: one line for each step and target, in an order that does not change from plan to plan,
 * so that two of them compare well. */
#include "plans/plan_file_internal.h"

#include "base/duration.h"
#include <string.h>

/* A YAML double-quoted scalar on one line (YAML 1.2, 7.3.1). */
static void add_text(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *at = text; *at; at++) {
        guchar byte = (guchar)*at;
        if (byte == '"' || byte == '\\')
            g_string_append_printf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            g_string_append_printf(out, "\\x%02x", byte);
        else
            g_string_append_c(out, (char)byte);
    }
    g_string_append_c(out, '"');
}

static bool is_plain(const char *text)
{
    if (!g_ascii_isalpha(*text))
        return false;
    for (; *text; text++)
        if (!g_ascii_isalnum(*text) && *text != '_' && *text != '-')
            return false;
    return true;
}

/* Words that YAML would read as something else than text. */
static bool is_word_of_yaml(const char *text)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", NULL};
    g_autofree char *lower = g_ascii_strdown(text, -1);
    return g_strv_contains(words, lower);
}

static void add_value(GString *out, const char *text)
{
    if (is_plain(text) && !is_word_of_yaml(text))
        g_string_append(out, text);
    else
        add_text(out, text);
}

static void add_member(GString *out, const char *key, const char *value)
{
    if (!value)
        return;
    g_string_append_printf(out, ", %s: ", key);
    add_value(out, value);
}

static void add_list(GString *out, char *const *texts)
{
    g_string_append_c(out, '[');
    for (char *const *text = texts; *text; text++) {
        g_string_append(out, text == texts ? "" : ", ");
        add_value(out, *text);
    }
    g_string_append_c(out, ']');
}

static void add_line(GString *out, const char *key, const char *value)
{
    g_string_append_printf(out, "%s: ", key);
    add_value(out, value);
    g_string_append_c(out, '\n');
}

static void add_time(GString *out, const char *key, gint64 unix_us)
{
    if (unix_us == 0)
        return;
    g_autofree char *text = timestamp_format(unix_us);
    add_line(out, key, text);
}

static void add_head(GString *out, const PlanFile *self)
{
    g_string_append(out, "# A plan of dbfleet. \"dbfleet plan show\" shows it, \"dbfleet apply\" runs it as "
                         "it is here or not at "
                         "all:\n# a changed file is refused.\nversion: " PLAN_FILE_VERSION "\n");
    add_line(out, "command", plan_command_name(self->command));
    g_string_append(out, "goals: ");
    add_list(out, self->goals);
    g_string_append_c(out, '\n');
    add_line(out, "track", self->track);
    add_line(out, "version_table", self->version_table);
    add_time(out, "created", self->created_us);
    add_line(out, "created_by", self->created_by);
    add_time(out, "expires", self->expires_us);
    add_time(out, "not_before", self->not_before_us);
    g_string_append(out, "variables: ");
    add_list(out, self->variables);
    g_string_append_printf(out, "\npolicy: {jobs: %u, per_host: %u", self->policy.jobs,
                           self->policy.per_host);
    add_member(out, "max_failures", self->policy.max_failures);
    add_member(out, "max_unreachable", self->policy.max_unreachable);
    add_member(out, "on_halt", self->policy.on_halt);
    g_string_append_printf(out, ", allow_edited: %s}\n", self->policy.allow_edited ? "true" : "false");
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
        add_member(out, "object", mark->object);
        add_member(out, "reason", mark->reason);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void add_step(GString *out, const PlanFileStep *step)
{
    if (*step->revision) {
        g_string_append(out, "      - {revision: ");
        add_value(out, step->revision);
        add_member(out, "direction", direction_name(step->direction));
    } else {
        g_string_append(out, "      - {direction: stamp");
    }
    g_string_append(out, ", after: ");
    add_list(out, step->after);
    add_member(out, "checksum", step->checksum);
    add_member(out, "check", step->check);
    add_member(out, "verify", step->verify);
    add_risks(out, step->risks);
    g_string_append(out, "}\n");
}

static void add_path(GString *out, const PlanFilePath *path)
{
    g_string_append_printf(out, "  %s:\n    dialect: %s\n    from: ", path->name,
                           dialect_name(path->dialect));
    add_list(out, path->from);
    g_string_append(out, "\n    digest: ");
    add_value(out, path->digest);
    g_string_append(out, "\n    steps:\n");
    for (guint i = 0; i < path->steps->len; i++)
        add_step(out, path->steps->pdata[i]);
}

static void add_target(GString *out, const PlanFileTarget *target)
{
    g_string_append(out, "  - {name: ");
    add_value(out, target->name);
    add_member(out, "endpoint", target->endpoint);
    add_member(out, "path", target->path ? target->path->name : "none");
    add_member(out, "variables", target->variables);
    g_string_append(out, "}\n");
}

static void add_exception(GString *out, const PlanFileException *exception)
{
    g_string_append(out, "  - {name: ");
    add_value(out, exception->name);
    add_member(out, "endpoint", exception->endpoint);
    add_member(out, "problem", exception->problem);
    add_member(out, "reason", exception->reason);
    g_string_append(out, "}\n");
}

void plan_file_sum(const char *text, gsize length, char digest[65])
{
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, length);
    g_strlcpy(digest, sum, 65);
}

char *plan_file_text(PlanFile *self)
{
    GString *out = g_string_new(NULL);
    add_head(out, self);
    g_string_append_printf(out, "paths:%s\n", self->paths->len ? "" : " {}");
    for (guint i = 0; i < self->paths->len; i++)
        add_path(out, self->paths->pdata[i]);
    g_string_append_printf(out, "targets:%s\n", self->targets->len ? "" : " []");
    for (guint i = 0; i < self->targets->len; i++)
        add_target(out, self->targets->pdata[i]);
    g_string_append_printf(out, "exceptions:%s", self->exceptions->len ? "\n" : " []\n");
    for (guint i = 0; i < self->exceptions->len; i++)
        add_exception(out, self->exceptions->pdata[i]);
    plan_file_sum(out->str, out->len, self->digest);
    g_string_append_printf(out, "%s%s\n", &PLAN_FILE_DIGEST_LINE[1], self->digest);
    return g_string_free(out, FALSE);
}
