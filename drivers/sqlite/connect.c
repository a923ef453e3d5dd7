/* Opening and closing a SQLite file.
 *
 * Owns what a session is before its first statement: that the path is a database which may be opened so.
 * Refuses to open the file by any way but the library (closing another descriptor on it would drop the
 * library's locks, https://www.sqlite.org/howtocorrupt.html section 2.2), and to read a database whose state
 * it cannot be sure of: no immutable=1, no ignoring of journals. Worker thread only. */
#include "drivers/sqlite/sqlite_internal.h"

#include "drivers/registry_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IN_MEMORY ":memory:"
#define SCHEMA_TABLE "sqlite_master"
#define OLDEST_VERSION 3035000
#define RESOLVES_LINKS 3039000 /* the library itself makes the path of a file canonical */
#define LONGEST_PATH 510       /* bytes: the library's limit for files on Unix, less what it adds */

char *sqlite_version(void)
{
    return g_strdup_printf("SQLite %s", sqlite3_libversion());
}

bool sqlite_is_in_memory(const SqliteConnection *self)
{
    return g_str_equal(self->base.server.database, IN_MEMORY);
}

/* ---- Refusals before the library is asked ---- */

static bool check_library(GError **error)
{
    const char *problem = NULL;
    if (sqlite3_libversion_number() < OLDEST_VERSION)
        problem = "is older than 3.35, the oldest that dbfleet works with";
    else if (!sqlite3_threadsafe())
        problem = "was built without thread safety";
    if (problem) {
        g_autofree char *message = g_strdup_printf("the SQLite library %s %s", sqlite3_libversion(), problem);
        g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, NULL, NULL));
    }
    return !problem;
}

static bool refuse_path(DbErrorClass error_class, const char *path, const char *problem, const char *hint,
                        GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);
    g_autofree char *message = g_strdup_printf("%s %s", shown, problem);
    g_propagate_error(error, db_error_new(error_class, NULL, message, NULL, hint));
    return false;
}

static bool refuse_missing(const char *path, const ConnectOptions *options, GError **error)
{
    if (options->create && options->read_only) {
        return refuse_path(DB_ERROR_NO_DATABASE, path, "does not exist",
                           "An upgrade makes it: the target says `create: true`.", error);
    }
    return refuse_path(DB_ERROR_NO_DATABASE, path, "does not exist",
                       "Correct the path, or say `create: true` at the target to have it made.", error);
}

/* What is there and is no database is another matter than nothing there: `create` would not help. The
 * library's own messages for these are all "unable to open database file". */
static bool check_path(const char *path, const ConnectOptions *options, GError **error)
{
    if (strlen(path) > LONGEST_PATH) {
        return refuse_path(DB_ERROR_UNSUPPORTED, path, "is longer than the paths that SQLite takes", NULL,
                           error);
    }
    struct stat status;
    bool creates = options->create && !options->read_only;
    if (stat(path, &status) != 0) {
        bool missing = errno == ENOENT || errno == ENOTDIR;
        return missing && !creates ? refuse_missing(path, options, error) : true;
    }
    if (S_ISDIR(status.st_mode))
        return refuse_path(DB_ERROR_UNSUPPORTED, path, "is a folder", "Name a file in it.", error);
    return S_ISREG(status.st_mode) ||
           refuse_path(DB_ERROR_UNSUPPORTED, path, "is not a regular file", NULL, error);
}

/* ---- Opening ---- */

/* What the library cannot read as a URI ("file:…") whatever it was built with. */
static char *plain_path(const char *path)
{
    bool plain = g_path_is_absolute(path) || g_str_equal(path, IN_MEMORY);
    return plain ? g_strdup(path) : g_build_filename(".", path, NULL);
}

/* NOMUTEX: a connection is used by one thread at a time, and sqlite3_interrupt() takes no mutex anyway. */
static int open_flags(const ConnectOptions *options)
{
    if (options->read_only)
        return SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY;
    return SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (options->create ? SQLITE_OPEN_CREATE : 0);
}

/* What would be a broken connection later is one that was not made. */
static bool fail_to_open(SqliteConnection *self, int code, const char *path, GError **error)
{
    GError *failure = sqlite_error(self, code, NULL);
    if (failure->code == (int)DB_ERROR_CONNECTION_LOST)
        failure->code = (int)DB_ERROR_UNREACHABLE;
    g_autofree char *shown = g_filename_display_name(path);
    g_prefix_error(&failure, "cannot open %s: ", shown);
    g_propagate_error(error, failure);
    return false;
}

static bool open_file(SqliteConnection *self, const ConnectOptions *options, const char *path, GError **error)
{
    int code = sqlite3_open_v2(path, &self->db, open_flags(options), NULL);
    if (code != SQLITE_OK)
        return fail_to_open(self, sqlite3_extended_errcode(self->db), path, error);
    sqlite3_extended_result_codes(self->db, 1);
    return true;
}

/* ---- What was opened ---- */

/* Asked for writing, the library opens a write-protected file for reading and says nothing. */
static bool check_writable(SqliteConnection *self, const char *path, GError **error)
{
    if (!sqlite3_db_readonly(self->db, "main"))
        return true;
    const char *reason =
        faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 ? g_strerror(errno) : "the device is read-only";
    g_autofree char *shown = g_filename_display_name(path);
    g_autofree char *message = g_strdup_printf("%s cannot be written: %s", shown, reason);
    g_propagate_error(error, db_error_new(DB_ERROR_READ_ONLY, NULL, message, NULL,
                                          "Let the user who runs dbfleet write the file and its folder."));
    return false;
}

/* The database itself could be opened, so it is about a file beside it. */
static bool is_about_journal(int code)
{
    return (code & 0xff) == SQLITE_CANTOPEN || code == SQLITE_READONLY_CANTINIT ||
           code == SQLITE_READONLY_DIRECTORY;
}

/* A journal cannot be passed over: without it the file alone may be old or half-written. A write-ahead log
 * needs its -shm file even to read. */
static bool refuse_journal(SqliteConnection *self, int code, const char *path, GError **error)
{
    g_autoptr(GError) failure = sqlite_error(self, code, NULL);
    bool missing = failure->code == (int)DB_ERROR_NO_DATABASE; /* not the database: what is beside it */
    g_autofree char *shown = g_filename_display_name(path);
    g_autofree char *message = g_strdup_printf(
        "cannot open %s: its journal (-journal, -wal or -shm beside it) cannot be opened or made", shown);
    const DbErrorDetail *detail = db_error_detail(failure);
    g_propagate_error(error,
                      db_error_new(missing ? DB_ERROR_READ_ONLY : (DbErrorClass)failure->code, detail->code,
                                   message, detail->detail,
                                   "Let the user who runs dbfleet write the folder and the files in it, or "
                                   "have the database leave WAL mode (PRAGMA journal_mode = DELETE)."));
    return false;
}

/* Of two limits in milliseconds, where 0 is none. */
static unsigned shorter_limit(unsigned a, unsigned b)
{
    return a && b ? MIN(a, b) : MAX(a, b);
}

/* What is read as soon as it is open shares a lock with the reading of the schema. The pragma is the least
 * that takes it: BEGIN alone does not. */
static int begin_reading(SqliteConnection *self, const ConnectOptions *options)
{
    if (!options->first || !options->read_only)
        return SQLITE_OK;
    self->begun_reading = true;
    return sqlite3_exec(self->db, "BEGIN; PRAGMA schema_version", NULL, NULL, NULL);
}

/* Opening reads nothing yet: whether it is a database, whole and free, is known only now. The schema, which
 * is read with it and kept, is what every query needs first. */
static bool check_readable(SqliteConnection *self, const char *path, const ConnectOptions *options,
                           GError **error)
{
    self->lock_timeout_ms = shorter_limit(options->connect_timeout_ms, options->lock_timeout_ms);
    sqlite_watch(self);
    sqlite_watch_begin(self, 0, false);
    int code = begin_reading(self, options);
    if (code == SQLITE_OK)
        code =
            sqlite3_table_column_metadata(self->db, "main", SCHEMA_TABLE, NULL, NULL, NULL, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite_settings_remember(self, options);
    if (code == SQLITE_OK)
        code = sqlite_functions_add(self);
    self->lock_timeout_ms = options->lock_timeout_ms;
    if (is_about_journal(code))
        return refuse_journal(self, code, path, error);
    return code == SQLITE_OK || fail_to_open(self, code, path, error);
}

/* Every link resolved, so that two ways to a file are one target with one lock. NULL if it vanished
 * meanwhile. */
static char *canonical_path(const SqliteConnection *self, const char *path)
{
    if (g_str_equal(path, IN_MEMORY))
        return g_strdup(path);
    const char *opened = sqlite3_db_filename(self->db, "main");
    if (sqlite3_libversion_number() >= RESOLVES_LINKS)
        return g_strdup(opened);
    char *resolved = realpath(opened, NULL);
    char *copy = g_strdup(resolved);
    free(resolved);
    return copy;
}

static bool describe(SqliteConnection *self, const char *path, GError **error)
{
    ServerInfo *server = &self->base.server;
    server->dialect = DIALECT_SQLITE;
    server->version = sqlite_version();
    server->database = canonical_path(self, path);
    server->identity = g_strdup(server->database);
    server->schema = g_strdup("main");
    return server->database ||
           refuse_path(DB_ERROR_UNSUPPORTED, path, "vanished while it was opened", NULL, error);
}

/* ---- The connection ---- */

static SqliteConnection *connection_new(void)
{
    SqliteConnection *self = g_new0(SqliteConnection, 1);
    self->base.driver = &sqlite_driver;
    self->lock_descriptor = -1;
    pthread_mutex_init(&self->cancel_guard, NULL);
    return self;
}

void sqlite_close(Connection *base)
{
    SqliteConnection *self = (SqliteConnection *)base;
    sqlite_kept_free(self);
    sqlite_forget_bound(self);
    pthread_mutex_lock(&self->cancel_guard);
    sqlite3 *db = g_steal_pointer(&self->db);
    pthread_mutex_unlock(&self->cancel_guard);
    sqlite3_close(db);
    sqlite_unlock(base, NULL);
    server_info_clear(&base->server);
    pthread_mutex_destroy(&self->cancel_guard);
    g_free(self->application);
    g_free(self->restore);
    g_free(self);
}

Connection *sqlite_connect(const ConnectOptions *options, GError **error)
{
    if (!options->url->database || !*options->url->database) {
        refuse_path(DB_ERROR_NO_DATABASE, "the URL", "names no file", "Write sqlite:folder/file.db.", error);
        return NULL;
    }
    sqlite_library_init();
    g_autofree char *path = plain_path(options->url->database);
    bool in_memory = g_str_equal(path, IN_MEMORY);
    if (!check_library(error) || !(in_memory || check_path(path, options, error)))
        return NULL;
    g_autoptr(Connection) base = (Connection *)connection_new();
    SqliteConnection *self = (SqliteConnection *)base;
    if (!open_file(self, options, path, error))
        return NULL;
    sqlite_settings_apply(self, options);
    if (!(options->read_only || check_writable(self, path, error)) ||
        !check_readable(self, path, options, error) || !describe(self, path, error))
        return NULL;
    return g_steal_pointer(&base);
}
