/* PostgreSQL sessions: one message puts every setting in force and asks the server who it is; then what
 * dbfleet cannot work with is refused.
 *
 * Owns the session's settings and how they are put back. Refuses standbys, read-only servers, servers before
 * 12 and poolers that share sessions, unless the options allow them. Owner's thread only. */
#include "drivers/postgres/postgres_internal.h"

#include <string.h>

#define OLDEST_SERVER 120000
#define FIRST_WITH_IDLE_SESSION_TIMEOUT 140000

/* ---- Settings ---- */

/* What a session of ours has whatever role, database and server say: no timeout may end a session that holds
 * a lock and waits, statements mean what the scanner took them for, a statement behind the lock has a newer
 * snapshot than it (READ COMMITTED), and the server notices a client that vanished within a minute. */
static const struct {
    const char *name;
    const char *value;
    int since; /* server version; 0: any */
} fixed_settings[] = {
    {"client_encoding", "UTF8", 0},
    {"standard_conforming_strings", "on", 0},
    {"default_transaction_isolation", "read committed", 0},
    {"idle_in_transaction_session_timeout", "0", 0},
    {"idle_session_timeout", "0", FIRST_WITH_IDLE_SESSION_TIMEOUT},
    {"tcp_keepalives_idle", "30", 0},
    {"tcp_keepalives_interval", "10", 0},
    {"tcp_keepalives_count", "3", 0},
};

static void append_setting(GString *sql, const char *name, const char *value)
{
    g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, value);
    g_string_append_printf(sql, "%spg_catalog.set_config('%s', %s, false)", sql->len ? ", " : "SELECT ", name,
                           literal);
}

static void append_milliseconds(GString *sql, const char *name, unsigned value)
{
    g_autofree char *text = g_strdup_printf("%u", MIN(value, (unsigned)G_MAXINT));
    append_setting(sql, name, text);
}

static char *settings_statement(const PGconn *conn, const ConnectOptions *options)
{
    g_autoptr(GString) sql = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(fixed_settings); i++)
        if (PQserverVersion(conn) >= fixed_settings[i].since)
            append_setting(sql, fixed_settings[i].name, fixed_settings[i].value);
    const char *name = db_url_parameter(options->url, "application_name");
    name = name ? name : options->application_name;
    append_setting(sql, "application_name", name ? name : "dbfleet");
    append_milliseconds(sql, "lock_timeout", options->lock_timeout_ms);
    append_milliseconds(sql, "statement_timeout", options->statement_timeout_ms);
    if (options->schema) {
        g_autofree char *path = sql_quote_ident(DIALECT_POSTGRES, options->schema);
        append_setting(sql, "search_path", path);
    }
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

/* All settings, as one statement. */
static void add_settings(const PostgresConnection *self, bool read_only, Batch *batch)
{
    g_autoptr(GString) sql = g_string_new(self->settings);
    if (read_only)
        append_setting(sql, "default_transaction_read_only", "on");
    batch_take(batch, g_string_free(g_steal_pointer(&sql), FALSE), false);
}

void postgres_add_restore(Connection *base, Batch *batch)
{
    PostgresConnection *self = (PostgresConnection *)base;
    static const char *const resets[] = {"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"};
    for (gsize i = 0; i < G_N_ELEMENTS(resets); i++)
        batch_add(batch, &(BatchItem){.sql = resets[i], .length = strlen(resets[i])});
    add_settings(self, self->read_only, batch);
}

bool postgres_promote(Connection *base, GError **error)
{
    PostgresConnection *self = (PostgresConnection *)base;
    if (self->not_writable) {
        g_propagate_error(error, g_error_copy(self->not_writable));
        return false;
    }
    self->promoted = self->read_only;
    self->read_only = false;
    return true;
}

/* In a transaction of its own, which what follows in the message cannot undo when it fails. */
void postgres_add_promotion(const PostgresConnection *self, Batch *batch)
{
    static const char *const statements[] = {"BEGIN", "SET default_transaction_read_only = off", "COMMIT"};
    for (gsize i = 0; self->promoted && i < G_N_ELEMENTS(statements); i++)
        batch_take(batch, g_strdup(statements[i]), false);
}

/* ---- Facts about the server ---- */

/* Items of the message that sets a session up. What the caller wants read follows. */
enum { ITEM_BEGIN, ITEM_SETTINGS, ITEM_FACTS, ITEM_IDENTITY, ITEM_COMMIT, ITEM_COUNT };

typedef enum Fact {
    FACT_SCHEMA,
    FACT_USER,
    FACT_DATABASE,
    FACT_PID,
    FACT_STANDBY,
    FACT_READ_ONLY,
    FACT_SCHEMA_EXISTS,
    FACT_ADDRESS
} Fact;

static char *facts_statement(const ConnectOptions *options)
{
    g_autofree char *schema = sql_quote_literal(DIALECT_POSTGRES, options->schema);
    return g_strdup_printf(
        "SELECT pg_catalog.current_schema(), current_user, pg_catalog.current_database(), "
        "pg_catalog.pg_backend_pid(), "
        "pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only') = 'on', "
        "EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s), "
        "pg_catalog.host(pg_catalog.inet_server_addr()) || ':' || pg_catalog.inet_server_port()",
        schema);
}

static bool is_permission_error(const GError *error, gssize item)
{
    const DbErrorDetail *detail = db_error_detail(error);
    return g_error_matches(error, DB_ERROR, DB_ERROR_PERMISSION) && detail->item == item;
}

/* In a transaction of its own, so that what is read behind it can fail without undoing it. `again`: without
 * the question that was refused and has failed the transaction. */
static Batch *session_batch(const PostgresConnection *self, const ConnectOptions *options, bool again)
{
    Batch *batch = batch_new();
    batch_take(batch, g_strdup(again ? "ROLLBACK AND CHAIN" : "BEGIN"), false);
    add_settings(self, options->read_only, batch);
    batch_take(batch, facts_statement(options), true);
    batch_take(
        batch,
        g_strdup(again ? "SELECT NULL" : "SELECT system_identifier FROM pg_catalog.pg_control_system()"),
        true);
    batch_take(batch, g_strdup("COMMIT"), false);
    for (unsigned i = 0; options->first && i < batch_length(options->first->batch); i++)
        batch_add(batch, batch_at(options->first->batch, i));
    return batch;
}

static void take_first(FirstRead *first, BatchResult *answer, GError *error)
{
    first_read_clear(first);
    batch_result_move(answer, ITEM_COUNT, &first->result);
    first->sent = true;
    first->error = error;
}

/* One try. True if the session stands, whatever came of the first read. */
static bool set_up(PostgresConnection *self, const ConnectOptions *options, gint64 deadline, bool again,
                   BatchResult *answer, GError **error)
{
    g_autoptr(Batch) batch = session_batch(self, options, again);
    GError *problem = NULL;
    batch_result_clear(answer);
    postgres_send_by(self, batch, ITEM_COUNT, deadline, answer, &problem);
    if (answer->completed < ITEM_COUNT) {
        g_propagate_error(error, problem);
        return false;
    }
    if (options->first)
        take_first(options->first, answer, problem);
    self->read_only = options->read_only;
    return true;
}

/* Everything in one message. Where the role may not ask for the system identifier it goes again without that
 * question. */
static bool ask_server(PostgresConnection *self, const ConnectOptions *options, gint64 deadline,
                       BatchResult *answer, GError **error)
{
    g_autoptr(GError) refusal = NULL;
    if (set_up(self, options, deadline, false, answer, &refusal))
        return true;
    if (is_permission_error(refusal, ITEM_IDENTITY)) {
        g_clear_error(&refusal);
        if (set_up(self, options, deadline, true, answer, &refusal))
            return true;
    }
    if (g_error_matches(refusal, DB_ERROR, DB_ERROR_CONNECTION_LOST)) {
        refusal->code =
            DB_ERROR_UNREACHABLE; /* nothing was done yet: a pooler without a server behind it ends here */
    }
    g_propagate_error(error, g_steal_pointer(&refusal));
    return false;
}

static const char *fact(const BatchResult *answer, Fact which)
{
    const RowSet *set = batch_result_rows(answer, ITEM_FACTS);
    return ((char **)g_ptr_array_index(set->rows, 0))[which];
}

static bool fact_holds(const BatchResult *answer, Fact which)
{
    return g_strcmp0(fact(answer, which), "t") == 0;
}

/* False behind a pooler: the process that answers is not the one that was connected to. */
static bool is_own_session(const PostgresConnection *self, const BatchResult *answer)
{
    g_autofree char *pid = g_strdup_printf("%d", PQbackendPID(self->conn));
    return g_str_equal(pid, fact(answer, FACT_PID));
}

static void learn(PostgresConnection *self, const BatchResult *answer)
{
    ServerInfo *server = &self->base.server;
    const char *version = PQparameterStatus(self->conn, "server_version");
    server_info_clear(server);
    server->dialect = DIALECT_POSTGRES;
    server->version = g_strdup_printf("PostgreSQL %.*s", (int)strcspn(version, " "), version);
    const char *identity = batch_result_value(answer, ITEM_IDENTITY);
    const char *address = fact(answer, FACT_ADDRESS);
    server->identity = identity  ? g_strdup(identity)
                       : address ? g_strdup(address)
                                 : g_strdup_printf("%s:%s", PQhost(self->conn), PQport(self->conn));
    g_free(self->id);
    self->id = g_strdup(fact(answer, FACT_PID));
    server->user = g_strdup(fact(answer, FACT_USER));
    server->database = g_strdup(fact(answer, FACT_DATABASE));
    server->schema = g_strdup(fact(answer, FACT_SCHEMA));
    server->pooled = !is_own_session(self, answer);
}

/* ---- Refusals ---- */

static bool refuse(GError **error, DbErrorClass class, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static bool refuse(GError **error, DbErrorClass class, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_propagate_error(error, db_error_new(class, NULL, message, NULL, hint));
    return false;
}

static bool check_version(const PostgresConnection *self, GError **error)
{
    if (PQserverVersion(self->conn) >= OLDEST_SERVER)
        return true;
    return refuse(error, DB_ERROR_UNSUPPORTED, NULL,
                  "server version %s is too old: dbfleet needs PostgreSQL 12 or later",
                  PQparameterStatus(self->conn, "server_version"));
}

static bool check_writable(const PostgresConnection *self, const BatchResult *answer, GError **error)
{
    if (fact_holds(answer, FACT_STANDBY)) {
        return refuse(error, DB_ERROR_READ_ONLY, "Name the primary in the URL.",
                      "server \"%s\", port %s is a standby: it can change nothing", PQhost(self->conn),
                      PQport(self->conn));
    }
    if (fact_holds(answer, FACT_READ_ONLY)) {
        return refuse(error, DB_ERROR_READ_ONLY,
                      "default_transaction_read_only is on for the role, database or server.",
                      "server \"%s\", port %s is read-only for role \"%s\" in database \"%s\"",
                      PQhost(self->conn), PQport(self->conn), fact(answer, FACT_USER),
                      fact(answer, FACT_DATABASE));
    }
    return true;
}

/* What speaks against changes is kept for a session that is to be promoted. */
static bool check_changes(PostgresConnection *self, const ConnectOptions *options, const BatchResult *answer,
                          GError **error)
{
    if (check_writable(self, answer, &self->not_writable) || options->read_only)
        return true;
    g_propagate_error(error, g_steal_pointer(&self->not_writable));
    return false;
}

/* A pooler that gives each transaction any server session would share our lock among its clients. */
static bool check_pooler(const PostgresConnection *self, const ConnectOptions *options,
                         const BatchResult *answer, GError **error)
{
    if (options->pooler_session || is_own_session(self, answer))
        return true;
    return refuse(
        error, DB_ERROR_UNSUPPORTED,
        "Connect to the server itself, or say `pooler: session` if the pooler gives each client a session of "
        "its own.",
        "\"%s\", port %s is a connection pooler, and sessions through it may be shared", PQhost(self->conn),
        PQport(self->conn));
}

static bool check_schema(const ConnectOptions *options, const BatchResult *answer, GError **error)
{
    const char *current = fact(answer, FACT_SCHEMA);
    if (!options->schema) {
        return current ||
               refuse(error, DB_ERROR_NO_DATABASE, "Name one with `schema`, or create one.",
                      "no schema of the search_path exists in database \"%s\"", fact(answer, FACT_DATABASE));
    }
    if (g_strcmp0(current, options->schema) == 0)
        return true;
    if (fact_holds(answer, FACT_SCHEMA_EXISTS)) {
        return refuse(error, DB_ERROR_PERMISSION, "Grant it USAGE on the schema.",
                      "role \"%s\" may not use schema \"%s\" of database \"%s\"", fact(answer, FACT_USER),
                      options->schema, fact(answer, FACT_DATABASE));
    }
    return refuse(error, DB_ERROR_NO_DATABASE, "Create it, or say `create_schema: true`.",
                  "schema \"%s\" does not exist in database \"%s\"", options->schema,
                  fact(answer, FACT_DATABASE));
}

/* ---- Start ---- */

static bool wants_schema_made(const ConnectOptions *options, const BatchResult *answer)
{
    return options->schema && options->create_schema && !options->read_only &&
           !fact_holds(answer, FACT_SCHEMA_EXISTS);
}

/* Another session may have made it meanwhile, which IF NOT EXISTS does not always forgive: what is there
 * afterwards counts. */
static bool make_schema(PostgresConnection *self, const ConnectOptions *options, gint64 deadline,
                        BatchResult *answer, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) ignored = {0};
    g_autoptr(GError) refusal = NULL;
    g_autofree char *name = sql_quote_ident(DIALECT_POSTGRES, options->schema);
    batch_take(batch, g_strdup_printf("CREATE SCHEMA IF NOT EXISTS %s", name), false);
    postgres_send_by(self, batch, 1, deadline, &ignored, &refusal);
    if (!ask_server(self, options, deadline, answer, error))
        return false;
    if (refusal && !fact_holds(answer, FACT_SCHEMA_EXISTS)) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return false;
    }
    return true;
}

gint64 postgres_free_connections(Connection *base)
{
    g_autoptr(RowSet) rows = connection_query(
        base,
        "SELECT least(current_setting('max_connections')::int - "
        "current_setting('superuser_reserved_connections')::int - "
        "(SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datid IS NOT NULL), "
        "(SELECT r.rolconnlimit - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usesysid = r.oid) "
        "FROM pg_catalog.pg_roles r WHERE r.rolname = session_user AND r.rolconnlimit >= 0))",
        NULL);
    char *const *row = rows && rows->rows->len > 0 ? rows->rows->pdata[0] : NULL;
    return row && row[0] ? MAX(g_ascii_strtoll(row[0], NULL, 10), 0) : 0;
}

bool postgres_session_start(PostgresConnection *self, const ConnectOptions *options, gint64 deadline,
                            GError **error)
{
    g_auto(BatchResult) answer = {0};
    self->settings = settings_statement(self->conn, options);
    if (!check_version(self, error) || !ask_server(self, options, deadline, &answer, error) ||
        !check_pooler(self, options, &answer, error) || !check_changes(self, options, &answer, error))
        return false;
    if (wants_schema_made(options, &answer) && !make_schema(self, options, deadline, &answer, error))
        return false;
    if (!check_schema(options, &answer, error))
        return false;
    self->statement_timeout_ms = options->statement_timeout_ms;
    learn(self, &answer);
    return true;
}
