/* dbfleet abort */
#include "commands/run_request_internal.h"

static int abort_run(const Options *options)
{
    if (options_flag(options, "now"))
        return run_request(options, CONTROL_ABORT_NOW, "abort",
                           "aborted; what runs is cancelled and rolled back");
    return run_request(options, CONTROL_ABORT, "abort", "aborted; targets at work end their step");
}

static const OptionSpec own_options[] = {
    {.name = "now", .kind = OPTION_FLAG, .help = "Cancel the statements that run, and roll them back"}, {0}};

static const OptionSpec *const option_sets[] = {own_options, NULL};

const CommandSpec abort_command = {
    .name = "abort",
    .group = COMMANDS_FLEET,
    .operands = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "End a run at work from another shell",
    .description =
        "Asks RUN (an id or its beginning, or last) to start nothing more. Targets at work end their step, "
        "as after one Ctrl-C where it runs; with --now their statements are cancelled and rolled back, as "
        "after two. The run ends with its report and exit code 3; \"dbfleet resume RUN\" goes on later.",
    .example = "dbfleet abort last\ndbfleet abort 20261122-164000-k3f9 --now",
    .option_sets = option_sets,
    .run = abort_run,
};
