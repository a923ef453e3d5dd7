/* Who holds the lock that a PostgreSQL session waits for: pg_blocking_pids() and pg_stat_activity.
 *
 * Both show all databases of the server. Of other roles' sessions the second hides what they do from a role
 * without pg_read_all_stats (manual 28.2.3), which is said. Owner's thread only. */
#include "drivers/blocker_internal.h"
#include "drivers/postgres/postgres_internal.h"

#include "base/duration.h"

#define SHOWN_MAX 3
#define PREPARED "0" /* pg_blocking_pids() gives it for a prepared transaction */
#define HIDDEN "<insufficient privilege>"

enum {
    COLUMN_PID,
    COLUMN_USER,
    COLUMN_APPLICATION,
    COLUMN_FROM,
    COLUMN_STATE,
    COLUMN_SECONDS,
    COLUMN_SQL,
    COLUMN_WAITS
};

/* A standby gives the numbers to other sessions. Who waits himself comes last: another stands before him. */
#define BLOCKERS_SQL                                                                                         \
    "SELECT b.pid, a.usename, coalesce(nullif(a.application_name, ''), "                                     \
    "CASE WHEN a.backend_type <> 'client backend' THEN a.backend_type END), "                                \
    "coalesce(pg_catalog.host(a.client_addr), "                                                              \
    "CASE WHEN a.client_port = -1 THEN 'the server''s own machine' END), a.state, "                          \
    "extract(epoch FROM pg_catalog.clock_timestamp() - CASE WHEN a.state = 'active' THEN a.query_start "     \
    "ELSE a.state_change END)::bigint, a.query, coalesce(a.wait_event_type = 'Lock', false) "                \
    "FROM (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids(%s)) AS pid) b "                    \
    "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid "                                              \
    "WHERE NOT pg_catalog.pg_is_in_recovery() ORDER BY 8, a.xact_start, b.pid"

/* Locks of a prepared transaction belong to no process: of those on what we wait for, the one whose holder
 * also holds its own transaction's number. */
#define PREPARED_SQL                                                                                         \
    "SELECT DISTINCT x.gid, x.owner, extract(epoch FROM pg_catalog.clock_timestamp() - x.prepared)::bigint " \
    "FROM pg_catalog.pg_locks w JOIN pg_catalog.pg_locks h ON h.granted AND h.pid IS NULL "                  \
    "AND (h.locktype, h.database, h.relation, h.page, h.tuple, h.transactionid, h.classid, h.objid, "        \
    "h.objsubid) IS NOT DISTINCT FROM (w.locktype, w.database, w.relation, w.page, w.tuple, "                \
    "w.transactionid, w.classid, w.objid, w.objsubid) "                                                      \
    "JOIN pg_catalog.pg_locks n ON n.pid IS NULL AND n.locktype = 'transactionid' "                          \
    "AND n.virtualtransaction = h.virtualtransaction "                                                       \
    "JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = n.transactionid "                                \
    "WHERE w.pid = %s AND NOT w.granted LIMIT 1"

const char *postgres_session_id(const Connection *base)
{
    return ((const PostgresConnection *)base)->id;
}

static BlockerActivity activity_of(char *const *row)
{
    const char *state = row[COLUMN_STATE];
    if (g_strcmp0(row[COLUMN_SQL], HIDDEN) == 0)
        return BLOCKER_HIDDEN;
    if (g_strcmp0(state, "idle") == 0)
        return BLOCKER_IDLES;
    return state && g_str_has_prefix(state, "idle in transaction") ? BLOCKER_DAWDLES : BLOCKER_RUNS;
}

static void append_session(GString *text, char *const *row)
{
    g_autofree char *name = g_strdup_printf("pid %s", row[COLUMN_PID]);
    const Blocker blocker = {.name = name,
                             .user = row[COLUMN_USER],
                             .application = row[COLUMN_APPLICATION],
                             .from = row[COLUMN_FROM],
                             .seconds = row[COLUMN_SECONDS],
                             .sql = row[COLUMN_SQL],
                             .missing = "pg_read_all_stats (or pg_monitor)",
                             .activity = activity_of(row),
                             .waits = g_strcmp0(row[COLUMN_WAITS], "t") == 0,
                             .dialect = DIALECT_POSTGRES};
    blocker_append(text, &blocker);
}

static void append_prepared(Connection *watch, GString *text, const char *session_id)
{
    g_autofree char *sql = g_strdup_printf(PREPARED_SQL, session_id);
    g_autoptr(RowSet) rows = connection_query(watch, sql, NULL);
    if (!rows || rows->rows->len == 0) {
        g_string_append(text, "a prepared transaction (pg_prepared_xacts lists them)");
        return;
    }
    char *const *row = rows->rows->pdata[0];
    g_autofree char *age = duration_format(g_ascii_strtoll(row[2], NULL, 10) * G_USEC_PER_SEC);
    g_string_append_printf(text, "the prepared transaction %s of user %s, prepared %s ago", row[0], row[1],
                           age);
}

static char *describe(Connection *watch, const RowSet *rows, const char *session_id)
{
    GString *text = g_string_new(NULL);
    guint shown = MIN(rows->rows->len, SHOWN_MAX);
    for (guint i = 0; i < shown; i++) {
        char *const *row = rows->rows->pdata[i];
        g_string_append(text, i ? "; " : "");
        if (g_str_equal(row[COLUMN_PID], PREPARED))
            append_prepared(watch, text, session_id);
        else
            append_session(text, row);
    }
    if (rows->rows->len > shown)
        g_string_append_printf(text, "; and %u more", rows->rows->len - shown);
    return g_string_free(text, FALSE);
}

bool postgres_blockers(Connection *watch, const char *session_id, LockWait *wait, char **text, GError **error)
{
    g_autofree char *sql = g_strdup_printf(BLOCKERS_SQL, session_id);
    g_autoptr(RowSet) rows = connection_query(watch, sql, error);
    if (!rows)
        return false;
    *wait = rows->rows->len ? LOCK_WAIT_TOLD : LOCK_WAIT_NONE;
    *text = rows->rows->len ? describe(watch, rows, session_id) : NULL;
    return true;
}
