/* What the texts of the version store do with every driver, on real servers, sent by dbfleet and as scripts.
 */
#include "conformance.h"

CONFORMANCE_SUITE(conformance_store);

#define FOR_EVERY_DRIVER(name) CONFORMANCE_TEST(conformance_store, name)

/* ---- The version store ---- */

static VersionStore store_of(const Connection *self, const char *table)
{
    return (VersionStore){.dialect = self->server.dialect, .schema = self->server.schema, .table = table};
}

static void add_all(Batch *batch, GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++)
        batch_take(batch, g_strdup(g_ptr_array_index(texts, i)), false);
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

static gint compare_ids(gconstpointer left, gconstpointer right)
{
    return strcmp(**(char ***)left, **(char ***)right);
}

/* The rows of the version table, sorted and comma separated. */
static void expect_rows(Connection *self, const VersionStore *store, const char *expected)
{
    g_autofree char *sql = version_store_select_rows(store);
    g_autoptr(RowSet) rows = connection_query(self, sql, NULL);
    cr_assert_not_null(rows);
    g_autoptr(GString) actual = g_string_new(NULL);
    g_ptr_array_sort(rows->rows, compare_ids);
    for (guint i = 0; i < rows->rows->len; i++)
        g_string_append_printf(actual, "%s%s", i ? "," : "", ((char **)g_ptr_array_index(rows->rows, i))[0]);
    cr_assert_str_eq(actual->str, expected);
}

/* SQLite enforces no declared length. */
static void expect_width(Connection *self, const VersionStore *store, unsigned expected)
{
    g_autofree char *query = version_store_select_rows(store);
    g_autoptr(RowSet) rows = connection_query(self, query, NULL);
    cr_assert_not_null(rows);
    cr_assert_eq(rows->widths[0], self->server.dialect == DIALECT_SQLITE ? 0 : expected, "%u",
                 rows->widths[0]);
}

FOR_EVERY_DRIVER(version_tables_may_be_made_twice)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    create_store(self, &store);
    expect_rows(self, &store, "");
    expect_width(self, &store, 64);
}

FOR_EVERY_DRIVER(the_width_of_another_table_is_read)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT "
              "alembic_version_pkc PRIMARY KEY "
              "(version_num))");
    VersionStore store = store_of(self, "alembic_version");
    expect_width(self, &store, 32);
}

FOR_EVERY_DRIVER(a_version_table_without_limit_has_no_width)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE wide (version_num text NOT NULL)");
    VersionStore store = store_of(self, "wide");
    expect_width(self, &store, 0);
}

FOR_EVERY_DRIVER(a_width_is_in_characters_whatever_a_table_stores)
{
    g_autoptr(Connection) self = open_plain();
    bool mysql = dialect_is_mysql_family(self->server.dialect);
    g_autofree char *sql = g_strconcat("CREATE TABLE narrow (version_num char(7) NOT NULL)",
                                       mysql ? " CHARSET latin1" : "", NULL);
    run(self, sql);
    VersionStore store = store_of(self, "narrow");
    expect_width(self, &store, 7);
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

/* ---- History ---- */

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

/* A value of the one row of a step. Free it. */
static char *step_value(Connection *self, const VersionStore *store, const char *step, unsigned column)
{
    g_autofree char *sql = version_store_select_step(store, step);
    g_autoptr(GError) error = NULL;
    g_autoptr(RowSet) rows = connection_query(self, sql, &error);
    expect_ok(rows != NULL, error, sql);
    cr_assert_eq(rows->columns, HISTORY_COLUMNS);
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
    expect_step(self, &store, HISTORY_SEQ, "1");
    expect_step(self, &store, HISTORY_STATE, "running");
    expect_step(self, &store, HISTORY_HEAD_HASH, "(null)");
    run_text(self, version_store_update_progress(&store, sample_row.step_id, 2, "h2", 3, "'seen'"));
    expect_step(self, &store, HISTORY_STATEMENTS_DONE, "2");
    expect_step(self, &store, HISTORY_INTENT, "3");
    expect_step(self, &store, HISTORY_HEAD_HASH, "h2");
    run_text(self, version_store_finish_history(&store, sample_row.step_id, HISTORY_DONE, 5, NULL, NULL));
    expect_step(self, &store, HISTORY_STATE, "done");
    expect_step(self, &store, HISTORY_STATEMENTS_DONE, "5");
    expect_step(self, &store, HISTORY_INTENT, "0");
    expect_step(self, &store, HISTORY_HEAD_HASH, "h2");
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

/* What is left of the history that `sql` reads, which it takes over. */
static void expect_newest(Connection *self, char *sql, const char *const *expected, guint count)
{
    g_autofree char *owned = sql;
    g_autoptr(RowSet) rows = connection_query(self, owned, NULL);
    g_autoptr(GPtrArray) newest = version_store_newest(rows);
    cr_assert_eq(newest->len, count);
    for (guint i = 0; i < count; i++)
        cr_assert_str_eq(((char **)g_ptr_array_index(newest, i))[HISTORY_STEP_ID], expected[i]);
}

FOR_EVERY_DRIVER(history_reads_the_newest_row_of_each_revision_and_all_that_is_unfinished)
{
    static const char *const expected[] = {"s1", "s3", "s4", "s5", "s6"};
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    add_history(self, &store, "s1", "", "baseline", HISTORY_DONE);
    add_history(self, &store, "s2", "a", "up", HISTORY_DONE);
    add_history(self, &store, "s3", "b", "up", HISTORY_FAILED);
    add_history(self, &store, "s4", "a", "down", HISTORY_DONE);
    add_history(self, &store, "s5", "b", "up", HISTORY_DONE);
    add_history(self, &store, "s6", "", "stamp", HISTORY_DONE);
    expect_newest(self, version_store_select_history(&store), expected, G_N_ELEMENTS(expected));
    expect_newest(self, version_store_select_long_history(&store), expected, G_N_ELEMENTS(expected));
    expect_value(self, "SELECT count(*) FROM dbfleet_version_history WHERE finished_at IS NULL", "1");
}

/* Rows of `revision`, from the step of that number on. */
static void add_many(Connection *self, const VersionStore *store, const char *revision, unsigned first,
                     unsigned count)
{
    g_autoptr(Batch) batch = BATCH("BEGIN");
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    HistoryRow row = sample_row;
    row.revision = revision;
    row.state = HISTORY_DONE;
    for (unsigned i = first; i < first + count; i++) {
        g_autofree char *step = g_strdup_printf("s%u", i);
        row.seq = i;
        row.step_id = step;
        batch_take(batch, version_store_insert_history(store, &row), false);
    }
    batch_take(batch, g_strdup("COMMIT"), false);
    expect_ok(connection_execute(self, batch, &result, &error), error, revision);
}

FOR_EVERY_DRIVER(a_long_history_is_known_as_one_and_read_otherwise)
{
    static const char *const expected[] = {"s1", "s1100", "s1101"};
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    add_many(self, &store, "old", 1, 1);
    add_many(self, &store, "again", 2, 1099);
    g_autofree char *sql = version_store_select_history(&store);
    g_autoptr(RowSet) rows = connection_query(self, sql, NULL);
    cr_assert_eq(version_store_is_whole(&store, rows), rows->rows->len < 1000);
    add_many(self, &store, "new", 1101, 1);
    expect_newest(self, version_store_select_long_history(&store), expected, G_N_ELEMENTS(expected));
    run(self, "DELETE FROM dbfleet_version_history WHERE seq > 3");
    g_autoptr(RowSet) few = connection_query(self, sql, NULL);
    cr_assert(version_store_is_whole(&store, few));
}

FOR_EVERY_DRIVER(a_number_that_no_row_is_above_is_told_from_one_that_is_not_the_last)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    add_many(self, &store, "a", 1, 3);
    g_autofree char *last = version_store_select_above(&store, 3);
    g_autofree char *before = version_store_select_above(&store, 1);
    g_autoptr(RowSet) none = connection_query(self, last, NULL);
    g_autoptr(RowSet) newer = connection_query(self, before, NULL);
    cr_assert_eq(none->rows->len, 0);
    cr_assert_eq(newer->rows->len, 1);
}

/* A file is read here and nowhere else: what is dropped need not be put together. */
FOR_EVERY_DRIVER(of_a_history_in_a_file_only_wanted_rows_are_read)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    add_many(self, &store, "a", 1, 50);
    add_many(self, &store, "", 51, 2);
    add_many(self, &store, "b", 53, 50);
    g_autofree char *sql = version_store_select_history(&store);
    for (unsigned again = 0; again < 2; again++) {
        g_autoptr(RowSet) rows = connection_query(self, sql, NULL);
        cr_assert_eq(rows->rows->len, store.dialect == DIALECT_SQLITE ? 4 : 102);
    }
    run(self, "UPDATE dbfleet_version_history SET state = 'failed' WHERE seq = 7");
    /* Whichever rows come first. */
    static const char *const expected[] = {"s7", "s50", "s51", "s52", "s102"};
    g_auto(GStrv) parts = g_strsplit(sql, " DESC", 2);
    expect_newest(self, g_strconcat(parts[0], parts[1], NULL), expected, G_N_ELEMENTS(expected));
    expect_newest(self, g_steal_pointer(&sql), expected, G_N_ELEMENTS(expected));
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

FOR_EVERY_DRIVER(a_row_takes_the_number_that_it_is_given_or_the_next_one)
{
    g_autoptr(Connection) self = open_plain();
    VersionStore store = store_of(self, "dbfleet_version");
    create_store(self, &store);
    HistoryRow row = sample_row;
    row.seq = 41;
    run_text(self, version_store_insert_history(&store, &row));
    expect_step(self, &store, HISTORY_SEQ, "41");
    g_autofree char *again = version_store_insert_history(&store, &row);
    expect_failure(self, again, DB_ERROR_STATEMENT);
    add_history(self, &store, "s2", "a", "up", HISTORY_DONE);
    expect_value(self, "SELECT MAX(seq) FROM dbfleet_version_history", "42");
}

/* ---- Names ---- */

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
        expect_step(self, &store, HISTORY_STATE, "running");
        expect_rows(self, &store, "a1");
        expect_width(self, &store, 64);
    }
}

FOR_EVERY_DRIVER(long_names_do_not_collide)
{
    g_autoptr(Connection) self = open_plain();
    /* 59 bytes each, alike but for the last, with two-byte letters wherever the names derived from them are
     * cut. */
    static const char *const names[] = {"version_table_of_the_track_with_a_long_üüüüüüüüü_1",
                                        "version_table_of_the_track_with_a_long_üüüüüüüüü_2"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        VersionStore store = store_of(self, names[i]);
        create_store(self, &store);
        change_rows(self, &store, NO_IDS, IDS(i == 0 ? "one" : "two"));
        run_text(self, version_store_insert_history(&store, &sample_row));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        VersionStore store = store_of(self, names[i]);
        expect_rows(self, &store, i == 0 ? "one" : "two");
        expect_step(self, &store, HISTORY_SEQ, "1");
    }
}

/* ---- The same texts as a script ---- */

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
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(script, "%s;\n", (char *)g_ptr_array_index(texts, i));
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
