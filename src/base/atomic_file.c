/* Atomic files: owns how dbfleet puts a file on disk: written beside its place under another name, flushed,
 * and only then given its name. It refuses to write through anything that is not a regular file (a plan sent
 * to /dev/null must not replace the device). Any thread; two writers of one path leave one whole file. */
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Takes errno; returns false for the caller to return. */
static bool fail(const char *path, GError **error)
{
    int code = errno;
    g_autofree char *name = g_filename_display_name(path);
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "cannot write %s: %s", name,
                g_strerror(code));
    return false;
}

static bool write_all(int descriptor, const char *content, gsize length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, content, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        content += written;
        length -= (gsize)written;
    }
    return true;
}

/* Makes new names in the folder durable. A file system that cannot do that is no reason to fail. */
static void flush_names(const char *folder)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    (void)fsync(descriptor);
    (void)close(descriptor);
}

static void flush_folder(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    flush_names(folder);
}

/* Writes a file beside `path`, and for `flush` flushes it, with `mode` (0: what umask leaves). Its name,
 * which the caller frees, or NULL with errno set and nothing left behind. */
static char *write_beside(const char *path, const char *content, gsize length, mode_t mode, bool flush)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *beside = g_build_filename(folder, ".dbfleet-XXXXXX", NULL);
    int descriptor = g_mkstemp_full(beside, O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return NULL;
    bool written = (mode == 0 || fchmod(descriptor, mode) == 0) && write_all(descriptor, content, length) &&
                   (!flush || fsync(descriptor) == 0);
    int code = errno;
    bool closed = close(descriptor) == 0;
    if (!written || !closed) {
        code = written ? errno : code;
        (void)unlink(beside);
        errno = code;
        return NULL;
    }
    return g_steal_pointer(&beside);
}

/* Gives `beside` the name `path` unless that is taken. Where hard links do not exist, an empty file claims
 * the name. */
static bool link_new(const char *beside, const char *path)
{
    if (link(beside, path) == 0)
        return true;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return false;
    int claim = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (claim < 0)
        return false;
    (void)close(claim);
    return rename(beside, path) == 0;
}

bool atomic_file_create(const char *path, const char *content, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    if (g_mkdir_with_parents(folder, 0777) != 0)
        return fail(path, error);
    g_autofree char *beside = write_beside(path, content, strlen(content), 0, true);
    if (beside == NULL)
        return fail(path, error);
    bool created = link_new(beside, path);
    int code = errno;
    (void)unlink(beside);
    if (!created) {
        errno = code;
        return fail(path, error);
    }
    flush_folder(path);
    return true;
}

bool atomic_file_settle(const char *beside, const char *path, GError **error)
{
    int descriptor = open(beside, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
    int code = errno;
    if (descriptor >= 0)
        (void)close(descriptor);
    if (!flushed) {
        errno = code;
        return fail(beside, error);
    }
    if (!link_new(beside, path))
        return fail(path, error);
    (void)unlink(beside);
    flush_folder(path);
    return true;
}

/* True unless something that is no regular file has the name; false with errno set. */
static bool may_be_replaced(const char *path)
{
    struct stat old;
    if (stat(path, &old) != 0 || S_ISREG(old.st_mode))
        return true;
    errno = S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
    return false;
}

bool atomic_file_put(const char *path, const char *content, gsize length, GError **error)
{
    g_autofree char *resolved = realpath(path, NULL); /* a symbolic link stays one */
    const char *target = resolved == NULL ? path : resolved;
    struct stat old;
    bool exists = stat(target, &old) == 0;
    if (!may_be_replaced(target))
        return fail(path, error);
    g_autofree char *beside = write_beside(target, content, length, exists ? old.st_mode & 07777 : 0, true);
    if (beside == NULL)
        return fail(path, error);
    if (rename(beside, target) != 0) {
        int code = errno;
        (void)unlink(beside);
        errno = code;
        return fail(path, error);
    }
    return true;
}

void atomic_file_flush_names(const char *const *paths)
{
    g_autoptr(GHashTable) folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iterator;
    gpointer folder;
    for (; *paths; paths++) {
        g_autofree char *resolved = realpath(*paths, NULL);
        g_hash_table_add(folders, g_path_get_dirname(resolved == NULL ? *paths : resolved));
    }
    g_hash_table_iter_init(&iterator, folders);
    while (g_hash_table_iter_next(&iterator, &folder, NULL))
        flush_names(folder);
}

bool atomic_file_replace(const char *path, const char *content, gsize length, GError **error)
{
    if (!atomic_file_put(path, content, length, error))
        return false;
    atomic_file_flush_names((const char *const[]){path, NULL});
    return true;
}

bool atomic_file_check(const char *path, GError **error)
{
    g_autofree char *resolved = realpath(path, NULL);
    const char *target = resolved == NULL ? path : resolved;
    g_autofree char *folder = g_path_get_dirname(target);
    if (!may_be_replaced(target) || g_mkdir_with_parents(folder, 0777) != 0)
        return fail(path, error);
    g_autofree char *beside = write_beside(target, "", 0, 0, false);
    if (beside == NULL)
        return fail(path, error);
    (void)unlink(beside);
    return true;
}
