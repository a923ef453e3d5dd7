/* Examining PostgreSQL: the server, its settings and this role's rights.
 *
 * Owns which settings matter. Settings that every session of ours overrides (timeouts, isolation) do not.
 * Refuses to change or to lock anything. Owner's thread only. */
#include "drivers/postgres/examine_internal.h"

#include <string.h>

/* Facts asked for in one SELECT, in this order. Functions with two arguments give NULL for what an older
 * server does not know. */
typedef enum Fact {
    FACT_MAX,
    FACT_RESERVED,
    FACT_IN_USE,
    FACT_ROLE_LIMIT,
    FACT_ROLE_IN_USE,
    FACT_PID,
    FACT_STANDBY,
    FACT_READ_ONLY,
    FACT_ROLE_LOCK_TIMEOUT,
    FACT_TRANSACTION_TIMEOUT,
    FACT_FSYNC,
    FACT_SYNCHRONOUS_COMMIT,
    FACT_SEES_ACTIVITY,
    FACT_CLOCK,
    FACT_PLAIN_NETWORK,
    FACT_COUNT
} Fact;

static const char *const facts[] = {
    [FACT_MAX] = "current_setting('max_connections')",
    [FACT_RESERVED] =
        "CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int + "
        "coalesce(current_setting('reserved_connections', true)::int, 0) END",
    [FACT_IN_USE] = "(SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usesysid IS NOT NULL AND "
                    "coalesce(backend_type, 'client backend') = 'client backend' AND application_name <> "
                    "'dbfleet')",
    [FACT_ROLE_LIMIT] = "r.rolconnlimit",
    [FACT_ROLE_IN_USE] = "(SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usesysid = r.oid AND "
                         "application_name <> 'dbfleet')",
    [FACT_PID] = "pg_catalog.pg_backend_pid()",
    [FACT_STANDBY] = "pg_catalog.pg_is_in_recovery()",
    /* Ours is on: what the role, the database or the server say is what RESET would bring back. */
    [FACT_READ_ONLY] = "(SELECT reset_val FROM pg_catalog.pg_settings WHERE name = "
                       "'default_transaction_read_only')",
    /* What our session would have had: the nearest of all that are said for the database and the role that
     * logged in, which need not be the current one. */
    [FACT_ROLE_LOCK_TIMEOUT] =
        "(SELECT substr(said, 14) FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) said WHERE said "
        "LIKE 'lock\\_timeout=%' AND s.setrole IN (0, (SELECT u.oid FROM pg_catalog.pg_roles u WHERE "
        "u.rolname = "
        "session_user)) AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname "
        "= "
        "current_database())) ORDER BY s.setrole DESC, s.setdatabase DESC LIMIT 1)",
    [FACT_TRANSACTION_TIMEOUT] = "current_setting('transaction_timeout', true)",
    [FACT_FSYNC] = "current_setting('fsync')",
    [FACT_SYNCHRONOUS_COMMIT] = "current_setting('synchronous_commit')",
    [FACT_SEES_ACTIVITY] = "r.rolsuper OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')",
    [FACT_CLOCK] = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
    [FACT_PLAIN_NETWORK] =
        "(SELECT NOT s.ssl FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_backend_pid()) AND "
        "inet_client_addr() IS NOT NULL AND NOT inet_client_addr() <<= '127.0.0.0/8' AND inet_client_addr() "
        "<> '::1'",
};

static RowSet *ask_facts(Connection *self, Examination *examination)
{
    g_autoptr(GString) sql = g_string_new("SELECT ");
    for (gsize i = 0; i < FACT_COUNT; i++)
        g_string_append_printf(sql, "%s%s", i ? ",\n" : "", facts[i]);
    g_string_append(sql, "\nFROM pg_catalog.pg_roles r WHERE r.rolname = current_user");
    return examine_query(self, examination, "server", sql->str);
}

static bool holds(const char *value)
{
    return g_strcmp0(value, "t") == 0 || g_strcmp0(value, "on") == 0;
}

/* ---- The server ---- */

/* The nearer of the server's limit and the role's own. */
static void count_connections(char *const *row, Examination *examination)
{
    gint64 most = examine_number(row[FACT_MAX]) - examine_number(row[FACT_RESERVED]);
    gint64 used = examine_number(row[FACT_IN_USE]);
    gint64 role = examine_number(row[FACT_ROLE_LIMIT]), role_used = examine_number(row[FACT_ROLE_IN_USE]);
    bool by_role = role >= 0 && role - role_used < most - used;
    examination->connections_max = by_role ? role : most;
    examination->connections_in_use = by_role ? role_used : used;
}

static void check_writable(const ServerInfo *server, char *const *row, GPtrArray *findings)
{
    if (holds(row[FACT_STANDBY]))
        findings_add_of_server(findings, FINDING_ERROR, "read-only", "Name the primary in the URL.",
                               "the server is a standby: it can change nothing");
    else if (holds(row[FACT_READ_ONLY]))
        findings_add(findings, FINDING_ERROR, "read-only",
                     "Reset default_transaction_read_only where it is set: role, database or server.",
                     "transactions of role \"%s\" in database \"%s\" are read-only", server->user,
                     server->database);
}

static void check_durability(char *const *row, GPtrArray *findings)
{
    if (!holds(row[FACT_FSYNC]))
        findings_add_of_server(findings, FINDING_WARNING, "durability", "Set fsync = on.",
                               "fsync is off: after a crash of its machine, what was reported as done may be "
                               "lost, and the database with it");
    else if (g_strcmp0(row[FACT_SYNCHRONOUS_COMMIT], "off") == 0)
        findings_add(findings, FINDING_WARNING, "durability",
                     "Set synchronous_commit = on for the role that dbfleet uses.",
                     "synchronous_commit is off: a crash of the server can take back a step that was "
                     "reported as done");
}

static void check_timeouts(char *const *row, GPtrArray *findings)
{
    const char *limit = row[FACT_TRANSACTION_TIMEOUT];
    if (limit && !g_str_equal(limit, "0"))
        findings_add(findings, FINDING_WARNING, "transaction-timeout",
                     "Set transaction_timeout = 0 for the role that dbfleet uses.",
                     "transaction_timeout is %s: the server ends steps that take longer, whatever "
                     "statement_timeout says",
                     limit);
    const char *lock = row[FACT_ROLE_LOCK_TIMEOUT]; /* as it was said: with its unit, or in milliseconds */
    if (lock && g_ascii_strtod(lock, NULL) > 0)
        findings_add(findings, FINDING_NOTE, "lock-timeout", NULL,
                     "the role or database sets lock_timeout to %s%s; dbfleet uses the target's lock_timeout "
                     "instead",
                     lock, g_ascii_isdigit(lock[strlen(lock) - 1]) ? " ms" : "");
}

static void check_session(Connection *base, char *const *row, GPtrArray *findings)
{
    const PostgresConnection *self = (PostgresConnection *)base;
    if (PQbackendPID(self->conn) != examine_number(row[FACT_PID]))
        findings_add(findings, FINDING_WARNING, "pooler",
                     "Connect to the server itself where you can; else make sure that pool_mode is session.",
                     "connected through a pooler; with \"pooler: session\" the inventory says that each "
                     "client keeps a session of its own");
    if (holds(row[FACT_PLAIN_NETWORK]))
        findings_add(findings, FINDING_WARNING, "tls", "Add ?sslmode=verify-full to the URL.",
                     "the connection goes over the network unencrypted");
    if (!holds(row[FACT_SEES_ACTIVITY]))
        findings_add_of_server(findings, FINDING_NOTE, "activity", "GRANT pg_read_all_stats TO the role.",
                               "role \"%s\" may not see what others' sessions do: who blocks a step is named "
                               "without its query, and old transactions are not found",
                               base->server.user);
}

void postgres_examine(Connection *base, const ExamineOptions *options, Examination *examination)
{
    g_autoptr(RowSet) rows = ask_facts(base, examination);
    char *const *row = rows && rows->rows->len ? rows->rows->pdata[0] : NULL;
    if (row) {
        count_connections(row, examination);
        examination->clock_us = examine_number(row[FACT_CLOCK]);
        check_writable(&base->server, row, examination->findings);
        check_durability(row, examination->findings);
        check_timeouts(row, examination->findings);
        check_session(base, row, examination->findings);
    }
    postgres_examine_objects(base, options, examination);
}
