/* The order of a path: a set of revisions, descendants first, by the rules' section "Order"
 * (docs/explanation/revision-graph.md). Refuses nothing. Pure: any thread.
 *
 * The rules ask at each turn whether the candidate is an ancestor of another member of H. It is exactly when
 * something left in the set stands on it, so that is counted instead, and the member of H to go to is looked
 * for only then. */
#include "plans/graph_internal.h"

typedef struct Ordering {
    const RevisionGraph *graph;
    IndexSet *left;     /* members not emitted yet */
    IndexSet *open_set; /* H as a set */
    GArray *open;       /* H */
    unsigned at;        /* the candidate's position in H */
    unsigned *standing; /* for each member, how many edges of members left lead to it */
    GArray *emitted;
} Ordering;

static void count_standing(Ordering *self, unsigned index, int change)
{
    const Edges *kinds[] = {&self->graph->parents, &self->graph->dependencies};

    for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++) {
        unsigned count;
        const unsigned *targets = edges_of(kinds[k], index, &count);

        for (unsigned i = 0; i < count; i++)
            self->standing[targets[i]] += (unsigned)change;
    }
}

static void ordering_init(Ordering *self, const RevisionGraph *graph, const IndexSet *set)
{
    g_autoptr(GArray) members = index_set_list(set, graph);

    *self = (Ordering){.graph = graph,
                       .left = index_set_new(graph),
                       .open_set = index_set_new(graph),
                       .open = graph_tips(graph, set),
                       .standing = g_new0(unsigned, graph->count + 1),
                       .emitted = index_list_new()};
    index_set_unite(self->left, set);
    for (unsigned i = 0; i < self->open->len; i++)
        index_set_add(self->open_set, index_list_at(self->open, i));
    for (unsigned i = 0; i < members->len; i++)
        count_standing(self, index_list_at(members, i), 1);
}

static void ordering_clear(Ordering *self)
{
    index_set_free(self->left);
    index_set_free(self->open_set);
    g_array_unref(self->open);
    g_free(self->standing);
    if (self->emitted)
        g_array_unref(self->emitted);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ordering, ordering_clear)

/* Moves to the first other member of H that the candidate is an ancestor of. */
static bool go_to_descendant(Ordering *self)
{
    g_autoptr(GArray) candidate = index_list_of(index_list_at(self->open, self->at));
    g_autoptr(IndexSet) above = graph_descendants_within(self->graph, candidate, self->left);
    for (unsigned i = 0; i < self->open->len; i++) {
        if (i != self->at && index_set_has(above, index_list_at(self->open, i))) {
            self->at = i;
            return true;
        }
    }
    return false;
}

/* Puts what is below the candidate into H: the first in its place, the others at the end. */
static void replace_candidate(Ordering *self)
{
    unsigned candidate = index_list_at(self->open, self->at), count, added = 0;
    const unsigned *below = edges_of(&self->graph->below, candidate, &count);

    index_set_remove(self->open_set, candidate);
    for (unsigned i = 0; i < count; i++) {
        if (!index_set_has(self->left, below[i]) || index_set_has(self->open_set, below[i]))
            continue;
        index_set_add(self->open_set, below[i]);
        if (added++ == 0)
            g_array_index(self->open, unsigned, self->at) = below[i];
        else
            g_array_append_val(self->open, below[i]);
    }
    if (added == 0) {
        g_array_remove_index(self->open, self->at);
        self->at -= self->at > 0 ? 1 : 0;
    }
}

GArray *graph_order(const RevisionGraph *self, const IndexSet *set)
{
    g_auto(Ordering) ordering;

    ordering_init(&ordering, self, set);
    while (ordering.open->len > 0) {
        unsigned candidate = index_list_at(ordering.open, ordering.at);

        if (ordering.standing[candidate] > 0 && go_to_descendant(&ordering))
            continue;
        g_array_append_val(ordering.emitted, candidate);
        index_set_remove(ordering.left, candidate);
        count_standing(&ordering, candidate, -1);
        replace_candidate(&ordering);
    }
    return g_steal_pointer(&ordering.emitted);
}

GPtrArray *revision_graph_topological(const RevisionGraph *self)
{
    g_autoptr(IndexSet) all = index_set_new(self);

    for (unsigned i = 0; i < self->count; i++)
        index_set_add(all, i);
    g_autoptr(GArray) order = graph_order(self, all);
    return index_list_revisions(order, self);
}
