/* Model: what a database holds, as objects with attributes, read from its catalogs and never parsed from SQL.
 *
 * One shape for all dialects. An object has a kind, a key that names it, the object it is part of, and
 * attributes whose values are texts as the server prints them; what has no attributes is there by its
 * presence. Two models of one dialect are equal when these are. Attributes whose name begins with "~" inform
 * (the position of a column where its order means nothing, a state that no DDL can set): they are kept, shown
 * on demand, and never compared. The attribute "after" is the name of what an object stands behind where
 * order means something (diff.h). Objects that we do not model are of SCHEMA_OTHER: told, never missed. Built
 * by one thread; immutable after schema_model_finish(), then any thread may read it. */
#pragma once

#include "sql/dialect.h"

typedef enum SchemaKind {
    SCHEMA_NAMESPACE, /* a schema of PostgreSQL */
    SCHEMA_EXTENSION,
    SCHEMA_ENUM,
    SCHEMA_DOMAIN,
    SCHEMA_COMPOSITE,
    SCHEMA_RANGE,
    SCHEMA_SEQUENCE,
    SCHEMA_TABLE, /* also partitioned, foreign and virtual ones */
    SCHEMA_COLUMN,
    SCHEMA_CONSTRAINT,
    SCHEMA_INDEX,
    SCHEMA_VIEW,
    SCHEMA_MATVIEW,
    SCHEMA_VIEW_COLUMN,
    SCHEMA_FUNCTION,
    SCHEMA_PROCEDURE,
    SCHEMA_AGGREGATE,
    SCHEMA_PACKAGE,
    SCHEMA_TRIGGER,
    SCHEMA_EVENT,
    SCHEMA_RULE,
    SCHEMA_POLICY,
    SCHEMA_STATISTICS,
    SCHEMA_EVENT_TRIGGER,
    SCHEMA_PUBLICATION,
    SCHEMA_COMMENT,
    SCHEMA_GRANT,
    SCHEMA_DEFAULT_GRANT,
    SCHEMA_SETTING, /* of the database itself: character set and collation on MariaDB */
    SCHEMA_OTHER
} SchemaKind;
#define SCHEMA_KIND_COUNT (SCHEMA_OTHER + 1)
/* "table", "view column", …: for people and JSON. */
const char *schema_kind_name(SchemaKind kind);
bool schema_kind_parse(const char *name, SchemaKind *kind);

typedef struct SchemaAttribute {
    const char *name;
    const char *value; /* never NULL */
} SchemaAttribute;

/* All texts belong to the model. */
typedef struct SchemaObject {
    SchemaKind kind;
    const char
        *key; /* unique in its kind; as the dialect prints it, quoted where it must be: shop.orders.id */
    const char *parent; /* key of the table, view, domain, … that it is part of; NULL */
    const char
        *name; /* the last part of the key, ready for a statement; of a function with its argument types */
    unsigned
        position; /* order as declared among what its parent has of this kind, from 1; 0: there is none */
    GArray *attributes; /* of SchemaAttribute, by name */
} SchemaObject;

/* That one object cannot be there without another. */
typedef struct SchemaDependency {
    const SchemaObject *from;
    const SchemaObject *on;
} SchemaDependency;

typedef struct SchemaModel SchemaModel;

/* `server`: "PostgreSQL 15", "MariaDB 10.11": what printed the texts; models of different ones do not
 * compare. */
SchemaModel *schema_model_new(Dialect dialect, const char *server);
void schema_model_free(SchemaModel *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchemaModel, schema_model_free)

/* The object, made if it is not there; texts are copied. `parent` NULL: it is part of none. */
SchemaObject *schema_model_add(SchemaModel *self, SchemaKind kind, const char *key, const char *parent,
                               const char *name);
/* Sets an attribute, replacing its value; NULL is left out. Both are copied. */
void schema_model_set(SchemaModel *self, SchemaObject *object, const char *attribute, const char *value);
/* Notes a dependency; passed over if either is not in the model when it is finished. */
void schema_model_depends(SchemaModel *self, SchemaKind kind, const char *key, SchemaKind on_kind,
                          const char *on_key);
/* Sorts; nothing may be added afterwards. */
void schema_model_finish(SchemaModel *self);

Dialect schema_model_dialect(const SchemaModel *self);
const char *schema_model_server(const SchemaModel *self);
/* By kind and then key, in bytes; of const SchemaObject *. Owned by the model. */
const GPtrArray *schema_model_objects(const SchemaModel *self);
/* NULL if there is none. */
const SchemaObject *schema_model_find(const SchemaModel *self, SchemaKind kind, const char *key);
/* What has this parent and kind, by position and then key; caller unrefs. */
GPtrArray *schema_model_parts(const SchemaModel *self, const char *parent, SchemaKind kind);
/* Elements SchemaDependency. */
const GArray *schema_model_dependencies(const SchemaModel *self);
/* `objects` (const SchemaObject *, of this model) with what each depends on before it; a circle and objects
 * without order stay as they come. Caller unrefs. */
GPtrArray *schema_model_in_order(const SchemaModel *self, GPtrArray *objects);
/* NULL if the object has no such attribute. */
const char *schema_object_get(const SchemaObject *self, const char *attribute);
bool schema_attribute_informs(const char *name);
/* Of a column: its place among the others, where it means nothing unless a person says so
 * (SchemaHints.strict_order) and a statement can change it. */
#define SCHEMA_ORDER_ATTRIBUTE "~order"

/* SHA-256 (hex) over all that is compared; the same for equal models of one dialect and server. */
const char *schema_model_fingerprint(const SchemaModel *self);
/* The model as lines of text and back, for files of our own; NULL if the text is cut or of another version.
 * Caller frees. */
char *schema_model_to_text(const SchemaModel *self);
SchemaModel *schema_model_from_text(const char *text);
