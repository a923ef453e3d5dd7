/* The MySQL driver: a reading session that goes on in another database of its server, and when it may not. */
#include "mysql_fixture.h"

TestSuite(mysql_move, .init = use_mysql, .fini = remove_database, .timeout = 120);

static ConnectOptions reading(const DbUrl *url)
{
    return (ConnectOptions){.url = url,
                            .password = url->password,
                            .read_only = true,
                            .application_name = "dbfleet",
                            .connect_timeout_ms = 10000,
                            .lock_timeout_ms = 5000,
                            .statement_timeout_ms = 30000};
}

static Connection *open_reading(void)
{
    return open_session(reading(fixture.url));
}

/* The URL of another database of the server, which is not made here. Free it. */
static DbUrl *url_of(const char *database)
{
    DbUrl *url = db_url_copy(fixture.url);
    fixture_set_part(&url->database, database);
    return url;
}

/* A name of this test's own. */
static char *second_name(const char *end)
{
    return g_strconcat(fixture.url->database, end, NULL);
}

static void make_database(const char *name, int value)
{
    g_autofree char *quoted = sql_quote_ident(DIALECT_MARIADB, name);
    g_autofree char *table = g_strdup_printf("CREATE TABLE %s.t (id int)", quoted);
    g_autofree char *row = g_strdup_printf("INSERT INTO %s.t VALUES (%d)", quoted, value);
    g_autoptr(Connection) self = open_plain();
    run_as_admin("CREATE DATABASE ", quoted, "");
    run(self, table);
    run(self, row);
}

static void drop_second(const char *name)
{
    g_autofree char *quoted = sql_quote_ident(DIALECT_MARIADB, name);
    run_as_admin("DROP DATABASE ", quoted, "");
}

static void expect_moved(Connection *self, const ConnectOptions *options)
{
    g_autoptr(GError) error = NULL;
    cr_assert(connection_can_move(self, options));
    expect_ok(connection_move(self, options, &error), error, "move");
}

/* ---- What it does ---- */

Test(mysql_move, it_reads_the_other_database_in_the_session_that_it_was)
{
    g_autofree char *name = second_name("_B`x");
    make_database(name, 7);
    g_autoptr(DbUrl) url = url_of(name);
    g_autoptr(Connection) self = open_reading();
    g_autofree char *id = ask(self, "SELECT CONNECTION_ID()"), *identity = g_strdup(self->server.identity);
    g_autoptr(Batch) batch = BATCH("SELECT id FROM t", "SELECT DATABASE()");
    g_auto(FirstRead) first = {.batch = batch};
    ConnectOptions options = reading(url);
    options.first = &first;
    expect_moved(self, &options);
    expect_ok(!first.error && first.sent, first.error, "first read");
    cr_expect_str_eq(batch_result_value(&first.result, 0), "7");
    cr_expect_str_eq(batch_result_value(&first.result, 1), name);
    cr_expect_str_eq(self->server.database, name);
    cr_expect_str_eq(self->server.schema, name);
    cr_expect_str_eq(self->server.identity, identity);
    expect_value(self, "SELECT CONNECTION_ID()", id);
    expect_failure(self, "INSERT INTO t VALUES (8)", DB_ERROR_READ_ONLY);
    drop_second(name);
}

Test(mysql_move, what_is_put_back_afterwards_is_the_new_database)
{
    g_autofree char *name = second_name("_b");
    make_database(name, 7);
    g_autoptr(DbUrl) url = url_of(name);
    g_autoptr(Connection) self = open_reading();
    g_autoptr(Batch) restore = batch_new();
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    const ConnectOptions options = reading(url);
    expect_moved(self, &options);
    expect_ok(self->driver->promote(self, &error), error, "promote");
    bool held = false;
    g_autofree char *key = lock_key(&self->server, "dbfleet_version");
    expect_ok(self->driver->try_lock(self, key, NULL, &held, &result, &error) && held, error, "lock");
    run(self, "USE mysql");
    connection_add_restore(self, restore);
    expect_ok(connection_execute(self, restore, &result, &error), error, "restore");
    expect_value(self, "SELECT DATABASE()", name);
    run(self, "INSERT INTO t VALUES (8)");
    drop_second(name);
}

Test(mysql_move, a_first_read_that_fails_leaves_a_session_that_can_move_on)
{
    g_autofree char *name = second_name("_b");
    make_database(name, 7);
    g_autoptr(DbUrl) url = url_of(name);
    g_autoptr(Connection) self = open_reading();
    g_autoptr(Batch) batch = BATCH("SELECT id FROM t", "SELECT id FROM nowhere");
    g_auto(FirstRead) first = {.batch = batch};
    ConnectOptions options = reading(url), back = reading(fixture.url);
    options.first = &first;
    expect_moved(self, &options);
    cr_expect_eq(first.result.completed, 1u);
    expect_error(g_steal_pointer(&first.error), DB_ERROR_UNDEFINED_TABLE, "nowhere");
    connection_rollback(self);
    expect_moved(self, &back);
    expect_value(self, "SELECT DATABASE()", fixture.url->database);
    drop_second(name);
}

/* ---- What cannot be moved to ---- */

/* Nothing is told of a first read, which the next connection makes. */
static void expect_stays(Connection *self, const DbUrl *url)
{
    g_autoptr(Batch) batch = BATCH("SELECT 1");
    g_auto(FirstRead) first = {.batch = batch};
    g_autoptr(GError) error = NULL;
    ConnectOptions options = reading(url);
    options.first = &first;
    cr_assert(connection_can_move(self, &options));
    cr_assert_not(connection_move(self, &options, &error));
    cr_assert_not_null(error);
    cr_expect(!first.sent && !first.error && first.result.completed == 0);
}

Test(mysql_move, a_database_that_is_missing_is_not_moved_to)
{
    g_autofree char *name = second_name("_none");
    g_autoptr(DbUrl) url = url_of(name);
    g_autoptr(Connection) self = open_reading();
    expect_stays(self, url);
}

Test(mysql_move, a_session_that_the_server_ended_is_not_moved)
{
    g_autoptr(Connection) self = open_reading();
    g_autoptr(Connection) other = open_plain();
    g_autofree char *kill = g_strconcat("KILL ", self->driver->session_id(self), NULL);
    run(other, kill);
    expect_stays(self, fixture.url);
}

static void other_password(ConnectOptions *options)
{
    options->password = "another";
}
static void other_lock_timeout(ConnectOptions *options)
{
    options->lock_timeout_ms = 1000;
}
static void other_statement_timeout(ConnectOptions *options)
{
    options->statement_timeout_ms = 1;
}
static void other_connect_timeout(ConnectOptions *options)
{
    options->connect_timeout_ms = 1;
}
static void other_application(ConnectOptions *options)
{
    options->application_name = "dbfleet run";
}
static void one_that_writes(ConnectOptions *options)
{
    options->read_only = false;
}
static void a_cluster(ConnectOptions *options)
{
    options->galera_single_writer = true;
}
static void a_schema(ConnectOptions *options)
{
    options->schema = "s";
}

Test(mysql_move, a_target_that_would_have_another_session_is_not_served)
{
    static void (*const changes[])(ConnectOptions *) = {other_password,
                                                        other_lock_timeout,
                                                        other_statement_timeout,
                                                        other_connect_timeout,
                                                        other_application,
                                                        one_that_writes,
                                                        a_cluster,
                                                        a_schema};
    g_autoptr(Connection) self = open_reading();
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        ConnectOptions options = reading(fixture.url);
        cr_expect(connection_can_move(self, &options));
        changes[i](&options);
        cr_expect_not(connection_can_move(self, &options), "change %zu", i);
    }
}

static void expect_not_served(const Connection *self, DbUrl *url)
{
    g_autoptr(DbUrl) owned = url;
    g_autofree char *shown = db_url_display(owned);
    ConnectOptions options = reading(owned);
    options.password = fixture.url->password;
    cr_expect_not(connection_can_move(self, &options), "%s", shown);
}

static DbUrl *url_with(const char *host, const char *parameters)
{
    g_autofree char *text = text_with(host, parameters);
    return db_url_parse(text, NULL);
}

Test(mysql_move, another_user_server_or_way_there_is_another_session)
{
    static const char *const parameters[] = {"sslmode=require", "sslcert=/nowhere", "socket=/nowhere",
                                             "nonsense=1"};
    g_autoptr(Connection) self = open_reading();
    DbUrl *user = url_of("b"), *port = url_at(NULL, "1"), *no_database = url_of(NULL), *other = url_of("b");
    fixture_set_part(&user->user, "other");
    fixture_set_part(&other->scheme, "postgresql");
    expect_not_served(self, user);
    expect_not_served(self, port);
    expect_not_served(self, no_database);
    expect_not_served(self, other);
    expect_not_served(self, url_with("another", "defaults=off"));
    for (gsize i = 0; i < G_N_ELEMENTS(parameters); i++)
        expect_not_served(self, url_with(NULL, parameters[i]));
}

Test(mysql_move, a_session_that_may_write_stays_where_it_is)
{
    g_autoptr(Connection) writes = open_plain();
    g_autoptr(Connection) promoted = open_reading();
    const ConnectOptions options = reading(fixture.url);
    cr_expect(connection_can_move(promoted, &options));
    cr_expect_not(connection_can_move(writes, &options));
    cr_assert(promoted->driver->promote(promoted, NULL));
    cr_expect_not(connection_can_move(promoted, &options));
}

Test(mysql_move, behind_a_proxy_that_may_change_servers_a_session_stays_where_it_is)
{
    g_autoptr(Connection) self = open_reading();
    const ConnectOptions options = reading(fixture.url);
    self->server.pooled = true;
    cr_expect_not(connection_can_move(self, &options));
}
