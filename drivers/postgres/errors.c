/* PostgreSQL errors: from SQLSTATE and libpq's words to the classes of drivers/driver.h.
 *
 * Owns the table of classes. Refuses to decide what is done about an error. Called by the connection's owner.
 * Codes: PostgreSQL 15 manual, appendix A. */
#include "drivers/postgres/postgres_internal.h"

#include "drivers/version_store.h"

#include <string.h>

/* What a SQLSTATE means while connecting and what it means in a session. The first prefix that fits counts.
 */
static const struct {
    const char *prefix;
    DbErrorClass connecting;
    DbErrorClass session;
} state_classes[] = {
    {"08", DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST},
    {"25006", DB_ERROR_READ_ONLY, DB_ERROR_READ_ONLY},         /* read_only_sql_transaction */
    {"25P03", DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST}, /* idle_in_transaction_session_timeout */
    {"28", DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION},      /* invalid_authorization, invalid_password */
    {"3D000", DB_ERROR_NO_DATABASE, DB_ERROR_STATEMENT},       /* invalid_catalog_name */
    {"3F000", DB_ERROR_NO_DATABASE, DB_ERROR_UNDEFINED_TABLE}, /* invalid_schema_name */
    {"40001", DB_ERROR_UNREACHABLE, DB_ERROR_DEADLOCK},        /* serialization_failure */
    {"40P01", DB_ERROR_UNREACHABLE, DB_ERROR_DEADLOCK},        /* deadlock_detected */
    {"42501", DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION},   /* insufficient_privilege: no CONNECT on it */
    {"42P01", DB_ERROR_UNREACHABLE, DB_ERROR_UNDEFINED_TABLE}, /* undefined_table */
    {"53300", DB_ERROR_BUSY, DB_ERROR_STATEMENT},              /* too_many_connections */
    {"53100", DB_ERROR_UNREACHABLE, DB_ERROR_DISK_FULL},       /* disk_full */
    {"55P03", DB_ERROR_UNREACHABLE, DB_ERROR_LOCK_TIMEOUT},    /* lock_not_available */
    {"57014", DB_ERROR_UNREACHABLE, DB_ERROR_CANCELLED},       /* query_canceled: see cancel_class() */
    {"57P03", DB_ERROR_BUSY, DB_ERROR_CONNECTION_LOST},        /* cannot_connect_now */
    {"57P", DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST},   /* admin_shutdown, crash_shutdown … */
};

static DbErrorClass class_of_state(const char *state, bool connecting)
{
    for (gsize i = 0; i < G_N_ELEMENTS(state_classes); i++)
        if (g_str_has_prefix(state, state_classes[i].prefix))
            return connecting ? state_classes[i].connecting : state_classes[i].session;
    return connecting ? DB_ERROR_UNREACHABLE : DB_ERROR_STATEMENT;
}

/* libpq breaks its messages into lines with tabs; ours are one line. */
static char *one_line(const char *text)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (const char *c = text; *c; c++)
        if (!g_ascii_isspace(*c))
            g_string_append_c(line, *c);
        else if (line->len && line->str[line->len - 1] != ' ')
            g_string_append_c(line, ' ');
    return g_strchomp(g_string_free(g_steal_pointer(&line), FALSE));
}

/* ---- While connecting ---- */

/* libpq keeps no SQLSTATE of a failed connection, but its verbose form "FATAL:  28P01: password
 * authentication …" has it, in any language of the server. Returns the state and the text without it; NULL if
 * the server said nothing. */
static char *take_state(const char *text, char **message)
{
    g_autoptr(GRegex) form =
        g_regex_new("^([^\\n]*?:  )([0-9A-Z]{5}): ([^\\n]*)", G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(form, text, 0, &match))
        return NULL;
    g_autofree char *before = g_match_info_fetch(match, 1);
    g_autofree char *after = g_match_info_fetch(match, 3);
    g_autofree char *joined = g_strconcat(before, after, NULL);
    *message = one_line(joined);
    return g_match_info_fetch(match, 2);
}

GError *postgres_connect_error(const PGconn *conn)
{
    const char *text = PQerrorMessage(conn);
    g_autofree char *message = NULL;
    g_autofree char *state = take_state(text, &message);
    if (state)
        return db_error_new(class_of_state(state, true), state, message, NULL, NULL);
    message = one_line(text);
    bool password = PQconnectionNeedsPassword(conn);
    return db_error_new(password ? DB_ERROR_AUTHENTICATION : DB_ERROR_UNREACHABLE, NULL, message, NULL, NULL);
}

/* PgBouncer: "unsupported startup parameter"; Amazon RDS Proxy: "Feature not supported: … command-line
 * options". What a server thinks of a bad option is "command-line argument". */
bool postgres_refuses_options(const GError *connect_error)
{
    return strstr(connect_error->message, "startup parameter") != NULL ||
           strstr(connect_error->message, "command-line option") != NULL;
}

/* ---- In a session ---- */

GError *postgres_lost_error(const PGconn *conn)
{
    g_autofree char *message = one_line(PQerrorMessage(conn));
    return db_error_new(DB_ERROR_CONNECTION_LOST, NULL,
                        *message ? message : "the connection to the server was lost", NULL, NULL);
}

/* One SQLSTATE stands for connection_cancel(), for somebody else's pg_cancel_backend() and for
 * statement_timeout. The server's words tell the last two apart where they are English, the time that has
 * passed elsewhere. */
static DbErrorClass cancel_class(PostgresConnection *self, const char *message, gint64 waited_us)
{
    pthread_mutex_lock(&self->cancel_mutex);
    bool cancelled = self->cancelled;
    self->cancelled = false;
    pthread_mutex_unlock(&self->cancel_mutex);
    if (cancelled || strstr(message, "user request"))
        return DB_ERROR_CANCELLED;
    bool waited_out = self->statement_timeout_ms && waited_us >= (gint64)self->statement_timeout_ms * 1000;
    return strstr(message, "statement timeout") || waited_out ? DB_ERROR_TIMEOUT : DB_ERROR_CANCELLED;
}

/* A server that ends the session says FATAL or PANIC. An ordinary ERROR with such a state was raised by the
 * SQL itself, or comes from another server behind a foreign table. */
static bool ends_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return !severity || !g_str_equal(severity, "ERROR");
}

static DbErrorClass class_of_result(PostgresConnection *self, const PGresult *result, const char *state,
                                    const char *message, gint64 waited_us)
{
    if (PQstatus(self->conn) == CONNECTION_BAD)
        return DB_ERROR_CONNECTION_LOST;
    if (g_str_equal(state, "57014"))
        return cancel_class(self, message, waited_us);
    if (strstr(message, VERSION_STORE_MOVED))
        return DB_ERROR_HEADS_MOVED;
    DbErrorClass error_class = class_of_state(state, false);
    return error_class == DB_ERROR_CONNECTION_LOST && !ends_session(result) ? DB_ERROR_STATEMENT
                                                                            : error_class;
}

/* The server's DETAIL, and behind it where in a function it happened. */
static char *detail_and_context(const PGresult *result)
{
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    return detail && context ? g_strdup_printf("%s\n%s", detail, context)
                             : g_strdup(detail ? detail : context);
}

GError *postgres_result_error(PostgresConnection *self, const PGresult *result, gint64 waited_us)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state || !message) { /* made by libpq itself */
        if (PQstatus(self->conn) == CONNECTION_BAD)
            return postgres_lost_error(self->conn);
        g_autofree char *text = one_line(PQresultErrorMessage(result));
        return db_error_new(DB_ERROR_STATEMENT, NULL, text, NULL, NULL);
    }
    g_autofree char *detail = detail_and_context(result);
    return db_error_new(class_of_result(self, result, state, message, waited_us), state, message, detail,
                        PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
}
