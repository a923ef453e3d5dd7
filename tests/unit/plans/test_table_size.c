/* Table sizes: sums and the largest. */
#include "plans/table_size.h"

#include <criterion/criterion.h>

TestSuite(table_size);

Test(table_size, sums_and_the_largest_few)
{
    TableSize *size = table_size_new("t");
    static const gint64 bytes[] = {5, 9, -1, 7, 9, 1, 8};
    for (gsize i = 0; i < G_N_ELEMENTS(bytes); i++) {
        g_autofree char *name = g_strdup_printf("t%zu", i);
        table_size_add(size, name, (gint64)i, bytes[i]);
    }
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < size->largest->len; i++)
        g_string_append(names, ((const TableSizeAt *)size->largest->pdata[i])->target);
    cr_expect_str_eq(names->str, "t4t1t6t3t0");
    cr_expect_eq(size->targets, 7);
    cr_expect_eq(size->rows, 21);
    cr_expect_eq(size->rows_max, 6);
    cr_expect_eq(size->bytes, 39);
    cr_expect_eq(size->bytes_max, 9);
    table_size_free(size);
}

Test(table_size, bytes_of_which_nothing_is_known_stay_unknown)
{
    TableSize *size = table_size_new("t");
    table_size_add(size, "a", 3, -1);
    cr_expect_eq(size->bytes, -1);
    cr_expect_eq(size->bytes_max, -1);
    table_size_add(size, "b", 3, 0);
    cr_expect_eq(size->bytes, 0);
    table_size_free(size);
}

Test(table_size, tables_with_the_largest_target_come_first)
{
    g_autoptr(GPtrArray) sizes = table_sizes_new();
    const char *const names[] = {"many", "large", "unknown", "zero"};
    const gint64 bytes[] = {10, 90, -1, 0};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        TableSize *size = table_size_new(names[i]);
        for (int target = 0; target < (i == 0 ? 20 : 1); target++)
            table_size_add(size, "x", 1, bytes[i]);
        g_ptr_array_add(sizes, size);
    }
    table_sizes_sort(sizes);
    cr_expect_str_eq(((const TableSize *)sizes->pdata[0])->table, "large");
    cr_expect_str_eq(((const TableSize *)sizes->pdata[1])->table, "many");
    cr_expect_str_eq(((const TableSize *)sizes->pdata[2])->table, "zero");
    cr_expect_str_eq(((const TableSize *)sizes->pdata[3])->table, "unknown");
}
