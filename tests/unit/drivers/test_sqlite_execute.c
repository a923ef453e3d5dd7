/* Batches on SQLite: statements and rows, where a failure is, what class it has. */
#include "sqlite_fixture.h"

#include "drivers/version_store.h"

#include <pthread.h>
#include <sys/mount.h>

TestSuite(sqlite_execute, .init = make_folder, .fini = remove_folder, .timeout = 120);

/* ---- Rows ---- */

Test(sqlite_execute, rows_are_texts)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(RowSet) rows = connection_query(
        self, "SELECT 'text' AS a, 42 AS b, 1.5 AS c, NULL AS d, x'00ff0a' AS e, x'' AS f, '' AS g", NULL);
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    static const char *const values[] = {"text", "42", "1.5", NULL, "X'00FF0A'", "X''", ""};
    cr_assert_eq(rows->columns, G_N_ELEMENTS(values));
    char **row = g_ptr_array_index(rows->rows, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        cr_assert_str_eq(rows->names[i], names[i]);
        cr_assert_eq(g_strcmp0(row[i], values[i]), 0, "%s: %s", names[i], row[i]);
    }
}

Test(sqlite_execute, rows_are_kept_only_where_they_are_wanted)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    unsigned dropped = batch_take(batch, g_strdup("SELECT 1"), false);
    unsigned none = batch_take(batch, g_strdup("CREATE TABLE t (a)"), true);
    unsigned empty = batch_take(batch, g_strdup("SELECT a FROM t"), true);
    unsigned kept = batch_take(batch, g_strdup("SELECT 2"), true);
    cr_assert(connection_execute(self, batch, &result, NULL));
    cr_assert_eq(result.completed, 4);
    cr_assert_null(batch_result_rows(&result, dropped));
    cr_assert_eq(batch_result_rows(&result, none)->columns, 0);
    cr_assert_eq(batch_result_rows(&result, empty)->columns, 1);
    cr_assert_eq(batch_result_rows(&result, empty)->rows->len, 0);
    cr_assert_str_eq(batch_result_value(&result, kept), "2");
}

Test(sqlite_execute, columns_are_those_of_the_table_as_it_is_now)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Connection) other = open_new("a.db");
    run(self, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    expect_value(self, "SELECT * FROM t", "1");
    run(other, "ALTER TABLE t ADD COLUMN b DEFAULT 2");
    g_autoptr(RowSet) rows = connection_query(self, "SELECT * FROM t", NULL);
    cr_assert_eq(rows->columns, 2);
}

/* ---- Queries that are sent together ---- */

static void *insert_a_row(void *data)
{
    (void)data;
    g_autoptr(Connection) writer = open_new("a.db");
    g_usleep(20000);
    run(writer, "INSERT INTO t VALUES (1)");
    return NULL;
}

#define SLOWLY                                                                                               \
    "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT max(i) FROM n)"

Test(sqlite_execute, queries_that_are_sent_together_see_one_moment)
{
    static const char *const texts[] = {"SELECT count(*) FROM t WHERE " SLOWLY " > 0",
                                        "SELECT count(*) FROM t", NULL};
    pthread_t thread;
    g_autoptr(Connection) self = open_new("a.db");
    g_auto(BatchResult) result = {0};
    run(self, "PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    cr_assert_eq(pthread_create(&thread, NULL, insert_a_row, NULL), 0);
    cr_assert(run_batch(self, texts, &result, NULL));
    pthread_join(thread, NULL);
    cr_assert_str_eq(batch_result_value(&result, 0), batch_result_value(&result, 1));
}

Test(sqlite_execute, queries_that_are_sent_together_leave_no_transaction)
{
    static const char *const good[] = {"SELECT 1", "select 2", NULL};
    static const char *const bad[] = {"SELECT 1", "SELECT * FROM nosuch", NULL};
    g_autoptr(Connection) self = open_new("a.db");
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    cr_assert(run_batch(self, good, &result, NULL));
    cr_assert_not(self->driver->in_transaction(self));
    cr_assert_not(run_batch(self, bad, &result, &error));
    cr_assert_eq(result.completed, 1);
    cr_assert_not(self->driver->in_transaction(self));
}

/* ---- Settings ---- */

static unsigned restored_behind(Connection *self, const char *sql)
{
    g_autoptr(Batch) batch = batch_new();
    batch_take(batch, g_strdup(sql), false);
    connection_add_restore(self, batch);
    return batch_length(batch) - 1;
}

/* None of these is run: each asks a session that nothing was told before. */
Test(sqlite_execute, the_word_is_found_in_any_case_and_place)
{
    static const char *const with[] = {"PRAGMA a",    "pRaGmA a", "prAgma",
                                       "g; pragma a", "GGpragma", "-- PRAGMA"};
    static const char *const without[] = {"", "g", "gma", "pra", "agma G gma", "prag ma", "pragm", "PRAG"};
    for (gsize i = 0; i < G_N_ELEMENTS(with); i++) {
        g_autoptr(Connection) self = open_new("a.db");
        cr_expect_eq(restored_behind(self, with[i]), 1, "%s", with[i]);
    }
    g_autoptr(Connection) self = open_new("a.db");
    for (gsize i = 0; i < G_N_ELEMENTS(without); i++)
        cr_expect_eq(restored_behind(self, without[i]), 0, "%s", without[i]);
}

Test(sqlite_execute, settings_are_put_back_where_something_may_have_set_one)
{
    g_autoptr(Connection) self = open_new("a.db");
    cr_assert_eq(restored_behind(self, "CREATE TABLE t (a); -- prag ma"), 0);
    run(self, "CREATE TABLE t (a)");
    cr_assert_eq(restored_behind(self, "SELECT 1; Pragma foreign_keys = ON"), 1);
}

Test(sqlite_execute, a_setting_of_an_earlier_batch_is_put_back)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    run(self, "CREATE TABLE t (a); PRAGMA/**/recursive_triggers = ON;PRAGMA foreign_keys = ON");
    connection_add_restore(self, batch);
    cr_assert(connection_execute(self, batch, &result, NULL));
    expect_value(self, "PRAGMA recursive_triggers", "0");
    expect_value(self, "PRAGMA foreign_keys", "0");
}

/* ---- Rows to bind ---- */

/* Runs `sql` once for each pair of values; the batch ends at the first that fails. */
static bool run_bound(Connection *self, const char *sql, const BoundValue *values, gsize count,
                      BatchResult *result, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    GArray *list = g_array_new(FALSE, FALSE, sizeof(BoundValue));
    for (gsize i = 0; i < count; i++)
        g_array_append_val(list, values[i]);
    batch_take(batch, g_strdup("BEGIN"), false);
    batch_take_bound(batch, g_strdup(sql), list, 2);
    batch_take(batch, g_strdup("COMMIT"), false);
    return connection_execute(self, batch, result, error);
}

Test(sqlite_execute, a_statement_runs_once_for_each_row_that_is_bound)
{
    static const BoundValue values[] = {
        {.text = "1"}, {.text = "it's ?"}, {.text = "2"}, {.text = NULL}, {.is_number = true, .number = 3},
        {.text = ""}};
    g_autoptr(Connection) self = open_new("a.db");
    g_auto(BatchResult) result = {0};
    run(self, "CREATE TABLE t (a INTEGER, b TEXT)");
    cr_assert(run_bound(self, "INSERT INTO t VALUES (?, ?)", values, 6, &result, NULL));
    cr_assert_eq(result.completed, 3);
    expect_value(self, "SELECT group_concat(typeof(a) || a || coalesce(b, '-'), ',') FROM t",
                 "integer1it's ?,integer2-,integer3");
}

Test(sqlite_execute, what_a_bound_row_has_in_common_with_the_one_before_stays)
{
    static const char kept[] = "kept";
    static const BoundValue values[] = {{.text = kept},
                                        {.is_number = true, .number = 7},
                                        {.text = kept},
                                        {.is_number = true, .number = 7},
                                        {.text = NULL},
                                        {.is_number = true, .number = 0},
                                        {.is_number = true, .number = 0},
                                        {.text = NULL}};
    g_autoptr(Connection) self = open_new("a.db");
    g_auto(BatchResult) result = {0};
    run(self, "CREATE TABLE t (a, b)");
    cr_assert(run_bound(self, "INSERT INTO t VALUES (?, ?)", values, 8, &result, NULL));
    expect_value(
        self,
        "SELECT group_concat(coalesce(a, '-') || typeof(a) || coalesce(b, '-') || typeof(b), ' ') FROM t",
        "kepttext7integer kepttext7integer -null0integer 0integer-null");
}

Test(sqlite_execute, a_bound_row_that_fails_fails_the_item)
{
    static const BoundValue values[] = {{.text = "1"}, {.text = "a"}, {.text = "1"},
                                        {.text = "b"}, {.text = "2"}, {.text = "c"}};
    g_autoptr(Connection) self = open_new("a.db");
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    run(self, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
    cr_assert(!run_bound(self, "INSERT INTO t VALUES (?, ?)", values, 6, &result, &error));
    cr_assert_eq(result.completed, 1);
    cr_assert_eq(db_error_detail(error)->item, 1);
    expect_class(error, DB_ERROR_STATEMENT);
    connection_rollback(self);
    expect_value(self, "SELECT count(*) FROM t", "0");
}

/* ---- Statements in an item ---- */

Test(sqlite_execute, an_item_may_hold_several_statements)
{
    g_autoptr(Connection) self = open_new("a.db");
    expect_value(
        self,
        "-- first\nCREATE TABLE t (a);;\n"
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET a = a + 1; DELETE FROM t WHERE a = 0; END;"
        "INSERT INTO t VALUES (1); SELECT 'a;b'; SELECT a FROM t; /* last; */ -- end;\n",
        "2");
}

Test(sqlite_execute, an_item_may_hold_none)
{
    g_autoptr(Connection) self = open_new("a.db");
    static const char *const texts[] = {"", " \n", ";", "-- nothing", "/* nothing */", "SELECT 1", NULL};
    g_auto(BatchResult) result = {0};
    cr_assert(run_batch(self, texts, &result, NULL));
    cr_assert_eq(result.completed, 6);
    cr_assert_str_eq(batch_result_value(&result, 5), "1");
}

Test(sqlite_execute, only_the_length_that_is_given_counts)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    batch_add(batch, &(BatchItem){.sql = "SELECT 12345", .length = 9, .wants_rows = true});
    cr_assert(connection_execute(self, batch, &result, NULL));
    cr_assert_str_eq(batch_result_value(&result, 0), "12");
}

Test(sqlite_execute, a_statement_of_many_small_ones_takes_time_in_proportion)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(GString) sql = g_string_new("CREATE TABLE t (a); BEGIN;");
    for (unsigned i = 0; i < 50000; i++)
        g_string_append_printf(sql, "INSERT INTO t VALUES (%u);\n", i);
    g_string_append(sql, "COMMIT;");
    gint64 started = g_get_monotonic_time();
    run(self, sql->str);
    cr_assert_lt(milliseconds_since(started), 20000);
    expect_value(self, "SELECT count(*) FROM t", "50000");
}

/* ---- Failures ---- */

static void expect_place(Connection *self, const char *const *texts, unsigned completed, gssize position)
{
    g_autoptr(GError) error = NULL;
    g_auto(BatchResult) result = {0};
    cr_assert(!run_batch(self, texts, &result, &error));
    const DbErrorDetail *detail = db_error_detail(error);
    cr_assert_eq(result.completed, completed, "%s", error->message);
    cr_assert_eq(detail->item, (gssize)completed);
    cr_assert_eq(detail->position, position, "%s: position %d", error->message, (int)detail->position);
}

Test(sqlite_execute, a_failure_stops_the_batch_and_says_where)
{
    g_autoptr(Connection) self = open_new("a.db");
    static const char *const texts[] = {"CREATE TABLE t (a)", "INSERT INTO t VALUES (1)", "SELECT b FROM t",
                                        "INSERT INTO t VALUES (2)", NULL};
    expect_place(self, texts, 2, 7);
    expect_value(self, "SELECT group_concat(a) FROM t", "1");
}

Test(sqlite_execute, a_position_counts_from_the_start_of_the_item)
{
    g_autoptr(Connection) self = open_new("a.db");
    expect_place(self, (const char *const[]){"SELECT 'größe';\n SELECT x", NULL}, 0, 26);
    expect_place(self, (const char *const[]){"CREATE TABL t (a)", NULL}, 0, 7);
}

Test(sqlite_execute, a_failure_without_a_token_has_no_position)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)");
    expect_place(self, (const char *const[]){"SELECT 1;\nINSERT INTO t VALUES (1)", NULL}, 0, -1);
}

Test(sqlite_execute, a_failure_in_an_item_leaves_what_came_before_it_in_the_item)
{
    g_autoptr(Connection) self = open_new("a.db");
    expect_failure(self, "CREATE TABLE t (a); INSERT INTO t VALUES (1); nonsense; INSERT INTO t VALUES (2)",
                   DB_ERROR_STATEMENT);
    expect_value(self, "SELECT group_concat(a) FROM t", "1");
}

Test(sqlite_execute, text_behind_a_nul_byte_is_not_silently_left_out)
{
    g_autoptr(Connection) self = open_new("a.db");
    static const char sql[] = "CREATE TABLE t (a);\0CREATE TABLE u (a)";
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    batch_add(batch, &(BatchItem){.sql = sql, .length = sizeof(sql) - 1});
    cr_assert(!connection_execute(self, batch, &result, &error));
    cr_assert_eq(db_error_detail(error)->position, 19);
    expect_class(error, DB_ERROR_STATEMENT);
    expect_value(self, "SELECT count(*) FROM sqlite_schema", "0");
}

Test(sqlite_execute, data_to_copy_is_refused)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    batch_add(batch, &(BatchItem){.sql = "SELECT 1", .length = 8, .copy_data = "1\n", .copy_length = 2});
    cr_assert(!connection_execute(self, batch, &result, &error));
    expect_class(error, DB_ERROR_STATEMENT);
}

Test(sqlite_execute, the_code_is_the_extended_one)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)");
    GError *error = NULL;
    cr_assert(!connection_run(self, "INSERT INTO t VALUES (1)", &error));
    cr_assert_str_eq(db_error_detail(error)->code, "2067"); /* SQLITE_CONSTRAINT_UNIQUE */
    cr_assert_str_eq(error->message, "UNIQUE constraint failed: t.a");
    expect_class(error, DB_ERROR_STATEMENT);
}

Test(sqlite_execute, missing_tables_are_told_apart)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a)");
    expect_failure(self, "SELECT * FROM nosuch", DB_ERROR_UNDEFINED_TABLE);
    expect_failure(self, "SELECT * FROM main.nosuch", DB_ERROR_UNDEFINED_TABLE);
    expect_failure(self, "INSERT INTO nosuch VALUES (1)", DB_ERROR_UNDEFINED_TABLE);
    expect_failure(self, "DROP TABLE nosuch", DB_ERROR_UNDEFINED_TABLE);
    expect_failure(self, "CREATE TABLE nosuch.t (a)", DB_ERROR_UNDEFINED_TABLE);
    expect_failure(self, "SELECT nosuch FROM t", DB_ERROR_STATEMENT);
}

Test(sqlite_execute, a_file_that_was_replaced_is_a_lost_connection)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a)");
    g_autofree char *path = in_folder("a.db");
    g_autofree char *other = in_folder("b.db");
    cr_assert_eq(g_rename(path, other), 0);
    expect_failure(self, "INSERT INTO t VALUES (1)", DB_ERROR_CONNECTION_LOST);
}

/* ---- Version rows ---- */

static bool change_heads(Connection *self, const char *from, const char *to, GError **error)
{
    VersionStore store = {.dialect = DIALECT_SQLITE, .schema = "main", .table = "dbfleet_version"};
    const char *const removed[] = {from, NULL};
    const char *const added[] = {to, NULL};
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    version_store_change(&store, removed, added, texts);
    g_ptr_array_add(texts, NULL);
    g_auto(BatchResult) result = {0};
    return run_batch(self, (const char *const *)texts->pdata, &result, error);
}

Test(sqlite_execute, version_rows_that_moved_are_told)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE dbfleet_version (version_num TEXT); INSERT INTO dbfleet_version VALUES ('one')");
    cr_assert(change_heads(self, "one", "two", NULL));
    GError *error = NULL;
    run(self, "BEGIN IMMEDIATE");
    cr_assert(!change_heads(self, "one", "three", &error));
    expect_class(error, DB_ERROR_HEADS_MOVED);
    cr_assert(self->driver->in_transaction(self));
    connection_rollback(self);
    expect_value(self, "SELECT version_num FROM dbfleet_version", "two");
}

Test(sqlite_execute, an_overflow_of_a_user_is_not_about_version_rows)
{
    g_autoptr(Connection) self = open_new("a.db");
    expect_failure(self, "SELECT abs(-9223372036854775808)", DB_ERROR_STATEMENT);
}

/* ---- Transactions ---- */

Test(sqlite_execute, a_failed_transaction_stays_open_until_it_is_rolled_back)
{
    g_autoptr(Connection) self = open_new("a.db");
    cr_assert(!self->driver->in_transaction(self));
    run(self, self->driver->begin);
    run(self, "CREATE TABLE t (a)");
    expect_failure(self, "nonsense", DB_ERROR_STATEMENT);
    cr_assert(self->driver->in_transaction(self));
    connection_rollback(self);
    cr_assert(!self->driver->in_transaction(self));
    expect_failure(self, "SELECT * FROM t", DB_ERROR_UNDEFINED_TABLE);
}

Test(sqlite_execute, closing_rolls_back)
{
    {
        g_autoptr(Connection) self = open_new("a.db");
        run(self, "CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    }
    g_autoptr(Connection) self = open_new("a.db");
    expect_value(self, "SELECT count(*) FROM t", "0");
}

Test(sqlite_execute, a_transaction_that_only_reads_does_not_keep_writers_out)
{
    g_autoptr(Connection) reader = open_new("a.db");
    g_autoptr(Connection) writer = open_new("a.db");
    run(reader, reader->driver->begin_read_only);
    run(writer, writer->driver->begin);
    run(writer, "CREATE TABLE t (a)");
    run(writer, "COMMIT");
}

Test(sqlite_execute, a_table_is_rebuilt_with_foreign_keys_off)
{
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){.create = true, .foreign_keys = true});
    run(self, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p ON DELETE CASCADE);"
              "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)");
    run(self, "PRAGMA foreign_keys = off");
    run(self,
        "BEGIN IMMEDIATE; CREATE TABLE q (id INTEGER PRIMARY KEY, x); INSERT INTO q (id) SELECT id FROM p;"
        "DROP TABLE p; ALTER TABLE q RENAME TO p; PRAGMA foreign_key_check; COMMIT");
    run(self, "PRAGMA foreign_keys = on");
    expect_value(self, "SELECT count(*) FROM c", "1");
    expect_failure(self, "INSERT INTO c VALUES (2)", DB_ERROR_STATEMENT);
}

/* ---- Full disks ---- */

#define FILL "INSERT INTO t SELECT zeroblob(100000) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8))"

Test(sqlite_execute, a_full_database_is_a_full_disk)
{
    g_autoptr(Connection) self = open_new("a.db");
    run(self, "CREATE TABLE t (a); PRAGMA max_page_count = 20");
    expect_failure(self, FILL, DB_ERROR_DISK_FULL);
}

static void mount_small_device(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=256k") != 0)
        cr_skip_test("this user cannot mount");
}

static void expect_full_device(const char *journal_mode)
{
    mount_small_device();
    {
        g_autoptr(Connection) self = open_new("a.db");
        run(self, journal_mode);
        run(self, "CREATE TABLE t (a)");
        run(self, "BEGIN IMMEDIATE");
        GError *error = NULL;
        bool ok = connection_run(self, FILL, &error) && connection_run(self, "COMMIT", &error);
        cr_assert(!ok);
        expect_class(error, DB_ERROR_DISK_FULL);
        connection_rollback(self);
        expect_value(self, "SELECT count(*) FROM t", "0");
    }
    cr_assert_eq(umount(folder), 0);
}

Test(sqlite_execute, a_full_device_is_a_full_disk)
{
    expect_full_device("PRAGMA journal_mode = DELETE");
}

Test(sqlite_execute, a_full_device_under_a_log_is_a_full_disk)
{
    expect_full_device("PRAGMA journal_mode = WAL");
}

/* The library calls it an I/O error where even the log's index finds no room. */
Test(sqlite_execute, a_device_that_is_full_at_the_start_is_a_full_disk)
{
    mount_small_device();
    {
        g_autoptr(Connection) self = open_new("a.db");
        run(self, "PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    }
    g_autofree char *path = in_folder("rest");
    g_autofree char *rest = g_strnfill(256 * 1024, 'x');
    FILE *file = fopen(path, "w");
    cr_assert_lt(fwrite(rest, 1, 256 * 1024, file), 256 * 1024);
    fclose(file);
    expect_refused("a.db", (ConnectOptions){0}, DB_ERROR_DISK_FULL, "a.db");
    cr_assert_eq(umount(folder), 0);
}
