/* What path.c offers to planner.c. Not for other rooms. */
#pragma once

#include "plans/planner.h"

/* Section * -> Script *: each section is split once a plan, however many paths it stands in. */
GHashTable *script_cache_new(void);

/* A path that shares `scripts` (a reference is kept). Errors as plan_path_new. */
PlanPath *path_build(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                     const PlanRequest *request, GHashTable *scripts, GError **error);
