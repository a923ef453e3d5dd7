/* Run outputs: what a run leaves besides the report that it prints: reports in files (--report), and its
 * events as lines while they happen (--events). They are found to be writable before anything is changed;
 * what fails later is a warning of the run and nothing more, and nobody who reads them slowly holds the run
 * up. */
#pragma once

#include "commands/commands_internal.h"
#include "run/fleet_run.h"

typedef struct RunOutputs RunOutputs;

/* NULL with a message and *exit_code if a place is of no known form or cannot be written. */
RunOutputs *run_outputs_open(const Workspace *workspace, int *exit_code);
void run_outputs_free(RunOutputs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunOutputs, run_outputs_free)

/* Adds to the listeners (const RunListener *) of a run who writes its events; lives as long as `self`. */
void run_outputs_listen(RunOutputs *self, GPtrArray *listeners);
/* Writes what a reader of the events did not take before. */
void run_outputs_tick(RunOutputs *self);
/* True if standard output is the events': the report goes elsewhere. */
bool run_outputs_has_stdout(const RunOutputs *self);
/* The run is over: begins to make and write its reports, on threads of their own where that is worth it. It
 * is only read until run_outputs_finish(), after which all of them are on disk, or a warning says which is
 * not. */
void run_outputs_begin(RunOutputs *self, const RunResult *run);
void run_outputs_finish(RunOutputs *self);
