/* Planner: what would happen to each target, judged target by target. Pure: states in, plan out; no driver,
 * clock or network.
 *
 * Targets with the same rows and dialect share one path. A problem of the files (no section for a dialect, no
 * down, COMMIT in a transaction, an undefined variable) is a planning error: the plan says it for each
 * target, and nothing may run from it. A problem of one target's state (unreachable, unknown revision,
 * edited, unfinished) is an exception that leaves the others alone. */
#pragma once

#include "inventory/fleet.h"
#include "plans/graph.h"
#include "plans/script_shelf.h"
#include "plans/target_state.h"
#include "sql/risk.h"
#include "sql/script.h"

typedef enum PlanCommand {
    PLAN_UPGRADE,
    PLAN_DOWNGRADE,
    PLAN_STAMP,
    PLAN_ROLLBACK /* takes back what one run did, by the history in each target */
} PlanCommand;
const char *plan_command_name(PlanCommand command); /* "upgrade", … */

typedef struct PlanRequest {
    PlanCommand command;
    const char *const *goals; /* symbols as typed, NULL-terminated; a downgrade has one, a rollback the run */
    /* The goals of each target by its index, where a run is gone on with; NULL, or a NULL element: `goals` */
    const char *const *const *target_goals;
    const char *run_id; /* PLAN_ROLLBACK: the run to take back */
    bool fill;          /* an upgrade also runs what stands below the heads and never ran */
    bool purge;         /* stamp --purge */
    bool allow_edited;  /* run although an applied section was edited since */
    const struct PlanFile
        *file;             /* apply: exactly its steps; then `goals` only name them. NULL: the goals lead */
    GHashTable *variables; /* -x name=value; NULL: none. They win over a target's vars */
    GHashTable *assume;    /* target name -> what a person says of its undecidable statement; NULL: nothing */
    const char *version_table;
} PlanRequest;

/* One step of a path. All but the marks is borrowed from graph and path. */
typedef struct PlanStep {
    const Revision *revision; /* NULL: a stamp */
    ScriptShelf *scripts; /* where its script is to be had while it runs; NULL: a stamp, or the section uses
                             variables and each target has its own */
    char **before;        /* all version rows before and after, in load order */
    char **after;
    GPtrArray *risks; /* of RiskMark *: what plan_take_risks was told; NULL: not judged */
    guint16 section;  /* what plan_step_section(), _check() and _verify() are of the revision's sections, */
    guint16 check;    /* counted from 1; 0: NULL */
    guint16 verify;
    Direction direction : 2;
    bool transactional : 1;
    bool fill : 1; /* of --fill: it moves no row */
} PlanStep;
/* What runs; NULL: a stamp. */
const Section *plan_step_section(const PlanStep *self);
/* Its migrate:check before an upgrade; NULL: it has none. */
const Section *plan_step_check(const PlanStep *self);
/* Its migrate:verify after an upgrade; NULL: it has none. */
const Section *plan_step_verify(const PlanStep *self);
/* It writes version rows. */
bool plan_step_moves_rows(const PlanStep *self);

/* Steps in the order to run: a part of a list that paths share. */
typedef struct PlanSteps {
    PlanStep *first;
    guint len;
} PlanSteps;

/* A variable where a path uses it first. Borrowed. */
typedef struct VariableUse {
    const char *name;
    const Section *section;
    const Revision *revision;
} VariableUse;

typedef struct PlanPath {
    char digest[65]; /* SHA-256 over dialect, command, rows, and of each step revision, direction, checksums
                        and rows: a chain of digests from the end (step_list.c) */
    Dialect dialect;
    PlanCommand command;
    const PlanSteps *steps;  /* those of a fill come first */
    char **rows;             /* version rows at the end; borrowed, as the steps are, from: */
    struct StepList *list;   /* shared by paths that end alike */
    PlanSteps part;          /* of it */
    unsigned targets;        /* how many take it */
    GArray *variables;       /* of VariableUse, each variable once, in the order of use; NULL: none */
    unsigned longest_id;     /* characters of the longest id that becomes a version row */
    const PlanStep *outside; /* the first step that "transaction: target" cannot hold; NULL: it can all */
    bool needs_baseline;     /* a target that takes it has rows and no history */
    char *applied_after;     /* a stamp: ids assumed applied afterwards; else NULL */
} PlanPath;

typedef enum PlanVerdict {
    PLAN_PENDING,     /* has something to do */
    PLAN_AT_GOAL,     /* nothing to do */
    PLAN_BLOCKED,     /* an exception: left alone until told otherwise */
    PLAN_UNREACHABLE, /* not probed successfully */
    PLAN_INACTIVE     /* provisioning, suspended, retired, quarantined */
} PlanVerdict;

typedef enum PlanProblem {
    PROBLEM_NONE,
    /* of the files: planning errors */
    PROBLEM_NO_SECTION,          /* no section for the target's dialect */
    PROBLEM_IRREVERSIBLE,        /* no down section on a downgrade path */
    PROBLEM_TRANSACTION_CONTROL, /* COMMIT or ROLLBACK in a transactional section */
    PROBLEM_LOCK_TABLES,
    PROBLEM_NEEDS_NO_TRANSACTION, /* a statement that cannot run in a transaction, without transaction:false
                                   */
    PROBLEM_TARGET_TRANSACTION,   /* transaction: target where DDL commits by itself or a step is
                                     transaction:false */
    PROBLEM_UNDEFINED_VARIABLE,
    PROBLEM_SYNTAX,      /* the section cannot be split into statements */
    PROBLEM_ID_TOO_LONG, /* an id longer than the version table's column */
    PROBLEM_GRAPH,       /* the goal cannot be resolved from these rows (graph_error_name says why) */
    /* of the target: exceptions */
    PROBLEM_NO_PATH, /* the goal has no path from this target's rows: not applied here, too few revisions, …
                      */
    PROBLEM_UNKNOWN_REVISION, /* a version row that no file knows */
    PROBLEM_EDITED, /* an applied section's checksum differs from the history; blocks only what has steps to
                       do */
    PROBLEM_UNFINISHED,    /* a step stopped half-way and cannot be gone on with */
    PROBLEM_UNDECIDABLE,   /* a statement of which a person must say whether it took effect */
    PROBLEM_VERIFY_FAILED, /* a step took effect and its migrate:verify returned rows; blocks as EDITED does
                            */
    PROBLEM_NEVER_RUN,     /* a revision below the heads has no history although others have */
    PROBLEM_MOVED,         /* a rollback: something else changed the target since the run */
    PROBLEM_BUSY, /* another dbfleet is in the middle of a step; holds nothing up, a run waits for its lock */
    PROBLEM_DRIFTED,       /* its schema is not what its revision says (plan_drift.h) */
    PROBLEM_DRIFT_UNKNOWN, /* … or that was asked and cannot be told */
    PROBLEM_STALE,         /* apply: it is not where the plan file found it, nor on its way */
    PROBLEM_CHECK,         /* a migrate:check speaks against starting, or could not be read (plan_checks.h) */
    PROBLEM_UNREACHABLE,
    PROBLEM_STATE /* reached, but its state could not be read */
} PlanProblem;
/* "no-section", "edited", …: stable names for JSON. */
const char *plan_problem_name(PlanProblem problem);
/* True for planning errors: nothing may run from a plan that has one. */
bool plan_problem_is_of_files(PlanProblem problem);

typedef struct TargetChecks TargetChecks;

typedef struct PlanTarget {
    const Target *target;
    const TargetState *state; /* NULL for an inactive target */
    PlanVerdict verdict;
    PlanProblem problem;
    char *reason;         /* one line for people; NULL without a problem */
    const PlanPath *path; /* PLAN_PENDING only */
    unsigned wave;        /* index into plan->waves; 0 where there are none */
    bool in_wave;         /* it stands there: what is pending, and exceptions that a selector means */
    TargetChecks *checks; /* plan_checks.h; NULL: not asked */
} PlanTarget;

typedef struct Plan {
    PlanCommand command;
    char **goals;
    GPtrArray *paths;   /* of PlanPath *, most targets first */
    GPtrArray *targets; /* of PlanTarget *, in fleet order */
    GPtrArray *waves; /* of PlanWave * (plans/waves.h), in the order to run; NULL: not asked for, one wave */
    GArray *order;    /* of guint: places in `targets` of the pending ones, in the order to start; NULL: fleet
                         order */
    const struct RolloutPolicy *rollout; /* of the waves; borrowed. NULL: none were asked for */
    char **left_out;                     /* names of waves that took no target; NULL: none */
    char digest[65];                     /* over all of it */
    GPtrArray *sizes;   /* of TableSize * (plans/table_size.h): of the tables that its steps touch, largest
                           first;   NULL: not asked */
    char **uncommitted; /* revision files of its paths that are not in git as they are; NULL: not asked, or
                           not known */
    struct FleetSince
        *since; /* how the fleet differs from an earlier run's (fleet_since.h); NULL: not compared */
    unsigned counts[PLAN_INACTIVE + 1]; /* targets per verdict */
} Plan;

/* `targets`: const Target *; `states`: TargetState * for the same index, NULL for inactive targets. Both, the
 * graph and the request outlive the plan. Never fails: what is wrong stands in the plan. */
Plan *plan_build(const RevisionGraph *graph, const GPtrArray *targets, const GPtrArray *states,
                 const PlanRequest *request);
void plan_free(Plan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)
/* Takes over what git does not have of these files (NULL-terminated, paths as revisions have them; NULL: not
 * known), keeping those of revisions that the plan would run. */
void plan_take_uncommitted(Plan *self, char **files);
/* Takes over what is different since an earlier run. */
void plan_take_since(Plan *self, struct FleetSince *since);
/* What a step has to be known for: RiskMark *; owned by the caller. */
typedef GPtrArray *(*PlanRisks)(const PlanStep *step, Dialect dialect);
/* Asks for the marks of every step of every path, each section once. They change no digest of the plan: they
 * follow from the sections. */
void plan_take_risks(Plan *self, PlanRisks judge);
/* The first planning error of the files, or NULL. A rollback has none: what cannot be taken back is an
 * exception of its target. */
const PlanTarget *plan_file_error(const Plan *self);

/* A path without any target, for --sql scripts: from rows to goals in one dialect. `vars` as the one
 * target's, or NULL. NULL and an error whose domain is GRAPH_ERROR or PLAN_ERROR. Caller frees. */
#define PLAN_ERROR (plan_error_quark())
GQuark plan_error_quark(void); /* codes are PlanProblem */
PlanPath *plan_path_new(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                        const PlanRequest *request, GError **error);
void plan_path_free(PlanPath *self);
/* Keeps its steps for who needs them for longer than the plan. One thread. */
struct StepList *plan_path_hold_steps(const PlanPath *self);
void plan_path_release_steps(struct StepList *held); /* NULL-safe */
/* Ids below the rows that it starts from, comma separated: what a baseline row records. NULL: no target needs
 * one. Caller frees. */
char *plan_path_applied_before(const PlanPath *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlanPath, plan_path_free)

/* A section's statements for one target, with `variables` (resolved values) filled in. Errors of
 * SQL_TEMPLATE_ERROR and PLAN_ERROR. Caller frees. */
Script *plan_section_script(const Section *self, Dialect dialect, GHashTable *variables, GError **error);
/* Target's vars and -x, values as written (secret references unresolved). Caller frees with
 * g_hash_table_unref. */
GHashTable *plan_target_variables(const Target *target, GHashTable *extra);
/* Adds one statement to a running hash, as plan_head_hash does. */
void plan_hash_statement(GChecksum *sum, const Script *script, unsigned index);
/* Running hash of the first `count` statements of a script: what tells an edited head of a half-applied
 * section. Caller frees. */
char *plan_head_hash(const Script *script, unsigned count);
