/* Who holds the lock that a session waits for: a row lock of InnoDB, or a metadata lock.
 *
 * MariaDB tells of row locks in information_schema (PROCESS privilege) and of metadata locks only with the
 * plugin metadata_lock_info; without it sessions with an open transaction in the same database are named as
 * possible holders. MySQL tells both in performance_schema. One thread at a time. */
#include "drivers/blocker_internal.h"
#include "drivers/mysql/mysql_internal.h"

#include <string.h>

#define SHOWN_MAX 3
#define NO_THREAD "0" /* of a prepared XA transaction whose session is gone */
#define NO_SUCH_TABLE "1109"

enum {
    COLUMN_ID,
    COLUMN_USER,
    COLUMN_HOST,
    COLUMN_COMMAND,
    COLUMN_SECONDS,
    COLUMN_STATE,
    COLUMN_SQL,
    COLUMN_OPEN
};

/* What every question asks about the sessions that its part in the middle finds. */
#define SESSIONS_SQL "SELECT h.id, p.USER, p.HOST, p.COMMAND, p.TIME, p.STATE, p.INFO, t.trx_started FROM ("
#define SESSIONS_END_SQL                                                                                     \
    ") h LEFT JOIN information_schema.PROCESSLIST p ON p.ID = h.id "                                         \
    "LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = h.id AND h.id <> 0 "               \
    "ORDER BY COALESCE(p.STATE, '') LIKE 'Waiting for%', t.trx_started IS NULL, t.trx_started, h.id"

/* LOCATE: the waiting statement names the table; whose lock is on another table is not waited for. A backup
 * lock is waited for only while a session has one that lets no others be. */
static const char mariadb_metadata[] =
    "SELECT DISTINCT m.THREAD_ID AS id FROM information_schema.PROCESSLIST w "
    "JOIN information_schema.METADATA_LOCK_INFO m ON w.STATE = CONCAT('Waiting for ', m.LOCK_TYPE) "
    "WHERE w.ID = %s AND m.THREAD_ID <> w.ID "
    "AND (m.TABLE_NAME = '' OR LOCATE(m.TABLE_NAME, w.INFO) > 0) "
    "AND (m.TABLE_SCHEMA IN ('', w.DB) OR LOCATE(m.TABLE_SCHEMA, w.INFO) > 0) "
    "AND m.LOCK_MODE NOT REGEXP 'BACKUP_(DML|TRANS_DML|SYS_DML|DDL|ALTER_COPY|COMMIT)'";
static const char mariadb_rows[] =
    "SELECT DISTINCT b.trx_mysql_thread_id AS id FROM information_schema.INNODB_LOCK_WAITS w "
    "JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id "
    "JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id WHERE r.trx_mysql_thread_id = %s";
static const char mysql_metadata[] =
    "SELECT DISTINCT o.PROCESSLIST_ID AS id FROM performance_schema.threads s "
    "JOIN performance_schema.metadata_locks w ON w.OWNER_THREAD_ID = s.THREAD_ID "
    "AND w.LOCK_STATUS = 'PENDING' JOIN performance_schema.metadata_locks g ON g.LOCK_STATUS = 'GRANTED' "
    "AND g.OBJECT_TYPE = w.OBJECT_TYPE AND g.OBJECT_SCHEMA <=> w.OBJECT_SCHEMA "
    "AND g.OBJECT_NAME <=> w.OBJECT_NAME AND g.OWNER_THREAD_ID <> w.OWNER_THREAD_ID "
    "JOIN performance_schema.threads o ON o.THREAD_ID = g.OWNER_THREAD_ID WHERE s.PROCESSLIST_ID = %s";
static const char mysql_rows[] =
    "SELECT DISTINCT COALESCE(o.PROCESSLIST_ID, 0) AS id FROM performance_schema.threads s "
    "JOIN performance_schema.data_lock_waits w ON w.REQUESTING_THREAD_ID = s.THREAD_ID "
    "LEFT JOIN performance_schema.threads o ON o.THREAD_ID = w.BLOCKING_THREAD_ID "
    "WHERE s.PROCESSLIST_ID = %s";
static const char candidates[] =
    "SELECT o.trx_mysql_thread_id AS id FROM information_schema.PROCESSLIST w "
    "JOIN information_schema.INNODB_TRX o ON o.trx_mysql_thread_id NOT IN (0, w.ID) "
    "JOIN information_schema.PROCESSLIST q ON q.ID = o.trx_mysql_thread_id "
    "WHERE w.ID = %s AND (q.DB = w.DB OR q.DB IS NULL)";

const char *mysql_session_id(const Connection *base)
{
    return ((const MysqlConnection *)base)->id;
}

/* ---- Asking ---- */

typedef struct Question {
    Connection *watch;
    const char *session_id;
    bool mariadb;
} Question;

static RowSet *ask(const Question *self, const char *holders, GError **error)
{
    g_autofree char *middle = NULL;
    g_auto(GStrv) parts = g_strsplit(holders, "%s", 2);
    middle = g_strjoinv(self->session_id, parts);
    g_autofree char *sql = g_strconcat(SESSIONS_SQL, middle, SESSIONS_END_SQL, NULL);
    return connection_query(self->watch, sql, error);
}

/* True if the session waits for a lock that is no row's; *gone if there is no such session at work. */
static bool waits_for_metadata(const Question *self, bool *waits, bool *gone, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = %s AND "
                        "COMMAND <> 'Sleep'",
                        self->session_id);
    g_autoptr(RowSet) rows = connection_query(self->watch, sql, error);
    if (!rows)
        return false;
    const char *state = rows->rows->len ? ((char **)rows->rows->pdata[0])[0] : NULL;
    *gone = rows->rows->len == 0;
    *waits =
        state && g_str_has_prefix(state, "Waiting for") && (strstr(state, "lock") || strstr(state, "flush"));
    return true;
}

/* ---- Telling ---- */

static BlockerActivity activity_of(char *const *row)
{
    if (g_strcmp0(row[COLUMN_COMMAND], "Sleep") != 0)
        return BLOCKER_RUNS;
    return row[COLUMN_OPEN] ? BLOCKER_DAWDLES : BLOCKER_IDLES;
}

static void append_session(const Question *self, GString *text, char *const *row)
{
    if (g_str_equal(row[COLUMN_ID], NO_THREAD)) {
        g_string_append(text, "a prepared XA transaction without a session (XA RECOVER lists them)");
        return;
    }
    g_autoptr(GString) name = g_string_new(NULL);
    g_string_append_printf(name, "connection %s", row[COLUMN_ID]);
    mysql_append_client(self->watch, row[COLUMN_ID], name);
    const Blocker blocker = {.name = name->str,
                             .user = row[COLUMN_USER],
                             .from = row[COLUMN_HOST],
                             .seconds = row[COLUMN_SECONDS],
                             .sql = row[COLUMN_SQL],
                             .activity = activity_of(row),
                             .waits = row[COLUMN_STATE] && g_str_has_prefix(row[COLUMN_STATE], "Waiting for"),
                             .dialect = self->watch->server.dialect};
    blocker_append(text, &blocker);
}

static void append_sessions(const Question *self, GString *text, const RowSet *rows)
{
    guint shown = MIN(rows->rows->len, SHOWN_MAX);
    for (guint i = 0; i < shown; i++) {
        g_string_append(text, i ? "; " : "");
        append_session(self, text, rows->rows->pdata[i]);
    }
    if (rows->rows->len > shown)
        g_string_append_printf(text, "; and %u more", rows->rows->len - shown);
}

/* ---- The answer ---- */

static bool tell(const Question *self, const RowSet *rows, LockWait *wait, char **text)
{
    GString *line = g_string_new(NULL);
    append_sessions(self, line, rows);
    *wait = LOCK_WAIT_TOLD;
    *text = g_string_free(line, FALSE);
    return true;
}

/* A right that is missing is an answer; anything else failed. Takes over `problem`. */
static bool tell_missing(const Question *self, GError *problem, LockWait known, LockWait *wait, char **text,
                         GError **error)
{
    if (!g_error_matches(problem, DB_ERROR, DB_ERROR_PERMISSION)) {
        g_propagate_error(error, problem);
        return false;
    }
    g_error_free(problem);
    *wait = known;
    *text = g_strdup_printf("unknown: to see who holds it user %s needs %s", self->watch->server.user,
                            self->mariadb ? "the PROCESS privilege"
                                          : "the PROCESS privilege and SELECT on performance_schema.*");
    return true;
}

static bool answer_rows(const Question *self, LockWait *wait, char **text, GError **error)
{
    GError *problem = NULL;
    g_autoptr(RowSet) rows = ask(self, self->mariadb ? mariadb_rows : mysql_rows, &problem);
    if (!rows)
        return tell_missing(self, problem, LOCK_WAIT_UNSEEN, wait, text, error);
    return rows->rows->len == 0 || tell(self, rows, wait, text);
}

/* Sessions in the same database that have a transaction open may be who is waited for. */
static bool guess(const Question *self, const char *why, LockWait *wait, char **text, GError **error)
{
    GError *problem = NULL;
    g_autoptr(RowSet) rows = ask(self, candidates, &problem);
    if (!rows)
        return tell_missing(self, problem, LOCK_WAIT_UNKNOWN, wait, text, error);
    GString *line = g_string_new(rows->rows->len ? "perhaps " : "unknown");
    append_sessions(self, line, rows);
    g_string_append_printf(line, " (%s)", why);
    *wait = LOCK_WAIT_UNKNOWN;
    *text = g_string_free(line, FALSE);
    return true;
}

static bool is_no_plugin(const GError *problem)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    return detail && g_strcmp0(detail->code, NO_SUCH_TABLE) == 0;
}

static bool answer_metadata(const Question *self, LockWait *wait, char **text, GError **error)
{
    GError *problem = NULL;
    g_autoptr(RowSet) rows = ask(self, self->mariadb ? mariadb_metadata : mysql_metadata, &problem);
    if (rows && rows->rows->len > 0)
        return tell(self, rows, wait, text);
    if (rows)
        return guess(self, "the server names no holder of this metadata lock", wait, text, error);
    if (!is_no_plugin(problem))
        return tell_missing(self, problem, LOCK_WAIT_UNKNOWN, wait, text, error);
    g_error_free(problem);
    return guess(self,
                 "for metadata locks only the server's plugin metadata_lock_info tells, and it is not loaded",
                 wait, text, error);
}

bool mysql_session_blockers(Connection *watch, const char *session_id, LockWait *wait, char **text,
                            GError **error)
{
    const Question self = {watch, session_id, mysql_session_is_mariadb((const MysqlConnection *)watch)};
    bool metadata = false, gone = false;
    *wait = LOCK_WAIT_NONE;
    *text = NULL;
    if (!waits_for_metadata(&self, &metadata, &gone, error))
        return false;
    return gone ||
           (metadata ? answer_metadata(&self, wait, text, error) : answer_rows(&self, wait, text, error));
}
