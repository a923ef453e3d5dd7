/* Locks of targets: GET_LOCK and who holds it.
 *
 * The server holds such a lock for a session, whatever its transactions do, and frees it when the session
 * ends. Its name is shared by all databases of the server and limited to 64 characters, which is why it is a
 * digest. Refuses to wait. One thread at a time. */
#include "drivers/mysql/mysql_internal.h"

#include <string.h>

#define KEY_DIGITS 32
#define NOT_TAKEN "1690" /* EXP() out of range */

static char *lock_literal(const char *key)
{
    return g_strdup_printf("'dbfleet:%.*s'", KEY_DIGITS, key);
}

/* Fails when the lock is somebody else's, so that nothing behind it in the packet runs, and nothing is set: a
 * SET computes all its values before. */
static char *try_lock_sql(const MysqlConnection *self, const char *key)
{
    g_autofree char *name = lock_literal(key);
    g_autofree char *promotion = mysql_session_promotion(self);
    return g_strdup_printf("SET %s@dbfleet_lock = EXP(IF(GET_LOCK(%s, 0) = 1, 0, 999 + CONNECTION_ID()))",
                           promotion, name);
}

static bool lock_was_refused(const GError *problem, unsigned lock)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    return detail && detail->item == (gssize)lock && g_strcmp0(detail->code, NOT_TAKEN) == 0;
}

/* Numbers of items are those of what the caller wants run behind the lock. */
static void shift_error(GError *problem, unsigned first)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    db_error_set_place(problem, MAX(detail->item - (gssize)first, -1), detail->position);
}

bool mysql_session_try_lock(Connection *base, const char *key, const Batch *then, bool *held,
                            BatchResult *result, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) sent = {0};
    g_autoptr(GError) problem = NULL;
    unsigned lock = batch_take(batch, try_lock_sql((MysqlConnection *)base, key), false);
    for (unsigned i = 0; then && i < batch_length(then); i++)
        batch_add(batch, batch_at(then, i));
    batch_result_clear(result);
    bool ok = mysql_session_execute(base, batch, &sent, &problem);
    *held = sent.completed > lock;
    ((MysqlConnection *)base)->promoted &= !*held;
    if (*held)
        batch_result_move(&sent, lock + 1, result);
    if (ok || lock_was_refused(problem, lock))
        return true;
    shift_error(problem, lock + 1);
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

static char *unlock_sql(const char *key)
{
    g_autofree char *name = lock_literal(key);
    return g_strdup_printf("DO RELEASE_LOCK(%s)", name);
}

void mysql_session_unlock(Connection *base, const char *key)
{
    g_autofree char *sql = unlock_sql(key);
    connection_run(base, sql, NULL);
}

void mysql_session_add_unlock(Connection *base, const char *key, Batch *batch)
{
    (void)base;
    batch_attach(batch, unlock_sql(key), false);
}

/* ---- Who holds it ---- */

/* First row of a statement; NULL where there is none or it may not be read. Caller frees the set. */
static char *const *first_row(Connection *base, RowSet **rows, char *sql)
{
    g_autofree char *owned = sql;
    *rows = connection_query(base, owned, NULL);
    return *rows && (*rows)->rows->len > 0 ? g_ptr_array_index((*rows)->rows, 0) : NULL;
}

#define CLIENT_SQL                                                                                           \
    "SELECT MAX(IF(ATTR_NAME = '_pid', ATTR_VALUE, NULL)), MAX(IF(ATTR_NAME = 'program_name', ATTR_VALUE, "  \
    "NULL)) FROM performance_schema.session_connect_attrs WHERE PROCESSLIST_ID = %s"

/* Only with performance_schema on, and readable. */
void mysql_append_client(Connection *base, const char *id, GString *text)
{
    g_autoptr(RowSet) rows = NULL;
    char *const *row = first_row(base, &rows, g_strdup_printf(CLIENT_SQL, id));
    if (row && row[0])
        g_string_append_printf(text, ", process %s", row[0]);
    if (row && row[1])
        g_string_append_printf(text, ", application %s", row[1]);
}

/* Without the PROCESS privilege only sessions of the same user can be seen. */
static void append_session(Connection *base, const char *id, GString *text)
{
    g_autoptr(RowSet) rows = NULL;
    char *const *row = first_row(
        base, &rows,
        g_strdup_printf(
            "SELECT USER, HOST, IF(COMMAND = 'Sleep', 'idle', 'busy'), NOW() - INTERVAL TIME SECOND "
            "FROM information_schema.PROCESSLIST WHERE ID = %s",
            id));
    if (row)
        g_string_append_printf(text, ", user %s, from %s, %s since %s", row[0], row[1], row[2], row[3]);
}

char *mysql_session_lock_holder(Connection *base, const char *key)
{
    g_autoptr(RowSet) rows = NULL;
    g_autofree char *name = lock_literal(key);
    char *const *row = first_row(base, &rows, g_strdup_printf("SELECT IS_USED_LOCK(%s)", name));
    if (!row || !row[0])
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "connection %s", row[0]);
    mysql_append_client(base, row[0], text);
    append_session(base, row[0], text);
    return g_string_free(g_steal_pointer(&text), FALSE);
}
