/* The PostgreSQL driver: a reading session that goes on in another schema of its database, and when it may
 * not. */
#include "engine_fixture.h"

static void use_postgres(void)
{
    use_engine(ENGINE_POSTGRES);
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE SCHEMA one; CREATE SCHEMA \"Two\"; CREATE TABLE \"Two\".t (id int); INSERT INTO "
              "\"Two\".t VALUES (7)");
}

TestSuite(postgres_move, .init = use_postgres, .fini = remove_database, .timeout = 120);

static ConnectOptions reading(const char *schema)
{
    return (ConnectOptions){.url = fixture.url,
                            .password = fixture.url->password,
                            .schema = schema,
                            .read_only = true,
                            .application_name = "dbfleet",
                            .connect_timeout_ms = 10000,
                            .lock_timeout_ms = 5000,
                            .statement_timeout_ms = 30000};
}

static void expect_moved(Connection *self, const ConnectOptions *options)
{
    g_autoptr(GError) error = NULL;
    cr_assert(connection_can_move(self, options));
    expect_ok(connection_move(self, options, &error), error, "move");
}

Test(postgres_move, it_reads_the_other_schema_in_the_session_that_it_was)
{
    g_autoptr(Connection) self = open_session(reading("one"));
    g_autofree char *id = ask(self, "SELECT pg_backend_pid()");
    g_autoptr(Batch) batch = BATCH("SELECT id FROM t", "SELECT current_schema()");
    g_auto(FirstRead) first = {.batch = batch};
    ConnectOptions options = reading("Two");
    options.first = &first;
    expect_moved(self, &options);
    expect_ok(!first.error && first.sent, first.error, "first read");
    cr_expect_str_eq(batch_result_value(&first.result, 0), "7");
    cr_expect_str_eq(batch_result_value(&first.result, 1), "Two");
    cr_expect_str_eq(self->server.schema, "Two");
    cr_expect_str_eq(self->server.database, fixture.url->database);
    expect_value(self, "SELECT pg_backend_pid()", id);
    expect_value(self, "SHOW lock_timeout", "5s");
    expect_failure(self, "INSERT INTO t VALUES (8)", DB_ERROR_READ_ONLY);
}

Test(postgres_move, a_first_read_that_fails_leaves_a_session_that_is_there)
{
    g_autoptr(Connection) self = open_session(reading("one"));
    g_autoptr(Batch) batch = BATCH("SELECT id FROM nowhere");
    g_auto(FirstRead) first = {.batch = batch};
    ConnectOptions options = reading("Two"), back = reading("one");
    options.first = &first;
    expect_moved(self, &options);
    expect_error(g_steal_pointer(&first.error), DB_ERROR_UNDEFINED_TABLE, "nowhere");
    connection_rollback(self);
    expect_value(self, "SELECT id FROM t", "7");
    expect_moved(self, &back);
    expect_value(self, "SELECT current_schema()", "one");
}

Test(postgres_move, what_is_put_back_afterwards_is_the_new_schema)
{
    g_autoptr(Connection) self = open_session(reading("one"));
    g_autoptr(Batch) restore = batch_new();
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    const ConnectOptions options = reading("Two");
    bool held = false;
    expect_moved(self, &options);
    expect_ok(self->driver->promote(self, &error), error, "promote");
    cr_expect_not(connection_can_move(self, &options), "it may write");
    g_autofree char *key = lock_key(&self->server, "dbfleet_version");
    expect_ok(self->driver->try_lock(self, key, NULL, &held, &result, &error) && held, error, "lock");
    run(self, "SET search_path TO one");
    connection_add_restore(self, restore);
    expect_ok(connection_execute(self, restore, &result, &error), error, "restore");
    run(self, "INSERT INTO t VALUES (8)");
}

/* Nothing is told of a first read, which the next connection makes. */
static void expect_stays(Connection *self, const char *schema)
{
    g_autoptr(Batch) batch = BATCH("SELECT 1");
    g_auto(FirstRead) first = {.batch = batch};
    g_autoptr(GError) error = NULL;
    ConnectOptions options = reading(schema);
    options.first = &first;
    cr_assert(connection_can_move(self, &options));
    cr_assert_not(connection_move(self, &options, &error));
    cr_assert_not_null(error);
    cr_expect(!first.sent && !first.error && first.result.completed == 0);
}

Test(postgres_move, a_schema_that_is_missing_is_not_moved_to)
{
    g_autoptr(Connection) self = open_session(reading("one"));
    expect_stays(self, "nowhere");
}

Test(postgres_move, a_session_that_the_server_ended_is_not_moved)
{
    g_autoptr(Connection) self = open_session(reading("one"));
    g_autoptr(Connection) other = open_plain();
    g_autofree char *kill =
        g_strdup_printf("SELECT pg_terminate_backend(%s)", self->driver->session_id(self));
    run(other, kill);
    expect_stays(self, "Two");
}

static void expect_not_served(const Connection *self, ConnectOptions options, const char *what)
{
    cr_expect_not(connection_can_move(self, &options), "%s", what);
}
#define ANOTHER(member, value)                                                                               \
    do {                                                                                                     \
        ConnectOptions another = reading("Two");                                                             \
        another.member = value;                                                                              \
        expect_not_served(self, another, #member);                                                           \
    } while (0)

Test(postgres_move, a_target_that_would_have_another_session_is_not_served)
{
    g_autoptr(Connection) self = open_session(reading("one"));
    g_autoptr(DbUrl) host = url_at("another", NULL);
    g_autoptr(DbUrl) port = url_at(NULL, "1");
    g_autoptr(DbUrl) user = url_at(NULL, NULL);
    g_autoptr(DbUrl) database = url_at(NULL, NULL);
    fixture_set_part(&user->user, "another");
    fixture_set_part(&database->database, "another");
    ConnectOptions same = reading("Two");
    cr_expect(connection_can_move(self, &same));
    ANOTHER(url, host);
    ANOTHER(url, port);
    ANOTHER(url, user);
    ANOTHER(url, database);
    ANOTHER(password, "another");
    ANOTHER(schema, NULL);
    ANOTHER(read_only, false);
    ANOTHER(pooler_session, true);
    ANOTHER(application_name, "another");
    ANOTHER(connect_timeout_ms, 1);
    ANOTHER(lock_timeout_ms, 1);
    ANOTHER(statement_timeout_ms, 1);
    self->server.pooled = true;
    expect_not_served(self, same, "behind a pooler");
}

Test(postgres_move, another_parameter_of_the_url_is_another_session)
{
    g_autoptr(Connection) self = open_session(reading("one"));
    g_autofree char *text =
        g_strdup_printf("postgresql://%s@%s:%s/%s?options=-cwork_mem%%3D1MB", fixture.url->user,
                        fixture.url->host, fixture.url->port, fixture.url->database);
    g_autoptr(DbUrl) url = db_url_parse(text, NULL);
    cr_assert_not_null(url);
    fixture_set_part(&url->password, fixture.url->password);
    ANOTHER(url, url);
}

Test(postgres_move, a_session_without_a_schema_stays_where_it_is)
{
    g_autoptr(Connection) self = open_session(reading(NULL));
    expect_not_served(self, reading("one"), "to a schema");
    expect_not_served(self, reading(NULL), "to none");
}
