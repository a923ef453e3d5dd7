/* Tables: dropped, created, altered, each in one statement. */
#include "schema/mysql/write_internal.h"

#include <string.h>

static GPtrArray *tables_of(const MysqlWriting *self, ChangeKind kind)
{
    GPtrArray *tables = g_ptr_array_new();
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->kind == kind && schema_change_object(change)->kind == SCHEMA_TABLE)
            g_ptr_array_add(tables, (gpointer)schema_change_object(change));
    }
    return tables;
}

/* ---- Drops ---- */

/* Those that refer to others first. */
void write_table_drops(MysqlWriting *self)
{
    g_autoptr(GPtrArray) tables = tables_of(self, CHANGE_DROP);
    g_autoptr(GPtrArray) ordered = schema_model_in_order(self->diff->before, tables);
    for (guint i = ordered->len; i-- > 0;) {
        const SchemaObject *table = ordered->pdata[i];
        ChangeStatement *statement = change_script_add(self->script, "DROP TABLE %s", table->name);
        statement->data_loss = g_strdup_printf("table %s", table->key);
    }
}

/* ---- Creates ---- */

char *index_text(const SchemaObject *index)
{
    const char *definition = attribute_or_empty(index, ATTRIBUTE_DEFINITION);
    const char *key = strstr(definition, "KEY ");
    if (g_str_has_prefix(definition, "PRIMARY KEY") || !key)
        return g_strdup(definition);
    return g_strdup_printf("%.*sKEY %s %s", (int)(key - definition), definition, index->name,
                           key + strlen("KEY "));
}

char *constraint_text(const SchemaObject *constraint)
{
    const char *definition = attribute_or_empty(constraint, ATTRIBUTE_DEFINITION);
    if (schema_object_get(constraint, ATTRIBUTE_UNNAMED))
        return g_strdup(definition);
    return g_strdup_printf("CONSTRAINT %s %s", constraint->name, definition);
}

static void add_line(GString *sql, const char *line)
{
    g_string_append_printf(sql, "%s\n  %s", sql->str[sql->len - 1] == '(' ? "" : ",", line);
}

static void add_column_lines(GString *sql, const MysqlWriting *self, const SchemaObject *table)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->diff->after, table->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        g_autofree char *line =
            g_strdup_printf("%s %s", column->name, attribute_or_empty(column, ATTRIBUTE_LINE));
        add_line(sql, line);
    }
}

static void add_period_lines(GString *sql, const SchemaObject *table)
{
    for (guint i = 0; i < table->attributes->len; i++) {
        const SchemaAttribute *attribute = &g_array_index(table->attributes, SchemaAttribute, i);
        if (!g_str_has_prefix(attribute->name, ATTRIBUTE_PERIOD))
            continue;
        g_autofree char *name = period_name(attribute->name);
        g_autofree char *line = g_strdup_printf("PERIOD FOR %s %s", name, attribute->value);
        add_line(sql, line);
    }
}

static void add_part_lines(GString *sql, const MysqlWriting *self, const SchemaObject *table, SchemaKind kind,
                           char *(*text)(const SchemaObject *part))
{
    g_autoptr(GPtrArray) parts = schema_model_parts(self->diff->after, table->key, kind);
    for (guint i = 0; i < parts->len; i++) {
        g_autofree char *line = text(parts->pdata[i]);
        if (!g_hash_table_contains(self->late_keys, parts->pdata[i]))
            add_line(sql, line);
    }
}

static void create_table(MysqlWriting *self, const SchemaObject *table)
{
    GString *sql = g_string_new("");
    g_autofree char *partitions = partitions_text(table);
    g_string_append_printf(sql, "CREATE TABLE %s (", table->name);
    add_column_lines(sql, self, table);
    add_period_lines(sql, table);
    add_part_lines(sql, self, table, SCHEMA_INDEX, index_text);
    add_part_lines(sql, self, table, SCHEMA_CONSTRAINT, constraint_text);
    g_string_append_printf(sql, "\n) %s", attribute_or_empty(table, ATTRIBUTE_LINE));
    if (partitions)
        g_string_append_printf(sql, "\n%s", partitions);
    change_script_take(self->script, g_string_free(sql, FALSE));
}

/* True if nothing of the table is created, dropped or altered. */
static bool is_unchanged(const MysqlWriting *self, const SchemaObject *table)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaObject *object = schema_change_object(self->diff->changes->pdata[i]);
        const char *of = object->kind == SCHEMA_TABLE ? object->key : object->parent;
        if (object->kind <= SCHEMA_INDEX && g_strcmp0(of, table->key) == 0)
            return false;
    }
    return true;
}

/* A foreign key to a table that is made or changed later is added at the end. */
static void find_late_keys(MysqlWriting *self, const SchemaObject *table, GHashTable *made)
{
    g_autoptr(GPtrArray) parts = schema_model_parts(self->diff->after, table->key, SCHEMA_CONSTRAINT);
    for (guint i = 0; i < parts->len; i++) {
        g_auto(ForeignKey) key = {0};
        if (!foreign_key_of(&key, parts->pdata[i]))
            continue;
        const SchemaObject *parent = schema_model_find(self->diff->after, SCHEMA_TABLE, key.table);
        if (parent && parent != table && !g_hash_table_contains(made, parent) && !is_unchanged(self, parent))
            g_hash_table_add(self->late_keys, parts->pdata[i]);
    }
}

void write_table_creates(MysqlWriting *self)
{
    g_autoptr(GPtrArray) tables = tables_of(self, CHANGE_CREATE);
    g_autoptr(GPtrArray) ordered = schema_model_in_order(self->diff->after, tables);
    g_autoptr(GHashTable) made = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < ordered->len; i++) {
        find_late_keys(self, ordered->pdata[i], made);
        create_table(self, ordered->pdata[i]);
        g_hash_table_add(made, ordered->pdata[i]);
    }
}

/* ---- Alters ---- */

void alter_add(TableAlter *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(self->clauses, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* What concerns more than a column stands first (see the mark's meaning in change_script.h). */
void alter_lose(TableAlter *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *loss = g_strdup_vprintf(format, arguments);
    g_ptr_array_insert(self->losses, g_str_has_prefix(loss, "column ") ? -1 : 0, loss);
    va_end(arguments);
}

static char *joined(GPtrArray *parts, const char *separator)
{
    GString *text = g_string_new("");
    for (guint i = 0; i < parts->len; i++)
        g_string_append_printf(text, "%s%s", i ? separator : "", (char *)parts->pdata[i]);
    return g_string_free(text, FALSE);
}

/* One clause stands on the table's line. */
static void finish_alter(TableAlter *self, const char *partitions)
{
    g_autofree char *clauses = joined(self->clauses, ",\n  ");
    if (self->clauses->len == 0)
        return;
    ChangeStatement *statement =
        change_script_add(self->writing->script, "ALTER TABLE %s%s%s%s%s", self->after->name,
                          self->clauses->len > 1 || partitions ? "\n  " : " ", clauses,
                          partitions ? "\n" : "", partitions ? partitions : "");
    if (self->losses->len)
        statement->data_loss = joined(self->losses, ", ");
}

/* A table with a history is only altered when the session says what becomes of that history. */
static bool needs_history(const TableAlter *self)
{
    bool changes = self->changes_columns;
    for (guint i = 0; i < self->clauses->len; i++)
        changes |= g_str_has_prefix(self->clauses->pdata[i], "ADD UNIQUE") ||
                   g_str_has_prefix(self->clauses->pdata[i], "ADD PRIMARY");
    return changes && (schema_object_get(self->before, ATTRIBUTE_VERSIONING) || self->versioned_first);
}

/* A column can only be kept out of a history that is there. */
static bool is_versioned_first(const TableAlter *self)
{
    const SchemaDiff *diff = self->writing->diff;
    g_autoptr(GPtrArray) columns = schema_model_parts(diff->after, self->after->key, SCHEMA_COLUMN);
    bool kept_out = false;
    for (guint i = 0; i < columns->len; i++)
        kept_out |= schema_object_get(columns->pdata[i], "without system versioning") != NULL;
    return kept_out && !schema_object_get(self->before, ATTRIBUTE_VERSIONING) &&
           schema_object_get(self->after, ATTRIBUTE_VERSIONING) &&
           !schema_object_get(self->after, ATTRIBUTE_PERIOD "SYSTEM_TIME");
}

static void fill_alter(TableAlter *self)
{
    self->versioned_first = is_versioned_first(self);
    if (self->versioned_first)
        change_script_add(self->writing->script, "ALTER TABLE %s ADD SYSTEM VERSIONING", self->after->name);
    alter_find_recreated(self);
    alter_drop_checks(self);
    alter_drop_keys(self);
    alter_drop_columns(self);
    alter_columns(self);
    alter_add_keys(self);
    alter_add_checks(self);
    alter_options(self);
}

/* Partitioned otherwise and other keys at once: neither can go first, as each key of a partitioned table
 * has the columns that it is partitioned by. */
static bool partitions_go_along(const TableAlter *self)
{
    return self->clauses->len > 0 && partitions_differ(self->before, self->after) &&
           partition_method(self->before) && partition_method(self->after);
}

static void alter_table(MysqlWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    TableAlter alter = {.writing = self, .before = before, .after = after};
    alter.clauses = g_ptr_array_new_with_free_func(g_free);
    alter.losses = g_ptr_array_new_with_free_func(g_free);
    alter.recreated = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    fill_alter(&alter);
    bool along = partitions_go_along(&alter);
    bool history = needs_history(&alter);
    g_autofree char *partitions = along ? partitions_text(after) : NULL;
    if (!along)
        write_partitions_before(self, before, after);
    if (history)
        change_script_add(self->script, SET_HISTORY_KEPT);
    finish_alter(&alter, partitions);
    if (history)
        change_script_add(self->script, SET_HISTORY_DEFAULT);
    if (!along)
        write_partitions_after(self, before, after);
    g_ptr_array_unref(alter.clauses);
    g_ptr_array_unref(alter.losses);
    g_hash_table_unref(alter.recreated);
}

void write_table_alters(MysqlWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *after = objects->pdata[i];
        const SchemaObject *before = schema_model_find(self->diff->before, after->kind, after->key);
        if (after->kind == SCHEMA_TABLE && before && !is_unchanged(self, after))
            alter_table(self, before, after);
    }
}
