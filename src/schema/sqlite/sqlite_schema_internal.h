/* SQLite's schema: what reading and writing share. A database keeps the text of each object as it was
 * written; it is cut into objects here, compared word by word, and used again as it stands when something is
 * made. Names mean the same in any (ASCII) case, https://www.sqlite.org/lang_keywords.html. */
#pragma once

#include "schema/schema_dialect.h"
#include "sql/words.h"

/* ---- Names ---- */

/* Ready for a statement: quoted only where it must be. Caller frees. */
char *lite_name(const char *name);
/* What names are compared by. Caller frees. */
char *lite_fold(const char *name);
/* The name in a key: folded, quoted only where it must be. Caller frees. */
char *lite_key(const char *name);
/* "table.part", of parts that are keys or definitions. Caller frees. */
char *lite_part_key(const char *table_key, const char *part);
/* The name that a key or a name ready for a statement stands for, folded. Caller frees. */
char *lite_unquoted(const char *name);

/* ---- Texts ---- */

/* The words from `from` up to `to`, in one spelling: no comments, no space that means nothing, names folded,
 * quotes only where they must be. `names` (set of folded names that the database has) tells a name in double
 * quotes from a string in them, whose case counts. NULL: as written but for space. Caller frees. */
char *lite_normal_text(GPtrArray *words, guint from, guint to, GHashTable *names);
/* The text as kept by the database, without comments that are meant for dbfleet. Caller frees. */
char *lite_statement_text(const char *sql);
/* … with another name for the table that it makes, and columns not called by the old one. Caller frees. */
char *lite_renamed_text(const char *sql, const char *name);
/* Whether a text has the (folded) name as one of its words. */
bool lite_text_names(const char *sql, const char *folded);
/* The index of the word with which an object's own name stands in its CREATE; 0 if it is no such text. */
guint lite_name_index(GPtrArray *words);
/* Whether the words at `index` are the object's own name (at `name`) and a point, in front of a column's. */
bool lite_is_qualifier(const GPtrArray *words, guint name, guint index);

/* ---- Tables ---- */

typedef struct WordRange {
    guint from;
    guint to;
} WordRange;

/* A constraint or the like of a column or a table: CONSTRAINT name, and the words from its keyword on. */
typedef struct LiteClause {
    const SqlWord *name; /* NULL: none */
    guint from;
    guint to;
} LiteClause;

typedef struct LiteTableText {
    GPtrArray *words;
    GArray *parts;     /* of WordRange: what stands between commas; columns and then constraints */
    WordRange options; /* behind the closing parenthesis */
} LiteTableText;
/* NULL if it is no CREATE TABLE with columns in parentheses. */
LiteTableText *lite_table_text_new(const char *sql);
void lite_table_text_free(LiteTableText *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiteTableText, lite_table_text_free)
/* The clauses of a column, from behind its name; the type, which may be empty, ends at *type_end. Of
 * LiteClause; caller unrefs. */
GArray *lite_column_clauses(GPtrArray *words, WordRange part, guint *type_end);
/* The constraints in a part that is no column. */
GArray *lite_table_clauses(GPtrArray *words, WordRange part);

/* Adds a table's columns and constraints to the model. `columns`: their names in order (const char *), as
 * pragma table_xinfo has them. False, and nothing is added, if the text cannot be cut into as many columns.
 */
bool lite_add_table_parts(SchemaModel *model, SchemaObject *table, const char *sql, GPtrArray *columns,
                          GHashTable *names);

/* ---- Writing ---- */

typedef struct LiteWriter {
    const SchemaDiff *diff;
    ChangeScript *script;
    GHashTable *rebuilt;   /* set of SchemaObject * of the model after: tables made anew */
    GHashTable *displaced; /* set of those before: views and triggers that go and come back */
} LiteWriter;

/* True if the columns and constraints of a table (in both models) become what they shall be by ADD COLUMN and
 * DROP COLUMN within the limits of these, https://www.sqlite.org/lang_altertable.html. */
bool lite_can_alter(const LiteWriter *self, const SchemaObject *before, const SchemaObject *after);
void lite_alter_table(LiteWriter *self, const SchemaObject *before, const SchemaObject *after);
/* Makes the table anew with its rows, and its indexes; its triggers are gone then. */
void lite_rebuild_table(LiteWriter *self, const SchemaObject *before, const SchemaObject *after);

void lite_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script);
void lite_write(const SchemaDiff *diff, ChangeScript *script);
SchemaModel *lite_read(Connection *connection, const SchemaReadOptions *options, GError **error);
