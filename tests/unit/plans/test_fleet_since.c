/* Fleets compared: what is new, gone and at another place. */
#include "plans/fleet_since.h"

#include <criterion/criterion.h>

static FleetSince *since_of(bool whole)
{
    static Target targets[] = {{.name = (char *)"b", .endpoint = (char *)"postgresql://h/b"},
                               {.name = (char *)"a", .endpoint = (char *)"postgresql://h2/a"},
                               {.name = (char *)"n", .endpoint = (char *)"postgresql://h/n"}};
    g_autoptr(GHashTable) before = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) now = g_ptr_array_new();
    g_hash_table_insert(before, (gpointer) "z", (gpointer) "postgresql://h/z");
    g_hash_table_insert(before, (gpointer) "a", (gpointer) "postgresql://h/a");
    g_hash_table_insert(before, (gpointer) "b", (gpointer) "postgresql://h/b");
    g_hash_table_insert(before, (gpointer) "x", (gpointer) "postgresql://h/x");
    for (gsize i = 0; i < G_N_ELEMENTS(targets); i++)
        g_ptr_array_add(now, &targets[i]);
    return fleet_since_new("run-1", before, now, whole);
}

Test(fleet_since, new_gone_and_moved_targets_are_told_apart)
{
    g_autoptr(FleetSince) since = since_of(true);
    cr_expect_str_eq(since->run, "run-1");
    cr_assert_eq(since->added->len, 1);
    cr_expect_str_eq(since->added->pdata[0], "n");
    cr_assert_eq(since->gone->len, 2);
    cr_expect_str_eq(since->gone->pdata[0], "x");
    cr_expect_str_eq(since->gone->pdata[1], "z");
    cr_assert_eq(since->moved->len, 1);
    const FleetMove *move = since->moved->pdata[0];
    cr_expect_str_eq(move->target, "a");
    cr_expect_str_eq(move->was, "postgresql://h/a");
    cr_expect_str_eq(move->is, "postgresql://h2/a");
    cr_expect_not(fleet_since_is_empty(since));
}

Test(fleet_since, what_was_not_selected_is_not_gone)
{
    g_autoptr(FleetSince) since = since_of(false);
    cr_expect_eq(since->gone->len, 0);
    cr_expect_eq(since->added->len, 1);
}
