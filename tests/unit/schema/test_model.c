/* Model, its text, diff, hints and scripts of changes: everything above the dialects, with made-up objects.
 */
#include "schema/schema_dialect.h"

#include <criterion/criterion.h>
#include <string.h>

static SchemaObject *add(SchemaModel *model, SchemaKind kind, const char *key, const char *parent,
                         const char *type)
{
    const char *dot = strrchr(key, '.');
    SchemaObject *object = schema_model_add(model, kind, key, parent, dot ? dot + 1 : key);
    schema_model_set(model, object, "type", type);
    return object;
}

/* A table with columns id and note. */
static SchemaModel *model_with(const char *table, const char *note, const char *note_type)
{
    SchemaModel *model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    g_autofree char *id_key = g_strdup_printf("%s.id", table);
    g_autofree char *note_key = g_strdup_printf("%s.%s", table, note);
    add(model, SCHEMA_TABLE, table, NULL, NULL);
    add(model, SCHEMA_COLUMN, note_key, table, note_type)->position = 2;
    add(model, SCHEMA_COLUMN, id_key, table, "integer")->position = 1;
    schema_model_finish(model);
    return model;
}

static bool has_line(const SchemaDiff *diff, const char *line)
{
    g_autoptr(GPtrArray) lines = schema_diff_lines(diff);
    for (guint i = 0; i < lines->len; i++)
        if (g_str_equal(lines->pdata[i], line))
            return true;
    return false;
}

/* ---- Model ---- */

Test(model, kinds_have_names_of_their_own)
{
    for (unsigned i = 0; i < SCHEMA_KIND_COUNT; i++) {
        SchemaKind kind;
        cr_assert(schema_kind_parse(schema_kind_name(i), &kind) && kind == i, "%s", schema_kind_name(i));
    }
    SchemaKind kind;
    cr_assert_not(schema_kind_parse("tabel", &kind));
}

Test(model, parts_come_in_their_order_and_an_object_is_found_by_its_key)
{
    g_autoptr(SchemaModel) model = model_with("orders", "note", "text");
    g_autoptr(GPtrArray) columns = schema_model_parts(model, "orders", SCHEMA_COLUMN);
    cr_assert_eq(columns->len, 2);
    cr_assert_str_eq(((const SchemaObject *)columns->pdata[0])->key, "orders.id");
    cr_assert_str_eq(schema_object_get(schema_model_find(model, SCHEMA_COLUMN, "orders.note"), "type"),
                     "text");
    cr_assert_null(schema_model_find(model, SCHEMA_TABLE, "orders.note"));
    cr_assert_null(schema_object_get(columns->pdata[0], "default"));
}

Test(model, fingerprint_depends_on_what_is_compared_and_on_nothing_else)
{
    g_autoptr(SchemaModel) one = model_with("orders", "note", "text");
    g_autoptr(SchemaModel) same = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    add(same, SCHEMA_COLUMN, "orders.id", "orders", "integer")->position = 7;
    SchemaObject *note = add(same, SCHEMA_COLUMN, "orders.note", "orders", "text");
    schema_model_set(same, note, "~position", "3");
    add(same, SCHEMA_TABLE, "orders", NULL, NULL);
    schema_model_finish(same);
    g_autoptr(SchemaModel) other = model_with("orders", "note", "varchar");
    cr_assert_str_eq(schema_model_fingerprint(one), schema_model_fingerprint(same));
    cr_assert_str_neq(schema_model_fingerprint(one), schema_model_fingerprint(other));
}

Test(model, a_text_that_moves_over_a_border_changes_the_fingerprint)
{
    g_autoptr(SchemaModel) one = schema_model_new(DIALECT_SQLITE, "SQLite 3");
    g_autoptr(SchemaModel) other = schema_model_new(DIALECT_SQLITE, "SQLite 3");
    schema_model_set(one, add(one, SCHEMA_TABLE, "t", NULL, NULL), "ab", "c");
    schema_model_set(other, add(other, SCHEMA_TABLE, "t", NULL, NULL), "a", "bc");
    schema_model_finish(one);
    schema_model_finish(other);
    cr_assert_str_neq(schema_model_fingerprint(one), schema_model_fingerprint(other));
}

Test(model, text_and_back_is_the_same_model)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_MARIADB, "MariaDB 10.11");
    SchemaObject *view = add(model, SCHEMA_VIEW, "`a\tb`", NULL, NULL);
    schema_model_set(model, view, "def", "select 'ä\n\\n' AS `x`");
    add(model, SCHEMA_TABLE, "t", NULL, NULL);
    schema_model_depends(model, SCHEMA_VIEW, "`a\tb`", SCHEMA_TABLE, "t");
    schema_model_depends(model, SCHEMA_VIEW, "`a\tb`", SCHEMA_TABLE, "gone");
    schema_model_finish(model);
    g_autofree char *text = schema_model_to_text(model);
    g_autoptr(SchemaModel) back = schema_model_from_text(text);
    cr_assert_not_null(back);
    cr_assert_str_eq(schema_model_fingerprint(back), schema_model_fingerprint(model));
    cr_assert_str_eq(schema_object_get(schema_model_find(back, SCHEMA_VIEW, "`a\tb`"), "def"),
                     "select 'ä\n\\n' AS `x`");
    cr_assert_eq(schema_model_dependencies(back)->len, 1);
    cr_assert_str_eq(schema_model_server(back), "MariaDB 10.11");
    cr_assert_eq(schema_model_dialect(back), DIALECT_MARIADB);
}

Test(model, text_that_was_cut_is_no_model)
{
    g_autoptr(SchemaModel) model = model_with("orders", "note", "text");
    g_autofree char *text = schema_model_to_text(model);
    for (gsize length = 0; length < strlen(text); length++) {
        g_autofree char *cut = g_strndup(text, length);
        g_autoptr(SchemaModel) back = schema_model_from_text(cut);
        cr_assert_null(back, "%zu bytes were taken for a model", length);
    }
}

Test(model, order_puts_what_is_needed_first_and_ends_in_a_circle)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    const char *const keys[] = {"a", "b", "c", "d"};
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        add(model, SCHEMA_VIEW, keys[i], NULL, NULL);
    schema_model_depends(model, SCHEMA_VIEW, "a", SCHEMA_VIEW, "b");
    schema_model_depends(model, SCHEMA_VIEW, "b", SCHEMA_VIEW, "d");
    schema_model_depends(model, SCHEMA_VIEW, "d", SCHEMA_VIEW, "a");
    schema_model_depends(model, SCHEMA_VIEW, "c", SCHEMA_VIEW, "a");
    schema_model_finish(model);
    g_autoptr(GPtrArray) all = g_ptr_array_copy((GPtrArray *)schema_model_objects(model), NULL, NULL);
    g_autoptr(GPtrArray) ordered = schema_model_in_order(model, all);
    const char *const expected[] = {"d", "b", "a", "c"};
    cr_assert_eq(ordered->len, 4);
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
        cr_assert_str_eq(((const SchemaObject *)ordered->pdata[i])->key, expected[i]);
}

Test(model, order_goes_through_objects_that_were_not_asked_for)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    add(model, SCHEMA_VIEW, "a", NULL, NULL);
    add(model, SCHEMA_VIEW, "b", NULL, NULL);
    add(model, SCHEMA_FUNCTION, "f()", NULL, NULL);
    schema_model_depends(model, SCHEMA_VIEW, "a", SCHEMA_FUNCTION, "f()");
    schema_model_depends(model, SCHEMA_FUNCTION, "f()", SCHEMA_VIEW, "b");
    schema_model_finish(model);
    g_autoptr(GPtrArray) views = g_ptr_array_new();
    g_ptr_array_add(views, (gpointer)schema_model_find(model, SCHEMA_VIEW, "a"));
    g_ptr_array_add(views, (gpointer)schema_model_find(model, SCHEMA_VIEW, "b"));
    g_autoptr(GPtrArray) ordered = schema_model_in_order(model, views);
    cr_assert_eq(ordered->len, 2);
    cr_assert_str_eq(((const SchemaObject *)ordered->pdata[0])->key, "b");
}

/* ---- Diff ---- */

Test(diff, equal_models_have_none)
{
    g_autoptr(SchemaModel) before = model_with("orders", "note", "text");
    g_autoptr(SchemaModel) after = model_with("orders", "note", "text");
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
    cr_assert(schema_diff_is_empty(diff));
}

Test(diff, an_attribute_is_told_with_both_values)
{
    g_autoptr(SchemaModel) before = model_with("orders", "note", "text");
    g_autoptr(SchemaModel) after = model_with("orders", "note", "varchar");
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
    cr_assert_eq(diff->changes->len, 1);
    const SchemaChange *change = schema_diff_find(diff, SCHEMA_COLUMN, "orders.note");
    cr_assert_eq(change->kind, CHANGE_ALTER);
    cr_assert_str_eq(schema_change_attribute(change, "type")->before, "text");
    cr_assert_eq(schema_diff_of(diff, change->before), change);
    cr_assert(has_line(diff, "column orders.note: type text -> varchar"));
}

Test(diff, what_goes_with_its_table_is_counted_but_not_told)
{
    g_autoptr(SchemaModel) before = model_with("orders", "note", "text");
    g_autoptr(SchemaModel) after = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    schema_model_finish(after);
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
    g_autoptr(GPtrArray) lines = schema_diff_lines(diff);
    cr_assert_eq(diff->changes->len, 3);
    cr_assert_eq(lines->len, 1);
    cr_assert_str_eq(lines->pdata[0], "table orders: dropped");
    cr_assert(schema_diff_find(diff, SCHEMA_COLUMN, "orders.id")->with_parent);
}

Test(diff, long_values_are_cut_to_where_they_differ)
{
    g_autoptr(SchemaModel) before = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    g_autoptr(SchemaModel) after = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    g_autofree char *many = g_strnfill(300, 'x');
    g_autofree char *old = g_strdup_printf("%sold%s", many, many);
    g_autofree char *new = g_strdup_printf("%snew%s", many, many);
    schema_model_set(before, add(before, SCHEMA_VIEW, "v", NULL, NULL), "def", old);
    schema_model_set(after, add(after, SCHEMA_VIEW, "v", NULL, NULL), "def", new);
    schema_model_finish(before);
    schema_model_finish(after);
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
    g_autoptr(GPtrArray) lines = schema_diff_lines(diff);
    cr_assert_eq(lines->len, 1);
    cr_assert(strstr(lines->pdata[0], "xold") && strstr(lines->pdata[0], "xnew"), "%.300s",
              (char *)lines->pdata[0]);
    cr_assert_lt(strlen(lines->pdata[0]), 250);
}

Test(diff, the_only_column_that_left_and_the_only_one_that_came_may_be_one)
{
    g_autoptr(SchemaModel) before = model_with("orders", "note", "text");
    g_autoptr(SchemaModel) after = model_with("orders", "remark", "text");
    g_autoptr(SchemaModel) other = model_with("orders", "remark", "bytea");
    g_autoptr(SchemaDiff) same_type = schema_diff_new(before, after, NULL);
    g_autoptr(SchemaDiff) other_type = schema_diff_new(before, other, NULL);
    g_autoptr(GArray) pairs = schema_diff_possible_renames(same_type);
    g_autoptr(GArray) none = schema_diff_possible_renames(other_type);
    cr_assert_eq(pairs->len, 1);
    cr_assert_str_eq(g_array_index(pairs, PossibleRename, 0).after->key, "orders.remark");
    cr_assert_eq(none->len, 0);
}

Test(diff, a_table_with_the_same_columns_may_be_the_one_that_left)
{
    g_autoptr(SchemaModel) before = model_with("orders", "note", "text");
    g_autoptr(SchemaModel) after = model_with("purchases", "note", "text");
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
    g_autoptr(GArray) pairs = schema_diff_possible_renames(diff);
    cr_assert_eq(pairs->len, 1);
    cr_assert_str_eq(g_array_index(pairs, PossibleRename, 0).before->key, "orders");
}

/* ---- Hints ---- */

Test(hints, a_rename_is_read_and_turned_round)
{
    g_autoptr(SchemaHints) hints = schema_hints_new();
    g_autoptr(GError) error = NULL;
    cr_assert(schema_hints_add_rename(hints, "table:orders=purchases", &error));
    cr_assert(schema_hints_add_rename(hints, "column:purchases.note=remark", &error));
    cr_assert_str_eq(schema_hints_before(hints, SCHEMA_TABLE, NULL, "public.purchases"), "orders");
    cr_assert_str_eq(schema_hints_before(hints, SCHEMA_COLUMN, "purchases", "remark"), "note");
    cr_assert_null(schema_hints_before(hints, SCHEMA_COLUMN, "others", "remark"));
    g_autoptr(SchemaHints) back = schema_hints_inverted(hints);
    cr_assert_str_eq(schema_hints_before(back, SCHEMA_TABLE, NULL, "orders"), "purchases");
    cr_assert_str_eq(schema_hints_before(back, SCHEMA_COLUMN, "orders", "note"), "remark");
}

Test(hints, a_rename_that_cannot_be_read_says_its_form)
{
    const char *const wrong[] = {"orders",   "table:orders",       "table:=x",
                                 "table:x=", "column:note=remark", "tables:a=b"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(SchemaHints) hints = schema_hints_new();
        g_autoptr(GError) error = NULL;
        cr_assert_not(schema_hints_add_rename(hints, wrong[i], &error), "%s", wrong[i]);
        cr_assert(strstr(error->message, "table:OLD=NEW"));
    }
}

Test(hints, using_is_found_with_and_without_a_schema)
{
    g_autoptr(SchemaHints) hints = schema_hints_new();
    SchemaUsing *using = g_new0(SchemaUsing, 1);
    using->column = g_strdup("orders.total");
    using->expression = g_strdup("total::numeric");
    schema_hints_take_using(hints, using);
    cr_assert_str_eq(schema_hints_using(hints, "shop.orders.total"), "total::numeric");
    cr_assert_null(schema_hints_using(hints, "backorders.total"));
    cr_assert_null(schema_hints_using(NULL, "orders.total"));
}

/* ---- Scripts ---- */

Test(change_script, marks_stand_above_their_statement)
{
    g_autoptr(ChangeScript) script = change_script_new();
    change_script_add(script, "CREATE TABLE %s (id int)", "t");
    ChangeStatement *drop = change_script_add(script, "DROP TABLE old");
    drop->data_loss = g_strdup("table old");
    drop->comment = g_strdup("t takes its place");
    g_autofree char *text = change_script_text(script, DIALECT_POSTGRES, 0, 2);
    cr_assert_str_eq(text,
                     "CREATE TABLE t (id int);\n\n-- t takes its place\n-- dbfleet:data-loss table old\n"
                     "DROP TABLE old;\n");
}

Test(change_script, a_body_gets_a_delimiter_where_the_dialect_needs_one)
{
    g_autoptr(ChangeScript) script = change_script_new();
    change_script_add(script, "CREATE TRIGGER `g` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET @a = 1; END");
    g_autofree char *mariadb = change_script_text(script, DIALECT_MARIADB, 0, 1);
    g_autofree char *sqlite = change_script_text(script, DIALECT_SQLITE, 0, 1);
    cr_assert(g_str_has_prefix(mariadb, "DELIMITER //\n"));
    cr_assert(g_str_has_suffix(mariadb, "END\n//\nDELIMITER ;\n"));
    cr_assert(g_str_has_suffix(sqlite, "END;\n"));
}

Test(change_script, the_delimiter_is_one_that_the_body_does_not_hold)
{
    g_autoptr(ChangeScript) script = change_script_new();
    change_script_add(script,
                      "CREATE TRIGGER `g` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 'http://x'; -- $$");
    g_autofree char *text = change_script_text(script, DIALECT_MARIADB, 0, 1);
    cr_assert(g_str_has_prefix(text, "DELIMITER ||\n"), "%.80s", text);
}
