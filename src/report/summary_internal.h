/* Summary: what the renderers of a run's result share: groups, clusters of failures, percentiles. Pure. */
#pragma once

#include "report/report.h"

/* Counts of one group ("" is the top level). */
typedef struct GroupSummary {
    const char *name;
    unsigned targets;
    unsigned counts[OUTCOME_COUNT];
} GroupSummary;

/* Outcomes of one wave's targets. */
typedef struct WaveCounts {
    unsigned counts[OUTCOME_COUNT];
} WaveCounts;

/* Targets that failed the same way. */
typedef struct FailureCluster {
    char *signature;
    Outcome outcome;
    const TargetResult *example; /* the first */
    GPtrArray *targets;          /* of const TargetResult * */
} FailureCluster;

/* A step that was done: which target's, and which of its steps. */
typedef struct StepPlace {
    guint target;
    guint step;
} StepPlace;

/* One revision on the targets where it finished. */
typedef struct RevisionSummary {
    const StepResult *first; /* in the order of the run's targets: names revision, message and direction */
    guint start;             /* of its steps in the summary's */
    guint count;             /* of them */
} RevisionSummary;

typedef struct Summary {
    const RunResult *run;
    unsigned counts[OUTCOME_COUNT];
    GPtrArray *groups;   /* of GroupSummary *, in order of appearance */
    GArray *waves;       /* of WaveCounts, for each of run->waves */
    GPtrArray *clusters; /* of FailureCluster *, most targets first */
    GArray *revisions;   /* of RevisionSummary, in order of appearance */
    StepPlace *done;     /* all steps that were, revision by revision, the quickest first */
    guint done_count;
    GPtrArray *slowest; /* of const TargetResult *, longest first, at most SUMMARY_SLOWEST */
} Summary;

#define SUMMARY_SLOWEST 5

Summary *summary_new(const RunResult *run);
void summary_free(Summary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Summary, summary_free)
/* Outcomes of the run's wave `index` (from 0). */
const unsigned *summary_wave_counts(const Summary *self, guint index);
const RevisionSummary *summary_revision(const Summary *self, guint index);
/* How long it took, in microseconds, where `index` targets were quicker. */
gint64 summary_duration(const Summary *self, const RevisionSummary *revision, guint index);
/* The value below which `share` (0..1) of its durations lie (nearest rank). */
gint64 summary_percentile(const Summary *self, const RevisionSummary *revision, double share);
/* run_end_name() of the run. */
const char *summary_end(const RunResult *run);
/* DONE, HALTED, INTERRUPTED, RUNNING, DIED, FAILED, INCOMPLETE: the one word that must be right. */
const char *summary_verdict(const RunResult *run);
/* "versions/bb_add.sql:9:15, statement 2"; NULL where no file is known. Caller frees. */
char *summary_place(const Failure *failure);
/* "42P01 relation … does not exist". Caller frees. */
char *summary_message(const Failure *failure);
/* True for outcomes that a person must look at. */
bool summary_is_bad(Outcome outcome);
