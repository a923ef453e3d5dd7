/* Order: which objects stand at another place among their kind. "after" says what an object stands behind, so
 * what comes or goes next to it changes that without moving it: only the fewest objects that must move to
 * turn one order into the other differ. */
#include "schema/diff_internal.h"

#include <string.h>

#define AFTER "after"

/* Parts that are in both models, in the order before. */
typedef struct OrderPair {
    const SchemaObject *before;
    const SchemaObject *after;
    guint length;  /* of the longest run that keeps its order and ends here */
    gint previous; /* index of the one before it in that run; -1 */
    bool stays;
} OrderPair;

static GArray *common_parts(const SchemaDiff *self, const char *parent, SchemaKind kind)
{
    g_autoptr(GPtrArray) parts = schema_model_parts(self->before, parent, kind);
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(OrderPair));
    for (guint i = 0; i < parts->len; i++) {
        const SchemaObject *before = parts->pdata[i];
        OrderPair pair = {before, schema_model_find(self->after, kind, before->key), 1, -1, false};
        if (pair.after && g_strcmp0(pair.after->parent, parent) == 0)
            g_array_append_val(pairs, pair);
    }
    return pairs;
}

/* The longest increasing subsequence of positions after; quadratic in what one table has. */
static void mark_staying(GArray *pairs)
{
    OrderPair *list = (OrderPair *)(void *)pairs->data;
    gint best = -1;
    for (gint i = 0; i < (gint)pairs->len; i++) {
        for (gint j = 0; j < i; j++)
            if (list[j].after->position < list[i].after->position && list[j].length >= list[i].length) {
                list[i].length = list[j].length + 1;
                list[i].previous = j;
            }
        if (best < 0 || list[i].length > list[best].length)
            best = i;
    }
    for (; best >= 0; best = list[best].previous)
        list[best].stays = true;
}

static void remove_after(SchemaChange *change)
{
    for (guint i = 0; i < change->attributes->len; i++)
        if (g_str_equal(g_array_index(change->attributes, AttributeChange, i).name, AFTER)) {
            g_array_remove_index(change->attributes, i);
            return;
        }
}

GHashTable *schema_diff_moved(const SchemaDiff *self, const char *parent, SchemaKind kind)
{
    g_autoptr(GArray) pairs = common_parts(self, parent, kind);
    GHashTable *moved = g_hash_table_new(NULL, NULL);
    mark_staying(pairs);
    for (guint i = 0; i < pairs->len; i++) {
        const OrderPair *pair = &g_array_index(pairs, OrderPair, i);
        if (!pair->stays)
            g_hash_table_add(moved, (gpointer)pair->after);
    }
    return moved;
}

static void settle_parts(const SchemaDiff *self, const SchemaObject *of)
{
    g_autoptr(GHashTable) moved = schema_diff_moved(self, of->parent, of->kind);
    g_autoptr(GPtrArray) parts = schema_model_parts(self->after, of->parent, of->kind);
    for (guint i = 0; i < parts->len; i++) {
        SchemaChange *change = g_hash_table_lookup(self->by_object, parts->pdata[i]);
        if (change && !g_hash_table_contains(moved, parts->pdata[i]))
            remove_after(change);
    }
}

void diff_settle_order(const SchemaDiff *self)
{
    g_autoptr(GHashTable) settled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < self->changes->len; i++) {
        const SchemaChange *change = self->changes->pdata[i];
        if (change->kind != CHANGE_ALTER || !schema_change_attribute(change, AFTER))
            continue;
        char *group = g_strdup_printf("%u %s", change->after->kind, change->after->parent);
        if (g_hash_table_add(settled, group))
            settle_parts(self, change->after);
    }
}
