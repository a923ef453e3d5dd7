/* dbfleet status */
#include "base/atomic_file.h"
#include "commands/command_list_internal.h"
#include "commands/fleet_change_internal.h"
#include "report/metrics.h"
#include "report/plan_view.h"
#include <string.h>

static int write_metrics(const Workspace *workspace, const Plan *plan, const char *path)
{
    GError *error = NULL;
    g_autofree char *project = workspace_project_name(workspace);
    g_autofree char *text =
        status_metrics(plan, workspace->graph, project, workspace->track->name, g_get_real_time());
    return atomic_file_replace(path, text, strlen(text), &error)
               ? EXIT_DONE
               : command_fail_error(EXIT_CONFIGURATION, error);
}

static int print_status(const Workspace *workspace, const Plan *plan)
{
    const Options *options = workspace->options;
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0};
    g_autofree char *text = command_wants_json(options) ? status_view_json(plan, workspace->graph)
                                                        : status_view_text(plan, workspace->graph, &view);
    const char *metrics = options_text(options, "metrics");
    int written = metrics ? write_metrics(workspace, plan, metrics) : EXIT_DONE;
    int code = command_page(options, text);
    if (code != EXIT_DONE || written != EXIT_DONE)
        return code != EXIT_DONE ? code : written;
    if (plan->counts[PLAN_UNREACHABLE] > 0)
        return EXIT_UNREACHABLE;
    return options_flag(options, "exit-code") && status_view_pending(plan) ? EXIT_DIFFERENT : EXIT_DONE;
}

static int status_run(const Options *options)
{
    static const char *const goals[] = {"heads", NULL};
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    g_autoptr(GPtrArray) states = workspace_probe(&workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    const PlanRequest request = {.command = PLAN_UPGRADE,
                                 .goals = goals,
                                 .variables = options_pairs(options, "set"),
                                 .version_table = workspace_version_table(&workspace)};
    g_autoptr(Plan) plan = plan_build(workspace.graph, workspace.targets, states, &request);
    return print_status(&workspace, plan);
}

static const OptionSpec own_options[] = {
    {.name = "exit-code", .kind = OPTION_FLAG, .help = "Exit with 2 when any target is not at the heads"},
    {0}};

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, own_options, metrics_options,
    variable_options,  format_options,   NULL};

const CommandSpec status_command = {
    .name = "status",
    .group = COMMANDS_FLEET,
    .operands = "",
    .summary = "Show where the fleet stands",
    .description = "Reads every selected target in read-only sessions and counts them by revision and group: "
                   "behind, at head, unknown to these "
                   "files, unreachable; then lists the exceptions. Changes nothing.",
    .example = "dbfleet status\ndbfleet status -l eu -v\ndbfleet status --format json\n"
               "dbfleet status --quiet --metrics /var/lib/prometheus/node-exporter/fleet.prom",
    .option_sets = option_sets,
    .run = status_run,
};
