/* dbfleet edit */
#include "commands/command_list_internal.h"
#include "commands/revision_write_internal.h"

static int edit_run(const Options *options)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS, &code))
        return code;
    g_autoptr(GPtrArray) revisions =
        revision_graph_resolve(workspace.graph, options_operand(options, 0), NULL, &error);
    if (!revisions)
        return command_fail_error(EXIT_CONFIGURATION, error);
    if (revisions->len != 1)
        return command_fail(EXIT_USAGE, "\"%s\" means %u revisions; edit takes one",
                            options_operand(options, 0), revisions->len);
    return revision_edit_file(&workspace, ((const Revision *)revisions->pdata[0])->file);
}

static const OptionSpec *const option_sets[] = {NULL};

const CommandSpec edit_command = {
    .name = "edit",
    .group = COMMANDS_REVISIONS,
    .operands = "REVISION",
    .min_operands = 1,
    .max_operands = 1,
    .relative_operands = true,
    .summary = "Open a revision's file in an editor",
    .description = "Runs $VISUAL, else $EDITOR, else vi on the file and checks it afterwards. Editing a "
                   "revision that targets already have makes "
                   "them exceptions of the next plan (\"edited\").",
    .example = "dbfleet edit head",
    .option_sets = option_sets,
    .run = edit_run,
};
