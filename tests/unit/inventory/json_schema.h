/* A validator for the part of JSON Schema (draft 7) that docs/ *.schema.json use, so that the schemas are
 * tested by what they accept. A keyword that it does not know fails the test. */
#pragma once

#include "base/yaml_tree.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

/* A YAML node as an editor's JSON Schema support sees it. Caller decrefs. */
static inline json_t *json_from_yaml(const YamlNode *node)
{
    if (yaml_kind(node) == YAML_NULL)
        return json_null();
    if (yaml_kind(node) == YAML_SCALAR) {
        const char *text = yaml_text(node);
        char *end = NULL;
        double number = g_ascii_strtod(text, &end);
        bool is_number = *text != '\0' && *end == '\0' && !yaml_is_quoted(node);
        if (is_number && strpbrk(text, ".eE") == NULL)
            return json_integer((json_int_t)number);
        if (is_number)
            return json_real(number);
        if (!yaml_is_quoted(node) && (g_str_equal(text, "true") || g_str_equal(text, "false")))
            return json_boolean(g_str_equal(text, "true"));
        return json_string(text);
    }
    bool list = yaml_kind(node) == YAML_SEQUENCE;
    json_t *value = list ? json_array() : json_object();
    for (unsigned i = 0; i < yaml_length(node); i++) {
        json_t *item = json_from_yaml(yaml_at(node, i));
        if (list)
            json_array_append_new(value, item);
        else
            json_object_set_new(value, yaml_key_at(node, i), item);
    }
    return value;
}

typedef struct SchemaCheck {
    const json_t *root;
    const json_t *schema; /* the object the keyword stands in */
    const json_t *value;
} SchemaCheck;

static bool schema_accepts(const json_t *root, const json_t *schema, const json_t *value);

static bool has_type(const json_t *value, const char *type)
{
    return (g_str_equal(type, "object") && json_is_object(value)) ||
           (g_str_equal(type, "array") && json_is_array(value)) ||
           (g_str_equal(type, "string") && json_is_string(value)) ||
           (g_str_equal(type, "null") && json_is_null(value)) ||
           (g_str_equal(type, "integer") && json_is_integer(value)) ||
           (g_str_equal(type, "number") && json_is_number(value)) ||
           (g_str_equal(type, "boolean") && json_is_boolean(value));
}

static bool check_type(const SchemaCheck *self, const json_t *argument)
{
    if (json_is_string(argument))
        return has_type(self->value, json_string_value(argument));
    for (size_t i = 0; i < json_array_size(argument); i++)
        if (has_type(self->value, json_string_value(json_array_get(argument, i))))
            return true;
    return false;
}

static bool check_ref(const SchemaCheck *self, const json_t *argument)
{
    const char *name = strrchr(json_string_value(argument), '/') + 1;
    const json_t *target = json_object_get(json_object_get(self->root, "definitions"), name);
    cr_assert_not_null(target, "no definition %s", name);
    return schema_accepts(self->root, target, self->value);
}

static bool check_properties(const SchemaCheck *self, const json_t *argument)
{
    const char *key;
    json_t *schema;
    json_object_foreach((json_t *)argument, key, schema)
    {
        const json_t *value = json_object_get(self->value, key);
        if (value != NULL && !schema_accepts(self->root, schema, value))
            return false;
    }
    return true;
}

static bool check_additional(const SchemaCheck *self, const json_t *argument)
{
    const json_t *known = json_object_get(self->schema, "properties");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)self->value, key, value)
    {
        if (json_object_get(known, key) != NULL)
            continue;
        if (json_is_false(argument) || !schema_accepts(self->root, argument, value))
            return false;
    }
    return true;
}

static bool check_required(const SchemaCheck *self, const json_t *argument)
{
    for (size_t i = 0; json_is_object(self->value) && i < json_array_size(argument); i++)
        if (json_object_get(self->value, json_string_value(json_array_get(argument, i))) == NULL)
            return false;
    return true;
}

static bool check_property_names(const SchemaCheck *self, const json_t *argument)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)self->value, key, value)
    {
        json_t *name = json_string(key);
        bool good = schema_accepts(self->root, argument, name);
        json_decref(name);
        if (!good)
            return false;
    }
    return true;
}

static bool check_items(const SchemaCheck *self, const json_t *argument)
{
    for (size_t i = 0; i < json_array_size(self->value); i++)
        if (!schema_accepts(self->root, argument, json_array_get(self->value, i)))
            return false;
    return true;
}

static bool check_enum(const SchemaCheck *self, const json_t *argument)
{
    for (size_t i = 0; i < json_array_size(argument); i++)
        if (json_equal(self->value, json_array_get(argument, i)))
            return true;
    return false;
}

static bool check_any_of(const SchemaCheck *self, const json_t *argument)
{
    for (size_t i = 0; i < json_array_size(argument); i++)
        if (schema_accepts(self->root, json_array_get(argument, i), self->value))
            return true;
    return false;
}

static bool check_one_of(const SchemaCheck *self, const json_t *argument)
{
    unsigned good = 0;
    for (size_t i = 0; i < json_array_size(argument); i++)
        good += schema_accepts(self->root, json_array_get(argument, i), self->value);
    return good == 1;
}

static bool check_not(const SchemaCheck *self, const json_t *argument)
{
    return !schema_accepts(self->root, argument, self->value);
}

static bool check_min_items(const SchemaCheck *self, const json_t *argument)
{
    return !json_is_array(self->value) ||
           json_array_size(self->value) >= (size_t)json_integer_value(argument);
}

static bool check_pattern(const SchemaCheck *self, const json_t *argument)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GRegex) regex = g_regex_new(json_string_value(argument), 0, 0, &error);
    cr_assert_not_null(regex, "%s", error ? error->message : "");
    return !json_is_string(self->value) || g_regex_match(regex, json_string_value(self->value), 0, NULL);
}

static bool check_minimum(const SchemaCheck *self, const json_t *argument)
{
    return !json_is_number(self->value) || json_number_value(self->value) >= json_number_value(argument);
}

static bool check_maximum(const SchemaCheck *self, const json_t *argument)
{
    return !json_is_number(self->value) || json_number_value(self->value) <= json_number_value(argument);
}

static bool check_min_length(const SchemaCheck *self, const json_t *argument)
{
    return !json_is_string(self->value) ||
           g_utf8_strlen(json_string_value(self->value), -1) >= (glong)json_integer_value(argument);
}

static bool check_max_length(const SchemaCheck *self, const json_t *argument)
{
    return !json_is_string(self->value) ||
           g_utf8_strlen(json_string_value(self->value), -1) <= (glong)json_integer_value(argument);
}

static bool check_nothing(const SchemaCheck *self, const json_t *argument)
{
    (void)self;
    (void)argument;
    return true;
}

static const struct {
    const char *keyword;
    bool (*check)(const SchemaCheck *self, const json_t *argument);
} SCHEMA_KEYWORDS[] = {
    {"type", check_type},
    {"$ref", check_ref},
    {"properties", check_properties},
    {"additionalProperties", check_additional},
    {"required", check_required},
    {"propertyNames", check_property_names},
    {"items", check_items},
    {"enum", check_enum},
    {"anyOf", check_any_of},
    {"oneOf", check_one_of},
    {"not", check_not},
    {"minItems", check_min_items},
    {"pattern", check_pattern},
    {"minimum", check_minimum},
    {"maximum", check_maximum},
    {"minLength", check_min_length},
    {"maxLength", check_max_length},
    {"$schema", check_nothing},
    {"title", check_nothing},
    {"description", check_nothing},
    {"definitions", check_nothing},
    {"default", check_nothing},
};

static bool schema_accepts(const json_t *root, const json_t *schema, const json_t *value)
{
    SchemaCheck self = {.root = root, .schema = schema, .value = value};
    const char *keyword;
    json_t *argument;
    json_object_foreach((json_t *)schema, keyword, argument)
    {
        bool known = false, good = true;
        for (gsize i = 0; i < G_N_ELEMENTS(SCHEMA_KEYWORDS) && !known; i++)
            if (g_str_equal(SCHEMA_KEYWORDS[i].keyword, keyword)) {
                known = true;
                good = SCHEMA_KEYWORDS[i].check(&self, argument);
            }
        cr_assert(known, "the schema uses %s, which this test cannot check", keyword);
        if (!good)
            return false;
    }
    return true;
}
