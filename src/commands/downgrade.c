/* dbfleet downgrade */
#include "commands/command_list_internal.h"
#include "commands/fleet_change_internal.h"

static int downgrade_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (options_flag(options, "sql"))
        return offline_command(options, PLAN_DOWNGRADE);
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    g_autoptr(GPtrArray) states = change_probe(&workspace, PLAN_DOWNGRADE);
    if (!states)
        return EXIT_INTERRUPTED;
    const PlanRequest request = change_request(&workspace, PLAN_DOWNGRADE, options_operands(options));
    g_autoptr(Plan) plan = change_plan(&workspace, states, &request);
    return change_fleet(&workspace, plan, NULL);
}

static const OptionSpec own_options[] = {
    {.name = "anew",
     .kind = OPTION_FLAG,
     .help =
         "Begin the rollout anew although the last run ended behind a wave whose soak or gates it did not "
         "pass"},
    {.name = "allow-edited",
     .kind = OPTION_FLAG,
     .help = "Go on although a revision was edited after it was applied to a target"},
    {0}};

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, policy_options,  wave_options,   run_options,
    own_options,       variable_options, offline_options, format_options, NULL};

const CommandSpec downgrade_command = {
    .name = "downgrade",
    .group = COMMANDS_FLEET,
    .operands = "REVISION",
    .min_operands = 1,
    .max_operands = 1,
    .relative_operands = true,
    .summary = "Take targets back to a revision",
    .description = "Runs the \"-- migrate:down\" sections that lead back to REVISION, newest first, under "
                   "the same limits and with the same report as "
                   "upgrade. What stands on an undone revision goes too, in other branches as well; "
                   "dependencies stay. A path that needs a "
                   "section which is not there is refused before anything is changed.\n\n"
                   "REVISION is base, an id or its beginning, -N from where each target is, LABEL@base or "
                   "LABEL@ID. With --sql it is a range "
                   "FROM:TO, and nothing is connected.",
    .example = "dbfleet downgrade -1 -l canary\ndbfleet downgrade 9c2e77aa01b3\ndbfleet downgrade base -l "
               "acme --yes",
    .option_sets = option_sets,
    .run = downgrade_run,
};
