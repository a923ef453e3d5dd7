/* dbfleet check */
#include "commands/command_list_internal.h"
#include "commands/schema_try_internal.h"
#include "dev/schema_check.h"
#include "report/schema_check_view.h"

static bool check_one(SchemaTry *try, const DevRequest *request, SchemaCheckResult *result, int *exit_code)
{
    GError *error = NULL;
    if (!schema_try_open(try, request, exit_code))
        return false;
    if (schema_check_add(result, &try->schemas, &error))
        return true;
    *exit_code = schema_try_fail(try, request, error);
    return false;
}

static int print_result(const Options *options, const SchemaCheckResult *result)
{
    const char *format = options_text(options, "format");
    const ReportOptions view = {.width = command_width(), .color = command_color(options, 1)};
    g_autofree char *text = g_str_equal(format, "json")     ? schema_check_view_json(result)
                            : g_str_equal(format, "github") ? schema_check_view_github(result)
                                                            : schema_check_view_text(result, &view);
    int code = command_print(text);
    if (code != EXIT_DONE)
        return code;
    return schema_check_result_differs(result) ? EXIT_DIFFERENT : EXIT_DONE;
}

static int check_all(const Workspace *workspace, const DevRequest *request)
{
    int code = EXIT_DONE;
    g_autoptr(GPtrArray) tries = schema_tries_new(request, &code);
    g_autoptr(SchemaCheckResult) result = schema_check_result_new(workspace->track->schema);
    for (guint i = 0; tries && i < tries->len; i++)
        if (!check_one(tries->pdata[i], request, result, &code))
            return code;
    return tries ? print_result(workspace->options, result) : code;
}

static int check_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    g_auto(DevRequest) request = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET_IF_ANY, &code) ||
        !dev_request_open(&request, &workspace, &code))
        return code;
    return dev_request_exit_code(&request, (ExitCode)check_all(&workspace, &request));
}

static const char *const formats[] = {"text", "json", "github", NULL};

static const OptionSpec own_options[] = {
    {.name = "from-target",
     .kind = OPTION_TEXT,
     .argument = "TARGET",
     .help = "Compare this target with the schema files, not the revisions"},
    {.name = "format",
     .kind = OPTION_CHOICE,
     .argument = "FORMAT",
     .choices = formats,
     .fallback = "text",
     .help = "Print text for people, JSON for programs, or annotations for GitHub's workflows"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, schema_options, dev_options, variable_options,
                                                NULL};

const CommandSpec check_command = {
    .name = "check",
    .group = COMMANDS_REVISIONS,
    .operands = "",
    .summary = "Compare what the revisions lead to with the schema files",
    .description =
        "Runs all revisions on one scratch database and loads the schema files (schema/ of the track) into "
        "another, for each dialect, and tells object by object where they differ: \"missing\" is what the "
        "schema files say and no revision makes, \"extra\" what a revision makes and the files do not say. "
        "No "
        "target is connected to, but for --from-target.\n\n"
        "Exits with 2 when they differ, so that CI fails where a schema file was changed and its revision "
        "forgotten, or the other way round.",
    .example = "dbfleet check\ndbfleet check --format github\ndbfleet check --dialects postgres,sqlite",
    .option_sets = option_sets,
    .run = check_run,
};
