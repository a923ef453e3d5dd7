/* Private data: makes data folders, by the server's own program, and keeps one that was never started for
 * each version in the user's cache, since a copy is made faster. What is in the cache is replaced as a whole
 * and only ever copied; one that does not start is thrown away (private_server.c). */
#include "dev/private_server_internal.h"

#include "base/child.h"
#include "dev/dev_servers.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK_FULL "No space left on device"
#define MAKE_TIMEOUT_MS (5 * 60 * 1000)

/* ---- Programs ---- */

char *private_last_lines(const char *output)
{
    g_autofree char *valid = g_utf8_make_valid(output, -1);
    g_auto(GStrv) lines = g_strsplit(valid, "\n", -1);
    g_autoptr(GPtrArray) said = g_ptr_array_new();
    for (char **line = lines; *line; line++) {
        if (strstr(*line, DISK_FULL)) /* what follows is only its consequence */
            return g_strdup(g_strstrip(*line));
        if (*g_strstrip(*line))
            g_ptr_array_add(said, *line);
    }
    guint count = said->len;
    g_ptr_array_add(said, NULL);
    return g_strjoinv("; ",
                      (char **)said->pdata + (count > PRIVATE_ERROR_LINES ? count - PRIVATE_ERROR_LINES : 0));
}

bool private_run(const GPtrArray *arguments, const char *what, GError **error)
{
    const ChildOptions options = {
        .arguments = (const char *const *)arguments->pdata, .folder = "/", .timeout_ms = MAKE_TIMEOUT_MS};
    g_auto(ChildResult) result = {0};
    g_autoptr(GError) problem = NULL;
    bool ran = child_run(&options, &result, &problem);
    if (ran && result.end == CHILD_EXITED && result.code == 0)
        return true;
    g_autofree char *said = ran ? private_last_lines(result.output) : g_strdup(problem->message);
    g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "%s: %s", what,
                *said ? said : "it ended without a word");
    return false;
}

/* ---- Users ---- */

static const struct passwd *user_of(const PrivateKind *kind, GError **error)
{
    for (const char *const *name = kind->users; *name; name++) {
        const struct passwd *user = getpwnam(*name);
        if (user)
            return user;
    }
    g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER,
                "%s does not run as root, and there is no system user %s to run it as", kind->product,
                kind->users[0]);
    return NULL;
}

static bool add_user_change(GPtrArray *arguments, const PrivateKind *kind, GError **error)
{
    if (geteuid() != 0)
        return true;
    const struct passwd *user = user_of(kind, error);
    if (!user)
        return false;
    g_ptr_array_add(arguments, g_strdup("setpriv"));
    g_ptr_array_add(arguments, g_strdup_printf("--reuid=%u", (unsigned)user->pw_uid));
    g_ptr_array_add(arguments, g_strdup_printf("--regid=%u", (unsigned)user->pw_gid));
    g_ptr_array_add(arguments, g_strdup("--clear-groups"));
    g_ptr_array_add(arguments, g_strdup("--"));
    return true;
}

static char *fill_in(const char *text, const char *folder)
{
    g_auto(GStrv) parts = g_strsplit(text, "{folder}", -1);
    return g_strjoinv(folder, parts);
}

GPtrArray *private_arguments(const PrivateKind *kind, const char *program, const char *const *row,
                             const char *folder, GError **error)
{
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    if (!add_user_change(arguments, kind, error))
        return NULL;
    g_ptr_array_add(arguments, g_strdup(program));
    for (; *row; row++)
        g_ptr_array_add(arguments, fill_in(*row, folder));
    g_ptr_array_add(arguments, NULL);
    return g_steal_pointer(&arguments);
}

static GPtrArray *command(const char *const *words)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
    for (; *words; words++)
        g_ptr_array_add(arguments, g_strdup(*words));
    g_ptr_array_add(arguments, NULL);
    return arguments;
}

bool private_hand_over(const PrivateKind *kind, const char *folder, GError **error)
{
    if (geteuid() != 0)
        return true;
    const struct passwd *user = user_of(kind, error);
    if (!user)
        return false;
    g_autofree char *owner = g_strdup_printf("%u:%u", (unsigned)user->pw_uid, (unsigned)user->pw_gid);
    const char *const words[] = {"chown", "-R", owner, "--", folder, NULL};
    g_autoptr(GPtrArray) arguments = command(words);
    return private_run(arguments, folder, error);
}

void private_delete(const char *folder)
{
    const char *const words[] = {"rm", "-rf", "--one-file-system", "--", folder, NULL};
    g_autoptr(GPtrArray) arguments = command(words);
    private_run(arguments, folder, NULL);
}

/* ---- The cache ---- */

static bool copy_folder(const char *from, const char *to, GError **error)
{
    const char *const words[] = {"cp", "-R", "--preserve=mode", "--reflink=auto", "--", from, to, NULL};
    g_autoptr(GPtrArray) arguments = command(words);
    return private_run(arguments, to, error);
}

/* Another version, another build and other arguments are another folder. Caller frees; NULL: no cache. */
static char *cache_path(const PrivateBinaries *binaries)
{
    struct stat status;
    if (stat(binaries->server, &status) != 0)
        return NULL;
    g_autofree char *arguments = g_strjoinv(" ", (char **)binaries->kind->make);
    g_autofree char *text = g_strdup_printf("%s\n%s\n%lld %lld\n%s", binaries->server, binaries->version,
                                            (long long)status.st_size, (long long)status.st_mtime, arguments);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    g_autofree char *name = g_strdup_printf("%s-%.16s", binaries->kind->name, digest);
    return g_build_filename(g_get_user_cache_dir(), "dbfleet", "servers", name, NULL);
}

/* Older versions of what was just put in have no more use. */
static void forget_others(const char *folder, const char *path, const char *kind)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autofree char *prefix = g_strconcat(kind, "-", NULL);
    struct stat status;
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *other = g_build_filename(folder, name, NULL);
        gint64 day = 24 * 60 * 60;
        bool old =
            stat(other, &status) == 0 && g_get_real_time() / G_USEC_PER_SEC - status.st_mtime > 30 * day;
        if (g_str_has_prefix(name, prefix) && !g_str_equal(other, path) && old)
            private_delete(other);
    }
}

/* Whole or not at all; that it cannot be kept is no failure. */
static void put_into_cache(const PrivateBinaries *binaries, const char *data, const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *unfinished = g_strconcat(path, ".XXXXXX", NULL);
    if (g_mkdir_with_parents(folder, 0700) != 0 || !g_mkdtemp(unfinished))
        return;
    g_autofree char *inside = g_build_filename(unfinished, "data", NULL);
    if (!copy_folder(data, inside, NULL) || g_rename(unfinished, path) != 0)
        private_delete(unfinished);
    forget_others(folder, path, binaries->kind->name);
}

static bool take_from_cache(const char *path, const char *data)
{
    g_autofree char *inside = g_build_filename(path, "data", NULL);
    return g_file_test(inside, G_FILE_TEST_IS_DIR) && copy_folder(inside, data, NULL);
}

/* ---- Making ---- */

static bool make_anew(const PrivateBinaries *binaries, const char *folder, GError **error)
{
    const PrivateKind *kind = binaries->kind;
    g_autoptr(GPtrArray) arguments = private_arguments(kind, binaries->installer, kind->make, folder, error);
    return arguments && private_hand_over(kind, folder, error) &&
           private_run(arguments, binaries->installer, error);
}

bool private_data_make(const PrivateBinaries *binaries, const char *folder, char **cached, GError **error)
{
    g_autofree char *path = cache_path(binaries);
    g_autofree char *data = g_build_filename(folder, "data", NULL);
    *cached = NULL;
    if (path && take_from_cache(path, data)) {
        *cached = g_steal_pointer(&path);
        return private_hand_over(binaries->kind, folder, error);
    }
    private_delete(data);
    if (!make_anew(binaries, folder, error))
        return false;
    if (path)
        put_into_cache(binaries, data, path);
    return true;
}
