/* What the files that write share: the diff, the script, what the phases tell each other. One thread. */
#pragma once

#include "schema/mysql/mysql_internal.h"

#define SET_HISTORY_KEPT "SET SESSION system_versioning_alter_history = 'KEEP'"
#define SET_HISTORY_DEFAULT "SET SESSION system_versioning_alter_history = DEFAULT"

typedef struct MysqlWriting {
    const SchemaDiff *diff;
    ChangeScript *script;
    bool is_mariadb;
    const char *session_mode; /* sql_mode of a new session, as far as it is known */
    const char *mode;         /* … as the last statement left it */
    GHashTable *remade_keys;  /* SchemaObject * before of foreign keys that are the same but in the way */
    GHashTable *late_keys;    /* SchemaObject * after of those that are added when all tables are there */
} MysqlWriting;

/* The statement's object is made with this sql_mode: adds a SET if the session has another. NULL: the
 * session's own. */
void writing_set_mode(MysqlWriting *self, const char *sql_mode);
bool change_has(const SchemaChange *change, const char *attribute);
/* The object's attribute, "" if it has none. */
const char *attribute_or_empty(const SchemaObject *object, const char *attribute);
bool same_attribute(const SchemaObject *before, const SchemaObject *after, const char *attribute);

/* The phases, in the order in which they run. */
void write_code_drops(MysqlWriting *self);
void write_foreign_key_drops(MysqlWriting *self);
void write_table_drops(MysqlWriting *self);
void write_database(MysqlWriting *self);
void write_sequences(MysqlWriting *self);
void write_table_creates(MysqlWriting *self);
void write_table_alters(MysqlWriting *self);
void write_foreign_key_adds(MysqlWriting *self);
void write_sequence_drops(MysqlWriting *self);
void write_routines(MysqlWriting *self);
void write_views(MysqlWriting *self);
void write_triggers(MysqlWriting *self);
void write_events(MysqlWriting *self);

/* ---- Foreign keys ---- */

typedef struct ForeignKey {
    GPtrArray *columns; /* of char *, names without quotes */
    char *table;        /* key */
    GPtrArray *references;
} ForeignKey;

/* False if the constraint is none. */
bool foreign_key_of(ForeignKey *self, const SchemaObject *constraint);
void foreign_key_clear(ForeignKey *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ForeignKey, foreign_key_clear)
/* "CONSTRAINT `name` " and what it is; without a name that the server made up. Caller frees. */
char *constraint_text(const SchemaObject *constraint);
/* "UNIQUE KEY `name` (…)". Caller frees. */
char *index_text(const SchemaObject *index);

/* Adds the statements that drop a constraint whose name the server made up; false if it is none, or this
 * server cannot say what its constraints are. */
bool write_unnamed_drop(MysqlWriting *self, const SchemaObject *table, const SchemaObject *constraint);

/* ---- One table's ALTER ---- */

typedef struct TableAlter {
    MysqlWriting *writing;
    const SchemaObject *before;
    const SchemaObject *after;
    GPtrArray *clauses;    /* of char * */
    GPtrArray *losses;     /* of char * */
    GHashTable *recreated; /* names of columns that are dropped and added anew; owned */
    bool changes_columns;
    bool versioned_first; /* an ALTER of its own before gives it a history */
} TableAlter;

void alter_add(TableAlter *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
void alter_lose(TableAlter *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Those columns that no MODIFY turns into what they shall be. */
void alter_find_recreated(TableAlter *self);
/* Those that an expression fills: what has to run before the table's own ALTER, in which the new column takes
 * the name of the old one. */
bool column_has_using(const MysqlWriting *self, const SchemaObject *before, const SchemaObject *after);
char *using_name(const SchemaObject *column);
void write_using(TableAlter *self, const SchemaObject *before, const SchemaObject *after);
/* ", `at` = `at`" of each column that an UPDATE would set to its own time. Caller frees. */
char *kept_times(const SchemaModel *model, const char *table_key);
void alter_drop_columns(TableAlter *self);
void alter_columns(TableAlter *self);
void alter_drop_keys(TableAlter *self);
void alter_add_keys(TableAlter *self);
void alter_drop_checks(TableAlter *self);
void alter_add_checks(TableAlter *self);
/* Adds what stands behind the closing parenthesis. */
void alter_options(TableAlter *self);

/* "SYSTEM_TIME" or the period's quoted name, from the attribute's. Caller frees. */
char *period_name(const char *attribute);

/* ---- Partitions ---- */

/* REMOVE PARTITIONING before the table is altered; partitions added, dropped, reorganized, or the table
 * partitioned anew afterwards. */
void write_partitions_before(MysqlWriting *self, const SchemaObject *before, const SchemaObject *after);
void write_partitions_after(MysqlWriting *self, const SchemaObject *before, const SchemaObject *after);
/* "PARTITION BY …" as it is compared, or NULL. */
const char *partition_method(const SchemaObject *table);
/* "PARTITION BY …" whole, or NULL. Caller frees. */
char *partitions_text(const SchemaObject *table);
/* True if the table is partitioned otherwise, not only in other partitions. */
bool partitions_differ(const SchemaObject *before, const SchemaObject *after);

/* ---- Losses ---- */

bool mysql_type_narrows(const char *before, const char *after);
/* False if the server has no conversion at all, also not for an empty table. */
bool mysql_type_converts(const char *before, const char *after);
bool mysql_charset_narrows(const char *before, const char *after);
