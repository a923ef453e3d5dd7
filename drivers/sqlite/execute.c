/* Running batches on a SQLite connection.
 *
 * Owns the way from a batch item to the library's statements, and from their rows to texts. An item may hold
 * several statements: the library itself says where each ends. Refuses to open or close a transaction, and to
 * run anything after a failure. Worker thread only. */
#include "drivers/sqlite/sqlite_internal.h"

#include <limits.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)

/* An item while it runs. Its text is a copy with a NUL behind it, which spares the library a copy of the rest
 * for each statement in it. */
typedef struct ItemRun {
    const char *text;
    const char *next; /* where the next statement starts */
    const char *end;
    const BatchItem *item;
    RowSet *rows;    /* of the last statement that has columns */
    gssize position; /* of the error in text; -1: unknown */
} ItemRun;

/* ---- Rows ---- */

static char *blob_literal(const unsigned char *bytes, gsize length)
{
    GString *text = g_string_sized_new(2 * length + 3);
    g_string_append(text, "X'");
    for (gsize i = 0; i < length; i++)
        g_string_append_printf(text, "%02X", bytes[i]);
    g_string_append_c(text, '\'');
    return g_string_free(text, FALSE);
}

/* The library's own text, which is there until the next step; a blob's is made, and kept in `made`. Bytes
 * before length: asking for the text of a number changes what the length is of. */
static const char *value_text(sqlite3_stmt *statement, int column, GPtrArray **made)
{
    if (sqlite3_column_type(statement, column) != SQLITE_BLOB)
        return (const char *)sqlite3_column_text(statement, column);
    const unsigned char *bytes = sqlite3_column_blob(statement, column);
    char *text = blob_literal(bytes, (gsize)sqlite3_column_bytes(statement, column));
    if (!*made)
        *made = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(*made, text);
    return text;
}

/* `values` has room for a row. */
static void add_row(RowSet *rows, sqlite3_stmt *statement, const char **values)
{
    g_autoptr(GPtrArray) made = NULL;
    for (unsigned i = 0; i < rows->columns; i++)
        values[i] = value_text(statement, (int)i, &made);
    rowset_add(rows, values);
}

static RowSet *rows_new(sqlite3_stmt *statement, const char **names)
{
    int columns = sqlite3_column_count(statement);
    for (int i = 0; i < columns; i++)
        names[i] = sqlite3_column_name(statement, i);
    return rowset_new((unsigned)columns, names);
}

/* ---- Statements ---- */

/* A cancel may come again while what it stopped is rolled back: that has to go through. */
static bool is_rollback(const char *sql)
{
    return g_ascii_strncasecmp(sql + strspn(sql, " \t\r\n"), "rollback", strlen("rollback")) == 0;
}

static int step(const SqliteConnection *self, sqlite3_stmt *statement)
{
    int code;
    do {
        code = sqlite3_step(statement);
    } while (code == SQLITE_INTERRUPT && self->unstoppable);
    return code;
}

/* sqlite3_interrupt() stops the compiler too, even over blanks behind a COMMIT that went through. Whether
 * there is something to cancel is only known after it. */
static int prepare(const SqliteConnection *self, const ItemRun *run, sqlite3_stmt **statement,
                   const char **tail)
{
    int length = (int)(run->end - run->next) + 1; /* with the NUL */
    int code;
    do {
        code = sqlite3_prepare_v3(self->db, run->next, length, 0, statement, tail);
    } while (code == SQLITE_INTERRUPT && self->stop == STOP_NONE);
    return code;
}

/* The columns are known only after the first step, which may have compiled the statement anew. */
static int run_to_end(const SqliteConnection *self, sqlite3_stmt *statement, ItemRun *run)
{
    int code = step(self, statement);
    int columns = run->item->wants_rows ? sqlite3_column_count(statement) : 0;
    g_autofree const char **texts = columns > 0 ? g_new(const char *, columns) : NULL;
    g_autoptr(RowSet) rows = columns > 0 ? rows_new(statement, texts) : NULL;
    for (; code == SQLITE_ROW; code = step(self, statement))
        if (rows)
            add_row(rows, statement, texts);
    if (code == SQLITE_DONE && rows) {
        rowset_free(run->rows);
        run->rows = g_steal_pointer(&rows);
    }
    return code;
}

/* `before`: what is bound there from the row before; NULL: nothing. The texts outlive the statement. */
static void bind_value(sqlite3_stmt *statement, int place, const BoundValue *value, const BoundValue *before)
{
    bool stays = before && before->is_number == value->is_number &&
                 (value->is_number ? before->number == value->number : before->text == value->text);
    if (stays)
        return;
    if (value->is_number)
        sqlite3_bind_int64(statement, place, value->number);
    else
        sqlite3_bind_text(statement, place, value->text, -1, SQLITE_STATIC); /* NULL binds NULL */
}

void sqlite_forget_bound(SqliteConnection *self)
{
    g_clear_pointer(&self->bound, sqlite3_finalize);
}

/* Once for each row of values. Nothing that they bring to the database is a row to keep. */
static int run_bound(const SqliteConnection *self, sqlite3_stmt *statement, const ItemRun *run)
{
    const BoundValue *value = run->item->bound;
    unsigned columns = run->item->bound_columns;
    int code = SQLITE_DONE;
    for (gsize row = 0; code == SQLITE_DONE && row < run->item->bound_rows; row++) {
        sqlite3_reset(statement);
        for (unsigned i = 0; i < columns; i++, value++)
            bind_value(statement, (int)i + 1, value, row ? value - columns : NULL);
        while ((code = step(self, statement)) == SQLITE_ROW)
            continue;
    }
    return code;
}

/* From run->text; -1 where the error is not about a token. */
static gssize error_position(const SqliteConnection *self, const ItemRun *run, int code)
{
#if SQLITE_VERSION_NUMBER >= 3038000
    gssize offset = (code & 0xff) == SQLITE_ERROR ? sqlite3_error_offset(self->db) : -1;
    return offset < 0 || offset > run->end - run->next ? -1 : run->next - run->text + offset;
#else
    (void)self, (void)run, (void)code;
    return -1;
#endif
}

/* Compiles the statement at run->next and moves behind it; *statement is NULL where only blanks or comments
 * were left. */
static bool prepare_next(SqliteConnection *self, ItemRun *run, sqlite3_stmt **statement, GError **error)
{
    const char *tail = NULL;
    int code = prepare(self, run, statement, &tail);
    if (code == SQLITE_OK) {
        run->next = tail;
        return true;
    }
    run->position = error_position(self, run, code);
    g_propagate_error(error, sqlite_error(self, code, NULL));
    return false;
}

static bool run_next(SqliteConnection *self, ItemRun *run, GError **error)
{
    sqlite3_stmt **kept = run->next == run->text ? sqlite_kept_place(self, run->text) : NULL;
    g_autoptr(sqlite3_stmt) statement = kept ? g_steal_pointer(kept) : NULL;
    sqlite_watch_begin(self, self->statement_timeout_ms, is_rollback(run->next));
    if (statement)
        run->next = run->end;
    else if (!prepare_next(self, run, &statement, error))
        return false;
    if (!statement)
        return true;
    if (sqlite_cancel_is_pending(self) && !self->unstoppable) {
        g_propagate_error(error, sqlite_cancelled_error(self));
        return false;
    }
    int code = run_to_end(self, statement, run);
    if (code != SQLITE_DONE) {
        g_propagate_error(error, sqlite_error(self, code, run->text));
    } else if (kept) {
        sqlite3_reset(statement);
        *kept = g_steal_pointer(&statement);
    }
    return code == SQLITE_DONE;
}

/* The statement with "?" that ran last is kept for the next item: parts of many rows come as one item after
 * the other. Its text ends with it, as no statement of a user does. */
static bool prepare_bound(SqliteConnection *self, ItemRun *run, GError **error)
{
    if (self->bound && strcmp(sqlite3_sql(self->bound), run->text) == 0)
        return true;
    sqlite_forget_bound(self);
    return prepare_next(self, run, &self->bound, error);
}

static bool run_rows(SqliteConnection *self, ItemRun *run, GError **error)
{
    sqlite_watch_begin(self, self->statement_timeout_ms, false);
    if (!prepare_bound(self, run, error))
        return false;
    if (sqlite_cancel_is_pending(self)) {
        g_propagate_error(error, sqlite_cancelled_error(self));
        return false;
    }
    int code = run_bound(self, self->bound, run);
    if (code != SQLITE_DONE)
        g_propagate_error(error, sqlite_error(self, code, run->text));
    sqlite3_reset(self->bound);
    sqlite3_clear_bindings(self->bound);
    if (code != SQLITE_DONE)
        sqlite_forget_bound(self);
    return code == SQLITE_DONE;
}

/* ---- Items ---- */

/* The library would take a NUL byte for the end, and silently leave out what follows. */
static bool check_item(const BatchItem *item, gssize *position, GError **error)
{
    const char *problem = NULL;
    const char *nul = memchr(item->sql, '\0', item->length);
    if (item->copy_data) {
        problem = "SQLite has no COPY with data in the script";
    } else if (item->length >= INT_MAX) {
        problem = "the statement is too long for SQLite";
    } else if (nul) {
        problem = "the statement holds a NUL byte";
        *position = nul - item->sql;
    }
    if (problem)
        g_propagate_error(error, db_error_new(DB_ERROR_STATEMENT, NULL, problem, NULL, NULL));
    return !problem;
}

static bool run_item(SqliteConnection *self, ItemRun *run, GError **error)
{
    const BatchItem *item = run->item;
    if (!check_item(item, &run->position, error))
        return false;
    sqlite_settings_watch(self, item);
    g_autofree char *text = g_strndup(item->sql, item->length);
    run->text = run->next = text;
    run->end = text + item->length;
    if (item->bound)
        return run_rows(self, run, error);
    sqlite_forget_bound(self);
    bool ok = true;
    while (ok && run->next < run->end)
        ok = run_next(self, run, error);
    return ok;
}

static bool execute_item(SqliteConnection *self, const Batch *batch, unsigned index, BatchResult *result,
                         GError **error)
{
    const BatchItem *item = batch_at(batch, index);
    ItemRun run = {.item = item, .position = -1};
    GError *failure = NULL;
    if (!run_item(self, &run, &failure)) {
        rowset_free(run.rows);
        db_error_set_place(failure, index, run.position);
        g_propagate_error(error, failure);
        return false;
    }
    if (item->wants_rows)
        batch_result_take(result, index, run.rows ? run.rows : rowset_new(0, NULL));
    result->completed++;
    return true;
}

/* ---- Batches ---- */

static bool is_select(const BatchItem *item)
{
    return item->length > strlen("select") && g_ascii_strncasecmp(item->sql, "select", strlen("select")) == 0;
}

/* Several queries and nothing else, outside a transaction. */
static bool only_reads(const SqliteConnection *self, const Batch *batch)
{
    for (unsigned i = 0; i < batch_length(batch); i++)
        if (!is_select(batch_at(batch, i)))
            return false;
    return batch_length(batch) > 1 && sqlite3_get_autocommit(self->db);
}

static bool begin_together(SqliteConnection *self, const Batch *batch)
{
    bool begun = self->begun_reading;
    self->begun_reading = false;
    return begun ||
           (only_reads(self, batch) && sqlite3_exec(self->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK);
}

/* It holds no more than a read lock, and has to be gone behind whatever came. */
static void end_reading(SqliteConnection *self)
{
    sqlite_watch_begin(self, 0, true);
    while (sqlite3_exec(self->db, "COMMIT", NULL, NULL, NULL) == SQLITE_INTERRUPT)
        continue;
}

/* Queries that are sent together see the database of one moment, and the file is locked and looked at once
 * for all of them and not for each. */
bool sqlite_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error)
{
    SqliteConnection *self = (SqliteConnection *)base;
    batch_result_clear(result);
    sqlite_watch(self); /* a user's PRAGMA busy_timeout has taken the busy handler's place */
    bool together = begin_together(self, batch);
    bool ok = true;
    for (unsigned i = 0; ok && i < batch_length(batch); i++)
        ok = execute_item(self, batch, i, result, error);
    if (together)
        end_reading(self);
    return ok;
}
