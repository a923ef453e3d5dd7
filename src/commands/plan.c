/* dbfleet plan */
#include "commands/command_list_internal.h"
#include "commands/fleet_change_internal.h"
#include "run/versions_commit.h"
#include <string.h>

/* "upgrade head" or "downgrade -1": the first operand is the command to preview. */
static bool planned_command(const Options *options, PlanCommand *command)
{
    for (int i = PLAN_UPGRADE; i <= PLAN_STAMP; i++) {
        if (g_str_equal(options_operand(options, 0), plan_command_name((PlanCommand)i))) {
            *command = (PlanCommand)i;
            return true;
        }
    }
    return false;
}

/* What is done with plan files. One a line. */
typedef struct FileCommand {
    const char *name;
    int (*run)(const Options *options);
} FileCommand;

static const FileCommand file_commands[] = {
    {"show", plan_show},
    {"diff", plan_diff_files},
    {"approve", plan_approve},
};

static const FileCommand *file_command(const Options *options)
{
    for (gsize i = 0; i < G_N_ELEMENTS(file_commands); i++)
        if (g_str_equal(options_operand(options, 0), file_commands[i].name))
            return &file_commands[i];
    return NULL;
}

/* What a run would ask before its first change. False after an interrupt. */
static bool ask_targets(const Workspace *workspace, Plan *plan)
{
    const Options *options = workspace->options;
    return change_drift(workspace, plan, options_flag(options, "drift")) &&
           (!options_flag(options, "check") || change_check(workspace, plan)) &&
           (!options_flag(options, "sizes") || change_sizes(workspace, plan));
}

/* Text and JSON show what was found; the other forms are those of a plan file. */
static int print_plan(const Workspace *workspace, const Plan *plan, const PlanRequest *request)
{
    const char *format = options_text(workspace->options, "format");
    int code = EXIT_DONE;
    if (g_str_equal(format, "text") || g_str_equal(format, "json") || plan_file_error(plan))
        return change_print_plan(workspace->options, plan);
    g_autoptr(PlanFile) file = plan_file_of(workspace, plan, request, &code);
    if (!file)
        return code;
    g_free(plan_file_text(file)); /* sets the digest */
    code = plan_file_print(workspace, file);
    return code != EXIT_DONE ? code : change_plan_exit_code(plan);
}

static const char *const plan_words[] = {"upgrade", "downgrade", "stamp", "show", "diff", "approve", NULL};

static int plan_run(const Options *options)
{
    int code = EXIT_DONE;
    PlanCommand command;
    g_auto(Workspace) workspace = {0};
    const FileCommand *with_files = file_command(options);
    if (with_files)
        return with_files->run(options);
    if (!planned_command(options, &command))
        return command_fail_word("plan", options_operand(options, 0), plan_words);
    if (command == PLAN_DOWNGRADE && options_operand_count(options) != 2)
        return command_fail(EXIT_USAGE, "plan downgrade takes one REVISION");
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    change_stop_starting(&workspace, &code);
    if (code != EXIT_DONE)
        return code;
    g_autoptr(GPtrArray) states = workspace_probe(&workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    const PlanRequest request = change_request(&workspace, command, options_operands(options) + 1);
    g_autoptr(Plan) plan = change_plan(&workspace, states, &request);
    if (!plan_file_error(plan) && !ask_targets(&workspace, plan))
        return EXIT_INTERRUPTED;
    if (!plan_file_error(plan) && !change_waves(&workspace, plan, NULL, &code))
        return code;
    g_autoptr(Ledger) ledger = workspace_ledger(&workspace, false, NULL);
    change_compare_fleet(&workspace, ledger, plan);
    plan_take_uncommitted(plan, versions_uncommitted(workspace.track->versions));
    code = print_plan(&workspace, plan, &request);
    if (options_given(options, "output") && !plan_file_error(plan)) {
        int saved = plan_save(&workspace, plan, &request);
        code = saved != EXIT_DONE ? saved : code;
    }
    bool pending = code == EXIT_DONE && plan->counts[PLAN_PENDING] > 0;
    return pending && options_flag(options, "exit-code") ? EXIT_DIFFERENT : code;
}

static const OptionSpec own_options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .help = "Also write the plan into this file, to be reviewed and run with \"dbfleet apply\""},
    {.name = "force", .kind = OPTION_FLAG, .help = "With --output: replace a file that is there"},
    {.name = "expires",
     .kind = OPTION_TEXT,
     .argument = "TIME",
     .help = "With --output: the file cannot be applied after this long (24h) or this time"},
    {.name = "not-before",
     .kind = OPTION_TEXT,
     .argument = "TIME",
     .help = "With --output: nor before this time (2026-11-23T22:00:00Z), or this long from now"},
    {.name = "signing-key",
     .kind = OPTION_TEXT,
     .argument = "PATH",
     .help =
         "With approve: the SSH key to sign with, private, or public with the private one in an agent; else "
         "git's user.signingkey with gpg.format ssh"},
    {.name = "exit-code",
     .kind = OPTION_FLAG,
     .help = "Exit with 2 when any target has something to do; with diff: when the files differ"},
    {.name = "format",
     .kind = OPTION_CHOICE,
     .argument = "FORMAT",
     .choices = plan_form_names,
     .fallback = "text",
     .help = "The form of the plan: text for people, json for programs, markdown for the comment of a pull "
             "request, html for one page of its own, sql for the exact scripts of its paths"},
    {.name = "path",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .help = "With --format sql: only the script of this path (p1)"},
    {.name = "check",
     .kind = OPTION_FLAG,
     .help = "Ask the migrate:check sections of every step now, as upgrade does before its first change"},
    {.name = "sizes",
     .kind = OPTION_FLAG,
     .help = "Ask every target that has something to do how large the tables are that its steps touch"},
    {.name = "drift",
     .kind = OPTION_FLAG,
     .help = "Compare the schema of every target that has something to do with what its revision says"},
    {.name = "allow-edited",
     .kind = OPTION_FLAG,
     .help = "Go on although a revision was edited after it was applied to a target"},
    {.name = "fill",
     .kind = OPTION_FLAG,
     .help = "With upgrade: also run what stands below the heads and never ran"},
    {.name = "purge", .kind = OPTION_FLAG, .help = "With stamp: forget all version rows first"},
    {0}};

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, policy_options, wave_options, own_options, variable_options, NULL};

const CommandSpec plan_command = {
    .name = "plan",
    .group = COMMANDS_FLEET,
    .operands = "upgrade|downgrade|stamp REVISION... | show FILE | diff FILE FILE | approve FILE",
    .min_operands = 2,
    .max_operands = G_MAXUINT,
    .relative_operands = true,
    .summary = "Show what upgrade, downgrade or stamp would do, changing nothing",
    .description =
        "Reads every selected target in parallel in read-only sessions and shows totals, the distinct paths "
        "with the number of targets "
        "that take each, and the exceptions with their reasons: unreachable, unknown revision, edited, "
        "unfinished, never run, no section "
        "for a dialect. Takes no lock and creates no table. With -v the SQL of every path is shown, with "
        "--check what the "
        "\"-- migrate:check\" sections of the paths say on every target, with --drift (or require_no_drift "
        "in "
        "dbfleet.yaml) which targets are not what their revision says, with --sizes how large the tables are "
        "that the steps touch. "
        "Steps that drop data, rewrite tables, lock for long or cannot be taken back are marked. Revision "
        "files that are not committed "
        "to "
        "git are named.\n\n"
        "With --output the plan also goes into a file: paths with checksums, targets with endpoints, "
        "exceptions, "
        "policy, a digest over all. \"dbfleet plan show FILE\" shows it in any form, with --format sql -l "
        "TARGET "
        "exactly what one target gets; \"dbfleet plan diff FILE FILE\" shows what changed from one to the "
        "other; "
        "\"dbfleet plan approve FILE\" signs it with an SSH key; "
        "\"dbfleet apply FILE\" runs it as it was reviewed or not at all.\n\n"
        "Exits with 78 when the files have errors, 1 when a target is blocked, 4 when one cannot be reached.",
    .example =
        "dbfleet plan upgrade head\ndbfleet plan downgrade -1 -l canary -v\ndbfleet plan upgrade head "
        "--format json | jq .totals\n"
        "dbfleet plan upgrade head -o plans/tonight.yaml --expires 24h\ndbfleet plan show plans/tonight.yaml "
        "--format markdown\ndbfleet plan diff plans/reviewed.yaml plans/tonight.yaml --exit-code\n"
        "dbfleet plan upgrade head --sizes\ndbfleet plan approve plans/tonight.yaml",
    .option_sets = option_sets,
    .run = plan_run,
};
