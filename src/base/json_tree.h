/* JSON tree: a text read by jansson, as an immutable tree that is walked by name and index. For what others
 * wrote; what we write ourselves is json_out.h. Any thread may read a tree. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct JsonTree JsonTree;
typedef struct JsonNode JsonNode; /* belongs to its tree */

/* NULL if it is no JSON; then *why (may be NULL) says what is wrong, the caller's to free. */
JsonTree *json_tree_parse(const char *text, char **why);
void json_tree_free(JsonTree *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonTree, json_tree_free)
const JsonNode *json_tree_root(const JsonTree *self);

/* All of these take NULL for a node, and answer as for one that holds nothing. */
const JsonNode *json_get(const JsonNode *object, const char *key); /* NULL: there is none */
gsize json_length(const JsonNode *array);                          /* 0 for what is no array */
const JsonNode *json_at(const JsonNode *array, gsize index);
const char *json_text(const JsonNode *node); /* NULL unless it is a string */
gint64 json_number(const JsonNode *node);    /* 0 unless it is a whole number */
/* Calls `visit` for each member of an object and item of an array (then without key). */
void json_each(const JsonNode *node, void (*visit)(const char *key, const JsonNode *value, gpointer context),
               gpointer context);
