/* What the files that write PostgreSQL's changes share.
 *
 * Each kind of object has a row of functions (PgKind), all of them in one table in write_kinds.c; write.c has
 * the phases in which they are called. What goes and what comes is decided once, before anything is written
 * (fates.c): an object of both models goes and comes again if it cannot be altered in place, or if something
 * that it depends on does. Functions ask with pg_goes() and pg_comes(), never the diff alone. Pure; one
 * thread. */
#pragma once

#include "schema/schema_dialect.h"

/* What becomes of an object that is in both models; a higher one includes the lower. */
typedef enum PgFate {
    PG_STAYS,
    PG_DETACHED,  /* a column or domain whose default needs something that goes: dropped and set again */
    PG_DISTURBED, /* stays, but what was built on it must go and come again: a column gets another type */
    PG_REPLACED   /* goes and comes again */
} PgFate;

typedef struct PgWriting {
    const SchemaDiff *diff;
    ChangeScript *script;
    GHashTable *fates;      /* object of before -> PgFate */
    GHashTable *partners;   /* object that only gets another name: before -> after and after -> before */
    GHashTable *dependents; /* object of before -> GPtrArray of what depends on it */
    GHashTable *needs;      /* object of after -> GPtrArray of what it depends on */
    GHashTable *early;      /* set: routines of after that tables or types depend on */
    GHashTable *first;      /* set: objects of before that must go before anything is made */
    GHashTable *made;       /* set: objects of after that the statements so far have made */
    GHashTable *joined;     /* set: indexes of after that are under those of the partitioned table by that */
    bool bodies_unchecked;  /* check_function_bodies is off in the script */
} PgWriting;

/* One kind of object; every member may be NULL. */
typedef struct PgKind {
    /* Of an object that differs. NULL: it is altered in place. */
    PgFate (*fate)(const PgWriting *self, const SchemaChange *change);
    /* What comes, also as part of something that comes. */
    void (*create)(PgWriting *self, const SchemaObject *after);
    /* What stays and differs, or is detached or disturbed: then `change` may be NULL. */
    void (*alter)(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                  const SchemaChange *change);
    /* Not called for what goes with its parent. */
    void (*drop)(PgWriting *self, const SchemaObject *before);
} PgKind;
extern const PgKind pg_tables, pg_columns, pg_constraints, pg_indexes, pg_views, pg_view_columns,
    pg_functions, pg_procedures, pg_triggers;
extern const PgKind *const pg_kinds[SCHEMA_KIND_COUNT];

/* ---- fates.c ---- */

void pg_decide_fates(PgWriting *self);
/* The same object in the other model, also under another name; NULL: it is in none. */
const SchemaObject *pg_after(const PgWriting *self, const SchemaObject *before);
const SchemaObject *pg_before(const PgWriting *self, const SchemaObject *after);
PgFate pg_fate(const PgWriting *self, const SchemaObject *before);
/* Whether it is dropped, for good or to come again, alone or with what it is part of. */
bool pg_goes(const PgWriting *self, const SchemaObject *before);
/* The outermost object with which it goes: itself, or a table, view, … that it is part of. It does go. */
const SchemaObject *pg_gone_with(const PgWriting *self, const SchemaObject *before);
/* Whether it is made, new or again, alone or with what it is part of. */
bool pg_comes(const PgWriting *self, const SchemaObject *after);
/* The table, view, domain, …, that it is part of, in the same model; NULL. */
const SchemaObject *pg_parent(const SchemaModel *model, const SchemaObject *part);
/* Whether an index, a constraint or statistics go for good with a column of their table. */
bool pg_goes_with_column(const PgWriting *self, const SchemaObject *before);
/* True if the body of a routine that tables need names a table or view that is made after it. */
bool pg_body_runs_ahead(const PgWriting *self, const SchemaObject *routine);
/* Fills `early` and `first`. */
void pg_decide_order(PgWriting *self);
/* Lists of const SchemaObject *, owned by `self`; NULL: there is none. */
const GPtrArray *pg_dependents(const PgWriting *self, const SchemaObject *before);
const GPtrArray *pg_needs(const PgWriting *self, const SchemaObject *after);
bool pg_depends_on(const PgWriting *self, const SchemaObject *after, const SchemaObject *on);

/* ---- order.c ---- */

typedef void (*PgVisit)(PgWriting *self, const SchemaObject *object);
/* Calls `drop` for each of the objects (of before, that go) behind what depends on it. */
void pg_drop_in_order(PgWriting *self, GPtrArray *objects, PgVisit drop);

/* `ordered` with what the text of a routine or view mentions by its name in front of it: the body of a
 * function in SQL is looked at when it is made, and the catalogs do not tell what it needs. Caller unrefs. */
GPtrArray *pg_order_by_mention(const PgWriting *self, GPtrArray *ordered);

/* ---- names.c ---- */

/* The key as a statement has it: without the schema that an unqualified name means. Points into `key`. */
const char *pg_name(const char *key);
/* The same of keys parted by ", ". Caller frees. */
char *pg_names(const char *keys);
/* The part of the key in front of the name, with its dot; empty for the schema that needs none. Caller frees.
 */
char *pg_schema_prefix(const SchemaObject *object);
const char *pg_attribute(const SchemaObject *object, const char *name); /* "" if there is none */
/* "ALTER TABLE orders …" of the table that it is part of, added to the script. */
ChangeStatement *pg_alter_parent(PgWriting *self, const SchemaObject *part, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Marks what the statement does away with for good: "column shop.orders.note". */
void pg_mark_loss(ChangeStatement *statement, const SchemaObject *object);

/* Whether the table above it, of which it has the part, does to it what is done there: an inherited column of
 * a table that goes on being a child. `part` of either model. */
bool pg_is_passed_down(const PgWriting *self, const SchemaObject *part);

/* ---- lists.c ---- */

/* The parenthesis that closes the one at `open`; NULL if there is none. */
const char *pg_closing(const char *open);
/* "(a > 0)" of both "a > 0" and "(a > 0)". Caller frees. */
char *pg_parenthesised(const char *expression);
/* The elements of a list, parted outside of quotes and parentheses by a comma and white space. Caller frees.
 */
GStrv pg_list_elements(const char *list);
/* The major number of the server that the models are of. */
unsigned pg_major(const PgWriting *self);
/* The attribute of the object, or `otherwise`. */
const char *pg_attribute_or(const SchemaObject *object, const char *name, const char *otherwise);
/* A name without its quotes, doubled ones once. Caller frees. */
char *pg_unquoted(const char *name);

/* ---- options.c ---- */

/* SET and RESET of what differs between two lists "a=1, b=2": "ALTER TABLE orders SET (a=1)". `what`: "TABLE
 * orders". NULL: an empty list. */
void pg_write_options(PgWriting *self, const char *what, const char *before, const char *after);

/* ---- sequence_options.c ---- */

/* INCREMENT BY …, MINVALUE … and so on, of a sequence or an identity column, each with a blank in front;
 * empty: all as the server makes it. Caller frees. */
char *pg_sequence_options(const SchemaObject *object);
/* What leads from one to the other, `lead` ("SET " for an identity column) in front of each. Caller frees. */
char *pg_sequence_changes(const SchemaObject *before, const SchemaObject *after, const char *lead);
/* The statements to run before these changes. `name`: of the sequence, for a statement. */
void pg_write_sequence_bounds(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                              const char *name);

/* ---- tables.c ---- */

/* What a table gets once all else is there: row security, replica identity, clustering. */
void pg_finish_tables(PgWriting *self);

/* ---- casts.c ---- */

typedef enum PgCast {
    PG_CAST_ASSIGNED, /* the server does it by itself */
    PG_CAST_EXPLICIT, /* USING column::type, where need be by way of another */
    PG_CAST_BY_TEXT,  /* USING column::text::type */
    PG_CAST_NONE      /* only a person knows */
} PgCast;
/* How values of one type become those of another. Names as format_type() has them; domains of the model count
 * as what they are made of. */
PgCast pg_cast(const PgWriting *self, const char *before, const char *after);
/* The same as an expression, "value::type"; NULL: the value as it is, or nobody knows. Caller frees. */
char *pg_cast_value(const PgWriting *self, const char *value, const char *before, const char *after);
/* Whether that changes values or what is told apart by them. */
bool pg_cast_loses(const PgWriting *self, const char *before, const char *after);
/* True if values of the one are stored and compared as those of the other: char types, integers. */
bool pg_types_are_close(const char *left, const char *right);
/* A value of the type for rows that nothing gives one, "0", "''"; NULL: none is known. Caller frees. */
char *pg_placeholder(const PgWriting *self, const char *type);

/* ---- columns.c ---- */

/* Everything about the columns of tables that stay: in one order for a table, whatever the kind of change. */
void pg_write_columns(PgWriting *self);
/* Drops the defaults of columns that need something that is about to go. */
void pg_detach_columns(PgWriting *self);
/* What stands in CREATE TABLE and ADD COLUMN. Caller frees. */
char *pg_column_clause(const SchemaObject *column);
/* What no clause can say: statistics, storage, options. */
void pg_write_column_settings(PgWriting *self, const SchemaObject *column);

/* ---- constraints.c ---- */

/* "CONSTRAINT name CHECK (…)". Caller frees. */
char *pg_constraint_clause(const SchemaObject *constraint);
bool pg_is_foreign_key(const PgWriting *self, const SchemaObject *constraint);
bool pg_is_no_foreign_key(const PgWriting *self, const SchemaObject *constraint);
/* Whether CREATE TABLE, about to be written, can have it. */
bool pg_can_be_inline(const PgWriting *self, const SchemaObject *constraint);

/* ---- indexes.c ---- */

/* The index of a constraint, for a statement. Caller frees. */
char *pg_index_name(const SchemaObject *constraint);
/* Pairs constraints and indexes that differ by their name alone. */
void pg_find_renamed(PgWriting *self);
void pg_write_renamed(PgWriting *self);
