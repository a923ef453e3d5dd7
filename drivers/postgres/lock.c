/* PostgreSQL locks: session advisory locks, tried and never waited for.
 *
 * Owns how a target's key becomes an advisory lock. Refuses to wait: a session that waits in
 * pg_advisory_lock() holds a snapshot, for which a CREATE INDEX CONCURRENTLY of the holder would wait in
 * turn. A session lock survives the failure of the transaction it was taken in (manual 13.3.5). Owner's
 * thread only. */
#include "drivers/postgres/postgres_internal.h"

#include <string.h>

/* The first 64 bits of the key. */
static guint64 lock_number(const char *key)
{
    char digits[17] = {0};
    memcpy(digits, key, MIN(strlen(key), 16));
    return g_ascii_strtoull(digits, NULL, 16);
}

static void move_place(GError *error, unsigned first)
{
    const DbErrorDetail *detail = db_error_detail(error);
    if (detail && detail->item >= (gssize)first)
        db_error_set_place(error, detail->item - (gssize)first, detail->position);
    else if (detail)
        db_error_set_place(error, -1, -1);
}

static char *try_lock_sql(const char *key)
{
    return g_strdup_printf("SELECT pg_catalog.pg_try_advisory_lock(%" G_GINT64_FORMAT ")",
                           (gint64)lock_number(key));
}

static char *unlock_sql(const char *key)
{
    return g_strdup_printf("SELECT pg_catalog.pg_advisory_unlock(%" G_GINT64_FORMAT ")",
                           (gint64)lock_number(key));
}

/* One message: what follows the lock sees what was committed before the lock was free, since every statement
 * of a READ COMMITTED transaction has a snapshot of its own. */
bool postgres_try_lock(Connection *base, const char *key, const Batch *then, bool *held, BatchResult *result,
                       GError **error)
{
    PostgresConnection *self = (PostgresConnection *)base;
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) all = {0};
    GError *failure = NULL;
    postgres_add_promotion(self, batch);
    unsigned lock = batch_take(batch, try_lock_sql(key), true);
    for (unsigned i = 0; then && i < batch_length(then); i++)
        batch_add(batch, batch_at(then, i));
    bool ok = postgres_send_own(self, batch, &all, &failure);
    *held = g_strcmp0(batch_result_value(&all, lock), "t") == 0;
    self->promoted &= all.completed < lock;
    if (*held || all.completed <= lock) {
        batch_result_move(&all, lock + 1, result);
    } else if (PQstatus(self->conn) == CONNECTION_OK) {
        g_clear_error(&failure); /* reads without the lock do not matter */
        ok = true;
    }
    if (!ok) {
        move_place(failure, lock + 1);
        g_propagate_error(error, failure);
    }
    return ok;
}

void postgres_unlock(Connection *base, const char *key)
{
    g_autofree char *sql = unlock_sql(key);
    connection_rollback(base); /* in a failed transaction the server would not hear us */
    connection_run(base, sql, NULL);
}

void postgres_add_unlock(Connection *base, const char *key, Batch *batch)
{
    (void)base;
    batch_attach(batch, unlock_sql(key), false);
}

char *postgres_lock_holder(Connection *base, const char *key)
{
    guint64 number = lock_number(key);
    g_autofree char *sql = g_strdup_printf(
        "SELECT concat_ws(', ', 'pid ' || a.pid, 'application ' || nullif(a.application_name, ''), 'user ' "
        "|| a.usename, "
        "'from ' || coalesce(host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'the server''s own "
        "machine' END), "
        "'connected since ' || to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SSOF'))\n"
        "FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid\n"
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = %u AND l.objid = %u\n"
        "AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
        (guint)(number >> 32), (guint)(number & G_MAXUINT32));
    g_autoptr(RowSet) rows = connection_query(base, sql, NULL);
    if (!rows || rows->rows->len == 0)
        return NULL;
    return g_strdup(((char **)g_ptr_array_index(rows->rows, 0))[0]);
}
