/* Probe: reads every target's state in parallel, read-only, changing nothing; and its opposite, which makes
 * the version tables. */
#pragma once

#include "run/clock.h"
#include "run/each_target.h"
#include "run/session.h"
#include "run/spare_connections.h"

typedef struct ProbeOptions {
    SecretStore *secrets;
    const char *folder;
    const char *version_table;
    const char *since_run; /* also reads what each target's history holds from this run on; NULL: not */
    bool sizes;            /* also asks how large each database, or a target's schema, is */
    EachLimits limits;
    const RunClock *clock;   /* NULL: the system's */
    SpareConnections *spare; /* keeps the connections for a run; NULL: they are closed */
    /* Version rows of a target on which there will be nothing to do: its connection is not kept. NULL: not
     * known.
     */
    char *const *settled_rows;
} ProbeOptions;

/* Reads one target, on any thread. A busy server is asked again as the target's retry settings say, until
 * `stopped` (NULL: never). */
TargetState *probe_target(const Target *target, const ProbeOptions *options,
                          bool (*stopped)(gconstpointer context), gconstpointer context);

/* Connects as a probe does, read-only: what fails for the moment is tried again as the target's retry
 * settings say, until `stopped` says so. Of the options only secrets, folder and clock are used. Worker
 * thread. */
Connection *probe_connect(const Target *target, const ProbeOptions *options,
                          bool (*stopped)(gconstpointer context), gconstpointer context, GError **error);

/* TargetState * for each target (const Target *), in the same order; NULL for targets that are not active.
 * Never fails: what went wrong is in the states; NULL only if tick stopped it. The array owns the states. */
GPtrArray *probe_targets(GPtrArray *targets, const ProbeOptions *options);

/* Makes the version tables where they are missing, and reads the states afterwards. NULL only if tick stopped
 * it. */
GPtrArray *probe_ensure_tables(GPtrArray *targets, const ProbeOptions *options);
/* Makes both tables in one transaction where the state says that one is missing. Reads the history then,
 * which is not seen where there is no version table, but may have rows. */
bool probe_complete_tables(Connection *connection, const VersionStore *store, TargetState *state,
                           GError **error);
