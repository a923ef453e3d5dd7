/* Paths: what an upgrade or downgrade runs, in which order, and what each step does to the version rows; and
 * stamps. docs/explanation/revision-graph.md, "Paths". Refuses what Alembic refuses, and relative downgrades
 * from several rows. Computes rows from the applied set, never by patching them. Pure: any thread. */
#include "plans/graph_internal.h"

/* Version rows while a path is followed. `standing` counts for each revision the applied ones that revise it
 * or depend on it: an applied revision with none is a row. */
typedef struct RowTrack {
    const RevisionGraph *graph;
    unsigned *standing;
    GArray *rows; /* in load order */
} RowTrack;

static void row_track_clear(RowTrack *self)
{
    g_free(self->standing);
    g_array_unref(self->rows);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RowTrack, row_track_clear)

/* Position of the index in the ordered rows, or where it would be. */
static unsigned row_position(const GArray *rows, unsigned index)
{
    unsigned low = 0, high = rows->len;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (index_list_at(rows, middle) < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void row_insert(GArray *rows, unsigned index)
{
    unsigned position = row_position(rows, index);

    if (position == rows->len || index_list_at(rows, position) != index)
        g_array_insert_val(rows, position, index);
}

static void row_remove(GArray *rows, unsigned index)
{
    unsigned position = row_position(rows, index);

    if (position < rows->len && index_list_at(rows, position) == index)
        g_array_remove_index(rows, position);
}

/* One revision applied (or undone): what it stands on stops being a row (or becomes one again when nothing
 * else stands on it). */
static void row_track_apply(RowTrack *self, unsigned index, Direction direction)
{
    const Edges *kinds[] = {&self->graph->parents, &self->graph->dependencies};

    if (direction == DIRECTION_UP)
        row_insert(self->rows, index);
    else
        row_remove(self->rows, index);
    for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++) {
        unsigned count;
        const unsigned *below = edges_of(kinds[k], index, &count);

        for (unsigned i = 0; i < count; i++) {
            if (direction == DIRECTION_UP && self->standing[below[i]]++ == 0)
                row_remove(self->rows, below[i]);
            if (direction == DIRECTION_DOWN && --self->standing[below[i]] == 0)
                row_insert(self->rows, below[i]);
        }
    }
}

static void row_track_init(RowTrack *self, const RevisionGraph *graph, const IndexSet *applied)
{
    *self = (RowTrack){
        .graph = graph, .standing = g_new0(unsigned, graph->count + 1), .rows = graph_tips(graph, applied)};
    for (unsigned i = 0; i < graph->count; i++) {
        const Edges *kinds[] = {&graph->parents, &graph->dependencies};

        for (unsigned k = 0; index_set_has(applied, i) && k < G_N_ELEMENTS(kinds); k++) {
            unsigned count;
            const unsigned *below = edges_of(kinds[k], i, &count);
            for (unsigned j = 0; j < count; j++)
                self->standing[below[j]]++;
        }
    }
}

/* What a revision is made for stands in its file as the list that is wanted here: the one id. NULL: no such.
 */
static char **list_in_file(unsigned index, const RevisionGraph *graph)
{
    const Revision *revision = graph_revision(graph, index);
    unsigned count;
    const unsigned *children = edges_of(&graph->children, index, &count);
    char **list = count > 0 ? graph_revision(graph, children[0])->revises : NULL;

    return list && list[0] && !list[1] && g_str_equal(list[0], revision->id) ? list : NULL;
}

static char **list_ids(Move *move, const GArray *list, const RevisionGraph *graph)
{
    char **same = list->len == 1 ? list_in_file(index_list_at(list, 0), graph) : NULL;
    char **ids = same ? same : move_list(move, list->len);

    if (same)
        return same;

    for (unsigned i = 0; i < list->len; i++)
        ids[i] = graph_revision(graph, index_list_at(list, i))->id;
    return ids;
}

/* Those of `list`, whose ids are `whole`, that `other` lacks. */
static char **ids_missing(Move *move, const GArray *list, const GArray *other, char **whole,
                          const RevisionGraph *graph)
{
    g_autoptr(GArray) missing = index_list_new();

    for (unsigned i = 0; i < list->len; i++) {
        unsigned index = index_list_at(list, i), position = row_position(other, index);
        if (position == other->len || index_list_at(other, position) != index)
            g_array_append_val(missing, index);
    }
    return missing->len == list->len ? whole : list_ids(move, missing, graph);
}

/* `before` is what the rows were, `rows` their ids. */
static MoveStep *move_step_new(Move *move, const RevisionGraph *graph, unsigned index, const GArray *before,
                               char **rows, const GArray *after)
{
    MoveStep *step = move_step_room(move);

    step->revision = graph_revision(graph, index);
    step->before = rows;
    step->after = list_ids(move, after, graph);
    step->removed = ids_missing(move, before, after, step->before, graph);
    step->added = ids_missing(move, after, before, step->after, graph);
    return step;
}

/* For each revision the one of the path that stands on it: GRAPH_BASE for none, or for several. */
static unsigned *only_standing(const RevisionGraph *self, const GArray *order)
{
    const Edges *kinds[] = {&self->parents, &self->dependencies};
    unsigned *above = g_new(unsigned, self->count + 1);
    g_autoptr(IndexSet) several = index_set_new(self);

    for (unsigned i = 0; i < self->count; i++)
        above[i] = GRAPH_BASE;
    for (unsigned i = 0; i < order->len * G_N_ELEMENTS(kinds); i++) {
        unsigned index = index_list_at(order, i / G_N_ELEMENTS(kinds)), count;
        const unsigned *below = edges_of(kinds[i % G_N_ELEMENTS(kinds)], index, &count);
        for (unsigned j = 0; j < count; j++) {
            if (above[below[j]] != GRAPH_BASE && above[below[j]] != index)
                index_set_add(several, below[j]);
            above[below[j]] = index;
        }
    }
    for (unsigned i = 0; i < self->count; i++)
        if (index_set_has(several, i))
            above[i] = GRAPH_BASE;
    return above;
}

/* How far an upgrade goes like a chain: each step stands alone on the one before, so that graph_order(),
 * which begins at the other end, comes to it last and puts the others in the same order without it. */
static unsigned chained_steps(const RevisionGraph *self, const GArray *order)
{
    g_autofree unsigned *above = only_standing(self, order);
    unsigned chained = 0, last = order->len;

    while (chained + 1 < last &&
           above[index_list_at(order, last - 1 - chained)] == index_list_at(order, last - 2 - chained))
        chained++;
    return chained + 1 < last ? chained : last;
}

/* Follows a path from the rows that the version table holds now; `applied` is what they stand for. */
static Move *follow(const RevisionGraph *self, Direction direction, const GArray *rows,
                    const IndexSet *applied, const IndexSet *path)
{
    g_autoptr(GArray) order = graph_order(self, path);
    g_autoptr(GArray) before = g_array_copy((GArray *)rows);
    g_autoptr(Move) move = move_new(direction);
    g_auto(RowTrack) track;

    row_track_init(&track, self, applied);
    move->rows = list_ids(move, before, self);
    for (unsigned i = 0; i < order->len; i++) {
        unsigned index = index_list_at(order, direction == DIRECTION_UP ? order->len - 1 - i : i);

        row_track_apply(&track, index, direction);
        MoveStep *step = move_step_new(move, self, index, before, move->rows, track.rows);
        g_ptr_array_add(move->steps, step);
        move->rows = step->after;
        g_array_set_size(before, 0);
        g_array_append_vals(before, track.rows->data, track.rows->len);
    }
    move->chained = direction == DIRECTION_UP ? chained_steps(self, order) : 0;
    return g_steal_pointer(&move);
}

/* All targets as one list, each once, in load order. */
static GArray *upgrade_targets(const RevisionGraph *self, const char *const *targets, const GArray *rows,
                               GError **error)
{
    g_autoptr(IndexSet) all = index_set_new(self);

    for (unsigned i = 0; targets[i]; i++) {
        g_auto(Symbol) symbol = {0};

        if (!symbol_parse(targets[i], &symbol, error))
            return NULL;
        g_autoptr(GArray) list = graph_upgrade_targets(self, &symbol, rows, false, error);
        if (!list)
            return NULL;
        for (unsigned j = 0; j < list->len; j++)
            index_set_add(all, index_list_at(list, j));
    }
    return index_set_list(all, self);
}

Move *revision_graph_upgrade(const RevisionGraph *self, const char *const *rows, const char *const *targets,
                             GError **error)
{
    g_autoptr(GArray) here = graph_rows(self, rows, error);
    g_autoptr(GArray) there = here ? upgrade_targets(self, targets, here, error) : NULL;

    if (!there || !graph_check_overlap(self, there, "targets", error) ||
        !graph_check_overlap(self, here, "version rows", error))
        return NULL;
    g_autoptr(IndexSet) applied = graph_with_ancestors(self, here, EDGES_ALL);
    g_autoptr(IndexSet) path = graph_with_ancestors(self, there, EDGES_ALL);
    index_set_subtract(path, applied);
    return follow(self, DIRECTION_UP, here, applied, path);
}

/* What a downgrade to the destination drops first: its children, or all bases; where there are several and a
 * branch is asked for, those it descends from. Empty when the branch descends from none of them. */
static GArray *downgrade_roots(const RevisionGraph *self, const Destination *destination)
{
    g_autoptr(GArray) roots = graph_children_of(self, destination->target);

    if (destination->branch == GRAPH_BASE || roots->len <= 1)
        return g_steal_pointer(&roots);
    g_autoptr(GArray) from = index_list_of(destination->branch);
    g_autoptr(IndexSet) below = graph_with_ancestors(self, from, EDGES_PARENTS);
    return index_list_within(roots, below);
}

static bool list_has(const GArray *list, unsigned index)
{
    for (unsigned i = 0; i < list->len; i++)
        if (index_list_at(list, i) == index)
            return true;
    return false;
}

static void refuse_destination(const RevisionGraph *self, const char *target, const GArray *rows,
                               GError **error)
{
    g_autofree char *list = index_list_display(rows, self);

    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_INVALID_DESTINATION,
                "a downgrade to \"%s\" has nothing to undo from where the database is (%s); type a revision "
                "below that, or use upgrade",
                target, rows->len > 0 ? list : "base");
}

Move *revision_graph_downgrade(const RevisionGraph *self, const char *const *rows, const char *target,
                               GError **error)
{
    g_auto(Symbol) symbol = {0};
    Destination destination;
    g_autoptr(GArray) here = graph_rows(self, rows, error);

    if (!here || !symbol_parse(target, &symbol, error) ||
        !graph_downgrade_target(self, &symbol, here, false, &destination, error))
        return NULL;
    g_autoptr(GArray) children = graph_children_of(self, destination.target);
    g_autoptr(GArray) roots = downgrade_roots(self, &destination);
    g_autoptr(IndexSet) applied = graph_with_ancestors(self, here, EDGES_ALL);
    g_autoptr(IndexSet) path = graph_with_descendants(self, roots, EDGES_ALL);
    index_set_intersect(path, applied);
    bool stays = destination.target == GRAPH_BASE || list_has(here, destination.target);
    if ((children->len > 0 && roots->len == 0) || (index_set_is_empty(path) && !stays)) {
        refuse_destination(self, target, here, error);
        return NULL;
    }
    return follow(self, DIRECTION_DOWN, here, applied, path);
}

/* The rows that a stamp's symbol speaks of: those that share lineage, over all edges, with its branch or with
 * what it names; a bare base speaks of all. */
static IndexSet *rows_spoken_of(const RevisionGraph *self, const Symbol *symbol, const GArray *named,
                                const IndexSet *rows, GError **error)
{
    g_autoptr(IndexSet) found = index_set_new(self);
    g_autoptr(GArray) names = g_array_copy((GArray *)named);
    unsigned owner;

    if (symbol->branch) {
        if (!graph_find_name(self, symbol->branch, symbol->typed, NULL, &owner, error))
            return NULL;
        g_array_append_val(names, owner);
    }
    if (names->len == 0)
        index_set_unite(found, rows);
    for (unsigned i = 0; i < names->len; i++) {
        g_autoptr(IndexSet) lineage = graph_lineage(self, index_list_at(names, i), EDGES_ALL);
        index_set_unite(found, lineage);
    }
    index_set_intersect(found, rows);
    return g_steal_pointer(&found);
}

/* Whether a stamp to `named` takes the rows spoken of away: to base, or when one of them stands above or
 * below a new row. */
static bool stamp_replaces(const RevisionGraph *self, const GArray *named, const IndexSet *spoken_of)
{
    for (unsigned i = 0; i < named->len; i++) {
        unsigned index = index_list_at(named, i);
        g_autoptr(IndexSet) lineage = graph_lineage(self, index, EDGES_ALL);

        index_set_intersect(lineage, spoken_of);
        if (!index_set_has(spoken_of, index) && !index_set_is_empty(lineage))
            return true;
    }
    return named->len == 0;
}

/* Stamping runs nothing that would show a miscounted walk, so it takes none, as in Alembic. */
static bool refuse_walk(const RevisionGraph *self, const Symbol *symbol, const GArray *here, GError **error)
{
    g_autoptr(GArray) end = graph_resolve_symbol(self, symbol, here, NULL);
    const char *id = end && end->len == 1 ? graph_revision(self, index_list_at(end, 0))->id : NULL;

    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_REVISION,
                "stamp takes a revision, not a walk such as \"%s\"; type %s", symbol->typed,
                id ? id : "the revision itself");
    return false;
}

/* One symbol's stamp. As in Alembic, rows that are taken away stay away even if the symbol names them too
 * (which "heads" can). */
static bool stamp_symbol(const RevisionGraph *self, const Symbol *symbol, const GArray *here, IndexSet *kept,
                         IndexSet *stamped, GError **error)
{
    if (symbol->walks)
        return refuse_walk(self, symbol, here, error);
    g_autoptr(GArray) named = graph_resolve_name(self, symbol, error);
    g_autoptr(IndexSet) spoken_of = named ? rows_spoken_of(self, symbol, named, kept, error) : NULL;
    if (!spoken_of)
        return false;
    for (unsigned i = 0; i < named->len; i++)
        if (!index_set_has(spoken_of, index_list_at(named, i)))
            index_set_add(stamped, index_list_at(named, i));
    if (stamp_replaces(self, named, spoken_of))
        index_set_subtract(kept, spoken_of);
    return true;
}

/* What is applied according to the stamp, as the rows that stand for it. */
static GArray *stamp_rows(const RevisionGraph *self, const GArray *here, const char *const *targets,
                          GError **error)
{
    g_autoptr(IndexSet) kept = index_set_new(self);
    g_autoptr(IndexSet) stamped = index_set_new(self);

    for (unsigned i = 0; i < here->len; i++)
        index_set_add(kept, index_list_at(here, i));
    for (unsigned i = 0; targets[i]; i++) {
        g_auto(Symbol) symbol = {0};

        if (!symbol_parse(targets[i], &symbol, error) ||
            !stamp_symbol(self, &symbol, here, kept, stamped, error))
            return NULL;
    }
    index_set_unite(kept, stamped);
    g_autoptr(GArray) list = index_set_list(kept, self);
    g_autoptr(IndexSet) applied = graph_with_ancestors(self, list, EDGES_ALL);
    return graph_tips(self, applied);
}

Move *revision_graph_stamp(const RevisionGraph *self, const char *const *rows, const char *const *targets,
                           bool purge, GError **error)
{
    static const char *const NO_ROWS[] = {NULL};
    g_autoptr(GArray) here = graph_rows(self, purge ? NO_ROWS : rows, error);
    g_autoptr(GArray) after = here ? stamp_rows(self, here, targets, error) : NULL;

    if (!after)
        return NULL;
    Move *move = move_new(DIRECTION_UP);
    move->rows = list_ids(move, after, self);
    return move;
}

GPtrArray *revision_graph_applied(const RevisionGraph *self, const char *const *rows, GError **error)
{
    g_autoptr(GArray) here = graph_rows(self, rows, error);

    if (!here)
        return NULL;
    g_autoptr(IndexSet) applied = graph_with_ancestors(self, here, EDGES_ALL);
    g_autoptr(GArray) list = index_set_list(applied, self);
    return index_list_revisions(list, self);
}

RevisionSet *revision_graph_applied_set(const RevisionGraph *self, const char *const *rows, GError **error)
{
    g_autoptr(GArray) here = graph_rows(self, rows, error);

    return here ? graph_with_ancestors(self, here, EDGES_ALL) : NULL;
}

void revision_set_free(RevisionSet *self)
{
    index_set_free(self);
}

bool revision_graph_set_has(const RevisionGraph *self, const RevisionSet *set, const char *id)
{
    unsigned index;

    return graph_index(self, id, &index) && index_set_has(set, index);
}

char **revision_graph_rows(const RevisionGraph *self, const GPtrArray *applied)
{
    g_autoptr(IndexSet) set = index_set_new(self);

    for (unsigned i = 0; i < applied->len; i++) {
        const Revision *revision = g_ptr_array_index(applied, i);
        unsigned index;
        if (graph_index(self, revision->id, &index))
            index_set_add(set, index);
    }
    g_autoptr(GArray) tips = graph_tips(self, set);
    return index_list_ids(tips, self);
}
