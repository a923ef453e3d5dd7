/* PostgreSQL: renames that a person asked for. */
#include "schema/postgres/postgres_internal.h"

void postgres_schema_rename(G_GNUC_UNUSED const SchemaModel *model, G_GNUC_UNUSED const SchemaHints *hints,
                            G_GNUC_UNUSED ChangeScript *script)
{
}
