/* Sets and orders over the revision graph: what is above and below, which members are tips, which comes
 * first. Refuses nothing but overlaps and unknown rows; knows no symbols. Pure: any thread. */
#include "plans/graph_internal.h"

#define DISPLAY_MAX 8 /* ids named in a message before "and N more" */

bool index_set_is_empty(const IndexSet *self)
{
    for (unsigned i = 0; i < self->words; i++)
        if (self->bits[i])
            return false;
    return true;
}

void index_set_unite(IndexSet *self, const IndexSet *other)
{
    for (unsigned i = 0; i < self->words; i++)
        self->bits[i] |= other->bits[i];
}

void index_set_intersect(IndexSet *self, const IndexSet *other)
{
    for (unsigned i = 0; i < self->words; i++)
        self->bits[i] &= other->bits[i];
}

void index_set_subtract(IndexSet *self, const IndexSet *other)
{
    for (unsigned i = 0; i < self->words; i++)
        self->bits[i] &= ~other->bits[i];
}

GArray *index_list_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(unsigned));
}

GArray *index_list_of(unsigned index)
{
    GArray *list = index_list_new();

    if (index != GRAPH_BASE)
        g_array_append_val(list, index);
    return list;
}

GArray *index_set_list(const IndexSet *self, const RevisionGraph *graph)
{
    GArray *list = index_list_new();

    for (unsigned i = 0; i < graph->count; i++)
        if (index_set_has(self, i))
            g_array_append_val(list, i);
    return list;
}

GPtrArray *index_list_revisions(const GArray *list, const RevisionGraph *graph)
{
    GPtrArray *revisions = g_ptr_array_sized_new(list->len);

    for (unsigned i = 0; i < list->len; i++)
        g_ptr_array_add(revisions, (gpointer)graph_revision(graph, index_list_at(list, i)));
    return revisions;
}

GArray *index_list_within(const GArray *list, const IndexSet *set)
{
    GArray *kept = index_list_new();

    for (unsigned i = 0; i < list->len; i++) {
        unsigned index = index_list_at(list, i);
        if (index_set_has(set, index))
            g_array_append_val(kept, index);
    }
    return kept;
}

char **index_list_ids(const GArray *list, const RevisionGraph *graph)
{
    char **ids = g_new0(char *, list->len + 1);

    for (unsigned i = 0; i < list->len; i++)
        ids[i] = g_strdup(graph_revision(graph, index_list_at(list, i))->id);
    return ids;
}

char *index_list_display(const GArray *list, const RevisionGraph *graph)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < list->len && i < DISPLAY_MAX; i++) {
        const Revision *revision = graph_revision(graph, index_list_at(list, i));

        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", revision->id);
        if (revision->labels[0]) {
            g_autofree char *labels = g_strjoinv(", ", revision->labels);
            g_string_append_printf(text, " (%s)", labels);
        }
    }
    if (list->len > DISPLAY_MAX)
        g_string_append_printf(text, " and %u more", list->len - DISPLAY_MAX);
    return g_string_free(text, FALSE);
}

typedef struct Reach {
    const Edges *edges;
    const Edges *more;      /* NULL: none */
    const IndexSet *within; /* stay inside; NULL: anywhere */
} Reach;

static void reach_add(IndexSet *seen, GArray *open, const Edges *edges, const IndexSet *within,
                      unsigned index)
{
    unsigned count;
    const unsigned *targets = edges_of(edges, index, &count);

    for (unsigned i = 0; i < count; i++) {
        if (!index_set_has(seen, targets[i]) && (!within || index_set_has(within, targets[i]))) {
            index_set_add(seen, targets[i]);
            g_array_append_val(open, targets[i]);
        }
    }
}

/* Everything that the edges lead to from the list, and the list. */
static IndexSet *reach(const RevisionGraph *self, const GArray *from, Reach by)
{
    IndexSet *seen = index_set_new(self);
    g_autoptr(GArray) open = index_list_new();

    for (unsigned i = 0; i < from->len; i++) {
        unsigned index = index_list_at(from, i);

        if (index != GRAPH_BASE && !index_set_has(seen, index)) {
            index_set_add(seen, index);
            g_array_append_val(open, index);
        }
    }
    while (open->len > 0) {
        unsigned index = index_list_at(open, open->len - 1);

        g_array_set_size(open, open->len - 1);
        reach_add(seen, open, by.edges, by.within, index);
        if (by.more)
            reach_add(seen, open, by.more, by.within, index);
    }
    return seen;
}

IndexSet *graph_with_ancestors(const RevisionGraph *self, const GArray *from, EdgeKinds kinds)
{
    return reach(self, from, (Reach){&self->parents, kinds == EDGES_ALL ? &self->dependencies : NULL, NULL});
}

IndexSet *graph_with_descendants(const RevisionGraph *self, const GArray *from, EdgeKinds kinds)
{
    return reach(self, from, (Reach){&self->children, kinds == EDGES_ALL ? &self->dependents : NULL, NULL});
}

IndexSet *graph_descendants_within(const RevisionGraph *self, const GArray *from, const IndexSet *within)
{
    return reach(self, from, (Reach){&self->children, &self->dependents, within});
}

IndexSet *graph_lineage(const RevisionGraph *self, unsigned index, EdgeKinds kinds)
{
    g_autoptr(GArray) from = index_list_of(index);
    IndexSet *lineage = graph_with_ancestors(self, from, kinds);
    g_autoptr(IndexSet) above = graph_with_descendants(self, from, kinds);
    index_set_unite(lineage, above);
    return lineage;
}

GArray *graph_heads(const RevisionGraph *self, EdgeKinds kinds)
{
    GArray *heads = index_list_new();

    for (unsigned i = 0; i < self->count; i++)
        if (edges_count(&self->children, i) == 0 &&
            (kinds == EDGES_PARENTS || edges_count(&self->dependents, i) == 0))
            g_array_append_val(heads, i);
    return heads;
}

GArray *graph_bases(const RevisionGraph *self)
{
    GArray *bases = index_list_new();

    for (unsigned i = 0; i < self->count; i++)
        if (edges_count(&self->parents, i) == 0)
            g_array_append_val(bases, i);
    return bases;
}

static GArray *edges_list(const Edges *edges, unsigned index)
{
    GArray *list = index_list_new();
    unsigned count;
    const unsigned *targets = edges_of(edges, index, &count);

    g_array_append_vals(list, targets, count);
    return list;
}

GArray *graph_children_of(const RevisionGraph *self, unsigned index)
{
    return index == GRAPH_BASE ? graph_bases(self) : edges_list(&self->children, index);
}

GArray *graph_parents_of(const RevisionGraph *self, unsigned index)
{
    unsigned base = GRAPH_BASE;

    if (index == GRAPH_BASE)
        return index_list_new();
    GArray *list = edges_list(&self->parents, index);
    if (list->len == 0)
        g_array_append_val(list, base);
    return list;
}

static bool leads_into(const Edges *edges, unsigned index, const IndexSet *set)
{
    unsigned count;
    const unsigned *targets = edges_of(edges, index, &count);

    for (unsigned i = 0; i < count; i++)
        if (index_set_has(set, targets[i]))
            return true;
    return false;
}

GArray *graph_tips(const RevisionGraph *self, const IndexSet *set)
{
    GArray *tips = index_list_new();

    for (unsigned i = 0; i < self->count; i++)
        if (index_set_has(set, i) && !leads_into(&self->children, i, set) &&
            !leads_into(&self->dependents, i, set))
            g_array_append_val(tips, i);
    return tips;
}

GArray *graph_rows(const RevisionGraph *self, const char *const *rows, GError **error)
{
    g_autoptr(IndexSet) known = index_set_new(self);
    g_autoptr(GPtrArray) unknown = g_ptr_array_new();

    for (unsigned i = 0; rows && rows[i]; i++) {
        unsigned index;

        if (graph_index(self, rows[i], &index))
            index_set_add(known, index);
        else
            g_ptr_array_add(unknown, (gpointer)rows[i]);
    }
    if (unknown->len > 0) {
        g_ptr_array_add(unknown, NULL);
        g_autofree char *names = g_strjoinv(", ", (char **)unknown->pdata);
        g_set_error(
            error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_ROW,
            "the database is at %s, which no revision file here knows: the database is ahead of these files; "
            "bring the versions folder up to date, or stamp --purge if the row is wrong",
            names);
        return NULL;
    }
    return index_set_list(known, self);
}

bool graph_check_overlap(const RevisionGraph *self, const GArray *list, const char *what, GError **error)
{
    for (unsigned i = 0; list->len > 1 && i < list->len; i++) {
        g_autoptr(GArray) one = index_list_of(index_list_at(list, i));
        g_autoptr(IndexSet) below = graph_with_ancestors(self, one, EDGES_ALL);
        for (unsigned j = 0; j < list->len; j++) {
            if (j == i || !index_set_has(below, index_list_at(list, j)))
                continue;
            g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_OVERLAP,
                        "%s overlap: %s already stands on %s; leave %s out", what,
                        graph_revision(self, index_list_at(list, i))->id,
                        graph_revision(self, index_list_at(list, j))->id,
                        graph_revision(self, index_list_at(list, j))->id);
            return false;
        }
    }
    return true;
}
