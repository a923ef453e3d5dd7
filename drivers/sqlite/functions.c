/* SQL functions that a SQLite session has besides the library's own.
 *
 * Owns VERSION_STORE_NEWEST(revision, seq, constant). Rows of a history that are not wanted are dropped by it
 * before they are put together. Refuses to promise the 0: the library may drop what a statement remembers,
 * and which row it looks at first is its own affair. Worker thread only. */
#include "drivers/sqlite/sqlite_internal.h"
#include "drivers/version_store.h"

enum { ARGUMENT_REVISION, ARGUMENT_SEQ, ARGUMENT_CONSTANT, ARGUMENTS };

static void highest_free(void *highest)
{
    g_hash_table_unref(highest);
}

/* The highest number of each revision (char * -> gint64 *) so far. The library keeps it with an argument that
 * is a constant (https://www.sqlite.org/c3ref/get_auxdata.html). */
static GHashTable *highest_of(sqlite3_context *context)
{
    GHashTable *highest = sqlite3_get_auxdata(context, ARGUMENT_CONSTANT);
    if (highest)
        return highest;
    highest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sqlite3_set_auxdata(context, ARGUMENT_CONSTANT, highest, highest_free);
    return sqlite3_get_auxdata(context, ARGUMENT_CONSTANT); /* NULL: no memory, and the table is gone */
}

/* True unless a higher number of the revision is known. */
static bool take_number(GHashTable *highest, const char *revision, gint64 seq)
{
    const gint64 *known = g_hash_table_lookup(highest, revision);
    if (known && *known > seq)
        return false;
    g_hash_table_insert(highest, g_strdup(revision), g_memdup2(&seq, sizeof seq));
    return true;
}

static void newest(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const char *revision = (const char *)sqlite3_value_text(arguments[ARGUMENT_REVISION]);
    GHashTable *highest = revision ? highest_of(context) : NULL;
    (void)count;
    sqlite3_result_int(
        context, !highest || take_number(highest, revision, sqlite3_value_int64(arguments[ARGUMENT_SEQ])));
}

/* DIRECTONLY: nothing that a file brings along, a view or a trigger, may call it. */
int sqlite_functions_add(SqliteConnection *self)
{
    return sqlite3_create_function_v2(self->db, VERSION_STORE_NEWEST, ARGUMENTS,
                                      SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, newest, NULL, NULL, NULL);
}
