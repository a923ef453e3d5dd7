/* Each target: one piece of work done on every active target in parallel, within the limits. What a preview
 * and a preparation share; a run of a plan has more to decide and is fleet_run.h. */
#pragma once

#include "inventory/fleet.h"

typedef struct EachLimits {
    unsigned jobs;
    unsigned per_host; /* 0: only the targets' own */
    /* Called on the main thread now and then: how many are done. Returns false to start no more (an
     * interrupt); then it is called on until what was started is back, and what it returns counts no more.
     * NULL: none. */
    bool (*tick)(gpointer context, unsigned done, unsigned total);
    gpointer tick_context;
} EachLimits;

/* Worker thread: does the work on one target and returns what came of it, never NULL. */
typedef gpointer (*EachWork)(const Target *target, gpointer context);

/* What `work` returned for each of `targets` (const Target *), in the same order; NULL for targets that are
 * not active. NULL if tick stopped it; then what had been returned is freed with `free_result`, which the
 * array keeps and which takes NULL too. */
GPtrArray *each_target(GPtrArray *targets, EachWork work, gpointer context, const EachLimits *limits,
                       GDestroyNotify free_result);
