/* What SQLite's result codes mean to dbfleet.
 *
 * Owns the tables from result code, message and errno to error class, and the hints. Refuses to retry or to
 * print. Called by the thread that owns the connection.
 * Source: https://www.sqlite.org/rescode.html */
#include "drivers/sqlite/sqlite_internal.h"

#include "drivers/version_store.h"

#include <errno.h>
#include <string.h>

typedef struct CodeRow {
    int code; /* an extended code, or a primary one that stands for all its extended ones */
    DbErrorClass error_class;
    const char *hint;
    const char *message; /* NULL: the library's */
} CodeRow;

static const CodeRow code_rows[] = {
    {SQLITE_READONLY_ROLLBACK, DB_ERROR_NEEDS_RECOVERY,
     "A run with --yes does so, or `sqlite3 FILE .tables`.",
     "a writer died and left a journal, which a read-only session may not roll back"},
    {SQLITE_READONLY_RECOVERY, DB_ERROR_NEEDS_RECOVERY,
     "A run with --yes does so, or `sqlite3 FILE .tables`.",
     "a writer died and left a write-ahead log, which a read-only session may not recover"},
    {SQLITE_READONLY_DBMOVED, DB_ERROR_CONNECTION_LOST, "The file was moved or replaced while it was open.",
     NULL},
    {SQLITE_READONLY_DIRECTORY, DB_ERROR_READ_ONLY, "Let the user who runs dbfleet write the folder.",
     "the journal cannot be made: the database's folder may not be written"},
    {SQLITE_IOERR_NOMEM, DB_ERROR_STATEMENT, NULL, NULL},
    {SQLITE_BUSY_SNAPSHOT, DB_ERROR_LOCK_TIMEOUT,
     "Another connection wrote after this transaction's first read: run it again.", NULL},
    {SQLITE_BUSY, DB_ERROR_LOCK_TIMEOUT,
     "Another connection has the file locked: wait for its transaction to end, or raise lock_timeout; `fuser "
     "FILE` names the processes that have it open.",
     NULL},
    {SQLITE_LOCKED, DB_ERROR_LOCK_TIMEOUT, NULL, NULL},
    {SQLITE_PROTOCOL, DB_ERROR_LOCK_TIMEOUT, NULL, NULL},
    {SQLITE_READONLY, DB_ERROR_READ_ONLY, NULL, NULL},
    {SQLITE_PERM, DB_ERROR_PERMISSION, NULL, NULL},
    {SQLITE_AUTH, DB_ERROR_PERMISSION, NULL, NULL},
    {SQLITE_FULL, DB_ERROR_DISK_FULL,
     "Make room on the file's device, or raise the database's max_page_count.", NULL},
    {SQLITE_NOTADB, DB_ERROR_UNSUPPORTED, "The file is not an SQLite database, or it is encrypted.", NULL},
    {SQLITE_CORRUPT, DB_ERROR_STATEMENT,
     "The file is damaged: `PRAGMA integrity_check` tells more; restore it from a backup.", NULL},
    {SQLITE_CANTOPEN, DB_ERROR_NO_DATABASE, NULL, NULL},
    /* Around COMMIT it leaves open whether that took effect: the file has to be opened again and read. */
    {SQLITE_IOERR, DB_ERROR_CONNECTION_LOST, NULL, NULL},
};

/* SQLITE_ERROR is all that the library says of these. */
static const struct {
    const char *prefix;
    DbErrorClass error_class;
} message_rows[] = {
    {"no such table: ", DB_ERROR_UNDEFINED_TABLE},
    {"unknown database ", DB_ERROR_UNDEFINED_TABLE},
};

static const struct {
    int system_errno;
    DbErrorClass error_class;
} errno_rows[] = {
    {ENOSPC, DB_ERROR_DISK_FULL},   {EDQUOT, DB_ERROR_DISK_FULL},    {EFBIG, DB_ERROR_DISK_FULL},
    {EROFS, DB_ERROR_READ_ONLY},    {EACCES, DB_ERROR_PERMISSION},   {EPERM, DB_ERROR_PERMISSION},
    {ENOENT, DB_ERROR_NO_DATABASE}, {ENOTDIR, DB_ERROR_NO_DATABASE},
};

static int primary_code(int code)
{
    return code & 0xff;
}

static const CodeRow *row_of_code(int code)
{
    for (gsize i = 0; i < G_N_ELEMENTS(code_rows); i++)
        if (code_rows[i].code == code)
            return &code_rows[i];
    return code == primary_code(code) ? NULL : row_of_code(primary_code(code));
}

DbErrorClass sqlite_errno_class(int system_errno)
{
    for (gsize i = 0; i < G_N_ELEMENTS(errno_rows); i++)
        if (errno_rows[i].system_errno == system_errno)
            return errno_rows[i].error_class;
    return DB_ERROR_STATEMENT;
}

static DbErrorClass class_of_message(const char *message)
{
    for (gsize i = 0; i < G_N_ELEMENTS(message_rows); i++)
        if (g_str_has_prefix(message, message_rows[i].prefix))
            return message_rows[i].error_class;
    return DB_ERROR_STATEMENT;
}

/* Only where the library failed in a system call; else its errno is one of long ago. */
static int errno_behind(const SqliteConnection *self, int code)
{
    bool system_call = primary_code(code) == SQLITE_CANTOPEN || primary_code(code) == SQLITE_IOERR;
    return system_call ? sqlite3_system_errno(self->db) : 0;
}

static DbErrorClass class_of_code(const SqliteConnection *self, int code)
{
    DbErrorClass by_errno = sqlite_errno_class(errno_behind(self, code));
    bool told = by_errno != DB_ERROR_STATEMENT && primary_code(code) == SQLITE_CANTOPEN;
    if (told || by_errno == DB_ERROR_DISK_FULL)
        return by_errno;
    if (primary_code(code) == SQLITE_ERROR)
        return class_of_message(sqlite3_errmsg(self->db));
    const CodeRow *row = row_of_code(code);
    return row ? row->error_class : DB_ERROR_STATEMENT;
}

/* Our check of a version write: abs() of the smallest integer, in a statement that carries our mark. */
static bool is_failed_version_write(const SqliteConnection *self, int code, const char *item)
{
    return primary_code(code) == SQLITE_ERROR && item && strstr(item, VERSION_STORE_MOVED) &&
           g_str_equal(sqlite3_errmsg(self->db), "integer overflow");
}

static bool was_stopped(const SqliteConnection *self, int code, StopReason reason)
{
    return self->stop == reason &&
           (primary_code(code) == SQLITE_INTERRUPT || primary_code(code) == SQLITE_BUSY);
}

GError *sqlite_cancelled_error(SqliteConnection *self)
{
    sqlite_cancel_consume(self);
    return db_error_new(DB_ERROR_CANCELLED, NULL, "cancelled by dbfleet", NULL, NULL);
}

static GError *timeout_error(const SqliteConnection *self)
{
    g_autofree char *message =
        g_strdup_printf("stopped after %u ms, the statement timeout", self->statement_timeout_ms);
    return db_error_new(DB_ERROR_TIMEOUT, NULL, message, NULL,
                        "Raise statement_timeout if it may take longer.");
}

GError *sqlite_error(SqliteConnection *self, int code, const char *item)
{
    if (was_stopped(self, code, STOP_TIMEOUT))
        return timeout_error(self);
    if (was_stopped(self, code, STOP_CANCELLED) || primary_code(code) == SQLITE_INTERRUPT)
        return sqlite_cancelled_error(self);
    g_autofree char *number = g_strdup_printf("%d", code);
    if (is_failed_version_write(self, code, item))
        return db_error_new(DB_ERROR_HEADS_MOVED, number, VERSION_STORE_MOVED, NULL, NULL);
    const CodeRow *row = row_of_code(code);
    const char *message = row && row->message ? row->message : sqlite3_errmsg(self->db);
    int system_errno = errno_behind(self, code);
    return db_error_new(class_of_code(self, code), number, message,
                        system_errno ? g_strerror(system_errno) : NULL, row ? row->hint : NULL);
}
