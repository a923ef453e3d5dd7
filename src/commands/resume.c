/* dbfleet resume */
#include "commands/command_list_internal.h"
#include "commands/past_run_internal.h"

static bool is_left(const RunResult *run, const TargetResult *target)
{
    (void)run;
    return target->outcome != OUTCOME_DONE && target->outcome != OUTCOME_UNCHANGED &&
           target->outcome != OUTCOME_INACTIVE;
}

static int resume_run(const Options *options)
{
    return past_run_go_on(options, is_left, "left to do", true);
}

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, policy_options,   wave_options,   run_options,
    past_run_options,  go_on_options,    variable_options, format_options, NULL};

const CommandSpec resume_command = {
    .name = "resume",
    .group = COMMANDS_FLEET,
    .operands = "[RUN]",
    .max_operands = 1,
    .summary = "Go on with a run that was halted, interrupted or killed",
    .description =
        "Takes every target that RUN did not bring to its goal (the newest run without RUN), reads where it "
        "stands now, and brings it to the goal that it had in that run: a relative goal such as +1 is not "
        "walked twice, and revisions added since are not run. A step that stopped half-way goes on behind "
        "its last statement.\n\n"
        "Soak and gates behind a wave that were not gone through are so before anything else, also where no "
        "target is left. \"upgrade\" typed again begins waves anew, and refuses to pass over those. -x "
        "values "
        "are not recorded: give them again.\n\n"
        "Where a report says that the outcome of a statement cannot be told from what is there, look at the "
        "database and say it: --assume-done TARGET goes on behind the statement, --assume-not-done TARGET "
        "runs "
        "it again.",
    .example = "dbfleet resume\ndbfleet resume 20261122-164000-k3f9 -l canary --dry-run\n"
               "dbfleet resume --assume-done eu-0007",
    .option_sets = option_sets,
    .run = resume_run,
};
