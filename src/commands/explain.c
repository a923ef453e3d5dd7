/* dbfleet explain */
#include "run/doctor/explain.h"
#include "commands/command_list_internal.h"
#include "commands/fleet_change_internal.h"
#include "report/explain_view.h"

/* ---- Which target ---- */

/* Narrows the workspace to the target of the first operand, on its own track. */
static bool choose_target(Workspace *self, int *exit_code)
{
    const char *name = options_operand(self->options, 0);
    const Target *target = workspace_find_target(self, name, exit_code);
    if (!target)
        return false;
    g_ptr_array_unref(self->targets);
    self->targets = g_ptr_array_new();
    g_ptr_array_add(self->targets, (gpointer)target);
    return workspace_use_track(self, target->track, exit_code);
}

/* ---- Explaining ---- */

static char **copy_rows(const PlanPath *path)
{
    return path ? g_strdupv(path->rows) : NULL;
}

/* The path that would be taken if nothing held it up. */
static PlanPath *held_up_path(const Workspace *workspace, const TargetState *state,
                              const PlanRequest *request)
{
    if (!state || state->outcome != PROBE_OK)
        return NULL;
    return plan_path_new(workspace->graph, state->dialect, (const char *const *)state->rows, request, NULL);
}

static void read_ledger(const Workspace *workspace, Explanation *explanation)
{
    g_autoptr(Ledger) ledger = workspace_ledger(workspace, false, NULL);
    if (ledger)
        explain_runs(explanation, ledger);
}

/* What is proposed is for the same project and inventory. */
static void repeat_options(const Options *options, Explanation *explanation)
{
    static const char *const names[] = {"config", "inventory"};
    for (gsize n = 0; n < G_N_ELEMENTS(names); n++) {
        const char *value = options_text(options, names[n]);
        g_autofree char *quoted = value ? g_shell_quote(value) : NULL;
        for (guint i = 0; quoted && i < explanation->next->len; i++) {
            char *typed = explanation->next->pdata[i];
            explanation->next->pdata[i] = g_strdup_printf("%s --%s %s", typed, names[n], quoted);
            g_free(typed);
        }
    }
}

static void read_all(const Workspace *workspace, Explanation *explanation)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    const ExplainOptions read = {secrets, fleet_folder(workspace->fleet), workspace_version_table(workspace)};
    explain_read(explanation, workspace->graph, &read);
    read_ledger(workspace, explanation);
    explain_judge(explanation, workspace->graph);
    repeat_options(workspace->options, explanation);
}

static int print_explanation(const Workspace *workspace, const Explanation *explanation)
{
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(workspace->options, 1),
                                .verbose = options_count(workspace->options, "verbose") > 0};
    g_autofree char *text = command_wants_json(workspace->options) ? explain_view_json(explanation)
                                                                   : explain_view_text(explanation, &view);
    return command_page(workspace->options, text);
}

static int explain_plan(const Workspace *workspace, const Plan *plan, const PlanRequest *request)
{
    const PlanTarget *planned = plan->targets->pdata[0];
    g_autoptr(PlanPath) held_up = planned->path ? NULL : held_up_path(workspace, planned->state, request);
    g_autoptr(Explanation) explanation = explanation_new();
    explanation->target = planned->target;
    explanation->state = planned->state;
    explanation->planned = planned;
    explanation->goal = request->goals[0];
    explanation->path = planned->path ? planned->path : held_up;
    explanation->goal_rows = copy_rows(explanation->path);
    read_all(workspace, explanation);
    return print_explanation(workspace, explanation);
}

static int explain_run(const Options *options)
{
    const char *goal = options_operand(options, 1);
    const char *const goals[] = {goal ? goal : "heads", NULL};
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_FLEET | WORKSPACE_ALL_TRACKS, &code) ||
        !choose_target(&workspace, &code))
        return code;
    g_autoptr(GPtrArray) states = workspace_probe(&workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    const PlanRequest request = {.command = PLAN_UPGRADE,
                                 .goals = goals,
                                 .variables = options_pairs(options, "set"),
                                 .version_table = workspace_version_table(&workspace)};
    g_autoptr(Plan) plan = change_plan(&workspace, states, &request);
    return explain_plan(&workspace, plan, &request);
}

static const OptionSpec *const option_sets[] = {selection_options, parallel_options, variable_options,
                                                format_options, NULL};

const CommandSpec explain_command = {
    .name = "explain",
    .group = COMMANDS_FLEET,
    .operands = "TARGET [REVISION]",
    .min_operands = 1,
    .max_operands = 2,
    .relative_operands = true,
    .summary = "Say why a target is pending, skipped, blocked or stale",
    .description =
        "Shows one target on one screen: where it is, its version rows, the goal (REVISION; heads without "
        "one) and the steps to it; the verdict and what it rests on: which file was edited and who applied "
        "it, which statement a step stopped at, which revision no file knows, the error of a connection; "
        "who holds its lock now; what the last runs did to it; and what to type next. Reads in read-only "
        "sessions, takes no lock and changes nothing. With -v the whole path is shown.\n\n"
        "Exits with 0 when it could explain, whatever the verdict.",
    .example = "dbfleet explain eu-0017\ndbfleet explain acme 4b1f --format json | jq -r .reason",
    .option_sets = option_sets,
    .run = explain_run,
};
