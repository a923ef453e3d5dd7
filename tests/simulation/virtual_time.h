/* Virtual time: a clock that runs only while everybody sleeps, and an executor whose workers are fibers on
 * one thread. Who wakes first runs first, so that a run with many jobs is the same every time, and a night of
 * waiting takes no time. One thread. */
#pragma once

#include "run/fleet_run.h"

typedef struct VirtualTime VirtualTime;
typedef struct Fiber Fiber;

/* `random` is shared with the rest of the simulation and is not owned. */
VirtualTime *virtual_time_new(GRand *random);
void virtual_time_free(VirtualTime *self);
gint64 virtual_time_now(const VirtualTime *self);
/* In a fiber: others run meanwhile. Outside of them: only time passes. */
void virtual_time_sleep(VirtualTime *self, gint64 us);
/* The one at work; NULL outside of them. */
Fiber *virtual_time_current(const VirtualTime *self);
/* Ends a sleep early. */
void virtual_time_wake(VirtualTime *self, Fiber *fiber);

const RunClock *virtual_time_clock(const VirtualTime *self);
const RunExecutor *virtual_time_executor(const VirtualTime *self);
