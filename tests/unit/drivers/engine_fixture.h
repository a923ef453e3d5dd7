/* What the driver tests on real servers share: the engines, a database of its own for each test, and errors
 * to expect.
 *
 * The servers come from the environment (tests/harness/servers starts them): DBFLEET_TEST_POSTGRES and
 * DBFLEET_TEST_MYSQL, URLs of a superuser. Without them the tests fail; DBFLEET_TEST_SKIP_SERVERS=1 skips
 * them instead. */
#pragma once

#include "drivers/version_store.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef enum EngineId { ENGINE_POSTGRES, ENGINE_MYSQL, ENGINE_SQLITE } EngineId;

typedef struct Engine {
    const char *scheme;
    const char *environment; /* NULL: needs no server */
    const char *slow;        /* a SELECT that takes minutes */
    const char *own_id;      /* SELECT of the session's number; NULL: there is none */
    const char *kill[2];     /* before and after that number: ends the session */
    const char *holder;      /* said of a lock's holder whose application is "dbfleet 20261122-1" */
    /* Runs the script $SCRIPT in the database and stops at the first error. */
    const char *shell;
} Engine;

static const Engine engines[] = {
    [ENGINE_POSTGRES] = {.scheme = "postgresql",
                         .environment = "DBFLEET_TEST_POSTGRES",
                         .slow = "SELECT pg_sleep(120)",
                         .own_id = "SELECT pg_backend_pid()",
                         .kill = {"SELECT pg_terminate_backend(", ")"},
                         .holder = "application dbfleet 20261122-1",
                         .shell = "PGPASSWORD=$PASSWORD psql -X -q -h $HOST -p $PORT -U $USER -d $DATABASE "
                                  "-v ON_ERROR_STOP=1 -f $SCRIPT"},
    [ENGINE_MYSQL] =
        {.scheme = "mysql",
         .environment = "DBFLEET_TEST_MYSQL",
         .slow = "SELECT count(*) FROM information_schema.columns a, information_schema.columns b, "
                 "information_schema.columns c",
         .own_id = "SELECT CONNECTION_ID()",
         .kill = {"KILL ", ""},
         .holder = "user admin",
         .shell = "MYSQL_PWD=$PASSWORD mariadb --no-defaults -h $HOST -P $PORT -u $USER $DATABASE < $SCRIPT"},
    [ENGINE_SQLITE] = {.scheme = "sqlite",
                       .slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                               "SELECT count(*) FROM n",
                       .holder = "dbfleet 20261122-1",
                       .shell = "sqlite3 -bail $DATABASE < $SCRIPT"},
};

/* The running test's own; every test is a process. */
static struct {
    const Engine *engine;
    const Driver *driver;
    DbUrl *admin; /* NULL: no server */
    DbUrl *url;   /* of the test's database */
    char *folder;
} fixture;

static inline void fixture_set_part(char **part, const char *value)
{
    g_free(*part);
    *part = g_strdup(value);
}

/* ---- Expectations ---- */

static inline void expect_ok(bool ok, const GError *error, const char *what)
{
    cr_assert(ok, "%s: %s", what, error ? error->message : "no error");
}

/* Frees the error. */
static inline void expect_error(GError *error, DbErrorClass error_class, const char *words)
{
    cr_assert_not_null(error, "no error, not %s", db_error_class_name(error_class));
    cr_assert_eq(error->domain, DB_ERROR);
    cr_assert_eq(error->code, (int)error_class, "%s (%s), not %s", error->message,
                 db_error_class_name((DbErrorClass)error->code), db_error_class_name(error_class));
    cr_assert_not_null(strstr(error->message, words), "\"%s\" does not say \"%s\"", error->message, words);
    cr_assert_null(strstr(error->message, "dbfleet-test-password"), "a password in: %s", error->message);
    g_error_free(error);
}

static inline gint64 milliseconds_since(gint64 start)
{
    return (g_get_monotonic_time() - start) / 1000;
}

/* ---- Sessions ---- */

/* A session on the test's database; `options` needs no url and no password. */
static inline Connection *try_open(ConnectOptions options, GError **error)
{
    options.url = options.url ? options.url : fixture.url;
    options.password = options.password ? options.password : options.url->password;
    options.application_name = options.application_name ? options.application_name : "dbfleet test-run";
    return connection_open(&options, error);
}

static inline Connection *open_session(ConnectOptions options)
{
    g_autoptr(GError) error = NULL;
    Connection *self = try_open(options, &error);
    expect_ok(self != NULL, error, "connect");
    return self;
}

static inline Connection *open_plain(void)
{
    return open_session((ConnectOptions){.connect_timeout_ms = 10000, .lock_timeout_ms = 5000});
}

static inline void run(Connection *self, const char *sql)
{
    g_autoptr(GError) error = NULL;
    expect_ok(connection_run(self, sql, &error), error, sql);
}

static inline void expect_failure(Connection *self, const char *sql, DbErrorClass error_class)
{
    GError *error = NULL;
    cr_assert(!connection_run(self, sql, &error), "%s: no failure", sql);
    expect_error(error, error_class, "");
}

/* The first value of the first row, "(null)" for NULL. Free it. */
static inline char *ask(Connection *self, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RowSet) rows = connection_query(self, sql, &error);
    expect_ok(rows != NULL, error, sql);
    cr_assert_gt(rows->rows->len, 0, "%s: no row", sql);
    const char *value = ((char **)g_ptr_array_index(rows->rows, 0))[0];
    return g_strdup(value ? value : "(null)");
}

static inline void expect_value(Connection *self, const char *sql, const char *value)
{
    g_autofree char *actual = ask(self, sql);
    cr_assert_str_eq(actual, value, "%s: %s, not %s", sql, actual, value);
}

/* A batch of NULL-terminated texts, all of whose rows are wanted. */
static inline Batch *batch_of(const char *const *texts)
{
    Batch *batch = batch_new();
    for (; *texts; texts++)
        batch_add(batch, &(BatchItem){.sql = *texts, .length = strlen(*texts), .wants_rows = true});
    return batch;
}
#define BATCH(...) batch_of((const char *const[]){__VA_ARGS__, NULL})

static inline void run_batch(Connection *self, Batch *batch)
{
    g_autoptr(Batch) owned = batch;
    g_autoptr(GError) error = NULL;
    g_auto(BatchResult) result = {0};
    expect_ok(connection_execute(self, owned, &result, &error), error, "batch");
    cr_assert_eq(result.completed, batch_length(owned));
}

/* A batch that runs in a thread of its own. */
typedef struct Runner {
    Connection *connection;
    Batch *batch;
    bool ok;
    GError *error;
    pthread_t thread;
} Runner;

static inline void *runner_main(void *data)
{
    Runner *self = data;
    g_auto(BatchResult) result = {0};
    self->ok = connection_execute(self->connection, self->batch, &result, &self->error);
    return NULL;
}

/* Takes over the batch. */
static inline void runner_start(Runner *self, Connection *connection, Batch *batch)
{
    *self = (Runner){.connection = connection, .batch = batch};
    cr_assert_eq(pthread_create(&self->thread, NULL, runner_main, self), 0);
}

/* Gives the error, which the caller frees. */
static inline GError *runner_wait(Runner *self)
{
    cr_assert_eq(pthread_join(self->thread, NULL), 0);
    batch_free(self->batch);
    return self->error;
}

/* ---- A database for each test ---- */

static inline void run_as_admin(const char *before, const char *name, const char *after)
{
    g_autofree char *sql = g_strconcat(before, name, after, NULL);
    g_autoptr(Connection) admin =
        open_session((ConnectOptions){.url = fixture.admin, .connect_timeout_ms = 10000});
    run(admin, sql);
}

static inline void make_server_database(const char *url)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup_printf("dbfleet_%d_%08x", (int)getpid(), g_random_int());
    fixture.admin = db_url_parse(url, &error);
    expect_ok(fixture.admin != NULL, error, fixture.engine->environment);
    fixture.url = db_url_copy(fixture.admin);
    fixture_set_part(&fixture.url->database, name);
    run_as_admin("CREATE DATABASE ", name, "");
}

static inline void make_sqlite_database(void)
{
    g_autofree char *path = g_build_filename(fixture.folder, "test.db", NULL);
    fixture.url = db_url_new_sqlite(path);
    connection_close(open_session((ConnectOptions){.create = true}));
}

/* What every test begins with. */
static inline void use_engine(EngineId id)
{
    fixture.engine = &engines[id];
    fixture.driver = driver_for_scheme(fixture.engine->scheme, NULL);
    if (!fixture.driver)
        cr_skip_test("this build has no %s driver", fixture.engine->scheme);
    fixture.folder = g_dir_make_tmp("dbfleet-drivers-XXXXXX", NULL);
    if (!fixture.engine->environment) {
        make_sqlite_database();
        return;
    }
    const char *url = g_getenv(fixture.engine->environment);
    if (!url && g_strcmp0(g_getenv("DBFLEET_TEST_SKIP_SERVERS"), "1") == 0)
        cr_skip_test("no server");
    cr_assert_not_null(url, "%s is not set: eval \"$(tests/harness/servers start DIR)\"",
                       fixture.engine->environment);
    make_server_database(url);
}

static inline void remove_database(void)
{
    bool force = fixture.engine == &engines[ENGINE_POSTGRES];
    if (fixture.admin && fixture.url)
        run_as_admin("DROP DATABASE IF EXISTS ", fixture.url->database, force ? " WITH (FORCE)" : "");
    if (fixture.folder) {
        const char *const argv[] = {"rm", "-rf", fixture.folder, NULL};
        g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    }
    db_url_free(fixture.admin);
    db_url_free(fixture.url);
    g_free(fixture.folder);
}

/* ---- Sockets that are no servers ---- */

/* A loopback socket that listens, and so takes connections, but never answers; `port` is its number. */
static inline int silent_socket(char port[8])
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    cr_assert_eq(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(descriptor, 8), 0);
    cr_assert_eq(getsockname(descriptor, (struct sockaddr *)&address, &length), 0);
    g_snprintf(port, 8, "%d", ntohs(address.sin_port));
    return descriptor;
}

/* A loopback port that nothing listens on. */
static inline void closed_port(char port[8])
{
    close(silent_socket(port));
}

/* The URL of the test's database with another host and port (NULL: as it is). Free it. */
static inline DbUrl *url_at(const char *host, const char *port)
{
    DbUrl *url = db_url_copy(fixture.url);
    if (host)
        fixture_set_part(&url->host, host);
    if (port)
        fixture_set_part(&url->port, port);
    return url;
}

/* ---- Another thread that acts while a statement runs ---- */

typedef struct Later {
    pthread_t thread;
    unsigned delay_ms;
    void (*act)(gpointer data);
    gpointer data;
} Later;

static inline void *later_main(void *data)
{
    Later *self = data;
    g_usleep(self->delay_ms * 1000UL);
    self->act(self->data);
    return NULL;
}

static inline void later_start(Later *self, unsigned delay_ms, void (*act)(gpointer), gpointer data)
{
    *self = (Later){.delay_ms = delay_ms, .act = act, .data = data};
    cr_assert_eq(pthread_create(&self->thread, NULL, later_main, self), 0);
}

static inline void later_wait(Later *self)
{
    cr_assert_eq(pthread_join(self->thread, NULL), 0);
}
