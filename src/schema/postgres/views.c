/* PostgreSQL: views and the defaults of their columns. Pure. */
#include "schema/postgres/objects_internal.h"

static bool is_same_column(const SchemaObject *before, const SchemaObject *after)
{
    static const char *const attributes[] = {"type", "collation"};
    bool same = g_str_equal(before->name, after->name);
    for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++)
        same = same && g_strcmp0(schema_object_get(before, attributes[i]),
                                 schema_object_get(after, attributes[i])) == 0;
    return same;
}

/* CREATE OR REPLACE VIEW may only add columns behind those that are there (its manual page). */
static bool can_be_replaced(const PgWriting *self, const SchemaObject *view)
{
    g_autoptr(GPtrArray) before = schema_model_parts(self->diff->before, view->key, SCHEMA_VIEW_COLUMN);
    g_autoptr(GPtrArray) after = schema_model_parts(self->diff->after, view->key, SCHEMA_VIEW_COLUMN);
    if (after->len < before->len)
        return false;
    for (guint i = 0; i < before->len; i++)
        if (!is_same_column(before->pdata[i], after->pdata[i]))
            return false;
    return true;
}

static PgFate view_fate(const PgWriting *self, const SchemaChange *change)
{
    return can_be_replaced(self, change->after) ? PG_STAYS : PG_REPLACED;
}

static void write_view(PgWriting *self, const SchemaObject *view, const char *verb)
{
    const char *options = schema_object_get(view, "options");
    change_script_add(self->script, "%s VIEW %s%s%s%s AS\n%s", verb, pg_name(view->key),
                      options ? " WITH (" : "", options ? options : "", options ? ")" : "",
                      pg_attribute(view, "def"));
}

static void view_create(PgWriting *self, const SchemaObject *view)
{
    write_view(self, view, "CREATE");
}

static void view_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                       const SchemaChange *change)
{
    g_autofree char *what = g_strdup_printf("VIEW %s", pg_name(after->key));
    if (!change)
        return;
    if (schema_change_attribute(change, "def"))
        write_view(self, after, "CREATE OR REPLACE");
    else
        pg_write_options(self, what, schema_object_get(before, "options"),
                         schema_object_get(after, "options"));
}

static void view_drop(PgWriting *self, const SchemaObject *view)
{
    change_script_add(self->script, "DROP VIEW %s", pg_name(view->key));
}

const PgKind pg_views = {.fate = view_fate, .create = view_create, .alter = view_alter, .drop = view_drop};

/* ---- Columns ---- */

static PgFate view_column_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return is_same_column(change->before, change->after) ? PG_STAYS : PG_REPLACED;
}

static void view_column_create(PgWriting *self, const SchemaObject *column)
{
    const char *value = schema_object_get(column, "default");
    if (value)
        change_script_add(self->script, "ALTER VIEW %s ALTER COLUMN %s SET DEFAULT %s",
                          pg_name(column->parent), column->name, value);
}

static void view_column_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                              const SchemaChange *change)
{
    if (schema_model_find(self->diff->after, SCHEMA_MATVIEW, after->parent))
        pg_alter_column_settings(self, before, after);
    if (!change || !schema_change_attribute(change, "default"))
        return;
    if (schema_object_get(after, "default"))
        view_column_create(self, after);
    else
        change_script_add(self->script, "ALTER VIEW %s ALTER COLUMN %s DROP DEFAULT", pg_name(after->parent),
                          after->name);
}

static void view_column_drop(G_GNUC_UNUSED PgWriting *self, G_GNUC_UNUSED const SchemaObject *before)
{
}

const PgKind pg_view_columns = {.fate = view_column_fate,
                                .create = view_column_create,
                                .alter = view_column_alter,
                                .drop = view_column_drop};
