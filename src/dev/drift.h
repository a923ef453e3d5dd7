/* Drift: each target's schema against what its revision says. Reads every target in parallel, in read-only
 * sessions, without a lock; makes what the revisions say on scratch databases, once for all targets that
 * stand at the same heads alike; compares fingerprints, and objects only where those differ. Main thread; the
 * threads that read are gone when it returns. */
#pragma once

#include "dev/dev_servers.h"
#include "dev/drift_result.h"
#include "plans/graph.h"
#include "run/each_target.h"

/* Another track of the project: its revisions may have made part of a target's database. */
typedef struct DriftTrack {
    const Track *track;
    const RevisionGraph *graph; /* NULL: its files have errors */
    bool before;                /* it comes first in dbfleet.yaml */
} DriftTrack;

typedef struct DriftOptions {
    const Project *project;
    const RevisionGraph *graph;
    SecretStore *secrets;
    const GArray *others; /* of DriftTrack; NULL: there is one track */
    const char *folder;   /* the inventory's */
    const char *version_table;
    GHashTable *variables; /* -x; NULL: none */
    DriftBasis against;    /* DRIFT_BY_PEERS: without scratch databases */
    bool privileges;       /* as SchemaReadOptions has them */
    bool owners;
    bool names;
    bool no_cache;
    bool repair; /* also write, and try, what leads back */
    EachLimits limits;
} DriftOptions;

/* Never fails: what went wrong is in the result; NULL only after an interrupt (limits.tick, run/signals.h).
 * `targets`: const Target *, which outlive the result. */
DriftResult *drift_judge(GPtrArray *targets, const DriftOptions *options);
