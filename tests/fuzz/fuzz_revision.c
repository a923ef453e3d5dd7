/* Any bytes as a revision file: a revision or errors, never both, never neither; what is read is consistent,
 * and a graph takes it or says why not. */
#include "plans/graph.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sections(const Revision *revision)
{
    for (unsigned i = 0; i < revision->sections->len; i++) {
        const Section *section = g_ptr_array_index(revision->sections, i);
        bool served =
            section->any_dialect || revision_section(revision, section->kind, section->dialect) == section;

        if (strlen(section->text) != section->length || strlen(section->checksum) != 64 ||
            !section->variables || section->place.line < 2 || strstr(section->text, "\r\n") || !served)
            abort();
    }
}

/* The graph over this one file: refused with a reason, or of one revision that is its own path. */
static void check_graph(Revision *revision)
{
    g_autoptr(GPtrArray) revisions = g_ptr_array_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();
    const char *const none[] = {NULL};
    const char *const heads[] = {"heads", NULL};

    g_ptr_array_add(revisions, revision);
    g_autoptr(RevisionGraph) graph = revision_graph_new(revisions, problems);
    if ((graph == NULL) != diagnostics_has_errors(problems))
        abort();
    g_autoptr(Move) up = graph ? revision_graph_upgrade(graph, none, heads, NULL) : NULL;
    if (graph && (!up || up->steps->len != 1))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Revision) revision =
        revision_parse((const char *)data, size, "20261122_fuzz.sql", "20261121", problems);

    if ((revision == NULL) != diagnostics_has_errors(problems))
        abort();
    if (!revision)
        return 0;
    if (!revision_has_section(revision, SECTION_UP))
        abort();
    check_sections(revision);
    check_graph(revision);
    return 0;
}
