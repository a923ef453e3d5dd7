/* Ledger: opening and closing it, and how statements are sent to it: batches, each in one transaction,
 * through the driver interface. Refuses to write to a file that is no longer the one that was opened: SQLite
 * goes on writing into a deleted one and says nothing. Main thread only. */
#include "run/ledger_internal.h"
#include <sys/stat.h>

#define LOCK_TIMEOUT_MS 5000

/* ---- Opening ---- */

static Connection *connect_file(const char *path, bool create, GError **error)
{
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    const ConnectOptions options = {.url = url,
                                    .create = create,
                                    .lock_timeout_ms = LOCK_TIMEOUT_MS,
                                    .application_name = "dbfleet ledger"};
    return connection_open(&options, error);
}

static bool check_path(const char *path, bool create, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    if (!create && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "ledger %s does not exist: no run was recorded here yet", path);
        return false;
    }
    if (create && g_mkdir_with_parents(folder, 0755) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "ledger folder %s cannot be made", folder);
        return false;
    }
    return true;
}

/* Remembers which file it is, without opening it: that would drop SQLite's locks on closing. */
static bool remember_file(Ledger *self, GError **error)
{
    struct stat status;
    self->is_file = !(self->connection->driver->features & DRIVER_NETWORK);
    if (!self->is_file)
        return true;
    if (stat(self->place, &status) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "it vanished while it was opened");
        return false;
    }
    self->device = status.st_dev;
    self->inode = status.st_ino;
    return true;
}

Ledger *ledger_open(const char *path, bool create, GError **error)
{
    if (!check_path(path, create, error))
        return NULL;
    g_autoptr(Ledger) self = g_new0(Ledger, 1);
    self->place = g_strdup(path);
    self->connection = connect_file(path, create, error);
    if (!self->connection || !remember_file(self, error) || !ledger_schema_prepare(self, error)) {
        g_prefix_error(error, "ledger %s: ", path);
        return NULL;
    }
    return g_steal_pointer(&self);
}

void ledger_close(Ledger *self)
{
    if (!self)
        return;
    connection_close(self->connection);
    g_free(self->place);
    g_free(self);
}

/* ---- Statements ---- */

static bool is_same_file(const Ledger *self, GError **error)
{
    struct stat status;
    if (!self->is_file)
        return true;
    if (stat(self->place, &status) == 0 && status.st_dev == self->device && status.st_ino == self->inode)
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "%s was deleted, moved or replaced while the run was at work", self->place);
    return false;
}

Batch *ledger_batch(const Ledger *self)
{
    Batch *batch = batch_new();
    batch_take(batch, g_strdup(self->connection->driver->begin), false);
    return batch;
}

bool ledger_commit(Ledger *self, Batch *batch, GError **error)
{
    g_auto(BatchResult) result = {0};
    if (!is_same_file(self, error))
        return false;
    batch_take(batch, g_strdup("COMMIT"), false);
    if (connection_execute(self->connection, batch, &result, error))
        return true;
    connection_rollback(self->connection);
    return false;
}

char *ledger_literal(const Ledger *self, const char *text)
{
    return sql_quote_literal(self->connection->server.dialect, text);
}

RowSet *ledger_query(Ledger *self, GError **error, const char *format, ...)
{
    va_list arguments;
    if (!is_same_file(self, error))
        return NULL;
    va_start(arguments, format);
    g_autofree char *sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return connection_query(self->connection, sql, error);
}
