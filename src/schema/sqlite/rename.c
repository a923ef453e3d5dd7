/* Renames of tables and columns that a person asked for. The library rewrites what names them. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

/* What there is once the renames so far were made. */
typedef struct RenameWalk {
    const SchemaModel *model;
    ChangeScript *script;
    GHashTable *gone; /* set of keys: renamed away */
    GHashTable *made; /* new key -> key in the model */
} RenameWalk;

static bool is_there(const RenameWalk *self, SchemaKind kind, const char *key)
{
    bool in_model = schema_model_find(self->model, kind, key) && !g_hash_table_contains(self->gone, key);
    return in_model || g_hash_table_contains(self->made, key);
}

static char *rename_key(const SchemaRename *rename, const char *name)
{
    g_autofree char *plain = lite_unquoted(name);
    g_autofree char *last = lite_name(plain);
    g_autofree char *parent = rename->parent ? lite_unquoted(rename->parent) : NULL;
    g_autofree char *table = parent ? lite_name(parent) : NULL;
    return table ? lite_part_key(table, last) : g_steal_pointer(&last);
}

/* The name as the hint has it, without its quotes, in its own case. */
static char *new_name(const char *written)
{
    g_autoptr(GPtrArray) words = sql_words(written, strlen(written), DIALECT_SQLITE);
    const SqlWord *only = words && words->len == 1 ? words->pdata[0] : NULL;
    return lite_name(only ? only->text : written);
}

static void write_rename(RenameWalk *self, const SchemaRename *rename)
{
    g_autofree char *before = new_name(rename->before);
    g_autofree char *after = new_name(rename->after);
    if (rename->kind == SCHEMA_TABLE) {
        change_script_add(self->script, "ALTER TABLE %s RENAME TO %s", before, after);
        return;
    }
    g_autofree char *table = new_name(rename->parent);
    change_script_add(self->script, "ALTER TABLE %s RENAME COLUMN %s TO %s", table, before, after);
}

/* A column of a table that was renamed just now is in the model under the table's old name. */
static char *key_in_model(const RenameWalk *self, const SchemaRename *rename, const char *name)
{
    g_autofree char *parent = rename->parent ? lite_unquoted(rename->parent) : NULL;
    g_autofree char *table = parent ? lite_name(parent) : NULL;
    const char *old = table ? g_hash_table_lookup(self->made, table) : NULL;
    if (!old)
        return rename_key(rename, name);
    g_autofree char *plain = lite_unquoted(name);
    g_autofree char *last = lite_name(plain);
    return lite_part_key(old, last);
}

/* True if the rename was made or refused, so that others may follow. */
static bool take_rename(RenameWalk *self, const SchemaRename *rename)
{
    g_autofree char *before = key_in_model(self, rename, rename->before);
    g_autofree char *after = key_in_model(self, rename, rename->after);
    if (!is_there(self, rename->kind, before) || is_there(self, rename->kind, after))
        return false;
    write_rename(self, rename);
    g_hash_table_add(self->gone, g_strdup(before));
    g_hash_table_remove(self->made, before);
    g_hash_table_insert(self->made, g_strdup(after), g_strdup(before));
    return true;
}

static void refuse_if_both(const RenameWalk *self, const SchemaRename *rename)
{
    g_autofree char *before = key_in_model(self, rename, rename->before);
    g_autofree char *after = key_in_model(self, rename, rename->after);
    if (is_there(self, rename->kind, before) && is_there(self, rename->kind, after))
        change_script_refuse(self->script,
                             "%s %s cannot be renamed to %s: both are there. Remove the hint, or drop one of "
                             "them in a revision of its own first.",
                             schema_kind_name(rename->kind), before, after);
}

/* Tables first, since columns are named by what their table is called then; again as long as one of them
 * makes room for another. */
static void walk(RenameWalk *self, const SchemaHints *hints, SchemaKind kind)
{
    g_autoptr(GPtrArray) waiting = g_ptr_array_new();
    for (guint i = 0; i < hints->renames->len; i++)
        if (((const SchemaRename *)hints->renames->pdata[i])->kind == kind)
            g_ptr_array_add(waiting, hints->renames->pdata[i]);
    for (bool moved = true; moved;) {
        moved = false;
        for (guint i = waiting->len; i-- > 0;)
            if (take_rename(self, waiting->pdata[i])) {
                g_ptr_array_remove_index(waiting, i);
                moved = true;
            }
    }
    for (guint i = 0; i < waiting->len; i++)
        refuse_if_both(self, waiting->pdata[i]);
}

void lite_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script)
{
    if (!hints)
        return;
    g_autoptr(GHashTable) gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    RenameWalk self = {model, script, gone, made};
    walk(&self, hints, SCHEMA_TABLE);
    walk(&self, hints, SCHEMA_COLUMN);
}
