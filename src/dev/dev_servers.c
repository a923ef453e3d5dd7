/* Dev servers: owns which servers there are, one connection to each that makes and drops databases, and the
 * lock that tells others that what this made is in use. Makes no database itself. */
#include "dev/dev_servers_internal.h"

#include "inventory/project_dev.h"
#include "schema/schema_dialect.h"

#include <unistd.h>

#define CONNECT_TIMEOUT_MS 10000

static const ScratchEngine *const engines[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = &scratch_postgres,
    [DIALECT_MYSQL] = &scratch_mysql,
    [DIALECT_MARIADB] = &scratch_mariadb,
    [DIALECT_SQLITE] = &scratch_sqlite,
};

const ScratchEngine *scratch_engine(Dialect dialect)
{
    return engines[dialect];
}

/* ---- One server ---- */

static void dev_server_free(gpointer data)
{
    DevServer *self = data;
    connection_close(self->admin);
    private_server_free(self->process);
    g_free(self->source);
    g_free(self->place);
    db_url_free(self->url);
    secret_free(self->password);
    g_free(self->family);
    g_free(self);
}

void dev_server_explain(const DevServer *self, GError **error)
{
    if (!error || !*error)
        return;
    const char *grant = g_error_matches(*error, DB_ERROR, DB_ERROR_PERMISSION) ? self->engine->grant : NULL;
    char *told = g_strdup_printf("dev server %s: %s%s%s", self->place, (*error)->message, grant ? ". " : "",
                                 grant ? grant : "");
    g_free((*error)->message);
    (*error)->message = told;
}

static void name_database(DbUrl *url, const char *name)
{
    if (name && (!url->database || !*url->database)) {
        g_free(url->database);
        url->database = g_strdup(name);
    }
}

/* The lock is given up when this process ends, however it ends. */
static bool take_lock(const DevServers *servers, Connection *admin, GError **error)
{
    bool held = false;
    g_auto(BatchResult) result = {0};
    g_autoptr(Batch) nothing = batch_new();
    g_autofree char *key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, servers->prefix, -1);
    return admin->driver->try_lock(admin, key, nothing, &held, &result, error);
}

static bool dev_server_connect(DevServer *self, const DevServers *servers, GError **error)
{
    name_database(self->url, self->engine->database);
    const ConnectOptions options = {.url = self->url,
                                    .password = self->password ? self->password : self->url->password,
                                    .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                    .application_name = "dbfleet dev"};
    self->admin = connection_open(&options, error);
    if (self->admin && take_lock(servers, self->admin, error))
        return true;
    dev_server_explain(self, error);
    return false;
}

static bool resolve_password(DevServer *self, const DevServers *servers, const char *reference,
                             GError **error)
{
    if (!reference)
        return true;
    self->password = secret_resolve(servers->secrets, reference, servers->project->folder, error);
    return self->password != NULL;
}

/* ---- What it is made from ---- */

static DevServer *server_of(const DevServers *servers, const char *source)
{
    for (guint i = 0; i < servers->servers->len; i++) {
        DevServer *server = servers->servers->pdata[i];
        if (g_strcmp0(server->source, source) == 0)
            return server;
    }
    return NULL;
}

static DevServer *server_new(const ScratchEngine *engine, const char *source)
{
    DevServer *self = g_new0(DevServer, 1);
    self->engine = engine;
    self->source = g_strdup(source);
    return self;
}

static DevServer *keep_server(DevServers *servers, DevServer *self)
{
    g_ptr_array_add(servers->servers, self);
    return self;
}

static DevServer *configured_server(DevServers *servers, const ScratchEngine *engine, const char *text,
                                    GError **error)
{
    g_autofree char *reference = NULL;
    DbUrl *url = project_dev_url(servers->project, text, &reference, error);
    if (!url) {
        g_prefix_error(error, "dev.%s: ", engine->keys[0]);
        return NULL;
    }
    DevServer *self = server_new(engine, text);
    self->url = url;
    self->place = db_url_display(url);
    if (resolve_password(self, servers, reference, error) &&
        (!engine->database || dev_server_connect(self, servers, error)))
        return keep_server(servers, self);
    dev_server_free(self);
    return NULL;
}

static DevServer *memory_server(DevServers *servers, const ScratchEngine *engine)
{
    DevServer *self = server_new(engine, ":memory:");
    self->place = g_strdup(":memory:");
    self->url = db_url_new_sqlite(":memory:");
    self->is_private = true;
    return keep_server(servers, self);
}

/* ---- Private servers ---- */

typedef struct Family {
    Dialect dialect;
    char *name;
} Family;

static bool is_of_family(const char *version, gconstpointer context)
{
    const Family *family = context;
    g_autofree char *here = schema_dialect(family->dialect)->family(version);
    return g_str_equal(here, family->name);
}

static DevServer *start_server(DevServers *servers, const ScratchEngine *engine, Dialect dialect,
                               const PrivateBinaries *binaries, GError **error)
{
    DevServer *self = server_new(engine, binaries->server);
    self->family = schema_dialect(dialect)->family(binaries->version);
    self->is_private = true;
    self->place = g_strdup_printf("private %s", binaries->version);
    self->password = g_strdup(""); /* and none from the environment */
    self->process = private_server_start(binaries, error);
    self->url = self->process ? db_url_copy(private_server_url(self->process)) : NULL;
    if (self->url && dev_server_connect(self, servers, error))
        return keep_server(servers, self);
    dev_server_free(self);
    return NULL;
}

static DevServer *private_server_of(DevServers *servers, const ScratchEngine *engine, Dialect dialect,
                                    const ScratchLike *like, GError **error)
{
    const char *wanted = like ? like->version : NULL;
    g_autofree char *name = wanted ? schema_dialect(dialect)->family(wanted) : NULL;
    const Family family = {dialect, name};
    for (guint i = 0; i < servers->servers->len; i++) {
        DevServer *server = servers->servers->pdata[i];
        if (server->family && server->engine == engine && (!name || g_str_equal(server->family, name)))
            return server;
    }
    g_autoptr(PrivateBinaries) binaries =
        private_binaries_find(dialect, wanted, name ? is_of_family : NULL, &family, error);
    if (!binaries)
        return NULL;
    DevServer *started = server_of(servers, binaries->server);
    return started ? started : start_server(servers, engine, dialect, binaries, error);
}

DevServer *dev_servers_get(DevServers *self, Dialect dialect, const ScratchLike *like, GError **error)
{
    const ScratchEngine *engine = scratch_engine(dialect);
    const char *text = project_dev_server(self->project, engine->keys);
    bool automatic = g_str_equal(text, PROJECT_DEV_AUTO);
    if (automatic && engine->database)
        return private_server_of(self, engine, dialect, like, error);
    const char *source = automatic ? ":memory:" : text;
    DevServer *server = server_of(self, source);
    if (server)
        return server;
    return g_str_equal(source, ":memory:") ? memory_server(self, engine)
                                           : configured_server(self, engine, source, error);
}

/* ---- All of them ---- */

DevServers *dev_servers_new(const Project *project, SecretStore *secrets)
{
    DevServers *self = g_new0(DevServers, 1);
    self->project = project;
    self->secrets = secrets;
    self->servers = g_ptr_array_new_with_free_func(dev_server_free);
    self->prefix = g_strdup_printf(SCRATCH_PREFIX "%d_%08x_", (int)getpid(), g_random_int());
    pthread_mutex_init(&self->guard, NULL);
    return self;
}

void dev_servers_free(DevServers *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->servers);
    g_free(self->prefix);
    pthread_mutex_destroy(&self->guard);
    g_free(self);
}
