/* Spare connections: kept by the name of their target, counted by the identity of their server. Closing says
 * a word to the server, so it is done outside of the lock. */
#include "run/spare_connections.h"
#include <pthread.h>
#include <sys/resource.h>

#define SERVER_SHARE 4 /* of what a server has free, one in so many */
#define FILE_SHARE 4   /* of the descriptors that this process may have */
#define IDLE_US (60 * G_USEC_PER_SEC)

typedef struct Spare {
    Connection *connection;
    gint64 since;
} Spare;

/* A server, by its identity. */
typedef struct SpareServer {
    bool known; /* else somebody is asking it how many */
    gint64 most;
    gint64 kept;
} SpareServer;

struct SpareConnections {
    char *run_id;
    pthread_cond_t learned; /* a server said how many */
    pthread_mutex_t mutex;  /* guards the rest */
    unsigned most;
    GHashTable *spares;  /* target name -> Spare * */
    GHashTable *servers; /* identity -> SpareServer * */
};

static void spare_free(gpointer data)
{
    Spare *self = data;
    connection_close(self->connection);
    g_free(self);
}

static unsigned most_files(void)
{
    struct rlimit files;
    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? (unsigned)MIN(files.rlim_cur, G_MAXINT) / FILE_SHARE : 0;
}

SpareConnections *spare_connections_new(const char *run_id)
{
    SpareConnections *self = g_new0(SpareConnections, 1);
    self->run_id = g_strdup(run_id);
    self->most = most_files();
    self->spares = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, spare_free);
    self->servers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->learned, NULL);
    return self;
}

void spare_connections_free(SpareConnections *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->spares);
    g_hash_table_unref(self->servers);
    pthread_cond_destroy(&self->learned);
    pthread_mutex_destroy(&self->mutex);
    g_free(self->run_id);
    g_free(self);
}

const char *spare_connections_run(const SpareConnections *self)
{
    return self->run_id;
}

/* ---- Keeping ---- */

static SpareServer *server_of(SpareConnections *self, const Connection *connection)
{
    return g_hash_table_lookup(self->servers, connection->server.identity);
}

static void ask_server(SpareConnections *self, Connection *connection)
{
    SpareServer *server = g_new0(SpareServer, 1);
    g_hash_table_insert(self->servers, g_strdup(connection->server.identity), server);
    pthread_mutex_unlock(&self->mutex);
    gint64 most = connection->driver->free_connections(connection) / SERVER_SHARE;
    pthread_mutex_lock(&self->mutex);
    server->most = most;
    server->known = true;
    pthread_cond_broadcast(&self->learned);
}

/* Locked. Each server is asked once, before anything of it is kept; who comes meanwhile waits for what it
 * says. */
static void learn_server(SpareConnections *self, Connection *connection)
{
    const SpareServer *server = server_of(self, connection);
    if (!server)
        ask_server(self, connection);
    while (server && !server->known)
        pthread_cond_wait(&self->learned, &self->mutex);
}

static bool has_room(const SpareServer *server, const Target *target, unsigned per_host)
{
    const unsigned stricter[] = {per_host, target->settings.per_host};
    gint64 limit = server->most;
    for (gsize i = 0; i < G_N_ELEMENTS(stricter); i++)
        if (stricter[i])
            limit = MIN(limit, stricter[i]);
    return server->kept < limit;
}

static bool try_keep(SpareConnections *self, const Target *target, Connection *connection, unsigned per_host)
{
    SpareServer *server = server_of(self, connection);
    if (g_hash_table_size(self->spares) >= self->most || !has_room(server, target, per_host) ||
        g_hash_table_contains(self->spares, target->name))
        return false;
    Spare *spare = g_new0(Spare, 1);
    *spare = (Spare){connection, g_get_monotonic_time()};
    g_hash_table_insert(self->spares, g_strdup(target->name), spare);
    server->kept++;
    return true;
}

bool spare_connections_keep(SpareConnections *self, const Target *target, Connection *connection,
                            unsigned per_host)
{
    bool kept = false;
    if (connection->driver->promote && !connection->server.pooled) {
        pthread_mutex_lock(&self->mutex);
        learn_server(self, connection);
        kept = try_keep(self, target, connection, per_host);
        pthread_mutex_unlock(&self->mutex);
    }
    return kept;
}

/* ---- Taking ---- */

/* What a server has closed meanwhile, or what it refuses to promote, is no loss: the run connects anew, and
 * is told why not. */
Connection *spare_connections_take(SpareConnections *self, const Target *target)
{
    gpointer name = NULL, item = NULL;
    Connection *connection = NULL;
    pthread_mutex_lock(&self->mutex);
    if (g_hash_table_steal_extended(self->spares, target->name, &name, &item)) {
        connection = ((Spare *)item)->connection;
        server_of(self, connection)->kept--;
    }
    pthread_mutex_unlock(&self->mutex);
    g_free(name);
    g_free(item);
    if (connection && connection_is_quiet(connection) && connection->driver->promote(connection, NULL))
        return connection;
    connection_close(connection);
    return NULL;
}

/* Closes what was kept at that time or before; how many. */
static guint close_since(SpareConnections *self, gint64 since)
{
    g_autoptr(GPtrArray) closed = g_ptr_array_new_with_free_func(spare_free);
    GHashTableIter iterator;
    gpointer name, item;
    pthread_mutex_lock(&self->mutex);
    g_hash_table_iter_init(&iterator, self->spares);
    while (g_hash_table_iter_next(&iterator, &name, &item)) {
        Spare *spare = item;
        if (spare->since > since)
            continue;
        server_of(self, spare->connection)->kept--;
        g_ptr_array_add(closed, spare);
        g_hash_table_iter_steal(&iterator);
        g_free(name);
    }
    pthread_mutex_unlock(&self->mutex);
    return closed->len;
}

void spare_connections_expire(SpareConnections *self)
{
    if (self)
        close_since(self, g_get_monotonic_time() - IDLE_US);
}

void spare_connections_close(SpareConnections *self)
{
    if (self)
        close_since(self, G_MAXINT64);
}

bool spare_connections_give_up(SpareConnections *self)
{
    if (!self)
        return false;
    pthread_mutex_lock(&self->mutex);
    self->most = 0;
    pthread_mutex_unlock(&self->mutex);
    return close_since(self, G_MAXINT64) > 0;
}
