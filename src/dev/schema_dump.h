/* Schema dump: a model as schema files, one for each table with what is part of it, each view, function, type
 * and so on, such that a person finds things and a change shows where it belongs. The same model gives the
 * same files. Pure but for schema_dump_verify(). */
#pragma once

#include "dev/dev_servers.h"
#include "schema/schema_dialect.h"

typedef struct SchemaDumpFile {
    char *path; /* "tables/orders.sql" */
    char *text;
} SchemaDumpFile;

typedef struct SchemaDump {
    GPtrArray *files;    /* of SchemaDumpFile *, by path */
    GPtrArray *warnings; /* of char *: what could not be written */
} SchemaDump;

/* `empty`: what a new database of that server holds. */
SchemaDump *schema_dump_new(const SchemaModel *empty, const SchemaModel *model);
void schema_dump_free(SchemaDump *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchemaDump, schema_dump_free)
/* Everything as one text, in an order that runs from top to bottom. Caller frees. */
char *schema_dump_text(const SchemaModel *empty, const SchemaModel *model);

/* Writes the files below `folder`, making folders. */
bool schema_dump_write(const SchemaDump *self, const char *folder, GError **error);
/* Loads them into the empty scratch: how what is there then differs from the model, as lines (char *); none:
 * it is the same. NULL on error. Caller unrefs. */
GPtrArray *schema_dump_verify(const SchemaDump *self, Scratch *scratch, const SchemaModel *model,
                              GError **error);
