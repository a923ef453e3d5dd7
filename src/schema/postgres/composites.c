/* PostgreSQL: composite types. Attributes are altered in place where the server can do it; where it cannot,
 * the type is a new one that takes the old one's place (replaced.c). */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- Fields ---- */

/* "name type [COLLATE …]" cut behind the name. */
typedef struct Field {
    char *name;
    char *type; /* within the same text */
} Field;

static void field_clear(gpointer data)
{
    g_free(((Field *)data)->name);
}

static GArray *fields_of(const SchemaObject *type)
{
    g_auto(GStrv) texts = pg_list_elements(pg_attribute(type, "fields"));
    GArray *fields = g_array_new(FALSE, FALSE, sizeof(Field));
    g_array_set_clear_func(fields, field_clear);
    for (char **text = texts; *text; text++) {
        Field field = {g_strdup(*text), NULL};
        char *end = field.name;
        while (*end && *end != ' ')
            end = *end == '"' ? strchr(end + 1, '"') + 1 : end + 1;
        field.type = *end ? end + 1 : end;
        *end = '\0';
        g_array_append_val(fields, field);
    }
    return fields;
}

static const Field *field_named(const GArray *fields, const char *name)
{
    for (guint i = 0; i < fields->len; i++)
        if (g_str_equal(g_array_index(fields, Field, i).name, name))
            return &g_array_index(fields, Field, i);
    return NULL;
}

/* True if new fields are behind all that stay, and these in their old order. */
static bool keeps_order(const GArray *before, const GArray *after)
{
    guint next = 0;
    for (guint i = 0; i < before->len; i++) {
        const char *name = g_array_index(before, Field, i).name;
        if (!field_named(after, name))
            continue;
        if (!g_str_equal(g_array_index(after, Field, next).name, name))
            return false;
        next++;
    }
    return true;
}

static bool changes_a_type(const GArray *before, const GArray *after)
{
    for (guint i = 0; i < before->len; i++) {
        const Field *field = &g_array_index(before, Field, i);
        const Field *same = field_named(after, field->name);
        if (same && !g_str_equal(same->type, field->type))
            return true;
    }
    return false;
}

/* Whether rows may be stored that have it in them. */
static bool is_stored(const PgWriting *self, const SchemaObject *type)
{
    static const bool holds[SCHEMA_KIND_COUNT] = {
        [SCHEMA_COLUMN] = true, [SCHEMA_DOMAIN] = true,  [SCHEMA_COMPOSITE] = true,
        [SCHEMA_RANGE] = true,  [SCHEMA_MATVIEW] = true, [SCHEMA_VIEW_COLUMN] = true};
    const GPtrArray *dependents = pg_dependents(self, type);
    for (guint i = 0; dependents && i < dependents->len; i++)
        if (holds[((const SchemaObject *)dependents->pdata[i])->kind])
            return true;
    return false;
}

static bool is_of_table(const SchemaModel *model, const SchemaObject *type)
{
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *table = objects->pdata[i];
        const char *of_type = table->kind == SCHEMA_TABLE ? schema_object_get(table, "of_type") : NULL;
        if (of_type && pg_type_is(of_type, type))
            return true;
    }
    return false;
}

/* ---- Statements ---- */

static void composite_create(PgWriting *self, const SchemaObject *type)
{
    g_auto(GStrv) fields = pg_list_elements(pg_attribute(type, "fields"));
    g_autofree char *lines = g_strjoinv(",\n    ", fields);
    if (*lines)
        change_script_add(self->script, "CREATE TYPE %s AS (\n    %s\n)", pg_name(type->key), lines);
    else
        change_script_add(self->script, "CREATE TYPE %s AS ()", pg_name(type->key));
}

static PgFate composite_fate(const PgWriting *self, const SchemaChange *change)
{
    g_autoptr(GArray) before = fields_of(change->before);
    g_autoptr(GArray) after = fields_of(change->after);
    if (!schema_change_attribute(change, "fields"))
        return PG_STAYS;
    if (!keeps_order(before, after))
        return PG_REPLACED;
    if (!changes_a_type(before, after))
        return PG_STAYS;
    return is_stored(self, change->before) ? PG_REPLACED : PG_DISTURBED;
}

static void alter_field(const SchemaObject *type, const Field *field, const Field *after, const char *cascade,
                        ChangeScript *script)
{
    const char *key = pg_name(type->key);
    if (!after) {
        ChangeStatement *statement =
            change_script_add(script, "ALTER TYPE %s DROP ATTRIBUTE %s%s", key, field->name, cascade);
        statement->data_loss = g_strdup_printf("attribute %s.%s", type->key, field->name);
    } else if (!g_str_equal(after->type, field->type)) {
        change_script_add(script, "ALTER TYPE %s ALTER ATTRIBUTE %s TYPE %s%s", key, field->name, after->type,
                          cascade);
    }
}

static void composite_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                            G_GNUC_UNUSED const SchemaChange *change)
{
    g_autoptr(GArray) old = fields_of(before);
    g_autoptr(GArray) new = fields_of(after);
    const char *cascade = is_of_table(self->diff->before, before) ? " CASCADE" : "";
    for (guint i = 0; i < old->len; i++) {
        const Field *field = &g_array_index(old, Field, i);
        alter_field(after, field, field_named(new, field->name), cascade, self->script);
    }
    for (guint i = 0; i < new->len; i++) {
        const Field *field = &g_array_index(new, Field, i);
        if (!field_named(old, field->name))
            change_script_add(self->script, "ALTER TYPE %s ADD ATTRIBUTE %s %s%s", pg_name(after->key),
                              field->name, field->type, cascade);
    }
}

const PgKind pg_composites = {
    .fate = composite_fate, .create = composite_create, .alter = composite_alter, .drop = pg_type_drop};

/* ---- Values ---- */

char *pg_composite_conversion(const SchemaObject *before, const SchemaObject *after, const char *column,
                              const char *new_type)
{
    g_autoptr(GArray) old_fields = fields_of(before);
    g_autoptr(GArray) new_fields = fields_of(after);
    GString *row = g_string_new(NULL);
    for (guint i = 0; i < new_fields->len; i++) {
        const Field *field = &g_array_index(new_fields, Field, i);
        const Field *old = field_named(old_fields, field->name);
        g_string_append(row, i > 0 ? ", " : "");
        if (!old)
            g_string_append(row, "NULL");
        else if (g_str_equal(old->type, field->type))
            g_string_append_printf(row, "(%s).%s", column, field->name);
        else
            g_string_append_printf(row, "(%s).%s::text::%s", column, field->name, field->type);
    }
    g_autofree char *values = g_string_free(row, FALSE);
    return g_strdup_printf("CASE WHEN %s IS DISTINCT FROM NULL THEN ROW(%s)::%s END", column, values,
                           new_type);
}
