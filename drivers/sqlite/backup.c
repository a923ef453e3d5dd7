/* Online backup of a SQLite file (https://www.sqlite.org/backup.html).
 *
 * The copy is taken page by page inside one read transaction of the source, so that it is the database of one
 * moment, and no write of others makes it start again. In WAL mode others write on meanwhile; with a rollback
 * journal they wait. Refuses to touch any file but the copy. Worker thread only. */
#include "drivers/sqlite/sqlite_internal.h"

/* Pages between two looks at the clock and at a cancel. */
#define PAGES_AT_ONCE 1000

typedef struct Copy {
    SqliteConnection *source;
    sqlite3 *into;
    const char *path;
    gint64 deadline; /* monotonic; 0: none */
} Copy;

static bool fail(const Copy *self, DbErrorClass error_class, const char *reason, GError **error)
{
    g_autofree char *shown = g_filename_display_name(self->path);
    g_autofree char *message = g_strdup_printf("the copy %s cannot be written: %s", shown, reason);
    g_propagate_error(error, db_error_new(error_class, NULL, message, NULL, NULL));
    return false;
}

static bool fail_with(const Copy *self, int code, GError **error)
{
    bool full = code == SQLITE_FULL;
    const char *reason = code == SQLITE_IOERR_WRITE ? "the disk or a limit refuses it" : sqlite3_errstr(code);
    return fail(self, full ? DB_ERROR_DISK_FULL : DB_ERROR_STATEMENT, reason, error);
}

/* The copy needs no journal of its own: a half one is thrown away, a whole one is synced by the caller. */
static bool open_copy(Copy *self, GError **error)
{
    int code = sqlite3_open_v2(self->path, &self->into, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(self->into, 1);
        code =
            sqlite3_exec(self->into, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
    }
    return code == SQLITE_OK || fail_with(self, code, error);
}

static bool may_go_on(const Copy *self, GError **error)
{
    if (sqlite_cancel_is_pending(self->source)) {
        g_propagate_error(error, sqlite_cancelled_error(self->source));
        return false;
    }
    if (!self->deadline || g_get_monotonic_time() < self->deadline)
        return true;
    return fail(self, DB_ERROR_TIMEOUT, "it took too long", error);
}

static bool copy_pages(Copy *self, GError **error)
{
    sqlite3_backup *backup = sqlite3_backup_init(self->into, "main", self->source->db, "main");
    if (!backup)
        return fail_with(self, sqlite3_extended_errcode(self->into), error);
    int code = SQLITE_OK;
    bool good = true;
    while (good && code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, PAGES_AT_ONCE);
        good = code == SQLITE_DONE || may_go_on(self, error);
    }
    int end = sqlite3_backup_finish(backup);
    if (!good)
        return false;
    return code == SQLITE_DONE && end == SQLITE_OK ? true
                                                   : fail_with(self, code == SQLITE_DONE ? end : code, error);
}

bool sqlite_backup(Connection *base, const char *path, unsigned timeout_ms, GError **error)
{
    Copy self = {.source = (SqliteConnection *)base,
                 .path = path,
                 .deadline = timeout_ms ? g_get_monotonic_time() + (gint64)timeout_ms * 1000 : 0};
    bool good = connection_run(base, "BEGIN", error) &&
                connection_run(base, "SELECT count(*) FROM sqlite_schema", error) &&
                open_copy(&self, error) && copy_pages(&self, error);
    int closed = sqlite3_close(self.into);
    connection_rollback(base);
    return good && closed != SQLITE_OK ? fail_with(&self, closed, error) : good;
}
