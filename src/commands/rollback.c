/* dbfleet rollback */
#include "commands/command_list_internal.h"
#include "commands/past_run_internal.h"

static int rollback_from_targets(const Options *options, const char *id)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (options_list(options, "wave")[0])
        return command_fail(EXIT_USAGE, "only the ledger knows who was in which wave: give --wave or "
                                        "--from-targets, not both");
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    return past_run_roll_back(&workspace, id, false);
}

static int rollback_by_ledger(const Options *options, const char *id)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    g_autoptr(RunResult) run = NULL;
    if (!workspace_open_run(&workspace, options, id, false, &run, &code))
        return code;
    if (!past_run_is_over(run, &code) || !past_run_keep_waves(run, options_list(options, "wave"), &code))
        return code;
    past_run_select(&workspace, run, past_run_may_have_changed);
    if (workspace.targets->len > 0)
        return past_run_roll_back(&workspace, run->id, true);
    command_warn("run %s changed no target%s", run->id,
                 options_text(options, "limit") ? " of this selection" : "");
    return EXIT_DONE;
}

static int rollback_run(const Options *options)
{
    const char *id = options_operand(options, 0);
    return options_flag(options, "from-targets") ? rollback_from_targets(options, id)
                                                 : rollback_by_ledger(options, id);
}

static const OptionSpec own_options[] = {
    {.name = "wave",
     .kind = OPTION_LIST,
     .argument = "NAME",
     .help = "Take back only what the run did in this wave; may be given again"},
    {.name = "from-targets",
     .kind = OPTION_FLAG,
     .help = "Ask every selected target's own history instead of the ledger which ones the run changed; RUN "
             "is then its whole id"},
    {0}};

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, policy_options,   wave_options,   run_options,
    past_run_options,  own_options,      variable_options, format_options, NULL};

const CommandSpec rollback_command = {
    .name = "rollback",
    .group = COMMANDS_FLEET,
    .operands = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Take back what one run did, on every target that it changed",
    .description =
        "Takes the targets that RUN changed back to the heads they had before it: the steps that each "
        "target's own history records for RUN are run backwards, newest first, an upgrade by the "
        "\"-- migrate:down\" sections, a downgrade by \"-- migrate:up\", a stamp by a stamp. It asks, keeps "
        "limits and budgets, and ends in a report like any run; it can itself be resumed and rolled "
        "back.\n\n"
        "Left alone, each with its reason: a target that something else moved since, a step without a way "
        "back, a step that stopped half-way. RUN is an id as \"dbfleet runs\" lists them, its beginning, or "
        "last.",
    .example = "dbfleet rollback last --dry-run\ndbfleet rollback 20261122-164000-k3f9 -l 'eu:!eu-0007'\n"
               "dbfleet rollback last --wave canary\n"
               "dbfleet rollback 20261122-164000-k3f9 --from-targets --yes",
    .option_sets = option_sets,
    .run = rollback_run,
};
