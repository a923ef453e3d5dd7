/* The dialects by their number, and thin callers. */
#include "schema/schema_dialect.h"

G_DEFINE_QUARK(dbfleet - schema - error, schema_error)

static const SchemaDialect *const dialects[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = &schema_postgres,
    [DIALECT_MYSQL] = &schema_mysql,
    [DIALECT_MARIADB] = &schema_mysql,
    [DIALECT_SQLITE] = &schema_sqlite,
};

const SchemaDialect *schema_dialect(Dialect dialect)
{
    return dialects[dialect];
}

SchemaModel *schema_read(Connection *connection, const SchemaReadOptions *options, GError **error)
{
    return schema_dialect(connection->server.dialect)->read(connection, options, error);
}

ChangeScript *schema_write(const SchemaDiff *diff)
{
    ChangeScript *script = change_script_new();
    schema_dialect(schema_model_dialect(diff->before))->write(diff, script);
    return script;
}

ChangeScript *schema_write_renames(const SchemaModel *model, const SchemaHints *hints)
{
    ChangeScript *script = change_script_new();
    schema_dialect(schema_model_dialect(model))->rename(model, hints, script);
    return script;
}
