/* Waves: which part of a fleet goes first. Pure: assigns the targets of a plan that have something to do to
 * the waves of a rollout policy, and says in which order they start. The first wave whose selector, count or
 * share takes a target has it; what no wave takes forms a last one of its own, and the plan says so. Counts
 * and shares take targets in the policy's order from those that no selector of any wave means; a share is of
 * all targets that have something to do, rounded up. A wave that takes none is left out, and the plan says
 * that too. */
#pragma once

#include "inventory/rollout.h"
#include "plans/planner.h"

typedef struct PlanWave {
    char *name;
    const WaveSpec *spec; /* borrowed; NULL: leftovers, or a run without waves */
    unsigned targets;
} PlanWave;

/* The targets that a selector means: const Target *, caller unrefs; NULL and an error. */
typedef GPtrArray *(*WaveSelect)(gpointer context, const char *selector, GError **error);

/* Fills plan->waves, plan->order and each pending PlanTarget.wave. `policy` outlives the plan. False when a
 * selector cannot be read: then every problem was added, and the plan is as it was. */
bool plan_take_waves(Plan *plan, const RolloutPolicy *policy, WaveSelect select, gpointer context,
                     Diagnostics *problems);
