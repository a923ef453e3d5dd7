/* dbfleet ensure-version */
#include "commands/command_list_internal.h"
#include <stdio.h>

/* Says what became of one target; true if its tables are there. */
static bool report_target(const Options *options, const Target *target, const TargetState *state)
{
    if (state->outcome != PROBE_OK)
        command_warn("%s: %s", target->name, state->reason);
    else if (!options_flag(options, "quiet"))
        printf("%s: the version tables are there\n", target->name);
    return state->outcome == PROBE_OK;
}

static int ensure_version_run(const Options *options)
{
    int code = EXIT_DONE;
    unsigned failed = 0, unreachable = 0;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_FLEET, &code))
        return code;
    g_autoptr(GPtrArray) states = workspace_ensure_tables(&workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    for (guint i = 0; i < states->len; i++) {
        const TargetState *state = states->pdata[i];
        if (!state)
            continue;
        failed += !report_target(options, workspace.targets->pdata[i], state);
        unreachable += state->outcome == PROBE_UNREACHABLE;
    }
    return failed == 0 ? EXIT_DONE : failed == unreachable ? EXIT_UNREACHABLE : EXIT_TARGET_FAILED;
}

static const OptionSpec *const option_sets[] = {selection_options, parallel_options, NULL};

const CommandSpec ensure_version_command = {
    .name = "ensure-version",
    .group = COMMANDS_FLEET,
    .operands = "",
    .summary = "Make the version tables of targets if they are missing",
    .description = "Creates the version table and its history where they are not there yet, and touches "
                   "nothing else. Upgrades do this by themselves; "
                   "the command serves where a role with more rights makes tables beforehand.",
    .example = "dbfleet ensure-version -l eu",
    .option_sets = option_sets,
    .run = ensure_version_run,
};
