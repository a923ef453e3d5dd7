/* PostgreSQL: the statements that lead from one model to another. */
#include "schema/postgres/postgres_internal.h"

void postgres_schema_write(G_GNUC_UNUSED const SchemaDiff *diff, G_GNUC_UNUSED ChangeScript *script)
{
}
