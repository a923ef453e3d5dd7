/* PostgreSQL sessions: one message puts every setting in force and asks the server who it is; then what
 * dbfleet cannot work with is refused.
 *
 * Owns the session's settings and how they are put back. Refuses standbys, read-only servers, servers before
 * 12 and poolers that share sessions, unless the options allow them. Owner's thread only. */
#include "base/digits.h"
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
    bool is_default; /* it is PostgreSQL's own, so that most sessions have it without us */
    int since;       /* server version; 0: any */
} fixed_settings[] = {
    {"client_encoding", "UTF8", true, 0},
    {"standard_conforming_strings", "on", true, 0},
    {"default_transaction_isolation", "read committed", true, 0},
    {"idle_in_transaction_session_timeout", "0", true, 0},
    {"idle_session_timeout", "0", true, FIRST_WITH_IDLE_SESSION_TIMEOUT},
    {"tcp_keepalives_idle", "30", false, 0},
    {"tcp_keepalives_interval", "10", false, 0},
    {"tcp_keepalives_count", "3", false, 0},
};

/* A setting that no server has, another value in each session: where it is missing, this is not the session
 * that was begun with our options. */
#define MARK "dbfleet.session"

static void setting_clear(gpointer data)
{
    PostgresSetting *self = data;
    g_free(self->value);
}

char *postgres_search_path(const ConnectOptions *options)
{
    g_autofree char *schema = options->schema ? sql_quote_ident(DIALECT_POSTGRES, options->schema) : NULL;
    return schema ? g_strconcat("SET search_path TO ", schema, NULL) : NULL;
}

static void add_setting(PostgresConnection *self, PostgresSetting setting, const char *value)
{
    setting.value = g_strdup(value);
    g_array_append_val(self->settings, setting);
}

static void add_milliseconds(PostgresConnection *self, const char *name, unsigned value)
{
    char room[DIGITS_ROOM];
    const char *text = digits_of(MIN(value, (unsigned)G_MAXINT), room);
    add_setting(self, (PostgresSetting){.name = name, .at_start = true}, text);
}

void postgres_choose_settings(PostgresConnection *self, const ConnectOptions *options)
{
    self->settings = g_array_new(FALSE, FALSE, sizeof(PostgresSetting));
    g_array_set_clear_func(self->settings, setting_clear);
    for (gsize i = 0; i < G_N_ELEMENTS(fixed_settings); i++) {
        PostgresSetting setting = {.name = fixed_settings[i].name,
                                   .is_default = fixed_settings[i].is_default,
                                   .at_start = fixed_settings[i].since == 0,
                                   .since = fixed_settings[i].since};
        add_setting(self, setting, fixed_settings[i].value);
    }
    const char *name = db_url_parameter(options->url, "application_name");
    name = name ? name : options->application_name;
    add_setting(self, (PostgresSetting){.name = "application_name"}, name ? name : "dbfleet");
    add_milliseconds(self, "lock_timeout", options->lock_timeout_ms);
    add_milliseconds(self, "statement_timeout", options->statement_timeout_ms);
    self->search_path = postgres_search_path(options);
}

/* Blanks end an option there, and a backslash takes the byte behind it as it is (libpq manual, `options`). */
static void append_option(GString *options, const char *name, const char *value)
{
    g_string_append_printf(options, "%s-c %s=", options->len ? " " : "", name);
    for (const char *c = value; *c; c++) {
        if (g_ascii_isspace(*c) || *c == '\\')
            g_string_append_c(options, '\\');
        g_string_append_c(options, *c);
    }
}

/* What libpq takes without us: an empty value is none to it. */
static const char *said_options(const DbUrl *url)
{
    const char *said = db_url_parameter(url, "options");
    return said && *said ? said : g_getenv("PGOPTIONS");
}

/* True if what stands behind would not be read as options: a backslash at the end would join it to the last
 * one, and "--" ends them all. */
static bool is_open_ended(const char *options)
{
    g_autofree char *text = g_strchomp(g_strdup(options));
    return g_str_has_suffix(options, "\\") || g_str_has_suffix(text, "--");
}

/* What a session begins with RESET ALL gives back. A pooler may refuse options or drop them, and a service
 * file may hold some that ours would override. */
char *postgres_options(PostgresConnection *self, const ConnectOptions *options)
{
    if (options->pooler_session || db_url_parameter(options->url, "service") || g_getenv("PGSERVICE"))
        return NULL;
    const char *said = said_options(options->url);
    if (said && is_open_ended(said))
        return NULL;
    self->said_options = g_strdup(said);
    GString *text = g_string_new(said);
    for (guint i = 0; i < self->settings->len; i++) {
        const PostgresSetting *setting = &g_array_index(self->settings, PostgresSetting, i);
        if (setting->at_start)
            append_option(text, setting->name, setting->value);
    }
    self->mark = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    append_option(text, MARK, self->mark);
    return g_string_free(text, FALSE);
}

static void add_text(Batch *batch, const char *sql)
{
    batch_add(batch, &(BatchItem){.sql = sql, .length = strlen(sql)});
}

/* What a new session has without us the server is asked for, where it is likely and the server does not
 * report it by itself. */
static bool is_asked(const PostgresConnection *self, const PostgresSetting *setting)
{
    return setting->is_default && !setting->given && !PQparameterStatus(self->conn, setting->name);
}

/* SET is less than half of the work of set_config(), which is planned and executed as a query. */
static void add_settings(const PostgresConnection *self, bool read_only, Batch *batch)
{
    for (guint i = 0; i < self->settings->len; i++) {
        const PostgresSetting *setting = &g_array_index(self->settings, PostgresSetting, i);
        if (self->mark && setting->given)
            continue;
        g_autofree char *value = sql_quote_literal(DIALECT_POSTGRES, setting->value);
        batch_take(batch, g_strdup_printf("SET %s TO %s", setting->name, value), false);
    }
    if (read_only)
        add_text(batch, "SET default_transaction_read_only TO on");
}

void postgres_add_restore(Connection *base, Batch *batch)
{
    static const char *const resets[] = {"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"};
    const PostgresConnection *self = (PostgresConnection *)base;
    for (gsize i = 0; i < G_N_ELEMENTS(resets); i++)
        add_text(batch, resets[i]);
    if (self->search_path)
        add_text(batch, self->search_path);
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

/* Items of the message that sets a session up: BEGIN, the search path if a schema is wanted, these two, the
 * settings, COMMIT, and what the caller wants read. */
static unsigned facts_item(const PostgresConnection *self)
{
    return self->search_path ? 2 : 1;
}

static unsigned identity_item(const PostgresConnection *self)
{
    return facts_item(self) + 1;
}

/* Columns of the facts. The settings follow, in their order. */
typedef enum Fact {
    FACT_SCHEMA,
    FACT_USER,
    FACT_DATABASE,
    FACT_PID,
    FACT_STANDBY,
    FACT_READ_ONLY,
    FACT_SCHEMA_EXISTS,
    FACT_MARK,
    FACT_COUNT
} Fact;

static bool is_on(const char *value)
{
    return g_strcmp0(value, "on") == 0 || g_strcmp0(value, "t") == 0;
}

/* What a server reports by itself since 14, where it is the server that was connected to. */
static const char *reported(const PostgresConnection *self, const char *setting)
{
    const char *value = self->mark ? PQparameterStatus(self->conn, setting) : NULL;
    return !value ? NULL : is_on(value) ? "'on'" : "'off'";
}

/* Without what most sessions need not know, and with as few functions as can be: a server process that has
 * just begun looks up each function, operator and table for the first time. */
static char *facts_statement(const PostgresConnection *self, const ConnectOptions *options)
{
    const char *standby = reported(self, "in_hot_standby");
    const char *read_only = reported(self, "default_transaction_read_only");
    g_autoptr(GString) sql = g_string_new("SELECT current_schema, current_user, current_catalog");
    g_string_append_printf(sql, ", pg_catalog.pg_backend_pid(), %s",
                           standby ? standby : "pg_catalog.pg_is_in_recovery()");
    g_string_append_printf(
        sql, ", %s", read_only ? read_only : "pg_catalog.current_setting('transaction_read_only', true)");
    g_autofree char *schema = options->schema ? sql_quote_literal(DIALECT_POSTGRES, options->schema) : NULL;
    if (schema)
        g_string_append_printf(sql, ", EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s)",
                               schema);
    else
        g_string_append(sql, ", false");
    g_string_append(sql, self->mark ? ", pg_catalog.current_setting('" MARK "', true)" : ", NULL");
    for (guint i = 0; i < self->settings->len; i++) {
        const PostgresSetting *setting = &g_array_index(self->settings, PostgresSetting, i);
        g_string_append_printf(
            sql, is_asked(self, setting) ? ", pg_catalog.current_setting('%s', true)" : ", NULL",
            setting->name);
    }
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

#define IDENTITY_SQL "SELECT system_identifier FROM pg_catalog.pg_control_system()"
#define ADDRESS_SQL                                                                                          \
    "SELECT pg_catalog.host(pg_catalog.inet_server_addr()) || ':' || pg_catalog.inet_server_port()"

static bool is_permission_error(const GError *error, gssize item)
{
    const DbErrorDetail *detail = db_error_detail(error);
    return g_error_matches(error, DB_ERROR, DB_ERROR_PERMISSION) && detail->item == item;
}

/* In a transaction of its own, so that what is read behind it can fail without undoing it. The facts come
 * first: they tell what the settings are without us. `again`: with another question in place of the one that
 * was refused and has failed the transaction. */
static Batch *session_batch(const PostgresConnection *self, const ConnectOptions *options, bool again)
{
    Batch *batch = batch_new();
    add_text(batch, again ? "ROLLBACK AND CHAIN" : "BEGIN");
    if (self->search_path)
        add_text(batch, self->search_path);
    batch_take(batch, facts_statement(self, options), true);
    batch_take(batch, g_strdup(again ? ADDRESS_SQL : IDENTITY_SQL), true);
    add_settings(self, options->read_only, batch);
    add_text(batch, "COMMIT");
    return batch;
}

void postgres_add_first(const FirstRead *first, Batch *batch)
{
    for (unsigned i = 0; first && i < batch_length(first->batch); i++)
        batch_add(batch, batch_at(first->batch, i));
}

void postgres_take_first(FirstRead *first, BatchResult *answer, unsigned count, GError *error)
{
    first_read_clear(first);
    batch_result_move(answer, count, &first->result);
    first->sent = true;
    first->error = error;
}

/* One try. True if the session stands, whatever came of the first read. */
static bool set_up(PostgresConnection *self, const ConnectOptions *options, gint64 deadline, bool again,
                   BatchResult *answer, GError **error)
{
    g_autoptr(Batch) batch = session_batch(self, options, again);
    unsigned count = batch_length(batch);
    GError *problem = NULL;
    postgres_add_first(options->first, batch);
    batch_result_clear(answer);
    postgres_send_by(self, batch, count, deadline, answer, &problem);
    if (answer->completed < count) {
        g_propagate_error(error, problem);
        return false;
    }
    if (options->first)
        postgres_take_first(options->first, answer, count, problem);
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
    if (is_permission_error(refusal, identity_item(self))) {
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

static const char *fact(const PostgresConnection *self, const BatchResult *answer, guint which)
{
    const RowSet *set = batch_result_rows(answer, facts_item(self));
    return ((char **)g_ptr_array_index(set->rows, 0))[which];
}

static bool fact_holds(const PostgresConnection *self, const BatchResult *answer, Fact which)
{
    return is_on(fact(self, answer, which));
}

/* False behind a pooler: another server process answers than the one that was announced, or not the one that
 * read our options. The mark alone proves nothing: a pooler may give each transaction any process and SET
 * there what its client began with. */
static bool is_own_session(const PostgresConnection *self, const BatchResult *answer)
{
    char pid[DIGITS_ROOM];
    return g_str_equal(digits_of(PQbackendPID(self->conn), pid), fact(self, answer, FACT_PID)) &&
           (!self->mark || g_strcmp0(self->mark, fact(self, answer, FACT_MARK)) == 0);
}

static void learn(PostgresConnection *self, const BatchResult *answer)
{
    ServerInfo *server = &self->base.server;
    const char *version = PQparameterStatus(self->conn, "server_version");
    server_info_clear(server);
    server->dialect = DIALECT_POSTGRES;
    server->version = g_strdup_printf("PostgreSQL %.*s", (int)strcspn(version, " "), version);
    const char *identity = batch_result_value(answer, identity_item(self));
    server->identity =
        identity ? g_strdup(identity) : g_strdup_printf("%s:%s", PQhost(self->conn), PQport(self->conn));
    g_free(self->id);
    self->id = g_strdup(fact(self, answer, FACT_PID));
    server->user = g_strdup(fact(self, answer, FACT_USER));
    server->database = g_strdup(fact(self, answer, FACT_DATABASE));
    server->schema = g_strdup(fact(self, answer, FACT_SCHEMA));
    server->pooled = !is_own_session(self, answer);
}

/* What a session begins with RESET ALL gives back, so it need not be set after that. A pooler may have set it
 * on a session that is older. */
static void forget_usual_settings(PostgresConnection *self, const BatchResult *answer)
{
    for (guint i = self->settings->len; !self->base.server.pooled && i-- > 0;) {
        const PostgresSetting *setting = &g_array_index(self->settings, PostgresSetting, i);
        const char *found = fact(self, answer, FACT_COUNT + i);
        if (setting->given || g_strcmp0(setting->value, found) == 0)
            g_array_remove_index(self->settings, i);
    }
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
    if (fact_holds(self, answer, FACT_STANDBY)) {
        return refuse(error, DB_ERROR_READ_ONLY, "Name the primary in the URL.",
                      "server \"%s\", port %s is a standby: it can change nothing", PQhost(self->conn),
                      PQport(self->conn));
    }
    if (fact_holds(self, answer, FACT_READ_ONLY)) {
        return refuse(error, DB_ERROR_READ_ONLY,
                      "default_transaction_read_only is on for the role, database or server.",
                      "server \"%s\", port %s is read-only for role \"%s\" in database \"%s\"",
                      PQhost(self->conn), PQport(self->conn), fact(self, answer, FACT_USER),
                      fact(self, answer, FACT_DATABASE));
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
bool postgres_refuse_pooler(const PostgresConnection *self, const char *words, GError **error)
{
    g_autofree char *message =
        g_strdup_printf("\"%s\", port %s is a connection pooler, and sessions through it may be shared",
                        PQhost(self->conn), PQport(self->conn));
    g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL, message, words,
                                          "Connect to the server itself, or say `pooler: session` if the "
                                          "pooler gives each client a session of its own."));
    return false;
}

static bool check_pooler(const PostgresConnection *self, const ConnectOptions *options,
                         const BatchResult *answer, GError **error)
{
    return options->pooler_session || is_own_session(self, answer) ||
           postgres_refuse_pooler(self, NULL, error);
}

static bool check_schema(const PostgresConnection *self, const ConnectOptions *options,
                         const BatchResult *answer, GError **error)
{
    const char *current = fact(self, answer, FACT_SCHEMA);
    if (!options->schema) {
        return current || refuse(error, DB_ERROR_NO_DATABASE, "Name one with `schema`, or create one.",
                                 "no schema of the search_path exists in database \"%s\"",
                                 fact(self, answer, FACT_DATABASE));
    }
    if (g_strcmp0(current, options->schema) == 0)
        return true;
    if (fact_holds(self, answer, FACT_SCHEMA_EXISTS)) {
        return refuse(error, DB_ERROR_PERMISSION, "Grant it USAGE on the schema.",
                      "role \"%s\" may not use schema \"%s\" of database \"%s\"",
                      fact(self, answer, FACT_USER), options->schema, fact(self, answer, FACT_DATABASE));
    }
    return refuse(error, DB_ERROR_NO_DATABASE, "Create it, or say `create_schema: true`.",
                  "schema \"%s\" does not exist in database \"%s\"", options->schema,
                  fact(self, answer, FACT_DATABASE));
}

/* ---- Start ---- */

/* Once connected: drops what this server does not know, and finds out what the session has begun with, of
 * which the server reports some (manual 55.2.7). */
static void settle_settings(PostgresConnection *self)
{
    for (guint i = self->settings->len; i-- > 0;) {
        PostgresSetting *setting = &g_array_index(self->settings, PostgresSetting, i);
        setting->given = (self->mark && setting->at_start) ||
                         g_strcmp0(PQparameterStatus(self->conn, setting->name), setting->value) == 0;
        if (PQserverVersion(self->conn) < setting->since)
            g_array_remove_index(self->settings, i);
    }
}

static bool wants_schema_made(const PostgresConnection *self, const ConnectOptions *options,
                              const BatchResult *answer)
{
    return options->schema && options->create_schema && !options->read_only &&
           !fact_holds(self, answer, FACT_SCHEMA_EXISTS);
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
    if (refusal && !fact_holds(self, answer, FACT_SCHEMA_EXISTS)) {
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
    settle_settings(self);
    if (!check_version(self, error) || !ask_server(self, options, deadline, &answer, error) ||
        !check_pooler(self, options, &answer, error) || !check_changes(self, options, &answer, error))
        return false;
    if (wants_schema_made(self, options, &answer) && !make_schema(self, options, deadline, &answer, error))
        return false;
    if (!check_schema(self, options, &answer, error))
        return false;
    self->statement_timeout_ms = options->statement_timeout_ms;
    learn(self, &answer);
    forget_usual_settings(self, &answer);
    return true;
}
