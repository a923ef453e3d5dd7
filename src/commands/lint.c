/* dbfleet lint */
#include "base/suggest.h"
#include "commands/command_list_internal.h"
#include "commands/dev_request_internal.h"
#include "commands/fleet_change_internal.h"
#include "commands/lint_internal.h"
#include "dev/lint_fleet.h"
#include "dev/lint_measure.h"
#include "report/lint_view.h"
#include "run/signals.h"
#include <string.h>

/* ---- Settings ---- */

static bool parse_level(const char *word, FindingLevel *level)
{
    static const char *const words[] = {"off", "note", "warning", "error"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i], word)) {
            *level = (FindingLevel)i;
            return true;
        }
    return false;
}

static bool take_level(GHashTable *levels, const LintLevel *line, Diagnostics *problems)
{
    const LintRule *rule = lint_rule_find(line->rule);
    const char *near = rule ? NULL : lint_rule_suggest(line->rule);
    FindingLevel level = FINDING_OK;
    if (!rule) {
        diagnostics_error(problems, line->place, "lint.rules: there is no rule %s%s%s%s", line->rule,
                          near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        return false;
    }
    parse_level(line->level, &level);
    g_hash_table_insert(levels, (gpointer)rule->id, GUINT_TO_POINTER(level));
    return true;
}

/* False when a rule is named that is none; that is printed. */
static bool read_settings(const Project *project, LintSettings *settings)
{
    const LintPolicy *policy = &project->lint;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    *settings = (LintSettings){
        .levels = g_hash_table_new(g_str_hash, g_str_equal),
        .max_changes = policy->max_changes ? policy->max_changes : LINT_MAX_CHANGES,
        .tiny_rows = policy->tiny_rows ? policy->tiny_rows : LINT_TINY_ROWS,
        .big_rows = policy->big_rows ? policy->big_rows : LINT_BIG_ROWS,
        .naming = policy->naming,
        .engines = (const char *const *)policy->engines,
        .charsets = (const char *const *)policy->charsets,
    };
    for (guint i = 0; i < policy->levels->len; i++)
        take_level(settings->levels, policy->levels->pdata[i], problems);
    command_print_problems(problems);
    return !diagnostics_has_errors(problems);
}

/* ---- Work ---- */

static void task_free(gpointer data)
{
    LintTask *self = data;
    lint_revision_free(self->facts);
    g_free(self);
}

static GPtrArray *make_tasks(const GPtrArray *revisions)
{
    GPtrArray *tasks = g_ptr_array_new_with_free_func(task_free);
    for (guint i = 0; i < revisions->len; i++) {
        const Revision *revision = revisions->pdata[i];
        LintTask *task = g_new0(LintTask, 1);
        task->revision = revision;
        task->facts = lint_revision_new(revision->id, revision->message, revision->file);
        task->facts->merge = revision->revises[0] && revision->revises[1];
        g_ptr_array_add(tasks, task);
    }
    return tasks;
}

/* A dialect whose dev server cannot be had is told, and its texts are still read. */
static bool measure_dialect(const DevRequest *request, Dialect dialect, GPtrArray *tasks, LintResult *result,
                            GError **error)
{
    g_auto(TargetVariables) variables = {0};
    if (!dev_request_variables(request, dialect, &variables, error))
        return false;
    const Options *options = request->workspace->options;
    g_autoptr(GError) problem = NULL;
    LintMeasure measure = {.servers = options_flag(options, "no-trial") ? NULL : request->servers,
                           .graph = request->workspace->graph,
                           .tasks = tasks,
                           .dialect = dialect,
                           .variables = variables.values,
                           .result = result};
    if (lint_measure(&measure, &problem))
        return true;
    if (!g_error_matches(problem, DEV_ERROR, DEV_ERROR_NO_SERVER) || options_given(options, "dialects")) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    lint_result_unchecked(result, "%s: %s", dialect_name(dialect), problem->message);
    return true;
}

static bool measure_all(const DevRequest *request, GPtrArray *tasks, LintResult *result, int *code)
{
    GError *error = NULL;
    for (guint i = 0; i < request->dialects->len; i++) {
        Dialect dialect = g_array_index(request->dialects, Dialect, i);
        if (measure_dialect(request, dialect, tasks, result, &error))
            continue;
        bool interrupted = g_error_matches(error, DB_ERROR, DB_ERROR_CANCELLED);
        *code = interrupted ? EXIT_INTERRUPTED : command_fail_error(EXIT_CONFIGURATION, error);
        *code = dev_request_exit_code(request, (ExitCode)*code);
        return false;
    }
    return true;
}

static bool ask_fleet(const DevRequest *request, const LintSettings *settings, LintResult *result)
{
    const Workspace *workspace = request->workspace;
    const Options *options = workspace->options;
    if (!workspace->fleet || !(options_flag(options, "fleet") || options_given(options, "limit")))
        return true;
    SchedulerLimits limits = {0};
    change_parallel(workspace, &limits);
    g_autoptr(RunView) view = run_view_new(workspace, "asking", workspace->targets->len);
    const LintFleet fleet = {.targets = workspace->targets,
                             .secrets = request->secrets,
                             .folder = fleet_folder(workspace->fleet),
                             .limits = {limits.jobs, limits.per_host, run_view_probe_tick, view}};
    return lint_fleet_ask(&fleet, settings, result);
}

/* ---- Output ---- */

static char *render(const Options *options, const LintResult *result)
{
    const char *format = options_text(options, "format");
    g_autofree char *folder = g_get_current_dir();
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0};
    if (g_str_equal(format, "json"))
        return lint_view_json(result, folder);
    if (g_str_equal(format, "sarif"))
        return lint_view_sarif(result, folder);
    if (g_str_equal(format, "github"))
        return lint_view_github(result, folder);
    return lint_view_text(result, folder, &view);
}

static int print_result(const Options *options, const LintResult *result)
{
    FindingLevel limit = FINDING_ERROR;
    g_autofree char *text = render(options, result);
    int code = command_page(options, text);
    parse_level(options_text(options, "fail-on"), &limit);
    if (code != EXIT_DONE)
        return code;
    return lint_result_worst(result) >= limit ? EXIT_TARGET_FAILED : EXIT_DONE;
}

static int lint_with(const Workspace *workspace, const LintSettings *settings)
{
    int code = EXIT_DONE;
    g_auto(DevRequest) request = {0};
    g_autoptr(LintResult) result = lint_result_new();
    g_autoptr(GPtrArray) revisions = lint_scope(workspace, &result->scope, &code);
    if (!revisions || !dev_request_open(&request, workspace, &code))
        return code;
    g_autoptr(GPtrArray) tasks = make_tasks(revisions);
    if (!measure_all(&request, tasks, result, &code))
        return code;
    for (guint i = 0; i < tasks->len; i++)
        lint_revision_judge(((const LintTask *)tasks->pdata[i])->facts, settings, result);
    if (!ask_fleet(&request, settings, result))
        return EXIT_INTERRUPTED;
    lint_result_sort(result);
    return dev_request_exit_code(&request, (ExitCode)print_result(workspace->options, result));
}

static int lint_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    LintSettings settings = {0};
    unsigned fleet = options_flag(options, "fleet") || options_given(options, "limit")
                         ? WORKSPACE_FLEET
                         : WORKSPACE_FLEET_IF_ANY;
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | fleet, &code))
        return code;
    code =
        read_settings(workspace.project, &settings) ? lint_with(&workspace, &settings) : EXIT_CONFIGURATION;
    g_hash_table_unref(settings.levels);
    return code;
}

static const char *const formats[] = {"text", "json", "sarif", "github", NULL};
static const char *const levels[] = {"error", "warning", "note", NULL};

static const OptionSpec own_options[] = {
    {.name = "revision",
     .letter = 'r',
     .kind = OPTION_TEXT,
     .argument = "REVISION|A:B",
     .help = "Look at this revision, or at those of this range"},
    {.name = "since",
     .kind = OPTION_TEXT,
     .argument = "GIT-REF",
     .help = "Look at the revisions whose files differ from this commit, as origin/main"},
    {.name = "all", .kind = OPTION_FLAG, .help = "Look at all revisions"},
    {.name = "fleet",
     .kind = OPTION_FLAG,
     .help = "Ask the targets, read-only: how large tables are, and whether rows stand in the way (also with "
             "--limit)"},
    {.name = "fail-on",
     .kind = OPTION_CHOICE,
     .argument = "LEVEL",
     .choices = levels,
     .fallback = "error",
     .help = "Exit with 1 when something of this severity, or worse, was found"},
    {.name = "no-trial",
     .kind = OPTION_FLAG,
     .help = "Try nothing on scratch databases: only the rules that read the text"},
    {.name = "format",
     .kind = OPTION_CHOICE,
     .argument = "FORMAT",
     .choices = formats,
     .fallback = "text",
     .help = "Print text for people, JSON for programs, SARIF for code scanning, or annotations of GitHub "
             "Actions"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options,       dev_options,      variable_options,
                                                selection_options, parallel_options, NULL};

const CommandSpec lint_command = {
    .name = "lint",
    .group = COMMANDS_REVISIONS,
    .operands = "",
    .summary = "Look for what is dangerous in revisions, by trying them",
    .description =
        "Runs each revision statement by statement on a scratch database (see dev in dbfleet.yaml), upon "
        "what stands "
        "below it, and watches: what changes in the schema, which locks are taken (PostgreSQL), which tables "
        "are "
        "copied or read in full, how MariaDB carries an ALTER out. What is found is told with why it is "
        "dangerous and "
        "what to do instead; docs/reference/lint describes every rule.\n\n"
        "Without -r, --since or --all it looks at the revisions that git has no commit of, or, where there "
        "is no git "
        "or nothing is new, at all of them.\n\n"
        "With --fleet, or a selection, every target is asked in a read-only session: the size of the tables "
        "decides "
        "how much a lock weighs, and whether a target holds rows that stand in the way is not guessed.\n\n"
        "A line '-- dbfleet:allow LK03 reason' above a statement allows what the rule finds there. "
        "lint.rules in "
        "dbfleet.yaml turns rules off or makes them notes, warnings or errors.\n\n"
        "Exits with 1 when there is an error, else 0; --fail-on chooses another severity.",
    .example =
        "dbfleet lint\ndbfleet lint --since origin/main --format github\ndbfleet lint -r head --fleet -l eu",
    .option_sets = option_sets,
    .run = lint_run,
};
