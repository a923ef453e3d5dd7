/* Hints: what the catalogs cannot tell, said by a person: that an object was renamed, how a column's values
 * become those of its new type. From comments in schema files and from the command line. Pure. */
#pragma once

#include "base/diagnostics.h"
#include "schema/model.h"

typedef struct SchemaRename {
    SchemaKind kind; /* SCHEMA_TABLE, SCHEMA_COLUMN, SCHEMA_ENUM (a label: parent is the type), … */
    char *parent;    /* NULL for what is part of nothing; as after the renames of its own */
    char *before;    /* names as written, without quotes */
    char *after;
    SourcePlace place; /* place.file belongs to who read it */
} SchemaRename;

typedef struct SchemaUsing {
    char *column; /* "orders.total", "shop.orders.total" */
    char *expression;
    SourcePlace place;
} SchemaUsing;

typedef struct SchemaHints {
    GPtrArray *renames;  /* of SchemaRename * */
    GPtrArray *usings;   /* of SchemaUsing * */
    bool allow_recreate; /* a table may be made anew and its rows copied where no ALTER leads there */
    bool is_way_back;    /* rows that a change back brings a NOT NULL column get a value, whatever it is */
    bool strict_order; /* the order of columns is a difference where the dialect can do something about it */
} SchemaHints;

SchemaHints *schema_hints_new(void);
void schema_hints_free(SchemaHints *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchemaHints, schema_hints_free)
/* "table:old=new", "column:orders.old=new", "value:mood.sad=unhappy" as --rename takes it. False with an
 * error that shows the form. */
bool schema_hints_add_rename(SchemaHints *self, const char *text, GError **error);
void schema_hints_take_rename(SchemaHints *self, SchemaRename *rename);
void schema_hints_take_using(SchemaHints *self, SchemaUsing *using);
/* Adds copies of the other's renames and usings. */
void schema_hints_add_all(SchemaHints *self, const SchemaHints *other);
/* The same the other way round, for the way down; usings are left out. */
SchemaHints *schema_hints_inverted(const SchemaHints *self);
/* How the column's values become those of its new type, or NULL. The key may be longer by its schema than
 * what was written. */
const char *schema_hints_using(const SchemaHints *self, const char *column_key);
/* The name before of what is called `after` now, or NULL. `parent` NULL for tables and types. */
const char *schema_hints_before(const SchemaHints *self, SchemaKind kind, const char *parent,
                                const char *after);
