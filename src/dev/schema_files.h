/* Schema files: the desired schema as SQL files in a track's schema folder, loaded in any order.
 *
 * Every *.sql of the folder and its subfolders counts for all dialects, but a file NAME.postgres.sql,
 * NAME.mysql.sql, NAME.mariadb.sql or NAME.sqlite.sql, or one in a subfolder of such a name, only for its own
 * (mysql also for MariaDB). Statements that fail because something is not there yet are put back and tried
 * again until nothing moves; then the first failure of the last round is the error. A session that is loading
 * checks no function bodies and no foreign keys. Statements that reach beyond the database (CREATE DATABASE,
 * ROLE, TABLESPACE, ALTER SYSTEM …) are refused. */
#pragma once

#include "dev/dev_servers.h"
#include "schema/hints.h"

typedef struct SchemaFiles SchemaFiles;

/* Reads and splits the files that count for the dialect. NULL when anything is wrong with them. A folder
 * without files is an empty schema; one that is not there is an error that says how to begin ("dbfleet schema
 * dump"). */
SchemaFiles *schema_files_read(const char *folder, Dialect dialect, Diagnostics *problems);
void schema_files_free(SchemaFiles *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchemaFiles, schema_files_free)
/* Hints in comments: "-- dbfleet:renamed-from OLD" above or at the end of the line of a table, column, type,
 * …;
 * "-- dbfleet:using table.column = expression". Owned by the files. */
const SchemaHints *schema_files_hints(const SchemaFiles *self);
/* Into an empty database. False with DEV_ERROR_STATEMENT: file, line, what the server said. Roles that are
 * missing are made where the server is private or `create_roles`. */
bool schema_files_load(const SchemaFiles *self, Scratch *scratch, GError **error);
