/* Scratch databases: owns one from its making to its end, and drops nothing that it did not make. The thread
 * that made it, then one at a time. */
#include "dev/dev_servers_internal.h"

#include "run/signals.h"
#include "schema/schema_dialect.h"

#include <glib/gstdio.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 10000

static const ScratchLike defaults = {0};

/* ---- Versions ---- */

static char *family_of(Dialect dialect, const char *version)
{
    return schema_dialect(dialect)->family ? schema_dialect(dialect)->family(version) : g_strdup(version);
}

static bool check_version(const ScratchDatabase *self, const ScratchLike *like, GError **error)
{
    const ServerInfo *server = &self->base.connection->server;
    if (!like->version)
        return true;
    g_autofree char *here = family_of(server->dialect, server->version);
    g_autofree char *there = family_of(server->dialect, like->version);
    if (g_str_equal(here, there))
        return true;
    g_set_error(
        error, DEV_ERROR, DEV_ERROR_VERSION,
        "the dev server %s is %s and the target is %s, which do not compare: name a dev server of the "
        "target's version under dev: in dbfleet.yaml",
        self->server->place, server->version, like->version);
    return false;
}

/* ---- Making ---- */

/* A name that no other process makes; a file's path for SQLite. */
static char *next_name(DevServers *servers, const DevServer *server)
{
    if (!server->engine->database && g_strcmp0(server->url->database, ":memory:") == 0)
        return g_strdup(":memory:");
    g_autofree char *name = g_strdup_printf("%s%u", servers->prefix, ++servers->count);
    if (server->engine->database)
        return g_steal_pointer(&name);
    bool folder = g_file_test(server->url->database, G_FILE_TEST_IS_DIR);
    g_autofree char *around = g_path_get_dirname(server->url->database);
    g_autofree char *file = g_strconcat(name, ".db", NULL);
    return g_build_filename(folder ? server->url->database : around, file, NULL);
}

static bool is_about_locale(const GError *error)
{
    const DbErrorDetail *detail = db_error_detail(error);
    static const char *const codes[] = {"42809", "22023", "1273", "1253", NULL};
    return detail && detail->code && g_strv_contains(codes, detail->code);
}

static bool create_database(ScratchDatabase *self, const ScratchLike *like, GError **error)
{
    const ScratchEngine *engine = self->server->engine;
    g_autoptr(GError) problem = NULL;
    g_autofree char *exact = engine->create(self->base.name, like, true);
    self->made = connection_run(self->server->admin, exact, &problem);
    if (!self->made && is_about_locale(problem)) {
        g_autofree char *plain = engine->create(self->base.name, like, false);
        self->made = connection_run(self->server->admin, plain, NULL);
    }
    if (!self->made) {
        g_propagate_error(error, g_steal_pointer(&problem));
        dev_server_explain(self->server, error);
    }
    return self->made;
}

static bool connect_to(ScratchDatabase *self, GError **error)
{
    g_autoptr(DbUrl) url = db_url_copy(self->server->url);
    g_free(url->database);
    url->database = g_strdup(self->base.name);
    const ConnectOptions options = {.url = url,
                                    .password =
                                        self->server->password ? self->server->password : url->password,
                                    .schema = self->base.schema,
                                    .create = true,
                                    .create_schema = self->base.schema != NULL,
                                    .foreign_keys = self->foreign_keys,
                                    .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                    .application_name = "dbfleet dev"};
    self->base.connection = connection_open(&options, error);
    if (self->base.connection)
        self->base.dialect = self->base.connection->server.dialect;
    else
        dev_server_explain(self->server, error);
    return self->base.connection != NULL;
}

/* A schema of its own says where names are looked up. */
static bool give_settings(ScratchDatabase *self, const ScratchLike *like, GError **error)
{
    ScratchLike here = *like;
    if (like->settings)
        g_hash_table_ref(like->settings);
    else
        here.settings = g_hash_table_new(g_str_hash, g_str_equal);
    bool good = self->server->engine->settings(self->base.connection, &here, self->settings, error);
    g_hash_table_unref(here.settings);
    for (guint i = self->settings->len; self->base.schema && i > 0; i--)
        if (strstr(self->settings->pdata[i - 1], "'search_path'"))
            g_ptr_array_remove_index(self->settings, i - 1);
    if (good && scratch_execute_all(self->base.connection, self->settings, error))
        return true;
    dev_server_explain(self->server, error);
    return false;
}

static bool make_database(ScratchDatabase *self, DevServers *servers, Dialect dialect,
                          const ScratchLike *like, GError **error)
{
    pthread_mutex_lock(&servers->guard);
    self->server = dev_servers_get(servers, dialect, like, error);
    self->base.name = self->server ? next_name(servers, self->server) : NULL;
    bool good = self->server && (!self->server->engine->database || create_database(self, like, error));
    pthread_mutex_unlock(&servers->guard);
    if (good && !self->server->engine->database && !g_str_equal(self->base.name, ":memory:"))
        self->file = g_strdup(self->base.name);
    return good;
}

Scratch *scratch_new(DevServers *servers, Dialect dialect, const ScratchLike *like, const char *schema,
                     GError **error)
{
    const ScratchLike *wanted = like ? like : &defaults;
    ScratchDatabase *self = g_new0(ScratchDatabase, 1);
    self->base = (Scratch){.servers = servers, .dialect = dialect, .schema = g_strdup(schema)};
    self->settings = g_ptr_array_new_with_free_func(g_free);
    self->foreign_keys = g_strcmp0(scratch_like_setting(wanted, "foreign_keys"), "0") != 0;
    if (scratch_may_go_on(error) && make_database(self, servers, dialect, wanted, error) &&
        connect_to(self, error) && check_version(self, wanted, error) && give_settings(self, wanted, error))
        return &self->base;
    scratch_free(&self->base);
    return NULL;
}

/* ---- Copying ---- */

/* The server copies a database only while nobody is in it. */
static bool copy_on_server(ScratchDatabase *self, const ScratchDatabase *from, GError **error)
{
    DevServers *servers = self->base.servers;
    pthread_mutex_lock(&servers->guard);
    self->base.name = next_name(servers, self->server);
    g_autofree char *sql = self->server->engine->copy(self->base.name, from->base.name);
    self->made = connection_run(self->server->admin, sql, error);
    pthread_mutex_unlock(&servers->guard);
    if (!self->made)
        dev_server_explain(self->server, error);
    return self->made;
}

static bool copy_file(ScratchDatabase *self, ScratchDatabase *from, GError **error)
{
    DevServers *servers = self->base.servers;
    Connection *connection = from->base.connection;
    pthread_mutex_lock(&servers->guard);
    g_autofree char *name = g_strdup_printf("%s%u.db", servers->prefix, ++servers->count);
    pthread_mutex_unlock(&servers->guard);
    self->base.name = g_build_filename(g_get_tmp_dir(), name, NULL);
    self->file = g_strdup(self->base.name);
    return connection->driver->backup(connection, self->file, 0, error);
}

static ScratchDatabase *copy_new(const ScratchDatabase *from)
{
    ScratchDatabase *self = g_new0(ScratchDatabase, 1);
    self->base = (Scratch){
        .servers = from->base.servers, .dialect = from->base.dialect, .schema = g_strdup(from->base.schema)};
    self->server = from->server;
    self->foreign_keys = from->foreign_keys;
    self->settings = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < from->settings->len; i++)
        g_ptr_array_add(self->settings, g_strdup(from->settings->pdata[i]));
    return self;
}

/* A session of the original's own again, whatever became of the copy. */
static bool reconnect(ScratchDatabase *self, GError **error)
{
    return connect_to(self, error) && scratch_execute_all(self->base.connection, self->settings, error);
}

static bool make_copy(ScratchDatabase *self, ScratchDatabase *from, GError **error)
{
    if (!from->server->engine->copy)
        return copy_file(self, from, error);
    g_clear_pointer(&from->base.connection, connection_close);
    bool good = copy_on_server(self, from, error);
    return reconnect(from, good ? error : NULL) && good;
}

Scratch *scratch_copy(Scratch *base, GError **error)
{
    ScratchDatabase *from = (ScratchDatabase *)base;
    if (!from->server->engine->copy && !base->connection->driver->backup) {
        g_set_error(error, DEV_ERROR, DEV_ERROR_NO_COPY, "%s cannot copy a database",
                    dialect_name(base->dialect));
        return NULL;
    }
    if (!scratch_may_go_on(error))
        return NULL;
    ScratchDatabase *self = copy_new(from);
    if (make_copy(self, from, error) && reconnect(self, error))
        return &self->base;
    scratch_free(&self->base);
    return NULL;
}

/* ---- Its end ---- */

static void delete_file(const char *file)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm", NULL};
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        g_autofree char *path = g_strconcat(file, *suffix, NULL);
        (void)g_unlink(path);
    }
}

static void drop_database(ScratchDatabase *self)
{
    DevServers *servers = self->base.servers;
    g_autofree char *drop = self->server->engine->drop(self->base.name, true);
    pthread_mutex_lock(&servers->guard);
    if (!connection_run(self->server->admin, drop, NULL)) {
        g_autofree char *simple = self->server->engine->drop(self->base.name, false);
        connection_run(self->server->admin, simple, NULL);
    }
    pthread_mutex_unlock(&servers->guard);
}

void scratch_free(Scratch *base)
{
    ScratchDatabase *self = (ScratchDatabase *)base;
    if (!self)
        return;
    connection_close(self->base.connection);
    if (self->made)
        drop_database(self);
    if (self->file)
        delete_file(self->file);
    g_ptr_array_unref(self->settings);
    g_free(self->file);
    g_free(self->base.name);
    g_free(self->base.schema);
    g_free(self);
}

/* ---- Its session ---- */

bool scratch_may_go_on(GError **error)
{
    if (signals_count() == 0)
        return true;
    g_propagate_error(error, db_error_new(DB_ERROR_CANCELLED, NULL, "interrupted", NULL, NULL));
    return false;
}

bool scratch_execute_all(Connection *connection, const GPtrArray *statements, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    for (guint i = 0; i < statements->len; i++)
        batch_take(batch, g_strdup(statements->pdata[i]), false);
    return batch_length(batch) == 0 || connection_execute(connection, batch, &result, error);
}

bool scratch_restore(Scratch *base, GError **error)
{
    ScratchDatabase *self = (ScratchDatabase *)base;
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    connection_add_restore(base->connection, batch);
    for (guint i = 0; i < self->settings->len; i++)
        batch_take(batch, g_strdup(self->settings->pdata[i]), false);
    return batch_length(batch) == 0 || connection_execute(base->connection, batch, &result, error);
}
