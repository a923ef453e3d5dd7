/* Result of a check: where the revisions of a track do not lead to what its schema files say, dialect by
 * dialect, as plain values. The dev room fills it, the report room renders it. */
#pragma once

#include "dev/drift_result.h"

typedef struct SchemaCheckDialect {
    Dialect dialect;
    char *server;           /* "SQLite 3.40": what printed the texts */
    GPtrArray *renames;     /* of char *: statements of renames that hints say and no revision makes */
    GPtrArray *differences; /* of DriftDifference *: expected are the schema files, found the revisions */
    GPtrArray
        *possible_renames; /* of char *: drops and creates that may be meant so, as --rename takes them */
} SchemaCheckDialect;

typedef struct SchemaCheckResult {
    char *folder;        /* of the schema files */
    GPtrArray *dialects; /* of SchemaCheckDialect * */
} SchemaCheckResult;
SchemaCheckResult *schema_check_result_new(const char *folder);
void schema_check_result_free(SchemaCheckResult *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchemaCheckResult, schema_check_result_free)
bool schema_check_differs(const SchemaCheckDialect *self);
bool schema_check_result_differs(const SchemaCheckResult *self);
