/* Writing the way from one SQLite schema to another: what stands in the way is dropped, tables are made,
 * altered or made anew, and what names them is made last. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

static bool hints_allow_recreate(const LiteWriter *self)
{
    return self->diff->hints && self->diff->hints->allow_recreate;
}

/* ---- What is away for a while ---- */

static bool drops_column(const LiteWriter *self)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->kind == CHANGE_DROP && change->before->kind == SCHEMA_COLUMN && !change->with_parent)
            return true;
    }
    return false;
}

static bool goes(const LiteWriter *self, const SchemaObject *object)
{
    return schema_diff_of(self->diff, object) || g_hash_table_contains(self->displaced, object);
}

/* No column can be dropped while a view or trigger names a view that is not there. Those that do, also of
 * each other, go and come back. */
static void displace(LiteWriter *self)
{
    const GArray *dependencies = schema_model_dependencies(self->diff->before);
    for (bool more = drops_column(self); more;) {
        more = false;
        for (guint i = 0; i < dependencies->len; i++) {
            const SchemaDependency *edge = &g_array_index(dependencies, SchemaDependency, i);
            bool stays = edge->from->kind == SCHEMA_VIEW || edge->from->kind == SCHEMA_TRIGGER;
            if (stays && edge->on->kind == SCHEMA_VIEW && goes(self, edge->on) && !goes(self, edge->from))
                more |= g_hash_table_add(self->displaced, (gpointer)edge->from);
        }
    }
}

static bool is_displaced(const LiteWriter *self, SchemaKind kind, const char *key)
{
    const SchemaObject *before = key ? schema_model_find(self->diff->before, kind, key) : NULL;
    return before && g_hash_table_contains(self->displaced, before);
}

/* ---- Views, triggers, indexes ---- */

static bool table_is_rebuilt(const LiteWriter *self, const char *table)
{
    const SchemaObject *after = table ? schema_model_find(self->diff->after, SCHEMA_TABLE, table) : NULL;
    return after && g_hash_table_contains(self->rebuilt, after);
}

/* What it is on goes, or is made anew, and it goes with that. */
static bool goes_with_parent(const LiteWriter *self, const SchemaObject *object)
{
    static const SchemaKind kinds[] = {SCHEMA_TABLE, SCHEMA_VIEW};
    for (gsize i = 0; object->parent && i < G_N_ELEMENTS(kinds); i++) {
        const SchemaObject *parent = schema_model_find(self->diff->before, kinds[i], object->parent);
        const SchemaChange *change = schema_diff_of(self->diff, parent);
        if (change && (change->kind == CHANGE_DROP || kinds[i] == SCHEMA_VIEW))
            return true;
        if (is_displaced(self, SCHEMA_VIEW, object->parent))
            return true;
    }
    return object->kind == SCHEMA_INDEX && table_is_rebuilt(self, object->parent);
}

/* A name that something made before is to have. */
static bool name_is_needed(const LiteWriter *self, const SchemaObject *object)
{
    return schema_model_find(self->diff->after, SCHEMA_TABLE, object->key) != NULL;
}

static void drop_objects(LiteWriter *self, SchemaKind kind, const char *word)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        bool with_parent = goes_with_parent(self, object) && !name_is_needed(self, object);
        if (object->kind == kind && goes(self, object) && !with_parent)
            change_script_add(self->script, "DROP %s %s", word, object->name);
    }
}

/* Whatever of the kind is new or changed, or went with what it is on. */
static bool must_be_made(const LiteWriter *self, const SchemaObject *object)
{
    const SchemaObject *view =
        object->parent ? schema_model_find(self->diff->after, SCHEMA_VIEW, object->parent) : NULL;
    if (object->kind == SCHEMA_INDEX && table_is_rebuilt(self, object->parent))
        return false;
    return schema_diff_of(self->diff, object) || table_is_rebuilt(self, object->parent) ||
           schema_diff_of(self->diff, view) || is_displaced(self, object->kind, object->key) ||
           is_displaced(self, SCHEMA_VIEW, object->parent);
}

static void make_objects(LiteWriter *self, SchemaKind kind)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind == kind && must_be_made(self, object))
            g_ptr_array_add(chosen, objects->pdata[i]);
    }
    g_autoptr(GPtrArray) ordered = schema_model_in_order(self->diff->after, chosen);
    for (guint i = 0; i < ordered->len; i++)
        change_script_take(self->script, lite_statement_text(schema_object_get(ordered->pdata[i], "~sql")));
}

/* ---- Tables ---- */

static bool is_virtual(const SchemaObject *table)
{
    return schema_object_get(table, "virtual") != NULL;
}

static void make_tables(LiteWriter *self)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new();
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->kind == CHANGE_CREATE && change->after->kind == SCHEMA_TABLE)
            g_ptr_array_add(tables, (gpointer)change->after);
    }
    g_autoptr(GPtrArray) ordered = schema_model_in_order(self->diff->after, tables);
    for (guint i = 0; i < ordered->len; i++)
        change_script_take(self->script, lite_statement_text(schema_object_get(ordered->pdata[i], "~sql")));
}

/* A virtual table cannot be altered, and a copy of its rows is its module's business. */
static void recreate_table(LiteWriter *self, const SchemaObject *before, const SchemaObject *after)
{
    if (!hints_allow_recreate(self)) {
        change_script_refuse(self->script,
                             "virtual table %s cannot be altered: it would be dropped and made anew, without "
                             "its rows. Say --allow-recreate if they can be filled in again.",
                             before->key);
        return;
    }
    ChangeStatement *drop = change_script_add(self->script, "DROP TABLE %s", before->name);
    drop->data_loss = g_strdup_printf("rows of table %s", before->key);
    drop->rebuild = true;
    change_script_take(self->script, lite_statement_text(schema_object_get(after, "~sql")));
}

static bool part_changes(const LiteWriter *self, const SchemaObject *after)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaObject *object = schema_change_object(self->diff->changes->pdata[i]);
        if ((object->kind == SCHEMA_COLUMN || object->kind == SCHEMA_CONSTRAINT) &&
            g_strcmp0(object->parent, after->key) == 0)
            return true;
    }
    return schema_diff_of(self->diff, after) != NULL;
}

/* Those of both models that are not the same in them; of SchemaObject * of the model after. */
static GPtrArray *changed_tables(const LiteWriter *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    GPtrArray *tables = g_ptr_array_new();
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *table = objects->pdata[i];
        if (table->kind == SCHEMA_TABLE && schema_model_find(self->diff->before, SCHEMA_TABLE, table->key) &&
            part_changes(self, table))
            g_ptr_array_add(tables, (gpointer)table);
    }
    return tables;
}

/* A view, or a trigger that is not on a table that takes it along. */
static bool has_watchers(const LiteWriter *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        bool watches = object->kind == SCHEMA_VIEW || object->kind == SCHEMA_TRIGGER;
        if (watches && !schema_diff_of(self->diff, object) && !table_is_rebuilt(self, object->parent))
            return true;
    }
    return false;
}

static void set_legacy_alter(LiteWriter *self, bool on)
{
    ChangeStatement *statement =
        change_script_add(self->script, "PRAGMA legacy_alter_table = %s", on ? "ON" : "OFF");
    statement->rebuild = true;
    if (on)
        statement->comment = g_strdup("views and triggers that name a table stay while it is made anew");
}

/* Which of the changed tables are made anew is known before anything is written. */
static void choose_rebuilds(LiteWriter *self, GPtrArray *changed)
{
    for (guint i = 0; i < changed->len; i++) {
        const SchemaObject *after = changed->pdata[i];
        const SchemaObject *before = schema_model_find(self->diff->before, SCHEMA_TABLE, after->key);
        if (is_virtual(before) || is_virtual(after) || !lite_can_alter(self, before, after))
            g_hash_table_add(self->rebuilt, (gpointer)after);
    }
}

static void change_table(LiteWriter *self, const SchemaObject *after)
{
    const SchemaObject *before = schema_model_find(self->diff->before, SCHEMA_TABLE, after->key);
    if (schema_object_get(before, "def") || schema_object_get(after, "def"))
        change_script_refuse(
            self->script,
            "table %s: its text is none that SQLite writes, so that its columns are not known; "
            "write that revision by hand",
            before->key);
    else if (is_virtual(before) || is_virtual(after))
        recreate_table(self, before, after);
    else if (g_hash_table_contains(self->rebuilt, after))
        lite_rebuild_table(self, before, after);
    else
        lite_alter_table(self, before, after);
}

/* The library checks views and triggers when a table gets its name, unless told not to. */
static void change_tables(LiteWriter *self, GPtrArray *changed)
{
    bool rebuilds = g_hash_table_size(self->rebuilt) > 0;
    bool legacy = rebuilds && has_watchers(self);
    if (legacy)
        set_legacy_alter(self, true);
    for (guint i = 0; i < changed->len; i++)
        change_table(self, changed->pdata[i]);
    if (legacy)
        set_legacy_alter(self, false);
}

/* ---- Tables that go ---- */

static bool refers_to(const SchemaModel *model, const SchemaObject *from, const SchemaObject *to)
{
    const GArray *dependencies = schema_model_dependencies(model);
    for (guint i = 0; i < dependencies->len; i++) {
        const SchemaDependency *edge = &g_array_index(dependencies, SchemaDependency, i);
        if (edge->from == from && edge->on == to)
            return true;
    }
    return false;
}

/* Its rows stop each other from being deleted. */
static bool restricts_itself(const LiteWriter *self, const SchemaObject *table)
{
    g_autoptr(GPtrArray) constraints = schema_model_parts(self->diff->before, table->key, SCHEMA_CONSTRAINT);
    g_autofree char *reference = g_strdup_printf(" references %s", table->key);
    for (guint i = 0; i < constraints->len; i++) {
        const char *def = schema_object_get(constraints->pdata[i], "def");
        if (strstr(def, reference) && strstr(def, " restrict"))
            return true;
    }
    return false;
}

/* With foreign keys enforced, DROP TABLE deletes the rows first: those of tables that refer to it would go
 * too, or stop it. */
static bool is_referred_to(const LiteWriter *self, const SchemaObject *table, const GPtrArray *dropped,
                           guint behind)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *other = objects->pdata[i];
        guint index;
        bool gone = g_ptr_array_find((GPtrArray *)dropped, other, &index) && index > behind;
        if (other->kind == SCHEMA_TABLE && !gone && refers_to(self->diff->before, other, table))
            return true;
    }
    return false;
}

static void drop_tables(LiteWriter *self)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new();
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->kind == CHANGE_DROP && change->before->kind == SCHEMA_TABLE)
            g_ptr_array_add(tables, (gpointer)change->before);
    }
    g_autoptr(GPtrArray) ordered = schema_model_in_order(self->diff->before, tables);
    for (guint i = ordered->len; i-- > 0;) {
        const SchemaObject *table = ordered->pdata[i];
        ChangeStatement *statement = change_script_add(self->script, "DROP TABLE %s", table->name);
        statement->data_loss = g_strdup_printf("table %s", table->key);
        statement->rebuild = is_referred_to(self, table, ordered, i) || restricts_itself(self, table);
    }
}

/* ---- All ---- */

void lite_write(const SchemaDiff *diff, ChangeScript *script)
{
    g_autoptr(GHashTable) rebuilt = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) displaced = g_hash_table_new(NULL, NULL);
    LiteWriter self = {diff, script, rebuilt, displaced};
    g_autoptr(GPtrArray) changed = changed_tables(&self);
    choose_rebuilds(&self, changed);
    displace(&self);
    drop_objects(&self, SCHEMA_TRIGGER, "TRIGGER");
    drop_objects(&self, SCHEMA_VIEW, "VIEW");
    drop_objects(&self, SCHEMA_INDEX, "INDEX");
    make_tables(&self);
    change_tables(&self, changed);
    drop_tables(&self);
    make_objects(&self, SCHEMA_INDEX);
    make_objects(&self, SCHEMA_VIEW);
    make_objects(&self, SCHEMA_TRIGGER);
}
