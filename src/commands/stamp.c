/* dbfleet stamp */
#include "commands/command_list_internal.h"
#include "commands/fleet_change_internal.h"

static int stamp_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (options_flag(options, "sql"))
        return offline_command(options, PLAN_STAMP);
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    g_autoptr(GPtrArray) states = workspace_probe(&workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    const PlanRequest request = change_request(&workspace, PLAN_STAMP, options_operands(options));
    g_autoptr(Plan) plan = change_plan(&workspace, states, &request);
    return change_fleet(&workspace, plan, NULL);
}

static const OptionSpec own_options[] = {
    {.name = "purge",
     .kind = OPTION_FLAG,
     .help = "Forget all version rows first, also those that no revision file knows"},
    {0}};

static const OptionSpec *const option_sets[] = {selection_options, parallel_options, policy_options,
                                                run_options,       own_options,      variable_options,
                                                offline_options,   format_options,   NULL};

const CommandSpec stamp_command = {
    .name = "stamp",
    .group = COMMANDS_FLEET,
    .operands = "REVISION...",
    .min_operands = 1,
    .max_operands = G_MAXUINT,
    .relative_operands = true,
    .summary = "Set the version rows of targets without running SQL",
    .description = "Says what a database is at when dbfleet was not the one that brought it there: a schema "
                   "made by another tool, a repair by hand. The rows that share "
                   "REVISION's branch are replaced; a history row records who did it and which revisions are "
                   "assumed applied from now on. \"base\" "
                   "empties the rows.",
    .example = "dbfleet stamp head -l legacy\ndbfleet stamp 9c2e77aa01b3 --purge -l acme",
    .option_sets = option_sets,
    .run = stamp_run,
};
