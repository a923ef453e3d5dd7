/* dbfleet pause */
#include "commands/run_request_internal.h"

static int pause_run(const Options *options)
{
    return run_request(options, CONTROL_PAUSE, "pause",
                       "paused; targets at work go on to the end of their path, no other is started");
}

static const OptionSpec *const option_sets[] = {NULL};

const CommandSpec pause_command = {
    .name = "pause",
    .group = COMMANDS_FLEET,
    .operands = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Have a run at work start no further target for now",
    .description =
        "Asks RUN (an id or its beginning, or last) through the ledger, from any shell and any computer "
        "that has the same ledger. Targets at work go on to the end of their path; nothing else is "
        "started until \"dbfleet continue RUN\". An interrupt ends a paused run.",
    .example = "dbfleet pause last",
    .option_sets = option_sets,
    .run = pause_run,
};
