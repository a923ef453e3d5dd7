/* Code: routines, packages, views, triggers and events. MariaDB replaces in place, which leaves no moment
 * without the object and keeps the grants on it; MySQL drops and creates. */
#include "schema/mysql/write_internal.h"

#include <string.h>

/* "DEFINER=… ", where owners are part of the model. Caller frees. */
static char *definer_clause(const SchemaObject *object)
{
    const char *definer = schema_object_get(object, ATTRIBUTE_DEFINER);
    return definer ? g_strdup_printf("DEFINER=%s ", definer) : g_strdup("");
}

static GPtrArray *changed_objects(const MysqlWriting *self, SchemaKind kind)
{
    GPtrArray *objects = g_ptr_array_new();
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->after && change->after->kind == kind)
            g_ptr_array_add(objects, (gpointer)change->after);
    }
    return objects;
}

/* "CREATE " or "CREATE OR REPLACE "; drops first where the server cannot replace. */
static const char *create_verb(MysqlWriting *self, const SchemaChange *change, const char *word)
{
    if (change->kind != CHANGE_ALTER)
        return "CREATE";
    if (self->is_mariadb)
        return "CREATE OR REPLACE";
    change_script_add(self->script, "DROP %s %s", word, change->before->name);
    return "CREATE";
}

/* ---- Drops ---- */

static const struct {
    SchemaKind kind;
    const char *word;
} code_words[] = {
    {SCHEMA_EVENT, "EVENT"},       {SCHEMA_TRIGGER, "TRIGGER"},     {SCHEMA_VIEW, "VIEW"},
    {SCHEMA_FUNCTION, "FUNCTION"}, {SCHEMA_PROCEDURE, "PROCEDURE"}, {SCHEMA_PACKAGE, "PACKAGE"},
};

/* A trigger goes with its table. */
static bool goes_by_itself(const MysqlWriting *self, const SchemaObject *object)
{
    const SchemaObject *table =
        object->parent ? schema_model_find(self->diff->before, SCHEMA_TABLE, object->parent) : NULL;
    const SchemaChange *change = schema_diff_of(self->diff, table);
    return change && change->kind == CHANGE_DROP;
}

void write_code_drops(MysqlWriting *self)
{
    for (gsize i = 0; i < G_N_ELEMENTS(code_words); i++)
        for (guint j = self->diff->changes->len; j-- > 0;) {
            const SchemaChange *change = self->diff->changes->pdata[j];
            if (change->kind != CHANGE_DROP || change->before->kind != code_words[i].kind ||
                goes_by_itself(self, change->before))
                continue;
            if (change->before->kind == SCHEMA_PACKAGE) /* the word is only known in their mode */
                writing_set_mode(self, schema_object_get(change->before, ATTRIBUTE_SQL_MODE));
            change_script_add(self->script, "DROP %s %s", code_words[i].word, change->before->name);
        }
    writing_set_mode(self, NULL);
}

/* ---- Routines ---- */

static void write_routine(MysqlWriting *self, const SchemaObject *routine, const char *word)
{
    const SchemaChange *change = schema_diff_of(self->diff, routine);
    g_autofree char *definer = definer_clause(routine);
    writing_set_mode(self, schema_object_get(routine, ATTRIBUTE_SQL_MODE));
    const char *verb = create_verb(self, change, word);
    change_script_add(self->script, "%s %s%s%s %s%s", verb, definer,
                      schema_object_get(routine, "aggregate") ? "AGGREGATE " : "", word, routine->name,
                      attribute_or_empty(routine, ATTRIBUTE_DEFINITION));
}

/* The body goes with its package when that is replaced. */
static void write_package(MysqlWriting *self, const SchemaObject *package)
{
    const SchemaChange *change = schema_diff_of(self->diff, package);
    const char *body = schema_object_get(package, ATTRIBUTE_BODY);
    bool body_only = change->kind == CHANGE_ALTER && !change_has(change, ATTRIBUTE_DEFINITION);
    const char *verb = change->kind == CHANGE_ALTER ? "CREATE OR REPLACE" : "CREATE";
    g_autofree char *definer = definer_clause(package);
    writing_set_mode(self, schema_object_get(package, ATTRIBUTE_SQL_MODE));
    if (!body_only)
        change_script_add(self->script, "%s %sPACKAGE %s %s", verb, definer, package->name,
                          attribute_or_empty(package, ATTRIBUTE_DEFINITION));
    if (body)
        change_script_add(self->script, "%s %sPACKAGE BODY %s %s", verb, definer, package->name, body);
    else if (body_only)
        change_script_add(self->script, "DROP PACKAGE BODY %s", package->name);
}

void write_routines(MysqlWriting *self)
{
    g_autoptr(GPtrArray) functions = changed_objects(self, SCHEMA_FUNCTION);
    g_autoptr(GPtrArray) procedures = changed_objects(self, SCHEMA_PROCEDURE);
    g_autoptr(GPtrArray) packages = changed_objects(self, SCHEMA_PACKAGE);
    for (guint i = 0; i < functions->len; i++)
        write_routine(self, functions->pdata[i], "FUNCTION");
    for (guint i = 0; i < procedures->len; i++)
        write_routine(self, procedures->pdata[i], "PROCEDURE");
    for (guint i = 0; i < packages->len; i++)
        write_package(self, packages->pdata[i]);
    writing_set_mode(self, NULL);
}

/* ---- Views ---- */

static void write_view(MysqlWriting *self, const SchemaObject *view)
{
    const SchemaChange *change = schema_diff_of(self->diff, view);
    const char *algorithm = attribute_or_empty(view, "algorithm");
    const char *security = attribute_or_empty(view, "security");
    const char *check = schema_object_get(view, "check option");
    g_autofree char *definer = definer_clause(view);
    GString *sql = g_string_new(change->kind == CHANGE_ALTER ? "CREATE OR REPLACE " : "CREATE ");
    if (!g_str_equal(algorithm, "UNDEFINED"))
        g_string_append_printf(sql, "ALGORITHM=%s ", algorithm);
    g_string_append(sql, definer);
    if (!g_str_equal(security, "DEFINER"))
        g_string_append_printf(sql, "SQL SECURITY %s ", security);
    g_string_append_printf(sql, "VIEW %s %s", view->name, attribute_or_empty(view, ATTRIBUTE_DEFINITION));
    if (check)
        g_string_append_printf(sql, " WITH %s CHECK OPTION", check);
    change_script_take(self->script, g_string_free(sql, FALSE));
}

void write_views(MysqlWriting *self)
{
    g_autoptr(GPtrArray) changed = changed_objects(self, SCHEMA_VIEW);
    g_autoptr(GPtrArray) ordered = schema_model_in_order(self->diff->after, changed);
    for (guint i = 0; i < ordered->len; i++)
        write_view(self, ordered->pdata[i]);
}

/* ---- Triggers ---- */

static bool same_group(const SchemaObject *left, const SchemaObject *right)
{
    return g_strcmp0(left->parent, right->parent) == 0 && same_attribute(left, right, "time");
}

/* Triggers of a table while they are written; those that stay where they are, or were written, stand. */
typedef struct TriggerGroup {
    GPtrArray *triggers; /* of the table, in order */
    GHashTable *moved;
} TriggerGroup;

static bool is_rewritten(const MysqlWriting *self, const TriggerGroup *group, const SchemaObject *trigger)
{
    return schema_diff_of(self->diff, trigger) || g_hash_table_contains(group->moved, trigger);
}

/* Where it goes among those that act at the same time: nothing where it is the last anyway. */
static char *trigger_place(const MysqlWriting *self, const TriggerGroup *group, guint index)
{
    const SchemaObject *trigger = group->triggers->pdata[index];
    const SchemaObject *next = NULL;
    for (guint i = index + 1; i < group->triggers->len && !next; i++)
        if (same_group(group->triggers->pdata[i], trigger) &&
            !is_rewritten(self, group, group->triggers->pdata[i]))
            next = group->triggers->pdata[i];
    bool has_previous = index > 0 && same_group(group->triggers->pdata[index - 1], trigger);
    const SchemaChange *change = schema_diff_of(self->diff, trigger);
    if (!next && change && change->kind == CHANGE_CREATE)
        return g_strdup("");
    if (has_previous)
        return g_strdup_printf("FOLLOWS %s ",
                               ((const SchemaObject *)group->triggers->pdata[index - 1])->name);
    return next ? g_strdup_printf("PRECEDES %s ", next->name) : g_strdup("");
}

static void write_trigger(MysqlWriting *self, const TriggerGroup *group, guint index)
{
    const SchemaObject *trigger = group->triggers->pdata[index];
    const SchemaObject *before = schema_model_find(self->diff->before, SCHEMA_TRIGGER, trigger->key);
    g_autofree char *place = trigger_place(self, group, index);
    g_autofree char *definer = definer_clause(trigger);
    bool replaces = before && self->is_mariadb && g_strcmp0(before->parent, trigger->parent) == 0;
    const char *verb = replaces ? "CREATE OR REPLACE" : "CREATE";
    writing_set_mode(self, schema_object_get(trigger, ATTRIBUTE_SQL_MODE));
    if (before && !replaces && !goes_by_itself(self, before))
        change_script_add(self->script, "DROP TRIGGER %s", before->name);
    change_script_add(self->script, "%s %sTRIGGER %s %s ON %s FOR EACH ROW %s%s", verb, definer,
                      trigger->name, attribute_or_empty(trigger, "time"),
                      attribute_or_empty(trigger, "table"), place,
                      attribute_or_empty(trigger, ATTRIBUTE_BODY));
}

static void write_triggers_of(MysqlWriting *self, const SchemaObject *table)
{
    TriggerGroup group = {schema_model_parts(self->diff->after, table->key, SCHEMA_TRIGGER),
                          schema_diff_moved(self->diff, table->key, SCHEMA_TRIGGER)};
    for (guint i = 0; i < group.triggers->len; i++)
        if (is_rewritten(self, &group, group.triggers->pdata[i]))
            write_trigger(self, &group, i);
    g_ptr_array_unref(group.triggers);
    g_hash_table_unref(group.moved);
}

void write_triggers(MysqlWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind == SCHEMA_TABLE)
            write_triggers_of(self, object);
    }
    writing_set_mode(self, NULL);
}

/* ---- Events ---- */

/* The clauses of an event, in the order of the grammar. */
static const struct {
    const char *attribute;
    const char *before;
    const char *none; /* what it is where nothing is said; NULL: something always is */
} event_clauses[] = {
    {"schedule", "ON SCHEDULE ", NULL}, {"on completion", "ON COMPLETION ", "NOT PRESERVE"},
    {"status", "", "ENABLE"},           {"comment", "COMMENT ", "''"},
    {ATTRIBUTE_BODY, "DO ", NULL},
};

static char *event_text(const SchemaObject *event, const SchemaChange *only)
{
    GString *text = g_string_new("");
    for (gsize i = 0; i < G_N_ELEMENTS(event_clauses); i++) {
        const char *value = schema_object_get(event, event_clauses[i].attribute);
        bool said = value && g_strcmp0(value, event_clauses[i].none) != 0;
        if (only ? !change_has(only, event_clauses[i].attribute) : !said)
            continue;
        g_string_append_printf(text, "\n  %s%s", event_clauses[i].before,
                               value ? value : event_clauses[i].none);
    }
    return g_string_free(text, FALSE);
}

/* A schedule that begins now begins when the event is made: altered, its start would look like one that
 * somebody wrote. */
void write_events(MysqlWriting *self)
{
    g_autoptr(GPtrArray) events = changed_objects(self, SCHEMA_EVENT);
    for (guint i = 0; i < events->len; i++) {
        const SchemaObject *event = events->pdata[i];
        const SchemaChange *change = schema_diff_of(self->diff, event);
        bool alters = change->kind == CHANGE_ALTER && !change_has(change, "schedule") &&
                      !change_has(change, ATTRIBUTE_SQL_MODE) && !change_has(change, ATTRIBUTE_DEFINER);
        g_autofree char *text = event_text(event, alters ? change : NULL);
        g_autofree char *definer = definer_clause(event);
        writing_set_mode(self, schema_object_get(event, ATTRIBUTE_SQL_MODE));
        const char *verb = alters ? "ALTER" : create_verb(self, change, "EVENT");
        change_script_add(self->script, "%s %sEVENT %s%s", verb, definer, event->name, text);
    }
    writing_set_mode(self, NULL);
}
