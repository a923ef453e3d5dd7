/* dbfleet report */
#include "base/atomic_file.h"
#include "commands/command_list_internal.h"
#include "report/report_forms.h"
#include "run/ledger/ledger.h"
#include <string.h>

#define FILE_WIDTH 100 /* columns of a text report in a file */

/* As --format says, else as the name of --output ends. */
static const ReportForm *form_of(const Options *options)
{
    const char *path = options_text(options, "output");
    const ReportForm *told = path && !options_given(options, "format") ? report_form_of_file(path) : NULL;
    return told ? told : report_form_named(options_text(options, "format"));
}

static int write_report(const char *path, const char *text)
{
    GError *error = NULL;
    return atomic_file_replace(path, text, strlen(text), &error)
               ? EXIT_DONE
               : command_fail_error(EXIT_CONFIGURATION, error);
}

static int print_run(const Options *options, const Workspace *workspace, const RunResult *run)
{
    g_autofree char *project = workspace_project_name(workspace);
    const char *path = options_text(options, "output");
    const ReportOptions view = {.width = path ? FILE_WIDTH : command_width(),
                                .color = !path && command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0,
                                .project = project};
    g_autofree char *text = form_of(options)->render(run, &view);
    return path ? write_report(path, text) : command_page(options, text);
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
    bool events = options_flag(options, "events") || form_of(options)->needs_events;
    if (run && events && !ledger_load_events(ledger, run, &error))
        return command_fail_error(EXIT_CONFIGURATION, error);
    return run ? print_run(options, &workspace, run) : command_fail_error(EXIT_CONFIGURATION, error);
}

static const OptionSpec own_options[] = {
    {.name = "format",
     .kind = OPTION_CHOICE,
     .argument = "FORMAT",
     .choices = report_form_names,
     .fallback = "text",
     .help = "The form of the report: text for people, json for programs, markdown for comments of pull "
             "requests, junit for CI servers, html for a page that browsers show"},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .help = "Write it into FILE instead, whose name tells the form where --format does not"},
    {.name = "events",
     .kind = OPTION_FLAG,
     .typed_only = true,
     .help = "Also list what happened, in its order, with the times"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, NULL};

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
        "dbfleet report\ndbfleet report last --events\ndbfleet report 20261122-164000-k3f9 --format json\n"
        "dbfleet report --format markdown | gh pr comment 7 --body-file -\ndbfleet report -o junit.xml\n"
        "dbfleet report -o night.html",
    .option_sets = option_sets,
    .run = report_run,
};
