/* The settings of a SQLite session: what connect sets, and how that is put back after SQL of a user changed
 * it.
 *
 * Owns the list of pragmas that outlive the statement that set them and change what later statements mean.
 * Refuses to touch what belongs to the file (journal mode, page size) or only makes things faster. Worker
 * thread only. */
#include "drivers/sqlite/sqlite_internal.h"

#include <string.h>

/* https://www.sqlite.org/pragma.html; each answers with its value. foreign_keys is ignored inside a
 * transaction, where it could not have been changed either. */
static const char *const restored_pragmas[] = {
    "foreign_keys",       "ignore_check_constraints", "legacy_alter_table", "query_only",
    "recursive_triggers", "trusted_schema",           "writable_schema",
};

/* Takes the column's text of a one-row pragma into the connection's text of what to restore. */
static int on_pragma(void *data, int columns, char **values, char **names)
{
    GString *restore = data;
    if (columns == 1 && values[0])
        g_string_append_printf(restore, "PRAGMA %s = %s;\n", names[0], values[0]);
    return 0;
}

/* Read and not assumed: the defaults are the library builder's choice. */
int sqlite_settings_remember(SqliteConnection *self)
{
    g_autoptr(GString) restore = g_string_new(NULL);
    int code = SQLITE_OK;
    for (gsize i = 0; code == SQLITE_OK && i < G_N_ELEMENTS(restored_pragmas); i++) {
        g_autofree char *sql = g_strdup_printf("PRAGMA %s", restored_pragmas[i]);
        code = sqlite3_exec(self->db, sql, on_pragma, restore, NULL);
    }
    self->restore = g_strdup(restore->str);
    return code;
}

void sqlite_settings_apply(SqliteConnection *self, const ConnectOptions *options)
{
    sqlite3_db_config(self->db, SQLITE_DBCONFIG_ENABLE_FKEY, (int)options->foreign_keys, NULL);
    self->application = g_strdup(options->application_name ? options->application_name : "dbfleet");
    self->lock_timeout_ms = options->lock_timeout_ms;
    self->statement_timeout_ms = options->statement_timeout_ms;
}

void sqlite_add_restore(Connection *base, Batch *batch)
{
    const SqliteConnection *self = (const SqliteConnection *)base;
    batch_add(batch, &(BatchItem){.sql = self->restore, .length = strlen(self->restore)});
}
