/* What only the PostgreSQL driver does with statements: COPY, statements outside of transactions, positions.
 */
#include "engine_fixture.h"

static void use_postgres(void)
{
    use_engine(ENGINE_POSTGRES);
}

TestSuite(postgres_execute, .init = use_postgres, .fini = remove_database, .timeout = 120);

/* Runs a batch that must fail; frees the batch and the error. */
static void expect_batch_failure(Connection *self, Batch *batch, gssize item, gssize position,
                                 DbErrorClass error_class)
{
    g_autoptr(Batch) owned = batch;
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    cr_assert(!connection_execute(self, owned, &result, &error), "no failure");
    cr_assert_eq(db_error_detail(error)->item, item, "item %zd: %s", db_error_detail(error)->item,
                 error->message);
    cr_assert_eq(db_error_detail(error)->position, position, "position %zd: %s",
                 db_error_detail(error)->position, error->message);
    expect_error(error, error_class, "");
}
/* ---- Messages ---- */

Test(postgres_execute, statements_outside_a_transaction_commit_by_themselves)
{
    g_autoptr(Connection) self = open_plain();
    expect_batch_failure(self,
                         BATCH("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "SELECT 1 / 0",
                               "INSERT INTO t VALUES (2)"),
                         2, -1, DB_ERROR_STATEMENT);
    expect_value(self, "SELECT count(*) FROM t", "1");
}

Test(postgres_execute, an_index_is_built_concurrently_between_other_statements)
{
    g_autoptr(Connection) self = open_plain();
    run_batch(self, BATCH("CREATE TABLE t (a int)", "CREATE INDEX CONCURRENTLY i ON t (a)", "SELECT 1",
                          "DROP INDEX CONCURRENTLY i"));
    expect_batch_failure(self, BATCH("BEGIN", "CREATE INDEX CONCURRENTLY i ON t (a)", "COMMIT"), 1, -1,
                         DB_ERROR_STATEMENT);
}

Test(postgres_execute, behind_a_transaction_statements_are_alone_again)
{
    g_autoptr(Connection) self = open_plain();
    run_batch(self, BATCH("BEGIN", "CREATE TABLE t (a int)", "COMMIT", "CREATE INDEX CONCURRENTLY i ON t (a)",
                          "VACUUM t", "START TRANSACTION", "INSERT INTO t VALUES (1)", "END"));
    expect_value(self, "SELECT count(*) FROM t", "1");
}

Test(postgres_execute, savepoints_work_in_a_transaction)
{
    g_autoptr(Connection) self = open_plain();
    run_batch(self, BATCH("CREATE TABLE t (a int)", "BEGIN", "SAVEPOINT s", "INSERT INTO t VALUES (1)",
                          "ROLLBACK TO SAVEPOINT s", "INSERT INTO t VALUES (2)", "RELEASE s", "COMMIT"));
    expect_value(self, "SELECT a FROM t", "2");
}

Test(postgres_execute, a_commit_that_rolls_back_is_an_error)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "BEGIN");
    expect_failure(self, "SELECT nosuch", DB_ERROR_STATEMENT);
    expect_failure(self, "COMMIT", DB_ERROR_STATEMENT);
    cr_assert(!self->driver->in_transaction(self));
}

Test(postgres_execute, an_error_of_the_sql_with_a_connection_state_loses_no_connection)
{
    g_autoptr(Connection) self = open_plain();
    expect_failure(self, "DO $$ BEGIN RAISE 'another server' USING ERRCODE = '08001'; END $$",
                   DB_ERROR_STATEMENT);
    expect_failure(self, "DO $$ BEGIN RAISE 'going away' USING ERRCODE = '57P01'; END $$",
                   DB_ERROR_STATEMENT);
    expect_value(self, "SELECT 1", "1");
}

Test(postgres_execute, a_deferred_constraint_fails_at_the_commit)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    expect_batch_failure(
        self, BATCH("BEGIN", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "COMMIT", "SELECT 1"), 3,
        -1, DB_ERROR_STATEMENT);
    expect_value(self, "SELECT count(*) FROM t", "0");
}

Test(postgres_execute, positions_are_bytes_of_the_item)
{
    g_autoptr(Connection) self = open_plain();
    const char *sql = "SELECT 'äöü€😀', nosuch";
    expect_batch_failure(self, BATCH("BEGIN", "SELECT 'ü'", "SELECT '€€' -- 😀", sql, "COMMIT"), 3,
                         strstr(sql, "nosuch") - sql, DB_ERROR_STATEMENT);
    connection_rollback(self);
    const char *wrong = "SELECT 1 /* é */ FRUM t WHERE 1";
    expect_batch_failure(self, BATCH("BEGIN", "SELECT 'ü'", wrong, "COMMIT"), 2,
                         strstr(wrong, "t WHERE") - wrong, DB_ERROR_STATEMENT);
}

Test(postgres_execute, a_zero_byte_is_refused_and_nothing_is_sent)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH("BEGIN", "CREATE TABLE t (a int)");
    batch_add(batch, &(BatchItem){.sql = "SELECT 1\0", .length = 9});
    batch_take(batch, g_strdup("COMMIT"), false);
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    cr_assert(!connection_execute(self, batch, &result, &error));
    expect_error(error, DB_ERROR_STATEMENT, "zero byte");
    expect_failure(self, "SELECT a FROM t", DB_ERROR_UNDEFINED_TABLE);
}

Test(postgres_execute, an_error_says_what_the_server_says)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(GError) error = NULL;
    run(self, "CREATE TABLE t (a int PRIMARY KEY)");
    cr_assert(!connection_run(self, "INSERT INTO t VALUES (1), (1)", &error));
    cr_assert_str_eq(db_error_detail(error)->code, "23505");
    cr_assert_not_null(strstr(db_error_detail(error)->detail, "(a)=(1)"));
    g_clear_error(&error);
    cr_assert(!connection_run(self, "SELECT nosuch(1)", &error));
    cr_assert_not_null(db_error_detail(error)->hint);
    g_clear_error(&error);
    cr_assert(
        !connection_run(self, "DO $$ BEGIN RAISE EXCEPTION 'stop' USING DETAIL = 'why'; END $$", &error));
    cr_assert_str_eq(error->message, "stop");
    cr_assert(g_str_has_prefix(db_error_detail(error)->detail, "why\nPL/pgSQL function"));
}

/* ---- COPY ---- */

static void add_copy(Batch *batch, const char *sql, const char *data, gsize length)
{
    batch_add(batch,
              &(BatchItem){.sql = sql, .length = strlen(sql), .copy_data = data, .copy_length = length});
}

Test(postgres_execute, copy_takes_its_data_in_the_middle_of_a_transaction)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH("BEGIN", "CREATE TABLE t (a int, b text)");
    add_copy(batch, "COPY t FROM stdin", "1\tZürich\n2\t\\N\n", strlen("1\tZürich\n2\t\\N\n"));
    add_copy(batch, "COPY t (a) FROM stdin", "", 0);
    batch_take(batch, g_strdup("INSERT INTO t VALUES (3, 'x')"), false);
    batch_take(batch, g_strdup("COMMIT"), false);
    run_batch(self, g_steal_pointer(&batch));
    expect_value(self, "SELECT string_agg(a || coalesce(b, '-'), ',' ORDER BY a) FROM t", "1Zürich,2-,3x");
}

Test(postgres_execute, copy_takes_large_data_outside_a_transaction)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(GString) data = g_string_new(NULL);
    for (unsigned i = 0; i < 400000; i++)
        g_string_append_printf(data, "%u\n", i);
    g_autoptr(Batch) batch = BATCH("CREATE TABLE t (a int)");
    add_copy(batch, "COPY t FROM stdin", data->str, data->len);
    run_batch(self, g_steal_pointer(&batch));
    expect_value(self, "SELECT count(DISTINCT a) FROM t", "400000");
}

Test(postgres_execute, wrong_copy_data_is_the_fault_of_its_item)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a int)");
    g_autoptr(Batch) batch = BATCH("BEGIN", "SELECT 1");
    add_copy(batch, "COPY t FROM stdin", "1\nx\n", 4);
    batch_take(batch, g_strdup("COMMIT"), false);
    expect_batch_failure(self, g_steal_pointer(&batch), 2, -1, DB_ERROR_STATEMENT);
    connection_rollback(self);
    expect_value(self, "SELECT count(*) FROM t", "0");
}

Test(postgres_execute, copy_without_data_is_an_error_and_the_session_goes_on)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a int)");
    expect_failure(self, "COPY t FROM stdin", DB_ERROR_STATEMENT);
    expect_value(self, "SELECT 1", "1");
}

Test(postgres_execute, copy_to_stdout_is_read_and_dropped)
{
    g_autoptr(Connection) self = open_plain();
    run_batch(self, BATCH("BEGIN", "COPY (SELECT generate_series(1, 50000)) TO STDOUT",
                          "CREATE TABLE t (a int)", "COMMIT", "COPY t TO STDOUT"));
    expect_value(self, "SELECT count(*) FROM t", "0");
}
