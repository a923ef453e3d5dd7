/* What the files of this folder share: how the model of the MySQL family is built, and the attributes that
 * its objects have. One thread. */
#pragma once

#include "schema/mysql/text.h"
#include "schema/schema_dialect.h"

/* The model in the making. */
typedef struct MysqlReading {
    SchemaModel *model;
    const SchemaReadOptions *options;
    const char *database;
} MysqlReading;

/* Attributes that more than one file knows. Those of a column and of a table's options are rows in
 * column_text.c and table_options.c. */
#define ATTRIBUTE_DEFINITION "definition"
#define ATTRIBUTE_BODY "body"
#define ATTRIBUTE_DEFINER "definer"
#define ATTRIBUTE_AFTER "after" /* what stands before it in a declared order */
#define ATTRIBUTE_SQL_MODE "sql_mode"
#define ATTRIBUTE_LINE "~line"       /* as printed, ready to be used again */
#define ATTRIBUTE_UNNAMED "~unnamed" /* the server made the name up */
#define ATTRIBUTE_PARTITION_BY "partition by"
#define ATTRIBUTE_PARTITIONS "partitions"
#define ATTRIBUTE_VERSIONING "with system versioning"
#define ATTRIBUTE_PERIOD "period "  /* and its name */
#define ATTRIBUTE_UNKNOWN "clause " /* and its first word: what is printed and not known here */
#define SETTING_DATABASE "database"

/* ---- Reading: from texts to objects ---- */

SchemaModel *mysql_read(Connection *connection, const SchemaReadOptions *options, GError **error);
/* "MariaDB 10.11" of "MariaDB 10.11.6". Caller frees. */
char *mysql_family(const char *version);

/* What SHOW CREATE TABLE answered. */
void mysql_read_table(const MysqlReading *self, const char *name, const char *text);
/* The part of a column's line that follows its name. `table` and `parent` as the model has them; character
 * columns that say nothing else have the table's character set. */
void mysql_read_column(const MysqlReading *self, SchemaObject *column, const char *line,
                       const char *table_charset, const char *table_collation);
/* What follows a table's closing parenthesis, without partitions. */
void mysql_read_table_options(const MysqlReading *self, SchemaObject *table, const char *text);
/* What SHOW CREATE VIEW, SEQUENCE, FUNCTION, … answered. */
void mysql_read_view(const MysqlReading *self, const char *name, const char *text);
void mysql_read_sequence(const MysqlReading *self, const char *name, const char *text);
void mysql_read_routine(const MysqlReading *self, SchemaKind kind, const char *name, const char *text,
                        const char *sql_mode);
void mysql_read_package(const MysqlReading *self, const char *attribute, const char *name, const char *text,
                        const char *sql_mode);
/* Rows of information_schema; the columns are those of the queries in read.c. */
void mysql_read_triggers(const MysqlReading *self, const RowSet *rows);
void mysql_read_events(const MysqlReading *self, const RowSet *rows);
/* Dependencies by the names that stand in the texts; before the model is finished. */
void mysql_read_dependencies(const MysqlReading *self);

/* ---- Writing ---- */

void mysql_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script);
void mysql_write(const SchemaDiff *diff, ChangeScript *script);
