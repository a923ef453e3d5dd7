/* Ledger: where runs are recorded. Its loss loses history, never safety: what is true is in the targets. A
 * SQLite file behind the driver interface; written in batches by the main thread only. */
#pragma once

#include "run/results.h"

typedef struct Ledger Ledger;

/* Opens the ledger, making file and folder if `create` (else a missing one is an error that says so). */
Ledger *ledger_open(const char *path, bool create, GError **error);
void ledger_close(Ledger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_close)

/* Records that a run begins: the run and all its targets with what is known now. */
bool ledger_begin(Ledger *self, const RunResult *run, GError **error);
/* Records targets that finished (their steps and failures too), in one transaction. */
bool ledger_record(Ledger *self, const RunResult *run, const GPtrArray *targets, GError **error);
/* Records the end of the run. */
bool ledger_finish(Ledger *self, const RunResult *run, GError **error);

/* A whole run. `id` may be a unique prefix, or "last". NULL and an error that lists near ones if there is
 * none. */
RunResult *ledger_load(Ledger *self, const char *id, GError **error);
/* The newest runs first, without their targets' steps; `limit` 0: all. Elements RunSummary *. */
typedef struct RunSummary {
    char *id;
    char *command;
    char *goal;
    char *operator_name;
    gint64 started_us;
    gint64 finished_us; /* 0: still running, or died */
    char *halt_reason;
    bool interrupted;
    unsigned counts[OUTCOME_COUNT];
    unsigned targets;
} RunSummary;
GPtrArray *ledger_runs(Ledger *self, unsigned limit, GError **error);
