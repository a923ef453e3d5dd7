/* Schema try: one dialect of a command that compares what a track's revisions lead to with its schema files:
 * what it needs for that, and where it stands. Main thread. */
#pragma once

#include "commands/dev_request_internal.h"
#include "dev/track_schemas.h"

extern const OptionSpec schema_options[]; /* --rename, --strict-order */

typedef struct SchemaTry {
    Dialect dialect;
    TargetVariables variables;
    ScratchLike like;
    SchemaModel *reference; /* of --from-target; NULL */
    SchemaHints *typed;     /* --rename */
    TrackRequest request;
    TrackSchemas schemas;
} SchemaTry;

/* What a target holds and how it was created; it is only read. NULL: printed. */
SchemaModel *schema_try_read_target(const DevRequest *request, const Target *target, ScratchLike *like,
                                    int *exit_code);
/* A try for each dialect of the request; of SchemaTry *, with nothing opened yet. NULL where anything is
 * wrong, which has been printed. Caller unrefs, before the request is closed. */
GPtrArray *schema_tries_new(const DevRequest *request, int *exit_code);
/* Both schemas of one. False: printed, under the dialect's name where there are several. */
bool schema_try_open(SchemaTry *self, const DevRequest *request, int *exit_code);
/* "postgres: " where the request has several dialects, else "". */
const char *schema_try_prefix(const SchemaTry *self, const DevRequest *request);
/* Prints an error of a try. Returns the exit code. */
int schema_try_fail(const SchemaTry *self, const DevRequest *request, GError *error);
