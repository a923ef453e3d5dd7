/* dbfleet current */
#include "base/json_out.h"
#include "base/text_table.h"
#include "commands/command_list_internal.h"
#include <string.h>

static const TextColumn columns[] = {
    {NULL, ALIGN_LEFT, 8, false}, {NULL, ALIGN_LEFT, 12, false}, {NULL, ALIGN_LEFT, 8, true}};

/* "(head)", "(head) (mergepoint)", … as Alembic marks them. */
static char *marks_of(const RevisionGraph *graph, const char *row, bool verbose)
{
    const Revision *revision = revision_graph_find(graph, row);
    GString *text = g_string_new(NULL);
    if (!revision)
        return g_string_free(g_string_append(text, "(unknown to these files)"), FALSE);
    g_autoptr(GPtrArray) heads = revision_graph_effective_heads(graph);
    if (g_ptr_array_find(heads, revision, NULL))
        g_string_append(text, "(head) ");
    if (revision_graph_is_merge_point(graph, revision))
        g_string_append(text, "(mergepoint) ");
    if (verbose)
        g_string_append_printf(text, "%s %s", revision->message, revision->file);
    return g_string_free(text, FALSE);
}

static void add_state(TextTable *table, const Workspace *workspace, const Target *target,
                      const TargetState *state)
{
    bool verbose = options_count(workspace->options, "verbose") > 0;
    if (!state || state->outcome != PROBE_OK) {
        const char *cells[] = {target->name, state ? state->error_class : target_life_name(target->life),
                               state ? state->reason : target->life_reason};
        text_table_add(table, cells);
        return;
    }
    for (char **row = state->rows; *row; row++) {
        g_autofree char *marks = marks_of(workspace->graph, *row, verbose);
        const char *cells[] = {target->name, *row, marks};
        text_table_add(table, cells);
    }
    if (!state->rows[0]) {
        const char *cells[] = {target->name, "base", ""};
        text_table_add(table, cells);
    }
}

static void state_json(JsonOut *json, const Workspace *workspace, const Target *target,
                       const TargetState *state)
{
    bool ok = state && state->outcome == PROBE_OK;
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->name);
    json_out_strings(json, "heads", ok ? (const char *const *)state->rows : NULL);
    json_out_string(json, "error", ok ? NULL : state ? state->error_class : target_life_name(target->life));
    json_out_string(json, "reason", ok ? NULL : state ? state->reason : target->life_reason);
    json_out_begin_array(json, "unknown");
    for (char **row = ok ? state->rows : NULL; row && *row; row++)
        if (!revision_graph_find(workspace->graph, *row))
            json_out_string(json, NULL, *row);
    json_out_end_array(json);
    json_out_end_object(json);
}

static char *render(const Workspace *workspace, const GPtrArray *states)
{
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    g_autoptr(JsonOut) json = json_out_new(2);
    bool wants_json = command_wants_json(workspace->options);
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < states->len; i++)
        if (wants_json)
            state_json(json, workspace, workspace->targets->pdata[i], states->pdata[i]);
        else
            add_state(table, workspace, workspace->targets->pdata[i], states->pdata[i]);
    json_out_end_array(json);
    return wants_json ? json_out_steal(json) : text_table_render(table, 0, command_table_width());
}

/* Alembic's --check-heads: every target holds exactly the effective heads. */
static bool at_heads(const RevisionGraph *graph, const TargetState *state)
{
    g_autoptr(GPtrArray) heads = revision_graph_effective_heads(graph);
    if (g_strv_length(state->rows) != heads->len)
        return false;
    for (guint i = 0; i < heads->len; i++)
        if (!g_strv_contains((const char *const *)state->rows, ((const Revision *)heads->pdata[i])->id))
            return false;
    return true;
}

static int exit_code_of(const Workspace *workspace, const GPtrArray *states)
{
    unsigned behind = 0, unreachable = 0;
    bool check = options_flag(workspace->options, "check-heads");
    for (guint i = 0; i < states->len; i++) {
        const TargetState *state = states->pdata[i];
        unreachable += state && state->outcome != PROBE_OK;
        behind += check && state && state->outcome == PROBE_OK && !at_heads(workspace->graph, state);
    }
    return unreachable ? EXIT_UNREACHABLE : behind ? EXIT_DIFFERENT : EXIT_DONE;
}

static int current_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    g_autoptr(GPtrArray) states = workspace_probe(&workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    g_autofree char *text = render(&workspace, states);
    code = command_page(options, text);
    return code != EXIT_DONE ? code : exit_code_of(&workspace, states);
}

static const OptionSpec own_options[] = {
    {.name = "check-heads",
     .kind = OPTION_FLAG,
     .help = "Exit with 2 when any target does not hold exactly the heads"},
    {0}};

static const OptionSpec *const option_sets[] = {selection_options, parallel_options, own_options,
                                                format_options, NULL};

const CommandSpec current_command = {
    .name = "current",
    .group = COMMANDS_FLEET,
    .operands = "",
    .summary = "Show the version rows of targets",
    .description = "Prints every selected target with the revisions its version table holds, read in "
                   "read-only sessions.",
    .example = "dbfleet current -l canary\ndbfleet current --check-heads --url sqlite:app.db",
    .option_sets = option_sets,
    .run = current_run,
};
