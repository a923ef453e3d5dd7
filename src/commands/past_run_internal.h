/* What resume, retry and rollback share: the targets of a run that the ledger knows. */
#pragma once

#include "commands/fleet_change_internal.h"

typedef bool (*PastRunTake)(const RunResult *run, const TargetResult *target);

/* Narrows the selection to the run's targets that `take` wants. Tells of those that the inventory lacks, and
 * of those whose endpoint is another one now. */
void past_run_select(Workspace *workspace, const RunResult *run, PastRunTake take);

/* resume and retry: plans what the run was to do again for the targets that `take` wants, each to its own
 * goal, and runs it. `left` names them for messages: "left to do".
 * `with_gates`: where none is left, gates that the run did not pass are asked all the same. */
int past_run_go_on(const Options *options, PastRunTake take, const char *left, bool with_gates);
/* True if the run, which is over, left soak or gates of this wave (from 0) undone behind its targets. */
bool past_run_is_halted_behind(const RunResult *run, guint wave);
/* False, with a message, while the run is at work. */
bool past_run_is_over(const RunResult *run, int *exit_code);
/* True for what the run may have changed. */
bool past_run_may_have_changed(const RunResult *run, const TargetResult *target);
/* The plan that takes the run back, from states that know what came since it. */
Plan *past_run_rollback_plan(const Workspace *workspace, const char *run_id, const GPtrArray *states,
                             GHashTable *assume);
/* Leaves only those targets in the run that were in one of its waves called so (NULL-terminated). False, with
 * a message, if it has none of a name. */
bool past_run_keep_waves(RunResult *run, const char *const *names, int *exit_code);
/* rollback: from states that know what came since the run, to an exit code. `in_ledger`: the ledger knows it.
 */
int past_run_roll_back(const Workspace *workspace, const char *run_id, bool in_ledger);

/* Options of resume, retry and rollback; ends with a row whose name is NULL. */
extern const OptionSpec past_run_options[];
/* Options of resume and retry; the same. */
extern const OptionSpec go_on_options[];
