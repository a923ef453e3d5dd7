/* ADD COLUMN and DROP COLUMN, and when they will do. What they refuse depends on the rows too; here a table
 * is taken to have some. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

/* ---- Limits of ADD COLUMN ---- */

/* NULL, a literal, a signed number: what the library can put into rows that it does not write. */
static bool is_constant(const char *value)
{
    return value[0] != '(' && !g_str_has_prefix(value, "current_");
}

static bool has_value(const SchemaObject *column)
{
    const char *value = schema_object_get(column, "default");
    return value && g_ascii_strcasecmp(value, "null") != 0;
}

static bool can_add_column(const SchemaObject *column)
{
    const char *value = schema_object_get(column, "default");
    const char *generated = schema_object_get(column, "generated");
    bool not_null = schema_object_get(column, "notnull") != NULL;
    if (value && !is_constant(value))
        return false;
    if (generated)
        return !not_null && !g_str_has_suffix(generated, " stored");
    return !not_null || has_value(column);
}

/* A constraint that a new column brings along. */
static bool can_add_constraint(const SchemaObject *constraint, const SchemaObject *column)
{
    const char *def = schema_object_get(constraint, "def");
    if (g_str_has_prefix(def, "foreign key"))
        return !has_value(column);
    return g_str_has_prefix(def, "check");
}

/* ---- Limits of DROP COLUMN ---- */

static bool change_stays(const SchemaDiff *diff, const SchemaObject *object)
{
    return !schema_diff_of(diff, object);
}

/* The text of an object in which the column of a table may be named; NULL: of something else. */
static const char *text_beside(const SchemaObject *object, const SchemaObject *column)
{
    bool same_table = g_strcmp0(object->parent, column->parent) == 0;
    if (object->kind == SCHEMA_VIEW || object->kind == SCHEMA_TRIGGER)
        return schema_object_get(object, "~sql");
    if (!same_table)
        return NULL;
    if (object->kind == SCHEMA_INDEX || object->kind == SCHEMA_CONSTRAINT)
        return schema_object_get(object, "def");
    return object->kind == SCHEMA_COLUMN && object != column ? schema_object_get(object, "generated") : NULL;
}

static bool is_of_column(const SchemaObject *constraint, const SchemaObject *column)
{
    return g_strcmp0(schema_object_get(constraint, "~column"), column->key) == 0;
}

/* What goes with the column, by its own text. */
static bool goes_along(const SchemaObject *object, const SchemaObject *column)
{
    const char *def = object->kind == SCHEMA_CONSTRAINT ? schema_object_get(object, "def") : NULL;
    return def && is_of_column(object, column) &&
           (g_str_has_prefix(def, "check") || g_str_has_prefix(def, "foreign key"));
}

static bool can_drop_column(const LiteWriter *self, const SchemaObject *column)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    g_autofree char *name = lite_unquoted(column->name);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        const char *text = text_beside(object, column);
        bool dropped_before =
            !change_stays(self->diff, object) &&
            (object->kind == SCHEMA_VIEW || object->kind == SCHEMA_TRIGGER || object->kind == SCHEMA_INDEX);
        if (text && !dropped_before && !goes_along(object, column) && lite_text_names(text, name))
            return false;
    }
    return true;
}

/* ---- Both ---- */

static bool can_alter_column(const LiteWriter *self, const SchemaChange *change)
{
    if (change->kind == CHANGE_CREATE)
        return can_add_column(change->after);
    if (change->kind == CHANGE_ALTER)
        return change->attributes->len == 1 && schema_change_attribute(change, SCHEMA_ORDER_ATTRIBUTE);
    return change->kind == CHANGE_DROP && can_drop_column(self, change->before);
}

static bool can_alter_constraint(const LiteWriter *self, const SchemaChange *change)
{
    const SchemaObject *constraint = schema_change_object(change);
    const char *key = schema_object_get(constraint, "~column");
    const SchemaChange *column = key ? schema_diff_find(self->diff, SCHEMA_COLUMN, key) : NULL;
    if (change->kind == CHANGE_ALTER || !column || column->kind != change->kind)
        return false;
    return change->kind == CHANGE_CREATE ? can_add_constraint(constraint, column->after)
                                         : goes_along(constraint, column->before);
}

/* New columns come last; the others stand as they stood. */
static bool order_is_kept(const LiteWriter *self, const SchemaObject *after)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->diff->after, after->key, SCHEMA_COLUMN);
    unsigned last = 0;
    bool added = false;
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        const SchemaObject *old = schema_model_find(self->diff->before, SCHEMA_COLUMN, column->key);
        if (old && (added || old->position < last))
            return false;
        added = !old;
        last = old ? old->position : last;
    }
    return true;
}

bool lite_can_alter(const LiteWriter *self, const SchemaObject *before, const SchemaObject *after)
{
    if (schema_diff_of(self->diff, before))
        return false;
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        const SchemaObject *object = schema_change_object(change);
        if (g_strcmp0(object->parent, after->key) != 0)
            continue;
        if ((object->kind == SCHEMA_COLUMN && !can_alter_column(self, change)) ||
            (object->kind == SCHEMA_CONSTRAINT && !can_alter_constraint(self, change)))
            return false;
    }
    return !(self->diff->hints && self->diff->hints->strict_order) || order_is_kept(self, after);
}

static void write_column(LiteWriter *self, const SchemaObject *table, const SchemaChange *change)
{
    if (change->kind == CHANGE_CREATE) {
        g_autofree char *text = lite_statement_text(schema_object_get(change->after, "~sql"));
        change_script_add(self->script, "ALTER TABLE %s ADD COLUMN %s", table->name, text);
        return;
    }
    ChangeStatement *statement =
        change_script_add(self->script, "ALTER TABLE %s DROP COLUMN %s", table->name, change->before->name);
    if (!schema_object_get(change->before, "generated"))
        statement->data_loss = g_strdup_printf("column %s", change->before->key);
}

/* Those of `model` that only it has, as declared. */
static void write_columns(LiteWriter *self, const SchemaModel *model, const SchemaObject *table)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(model, table->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaChange *change = schema_diff_of(self->diff, columns->pdata[i]);
        if (change && change->kind != CHANGE_ALTER)
            write_column(self, table, change);
    }
}

void lite_alter_table(LiteWriter *self, const SchemaObject *before, const SchemaObject *after)
{
    write_columns(self, self->diff->after, after);
    write_columns(self, self->diff->before, before);
}
