/* YAML tree: a document as an immutable tree whose nodes know their place, read with libyaml.
 *
 * Anchors and aliases are resolved by sharing the node (a cycle is an error); "<<" merge keys are resolved
 * too. Duplicate keys, tabs used as indentation, several documents, non-scalar keys, files that are not UTF-8
 * text and files over YAML_MAX_BYTES are errors with a place. Scalars keep their text: types are the reader's
 * business, through the yaml_as_ functions, which report a wrong type with its place. Immutable after
 * parsing; any thread may read. */
#pragma once

#include "base/diagnostics.h"

#define YAML_MAX_BYTES (64u * 1024 * 1024)

typedef enum YamlKind { YAML_NULL, YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING } YamlKind;

typedef struct YamlNode YamlNode;
typedef struct YamlTree YamlTree;

/* Parses a file or a text (`name` is what places call it). NULL when anything is wrong, and then at least one
 * error was added. An empty document has a root of kind YAML_NULL. */
YamlTree *yaml_tree_load(const char *path, Diagnostics *problems);
YamlTree *yaml_tree_parse(const char *text, gsize length, const char *name, Diagnostics *problems);
/* SHA-256 of the bytes that it was made from. */
const char *yaml_tree_digest(const YamlTree *self);
void yaml_tree_free(YamlTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlTree, yaml_tree_free)
const YamlNode *yaml_tree_root(const YamlTree *self);

YamlKind yaml_kind(const YamlNode *node);
SourcePlace yaml_place(const YamlNode *node);
/* "a mapping", "a list", "text", "nothing": for messages. */
const char *yaml_kind_name(YamlKind kind);
/* A scalar's text, exactly as YAML reads it; NULL for other kinds. */
const char *yaml_text(const YamlNode *node);
/* True for a scalar written in quotes or as a block: it is text even if it looks like a number or a boolean.
 */
bool yaml_is_quoted(const YamlNode *node);

/* Number of items or keys; 0 for scalars. */
unsigned yaml_length(const YamlNode *node);
/* Item of a sequence, or value at a position of a mapping in file order. */
const YamlNode *yaml_at(const YamlNode *node, unsigned index);
const char *yaml_key_at(const YamlNode *node, unsigned index);
SourcePlace yaml_key_place_at(const YamlNode *node, unsigned index);
/* Value of a key, or NULL. */
const YamlNode *yaml_get(const YamlNode *node, const char *key);

/* Typed readers: on a wrong type they add an error naming `what` and return false, leaving *value as it was.
 */
bool yaml_as_text(const YamlNode *node, const char *what, const char **value, Diagnostics *problems);
bool yaml_as_bool(const YamlNode *node, const char *what, bool *value, Diagnostics *problems);
bool yaml_as_unsigned(const YamlNode *node, const char *what, unsigned minimum, unsigned maximum,
                      unsigned *value, Diagnostics *problems);
/* A duration such as 500ms, 5s, 15min, 2h, 1d, in milliseconds (base/duration.h). */
bool yaml_as_duration(const YamlNode *node, const char *what, gint64 *milliseconds, Diagnostics *problems);

/* Adds an error for each key of a mapping that is not in the NULL-terminated list, with the nearest known key
 * ("did you mean"). Returns false if any. */
bool yaml_check_keys(const YamlNode *mapping, const char *what, const char *const *known,
                     Diagnostics *problems);
