/* What every driver does, on real servers: connecting, batches, limits and interruptions. */
#include "conformance.h"

CONFORMANCE_SUITE(conformance);

#define FOR_EVERY_SERVER(name) SERVER_CONFORMANCE_TEST(conformance, name)
#define FOR_EVERY_DRIVER(name) CONFORMANCE_TEST(conformance, name)

static void expect_refused(ConnectOptions options, DbErrorClass error_class, const char *words)
{
    GError *error = NULL;
    Connection *self = try_open(options, &error);
    cr_assert_null(self, "connected, not %s", db_error_class_name(error_class));
    expect_error(error, error_class, words);
}

/* ---- Connecting ---- */

FOR_EVERY_DRIVER(a_session_says_what_server_it_is_on)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *client = fixture.driver->client_version(NULL);
    cr_assert_eq(self->driver, fixture.driver);
    cr_assert(*client && self->server.version && *self->server.version);
    cr_assert(self->server.identity && *self->server.identity);
    cr_assert(self->server.schema && *self->server.schema);
    cr_assert_not_null(strstr(self->server.database, fixture.url->database));
    g_autoptr(Connection) other = open_plain();
    cr_assert_str_eq(self->server.identity, other->server.identity);
}

FOR_EVERY_SERVER(a_refused_port_is_unreachable)
{
    char port[8];
    closed_port(port);
    g_autoptr(DbUrl) url = url_at(NULL, port);
    expect_refused((ConnectOptions){.url = url, .connect_timeout_ms = 5000}, DB_ERROR_UNREACHABLE, port);
}

FOR_EVERY_SERVER(a_server_that_never_answers_is_given_up_in_time)
{
    char port[8];
    int silent = silent_socket(port);
    g_autoptr(DbUrl) url = url_at(NULL, port);
    gint64 start = g_get_monotonic_time();
    expect_refused((ConnectOptions){.url = url, .connect_timeout_ms = 700}, DB_ERROR_UNREACHABLE, "");
    cr_assert_leq(milliseconds_since(start), 60000);
    cr_assert_geq(milliseconds_since(start), 600);
    close(silent);
}

FOR_EVERY_SERVER(a_wrong_password_is_an_authentication_error_without_the_password)
{
    expect_refused((ConnectOptions){.password = "dbfleet-test-password-wrong", .connect_timeout_ms = 10000},
                   DB_ERROR_AUTHENTICATION, fixture.url->user);
}

FOR_EVERY_DRIVER(a_missing_database_is_named)
{
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    g_autofree char *missing = g_strconcat(fixture.url->database, "_missing", NULL);
    fixture_set_part(&url->database, missing);
    expect_refused((ConnectOptions){.url = url, .connect_timeout_ms = 10000}, DB_ERROR_NO_DATABASE,
                   "_missing");
}

FOR_EVERY_DRIVER(an_unknown_url_parameter_is_refused_by_name)
{
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    DbUrlParameter parameter = {.name = g_strdup("colour"), .value = g_strdup("blue")};
    g_array_append_val(url->parameters, parameter);
    expect_refused((ConnectOptions){.url = url}, DB_ERROR_UNSUPPORTED, "colour");
}

/* ---- Batches ---- */

FOR_EVERY_DRIVER(a_batch_stops_at_the_statement_that_fails)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(BatchResult) result = {0};
    GError *error = fail_batch(self,
                               BATCH("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)",
                                     "SELECT nosuch FROM t", "INSERT INTO t VALUES (2)"),
                               &result);
    cr_assert_eq(db_error_detail(error)->item, 2);
    gssize position = db_error_detail(error)->position;
    cr_assert(position == -1 || position == (gssize)strlen("SELECT "), "position %zd", position);
    cr_assert_not_null(db_error_detail(error)->code);
    expect_error(error, DB_ERROR_STATEMENT, "nosuch");
    cr_assert_eq(result.completed, 2);
    expect_value(self, "SELECT count(*) FROM t", "1");
}

FOR_EVERY_DRIVER(a_syntax_error_is_pinned_to_its_statement)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(BatchResult) result = {0};
    run(self, "CREATE TABLE t (a int)");
    GError *error = fail_batch(
        self,
        BATCH(fixture.driver->begin, "INSERT INTO t VALUES (1)", "SELECT 'é', 'ü' FRUM t WHERE 1", "COMMIT"),
        &result);
    cr_assert_eq(db_error_detail(error)->item, 2);
    cr_assert_leq(result.completed, 2);
    expect_error(error, DB_ERROR_STATEMENT, "");
    connection_rollback(self);
    cr_assert(!fixture.driver->in_transaction(self));
    expect_value(self, "SELECT count(*) FROM t", "0");
}

FOR_EVERY_DRIVER(a_missing_table_has_its_own_class)
{
    g_autoptr(Connection) self = open_plain();
    expect_failure(self, "SELECT 1 FROM nosuch", DB_ERROR_UNDEFINED_TABLE);
}

FOR_EVERY_DRIVER(a_failed_transaction_stays_open_until_it_is_rolled_back)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(BatchResult) result = {0};
    run(self, "CREATE TABLE t (a int NOT NULL)");
    GError *error = fail_batch(
        self,
        BATCH(fixture.driver->begin, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (NULL)", "COMMIT"),
        &result);
    cr_assert_eq(db_error_detail(error)->item, 2);
    expect_error(error, DB_ERROR_STATEMENT, "");
    cr_assert_eq(result.completed, 2);
    cr_assert(fixture.driver->in_transaction(self));
    connection_rollback(self);
    cr_assert(!fixture.driver->in_transaction(self));
    expect_value(self, "SELECT count(*) FROM t", "0");
}

FOR_EVERY_DRIVER(a_transaction_may_span_batches)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a int)");
    run_batch(self, BATCH(fixture.driver->begin, "INSERT INTO t VALUES (1)"));
    cr_assert(fixture.driver->in_transaction(self));
    run_batch(self, BATCH("INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"));
    g_autoptr(Connection) other = open_plain();
    expect_value(other, "SELECT count(*) FROM t", "0");
    run_batch(self, BATCH("INSERT INTO t VALUES (4)", "COMMIT"));
    cr_assert(!fixture.driver->in_transaction(self));
    expect_value(other, "SELECT count(*) FROM t", "4");
}

FOR_EVERY_DRIVER(a_table_made_in_a_transaction_is_gone_with_it_where_the_driver_says_so)
{
    g_autoptr(Connection) self = open_plain();
    run_batch(self, BATCH(fixture.driver->begin, "CREATE TABLE t (a int)"));
    connection_rollback(self);
    bool survived = connection_run(self, "SELECT a FROM t", NULL);
    cr_assert_eq(survived, !(fixture.driver->features & DRIVER_TRANSACTIONAL_DDL));
}

FOR_EVERY_DRIVER(rows_keep_nulls_empty_texts_and_letters)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(GError) error = NULL;
    g_autoptr(RowSet) rows = connection_query(
        self, "SELECT 1 AS \"id\", NULL AS empty, '' AS blank, 'Zürich → 東京 😀' AS place", &error);
    if (!rows) { /* MySQL's quotes */
        g_clear_error(&error);
        rows = connection_query(
            self, "SELECT 1 AS id, NULL AS empty, '' AS blank, 'Zürich → 東京 😀' AS place", &error);
    }
    expect_ok(rows != NULL, error, "query");
    cr_assert_eq(rows->columns, 4);
    cr_assert_str_eq(rows->names[0], "id");
    cr_assert_str_eq(rows->names[3], "place");
    cr_assert_eq(g_strv_length(rows->names), rows->columns);
    char **row = g_ptr_array_index(rows->rows, 0);
    cr_assert_str_eq(row[0], "1");
    cr_assert_null(row[1]);
    cr_assert_str_eq(row[2], "");
    cr_assert_str_eq(row[3], "Zürich → 東京 😀");
}

FOR_EVERY_DRIVER(each_item_keeps_its_own_rows)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH(fixture.driver->begin, "CREATE TABLE t (a int)", "SELECT a FROM t",
                                   "INSERT INTO t VALUES (7)", "SELECT a FROM t");
    batch_add(batch, &(BatchItem){.sql = "SELECT 8", .length = strlen("SELECT 8")});
    batch_take(batch, g_strdup("COMMIT"), false);
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    expect_ok(connection_execute(self, batch, &result, &error), error, "batch");
    cr_assert_eq(batch_result_rows(&result, 2)->rows->len, 0);
    cr_assert_eq(batch_result_rows(&result, 2)->columns, 1);
    cr_assert_str_eq(batch_result_value(&result, 4), "7");
    cr_assert_null(batch_result_rows(&result, 5), "rows that nobody wanted");
    cr_assert_eq(result.completed, 7);
}

FOR_EVERY_DRIVER(comments_at_the_end_of_an_item_hide_nothing)
{
    g_autoptr(Connection) self = open_plain();
    run_batch(self, BATCH(fixture.driver->begin, "CREATE TABLE t (a int) -- the table",
                          "/* nothing but */ -- comments", "INSERT INTO t VALUES (1) /* a row */",
                          "INSERT INTO t VALUES (2) -- another", "COMMIT"));
    expect_value(self, "SELECT count(*) FROM t", "2");
}

FOR_EVERY_DRIVER(an_item_of_comments_only_shifts_no_result)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch =
        BATCH(fixture.driver->begin, "/* nothing */ -- at all", "SELECT 'after'", "-- end", "SELECT nosuch");
    g_auto(BatchResult) result = {0};
    GError *error = fail_batch(self, g_steal_pointer(&batch), &result);
    cr_assert_str_eq(batch_result_value(&result, 2), "after");
    cr_assert_eq(db_error_detail(error)->item, 4);
    cr_assert_eq(result.completed, 4);
    expect_error(error, DB_ERROR_STATEMENT, "nosuch");
    connection_rollback(self);
}

FOR_EVERY_DRIVER(a_batch_may_be_long)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH("CREATE TABLE t (a int)", fixture.driver->begin);
    for (unsigned i = 0; i < 3000; i++)
        batch_take(batch, g_strdup_printf("INSERT INTO t VALUES (%u)", i), false);
    batch_take(batch, g_strdup("COMMIT"), false);
    run_batch(self, g_steal_pointer(&batch));
    expect_value(self, "SELECT count(*) FROM t", "3000");
}

FOR_EVERY_DRIVER(many_rows_arrive)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a int)");
    run(self, "INSERT INTO t VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    g_autoptr(GError) error = NULL;
    g_autoptr(RowSet) rows = connection_query(self, "SELECT x.a, 'row' FROM t x, t y, t z, t u", &error);
    expect_ok(rows != NULL, error, "query");
    cr_assert_eq(rows->rows->len, 10000);
}

FOR_EVERY_DRIVER(settings_can_be_put_back_inside_and_outside_a_transaction)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH("SELECT 1", fixture.driver->begin, "SELECT 2");
    connection_add_restore(self, batch);
    batch_take(batch, g_strdup("COMMIT"), false);
    connection_add_restore(self, batch);
    run_batch(self, g_steal_pointer(&batch));
    cr_assert(!fixture.driver->in_transaction(self));
}

/* ---- Sessions that may only read ---- */

FOR_EVERY_DRIVER(a_read_only_session_writes_nothing)
{
    g_autoptr(Connection) writer = open_plain();
    run(writer, "CREATE TABLE t (a int)");
    g_autoptr(Connection) self =
        open_session((ConnectOptions){.read_only = true, .connect_timeout_ms = 10000});
    expect_failure(self, "INSERT INTO t VALUES (1)", DB_ERROR_READ_ONLY);
    connection_rollback(self);
    expect_failure(self, "CREATE TABLE u (a int)", DB_ERROR_READ_ONLY);
    connection_rollback(self);
    expect_value(self, "SELECT count(*) FROM t", "0");
    if (fixture.driver->begin_read_only)
        run_batch(self, BATCH(fixture.driver->begin_read_only, "SELECT a FROM t", "COMMIT"));
}

/* ---- Limits and interruptions ---- */

static void cancel_later(gpointer data)
{
    connection_cancel(data);
}

FOR_EVERY_DRIVER(another_thread_cancels_a_statement)
{
    g_autoptr(Connection) self = open_plain();
    Later later;
    later_start(&later, 300, cancel_later, self);
    gint64 start = g_get_monotonic_time();
    expect_failure(self, fixture.engine->slow, DB_ERROR_CANCELLED);
    cr_assert_leq(milliseconds_since(start), 60000);
    later_wait(&later);
    connection_rollback(self);
    expect_value(self, "SELECT 6 * 7", "42");
}

FOR_EVERY_DRIVER(a_cancelled_transaction_can_be_rolled_back)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a int)");
    Later later;
    later_start(&later, 300, cancel_later, self);
    g_auto(BatchResult) result = {0};
    GError *error = fail_batch(
        self, BATCH(fixture.driver->begin, "INSERT INTO t VALUES (1)", fixture.engine->slow, "COMMIT"),
        &result);
    cr_assert_eq(db_error_detail(error)->item, 2);
    expect_error(error, DB_ERROR_CANCELLED, "");
    later_wait(&later);
    connection_rollback(self);
    expect_value(self, "SELECT count(*) FROM t", "0");
}

FOR_EVERY_DRIVER(waiting_for_a_lock_has_an_end)
{
    g_autoptr(Connection) first = open_plain();
    run_batch(first, BATCH("CREATE TABLE t (a int PRIMARY KEY)", "INSERT INTO t VALUES (1)",
                           fixture.driver->begin, "UPDATE t SET a = 2"));
    g_autoptr(Connection) second = open_session((ConnectOptions){.lock_timeout_ms = 300});
    gint64 start = g_get_monotonic_time();
    expect_failure(second, "UPDATE t SET a = 3", DB_ERROR_LOCK_TIMEOUT);
    cr_assert_leq(milliseconds_since(start), 60000);
}

FOR_EVERY_DRIVER(a_statement_has_its_time)
{
    g_autoptr(Connection) self = open_session((ConnectOptions){.statement_timeout_ms = 1000});
    gint64 start = g_get_monotonic_time();
    expect_failure(self, fixture.engine->slow, DB_ERROR_TIMEOUT);
    cr_assert_leq(milliseconds_since(start), 60000);
    connection_rollback(self);
    expect_value(self, "SELECT 6 * 7", "42");
}

typedef struct Kill {
    Connection *admin;
    char *sql;
} Kill;

/* No assertion: Criterion would keep memory for this thread. */
static void kill_later(gpointer data)
{
    const Kill *self = data;
    connection_run(self->admin, self->sql, NULL);
}

FOR_EVERY_SERVER(a_session_that_is_ended_by_the_server_is_lost)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Connection) admin = open_session((ConnectOptions){.url = fixture.admin});
    g_autofree char *number = ask(self, fixture.engine->own_id);
    g_autofree char *sql = g_strconcat(fixture.engine->kill[0], number, fixture.engine->kill[1], NULL);
    Later later;
    later_start(&later, 300, kill_later, &(Kill){admin, sql});
    expect_failure(self, fixture.engine->slow, DB_ERROR_CONNECTION_LOST);
    later_wait(&later);
    expect_failure(self, "SELECT 1", DB_ERROR_CONNECTION_LOST);
    connection_rollback(self);
    connection_cancel(self);
}

static void sever_later(gpointer data)
{
    connection_sever(data);
}

FOR_EVERY_SERVER(a_session_that_is_severed_is_lost_at_once)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *number = ask(self, fixture.engine->own_id);
    Later later;
    later_start(&later, 300, sever_later, self);
    gint64 start = g_get_monotonic_time();
    expect_failure(self, fixture.engine->slow, DB_ERROR_CONNECTION_LOST);
    cr_assert_leq(milliseconds_since(start), 60000);
    later_wait(&later);
    g_autoptr(Connection) other = open_plain();
    connection_sever(self);
    expect_value(other, "SELECT 6 * 7", "42");
    /* MariaDB works on for minutes, with a whole processor, for a client that is gone. */
    run_as_admin(fixture.engine->kill[0], number, fixture.engine->kill[1]);
}

FOR_EVERY_SERVER(a_session_that_was_ended_while_idle_is_lost)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *number = ask(self, fixture.engine->own_id);
    run_as_admin(fixture.engine->kill[0], number, fixture.engine->kill[1]);
    g_usleep(200000);
    expect_failure(self, "SELECT 1", DB_ERROR_CONNECTION_LOST);
}
