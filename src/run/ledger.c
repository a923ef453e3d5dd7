/* Ledger: three tables in a SQLite file, spoken to through the driver interface. Writes are batches in one
 * transaction each. Main thread only. */
#include "run/ledger.h"
#include "drivers/driver.h"
#include <stdlib.h>
#include <string.h>

#define LEDGER_VERSION 1
#define LOCK_TIMEOUT_MS 5000

struct Ledger {
    Connection *connection;
};

static const char *const schema[] = {
    "CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, command TEXT NOT NULL, goal TEXT NOT NULL, track "
    "TEXT, selector TEXT, "
    "operator TEXT, plan_digest TEXT, dbfleet_version TEXT, jobs INTEGER, max_failures TEXT, started_us "
    "INTEGER NOT NULL, "
    "finished_us INTEGER NOT NULL, halt_reason TEXT, interrupted INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS targets (run_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT "
    "NULL, group_name TEXT, "
    "server TEXT, dialect TEXT, server_version TEXT, outcome TEXT NOT NULL, reason TEXT, rows_before TEXT, "
    "rows_after TEXT, "
    "rows_goal TEXT, steps_planned INTEGER, started_us INTEGER, duration_us INTEGER, error_class TEXT, code "
    "TEXT, message TEXT, "
    "detail TEXT, hint TEXT, revision TEXT, direction TEXT, file TEXT, line INTEGER, column_number INTEGER, "
    "statement INTEGER, "
    "sql TEXT, excerpt TEXT, PRIMARY KEY (run_id, position))",
    "CREATE TABLE IF NOT EXISTS steps (run_id TEXT NOT NULL, target TEXT NOT NULL, position INTEGER NOT "
    "NULL, step_id TEXT, "
    "revision TEXT, message TEXT, direction TEXT, state TEXT, started_us INTEGER, duration_us INTEGER, "
    "statements_total INTEGER, "
    "statements_done INTEGER, PRIMARY KEY (run_id, target, position))",
    "CREATE INDEX IF NOT EXISTS runs_started ON runs (started_us)",
};

/* ---- Opening ---- */

static bool prepare_schema(Ledger *self, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(self->connection, "PRAGMA user_version", error);
    if (!rows)
        return false;
    long version = rows->rows->len ? strtol(((char **)rows->rows->pdata[0])[0], NULL, 10) : 0;
    if (version == LEDGER_VERSION)
        return true;
    if (version > LEDGER_VERSION) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "it was written by a newer dbfleet (format %ld, this one knows %d)", version,
                    LEDGER_VERSION);
        return false;
    }
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    batch_take(batch, g_strdup("PRAGMA journal_mode = WAL"), false);
    batch_take(batch, g_strdup("BEGIN IMMEDIATE"), false);
    for (gsize i = 0; i < G_N_ELEMENTS(schema); i++)
        batch_take(batch, g_strdup(schema[i]), false);
    batch_take(batch, g_strdup_printf("PRAGMA user_version = %d", LEDGER_VERSION), false);
    batch_take(batch, g_strdup("COMMIT"), false);
    return connection_execute(self->connection, batch, &result, error);
}

static Connection *connect_file(const char *path, bool create, GError **error)
{
    DbUrl url = {.scheme = (char *)"sqlite", .database = (char *)path};
    url.parameters = g_array_new(FALSE, FALSE, sizeof(DbUrlParameter));
    const ConnectOptions options = {.url = &url,
                                    .create = create,
                                    .lock_timeout_ms = LOCK_TIMEOUT_MS,
                                    .application_name = "dbfleet ledger"};
    Connection *connection = connection_open(&options, error);
    g_array_unref(url.parameters);
    return connection;
}

Ledger *ledger_open(const char *path, bool create, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    if (!create && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "ledger %s does not exist: no run was recorded here yet", path);
        return NULL;
    }
    if (create && g_mkdir_with_parents(folder, 0755) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "ledger folder %s cannot be made", folder);
        return NULL;
    }
    g_autoptr(Ledger) self = g_new0(Ledger, 1);
    self->connection = connect_file(path, create, error);
    if (!self->connection || !prepare_schema(self, error)) {
        g_prefix_error(error, "ledger %s: ", path);
        return NULL;
    }
    return g_steal_pointer(&self);
}

void ledger_close(Ledger *self)
{
    if (!self)
        return;
    connection_close(self->connection);
    g_free(self);
}

/* ---- Writing ---- */

static void put_text(GString *sql, const char *value)
{
    g_autofree char *literal = sql_quote_literal(DIALECT_SQLITE, value);
    g_string_append_printf(sql, "%s,", literal);
}

static void put_int(GString *sql, gint64 value)
{
    g_string_append_printf(sql, "%" G_GINT64_FORMAT ",", value);
}

/* Rows as a comma separated text; NULL stays NULL. */
static void put_rows(GString *sql, char **rows)
{
    g_autofree char *text = rows ? g_strjoinv(",", rows) : NULL;
    put_text(sql, text);
}

/* Closes a VALUES list whose last value left a comma. */
static char *put_end(GString *sql)
{
    sql->str[sql->len - 1] = ')';
    return g_string_free(sql, FALSE);
}

static char *insert_run(const RunResult *run)
{
    GString *sql = g_string_new("INSERT OR REPLACE INTO runs VALUES (");
    const char *texts[] = {run->id,       run->command,       run->goal,        run->track,
                           run->selector, run->operator_name, run->plan_digest, run->dbfleet_version};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(sql, texts[i]);
    put_int(sql, run->jobs);
    put_text(sql, run->max_failures);
    put_int(sql, run->started_us);
    put_int(sql, run->finished_us);
    put_text(sql, run->halt_reason);
    put_int(sql, run->interrupted);
    return put_end(sql);
}

static void put_failure(GString *sql, const Failure *failure)
{
    static const Failure none = {0};
    const Failure *f = failure ? failure : &none;
    const char *texts[] = {f->error_class, f->code,     f->message,   f->detail,
                           f->hint,        f->revision, f->direction, f->file};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(sql, texts[i]);
    put_int(sql, f->line);
    put_int(sql, f->column);
    put_int(sql, f->statement);
    put_text(sql, f->sql);
    put_text(sql, f->excerpt);
}

static char *insert_target(const RunResult *run, const TargetResult *target, guint position)
{
    GString *sql = g_string_new("INSERT OR REPLACE INTO targets VALUES (");
    put_text(sql, run->id);
    put_int(sql, position);
    const char *texts[] = {target->name,    target->group,          target->server,
                           target->dialect, target->server_version, outcome_name(target->outcome),
                           target->reason};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(sql, texts[i]);
    put_rows(sql, target->rows_before);
    put_rows(sql, target->rows_after);
    put_rows(sql, target->rows_goal);
    put_int(sql, target->steps_planned);
    put_int(sql, target->started_us);
    put_int(sql, target->duration_us);
    put_failure(sql, target->failure);
    return put_end(sql);
}

static char *insert_step(const RunResult *run, const TargetResult *target, const StepResult *step,
                         guint position)
{
    GString *sql = g_string_new("INSERT OR REPLACE INTO steps VALUES (");
    put_text(sql, run->id);
    put_text(sql, target->name);
    put_int(sql, position);
    const char *texts[] = {step->step_id, step->revision, step->message, step->direction, step->state};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(sql, texts[i]);
    put_int(sql, step->started_us);
    put_int(sql, step->duration_us);
    put_int(sql, step->statements_total);
    put_int(sql, step->statements_done);
    return put_end(sql);
}

static void add_target(Batch *batch, const RunResult *run, const TargetResult *target, guint position)
{
    batch_take(batch, insert_target(run, target, position), false);
    for (guint i = 0; i < target->steps->len; i++)
        batch_take(batch, insert_step(run, target, target->steps->pdata[i], i), false);
}

/* Sends the batch and its COMMIT; rolls back if any of it fails. */
static bool write_batch(Ledger *self, Batch *batch, GError **error)
{
    g_auto(BatchResult) result = {0};
    batch_take(batch, g_strdup("COMMIT"), false);
    if (connection_execute(self->connection, batch, &result, error))
        return true;
    connection_rollback(self->connection);
    return false;
}

static Batch *begin_batch(void)
{
    Batch *batch = batch_new();
    batch_take(batch, g_strdup("BEGIN IMMEDIATE"), false);
    return batch;
}

bool ledger_begin(Ledger *self, const RunResult *run, GError **error)
{
    g_autoptr(Batch) batch = begin_batch();
    batch_take(batch, insert_run(run), false);
    for (guint i = 0; i < run->targets->len; i++)
        add_target(batch, run, run->targets->pdata[i], i);
    if (write_batch(self, batch, error))
        return true;
    g_prefix_error(error, "the run cannot be recorded, so nothing was started: ");
    return false;
}

bool ledger_record(Ledger *self, const RunResult *run, const GPtrArray *targets, GError **error)
{
    g_autoptr(Batch) batch = begin_batch();
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < run->targets->len; i++)
        g_hash_table_insert(places, run->targets->pdata[i], GUINT_TO_POINTER(i));
    for (guint i = 0; i < targets->len; i++)
        add_target(batch, run, targets->pdata[i],
                   GPOINTER_TO_UINT(g_hash_table_lookup(places, targets->pdata[i])));
    return write_batch(self, batch, error);
}

bool ledger_finish(Ledger *self, const RunResult *run, GError **error)
{
    g_autoptr(Batch) batch = begin_batch();
    batch_take(batch, insert_run(run), false);
    return write_batch(self, batch, error);
}

/* ---- Reading ---- */

static gint64 to_int(const char *text)
{
    return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static char **to_rows(const char *text)
{
    if (!text)
        return NULL;
    return *text ? g_strsplit(text, ",", -1) : g_new0(char *, 1);
}

static RunResult *run_from(char **row)
{
    RunResult *run = run_result_new();
    char **texts[] = {&run->id,       &run->command,       &run->goal,        &run->track,
                      &run->selector, &run->operator_name, &run->plan_digest, &run->dbfleet_version};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup(row[i]);
    run->jobs = (unsigned)to_int(row[8]);
    run->max_failures = g_strdup(row[9]);
    run->started_us = to_int(row[10]);
    run->finished_us = to_int(row[11]);
    run->halt_reason = g_strdup(row[12]);
    run->interrupted = to_int(row[13]) != 0;
    return run;
}

static Failure *failure_from_row(char **row)
{
    if (!row[0])
        return NULL;
    Failure *failure = failure_new();
    char **texts[] = {&failure->error_class, &failure->code,     &failure->message,   &failure->detail,
                      &failure->hint,        &failure->revision, &failure->direction, &failure->file};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup(row[i]);
    failure->line = (unsigned)to_int(row[8]);
    failure->column = (unsigned)to_int(row[9]);
    failure->statement = (unsigned)to_int(row[10]);
    failure->sql = g_strdup(row[11]);
    failure->excerpt = g_strdup(row[12]);
    return failure;
}

static TargetResult *target_from(char **row)
{
    TargetResult *target = target_result_new();
    target->name = g_strdup(row[2]);
    target->group = g_strdup(row[3]);
    target->server = g_strdup(row[4]);
    target->dialect = g_strdup(row[5]);
    target->server_version = g_strdup(row[6]);
    if (!outcome_parse(row[7], &target->outcome))
        target->outcome = OUTCOME_NOT_STARTED;
    target->reason = g_strdup(row[8]);
    target->rows_before = to_rows(row[9]);
    target->rows_after = to_rows(row[10]);
    target->rows_goal = to_rows(row[11]);
    target->steps_planned = (unsigned)to_int(row[12]);
    target->started_us = to_int(row[13]);
    target->duration_us = to_int(row[14]);
    target->failure = failure_from_row(row + 15);
    return target;
}

static StepResult *step_from(char **row)
{
    StepResult *step = g_new0(StepResult, 1);
    char **texts[] = {&step->step_id, &step->revision, &step->message, &step->direction, &step->state};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup(row[3 + i]);
    step->started_us = to_int(row[8]);
    step->duration_us = to_int(row[9]);
    step->statements_total = (unsigned)to_int(row[10]);
    step->statements_done = (unsigned)to_int(row[11]);
    return step;
}

static RowSet *query(Ledger *self, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

static RowSet *query(Ledger *self, GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return connection_query(self->connection, sql, error);
}

/* The rows of runs that `id` may mean: exact, a prefix, or the newest for "last". */
static RowSet *find_run(Ledger *self, const char *id, GError **error)
{
    if (g_str_equal(id, "last"))
        return query(self, error, "SELECT * FROM runs ORDER BY started_us DESC, id DESC LIMIT 1");
    g_autofree char *exact = sql_quote_literal(DIALECT_SQLITE, id);
    RowSet *rows = query(self, error, "SELECT * FROM runs WHERE id = %s", exact);
    if (!rows || rows->rows->len == 1)
        return rows;
    rowset_free(rows);
    return query(self, error, "SELECT * FROM runs WHERE substr(id, 1, length(%s)) = %s ORDER BY id", exact,
                 exact);
}

static char *newest_ids(Ledger *self)
{
    g_autoptr(RowSet) rows = query(self, NULL, "SELECT id FROM runs ORDER BY started_us DESC LIMIT 5");
    GString *text = g_string_new(NULL);
    for (guint i = 0; rows && i < rows->rows->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", ((char **)rows->rows->pdata[i])[0]);
    return g_string_free(text, FALSE);
}

static bool load_targets(Ledger *self, RunResult *run, GError **error)
{
    g_autofree char *id = sql_quote_literal(DIALECT_SQLITE, run->id);
    g_autoptr(RowSet) targets =
        query(self, error, "SELECT * FROM targets WHERE run_id = %s ORDER BY position", id);
    g_autoptr(RowSet) steps =
        targets ? query(self, error, "SELECT * FROM steps WHERE run_id = %s ORDER BY target, position", id)
                : NULL;
    if (!steps)
        return false;
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < targets->rows->len; i++) {
        TargetResult *target = target_from(targets->rows->pdata[i]);
        g_ptr_array_add(run->targets, target);
        g_hash_table_insert(by_name, target->name, target);
    }
    for (guint i = 0; i < steps->rows->len; i++) {
        char **row = steps->rows->pdata[i];
        TargetResult *target = g_hash_table_lookup(by_name, row[1]);
        if (target)
            g_ptr_array_add(target->steps, step_from(row));
    }
    return true;
}

RunResult *ledger_load(Ledger *self, const char *id, GError **error)
{
    g_autoptr(RowSet) rows = find_run(self, id, error);
    if (!rows)
        return NULL;
    if (rows->rows->len != 1) {
        g_autofree char *near = newest_ids(self);
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s run \"%s\"; the newest are: %s",
                    rows->rows->len ? "more than one" : "no", id, *near ? near : "none");
        return NULL;
    }
    g_autoptr(RunResult) run = run_from(rows->rows->pdata[0]);
    return load_targets(self, run, error) ? g_steal_pointer(&run) : NULL;
}

static RunSummary *summary_from(char **row)
{
    g_autoptr(RunResult) run = run_from(row);
    RunSummary *summary = g_new0(RunSummary, 1);
    summary->id = g_steal_pointer(&run->id);
    summary->command = g_steal_pointer(&run->command);
    summary->goal = g_steal_pointer(&run->goal);
    summary->operator_name = g_steal_pointer(&run->operator_name);
    summary->halt_reason = g_steal_pointer(&run->halt_reason);
    summary->started_us = run->started_us;
    summary->finished_us = run->finished_us;
    summary->interrupted = run->interrupted;
    return summary;
}

static void run_summary_free(RunSummary *self)
{
    g_free(self->id);
    g_free(self->command);
    g_free(self->goal);
    g_free(self->operator_name);
    g_free(self->halt_reason);
    g_free(self);
}

static bool count_outcomes(Ledger *self, GPtrArray *runs, GError **error)
{
    g_autoptr(RowSet) counts =
        query(self, error, "SELECT run_id, outcome, count(*) FROM targets GROUP BY run_id, outcome");
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
    if (!counts)
        return false;
    for (guint i = 0; i < runs->len; i++)
        g_hash_table_insert(by_id, ((RunSummary *)runs->pdata[i])->id, runs->pdata[i]);
    for (guint i = 0; i < counts->rows->len; i++) {
        char **row = counts->rows->pdata[i];
        RunSummary *summary = g_hash_table_lookup(by_id, row[0]);
        Outcome outcome;
        if (!summary || !outcome_parse(row[1], &outcome))
            continue;
        summary->counts[outcome] = (unsigned)to_int(row[2]);
        summary->targets += summary->counts[outcome];
    }
    return true;
}

GPtrArray *ledger_runs(Ledger *self, unsigned limit, GError **error)
{
    g_autoptr(RowSet) rows =
        query(self, error, "SELECT * FROM runs ORDER BY started_us DESC, id DESC LIMIT %d",
              limit ? (int)limit : -1);
    if (!rows)
        return NULL;
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func((GDestroyNotify)run_summary_free);
    for (guint i = 0; i < rows->rows->len; i++)
        g_ptr_array_add(runs, summary_from(rows->rows->pdata[i]));
    return count_outcomes(self, runs, error) ? g_steal_pointer(&runs) : NULL;
}
