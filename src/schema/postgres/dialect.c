#include "schema/schema_dialect.h"

const SchemaDialect schema_postgres = {0};
