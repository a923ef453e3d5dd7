/* The registry of drivers, and the thin callers through which the rest of dbfleet uses them.
 *
 * Owns which drivers this build has and what a missing one needs. Refuses to know any protocol. The registry
 * is constant and may be read by any thread; a Connection belongs to one thread at a time. */
#include "drivers/driver.h"

#include "drivers/registry_internal.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#define ROLLBACK_TRIES 3

const char *const postgres_schemes[] = {"postgresql", "postgres", NULL};
const char *const mysql_schemes[] = {"mysql", "mariadb", NULL};
const char *const sqlite_schemes[] = {"sqlite", NULL};

static const Driver *const built_drivers[] = {
#ifdef HAVE_LIBPQ
    &postgres_driver,
#endif
#ifdef HAVE_MYSQL
    &mysql_driver,
#endif
#ifdef HAVE_SQLITE
    &sqlite_driver,
#endif
    NULL,
};

/* Every driver there could be, and the Debian package that a build needs for it. */
static const struct {
    const char *name;
    const char *const *schemes;
    const char *package;
} known_drivers[] = {
    {"PostgreSQL", postgres_schemes, "libpq-dev"},
    {"MySQL", mysql_schemes, "libmariadb-dev"},
    {"SQLite", sqlite_schemes, "libsqlite3-dev"},
};

const Driver *const *drivers_all(void)
{
    return built_drivers;
}

static GError *missing_driver_error(const char *scheme)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known_drivers); i++) {
        if (g_strv_contains(known_drivers[i].schemes, scheme)) {
            g_autofree char *message =
                g_strdup_printf("this build of dbfleet has no %s driver", known_drivers[i].name);
            g_autofree char *hint =
                g_strdup_printf("Install %s and build dbfleet again.", known_drivers[i].package);
            return db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, NULL, hint);
        }
    }
    g_autoptr(GString) schemes = g_string_new(NULL);
    for (const Driver *const *driver = built_drivers; *driver; driver++) {
        g_autofree char *names = g_strjoinv(", ", (char **)(*driver)->schemes);
        g_string_append_printf(schemes, "%s%s", schemes->len ? ", " : "", names);
    }
    g_autofree char *message = g_strdup_printf("no driver for the URL scheme \"%s\"", scheme);
    g_autofree char *hint = g_strdup_printf("Schemes of this build: %s.", schemes->str);
    return db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, NULL, hint);
}

const Driver *driver_for_scheme(const char *scheme, GError **error)
{
    for (const Driver *const *driver = built_drivers; *driver; driver++)
        if (g_strv_contains((*driver)->schemes, scheme))
            return *driver;
    g_propagate_error(error, missing_driver_error(scheme));
    return NULL;
}

bool driver_accepts_url(const Driver *self, const DbUrl *url, GError **error)
{
    for (guint i = 0; i < url->parameters->len; i++) {
        const char *name = g_array_index(url->parameters, DbUrlParameter, i).name;
        if (!g_strv_contains(self->parameters, name)) {
            g_autofree char *names = g_strjoinv(", ", (char **)self->parameters);
            g_autofree char *message =
                g_strdup_printf("the %s driver knows no URL parameter \"%s\"", self->name, name);
            g_autofree char *hint = g_strdup_printf("It knows: %s.", names);
            g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, NULL, hint));
            return false;
        }
    }
    return true;
}

bool driver_load_library(LateLibrary *library, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (late_library_load(library, &problem))
        return true;
    g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL, problem->message, NULL,
                                          "Install the package that it is in."));
    return false;
}

/* ---- Connections ---- */

/* False and an error where they make no sense to the driver. */
static bool driver_accepts_options(const Driver *self, const ConnectOptions *options, GError **error)
{
    if (!driver_accepts_url(self, options->url, error))
        return false;
    if (!options->schema || self->features & DRIVER_SCHEMAS)
        return true;
    g_autofree char *message =
        g_strdup_printf("the %s driver has no schemas inside a database, but the target names schema \"%s\"",
                        self->name, options->schema);
    g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, NULL,
                                          "Name the database in the URL and leave `schema` out."));
    return false;
}

static void send_first(Connection *self, FirstRead *first)
{
    if (first && !first->sent) {
        first->sent = true;
        connection_execute(self, first->batch, &first->result, &first->error);
    }
}

Connection *connection_open(const ConnectOptions *options, GError **error)
{
    const Driver *driver = driver_for_scheme(options->url->scheme, error);
    bool accepted = driver && driver_accepts_options(driver, options, error);
    Connection *self = accepted ? driver->connect(options, error) : NULL;
    if (self)
        send_first(self, options->first);
    return self;
}

bool connection_can_move(const Connection *self, const ConnectOptions *options)
{
    const Driver *driver = self->driver;
    return driver->can_move && g_strv_contains(driver->schemes, options->url->scheme) &&
           driver_accepts_options(driver, options, NULL) && driver->can_move(self, options);
}

bool connection_move(Connection *self, const ConnectOptions *options, GError **error)
{
    if (!self->driver->move(self, options, error))
        return false;
    send_first(self, options->first);
    return true;
}

void first_read_clear(FirstRead *self)
{
    batch_result_clear(&self->result);
    g_clear_error(&self->error);
}

void connection_close(Connection *self)
{
    if (self)
        self->driver->close(self);
}

bool connection_execute(Connection *self, const Batch *batch, BatchResult *result, GError **error)
{
    batch_result_clear(result);
    atomic_store(&self->busy_since, g_get_monotonic_time());
    bool good = self->driver->execute(self, batch, result, error);
    atomic_store(&self->busy_since, 0);
    return good;
}

bool connection_run(Connection *self, const char *sql, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    batch_add(batch, &(BatchItem){.sql = sql, .length = strlen(sql)});
    return connection_execute(self, batch, &result, error);
}

RowSet *connection_query(Connection *self, const char *sql, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    batch_add(batch, &(BatchItem){.sql = sql, .length = strlen(sql), .wants_rows = true});
    if (!connection_execute(self, batch, &result, error))
        return NULL;
    gpointer rows = NULL;
    if (!result.rows || !g_hash_table_steal_extended(result.rows, GUINT_TO_POINTER(0), NULL, &rows))
        return rowset_new(0, NULL); /* a statement that returns none */
    return rows;
}

/* Of a socket that is no network one the length stays 0. */
static SocketMark socket_mark(int descriptor)
{
    SocketMark self = {.descriptor = descriptor, .length = sizeof self.address};
    bool known = getsockname(descriptor, (struct sockaddr *)&self.address, &self.length) == 0;
    if (!known || (self.address.ss_family != AF_INET && self.address.ss_family != AF_INET6))
        self.length = 0;
    return self;
}

void connection_mark_socket(Connection *self, int descriptor)
{
    self->socket = socket_mark(descriptor);
}

void connection_sever(const Connection *self)
{
    const SocketMark *ours = &self->socket;
    if (ours->length == 0)
        return;
    SocketMark now = socket_mark(ours->descriptor);
    if (now.length == ours->length && memcmp(&now.address, &ours->address, now.length) == 0)
        shutdown(ours->descriptor, SHUT_RDWR);
}

bool connection_is_quiet(const Connection *self)
{
    struct pollfd socket = {.fd = self->socket.descriptor, .events = POLLIN};
    return self->socket.length == 0 || poll(&socket, 1, 0) == 0;
}

void connection_cancel(Connection *self)
{
    self->driver->cancel(self);
}

void connection_add_restore(Connection *self, Batch *batch)
{
    if (self->driver->add_restore)
        self->driver->add_restore(self, batch);
}

void connection_rest(Connection *self)
{
    if (self->driver->rest)
        self->driver->rest(self);
}

/* A cancel that comes late may hit the ROLLBACK itself. */
void connection_rollback(Connection *self)
{
    for (int tries = 0; tries < ROLLBACK_TRIES && self->driver->in_transaction(self); tries++)
        connection_run(self, "ROLLBACK", NULL);
}

/* ---- For drivers ---- */

void server_info_clear(ServerInfo *self)
{
    g_clear_pointer(&self->version, g_free);
    g_clear_pointer(&self->identity, g_free);
    g_clear_pointer(&self->user, g_free);
    g_clear_pointer(&self->database, g_free);
    g_clear_pointer(&self->schema, g_free);
    self->pooled = false;
}

char *lock_key(const ServerInfo *server, const char *version_table)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *const parts[] = {server->database, server->schema, version_table};
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *part = parts[i] ? parts[i] : "";
        g_checksum_update(checksum, (const guchar *)part, (gssize)strlen(part) + 1); /* the 0 separates */
    }
    return g_strdup(g_checksum_get_string(checksum));
}
