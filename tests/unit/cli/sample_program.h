/* A small program for the tests of this room: every kind of option and of operands, and texts that need
 * escaping. */
#pragma once

#include "cli/options.h"

static inline int sample_run(const Options *options)
{
    (void)options;
    return 0;
}

static inline const ProgramSpec *sample_program(void)
{
    static const char *const formats[] = {"text", "json", NULL};
    static const char *const exit_codes[] = {
        "0", "done", "1", "some target failed", "64", "the command line is wrong", NULL};
    static const char *const environment[] = {"NO_COLOR", "no colours, whatever it is set to", NULL};
    static const OptionSpec globals[] = {
        {.name = "config",
         .letter = 'c',
         .kind = OPTION_TEXT,
         .argument = "FILE",
         .help = "the project's file"},
        {.name = "limit",
         .letter = 'l',
         .kind = OPTION_TEXT,
         .argument = "SELECTOR",
         .help = "only these targets"},
        {.name = "variable",
         .letter = 'x',
         .kind = OPTION_PAIRS,
         .argument = "NAME=VALUE",
         .help = "a variable"},
        {.name = "format",
         .kind = OPTION_CHOICE,
         .argument = "FORMAT",
         .help = "how data is printed",
         .choices = formats,
         .fallback = "text"},
        {.name = "yes",
         .letter = 'y',
         .kind = OPTION_FLAG,
         .help = "do not ask; it's needed without a terminal"},
        {.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .help = "only errors"},
        {.name = "verbose", .letter = 'v', .kind = OPTION_COUNT, .help = "say more"},
        {.name = NULL},
    };
    static const OptionSpec rollout[] = {
        {.name = "jobs",
         .letter = 'j',
         .kind = OPTION_UNSIGNED,
         .argument = "N",
         .help = "targets worked on at the same time, over all hosts and groups of the fleet",
         .minimum = 1,
         .maximum = 512,
         .fallback = "8"},
        {.name = "max-failures",
         .kind = OPTION_UNSIGNED,
         .argument = "N",
         .help = "failed targets after which no further one is started"},
        {.name = "max-unreachable",
         .kind = OPTION_TEXT,
         .argument = "N|SHARE",
         .help = "likewise for the unreachable"},
        {.name = "lock-wait",
         .kind = OPTION_DURATION,
         .argument = "DURATION",
         .help = "how long a held lock is waited for",
         .fallback = "5s"},
        {.name = "skip", .kind = OPTION_LIST, .argument = "TARGET", .help = "a target that is left out"},
        {.name = NULL},
    };
    static const OptionSpec script[] = {
        {.name = "sql", .kind = OPTION_FLAG, .help = "print the script and change nothing"},
        {.name = NULL},
    };
    static const OptionSpec *const upgrade_sets[] = {rollout, script, NULL};
    static const OptionSpec *const script_sets[] = {script, NULL};
    static const CommandSpec upgrade = {
        .name = "upgrade",
        .group = COMMANDS_FLEET,
        .operands = "REVISION [TARGET...]",
        .min_operands = 1,
        .max_operands = 3,
        .relative_operands = true,
        .summary = "Bring targets up to a revision",
        .description =
            "Each target's path is computed from what its own version table says, under a lock, just before\n"
            "it is changed.\n\n"
            "  head    the newest revision\n  +1      one further\n\n"
            ".leading points, 'quotes', back\\slashes and `ticks` | bars are *text* here; _not_ this_one, é "
            "too.",
        .example = "dbfleet upgrade head\ndbfleet upgrade +1 -l 'canary:&eu'",
        .option_sets = upgrade_sets,
        .run = sample_run,
    };
    static const CommandSpec downgrade = {
        .name = "downgrade",
        .group = COMMANDS_FLEET,
        .operands = "REVISION",
        .min_operands = 1,
        .max_operands = 1,
        .relative_operands = true,
        .summary = "Take targets back to a revision",
        .option_sets = script_sets,
        .run = sample_run,
    };
    static const CommandSpec heads = {
        .name = "heads",
        .group = COMMANDS_REVISIONS,
        .operands = "",
        .summary = "Show the revisions that nothing revises",
        .run = sample_run,
    };
    static const CommandSpec inventory = {
        .name = "inventory",
        .group = COMMANDS_INVENTORY,
        .operands = "list|show|check [TARGET...]",
        .min_operands = 1,
        .max_operands = G_MAXUINT,
        .summary = "Show what the inventory says",
        .run = sample_run,
    };
    static const CommandSpec completion = {
        .name = "completion",
        .group = COMMANDS_OTHER,
        .operands = "bash|zsh|fish",
        .min_operands = 1,
        .max_operands = 1,
        .summary = "Print the completion of a shell",
        .run = sample_run,
    };
    static const CommandSpec complete = {
        .name = "__complete",
        .group = COMMANDS_OTHER,
        .operands = "KIND PREFIX",
        .min_operands = 2,
        .max_operands = 2,
        .summary = "for the completion scripts",
        .run = sample_run,
    };
    static const CommandSpec *const commands[] = {&upgrade,    &downgrade, &heads, &inventory,
                                                  &completion, &complete,  NULL};
    static const ProgramSpec program = {
        .name = "dbfleet",
        .version = "1.2.3",
        .summary = "schema migrations for fleets of databases",
        .description =
            "One revision graph, hundreds of databases.\n\nData goes to stdout, all else to stderr.",
        .environment = environment,
        .exit_codes = exit_codes,
        .global_options = globals,
        .commands = commands,
    };
    return &program;
}
