/* What the files of drift share: what one target's session found, and the sets of targets that are compared
 * with the same schema. Not for other rooms. */
#pragma once

#include "dev/drift.h"
#include "dev/expected_schema.h"
#include "dev/schema_cache.h"
#include "plans/target_state.h"
#include "run/target_variables.h"
#include "schema/schema_dialect.h"

/* What one session found. Filled by a worker thread, immutable afterwards. */
typedef struct DriftReading {
    TargetState *state;
    ScratchLike like;
    GArray *others;    /* of ExpectedTrack: other tracks with revisions in the same database */
    char *family;      /* "PostgreSQL 15"; NULL: not reached */
    char *fingerprint; /* NULL: not read */
    char *problem;     /* why its schema could not be read, or cannot be judged; NULL */
    bool absent;       /* the database is not there yet, and a run will make it */
    bool from_cache;
} DriftReading;
void drift_reading_free(DriftReading *self);

/* DriftReading * for each target, in the same order; NULL for those that are not active. NULL if the tick
 * stopped it. */
GPtrArray *drift_read(GPtrArray *targets, const DriftOptions *options, SchemaCache *cache);

/* "billing at b1, audit at 0003": where they stand. Caller frees. */
char *drift_others_text(const DriftReading *self);

/* The same options for a target and for the scratch that stands for it. `hidden` is the caller's to free. */
SchemaReadOptions drift_read_options(const DriftOptions *options, const char *schema,
                                     const char *const *hidden);

/* Targets whose expected schema is the same. */
typedef struct DriftSet {
    DriftBasis basis;
    char *expected;  /* fingerprint; NULL: not known */
    char *reason;    /* why it is not known, or why peers were asked; NULL */
    bool broken;     /* it cannot be known: the revisions do not run, nobody has a majority */
    GArray *members; /* of guint: indexes of targets and readings; the first stands for all */
} DriftSet;
void drift_set_free(DriftSet *self);

/* What drift works with, from the first target to the last cluster. Main thread. */
typedef struct Drift {
    const DriftOptions *options;
    GPtrArray *targets;  /* of const Target * */
    GPtrArray *readings; /* of DriftReading *, NULL where inactive */
    SchemaCache *cache;
    DevServers *servers;
    GPtrArray *sets; /* of DriftSet * */
} Drift;

/* Makes the sets and finds the expected schema of each. False after an interrupt. */
bool drift_expect(Drift *self);
/* What a target expects; its variables are resolved, into `variables`, only where a revision below its rows
 * uses one: request.variables tells. False with an error that names a row or a variable. */
bool drift_request(const Drift *self, guint index, ExpectedRequest *request, TargetVariables *variables,
                   GError **error);
/* Writes what leads from what was found to what is expected, and tries it on a scratch like the target's. */
DriftRepair *drift_repair(const Drift *self, const Target *target, const DriftReading *reading,
                          const SchemaModel *found, const SchemaModel *expected);
