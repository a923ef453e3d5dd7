/* PostgreSQL: schemas, extensions, event triggers, publications, extended statistics, and what is refused. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- Schemas, extensions ---- */

static void namespace_create(PgWriting *self, const SchemaObject *namespace)
{
    change_script_add(self->script, "CREATE SCHEMA %s", namespace->name);
}

static void namespace_drop(PgWriting *self, const SchemaObject *namespace)
{
    change_script_add(self->script, "DROP SCHEMA %s", namespace->name);
}

const PgKind pg_namespaces = {.create = namespace_create, .drop = namespace_drop};

static void extension_create(PgWriting *self, const SchemaObject *extension)
{
    const char *schema = schema_object_get(extension, "schema");
    bool elsewhere = schema && !g_str_equal(schema, "public") && !g_str_equal(schema, "@");
    change_script_add(self->script, "CREATE EXTENSION %s%s%s", extension->name, elsewhere ? " SCHEMA " : "",
                      elsewhere ? schema : "");
}

static void extension_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                            const SchemaObject *after, const SchemaChange *change)
{
    const AttributeChange *schema = schema_change_attribute(change, "schema");
    if (schema && schema->after)
        change_script_add(self->script, "ALTER EXTENSION %s SET SCHEMA %s", after->name, schema->after);
}

static void extension_drop(PgWriting *self, const SchemaObject *extension)
{
    change_script_add(self->script, "DROP EXTENSION %s", extension->name);
}

const PgKind pg_extensions = {.create = extension_create, .alter = extension_alter, .drop = extension_drop};

/* What stands behind the schema in the name of a type; NULL: it is of another schema. */
static const char *without_schema(const char *type, const char *schema)
{
    gsize length = strlen(schema);
    if (g_str_equal(schema, "public") || g_str_equal(schema, "@"))
        return type;
    return strncmp(type, schema, length) == 0 && type[length] == '.' ? type + length + 1 : NULL;
}

bool pg_is_same_type(const PgWriting *self, const char *before, const char *after)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        const AttributeChange *schema = schema_change_attribute(change, "schema");
        if (!schema || change->after->kind != SCHEMA_EXTENSION)
            continue;
        const char *old = without_schema(before, schema->before);
        const char *new = without_schema(after, schema->after);
        if (old && new &&g_str_equal(old, new))
            return true;
    }
    return g_str_equal(before, after);
}

/* ---- Event triggers ---- */

static void event_trigger_set_enabled(PgWriting *self, const SchemaObject *trigger)
{
    change_script_add(self->script, "ALTER EVENT TRIGGER %s %s", trigger->name,
                      pg_attribute_or(trigger, "enabled", "ENABLE"));
}

static void event_trigger_create(PgWriting *self, const SchemaObject *trigger)
{
    const char *tags = schema_object_get(trigger, "tags");
    g_autofree char *when = tags ? g_strdup_printf("\n    WHEN TAG IN (%s)", tags) : g_strdup("");
    change_script_add(self->script, "CREATE EVENT TRIGGER %s ON %s%s\n    EXECUTE %s %s()", trigger->name,
                      pg_attribute(trigger, "event"), when, pg_major(self) >= 11 ? "FUNCTION" : "PROCEDURE",
                      pg_attribute(trigger, "function"));
    if (schema_object_get(trigger, "enabled"))
        event_trigger_set_enabled(self, trigger);
}

static PgFate event_trigger_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return (schema_change_attribute(change, "event") || schema_change_attribute(change, "tags") ||
            schema_change_attribute(change, "function"))
               ? PG_REPLACED
               : PG_STAYS;
}

static void event_trigger_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                                const SchemaObject *after, const SchemaChange *change)
{
    if (schema_change_attribute(change, "enabled"))
        event_trigger_set_enabled(self, after);
}

static void event_trigger_drop(PgWriting *self, const SchemaObject *trigger)
{
    change_script_add(self->script, "DROP EVENT TRIGGER %s", trigger->name);
}

const PgKind pg_event_triggers = {.create = event_trigger_create,
                                  .alter = event_trigger_alter,
                                  .fate = event_trigger_fate,
                                  .drop = event_trigger_drop};

/* ---- Publications ---- */

#define PUBLISH_ALL "insert, update, delete, truncate"

/* True if some table has children, which a publication would take along without ONLY. */
static bool has_children(const SchemaModel *model)
{
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind == SCHEMA_TABLE && schema_object_get(object, "inherits"))
            return true;
    }
    return false;
}

/* "TABLE a, b WHERE (n > 0), TABLES IN SCHEMA c"; empty if nothing is named. */
static char *published(const SchemaModel *model, const SchemaObject *publication)
{
    const char *tables = schema_object_get(publication, "tables");
    const char *schemas = schema_object_get(publication, "schemas");
    GString *text = g_string_new(NULL);
    g_auto(GStrv) each = tables ? pg_list_elements(tables) : NULL;
    const char *word = has_children(model) ? "TABLE ONLY" : "TABLE";
    for (guint i = 0; each && each[i]; i++)
        g_string_append_printf(text, "%s %s", i == 0 ? word : word[5] ? ", ONLY" : ",", each[i]);
    if (schemas)
        g_string_append_printf(text, "%sTABLES IN SCHEMA %s", text->len ? ", " : "", schemas);
    return g_string_free(text, FALSE);
}

static void publication_create(PgWriting *self, const SchemaObject *publication)
{
    const char *publish = pg_attribute(publication, "publish");
    bool via_root = schema_object_get(publication, "via_root");
    bool some = !g_str_equal(publish, PUBLISH_ALL);
    g_autofree char *what = published(self->diff->after, publication);
    GString *sql = g_string_new(NULL);
    g_string_printf(sql, "CREATE PUBLICATION %s", publication->name);
    if (schema_object_get(publication, "all_tables"))
        g_string_append(sql, " FOR ALL TABLES");
    else if (*what)
        g_string_append_printf(sql, " FOR %s", what);
    if (some || via_root)
        g_string_append(sql, "\n    WITH (");
    if (some)
        g_string_append_printf(sql, "publish = '%s'%s", publish, via_root ? ", " : "");
    if (via_root)
        g_string_append(sql, "publish_via_partition_root = true");
    if (some || via_root)
        g_string_append_c(sql, ')');
    change_script_take(self->script, g_string_free(sql, FALSE));
}

static bool publishes_nothing(const SchemaObject *publication)
{
    return !schema_object_get(publication, "tables") && !schema_object_get(publication, "schemas");
}

/* ALTER … SET cannot take the last table away, nor change to or from all of them. */
static PgFate publication_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return (schema_change_attribute(change, "all_tables") ||
            (publishes_nothing(change->before) != publishes_nothing(change->after)))
               ? PG_REPLACED
               : PG_STAYS;
}

static void publication_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                              const SchemaObject *after, const SchemaChange *change)
{
    const SchemaObject *publication = after;
    g_autofree char *what = published(self->diff->after, publication);
    const AttributeChange *publish = schema_change_attribute(change, "publish");
    const AttributeChange *via_root = schema_change_attribute(change, "via_root");
    if (schema_change_attribute(change, "tables") || schema_change_attribute(change, "schemas"))
        change_script_add(self->script, "ALTER PUBLICATION %s SET %s", publication->name, what);
    if (publish)
        change_script_add(self->script, "ALTER PUBLICATION %s SET (publish = '%s')", publication->name,
                          publish->after ? publish->after : "");
    if (via_root)
        change_script_add(self->script, "ALTER PUBLICATION %s SET (publish_via_partition_root = %s)",
                          publication->name, via_root->after ? "true" : "false");
}

static void publication_drop(PgWriting *self, const SchemaObject *publication)
{
    change_script_add(self->script, "DROP PUBLICATION %s", publication->name);
}

const PgKind pg_publications = {.create = publication_create,
                                .alter = publication_alter,
                                .fate = publication_fate,
                                .drop = publication_drop};

/* ---- Extended statistics ---- */

static void statistics_set_target(PgWriting *self, const SchemaObject *statistics)
{
    change_script_add(self->script, "ALTER STATISTICS %s SET STATISTICS %s", pg_name(statistics->key),
                      pg_attribute_or(statistics, "statistics", "-1"));
}

static void statistics_create(PgWriting *self, const SchemaObject *statistics)
{
    change_script_add(self->script, "CREATE STATISTICS %s %s", pg_name(statistics->key),
                      pg_attribute(statistics, "def"));
    if (schema_object_get(statistics, "statistics"))
        statistics_set_target(self, statistics);
}

static PgFate statistics_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return (schema_change_attribute(change, "def")) ? PG_REPLACED : PG_STAYS;
}

static void statistics_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                             const SchemaObject *after, const SchemaChange *change)
{
    if (schema_change_attribute(change, "statistics"))
        statistics_set_target(self, after);
}

static void statistics_drop(PgWriting *self, const SchemaObject *statistics)
{
    change_script_add(self->script, "DROP STATISTICS %s", pg_name(statistics->key));
}

const PgKind pg_statistics = {
    .create = statistics_create, .alter = statistics_alter, .fate = statistics_fate, .drop = statistics_drop};

/* ---- What is not modelled ---- */

static void other_refuse(PgWriting *self, const SchemaObject *object, const char *verb)
{
    change_script_refuse(self->script,
                         "%s: it would have to be %s, and dbfleet writes no statements for this class of "
                         "objects; write a revision by hand that does it",
                         object->key, verb);
}

static void other_create(PgWriting *self, const SchemaObject *object)
{
    other_refuse(self, object, "created");
}

static void other_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before, const SchemaObject *after,
                        G_GNUC_UNUSED const SchemaChange *change)
{
    other_refuse(self, after, "changed");
}

static void other_drop(PgWriting *self, const SchemaObject *object)
{
    other_refuse(self, object, "dropped");
}

const PgKind pg_others = {.create = other_create, .alter = other_alter, .drop = other_drop};
