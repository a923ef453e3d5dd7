/* The kinds of PostgreSQL's objects by their number. One a line. */
#include "schema/postgres/write_internal.h"

const PgKind *const pg_kinds[SCHEMA_KIND_COUNT] = {
    [SCHEMA_TABLE] = &pg_tables,
    [SCHEMA_COLUMN] = &pg_columns,
    [SCHEMA_CONSTRAINT] = &pg_constraints,
    [SCHEMA_INDEX] = &pg_indexes,
    [SCHEMA_VIEW] = &pg_views,
    [SCHEMA_VIEW_COLUMN] = &pg_view_columns,
    [SCHEMA_FUNCTION] = &pg_functions,
    [SCHEMA_PROCEDURE] = &pg_procedures,
    [SCHEMA_TRIGGER] = &pg_triggers,
};
