/* Examining MySQL and MariaDB: the server and its settings.
 *
 * Owns which settings matter. Those that every session of ours overrides (lock waits, autocommit, character
 * set) do not. Refuses to change or to lock anything. One thread at a time. */
#include "drivers/mysql/examine_internal.h"

#include <string.h>

#define SMALL_PACKET (4 * 1024 * 1024)

/* Variables looked at; a server that lacks one gives no row. */
#define VARIABLES                                                                                            \
    "'max_connections', 'max_user_connections', 'read_only', 'super_read_only', 'innodb_read_only', "        \
    "'sql_mode', 'max_allowed_packet', 'wait_timeout', 'binlog_format', 'log_bin', "                         \
    "'default_storage_engine', 'innodb_flush_log_at_trx_commit', 'wsrep_on', 'wsrep_provider', "             \
    "'performance_schema'"

typedef struct Server {
    Connection *connection;
    const ExamineOptions *options;
    Examination *examination;
    GPtrArray *findings;
    GHashTable *variables; /* lower case name -> value, of `rows` */
} Server;

static GHashTable *table_of(const RowSet *rows)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; rows && i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        g_hash_table_insert(table, g_ascii_strdown(row[0], -1), row[1]);
    }
    return table;
}

static const char *variable(const Server *self, const char *name)
{
    const char *value = g_hash_table_lookup(self->variables, name);
    return value ? value : "";
}

static bool is_on(const Server *self, const char *name)
{
    const char *value = variable(self, name);
    return g_ascii_strcasecmp(value, "ON") == 0 || g_str_equal(value, "1");
}

/* ---- Connections ---- */

static void count_connections(const Server *self)
{
    g_autoptr(RowSet) rows = examine_query(self->connection, self->examination, "max-connections",
                                           "SHOW GLOBAL STATUS LIKE 'Threads_connected'");
    if (!rows || rows->rows->len == 0)
        return;
    gint64 most = examine_number(variable(self, "max_connections"));
    gint64 user = examine_number(variable(self, "max_user_connections"));
    gint64 used = examine_number(((char **)rows->rows->pdata[0])[1]) - 1; /* this one is ours */
    self->examination->connections_max = most;
    self->examination->connections_in_use = used;
    if (user > 0 && user < most - used) {
        self->examination->connections_max = user; /* how many the user has cannot be seen without PROCESS */
        self->examination->connections_in_use = 0;
    }
}

/* ---- Settings ---- */

static void check_writable(const Server *self)
{
    static const char *const names[] = {"innodb_read_only", "super_read_only", "read_only"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!is_on(self, names[i]))
            continue;
        findings_add_of_server(self->findings, FINDING_ERROR, "read-only", "Point the URL at the primary.",
                               "%s is on: perhaps a replica; dbfleet changes nothing there", names[i]);
        return;
    }
}

static void check_mode(const Server *self)
{
    const char *mode = variable(self, "sql_mode");
    if (!strstr(mode, "STRICT_TRANS_TABLES") && !strstr(mode, "STRICT_ALL_TABLES"))
        findings_add_of_server(self->findings, FINDING_WARNING, "sql-mode",
                               "Add STRICT_TRANS_TABLES to the server's sql_mode.",
                               "sql_mode has no STRICT_TRANS_TABLES: values that do not fit are changed and "
                               "stored without an error");
    const char *engine = variable(self, "default_storage_engine");
    if (*engine && g_ascii_strcasecmp(engine, "InnoDB") != 0)
        findings_add_of_server(self->findings, FINDING_WARNING, "engine",
                               "Set default_storage_engine = InnoDB, or name the engine in revisions.",
                               "default_storage_engine is %s: tables that name no engine are made so",
                               engine);
}

static void check_limits(const Server *self)
{
    gint64 packet = examine_number(variable(self, "max_allowed_packet"));
    gint64 idle_ms = examine_number(variable(self, "wait_timeout")) * 1000;
    if (packet > 0 && packet < SMALL_PACKET)
        findings_add_of_server(self->findings, FINDING_NOTE, "max-allowed-packet",
                               "Set max_allowed_packet = 64M if revisions hold long INSERTs.",
                               "max_allowed_packet is %" G_GINT64_FORMAT " kB: a longer statement is refused",
                               packet / 1024);
    if (idle_ms > 0 && self->options->statement_timeout_ms > idle_ms)
        findings_add(self->findings, FINDING_NOTE, "wait-timeout",
                     "Raise wait_timeout above statement_timeout.",
                     "wait_timeout is %" G_GINT64_FORMAT
                     " s, shorter than statement_timeout: a session that waits meanwhile may be closed",
                     idle_ms / 1000);
}

static void check_durability(const Server *self)
{
    const char *flush = variable(self, "innodb_flush_log_at_trx_commit");
    if (*flush && !g_str_equal(flush, "1") && !g_str_equal(flush, "3"))
        findings_add_of_server(self->findings, FINDING_WARNING, "durability",
                               "Set innodb_flush_log_at_trx_commit = 1.",
                               "innodb_flush_log_at_trx_commit is %s: a crash can take back a step that was "
                               "reported as done",
                               flush);
    if (is_on(self, "log_bin") && g_ascii_strcasecmp(variable(self, "binlog_format"), "STATEMENT") == 0)
        findings_add_of_server(self->findings, FINDING_NOTE, "binlog-format",
                               "Set binlog_format = ROW or MIXED.",
                               "binlog_format is STATEMENT: what depends on time, chance or order may come "
                               "out otherwise on replicas");
    const char *provider = variable(self, "wsrep_provider");
    if (is_on(self, "wsrep_on") && *provider && !g_str_equal(provider, "none"))
        findings_add_of_server(self->findings, FINDING_NOTE, "galera",
                               "Make sure that every dbfleet and every writer of DDL uses this node.",
                               "a node of a Galera cluster: dbfleet's locks hold for this node only");
}

/* ---- Who can be seen ---- */

static void check_visibility(const Server *self, const RowSet *grants)
{
    if (grants && !mysql_grants_global(grants, "PROCESS"))
        findings_add_of_server(self->findings, FINDING_NOTE, "activity", "GRANT PROCESS ON *.* TO the user.",
                               "user %s may not see what others' sessions do: who blocks a step cannot be "
                               "named, and old transactions are not found",
                               self->connection->server.user);
    if (self->connection->server.dialect != DIALECT_MARIADB)
        return;
    g_autoptr(RowSet) rows = connection_query(self->connection,
                                              "SELECT 1 FROM information_schema.plugins WHERE plugin_name = "
                                              "'METADATA_LOCK_INFO' AND plugin_status = 'ACTIVE'",
                                              NULL);
    if (rows && rows->rows->len == 0)
        findings_add_of_server(self->findings, FINDING_NOTE, "metadata-locks",
                               "INSTALL SONAME 'metadata_lock_info'.",
                               "the plugin metadata_lock_info is not loaded: who blocks an ALTER TABLE "
                               "cannot be named");
}

static void check_tls(const Server *self)
{
    const MysqlConnection *connection = (const MysqlConnection *)self->connection;
    const char *host = connection->settings->host;
    bool local = !host || !*host || g_str_equal(host, "localhost") || g_str_has_prefix(host, "127.") ||
                 g_str_equal(host, "::1") || g_str_has_prefix(host, "/");
    if (!local && !mysql_get_ssl_cipher(connection->handle))
        findings_add(self->findings, FINDING_WARNING, "tls", "Add ?sslmode=verify-full to the URL.",
                     "the connection goes over the network unencrypted");
}

static void read_clock(const Server *self)
{
    g_autoptr(RowSet) rows =
        connection_query(self->connection, "SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)", NULL);
    if (rows && rows->rows->len > 0)
        self->examination->clock_us = examine_number(((char **)rows->rows->pdata[0])[0]);
}

/* ---- Rights ---- */

/* Without these a revision with tables, indexes and rows cannot run, nor dbfleet itself. */
static void check_rights(const Server *self, const RowSet *grants)
{
    static const char *const needed[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", NULL};
    static const char *const useful[] = {"ALTER", "DROP", "INDEX", NULL};
    const struct {
        const char *const *wanted;
        const char *who;
        FindingLevel level;
    } rows[] = {{needed, "dbfleet", FINDING_ERROR}, {useful, "most revisions", FINDING_WARNING}};
    const ServerInfo *server = &self->connection->server;
    for (gsize i = 0; grants && i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) missing = mysql_grants_missing(grants, server->database, rows[i].wanted);
        if (missing->len == 0)
            continue;
        g_autofree char *list = finding_names(missing, missing->len);
        g_autofree char *grant =
            g_strdup_printf("GRANT %s ON `%s`.* TO the user; docs/grants/mysql.sql has the whole list.", list,
                            server->database);
        findings_add(self->findings, rows[i].level, "privileges", grant,
                     "user %s lacks %s on database %s, which %s %s", server->user, list, server->database,
                     rows[i].who, i == 0 ? "needs" : "need");
    }
}

void mysql_session_examine(Connection *base, const ExamineOptions *options, Examination *examination)
{
    g_autoptr(RowSet) rows = examine_query(base, examination, "server",
                                           "SHOW GLOBAL VARIABLES WHERE Variable_name IN (" VARIABLES ")");
    g_autoptr(RowSet) grants = examine_query(base, examination, "privileges", "SHOW GRANTS");
    g_autoptr(GHashTable) variables = table_of(rows);
    const Server self = {base, options, examination, examination->findings, variables};
    if (rows) {
        count_connections(&self);
        check_writable(&self);
        check_mode(&self);
        check_limits(&self);
        check_durability(&self);
    }
    read_clock(&self);
    check_visibility(&self, grants);
    check_tls(&self);
    check_rights(&self, grants);
    mysql_examine_objects(base, options, examination);
}
