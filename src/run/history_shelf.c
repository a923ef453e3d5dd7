/* History shelf: histories by a hash of all their entries, under one mutex that is held for the look-up only;
 * they are compared behind it. */
#include "run/history_shelf.h"
#include <pthread.h>

struct HistoryShelf {
    pthread_mutex_t mutex;
    GHashTable *known; /* guint64 of the entries -> GPtrArray * of HistoryEntry * */
};

HistoryShelf *history_shelf_new(void)
{
    HistoryShelf *self = g_new0(HistoryShelf, 1);
    pthread_mutex_init(&self->mutex, NULL);
    self->known =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    return self;
}

void history_shelf_free(HistoryShelf *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->known);
    pthread_mutex_destroy(&self->mutex);
    g_free(self);
}

static guint64 history_hash(const GPtrArray *history)
{
    guint64 hash = history->len;
    for (guint i = 0; i < history->len; i++)
        hash = hash * 1099511628211u + history_entry_hash(history->pdata[i]);
    return hash;
}

static bool histories_are_equal(const GPtrArray *left, const GPtrArray *right)
{
    bool equal = left->len == right->len;
    for (guint i = 0; equal && i < left->len; i++)
        equal = history_entry_equal(left->pdata[i], right->pdata[i]);
    return equal;
}

/* The one with this hash; a new one becomes it. Caller unrefs. */
static GPtrArray *known_of(HistoryShelf *self, guint64 hash, GPtrArray *history)
{
    pthread_mutex_lock(&self->mutex);
    GPtrArray *known = g_hash_table_lookup(self->known, &hash);
    if (!known) {
        known = history;
        g_hash_table_insert(self->known, g_memdup2(&hash, sizeof hash), g_ptr_array_ref(history));
    }
    g_ptr_array_ref(known);
    pthread_mutex_unlock(&self->mutex);
    return known;
}

void history_shelf_share(HistoryShelf *self, TargetState *state)
{
    g_autoptr(GPtrArray) known = known_of(self, history_hash(state->history), state->history);
    if (known == state->history || !histories_are_equal(known, state->history))
        return;
    g_ptr_array_unref(state->history);
    state->history = g_steal_pointer(&known);
}
