/* dbfleet report */
#include "report/report.h"
#include "commands/command_list_internal.h"
#include "run/ledger.h"

static int print_run(const Options *options, const RunResult *run)
{
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0};
    g_autofree char *text = command_wants_json(options) ? report_json(run) : report_text(run, &view);
    return command_print(text);
}

static int report_run(const Options *options)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_PROJECT, &code))
        return code;
    g_autoptr(Ledger) ledger = workspace_ledger(&workspace, false, &error);
    if (!ledger)
        return command_fail_error(EXIT_CONFIGURATION, error);
    const char *id = options_operand_count(options) ? options_operand(options, 0) : "last";
    g_autoptr(RunResult) run = ledger_load(ledger, id, &error);
    if (run && options_flag(options, "events") && !ledger_load_events(ledger, run, &error))
        return command_fail_error(EXIT_CONFIGURATION, error);
    return run ? print_run(options, run) : command_fail_error(EXIT_CONFIGURATION, error);
}

static const OptionSpec own_options[] = {
    {.name = "events", .kind = OPTION_FLAG, .help = "Also list what happened, in its order, with the times"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, format_options, NULL};

const CommandSpec report_command = {
    .name = "report",
    .group = COMMANDS_FLEET,
    .operands = "[RUN]",
    .max_operands = 1,
    .summary = "Show the report of a past run again",
    .description = "Prints the consolidated report of RUN, an id as \"dbfleet runs\" lists them or its "
                   "beginning, from the ledger; of the newest run "
                   "without RUN.",
    .example =
        "dbfleet report\ndbfleet report last --events\ndbfleet report 20261122-164000-k3f9 --format json",
    .option_sets = option_sets,
    .run = report_run,
};
