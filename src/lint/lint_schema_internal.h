/* Views of a model: columns and keys of all dialects in one form, read from the attributes that each
 * dialect's model has. Texts of a view are its own. */
#pragma once

#include "schema/diff.h"

/* A type: name in lower case without arguments, and these. */
typedef struct LintType {
    char *name;    /* "character varying", "int" */
    char *labels;  /* what stands in parentheses, as written; NULL */
    gint64 first;  /* length or precision; -1: none */
    gint64 second; /* scale; -1: none */
    bool is_unsigned;
    bool is_array;
} LintType;
void lint_type_parse(LintType *self, const char *text);
void lint_type_clear(LintType *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LintType, lint_type_clear)
/* Values may be lost, or refused, on the way from one to the other. */
bool lint_type_narrows(const char *before, const char *after);
/* Only longer, or of more digits: nobody notices. */
bool lint_type_widens_only(const char *before, const char *after);
/* The labels of MySQL's enum and set, or of a list "'a','b'"; of char *, caller unrefs. */
GPtrArray *lint_labels(const char *text);

typedef struct LintColumn {
    char *type;
    char *preset; /* its DEFAULT; NULL */
    bool not_null;
    bool generated;
    bool identity; /* numbers itself: identity, serial, AUTO_INCREMENT */
} LintColumn;
void lint_column_read(LintColumn *self, const SchemaObject *column);
void lint_column_clear(LintColumn *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LintColumn, lint_column_clear)

typedef enum LintKeyKind {
    LINT_KEY_OTHER,
    LINT_KEY_PRIMARY,
    LINT_KEY_UNIQUE,
    LINT_KEY_FOREIGN,
    LINT_KEY_CHECK,
    LINT_KEY_EXCLUDE,
    LINT_KEY_INDEX
} LintKeyKind;

/* A constraint or an index. */
typedef struct LintKey {
    LintKeyKind kind;
    char *table;        /* key of the table */
    GPtrArray *columns; /* of char *: names without quotes; an expression is "(…)" */
    char *parent;       /* of a foreign key, as printed; NULL */
    GPtrArray *parent_columns;
    char *expression; /* of a CHECK; of a partial index what stands behind WHERE; NULL */
    bool not_valid;
    bool special; /* an index of another method than the usual, or hidden from the planner */
} LintKey;
/* Of SCHEMA_CONSTRAINT and SCHEMA_INDEX. */
void lint_key_read(LintKey *self, const SchemaModel *model, const SchemaObject *object);
void lint_key_clear(LintKey *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LintKey, lint_key_clear)
/* "a, b"; caller frees. */
char *lint_key_columns(const GPtrArray *columns);
/* The keys of a table: of LintKey *; caller unrefs. */
GPtrArray *lint_keys_of(const SchemaModel *model, const char *table, LintKeyKind kind);
/* The text by which the server describes the object: its definition. "" if there is none. */
const char *lint_definition(const SchemaObject *object);
/* A table that is part of a partitioned one. */
bool lint_is_partition(const SchemaObject *table);
/* The object's name without quotes. Caller frees. */
char *lint_bare_name(const char *name);
/* The column of the table that has this bare name; NULL. */
const SchemaObject *lint_column_of(const SchemaModel *model, const char *table, const char *name);
