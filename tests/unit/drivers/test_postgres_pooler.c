/* Poolers in front of PostgreSQL: PgBouncer, and what others do, by a small one of the tests' own. */
#include "engine_fixture.h"

#include <poll.h>

static void use_postgres(void)
{
    use_engine(ENGINE_POSTGRES);
}

TestSuite(postgres_pooler, .init = use_postgres, .fini = remove_database, .timeout = 120);

/* Refused as one; returns its own words, NULL for none. Free them. */
static char *refused_with(ConnectOptions options)
{
    GError *error = NULL;
    cr_assert_null(try_open(options, &error), "connected");
    const DbErrorDetail *detail = db_error_detail(error);
    char *words = detail ? g_strdup(detail->detail) : NULL;
    expect_error(error, DB_ERROR_UNSUPPORTED, "is a connection pooler");
    return words;
}

static void expect_pooler(const DbUrl *url)
{
    g_autofree char *words = refused_with((ConnectOptions){.url = url, .connect_timeout_ms = 10000});
    cr_assert_null(words, "%s", words);
}

static DbUrl *with_parameter(const DbUrl *url, const char *name, const char *value)
{
    DbUrl *copy = db_url_copy(url);
    DbUrlParameter parameter = {.name = g_strdup(name), .value = g_strdup(value)};
    g_array_append_val(copy->parameters, parameter);
    return copy;
}

/* ---- PgBouncer ---- */

static DbUrl *pooler_url(void)
{
    const char *text = g_getenv("DBFLEET_TEST_POSTGRES_POOLER");
    if (!text)
        cr_skip_test("pgbouncer is not installed");
    DbUrl *url = db_url_parse(text, NULL);
    fixture_set_part(&url->database, fixture.url->database);
    return url;
}

Test(postgres_pooler, a_pooler_is_refused_unless_the_target_says_that_sessions_are_its_own)
{
    g_autoptr(DbUrl) url = pooler_url();
    expect_pooler(url);
    ConnectOptions options = {.url = url, .pooler_session = true, .lock_timeout_ms = 4000};
    g_autoptr(Connection) self = open_session(options);
    g_autoptr(Connection) other = open_session(options);
    g_autofree char *key = lock_key(&self->server, "v");
    g_autoptr(Batch) then = BATCH("SELECT 1");
    g_auto(BatchResult) result = {0};
    bool held = false;
    cr_assert(self->driver->try_lock(self, key, then, &held, &result, NULL) && held);
    cr_assert(other->driver->try_lock(other, key, then, &held, &result, NULL) && !held);
    g_autoptr(Batch) restore = batch_new();
    connection_add_restore(self, restore);
    run_batch(self, g_steal_pointer(&restore));
    expect_value(self, "SHOW lock_timeout", "4s");
    expect_value(self, "SHOW application_name", "dbfleet test-run");
}

/* Said to the console of the pooler. */
static void tell_pooler(const DbUrl *pooler, const char *command)
{
    g_autofree char *console =
        g_strdup_printf("host=%s port=%s user=%s dbname=pgbouncer", pooler->host, pooler->port, pooler->user);
    const char *argv[] = {"psql", "-X", "-q", "-d", console, "-c", command, NULL};
    int status = -1;
    cr_assert(
        g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
    cr_assert_eq(status, 0);
}

Test(postgres_pooler, a_pooler_that_drops_or_refuses_what_a_session_is_to_begin_with_is_refused)
{
    g_autoptr(DbUrl) url = pooler_url();
    tell_pooler(url, "SET ignore_startup_parameters = 'options'");
    expect_pooler(url);
    tell_pooler(url, "SET ignore_startup_parameters = ''");
    expect_pooler(url);
    g_autoptr(DbUrl) said = with_parameter(url, "options", "-c work_mem=1MB");
    g_autofree char *words = refused_with((ConnectOptions){.url = said});
    cr_assert(words && strstr(words, "unsupported startup parameter"), "%s", words);
}

Test(postgres_pooler, a_pooler_without_its_database_is_given_up_in_time)
{
    g_autoptr(DbUrl) url = pooler_url();
    fixture_set_part(&url->database, "dbfleet_nosuch");
    gint64 start = g_get_monotonic_time();
    GError *error = NULL;
    ConnectOptions options = {.url = url, .connect_timeout_ms = 3000, .pooler_session = true};
    cr_assert_null(try_open(options, &error));
    cr_assert(error->code == DB_ERROR_UNREACHABLE || error->code == DB_ERROR_NO_DATABASE, "%s: %s",
              db_error_class_name((DbErrorClass)error->code), error->message);
    g_error_free(error);
    cr_assert_leq(milliseconds_since(start), 30000);
}

/* ---- Others ---- */

#define REFUSAL "Feature not supported: the proxy currently doesn't support command-line options."

typedef struct Pooler {
    pthread_t thread;
    int listener;
    char port[8];
    bool refuses; /* each client, as Amazon RDS Proxy does one with options */
} Pooler;

static bool receive_all(int from, char *bytes, gsize count)
{
    return count == 0 || recv(from, bytes, count, MSG_WAITALL) == (ssize_t)count;
}

static guint32 number_at(const char *bytes)
{
    guint32 number = 0;
    memcpy(&number, bytes, sizeof number);
    return ntohl(number);
}

/* A message of the server, in which the process that answers is given another number (BackendKeyData). */
static bool pass_message(int server, int client)
{
    char head[5];
    if (!receive_all(server, head, sizeof head))
        return false;
    gsize length = number_at(head + 1) - 4;
    g_autofree char *body = g_malloc(length + 1);
    if (!receive_all(server, body, length))
        return false;
    if (head[0] == 'K')
        body[3] ^= 1;
    return send(client, head, sizeof head, MSG_NOSIGNAL) == sizeof head &&
           send(client, body, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static bool pass_bytes(int client, int server)
{
    char bytes[4096];
    ssize_t count = recv(client, bytes, sizeof bytes, 0);
    return count > 0 && send(server, bytes, (gsize)count, MSG_NOSIGNAL) == count;
}

static int server_socket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(fixture.url->host)};
    address.sin_port = htons((guint16)atoi(fixture.url->port));
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(server, (struct sockaddr *)&address, sizeof address) == 0 ? server : -1;
}

static void serve_client(int client)
{
    int server = server_socket();
    struct pollfd both[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    bool goes_on = true;
    while (goes_on && poll(both, 2, 60000) > 0)
        goes_on = (!both[0].revents || pass_bytes(client, server)) &&
                  (!both[1].revents || pass_message(server, client));
    close(server);
}

static void refuse_client(int client)
{
    static const char fields[] = "SFATAL\0VFATAL\0C0A000\0M" REFUSAL "\0";
    char startup[4096];
    guint32 length = htonl((guint32)sizeof fields + 4);
    if (recv(client, startup, sizeof startup, 0) > 0 && send(client, "E", 1, MSG_NOSIGNAL) == 1 &&
        send(client, &length, sizeof length, MSG_NOSIGNAL) == sizeof length)
        send(client, fields, sizeof fields, MSG_NOSIGNAL);
}

/* One client after the other, until the listener is shut down. */
static void *serve(void *data)
{
    const Pooler *self = data;
    for (int client = 0; (client = accept(self->listener, NULL, NULL)) >= 0; close(client))
        (self->refuses ? refuse_client : serve_client)(client);
    return NULL;
}

static DbUrl *pooler_start(Pooler *self)
{
    self->listener = silent_socket(self->port);
    pthread_create(&self->thread, NULL, serve, self);
    g_autoptr(DbUrl) plain = with_parameter(fixture.url, "sslmode", "disable");
    DbUrl *url = with_parameter(plain, "gssencmode", "disable");
    fixture_set_part(&url->port, self->port);
    return url;
}

static void pooler_stop(Pooler *self)
{
    shutdown(self->listener, SHUT_RDWR);
    pthread_join(self->thread, NULL);
    close(self->listener);
}

/* As one that gives each transaction any session, and SETs there what its client began with. */
Test(postgres_pooler, one_that_passes_the_options_on_is_known_by_the_process_that_answers)
{
    Pooler pooler = {0};
    g_autoptr(DbUrl) url = pooler_start(&pooler);
    expect_pooler(url);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url, .pooler_session = true});
    cr_assert(self->server.pooled);
    g_clear_pointer(&self, connection_close);
    pooler_stop(&pooler);
}

Test(postgres_pooler, one_that_takes_no_options_is_refused_as_one)
{
    Pooler pooler = {.refuses = true};
    g_autoptr(DbUrl) url = pooler_start(&pooler);
    expect_pooler(url);
    g_autoptr(DbUrl) said = with_parameter(url, "options", "-c work_mem=1MB");
    g_autofree char *words = refused_with((ConnectOptions){.url = said});
    cr_assert(words && strstr(words, REFUSAL), "%s", words);
    pooler_stop(&pooler);
}
