/* dbfleet history */
#include "base/text_table.h"
#include "commands/command_list_internal.h"
#include "commands/history_lanes_internal.h"
#include "commands/revision_list_internal.h"
#include <string.h>

/* Which revisions are the current ones of how many targets. */
typedef struct Current {
    GHashTable *counts; /* id -> number of targets */
    char **rows;        /* of the one target, for "current" in a range; NULL */
} Current;

static void current_clear(Current *self)
{
    g_clear_pointer(&self->counts, g_hash_table_unref);
    g_clear_pointer(&self->rows, g_strfreev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Current, current_clear)

static bool needs_database(const Options *options)
{
    const char *range = options_text(options, "rev-range");
    return options_flag(options, "indicate-current") || (range && strstr(range, "current"));
}

static int read_current(const Workspace *workspace, Current *current)
{
    const char *range = options_text(workspace->options, "rev-range");
    current->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!needs_database(workspace->options))
        return EXIT_DONE;
    if (range && strstr(range, "current") && workspace->targets->len != 1)
        return command_fail(EXIT_USAGE,
                            "\"current\" in a range needs one target, not %u: choose it with -l or --url",
                            workspace->targets->len);
    g_autoptr(GPtrArray) states = workspace_probe(workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    for (guint i = 0; i < states->len; i++) {
        const TargetState *state = states->pdata[i];
        if (state && state->outcome != PROBE_OK)
            return command_fail(EXIT_UNREACHABLE, "%s: %s",
                                ((const Target *)workspace->targets->pdata[i])->name, state->reason);
        for (char **row = state ? state->rows : NULL; row && *row; row++) {
            guint count = GPOINTER_TO_UINT(g_hash_table_lookup(current->counts, *row));
            g_hash_table_insert(current->counts, g_strdup(*row), GUINT_TO_POINTER(count + 1));
        }
        if (states->len == 1 && state)
            current->rows = g_strdupv(state->rows);
    }
    return EXIT_DONE;
}

/* " (current)" or " (current on 12 targets)". */
static char *current_mark(const Current *current, const Revision *revision, unsigned targets)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(current->counts, revision->id));
    if (!count)
        return g_strdup("");
    return targets == 1 ? g_strdup(" (current)") : g_strdup_printf(" (current on %u)", count);
}

static bool has_branches(const Workspace *workspace)
{
    g_autoptr(GPtrArray) heads = revision_graph_heads(workspace->graph);
    bool branches = heads->len > 1;
    for (unsigned i = 0; i < revision_graph_length(workspace->graph) && !branches; i++) {
        const Revision *revision = revision_graph_at(workspace->graph, i);
        branches = revision_graph_is_branch_point(workspace->graph, revision) ||
                   revision_graph_is_merge_point(workspace->graph, revision);
    }
    return branches;
}

static void print_short(const Workspace *workspace, const Revision *revision, const char *drawing,
                        const char *mark, GString *out)
{
    g_autofree char *marks = revision_marks(workspace->graph, revision);
    g_autofree char *parents = revision_parents_text(revision);
    g_autofree char *message = text_printable(revision->message, false);
    g_string_append_printf(out, "%s%s -> %s%s%s, %s\n", drawing, parents, revision->id, marks, mark, message);
}

static void print_long(const Workspace *workspace, const Revision *revision, const char *mark, GString *out)
{
    g_autofree char *paragraph = revision_paragraph(workspace->graph, revision);
    char *end = strchr(paragraph, '\n');
    g_string_append_printf(out, "%.*s%s%s\n", (int)(end - paragraph), paragraph, mark, end);
}

static char *history_text(const Workspace *workspace, const GPtrArray *revisions, const Current *current)
{
    bool verbose = options_count(workspace->options, "verbose") > 0;
    bool draws = !verbose && has_branches(workspace);
    g_autoptr(HistoryLanes) lanes = history_lanes_new();
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < revisions->len; i++) {
        const Revision *revision = revisions->pdata[i];
        g_autofree char *mark =
            current_mark(current, revision, workspace->targets ? workspace->targets->len : 0);
        g_autofree char *before = NULL, *after = NULL;
        g_autofree char *drawing =
            draws ? history_lanes_next(lanes, revision, &before, &after) : g_strdup("");
        if (before)
            g_string_append_printf(out, "%s\n", before);
        if (verbose)
            print_long(workspace, revision, mark, out);
        else
            print_short(workspace, revision, drawing, mark, out);
        if (after)
            g_string_append_printf(out, "%s\n", after);
    }
    return g_string_free(out, FALSE);
}

static char *history_json(const GPtrArray *revisions, const Current *current)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < revisions->len; i++) {
        const Revision *revision = revisions->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "revision", revision->id);
        json_out_strings(json, "revises", (const char *const *)revision->revises);
        json_out_strings(json, "depends_on", (const char *const *)revision->depends_on);
        json_out_strings(json, "labels", (const char *const *)revision->labels);
        json_out_string(json, "message", revision->message);
        json_out_string(json, "file", revision->file);
        json_out_int(json, "current_on",
                     GPOINTER_TO_UINT(g_hash_table_lookup(current->counts, revision->id)));
        json_out_end_object(json);
    }
    json_out_end_array(json);
    return json_out_steal(json);
}

static int print_history(const Workspace *workspace, const Current *current)
{
    GError *error = NULL;
    const char *range = options_text(workspace->options, "rev-range");
    g_autoptr(GPtrArray) revisions =
        range ? revision_graph_range(workspace->graph, range, (const char *const *)current->rows, &error)
              : revision_graph_topological(workspace->graph);
    if (!revisions)
        return command_fail_error(EXIT_CONFIGURATION, error);
    g_autofree char *text = command_wants_json(workspace->options)
                                ? history_json(revisions, current)
                                : history_text(workspace, revisions, current);
    return command_page(workspace->options, text);
}

static int history_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    g_auto(Current) current = {0};
    unsigned parts = WORKSPACE_REVISIONS | (needs_database(options) ? WORKSPACE_FLEET : 0);
    if (!workspace_open(&workspace, options, parts, &code))
        return code;
    code = read_current(&workspace, &current);
    return code == EXIT_DONE ? print_history(&workspace, &current) : code;
}

static const OptionSpec own_options[] = {
    {.name = "rev-range",
     .letter = 'r',
     .kind = OPTION_TEXT,
     .argument = "FROM:TO",
     .help = "Show this range only; either side may be empty, current, or relative"},
    {.name = "indicate-current",
     .letter = 'i',
     .kind = OPTION_FLAG,
     .help = "Mark the revisions that the selected targets are at"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, selection_options, parallel_options,
                                                format_options, NULL};

const CommandSpec history_command = {
    .name = "history",
    .group = COMMANDS_REVISIONS,
    .operands = "",
    .summary = "List the revisions, newest first",
    .description = "Prints \"parent -> revision, message\" for each revision, drawn as a graph where there "
                   "are branches; with -v all about each.",
    .example = "dbfleet history -r 4b1f:\ndbfleet history -i\ndbfleet history -r -3: -v",
    .option_sets = option_sets,
    .run = history_run,
};
