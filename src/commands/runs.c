/* dbfleet runs */
#include "base/duration.h"
#include "base/json_out.h"
#include "base/text_table.h"
#include "commands/command_list_internal.h"
#include "commands/runs_internal.h"

static const TextColumn columns[] = {
    {"run", ALIGN_LEFT, 20, false},     {"command", ALIGN_LEFT, 12, true}, {"took", ALIGN_RIGHT, 6, false},
    {"targets", ALIGN_RIGHT, 7, false}, {"good", ALIGN_RIGHT, 4, false},   {"bad", ALIGN_RIGHT, 3, false},
    {"end", ALIGN_LEFT, 12, false},     {"by", ALIGN_LEFT, 4, true},
};

static unsigned failed_count(const RunSummary *run)
{
    return run->counts[OUTCOME_FAILED] + run->counts[OUTCOME_UNKNOWN] + run->counts[OUTCOME_BLOCKED] +
           run->counts[OUTCOME_LOCKED] + run->counts[OUTCOME_STALE] + run->counts[OUTCOME_UNREACHABLE];
}

static const char *ending(const RunSummary *run)
{
    return run_end_name(run->finished_us, run->state, run->interrupted, run->halt_reason != NULL);
}

static void add_row(TextTable *table, const RunSummary *run)
{
    g_autofree char *command = g_strconcat(run->command, " ", run->goal, NULL);
    g_autofree char *took =
        run->finished_us ? duration_format(run->finished_us - run->started_us) : g_strdup("");
    g_autofree char *targets = g_strdup_printf("%u", run->targets);
    g_autofree char *done = g_strdup_printf("%u", run->counts[OUTCOME_DONE] + run->counts[OUTCOME_UNCHANGED]);
    g_autofree char *failed = g_strdup_printf("%u", failed_count(run));
    const char *cells[] = {run->id, command, took, targets, done, failed, ending(run), run->operator_name};
    text_table_add(table, cells);
}

static char *runs_text(const GPtrArray *runs, unsigned width)
{
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < runs->len; i++)
        add_row(table, runs->pdata[i]);
    return text_table_render(table, 0, width);
}

static void run_json(JsonOut *json, const RunSummary *run)
{
    g_autofree char *started = timestamp_format(run->started_us);
    g_autofree char *finished = run->finished_us ? timestamp_format(run->finished_us) : NULL;
    json_out_begin_object(json, NULL);
    json_out_string(json, "run", run->id);
    json_out_string(json, "command", run->command);
    json_out_string(json, "goal", run->goal);
    json_out_string(json, "started", started);
    json_out_string(json, "finished", finished);
    json_out_string(json, "end", ending(run));
    json_out_string(json, "halt_reason", run->halt_reason);
    json_out_string(json, "operator", run->operator_name);
    json_out_int(json, "targets", run->targets);
    json_out_begin_object(json, "outcomes");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        json_out_int(json, outcome_name((Outcome)i), run->counts[i]);
    json_out_end_object(json);
    json_out_end_object(json);
}

static char *runs_json(const GPtrArray *runs)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < runs->len; i++)
        run_json(json, runs->pdata[i]);
    json_out_end_array(json);
    return json_out_steal(json);
}

/* Where nothing ran yet there is no ledger: that is an empty list, and not an error. */
static int print_none(const Options *options, const GError *error)
{
    command_note(options, error->message);
    return command_wants_json(options) ? command_print("[]\n") : EXIT_DONE;
}

static int list_runs(const Options *options, Ledger *ledger)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) runs = ledger_runs(ledger, (unsigned)options_unsigned(options, "last"), &error);
    if (!runs)
        return command_fail_error(EXIT_CONFIGURATION, error);
    g_autofree char *text = command_wants_json(options) ? runs_json(runs)
                            : runs->len                 ? runs_text(runs, command_table_width())
                                                        : g_strdup("");
    return command_page(options, text);
}

static int runs_run(const Options *options)
{
    int code = EXIT_DONE;
    g_autoptr(GError) error = NULL;
    g_auto(Workspace) workspace = {0};
    bool prune = options_operand_count(options) > 0;
    if (prune && !g_str_equal(options_operand(options, 0), "prune"))
        return command_fail(EXIT_USAGE, "runs: \"%s\" is not prune; \"dbfleet report RUN\" shows one run",
                            options_operand(options, 0));
    if (!workspace_open(&workspace, options, WORKSPACE_PROJECT, &code))
        return code;
    g_autoptr(Ledger) ledger = workspace_ledger(&workspace, false, &error);
    if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return print_none(options, error);
    if (!ledger)
        return command_fail_error(EXIT_CONFIGURATION, g_steal_pointer(&error));
    return prune ? runs_prune(options, ledger) : list_runs(options, ledger);
}

static const OptionSpec own_options[] = {
    {.name = "last",
     .kind = OPTION_UNSIGNED,
     .argument = "N",
     .minimum = 1,
     .fallback = "20",
     .help = "Show this many of the newest runs"},
    {.name = "keep",
     .kind = OPTION_TEXT,
     .argument = "N|DURATION",
     .help = "With prune: the newest N runs stay, or those of the last "
             "DURATION, such as 90d"},
    {.name = "yes", .letter = 'y', .kind = OPTION_FLAG, .help = "With prune: do not ask"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, format_options, NULL};

const CommandSpec runs_command = {
    .name = "runs",
    .group = COMMANDS_FLEET,
    .operands = "[prune]",
    .max_operands = 1,
    .summary = "List past runs, newest first, or prune old ones",
    .description =
        "Lists what the ledger holds: when each run was, what it did, how it ended, and which are at "
        "work, paused, or died. \"dbfleet report RUN\" shows one in full. \"dbfleet runs prune --keep "
        "N|DURATION\" deletes the runs that are older, with their targets, steps and events; never one "
        "that is at work, nor one without an end that is younger than a day. What the targets know of "
        "these runs stays there.",
    .example = "dbfleet runs --last 5\ndbfleet runs prune --keep 90d --yes",
    .option_sets = option_sets,
    .run = runs_run,
};
