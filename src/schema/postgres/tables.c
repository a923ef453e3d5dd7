/* PostgreSQL: tables as a whole. Their columns are in columns.c, what comes between tables in partitions.
 * Pure.
 */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- Creating ---- */

static void add_line(GString *lines, const char *text)
{
    g_string_append_printf(lines, "%s\n    %s", lines->len ? "," : "", text);
}

/* Constraints as a person would write them: what identifies a row, then what it must fulfil. */
static const char *const inline_types[] = {"primary key", "unique", "exclude", "check", "foreign key"};

static void add_constraints(PgWriting *self, const SchemaObject *table, GString *lines)
{
    g_autoptr(GPtrArray) constraints = schema_model_parts(self->diff->after, table->key, SCHEMA_CONSTRAINT);
    for (gsize type = 0; type < G_N_ELEMENTS(inline_types); type++)
        for (guint i = 0; i < constraints->len; i++) {
            const SchemaObject *constraint = constraints->pdata[i];
            if (!g_str_equal(pg_attribute(constraint, "type"), inline_types[type]) ||
                !pg_can_be_inline(self, constraint))
                continue;
            g_autofree char *clause = pg_constraint_clause(constraint);
            add_line(lines, clause);
            g_hash_table_add(self->made, (gpointer)constraint);
        }
}

/* Of a table of a type: only what the type does not say. */
static char *typed_column_clause(const SchemaObject *column)
{
    const char *value = schema_object_get(column, "default");
    bool not_null = schema_object_get(column, "notnull") != NULL;
    if (!value && !not_null)
        return NULL;
    return g_strdup_printf("%s WITH OPTIONS%s%s%s", column->name, value ? " DEFAULT " : "",
                           value ? value : "", not_null ? " NOT NULL" : "");
}

static void add_columns(PgWriting *self, const SchemaObject *table, GString *lines)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->diff->after, table->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        g_autofree char *clause = NULL;
        if (schema_object_get(table, "of_type"))
            clause = typed_column_clause(column);
        else if (!pg_is_passed_down(self, column))
            clause = pg_column_clause(column);
        if (clause)
            add_line(lines, clause);
    }
}

static void add_storage(GString *text, const SchemaObject *table)
{
    const char *method = schema_object_get(table, "access_method");
    const char *options = schema_object_get(table, "options");
    const char *toast = schema_object_get(table, "toast_options");
    const char *tablespace = schema_object_get(table, "tablespace");
    if (method)
        g_string_append_printf(text, " USING %s", method);
    if (options || toast)
        g_string_append_printf(text, " WITH (%s%s%s)", options ? options : "", options && toast ? ", " : "",
                               toast ? toast : "");
    if (tablespace)
        g_string_append_printf(text, " TABLESPACE %s", tablespace);
}

static const char *table_word(const SchemaObject *table)
{
    if (g_str_equal(pg_attribute(table, "kind"), "foreign"))
        return "FOREIGN TABLE";
    return schema_object_get(table, "persistence") ? "UNLOGGED TABLE" : "TABLE";
}

/* What stands behind the columns. */
static char *table_suffix(const SchemaObject *table)
{
    const char *parents = schema_object_get(table, "inherits");
    const char *key = schema_object_get(table, "partition_key");
    g_autofree char *names = parents ? pg_names(parents) : NULL;
    g_autofree char *foreign = pg_foreign_suffix(table);
    return g_strconcat(names ? " INHERITS (" : "", names ? names : "", names ? ")" : "",
                       key ? " PARTITION BY " : "", key ? key : "", foreign, NULL);
}

/* The column of the first parent that has one of this name: what is passed down. */
static const SchemaObject *parents_column(const PgWriting *self, const SchemaObject *table,
                                          const SchemaObject *column)
{
    g_auto(GStrv) parents = g_strsplit(pg_attribute(table, "inherits"), ", ", -1);
    const SchemaObject *found = NULL;
    for (char **parent = parents; *parent && !found; parent++) {
        g_autofree char *key = g_strdup_printf("%s.%s", *parent, column->name);
        found = schema_model_find(self->diff->after, SCHEMA_COLUMN, key);
    }
    return found;
}

/* A child may have a default and a NOT NULL of its own in a column that it did not declare. */
static void write_own_of_inherited(PgWriting *self, const SchemaObject *table, const SchemaObject *column)
{
    const SchemaObject *above = pg_is_passed_down(self, column) ? parents_column(self, table, column) : NULL;
    const char *value = schema_object_get(column, "default");
    if (!above)
        return;
    if (g_strcmp0(value, schema_object_get(above, "default")) != 0)
        pg_alter_parent(self, column, "ALTER COLUMN %s %s%s", column->name,
                        value ? "SET DEFAULT " : "DROP DEFAULT", value ? value : "");
    if (schema_object_get(column, "notnull") && !schema_object_get(above, "notnull"))
        pg_alter_parent(self, column, "ALTER COLUMN %s SET NOT NULL", column->name);
}

static void table_create(PgWriting *self, const SchemaObject *table)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    const char *type = schema_object_get(table, "of_type");
    g_autofree char *suffix = table_suffix(table);
    add_columns(self, table, lines);
    g_hash_table_add(self->made, (gpointer)table);
    add_constraints(self, table, lines);
    g_string_printf(text, "CREATE %s %s%s%s", table_word(table), pg_name(table->key), type ? " OF " : "",
                    type ? type : "");
    if (lines->len)
        g_string_append_printf(text, " (%s\n)", lines->str);
    else if (!type)
        g_string_append(text, " ()");
    g_string_append(text, suffix);
    add_storage(text, table);
    change_script_take(self->script, g_string_free(g_steal_pointer(&text), FALSE));
    g_autoptr(GPtrArray) columns = schema_model_parts(self->diff->after, table->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        write_own_of_inherited(self, table, columns->pdata[i]);
        pg_write_column_settings(self, columns->pdata[i]);
    }
}

/* ---- Altering ---- */

/* What becomes another table: by hand, or by ways of its own. */
static const char *const refused[] = {"kind", "partition_key", "server", "of_type"};

/* Attributes that one statement sets and another puts back. */
static const struct {
    const char *attribute;
    const char *set;
    const char *unset;
} settings[] = {
    {"persistence", "SET UNLOGGED", "SET LOGGED"},
    {"access_method", "SET ACCESS METHOD %s", "SET ACCESS METHOD heap"},
    {"tablespace", "SET TABLESPACE %s", "SET TABLESPACE pg_default"},
};

static void write_settings(PgWriting *self, const SchemaObject *after, const SchemaChange *change)
{
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        const AttributeChange *attribute = schema_change_attribute(change, settings[i].attribute);
        if (!attribute)
            continue;
        g_autoptr(GString) text = g_string_new(attribute->after ? settings[i].set : settings[i].unset);
        g_string_replace(text, "%s", attribute->after ? attribute->after : "", 0);
        change_script_add(self->script, "ALTER TABLE %s %s", pg_name(after->key), text->str);
    }
}

static void write_foreign_options(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                                  const SchemaChange *change)
{
    g_autofree char *changes = pg_foreign_option_changes(pg_attribute(before, "server_options"),
                                                         pg_attribute(after, "server_options"));
    if (schema_change_attribute(change, "server_options"))
        change_script_add(self->script, "ALTER FOREIGN TABLE %s OPTIONS (%s)", pg_name(after->key), changes);
}

static void table_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                        const SchemaChange *change)
{
    g_autofree char *what = g_strdup_printf("TABLE %s", pg_name(after->key));
    if (!change)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
        if (schema_change_attribute(change, refused[i]))
            change_script_refuse(
                self->script,
                "table %s: no ALTER TABLE changes its %s; --allow-recreate makes a table anew and "
                "copies its rows where it becomes a partitioned one or gets another key, else "
                "write the revision by hand",
                pg_name(after->key), refused[i]);
    write_settings(self, after, change);
    write_foreign_options(self, before, after, change);
    pg_write_options(self, what, schema_object_get(before, "options"), schema_object_get(after, "options"));
    pg_write_options(self, what, schema_object_get(before, "toast_options"),
                     schema_object_get(after, "toast_options"));
}

static PgFate table_fate(const PgWriting *self, const SchemaChange *change)
{
    return pg_recreates(self, change) ? PG_REPLACED : PG_STAYS;
}

static void table_drop(PgWriting *self, const SchemaObject *table)
{
    if (pg_after(self, table)) {
        pg_set_table_aside(self, table);
        return;
    }
    if (pg_is_below_recreated(self, table))
        return;
    bool is_foreign = g_str_equal(pg_attribute(table, "kind"), "foreign");
    ChangeStatement *statement = change_script_add(
        self->script, "DROP %s %s", is_foreign ? "FOREIGN TABLE" : "TABLE", pg_name(table->key));
    if (!is_foreign)
        pg_mark_loss(statement, table);
}

const PgKind pg_tables = {
    .fate = table_fate, .create = table_create, .alter = table_alter, .drop = table_drop};

/* ---- Once all else is there ---- */

/* The index or constraint of the table that it was clustered by last. */
static const SchemaObject *clustering(const SchemaModel *model, const SchemaObject *table)
{
    static const SchemaKind kinds[] = {SCHEMA_INDEX, SCHEMA_CONSTRAINT};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GPtrArray) parts = schema_model_parts(model, table->key, kinds[i]);
        for (guint j = 0; j < parts->len; j++)
            if (schema_object_get(parts->pdata[j], "clustered"))
                return parts->pdata[j];
    }
    return NULL;
}

static void write_clustering(PgWriting *self, const SchemaObject *before, const SchemaObject *table)
{
    const SchemaObject *old = before ? clustering(self->diff->before, before) : NULL;
    const SchemaObject *new = clustering(self->diff->after, table);
    if (new && (pg_comes(self, new) || old != pg_before(self, new)))
        change_script_add(self->script, "ALTER TABLE %s CLUSTER ON %s", pg_name(table->key), new->name);
    if (!new &&old && !pg_goes(self, old))
        change_script_add(self->script, "ALTER TABLE %s SET WITHOUT CLUSTER", pg_name(table->key));
}

/* The index or the constraint whose index the identity is. */
static const SchemaObject *identity_index(const SchemaModel *model, const SchemaObject *table)
{
    static const SchemaKind kinds[] = {SCHEMA_INDEX, SCHEMA_CONSTRAINT};
    const char *identity = pg_attribute(table, "replica_identity");
    for (gsize i = 0; i < G_N_ELEMENTS(kinds) && g_str_has_prefix(identity, "USING INDEX "); i++) {
        g_autoptr(GPtrArray) parts = schema_model_parts(model, table->key, kinds[i]);
        for (guint j = 0; j < parts->len; j++)
            if (g_str_equal(((const SchemaObject *)parts->pdata[j])->name, identity + strlen("USING INDEX ")))
                return parts->pdata[j];
    }
    return NULL;
}

static void write_identity(PgWriting *self, const SchemaObject *before, const SchemaObject *table)
{
    const char *old = before ? schema_object_get(before, "replica_identity") : NULL;
    const char *new = schema_object_get(table, "replica_identity");
    const SchemaObject *index = identity_index(self->diff->after, table);
    if (g_strcmp0(old, new) != 0 || (index && pg_comes(self, index)))
        change_script_add(self->script, "ALTER TABLE %s REPLICA IDENTITY %s", pg_name(table->key),
                          new ? new : "DEFAULT");
}

void pg_finish_tables(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind != SCHEMA_TABLE && object->kind != SCHEMA_MATVIEW)
            continue;
        const SchemaObject *before = pg_comes(self, object) ? NULL : pg_before(self, object);
        write_clustering(self, before, object);
        if (object->kind == SCHEMA_TABLE)
            write_identity(self, before, object);
    }
}
