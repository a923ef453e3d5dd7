/* PostgreSQL connections: from a URL to an open socket in bounded time, and back to none.
 *
 * Owns what is said to libpq and how long it may take. Refuses to read service files, password files or the
 * environment: libpq does that itself for whatever the URL leaves open. Each host of a list is tried by
 * itself with the whole connect timeout, as libpq's own connect_timeout does, and the next one too when a
 * host turns out to be a standby. Looking a name up is libpq's blocking call and not bounded. Any thread may
 * connect; a connection is its owner's. */
#include "drivers/postgres/postgres_internal.h"

#include <poll.h>
#include <string.h>

const char *const postgres_parameters[] = {
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "gssencmode",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "options",
    "passfile",
    "port",
    "requirepeer",
    "service",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslmode",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    NULL,
};

/* Of those, the ones that are not passed on as they are. */
static const char *const handled_parameters[] = {"client_encoding", "connect_timeout", "host", "port", NULL};

/* What a connection has unless the URL says otherwise: a peer that is gone is noticed within a minute. */
static const struct {
    const char *name;
    const char *value;
} default_keywords[] = {
    {"fallback_application_name", "dbfleet"},
    {"keepalives", "1"},
    {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "60000"},
};

/* ---- Keywords ---- */

typedef struct Endpoint {
    char *host; /* NULL: libpq's default */
    char *port;
} Endpoint;

static void endpoint_free(gpointer data)
{
    Endpoint *self = data;
    g_free(self->host);
    g_free(self->port);
    g_free(self);
}

static Endpoint *endpoint_new(const char *host, const char *port)
{
    Endpoint *self = g_new0(Endpoint, 1);
    self->host = g_strdup(host);
    self->port = g_strdup(port);
    return self;
}

static const char *url_part(const DbUrl *url, const char *parameter, const char *part)
{
    const char *value = db_url_parameter(url, parameter);
    return value ? value : part;
}

/* The hosts to try, in order. A list that libpq must judge as a whole (with hostaddr, or lists of unequal
 * length) stays one. */
static GPtrArray *endpoints_of(const DbUrl *url)
{
    GPtrArray *endpoints = g_ptr_array_new_with_free_func(endpoint_free);
    const char *host = url_part(url, "host", url->host);
    const char *port = url_part(url, "port", url->port);
    g_auto(GStrv) hosts = g_strsplit(host ? host : "", ",", -1);
    g_auto(GStrv) ports = g_strsplit(port ? port : "", ",", -1);
    guint host_count = g_strv_length(hosts);
    guint port_count = g_strv_length(ports);
    bool equal = port_count <= 1 || port_count == host_count;
    if (host_count <= 1 || !equal || db_url_parameter(url, "hostaddr")) {
        g_ptr_array_add(endpoints, endpoint_new(host, port));
        return endpoints;
    }
    for (guint i = 0; i < host_count; i++)
        g_ptr_array_add(endpoints, endpoint_new(hosts[i], port_count > 1 ? ports[i] : port));
    return endpoints;
}

typedef struct Keywords {
    GPtrArray *names; /* not owned */
    GPtrArray *values;
} Keywords;

static void keywords_add(Keywords *self, const char *name, const char *value)
{
    if (value) {
        g_ptr_array_add(self->names, (gpointer)name);
        g_ptr_array_add(self->values, (gpointer)value);
    }
}

/* In libpq the last of equal names counts. All texts belong to others. */
static void keywords_fill(Keywords *self, const ConnectOptions *options, const Endpoint *endpoint,
                          const char *server_options)
{
    const DbUrl *url = options->url;
    for (gsize i = 0; i < G_N_ELEMENTS(default_keywords); i++)
        keywords_add(self, default_keywords[i].name, default_keywords[i].value);
    keywords_add(self, "application_name", options->application_name);
    keywords_add(self, "gssencmode", postgres_gssencmode(url));
    for (guint i = 0; i < url->parameters->len; i++) {
        const DbUrlParameter *parameter = &g_array_index(url->parameters, DbUrlParameter, i);
        if (!g_strv_contains(handled_parameters, parameter->name))
            keywords_add(self, parameter->name, parameter->value);
    }
    keywords_add(self, "options", server_options);
    keywords_add(self, "host", endpoint->host);
    keywords_add(self, "port", endpoint->port);
    keywords_add(self, "user", url->user);
    keywords_add(self, "dbname", url->database);
    keywords_add(self, "password", options->password ? options->password : url->password);
    keywords_add(self, "client_encoding", "UTF8");
    g_ptr_array_add(self->names, NULL);
    g_ptr_array_add(self->values, NULL);
}

static PGconn *start(const ConnectOptions *options, const Endpoint *endpoint, const char *server_options)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    Keywords keywords = {names, values};
    keywords_fill(&keywords, options, endpoint, server_options);
    return PQconnectStartParams((const char *const *)names->pdata, (const char *const *)values->pdata, 0);
}

/* ---- One host ---- */

bool postgres_wait(PGconn *conn, short events, gint64 deadline)
{
    struct pollfd socket = {.fd = PQsocket(conn), .events = events};
    for (;;) {
        gint64 left = deadline ? (deadline - g_get_monotonic_time() + 999) / 1000 : -1;
        if (deadline && left <= 0)
            return false;
        int ready = poll(&socket, 1, (int)MIN(left, G_MAXINT));
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return true; /* libpq will meet the same trouble and say so */
    }
}

static GError *timeout_error(PGconn *conn)
{
    g_autofree char *message =
        g_strdup_printf("connection to server at \"%s\", port %s timed out", PQhost(conn), PQport(conn));
    return db_error_new(DB_ERROR_UNREACHABLE, NULL, message, NULL, NULL);
}

static bool poll_until_connected(const PostgresConnection *self, gint64 deadline, GError **error)
{
    PGconn *conn = self->conn;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (PQstatus(conn) != CONNECTION_BAD && status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        if (!postgres_wait(conn, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
            g_propagate_error(error, timeout_error(conn));
            return false;
        }
        status = PQconnectPoll(conn);
    }
    if (PQstatus(conn) != CONNECTION_OK) {
        g_autoptr(GError) problem = postgres_connect_error(conn);
        if (self->mark && postgres_refuses_options(problem))
            return postgres_refuse_pooler(self, self->said_options ? problem->message : NULL, error);
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    return true;
}

/* Notices have no reader; libpq would print them. */
static void drop_notice(void *data, const PGresult *result)
{
    (void)data;
    (void)result;
}

static bool open_socket(const PostgresConnection *self, gint64 deadline, GError **error)
{
    PGconn *conn = self->conn;
    PQsetNoticeReceiver(conn, drop_notice, NULL);
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    if (!poll_until_connected(self, deadline, error))
        return false;
    PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
    return true;
}

/* The nearer of the two limits. */
gint64 postgres_deadline(const ConnectOptions *options)
{
    const char *text = db_url_parameter(options->url, "connect_timeout");
    guint64 seconds = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    guint64 limit_ms = options->connect_timeout_ms;
    if (seconds && (!limit_ms || seconds * 1000 < limit_ms))
        limit_ms = MIN(seconds, G_MAXINT) * 1000;
    return limit_ms ? g_get_monotonic_time() + (gint64)limit_ms * 1000 : 0;
}

static PostgresConnection *connect_endpoint(const ConnectOptions *options, const Endpoint *endpoint,
                                            GError **error)
{
    gint64 deadline = postgres_deadline(options);
    PostgresConnection *self = g_new0(PostgresConnection, 1);
    self->base.driver = &postgres_driver;
    pthread_mutex_init(&self->cancel_mutex, NULL);
    postgres_choose_settings(self, options);
    g_autofree char *server_options = postgres_options(self, options);
    self->conn = start(options, endpoint, server_options);
    if (!self->conn)
        g_error("out of memory"); /* as GLib does everywhere else */
    if (!open_socket(self, deadline, error) || !postgres_session_start(self, options, deadline, error)) {
        postgres_close(&self->base);
        return NULL;
    }
    self->cancel = PQgetCancel(self->conn);
    self->origin = self->search_path ? postgres_origin(options) : NULL;
    connection_mark_socket(&self->base, PQsocket(self->conn));
    return self;
}

/* ---- All hosts ---- */

static bool is_worth_another_host(const GError *error)
{
    return g_error_matches(error, DB_ERROR, DB_ERROR_UNREACHABLE) ||
           g_error_matches(error, DB_ERROR, DB_ERROR_READ_ONLY);
}

/* Our texts are UTF-8; another client encoding would have the server store something else. */
static bool check_encoding(const DbUrl *url, GError **error)
{
    const char *encoding = db_url_parameter(url, "client_encoding");
    if (!encoding || g_ascii_strcasecmp(encoding, "utf8") == 0 || g_ascii_strcasecmp(encoding, "utf-8") == 0)
        return true;
    g_autofree char *message = g_strdup_printf("client_encoding=%s: only UTF8 is possible", encoding);
    g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, NULL,
                                          "Remove client_encoding from the URL; the server converts."));
    return false;
}

/* Adds `error` to what earlier hosts said; takes it over. The class is that of the host which answered, if
 * any did. */
static GError *join_errors(GError *so_far, GError *error)
{
    if (!so_far)
        return error;
    bool keep_first = so_far->code != DB_ERROR_UNREACHABLE;
    g_autofree char *message = g_strdup_printf("%s; %s", so_far->message, error->message);
    GError *kept = keep_first ? so_far : error;
    g_free(kept->message);
    kept->message = g_steal_pointer(&message);
    g_error_free(keep_first ? error : so_far);
    return kept;
}

Connection *postgres_connect(const ConnectOptions *options, GError **error)
{
    if (!check_encoding(options->url, error) || !driver_load_library(&libpq_library, error))
        return NULL;
    g_autoptr(GPtrArray) endpoints = endpoints_of(options->url);
    GError *failure = NULL;
    for (guint i = 0; i < endpoints->len; i++) {
        GError *refusal = NULL;
        PostgresConnection *self = connect_endpoint(options, g_ptr_array_index(endpoints, i), &refusal);
        if (self) {
            g_clear_error(&failure);
            return &self->base;
        }
        bool go_on = is_worth_another_host(refusal);
        failure = join_errors(failure, refusal);
        if (!go_on)
            break;
    }
    g_propagate_error(error, failure);
    return NULL;
}

void postgres_close(Connection *base)
{
    PostgresConnection *self = (PostgresConnection *)base;
    pthread_mutex_lock(&self->cancel_mutex);
    PQfreeCancel(self->cancel);
    self->cancel = NULL;
    pthread_mutex_unlock(&self->cancel_mutex);
    PQfinish(self->conn);
    pthread_mutex_destroy(&self->cancel_mutex);
    server_info_clear(&self->base.server);
    g_clear_error(&self->not_writable);
    g_clear_pointer(&self->settings, g_array_unref);
    g_free(self->search_path);
    g_free(self->mark);
    g_free(self->said_options);
    g_free(self->origin);
    g_free(self->id);
    g_free(self);
}
