/* Dev leftovers: finds what killed processes left on dev servers and on this computer, and removes it. What
 * is in use shows by a lock: of the server for databases, of a file for folders of private servers. Main
 * thread. */
#include "dev/dev_servers_internal.h"

#include "inventory/project_dev.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What stands before the name of a leftover. */
#define FOLDER "server"
#define FILE_OF_SQLITE "sqlite"

/* ---- Names ---- */

/* "dbfleet_dev_PID_RANDOM_" of such a name and a number; NULL for other names. Caller frees. */
static char *prefix_of(const char *name)
{
    g_autoptr(GRegex) form =
        g_regex_new("^(" SCRATCH_PREFIX "[0-9]+_[0-9a-f]{8}_)[0-9]+(\\.db)?$", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    return g_regex_match(form, name, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

/* ---- Databases ---- */

static bool is_held(Connection *admin, const char *prefix, bool *held, GError **error)
{
    bool mine = false;
    g_auto(BatchResult) result = {0};
    g_autoptr(Batch) nothing = batch_new();
    g_autofree char *key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, prefix, -1);
    if (!admin->driver->try_lock(admin, key, nothing, &mine, &result, error))
        return false;
    *held = !mine;
    if (mine)
        admin->driver->unlock(admin, key);
    return true;
}

/* Adds it unless somebody holds its lock; our own lock is never tried twice. */
static bool add_database(const DevServers *self, const DevServer *server, const char *name, GPtrArray *found,
                         GError **error)
{
    g_autofree char *prefix = prefix_of(name);
    bool held = true;
    if (!prefix || g_str_equal(prefix, self->prefix))
        return true;
    if (!is_held(server->admin, prefix, &held, error))
        return false;
    if (!held)
        g_ptr_array_add(found, g_strdup_printf("%s %s", server->engine->keys[0], name));
    return true;
}

static bool add_databases(const DevServers *self, const DevServer *server, GPtrArray *found, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(server->admin, server->engine->list, error);
    for (guint i = 0; rows && i < rows->rows->len; i++)
        if (!add_database(self, server, ((char **)rows->rows->pdata[i])[0], found, error))
            return false;
    return rows != NULL;
}

/* The server that the project names for the dialect; *server NULL: it names none. */
static bool named_server(DevServers *self, Dialect dialect, DevServer **server, GError **error)
{
    const ScratchEngine *engine = scratch_engine(dialect);
    const char *own[] = {engine->keys[0], NULL};
    *server = NULL;
    if (!engine->database || g_str_equal(project_dev_server(self->project, own), PROJECT_DEV_AUTO))
        return true;
    pthread_mutex_lock(&self->guard);
    *server = dev_servers_get(self, dialect, NULL, error);
    pthread_mutex_unlock(&self->guard);
    return *server != NULL;
}

/* ---- Files ---- */

/* The process that the name tells of is gone, and the file is ours. */
static bool is_left_file(const char *path, const char *name)
{
    g_autofree char *prefix = prefix_of(name);
    struct stat status;
    if (!prefix || !g_str_has_suffix(name, ".db") || lstat(path, &status) != 0 || status.st_uid != geteuid())
        return false;
    int process = atoi(prefix + strlen(SCRATCH_PREFIX));
    return kill(process, 0) != 0 && errno == ESRCH;
}

static void add_files(const char *folder, GPtrArray *found)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (is_left_file(path, name))
            g_ptr_array_add(found, g_strconcat(FILE_OF_SQLITE " ", path, NULL));
    }
}

static void add_all_files(const DevServers *self, GPtrArray *found)
{
    const char *text = project_dev_server(self->project, scratch_engine(DIALECT_SQLITE)->keys);
    g_autofree char *reference = NULL;
    bool named = !g_str_equal(text, PROJECT_DEV_AUTO) && !g_str_equal(text, ":memory:");
    g_autoptr(DbUrl) url = named ? project_dev_url(self->project, text, &reference, NULL) : NULL;
    add_files(g_get_tmp_dir(), found);
    if (!url || !url->database)
        return;
    g_autofree char *around = g_path_get_dirname(url->database);
    add_files(g_file_test(url->database, G_FILE_TEST_IS_DIR) ? url->database : around, found);
}

static void delete_file(const char *path)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm", NULL};
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        g_autofree char *file = g_strconcat(path, *suffix, NULL);
        (void)g_unlink(file);
    }
}

/* ---- All ---- */

GPtrArray *dev_servers_leftovers(DevServers *self, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) folders = private_server_leftovers();
    for (guint i = 0; i < folders->len; i++)
        g_ptr_array_add(found, g_strconcat(FOLDER " ", folders->pdata[i], NULL));
    add_all_files(self, found);
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
        DevServer *server = NULL;
        if (!named_server(self, (Dialect)dialect, &server, error) ||
            (server && !add_databases(self, server, found, error)))
            return NULL;
    }
    return g_steal_pointer(&found);
}

/* Whoever made it may have come to life since it was listed: another process of that number. */
static bool drop_database(DevServers *self, const char *key, const char *name, GError **error)
{
    Dialect dialect;
    DevServer *server = NULL;
    bool held = true;
    g_autofree char *prefix = prefix_of(name);
    if (!prefix || !dialect_parse(key, &dialect) || !named_server(self, dialect, &server, error) || !server ||
        !is_held(server->admin, prefix, &held, error) || held)
        return !error || !*error;
    g_autofree char *drop = server->engine->drop(name, false);
    if (connection_run(server->admin, drop, error))
        return true;
    dev_server_explain(server, error);
    return false;
}

static bool prune_one(DevServers *self, const char *leftover, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(leftover, " ", 2);
    if (g_str_equal(parts[0], FOLDER))
        return private_server_prune(parts[1], error);
    if (!g_str_equal(parts[0], FILE_OF_SQLITE))
        return drop_database(self, parts[0], parts[1], error);
    g_autofree char *name = g_path_get_basename(parts[1]);
    if (is_left_file(parts[1], name))
        delete_file(parts[1]);
    return true;
}

bool dev_servers_prune(DevServers *self, GPtrArray *leftovers, GError **error)
{
    GError *first = NULL;
    for (guint i = 0; i < leftovers->len; i++) {
        g_autoptr(GError) problem = NULL;
        if (!prune_one(self, leftovers->pdata[i], &problem) && !first)
            first = g_steal_pointer(&problem);
    }
    if (first)
        g_propagate_error(error, first);
    return first == NULL;
}
