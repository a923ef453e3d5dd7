/* What all drivers share and no server is needed for: the registry, errors, batches, lock keys, the version
 * store's texts. */
#include "drivers/version_store.h"

#include <criterion/criterion.h>
#include <string.h>

/* ---- The registry ---- */

Test(drivers, every_driver_is_found_by_each_of_its_schemes)
{
    for (const Driver *const *driver = drivers_all(); *driver; driver++)
        for (const char *const *scheme = (*driver)->schemes; *scheme; scheme++)
            cr_assert_eq(driver_for_scheme(*scheme, NULL), *driver);
}

Test(drivers, an_unknown_scheme_is_named_with_those_that_exist)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(driver_for_scheme("oracle", &error));
    cr_assert(g_error_matches(error, DB_ERROR, DB_ERROR_UNSUPPORTED));
    cr_assert_not_null(strstr(error->message, "\"oracle\""));
    cr_assert_not_null(strstr(db_error_detail(error)->hint, (*drivers_all())->schemes[0]));
}

Test(drivers, a_schema_is_refused_where_a_driver_has_none)
{
    g_autoptr(DbUrl) url = db_url_parse("sqlite:x.db", NULL);
    g_autoptr(GError) error = NULL;
    ConnectOptions options = {.url = url, .schema = "tenant"};
    cr_assert_null(connection_open(&options, &error));
    cr_assert(g_error_matches(error, DB_ERROR, DB_ERROR_UNSUPPORTED));
    cr_assert_not_null(strstr(error->message, "tenant"));
}

Test(drivers, url_parameters_can_be_judged_without_connecting)
{
    const Driver *driver = driver_for_scheme("postgresql", NULL);
    g_autoptr(DbUrl) good = db_url_parse("postgresql://h/d?sslmode=require", NULL);
    g_autoptr(DbUrl) bad = db_url_parse("postgresql://h/d?sslmode=require&sslmod=x", NULL);
    g_autoptr(GError) error = NULL;
    cr_assert(driver_accepts_url(driver, good, NULL));
    cr_assert(!driver_accepts_url(driver, bad, &error));
    cr_assert_not_null(strstr(error->message, "\"sslmod\""));
}

/* ---- Errors ---- */

Test(drivers, every_class_has_a_name_of_its_own)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i <= DB_ERROR_STATEMENT; i++)
        cr_assert(g_hash_table_add(names, (gpointer)db_error_class_name((DbErrorClass)i)));
}

Test(drivers, an_error_keeps_its_detail_when_copied)
{
    g_autoptr(GError) error = db_error_new(DB_ERROR_DEADLOCK, "40P01", "deadlock detected", "who", "again");
    cr_assert_eq(db_error_detail(error)->item, -1);
    db_error_set_place(error, 3, 17);
    g_autoptr(GError) copy = g_error_copy(error);
    g_prefix_error(&copy, "target a: ");
    const DbErrorDetail *detail = db_error_detail(copy);
    cr_assert_str_eq(copy->message, "target a: deadlock detected");
    cr_assert_str_eq(detail->code, "40P01");
    cr_assert_str_eq(detail->detail, "who");
    cr_assert_str_eq(detail->hint, "again");
    cr_assert_eq(detail->item, 3);
    cr_assert_eq(detail->position, 17);
}

Test(drivers, other_errors_have_no_detail)
{
    g_autoptr(GError) error = g_error_new_literal(DB_URL_ERROR, DB_URL_ERROR_SYNTAX, "x");
    cr_assert_null(db_error_detail(error));
    cr_assert_null(db_error_detail(NULL));
}

/* ---- Batches ---- */

Test(drivers, a_result_hands_out_rows_by_item)
{
    g_auto(BatchResult) result = {0};
    const char *const names[] = {"a", "b"};
    RowSet *set = rowset_new(2, names);
    rowset_add(set, (const char *const[]){NULL, "x"});
    rowset_add(set, (const char *const[]){"", "y"});
    cr_assert_null(batch_result_value(&result, 0));
    batch_result_take(&result, 4, set);
    cr_assert_eq(batch_result_rows(&result, 4), set);
    cr_assert_null(batch_result_rows(&result, 0));
    cr_assert_null(batch_result_value(&result, 4));
    char **second = g_ptr_array_index(set->rows, 1);
    cr_assert_str_eq(second[0], "");
    cr_assert_str_eq(second[1], "y");
    batch_result_clear(&result);
    cr_assert_null(batch_result_rows(&result, 4));
}

Test(drivers, a_batch_keeps_its_order)
{
    g_autoptr(Batch) batch = batch_new();
    cr_assert_eq(batch_add(batch, &(BatchItem){.sql = "one two", .length = 3}), 0);
    cr_assert_eq(batch_take(batch, g_strdup("two"), true), 1);
    cr_assert_eq(batch_length(batch), 2);
    cr_assert_eq(batch_at(batch, 0)->length, 3);
    cr_assert(batch_at(batch, 1)->wants_rows && batch_at(batch, 1)->length == 3);
}

/* ---- Lock keys ---- */

Test(drivers, a_lock_key_tells_databases_schemas_and_tables_apart)
{
    char ab[] = "ab", c[] = "c", a[] = "a", bc[] = "bc";
    ServerInfo first = {.database = ab, .schema = c};
    ServerInfo second = {.database = a, .schema = bc};
    g_autofree char *one = lock_key(&first, "v");
    g_autofree char *two = lock_key(&second, "v");
    g_autofree char *three = lock_key(&first, "w");
    g_autofree char *again = lock_key(&first, "v");
    cr_assert_eq(strlen(one), 64);
    cr_assert_str_eq(one, again);
    cr_assert_str_neq(one, two);
    cr_assert_str_neq(one, three);
}

/* ---- The version store ---- */

static void expect_text(char *text, const char *expected)
{
    g_autofree char *owned = text;
    cr_assert_str_eq(owned, expected);
}

Test(drivers, version_rows_are_read_from_where_the_store_is)
{
    VersionStore store = {.dialect = DIALECT_POSTGRES, .schema = "s", .table = "v"};
    expect_text(version_store_select_rows(&store), "SELECT version_num FROM \"s\".\"v\"");
    store.schema = NULL;
    expect_text(version_store_select_rows(&store), "SELECT version_num FROM \"v\"");
    store.dialect = DIALECT_MYSQL;
    expect_text(version_store_select_rows(&store), "SELECT version_num FROM `v`");
}

Test(drivers, the_version_table_has_alembics_shape)
{
    VersionStore store = {.dialect = DIALECT_POSTGRES, .schema = "s", .table = "v"};
    g_autoptr(GPtrArray) texts = version_store_create(&store);
    cr_assert_str_eq(g_ptr_array_index(texts, 0), "CREATE TABLE IF NOT EXISTS \"s\".\"v\" (\n"
                                                  "    version_num varchar(64) NOT NULL,\n"
                                                  "    CONSTRAINT \"v_pkc\" PRIMARY KEY (version_num)\n"
                                                  ")");
}

Test(drivers, mysql_and_mariadb_share_every_text)
{
    VersionStore mysql = {.dialect = DIALECT_MYSQL, .schema = "d", .table = "v"};
    VersionStore mariadb = {.dialect = DIALECT_MARIADB, .schema = "d", .table = "v"};
    g_autoptr(GPtrArray) first = version_store_create(&mysql);
    g_autoptr(GPtrArray) second = version_store_create(&mariadb);
    const char *const added[] = {"x", NULL};
    version_store_change(&mysql, added + 1, added, first);
    version_store_change(&mariadb, added + 1, added, second);
    cr_assert_eq(first->len, 4);
    for (guint i = 0; i < first->len; i++)
        cr_assert_str_eq(g_ptr_array_index(first, i), g_ptr_array_index(second, i));
    cr_assert_not_null(strstr(g_ptr_array_index(first, 3), VERSION_STORE_MOVED));
}

Test(drivers, ids_that_stay_are_not_touched)
{
    VersionStore store = {.dialect = DIALECT_POSTGRES, .table = "v"};
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    version_store_change(&store, (const char *const[]){"a", "b", NULL}, (const char *const[]){"b", "a", NULL},
                         texts);
    cr_assert_eq(texts->len, 0);
}

Test(drivers, the_history_table_of_a_long_name_fits)
{
    g_autofree char *name = g_strnfill(63, 'x');
    VersionStore store = {.dialect = DIALECT_POSTGRES, .table = name};
    g_autofree char *history = version_store_history_name(&store);
    cr_assert_eq(strlen(history), 63);
    cr_assert(g_str_has_suffix(history, "_history"));
    store.dialect = DIALECT_SQLITE;
    g_autofree char *whole = version_store_history_name(&store);
    cr_assert_eq(strlen(whole), 63 + strlen("_history"));
}
