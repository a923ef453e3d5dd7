/* Dependencies: the catalogs of the family know those of foreign keys only, so names are looked for where the
 * server prints them: in the FROM lists and calls of views, in REFERENCES, in defaults that use sequences. */
#include "schema/mysql/mysql_internal.h"

#include <string.h>

/* What a name in a view may stand for. */
static const SchemaKind named_kinds[] = {SCHEMA_TABLE, SCHEMA_VIEW, SCHEMA_FUNCTION, SCHEMA_SEQUENCE};

static void depends_on_name(const MysqlReading *self, const SchemaObject *object, const char *name)
{
    g_autofree char *key = text_key_part(name);
    for (gsize i = 0; i < G_N_ELEMENTS(named_kinds); i++)
        schema_model_depends(self->model, object->kind, object->key, named_kinds[i], key);
}

/* Columns stand behind their table's name and a dot; other names may be of objects. */
static void read_view_dependencies(const MysqlReading *self, const SchemaObject *view)
{
    const char *at = schema_object_get(view, ATTRIBUTE_DEFINITION);
    char before = ' ';
    while (*at) {
        const char *end = *at == '(' ? at + 1 : text_behind(at);
        if (*at == '`' && before != '.' && *end != '.') {
            g_autofree char *name = text_take_name(&at);
            depends_on_name(self, view, name);
        }
        before = end[-1];
        at = end;
    }
}

static void read_constraint_dependencies(const MysqlReading *self, const SchemaObject *constraint)
{
    const char *references = strstr(schema_object_get(constraint, ATTRIBUTE_DEFINITION), ") REFERENCES `");
    if (!references)
        return;
    references += strlen(") REFERENCES ");
    g_autofree char *name = text_take_name(&references);
    g_autofree char *key = text_key_part(name);
    schema_model_depends(self->model, SCHEMA_TABLE, constraint->parent, SCHEMA_TABLE, key);
    schema_model_depends(self->model, SCHEMA_CONSTRAINT, constraint->key, SCHEMA_TABLE, key);
}

/* In a default: NEXT VALUE FOR a sequence. */
static void read_column_dependencies(const MysqlReading *self, const SchemaObject *column)
{
    const char *value = schema_object_get(column, "default");
    if (!value || !strchr(value, '`'))
        return;
    g_autoptr(GHashTable) names = text_names(value);
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *key = text_key_part(name);
        schema_model_depends(self->model, SCHEMA_TABLE, column->parent, SCHEMA_SEQUENCE, key);
    }
}

/* MERGE tables. */
static void read_table_dependencies(const MysqlReading *self, const SchemaObject *table)
{
    const char *list = schema_object_get(table, "union");
    g_autoptr(GHashTable) names = text_names(list ? list : "");
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *key = text_key_part(name);
        schema_model_depends(self->model, SCHEMA_TABLE, table->key, SCHEMA_TABLE, key);
    }
}

static void (*const readers[SCHEMA_KIND_COUNT])(const MysqlReading *self, const SchemaObject *object) = {
    [SCHEMA_TABLE] = read_table_dependencies,
    [SCHEMA_COLUMN] = read_column_dependencies,
    [SCHEMA_CONSTRAINT] = read_constraint_dependencies,
    [SCHEMA_VIEW] = read_view_dependencies,
};

void mysql_read_dependencies(const MysqlReading *self)
{
    const GPtrArray *objects = schema_model_objects(self->model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (readers[object->kind])
            readers[object->kind](self, object);
    }
}
