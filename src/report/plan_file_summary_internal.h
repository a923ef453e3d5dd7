/* What every form of a plan file shows: counts, each distinct step once, exceptions by problem and reason.
 * Pure. */
#pragma once

#include "plans/plan_file.h"

/* A step as it is run in one dialect, whatever paths it stands in. */
typedef struct StepSummary {
    const PlanFileStep *step;
    Dialect dialect;
    unsigned targets;         /* that take it */
    const Revision *revision; /* NULL: a stamp, or no file has it */
    const Section *section;   /* as it was planned; NULL: a stamp, or it is not as it was */
} StepSummary;

typedef struct ExceptionSummary {
    const char *problem;
    const char *reason;    /* NULL */
    GPtrArray *exceptions; /* of const PlanFileException * */
} ExceptionSummary;

typedef struct PlanFileSummary {
    const PlanFile *file;
    const RevisionGraph *graph; /* NULL: revisions were not read */
    unsigned pending;
    unsigned at_goal;
    GPtrArray *steps;      /* of StepSummary *, in the order in which paths have them */
    GPtrArray *exceptions; /* of ExceptionSummary *, those of most targets first */
} PlanFileSummary;

PlanFileSummary *plan_file_summary_new(const PlanFile *file, const RevisionGraph *graph);
void plan_file_summary_free(PlanFileSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlanFileSummary, plan_file_summary_free)

/* "up", "down", "stamp". */
const char *plan_file_step_word(const PlanFileStep *step);
/* "r01 r02", or "base". Caller frees. */
char *plan_file_rows_text(char *const *rows);
/* The rows at the path's end. */
char *const *plan_file_path_end(const PlanFilePath *path);
/* What goes for a wave, or, rules NULL, for the run: "soak 10min; asks before; gates: http …; max_failures
 * 0". "" where nothing is special. Caller frees. */
char *plan_file_wave_rules(const PlanFile *file, const PlanFileWave *wave);
/* "jobs 8, per_host 2, max_failures 0, …": the rollout without waves, gates and throttles. Caller frees. */
char *plan_file_limits_text(const PlanFile *file);
/* "upgrade head". Caller frees. */
char *plan_file_title(const PlanFile *file);
/* "a, b, c and 7 more". Caller frees. */
char *plan_file_names(const GPtrArray *named, unsigned shown);
