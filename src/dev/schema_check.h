/* Checking schemas: what a track's revisions lead to against its schema files. Changes its scratch databases
 * only. Main thread. */
#pragma once

#include "dev/schema_check_result.h"
#include "dev/track_schemas.h"

/* Adds what was found in one dialect. Renames that hints say are made on the scratch first and told as such.
 * False and an error of SCHEMA_ERROR or DB_ERROR. */
bool schema_check_add(SchemaCheckResult *self, const TrackSchemas *schemas, GError **error);
