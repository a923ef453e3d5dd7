/* The lock of a MySQL target beyond what every driver does: nothing behind it runs without it, and who holds
 * it. */
#include "mysql_fixture.h"

TestSuite(mysql_lock, .init = use_mysql, .fini = remove_database, .timeout = 120);

static char *new_key(const Connection *self)
{
    return lock_key(&self->server, "dbfleet_version");
}

static bool try_lock(Connection *self, const char *key, const Batch *then, BatchResult *result)
{
    g_autoptr(GError) error = NULL;
    bool held = false;
    expect_ok(self->driver->try_lock(self, key, then, &held, result, &error), error, "try_lock");
    return held;
}

Test(mysql_lock, what_follows_runs_only_with_the_lock)
{
    g_autoptr(Connection) a = open_plain();
    g_autoptr(Connection) b = open_plain();
    g_autofree char *key = new_key(a);
    g_autoptr(Batch) then = BATCH("INSERT INTO t VALUES (1)", "SELECT COUNT(*) FROM t");
    g_auto(BatchResult) first = {0}, second = {0};
    run(a, "CREATE TABLE t (a INT)");
    cr_assert(try_lock(a, key, then, &first));
    cr_assert_eq(first.completed, 2);
    cr_assert_str_eq(batch_result_value(&first, 1), "1");
    cr_assert(!try_lock(b, key, then, &second));
    cr_assert_eq(second.completed, 0);
    expect_value(a, "SELECT COUNT(*) FROM t", "1");
}

Test(mysql_lock, an_overflow_behind_the_lock_is_an_error)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *key = new_key(self);
    g_autoptr(Batch) then = BATCH("SELECT EXP(9000)");
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    bool held = false;
    cr_assert(!self->driver->try_lock(self, key, then, &held, &result, &error));
    cr_assert(held);
    expect_number(error, DB_ERROR_STATEMENT, "1690", "");
}

#define UNHURRIED_US 40000 /* less than what results of statements are waited for together */

/* Of some tries the fastest: others may use the processor. */
Test(mysql_lock, a_target_without_tables_is_locked_without_a_wait)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *key = new_key(self);
    g_autoptr(Batch) then = BATCH("SELECT id FROM nowhere", "SELECT 1", "SELECT 2", "SELECT 3");
    gint64 fastest = G_MAXINT64;
    for (int i = 0; i < 5; i++) {
        g_auto(BatchResult) result = {0};
        GError *error = NULL;
        bool held = false;
        gint64 start = g_get_monotonic_time();
        cr_assert_not(self->driver->try_lock(self, key, then, &held, &result, &error));
        fastest = MIN(fastest, g_get_monotonic_time() - start);
        cr_assert(held);
        expect_error(error, DB_ERROR_UNDEFINED_TABLE, "nowhere");
        connection_rollback(self);
    }
    cr_expect_lt(fastest, UNHURRIED_US);
}

Test(mysql_lock, a_lost_connection_is_no_refusal)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Connection) other = open_plain();
    g_autofree char *key = new_key(self);
    g_autofree char *id = ask(self, "SELECT CONNECTION_ID()");
    g_autofree char *kill_sql = g_strdup_printf("KILL %s", id);
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    bool held = true;
    run(other, kill_sql);
    cr_assert(!self->driver->try_lock(self, key, NULL, &held, &result, &error));
    cr_assert(!held);
    expect_error(error, DB_ERROR_CONNECTION_LOST, "");
}

Test(mysql_lock, the_holder_is_named)
{
    g_autoptr(Connection) a = open_plain();
    g_autoptr(Connection) b = open_plain();
    g_autofree char *key = new_key(a);
    g_autofree char *id = ask(a, "SELECT CONNECTION_ID()");
    g_autofree char *expected = g_strdup_printf("connection %s, ", id);
    g_autofree char *performance = ask(b, "SELECT @@performance_schema");
    g_auto(BatchResult) result = {0};
    cr_assert(try_lock(a, key, NULL, &result));
    g_autofree char *holder = b->driver->lock_holder(b, key);
    cr_assert(g_str_has_prefix(holder, expected), "%s", holder);
    cr_assert_not_null(strstr(holder, ", user admin, from 127.0.0.1:"), "%s", holder);
    cr_assert_not_null(strstr(holder, ", idle since 20"), "%s", holder);
    cr_assert_eq(strstr(holder, ", application dbfleet test-run, ") != NULL, g_str_equal(performance, "1"),
                 "%s", holder);
}
