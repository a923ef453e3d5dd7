/* dbfleet test */
#include "base/text_table.h"
#include "commands/command_list_internal.h"
#include "commands/schema_try_internal.h"
#include "dev/revision_test.h"
#include "report/revision_test_view.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Which revisions ---- */

static GPtrArray *wanted_revisions(const Workspace *workspace, GError **error)
{
    const char *range = options_text(workspace->options, "revisions");
    if (!range)
        return revision_graph_topological(workspace->graph);
    return strchr(range, ':') ? revision_graph_range(workspace->graph, range, NULL, error)
                              : revision_graph_resolve(workspace->graph, range, NULL, error);
}

/* Ancestors first. */
static GPtrArray *in_order(const Workspace *workspace, const GPtrArray *wanted)
{
    g_autoptr(GPtrArray) all = revision_graph_topological(workspace->graph);
    GPtrArray *ordered = g_ptr_array_new();
    for (guint i = all->len; i > 0; i--)
        if (g_ptr_array_find((GPtrArray *)wanted, all->pdata[i - 1], NULL))
            g_ptr_array_add(ordered, all->pdata[i - 1]);
    return ordered;
}

/* ---- Progress ---- */

typedef struct Progress {
    Dialect dialect;
    guint total;
    bool shown; /* stderr is a terminal */
} Progress;

static void show_progress(gpointer context, const Revision *revision, guint index)
{
    const Progress *self = context;
    g_autofree char *id = text_printable(revision->id, false);
    if (self->shown)
        fprintf(stderr, "\r\033[Ktesting %s %u/%u  %s", dialect_name(self->dialect), index + 1, self->total,
                id);
}

static void end_progress(const Progress *self)
{
    if (self->shown)
        fputs("\r\033[K", stderr);
}

/* ---- The command ---- */

static bool test_dialect(const SchemaTry *try, const DevRequest *request, const GPtrArray *revisions,
                         RevisionTestResult *result, int *exit_code)
{
    GError *error = NULL;
    const Options *options = request->workspace->options;
    Progress progress = {try->dialect, revisions->len, isatty(2) && !options_flag(options, "quiet")};
    const RevisionTestRequest test = {.servers = request->servers,
                                      .graph = request->workspace->graph,
                                      .revisions = revisions,
                                      .dialect = try->dialect,
                                      .schema = try->request.schema,
                                      .variables = try->variables.values,
                                      .together = !options_text(options, "revisions"),
                                      .progress = show_progress,
                                      .context = &progress};
    bool good = revision_test_run(&test, result, &error);
    end_progress(&progress);
    if (!good)
        *exit_code = schema_try_fail(try, request, error);
    return good;
}

static int print_result(const Options *options, const RevisionTestResult *result)
{
    const char *format = options_text(options, "format");
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0};
    g_autofree char *text = g_str_equal(format, "json")    ? revision_test_view_json(result)
                            : g_str_equal(format, "junit") ? revision_test_view_junit(result)
                                                           : revision_test_view_text(result, &view);
    int code = command_print(text);
    if (code != EXIT_DONE)
        return code;
    return result->counts[TEST_FAILED] > 0 ? EXIT_TARGET_FAILED : EXIT_DONE;
}

static int test_all(const Workspace *workspace, const DevRequest *request, const GPtrArray *revisions)
{
    int code = EXIT_DONE;
    g_autoptr(GPtrArray) tries = schema_tries_new(request, &code);
    g_autoptr(RevisionTestResult) result = revision_test_result_new();
    for (guint i = 0; tries && i < tries->len; i++)
        if (!test_dialect(tries->pdata[i], request, revisions, result, &code))
            return code;
    return tries ? print_result(workspace->options, result) : code;
}

static int test_run(const Options *options)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    g_auto(Workspace) workspace = {0};
    g_auto(DevRequest) request = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET_IF_ANY, &code))
        return code;
    g_autoptr(GPtrArray) wanted = wanted_revisions(&workspace, &error);
    if (!wanted)
        return command_fail_error(EXIT_CONFIGURATION, error);
    g_autoptr(GPtrArray) revisions = in_order(&workspace, wanted);
    if (!dev_request_open(&request, &workspace, &code))
        return code;
    return dev_request_exit_code(&request, (ExitCode)test_all(&workspace, &request, revisions));
}

static const char *const formats[] = {"text", "json", "junit", NULL};

static const OptionSpec own_options[] = {
    {.name = "revisions",
     .letter = 'r',
     .kind = OPTION_TEXT,
     .argument = "RANGE",
     .help = "Only these: one revision, or A:B with everything between them, both ends included"},
    {.name = "format",
     .kind = OPTION_CHOICE,
     .argument = "FORMAT",
     .choices = formats,
     .fallback = "text",
     .help = "Print text for people, JSON for programs, or JUnit's XML for CI servers"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, dev_options, variable_options, NULL};

const CommandSpec test_command = {
    .name = "test",
    .group = COMMANDS_REVISIONS,
    .operands = "",
    .summary = "Run each revision up, down and up again on a scratch database",
    .description =
        "Each revision is run on a scratch database that stands at what it stands on, for each dialect, with "
        "a "
        "few rows in every table: up, down and up again. The schema after the down must be the one from "
        "before, and after each up the same. With several heads each branch is tested on its own, and then "
        "all of them together on one database. No target is connected to.\n\n"
        "Told are also revisions without a way down (\"irreversible\"; a line \"-- dbfleet:irreversible "
        "REASON\" in the file says that it is on purpose), those that do not bring back rows or values "
        "(\"lossy\"), and those that only go where tables are empty.\n\n"
        "Exits with 1 when a revision failed.",
    .example = "dbfleet test\ndbfleet test -r 4f2a81c09d3e: --format junit >report.xml\ndbfleet test -r head "
               "--dialects postgres -v",
    .option_sets = option_sets,
    .run = test_run,
};
