/* Revision list: how a revision is shown, in one place for every listing. */
#include "base/text_table.h"
#include "commands/revision_list_internal.h"

static void mark(GString *out, bool yes, const char *text)
{
    if (yes)
        g_string_append_printf(out, " %s", text);
}

static bool is_in(GPtrArray *list, const Revision *revision)
{
    g_autoptr(GPtrArray) owned = list;
    return g_ptr_array_find(owned, revision, NULL);
}

char *revision_marks(const RevisionGraph *graph, const Revision *revision)
{
    GString *out = g_string_new(NULL);
    if (revision->labels[0]) {
        g_autofree char *labels = g_strjoinv(", ", revision->labels);
        g_string_append_printf(out, " (%s)", labels);
    }
    bool head = revision_graph_is_head(graph, revision);
    bool effective = is_in(revision_graph_effective_heads(graph), revision);
    mark(out, head && effective, "(head)");
    mark(out, head && !effective, "(head, a dependency of another)");
    mark(out, revision_graph_is_branch_point(graph, revision), "(branchpoint)");
    mark(out, revision_graph_is_merge_point(graph, revision), "(mergepoint)");
    return g_string_free(out, FALSE);
}

char *revision_parents_text(const Revision *revision)
{
    return revision->revises[0] ? g_strjoinv(", ", revision->revises) : g_strdup("<base>");
}

static void line(GString *out, const char *label, const char *text)
{
    if (text && *text)
        g_string_append_printf(out, "%-11s %s\n", label, text);
}

char *revision_paragraph(const RevisionGraph *graph, const Revision *revision)
{
    GString *out = g_string_new(NULL);
    g_autofree char *marks = revision_marks(graph, revision);
    g_autofree char *rev = g_strconcat(revision->id, marks, NULL);
    g_autofree char *parents = revision_parents_text(revision);
    g_autofree char *depends = g_strjoinv(", ", revision->depends_on);
    g_auto(GStrv) all = revision_graph_labels(graph, revision);
    g_autofree char *labels = g_strjoinv(", ", all);
    g_autofree char *message = text_printable(revision->message, false);
    line(out, "Rev:", rev);
    line(out, revision->revises[0] && revision->revises[1] ? "Merges:" : "Parent:", parents);
    line(out, "Depends on:", depends);
    line(out, "Branch:", labels);
    line(out, "Path:", revision->file);
    line(out, "Created:", revision->created);
    line(out, "Message:", message);
    return g_string_free(out, FALSE);
}

static void sections_json(JsonOut *json, const Revision *revision)
{
    static const char *const kinds[] = {"up", "down", "check", "verify"};
    json_out_begin_array(json, "sections");
    for (guint i = 0; revision->sections && i < revision->sections->len; i++) {
        const Section *section = revision->sections->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "kind", kinds[section->kind]);
        json_out_string(json, "dialect", section->any_dialect ? NULL : dialect_name(section->dialect));
        json_out_bool(json, "transaction", section->transaction);
        json_out_string(json, "checksum", section->checksum);
        json_out_strings(json, "variables", (const char *const *)section->variables);
        json_out_int(json, "line", section->place.line);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

void revision_json(JsonOut *json, const RevisionGraph *graph, const Revision *revision)
{
    g_auto(GStrv) labels = revision_graph_labels(graph, revision);
    json_out_begin_object(json, NULL);
    json_out_string(json, "revision", revision->id);
    json_out_strings(json, "revises", (const char *const *)revision->revises);
    json_out_strings(json, "depends_on", (const char *const *)revision->depends_on);
    json_out_strings(json, "labels", (const char *const *)revision->labels);
    json_out_strings(json, "branch", (const char *const *)labels);
    json_out_string(json, "message", revision->message);
    json_out_string(json, "created", revision->created);
    json_out_string(json, "file", revision->file);
    json_out_bool(json, "head", revision_graph_is_head(graph, revision));
    json_out_bool(json, "effective_head", is_in(revision_graph_effective_heads(graph), revision));
    json_out_bool(json, "branch_point", revision_graph_is_branch_point(graph, revision));
    json_out_bool(json, "merge_point", revision_graph_is_merge_point(graph, revision));
    sections_json(json, revision);
    json_out_end_object(json);
}
