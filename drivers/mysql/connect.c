/* Connecting: from settings to an authenticated handle of the client library.
 *
 * Owns what the library is told before it connects: timeouts, TLS, attributes, and that it never sends files.
 * Refuses to set up a session. Any thread may call. */
#include "drivers/mysql/mysql_internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Since this version the library checks either authority and host name or nothing. */
#define ONE_CHECK_FROM 30400

static const enum mysql_option text_options[] = {
    [MYSQL_TEXT_CA] = MYSQL_OPT_SSL_CA,
    [MYSQL_TEXT_CA_FOLDER] = MYSQL_OPT_SSL_CAPATH,
    [MYSQL_TEXT_CERTIFICATE] = MYSQL_OPT_SSL_CERT,
    [MYSQL_TEXT_KEY] = MYSQL_OPT_SSL_KEY,
    [MYSQL_TEXT_CRL] = MYSQL_OPT_SSL_CRL,
    [MYSQL_TEXT_CIPHER] = MYSQL_OPT_SSL_CIPHER,
    [MYSQL_TEXT_TLS_VERSION] = MARIADB_OPT_TLS_VERSION,
    [MYSQL_TEXT_PLUGIN_FOLDER] = MYSQL_PLUGIN_DIR,
    [MYSQL_TEXT_AUTH_PLUGIN] = MYSQL_DEFAULT_AUTH,
};

/* Naming an authority makes the library verify the chain; only with the flag it also verifies the host name
 * and insists on TLS before it answers the server's greeting. Never checks less than the mode says, on newer
 * libraries rather more. */
static bool verifies_all(const MysqlSettings *self)
{
    bool authority = self->texts[MYSQL_TEXT_CA] || self->texts[MYSQL_TEXT_CA_FOLDER];
    return self->tls == MYSQL_TLS_VERIFY_FULL ||
           (self->tls != MYSQL_TLS_DISABLE && authority && mysql_get_client_version() >= ONE_CHECK_FROM);
}

static void apply_tls(const MysqlSettings *self, MYSQL *handle)
{
    my_bool enforce = self->tls == MYSQL_TLS_DISABLE ? 0 : 1;
    my_bool verify = verifies_all(self) ? 1 : 0;
    mysql_optionsv(handle, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_optionsv(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    for (gsize i = 0; i < MYSQL_TEXT_COUNT; i++) {
        bool about_tls = i <= MYSQL_TEXT_TLS_VERSION; /* any of these alone would switch TLS on */
        if (self->texts[i] && (enforce || !about_tls))
            mysql_optionsv(handle, text_options[i], self->texts[i]);
    }
}

static void apply_options(const MysqlSettings *self, MYSQL *handle, unsigned timeout_ms)
{
    unsigned seconds = timeout_ms / 1000 + (timeout_ms % 1000 != 0);
    unsigned no_files = 0, tcp = MYSQL_PROTOCOL_TCP;
    mysql_optionsv(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds); /* also bounds each read of the handshake */
    mysql_optionsv(handle, MYSQL_OPT_LOCAL_INFILE, &no_files);
    mysql_optionsv(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (self->tcp)
        mysql_optionsv(handle, MYSQL_OPT_PROTOCOL, &tcp);
    if (self->application_name && *self->application_name)
        mysql_optionsv(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", self->application_name);
    apply_tls(self, handle);
}

/* A peer that vanished is noticed after two minutes at most. */
static void keep_alive(MYSQL *handle)
{
    int socket = mysql_get_socket(handle);
    int on = 1, idle_seconds = 60, interval_seconds = 10, probes = 6;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

char *mysql_settings_address(const MysqlSettings *self)
{
    const char *host = self->host ? self->host : "localhost";
    if (self->socket && !self->tcp && g_str_equal(host, "localhost"))
        return g_strdup(self->socket);
    return self->port ? g_strdup_printf("%s:%u", host, self->port) : g_strdup(host);
}

/* The library takes "enforce" for a wish. */
static bool check_tls(const MysqlSettings *self, MYSQL *handle, const char *address, GError **error)
{
    if (self->tls < MYSQL_TLS_REQUIRE || mysql_get_ssl_cipher(handle))
        return true;
    g_autofree char *message =
        g_strdup_printf("%s: the server offers no TLS, which sslmode demands", address);
    g_propagate_error(error, db_error_new(DB_ERROR_UNREACHABLE, NULL, message, NULL, NULL));
    return false;
}

MYSQL *mysql_settings_connect(const MysqlSettings *self, const char *database, unsigned timeout_ms,
                              GError **error)
{
    if (!mysql_driver_load(error))
        return NULL;
    g_autofree char *address = mysql_settings_address(self);
    MYSQL *handle = mysql_init(NULL);
    apply_options(self, handle, timeout_ms);
    if (!mysql_real_connect(handle, self->host, self->user, self->password, database, self->port,
                            self->socket, CLIENT_MULTI_STATEMENTS)) {
        g_propagate_error(error, mysql_failure_connecting(handle, address));
        mysql_close(handle);
        return NULL;
    }
    if (!check_tls(self, handle, address, error)) {
        mysql_close(handle);
        return NULL;
    }
    keep_alive(handle);
    return handle;
}
