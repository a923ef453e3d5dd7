/* What path.c offers to planner.c. Not for other rooms. */
#pragma once

#include "plans/planner.h"

/* Section * -> Script *: each section is split once a plan, however many paths it stands in. */
GHashTable *script_cache_new(void);

/* A path that shares `scripts` (a reference is kept). Errors as plan_path_new. */
PlanPath *path_build(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                     const PlanRequest *request, GHashTable *scripts, GError **error);
/* Ids applied when these are the version rows, comma separated; "" where a row is unknown. Caller frees. */
char *applied_text(const RevisionGraph *graph, const char *const *rows);
