/* What the files of the YAML tree share and nobody else sees: the nodes, the arena they live in, and the
 * tree. */
#pragma once

#include "base/yaml_tree.h"

#include <stdbool.h>

typedef struct YamlPair {
    const char *key; /* equal keys of a tree are one pointer */
    const YamlNode *value;
    unsigned key_line;
    unsigned key_column;
} YamlPair;

struct YamlNode {
    const char *file;
    unsigned line;
    unsigned column;
    guint8 kind; /* YamlKind */
    bool quoted;
    bool open;     /* a collection whose end has not been read */
    guint8 height; /* levels of collections from here down, aliases followed */
    unsigned length;
    unsigned weight; /* values from here down, aliases followed: what a walk of the tree would visit */
    union {
        const char *text;
        const YamlNode **items;
        YamlPair *pairs; /* behind them, where there are more than YAML_LINEAR_KEYS, their positions in the
                            order of keys */
    };
};

/* A mapping of up to so many keys is searched from its start. */
#define YAML_LINEAR_KEYS 16u

struct YamlTree {
    GPtrArray *blocks; /* the arena: freed as a whole */
    char *free_start;
    gsize free_bytes;
    char *name;
    char *digest;
    const YamlNode *root;
};

/* Memory of the tree, aligned for any node, not zeroed. */
void *yaml_tree_alloc(YamlTree *self, gsize size);

/* Turns text that is clean UTF-8 without NUL or byte order mark into self->root. False when anything is
 * wrong, and then at least one error was added. */
bool yaml_tree_build(YamlTree *self, const char *text, gsize length, Diagnostics *problems);

/* The place of text[offset]: lines end with "\n", "\r\n" or "\r", columns count characters. */
SourcePlace yaml_place_at(const char *file, const char *text, gsize offset);

/* Adds what libyaml found wrong with `text`, in words that say what to do. */
struct yaml_parser_s; /* libyaml's yaml_parser_t */
void yaml_syntax_report(const struct yaml_parser_s *parser, const char *file, const char *text, gsize length,
                        Diagnostics *problems);
