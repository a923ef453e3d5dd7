/* What path.c, the judges, planner.c and plan_checks.c offer each other. Not for other rooms. */
#pragma once

#include "plans/planner.h"

/* Section * -> Script *: each section is split once a plan, however many paths it stands in. */
GHashTable *script_cache_new(void);

/* Where a path shall lead. Everything is borrowed. */
typedef struct PathAim {
    const char *const *goals; /* symbols, NULL-terminated */
    const GPtrArray *fill;    /* of const Revision *, to be run first, in order; NULL: none */
    const GPtrArray *undo;    /* of const HistoryEntry *, to be taken back in this order, whatever the goals
                                 say; NULL: the goals lead */
    const struct PlanFilePath *exact; /* this path from step `first` on, whatever the goals say; NULL */
    unsigned first;
} PathAim;

/* Where on its path in the request's file the target stands, into `aim`. False, with the target blocked, if
 * nowhere. */
bool plan_route_aim(PlanTarget *self, const PlanRequest *request, PathAim *aim);

/* A path that shares `scripts` (a reference is kept). Errors as plan_path_new. */
PlanPath *path_build(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                     const PlanRequest *request, const PathAim *aim, GHashTable *scripts, GError **error);
/* Ids applied when these are the version rows, comma separated; "" where a row is unknown. Caller frees. */
char *applied_text(const RevisionGraph *graph, const char *const *rows);

/* Makes it an exception of the plan. */
void plan_target_block(PlanTarget *self, PlanProblem problem, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* A rollback's steps for this target: what the run did there and nothing has undone since, newest first, of
 * const HistoryEntry *; may be empty. NULL, with the target blocked, if something else changed it since, or a
 * step stopped half-way. Caller unrefs. */
GPtrArray *rollback_entries(PlanTarget *self, const char *run_id);
/* Revisions below the heads that the history does not know, in load order; NULL: the history does not reach
 * back to an origin. Caller unrefs. */
GPtrArray *judge_missing(const TargetState *state, const RevisionGraph *graph, GHashTable *applied);

/* What the target's history says against its path. `applied`: ids below its rows. A downgrade is how a failed
 * verify is undone, so that it holds up no downgrade. */
void judge_history(PlanTarget *self, const RevisionGraph *graph, const PlanRequest *request,
                   GHashTable *applied);
/* Whether the path can run on this target. */
void judge_path(PlanTarget *self, const PlanRequest *request);
/* NULL: no path, or an empty one. */
const PlanStep *judge_first_step(const PlanTarget *self);
/* True if the entry (NULL: none) is of this step (NULL: none). */
bool judge_is_of_step(const HistoryEntry *entry, const PlanStep *step);

/* Makes an exception of a target that was pending, for a reason (copied) found after the plan was built;
 * plan_settle() follows once all are told. */
void plan_except(Plan *self, PlanTarget *target, PlanVerdict verdict, PlanProblem problem,
                 const char *reason);
/* Drops paths that nobody takes any more, orders the others, and seals the plan anew. */
void plan_settle(Plan *self);
