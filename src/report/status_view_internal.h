/* Status view: what its page and its metrics share. Pure. */
#pragma once

#include "plans/planner.h"

/* The standings with their names for programs ("at_head"), and how many targets are there: in turn, until it
 * returns false. */
bool status_standing_at(const Plan *plan, const RevisionGraph *graph, gsize index, const char **key,
                        unsigned *count);
