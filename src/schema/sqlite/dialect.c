#include "schema/schema_dialect.h"

const SchemaDialect schema_sqlite = {0};
