/* What the lock of a target is with every driver, on real servers. */
#include "conformance.h"

CONFORMANCE_SUITE(conformance_lock);

#define FOR_EVERY_DRIVER(name) CONFORMANCE_TEST(conformance_lock, name)

/* ---- Locks ---- */

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
