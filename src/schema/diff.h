/* Diff: what it takes to go from one model to another, object by object. Pure; any thread.
 *
 * Says what differs, not how to change it. Nothing is guessed: what has another name is dropped and created.
 * Renames that a person asked for are made first (schema_dialect.h: rename), and the diff is of what is there
 * after them. */
#pragma once

#include "schema/hints.h"
#include "schema/model.h"

typedef enum ChangeKind { CHANGE_CREATE, CHANGE_DROP, CHANGE_ALTER } ChangeKind;
const char *change_kind_name(ChangeKind kind); /* "create", "drop", "alter" */

typedef struct AttributeChange {
    const char *name;
    const char *before; /* NULL: it was not set */
    const char *after;
} AttributeChange;

/* One object. */
typedef struct SchemaChange {
    ChangeKind kind;
    const SchemaObject *before; /* NULL for a create; of the model before */
    const SchemaObject *after;  /* NULL for a drop */
    GArray *attributes;         /* of AttributeChange, by name; empty for create and drop. "after", what an
                                   object stands behind, is there only if the object itself must move */
    bool with_parent;           /* its parent is created or dropped as well */
} SchemaChange;

typedef struct SchemaDiff {
    const SchemaModel *before; /* both borrowed */
    const SchemaModel *after;
    const SchemaHints *hints; /* borrowed; may be NULL */
    GPtrArray *changes;       /* of SchemaChange *, by kind of object and key */
    GHashTable *by_object;    /* SchemaObject * of either model -> its SchemaChange * */
} SchemaDiff;

/* The models are of one dialect. `hints` NULL: none. */
SchemaDiff *schema_diff_new(const SchemaModel *before, const SchemaModel *after, const SchemaHints *hints);
void schema_diff_free(SchemaDiff *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchemaDiff, schema_diff_free)
bool schema_diff_is_empty(const SchemaDiff *self);
/* The change of the object that has this key before or after; NULL. */
const SchemaChange *schema_diff_find(const SchemaDiff *self, SchemaKind kind, const char *key);
/* The change of this object of either model; NULL: it is the same in both. */
const SchemaChange *schema_diff_of(const SchemaDiff *self, const SchemaObject *object);
/* The object after, or before where it is dropped. */
const SchemaObject *schema_change_object(const SchemaChange *self);
/* The fewest objects of the model after that must move among what this parent has of this kind in both, to
 * turn one order into the other; a set of const SchemaObject *. Caller unrefs. */
GHashTable *schema_diff_moved(const SchemaDiff *self, const char *parent, SchemaKind kind);
const AttributeChange *schema_change_attribute(const SchemaChange *self, const char *name);

/* For people: "table shop.orders: created", "column shop.orders.total: type numeric(8,2) -> numeric(10,2)";
 * long values cut to where they differ. What came or went with its table is left out. Of char *; caller
 * unrefs. */
GPtrArray *schema_diff_lines(const SchemaDiff *self);

/* Two values of an attribute as people are shown them: each on one line, cut to where they differ; "none" for
 * NULL. Caller frees both. */
void schema_values_shown(const char *before, const char *after, char **before_shown, char **after_shown);

/* A drop and a create that may be meant as a rename: the only ones of their kind in a table (columns), or of
 * tables with at least four of five columns alike. */
typedef struct PossibleRename {
    const SchemaObject *before;
    const SchemaObject *after;
} PossibleRename;
/* Elements PossibleRename; caller unrefs. */
GArray *schema_diff_possible_renames(const SchemaDiff *self);
