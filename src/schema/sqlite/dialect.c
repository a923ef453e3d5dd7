/* SQLite's row of functions, and the two that need no file of their own. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <stdlib.h>
#include <string.h>

/* A text of one version reads the same in another: the database keeps what was written. */
static char *lite_family(const char *version)
{
    const char *number = strchr(version, ' ');
    return g_strdup_printf("SQLite %d", number ? atoi(number + 1) : 3);
}

/* Over the texts themselves, which takes hardly longer than asking for the schema cookie: that is a count,
 * and a file put in the place of another one may have come to the same. */
static char *lite_precheck(Connection *connection, const SchemaReadOptions *options, GError **error)
{
    (void)options;
    g_autoptr(RowSet) rows = connection_query(
        connection, "SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY type, name", error);
    if (!rows)
        return NULL;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        for (unsigned j = 0; j < rows->columns; j++) {
            const char *text = row[j] ? row[j] : "";
            g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text) + 1);
        }
    }
    return g_strdup(g_checksum_get_string(sum));
}

const SchemaDialect schema_sqlite = {
    .read = lite_read,
    .precheck = lite_precheck,
    .rename = lite_rename,
    .write = lite_write,
    .family = lite_family,
};
