/* Explanation: everything known about one target and why it stands where it does, as plain values. The run
 * room fills it, the report room renders it. */
#pragma once

#include "plans/planner.h"
#include "run/results.h"

/* A row of the target's history. Texts are owned; NULL where there is nothing. */
typedef struct TrailEntry {
    char *revision; /* "" for stamp and baseline */
    char *direction;
    char *state;
    char *checksum;
    char *run_id;
    char *applied_by;
    char *started; /* "2026-11-22T16:40:00Z" */
    char *finished;
    char *detail;
    unsigned total;
    unsigned done;
    unsigned intent;
} TrailEntry;
void trail_entry_free(TrailEntry *self);

/* What one run did to the target. */
typedef struct ExplainedRun {
    char *id;
    char *command; /* "upgrade head" */
    Outcome outcome;
    char *reason;    /* NULL when done */
    const char *end; /* of the run: run_end_name() */
    gint64 started_us;
} ExplainedRun;
void explained_run_free(ExplainedRun *self);

typedef struct Explanation {
    const Target *target;
    const TargetState *state;  /* NULL: inactive, so not read */
    const PlanTarget *planned; /* verdict, problem and reason for an upgrade to the goal */
    const char *goal;          /* as typed, or "heads" */
    char **goal_rows;          /* version rows at the goal; NULL: it cannot be resolved from here */
    const PlanPath *path;      /* what would run, or would if nothing held it up; NULL: nothing */
    char *lock_holder;         /* NULL: nobody, or not known */
    bool lock_is_stale;        /* the ledger says that the run behind it is over or dead */
    GPtrArray *trail;          /* of TrailEntry *: the newest history rows, newest first */
    GPtrArray *details;        /* of char *: what exactly is behind the verdict, one sentence each */
    GPtrArray *runs;           /* of ExplainedRun *: newest first; empty without a ledger */
    GPtrArray *next;           /* of char *: commands to type; may be empty */
    char *statement;           /* first lines of the statement an unfinished step stopped at; NULL */
} Explanation;
void explanation_free(Explanation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Explanation, explanation_free)
Explanation *explanation_new(void);
