/* What every driver does, on real servers: one suite, a row for each driver. What a driver cannot do its
 * feature bits say. */
#include "engine_fixture.h"

TestSuite(conformance_postgres, .fini = remove_database, .timeout = 120);
TestSuite(conformance_mysql, .fini = remove_database, .timeout = 120);
TestSuite(conformance_sqlite, .fini = remove_database, .timeout = 120);

#define TEST_ON(suite, engine, name)                                                                         \
    Test(suite, name)                                                                                        \
    {                                                                                                        \
        use_engine(engine);                                                                                  \
        name();                                                                                              \
    }
#define FOR_EVERY_SERVER(name)                                                                               \
    static void name(void);                                                                                  \
    TEST_ON(conformance_postgres, ENGINE_POSTGRES, name)                                                     \
    TEST_ON(conformance_mysql, ENGINE_MYSQL, name)                                                           \
    static void name(void)
#define FOR_EVERY_DRIVER(name)                                                                               \
    static void name(void);                                                                                  \
    TEST_ON(conformance_sqlite, ENGINE_SQLITE, name)                                                         \
    FOR_EVERY_SERVER(name)

static void expect_refused(ConnectOptions options, DbErrorClass error_class, const char *words)
{
    GError *error = NULL;
    Connection *self = try_open(options, &error);
    cr_assert_null(self, "connected, not %s", db_error_class_name(error_class));
    expect_error(error, error_class, words);
}

/* Runs a batch that must fail; frees the batch. */
static GError *fail_batch(Connection *self, Batch *batch, BatchResult *result)
{
    g_autoptr(Batch) owned = batch;
    GError *error = NULL;
    cr_assert(!connection_execute(self, owned, result, &error), "no failure");
    cr_assert_eq(error->domain, DB_ERROR);
    return error;
}

/* ---- Connecting
 * --------------------------------------------------------------------------------------------------- */

FOR_EVERY_DRIVER(a_session_says_what_server_it_is_on)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *client = fixture.driver->client_version();
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
    cr_assert_leq(milliseconds_since(start), 4000);
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

/* ---- Batches
 * ------------------------------------------------------------------------------------------------------ */

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
    cr_assert_null(rows->names[4]);
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
    for (unsigned i = 0; i < 3000; i++) {
        batch_take(batch, g_strdup_printf("INSERT INTO t VALUES (%u)", i), false);
    }
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

/* ---- Sessions that may only read
 * ---------------------------------------------------------------------------------- */

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
    if (fixture.driver->begin_read_only) {
        run_batch(self, BATCH(fixture.driver->begin_read_only, "SELECT a FROM t", "COMMIT"));
    }
}

/* ---- Locks
 * -------------------------------------------------------------------------------------------------------- */

static char *key_of(Connection *self, const char *table)
{
    return lock_key(&self->server, table);
}

static bool try_lock(Connection *self, const char *key)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Batch) then = batch_new();
    g_auto(BatchResult) result = {0};
    bool held = false;
    bool ok = self->driver->try_lock(self, key, then, &held, &result, &error);
    expect_ok(ok, error, "try_lock");
    return held;
}

FOR_EVERY_DRIVER(a_lock_excludes_others_until_it_is_given_up)
{
    g_autoptr(Connection) first = open_plain();
    g_autoptr(Connection) second = open_plain();
    g_autofree char *key = key_of(first, "dbfleet_version");
    g_autofree char *same_key = key_of(second, "dbfleet_version");
    g_autofree char *other_key = key_of(second, "other_version");
    cr_assert_str_eq(key, same_key);
    cr_assert(try_lock(first, key));
    cr_assert(!try_lock(second, key));
    cr_assert(!try_lock(second, key));
    cr_assert_neq(strcmp(key, other_key), 0);
    fixture.driver->unlock(first, key);
    cr_assert(try_lock(second, key));
    cr_assert(!try_lock(first, key));
}

FOR_EVERY_DRIVER(a_lock_ends_with_its_session)
{
    Connection *first = open_plain();
    g_autoptr(Connection) second = open_plain();
    g_autofree char *key = key_of(first, "dbfleet_version");
    cr_assert(try_lock(first, key));
    connection_close(first);
    bool held = false;
    for (int i = 0; i < 50 && !held; i++) { /* the server may take a moment to notice */
        held = try_lock(second, key);
        g_usleep(held ? 0 : 20000);
    }
    cr_assert(held);
}

FOR_EVERY_DRIVER(a_lock_outlives_transactions_and_errors)
{
    g_autoptr(Connection) first = open_plain();
    g_autoptr(Connection) second = open_plain();
    g_autofree char *key = key_of(first, "dbfleet_version");
    cr_assert(try_lock(first, key));
    run_batch(first, BATCH(fixture.driver->begin, "SELECT 1", "COMMIT"));
    run(first, fixture.driver->begin);
    expect_failure(first, "SELECT 1 FROM nosuch", DB_ERROR_UNDEFINED_TABLE);
    connection_rollback(first);
    g_autoptr(Batch) restore = batch_new();
    connection_add_restore(first, restore);
    run_batch(first, g_steal_pointer(&restore));
    cr_assert(!try_lock(second, key));
}

FOR_EVERY_DRIVER(what_follows_the_lock_reads_what_the_last_holder_wrote)
{
    g_autoptr(Connection) first = open_plain();
    g_autoptr(Connection) second = open_plain();
    g_autofree char *key = key_of(first, "dbfleet_version");
    run(first, "CREATE TABLE t (a int)");
    cr_assert(try_lock(first, key));
    run(first, "INSERT INTO t VALUES (5)");
    fixture.driver->unlock(first, key);
    g_autoptr(Batch) then = BATCH("SELECT a FROM t", "SELECT 'next'");
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    bool held = false;
    expect_ok(fixture.driver->try_lock(second, key, then, &held, &result, &error), error, "try_lock");
    cr_assert(held);
    cr_assert_eq(result.completed, 2);
    cr_assert_str_eq(batch_result_value(&result, 0), "5");
    cr_assert_str_eq(batch_result_value(&result, 1), "next");
}

FOR_EVERY_DRIVER(a_failure_behind_the_lock_leaves_it_held)
{
    g_autoptr(Connection) first = open_plain();
    g_autoptr(Connection) second = open_plain();
    g_autofree char *key = key_of(first, "dbfleet_version");
    g_autoptr(Batch) then = BATCH("SELECT 1", "SELECT version_num FROM nosuch");
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    bool held = false;
    cr_assert(!fixture.driver->try_lock(first, key, then, &held, &result, &error));
    cr_assert(held);
    cr_assert_eq(db_error_detail(error)->item, 1);
    expect_error(error, DB_ERROR_UNDEFINED_TABLE, "nosuch");
    cr_assert(!fixture.driver->in_transaction(first));
    cr_assert(!try_lock(second, key));
    fixture.driver->unlock(first, key);
    cr_assert(try_lock(second, key));
}

FOR_EVERY_DRIVER(without_the_lock_failures_behind_it_do_not_matter)
{
    g_autoptr(Connection) first = open_plain();
    g_autoptr(Connection) second = open_plain();
    g_autofree char *key = key_of(first, "dbfleet_version");
    cr_assert(try_lock(first, key));
    g_autoptr(Batch) then = BATCH("SELECT version_num FROM nosuch");
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    bool held = true;
    expect_ok(fixture.driver->try_lock(second, key, then, &held, &result, &error), error, "try_lock");
    cr_assert(!held);
    cr_assert_null(batch_result_rows(&result, 0));
    run(second, "SELECT 1");
}

FOR_EVERY_DRIVER(who_holds_the_lock_can_be_told)
{
    g_autoptr(Connection) first = open_session((ConnectOptions){.application_name = "dbfleet 20261122-1"});
    g_autoptr(Connection) second = open_plain();
    g_autofree char *key = key_of(first, "dbfleet_version");
    g_autofree char *nobody = fixture.driver->lock_holder(second, key);
    cr_assert_null(nobody, "%s", nobody);
    cr_assert(try_lock(first, key));
    g_autofree char *holder = fixture.driver->lock_holder(second, key);
    cr_assert_not_null(holder);
    cr_assert_not_null(strstr(holder, fixture.engine->holder), "%s", holder);
}

/* ---- Limits and interruptions
 * ------------------------------------------------------------------------------------- */

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
    cr_assert_leq(milliseconds_since(start), 10000);
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
    cr_assert_leq(milliseconds_since(start), 10000);
}

FOR_EVERY_DRIVER(a_statement_has_its_time)
{
    g_autoptr(Connection) self = open_session((ConnectOptions){.statement_timeout_ms = 1000});
    gint64 start = g_get_monotonic_time();
    expect_failure(self, fixture.engine->slow, DB_ERROR_TIMEOUT);
    cr_assert_leq(milliseconds_since(start), 15000);
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

FOR_EVERY_SERVER(a_session_that_was_ended_while_idle_is_lost)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *number = ask(self, fixture.engine->own_id);
    run_as_admin(fixture.engine->kill[0], number, fixture.engine->kill[1]);
    g_usleep(200000);
    expect_failure(self, "SELECT 1", DB_ERROR_CONNECTION_LOST);
}

/* ---- The version store
 * -------------------------------------------------------------------------------------------- */

static VersionStore store_of(const Connection *self, const char *table)
{
    return (VersionStore){.dialect = self->server.dialect, .schema = self->server.schema, .table = table};
}

static void add_all(Batch *batch, GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++) {
        batch_take(batch, g_strdup(g_ptr_array_index(texts, i)), false);
    }
}

static void create_store(Connection *self, const VersionStore *store)
{
    g_autoptr(GPtrArray) texts = version_store_create(store);
    cr_assert_eq(texts->len, 2);
    g_autoptr(Batch) batch = batch_new();
    add_all(batch, texts);
    run_batch(self, g_steal_pointer(&batch));
}

/* A transaction that changes the rows, with `other` before the change. */
static Batch *change_batch(const VersionStore *store, const char *other, const char *const *removed,
                           const char *const *added)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    Batch *batch = BATCH(fixture.driver->begin, other);
    version_store_change(store, removed, added, texts);
    add_all(batch, texts);
    batch_take(batch, g_strdup("COMMIT"), false);
    return batch;
}
#define IDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_IDS ((const char *const[]){NULL})

/* The rows of the version table, comma separated. */
static void expect_rows(Connection *self, const VersionStore *store, const char *expected)
{
    g_autofree char *sql = version_store_select_rows(store);
    g_autoptr(RowSet) rows = connection_query(self, sql, NULL);
    cr_assert_not_null(rows);
    g_autoptr(GString) actual = g_string_new(NULL);
    for (guint i = 0; i < rows->rows->len; i++) {
        g_string_append_printf(actual, "%s%s", i ? "," : "", ((char **)g_ptr_array_index(rows->rows, i))[0]);
    }
    cr_assert_str_eq(actual->str, expected);
}

FOR_EVERY_DRIVER(version_tables_may_be_made_twice)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    g_autofree char *width = version_store_select_width(&store);
    expect_value(self, width, "(null)");
    create_store(self, &store);
    create_store(self, &store);
    expect_rows(self, &store, "");
    expect_value(self, width, self->server.dialect == DIALECT_SQLITE ? "0" : "64");
}

FOR_EVERY_DRIVER(the_width_of_another_table_is_read)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT "
              "alembic_version_pkc PRIMARY KEY "
              "(version_num))");
    VersionStore store = store_of(self, "alembic_version");
    g_autofree char *width = version_store_select_width(&store);
    expect_value(self, width, self->server.dialect == DIALECT_SQLITE ? "0" : "32");
}

static void change_rows(Connection *self, const VersionStore *store, const char *const *removed,
                        const char *const *added)
{
    run_batch(self, change_batch(store, "SELECT 1", removed, added));
}

FOR_EVERY_DRIVER(version_rows_change_as_heads_do)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    change_rows(self, &store, NO_IDS, IDS("a1"));
    expect_rows(self, &store, "a1");
    change_rows(self, &store, IDS("a1"), IDS("b1", "b2"));
    expect_rows(self, &store, "b1,b2");
    change_rows(self, &store, IDS("b1", "b2"), IDS("b2", "c3", "d'4"));
    expect_rows(self, &store, "b2,c3,d'4");
    change_rows(self, &store, IDS("b2", "c3", "d'4"), IDS("e5"));
    expect_rows(self, &store, "e5");
    change_rows(self, &store, IDS("e5"), NO_IDS);
    expect_rows(self, &store, "");
}

/* The change must raise and nothing of its transaction may stay. */
static void expect_moved(Connection *self, const VersionStore *store, const char *const *removed,
                         const char *const *added)
{
    g_auto(BatchResult) result = {0};
    GError *error =
        fail_batch(self, change_batch(store, "INSERT INTO other VALUES (1)", removed, added), &result);
    expect_error(error, DB_ERROR_HEADS_MOVED, "");
    connection_rollback(self);
    expect_value(self, "SELECT count(*) FROM other", "0");
    expect_rows(self, store, "here");
}

FOR_EVERY_DRIVER(a_version_write_that_misses_its_row_raises_and_nothing_is_committed)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    run(self, "CREATE TABLE other (a int)");
    change_rows(self, &store, NO_IDS, IDS("here"));
    expect_moved(self, &store, IDS("gone"), IDS("next"));
    expect_moved(self, &store, IDS("gone"), NO_IDS);
    expect_moved(self, &store, NO_IDS, IDS("here"));
    expect_moved(self, &store, IDS("here", "gone"), IDS("next"));
}

FOR_EVERY_DRIVER(a_row_that_is_there_twice_raises_too)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "loose");
    run_batch(self,
              BATCH("CREATE TABLE loose (version_num varchar(32))", "INSERT INTO loose VALUES ('a'), ('a')"));
    g_auto(BatchResult) result = {0};
    GError *error = fail_batch(self, change_batch(&store, "SELECT 1", IDS("a"), IDS("b")), &result);
    expect_error(error, DB_ERROR_HEADS_MOVED, "");
    connection_rollback(self);
    expect_rows(self, &store, "a,a");
}

/* ---- History
 * ------------------------------------------------------------------------------------------------------ */

static const HistoryRow sample_row = {.step_id = "run-7-0001",
                                      .run_id = "run-7",
                                      .plan_digest = "abc",
                                      .revision = "4b1f",
                                      .direction = "up",
                                      .checksum = "123",
                                      .heads_before = "",
                                      .heads_after = "4b1f",
                                      .applied_by = "O'Neill@höst\\x",
                                      .server = "srv",
                                      .statements_total = 5,
                                      .state = HISTORY_RUNNING};

static void run_text(Connection *self, char *sql)
{
    g_autofree char *owned = sql;
    run(self, owned);
}

enum {
    COLUMN_SEQ,
    COLUMN_STEP,
    COLUMN_CHECKSUM = 6,
    COLUMN_STATE = 8,
    COLUMN_DONE = 10,
    COLUMN_HASH,
    COLUMN_INTENT
};

/* A value of the one row of a step. Free it. */
static char *step_value(Connection *self, const VersionStore *store, const char *step, unsigned column)
{
    g_autofree char *sql = version_store_select_step(store, step);
    g_autoptr(GError) error = NULL;
    g_autoptr(RowSet) rows = connection_query(self, sql, &error);
    expect_ok(rows != NULL, error, sql);
    cr_assert_eq(rows->columns, 16);
    cr_assert_eq(rows->rows->len, 1);
    const char *value = ((char **)g_ptr_array_index(rows->rows, 0))[column];
    return g_strdup(value ? value : "(null)");
}

static void expect_step(Connection *self, const VersionStore *store, unsigned column, const char *expected)
{
    g_autofree char *value = step_value(self, store, sample_row.step_id, column);
    cr_assert_str_eq(value, expected, "column %u: %s, not %s", column, value, expected);
}

FOR_EVERY_DRIVER(a_history_row_follows_its_step)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    run_text(self, version_store_insert_history(&store, &sample_row));
    expect_step(self, &store, COLUMN_SEQ, "1");
    expect_step(self, &store, COLUMN_STATE, "running");
    expect_step(self, &store, COLUMN_HASH, "(null)");
    run_text(self, version_store_update_progress(&store, sample_row.step_id, 2, "h2", 3));
    expect_step(self, &store, COLUMN_DONE, "2");
    expect_step(self, &store, COLUMN_INTENT, "3");
    expect_step(self, &store, COLUMN_HASH, "h2");
    run_text(self, version_store_finish_history(&store, sample_row.step_id, HISTORY_DONE, 5, NULL, NULL));
    expect_step(self, &store, COLUMN_STATE, "done");
    expect_step(self, &store, COLUMN_DONE, "5");
    expect_step(self, &store, COLUMN_INTENT, "0");
    expect_step(self, &store, COLUMN_HASH, "h2");
    expect_value(self, "SELECT applied_by FROM dbfleet_version_history", sample_row.applied_by);
    expect_value(self, "SELECT count(*) FROM dbfleet_version_history WHERE finished_at >= started_at", "1");
}

static void add_history(Connection *self, const VersionStore *store, const char *step, const char *revision,
                        const char *direction, const char *state)
{
    HistoryRow row = sample_row;
    row.step_id = step;
    row.revision = revision;
    row.direction = direction;
    row.state = state;
    run_text(self, version_store_insert_history(store, &row));
}

FOR_EVERY_DRIVER(history_reads_the_newest_row_of_each_revision_and_all_that_is_unfinished)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    add_history(self, &store, "s1", "", "baseline", HISTORY_DONE);
    add_history(self, &store, "s2", "a", "up", HISTORY_DONE);
    add_history(self, &store, "s3", "b", "up", HISTORY_FAILED);
    add_history(self, &store, "s4", "a", "down", HISTORY_DONE);
    add_history(self, &store, "s5", "b", "up", HISTORY_DONE);
    add_history(self, &store, "s6", "", "stamp", HISTORY_DONE);
    g_autofree char *sql = version_store_select_history(&store);
    g_autoptr(RowSet) rows = connection_query(self, sql, NULL);
    static const char *const expected[] = {"s1", "s3", "s4", "s5", "s6"};
    cr_assert_eq(rows->rows->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < rows->rows->len; i++) {
        cr_assert_str_eq(((char **)g_ptr_array_index(rows->rows, i))[COLUMN_STEP], expected[i]);
    }
    expect_value(self, "SELECT count(*) FROM dbfleet_version_history WHERE finished_at IS NULL", "1");
}

FOR_EVERY_DRIVER(a_step_is_in_the_history_once)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    g_autofree char *sql = version_store_insert_history(&store, &sample_row);
    run(self, sql);
    expect_failure(self, sql, DB_ERROR_STATEMENT);
}

/* ---- Names
 * -------------------------------------------------------------------------------------------------------- */

FOR_EVERY_DRIVER(names_are_quoted)
{
    g_autoptr(Connection) self = open_plain();
    static const char *const names[] = {"select", "Größe \"x\" `y` 'z'", "a.b; DROP TABLE t --",
                                        "ÜberTabelle"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        VersionStore store = store_of(self, names[i]);
        create_store(self, &store);
        change_rows(self, &store, NO_IDS, IDS("a1"));
        run_text(self, version_store_insert_history(&store, &sample_row));
        expect_step(self, &store, COLUMN_STATE, "running");
        expect_rows(self, &store, "a1");
        g_autofree char *width = version_store_select_width(&store);
        expect_value(self, width, self->server.dialect == DIALECT_SQLITE ? "0" : "64");
    }
}

FOR_EVERY_DRIVER(long_names_do_not_collide)
{
    g_autoptr(Connection) self = open_plain();
    /* 62 bytes each, alike in the first 60, with a two-byte letter where the name is cut. */
    static const char *const names[] = {"version_table_of_the_track_that_has_a_veryü_long_name_xxxx_1a",
                                        "version_table_of_the_track_that_has_a_veryü_long_name_xxxx_2b"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        VersionStore store = store_of(self, names[i]);
        create_store(self, &store);
        change_rows(self, &store, NO_IDS, IDS(i == 0 ? "one" : "two"));
        run_text(self, version_store_insert_history(&store, &sample_row));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        VersionStore store = store_of(self, names[i]);
        expect_rows(self, &store, i == 0 ? "one" : "two");
        expect_step(self, &store, COLUMN_SEQ, "1");
    }
}

/* ---- The same texts as a script
 * ----------------------------------------------------------------------------------- */

static int run_script(const char *text)
{
    g_autofree char *script = g_build_filename(fixture.folder, "script.sql", NULL);
    cr_assert(g_file_set_contents(script, text, -1, NULL));
    g_setenv("SCRIPT", script, TRUE);
    g_setenv("DATABASE", fixture.url->database, TRUE);
    g_setenv("HOST", fixture.url->host ? fixture.url->host : "", TRUE);
    g_setenv("PORT", fixture.url->port ? fixture.url->port : "", TRUE);
    g_setenv("USER", fixture.url->user ? fixture.url->user : "", TRUE);
    g_setenv("PASSWORD", fixture.url->password ? fixture.url->password : "", TRUE);
    const char *const argv[] = {"sh", "-c", fixture.engine->shell, NULL};
    int status = -1;
    g_autofree char *output = NULL;
    g_autofree char *errors = NULL;
    cr_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                           &status, NULL));
    return status;
}

static char *script_of(const VersionStore *store, const char *const *removed, const char *const *added)
{
    g_autoptr(GPtrArray) texts = version_store_create(store);
    g_autoptr(GString) script = g_string_new(NULL);
    g_ptr_array_add(texts, g_strdup("BEGIN"));
    version_store_change(store, removed, added, texts);
    g_ptr_array_add(texts, g_strdup("COMMIT"));
    for (guint i = 0; i < texts->len; i++) {
        g_string_append_printf(script, "%s;\n", (char *)g_ptr_array_index(texts, i));
    }
    return g_string_free(g_steal_pointer(&script), FALSE);
}

FOR_EVERY_DRIVER(a_script_stops_by_itself_when_rows_moved)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    g_autofree char *first = script_of(&store, NO_IDS, IDS("a", "b"));
    cr_assert_eq(run_script(first), 0);
    expect_rows(self, &store, "a,b");
    g_autofree char *second = script_of(&store, IDS("a", "gone"), IDS("c", "d"));
    cr_assert_neq(run_script(second), 0);
    expect_rows(self, &store, "a,b");
}
