/* What the files of the PostgreSQL dialect share. */
#pragma once

#include "schema/postgres/catalog_internal.h"
#include "schema/schema_dialect.h"

/* ---- read.c ---- */

SchemaModel *postgres_schema_read(Connection *connection, const SchemaReadOptions *options, GError **error);
/* Sends the queries (NULL-terminated) in one message with the settings that their texts need; the answer to
 * the first of them is item *first of the result. */
bool postgres_read_batch(Connection *connection, const CatalogScope *scope, const char *const *queries,
                         BatchResult *result, unsigned *first, GError **error);

/* ---- precheck.c ---- */

char *postgres_schema_precheck(Connection *connection, const SchemaReadOptions *options, GError **error);
char *postgres_schema_family(const char *version);

/* ---- rename.c, write.c ---- */

void postgres_schema_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script);
void postgres_schema_write(const SchemaDiff *diff, ChangeScript *script);
