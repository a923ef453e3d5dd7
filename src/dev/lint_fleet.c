/* Lint fleet: one session a target, all questions in it, the answers put together by question. */
#include "dev/lint_fleet.h"

#include <string.h>

typedef struct Asking {
    const LintFleet *fleet;
    GPtrArray *questions; /* of const LintQuestion *: of all findings */
} Asking;

/* What one target said: an answer to each question, and which dialect it speaks. */
typedef struct Reply {
    LintAnswer *answers;
    guint count;
    Dialect dialect;
    bool known; /* the dialect */
} Reply;

static void reply_free(gpointer data)
{
    Reply *self = data;
    for (guint i = 0; self && i < self->count; i++)
        g_free(self->answers[i].why);
    if (self)
        g_free(self->answers);
    g_free(self);
}

/* ---- On a worker ---- */

static bool same_language(Dialect left, Dialect right)
{
    return left == right || (dialect_is_mysql_family(left) && dialect_is_mysql_family(right));
}

/* A table that is not there holds nothing. */
static void take_failure(LintAnswer *answer, const GError *problem)
{
    answer->asked = g_error_matches(problem, DB_ERROR, DB_ERROR_UNDEFINED_TABLE);
    if (!answer->asked)
        answer->why = g_strdup(problem->message);
}

static void ask_one(Connection *connection, const LintQuestion *question, LintAnswer *answer)
{
    g_autofree char *sql = lint_question_sql(question, connection->server.dialect);
    g_autoptr(GError) problem = NULL;
    g_autoptr(RowSet) rows = sql ? connection_query(connection, sql, &problem) : NULL;
    if (!rows) {
        take_failure(answer, problem);
        connection_rollback(connection);
        return;
    }
    answer->asked = true;
    answer->yes = rows->rows->len > 0;
    char *const *row = answer->yes ? rows->rows->pdata[0] : NULL;
    if (row && rows->columns >= 2) {
        answer->rows = row[0] ? g_ascii_strtoll(row[0], NULL, 10) : 0;
        answer->bytes = row[1] ? g_ascii_strtoll(row[1], NULL, 10) : 0;
    }
}

static void ask_all(const Asking *asking, Connection *connection, Reply *reply)
{
    reply->dialect = connection->server.dialect;
    reply->known = true;
    for (guint i = 0; i < reply->count; i++) {
        const LintQuestion *question = asking->questions->pdata[i];
        if (same_language(question->dialect, reply->dialect))
            ask_one(connection, question, &reply->answers[i]);
    }
}

static Connection *open_hurried(const Target *target, const LintFleet *fleet, GError **error)
{
    const SessionOptions options = {.secrets = fleet->secrets, .folder = fleet->folder, .read_only = true};
    g_autoptr(SessionRequest) request = session_request_new(target, &options, error);
    if (!request)
        return NULL;
    session_request_hurry(request, LINT_QUESTION_MS);
    return session_request_open(request, error);
}

static gpointer ask_target(const Target *target, gpointer context)
{
    const Asking *asking = context;
    Reply *reply = g_new0(Reply, 1);
    g_autoptr(GError) problem = NULL;
    reply->count = asking->questions->len;
    reply->answers = g_new0(LintAnswer, reply->count + 1);
    reply->known = dialect_from_scheme(target->url->scheme, &reply->dialect);
    g_autoptr(Connection) connection = open_hurried(target, asking->fleet, &problem);
    if (connection)
        ask_all(asking, connection, reply);
    bool empty = g_error_matches(problem, DB_ERROR, DB_ERROR_NO_DATABASE);
    for (guint i = 0; !connection && i < reply->count; i++) {
        reply->answers[i].asked = empty; /* a database that is not there yet holds nothing */
        reply->answers[i].why = empty ? NULL : g_strdup(problem->message);
    }
    return reply;
}

/* ---- Putting together ---- */

/* What the targets of the question's dialect said to it. */
static void settle_question(const Asking *asking, const GPtrArray *replies, guint index, LintFinding *finding,
                            const LintSettings *settings)
{
    const LintQuestion *question = asking->questions->pdata[index];
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree LintAnswer *answers = g_new0(LintAnswer, replies->len + 1);
    for (guint i = 0; i < replies->len; i++) {
        const Reply *reply = replies->pdata[i];
        if (!reply || !reply->known || !same_language(reply->dialect, question->dialect))
            continue;
        answers[names->len] = reply->answers[index];
        g_ptr_array_add(names, ((const Target *)asking->fleet->targets->pdata[i])->name);
    }
    const LintAnswers all = {names, answers};
    lint_finding_answer(finding, question, &all, settings);
}

static void settle_all(const Asking *asking, const GPtrArray *replies, const LintSettings *settings,
                       LintResult *result)
{
    guint index = 0;
    for (guint i = 0; i < result->findings->len; i++) {
        LintFinding *finding = result->findings->pdata[i];
        for (guint q = 0; q < finding->questions->len; q++)
            settle_question(asking, replies, index++, finding, settings);
    }
    for (guint i = 0; i < replies->len; i++)
        result->asked += replies->pdata[i] != NULL;
}

bool lint_fleet_ask(const LintFleet *self, const LintSettings *settings, LintResult *result)
{
    g_autoptr(GPtrArray) questions = g_ptr_array_new();
    for (guint i = 0; i < result->findings->len; i++) {
        const LintFinding *finding = result->findings->pdata[i];
        g_ptr_array_extend(questions, finding->questions, NULL, NULL);
    }
    if (questions->len == 0)
        return true;
    Asking asking = {self, questions};
    g_autoptr(GPtrArray) replies = each_target(self->targets, ask_target, &asking, &self->limits, reply_free);
    if (!replies)
        return false;
    settle_all(&asking, replies, settings, result);
    return true;
}
