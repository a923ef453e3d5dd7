/* PostgreSQL: types that take the place of others. The old type is renamed out of the way, the new one is
 * made, columns change over, and the old one goes. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

#define ASIDE "_replaced"
#define NAME_BYTES_MAX 63u /* NAMEDATALEN - 1 */

static bool is_type(const SchemaObject *object)
{
    return object->kind == SCHEMA_ENUM || object->kind == SCHEMA_DOMAIN || object->kind == SCHEMA_COMPOSITE ||
           object->kind == SCHEMA_RANGE;
}

/* ---- Out of the way ---- */

static char *aside_name(const char *name)
{
    g_autofree char *bare = pg_unquoted(name);
    gsize kept = MIN(strlen(bare), NAME_BYTES_MAX - strlen(ASIDE));
    while (kept > 0 && (bare[kept] & 0xc0) == 0x80)
        kept--;
    g_autofree char *aside = g_strdup_printf("%.*s" ASIDE, (int)kept, bare);
    return *name == '"' ? sql_quote_ident(DIALECT_POSTGRES, aside) : g_steal_pointer(&aside);
}

static const char *word_of(const SchemaObject *type)
{
    return type->kind == SCHEMA_DOMAIN ? "DOMAIN" : "TYPE";
}

/* A range has functions and a multirange of its own that do not change their names with it: its columns
 * become text for a while, and it goes at once. */
static void free_range(PgWriting *self, const SchemaObject *type)
{
    const GPtrArray *dependents = pg_dependents(self, type);
    for (guint i = 0; dependents && i < dependents->len; i++) {
        const SchemaObject *column = dependents->pdata[i];
        if (column->kind != SCHEMA_COLUMN || pg_goes(self, column) ||
            !pg_type_is(pg_attribute(column, "type"), type) || schema_object_get(column, "~inherited"))
            continue;
        if (schema_object_get(column, "default"))
            pg_alter_parent(self, column, "ALTER COLUMN %s DROP DEFAULT", column->name);
        pg_alter_parent(self, column, "ALTER COLUMN %s TYPE text", column->name);
    }
    change_script_add(self->script, "DROP TYPE %s", pg_name(type->key));
}

void pg_type_drop(PgWriting *self, const SchemaObject *before)
{
    const char *name = pg_name(before->key);
    g_autofree char *aside = aside_name(before->name);
    if (!pg_after(self, before))
        change_script_add(self->script, "DROP %s %s", word_of(before), name);
    else if (before->kind == SCHEMA_RANGE)
        free_range(self, before);
    else
        change_script_add(self->script, "ALTER %s %s RENAME TO %s", word_of(before), name, aside);
}

/* In the order of the model before, so that what is made of others goes first when taken from the end. */
static GPtrArray *types_aside(const PgWriting *self)
{
    g_autoptr(GPtrArray) types = g_ptr_array_new();
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *type = objects->pdata[i];
        if (is_type(type) && type->kind != SCHEMA_RANGE && pg_fate(self, type) == PG_REPLACED)
            g_ptr_array_add(types, (gpointer)type);
    }
    return schema_model_in_order(self->diff->before, types);
}

void pg_drop_types_aside(PgWriting *self)
{
    g_autoptr(GPtrArray) types = types_aside(self);
    for (guint i = types->len; i > 0; i--) {
        const SchemaObject *type = types->pdata[i - 1];
        g_autofree char *aside = aside_name(type->name);
        g_autofree char *prefix = pg_schema_prefix(type);
        change_script_add(self->script, "DROP %s %s%s", word_of(type), prefix, aside);
    }
}

/* ---- Columns ---- */

/* What the server calls the multirange of a range, if nobody said otherwise. Caller frees. */
static char *multirange_name(const SchemaObject *range)
{
    const char *own = schema_object_get(range, "multirange");
    const char *word = strstr(range->name, "range");
    if (own)
        return g_strdup(own);
    if (!word)
        return g_strconcat(range->name, "_multirange", NULL);
    return g_strdup_printf("%.*smulti%s", (int)(word - range->name), range->name, word);
}

static bool is_named(const char *text, gsize length, const char *name)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

bool pg_type_is(const char *text, const SchemaObject *type)
{
    gsize length = strlen(text);
    while (length > 2 && strncmp(text + length - 2, "[]", 2) == 0)
        length -= 2;
    if (is_named(text, length, type->key) || is_named(text, length, pg_name(type->key)))
        return true;
    if (type->kind != SCHEMA_RANGE)
        return false;
    g_autofree char *prefix = pg_schema_prefix(type);
    g_autofree char *name = multirange_name(type);
    g_autofree char *multirange = g_strconcat(prefix, name, NULL);
    return is_named(text, length, multirange);
}

/* The type of this model that the text names and that another takes, or took, the place of; NULL. */
static const SchemaObject *replaced_type(const PgWriting *self, const char *text)
{
    GHashTableIter iter;
    gpointer type;
    gpointer fate;
    g_hash_table_iter_init(&iter, self->fates);
    while (g_hash_table_iter_next(&iter, &type, &fate))
        if (is_type(type) && GPOINTER_TO_UINT(fate) == PG_REPLACED && pg_type_is(text, type))
            return type;
    return NULL;
}

char *pg_type_conversion(const PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    const char *old_text = pg_attribute(before, "type");
    const char *new_text = pg_attribute(after, "type");
    const SchemaObject *type = replaced_type(self, old_text);
    if (!type && !replaced_type(self, new_text))
        return NULL;
    if (type && type->kind == SCHEMA_COMPOSITE && g_str_equal(old_text, new_text) &&
        !g_str_has_suffix(old_text, "[]"))
        return pg_composite_conversion(type, pg_after(self, type), after->name, new_text);
    return g_strdup_printf("%s::text::%s", after->name, new_text);
}

bool pg_is_of_replaced_range(const PgWriting *self, const SchemaObject *column)
{
    const SchemaObject *type = replaced_type(self, pg_attribute(column, "type"));
    return type && type->kind == SCHEMA_RANGE;
}
