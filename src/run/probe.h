/* Probe: reads every target's state in parallel, read-only, changing nothing. */
#pragma once

#include "run/scheduler.h"
#include "run/session.h"

typedef struct ProbeOptions {
    SecretStore *secrets;
    const char *folder;
    const char *version_table;
    unsigned jobs;
    unsigned per_host; /* 0: only the targets' own */
    /* Called on the main thread now and then: how many are read. Returns false to stop (an interrupt). NULL:
     * none. */
    bool (*tick)(gpointer context, unsigned done, unsigned total);
    gpointer context;
} ProbeOptions;

/* TargetState * for each target (const Target *), in the same order; NULL for targets that are not active.
 * Never fails: what went wrong is in the states; NULL only if tick stopped it. The array owns the states. */
GPtrArray *probe_targets(GPtrArray *targets, const ProbeOptions *options);
