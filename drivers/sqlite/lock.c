/* The lock of a SQLite target: flock() on FILE.dbfleet-lock beside the database.
 *
 * Owns that file: it is made on first use and never removed, or two holders could each have their own. The
 * kernel frees the lock when its holder dies; the text in the file tells people who holds it and decides
 * nothing. One lock covers all tracks of a file, as SQLite has one writer anyway. Refuses to open the
 * database itself: closing a descriptor on it would drop the library's own locks. flock() locks belong to the
 * open file, so two connections of one process exclude each other too. Worker thread only. */
#include "drivers/sqlite/sqlite_internal.h"

#include "base/duration.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_SUFFIX ".dbfleet-lock"
#define HOLDER_PREFIX "pid "
#define HOLDER_MAX 1024 /* bytes of the file that are read */

static char *lock_path(const SqliteConnection *self)
{
    return g_strconcat(self->base.server.database, LOCK_SUFFIX, NULL);
}

static bool fail_with_errno(const char *path, const char *problem, GError **error)
{
    int system_errno = errno;
    g_autofree char *shown = g_filename_display_name(path);
    g_autofree char *message =
        g_strdup_printf("lock file %s %s: %s", shown, problem, g_strerror(system_errno));
    g_propagate_error(error,
                      db_error_new(sqlite_errno_class(system_errno), NULL, message, NULL,
                                   "The target's lock is a file beside the database: the user who runs "
                                   "dbfleet has to be able to write both the file and its folder."));
    return false;
}

/* ---- The file ---- */

/* Whoever may write the database may take its lock: same mode whatever the umask says, and same owner where
 * root makes it for another. Without O_CREAT first: in a sticky folder the kernel refuses it for a file of
 * another user. */
static int open_or_make(const SqliteConnection *self, const char *path)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int descriptor = open(path, flags);
    struct stat database;
    if (descriptor >= 0 || errno != ENOENT || stat(self->base.server.database, &database) != 0)
        return descriptor;
    mode_t mode = database.st_mode & 0666;
    descriptor = open(path, flags | O_CREAT | O_EXCL, mode);
    if (descriptor < 0)
        return errno == EEXIST ? open(path, flags) : -1;
    bool owned = geteuid() != 0 || fchown(descriptor, database.st_uid, database.st_gid) == 0;
    if (owned && fchmod(descriptor, mode) != 0)
        g_debug("%s keeps the mode it was made with: %s", path, g_strerror(errno));
    return descriptor;
}

/* Not so if somebody removed the file after it was opened: the next to come would lock another one. */
static bool is_still_named(int descriptor, const char *path)
{
    struct stat opened, named;
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* *descriptor is -1 where another has the lock. */
static bool take(const SqliteConnection *self, const char *path, int *descriptor, GError **error)
{
    int opened = open_or_make(self, path);
    if (opened < 0)
        return fail_with_errno(path, "cannot be opened", error);
    bool ok = true;
    if (TEMP_FAILURE_RETRY(flock(opened, LOCK_EX | LOCK_NB)) != 0) {
        ok = errno == EWOULDBLOCK || fail_with_errno(path, "cannot be locked", error);
    } else if (is_still_named(opened, path)) {
        *descriptor = opened;
        return true;
    }
    close(opened);
    *descriptor = -1;
    return ok;
}

/* ---- The text in it ---- */

/* For people only, so a failure is not one: the lock is held whatever the file says. What a longer one leaves
 * behind is cut off. */
static void write_text(int descriptor, const char *text)
{
    gsize length = strlen(text);
    if ((length > 0 && pwrite(descriptor, text, length, 0) != (gssize)length) ||
        ftruncate(descriptor, (off_t)length) != 0)
        g_debug("the lock file does not say who holds it: %s", g_strerror(errno));
}

static void write_holder(const SqliteConnection *self, const char *key)
{
    g_autofree char *application = g_strdelimit(g_strdup(self->application), "\r\n", ' ');
    g_autofree char *since = timestamp_format(g_get_real_time());
    g_autofree char *text =
        g_strdup_printf(HOLDER_PREFIX "%ld, application %s, user %s, on host %s, since %s\nkey %s\n",
                        (long)getpid(), application, g_get_user_name(), g_get_host_name(), since, key);
    write_text(self->lock_descriptor, text);
}

/* The kernel freed the lock with its holder, and the text stayed: so says a process of this machine that is
 * gone. */
static bool is_left_behind(const char *holder)
{
    g_autofree char *here = g_strdup_printf(", on host %s,", g_get_host_name());
    gint64 pid = g_ascii_strtoll(holder + strlen(HOLDER_PREFIX), NULL, 10);
    return strstr(holder, here) && pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static char *read_holder(int descriptor)
{
    char text[HOLDER_MAX + 1] = "";
    gssize length = pread(descriptor, text, HOLDER_MAX, 0);
    if (length <= 0 || !g_str_has_prefix(text, HOLDER_PREFIX))
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    if (is_left_behind(text))
        return NULL;
    return g_utf8_make_valid(text, -1);
}

/* ---- The driver's functions ---- */

/* While the lock was waited for, its holder may have put another file in the place of the one that is open
 * here. */
static bool check_not_replaced(const SqliteConnection *self, GError **error)
{
    int moved = 0;
    sqlite3_file_control(self->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (!moved)
        return true;
    g_autofree char *shown = g_filename_display_name(self->base.server.database);
    g_autofree char *message = g_strdup_printf("%s was moved or replaced after it was opened", shown);
    g_propagate_error(error, db_error_new(DB_ERROR_CONNECTION_LOST, NULL, message, NULL, "Connect again."));
    return false;
}

/* A database in memory needs none: nobody else can reach it. */
static bool try_take(SqliteConnection *self, const char *key, bool *taken, GError **error)
{
    *taken = true;
    if (sqlite_is_in_memory(self))
        return true;
    g_autofree char *path = lock_path(self);
    int descriptor = -1;
    if (!take(self, path, &descriptor, error))
        return false;
    *taken = descriptor >= 0;
    if (!*taken)
        return true;
    if (!check_not_replaced(self, error)) {
        close(descriptor);
        return false;
    }
    self->lock_descriptor = descriptor;
    write_holder(self, key);
    return true;
}

bool sqlite_try_lock(Connection *base, const char *key, const Batch *then, bool *held, BatchResult *result,
                     GError **error)
{
    bool taken = false;
    if (!try_take((SqliteConnection *)base, key, &taken, error))
        return false;
    *held = taken;
    return !taken || !then || sqlite_execute(base, then, result, error);
}

/* Unlocked by name and not by close() alone: a child made meanwhile may have the descriptor too. */
void sqlite_unlock(Connection *base, const char *key)
{
    (void)key;
    SqliteConnection *self = (SqliteConnection *)base;
    if (self->lock_descriptor < 0)
        return;
    write_text(self->lock_descriptor, "");
    flock(self->lock_descriptor, LOCK_UN);
    close(self->lock_descriptor);
    self->lock_descriptor = -1;
}

char *sqlite_lock_holder(Connection *base, const char *key)
{
    (void)key;
    const SqliteConnection *self = (const SqliteConnection *)base;
    if (sqlite_is_in_memory(self))
        return NULL;
    g_autofree char *path = lock_path(self);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0)
        return NULL;
    char *holder = read_holder(descriptor);
    close(descriptor);
    return holder;
}
