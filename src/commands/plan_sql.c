/* Plan SQL: the statements of a plan file's paths as scripts, as upgrade --sql writes them. Connects to
 * nothing; the same file gives the same text. */
#include "commands/fleet_change_internal.h"
#include "run/offline.h"

/* The section's first variable, or NULL. */
static const char *first_variable(const PlanPath *path)
{
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanStep *step = &path->steps->first[i];
        const Section *sections[] = {plan_step_section(step), plan_step_check(step), plan_step_verify(step)};
        for (gsize s = 0; s < G_N_ELEMENTS(sections); s++)
            if (sections[s] && sections[s]->variables[0])
                return sections[s]->variables[0];
    }
    return NULL;
}

static char *heading_of(const PlanFile *file, const PlanFilePath *path, const Target *target)
{
    g_autofree char *goals = g_strjoinv(" ", file->goals);
    g_autofree char *who =
        target ? g_strdup_printf("target %s", target->name)
               : g_strdup_printf("%u %s", path->takers->len, path->takers->len == 1 ? "target" : "targets");
    return g_strdup_printf("dbfleet %s %s, plan %.12s, path %s: %s, %s, track %s",
                           plan_command_name(file->command), goals, file->digest, path->name, who,
                           dialect_name(path->dialect), file->track);
}

/* NULL with a message. Caller frees. */
static char *script_of(const Workspace *workspace, const PlanFile *file, const PlanFilePath *path,
                       const Target *target, int *exit_code)
{
    GError *error = NULL;
    g_autoptr(PlanPath) plan = plan_file_path_plan(file, path, workspace->graph, &error);
    if (!plan) {
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        return NULL;
    }
    const char *variable = first_variable(plan);
    if (variable && !target) {
        *exit_code =
            command_fail(EXIT_USAGE,
                         "path %s uses {{ %s }}, which may differ from target to target: choose one of its "
                         "targets with -l, or another path with --path",
                         path->name, variable);
        return NULL;
    }
    g_autoptr(GHashTable) variables = plan_target_variables(target, options_pairs(workspace->options, "set"));
    if (!offline_holds_no_secret(plan, variables, exit_code))
        return NULL;
    g_autofree char *heading = heading_of(file, path, target);
    g_autofree char *id = g_strdup_printf("plan-%.12s", file->digest);
    const OfflineOptions options = {.version_table = file->version_table,
                                    .schema = target ? target->schema : NULL,
                                    .database = target ? target->url->database : NULL,
                                    .create_schema = target && target->settings.create_schema,
                                    .foreign_keys = !target || target->settings.foreign_keys,
                                    .run_id = id,
                                    .operator_name = file->created_by,
                                    .variables = variables,
                                    .heading = heading};
    char *script = offline_script(plan, &options, &error);
    if (!script)
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
    return script;
}

static int print_target(const Workspace *workspace, const PlanFile *file)
{
    int code = EXIT_DONE;
    if (workspace->targets->len != 1)
        return command_fail(EXIT_USAGE, "--format sql is for one target here, and -l selects %u",
                            workspace->targets->len);
    const Target *target = workspace->targets->pdata[0];
    const PlanFileTarget *planned = plan_file_target(file, target->name);
    if (!planned || !planned->path)
        return command_fail(EXIT_CONFIGURATION, "the plan has nothing to do on target %s", target->name);
    g_autofree char *digest =
        planned->variables ? plan_variables_digest(target, options_pairs(workspace->options, "set")) : NULL;
    if (g_strcmp0(digest, planned->variables) != 0)
        return command_fail(EXIT_CONFIGURATION, "the variables of target %s are not those of the plan",
                            target->name);
    g_autofree char *script = script_of(workspace, file, planned->path, target, &code);
    return script ? command_page(workspace->options, script) : code;
}

static int print_paths(const Workspace *workspace, const PlanFile *file)
{
    const char *wanted = options_text(workspace->options, "path");
    g_autoptr(GString) out = g_string_new(NULL);
    int code = EXIT_DONE;
    for (guint i = 0; i < file->paths->len; i++) {
        const PlanFilePath *path = file->paths->pdata[i];
        if (wanted && !g_str_equal(wanted, path->name))
            continue;
        g_autofree char *script = script_of(workspace, file, path, NULL, &code);
        if (!script)
            return code;
        g_string_append_printf(out, "%s%s", out->len ? "\n" : "", script);
    }
    if (wanted && out->len == 0)
        return command_fail(EXIT_USAGE, "--path: the plan has no path %s", wanted);
    return command_page(workspace->options, out->str);
}

int plan_file_print_sql(const Workspace *workspace, const PlanFile *file)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    bool fits = plan_file_check_revisions(file, workspace->graph, problems);
    command_print_problems(problems);
    if (!fits)
        return EXIT_CONFIGURATION;
    return options_given(workspace->options, "limit") ? print_target(workspace, file)
                                                      : print_paths(workspace, file);
}
