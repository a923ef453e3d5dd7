/* Ledger: opening and closing it, and how statements are sent to it: batches, each in one transaction,
 * through the driver interface. Refuses to write to a file that is no longer the one that was opened: SQLite
 * goes on writing into a deleted one and says nothing. Main thread only. */
#include "run/ledger/ledger_internal.h"
#include <sys/stat.h>

/* ---- Opening ---- */

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

Ledger *ledger_open(const char *place, const char *folder, bool create, GError **error)
{
    g_autoptr(Ledger) self = g_new0(Ledger, 1);
    self->place = g_strdup(place);
    self->folder = g_strdup(folder);
    self->connection = ledger_connect(self, create, error);
    if (!self->connection)
        return NULL;
    if (!remember_file(self, error) || !ledger_schema_prepare(self, error)) {
        g_autofree char *name = ledger_name(self);
        g_prefix_error(error, "ledger %s: ", name);
        return NULL;
    }
    self->is_prepared = true;
    return g_steal_pointer(&self);
}

void ledger_settle(Ledger *self)
{
    g_clear_pointer(&self->connection, connection_close);
}

void ledger_close(Ledger *self)
{
    if (!self)
        return;
    ledger_settle(self);
    g_free(self->place);
    g_free(self->folder);
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

/* One new connection for one that broke. What is written can be written twice; only the making of tables,
 * which needs the lock that the old session held, is not gone on with. */
static bool may_come_back(Ledger *self, GError **problem)
{
    if (!self->is_prepared || self->is_file || !g_error_matches(*problem, DB_ERROR, DB_ERROR_CONNECTION_LOST))
        return false;
    Connection *connection = ledger_connect(self, false, NULL);
    if (!connection)
        return false;
    connection_close(self->connection);
    self->connection = connection;
    g_clear_error(problem);
    return true;
}

static bool execute(Ledger *self, const Batch *batch, GError **error)
{
    g_auto(BatchResult) result = {0};
    if (connection_execute(self->connection, batch, &result, error))
        return true;
    connection_rollback(self->connection);
    return false;
}

bool ledger_send(Ledger *self, const Batch *batch, GError **error)
{
    return is_same_file(self, error) && execute(self, batch, error);
}

bool ledger_commit(Ledger *self, Batch *batch, GError **error)
{
    GError *problem = NULL;
    if (!is_same_file(self, error))
        return false;
    batch_take(batch, g_strdup("COMMIT"), false);
    bool good = execute(self, batch, &problem);
    if (!good && may_come_back(self, &problem))
        good = execute(self, batch, &problem);
    if (!good)
        g_propagate_error(error, problem);
    return good;
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
    GError *problem = NULL;
    RowSet *rows = connection_query(self->connection, sql, &problem);
    if (!rows && may_come_back(self, &problem))
        rows = connection_query(self->connection, sql, &problem);
    if (!rows)
        g_propagate_error(error, problem);
    return rows;
}
