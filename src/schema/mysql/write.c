/* Writing: the phases, what of code they share, and the database's own settings.
 *
 * Every statement of DDL commits by itself, so none is outside of a transaction. What stands in the way goes
 * first (views and triggers that vanish, foreign keys, tables), then what others need (sequences, tables in
 * the order of their foreign keys), then what uses it (routines, views, triggers, events). */
#include "schema/mysql/write_internal.h"

#include <string.h>

const char *attribute_or_empty(const SchemaObject *object, const char *attribute)
{
    const char *value = object ? schema_object_get(object, attribute) : NULL;
    return value ? value : "";
}

bool change_has(const SchemaChange *change, const char *attribute)
{
    return schema_change_attribute(change, attribute) != NULL;
}

bool same_attribute(const SchemaObject *before, const SchemaObject *after, const char *attribute)
{
    return g_str_equal(attribute_or_empty(before, attribute), attribute_or_empty(after, attribute));
}

void writing_set_mode(MysqlWriting *self, const char *sql_mode)
{
    const char *wanted = sql_mode ? sql_mode : self->session_mode;
    if (g_strcmp0(wanted, self->mode) == 0)
        return;
    if (g_strcmp0(wanted, self->session_mode) == 0)
        change_script_add(self->script, "SET SESSION sql_mode = DEFAULT");
    else
        change_script_add(self->script, "SET SESSION sql_mode = '%s'", wanted);
    self->mode = wanted;
}

/* ---- Database ---- */

void write_database(MysqlWriting *self)
{
    const SchemaChange *change = schema_diff_find(self->diff, SCHEMA_SETTING, SETTING_DATABASE);
    if (change && change->kind == CHANGE_ALTER)
        change_script_add(self->script, "ALTER DATABASE CHARACTER SET %s COLLATE %s",
                          attribute_or_empty(change->after, "character set"),
                          attribute_or_empty(change->after, "collation"));
}

/* ---- Sequences ---- */

static const struct {
    const char *attribute;
    const char *clause;
} sequence_clauses[] = {
    {"increment by", "INCREMENT BY"}, {"minvalue", "MINVALUE"}, {"maxvalue", "MAXVALUE"},
    {"start with", "START WITH"},     {"cache", "CACHE"},
};

static void alter_sequence(MysqlWriting *self, const SchemaChange *change)
{
    GString *clauses = g_string_new("");
    for (gsize i = 0; i < G_N_ELEMENTS(sequence_clauses); i++)
        if (change_has(change, sequence_clauses[i].attribute))
            g_string_append_printf(clauses, " %s %s", sequence_clauses[i].clause,
                                   attribute_or_empty(change->after, sequence_clauses[i].attribute));
    if (change_has(change, "cycle"))
        g_string_append(clauses, schema_object_get(change->after, "cycle") ? " CYCLE" : " NOCYCLE");
    if (clauses->len)
        change_script_add(self->script, "ALTER SEQUENCE %s%s", change->after->name, clauses->str);
    g_string_free(clauses, TRUE);
    if (change_has(change, "engine"))
        change_script_add(self->script, "ALTER TABLE %s ENGINE=%s", change->after->name,
                          schema_object_get(change->after, "engine"));
    if (change_has(change, "comment")) {
        const char *comment = schema_object_get(change->after, "comment");
        change_script_add(self->script, "ALTER TABLE %s COMMENT=%s", change->after->name,
                          comment ? comment : "''");
    }
}

static void drop_sequence(MysqlWriting *self, const SchemaObject *sequence)
{
    ChangeStatement *statement = change_script_add(self->script, "DROP SEQUENCE %s", sequence->name);
    statement->data_loss = g_strdup_printf("sequence %s", sequence->key);
}

static bool name_is_used_anew(const MysqlWriting *self, const SchemaObject *object)
{
    return schema_model_find(self->diff->after, SCHEMA_TABLE, object->key) ||
           schema_model_find(self->diff->after, SCHEMA_VIEW, object->key);
}

/* What is of another type is made anew: no ALTER leads there. */
void write_sequences(MysqlWriting *self)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (schema_change_object(change)->kind != SCHEMA_SEQUENCE)
            continue;
        bool anew = change->kind == CHANGE_ALTER && change_has(change, "type");
        if (anew || (change->kind == CHANGE_DROP && name_is_used_anew(self, change->before)))
            drop_sequence(self, change->before);
        if (anew || change->kind == CHANGE_CREATE)
            change_script_add(self->script, "CREATE SEQUENCE %s %s", change->after->name,
                              attribute_or_empty(change->after, ATTRIBUTE_LINE));
        else if (change->kind == CHANGE_ALTER)
            alter_sequence(self, change);
    }
}

void write_sequence_drops(MysqlWriting *self)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->kind == CHANGE_DROP && change->before->kind == SCHEMA_SEQUENCE &&
            !name_is_used_anew(self, change->before))
            drop_sequence(self, change->before);
    }
}

/* ---- All of it ---- */

static void refuse_others(MysqlWriting *self)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaObject *object = schema_change_object(self->diff->changes->pdata[i]);
        if (object->kind == SCHEMA_OTHER)
            change_script_refuse(self->script,
                                 "%s differs and is of a kind that is not written; change it by hand",
                                 object->key);
    }
}

static void (*const phases[])(MysqlWriting *self) = {
    refuse_others,          write_code_drops,     write_foreign_key_drops, write_table_drops,
    write_database,         write_sequences,      write_table_creates,     write_table_alters,
    write_foreign_key_adds, write_sequence_drops, write_routines,          write_views,
    write_triggers,         write_events,
};

void mysql_write(const SchemaDiff *diff, ChangeScript *script)
{
    const SchemaObject *database = schema_model_find(diff->before, SCHEMA_SETTING, SETTING_DATABASE);
    MysqlWriting self = {.diff = diff, .script = script};
    self.is_mariadb = schema_model_dialect(diff->before) == DIALECT_MARIADB;
    self.session_mode = database ? schema_object_get(database, "~" ATTRIBUTE_SQL_MODE) : NULL;
    self.mode = self.session_mode;
    self.remade_keys = g_hash_table_new(NULL, NULL);
    self.late_keys = g_hash_table_new(NULL, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(phases); i++)
        phases[i](&self);
    writing_set_mode(&self, NULL);
    g_hash_table_unref(self.remade_keys);
    g_hash_table_unref(self.late_keys);
}
