/* The revision graph as others read it: revisions by place and id, heads and bases, neighbours, labels.
 * Building is in graph_build.c, symbols in graph_resolve.c, paths in graph_move.c. Refuses nothing: it only
 * tells. Any thread. */
#include "plans/graph_internal.h"

#include <stdlib.h>
#include <string.h>

G_DEFINE_QUARK(dbfleet - graph - error, graph_error)

const char *graph_error_name(GraphError code)
{
    static const char *const NAMES[] = {
        [GRAPH_ERROR_UNKNOWN_REVISION] = "unknown-revision",
        [GRAPH_ERROR_MULTIPLE_HEADS] = "multiple-heads",
        [GRAPH_ERROR_INVALID_DESTINATION] = "invalid-destination",
        [GRAPH_ERROR_AMBIGUOUS_WALK] = "ambiguous-walk",
        [GRAPH_ERROR_WALKED_TOO_FAR] = "walked-too-far",
        [GRAPH_ERROR_AMBIGUOUS_RELATIVE] = "ambiguous-relative",
        [GRAPH_ERROR_RELATIVE_SHORT] = "relative-short",
        [GRAPH_ERROR_OVERLAP] = "overlap",
        [GRAPH_ERROR_CYCLE] = "cycle",
        [GRAPH_ERROR_BAD_RANGE] = "bad-range",
        [GRAPH_ERROR_UNKNOWN_ROW] = "unknown-revision",
    };

    return NAMES[code];
}

unsigned revision_graph_length(const RevisionGraph *self)
{
    return self->count;
}

const Revision *revision_graph_at(const RevisionGraph *self, unsigned index)
{
    return graph_revision(self, index);
}

bool graph_index(const RevisionGraph *self, const char *id, unsigned *index)
{
    gpointer found = g_hash_table_lookup(self->names, id);

    if (!found || strcmp(graph_revision(self, GPOINTER_TO_UINT(found) - 1)->id, id) != 0)
        return false;
    *index = GPOINTER_TO_UINT(found) - 1;
    return true;
}

const Revision *revision_graph_find(const RevisionGraph *self, const char *id)
{
    unsigned index;

    return graph_index(self, id, &index) ? graph_revision(self, index) : NULL;
}

GPtrArray *revision_graph_heads(const RevisionGraph *self)
{
    g_autoptr(GArray) heads = graph_heads(self, EDGES_PARENTS);

    return index_list_revisions(heads, self);
}

GPtrArray *revision_graph_effective_heads(const RevisionGraph *self)
{
    g_autoptr(GArray) heads = graph_heads(self, EDGES_ALL);

    return index_list_revisions(heads, self);
}

GPtrArray *revision_graph_bases(const RevisionGraph *self)
{
    g_autoptr(GArray) bases = graph_bases(self);

    return index_list_revisions(bases, self);
}

static GPtrArray *neighbours(const RevisionGraph *self, const Revision *revision, const Edges *edges)
{
    GPtrArray *list = g_ptr_array_new();
    unsigned index, count;

    if (!graph_index(self, revision->id, &index))
        return list;
    const unsigned *targets = edges_of(edges, index, &count);
    for (unsigned i = 0; i < count; i++)
        g_ptr_array_add(list, (gpointer)graph_revision(self, targets[i]));
    return list;
}

GPtrArray *revision_graph_children(const RevisionGraph *self, const Revision *revision)
{
    return neighbours(self, revision, &self->children);
}

GPtrArray *revision_graph_parents(const RevisionGraph *self, const Revision *revision)
{
    return neighbours(self, revision, &self->parents);
}

GPtrArray *revision_graph_dependencies(const RevisionGraph *self, const Revision *revision)
{
    return neighbours(self, revision, &self->dependencies);
}

static unsigned neighbour_count(const RevisionGraph *self, const Revision *revision, const Edges *edges)
{
    unsigned index;

    return graph_index(self, revision->id, &index) ? edges_count(edges, index) : 0;
}

bool revision_graph_is_branch_point(const RevisionGraph *self, const Revision *revision)
{
    return neighbour_count(self, revision, &self->children) > 1;
}

bool revision_graph_is_merge_point(const RevisionGraph *self, const Revision *revision)
{
    return neighbour_count(self, revision, &self->parents) > 1;
}

bool revision_graph_is_head(const RevisionGraph *self, const Revision *revision)
{
    return neighbour_count(self, revision, &self->children) == 0;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_own_labels(GHashTable *labels, const Revision *revision)
{
    for (char **label = revision->labels; *label; label++)
        g_hash_table_add(labels, *label);
}

/* Labels of what the revision descends from, and its own. */
static void add_labels_below(const RevisionGraph *self, GHashTable *labels, unsigned index)
{
    g_autoptr(GArray) from = index_list_of(index);
    g_autoptr(IndexSet) below = graph_with_ancestors(self, from, EDGES_PARENTS);
    for (unsigned i = 0; i < self->labelled->len; i++)
        if (index_set_has(below, index_list_at(self->labelled, i)))
            add_own_labels(labels, graph_revision(self, index_list_at(self->labelled, i)));
}

/* Neither a merge point nor a branch point; what depends on a revision counts as a branch here, as in
 * Alembic. */
static bool in_line(const RevisionGraph *self, unsigned index)
{
    unsigned children, dependents, above;
    const unsigned *child = edges_of(&self->children, index, &children);
    const unsigned *dependent = edges_of(&self->dependents, index, &dependents);

    above = children + dependents;
    if (above == 2 && children == 1 && *child == *dependent)
        above = 1;
    return above <= 1 && edges_count(&self->parents, index) <= 1;
}

/* Labels that reach back down to the revision, as long as no branch or merge point stands between. */
static void add_labels_above(const RevisionGraph *self, GHashTable *labels, unsigned index)
{
    while (in_line(self, index) && edges_count(&self->children, index) == 1) {
        index = self->children.target[self->children.offset[index]];
        if (in_line(self, index))
            add_own_labels(labels, graph_revision(self, index));
    }
}

char **revision_graph_labels(const RevisionGraph *self, const Revision *revision)
{
    g_autoptr(GHashTable) labels = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned index, count;

    if (self->labelled->len > 0 && graph_index(self, revision->id, &index)) {
        add_labels_below(self, labels, index);
        add_labels_above(self, labels, index);
    }
    g_autofree char **names = (char **)g_hash_table_get_keys_as_array(labels, &count);
    qsort(names, count, sizeof(char *), compare_names);
    return g_strdupv(names);
}
