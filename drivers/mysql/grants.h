/* Grants: what the lines of SHOW GRANTS give. Pure. */
#pragma once

#include "drivers/driver.h"

/* Of `wanted` (NULL-terminated names of privileges), those that no row of SHOW GRANTS gives on the whole
 * database. Caller frees the array; the names are those of `wanted`. */
GPtrArray *mysql_grants_missing(const RowSet *grants, const char *database, const char *const *wanted);
/* True if a row gives the privilege on everything (ON *.*). */
bool mysql_grants_global(const RowSet *grants, const char *privilege);
