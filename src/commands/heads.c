/* dbfleet heads */
#include "commands/command_list_internal.h"
#include "commands/revision_list_internal.h"

static char *heads_text(const Workspace *workspace, const GPtrArray *heads)
{
    bool verbose = options_count(workspace->options, "verbose") > 0;
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < heads->len; i++) {
        const Revision *revision = heads->pdata[i];
        g_autofree char *marks = revision_marks(workspace->graph, revision);
        g_autofree char *paragraph = revision_paragraph(workspace->graph, revision);
        if (verbose)
            g_string_append_printf(out, "%s%s", i ? "\n" : "", paragraph);
        else
            g_string_append_printf(out, "%s%s\n", revision->id, marks);
    }
    return g_string_free(out, FALSE);
}

static char *heads_json(const Workspace *workspace, const GPtrArray *heads)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < heads->len; i++)
        revision_json(json, workspace->graph, heads->pdata[i]);
    json_out_end_array(json);
    return json_out_steal(json);
}

static int heads_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS, &code))
        return code;
    g_autoptr(GPtrArray) heads = options_flag(options, "resolve-dependencies")
                                     ? revision_graph_effective_heads(workspace.graph)
                                     : revision_graph_heads(workspace.graph);
    g_autofree char *text =
        command_wants_json(options) ? heads_json(&workspace, heads) : heads_text(&workspace, heads);
    return command_page(options, text);
}

static const OptionSpec own_options[] = {{.name = "resolve-dependencies",
                                          .kind = OPTION_FLAG,
                                          .help = "Leave out heads that another revision depends on"},
                                         {0}};

static const OptionSpec *const option_sets[] = {own_options, format_options, NULL};

const CommandSpec heads_command = {
    .name = "heads",
    .group = COMMANDS_REVISIONS,
    .operands = "",
    .summary = "List the heads of the revision graph",
    .description = "A head is a revision that is nobody's parent. Several heads are branches: \"dbfleet "
                   "upgrade heads\" goes to all of them, \"dbfleet "
                   "merge\" joins them.",
    .example = "dbfleet heads -v",
    .option_sets = option_sets,
    .run = heads_run,
};
