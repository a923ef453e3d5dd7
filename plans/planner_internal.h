/* What path.c, the judges, planner.c and plan_checks.c offer each other. Not for other rooms. */
#pragma once

#include "plans/planner.h"

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

/* The order of a path without fill, and what it does to the rows. NULL and an error of GRAPH_ERROR or
 * PLAN_ERROR. Caller frees. */
Move *path_move(const RevisionGraph *graph, const char *const *rows, const PlanRequest *request,
                const PathAim *aim, GError **error);
/* Puts the revisions of a fill (NULL: none) before the other steps; they move no row. */
void move_fill(Move *self, const char *const *rows, const GPtrArray *fill);
/* One step without a revision that replaces the rows. Where they are already so, it still writes what is
 * assumed applied from now on. */
void move_become_stamp(Move *self, const char *const *rows);
/* Section, scripts and what follows from them, into a step with revision, direction and move. False and an
 * error of PLAN_ERROR where the files are wrong. */
bool step_take_sections(PlanStep *step, Dialect dialect, ScriptShelf *scripts, GError **error);

/* The steps from `rows` to an aim, and the paths that are parts of them. Keeps a reference on `scripts`, and
 * borrows the graph. */
typedef struct StepList StepList;
/* In their order; their sections are looked at when a path needs them. NULL and an error of GRAPH_ERROR or
 * PLAN_ERROR. */
StepList *step_list_new(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                        const PlanRequest *request, const PathAim *aim, ScriptShelf *scripts, GError **error);
StepList *step_list_ref(StepList *self);
void step_list_unref(StepList *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StepList, step_list_unref)
/* Before which step a target with these rows stands, so that its path is what is left: up to the length. -1:
 * its path is another. Of an upgrade whose goals mean the same everywhere. */
gint step_list_place(StepList *self, const char *const *rows);
/* The path from step `first` on of targets with these rows, whose digest counts them as they are read. NULL
 * and an error of PLAN_ERROR if one of its steps cannot run. */
PlanPath *step_list_path(StepList *self, unsigned first, const char *const *rows, GError **error);
/* Lets go of what only step_list_place() and step_list_path() need: no path is asked for any more. */
void step_list_seal(StepList *self);
/* A path of its own. Errors as plan_path_new. */
PlanPath *path_build(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                     const PlanRequest *request, const PathAim *aim, ScriptShelf *scripts, GError **error);

/* Makes it an exception of the plan. */
void plan_target_block(PlanTarget *self, PlanProblem problem, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* A rollback's steps for this target: what the run did there and nothing has undone since, newest first, of
 * const HistoryEntry *; may be empty. NULL, with the target blocked, if something else changed it since, or a
 * step stopped half-way. Caller unrefs. */
GPtrArray *rollback_entries(PlanTarget *self, const char *run_id);
/* Revisions below the heads that the history does not know, in load order; NULL: the history does not reach
 * back to an origin. Caller unrefs. */
GPtrArray *judge_missing(const TargetState *state, const RevisionGraph *graph, const RevisionSet *applied);

/* What the target's history says against its path. `applied`: what its rows stand for. A downgrade is how a
 * failed verify is undone, so that it holds up no downgrade. */
void judge_history(PlanTarget *self, const RevisionGraph *graph, const PlanRequest *request,
                   const RevisionSet *applied);
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
