/* dbfleet retry */
#include "commands/command_list_internal.h"
#include "commands/past_run_internal.h"

/* What was never begun is what resume is for. */
static bool has_failed(const RunResult *run, const TargetResult *target)
{
    (void)run;
    return target->outcome != OUTCOME_DONE && target->outcome != OUTCOME_UNCHANGED &&
           target->outcome != OUTCOME_INACTIVE && target->outcome != OUTCOME_NOT_STARTED;
}

static int retry_run(const Options *options)
{
    return past_run_go_on(options, has_failed, "failed", false);
}

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, policy_options,   wave_options,   run_options,
    past_run_options,  go_on_options,    variable_options, format_options, NULL};

const CommandSpec retry_command = {
    .name = "retry",
    .group = COMMANDS_FLEET,
    .operands = "[RUN]",
    .max_operands = 1,
    .summary = "Go on with the targets of a run that failed, and no others",
    .description = "As resume, for the targets of RUN (the newest run without RUN) that failed, were "
                   "unreachable, locked, stale, blocked or stopped; those that were never started stay as "
                   "they are.",
    .example = "dbfleet retry\ndbfleet retry 20261122-164000-k3f9 --max-failures 5",
    .option_sets = option_sets,
    .run = retry_run,
};
