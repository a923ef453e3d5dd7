/* Track schemas: what a track's revisions lead to and what its schema files say, in one dialect, each as a
 * scratch database and its model. Main thread. */
#pragma once

#include "dev/schema_files.h"
#include "dev/scratch_revisions.h"

typedef struct TrackRequest {
    DevServers *servers;
    const RevisionGraph *graph;
    GHashTable *variables;         /* resolved values for sections; NULL: none */
    const char *folder;            /* of schema files */
    const ScratchLike *like;       /* NULL: the server's defaults */
    const char *schema;            /* the schema that stands for a target's own; NULL: the whole database */
    const SchemaModel *reference;  /* stands for what the revisions lead to: a target's; NULL */
    const SchemaHints *more_hints; /* beside those in schema files; NULL */
    bool strict_order;
    bool allow_recreate;
} TrackRequest;

typedef struct TrackSchemas {
    Dialect dialect; /* as asked for; the server may be the other one of its family */
    SchemaFiles *files;
    SchemaHints *hints;
    Scratch *head;       /* at the heads of the revisions, or as the reference is */
    Scratch *desired;    /* schema files loaded */
    SchemaModel *before; /* of `head` */
    SchemaModel *wanted; /* of `desired` */
} TrackSchemas;

/* Both databases, loaded and read. Errors: SCHEMA_ERROR_FILES with every problem of the files a line;
 * DEV_ERROR, DB_ERROR. What there is then is cleared as ever. */
bool track_schemas_open(TrackSchemas *self, const TrackRequest *request, Dialect dialect, GError **error);
void track_schemas_clear(TrackSchemas *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TrackSchemas, track_schemas_clear)

/* Another scratch database where the revisions lead, or as the reference is. */
Scratch *track_scratch_at_heads(const TrackRequest *request, Dialect dialect, GError **error);
