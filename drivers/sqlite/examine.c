/* Examining a SQLite file: rights on file, folder and lock file, what lies beside it, the file system, free
 * space, dbfleet's two tables.
 *
 * Refuses to open the database by any way but the library, and to take the target's lock. Worker thread
 * only. */
#include "drivers/examine_internal.h"
#include "drivers/sqlite/sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LARGE_WAL (256 * 1024 * 1024)
#define MEGABYTE (1024 * 1024)

typedef struct File {
    SqliteConnection *connection;
    const ExamineOptions *options;
    Examination *examination;
    GPtrArray *findings;
    const char *path;
} File;

/* File systems whose locks other machines, or the library, cannot trust (statfs(2)). */
static const struct {
    guint32 magic;
    const char *name;
} network_systems[] = {
    {0x6969, "NFS"},        {0xFF534D42, "CIFS"}, {0x517B, "SMB"},    {0xFE534D42, "SMB2"},
    {0x00C36400, "CephFS"}, {0x5346414F, "AFS"},  {0x01021997, "9P"},
};

/* ---- Rights ---- */

static bool may_write(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

static void check_rights(const File *self)
{
    g_autofree char *folder = g_path_get_dirname(self->path);
    g_autofree char *lock = g_strconcat(self->path, ".dbfleet-lock", NULL);
    if (!may_write(self->path))
        findings_add(self->findings, FINDING_ERROR, "privileges",
                     "Let the user who runs dbfleet write the file.", "%s cannot be written: %s", self->path,
                     g_strerror(errno));
    if (!may_write(folder))
        findings_add(self->findings, FINDING_ERROR, "privileges",
                     "Let the user who runs dbfleet write the folder.",
                     "folder %s cannot be written (%s): SQLite makes its journal there, and dbfleet its lock",
                     folder, g_strerror(errno));
    if (faccessat(AT_FDCWD, lock, F_OK, AT_EACCESS) == 0 && !may_write(lock))
        findings_add(self->findings, FINDING_ERROR, "lock", "Give it the owner and the mode of the database.",
                     "lock file %s cannot be written: %s", lock, g_strerror(errno));
}

/* ---- Where it is ---- */

static void check_file_system(const File *self)
{
    struct statfs system;
    if (statfs(self->path, &system) != 0)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(network_systems); i++)
        if ((guint32)system.f_type == network_systems[i].magic)
            findings_add(self->findings, FINDING_WARNING, "file-system",
                         "Keep the file on a disk of the machine that uses it.",
                         "the file is on %s, where locks are not to be trusted between machines",
                         network_systems[i].name);
}

static gint64 size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (gint64)status.st_size : 0;
}

static void check_space(const File *self)
{
    struct statvfs space;
    gint64 size = size_of(self->path);
    if (statvfs(self->path, &space) != 0)
        return;
    gint64 available = (gint64)(space.f_bavail * space.f_frsize);
    if (available < MAX(size, MEGABYTE))
        findings_add(self->findings, FINDING_WARNING, "disk-space", "Make room before an upgrade.",
                     "%" G_GINT64_FORMAT " MB are free beside a file of %" G_GINT64_FORMAT
                     " MB: a rebuilt table and its journal may need as much again",
                     available / MEGABYTE, size / MEGABYTE);
}

/* ---- What lies beside it ---- */

static void check_wal(const File *self)
{
    g_autofree char *wal = g_strconcat(self->path, "-wal", NULL);
    gint64 size = size_of(wal);
    if (size > LARGE_WAL)
        findings_add(self->findings, FINDING_NOTE, "wal",
                     "End the reader that is open for long, then PRAGMA wal_checkpoint(TRUNCATE).",
                     "its write-ahead log has grown to %" G_GINT64_FORMAT
                     " MB: something keeps it from being folded in",
                     size / MEGABYTE);
}

/* ---- In it ---- */

static RowSet *query(const File *self, const char *subject, const char *format, ...) G_GNUC_PRINTF(3, 4);
static RowSet *query(const File *self, const char *subject, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return examine_query(&self->connection->base, self->examination, subject, sql);
}

static void check_tables(const File *self)
{
    g_autofree char *version = sql_quote_literal(DIALECT_SQLITE, self->options->version_table);
    g_autofree char *history = sql_quote_literal(DIALECT_SQLITE, self->options->history_table);
    g_autoptr(RowSet) key = query(self, "version-table",
                                  "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = %s "
                                  "COLLATE NOCASE AND NOT EXISTS (SELECT 1 FROM pragma_index_list(%s) WHERE "
                                  "\"unique\")",
                                  version, version);
    if (key && key->rows->len > 0)
        findings_add(self->findings, FINDING_WARNING, "version-table",
                     "Add the key: CREATE UNIQUE INDEX … (version_num).",
                     "table %s has no primary key: nothing keeps a revision from standing there twice",
                     self->options->version_table);
    g_autoptr(RowSet) columns = query(self, "history", "SELECT name FROM pragma_table_info(%s)", history);
    g_autoptr(GPtrArray) names = examine_names(columns);
    examine_history_columns(self->options, names, self->examination);
}

static void check_foreign_keys(const File *self)
{
    g_autoptr(RowSet) rows = query(
        self, "foreign-keys",
        "SELECT DISTINCT m.name FROM main.sqlite_schema m, pragma_foreign_key_list(m.name) WHERE m.type "
        "= 'table' ORDER BY 1");
    if (!rows || rows->rows->len == 0 || self->options->foreign_keys)
        return;
    g_autoptr(GPtrArray) names = examine_names(rows);
    g_autofree char *list = finding_names(names, EXAMINE_NAMES_SHOWN);
    findings_add(self->findings, FINDING_NOTE, "foreign-keys",
                 "Say \"foreign_keys: true\" at the target to have them checked.",
                 "%u %s foreign keys, which dbfleet's sessions do not check here: %s", names->len,
                 names->len == 1 ? "table has" : "tables have", list);
}

/* Damage may be a result or an error. */
static void check_whole(const File *self)
{
    static const char advice[] = "Restore the file from a backup; do not upgrade it.";
    g_autoptr(GError) error = NULL;
    if (!self->options->deep)
        return;
    g_autoptr(RowSet) rows = connection_query(&self->connection->base, "PRAGMA main.quick_check(3)", &error);
    g_autoptr(GPtrArray) names = examine_names(rows);
    g_autofree char *list = finding_names(names, EXAMINE_NAMES_SHOWN);
    bool stopped = g_error_matches(error, DB_ERROR, DB_ERROR_TIMEOUT) ||
                   g_error_matches(error, DB_ERROR, DB_ERROR_LOCK_TIMEOUT);
    if (stopped)
        findings_add(self->findings, FINDING_NOTE, "integrity", "Raise the target's statement_timeout.",
                     "quick_check did not come to its end: %s", error->message);
    else if (error || g_strcmp0(list, "ok") != 0)
        findings_add(self->findings, FINDING_ERROR, "integrity", advice, "quick_check: %s",
                     error ? error->message : list);
}

void sqlite_examine(Connection *base, const ExamineOptions *options, Examination *examination)
{
    const File self = {(SqliteConnection *)base, options, examination, examination->findings,
                       base->server.database};
    if (!sqlite_is_in_memory(self.connection)) {
        check_rights(&self);
        check_file_system(&self);
        check_space(&self);
        check_wal(&self);
    }
    check_tables(&self);
    check_foreign_keys(&self);
    check_whole(&self);
}
