/* Truth: what must hold after every run, judged from what the databases keep. */
#pragma once

#include "world.h"

/* Where every database stands, to be compared with later. Caller frees. */
GArray *truth_positions(const World *self);
/* Complains of the first thing that does not hold: exactly once, nothing unrecorded, nothing recorded that
 * did not happen, results that say what the databases say, totals that add up. `before`: of
 * truth_positions(). */
void truth_check(World *self, const RunResult *run, const GArray *before, PlanCommand command);
/* True if it stopped half-way at a statement of which it is not known whether it took effect. */
bool truth_is_undecided(const Database *database);
