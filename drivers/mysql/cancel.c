/* Cancelling: stops what another thread's connection is doing, by KILL QUERY over a second connection.
 *
 * The only file whose function may be called from a thread that does not own the connection: it reads the
 * settings, which never change, and never the handle. */
#include "drivers/mysql/mysql_internal.h"

#include <string.h>

#define LONGEST_CANCEL_MS 5000

/* A load balancer may lead the second connection to another server, where the number is somebody else's: the
 * first statement fails there, and the packet ends with it. */
static char *kill_sql(const MysqlConnection *self)
{
    g_autofree char *identity = sql_quote_literal(self->base.server.dialect, self->base.server.identity);
    return g_strdup_printf("SELECT EXP(IF(%s = %s, 0, 999 + CONNECTION_ID())); KILL QUERY %s",
                           mysql_session_identity_sql(self), identity, self->id);
}

static void read_answers(MYSQL *handle)
{
    while (mysql_read_query_result(handle) == 0) {
        MYSQL_RES *result = mysql_use_result(handle);
        mysql_free_result(result); /* reads the rest of it */
        if (!mysql_more_results(handle))
            return;
    }
}

static void kill_query(const MysqlConnection *self)
{
    unsigned timeout_ms = self->settings->connect_timeout_ms;
    timeout_ms = timeout_ms ? MIN(timeout_ms, LONGEST_CANCEL_MS) : LONGEST_CANCEL_MS;
    MYSQL *handle = mysql_settings_connect(self->settings, NULL, timeout_ms, NULL);
    if (!handle)
        return; /* without a way to the server nothing can be stopped; the owner's own timeouts remain */
    g_autofree char *sql = kill_sql(self);
    if (mysql_send_query(handle, sql, strlen(sql)) == 0 && mysql_handle_answers_within(handle, timeout_ms))
        read_answers(handle);
    mysql_close(handle);
}

void mysql_session_cancel(Connection *base)
{
    MysqlConnection *self = (MysqlConnection *)base;
    pthread_mutex_lock(&self->cancel_mutex);
    if (self->running) {
        atomic_store(&self->cancelled, true);
        kill_query(self);
    }
    pthread_mutex_unlock(&self->cancel_mutex);
}
