/* Revision graph: what stands on what, and the answers to "where does this symbol lead from here".
 *
 * Alembic's rules (measured on Alembic 1.8.1; docs/explanation/revision-graph.md states them): symbols and
 * partial ids, branches and merge points, labels, depends-on, several version rows. Pure and immutable after
 * building; any thread may read it. */
#pragma once

#include "plans/revision.h"

typedef struct RevisionGraph RevisionGraph;

#define GRAPH_ERROR (graph_error_quark())
GQuark graph_error_quark(void);
typedef enum GraphError {
    GRAPH_ERROR_UNKNOWN_REVISION,    /* no such id, none or several for a prefix */
    GRAPH_ERROR_MULTIPLE_HEADS,      /* "head" where there are several */
    GRAPH_ERROR_INVALID_DESTINATION, /* a downgrade that would drop nothing */
    GRAPH_ERROR_AMBIGUOUS_WALK,      /* a relative step that could go two ways */
    GRAPH_ERROR_WALKED_TOO_FAR,      /* rev+N ran off the graph */
    GRAPH_ERROR_AMBIGUOUS_RELATIVE,  /* +N or -N with several version rows */
    GRAPH_ERROR_RELATIVE_SHORT,      /* +N or -N from the database ran off the graph */
    GRAPH_ERROR_OVERLAP,             /* one target or row is an ancestor of another */
    GRAPH_ERROR_CYCLE,
    GRAPH_ERROR_BAD_RANGE,
    GRAPH_ERROR_UNKNOWN_ROW /* a version row that no file knows */
} GraphError;
/* "unknown-revision", "multiple-heads", …: stable names for JSON and tests (UNKNOWN_ROW is "unknown-revision"
 * too). */
const char *graph_error_name(GraphError code);

/* Builds the graph over `revisions` (elements const Revision *, in load order; the array is referenced, its
 * elements stay the caller's to keep alive). Cycles, self-loops, duplicate ids, missing parents and
 * dependencies, labels used twice or equal to an id, illegal characters: errors naming the files, and NULL.
 */
RevisionGraph *revision_graph_new(GPtrArray *revisions, Diagnostics *problems);
void revision_graph_free(RevisionGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RevisionGraph, revision_graph_free)

unsigned revision_graph_length(const RevisionGraph *self);
/* In load order. */
const Revision *revision_graph_at(const RevisionGraph *self, unsigned index);
/* By exact id; NULL if unknown. */
const Revision *revision_graph_find(const RevisionGraph *self, const char *id);

/* Lists of const Revision *, in load order, owned by the caller (g_ptr_array_unref). */
GPtrArray *revision_graph_heads(const RevisionGraph *self); /* nobody's parent */
GPtrArray *
revision_graph_effective_heads(const RevisionGraph *self); /* nobody's parent and nobody's dependency */
GPtrArray *revision_graph_bases(const RevisionGraph *self);
GPtrArray *revision_graph_children(const RevisionGraph *self, const Revision *revision);
GPtrArray *revision_graph_parents(const RevisionGraph *self, const Revision *revision);
/* Dependencies with labels resolved to the revision that carries them. */
GPtrArray *revision_graph_dependencies(const RevisionGraph *self, const Revision *revision);
bool revision_graph_is_branch_point(const RevisionGraph *self, const Revision *revision);
bool revision_graph_is_merge_point(const RevisionGraph *self, const Revision *revision);
bool revision_graph_is_head(const RevisionGraph *self, const Revision *revision);
/* Every label that reaches the revision (its own, inherited by descendants, and back to the nearest branch or
 * merge point), sorted. Caller frees (g_strfreev). */
char **revision_graph_labels(const RevisionGraph *self, const Revision *revision);

/* One symbol to the revisions it names, without a database: ids, prefixes, labels, head, heads, base, L@…,
 * rev±N. "base" gives an empty list. Relative symbols without a revision (+1, -1) are
 * GRAPH_ERROR_RELATIVE_SHORT here unless `rows` says where "here" is. */
GPtrArray *revision_graph_resolve(const RevisionGraph *self, const char *symbol, const char *const *rows,
                                  GError **error);

/* True if what the symbol means depends on the version rows: a walk without a name, or no symbol at all. */
bool revision_symbol_is_relative(const char *symbol);

/* Everything applied when these are the version rows: rows and ancestors over parents and dependencies, in
 * load order. GRAPH_ERROR_UNKNOWN_ROW names the rows that no file knows. */
GPtrArray *revision_graph_applied(const RevisionGraph *self, const char *const *rows, GError **error);
/* The same as a set, a bit for each revision. Caller frees with revision_set_free(). */
typedef struct IndexSet RevisionSet;
RevisionSet *revision_graph_applied_set(const RevisionGraph *self, const char *const *rows, GError **error);
void revision_set_free(RevisionSet *self); /* NULL-safe */
/* Whether the set, which is one of the graph's, has this id; false if no file knows it. */
bool revision_graph_set_has(const RevisionGraph *self, const RevisionSet *set, const char *id);
/* The rows a version table holds when exactly this set is applied (revisions no applied one revises or
 * depends on), in load order; NULL-terminated, caller frees. */
char **revision_graph_rows(const RevisionGraph *self, const GPtrArray *applied);

/* One revision of a path with what it does to the version rows. Lists belong to the move, which may show one
 * as several; ids are the graph's, or interned. */
typedef struct MoveStep {
    const Revision *revision;
    char **removed; /* rows that go, NULL-terminated */
    char **added;   /* rows that come */
    char **before;  /* all rows before and after, in load order */
    char **after;
} MoveStep;

/* The ids of `left` that `right` lacks, in their order: a step removes those of before that are not behind
 * it, and adds those behind it that were not there. Caller frees the list, not the ids. */
char **rows_without(char *const *left, char *const *right);

typedef struct Move {
    Direction direction;
    GPtrArray *steps; /* of MoveStep *, in the order to run; NULL: dropped */
    char **rows;      /* version rows at the end; a list of it, too */
    struct RowLists *lists;
    unsigned chained; /* an upgrade: from the rows behind any of its first so many steps, the path to the same
                         targets is the rest of this one */
} Move;

/* Without steps and rows. */
Move *move_new(Direction direction);
void move_free(Move *self);
/* What its steps are is needed no more; their lists stay. */
void move_drop_steps(Move *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Move, move_free)

/* The path from the rows to the targets (one or more symbols, NULL-terminated). No steps: already there. */
Move *revision_graph_upgrade(const RevisionGraph *self, const char *const *rows, const char *const *targets,
                             GError **error);
Move *revision_graph_downgrade(const RevisionGraph *self, const char *const *rows, const char *target,
                               GError **error);
/* The rows after stamping: no steps. A target replaces the rows that share its branch; walks (+1, head-1) are
 * GRAPH_ERROR_UNKNOWN_REVISION, as in Alembic. Where one symbol names several revisions ("heads") and one of
 * them replaces rows, all rows on their branches go, those named too: Alembic's answer, which the conformance
 * cases hold. `purge`: the old rows are forgotten first (and may then be unknown to the files). */
Move *revision_graph_stamp(const RevisionGraph *self, const char *const *rows, const char *const *targets,
                           bool purge, GError **error);

/* history -r and --sql: "a:b", either side may be empty (base, heads) or "current" (needs rows). For history:
 * what the upper side stands on and descends from the lower side (over parent edges), both ends included, in
 * the order that history prints them (newest first). Walks clamp; one without a name starts at the other
 * side.
 */
GPtrArray *revision_graph_range(const RevisionGraph *self, const char *range, const char *const *rows,
                                GError **error);
/* Splits "a:b" into its sides (copies; an empty side is an empty string); false when there is no colon. */
bool revision_range_split(const char *range, char **from, char **to);
/* All revisions, descendants first, in the order of the rules' section "Order": what history prints. */
GPtrArray *revision_graph_topological(const RevisionGraph *self);
