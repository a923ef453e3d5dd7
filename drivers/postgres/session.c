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
    if (options->read_only)
        append_setting(sql, "default_transaction_read_only", "on");
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

void postgres_add_restore(Connection *base, Batch *batch)
{
    PostgresConnection *self = (PostgresConnection *)base;
    static const char *const resets[] = {"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"};
    for (gsize i = 0; i < G_N_ELEMENTS(resets); i++)
        batch_add(batch, &(BatchItem){.sql = resets[i], .length = strlen(resets[i])});
    batch_add(batch, &(BatchItem){.sql = self->settings, .length = strlen(self->settings)});
}

/* ---- Facts about the server ---- */

enum { ITEM_SETTINGS, ITEM_FACTS, ITEM_IDENTITY, ITEM_COUNT };

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

/* Everything in one message. Where the role may not ask for the system identifier the whole message was
 * undone, and goes again without that question. */
static bool ask_server(PostgresConnection *self, const ConnectOptions *options, gint64 deadline,
                       BatchResult *answer, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    batch_take(batch, g_strdup(self->settings), false);
    batch_take(batch, facts_statement(options), true);
    batch_take(batch, g_strdup("SELECT system_identifier FROM pg_catalog.pg_control_system()"), true);
    g_autoptr(GError) refusal = NULL;
    if (postgres_send_message(self, batch, 0, ITEM_COUNT, deadline, answer, &refusal))
        return true;
    batch_result_clear(answer);
    if (is_permission_error(refusal, ITEM_IDENTITY)) {
        g_clear_error(&refusal);
        if (postgres_send_message(self, batch, 0, ITEM_IDENTITY, deadline, answer, &refusal))
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

/* A pooler that gives each transaction any server session would share our lock among its clients. */
static bool check_pooler(const PostgresConnection *self, const ConnectOptions *options,
                         const BatchResult *answer, GError **error)
{
    g_autofree char *pid = g_strdup_printf("%d", PQbackendPID(self->conn));
    if (options->pooler_session || g_str_equal(pid, fact(answer, FACT_PID)))
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
    postgres_send_message(self, batch, 0, 1, deadline, &ignored, &refusal);
    batch_result_clear(answer);
    if (!ask_server(self, options, deadline, answer, error))
        return false;
    if (refusal && !fact_holds(answer, FACT_SCHEMA_EXISTS)) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return false;
    }
    return true;
}

bool postgres_session_start(PostgresConnection *self, const ConnectOptions *options, gint64 deadline,
                            GError **error)
{
    g_auto(BatchResult) answer = {0};
    self->settings = settings_statement(self->conn, options);
    if (!check_version(self, error) || !ask_server(self, options, deadline, &answer, error) ||
        !check_pooler(self, options, &answer, error) ||
        !(options->read_only || check_writable(self, &answer, error)))
        return false;
    if (wants_schema_made(options, &answer) && !make_schema(self, options, deadline, &answer, error))
        return false;
    if (!check_schema(options, &answer, error))
        return false;
    self->statement_timeout_ms = options->statement_timeout_ms;
    learn(self, &answer);
    return true;
}
