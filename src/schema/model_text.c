/* The model as text: a line for each object, attribute and dependency, fields between tabs, special bytes
 * escaped. */
#include "schema/model.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "dbfleet schema 1"
#define LAST_LINE "end"

/* ---- Writing ---- */

static void add_field(GString *text, const char *value)
{
    g_autofree char *escaped = g_strescape(value, NULL);
    g_string_append_printf(text, "\t%s", escaped);
}

static void add_object(GString *text, const SchemaObject *object)
{
    g_string_append(text, "object");
    add_field(text, schema_kind_name(object->kind));
    add_field(text, object->key);
    add_field(text, object->parent ? object->parent : "");
    add_field(text, object->name);
    g_string_append_printf(text, "\t%u\n", object->position);
    for (guint i = 0; i < object->attributes->len; i++) {
        const SchemaAttribute *attribute = &g_array_index(object->attributes, SchemaAttribute, i);
        g_string_append(text, "set");
        add_field(text, attribute->name);
        add_field(text, attribute->value);
        g_string_append_c(text, '\n');
    }
}

static void add_dependency(GString *text, const SchemaDependency *dependency)
{
    g_string_append(text, "depends");
    add_field(text, schema_kind_name(dependency->from->kind));
    add_field(text, dependency->from->key);
    add_field(text, schema_kind_name(dependency->on->kind));
    add_field(text, dependency->on->key);
    g_string_append_c(text, '\n');
}

char *schema_model_to_text(const SchemaModel *self)
{
    const GPtrArray *objects = schema_model_objects(self);
    const GArray *dependencies = schema_model_dependencies(self);
    GString *text = g_string_new(FIRST_LINE);
    add_field(text, dialect_name(schema_model_dialect(self)));
    add_field(text, schema_model_server(self));
    g_string_append_c(text, '\n');
    for (guint i = 0; i < objects->len; i++)
        add_object(text, objects->pdata[i]);
    for (guint i = 0; i < dependencies->len; i++)
        add_dependency(text, &g_array_index(dependencies, SchemaDependency, i));
    g_string_append(text, LAST_LINE "\n");
    return g_string_free(text, FALSE);
}

/* ---- Reading ---- */

typedef struct TextReader {
    SchemaModel *model;
    SchemaObject *object; /* the last one: what "set" is about */
} TextReader;

static bool read_object(TextReader *self, char **fields)
{
    SchemaKind kind;
    if (g_strv_length(fields) != 6 || !schema_kind_parse(fields[1], &kind))
        return false;
    self->object = schema_model_add(self->model, kind, fields[2], *fields[3] ? fields[3] : NULL, fields[4]);
    self->object->position = (unsigned)strtoul(fields[5], NULL, 10);
    return true;
}

static bool read_set(TextReader *self, char **fields)
{
    if (g_strv_length(fields) != 3 || !self->object)
        return false;
    schema_model_set(self->model, self->object, fields[1], fields[2]);
    return true;
}

static bool read_depends(TextReader *self, char **fields)
{
    SchemaKind kind;
    SchemaKind on_kind;
    if (g_strv_length(fields) != 5 || !schema_kind_parse(fields[1], &kind) ||
        !schema_kind_parse(fields[3], &on_kind))
        return false;
    schema_model_depends(self->model, kind, fields[2], on_kind, fields[4]);
    return true;
}

static const struct {
    const char *word;
    bool (*read)(TextReader *self, char **fields);
} line_kinds[] = {{"object", read_object}, {"set", read_set}, {"depends", read_depends}};

/* Caller frees. */
static char **line_fields(const char *line)
{
    char **fields = g_strsplit(line, "\t", -1);
    for (char **field = fields; *field; field++) {
        char *plain = g_strcompress(*field);
        g_free(*field);
        *field = plain;
    }
    return fields;
}

static bool read_line(TextReader *self, const char *line)
{
    g_auto(GStrv) fields = line_fields(line);
    for (gsize i = 0; i < G_N_ELEMENTS(line_kinds); i++)
        if (fields[0] && g_str_equal(fields[0], line_kinds[i].word))
            return line_kinds[i].read(self, fields);
    return false;
}

SchemaModel *schema_model_from_text(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint count = g_strv_length(lines);
    Dialect dialect;
    if (count < 3 || !g_str_equal(lines[count - 2], LAST_LINE))
        return NULL;
    g_auto(GStrv) head = line_fields(lines[0]);
    if (g_strv_length(head) != 3 || !g_str_equal(head[0], FIRST_LINE) || !dialect_parse(head[1], &dialect))
        return NULL;
    g_autoptr(SchemaModel) model = schema_model_new(dialect, head[2]);
    TextReader reader = {model, NULL};
    for (guint i = 1; i < count - 2; i++)
        if (!read_line(&reader, lines[i]))
            return NULL;
    schema_model_finish(model);
    return g_steal_pointer(&model);
}
