/* Private binaries: finds what is installed, asks each for its version, and takes the newest that fits. */
#include "dev/private_server_internal.h"

#include "base/child.h"
#include "dev/dev_servers.h"

#include <glob.h>
#include <string.h>
#include <unistd.h>

#define VERSION_TIMEOUT_MS 10000

static const PrivateKind *const postgres_kinds[] = {&private_postgres, NULL};
static const PrivateKind *const mariadb_kinds[] = {&private_mariadb, NULL};
static const PrivateKind *const mysql_kinds[] = {&private_mysql, &private_mariadb, NULL};

static const PrivateKind *const *const kinds_of[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = postgres_kinds,
    [DIALECT_MARIADB] = mariadb_kinds,
    [DIALECT_MYSQL] = mysql_kinds,
};

void private_binaries_free(PrivateBinaries *self)
{
    if (!self)
        return;
    g_free(self->server);
    g_free(self->installer);
    g_free(self->version);
    g_free(self);
}

/* ---- Versions ---- */

/* "postgres (PostgreSQL) 15.18 (Debian …)", "mariadbd  Ver 10.11.6-MariaDB-…", "mysqld  Ver 8.0.36 for
 * Linux". NULL: it is none of this kind. */
static char *read_version(const PrivateKind *kind, const char *answer)
{
    const char *of_postgres = strstr(answer, "(PostgreSQL) "), *of_mysql = strstr(answer, "Ver ");
    const char *number = of_postgres ? of_postgres + strlen("(PostgreSQL) ")
                         : of_mysql  ? of_mysql + strlen("Ver ")
                                     : NULL;
    if (!number || !strstr(answer, kind->marker) || (kind->not_marker && strstr(answer, kind->not_marker)))
        return NULL;
    gsize length = strspn(number, "0123456789.");
    return length ? g_strdup_printf("%s %.*s", kind->product, (int)length, number) : NULL;
}

static char *ask_version(const PrivateKind *kind, const char *program)
{
    const char *const arguments[] = {program, "--no-defaults", "--version", NULL};
    const char *const plain[] = {program, "--version", NULL};
    bool postgres = kind == &private_postgres;
    const ChildOptions options = {
        .arguments = postgres ? plain : arguments, .folder = "/", .timeout_ms = VERSION_TIMEOUT_MS};
    g_auto(ChildResult) result = {0};
    bool good = child_run(&options, &result, NULL) && result.end == CHILD_EXITED && result.code == 0;
    return good ? read_version(kind, result.output) : NULL;
}

/* Numbers in them compare as numbers. */
static int compare_versions(gconstpointer a, gconstpointer b)
{
    const PrivateBinaries *left = *(const PrivateBinaries *const *)a;
    const PrivateBinaries *right = *(const PrivateBinaries *const *)b;
    const char *one = strrchr(left->version, ' '), *two = strrchr(right->version, ' ');
    g_auto(GStrv) ones = g_strsplit(one + 1, ".", -1), twos = g_strsplit(two + 1, ".", -1);
    for (guint i = 0; ones[i] && twos[i]; i++) {
        guint64 x = g_ascii_strtoull(ones[i], NULL, 10), y = g_ascii_strtoull(twos[i], NULL, 10);
        if (x != y)
            return x > y ? -1 : 1;
    }
    return 0;
}

/* ---- Places ---- */

/* The installer beside the server, or in PATH. */
static char *installer_of(const PrivateKind *kind, const char *server)
{
    if (!kind->installer)
        return g_strdup(server);
    g_autofree char *folder = g_path_get_dirname(server);
    g_autofree char *beside = g_build_filename(folder, kind->installer, NULL);
    if (g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&beside);
    return g_find_program_in_path(kind->installer);
}

static void add_program(GPtrArray *found, const PrivateKind *kind, const char *path)
{
    if (!path || !g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
        return;
    for (guint i = 0; i < found->len; i++)
        if (g_str_equal(((const PrivateBinaries *)found->pdata[i])->server, path))
            return;
    g_autofree char *installer = installer_of(kind, path);
    char *version = installer ? ask_version(kind, path) : NULL;
    if (!version)
        return;
    PrivateBinaries *binaries = g_new0(PrivateBinaries, 1);
    *binaries = (PrivateBinaries){
        .kind = kind, .server = g_strdup(path), .installer = g_steal_pointer(&installer), .version = version};
    g_ptr_array_add(found, binaries);
}

static void add_folders(GPtrArray *found, const PrivateKind *kind, const char *program)
{
    for (const char *const *folder = kind->folders; *folder; folder++) {
        g_autofree char *pattern = g_build_filename(*folder, program, NULL);
        glob_t paths = {0};
        if (glob(pattern, 0, NULL, &paths) == 0)
            for (gsize i = 0; i < paths.gl_pathc; i++)
                add_program(found, kind, paths.gl_pathv[i]);
        globfree(&paths);
    }
}

/* Newest first. */
static GPtrArray *find_all(const PrivateKind *kind)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)private_binaries_free);
    for (const char *const *program = kind->programs; *program; program++) {
        g_autofree char *in_path = g_find_program_in_path(*program);
        add_program(found, kind, in_path);
        add_folders(found, kind, *program);
    }
    g_ptr_array_sort(found, compare_versions);
    return found;
}

/* ---- Choosing ---- */

static void tell_missing(const PrivateKind *kind, Dialect dialect, const char *installed, const char *wanted,
                         GError **error)
{
    if (!installed)
        g_set_error(
            error, DEV_ERROR, DEV_ERROR_NO_SERVER,
            "dev.%s is auto and no %s server is installed on this computer to start a private one from: "
            "apt-get install %s, or name a server under dev.%s in dbfleet.yaml",
            dialect_name(dialect), kind->product, kind->package, dialect_name(dialect));
    else
        g_set_error(
            error, DEV_ERROR, DEV_ERROR_VERSION,
            "the target is %s, and only %s is installed on this computer to start a private dev server "
            "from, which does not compare: install the target's version, or name a server of it under "
            "dev.%s in dbfleet.yaml",
            wanted, installed, dialect_name(dialect));
}

PrivateBinaries *private_binaries_find(Dialect dialect, const char *wanted,
                                       bool (*fits)(const char *version, gconstpointer context),
                                       gconstpointer context, GError **error)
{
    g_autofree char *installed = NULL;
    const PrivateKind *const *kinds = kinds_of[dialect];
    for (const PrivateKind *const *kind = kinds; *kind; kind++) {
        g_autoptr(GPtrArray) found = find_all(*kind);
        for (guint i = 0; i < found->len; i++) {
            const PrivateBinaries *binaries = found->pdata[i];
            if (!fits || fits(binaries->version, context))
                return g_ptr_array_steal_index(found, i);
            if (!installed)
                installed = g_strdup(binaries->version);
        }
    }
    tell_missing(kinds[0], dialect, installed, wanted, error);
    return NULL;
}
