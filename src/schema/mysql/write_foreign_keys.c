/* Foreign keys: dropped before tables change and added when all tables are as they shall be; one and the same
 * name in one ALTER is refused (errno 121). */
#include "schema/mysql/write_internal.h"

#include <string.h>

/* ---- What a foreign key names ---- */

/* The names in the group in parentheses that stands here. */
static GPtrArray *take_names(const char **at)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *end = text_behind(*at);
    for ((*at)++; *at < end; (*at)++) {
        char *name = text_take_name(at);
        if (name)
            g_ptr_array_add(names, name);
    }
    *at = end;
    return names;
}

bool foreign_key_of(ForeignKey *self, const SchemaObject *constraint)
{
    const char *at = attribute_or_empty(constraint, ATTRIBUTE_DEFINITION);
    if (!text_take(&at, "FOREIGN KEY "))
        return false;
    self->columns = take_names(&at);
    while (*at == ' ')
        at++;
    text_take(&at, "REFERENCES ");
    g_autofree char *name = text_take_name(&at);
    self->table = name ? text_key_part(name) : NULL;
    self->references = *at == '(' ? take_names(&at) : g_ptr_array_new_with_free_func(g_free);
    return true;
}

void foreign_key_clear(ForeignKey *self)
{
    g_clear_pointer(&self->columns, g_ptr_array_unref);
    g_clear_pointer(&self->references, g_ptr_array_unref);
    g_clear_pointer(&self->table, g_free);
}

/* ---- What stands in the way ---- */

/* A foreign key's column keeps its type and its character set; NULL, default and comment may change. */
static bool column_is_in_the_way(const MysqlWriting *self, const char *table, const char *name)
{
    g_autofree char *key = text_part_key(table, name);
    const SchemaChange *change = schema_diff_find(self->diff, SCHEMA_COLUMN, key);
    return change && (change->kind != CHANGE_ALTER || change_has(change, "type") ||
                      change_has(change, "character set") || change_has(change, "collation") ||
                      change_has(change, "generated") || schema_hints_using(self->diff->hints, key));
}

static bool any_in_the_way(const MysqlWriting *self, const char *table, const GPtrArray *columns)
{
    for (guint i = 0; table && i < columns->len; i++)
        if (column_is_in_the_way(self, table, columns->pdata[i]))
            return true;
    return false;
}

static bool table_is_dropped(const MysqlWriting *self, const char *key)
{
    return schema_model_find(self->diff->before, SCHEMA_TABLE, key) &&
           !schema_model_find(self->diff->after, SCHEMA_TABLE, key);
}

/* Its own table, or the one it refers to, gets or had another engine or partitions, which know no foreign
 * keys; a key that stays was dropped and made again by somebody then, so it is only for what goes through. */
static bool must_go(const MysqlWriting *self, const SchemaObject *constraint, const ForeignKey *key)
{
    const SchemaChange *change = schema_diff_of(self->diff, constraint);
    if (change)
        return true;
    return any_in_the_way(self, constraint->parent, key->columns) ||
           any_in_the_way(self, key->table, key->references);
}

/* Tables that go take their foreign keys along, but for circles among them. */
static bool goes_with_table(const MysqlWriting *self, const SchemaObject *constraint, const ForeignKey *key)
{
    return table_is_dropped(self, constraint->parent) && !(key->table && table_is_dropped(self, key->table));
}

/* Of tables that refer to each other and are all dropped, in any order. */
static bool is_in_circle(const MysqlWriting *self, const SchemaObject *constraint, const ForeignKey *key)
{
    g_autoptr(GPtrArray) both = g_ptr_array_new();
    const SchemaObject *child = schema_model_find(self->diff->before, SCHEMA_TABLE, constraint->parent);
    const SchemaObject *parent = schema_model_find(self->diff->before, SCHEMA_TABLE, key->table);
    g_ptr_array_add(both, (gpointer)child);
    g_ptr_array_add(both, (gpointer)parent);
    g_autoptr(GPtrArray) one = schema_model_in_order(self->diff->before, both);
    both->pdata[0] = (gpointer)parent;
    both->pdata[1] = (gpointer)child;
    g_autoptr(GPtrArray) other = schema_model_in_order(self->diff->before, both);
    return child != parent && one->pdata[0] != other->pdata[0];
}

static bool is_dropped_here(MysqlWriting *self, const SchemaObject *constraint)
{
    g_auto(ForeignKey) key = {0};
    if (!foreign_key_of(&key, constraint) || !must_go(self, constraint, &key) ||
        goes_with_table(self, constraint, &key))
        return false;
    if (table_is_dropped(self, constraint->parent))
        return is_in_circle(self, constraint, &key);
    if (!schema_diff_of(self->diff, constraint))
        g_hash_table_add(self->remade_keys, (gpointer)constraint);
    return true;
}

/* ---- Statements ---- */

static void add_alter(MysqlWriting *self, const SchemaObject *table, GPtrArray *clauses, bool made_up)
{
    GString *sql = g_string_new("");
    g_string_append_printf(sql, "ALTER TABLE %s%s", table->name, clauses->len > 1 ? "\n  " : " ");
    for (guint i = 0; i < clauses->len; i++)
        g_string_append_printf(sql, "%s%s", i ? ",\n  " : "", (char *)clauses->pdata[i]);
    ChangeStatement *statement = change_script_take(self->script, g_string_free(sql, FALSE));
    if (made_up)
        statement->comment = g_strdup("the server made this name up; it may be another one elsewhere");
}

static void drop_keys_of(MysqlWriting *self, const SchemaObject *table)
{
    g_autoptr(GPtrArray) parts = schema_model_parts(self->diff->before, table->key, SCHEMA_CONSTRAINT);
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
    bool made_up = false;
    for (guint i = 0; i < parts->len; i++) {
        const SchemaObject *constraint = parts->pdata[i];
        if (!is_dropped_here(self, constraint) || write_unnamed_drop(self, table, constraint))
            continue;
        made_up |= schema_object_get(constraint, ATTRIBUTE_UNNAMED) != NULL;
        g_ptr_array_add(clauses, g_strdup_printf("DROP FOREIGN KEY %s", constraint->name));
    }
    if (clauses->len)
        add_alter(self, table, clauses, made_up);
}

void write_foreign_key_drops(MysqlWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind == SCHEMA_TABLE)
            drop_keys_of(self, object);
    }
}

static bool is_added_here(const MysqlWriting *self, const SchemaObject *constraint)
{
    g_auto(ForeignKey) key = {0};
    if (!foreign_key_of(&key, constraint))
        return false;
    const SchemaObject *before = schema_model_find(self->diff->before, SCHEMA_CONSTRAINT, constraint->key);
    const SchemaChange *change = schema_diff_of(self->diff, constraint);
    if (change && change->with_parent)
        return g_hash_table_contains(self->late_keys, constraint);
    return change || (before && g_hash_table_contains(self->remade_keys, before));
}

void write_foreign_key_adds(MysqlWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *table = objects->pdata[i];
        if (table->kind != SCHEMA_TABLE)
            continue;
        g_autoptr(GPtrArray) parts = schema_model_parts(self->diff->after, table->key, SCHEMA_CONSTRAINT);
        g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
        for (guint j = 0; j < parts->len; j++) {
            g_autofree char *text = constraint_text(parts->pdata[j]);
            if (is_added_here(self, parts->pdata[j]))
                g_ptr_array_add(clauses, g_strdup_printf("ADD %s", text));
        }
        if (clauses->len)
            add_alter(self, table, clauses, false);
    }
}
