/* What a preview's session can be made into, and what may be read while a session is set up, with every
 * driver, on real servers. */
#include "conformance.h"
#include <unistd.h>

CONFORMANCE_SUITE(conformance_promote);

#define FOR_EVERY_DRIVER(name) CONFORMANCE_TEST(conformance_promote, name)
#define FOR_SERVER_DRIVERS(name) SERVER_CONFORMANCE_TEST(conformance_promote, name)

static Connection *open_preview(FirstRead *first)
{
    return open_session((ConnectOptions){.read_only = true, .connect_timeout_ms = 10000, .first = first});
}

static void make_table(void)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (id int)");
    run(self, "INSERT INTO t VALUES (7)");
}

/* ---- The first read ---- */

FOR_EVERY_DRIVER(what_is_wanted_first_is_read_while_connecting)
{
    make_table();
    g_autoptr(Batch) batch = BATCH("SELECT id FROM t", "SELECT count(*) FROM t");
    g_auto(FirstRead) first = {.batch = batch};
    g_autoptr(Connection) self = open_preview(&first);
    expect_ok(!first.error, first.error, "first read");
    cr_assert_eq(first.result.completed, 2u);
    cr_expect_str_eq(batch_result_value(&first.result, 0), "7");
    cr_expect_str_eq(batch_result_value(&first.result, 1), "1");
    expect_value(self, "SELECT 1", "1");
    g_autoptr(Connection) other = open_plain();
    run(other, "INSERT INTO t VALUES (8)"); /* no lock is left */
}

FOR_EVERY_DRIVER(a_first_read_that_fails_leaves_a_session_with_its_settings)
{
    make_table();
    g_autoptr(Batch) batch = BATCH("SELECT id FROM t", "SELECT id FROM nowhere");
    g_auto(FirstRead) first = {.batch = batch};
    g_autoptr(Connection) self = open_preview(&first);
    cr_assert_eq(first.result.completed, 1u);
    cr_expect_str_eq(batch_result_value(&first.result, 0), "7");
    expect_error(g_steal_pointer(&first.error), DB_ERROR_UNDEFINED_TABLE, "nowhere");
    connection_rollback(self);
    expect_failure(self, "INSERT INTO t VALUES (8)", DB_ERROR_READ_ONLY);
}

/* ---- Promoting ---- */

/* Of this process, which is this test's: locks are the server's, and other tests are at work there. */
static const char *test_key(void)
{
    static char key[65];
    g_snprintf(key, sizeof key, "%016x%048x", (unsigned)getpid(), 0u);
    return key;
}

static bool lock_and_read(Connection *self, const char *sql, GError **error)
{
    g_autoptr(Batch) then = BATCH(sql);
    g_auto(BatchResult) result = {0};
    bool held = false;
    bool ok = self->driver->try_lock(self, test_key(), then, &held, &result, error);
    cr_expect(held);
    return ok;
}

FOR_SERVER_DRIVERS(a_promoted_session_writes_from_the_lock_on)
{
    make_table();
    g_autoptr(Connection) self = open_preview(NULL);
    g_autoptr(GError) error = NULL;
    expect_failure(self, "INSERT INTO t VALUES (8)", DB_ERROR_READ_ONLY);
    expect_ok(self->driver->promote(self, &error), error, "promote");
    expect_ok(lock_and_read(self, "SELECT id FROM t", &error), error, "lock");
    run(self, "INSERT INTO t VALUES (8)");
}

FOR_SERVER_DRIVERS(a_lock_that_is_refused_leaves_the_promotion_to_the_next_try)
{
    make_table();
    g_autoptr(Connection) holder = open_plain();
    g_autoptr(Connection) self = open_preview(NULL);
    g_autoptr(GError) error = NULL;
    g_auto(BatchResult) result = {0};
    bool held = true;
    expect_ok(lock_and_read(holder, "SELECT id FROM t", &error), error, "the holder's lock");
    expect_ok(self->driver->promote(self, &error), error, "promote");
    expect_ok(self->driver->try_lock(self, test_key(), NULL, &held, &result, &error), error, "refused lock");
    cr_expect_not(held);
    holder->driver->unlock(holder, test_key());
    expect_ok(lock_and_read(self, "SELECT id FROM t", &error), error, "lock");
    run(self, "INSERT INTO t VALUES (8)");
}

FOR_SERVER_DRIVERS(a_failed_read_behind_the_lock_does_not_take_a_promotion_back)
{
    make_table();
    g_autoptr(Connection) self = open_preview(NULL);
    g_autoptr(GError) error = NULL;
    expect_ok(self->driver->promote(self, &error), error, "promote");
    cr_assert(!lock_and_read(self, "SELECT id FROM nowhere", &error));
    cr_expect(g_error_matches(error, DB_ERROR, DB_ERROR_UNDEFINED_TABLE));
    cr_expect_eq(db_error_detail(error)->item, 0);
    connection_rollback(self);
    run(self, "INSERT INTO t VALUES (8)");
}

FOR_SERVER_DRIVERS(a_promoted_session_is_restored_to_one_that_writes)
{
    make_table();
    g_autoptr(Connection) self = open_preview(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Batch) restore = batch_new();
    g_auto(BatchResult) result = {0};
    expect_ok(self->driver->promote(self, &error), error, "promote");
    expect_ok(lock_and_read(self, "SELECT id FROM t", &error), error, "lock");
    connection_add_restore(self, restore);
    expect_ok(connection_execute(self, restore, &result, &error), error, "restore");
    run(self, "INSERT INTO t VALUES (8)");
}

FOR_SERVER_DRIVERS(how_many_connections_are_free_counts_those_that_are_open)
{
    g_autoptr(Connection) self = open_preview(NULL);
    cr_expect(!self->server.pooled);
    gint64 before = self->driver->free_connections(self);
    cr_assert_gt(before, 4);
    Connection *others[20];
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        others[i] = open_preview(NULL);
    cr_expect_lt(self->driver->free_connections(self), before - 4); /* other tests come and go */
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        connection_close(others[i]);
}

FOR_SERVER_DRIVERS(a_session_that_the_server_ended_is_not_quiet)
{
    Connection *self = open_preview(NULL);
    g_autoptr(Connection) other = open_plain();
    cr_assert(connection_is_quiet(self));
    g_autofree char *kill =
        g_strconcat(fixture.engine->kill[0], self->driver->session_id(self), fixture.engine->kill[1], NULL);
    run(other, kill);
    for (int i = 0; i < 3000 && connection_is_quiet(self); i++)
        g_usleep(20000);
    cr_expect(!connection_is_quiet(self));
    connection_close(self);
}

/* ---- Attached items ---- */

FOR_SERVER_DRIVERS(a_lock_is_given_back_behind_a_commit)
{
    make_table();
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Connection) other = open_plain();
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    cr_assert(lock_and_read(self, "SELECT 1", NULL));
    batch_take(batch, g_strdup(self->driver->begin), false);
    batch_take(batch, g_strdup("INSERT INTO t VALUES (8)"), false);
    batch_take(batch, g_strdup("COMMIT"), false);
    unsigned read = batch_attach(batch, g_strdup("SELECT max(id) FROM t"), true);
    self->driver->add_unlock(self, test_key(), batch);
    expect_ok(connection_execute(self, batch, &result, &error), error, "batch");
    cr_expect_str_eq(batch_result_value(&result, read), "8");
    cr_expect(lock_and_read(other, "SELECT 1", NULL));
}

FOR_SERVER_DRIVERS(what_fails_behind_a_commit_leaves_what_was_committed)
{
    make_table();
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    batch_take(batch, g_strdup(self->driver->begin), false);
    batch_take(batch, g_strdup("INSERT INTO t VALUES (8)"), false);
    batch_take(batch, g_strdup("COMMIT"), false);
    unsigned read = batch_attach(batch, g_strdup("SELECT id FROM nowhere"), true);
    cr_assert(!connection_execute(self, batch, &result, &error));
    cr_expect_eq(db_error_detail(error)->item, (gssize)read);
    cr_expect_eq(result.completed, read);
    expect_error(error, DB_ERROR_UNDEFINED_TABLE, "nowhere");
    expect_value(self, "SELECT max(id) FROM t", "8");
}
