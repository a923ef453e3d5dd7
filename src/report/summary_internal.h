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

/* How long one revision took on the targets where it finished. */
typedef struct RevisionSummary {
    const char *revision;
    const char *message;
    const char *direction;
    gint64 *durations; /* microseconds, sorted; in the summary's */
    guint count;       /* of them */
} RevisionSummary;

typedef struct Summary {
    const RunResult *run;
    unsigned counts[OUTCOME_COUNT];
    GPtrArray *groups;    /* of GroupSummary *, in order of appearance */
    GArray *waves;        /* of WaveCounts, for each of run->waves */
    GPtrArray *clusters;  /* of FailureCluster *, most targets first */
    GPtrArray *revisions; /* of RevisionSummary *, in order of appearance */
    gint64 *durations;    /* of all steps, revision by revision */
    GPtrArray *slowest;   /* of const TargetResult *, longest first, at most SUMMARY_SLOWEST */
} Summary;

#define SUMMARY_SLOWEST 5

Summary *summary_new(const RunResult *run);
void summary_free(Summary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Summary, summary_free)
/* Outcomes of the run's wave `index` (from 0). */
const unsigned *summary_wave_counts(const Summary *self, guint index);
/* The value below which `share` (0..1) of the sorted durations lie (nearest rank). 0 for none. */
gint64 summary_percentile(const RevisionSummary *self, double share);
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
