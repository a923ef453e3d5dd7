/* The settings of a SQLite session: what connect sets, and how that is put back after SQL of a user changed
 * it.
 *
 * Owns the list of pragmas that outlive the statement that set them and change what later statements mean.
 * Refuses to touch what belongs to the file (journal mode, page size) or only makes things faster. Worker
 * thread only. */
#include "drivers/sqlite/sqlite_internal.h"

#include <stdlib.h>
#include <string.h>

/* https://www.sqlite.org/pragma.html; each answers with its value. foreign_keys, which is put back too, is
 * the target's; it is ignored inside a transaction, where it could not have been changed either. */
static const char *const restored_pragmas[] = {
    "ignore_check_constraints", "legacy_alter_table", "query_only",
    "recursive_triggers",       "trusted_schema",     "writable_schema",
};

/* ---- What the library's builder chose ---- */

static pthread_once_t defaults_once = PTHREAD_ONCE_INIT;
static char *defaults;  /* the statements that set it, once read; never freed */
static int usual_cache; /* PRAGMA cache_size */

/* Takes the column's text of a one-row pragma into the text of what to restore. */
static int on_pragma(void *data, int columns, char **values, char **names)
{
    GString *restore = data;
    if (columns == 1 && values[0])
        g_string_append_printf(restore, "PRAGMA %s = %s;\n", names[0], values[0]);
    return 0;
}

/* Takes the first column of a one-row pragma. */
static int on_number(void *data, int columns, char **values, char **names)
{
    (void)names;
    if (columns > 0 && values[0])
        *(int *)data = atoi(values[0]);
    return 0;
}

static int read_cache_size(sqlite3 *db, int *size)
{
    return sqlite3_exec(db, "PRAGMA cache_size", on_number, size, NULL);
}

/* Read and not assumed, but once: no file and no session has other ones to begin with. */
static void read_defaults(void)
{
    GString *restore = g_string_new(NULL);
    sqlite3 *db = NULL;
    int code = sqlite3_open(":memory:", &db);
    for (gsize i = 0; code == SQLITE_OK && i < G_N_ELEMENTS(restored_pragmas); i++) {
        g_autofree char *sql = g_strdup_printf("PRAGMA %s", restored_pragmas[i]);
        code = sqlite3_exec(db, sql, on_pragma, restore, NULL);
    }
    if (code == SQLITE_OK)
        code = read_cache_size(db, &usual_cache);
    sqlite3_close(db);
    defaults = g_string_free(restore, code != SQLITE_OK);
}

/* ---- A session's ---- */

int sqlite_settings_remember(SqliteConnection *self, const ConnectOptions *options)
{
    pthread_once(&defaults_once, read_defaults);
    if (!defaults)
        return SQLITE_NOMEM;
    self->restore = g_strdup_printf("PRAGMA foreign_keys = %d;\n%s", options->foreign_keys, defaults);
    return SQLITE_OK;
}

void sqlite_settings_apply(SqliteConnection *self, const ConnectOptions *options)
{
    sqlite3_db_config(self->db, SQLITE_DBCONFIG_ENABLE_FKEY, (int)options->foreign_keys, NULL);
    self->application = g_strdup(options->application_name ? options->application_name : "dbfleet");
    self->lock_timeout_ms = options->lock_timeout_ms;
    self->statement_timeout_ms = options->statement_timeout_ms;
}

/* Looks for the letter that stands in it least often elsewhere. */
static bool mentions_pragma_with(const BatchItem *item, char g)
{
    static const char word[] = "pragma";
    const gsize before = 3, rest = strlen(word) - before;
    const char *end = item->sql + item->length;
    for (const char *at = item->sql; (at = memchr(at, g, (gsize)(end - at))); at++)
        if (at - item->sql >= (gssize)before && end - at >= (gssize)rest &&
            g_ascii_strncasecmp(at - before, word, strlen(word)) == 0)
            return true;
    return false;
}

/* A setting changes by a PRAGMA and by nothing else: without the word, in whatever place, there is none. */
static bool mentions_pragma(const BatchItem *item)
{
    return mentions_pragma_with(item, 'g') || mentions_pragma_with(item, 'G');
}

void sqlite_settings_watch(SqliteConnection *self, const BatchItem *item)
{
    self->settings_touched = self->settings_touched || mentions_pragma(item);
}

/* A step's SQL rarely has one, and what would run behind each step for nothing is as much as a short step. */
void sqlite_add_restore(Connection *base, Batch *batch)
{
    SqliteConnection *self = (SqliteConnection *)base;
    for (unsigned i = 0; i < batch_length(batch); i++)
        sqlite_settings_watch(self, batch_at(batch, i));
    if (self->settings_touched)
        batch_add(batch, &(BatchItem){.sql = self->restore, .length = strlen(self->restore)});
}

/* Below 0 it is KiB, else pages (https://www.sqlite.org/pragma.html#pragma_cache_size). Less than usual is a
 * limit, and no wish. */
bool sqlite_settings_want_pages(SqliteConnection *self)
{
    int size = 0;
    return self->settings_touched && read_cache_size(self->db, &size) == SQLITE_OK &&
           (size < usual_cache || (size > 0 && size != usual_cache));
}
