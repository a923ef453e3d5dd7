/* Offline change: --sql. A range's left side stands for the database that is not asked; without one an
 * upgrade starts at base. */
#include "commands/fleet_change_internal.h"
#include "inventory/secret.h"
#include "run/offline.h"
#include <string.h>

/* The dialects of the selection, as a set. */
static unsigned selected_dialects(const Workspace *workspace, Dialect *last)
{
    bool seen[DIALECT_COUNT] = {false};
    unsigned count = 0;
    for (guint i = 0; workspace->targets && i < workspace->targets->len; i++) {
        const Target *target = workspace->targets->pdata[i];
        Dialect dialect;
        if (!dialect_from_scheme(target->url->scheme, &dialect) || seen[dialect])
            continue;
        seen[dialect] = true;
        *last = dialect;
        count++;
    }
    return count;
}

static bool choose_dialect(const Workspace *workspace, Dialect *dialect, int *exit_code)
{
    const char *typed = options_text(workspace->options, "dialect");
    if (typed && dialect_parse(typed, dialect))
        return true;
    if (typed)
        *exit_code = command_fail_word("--dialect", typed, command_dialects);
    else if (selected_dialects(workspace, dialect) == 1)
        return true;
    else
        *exit_code = command_fail(
            EXIT_USAGE, "the selection has targets of several dialects and --sql prints one script: "
                        "choose with --dialect");
    return false;
}

/* Version rows that the left side of a range stands for. Caller frees; NULL with an error. */
static char **rows_of(const RevisionGraph *graph, const char *from, GError **error)
{
    if (!*from)
        return g_new0(char *, 1);
    g_autoptr(GPtrArray) revisions = revision_graph_resolve(graph, from, NULL, error);
    if (!revisions)
        return NULL;
    g_autoptr(GStrvBuilder) rows = g_strv_builder_new();
    for (guint i = 0; i < revisions->len; i++)
        g_strv_builder_add(rows, ((const Revision *)revisions->pdata[i])->id);
    return g_strv_builder_end(rows);
}

/* The first variable of the section whose value is a secret reference, or NULL. */
static const char *secret_variable(const Section *section, GHashTable *variables)
{
    for (char **name = section ? section->variables : NULL; name && *name; name++) {
        const char *value = g_hash_table_lookup(variables, *name);
        if (value && secret_is_reference(value))
            return *name;
    }
    return NULL;
}

bool offline_holds_no_secret(const PlanPath *path, GHashTable *variables, int *exit_code)
{
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanStep *step = &path->steps->first[i];
        const Section *sections[] = {plan_step_section(step), plan_step_check(step), plan_step_verify(step)};
        const char *name = NULL;
        for (gsize s = 0; s < G_N_ELEMENTS(sections) && !name; s++)
            name = secret_variable(sections[s], variables);
        if (!name)
            continue;
        *exit_code =
            command_fail(EXIT_CONFIGURATION,
                         "revision %s uses {{ %s }}, which is a secret (%s), and a script would show it; run "
                         "it without --sql, or give -x %s=VALUE",
                         step->revision->id, name, (const char *)g_hash_table_lookup(variables, name), name);
        return false;
    }
    return true;
}

/* The target whose schema and variables the script is for: the only one of the selection, or NULL. False if
 * the selection has several and one of them works in a schema of its own. */
static bool choose_target(const Workspace *workspace, const Target **target, int *exit_code)
{
    guint count = workspace->targets ? workspace->targets->len : 0;
    *target = count == 1 ? workspace->targets->pdata[0] : NULL;
    for (guint i = 0; count > 1 && i < count; i++) {
        const Target *one = workspace->targets->pdata[i];
        if (!one->schema)
            continue;
        *exit_code = command_fail(
            EXIT_USAGE,
            "a script works in one schema, and target %s has its own (%s): choose one target with "
            "-l",
            one->name, one->schema);
        return false;
    }
    return true;
}

static int print_script(const Workspace *workspace, const PlanPath *path, const char *goal)
{
    GError *error = NULL;
    int code = EXIT_DONE;
    const Target *target;
    if (!choose_target(workspace, &target, &code))
        return code;
    g_autoptr(GHashTable) variables = plan_target_variables(target, options_pairs(workspace->options, "set"));
    if (!offline_holds_no_secret(path, variables, &code))
        return code;
    g_autofree char *operator_name = command_operator();
    g_autofree char *id = run_id_new();
    g_autofree char *heading =
        g_strdup_printf("dbfleet %s %s, %s, track %s", plan_command_name(path->command), goal,
                        dialect_name(path->dialect), workspace->track->name);
    const OfflineOptions options = {.version_table = workspace_version_table(workspace),
                                    .schema = target ? target->schema : NULL,
                                    .database = target ? target->url->database : NULL,
                                    .create_schema = target && target->settings.create_schema,
                                    .foreign_keys = !target || target->settings.foreign_keys,
                                    .run_id = id,
                                    .operator_name = operator_name,
                                    .variables = variables,
                                    .heading = heading,
                                    .tag = options_text(workspace->options, "tag")};
    g_autofree char *script = offline_script(path, &options, &error);
    return script ? command_print(script) : command_fail_error(EXIT_CONFIGURATION, error);
}

static int print_range(const Workspace *workspace, PlanCommand command, const char *const *goals,
                       const char *from, Dialect dialect)
{
    GError *error = NULL;
    g_auto(GStrv) rows = rows_of(workspace->graph, from, &error);
    if (!rows)
        return command_fail_error(EXIT_CONFIGURATION, error);
    const PlanRequest request = change_request(workspace, command, goals);
    g_autoptr(PlanPath) path =
        plan_path_new(workspace->graph, dialect, (const char *const *)rows, &request, &error);
    if (!path)
        return command_fail_error(EXIT_CONFIGURATION, error);
    return print_script(workspace, path, goals[0]);
}

static int print_operands(const Workspace *workspace, PlanCommand command)
{
    int code = EXIT_DONE;
    Dialect dialect;
    const char *const *goals = options_operands(workspace->options);
    g_autofree char *from = NULL, *to = NULL;
    if (!choose_dialect(workspace, &dialect, &code))
        return code;
    if (!revision_range_split(goals[0], &from, &to)) {
        if (command == PLAN_DOWNGRADE)
            return command_fail(
                EXIT_USAGE, "downgrade --sql needs a range FROM:TO, since no database is asked where it is");
        return print_range(workspace, command, goals, "", dialect);
    }
    const char *range_goals[] = {*to ? to : command == PLAN_DOWNGRADE ? "base" : "heads", NULL};
    return print_range(workspace, command, range_goals, from, dialect);
}

/* Without --limit and with --dialect no inventory is needed. */
int offline_command(const Options *options, PlanCommand command)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    bool alone = options_given(options, "dialect") && !options_given(options, "limit") &&
                 !options_given(options, "url");
    unsigned parts = WORKSPACE_REVISIONS | (alone ? 0 : WORKSPACE_FLEET);
    if (!workspace_open(&workspace, options, parts, &code))
        return code;
    return print_operands(&workspace, command);
}
