/* The online backup of SQLite: whole, of one moment, and ended when asked to. */
#include "sqlite_fixture.h"

TestSuite(sqlite_backup, .init = make_folder, .fini = remove_folder, .timeout = 120);

/* A file of some megabytes. */
static Connection *open_big(const char *name)
{
    Connection *self = open_new(name);
    run(self, "CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)");
    run(self,
        "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO t SELECT i, "
        "randomblob(1000) FROM n");
    return self;
}

Test(sqlite_backup, is_whole_and_leaves_no_transaction)
{
    g_autoptr(Connection) self = open_big("a.db");
    g_autofree char *path = in_folder("copy.db"), *journal = in_folder("copy.db-journal");
    g_autoptr(GError) error = NULL;
    cr_assert(self->driver->backup(self, path, 0, &error), "%s", error ? error->message : "");
    cr_expect_not(self->driver->in_transaction(self));
    cr_expect_not(g_file_test(journal, G_FILE_TEST_EXISTS));
    g_autoptr(Connection) copy = open_with("copy.db", (ConnectOptions){.read_only = true});
    expect_value(copy, "SELECT count(*) FROM t", "6000");
    expect_value(copy, "PRAGMA integrity_check", "ok");
    run(self, "INSERT INTO t (data) VALUES (1)");
}

Test(sqlite_backup, does_not_see_what_is_not_committed)
{
    g_autoptr(Connection) self = open_big("a.db");
    run(self, "PRAGMA journal_mode = WAL");
    g_autoptr(Connection) other = open_with("a.db", (ConnectOptions){0});
    run(other, "BEGIN IMMEDIATE");
    run(other, "DELETE FROM t");
    g_autofree char *path = in_folder("copy.db");
    g_autoptr(GError) error = NULL;
    cr_assert(self->driver->backup(self, path, 0, &error), "%s", error ? error->message : "");
    run(other, "COMMIT");
    g_autoptr(Connection) copy = open_with("copy.db", (ConnectOptions){0});
    expect_value(copy, "SELECT count(*) FROM t", "6000");
}

Test(sqlite_backup, ends_when_cancelled_and_the_session_goes_on)
{
    g_autoptr(Connection) self = open_big("a.db");
    g_autofree char *path = in_folder("copy.db");
    GError *error = NULL;
    connection_cancel(self);
    cr_assert_not(self->driver->backup(self, path, 0, &error));
    expect_class(error, DB_ERROR_CANCELLED);
    cr_expect_not(self->driver->in_transaction(self));
    expect_value(self, "SELECT count(*) FROM t", "6000");
}

Test(sqlite_backup, ends_when_it_takes_too_long)
{
    g_autoptr(Connection) self = open_big("a.db");
    g_autofree char *path = in_folder("copy.db");
    GError *error = NULL;
    cr_assert_not(self->driver->backup(self, path, 1, &error));
    cr_expect_not_null(strstr(error->message, "it took too long"));
    expect_class(error, DB_ERROR_TIMEOUT);
    cr_expect_not(self->driver->in_transaction(self));
}

Test(sqlite_backup, a_place_that_cannot_be_written_is_named)
{
    g_autoptr(Connection) self = open_big("a.db");
    g_autofree char *path = in_folder("nowhere/copy.db");
    GError *error = NULL;
    cr_assert_not(self->driver->backup(self, path, 0, &error));
    cr_expect_not_null(strstr(error->message, path));
    expect_class(error, DB_ERROR_STATEMENT);
    expect_value(self, "SELECT count(*) FROM t", "6000");
}
