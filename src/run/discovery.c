/* Discovery: owns how each kind of source is asked. It refuses to understand the answers: the inventory does.
 */
#include "run/discovery.h"

#include "base/child.h"
#include "net/http_client.h"
#include "run/session.h"
#include "run/signals.h"

#include <string.h>

#define ANSWER_MAX (64u * 1024 * 1024)
#define HTTP_ATTEMPTS 3
#define HTTP_WAIT_MS 500
#define LAST_WORDS 400

G_GNUC_PRINTF(2, 3) static void fail(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, message);
}

/* Nobody who interrupts waits for an answer: of these no more is asked. */
static bool is_interrupted(gconstpointer context)
{
    (void)context;
    return signals_count() > 0;
}

static bool is_interrupted_child(gpointer context)
{
    return is_interrupted(context);
}

/* ---- Databases ---- */

static Connection *open_source(SecretStore *secrets, const Target *source, const char *folder,
                               gint64 timeout_ms, GError **error)
{
    const SessionOptions options = {.secrets = secrets, .folder = folder, .read_only = true};
    g_autoptr(SessionRequest) request = session_request_new(source, &options, error);
    if (!request)
        return NULL;
    session_request_hurry(request, (unsigned)timeout_ms);
    return session_request_open(request, error);
}

/* What the server said, and its hint: a query of a person's own is easily wrong. */
static void tell_server(GError **error, GError *problem)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    const char *hint = detail ? detail->hint : NULL;
    fail(error, "%s%s%s", problem->message, hint ? ". " : "", hint ? hint : "");
    g_error_free(problem);
}

static RowSet *ask_database(SecretStore *secrets, const Target *source, const char *folder,
                            char *(*query)(const Connection *connection, gpointer context), gpointer context,
                            gint64 timeout_ms, GError **error)
{
    GError *problem = NULL;
    if (is_interrupted(NULL)) {
        fail(error, "interrupted");
        return NULL;
    }
    Connection *connection = open_source(secrets, source, folder, timeout_ms, &problem);
    g_autofree char *sql = connection ? query(connection, context) : NULL;
    RowSet *rows = connection ? connection_query(connection, sql, &problem) : NULL;
    if (connection)
        connection_close(connection);
    if (!rows)
        tell_server(error, problem);
    return rows;
}

static char *written_query(const Connection *connection, gpointer context)
{
    (void)connection;
    return g_strdup(context);
}

static GPtrArray *copy_rows(const RowSet *set)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < set->rows->len; i++) {
        char *const *row = set->rows->pdata[i];
        gsize bytes = set->columns * sizeof(char *), at = bytes;
        for (unsigned c = 0; c < set->columns; c++)
            bytes += row[c] ? strlen(row[c]) + 1 : 0;
        char **copy = g_malloc0(MAX(bytes, sizeof(char *))); /* one block: the texts stand behind the row */
        for (unsigned c = 0; c < set->columns; c++) {
            if (!row[c])
                continue;
            copy[c] = (char *)copy + at;
            memcpy(copy[c], row[c], strlen(row[c]) + 1);
            at += strlen(row[c]) + 1;
        }
        g_ptr_array_add(rows, copy);
    }
    return rows;
}

static GPtrArray *query_database(gpointer context, const Target *source, const char *folder, const char *sql,
                                 gint64 timeout_ms, char ***columns, GError **error)
{
    g_autoptr(RowSet) set =
        ask_database(context, source, folder, written_query, (gpointer)sql, timeout_ms, error);
    if (!set)
        return NULL;
    *columns = g_strdupv(set->names);
    return copy_rows(set);
}

typedef struct SchemaQuery {
    const char *like;
    const char *const *exclude;
} SchemaQuery;

/* PostgreSQL's information_schema shows only the schemas that the user owns. */
static char *schema_query(const Connection *connection, gpointer context)
{
    const SchemaQuery *wanted = context;
    Dialect dialect = connection->server.dialect;
    bool has_schemas = connection->driver->features & DRIVER_SCHEMAS;
    const char *column = has_schemas ? "nspname" : "schema_name";
    g_autofree char *like = sql_quote_literal(dialect, wanted->like);
    GString *query = g_string_new(
        has_schemas ? "select nspname from pg_catalog.pg_namespace where nspname like "
                    : "select schema_name from information_schema.schemata where schema_name like ");
    g_string_append(query, like);
    for (const char *const *pattern = wanted->exclude; *pattern; pattern++) {
        g_autofree char *quoted = sql_quote_literal(dialect, *pattern);
        g_string_append_printf(query, " and %s not like %s", column, quoted);
    }
    g_string_append(query, " order by 1");
    return g_string_free(query, FALSE);
}

static char **list_schemas(gpointer context, const Target *source, const char *folder, const char *like,
                           const char *const *exclude, gint64 timeout_ms, GError **error)
{
    SchemaQuery wanted = {like, exclude};
    g_autoptr(RowSet) set = ask_database(context, source, folder, schema_query, &wanted, timeout_ms, error);
    if (!set)
        return NULL;
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (guint i = 0; i < set->rows->len; i++)
        g_strv_builder_add(names, ((char **)set->rows->pdata[i])[0]);
    return g_strv_builder_end(names);
}

/* ---- HTTP ---- */

/* Headers with their secrets; NULL and an error that names the reference. Each is wiped by wipe_texts(). */
static char **resolve_headers(SecretStore *secrets, const char *const *headers, const char *folder,
                              GError **error)
{
    guint count = headers ? g_strv_length((char **)headers) : 0;
    g_auto(GStrv) resolved = g_new0(char *, count + 1);
    for (guint i = 0; i < count; i++)
        if (!(resolved[i] = secret_resolve(secrets, headers[i], folder, error)))
            return NULL;
    return g_steal_pointer(&resolved);
}

static void wipe_texts(char **texts)
{
    for (char **text = texts; text && *text; text++)
        secret_free(*text);
    g_free(texts);
}

static char *body_of(HttpReply *reply, GError **error)
{
    if (!http_reply_good(reply))
        fail(error, "the server answered with HTTP %u", reply->status);
    else if (strlen(reply->body) != reply->length)
        fail(error, "the answer holds a NUL byte and is no text");
    else
        return g_steal_pointer(&reply->body);
    return NULL;
}

/* The inventory names the source, as it is written: here its references have their values. */
static void drop_url(GError *problem, const char *url, GError **error)
{
    g_autofree char *shown = http_url_shown(url);
    g_autofree char *prefix = g_strdup_printf("%s: ", shown);
    bool begins = g_str_has_prefix(problem->message, prefix);
    fail(error, "%s", problem->message + (begins ? strlen(prefix) : 0));
    g_error_free(problem);
}

static char *fetch_url(gpointer context, const char *url, const char *const *headers, const char *folder,
                       gint64 timeout_ms, GError **error)
{
    char *resolved_url = secret_resolve(context, url, folder, error);
    char **resolved = resolved_url ? resolve_headers(context, headers, folder, error) : NULL;
    g_auto(HttpReply) reply = {0};
    const HttpRequest request = {.method = "GET",
                                 .url = resolved_url,
                                 .headers = (const char *const *)resolved,
                                 .follow = true,
                                 .timeout_ms = timeout_ms,
                                 .attempts = HTTP_ATTEMPTS,
                                 .retry_wait_ms = HTTP_WAIT_MS,
                                 .max_bytes = ANSWER_MAX,
                                 .stopped = is_interrupted};
    GError *problem = NULL;
    bool replied = resolved && http_fetch(&request, &reply, &problem);
    char *body = replied ? body_of(&reply, error) : NULL;
    if (problem)
        drop_url(problem, resolved_url, error);
    wipe_texts(resolved);
    secret_free(resolved_url);
    return body;
}

/* ---- Programs ---- */

/* The last words of a program, on one line. */
static char *last_words(const char *said)
{
    gsize length = strlen(said);
    const char *from =
        length > LAST_WORDS ? g_utf8_find_next_char(said + length - LAST_WORDS - 1, NULL) : said;
    char *words = g_strstrip(g_strdup(from));
    return g_strdelimit(words, "\r\n\t", ' ');
}

static bool ended_well(const ChildResult *result, const char *program, gint64 timeout_ms, GError **error)
{
    if (result->end == CHILD_EXITED && result->code == 0)
        return true;
    if (is_interrupted(NULL)) {
        fail(error, "interrupted");
        return false;
    }
    g_autofree char *words = last_words(result->output);
    g_autofree char *end = child_end_text(program, result, (unsigned)timeout_ms);
    fail(error, "%s%s%s", end, *words ? ": " : "", words);
    return false;
}

static char *run_program(gpointer context, const char *const *command, const char *folder, gint64 timeout_ms,
                         GError **error)
{
    (void)context;
    g_auto(ChildResult) result = {0};
    g_autofree char *answer = NULL;
    gsize length = 0;
    const ChildOptions options = {.arguments = command,
                                  .folder = folder,
                                  .timeout_ms = (unsigned)timeout_ms,
                                  .stop = is_interrupted_child};
    if (!child_read(&options, ANSWER_MAX, &answer, &length, &result, error) ||
        !ended_well(&result, command[0], timeout_ms, error))
        return NULL;
    if (strlen(answer) == length)
        return g_steal_pointer(&answer);
    fail(error, "%s printed a NUL byte, which is no text", command[0]);
    return NULL;
}

DiscoverySources discovery_sources(SecretStore *secrets)
{
    return (DiscoverySources){.context = secrets,
                              .query = query_database,
                              .schemas = list_schemas,
                              .fetch = fetch_url,
                              .exec = run_program};
}
