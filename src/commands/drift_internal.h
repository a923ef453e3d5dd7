/* What drift, plan and the commands that change a fleet share: comparing a selection. */
#pragma once

#include "commands/fleet_change_internal.h"
#include "dev/drift.h"
#include "run/signals.h"

/* Compares these targets (const Target *, of the workspace). Of `wanted` only what a person chooses is read:
 * against, repair, what is compared, the cache. NULL after an interrupt. */
DriftResult *drift_of(const Workspace *self, GPtrArray *targets, const DriftOptions *wanted);
