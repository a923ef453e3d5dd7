/* Target state: making and freeing of what a probe found. Plain values; any thread. */
#include "plans/target_state.h"
#include <string.h>

TargetState *target_state_new(void)
{
    TargetState *self = g_new0(TargetState, 1);
    self->size_bytes = -1;
    self->rows = g_new0(char *, 1);
    self->history = g_ptr_array_new_with_free_func((GDestroyNotify)history_entry_free);
    return self;
}

void target_state_free(TargetState *self)
{
    if (!self)
        return;
    g_free(self->error_class);
    g_free(self->reason);
    g_free(self->server_version);
    g_free(self->server_identity);
    g_free(self->schema);
    g_free(self->lock_holder);
    g_strfreev(self->rows);
    g_ptr_array_unref(self->history);
    g_clear_pointer(&self->since_run, g_ptr_array_unref);
    g_free(self);
}

/* Where an entry keeps its texts. */
static const gsize entry_texts[] = {
    offsetof(HistoryEntry, step_id),     offsetof(HistoryEntry, run_id),
    offsetof(HistoryEntry, plan_digest), offsetof(HistoryEntry, head_hash),
    offsetof(HistoryEntry, heads_after), offsetof(HistoryEntry, revision),
    offsetof(HistoryEntry, direction),   offsetof(HistoryEntry, checksum),
    offsetof(HistoryEntry, state),       offsetof(HistoryEntry, heads_before),
    offsetof(HistoryEntry, detail),      offsetof(HistoryEntry, evidence),
};

static char **entry_text(const HistoryEntry *self, gsize index)
{
    return (char **)((char *)self + entry_texts[index]);
}

HistoryEntry *history_entry_new(void)
{
    return g_new0(HistoryEntry, 1);
}

HistoryEntry *history_entry_pack(const HistoryEntry *values)
{
    gsize lengths[G_N_ELEMENTS(entry_texts)], all = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(entry_texts); i++) {
        const char *text = *entry_text(values, i);
        lengths[i] = text ? strlen(text) + 1 : 0;
        all += lengths[i];
    }
    HistoryEntry *self = g_malloc(sizeof *self + all);
    char *place = (char *)(self + 1);
    *self = *values;
    self->packed = true;
    for (gsize i = 0; i < G_N_ELEMENTS(entry_texts); i++) {
        if (lengths[i] > 0)
            *entry_text(self, i) = memcpy(place, *entry_text(values, i), lengths[i]);
        place += lengths[i];
    }
    return self;
}

void history_entry_free(HistoryEntry *self)
{
    for (gsize i = 0; self && !self->packed && i < G_N_ELEMENTS(entry_texts); i++)
        g_free(*entry_text(self, i));
    g_free(self);
}

/* FNV-1a, with a byte behind each text that no text has. */
static guint64 hash_text(guint64 hash, const char *text)
{
    for (; text && *text; text++)
        hash = (hash ^ (guint8)*text) * 1099511628211u;
    return (hash ^ (text ? 0x100 : 0x101)) * 1099511628211u;
}

guint64 history_entry_hash(const HistoryEntry *self)
{
    guint64 hash = 14695981039346656037u ^ self->statements_total;
    hash = (hash ^ self->statements_done) * 1099511628211u;
    hash = (hash ^ self->intent) * 1099511628211u;
    for (gsize i = 0; i < G_N_ELEMENTS(entry_texts); i++)
        hash = hash_text(hash, *entry_text(self, i));
    return hash;
}

bool history_entry_equal(const HistoryEntry *self, const HistoryEntry *other)
{
    bool equal = self->statements_total == other->statements_total &&
                 self->statements_done == other->statements_done && self->intent == other->intent;
    for (gsize i = 0; equal && i < G_N_ELEMENTS(entry_texts); i++)
        equal = g_strcmp0(*entry_text(self, i), *entry_text(other, i)) == 0;
    return equal;
}

bool history_entry_is_undecidable(const HistoryEntry *self)
{
    return self->intent > 0 && g_str_equal(self->state, "failed");
}

bool history_entry_has_begun(const HistoryEntry *self)
{
    return self && (self->statements_done > 0 || self->intent > 0);
}

const HistoryEntry *target_state_unfinished(const TargetState *self)
{
    for (guint i = self->history->len; i-- > 0;) {
        const HistoryEntry *entry = self->history->pdata[i];
        bool open = g_str_equal(entry->state, "running") || g_str_equal(entry->state, "failed");
        bool overtaken = i + 1 < self->history->len && !history_entry_has_begun(entry);
        if (g_str_equal(entry->direction, "stamp") || g_str_equal(entry->direction, "baseline"))
            return NULL; /* a person settled what was before */
        if (open && !overtaken)
            return entry;
    }
    return NULL;
}

bool rows_are_same(char *const *left, char *const *right)
{
    if (g_strv_length((char **)left) != g_strv_length((char **)right))
        return false;
    for (; *left; left++)
        if (!g_strv_contains((const char *const *)right, *left))
            return false;
    return true;
}
