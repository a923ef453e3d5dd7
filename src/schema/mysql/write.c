#include "schema/mysql/mysql_internal.h"

void mysql_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script)
{
    (void)model;
    (void)hints;
    (void)script;
}

void mysql_write(const SchemaDiff *diff, ChangeScript *script)
{
    (void)diff;
    (void)script;
}
