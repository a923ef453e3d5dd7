/* Fleet since: how the targets of a plan differ from those of an earlier run on the track, as plain values. A
 * tenant that left the inventory is in no list of targets: only a run that had it can tell. Pure. */
#pragma once

#include "plans/planner.h"

/* A target that is at another place than in that run. */
typedef struct FleetMove {
    char *target;
    char *was; /* endpoints */
    char *is;
} FleetMove;

typedef struct FleetSince {
    char *run;        /* the earlier run */
    GPtrArray *added; /* of char *: targets that were not in it, in fleet order */
    GPtrArray *gone;  /* of char *: targets of it that are not here, sorted */
    GPtrArray *moved; /* of FleetMove *, in fleet order */
} FleetSince;

/* `before`: name -> endpoint of the run's targets. `whole`: `targets` (const Target *) are chosen as the
 * run's were, so that what is missing is gone; else that is not asked. Caller frees. */
FleetSince *fleet_since_new(const char *run, GHashTable *before, const GPtrArray *targets, bool whole);
void fleet_since_free(FleetSince *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FleetSince, fleet_since_free)
/* True if nothing differs. */
bool fleet_since_is_empty(const FleetSince *self);
