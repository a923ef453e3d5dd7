/* Plan diff: what changed from one plan file to another, as a flat list of changes. When and by whom a plan
 * was made is no change. Pure; any thread. */
#pragma once

#include "plans/plan_file.h"

typedef enum PlanArea {
    AREA_HEAD,      /* command, goals, track, times, names of variables, options */
    AREA_ROLLOUT,   /* a key of the rollout */
    AREA_WAVE,      /* a wave that took targets: how many */
    AREA_STEP,      /* a step in one dialect: there or not, its SQL, its checks, its risks */
    AREA_TARGET,    /* a target with its path, wave, endpoint and variables */
    AREA_EXCEPTION, /* what is left alone, and why */
    AREA_COUNT
} PlanArea;
const char *plan_area_name(PlanArea area); /* "plan", "rollout", "wave", "step", "target", "exception" */

typedef struct PlanChange {
    PlanArea area;
    char *name;        /* of the key, wave, step ("up r05 (postgres)") or target */
    const char *field; /* "path", "sql", "reason", …; NULL: the whole */
    char *before;      /* NULL: was not there */
    char *after;       /* NULL: is not there any more */
} PlanChange;

/* Elements PlanChange *, by area and in the order of the files. Caller unrefs. */
GPtrArray *plan_diff(const PlanFile *before, const PlanFile *after);
