/* dbfleet merge */
#include "commands/command_list_internal.h"
#include "commands/revision_write_internal.h"

static bool add_parents(const Workspace *workspace, const char *symbol, GPtrArray *parents, int *exit_code)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) found = revision_graph_resolve(workspace->graph, symbol, NULL, &error);
    if (!found) {
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        return false;
    }
    for (guint i = 0; i < found->len; i++) {
        const Revision *revision = found->pdata[i];
        if (!revision_graph_is_head(workspace->graph, revision)) {
            *exit_code =
                command_fail(EXIT_CONFIGURATION, "revision %s is no head; merge joins heads", revision->id);
            return false;
        }
        if (!g_ptr_array_find(parents, revision, NULL))
            g_ptr_array_add(parents, (gpointer)revision);
    }
    return true;
}

static int merge_run(const Options *options)
{
    static const char *const none[] = {NULL};
    static const char *const heads[] = {"heads", NULL};
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    g_autoptr(GPtrArray) parents = g_ptr_array_new();
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS, &code))
        return code;
    const char *const *symbols = options_operand_count(options) ? options_operands(options) : heads;
    for (; *symbols; symbols++)
        if (!add_parents(&workspace, *symbols, parents, &code))
            return code;
    if (parents->len < 2)
        return command_fail(EXIT_CONFIGURATION, "there is nothing to merge: %s",
                            parents->len ? "only one head" : "no head");
    const NewRevision revision = {.id = options_text(options, "rev-id"),
                                  .message = options_text(options, "message"),
                                  .parents = parents,
                                  .depends_on = none,
                                  .labels = options_list(options, "branch-label"),
                                  .dialects = none};
    return revision_write(&workspace, &revision);
}

static const OptionSpec own_options[] = {
    {.name = "message",
     .letter = 'm',
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .fallback = "merge",
     .help = "What the merge is for, in a few words"},
    {.name = "branch-label",
     .kind = OPTION_LIST,
     .argument = "LABEL",
     .help = "Give the merged branch this label"},
    {.name = "rev-id", .kind = OPTION_TEXT, .argument = "ID", .help = "Use this id instead of a random one"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, NULL};

const CommandSpec merge_command = {
    .name = "merge",
    .group = COMMANDS_REVISIONS,
    .operands = "[REVISION...]",
    .max_operands = G_MAXUINT,
    .summary = "Join heads with a revision that has no SQL of its own",
    .description = "Writes a revision whose parents are the heads named, or all heads, so that the graph has "
                   "one head again.",
    .example = "dbfleet merge -m 'join reports'\ndbfleet merge 4b1f 9c2e",
    .option_sets = option_sets,
    .run = merge_run,
};
