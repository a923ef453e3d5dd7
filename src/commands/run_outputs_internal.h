/* Run outputs: what a run leaves besides the report that it prints: reports in files (--report). They are
 * found to be writable before anything is changed, and written at the end of the run, however it ended. */
#pragma once

#include "commands/commands_internal.h"

typedef struct RunOutputs RunOutputs;

/* NULL with a message and *exit_code if a place is of no known form or cannot be written. */
RunOutputs *run_outputs_open(const Options *options, int *exit_code);
void run_outputs_free(RunOutputs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunOutputs, run_outputs_free)

/* The run is over: writes its reports. One that cannot be written is a warning and nothing more: the run is
 * what it is. */
void run_outputs_finish(RunOutputs *self, const RunResult *run);
