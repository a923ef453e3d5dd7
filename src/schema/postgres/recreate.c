/* PostgreSQL: tables that are made anew because no ALTER TABLE leads there, where a person allowed it.
 *
 * The old table moves to a schema of its own, with its indexes, constraints and partitions; the new one is
 * made like any other, gets the rows, and the old one goes. Refused without being allowed: all rows are
 * copied under a lock. Pure. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

#define ASIDE_SCHEMA "dbfleet_aside"

/* ---- Which ---- */

static bool is_foreign(const SchemaObject *table)
{
    return g_str_equal(pg_attribute(table, "kind"), "foreign");
}

/* A partitioned table becomes a regular one or the other way round, or its key is another. */
bool pg_recreates(const PgWriting *self, const SchemaChange *change)
{
    bool differs =
        schema_change_attribute(change, "kind") || schema_change_attribute(change, "partition_key");
    return differs && self->diff->hints && self->diff->hints->allow_recreate && !is_foreign(change->before) &&
           !is_foreign(change->after);
}

const SchemaObject *pg_recreated_for_key(const PgWriting *self, const SchemaObject *column)
{
    bool allowed = self->diff->hints && self->diff->hints->allow_recreate;
    if (!allowed || column->kind != SCHEMA_COLUMN || !pg_is_partition_key(self, column))
        return NULL;
    return schema_model_find(self->diff->before, SCHEMA_TABLE, column->parent);
}

/* Made anew: gone and come again. */
static bool is_recreated(const PgWriting *self, const SchemaObject *before)
{
    return before->kind == SCHEMA_TABLE && pg_fate(self, before) == PG_REPLACED && pg_after(self, before);
}

/* A partition of a table that is made anew: its rows are that table's. */
bool pg_is_below_recreated(const PgWriting *self, const SchemaObject *before)
{
    const char *parent = schema_object_get(before, "partition_of");
    const SchemaObject *above = parent ? schema_model_find(self->diff->before, SCHEMA_TABLE, parent) : NULL;
    return above && (is_recreated(self, above) || pg_is_below_recreated(self, above));
}

static bool is_root(const PgWriting *self, const SchemaObject *object)
{
    return is_recreated(self, object) && !pg_is_below_recreated(self, object);
}

static GPtrArray *recreated_roots(const PgWriting *self)
{
    GPtrArray *roots = g_ptr_array_new();
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++)
        if (is_root(self, objects->pdata[i]))
            g_ptr_array_add(roots, objects->pdata[i]);
    return roots;
}

/* ---- Aside ---- */

void pg_prepare_aside(PgWriting *self)
{
    g_autoptr(GPtrArray) roots = recreated_roots(self);
    if (roots->len == 0)
        return;
    ChangeStatement *statement = change_script_add(self->script, "CREATE SCHEMA %s", ASIDE_SCHEMA);
    statement->comment =
        g_strdup("tables that no ALTER TABLE changes so are made anew, and their rows copied");
}

void pg_set_table_aside(PgWriting *self, const SchemaObject *before)
{
    change_script_add(self->script, "ALTER TABLE %s SET SCHEMA %s", pg_name(before->key), ASIDE_SCHEMA);
}

void pg_drop_tables_aside(PgWriting *self)
{
    g_autoptr(GPtrArray) roots = recreated_roots(self);
    for (guint i = 0; i < roots->len; i++)
        change_script_add(self->script, "DROP TABLE %s.%s", ASIDE_SCHEMA,
                          ((const SchemaObject *)roots->pdata[i])->name);
    if (roots->len > 0)
        change_script_add(self->script, "DROP SCHEMA %s", ASIDE_SCHEMA);
}

/* ---- Rows ---- */

static const SchemaObject *column_named(const SchemaModel *model, const SchemaObject *table, const char *name)
{
    g_autofree char *key = g_strconcat(table->key, ".", name, NULL);
    return schema_model_find(model, SCHEMA_COLUMN, key);
}

static char *value_of(const PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    const char *using = schema_hints_using(self->diff->hints, after->key);
    const char *type = pg_attribute(after, "type");
    if (using)
        return g_strdup(using);
    char *conversion = pg_type_conversion(self, before, after);
    if (conversion)
        return conversion;
    char *value = pg_cast_value(self, after->name, pg_attribute(before, "type"), type);
    return value ? value : g_strdup(after->name);
}

static void go_on(PgWriting *self, const SchemaObject *column)
{
    g_autofree char *table = sql_quote_literal(DIALECT_POSTGRES, pg_name(column->parent));
    g_autofree char *bare = pg_unquoted(column->name);
    g_autofree char *name = sql_quote_literal(DIALECT_POSTGRES, bare);
    ChangeStatement *statement = change_script_add(
        self->script, "SELECT setval(pg_get_serial_sequence(%s, %s), %s(%s)) FROM %s", table, name,
        *pg_attribute(column, "increment") == '-' ? "min" : "max", column->name, pg_name(column->parent));
    statement->comment = g_strdup("goes on behind the values that are there");
}

static void copy_rows(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->diff->after, after->key, SCHEMA_COLUMN);
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(GString) values = g_string_new(NULL);
    bool has_identity = false;
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        const SchemaObject *old = column_named(self->diff->before, before, column->name);
        if (!old || schema_object_get(column, "generated"))
            continue;
        g_autofree char *value = value_of(self, old, column);
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", column->name);
        g_string_append_printf(values, "%s%s", values->len ? ", " : "", value);
        has_identity |= schema_object_get(column, "identity") != NULL;
    }
    if (names->len)
        change_script_add(self->script, "INSERT INTO %s (%s)%s\nSELECT %s FROM %s%s.%s", pg_name(after->key),
                          names->str, has_identity ? " OVERRIDING SYSTEM VALUE" : "", values->str,
                          schema_object_get(before, "partition_key") ? "" : "ONLY ", ASIDE_SCHEMA,
                          before->name);
    for (guint i = 0; i < columns->len; i++)
        if (schema_object_get(columns->pdata[i], "identity"))
            go_on(self, columns->pdata[i]);
}

void pg_copy_rows(PgWriting *self)
{
    g_autoptr(GPtrArray) roots = recreated_roots(self);
    for (guint i = 0; i < roots->len; i++)
        copy_rows(self, roots->pdata[i], pg_after(self, roots->pdata[i]));
}
