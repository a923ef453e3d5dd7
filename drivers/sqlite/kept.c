/* Statements that a SQLite session compiles once.
 *
 * Owns which these are: what stands around each step and names no table, so that no change of the schema has
 * the library compile it anew. Refuses to keep one that failed or was cancelled. Worker thread only. */
#include "drivers/sqlite/sqlite_internal.h"

#include "drivers/registry_internal.h"
#include "drivers/version_store.h"

static bool stands_around_steps(const char *sql)
{
    return g_str_equal(sql, sqlite_driver.begin) || g_str_equal(sql, "COMMIT") ||
           g_str_has_suffix(sql, "/* " VERSION_STORE_MOVED " */");
}

sqlite3_stmt **sqlite_kept_place(SqliteConnection *self, const char *sql)
{
    if (!stands_around_steps(sql))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(self->kept); i++)
        if (!self->kept[i] || g_str_equal(sqlite3_sql(self->kept[i]), sql))
            return &self->kept[i];
    return NULL;
}

void sqlite_kept_free(SqliteConnection *self)
{
    for (gsize i = 0; i < G_N_ELEMENTS(self->kept); i++)
        sqlite3_finalize(g_steal_pointer(&self->kept[i]));
}
