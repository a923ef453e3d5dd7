/* Fleet since: owns the comparison of two fleets by names and endpoints. It refuses to say why they differ.
 * Pure; any thread. */
#include "plans/fleet_since.h"

#include <string.h>

static void fleet_move_free(gpointer data)
{
    FleetMove *self = data;
    g_free(self->target);
    g_free(self->was);
    g_free(self->is);
    g_free(self);
}

void fleet_since_free(FleetSince *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->added);
    g_ptr_array_unref(self->gone);
    g_ptr_array_unref(self->moved);
    g_free(self->run);
    g_free(self);
}

static void compare(FleetSince *self, GHashTable *before, const Target *target)
{
    const char *was = g_hash_table_lookup(before, target->name);
    if (!was) {
        g_ptr_array_add(self->added, g_strdup(target->name));
    } else if (!g_str_equal(was, target->endpoint)) {
        FleetMove *move = g_new(FleetMove, 1);
        *move = (FleetMove){g_strdup(target->name), g_strdup(was), g_strdup(target->endpoint)};
        g_ptr_array_add(self->moved, move);
    }
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_gone(FleetSince *self, GHashTable *before, const GPtrArray *targets)
{
    g_autoptr(GHashTable) here = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer name;
    for (guint i = 0; i < targets->len; i++)
        g_hash_table_add(here, ((const Target *)targets->pdata[i])->name);
    g_hash_table_iter_init(&iter, before);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (!g_hash_table_contains(here, name))
            g_ptr_array_add(self->gone, g_strdup(name));
    g_ptr_array_sort(self->gone, compare_names);
}

FleetSince *fleet_since_new(const char *run, GHashTable *before, const GPtrArray *targets, bool whole)
{
    FleetSince *self = g_new0(FleetSince, 1);
    self->run = g_strdup(run);
    self->added = g_ptr_array_new_with_free_func(g_free);
    self->gone = g_ptr_array_new_with_free_func(g_free);
    self->moved = g_ptr_array_new_with_free_func(fleet_move_free);
    for (guint i = 0; i < targets->len; i++)
        compare(self, before, targets->pdata[i]);
    if (whole)
        add_gone(self, before, targets);
    return self;
}

bool fleet_since_is_empty(const FleetSince *self)
{
    return self->added->len == 0 && self->gone->len == 0 && self->moved->len == 0;
}
