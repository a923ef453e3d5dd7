/* dbfleet continue */
#include "commands/run_request_internal.h"

static int continue_run(const Options *options)
{
    return run_request(options, CONTROL_CONTINUE, "continue", "goes on");
}

static const OptionSpec *const option_sets[] = {NULL};

const CommandSpec continue_command = {
    .name = "continue",
    .group = COMMANDS_FLEET,
    .operands = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Have a paused run go on",
    .description =
        "Asks RUN (an id or its beginning, or last), which \"dbfleet pause\" has paused, to start targets "
        "again. A run that ended or died is gone on with by \"dbfleet resume\".",
    .example = "dbfleet continue last",
    .option_sets = option_sets,
    .run = continue_run,
};
