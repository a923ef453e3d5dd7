/* Script shelf: see the header. Splitting happens behind the shelf's lock: who comes for the same section
 * meanwhile waits for it, rather than having its text twice. */
#include "plans/script_shelf.h"
#include "plans/planner.h"
#include "sql/template.h"
#include <pthread.h>
#include <string.h>

/* The same text is other statements in another dialect. */
typedef struct ShelfKey {
    const Section *section;
    Dialect dialect;
} ShelfKey;

typedef struct ShelfEntry {
    ShelfKey key;
    Script *script;
    unsigned users;
    GList link; /* in `unused` where there are none */
} ShelfEntry;

struct ScriptShelf {
    guint references;
    pthread_mutex_t mutex;
    GHashTable *entries; /* ShelfKey -> ShelfEntry */
    GQueue unused;       /* of ShelfEntry, the last one used first */
    gsize unused_text;
    GHashTable *sound[DIALECT_COUNT]; /* of const Section *; NULL: none yet */
};

static guint shelf_key_hash(gconstpointer key)
{
    const ShelfKey *self = key;
    return g_direct_hash(self->section) + (guint)self->dialect;
}

static gboolean shelf_key_equal(gconstpointer a, gconstpointer b)
{
    const ShelfKey *left = a, *right = b;
    return left->section == right->section && left->dialect == right->dialect;
}

static void shelf_entry_free(ShelfEntry *self)
{
    script_free(self->script);
    g_free(self);
}

ScriptShelf *script_shelf_new(void)
{
    ScriptShelf *self = g_new0(ScriptShelf, 1);
    self->references = 1;
    pthread_mutex_init(&self->mutex, NULL);
    self->entries =
        g_hash_table_new_full(shelf_key_hash, shelf_key_equal, NULL, (GDestroyNotify)shelf_entry_free);
    return self;
}

ScriptShelf *script_shelf_ref(ScriptShelf *self)
{
    self->references++;
    return self;
}

void script_shelf_unref(ScriptShelf *self)
{
    if (!self || --self->references > 0)
        return;
    script_shelf_forget_sound(self);
    g_hash_table_unref(self->entries);
    pthread_mutex_destroy(&self->mutex);
    g_free(self);
}

/* The section's text as it runs; where it uses variables, which differ from target to target, as written.
 * Caller frees. */
static char *section_text(const Section *section, Dialect dialect)
{
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    if (section->variables && section->variables[0])
        return g_strndup(section->text, section->length);
    return sql_template_render(section->text, section->length, dialect, none, NULL);
}

static Script *split(const Section *section, Dialect dialect, GError **error)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *plain = section_text(section, dialect);
    Script *script = script_split(plain, strlen(plain), dialect, section->place, problems);
    if (!script) {
        g_autofree char *text = diagnostics_to_string(problems);
        g_set_error_literal(error, PLAN_ERROR, PROBLEM_SYNTAX, g_strchomp(text));
    }
    return script;
}

static ShelfEntry *entry_new(ScriptShelf *self, ShelfKey key, GError **error)
{
    Script *script = split(key.section, key.dialect, error);
    if (!script)
        return NULL;
    ShelfEntry *entry = g_new0(ShelfEntry, 1);
    entry->key = key;
    entry->script = script;
    entry->link.data = entry;
    g_hash_table_insert(self->entries, &entry->key, entry);
    return entry;
}

static void leave_unused(ScriptShelf *self, ShelfEntry *entry)
{
    g_queue_unlink(&self->unused, &entry->link);
    self->unused_text -= entry->key.section->length;
}

static void keep_the_last(ScriptShelf *self)
{
    while (self->unused.length > 1 &&
           (self->unused.length > SCRIPT_SHELF_UNUSED || self->unused_text > SCRIPT_SHELF_UNUSED_TEXT)) {
        ShelfEntry *oldest = self->unused.tail->data;
        leave_unused(self, oldest);
        g_hash_table_remove(self->entries, &oldest->key);
    }
}

const Script *script_shelf_take(ScriptShelf *self, const Section *section, Dialect dialect, GError **error)
{
    const ShelfKey key = {section, dialect};
    pthread_mutex_lock(&self->mutex);
    ShelfEntry *entry = g_hash_table_lookup(self->entries, &key);
    if (entry && entry->users == 0)
        leave_unused(self, entry);
    else if (!entry)
        entry = entry_new(self, key, error);
    if (entry)
        entry->users++;
    pthread_mutex_unlock(&self->mutex);
    return entry ? entry->script : NULL;
}

void script_shelf_give_back(ScriptShelf *self, const Section *section, Dialect dialect)
{
    const ShelfKey key = {section, dialect};
    pthread_mutex_lock(&self->mutex);
    ShelfEntry *entry = g_hash_table_lookup(self->entries, &key);
    if (--entry->users == 0) {
        g_queue_push_head_link(&self->unused, &entry->link);
        self->unused_text += section->length;
        keep_the_last(self);
    }
    pthread_mutex_unlock(&self->mutex);
}

unsigned script_shelf_length(ScriptShelf *self)
{
    pthread_mutex_lock(&self->mutex);
    unsigned length = g_hash_table_size(self->entries);
    pthread_mutex_unlock(&self->mutex);
    return length;
}

/* ---- While a plan is made ---- */

void script_shelf_note_sound(ScriptShelf *self, const Section *section, Dialect dialect)
{
    if (!self->sound[dialect])
        self->sound[dialect] = g_hash_table_new(NULL, NULL);
    g_hash_table_add(self->sound[dialect], (gpointer)section);
}

bool script_shelf_is_sound(ScriptShelf *self, const Section *section, Dialect dialect)
{
    return self->sound[dialect] && g_hash_table_contains(self->sound[dialect], section);
}

void script_shelf_forget_sound(ScriptShelf *self)
{
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++)
        g_clear_pointer(&self->sound[dialect], g_hash_table_unref);
}
