/* The MySQL family's row of functions. There is no cheap pre-check: what information_schema knows of the time
 * of changes leaves out views, triggers, what an instant ALTER does, and a restart of the server; reading all
 * takes milliseconds. */
#include "schema/mysql/mysql_internal.h"

const SchemaDialect schema_mysql = {
    .read = mysql_read,
    .rename = mysql_rename,
    .write = mysql_write,
    .family = mysql_family,
};
