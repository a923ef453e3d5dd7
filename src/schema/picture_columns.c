/* Pictures of columns on MariaDB: whether they are there, by queries that name them and read no row. That
 * takes the server a tenth of what information_schema.COLUMNS takes, for which it makes a table on disk.
 *
 * Owns the two compound statements that do it. Refuses to conclude anything from an error but "Unknown
 * column": where the user may not read the table, another session holds it, or it is not there,
 * information_schema is asked as ever. Both are written so that they mean the same with sql_mode ORACLE,
 * where DECLARE begins a block
 * ("SQL_MODE=ORACLE"): each is followed by BEGIN. Pure. */
#include "schema/picture_internal.h"

/* ER_BAD_FIELD_ERROR, for a name of which no column of the table is. */
#define UNKNOWN_COLUMN "1054"

/* One line more. */
#define ADD_LINE "SET " PICTURE_VARIABLE " = CONCAT_WS('\n', " PICTURE_VARIABLE ", %s)"

static char *table_ident(const ObjectName *table)
{
    g_autofree char *schema = table->schema ? sql_quote_ident(DIALECT_MARIADB, table->schema) : NULL;
    g_autofree char *name = sql_quote_ident(DIALECT_MARIADB, table->name);
    return g_strconcat(schema ? schema : "", schema ? "." : "", name, NULL);
}

static char *line_literal(const PictureWitness *kind, const ObjectName *table, const char *name, bool there)
{
    g_autofree char *line = picture_witness_line(kind, table->name, name, there);
    return sql_quote_literal(DIALECT_MARIADB, line);
}

static void append_question(GString *sql, const PictureWitness *kind, const ObjectName *table,
                            const char *name)
{
    g_autofree char *from = table_ident(table);
    g_autofree char *column = sql_quote_ident(DIALECT_MARIADB, name);
    g_autofree char *there = line_literal(kind, table, name, true);
    g_autofree char *absent = line_literal(kind, table, name, false);
    g_string_append(sql, "BEGIN DECLARE EXIT HANDLER FOR " UNKNOWN_COLUMN " ");
    g_string_append_printf(sql, ADD_LINE ";\nBEGIN\n", absent);
    g_string_append_printf(sql, "SET @dbfleet_column = (SELECT asked.%s FROM %s AS asked LIMIT 0);\n", column,
                           from);
    g_string_append_printf(sql, ADD_LINE ";\nEND; END;\n", there);
}

/* Does not wait for a table that another session holds: its own handler would then take the time out for one
 * of the user's statement. The second one waits as that would. */
void picture_ask_for_columns(GPtrArray *prelude, const StatementFacts *facts, const PictureWitness *kind,
                             const char *value)
{
    g_autoptr(GString) sql =
        g_string_new("SET STATEMENT lock_wait_timeout = 0 FOR BEGIN NOT ATOMIC\n"
                     "DECLARE EXIT HANDLER FOR SQLEXCEPTION SET " PICTURE_VARIABLE " = NULL;\n"
                     "BEGIN\n"
                     "SET " PICTURE_VARIABLE " = NULL;\n");
    for (guint i = 0; i < facts->witnesses->len; i++) {
        const PartName *witness = facts->witnesses->pdata[i];
        append_question(sql, kind, facts->objects->pdata[0], witness->name);
    }
    g_string_append(sql, "END;\nEND");
    g_ptr_array_add(prelude, g_string_free(g_steal_pointer(&sql), FALSE));
    g_ptr_array_add(prelude, g_strdup_printf("BEGIN NOT ATOMIC\n"
                                             "IF " PICTURE_VARIABLE " IS NULL THEN\n"
                                             "SET " PICTURE_VARIABLE " = %s;\n"
                                             "END IF;\n"
                                             "END",
                                             value));
}
