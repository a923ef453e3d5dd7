/* Table sizes: one session a target, its path's tables asked one by one. */
#include "dev/table_sizes.h"
#include "dev/plan_risks.h"
#include "lint/lint_question.h"
#include "plans/table_size.h"

/* What is asked of whom; read by the workers. */
typedef struct Asking {
    const TableSizesRequest *request;
    GHashTable *tables; /* const Target * -> GPtrArray of char *, shared by the targets of a path */
} Asking;

typedef struct Answer {
    bool asked; /* false: it could not be */
    bool there;
    gint64 rows;
    gint64 bytes; /* -1: not known */
} Answer;

typedef struct Reply {
    const GPtrArray *tables; /* of char * */
    Answer *answers;         /* one for each */
    bool counted;            /* rows were counted, not estimated */
} Reply;

static void reply_free(gpointer data)
{
    Reply *self = data;
    if (self) /* NULL: stopped before its turn */
        g_free(self->answers);
    g_free(self);
}

/* ---- On a worker ---- */

static gint64 number_in(const RowSet *rows, gsize column)
{
    char *const *row = rows->rows->len ? rows->rows->pdata[0] : NULL;
    return row && row[column] ? g_ascii_strtoll(row[column], NULL, 10) : -1;
}

/* SQLite's pages of a table and its indexes, where it was built with dbstat; -1 where not. */
static gint64 sqlite_bytes(Connection *connection, const char *table)
{
    g_autofree char *literal = sql_quote_literal(DIALECT_SQLITE, table);
    g_autofree char *sql =
        g_strdup_printf("SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name IN (SELECT name FROM "
                        "sqlite_schema WHERE tbl_name = %s COLLATE NOCASE)",
                        literal);
    g_autoptr(RowSet) rows = connection_query(connection, sql, NULL);
    return rows ? number_in(rows, 0) : -1;
}

static void ask_table(Connection *connection, const char *table, Answer *answer)
{
    const Dialect dialect = connection->server.dialect;
    const LintQuestion question = {.kind = LINT_ASK_SIZE, .dialect = dialect, .table = (char *)table};
    g_autofree char *sql = lint_question_sql(&question, dialect);
    g_autoptr(GError) problem = NULL;
    g_autoptr(RowSet) rows = connection_query(connection, sql, &problem);
    answer->asked = rows || g_error_matches(problem, DB_ERROR, DB_ERROR_UNDEFINED_TABLE);
    answer->there = rows && rows->rows->len > 0 && rows->columns >= 2;
    if (!rows)
        connection_rollback(connection);
    if (!answer->there)
        return;
    answer->rows = number_in(rows, 0);
    answer->bytes = dialect == DIALECT_SQLITE ? sqlite_bytes(connection, table) : number_in(rows, 1);
}

static gpointer ask_target(const Target *target, gpointer context)
{
    const Asking *asking = context;
    const SessionOptions options = {
        .secrets = asking->request->secrets, .folder = asking->request->folder, .read_only = true};
    Reply *reply = g_new0(Reply, 1);
    reply->tables = g_hash_table_lookup(asking->tables, target);
    reply->answers = g_new0(Answer, reply->tables->len + 1);
    g_autoptr(SessionRequest) session = session_request_new(target, &options, NULL);
    if (!session)
        return reply;
    session_request_hurry(session, TABLE_SIZE_MS);
    g_autoptr(Connection) connection = session_request_open(session, NULL);
    for (guint i = 0; connection && i < reply->tables->len; i++)
        ask_table(connection, reply->tables->pdata[i], &reply->answers[i]);
    reply->counted = connection && connection->server.dialect == DIALECT_SQLITE;
    return reply;
}

/* ---- Who is asked what ---- */

static void add_names(GPtrArray *names, const GPtrArray *more)
{
    for (guint i = 0; i < more->len; i++)
        if (!g_ptr_array_find_with_equal_func(names, more->pdata[i], g_str_equal, NULL))
            g_ptr_array_add(names, g_strdup(more->pdata[i]));
}

static GPtrArray *tables_of(const PlanPath *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanStep *step = &path->steps->first[i];
        g_autoptr(GPtrArray) more =
            plan_step_section(step) ? plan_step_tables(step, path->dialect) : g_ptr_array_new();
        add_names(names, more);
    }
    return names;
}

/* The targets that have something to do with a table, of const Target *. */
static GPtrArray *targets_of(const Plan *plan, GHashTable *tables)
{
    g_autoptr(GHashTable) by_path =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    GPtrArray *targets = g_ptr_array_new();
    for (guint i = 0; i < plan->paths->len; i++)
        g_hash_table_insert(by_path, plan->paths->pdata[i], tables_of(plan->paths->pdata[i]));
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *planned = plan->targets->pdata[i];
        GPtrArray *names = planned->path ? g_hash_table_lookup(by_path, planned->path) : NULL;
        if (planned->verdict != PLAN_PENDING || !names || names->len == 0)
            continue;
        g_ptr_array_add(targets, (gpointer)planned->target);
        g_hash_table_insert(tables, (gpointer)planned->target, g_ptr_array_ref(names));
    }
    return targets;
}

static GHashTable *tables_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
}

unsigned table_sizes_count(const Plan *plan)
{
    g_autoptr(GHashTable) tables = tables_new();
    g_autoptr(GPtrArray) targets = targets_of(plan, tables);
    return targets->len;
}

/* ---- Putting together ---- */

static TableSize *size_of(GPtrArray *sizes, GHashTable *by_name, const char *table)
{
    TableSize *size = g_hash_table_lookup(by_name, table);
    if (size)
        return size;
    size = table_size_new(table);
    g_ptr_array_add(sizes, size);
    g_hash_table_insert(by_name, size->table, size);
    return size;
}

static void take_answer(TableSize *size, const char *target, const Answer *answer, bool counted)
{
    size->unasked += !answer->asked;
    if (!answer->there)
        return;
    table_size_add(size, target, answer->rows, answer->bytes);
    size->estimated |= !counted;
    size->at_least |= counted && answer->rows > (gint64)LINT_BIG_ROWS;
}

GPtrArray *table_sizes_ask(const Plan *plan, const TableSizesRequest *request)
{
    g_autoptr(GHashTable) tables = tables_new();
    g_autoptr(GPtrArray) targets = targets_of(plan, tables);
    Asking asking = {request, tables};
    g_autoptr(GPtrArray) replies = each_target(targets, ask_target, &asking, &request->limits, reply_free);
    if (!replies)
        return NULL;
    GPtrArray *sizes = table_sizes_new();
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < replies->len; i++) {
        const Reply *reply = replies->pdata[i];
        for (guint t = 0; reply && t < reply->tables->len; t++)
            take_answer(size_of(sizes, by_name, reply->tables->pdata[t]),
                        ((const Target *)targets->pdata[i])->name, &reply->answers[t], reply->counted);
    }
    for (guint i = sizes->len; i-- > 0;) {
        const TableSize *size = sizes->pdata[i];
        if (size->targets == 0 && size->unasked == 0)
            g_ptr_array_remove_index(sizes, i);
    }
    table_sizes_sort(sizes);
    return sizes;
}
