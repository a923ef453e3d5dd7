/* PostgreSQL: renames that a person asked for. */
#include "schema/postgres/objects_internal.h"
#include "schema/postgres/postgres_internal.h"

void postgres_schema_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script)
{
    pg_rename_labels(model, hints, script);
}
