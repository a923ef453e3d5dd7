/* Liveness: whether a run that has no end in the ledger is still at work. Reads the clock and /proc; main
 * thread. */
#pragma once

#include "run/results.h"

/* What tells this process from every other on this host, a later one with the same number and one of another
 * container included: pid, pid namespace, time of its start. Caller frees. */
char *process_mark(void);
/* True if it is sure that the process marked so on this host is gone; false where that cannot be told. */
bool process_is_gone(const char *mark);

/* The state of a run from what the ledger says of it, at `now_us`. */
RunState run_state(gint64 finished_us, gint64 heartbeat_us, const char *paused_by, const char *host,
                   const char *process, gint64 now_us);
