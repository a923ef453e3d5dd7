/* What a batch on SQLite waits for and what stops it: locks of other connections, time limits, cancels. */
#include "sqlite_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

TestSuite(sqlite_stop, .init = make_folder, .fini = remove_folder, .timeout = 120);

/* Runs until it is stopped. */
#define ENDLESS "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

/* ---- Locks of other connections ---- */

Test(sqlite_stop, a_locked_file_is_given_up_after_the_lock_timeout)
{
    g_autoptr(Connection) holder = open_new("a.db");
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){.lock_timeout_ms = 150});
    run(holder, "BEGIN IMMEDIATE; CREATE TABLE t (a)");
    gint64 started = g_get_monotonic_time();
    expect_failure(self, "BEGIN IMMEDIATE", DB_ERROR_LOCK_TIMEOUT);
    gint64 waited = milliseconds_since(started);
    cr_assert(waited >= 150 && waited < 60000, "%d ms", (int)waited);
    cr_assert(!self->driver->in_transaction(self));
}

static void *commit_soon(void *holder)
{
    g_usleep(300 * 1000);
    run(holder, "COMMIT");
    return NULL;
}

Test(sqlite_stop, without_a_lock_timeout_a_lock_is_waited_for)
{
    g_autoptr(Connection) holder = open_new("a.db");
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){0});
    run(holder, "BEGIN IMMEDIATE; CREATE TABLE t (a)");
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, commit_soon, holder), 0);
    run(self, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1); COMMIT");
    pthread_join(thread, NULL);
}

Test(sqlite_stop, a_commit_that_a_reader_holds_up_can_be_rolled_back)
{
    g_autoptr(Connection) reader = open_new("a.db");
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a)");
    run(reader, "BEGIN; SELECT * FROM t");
    run(self, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    expect_failure(self, "COMMIT", DB_ERROR_LOCK_TIMEOUT);
    cr_assert(self->driver->in_transaction(self));
    connection_rollback(self);
    expect_value(self, "SELECT count(*) FROM t", "0");
}

Test(sqlite_stop, a_users_busy_timeout_lasts_for_its_batch)
{
    g_autoptr(Connection) holder = open_new("a.db");
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){.lock_timeout_ms = 100});
    run(holder, "BEGIN IMMEDIATE; CREATE TABLE t (a)");
    run(self, "PRAGMA busy_timeout = 3600000");
    expect_failure(self, "BEGIN IMMEDIATE", DB_ERROR_LOCK_TIMEOUT);
}

/* ---- Time limits ---- */

Test(sqlite_stop, a_statement_that_takes_too_long_is_stopped)
{
    g_autoptr(Connection) self =
        open_with("a.db", (ConnectOptions){.create = true, .statement_timeout_ms = 100});
    gint64 started = g_get_monotonic_time();
    expect_failure(self, ENDLESS, DB_ERROR_TIMEOUT);
    gint64 took = milliseconds_since(started);
    cr_assert(took >= 100 && took < 60000, "%d ms", (int)took);
    expect_value(self, "SELECT 1", "1");
}

Test(sqlite_stop, the_statement_timeout_counts_for_each_statement)
{
    static const char busy[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                               "50000) SELECT count(*) FROM n;";
    g_autoptr(Connection) self =
        open_with("a.db", (ConnectOptions){.create = true, .statement_timeout_ms = 2000});
    g_autoptr(GString) many = g_string_new(NULL);
    for (gint64 took = 0; took <= 2000;) { /* more of them until they last longer together than one may */
        for (int i = 0; i < 400; i++)
            g_string_append(many, busy);
        gint64 started = g_get_monotonic_time();
        run(self, many->str);
        took = milliseconds_since(started);
    }
}

Test(sqlite_stop, the_statement_timeout_counts_while_a_lock_is_waited_for)
{
    g_autoptr(Connection) holder = open_new("a.db");
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){.statement_timeout_ms = 100});
    run(holder, "BEGIN IMMEDIATE; CREATE TABLE t (a)");
    expect_failure(self, "BEGIN IMMEDIATE", DB_ERROR_TIMEOUT);
}

/* ---- Cancelling ---- */

static atomic_bool calm;

static void *cancel_soon(void *connection)
{
    g_usleep(100 * 1000);
    connection_cancel(connection);
    return NULL;
}

static void expect_cancelled(Connection *self, const char *sql)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, cancel_soon, self), 0);
    gint64 started = g_get_monotonic_time();
    expect_failure(self, sql, DB_ERROR_CANCELLED);
    pthread_join(thread, NULL);
    cr_assert_lt(milliseconds_since(started), 60000);
}

Test(sqlite_stop, another_thread_can_cancel_a_statement)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    expect_cancelled(self, ENDLESS);
    connection_rollback(self);
    cr_assert(!self->driver->in_transaction(self));
    expect_value(self, "SELECT count(*) FROM t", "0");
}

Test(sqlite_stop, another_thread_can_cancel_a_wait_for_a_lock)
{
    g_autoptr(Connection) holder = open_new("a.db");
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){0});
    run(holder, "BEGIN IMMEDIATE");
    expect_cancelled(self, "BEGIN IMMEDIATE");
}

Test(sqlite_stop, a_cancel_between_two_batches_stops_the_next_one)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a)");
    connection_cancel(self);
    expect_failure(self, "INSERT INTO t VALUES (1)", DB_ERROR_CANCELLED);
    expect_value(self, "SELECT count(*) FROM t", "0");
}

Test(sqlite_stop, a_cancel_does_not_stop_a_rollback)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    connection_cancel(self);
    connection_rollback(self);
    cr_assert(!self->driver->in_transaction(self));
    expect_failure(self, "SELECT 1", DB_ERROR_CANCELLED);
}

Test(sqlite_stop, a_cancel_behind_the_last_statement_does_not_undo_it)
{
    g_autoptr(Connection) self = open_new("a.db");
    connection_cancel(self);
    run(self, " -- nothing to stop\n");
}

static void *cancel_often(void *data)
{
    Connection *connection = data;
    while (!atomic_load(&calm)) {
        connection_cancel(connection);
        g_usleep(10);
    }
    return NULL;
}

/* Whatever the moment, a transaction that was cancelled is rolled back, and one that was committed is told
 * so. The table in it has the schema read again after each rollback, which is one more thing to be hit. */
Test(sqlite_stop, cancels_at_any_moment_leave_no_transaction_open)
{
    static const char *const texts[] = {
        "BEGIN IMMEDIATE",          "CREATE TABLE u (a)",       "DROP TABLE u",
        "INSERT INTO t VALUES (1)", "COMMIT; -- and blanks \n", NULL};
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){.create = true});
    run(self, "PRAGMA journal_mode = memory; PRAGMA synchronous = off; CREATE TABLE t (a)");
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, cancel_often, self), 0);
    unsigned committed = 0;
    for (unsigned i = 0; i < 5000; i++) {
        g_auto(BatchResult) result = {0};
        committed += run_batch(self, texts, &result, NULL);
        connection_rollback(self);
        cr_assert(!self->driver->in_transaction(self), "in round %u", i);
    }
    atomic_store(&calm, true);
    pthread_join(thread, NULL);
    connection_run(self, "SELECT 1", NULL); /* takes a last request */
    g_autofree char *expected = g_strdup_printf("%u", committed);
    expect_value(self, "SELECT count(*) FROM t", expected);
}
