/* Gates: the questions between two waves. Reads only: SQL in read-only sessions, a GET, a program of the
 * user's. A gate that cannot be asked has failed: it never passes for want of an answer. */
#pragma once

#include "inventory/rollout.h"
#include "inventory/secret.h"
#include "run/each_target.h"
#include "run/results.h"

typedef struct GateOptions {
    SecretStore *secrets;
    const char *folder;       /* where programs run and relative paths start: the project's */
    const char *fleet_folder; /* where relative paths in the targets' secrets start; NULL: `folder` */
    const char *run_id;       /* programs get it as DBFLEET_RUN, and the wave's name as DBFLEET_WAVE */
    const char *wave;
    GHashTable
        *targets_failed; /* names (set) that sql gates leave out: they are failed already; NULL: none */
    EachLimits limits;   /* its tick is called about ten times a second; false stops the asking */
} GateOptions;

/* Asks the gates (GateSpec *) one after the other, sql without a url on all of `targets` (const Target *) in
 * parallel, and adds what each saw to `results` (GateResult *). True if all passed; false at the first that
 * did not, or when the tick stopped it: then its GateResult says so. Main thread; blocks. */
bool gates_ask(const GPtrArray *gates, GPtrArray *targets, const GateOptions *options, GPtrArray *results);

/* Looks for what would make gates and throttles of a rollout fail in the night for a reason that can be seen
 * now: sql that is not one SELECT to the targets' databases, a program that is not in `folder` or in PATH.
 * Connects to nothing. False if something was added. */
bool gates_check(const RolloutPolicy *policy, const GPtrArray *targets, const char *folder,
                 Diagnostics *problems);
