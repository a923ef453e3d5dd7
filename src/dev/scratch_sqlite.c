/* Scratch databases of SQLite: in memory, or files of their own in a folder. Any thread. */
#include "dev/dev_servers_internal.h"

#include "sql/dialect.h"

static bool read_like(ScratchLike *like, Connection *connection, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(
        connection, "SELECT encoding, foreign_keys FROM pragma_encoding, pragma_foreign_keys", error);
    if (!rows)
        return false;
    char *const *row = rows->rows->pdata[0];
    like->encoding = g_strdup(row[0]);
    like->settings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_insert(like->settings, g_strdup("foreign_keys"), g_strdup(row[1]));
    return true;
}

static bool settings_sql(Connection *connection, const ScratchLike *like, GPtrArray *statements,
                         GError **error)
{
    (void)connection;
    (void)error;
    g_autofree char *encoding = sql_quote_literal(DIALECT_SQLITE, like->encoding);
    if (like->encoding)
        g_ptr_array_add(statements, g_strdup_printf("PRAGMA encoding = %s", encoding));
    return true;
}

static const char *const keys[] = {"sqlite", NULL};

const ScratchEngine scratch_sqlite = {
    .keys = keys,
    .read = read_like,
    .settings = settings_sql,
};
