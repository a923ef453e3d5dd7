/* Question in SQL: one SELECT over a session of its own. What keeps it from writing: only a SELECT is sent,
 * in a session and a transaction that the server holds read-only (SQLite: the file is opened so), and the
 * transaction is rolled back. Bounded by the timeout: connecting, waiting and running. */
#include "run/gates/question.h"

#include "inventory/resolved_url.h"
#include "run/session.h"
#include "run/step/step_apply.h"
#include "sql/script.h"
#include "sql/words.h"

#include <string.h>

/* One database to ask. */
typedef struct SqlQuestion {
    const GateSpec *spec;
    const QuestionOptions *options;
    GPtrArray *values; /* secrets that must not be in the answer */
} SqlQuestion;

/* ---- Connecting ---- */

static const char *fleet_folder_of(const QuestionOptions *options)
{
    return options->fleet_folder ? options->fleet_folder : options->folder;
}

static void note_password(const SqlQuestion *self, const Target *target)
{
    const QuestionOptions *options = self->options;
    if (target->url->password)
        g_ptr_array_add(self->values, g_strdup(target->url->password));
    if (target->password_reference && !strstr(target->password_reference, "${cmd:"))
        secret_free(secret_resolve_noting(options->secrets, target->password_reference,
                                          fleet_folder_of(options), self->values, NULL));
}

static SessionRequest *request_for(const SqlQuestion *self, const Target *target, GError **error)
{
    const QuestionOptions *options = self->options;
    const SessionOptions session = {.secrets = options->secrets,
                                    .folder = fleet_folder_of(options),
                                    .run_id = options->run_id,
                                    .read_only = true};
    if (target) {
        note_password(self, target);
        return session_request_new(target, &session, error);
    }
    g_auto(ResolvedUrl) resolved = {0};
    if (!resolved_url_read(&resolved, options->secrets, self->spec->url, options->folder, self->values,
                           error))
        return NULL;
    return session_request_for_url(resolved.url, resolved.password, &session);
}

static Connection *connect_to(const SqlQuestion *self, const Target *target, GError **error)
{
    g_autoptr(SessionRequest) request = request_for(self, target, error);
    if (!request)
        return NULL;
    session_request_hurry(request, (unsigned)MIN(self->spec->timeout_ms, G_MAXINT32));
    return session_request_open(request, error);
}

/* ---- Asking ---- */

Script *question_select(const GateSpec *spec, Dialect dialect, SourcePlace place, Diagnostics *problems)
{
    g_autoptr(Script) script = script_split(spec->sql, strlen(spec->sql), dialect, place, problems);
    if (!script)
        return NULL;
    bool reads = script_length(script) == 1 && script_at(script, 0)->kind == STATEMENT_SELECT;
    if (reads && !sql_text_has_word(spec->sql, strlen(spec->sql), dialect, "into"))
        return g_steal_pointer(&script);
    diagnostics_error(problems, place, "the sql of \"%s\" must be one SELECT, which only reads%s", spec->name,
                      reads ? ": with INTO it returns nothing that could be judged" : "");
    return NULL;
}

static Script *one_select(const SqlQuestion *self, Dialect dialect, GError **error)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Script *script = question_select(self->spec, dialect, (SourcePlace){0}, problems);
    if (script)
        return script;
    const Diagnostic *first = diagnostics_list(problems)->pdata[0];
    g_propagate_error(error, db_error_new(DB_ERROR_STATEMENT, NULL, first->message, NULL, NULL));
    return NULL;
}

static bool run_select(Connection *connection, const Script *script, BatchResult *result, GError **error)
{
    const Driver *driver = connection->driver;
    const char *begin = driver->begin_read_only ? driver->begin_read_only : driver->begin;
    g_autoptr(Batch) batch = batch_new();
    BatchItem item = step_statement_item(script, 0, true);
    batch_take(batch, g_strdup(begin), false);
    batch_add(batch, &item);
    bool good = connection_execute(connection, batch, result, error);
    connection_rollback(connection);
    return good;
}

static void read_rows(const SqlQuestion *self, const RowSet *rows, Answer *answer)
{
    if (!rows || rows->rows->len == 0) {
        answer_take(answer, rows ? ANSWER_GOOD : ANSWER_NONE,
                    g_strdup(rows ? "no rows" : "it returned no result set"), NULL);
        return;
    }
    g_autofree char *text = step_rows_text(rows);
    answer_take(answer, ANSWER_REASON,
                g_strdup_printf("%u %s: %s", rows->rows->len, rows->rows->len == 1 ? "row" : "rows", text),
                self->values);
}

static bool ask_over(const SqlQuestion *self, Connection *connection, Answer *answer, GError **error)
{
    g_autoptr(Script) script = one_select(self, connection->server.dialect, error);
    g_auto(BatchResult) result = {0};
    if (!script || !run_select(connection, script, &result, error))
        return false;
    read_rows(self, batch_result_rows(&result, 1), answer);
    return true;
}

/* While it is known to the stop it may be cancelled, and must not be closed. */
static bool ask_stoppable(const SqlQuestion *self, Connection *connection, Answer *answer, GError **error)
{
    QuestionStop *stop = self->options->stop;
    pthread_mutex_lock(&stop->mutex);
    g_ptr_array_add(stop->connections, connection);
    pthread_mutex_unlock(&stop->mutex);
    bool good = !atomic_load(&stop->raised) && ask_over(self, connection, answer, error);
    pthread_mutex_lock(&stop->mutex);
    g_ptr_array_remove_fast(stop->connections, connection);
    pthread_mutex_unlock(&stop->mutex);
    return good;
}

static char *failure_text(const GError *error)
{
    const DbErrorDetail *detail = db_error_detail(error);
    const char *more = detail ? (detail->detail ? detail->detail : detail->hint) : NULL;
    return g_strjoin(more ? "\n" : NULL, error->message, more, NULL);
}

void question_ask_sql(const GateSpec *spec, const Target *target, const QuestionOptions *options,
                      Answer *answer)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
    const SqlQuestion self = {spec, options, values};
    g_autoptr(GError) error = NULL;
    g_autoptr(Connection) connection = connect_to(&self, target, &error);
    if (connection && ask_stoppable(&self, connection, answer, &error))
        return;
    bool stopped = atomic_load(&options->stop->raised);
    answer_take(answer, stopped ? ANSWER_STOPPED : ANSWER_NONE,
                stopped ? g_strdup("stopped before there was an answer") : failure_text(error), values);
}
