/* PostgreSQL's row of functions. */
#include "schema/postgres/postgres_internal.h"

const SchemaDialect schema_postgres = {
    .read = postgres_schema_read,
    .precheck = postgres_schema_precheck,
    .rename = postgres_schema_rename,
    .write = postgres_schema_write,
    .family = postgres_schema_family,
};
