/* What mariadb-dump and other clients of MySQL and MariaDB need to connect as a connection does: an option
 * file in a private folder, to be given as --defaults-file, since the user's own option files would win over
 * one given as --defaults-extra-file (MySQL manual 4.2.2.2). The environment has the main things too, for
 * programs that are given no file. */
#include "drivers/mysql/mysql_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *const mysql_dump_programs[] = {"mariadb-dump", "mysqldump", NULL};

static const char *const text_options[MYSQL_TEXT_COUNT] = {
    [MYSQL_TEXT_CA] = "ssl-ca",
    [MYSQL_TEXT_CA_FOLDER] = "ssl-capath",
    [MYSQL_TEXT_CERTIFICATE] = "ssl-cert",
    [MYSQL_TEXT_KEY] = "ssl-key",
    [MYSQL_TEXT_CRL] = "ssl-crl",
    [MYSQL_TEXT_CIPHER] = "ssl-cipher",
    [MYSQL_TEXT_TLS_VERSION] = "loose-tls-version",
    [MYSQL_TEXT_PLUGIN_FOLDER] = "plugin-dir",
    [MYSQL_TEXT_AUTH_PLUGIN] = "default-auth",
};

/* Both families read [client], only MariaDB's programs the other group. They warn of ssl-mode, which is
 * MySQL's, so that it stands only where it is needed: "prefer" is what both do by themselves. */
static const struct {
    const char *mode;
    const char *mariadb;
} tls_words[] = {
    [MYSQL_TLS_DISABLE] = {"DISABLED", "skip-ssl"},
    [MYSQL_TLS_PREFER] = {NULL, NULL},
    [MYSQL_TLS_REQUIRE] = {"REQUIRED", "ssl"},
    [MYSQL_TLS_VERIFY_CA] = {"VERIFY_CA", "ssl-verify-server-cert"},
    [MYSQL_TLS_VERIFY_FULL] = {"VERIFY_IDENTITY", "ssl-verify-server-cert"},
};

/* In quotes, with the escapes of option files. */
static void add_option(GString *out, const char *name, const char *value)
{
    if (!value)
        return;
    g_string_append_printf(out, "%s=\"", name);
    for (; *value; value++) {
        const char *escaped = *value == '\n' ? "\\n" : *value == '\r' ? "\\r" : *value == '\t' ? "\\t" : NULL;
        if (escaped)
            g_string_append(out, escaped);
        else if (*value == '\\' || *value == '"')
            g_string_append_printf(out, "\\%c", *value);
        else
            g_string_append_c(out, *value);
    }
    g_string_append(out, "\"\n");
}

static GString *option_file(const MysqlSettings *settings)
{
    GString *out = g_string_new("[client]\n");
    bool socket =
        settings->socket && !settings->tcp && (!settings->host || g_str_equal(settings->host, "localhost"));
    add_option(out, "user", settings->user);
    add_option(out, "password", settings->password);
    add_option(out, "host", settings->host);
    if (settings->port)
        g_string_append_printf(out, "port=%u\n", settings->port);
    if (socket)
        add_option(out, "socket", settings->socket);
    g_string_append_printf(out, "protocol=%s\n", socket ? "socket" : "tcp");
    for (gsize i = 0; i < MYSQL_TEXT_COUNT; i++)
        add_option(out, text_options[i], settings->texts[i]);
    if (!socket && tls_words[settings->tls].mode)
        g_string_append_printf(out, "loose-ssl-mode=%s\n[client-mariadb]\n%s\n",
                               tls_words[settings->tls].mode, tls_words[settings->tls].mariadb);
    return out;
}

static bool write_private(const char *path, const GString *text, GError **error)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = file >= 0 && write(file, text->str, text->len) == (gssize)text->len;
    int reason = errno;
    if (file >= 0)
        (void)close(file);
    if (good)
        return true;
    g_autofree char *message =
        g_strdup_printf("the option file %s cannot be written: %s", path, g_strerror(reason));
    g_propagate_error(error, db_error_new(DB_ERROR_STATEMENT, NULL, message, NULL, NULL));
    return false;
}

static void set(ClientAccess *access, const char *name, const char *value)
{
    if (value && *value)
        access->environment = g_environ_setenv(access->environment, name, value, TRUE);
}

bool mysql_client_access(Connection *base, const char *folder, ClientAccess *access, GError **error)
{
    const MysqlSettings *settings = ((const MysqlConnection *)base)->settings;
    g_autofree char *port = settings->port ? g_strdup_printf("%u", settings->port) : NULL;
    g_autofree char *no_logins = g_build_filename(folder, "none", NULL);
    access->file = g_build_filename(folder, "client.cnf", NULL);
    access->secret = g_strdup(settings->password);
    access->host = g_strdup(settings->host);
    access->port = g_strdup(port);
    access->user = g_strdup(settings->user);
    set(access, "MYSQL_HOST", settings->host);
    set(access, "MYSQL_TCP_PORT", port);
    set(access, "MYSQL_UNIX_PORT", settings->socket);
    set(access, "MYSQL_PWD", settings->password);
    set(access, "MYSQL_TEST_LOGIN_FILE", no_logins); /* ~/.mylogin.cnf would win over any other file */
    GString *text = option_file(settings);
    bool good = write_private(access->file, text, error);
    explicit_bzero(text->str, text->len);
    g_string_free(text, TRUE);
    return good;
}

char **mysql_dump_arguments(Connection *base, const char *program, const ClientAccess *access,
                            const char *schema, const char *path)
{
    g_autoptr(GStrvBuilder) arguments = g_strv_builder_new();
    g_autofree char *defaults = g_strconcat("--defaults-file=", access->file, NULL);
    g_autofree char *file = g_strconcat("--result-file=", path, NULL);
    (void)schema;
    g_strv_builder_add_many(arguments, program, defaults, "--single-transaction", "--routines", "--triggers",
                            "--events", "--hex-blob", "--no-tablespaces", "--default-character-set=utf8mb4",
                            file, "--", base->server.database, NULL);
    return g_strv_builder_end(arguments);
}
