/* Waves of a simulated run: random rollouts, and a reckoning of their own of what must have happened before a
 * target may start. One thread. */
#pragma once

#include "world.h"

#define SIM_WAVE_SIZE 64 /* bytes of what is counted of a wave */

/* Waves by groups, counts, shares and the rest, with budgets, soaks, gates and questions by chance; or none.
 */
void sim_waves_random(World *self);
void sim_waves_none(World *self);
/* Gives the plan its waves and begins to count. */
void sim_waves_begin(World *self, Plan *plan);
/* Complains if a wave ahead of the target's is not over: targets, soak, gates, a yes. */
void sim_waves_started(World *self, const PlanTarget *target);
/* True if a budget of its wave is exceeded. */
bool sim_waves_finished(World *self, const char *target, bool good);
bool sim_ask_gates(const GPtrArray *gates, GPtrArray *targets, const GateOptions *options,
                   GPtrArray *results);
WaveAnswer sim_confirm(gpointer context, const RunResult *run, unsigned wave, char **why);
/* What the result says of the waves against what was counted. */
void sim_waves_check(World *self, const RunResult *run);
