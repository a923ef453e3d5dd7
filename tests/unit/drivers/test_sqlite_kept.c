/* What a SQLite session compiles once, and that it does what it did when it was compiled each time. */
#include "sqlite_fixture.h"

#ifdef HAVE_SQLITE
#include "drivers/sqlite/sqlite_internal.h"
#include "drivers/version_store.h"

TestSuite(sqlite_kept, .init = make_folder, .fini = remove_folder, .timeout = 120);

#define STEPS 5

/* How often the statement of that text ran since it was compiled; 0: there is none. */
static int runs_of(Connection *self, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    while ((statement = sqlite3_next_stmt(((SqliteConnection *)self)->db, statement)))
        if (strcmp(sqlite3_sql(statement), sql) == 0)
            return sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_RUN, 0);
    return 0;
}

/* The texts of a version write; caller frees. */
static GPtrArray *write_of(const char *from, const char *to)
{
    VersionStore store = {.dialect = DIALECT_SQLITE, .schema = "main", .table = "v"};
    const char *const removed[] = {from, NULL}, *const added[] = {to, NULL};
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    version_store_change(&store, removed, added, texts);
    return texts;
}

static bool move(Connection *self, const char *from, const char *to, GError **error)
{
    g_autoptr(GPtrArray) texts = write_of(from, to);
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    for (guint i = 0; i < texts->len; i++)
        batch_take_own(batch, g_strdup(texts->pdata[i]));
    return connection_execute(self, batch, &result, error);
}

static Connection *open_at_one(void)
{
    Connection *self = open_new("a.db");
    run(self, "CREATE TABLE v (version_num); INSERT INTO v VALUES ('1')");
    return self;
}

Test(sqlite_kept, what_stands_around_steps_is_compiled_once)
{
    g_autoptr(Connection) self = open_at_one();
    g_autoptr(GPtrArray) texts = write_of("1", "2");
    for (int i = 0; i < STEPS; i++) {
        g_autofree char *table = g_strdup_printf("CREATE TABLE t%d (a)", i);
        run(self, self->driver->begin);
        run(self, table);
        cr_assert(move(self, i % 2 ? "2" : "1", i % 2 ? "1" : "2", NULL));
        run(self, "COMMIT");
    }
    cr_expect_eq(runs_of(self, self->driver->begin), STEPS);
    cr_expect_eq(runs_of(self, texts->pdata[1]), STEPS);
    cr_expect_eq(runs_of(self, "COMMIT"), STEPS);
    expect_value(self, "SELECT count(*) FROM sqlite_master", "6");
    expect_value(self, "SELECT version_num FROM v", "2");
}

Test(sqlite_kept, nothing_else_is)
{
    g_autoptr(Connection) self = open_at_one();
    run(self, "SELECT 1");
    run(self, "BEGIN IMMEDIATE; SELECT 2");
    run(self, "COMMIT /* all of it */");
    cr_expect_null(sqlite3_next_stmt(((SqliteConnection *)self)->db, NULL));
}

Test(sqlite_kept, the_check_sees_the_write_before_it_each_time)
{
    g_autoptr(Connection) self = open_at_one();
    for (int i = 0; i < STEPS; i++) {
        g_autoptr(GError) error = NULL;
        run(self, self->driver->begin);
        cr_expect(move(self, "1", "1a", NULL));
        cr_expect(!move(self, "1", "1b", &error));
        cr_expect(g_error_matches(error, DB_ERROR, DB_ERROR_HEADS_MOVED));
        cr_expect(self->driver->in_transaction(self));
        connection_rollback(self);
        expect_value(self, "SELECT version_num FROM v", "1");
    }
}

Test(sqlite_kept, what_failed_can_be_run_again)
{
    g_autoptr(Connection) self = open_at_one();
    g_autoptr(Connection) other = open_with("a.db", (ConnectOptions){.lock_timeout_ms = 20});
    run(other, other->driver->begin);
    run(other, "COMMIT");
    for (int i = 0; i < STEPS; i++) {
        run(self, self->driver->begin);
        expect_failure(other, other->driver->begin, DB_ERROR_LOCK_TIMEOUT);
        cr_expect(!other->driver->in_transaction(other));
        run(self, "COMMIT");
        run(other, other->driver->begin);
        expect_failure(other, other->driver->begin, DB_ERROR_STATEMENT);
        run(other, "COMMIT");
        expect_failure(other, "COMMIT", DB_ERROR_STATEMENT);
    }
}

Test(sqlite_kept, what_was_cancelled_can_be_run_again)
{
    g_autoptr(Connection) self = open_at_one();
    for (int i = 0; i < STEPS; i++) {
        run(self, self->driver->begin);
        run(self, "COMMIT");
        connection_cancel(self);
        expect_failure(self, self->driver->begin, DB_ERROR_CANCELLED);
        cr_expect(!self->driver->in_transaction(self));
    }
}

Test(sqlite_kept, no_lock_and_no_obstacle_is_left)
{
    g_autoptr(Connection) self = open_at_one();
    g_autoptr(Connection) other = open_new("a.db");
    run(self, self->driver->begin);
    cr_assert(move(self, "1", "2", NULL));
    run(self, "COMMIT");
    run(other, "BEGIN EXCLUSIVE; DROP TABLE v; COMMIT");
    run(self, "VACUUM");
    run(self, "PRAGMA journal_mode = WAL");
    run(self, "PRAGMA journal_mode = DELETE");
    run(self, self->driver->begin);
    run(self, "CREATE TABLE v (version_num); INSERT INTO v VALUES ('1')");
    cr_expect(move(self, "1", "2", NULL));
    run(self, "COMMIT");
    expect_value(other, "SELECT version_num FROM v", "2");
}
#endif
