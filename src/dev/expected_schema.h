/* Expected schema: what the revisions below given version rows lead to, found by running them on a scratch
 * database and reading it back. Made once for all that asks alike, and kept in a schema cache under
 * everything that decides it: dialect, server, what the database is like, the rows, and of every revision
 * below them what it says and the variables that it uses. Main thread, as the dev servers. */
#pragma once

#include "dev/dev_servers.h"
#include "dev/schema_cache.h"
#include "plans/graph.h"
#include "schema/schema_dialect.h"

/* Where another track stands in the same database: what its revisions made is part of the schema. */
typedef struct ExpectedTrack {
    const char *name;
    const RevisionGraph *graph;
    char **rows; /* NULL-terminated */
    bool before; /* it comes first in the project: its revisions run before those of the request */
} ExpectedTrack;

typedef struct ExpectedRequest {
    const RevisionGraph *graph;
    const char *const *rows; /* NULL-terminated; empty: base */
    Dialect dialect;
    const char *server;      /* family, "PostgreSQL 15"; NULL: whatever the dev server is */
    const ScratchLike *like; /* NULL: defaults */
    GHashTable *variables;   /* resolved values; NULL: none */
    const GArray *others;    /* of ExpectedTrack; NULL: none */
    SchemaReadOptions read;  /* `hidden` is not needed; `schema`: a target that is one schema */
} ExpectedRequest;

/* Variables that the revisions below the rows use, of char *; empty if none. NULL with GRAPH_ERROR for a row
 * that no file knows. Caller unrefs. */
GPtrArray *expected_variables(const ExpectedRequest *request, GError **error);
/* A digest of everything that decides the schema: requests with the same one expect the same. Errors as
 * above. Caller frees. */
char *expected_key(const ExpectedRequest *request, GError **error);
/* The fingerprint; the model is in the cache then. Needs `server`. Errors of DEV_ERROR, DB_ERROR,
 * GRAPH_ERROR. Caller frees. */
char *expected_fingerprint(DevServers *servers, SchemaCache *cache, const ExpectedRequest *request,
                           GError **error);
/* The model. `cache` NULL, or no `server`: made anew. Caller frees. */
SchemaModel *expected_schema(DevServers *servers, SchemaCache *cache, const ExpectedRequest *request,
                             GError **error);
