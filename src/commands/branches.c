/* dbfleet branches */
#include "commands/command_list_internal.h"
#include "commands/revision_list_internal.h"

static void print_branch(const Workspace *workspace, const Revision *revision, GString *out)
{
    g_autofree char *marks = revision_marks(workspace->graph, revision);
    g_autoptr(GPtrArray) children = revision_graph_children(workspace->graph, revision);
    g_string_append_printf(out, "%s%s\n", revision->id, marks);
    for (guint i = 0; i < children->len; i++) {
        const Revision *child = children->pdata[i];
        g_autofree char *child_marks = revision_marks(workspace->graph, child);
        g_string_append_printf(out, "    -> %s%s, %s\n", child->id, child_marks, child->message);
    }
}

static void branch_json(const Workspace *workspace, const Revision *revision, JsonOut *json)
{
    g_autoptr(GPtrArray) children = revision_graph_children(workspace->graph, revision);
    json_out_begin_object(json, NULL);
    json_out_string(json, "revision", revision->id);
    json_out_begin_array(json, "children");
    for (guint i = 0; i < children->len; i++)
        revision_json(json, workspace->graph, children->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
}

static int branches_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS, &code))
        return code;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_array(json, NULL);
    for (unsigned i = 0; i < revision_graph_length(workspace.graph); i++) {
        const Revision *revision = revision_graph_at(workspace.graph, i);
        if (!revision_graph_is_branch_point(workspace.graph, revision))
            continue;
        print_branch(&workspace, revision, text);
        branch_json(&workspace, revision, json);
    }
    json_out_end_array(json);
    g_autofree char *all = json_out_steal(json);
    return command_page(options, command_wants_json(options) ? all : text->str);
}

static const OptionSpec *const option_sets[] = {format_options, NULL};

const CommandSpec branches_command = {
    .name = "branches",
    .group = COMMANDS_REVISIONS,
    .operands = "",
    .summary = "List the branch points with what stands on each",
    .description = "A branch point is a revision that is the parent of several others.",
    .example = "dbfleet branches",
    .option_sets = option_sets,
    .run = branches_run,
};
