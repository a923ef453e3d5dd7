/* PostgreSQL: materialized views, and what is set on their columns. Their indexes are written with those of
 * tables. Pure. */
#include "schema/postgres/objects_internal.h"

static void add_word(GString *sql, const char *before, const char *value, const char *behind)
{
    if (value)
        g_string_append_printf(sql, "%s%s%s", before, value, behind);
}

static void matview_create(PgWriting *self, const SchemaObject *view)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->diff->after, view->key, SCHEMA_VIEW_COLUMN);
    GString *sql = g_string_new(NULL);
    g_string_printf(sql, "CREATE MATERIALIZED VIEW %s", pg_name(view->key));
    add_word(sql, " USING ", schema_object_get(view, "access_method"), "");
    add_word(sql, " WITH (", schema_object_get(view, "options"), ")");
    add_word(sql, " TABLESPACE ", schema_object_get(view, "tablespace"), "");
    add_word(sql, " AS\n", schema_object_get(view, "def"), "");
    if (schema_object_get(view, "unpopulated"))
        g_string_append(sql, "\nWITH NO DATA");
    change_script_take(self->script, g_string_free(sql, FALSE));
    for (guint i = 0; i < columns->len; i++)
        pg_write_column_settings(self, columns->pdata[i]);
}

static PgFate matview_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return schema_change_attribute(change, "def") ? PG_REPLACED : PG_STAYS;
}

static void matview_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                          const SchemaChange *change)
{
    g_autofree char *what = g_strdup_printf("MATERIALIZED VIEW %s", pg_name(after->key));
    if (!change)
        return;
    pg_write_options(self, what, schema_object_get(before, "options"), schema_object_get(after, "options"));
    if (schema_change_attribute(change, "tablespace"))
        change_script_add(self->script, "ALTER %s SET TABLESPACE %s", what,
                          pg_attribute_or(after, "tablespace", "pg_default"));
    if (schema_change_attribute(change, "access_method"))
        change_script_add(self->script, "ALTER %s SET ACCESS METHOD %s", what,
                          pg_attribute_or(after, "access_method", "heap"));
    if (schema_change_attribute(change, "unpopulated"))
        change_script_add(self->script, "REFRESH %s%s", what,
                          schema_object_get(after, "unpopulated") ? " WITH NO DATA" : "");
}

static void matview_drop(PgWriting *self, const SchemaObject *view)
{
    change_script_add(self->script, "DROP MATERIALIZED VIEW %s", pg_name(view->key));
}

const PgKind pg_matviews = {
    .fate = matview_fate, .create = matview_create, .alter = matview_alter, .drop = matview_drop};
