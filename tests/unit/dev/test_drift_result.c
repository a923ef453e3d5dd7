/* How a difference reads. */
#include "dev/drift_result.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(drift_result);

static SchemaModel *model_of(const char *type, const char *index, const char *table)
{
    SchemaModel *model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    schema_model_add(model, SCHEMA_TABLE, "shop.orders", NULL, "orders");
    SchemaObject *column =
        schema_model_add(model, SCHEMA_COLUMN, "shop.orders.total", "shop.orders", "total");
    schema_model_set(model, column, "type", type);
    if (index)
        schema_model_add(model, SCHEMA_INDEX, index, "shop.orders", index);
    if (table) {
        schema_model_add(model, SCHEMA_TABLE, table, NULL, table);
        schema_model_add(model, SCHEMA_COLUMN, "x.id", table, "id");
    }
    schema_model_finish(model);
    return model;
}

Test(drift_result, tells_what_is_missing_extra_and_other_than_expected)
{
    g_autoptr(SchemaModel) expected = model_of("numeric(10,2)", "shop.by_day", NULL);
    g_autoptr(SchemaModel) found = model_of("numeric(8,2)", NULL, "shop.junk");
    g_autoptr(SchemaDiff) diff = schema_diff_new(expected, found, NULL);
    g_autoptr(GPtrArray) differences = drift_differences(diff);
    g_autoptr(GPtrArray) lines = drift_lines(differences);
    g_ptr_array_add(lines, NULL);
    g_autofree char *text = g_strjoinv("\n", (char **)lines->pdata);
    cr_expect_eq(differences->len, 4, "the extra table's column is in the list, and in no line");
    cr_expect_str_eq(text, "table shop.junk: extra\n"
                           "column shop.orders.total: type is numeric(8,2), expected numeric(10,2)\n"
                           "index shop.by_day: missing");
}

Test(drift_result, nothing_to_tell_of_equal_schemas)
{
    g_autoptr(SchemaModel) expected = model_of("int", NULL, NULL);
    g_autoptr(SchemaModel) found = model_of("int", NULL, NULL);
    g_autoptr(SchemaDiff) diff = schema_diff_new(expected, found, NULL);
    g_autoptr(GPtrArray) differences = drift_differences(diff);
    cr_expect_eq(differences->len, 0);
    drift_result_free(NULL);
    drift_repair_free(NULL);
}
