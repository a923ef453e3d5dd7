/* Columns of a table that stays: dropped, added, modified, moved. */
#include "schema/mysql/write_internal.h"

#include <string.h>

char *kept_times(const SchemaModel *model, const char *table_key)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(model, table_key, SCHEMA_COLUMN);
    GString *kept = g_string_new("");
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        if (schema_object_get(column, "on update"))
            g_string_append_printf(kept, ", %s = %s", column->name, column->name);
    }
    return g_string_free(kept, FALSE);
}

/* ---- What no MODIFY can do ---- */

/* "VIRTUAL", "STORED", "ROW START" or "": how the column comes by its values. */
static const char *generation_of(const SchemaObject *column)
{
    const char *generated = attribute_or_empty(column, "generated");
    const char *last = g_str_has_prefix(generated, "ROW") ? generated : strrchr(generated, ' ');
    return last ? last : generated;
}

/* To and from virtual there is no way, and to plain only from stored. */
static bool needs_recreation(const SchemaObject *before, const SchemaObject *after)
{
    const char *old = generation_of(before);
    const char *new = generation_of(after);
    return !g_str_equal(old, new) && !(g_str_equal(old, " STORED") && !*new) &&
           !(!*old && g_str_equal(new, " STORED"));
}

void alter_find_recreated(TableAlter *self)
{
    const SchemaDiff *diff = self->writing->diff;
    g_autoptr(GPtrArray) columns = schema_model_parts(diff->after, self->after->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *after = columns->pdata[i];
        const SchemaObject *before = schema_model_find(diff->before, SCHEMA_COLUMN, after->key);
        bool fills = before && column_has_using(self->writing, before, after);
        if (fills)
            write_using(self, before, after);
        if (before && (fills || needs_recreation(before, after)))
            g_hash_table_add(self->recreated, text_key_name(after->key));
    }
}

static bool is_recreated(const TableAlter *self, const SchemaObject *column)
{
    g_autofree char *name = text_key_name(column->key);
    return g_hash_table_contains(self->recreated, name);
}

/* ---- Names that differ in case only ---- */

/* The column that this one was, or shall be, called in other letters; NULL. */
static const SchemaObject *same_in_other_case(const SchemaModel *in, const SchemaModel *other,
                                              const SchemaObject *column)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(in, column->parent, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *found = columns->pdata[i];
        if (g_ascii_strcasecmp(found->name, column->name) == 0 && !g_str_equal(found->key, column->key) &&
            !schema_model_find(other, SCHEMA_COLUMN, found->key))
            return found;
    }
    return NULL;
}

/* ---- Losses ---- */

static void note_narrowing(TableAlter *self, const SchemaObject *before, const SchemaObject *after)
{
    if (*generation_of(before))
        return;
    if (*generation_of(after) ||
        mysql_type_narrows(attribute_or_empty(before, "type"), attribute_or_empty(after, "type")) ||
        mysql_charset_narrows(schema_object_get(before, "character set"),
                              schema_object_get(after, "character set")))
        alter_lose(self, "column %s", before->key);
}

/* What is computed can be computed again, unless it is plain afterwards. */
static void note_drop(TableAlter *self, const SchemaObject *before, const SchemaObject *after)
{
    if (!*generation_of(before) || (after && !*generation_of(after)))
        alter_lose(self, "column %s", before->key);
}

static void refuse_conversion(TableAlter *self, const SchemaObject *before, const SchemaObject *after)
{
    const char *old = attribute_or_empty(before, "type");
    const char *new = attribute_or_empty(after, "type");
    if (!mysql_type_converts(old, new))
        change_script_refuse(self->writing->script,
                             "column %s: the server has no conversion from %s to %s; say how in "
                             "the schema files: -- dbfleet:using %s = EXPRESSION",
                             before->key, old, new, before->key);
}

/* ---- Clauses ---- */

void alter_drop_columns(TableAlter *self)
{
    const SchemaDiff *diff = self->writing->diff;
    g_autoptr(GPtrArray) columns = schema_model_parts(diff->before, self->before->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        const SchemaChange *change = schema_diff_of(diff, column);
        bool dropped = change && change->kind == CHANGE_DROP;
        if (dropped ? same_in_other_case(diff->after, diff->before, column) != NULL
                    : !is_recreated(self, column))
            continue;
        alter_add(self, "DROP COLUMN %s", column->name);
        self->changes_columns = true;
        note_drop(self, column, schema_model_find(diff->after, SCHEMA_COLUMN, column->key));
    }
}

/* Where the column goes: "" where it is already, or comes to stand anyway because what follows is new. */
static char *column_place(const TableAlter *self, const GPtrArray *columns, guint index, GHashTable *moved)
{
    const SchemaDiff *diff = self->writing->diff;
    bool is_last = true;
    for (guint i = index; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        const SchemaChange *change = schema_diff_of(diff, column);
        is_last &=
            change && change->kind == CHANGE_CREATE && !same_in_other_case(diff->before, diff->after, column);
    }
    const SchemaObject *column = columns->pdata[index];
    bool stays = !is_last && schema_model_find(diff->before, SCHEMA_COLUMN, column->key) &&
                 !g_hash_table_contains(moved, column) && !is_recreated(self, column);
    if (is_last || stays)
        return g_strdup("");
    if (index == 0)
        return g_strdup(" FIRST");
    return g_strdup_printf(" AFTER %s", ((const SchemaObject *)columns->pdata[index - 1])->name);
}

static void alter_column(TableAlter *self, const SchemaObject *column, const char *place)
{
    const SchemaDiff *diff = self->writing->diff;
    const SchemaObject *before = schema_model_find(diff->before, SCHEMA_COLUMN, column->key);
    const SchemaObject *renamed = before ? NULL : same_in_other_case(diff->before, diff->after, column);
    const char *line = attribute_or_empty(column, ATTRIBUTE_LINE);
    g_autofree char *filled =
        before && column_has_using(self->writing, before, column) ? using_name(column) : NULL;
    if (renamed || filled)
        alter_add(self, "CHANGE COLUMN %s %s %s%s", filled ? filled : renamed->name, column->name, line,
                  place);
    else if (before && !is_recreated(self, column))
        alter_add(self, "MODIFY COLUMN %s %s%s", column->name, line, place);
    else
        alter_add(self, "ADD COLUMN %s %s%s", column->name, line, place);
    if ((before || renamed) && !is_recreated(self, column)) {
        note_narrowing(self, before ? before : renamed, column);
        refuse_conversion(self, before ? before : renamed, column);
    }
    self->changes_columns = true;
}

/* In the order they shall have: each is placed behind one that stands where it shall. */
void alter_columns(TableAlter *self)
{
    const SchemaDiff *diff = self->writing->diff;
    g_autoptr(GPtrArray) columns = schema_model_parts(diff->after, self->after->key, SCHEMA_COLUMN);
    g_autoptr(GHashTable) moved = schema_diff_moved(diff, self->after->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        g_autofree char *place = column_place(self, columns, i, moved);
        if (*place || schema_diff_of(diff, column) || is_recreated(self, column))
            alter_column(self, column, place);
    }
}
