/* The pages of its file that a SQLite session keeps between two pieces of work.
 *
 * Owns how many that are: to read one again costs next to nothing, and many sessions that each keep what a
 * large step has read take much memory. Refuses to limit what a statement uses while it runs, and to take
 * what a revision has asked for by PRAGMA cache_size. Worker thread only. */
#include "drivers/sqlite/sqlite_internal.h"

#define KEPT_BYTES (128 * 1024)

/* Counting them takes some hundred instructions. Those of an open transaction cannot be let go of. */
void sqlite_rest(Connection *base)
{
    SqliteConnection *self = (SqliteConnection *)base;
    int used = 0, most = 0;
    if (sqlite3_db_status(self->db, SQLITE_DBSTATUS_CACHE_USED, &used, &most, 0) != SQLITE_OK ||
        used <= KEPT_BYTES || !sqlite3_get_autocommit(self->db))
        return;
    sqlite_watch_begin(self, 0, true);
    if (!sqlite_settings_want_pages(self))
        sqlite3_db_release_memory(self->db);
}
