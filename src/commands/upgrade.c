/* dbfleet upgrade */
#include "commands/command_list_internal.h"
#include "commands/fleet_change_internal.h"

static int upgrade_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (options_flag(options, "sql"))
        return offline_command(options, PLAN_UPGRADE);
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    g_autoptr(GPtrArray) states = change_probe(&workspace, PLAN_UPGRADE);
    if (!states)
        return EXIT_INTERRUPTED;
    const PlanRequest request = change_request(&workspace, PLAN_UPGRADE, options_operands(options));
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
    {.name = "fill",
     .kind = OPTION_FLAG,
     .help = "First run the revisions below the heads of a target that never ran there"},
    {0}};

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, policy_options,  wave_options,   run_options,
    own_options,       variable_options, offline_options, format_options, NULL};

const CommandSpec upgrade_command = {
    .name = "upgrade",
    .group = COMMANDS_FLEET,
    .operands = "REVISION...",
    .min_operands = 1,
    .max_operands = G_MAXUINT,
    .relative_operands = true,
    .summary = "Bring targets up to a revision",
    .description = "Reads where every selected target is, computes each one's path to REVISION, asks, and "
                   "runs the paths in parallel. A "
                   "step is one transaction where the database can do that, else a journal in the target "
                   "remembers every statement. Once more "
                   "targets have failed than --max-failures allows, no further target is started. Ends in "
                   "one report, which "
                   "\"dbfleet report\" shows again later.\n\n"
                   "REVISION is head, heads, an id or its beginning, LABEL@head, +N from where each target "
                   "is, or ID+N. With --sql it may be a "
                   "range FROM:TO, and nothing is connected.",
    .example =
        "dbfleet upgrade head\ndbfleet upgrade head -l canary --yes\ndbfleet upgrade +1 -l 'eu:!eu-0007'\n"
        "dbfleet upgrade 9c2e:head --sql --dialect postgres > tonight.sql",
    .option_sets = option_sets,
    .run = upgrade_run,
};
