/* Building the revision graph: names to indices, edges both ways, and every refusal at load with the files it
 * concerns. Refuses cycles, self-loops, duplicate ids, missing parents and dependencies, labels used twice or
 * equal to an id, and illegal names; all of them are told at once. One thread builds; afterwards nothing
 * changes. */
#include "base/suggest.h"
#include "plans/graph_internal.h"

#include <string.h>

typedef struct Builder {
    RevisionGraph *graph;
    Diagnostics *problems;
} Builder;

/* What messages call the revision another one clashes with. Caller frees. */
static char *describe(const Revision *revision)
{
    return revision->file ? g_strdup_printf("%s (%s)", revision->id, revision->file) : g_strdup(revision->id);
}

static const Revision *known_as(const Builder *self, const char *name)
{
    gpointer index = g_hash_table_lookup(self->graph->names, name);

    return index ? graph_revision(self->graph, GPOINTER_TO_UINT(index) - 1) : NULL;
}

static void add_id(Builder *self, unsigned index)
{
    const Revision *revision = graph_revision(self->graph, index);
    const Revision *other = known_as(self, revision->id);
    g_autofree char *fault = revision_name_fault(revision->id);

    if (fault)
        diagnostics_error(self->problems, revision->places.id, "revision id \"%s\" %s", revision->id, fault);
    if (other) {
        g_autofree char *where = describe(other);
        diagnostics_error(self->problems, revision->places.id,
                          "revision %s exists already: %s; give one of them another id", revision->id, where);
        return;
    }
    g_hash_table_insert(self->graph->names, revision->id, GUINT_TO_POINTER(index + 1));
}

static void add_labels(Builder *self, unsigned index)
{
    const Revision *revision = graph_revision(self->graph, index);

    if (revision->labels[0])
        g_array_append_val(self->graph->labelled, index);
    for (char **label = revision->labels; *label; label++) {
        const Revision *other = known_as(self, *label);
        g_autofree char *fault = revision_name_fault(*label);

        if (fault)
            diagnostics_error(self->problems, revision->places.labels, "label \"%s\" of revision %s %s",
                              *label, revision->id, fault);
        if (other) {
            g_autofree char *where = describe(other);
            diagnostics_error(
                self->problems, revision->places.labels,
                "label \"%s\" of revision %s is %s of revision %s; labels and ids share one set of names",
                *label, revision->id, strcmp(other->id, *label) == 0 ? "the id" : "already a label", where);
            continue;
        }
        g_hash_table_insert(self->graph->names, *label, GUINT_TO_POINTER(index + 1));
    }
}

static void edges_init(Edges *self, unsigned count)
{
    self->offset = g_new0(unsigned, count + 1);
    self->target = NULL;
}

static void edges_clear(Edges *self)
{
    g_free(self->offset);
    g_free(self->target);
}

/* Takes the targets over. One element more than there are, so that the address is one even without any edge.
 */
static void edges_take(Edges *self, GArray **targets)
{
    g_array_append_vals(*targets, &(unsigned){GRAPH_BASE}, 1);
    self->target = (unsigned *)(void *)g_array_free(g_steal_pointer(targets), FALSE);
}

static bool list_holds(const GArray *list, unsigned from, unsigned index)
{
    for (unsigned i = from; i < list->len; i++)
        if (index_list_at(list, i) == index)
            return true;
    return false;
}

static void report_missing(Builder *self, const Revision *revision, SourcePlace place, const char *verb,
                           const char *name)
{
    const RevisionGraph *graph = self->graph;
    g_autofree const char **known = (const char **)g_hash_table_get_keys_as_array(graph->names, NULL);
    const char *near = suggest_nearest(name, known, g_hash_table_size(graph->names));

    diagnostics_error(self->problems, place, "revision %s %s %s, which no file here is%s%s%s", revision->id,
                      verb, name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* One kind of edge as a revision declares it. */
typedef struct Declared {
    const char *verb; /* "revises", "depends on" */
    bool takes_labels;
} Declared;

static const Declared PARENTS = {"revises", false};
static const Declared DEPENDENCIES = {"depends on", true};

static void add_edge(Builder *self, GArray *targets, unsigned from, unsigned index, const char *name,
                     const Declared *kind)
{
    const Revision *revision = graph_revision(self->graph, index);
    SourcePlace place = kind->takes_labels ? revision->places.depends_on : revision->places.revises;
    gpointer found = g_hash_table_lookup(self->graph->names, name);
    unsigned target = GPOINTER_TO_UINT(found) - 1;

    if (!found) {
        report_missing(self, revision, place, kind->verb, name);
    } else if (!kind->takes_labels && strcmp(graph_revision(self->graph, target)->id, name) != 0) {
        diagnostics_error(self->problems, place, "revision %s revises %s, which is a label; write the id %s",
                          revision->id, name, graph_revision(self->graph, target)->id);
    } else if (strcmp(graph_revision(self->graph, target)->id, revision->id) == 0) {
        diagnostics_error(self->problems, place, "revision %s %s itself", revision->id, kind->verb);
    } else if (!list_holds(targets, from, target)) {
        g_array_append_val(targets, target);
    }
}

static void add_edges(Builder *self, Edges *edges, const Declared *kind)
{
    g_autoptr(GArray) targets = index_list_new();

    edges_init(edges, self->graph->count);
    for (unsigned i = 0; i < self->graph->count; i++) {
        const Revision *revision = graph_revision(self->graph, i);
        char **names = kind->takes_labels ? revision->depends_on : revision->revises;

        for (char **name = names; *name; name++)
            add_edge(self, targets, edges->offset[i], i, *name, kind);
        edges->offset[i + 1] = targets->len;
    }
    edges_take(edges, &targets);
}

static void edges_reverse(const Edges *self, unsigned count, Edges *reversed)
{
    unsigned total = self->offset[count];
    g_autofree unsigned *filled = g_new0(unsigned, count + 1);

    edges_init(reversed, count);
    reversed->target = g_new0(unsigned, total + 1);
    for (unsigned i = 0; i < total; i++)
        reversed->offset[self->target[i] + 1]++;
    for (unsigned i = 0; i < count; i++)
        reversed->offset[i + 1] += reversed->offset[i];
    for (unsigned from = 0; from < count; from++) {
        for (unsigned i = self->offset[from]; i < self->offset[from + 1]; i++) {
            unsigned target = self->target[i];
            reversed->target[reversed->offset[target] + filled[target]++] = from;
        }
    }
}

/* Marks what can be taken off bottom up: whatever is left stands on a cycle or is one. */
static IndexSet *on_cycles(const RevisionGraph *graph)
{
    IndexSet *left = index_set_new(graph);
    g_autoptr(GArray) ready = index_list_new();
    g_autofree unsigned *waits = g_new0(unsigned, graph->count + 1);

    for (unsigned i = 0; i < graph->count; i++) {
        index_set_add(left, i);
        waits[i] = edges_count(&graph->parents, i) + edges_count(&graph->dependencies, i);
        if (waits[i] == 0)
            g_array_append_val(ready, i);
    }
    while (ready->len > 0) {
        unsigned index = index_list_at(ready, ready->len - 1);
        const Edges *kinds[] = {&graph->children, &graph->dependents};

        g_array_set_size(ready, ready->len - 1);
        index_set_remove(left, index);
        for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++) {
            unsigned count;
            const unsigned *above = edges_of(kinds[k], index, &count);
            for (unsigned i = 0; i < count; i++)
                if (--waits[above[i]] == 0)
                    g_array_append_val(ready, above[i]);
        }
    }
    return left;
}

/* The first parent or dependency that is in the set; there is one for everything that on_cycles() leaves. */
static unsigned next_on_cycle(const RevisionGraph *graph, const IndexSet *left, unsigned index)
{
    const Edges *kinds[] = {&graph->parents, &graph->dependencies};

    for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++) {
        unsigned count;
        const unsigned *below = edges_of(kinds[k], index, &count);
        for (unsigned i = 0; i < count; i++)
            if (index_set_has(left, below[i]))
                return below[i];
    }
    g_assert_not_reached();
}

static void report_cycle(Builder *self, const GArray *walked, unsigned start)
{
    const Revision *first = graph_revision(self->graph, index_list_at(walked, start));
    GString *text = g_string_new(NULL);

    for (unsigned i = start; i < walked->len; i++) {
        g_autofree char *name = describe(graph_revision(self->graph, index_list_at(walked, i)));
        g_string_append_printf(text, "%s -> ", name);
    }
    diagnostics_error(
        self->problems, first->places.revises,
        "revisions stand on each other in a circle: %s%s; remove one of these revises or depends-on",
        text->str, first->id);
    g_string_free(text, TRUE);
}

static void report_cycles(Builder *self)
{
    const RevisionGraph *graph = self->graph;
    g_autoptr(IndexSet) left = on_cycles(graph);
    g_autofree unsigned *seen = g_new0(unsigned, graph->count + 1); /* number of the walk that came by */
    unsigned walks = 0;

    for (unsigned i = 0; i < graph->count; i++) {
        g_autoptr(GArray) walked = index_list_new();
        unsigned index = i, start = 0;

        if (!index_set_has(left, i) || seen[i])
            continue;
        walks++;
        for (; !seen[index]; index = next_on_cycle(graph, left, index)) {
            seen[index] = walks;
            g_array_append_val(walked, index);
        }
        if (seen[index] != walks)
            continue;
        while (index_list_at(walked, start) != index)
            start++;
        report_cycle(self, walked, start);
    }
}

/* For one revision that several depend on: those of them that some parent-ancestor of theirs spares the edge.
 */
static IndexSet *spared_dependents(const RevisionGraph *graph, unsigned dependency)
{
    unsigned count;
    const unsigned *dependents = edges_of(&graph->dependents, dependency, &count);
    g_autoptr(GArray) above = index_list_new();

    for (unsigned i = 0; i < count; i++) {
        unsigned children;
        const unsigned *first = edges_of(&graph->children, dependents[i], &children);
        g_array_append_vals(above, first, children);
    }
    return graph_with_descendants(graph, above, EDGES_PARENTS);
}

/* For each dependency edge, in the order of dependencies.target, whether ordering passes over it. */
static bool *spared_edges(const RevisionGraph *graph)
{
    bool *spared = g_new0(bool, graph->dependencies.offset[graph->count] + 1);

    for (unsigned d = 0; d < graph->count; d++) {
        unsigned count;
        const unsigned *dependents = edges_of(&graph->dependents, d, &count);
        g_autoptr(IndexSet) set = count > 1 ? spared_dependents(graph, d) : NULL;

        for (unsigned i = 0; set && i < count; i++) {
            unsigned edge = graph->dependencies.offset[dependents[i]];
            while (graph->dependencies.target[edge] != d)
                edge++;
            spared[edge] = index_set_has(set, dependents[i]);
        }
    }
    return spared;
}

static void add_below(RevisionGraph *graph)
{
    g_autofree bool *spared = spared_edges(graph);
    g_autoptr(GArray) targets = index_list_new();

    edges_init(&graph->below, graph->count);
    for (unsigned i = 0; i < graph->count; i++) {
        unsigned parents;
        const unsigned *first = edges_of(&graph->parents, i, &parents);

        g_array_append_vals(targets, first, parents);
        for (unsigned edge = graph->dependencies.offset[i]; edge < graph->dependencies.offset[i + 1];
             edge++) {
            unsigned target = graph->dependencies.target[edge];
            if (!spared[edge] && !list_holds(targets, graph->below.offset[i], target))
                g_array_append_val(targets, target);
        }
        graph->below.offset[i + 1] = targets->len;
    }
    edges_take(&graph->below, &targets);
}

static void build(Builder *self)
{
    RevisionGraph *graph = self->graph;

    for (unsigned i = 0; i < graph->count; i++)
        add_id(self, i);
    for (unsigned i = 0; i < graph->count; i++)
        add_labels(self, i);
    add_edges(self, &graph->parents, &PARENTS);
    add_edges(self, &graph->dependencies, &DEPENDENCIES);
    edges_reverse(&graph->parents, graph->count, &graph->children);
    edges_reverse(&graph->dependencies, graph->count, &graph->dependents);
    report_cycles(self);
    add_below(graph);
}

RevisionGraph *revision_graph_new(GPtrArray *revisions, Diagnostics *problems)
{
    g_autoptr(RevisionGraph) graph = g_new0(RevisionGraph, 1);
    unsigned errors = diagnostics_count(problems, DIAGNOSTIC_ERROR);

    graph->revisions = g_ptr_array_ref(revisions);
    graph->count = revisions->len;
    graph->names = g_hash_table_new(g_str_hash, g_str_equal);
    graph->labelled = index_list_new();
    build(&(Builder){.graph = graph, .problems = problems});
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == errors ? g_steal_pointer(&graph) : NULL;
}

void revision_graph_free(RevisionGraph *self)
{
    if (!self)
        return;
    edges_clear(&self->parents);
    edges_clear(&self->children);
    edges_clear(&self->dependencies);
    edges_clear(&self->dependents);
    edges_clear(&self->below);
    g_hash_table_unref(self->names);
    g_array_unref(self->labelled);
    g_ptr_array_unref(self->revisions);
    g_free(self);
}
