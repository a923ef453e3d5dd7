#include "schema/schema_dialect.h"

const SchemaDialect schema_mysql = {0};
