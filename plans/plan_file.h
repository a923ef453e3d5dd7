/* Plan file: a plan as it was reviewed, in a file that people read and git compares: the distinct paths with
 * the checksum of every section, each target with its endpoint and path, the exceptions, the policy of the
 * run, and a digest over all of it. Holds no secret. Applying it runs exactly these steps or leaves a target
 * alone.
 *
 * Format: docs/reference/plan-files.md. Pure but for plan_file_load(), which reads one file. Immutable once
 * loaded; any thread may read it. */
#pragma once

#include "inventory/rollout.h"
#include "plans/approval.h"
#include "plans/planner.h"
#include "plans/table_size.h"

typedef struct PlanFileStep {
    char *revision;      /* "" for a stamp */
    Direction direction; /* without meaning for a stamp */
    char *checksum;      /* of the section; NULL for a stamp */
    char *check;         /* of its migrate:check; NULL: none */
    char *verify;
    char **after;     /* version rows behind it */
    GPtrArray *risks; /* of RiskMark *; never NULL */
    bool fill;        /* of --fill: it stands below the heads, and moves no row */
} PlanFileStep;

typedef struct PlanFilePath {
    char *name; /* "p1", …: most targets first */
    Dialect dialect;
    char **from;       /* version rows that it starts from */
    GPtrArray *steps;  /* of PlanFileStep * */
    char *digest;      /* PlanPath.digest */
    GPtrArray *takers; /* of const PlanFileTarget *: who takes it, in the order of the file */
    SourcePlace place;
} PlanFilePath;

/* A wave as it was reviewed: apply takes the assignment from here, not from selectors again. */
typedef struct PlanFileWave {
    char *name;            /* of one in rollout.waves, else the wave of what those left over */
    unsigned targets;      /* in it */
    unsigned at_goal;      /* that its selector means and had nothing to do; 0 in older files */
    const WaveSpec *rules; /* of rollout.waves; NULL: leftovers */
} PlanFileWave;

typedef struct PlanFileTarget {
    char *name;
    char *endpoint;
    PlanFilePath *path;       /* NULL: nothing to do */
    const PlanFileWave *wave; /* NULL: no waves, or nothing to do */
    char *variables;          /* digest of its variables as written; NULL: no step of the path uses one */
    SourcePlace place;
} PlanFileTarget;

/* A target that the plan leaves alone. */
typedef struct PlanFileException {
    char *name;
    char *endpoint;
    char *problem;            /* plan_problem_name(), or "inactive" */
    char *reason;             /* one line; NULL */
    const PlanFileWave *wave; /* that would have taken it; NULL: none, or an older file */
} PlanFileException;

typedef struct PlanFile {
    PlanCommand command;
    char **goals; /* as typed */
    char *track;
    char *version_table;
    char *created_by;
    gint64 created_us;     /* since 1970, as all below */
    gint64 expires_us;     /* 0: never */
    gint64 not_before_us;  /* 0: at once */
    char **variables;      /* names given with -x, sorted; never NULL */
    RolloutPolicy rollout; /* what a run of it obeys; says nothing about approvals */
    bool allow_edited;     /* --allow-edited */
    bool fill;             /* --fill */
    GPtrArray *waves;      /* of PlanFileWave *, in the order to run; NULL: no waves */
    GPtrArray *paths;      /* of PlanFilePath * */
    GPtrArray *targets;    /* of PlanFileTarget *, in the order to start, which is fleet order unless the
                              rollout says another */
    GPtrArray *exceptions; /* of PlanFileException * */
    GPtrArray *sizes;      /* of TableSize *: as they were when it was made; NULL: not asked (--sizes) */
    char digest[65];       /* SHA-256 of the text above its own line */
    char *file;            /* as opened, what places name; NULL: made in memory */
    GHashTable *by_name;   /* target name -> its PlanFileTarget * */
    /* What stands beside the file, for who shows it; not part of it. */
    GPtrArray *approvals; /* of Approval *, judged; NULL: not looked at */
    unsigned approvals_needed;
} PlanFile;

/* An empty one, whose members the caller fills. */
PlanFile *plan_file_new(void);
/* Takes over command, goals, paths, waves, targets and exceptions of a plan without errors of the files; its
 * waves are those of `rollout`, which is there already. Digests of variables count `extra` (-x; NULL: none).
 */
void plan_file_take(PlanFile *self, const Plan *plan, GHashTable *extra);
void plan_file_free(PlanFile *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlanFile, plan_file_free)
/* The file's text, which sets the digest. Caller frees. */
char *plan_file_text(PlanFile *self);
/* Reads one; a digest that does not match the text is an error. NULL when anything is wrong. */
PlanFile *plan_file_load(const char *path, Diagnostics *problems);
/* The same of a text that was read already; `path` is what places name. */
PlanFile *plan_file_parse(const char *text, gsize length, const char *path, Diagnostics *problems);
/* A path of the file as it would run, without a target; sections with variables stay unsplit. NULL and an
 * error of PLAN_ERROR. Caller frees. */
PlanPath *plan_file_path_plan(const PlanFile *self, const PlanFilePath *path, const RevisionGraph *graph,
                              GError **error);
/* False, and every reason is added, if a revision or section of it is missing or not as it was. */
bool plan_file_check_revisions(const PlanFile *self, const RevisionGraph *graph, Diagnostics *problems);
/* Fills the waves and the order of a plan that was built from the file. */
void plan_file_give_waves(const PlanFile *self, Plan *plan);
/* NULL if it has no such target. */
const PlanFileTarget *plan_file_target(const PlanFile *self, const char *name);
/* NULL if the plan does not leave this one alone. */
const PlanFileException *plan_file_exception(const PlanFile *self, const char *name);
/* The digest of a target's variables as they are written (its own and -x). Caller frees. */
char *plan_variables_digest(const Target *target, GHashTable *extra);
