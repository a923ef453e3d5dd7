/* Connecting to MySQL and MariaDB: where the settings come from, what is refused and how, and that every wait
 * ends. */
#include "drivers/mysql/option_files.h"
#include "mysql_fixture.h"

#include <netinet/tcp.h>
#include <sys/stat.h>

TestSuite(mysql_connect, .init = use_mysql, .fini = remove_database, .timeout = 120);
TestSuite(mysql_connect_alone, .timeout = 120);

/* ---- A listener that is no server ---- */

typedef enum Silence {
    SILENT_FROM_START,     /* takes the connection and says nothing */
    SILENT_AFTER_GREETING, /* … and does not answer the login */
    SILENT_AFTER_TLS_OFFER,
    SILENT_AFTER_LOGIN /* … and does not answer the first statement */
} Silence;

typedef struct Listener {
    int socket;
    unsigned port;
    Silence silence;
    GString *received;
    pthread_t thread;
} Listener;

#define LOGIN_OK "\x07\0\0\x02\0\0\0\x02\0\0\0"

/* Handshake packet version 10 of a MariaDB 10.11, with or without the bit that offers TLS. */
static void send_greeting(int client, bool offers_tls)
{
    static const char head[] = "\x0a"
                               "5.5.5-10.11.6-MariaDB\0\x07\0\0\0abcdefgh";
    static const char tail[] = "\x21\x02\0\x0b\0\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password";
    g_autoptr(GByteArray) packet = g_byte_array_new();
    g_byte_array_append(packet, (const guint8 *)"\0\0\0\0", 4);
    g_byte_array_append(packet, (const guint8 *)head, sizeof head);
    g_byte_array_append(packet, (const guint8[]){0x09, offers_tls ? 0xaa : 0xa2}, 2);
    g_byte_array_append(packet, (const guint8 *)tail, sizeof tail);
    packet->data[0] = (guint8)(packet->len - 4);
    cr_assert_eq(send(client, packet->data, packet->len, MSG_NOSIGNAL), (ssize_t)packet->len);
}

static void *serve_one(void *argument)
{
    Listener *self = argument;
    int client = accept(self->socket, NULL, NULL);
    char bytes[4096];
    if (self->silence != SILENT_FROM_START)
        send_greeting(client, self->silence == SILENT_AFTER_TLS_OFFER);
    for (ssize_t count; (count = recv(client, bytes, sizeof bytes, 0)) > 0;) {
        if (self->silence == SILENT_AFTER_LOGIN && self->received->len == 0)
            send(client, LOGIN_OK, sizeof LOGIN_OK - 1, MSG_NOSIGNAL);
        g_string_append_len(self->received, bytes, count);
    }
    close(client);
    return NULL;
}

static Listener *listener_start(Silence silence)
{
    Listener *self = g_new0(Listener, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    self->silence = silence;
    self->received = g_string_new(NULL);
    self->socket = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(self->socket, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(self->socket, 1), 0);
    cr_assert_eq(getsockname(self->socket, (struct sockaddr *)&address, &size), 0);
    self->port = ntohs(address.sin_port);
    cr_assert_eq(pthread_create(&self->thread, NULL, serve_one, self), 0);
    return self;
}

/* Waits until the client is gone. Gives the number of bytes that it sent. */
static gsize listener_stop(Listener *self)
{
    pthread_join(self->thread, NULL);
    close(self->socket);
    gsize received = self->received->len;
    g_string_free(self->received, TRUE);
    g_free(self);
    return received;
}

/* Where the listener is, with these query parameters. Caller frees. */
static char *listener_url(const Listener *self, const char *parameters)
{
    return g_strdup_printf("mysql://me:dbfleet-test-password@127.0.0.1:%u/shop?defaults=off%s", self->port,
                           parameters);
}

static void expect_bounded(Silence silence, const char *parameters, const char *number, const char *words)
{
    Listener *listener = listener_start(silence);
    g_autofree char *text = listener_url(listener, parameters);
    GError *error = NULL;
    gint64 start = g_get_monotonic_time();
    cr_assert_null(open_text(text, (ConnectOptions){.connect_timeout_ms = 1000}, &error));
    expect_number(error, DB_ERROR_UNREACHABLE, number, words);
    cr_assert_leq(milliseconds_since(start), 30000);
    listener_stop(listener);
}

Test(mysql_connect_alone, a_silent_listener_does_not_hold_us)
{
    expect_bounded(SILENT_FROM_START, "", "2013", "127.0.0.1");
    expect_bounded(SILENT_AFTER_GREETING, "", "2013", "127.0.0.1");
    expect_bounded(SILENT_AFTER_TLS_OFFER, "", "2026", "127.0.0.1");
    expect_bounded(SILENT_AFTER_LOGIN, "", NULL, "did not answer within 1000 ms");
}

Test(mysql_connect_alone, a_place_without_a_server_is_unreachable)
{
    expect_refusal("mysql://me@nosuch.invalid/shop?defaults=off", DB_ERROR_UNREACHABLE, "2005",
                   "nosuch.invalid");
    expect_refusal("mysql://me@/shop?defaults=off&socket=/nosuch/socket", DB_ERROR_UNREACHABLE, "2002",
                   "/nosuch/socket");
    expect_refusal("mysql://me@[::1]:9/shop?defaults=off", DB_ERROR_UNREACHABLE, "2002", "::1");
}

static void expect_cause(const char *text, const char *cause)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(open_text(text, (ConnectOptions){0}, &error));
    cr_assert_str_eq(db_error_detail(error)->detail, cause, "%s: %s", error->message,
                     db_error_detail(error)->detail);
}

Test(mysql_connect_alone, a_number_in_the_librarys_message_is_spelled_out)
{
    expect_cause("mysql://me@/shop?defaults=off&socket=/nosuch/socket", "No such file or directory");
    expect_cause("mysql://me@nosuch.invalid/shop?defaults=off", "Name or service not known");
}

/* ---- Settings that make no sense ---- */

Test(mysql_connect_alone, settings_that_make_no_sense_are_refused)
{
    expect_refusal("mysql://me@a,b/shop?defaults=off", DB_ERROR_UNSUPPORTED, NULL, "\"a,b\"");
    expect_refusal("mysql://me@h/shop?defaults=off&sslmode=tls", DB_ERROR_UNSUPPORTED, NULL, "\"tls\"");
    expect_refusal("mysql://me@h/shop?defaults=maybe", DB_ERROR_UNSUPPORTED, NULL, "\"maybe\"");
    expect_refusal("mysql://me@h/shop?defaults=off&sslmode=verify-full", DB_ERROR_UNSUPPORTED, NULL,
                   "no authority");
    expect_refusal("mysql://me@h/shop?defaults=off&sslmode=verify-ca", DB_ERROR_UNSUPPORTED, NULL,
                   "no authority");
}

/* ---- TLS ---- */

Test(mysql_connect_alone, tls_that_the_server_lacks_is_missed)
{
    Listener *listener = listener_start(SILENT_AFTER_LOGIN);
    g_autofree char *text = listener_url(listener, "&sslmode=require");
    expect_refusal(text, DB_ERROR_UNREACHABLE, NULL, "offers no TLS");
    listener_stop(listener);
}

Test(mysql_connect_alone, verification_fails_before_the_login_where_the_server_lacks_tls)
{
    Listener *listener = listener_start(SILENT_AFTER_LOGIN);
    g_autofree char *text = listener_url(listener, "&sslmode=verify-full&sslrootcert=/etc/hostname");
    expect_refusal(text, DB_ERROR_UNREACHABLE, "2026", "does not support it");
    cr_assert_eq(listener_stop(listener), 0);
}

static char *in_tls_folder(const char *name)
{
    cr_assert_not_null(g_getenv("DBFLEET_TEST_TLS"));
    return g_build_filename(g_getenv("DBFLEET_TEST_TLS"), name, NULL);
}

/* `authority` is the file to trust, NULL: none. Caller frees. */
static char *tls_text(const char *host, const char *mode, const char *authority)
{
    g_autofree char *path = authority ? in_tls_folder(authority) : NULL;
    g_autofree char *parameters =
        g_strconcat("sslmode=", mode, authority ? "&sslrootcert=" : NULL, path, NULL);
    return text_with(host, parameters);
}

#define CIPHER                                                                                               \
    "SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"

static void expect_tls(const char *host, const char *mode, const char *authority, const char *encrypted)
{
    g_autofree char *text = tls_text(host, mode, authority);
    g_autoptr(Connection) self = open_at(text);
    expect_value(self, CIPHER, encrypted);
}

static void expect_no_trust(const char *host, const char *mode, const char *authority)
{
    g_autofree char *text = tls_text(host, mode, authority);
    expect_refusal(text, DB_ERROR_UNREACHABLE, "2026", "TLS");
}

/* The certificate is for localhost and 127.0.0.1; 127.1 is the same place by a name that is not in it. */
Test(mysql_connect, each_sslmode_checks_what_it_says)
{
    expect_tls("127.1", "disable", NULL, "0");
    expect_tls("127.1", "disable", "other-ca.pem", "0");
    expect_tls("127.1", "prefer", NULL, "1");
    expect_tls("127.1", "require", NULL, "1");
    expect_tls("127.1", "require", "ca.pem", "1");
    expect_no_trust("127.1", "require", "other-ca.pem");
    expect_tls("127.1", "verify-ca", "ca.pem", "1");
    expect_no_trust("127.1", "verify-ca", "other-ca.pem");
    expect_no_trust("127.1", "verify-ca", "nosuch.pem");
    expect_tls("localhost", "verify-full", "ca.pem", "1");
    expect_tls("127.0.0.1", "verify-full", "ca.pem", "1");
    expect_no_trust("127.1", "verify-full", "ca.pem");
    expect_no_trust("localhost", "verify-full", "other-ca.pem");
}

Test(mysql_connect, a_client_certificate_is_shown)
{
    g_autofree char *certificate = in_tls_folder("client.pem");
    g_autofree char *key = in_tls_folder("client.key");
    g_autofree char *without =
        g_strdup_printf("mysql://dbfleet_cert@%s:%s/information_schema?sslmode=require", fixture.url->host,
                        fixture.url->port);
    g_autofree char *with = g_strdup_printf("%s&sslcert=%s&sslkey=%s", without, certificate, key);
    expect_refusal(without, DB_ERROR_AUTHENTICATION, "1045", "dbfleet_cert");
    g_autoptr(Connection) self = open_at(with);
    expect_value(self, CIPHER, "1");
}

/* ---- A session ---- */

Test(mysql_connect, the_session_is_as_asked_for)
{
    g_autoptr(Connection) self =
        open_session((ConnectOptions){.lock_timeout_ms = 2500, .statement_timeout_ms = 90500});
    expect_value(self, "SELECT @@lock_wait_timeout", "3");
    expect_value(self, "SELECT @@innodb_lock_wait_timeout", "3");
    expect_value(self, "SELECT @@max_statement_time", "90.500000");
    expect_value(self, "SELECT @@character_set_client", "utf8mb4");
    expect_value(self, "SELECT @@autocommit", "1");
    expect_value(self, "SELECT DATABASE()", fixture.url->database);
    expect_value(self, "SELECT @@sql_mode = @@global.sql_mode", "1");
}

Test(mysql_connect, no_timeout_means_no_limit)
{
    g_autoptr(Connection) self = open_session((ConnectOptions){.application_name = ""});
    expect_value(self, "SELECT @@lock_wait_timeout", "31536000");
    expect_value(self, "SELECT @@innodb_lock_wait_timeout", "31536000");
    expect_value(self, "SELECT @@max_statement_time", "0.000000");
}

Test(mysql_connect, the_server_says_what_it_is)
{
    g_autoptr(Connection) self = open_plain();
    cr_assert_eq(self->server.dialect, DIALECT_MARIADB);
    cr_assert(g_regex_match_simple("^MariaDB \\d+\\.\\d+\\.\\d+$", self->server.version, 0, 0), "%s",
              self->server.version);
    expect_value(self, "SELECT CONCAT(@@server_id, '@', @@hostname, ':', @@port)", self->server.identity);
    cr_assert_str_eq(self->server.user, "admin@%");
    cr_assert_str_eq(self->server.database, fixture.url->database);
    cr_assert_str_eq(self->server.schema, fixture.url->database);
}

Test(mysql_connect, what_a_script_set_is_put_back)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = batch_new();
    run(self, "CREATE ROLE IF NOT EXISTS dbfleet_role");
    run(self, "SET ROLE dbfleet_role");
    run(self, "SET NAMES latin1");
    run(self,
        "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', foreign_key_checks = 0, time_zone = '+05:00', "
        "autocommit = 0, lock_wait_timeout = 99, tx_isolation = 'SERIALIZABLE'");
    run(self, "USE information_schema");
    connection_add_restore(self, batch);
    run_batch(self, g_steal_pointer(&batch));
    expect_value(self, "SELECT CURRENT_ROLE()", "(null)");
    expect_value(self, "SELECT @@character_set_client", "utf8mb4");
    expect_value(self, "SELECT @@sql_mode = @@global.sql_mode", "1");
    expect_value(self, "SELECT @@foreign_key_checks", "1");
    expect_value(self, "SELECT @@time_zone", "SYSTEM");
    expect_value(self, "SELECT @@autocommit", "1");
    expect_value(self, "SELECT @@lock_wait_timeout", "5");
    expect_value(self, "SELECT @@tx_isolation", "REPEATABLE-READ");
    expect_value(self, "SELECT DATABASE()", fixture.url->database);
}

Test(mysql_connect, putting_back_ends_no_transaction)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH("BEGIN");
    connection_add_restore(self, batch);
    run_batch(self, g_steal_pointer(&batch));
    cr_assert(self->driver->in_transaction(self));
}

Test(mysql_connect, a_read_only_session_changes_no_table)
{
    g_autoptr(Connection) writer = open_plain();
    run(writer, "CREATE TABLE t (a INT)");
    g_autoptr(Connection) self = open_session((ConnectOptions){.read_only = true});
    expect_failing(self, "DROP TABLE t", DB_ERROR_READ_ONLY, "1792");
    expect_failing(self, "TRUNCATE TABLE t", DB_ERROR_READ_ONLY, "1792");
    expect_failing(self, "ALTER TABLE t ADD COLUMN b INT", DB_ERROR_READ_ONLY, "1792");
    expect_failing(self, "CREATE USER nobody", DB_ERROR_READ_ONLY, "1792");
}

Test(mysql_connect, a_database_must_be_named)
{
    g_autofree char *text = g_strdup_printf("mysql://%s:%s@%s:%s/?defaults=off", fixture.url->user,
                                            fixture.url->password, fixture.url->host, fixture.url->port);
    expect_refusal(text, DB_ERROR_NO_DATABASE, NULL, "no database");
}

/* ---- Ways to a server ---- */

Test(mysql_connect, a_unix_socket_needs_no_tls)
{
    const char *path = g_getenv("DBFLEET_TEST_MYSQL_SOCKET");
    cr_assert_not_null(path);
    g_autofree char *parameters = g_strconcat("sslmode=verify-full&socket=", path, NULL);
    g_autofree char *text = text_with("elsewhere.invalid", parameters);
    g_autoptr(Connection) self = open_at(text);
    expect_value(self, "SELECT host FROM information_schema.processlist WHERE id = CONNECTION_ID()",
                 "localhost");
}

Test(mysql_connect, localhost_with_a_port_is_tcp)
{
    g_autofree char *text = text_with("localhost", "");
    g_autoptr(Connection) self = open_at(text);
    expect_value(
        self, "SELECT host LIKE '127.0.0.1:%' FROM information_schema.processlist WHERE id = CONNECTION_ID()",
        "1");
}

/* The process has one connection to an internet address. */
Test(mysql_connect, vanished_peers_are_noticed)
{
    g_autoptr(Connection) self = open_plain();
    cr_assert_not_null(self);
    int found = -1, on = 0, idle = 0;
    socklen_t size = sizeof on;
    for (int descriptor = 3; descriptor < 256; descriptor++) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        bool is =
            getpeername(descriptor, (struct sockaddr *)&peer, &length) == 0 && peer.sin_family == AF_INET;
        found = is ? descriptor : found;
    }
    cr_assert_eq(getsockopt(found, SOL_SOCKET, SO_KEEPALIVE, &on, &size), 0);
    cr_assert_eq(getsockopt(found, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size), 0);
    cr_assert(on);
    cr_assert_eq(idle, 60);
}

/* ---- Option files ---- */

/* The test's folder is the home, with this ~/.my.cnf. */
static void use_home(const char *text, mode_t mode)
{
    g_autofree char *path = g_build_filename(fixture.folder, ".my.cnf", NULL);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    cr_assert_eq(g_chmod(path, mode), 0);
    g_setenv("HOME", fixture.folder, TRUE);
    mysql_option_files_forget();
}

Test(mysql_connect, option_files_fill_what_the_url_leaves_out)
{
    g_autofree char *text =
        g_strdup_printf("# comment\n[mysqld]\nport = 9\n[client]\nuser = nobody\n"
                        "password = \"x\" # said here\nhost=%s\nport=%s # too\nsocket=/nosuch\n"
                        "loose_nosuch_option\nconnect-timeout = 1\n"
                        "[dbfleet]\nuser = %s\npassword='%s'\n[other]\nuser=x\n",
                        fixture.url->host, fixture.url->port, fixture.url->user, fixture.url->password);
    use_home(text, 0600);
    g_autoptr(Connection) self = open_at("mysql:///information_schema");
    cr_assert_str_eq(self->server.user, "admin@%");
    expect_refusal("mysql:///information_schema?defaults=off&socket=/nosuch", DB_ERROR_UNREACHABLE, "2002",
                   "/nosuch");
}

Test(mysql_connect, option_files_do_not_override_the_url)
{
    use_home("[client]\nuser=x\npassword=x\nhost=nosuch.invalid\nport=9\nssl-ca=/"
             "nosuch\nssl-mode=VERIFY_IDENTITY\n"
             "local-infile=1\ninit-command=\"SELECT nosuch\"\n",
             0600);
    g_autofree char *without_mode = text_with(NULL, "");
    g_autofree char *with_mode = text_with(NULL, "sslmode=disable");
    connection_close(open_at(with_mode));
    expect_refusal(without_mode, DB_ERROR_UNREACHABLE, "2026", "");
    use_home("", 0600);
}

static void expect_encrypted(const char *file, mode_t mode, const char *encrypted)
{
    g_autofree char *text = text_with(NULL, "");
    use_home(file, mode);
    g_autoptr(Connection) self = open_at(text);
    expect_value(self, CIPHER, encrypted);
}

Test(mysql_connect, option_files_may_switch_tls_off)
{
    expect_encrypted("", 0600, "1");
    expect_encrypted("[client]\nskip-ssl\n", 0600, "0");
    expect_encrypted("[client-server]\nssl = OFF\n", 0600, "0");
    expect_encrypted("[client]\nssl_mode=DISABLED\n", 0600, "0");
    expect_encrypted("[mysql]\nskip-ssl\n", 0600, "1");
    expect_encrypted("[client]\nskip-ssl\n", 0666, "1"); /* anybody may have written it */
}

Test(mysql_connect, option_files_are_read_once_for_many_connections)
{
    use_home("[client]\nuser = first\n", 0600);
    g_autoptr(GHashTable) first = mysql_option_files_read();
    use_home("[client]\nuser = second\n", 0600);
    g_autoptr(GHashTable) second = mysql_option_files_read();
    g_autoptr(GHashTable) again = mysql_option_files_read();
    cr_assert_str_eq(g_hash_table_lookup(first, "user"), "first");
    cr_assert_str_eq(g_hash_table_lookup(second, "user"), "second");
    cr_assert_eq(again, second);
}

Test(mysql_connect, option_files_may_include_others)
{
    g_autofree char *folder = g_build_filename(fixture.folder, "more", NULL);
    g_autofree char *path = g_build_filename(folder, "tls.cnf", NULL);
    g_autofree char *file = g_strdup_printf("!includedir %s\n!include %s/.my.cnf\n", folder, fixture.folder);
    cr_assert_eq(g_mkdir(folder, 0700), 0);
    cr_assert(g_file_set_contents(path, "[client]\nskip-ssl\n", -1, NULL));
    expect_encrypted(file, 0600, "0");
}
