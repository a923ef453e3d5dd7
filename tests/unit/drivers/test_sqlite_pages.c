/* What a SQLite session keeps of its file between two pieces of work. */
#include "sqlite_fixture.h"

#ifdef HAVE_SQLITE
#include "drivers/sqlite/sqlite_internal.h"

TestSuite(sqlite_pages, .init = make_folder, .fini = remove_folder, .timeout = 120);

#define LARGE (1024 * 1024)
#define SMALL (128 * 1024)

static int bytes_kept(Connection *self)
{
    int used = 0, most = 0;
    sqlite3_db_status(((SqliteConnection *)self)->db, SQLITE_DBSTATUS_CACHE_USED, &used, &most, 0);
    return used;
}

/* Megabytes of it were written, and are still there. */
static Connection *open_large(const char *first)
{
    Connection *self = open_new("large.db");
    run(self, first);
    run(self, "CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)");
    run(self,
        "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, "
        "randomblob(1000) FROM n");
    cr_assert_gt(bytes_kept(self), LARGE);
    return self;
}

Test(sqlite_pages, of_a_large_file_are_given_back)
{
    g_autoptr(Connection) self = open_large("SELECT 1");
    connection_rest(self);
    cr_expect_leq(bytes_kept(self), SMALL, "%d bytes", bytes_kept(self));
    expect_value(self, "SELECT count(*) FROM t", "3000");
}

Test(sqlite_pages, of_a_small_file_stay)
{
    g_autoptr(Connection) self = open_new("small.db");
    run(self, "CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)");
    int before = bytes_kept(self);
    connection_rest(self);
    cr_expect_eq(bytes_kept(self), before);
}

Test(sqlite_pages, stay_while_a_transaction_is_open)
{
    g_autoptr(Connection) self = open_large("SELECT 1");
    run(self, "BEGIN");
    run(self, "SELECT count(*) FROM t");
    connection_rest(self);
    cr_expect_gt(bytes_kept(self), LARGE);
    run(self, "COMMIT");
}

Test(sqlite_pages, stay_where_a_revision_asked_for_more)
{
    g_autoptr(Connection) self = open_large("PRAGMA cache_size = -4000");
    connection_rest(self);
    cr_expect_gt(bytes_kept(self), LARGE);
}

Test(sqlite_pages, are_given_back_where_a_revision_set_something_else)
{
    g_autoptr(Connection) self = open_large("PRAGMA recursive_triggers = ON");
    connection_rest(self);
    cr_expect_leq(bytes_kept(self), SMALL);
}

Test(sqlite_pages, giving_them_back_leaves_a_request_to_cancel)
{
    g_autoptr(Connection) self = open_large("PRAGMA recursive_triggers = ON");
    connection_cancel(self);
    connection_rest(self);
    expect_failure(self, "SELECT count(*) FROM t", DB_ERROR_CANCELLED);
    connection_rest(self);
    cr_expect_leq(bytes_kept(self), SMALL);
}
#endif
