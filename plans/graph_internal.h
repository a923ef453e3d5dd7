/* What the files of the revision graph share: edges as index lists, sets of revisions as bits, and the steps
 * from a symbol to indices.
 *
 * A revision is its index in load order everywhere in here. Nothing in here changes a graph once it is built,
 * and no walk recurses: a chain of 100,000 revisions needs no more stack than one of three. */
#pragma once

#include "plans/graph.h"

/* Below every base: where a database without rows stands. */
#define GRAPH_BASE G_MAXUINT

/* For each revision a list of indices: targets of revision i are target[offset[i]] … target[offset[i + 1] -
 * 1]. */
typedef struct Edges {
    unsigned *offset;
    unsigned *target;
} Edges;

static inline const unsigned *edges_of(const Edges *self, unsigned index, unsigned *count)
{
    *count = self->offset[index + 1] - self->offset[index];
    return self->target + self->offset[index];
}

static inline unsigned edges_count(const Edges *self, unsigned index)
{
    return self->offset[index + 1] - self->offset[index];
}

struct RevisionGraph {
    GPtrArray *revisions; /* of const Revision * */
    unsigned count;
    GHashTable *names;  /* id or label -> index + 1; the keys belong to the revisions */
    GArray *labelled;   /* indices of revisions that carry labels */
    Edges parents;      /* in declared order, each once */
    Edges children;     /* in load order */
    Edges dependencies; /* in declared order, each once, labels resolved */
    Edges dependents;   /* in load order */
    Edges below;        /* parents, then the dependencies that no parent-ancestor declares too */
};

static inline const Revision *graph_revision(const RevisionGraph *self, unsigned index)
{
    return g_ptr_array_index(self->revisions, index);
}

/* Index of an exact id; false if unknown (a label is no id). */
bool graph_index(const RevisionGraph *self, const char *id, unsigned *index);

/* A set of revisions of one graph. */
typedef struct IndexSet {
    unsigned words;
    guint64 bits[];
} IndexSet;

static inline IndexSet *index_set_new(const RevisionGraph *graph)
{
    unsigned words = graph->count / 64 + 1;
    IndexSet *self = g_malloc0(sizeof(IndexSet) + words * sizeof(guint64));

    self->words = words;
    return self;
}

static inline void index_set_free(IndexSet *self)
{
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IndexSet, index_set_free)

static inline bool index_set_has(const IndexSet *self, unsigned index)
{
    return (self->bits[index / 64] >> (index % 64)) & 1;
}

static inline void index_set_add(IndexSet *self, unsigned index)
{
    self->bits[index / 64] |= G_GUINT64_CONSTANT(1) << (index % 64);
}

static inline void index_set_remove(IndexSet *self, unsigned index)
{
    self->bits[index / 64] &= ~(G_GUINT64_CONSTANT(1) << (index % 64));
}

bool index_set_is_empty(const IndexSet *self);
void index_set_unite(IndexSet *self, const IndexSet *other);
void index_set_intersect(IndexSet *self, const IndexSet *other);
void index_set_subtract(IndexSet *self, const IndexSet *other);
/* The members in load order, as an array of unsigned. */
GArray *index_set_list(const IndexSet *self, const RevisionGraph *graph);

/* Lists of indices are GArray of unsigned. */
GArray *index_list_new(void);
/* A list of one; of none for GRAPH_BASE. */
GArray *index_list_of(unsigned index);
static inline unsigned index_list_at(const GArray *list, unsigned position)
{
    return g_array_index(list, unsigned, position);
}
/* The elements of the list that are in the set, in their order. */
GArray *index_list_within(const GArray *list, const IndexSet *set);
/* The ids, as a list that the caller frees (g_strfreev). */
char **index_list_ids(const GArray *list, const RevisionGraph *graph);

/* Steps and lists of a move, which owns them. A step that is not filled yet, nor among its steps. */
typedef struct RowLists RowLists;
MoveStep *move_step_room(Move *self);
/* With room for so many ids, or a copy whose ids are interned. */
char **move_list(Move *self, gsize length);
char **move_list_of(Move *self, const char *const *ids);
/* Not yet among its steps. `before` and `after` are lists of the move. */
MoveStep *move_step_between(Move *self, const Revision *revision, char **before, char **after);
/* The list as const Revision *. The caller unrefs it. */
GPtrArray *index_list_revisions(const GArray *list, const RevisionGraph *graph);
/* "a1b2 (billing), c3d4": ids with their own labels, for messages; long lists are cut. Caller frees. */
char *index_list_display(const GArray *list, const RevisionGraph *graph);

typedef enum EdgeKinds { EDGES_PARENTS, EDGES_ALL } EdgeKinds;

/* The revisions listed and everything below or above them. A GRAPH_BASE in the list is passed over. */
IndexSet *graph_with_ancestors(const RevisionGraph *self, const GArray *from, EdgeKinds kinds);
IndexSet *graph_with_descendants(const RevisionGraph *self, const GArray *from, EdgeKinds kinds);
/* The same over all edges, never leaving the set `within`. */
IndexSet *graph_descendants_within(const RevisionGraph *self, const GArray *from, const IndexSet *within);
/* Ancestors and descendants of one revision, and itself: what shares its lineage. */
IndexSet *graph_lineage(const RevisionGraph *self, unsigned index, EdgeKinds kinds);

/* Revisions without children (and, when all edges count, without dependents), in load order. */
GArray *graph_heads(const RevisionGraph *self, EdgeKinds kinds);
GArray *graph_bases(const RevisionGraph *self);
/* One step up over parent edges: from GRAPH_BASE to the bases. One step down: from a base to GRAPH_BASE, from
 * there to nothing. */
GArray *graph_children_of(const RevisionGraph *self, unsigned index);
GArray *graph_parents_of(const RevisionGraph *self, unsigned index);

/* The members of a set that nothing in the set stands on, in load order. */
GArray *graph_tips(const RevisionGraph *self, const IndexSet *set);
/* A set in the order of the rules: descendants first. The set must hold everything between any two of its
 * members. */
GArray *graph_order(const RevisionGraph *self, const IndexSet *set);

/* Version rows to indices, each once, in load order; GRAPH_ERROR_UNKNOWN_ROW names those that no file knows.
 * NULL `rows` is none. */
GArray *graph_rows(const RevisionGraph *self, const char *const *rows, GError **error);
/* GRAPH_ERROR_OVERLAP when one of the list is an ancestor of another; `what` is "targets" or "version rows".
 */
bool graph_check_overlap(const RevisionGraph *self, const GArray *list, const char *what, GError **error);

/* A symbol as typed, in its parts: [branch@][name][±steps]. */
typedef struct Symbol {
    const char *typed; /* the caller's */
    char *branch;      /* NULL: none */
    char *name;        /* NULL: none, the walk starts where the database is */
    bool walks;        /* a ±N is there */
    bool negative;
    unsigned steps;
} Symbol;

bool symbol_parse(const char *typed, Symbol *self, GError **error);
void symbol_clear(Symbol *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Symbol, symbol_clear)

/* Exact or partial id or label; `lineage` (NULL: all) restricts partial matches and must contain the result.
 */
bool graph_find_name(const RevisionGraph *self, const char *name, const char *typed, const IndexSet *lineage,
                     unsigned *index, GError **error);
/* Lineage over parent edges of the revision that `branch` names; `owner` (NULL: not wanted) receives that
 * revision. */
IndexSet *graph_branch_lineage(const RevisionGraph *self, const char *branch, const char *typed,
                               unsigned *owner, GError **error);
/* The symbol without its walk, as a list of indices: "base" is an empty one. Needs a name. */
GArray *graph_resolve_name(const RevisionGraph *self, const Symbol *symbol, GError **error);
/* As graph_resolve_name, where only one revision will do: GRAPH_BASE for base. */
bool graph_resolve_single(const RevisionGraph *self, const Symbol *symbol, unsigned *index, GError **error);

typedef struct Walk {
    unsigned start; /* may be GRAPH_BASE */
    bool down;
    unsigned steps;
    const IndexSet *lineage; /* on the way up only these; NULL: all */
    bool clamps;             /* running off the graph ends the walk there instead of failing */
    GraphError too_far; /* the error otherwise: GRAPH_ERROR_WALKED_TOO_FAR or GRAPH_ERROR_RELATIVE_SHORT */
} Walk;

/* Where a walk over parent edges ends; may be GRAPH_BASE. */
bool graph_walk(const RevisionGraph *self, const Walk *walk, const char *typed, unsigned *end,
                GError **error);

/* A symbol as the target of an upgrade or a downgrade from these rows. GRAPH_BASE in the upgrade list never
 * occurs: base is an empty list. */
GArray *graph_upgrade_targets(const RevisionGraph *self, const Symbol *symbol, const GArray *rows,
                              bool clamps, GError **error);
/* Where a downgrade leads, and the revision whose ancestors alone it may drop first (GRAPH_BASE: any). */
typedef struct Destination {
    unsigned target;
    unsigned branch;
} Destination;
bool graph_downgrade_target(const RevisionGraph *self, const Symbol *symbol, const GArray *rows, bool clamps,
                            Destination *destination, GError **error);
/* A symbol where no path is asked for; the rows are where a walk without a name starts. */
GArray *graph_resolve_symbol(const RevisionGraph *self, const Symbol *symbol, const GArray *rows,
                             GError **error);
