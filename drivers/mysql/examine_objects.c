/* Examining a MySQL or MariaDB database: dbfleet's two tables, tables that no transaction protects, and what
 * stands in the way of DDL. Reads information_schema only. One thread at a time. */
#include "drivers/mysql/examine_internal.h"

typedef struct Objects {
    Connection *connection;
    const ExamineOptions *options;
    Examination *examination;
    char *schema; /* literals */
    char *version;
    char *history;
} Objects;

static RowSet *query(const Objects *self, const char *subject, const char *format, ...) G_GNUC_PRINTF(3, 4);
static RowSet *query(const Objects *self, const char *subject, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return examine_query(self->connection, self->examination, subject, sql);
}

/* ---- Tables ---- */

static void check_key(const Objects *self)
{
    g_autoptr(RowSet) rows = query(
        self, "version-table",
        "SELECT 1 FROM information_schema.tables t WHERE t.table_schema = %s AND t.table_name = %s AND "
        "NOT EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = t.table_schema "
        "AND s.table_name = t.table_name AND s.non_unique = 0)",
        self->schema, self->version);
    if (rows && rows->rows->len > 0)
        findings_add(self->examination->findings, FINDING_WARNING, "version-table",
                     "Add the key: ALTER TABLE … ADD PRIMARY KEY (version_num).",
                     "table %s has no primary key: nothing keeps a revision from standing there twice",
                     self->options->version_table);
}

static void check_history(const Objects *self)
{
    g_autoptr(RowSet) columns = query(self, "history",
                                      "SELECT column_name FROM information_schema.columns WHERE "
                                      "table_schema = %s AND table_name = %s",
                                      self->schema, self->history);
    g_autoptr(GPtrArray) names = examine_names(columns);
    examine_history_columns(self->options, names, self->examination);
}

/* One row of the tables' list: name, engine, and whether the table is one of ours. */
static void check_engines(const Objects *self)
{
    g_autoptr(RowSet) ours = query(
        self, "engine",
        "SELECT CONCAT(t.table_name, ' (', t.engine, ')') FROM information_schema.tables t LEFT JOIN "
        "information_schema.engines e ON e.engine = t.engine WHERE t.table_schema = %s AND t.table_type = "
        "'BASE TABLE' AND COALESCE(e.transactions, 'NO') <> 'YES' AND t.table_name IN (%s, %s)",
        self->schema, self->version, self->history);
    g_autoptr(RowSet) others = query(
        self, "engine",
        "SELECT CONCAT(t.table_name, ' (', t.engine, ')') FROM information_schema.tables t LEFT JOIN "
        "information_schema.engines e ON e.engine = t.engine WHERE t.table_schema = %s AND t.table_type = "
        "'BASE TABLE' AND COALESCE(e.transactions, 'NO') <> 'YES' AND t.table_name NOT IN (%s, %s) ORDER BY "
        "1",
        self->schema, self->version, self->history);
    g_autoptr(GPtrArray) our_names = examine_names(ours);
    g_autoptr(GPtrArray) other_names = examine_names(others);
    g_autofree char *our_list = finding_names(our_names, our_names->len);
    g_autofree char *other_list = finding_names(other_names, EXAMINE_NAMES_SHOWN);
    if (our_names->len > 0)
        findings_add(self->examination->findings, FINDING_ERROR, "version-table",
                     "ALTER TABLE … ENGINE = InnoDB.",
                     "dbfleet's own tables are in an engine without transactions: %s", our_list);
    if (other_names->len > 0)
        findings_add(self->examination->findings, FINDING_WARNING, "engine",
                     "ALTER TABLE … ENGINE = InnoDB, or have revisions change no rows of them.",
                     "%u %s in an engine without transactions, whose rows cannot be rolled back: %s",
                     other_names->len, other_names->len == 1 ? "table is" : "tables are", other_list);
}

/* ---- What stands in the way ---- */

/* Needs PROCESS; without it the right to see is told, so nothing is said here. */
static void check_old_transactions(const Objects *self)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT CONCAT('connection ', p.ID, ', user ', p.USER, ', from ', p.HOST, ', open since ', "
        "t.trx_started) FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = "
        "t.trx_mysql_thread_id WHERE p.DB = DATABASE() AND p.ID <> CONNECTION_ID() AND t.trx_started < NOW() "
        "- INTERVAL %u MINUTE ORDER BY t.trx_started",
        self->options->old_minutes);
    g_autoptr(RowSet) rows = connection_query(self->connection, sql, NULL);
    for (guint i = 0; rows && i < rows->rows->len && i < EXAMINE_NAMES_SHOWN; i++)
        findings_add(self->examination->findings, FINDING_WARNING, "old-transaction",
                     "See what it does, and end it: KILL ID.",
                     "a transaction is open for more than %u minutes, and DDL on what it touched waits for "
                     "it: %s",
                     self->options->old_minutes, ((char **)rows->rows->pdata[i])[0]);
}

static void check_prepared(const Objects *self)
{
    g_autoptr(RowSet) rows = connection_query(self->connection, "XA RECOVER", NULL);
    if (rows && rows->rows->len > 0)
        findings_add_of_server(
            self->examination->findings, FINDING_WARNING, "prepared-transaction",
            "XA RECOVER lists them; XA COMMIT or XA ROLLBACK, whichever their owner means.",
            "%u prepared %s left open, holding locks until somebody ends %s", rows->rows->len,
            rows->rows->len == 1 ? "transaction" : "transactions", rows->rows->len == 1 ? "it" : "them");
}

void mysql_examine_objects(Connection *base, const ExamineOptions *options, Examination *examination)
{
    g_autofree char *schema = sql_quote_literal(base->server.dialect, base->server.database);
    g_autofree char *version = sql_quote_literal(base->server.dialect, options->version_table);
    g_autofree char *history = sql_quote_literal(base->server.dialect, options->history_table);
    const Objects self = {base, options, examination, schema, version, history};
    check_key(&self);
    check_history(&self);
    check_engines(&self);
    check_old_transactions(&self);
    check_prepared(&self);
}
