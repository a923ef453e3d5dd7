/* dbfleet show */
#include "base/text_table.h"
#include "commands/command_list_internal.h"
#include "commands/revision_list_internal.h"

static const char *const kinds[] = {"up", "down", "check", "verify"};

static void print_section(GString *out, const Section *section, bool sql)
{
    g_string_append_printf(out, "  %-7s %-9s %s%s%.12s\n", kinds[section->kind],
                           section->any_dialect ? "any" : dialect_name(section->dialect),
                           section->transaction ? "" : "transaction:false ",
                           section->foreign_keys_off ? "foreign_keys:off " : "", section->checksum);
    if (!sql)
        return;
    g_autofree char *text = text_printable(section->text, true);
    g_string_append_printf(out, "%s%s\n", text, g_str_has_suffix(text, "\n") ? "" : "\n");
}

static char *show_text(const Workspace *workspace, const GPtrArray *revisions)
{
    bool sql = options_count(workspace->options, "verbose") > 0;
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < revisions->len; i++) {
        const Revision *revision = revisions->pdata[i];
        g_autofree char *paragraph = revision_paragraph(workspace->graph, revision);
        g_string_append_printf(out, "%s%sSections:\n", i ? "\n" : "", paragraph);
        for (guint s = 0; s < revision->sections->len; s++)
            print_section(out, revision->sections->pdata[s], sql);
    }
    return g_string_free(out, FALSE);
}

static char *show_json(const Workspace *workspace, const GPtrArray *revisions)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < revisions->len; i++)
        revision_json(json, workspace->graph, revisions->pdata[i]);
    json_out_end_array(json);
    return json_out_steal(json);
}

static int show_run(const Options *options)
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
    g_autofree char *text =
        command_wants_json(options) ? show_json(&workspace, revisions) : show_text(&workspace, revisions);
    return command_page(options, text);
}

static const OptionSpec *const option_sets[] = {format_options, NULL};

const CommandSpec show_command = {
    .name = "show",
    .group = COMMANDS_REVISIONS,
    .operands = "REVISION",
    .min_operands = 1,
    .max_operands = 1,
    .relative_operands = true,
    .summary = "Show a revision: where it stands, its file and its sections",
    .description = "Prints id, parents, labels, dependencies, path and the sections with their checksums; "
                   "with -v their SQL.",
    .example = "dbfleet show head\ndbfleet show 4b1f -v",
    .option_sets = option_sets,
    .run = show_run,
};
