/* Explain: why one target stands where it does. Reads the target's history in a read-only session and the
 * ledger; takes no lock. */
#pragma once

#include "inventory/secret.h"
#include "run/doctor/explanation.h"
#include "run/ledger/ledger.h"

#define EXPLAIN_RUNS 3
#define EXPLAIN_TRAIL 5

typedef struct ExplainOptions {
    SecretStore *secrets;
    const char *folder;
    const char *version_table;
} ExplainOptions;

/* Reads the newest history rows, those of the revisions that were edited, and who holds the lock. What cannot
 * be read is left out: the state that was probed says why. Worker or main thread. */
void explain_read(Explanation *self, const RevisionGraph *graph, const ExplainOptions *options);
/* The newest runs that the ledger knows for the target. Main thread. */
void explain_runs(Explanation *self, Ledger *ledger);
/* Details and the next commands, from everything above. Pure. */
void explain_judge(Explanation *self, const RevisionGraph *graph);
