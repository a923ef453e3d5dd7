/* Names and clauses that statements of several kinds have. Pure. */
#include "schema/postgres/write_internal.h"

#include <string.h>

/* What an unqualified name means: the target's own schema, or public. */
static const char *const plain_schemas[] = {"@.", "public."};

const char *pg_name(const char *key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(plain_schemas); i++)
        if (g_str_has_prefix(key, plain_schemas[i]))
            return key + strlen(plain_schemas[i]);
    return key;
}

char *pg_names(const char *keys)
{
    g_autoptr(GString) names = g_string_new(NULL);
    g_auto(GStrv) parts = g_strsplit(keys, ", ", -1);
    for (char **part = parts; *part; part++)
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", pg_name(*part));
    return g_string_free(g_steal_pointer(&names), FALSE);
}

char *pg_schema_prefix(const SchemaObject *object)
{
    const char *name = pg_name(object->key);
    return g_strndup(name, strlen(name) - strlen(object->name));
}

const char *pg_attribute(const SchemaObject *object, const char *name)
{
    const char *value = schema_object_get(object, name);
    return value ? value : "";
}

ChangeStatement *pg_alter_parent(PgWriting *self, const SchemaObject *part, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *change = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    bool domain = schema_model_find(self->diff->after, SCHEMA_DOMAIN, part->parent) ||
                  schema_model_find(self->diff->before, SCHEMA_DOMAIN, part->parent);
    return change_script_add(self->script, "ALTER %s %s %s", domain ? "DOMAIN" : "TABLE",
                             pg_name(part->parent), change);
}

void pg_mark_loss(ChangeStatement *statement, const SchemaObject *object)
{
    statement->data_loss = g_strdup_printf("%s %s", schema_kind_name(object->kind), pg_name(object->key));
}

static bool goes_on_as_child(const PgWriting *self, const char *table, const char *attribute)
{
    const SchemaObject *after = schema_model_find(self->diff->after, SCHEMA_TABLE, table);
    const SchemaObject *before = schema_model_find(self->diff->before, SCHEMA_TABLE, table);
    const char *parents = after ? schema_object_get(after, attribute) : NULL;
    return parents && before && g_strcmp0(parents, schema_object_get(before, attribute)) == 0;
}

/* A partition is made alone and attached; a child inherits from its first moment on. */
bool pg_is_passed_down(const PgWriting *self, const SchemaObject *part)
{
    if (!g_str_equal(pg_attribute(part, "~inherited"), "true"))
        return false;
    const SchemaObject *after = schema_model_find(self->diff->after, SCHEMA_TABLE, part->parent);
    if (after && pg_comes(self, after))
        return schema_object_get(after, "inherits") != NULL;
    return goes_on_as_child(self, part->parent, "partition_of") ||
           goes_on_as_child(self, part->parent, "inherits");
}
