/* JSON tree: jansson's values behind types of our own. */
#include "base/json_tree.h"

#include <jansson.h>

/* A JsonTree is the root's json_t, and a JsonNode any other. */

JsonTree *json_tree_parse(const char *text, char **why)
{
    json_error_t error;
    json_t *root = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!root && why)
        *why = g_strdup_printf("line %d: %s", error.line, error.text);
    return (JsonTree *)root;
}

void json_tree_free(JsonTree *self)
{
    json_decref((json_t *)self);
}

const JsonNode *json_tree_root(const JsonTree *self)
{
    return (const JsonNode *)self;
}

const JsonNode *json_get(const JsonNode *object, const char *key)
{
    return (const JsonNode *)json_object_get((const json_t *)object, key);
}

gsize json_length(const JsonNode *array)
{
    return json_array_size((const json_t *)array);
}

const JsonNode *json_at(const JsonNode *array, gsize index)
{
    return (const JsonNode *)json_array_get((const json_t *)array, index);
}

const char *json_text(const JsonNode *node)
{
    return json_string_value((const json_t *)node);
}

gint64 json_number(const JsonNode *node)
{
    return json_integer_value((const json_t *)node);
}

void json_each(const JsonNode *node, void (*visit)(const char *key, const JsonNode *value, gpointer context),
               gpointer context)
{
    json_t *value = NULL;
    const char *key = NULL;
    json_object_foreach((json_t *)node, key, value) visit(key, (const JsonNode *)value, context);
    for (gsize i = 0; i < json_length(node); i++)
        visit(NULL, json_at(node, i), context);
}
