/* Settings: what a URL, the inventory and the option files say about a connection, resolved and checked.
 *
 * Owns precedence (URL and inventory before option files) and the meaning of sslmode. Refuses to connect.
 * Pure but for reading the option files; any thread may call. */
#include "drivers/mysql/settings.h"

#include "drivers/mysql/option_files.h"

#include <string.h>

const char *const mysql_url_parameters[] = {"socket", "sslmode", "sslrootcert", "sslcert",
                                            "sslkey", "sslcrl",  "defaults",    NULL};

static const struct {
    const char *name;
    MysqlTls tls;
} tls_modes[] = {
    {"disable", MYSQL_TLS_DISABLE},     {"allow", MYSQL_TLS_PREFER},
    {"prefer", MYSQL_TLS_PREFER},       {"require", MYSQL_TLS_REQUIRE},
    {"verify-ca", MYSQL_TLS_VERIFY_CA}, {"verify-full", MYSQL_TLS_VERIFY_FULL},
};

/* ssl-mode in option files (MySQL manual 4.2.3). */
static const struct {
    const char *name;
    MysqlTls tls;
} option_file_modes[] = {
    {"disabled", MYSQL_TLS_DISABLE},
    {"preferred", MYSQL_TLS_PREFER},
    {"required", MYSQL_TLS_REQUIRE},
    {"verify_ca", MYSQL_TLS_VERIFY_CA},
    {"verify_identity", MYSQL_TLS_VERIFY_FULL},
};

static const struct {
    const char *parameter; /* of URLs; NULL: none */
    const char *option;    /* of option files */
} texts[] = {
    [MYSQL_TEXT_CA] = {"sslrootcert", "ssl-ca"},        [MYSQL_TEXT_CA_FOLDER] = {NULL, "ssl-capath"},
    [MYSQL_TEXT_CERTIFICATE] = {"sslcert", "ssl-cert"}, [MYSQL_TEXT_KEY] = {"sslkey", "ssl-key"},
    [MYSQL_TEXT_CRL] = {"sslcrl", "ssl-crl"},           [MYSQL_TEXT_CIPHER] = {NULL, "ssl-cipher"},
    [MYSQL_TEXT_TLS_VERSION] = {NULL, "tls-version"},   [MYSQL_TEXT_PLUGIN_FOLDER] = {NULL, "plugin-dir"},
    [MYSQL_TEXT_AUTH_PLUGIN] = {NULL, "default-auth"},
};

/* Where the values come from. */
typedef struct Sources {
    const DbUrl *url;
    GHashTable *files;
} Sources;

G_GNUC_PRINTF(3, 4)
static bool refuse(GError **error, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, NULL, hint));
    return false;
}

/* The first that says something; copied. */
static char *choose(const char *given, const Sources *sources, const char *option)
{
    return g_strdup(given ? given : g_hash_table_lookup(sources->files, option));
}

/* ---- Address ---- */

static bool read_port(const Sources *sources, unsigned *port, GError **error)
{
    const char *text = sources->url->port ? sources->url->port : g_hash_table_lookup(sources->files, "port");
    guint64 number = 0;
    if (text && !g_ascii_string_to_unsigned(text, 10, 1, 65535, &number, NULL))
        return refuse(error, NULL, "\"%s\" is not a port: it takes one number from 1 to 65535", text);
    *port = (unsigned)number;
    return true;
}

/* The library reads more than a name into a host with such signs: a list, a plugin, a string of settings. */
static bool check_host(const char *host, GError **error)
{
    if (host && strpbrk(host, ",;=/")) {
        return refuse(error, "A URL of this driver takes one host; socket=/path names a unix socket.",
                      "\"%s\" is not the name or address of one host", host);
    }
    return true;
}

/* To MySQL clients "localhost" is the unix socket whatever the port; a port in a URL means TCP. */
static bool wants_tcp(const Sources *sources)
{
    const char *protocol = g_hash_table_lookup(sources->files, "protocol");
    bool named = sources->url->host && sources->url->port;
    return named || (protocol && !sources->url->host && g_ascii_strcasecmp(protocol, "tcp") == 0);
}

static bool read_address(MysqlSettings *self, const Sources *sources, GError **error)
{
    const char *socket = db_url_parameter(sources->url, "socket");
    if (socket) {
        self->socket = g_strdup(socket);
        return true;
    }
    self->host = choose(sources->url->host, sources, "host");
    self->socket = choose(NULL, sources, "socket");
    self->tcp = wants_tcp(sources);
    return check_host(self->host, error) && read_port(sources, &self->port, error);
}

static bool is_local(const MysqlSettings *self)
{
    return !self->tcp && (!self->host || g_str_equal(self->host, "localhost"));
}

/* ---- TLS ---- */

static bool url_mode(const char *text, MysqlTls *tls, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(tls_modes); i++) {
        if (g_str_equal(text, tls_modes[i].name)) {
            *tls = tls_modes[i].tls;
            return true;
        }
    }
    return refuse(error, "It is one of disable, allow, prefer, require, verify-ca, verify-full.",
                  "sslmode \"%s\" is unknown", text);
}

static MysqlTls option_file_mode(GHashTable *files)
{
    const char *mode = g_hash_table_lookup(files, "ssl-mode");
    for (gsize i = 0; mode && i < G_N_ELEMENTS(option_file_modes); i++)
        if (g_ascii_strcasecmp(mode, option_file_modes[i].name) == 0)
            return option_file_modes[i].tls;
    const char *ssl = g_hash_table_lookup(files, "ssl");
    if (mysql_option_is_on(g_hash_table_lookup(files, "ssl-verify-server-cert")))
        return MYSQL_TLS_VERIFY_FULL;
    return !ssl ? MYSQL_TLS_PREFER : mysql_option_is_on(ssl) ? MYSQL_TLS_REQUIRE : MYSQL_TLS_DISABLE;
}

static void read_texts(MysqlSettings *self, const Sources *sources)
{
    for (gsize i = 0; i < MYSQL_TEXT_COUNT; i++) {
        const char *given = texts[i].parameter ? db_url_parameter(sources->url, texts[i].parameter) : NULL;
        self->texts[i] = choose(given, sources, texts[i].option);
    }
}

/* A unix socket needs no TLS and has no host name to verify; libpq ignores sslmode there too. */
static bool read_tls(MysqlSettings *self, const Sources *sources, GError **error)
{
    const char *mode = db_url_parameter(sources->url, "sslmode");
    self->tls = option_file_mode(sources->files);
    if (mode && !url_mode(mode, &self->tls, error))
        return false;
    if (is_local(self))
        self->tls = MYSQL_TLS_DISABLE;
    if (self->tls >= MYSQL_TLS_VERIFY_CA && !self->texts[MYSQL_TEXT_CA] &&
        !self->texts[MYSQL_TEXT_CA_FOLDER]) {
        return refuse(error, "Add sslrootcert=FILE to the URL: the certificate of the authority to trust.",
                      "the server's certificate cannot be verified: no authority to trust is named");
    }
    return true;
}

/* ---- All ---- */

static void read_account(MysqlSettings *self, const ConnectOptions *options, const Sources *sources)
{
    const char *password = options->password ? options->password : sources->url->password;
    self->user = choose(sources->url->user, sources, "user");
    self->password = choose(password, sources, "password");
    self->database = choose(sources->url->database, sources, "database");
    self->application_name = g_strdup(options->application_name);
    self->connect_timeout_ms = options->connect_timeout_ms;
}

/* NULL and an error for a word that is neither on nor off. */
static GHashTable *read_files(const DbUrl *url, GError **error)
{
    const char *wanted = db_url_parameter(url, "defaults");
    if (!wanted || g_str_equal(wanted, "on"))
        return mysql_option_files_read();
    if (g_str_equal(wanted, "off"))
        return g_hash_table_new(g_str_hash, g_str_equal);
    refuse(error, "It is \"on\" (read ~/.my.cnf and its like) or \"off\".", "defaults \"%s\" is unknown",
           wanted);
    return NULL;
}

MysqlSettings *mysql_settings_new(const ConnectOptions *options, GError **error)
{
    g_autoptr(GHashTable) files = read_files(options->url, error);
    if (!files)
        return NULL;
    g_autoptr(MysqlSettings) self = g_new0(MysqlSettings, 1);
    const Sources sources = {.url = options->url, .files = files};
    read_account(self, options, &sources);
    read_texts(self, &sources);
    if (!read_address(self, &sources, error) || !read_tls(self, &sources, error))
        return NULL;
    return g_steal_pointer(&self);
}

bool mysql_settings_differ_in_database_only(const MysqlSettings *self, const MysqlSettings *other)
{
    const char *const pairs[][2] = {
        {self->user, other->user},
        {self->password, other->password},
        {self->host, other->host},
        {self->socket, other->socket},
        {self->application_name, other->application_name},
    };
    bool same = self->port == other->port && self->tcp == other->tcp && self->tls == other->tls &&
                self->connect_timeout_ms == other->connect_timeout_ms;
    for (gsize i = 0; same && i < G_N_ELEMENTS(pairs); i++)
        same = g_strcmp0(pairs[i][0], pairs[i][1]) == 0;
    for (gsize i = 0; same && i < MYSQL_TEXT_COUNT; i++)
        same = g_strcmp0(self->texts[i], other->texts[i]) == 0;
    return same;
}

void mysql_settings_free(MysqlSettings *self)
{
    if (!self)
        return;
    if (self->password)
        explicit_bzero(self->password, strlen(self->password));
    g_free(self->user);
    g_free(self->password);
    g_free(self->host);
    g_free(self->socket);
    g_free(self->database);
    g_free(self->application_name);
    for (gsize i = 0; i < MYSQL_TEXT_COUNT; i++)
        g_free(self->texts[i]);
    g_free(self);
}
