/* What the files of the MySQL driver that examine share. */
#pragma once

#include "drivers/examine_internal.h"
#include "drivers/mysql/mysql_internal.h"

/* Tables, rights on them, and what stands in the way of changing them. */
void mysql_examine_objects(Connection *base, const ExamineOptions *options, Examination *examination);

/* Of `wanted` (NULL-terminated names of privileges), those that no row of SHOW GRANTS gives on the whole
 * database. Pure. Caller frees the array; the names are those of `wanted`. */
GPtrArray *mysql_grants_missing(const RowSet *grants, const char *database, const char *const *wanted);
/* True if a row gives the privilege on everything (ON *.*). Pure. */
bool mysql_grants_global(const RowSet *grants, const char *privilege);
