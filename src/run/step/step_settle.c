/* Step settle: what became of a statement whose outcome is open, found out from the target: the picture that
 * travelled with the intent, and the same picture now. Guesses nothing; what it cannot tell is recorded in
 * the history row, and blocks the target until a person says. Worker thread. */
#include "run/step/step_journal_internal.h"
#include "sql/words.h"
#include <stdio.h>
#include <string.h>

/* ---- What an intent carried ---- */

/* Behind the first line; NULL: no picture. */
static const char *evidence_picture(const char *evidence)
{
    const char *end = evidence ? strchr(evidence, '\n') : NULL;
    return end && end[1] && !g_str_equal(end + 1, "?") ? end + 1 : NULL;
}

/* How many statements the intent was for; 0: it does not say. *hash: over them. */
static unsigned evidence_count(const char *evidence, char hash[65])
{
    unsigned count = 0;
    return evidence && sscanf(evidence, "sha256 %64s %u", hash, &count) == 2 ? count : 0;
}

/* ---- The picture now ---- */

/* The first value of a query among statements of ours around it; NULL and no error: SQL NULL. Caller frees.
 */
static char *ask_value(const StepContext *context, StepBatch *batch, unsigned item, GError **error)
{
    g_auto(BatchResult) result = {0};
    if (!connection_execute(context->connection, batch->batch, &result, error)) {
        connection_rollback(context->connection);
        return NULL;
    }
    return g_strdup(batch_result_value(&result, item));
}

/* Caller frees; NULL with an error, or where there is none. `replay`: in a session of its own. */
static char *picture_now(const StepAttempt *attempt, const StepContext *context, const JournalGroup *group,
                         bool replay, GError **error)
{
    g_auto(Picture) picture = {0};
    g_auto(StepBatch) batch = {0};
    journal_group_picture(&picture, group, &context->store);
    if (!picture.value)
        return NULL;
    step_batch_init(&batch);
    if (replay)
        journal_add_replay(attempt, context, &batch);
    step_batch_texts(&batch, picture.prelude);
    unsigned item = step_batch_query(&batch, picture_query(&picture, context->store.dialect));
    step_batch_texts(&batch, picture.cleanup);
    if (replay)
        step_batch_restore(&batch, context);
    g_autofree char *answer = ask_value(context, &batch, item, error);
    return picture_from_answer(answer, context->store.dialect);
}

/* ---- Rows in tables without transactions ---- */

/* Every name in the statements: which table they write is not worth parsing for. Every table where a
 * statement cannot be read. */
static char *names_list(const StepAttempt *attempt, unsigned first, unsigned count, Dialect dialect)
{
    g_autoptr(GString) list = g_string_new("'-'");
    for (unsigned i = first; i < first + count; i++) {
        const Statement *statement = script_at(attempt->script, i);
        const char *text = script_text(attempt->script) + statement->start;
        g_autoptr(GPtrArray) words = sql_words(text, statement->length, dialect);
        if (!words)
            g_string_append(list, ",t.TABLE_NAME");
        for (guint w = 0; words && w < words->len; w++) {
            const SqlWord *word = words->pdata[w];
            if (!sql_word_is_name(word) || strlen(word->text) > 64)
                continue;
            g_autofree char *name = sql_quote_literal(dialect, word->text);
            g_string_append_printf(list, ",%s", name);
        }
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

/* Tables whose engine has no transactions (information_schema.engines) that the statements can reach: those
 * that they name, or that a trigger, routine or view names, where dynamic SQL is not allowed. What counts is
 * the session's database and those that the statements name; a definition there may name a table elsewhere.
 * Other tenants of the server are none of its business. */
#define UNSAFE_TABLES                                                                                        \
    "SELECT GROUP_CONCAT(CONCAT('table ', t.TABLE_SCHEMA, '.', t.TABLE_NAME, ': ', t.ENGINE) SEPARATOR "     \
    "'\n') FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE "  \
    "WHERE t.TABLE_TYPE = 'BASE TABLE' AND COALESCE(e.TRANSACTIONS, 'NO') <> 'YES' "                         \
    "AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') "                \
    "AND ((t.TABLE_NAME IN (%1$s) AND t.TABLE_SCHEMA IN (DATABASE(), %1$s)) " NAMED_IN(                      \
        "TRIGGERS", "TRIGGER_SCHEMA", "ACTION_STATEMENT")                                                    \
        NAMED_IN("ROUTINES", "ROUTINE_SCHEMA", "ROUTINE_DEFINITION")                                         \
            NAMED_IN("VIEWS", "TABLE_SCHEMA", "VIEW_DEFINITION") ")"
#define NAMED_IN(view, schema, text)                                                                         \
    "OR EXISTS (SELECT 1 FROM information_schema." view " x WHERE x." schema " IN (DATABASE(), %1$s) AND "   \
    "COALESCE(" NAMES(text, "t.TABLE_NAME") " AND (t.TABLE_SCHEMA IN (DATABASE(), %1$s) OR " NAMES(          \
        text, "t.TABLE_SCHEMA") "), 1) AND " NOT_OF_SYSTEM ") "
#define NAMES(text, name) "x." text " REGEXP CONCAT('(^|[^A-Za-z0-9_])', " name ", '([^A-Za-z0-9_]|$)')"
#define NOT_OF_SYSTEM                                                                                        \
    "COALESCE(x.DEFINER, '-') NOT LIKE 'mariadb.sys@%%' AND x.DEFINER NOT LIKE 'mysql.sys@%%'"

static bool rows_rolled_back(StepAttempt *attempt, const StepContext *context, unsigned first, unsigned count,
                             bool *known, GError **error)
{
    GError *problem = NULL;
    g_auto(StepBatch) batch = {0};
    *known = true;
    if (!dialect_is_mysql_family(context->store.dialect))
        return true;
    g_autofree char *names = names_list(attempt, first, count, context->store.dialect);
    step_batch_init(&batch);
    journal_add_replay(attempt, context, &batch);
    unsigned item = step_batch_query(&batch, g_strdup_printf(UNSAFE_TABLES, names));
    step_batch_restore(&batch, context);
    g_autofree char *tables = ask_value(context, &batch, item, &problem);
    *known = problem == NULL;
    if (problem)
        g_propagate_error(error, problem);
    if (tables)
        attempt->difference = g_strdup_printf("%s (no transactions)", tables);
    return !problem && !tables;
}

/* ---- Undecidable ---- */

/* Its first line, short. Caller frees. */
static char *statement_line(const StepAttempt *attempt, unsigned number)
{
    if (number > step_attempt_total(attempt))
        return g_strdup("no longer in the file");
    const Statement *statement = script_at(attempt->script, number - 1);
    return g_strchomp(sql_first_lines(
        script_text(attempt->script) + statement->start,
        MIN(statement->length, strcspn(script_text(attempt->script) + statement->start, "\r\n")), 1, 48));
}

static GError *undecidable(StepAttempt *attempt, unsigned statement, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static GError *undecidable(StepAttempt *attempt, unsigned statement, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *why = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    attempt->intent = statement;
    if (statement <= step_attempt_total(attempt))
        attempt->failed = (gint)statement - 1;
    attempt->failed_offset = -1;
    g_autofree char *first = statement_line(attempt, statement);
    return g_error_new(STEP_ERROR, STEP_ERROR_UNDECIDABLE,
                       "whether statement %u of revision %s (%s) took effect cannot be told: %s", statement,
                       attempt->step->revision->id, first, why);
}

/* What a person reads in plan and status: the message, and below it the difference. */
void journal_record_undecidable(const StepAttempt *attempt, const StepContext *context, const GError *error)
{
    g_autofree char *text = g_strdup_printf("%s%s%s", error->message, attempt->difference ? "\n" : "",
                                            attempt->difference ? attempt->difference : "");
    g_autofree char *masked = mask_text(context->mask, text, strlen(text), NULL);
    g_autofree char *detail = g_utf8_make_valid(masked, -1);
    g_autofree char *hash = plan_head_hash(attempt->script, attempt->done);
    g_autofree char *sql = version_store_stop_history(&context->store, attempt->step_id, attempt->done, hash,
                                                      attempt->intent, detail);
    connection_run(context->connection, sql, NULL);
}

/* ---- Leftovers ---- */

/* Each by itself: CONCURRENTLY cannot run in a transaction. */
static bool drop_remains(StepAttempt *attempt, const StepContext *context, const GPtrArray *indexes,
                         GError **error)
{
    for (guint i = 0; i < indexes->len; i++) {
        g_autofree char *sql =
            g_strdup_printf("DROP INDEX CONCURRENTLY IF EXISTS %s", (const char *)indexes->pdata[i]);
        if (!connection_run(context->connection, sql, error)) {
            g_prefix_error(error, "%s: ", sql);
            return false;
        }
        g_free(attempt->note);
        attempt->note = g_strdup_printf("dropped the invalid index %s that a try before had left behind",
                                        (const char *)indexes->pdata[i]);
    }
    return true;
}

/* ---- An open intent ---- */

typedef struct OpenStatement {
    unsigned first;
    unsigned count;
    bool edited; /* since it was begun */
    JournalGroup group;
} OpenStatement;

static void open_statement_clear(OpenStatement *self)
{
    journal_group_clear(&self->group);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OpenStatement, open_statement_clear)

/* Goes on behind it, or with it. */
static void settled(StepAttempt *attempt, unsigned first)
{
    attempt->first = attempt->done = first;
    attempt->open = attempt->intent = 0;
}

/* A row of a release that kept no evidence says nothing of the statement: as many as now stand together. */
static void find_open(const StepAttempt *attempt, const StepContext *context, OpenStatement *open)
{
    char hash[65] = "";
    unsigned total = step_attempt_total(attempt);
    open->first = attempt->done;
    open->count = evidence_count(attempt->evidence, hash);
    if (open->first < total)
        open->group = journal_group_at(attempt->script, open->first, context->store.dialect);
    if (!open->count)
        open->count = MAX(open->group.count, 1);
    bool there = open->first + open->count <= total;
    g_autofree char *now = there ? journal_statements_hash(attempt->script, open->first, open->count) : NULL;
    open->edited = !there || (*hash && !g_str_equal(now, hash));
}

static bool settle_rows(StepAttempt *attempt, const StepContext *context, const OpenStatement *open,
                        GError **error)
{
    bool known = true;
    if (!open->group.undoable) {
        g_propagate_error(error, undecidable(attempt, attempt->open,
                                             "its transaction holds statements that commit by themselves"));
        return false;
    }
    if (rows_rolled_back(attempt, context, open->first, open->count, &known, error)) {
        settled(attempt, open->first);
        return true;
    }
    if (known)
        g_propagate_error(error, undecidable(attempt, attempt->open,
                                             "it may have written rows of tables without transactions"));
    return false;
}

static bool settle_alone(StepAttempt *attempt, const StepContext *context, const OpenStatement *open,
                         GError **error)
{
    GError *problem = NULL;
    g_auto(Settlement) settlement = {0};
    g_autofree char *now = picture_now(attempt, context, &open->group, true, &problem);
    if (problem) {
        g_propagate_error(error, problem);
        return false;
    }
    settlement_judge(&settlement, open->group.facts, evidence_picture(attempt->evidence), now, false);
    if (settlement.verdict == VERDICT_ASK) {
        attempt->difference = g_steal_pointer(&settlement.difference);
        g_propagate_error(error, undecidable(attempt, attempt->open, "%s",
                                             settlement.hint ? settlement.hint
                                             : attempt->evidence
                                                 ? "the connection or dbfleet died while it ran"
                                                 : "dbfleet or the connection died while it ran, and the "
                                                   "history holds no evidence of before"));
        return false;
    }
    if (!drop_remains(attempt, context, settlement.remains, error))
        return false;
    settled(attempt, settlement.verdict == VERDICT_DONE ? open->first + open->count : open->first);
    return true;
}

static bool settle_by_evidence(StepAttempt *attempt, const StepContext *context, const OpenStatement *open,
                               GError **error)
{
    if (attempt->judged)
        g_propagate_error(
            error, undecidable(attempt, attempt->open, "it was looked at before, and nobody has said since"));
    else if (open->edited)
        g_propagate_error(error, undecidable(attempt, attempt->open, "it was edited after it was begun"));
    else
        return open->group.facts ? settle_alone(attempt, context, open, error)
                                 : settle_rows(attempt, context, open, error);
    return false;
}

/* What a person says about it counts, whatever the pictures show. */
static bool settle_by_word(StepAttempt *attempt, const char *assume, const OpenStatement *open)
{
    unsigned next = open->first + (assume && g_str_equal(assume, "done") ? open->count : 0);
    bool counts = assume && next <= step_attempt_total(attempt);
    if (counts)
        settled(attempt, next);
    return counts;
}

bool journal_settle_open(StepAttempt *attempt, const StepContext *context, GError **error)
{
    GError *doubt = NULL;
    g_auto(OpenStatement) open = {0};
    if (!attempt->open)
        return true;
    find_open(attempt, context, &open);
    if (settle_by_word(attempt, context->assume, &open) ||
        settle_by_evidence(attempt, context, &open, &doubt))
        return true;
    if (g_error_matches(doubt, STEP_ERROR, STEP_ERROR_UNDECIDABLE) && !attempt->judged)
        journal_record_undecidable(attempt, context, doubt);
    attempt->state = attempt->intent ? HISTORY_FAILED : HISTORY_RUNNING;
    g_propagate_error(error, doubt);
    return false;
}

/* ---- After an error of the server ---- */

/* The evidence that the row holds. Caller frees. */
static char *evidence_kept(const StepAttempt *attempt, const StepContext *context)
{
    g_auto(StepBatch) batch = {0};
    g_auto(BatchResult) result = {0};
    step_batch_init(&batch);
    step_batch_restore(&batch, context); /* the section may have asked for another character set */
    unsigned item = step_batch_query(&batch, version_store_select_step(&context->store, attempt->step_id));
    bool good = connection_execute(context->connection, batch.batch, &result, NULL);
    const RowSet *rows = good ? batch_result_rows(&result, item) : NULL;
    char *const *row = rows && rows->rows->len ? rows->rows->pdata[0] : NULL;
    return row ? g_strdup(row[HISTORY_EVIDENCE]) : NULL;
}

static GError *refused_and_open(StepAttempt *attempt, unsigned statement, const GError *refusal)
{
    return undecidable(attempt, statement,
                       "the server refused it (%s), which need not mean that nothing of it stayed",
                       refusal->message);
}

/* An interrupt may come after the statement took effect and before the server said so: that is no refusal. */
static bool is_refusal(const GError *error)
{
    return !g_error_matches(error, DB_ERROR, DB_ERROR_CANCELLED) &&
           !g_error_matches(error, DB_ERROR, DB_ERROR_TIMEOUT);
}

static GError *settle_refused_alone(StepAttempt *attempt, const StepContext *context,
                                    const JournalGroup *group, const GError *refusal)
{
    g_autoptr(GError) problem = NULL;
    g_auto(Settlement) settlement = {0};
    bool pictured = group->facts->objects->len > 0;
    g_autofree char *now = pictured ? picture_now(attempt, context, group, false, &problem) : NULL;
    g_autofree char *evidence = pictured ? evidence_kept(attempt, context) : NULL;
    settlement_judge(&settlement, group->facts, evidence_picture(evidence), now, is_refusal(refusal));
    if (settlement.verdict == VERDICT_DONE) {
        attempt->done = group->first + group->count;
        return NULL;
    }
    if (settlement.verdict == VERDICT_REPEAT && drop_remains(attempt, context, settlement.remains, &problem))
        return NULL;
    if (problem) { /* the row still says that it is open: the next attempt settles it */
        attempt->intent = group->first + 1;
        attempt->state = HISTORY_RUNNING;
        return NULL;
    }
    attempt->difference = g_steal_pointer(&settlement.difference);
    if (!attempt->difference)
        return refused_and_open(attempt, group->first + 1, refusal);
    return undecidable(attempt, group->first + 1,
                       "the server refused it (%s), and yet something is not as it was before it",
                       refusal->message);
}

GError *journal_settle_refused(StepAttempt *attempt, const StepContext *context, const JournalGroup *group,
                               const GError *refusal, bool left)
{
    bool not_read = group->count == 1 && attempt->failed_offset >= 0; /* the server stopped reading there */
    if (not_read && !left)
        return NULL;
    if (group->facts)
        return settle_refused_alone(attempt, context, group, refusal);
    if (!left && group->undoable)
        return NULL;
    unsigned statement = (unsigned)(attempt->failed < 0 ? attempt->last : attempt->failed) + 1;
    return left ? undecidable(attempt, statement,
                              "the server refused it (%s), and rows in tables without transactions stayed",
                              refusal->message)
                : refused_and_open(attempt, statement, refusal);
}
