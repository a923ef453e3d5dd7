/* Check targets: asks the migrate:check sections of every pending target's path before the first target is
 * changed. In parallel within the limits, in read-only sessions, without a lock; where no path has a check
 * nothing is connected. */
#pragma once

#include "inventory/secret.h"
#include "plans/plan_checks.h"
#include "run/each_target.h"

typedef struct CheckOptions {
    SecretStore *secrets;
    const char *folder;
    GHashTable *variables; /* -x */
    EachLimits limits;
} CheckOptions;

/* How many of the plan's targets have something to ask. */
unsigned check_targets_count(const Plan *plan);
/* TargetChecks * for each of the plan's targets, for plan_take_checks(); NULL for those with nothing to ask.
 * Never fails: what went wrong is in the answers; NULL only if tick stopped it. Main thread. */
GPtrArray *check_targets(const Plan *plan, const CheckOptions *options);
