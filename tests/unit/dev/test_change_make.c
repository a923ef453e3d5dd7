/* Making changes: scripts cut into parts, ways made on SQLite, rows summed and compared. */
#include "dev/change_make.h"

#include "dev/row_sums.h"
#include "dev_fixture.h"

#define TIME .timeout = 60

static ChangeStatement *add(ChangeScript *script, const char *sql)
{
    return change_script_add(script, "%s", sql);
}

Test(change_part, a_script_is_cut_where_a_transaction_must_end)
{
    g_autoptr(ChangeScript) script = change_script_new();
    add(script, "one");
    add(script, "two")->rebuild = true;
    add(script, "three")->outside = true;
    add(script, "four")->outside = true;
    add(script, "five");
    add(script, "six")->must_commit = true;
    g_autoptr(GArray) parts = change_script_parts(script);
    const ChangePart expected[] = {{0, 2, false, false, true},
                                   {2, 2, true, false, false},
                                   {4, 1, false, false, false},
                                   {5, 1, false, true, false}};
    cr_assert_eq(parts->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < parts->len; i++) {
        const ChangePart *part = &g_array_index(parts, ChangePart, i);
        cr_assert(part->first == expected[i].first && part->count == expected[i].count);
        cr_assert(part->outside == expected[i].outside && part->committed == expected[i].committed);
        cr_assert_eq(part->rebuild, expected[i].rebuild);
    }
}

Test(change_part, an_empty_script_has_no_part)
{
    g_autoptr(ChangeScript) script = change_script_new();
    g_autoptr(GArray) parts = change_script_parts(script);
    cr_assert_eq(parts->len, 0);
}

/* ---- On SQLite ---- */

typedef struct Pair {
    DevFixture *fixture;
    Scratch *from;
    SchemaModel *wanted;
} Pair;

static Scratch *scratch_with(DevFixture *fixture, const char *const *statements)
{
    GError *error = NULL;
    Scratch *scratch = scratch_new(fixture->servers, DIALECT_SQLITE, NULL, NULL, &error);
    cr_assert_not_null(scratch, "%s", error ? error->message : "");
    for (; *statements; statements++)
        cr_assert(connection_run(scratch->connection, *statements, &error), "%s",
                  error ? error->message : "");
    return scratch;
}

static SchemaModel *model_of(Scratch *scratch)
{
    const SchemaReadOptions options = {0};
    GError *error = NULL;
    SchemaModel *model = schema_read(scratch->connection, &options, &error);
    cr_assert_not_null(model, "%s", error ? error->message : "");
    return model;
}

static Pair pair_new(const char *const *from, const char *const *to)
{
    Pair pair = {.fixture = fixture_new()};
    pair.from = scratch_with(pair.fixture, from);
    g_autoptr(Scratch) wanted = scratch_with(pair.fixture, to);
    pair.wanted = model_of(wanted);
    return pair;
}

static void pair_clear(Pair *self)
{
    scratch_free(self->from);
    schema_model_free(self->wanted);
    fixture_free(self->fixture);
}

Test(change_make, nothing_differs_makes_nothing, TIME)
{
    const char *const same[] = {"CREATE TABLE t (a INT)", NULL};
    Pair pair = pair_new(same, same);
    const ChangeRequest request = {.wanted = pair.wanted};
    g_autoptr(ChangeMake) make = change_make(pair.from, &request, NULL);
    cr_assert_not_null(make);
    cr_assert(make->stages->len == 0 && make->passes == 0 && make->lines->len == 0);
    pair_clear(&pair);
}

Test(change_make, both_ways_are_made_and_the_scratch_is_left_at_its_beginning, TIME)
{
    const char *const from[] = {"CREATE TABLE t (a INT, b TEXT)", NULL};
    const char *const to[] = {"CREATE TABLE t (a INT)", "CREATE TABLE u (x INT)", NULL};
    Pair pair = pair_new(from, to);
    const ChangeRequest request = {.wanted = pair.wanted};
    g_autoptr(ChangeMake) make = change_make(pair.from, &request, NULL);
    cr_assert_not_null(make);
    g_autoptr(SchemaModel) now = model_of(pair.from);
    cr_assert_str_eq(schema_model_fingerprint(now), schema_model_fingerprint(make->before));
    cr_assert_eq(make->stages->len, 1);
    const ChangeStage *stage = make->stages->pdata[0];
    cr_assert_str_eq(schema_model_fingerprint(stage->after), schema_model_fingerprint(pair.wanted));
    cr_assert(stage->down->statements->len > 0);
    g_autoptr(GPtrArray) losses = change_make_data_loss(make);
    cr_assert_eq(losses->len, 1);
    cr_assert_str_eq(losses->pdata[0], "column t.b");
    pair_clear(&pair);
}

Test(change_make, a_rename_is_inverted_on_the_way_down_and_a_stale_one_has_no_effect, TIME)
{
    const char *const from[] = {"CREATE TABLE t (old INT, made INT)", NULL};
    const char *const to[] = {"CREATE TABLE t (new INT, made INT, added INT)", NULL};
    Pair pair = pair_new(from, to);
    g_autoptr(SchemaHints) hints = schema_hints_new();
    cr_assert(schema_hints_add_rename(hints, "column:t.old=new", NULL));
    cr_assert(schema_hints_add_rename(hints, "column:t.long_gone=made", NULL));
    const ChangeRequest request = {.wanted = pair.wanted, .hints = hints};
    GError *error = NULL;
    g_autoptr(ChangeMake) make = change_make(pair.from, &request, &error);
    cr_assert_not_null(make, "%s", error ? error->message : "");
    const ChangeStage *stage = make->stages->pdata[0];
    g_autofree char *down = change_script_text(stage->down, DIALECT_SQLITE, 0, 100);
    cr_assert(strstr(down, "RENAME COLUMN new TO old"), "%s", down);
    cr_assert_not(strstr(down, "long_gone"), "%s", down);
    pair_clear(&pair);
}

Test(change_make, a_drop_and_a_create_that_are_alike_are_proposed_as_a_rename, TIME)
{
    const char *const from[] = {"CREATE TABLE t (id INT, old TEXT)", NULL};
    const char *const to[] = {"CREATE TABLE t (id INT, new TEXT)", NULL};
    Pair pair = pair_new(from, to);
    const ChangeRequest request = {.wanted = pair.wanted};
    g_autoptr(ChangeMake) make = change_make(pair.from, &request, NULL);
    cr_assert_eq(make->possible_renames->len, 1);
    cr_assert_str_eq(make->possible_renames->pdata[0], "column:t.old=new");
    pair_clear(&pair);
}

Test(change_make, models_of_different_servers_are_not_compared, TIME)
{
    const char *const none[] = {NULL};
    Pair pair = pair_new(none, none);
    g_autoptr(SchemaModel) other = schema_model_new(DIALECT_SQLITE, "SQLite 99");
    schema_model_finish(other);
    const ChangeRequest request = {.wanted = other};
    g_autoptr(GError) error = NULL;
    cr_assert_null(change_make(pair.from, &request, &error));
    cr_assert(g_error_matches(error, SCHEMA_ERROR, SCHEMA_ERROR_INCOMPARABLE));
    pair_clear(&pair);
}

Test(change_make, old_and_new_both_there_is_refused, TIME)
{
    const char *const from[] = {"CREATE TABLE t (old INT, new INT)", NULL};
    const char *const to[] = {"CREATE TABLE t (new INT)", NULL};
    Pair pair = pair_new(from, to);
    g_autoptr(SchemaHints) hints = schema_hints_new();
    cr_assert(schema_hints_add_rename(hints, "column:t.old=new", NULL));
    const ChangeRequest request = {.wanted = pair.wanted, .hints = hints};
    g_autoptr(GError) error = NULL;
    cr_assert_null(change_make(pair.from, &request, &error));
    cr_assert(g_error_matches(error, SCHEMA_ERROR, SCHEMA_ERROR_REFUSED));
    pair_clear(&pair);
}

/* A statement that fails leaves nothing behind, and is named. */
Test(change_part, a_failed_part_is_rolled_back_and_its_statement_told, TIME)
{
    const char *const none[] = {NULL};
    Pair pair = pair_new(none, none);
    g_autoptr(ChangeScript) script = change_script_new();
    g_autoptr(GError) error = NULL;
    add(script, "CREATE TABLE a (x INT)");
    add(script, "CREATE TABEL b (x INT)");
    cr_assert_not(change_script_run(pair.from->connection, script, &error));
    cr_assert(strstr(error->message, "CREATE TABEL b"), "%s", error->message);
    g_autoptr(SchemaModel) now = model_of(pair.from);
    cr_assert_eq(schema_model_objects(now)->len, 0);
    pair_clear(&pair);
}

/* The rebuild would cascade with foreign keys on; rows that refer to nothing stop it before the commit. */
Test(change_part, foreign_keys_are_off_around_a_rebuild_and_looked_at_before_the_commit, TIME)
{
    const char *const from[] = {"CREATE TABLE p (id INTEGER PRIMARY KEY)",
                                "CREATE TABLE c (p INT REFERENCES p (id) ON DELETE CASCADE)",
                                "INSERT INTO p VALUES (1)", "INSERT INTO c VALUES (1)", NULL};
    Pair pair = pair_new(from, from);
    g_autoptr(ChangeScript) script = change_script_new();
    g_autoptr(GError) error = NULL;
    add(script, "DELETE FROM p")->rebuild = true;
    cr_assert_not(change_script_run(pair.from->connection, script, &error));
    cr_assert(strstr(error->message, "foreign_key_check"), "%s", error->message);
    g_autoptr(RowSet) rows = connection_query(pair.from->connection, "SELECT count(*) FROM p, c", NULL);
    cr_assert_str_eq(*(const char *const *)rows->rows->pdata[0], "1");
    g_autoptr(RowSet) keys = connection_query(pair.from->connection, "PRAGMA foreign_keys", NULL);
    cr_assert_str_neq(*(const char *const *)keys->rows->pdata[0], "");
    pair_clear(&pair);
}

/* ---- Rows ---- */

/* The lines that two states of one table differ by. */
static char *rows_difference(const char *const *before, const char *const *after, SchemaHints *hints,
                             const char *loss)
{
    DevFixture *fixture = fixture_new();
    g_autoptr(GPtrArray) losses = g_ptr_array_new();
    if (loss)
        g_ptr_array_add(losses, (gpointer)loss);
    Scratch *old = scratch_with(fixture, before);
    Scratch *new = scratch_with(fixture, after);
    g_autoptr(SchemaModel) old_model = model_of(old);
    g_autoptr(SchemaModel) new_model = model_of(new);
    g_autoptr(RowSums) old_sums = row_sums_read(old->connection, old_model, NULL);
    g_autoptr(RowSums) new_sums = row_sums_read(new->connection, new_model, NULL);
    const RowComparison comparison = {old_model, new_model, hints, losses};
    g_autoptr(GPtrArray) lines = row_sums_difference(old_sums, new_sums, &comparison);
    g_ptr_array_add(lines, NULL);
    char *text = g_strjoinv("\n", (char **)lines->pdata);
    scratch_free(old);
    scratch_free(new);
    fixture_free(fixture);
    return text;
}

Test(row_sums, rows_and_values_that_are_the_same_in_any_order_are_no_difference, TIME)
{
    const char *const before[] = {"CREATE TABLE t (a INT, b TEXT)",
                                  "INSERT INTO t VALUES (1, 'x'), (2, NULL)", NULL};
    const char *const after[] = {"CREATE TABLE t (b TEXT, a INT)", "INSERT INTO t VALUES (NULL, 2), ('x', 1)",
                                 NULL};
    g_autofree char *text = rows_difference(before, after, NULL, NULL);
    cr_assert_str_eq(text, "");
}

Test(row_sums, a_lost_row_and_a_changed_value_are_told, TIME)
{
    const char *const before[] = {"CREATE TABLE t (a INT)", "CREATE TABLE u (a TEXT)",
                                  "INSERT INTO t VALUES (1), (2)", "INSERT INTO u VALUES ('')", NULL};
    const char *const after[] = {"CREATE TABLE t (a INT)", "CREATE TABLE u (a TEXT)",
                                 "INSERT INTO t VALUES (1)", "INSERT INTO u VALUES (NULL)", NULL};
    g_autofree char *text = rows_difference(before, after, NULL, NULL);
    cr_assert_str_eq(text,
                     "table t: 2 rows before, 1 behind it\ncolumn u.a: its values are others than before");
    g_autofree char *declared = rows_difference(before, after, NULL, "table t");
    cr_assert_str_eq(declared, "column u.a: its values are others than before");
}

Test(row_sums, renamed_tables_and_columns_are_followed, TIME)
{
    const char *const before[] = {"CREATE TABLE t (a INT, b INT)", "INSERT INTO t VALUES (1, 2)", NULL};
    const char *const good[] = {"CREATE TABLE u (c INT, b INT)", "INSERT INTO u VALUES (1, 2)", NULL};
    const char *const bad[] = {"CREATE TABLE u (c INT, b INT)", "INSERT INTO u VALUES (7, 2)", NULL};
    g_autoptr(SchemaHints) hints = schema_hints_new();
    cr_assert(schema_hints_add_rename(hints, "table:t=u", NULL));
    cr_assert(schema_hints_add_rename(hints, "column:u.a=c", NULL));
    g_autofree char *same = rows_difference(before, good, hints, NULL);
    cr_assert_str_eq(same, "");
    g_autofree char *other = rows_difference(before, bad, hints, NULL);
    cr_assert_str_eq(other, "column u.c: its values are others than before");
}

Test(row_sums, a_loss_of_a_longer_name_excuses_no_other, TIME)
{
    const char *const before[] = {"CREATE TABLE t (a INT)", "CREATE TABLE tt (a INT)",
                                  "INSERT INTO t VALUES (1)", NULL};
    const char *const after[] = {"CREATE TABLE t (a INT)", "CREATE TABLE tt (a INT)", NULL};
    g_autofree char *text = rows_difference(before, after, NULL, "table tt");
    cr_assert_str_eq(text, "table t: 1 rows before, 0 behind it");
    g_autofree char *declared =
        rows_difference(before, after, NULL, "column x.y, table t: rows of a partition");
    cr_assert_str_eq(declared, "");
}
