/* Statements: reads the texts of drivers/version_store.h by their first words and their columns, so that more
 * columns and conditions do no harm. */
#include "statements.h"

#include "drivers/version_store.h"

#include <string.h>

/* A statement that holds others, and opens no transaction. */
#define COMPOUND "BEGIN NOT ATOMIC"

static bool starts(const char *sql, const char *word)
{
    return g_ascii_strncasecmp(sql, word, strlen(word)) == 0;
}

static bool is_of_history(const char *sql)
{
    return strstr(sql, "dbfleet_version_history");
}

static bool is_of_version(const char *sql)
{
    return strstr(sql, "dbfleet_version") && !is_of_history(sql);
}

static bool is_guard(const char *sql)
{
    return (starts(sql, "SELECT") || starts(sql, "SET")) && strstr(sql, VERSION_STORE_MOVED);
}

static bool is_ddl(const char *sql)
{
    return starts(sql, "create") || starts(sql, "drop") || starts(sql, "alter");
}

bool statement_has_effect(const char *sql)
{
    bool changes = is_ddl(sql) || starts(sql, "insert") || starts(sql, "update") || starts(sql, "delete");
    return changes && !strstr(sql, "dbfleet_version");
}

static bool fail(DbErrorClass error_class, const char *message, GError **error)
{
    g_propagate_error(error, db_error_new(error_class, NULL, message, NULL, NULL));
    return false;
}

/* ---- Values ---- */

/* The parts of a list with commas that end at `end` outside of quotes and brackets, or with the text. */
static GPtrArray *list_parts(const char *text, const char *end)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
    GString *part = g_string_new(NULL);
    int depth = 0;
    bool quoted = false;
    for (const char *c = text; *c; c++) {
        bool outside = depth == 0 && !quoted;
        if (outside && end && strncmp(c, end, strlen(end)) == 0)
            break;
        quoted ^= *c == '\'';
        depth += quoted ? 0 : (*c == '(') - (*c == ')');
        if (outside && *c == ',') {
            g_ptr_array_add(parts, g_strstrip(g_string_free(part, FALSE)));
            part = g_string_new(NULL);
        } else {
            g_string_append_c(part, *c);
        }
    }
    g_ptr_array_add(parts, g_strstrip(g_string_free(part, FALSE)));
    return parts;
}

/* What an expression stands for: a literal's text, NULL, or itself. */
static char *value_of(const char *text)
{
    if (g_str_equal(text, "NULL"))
        return NULL;
    if (*text != '\'')
        return g_strdup(text);
    g_autofree char *inside = g_strndup(text + 1, strlen(text) - 2);
    g_auto(GStrv) pieces = g_strsplit(inside, "''", -1);
    return g_strjoinv("'", pieces);
}

/* The literal behind `before`; NULL if that is not there. */
static char *literal_after(const char *sql, const char *before)
{
    const char *at = strstr(sql, before);
    if (!at)
        return NULL;
    g_autoptr(GPtrArray) parts = list_parts(at + strlen(before), "\n");
    char *text = parts->pdata[0];
    char *end = *text == '\'' ? strchr(text + 1, '\'') : NULL;
    if (end)
        end[1] = '\0';
    return value_of(text);
}

/* ---- Version rows ---- */

static gint row_index(const Kept *kept, const char *value)
{
    for (guint i = 0; value && i < kept->rows->len; i++)
        if (g_str_equal(kept->rows->pdata[i], value))
            return (gint)i;
    return -1;
}

/* UPDATE, DELETE or INSERT of one row; how many it hit. */
static gint64 write_version(Kept *kept, const char *sql)
{
    g_autofree char *old_value = literal_after(sql, "WHERE version_num = ");
    g_autofree char *new_value = literal_after(sql, "SET version_num = ");
    g_autofree char *inserted = literal_after(sql, "(version_num) SELECT ");
    gint index = row_index(kept, inserted ? inserted : old_value);
    if (inserted) {
        if (index < 0)
            g_ptr_array_add(kept->rows, g_steal_pointer(&inserted));
        return index < 0;
    }
    if (index < 0)
        return 0;
    g_ptr_array_remove_index(kept->rows, (guint)index);
    if (new_value)
        g_ptr_array_add(kept->rows, g_steal_pointer(&new_value));
    return 1;
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool read_version(const Kept *kept, RowSet **rows, GError **error)
{
    static const char *const names[] = {"version_num"};
    if (!kept->has_version)
        return fail(DB_ERROR_UNDEFINED_TABLE, "no such table", error);
    if (!rows)
        return true;
    *rows = rowset_new(1, names);
    (*rows)->widths[0] = 64;
    g_ptr_array_sort(kept->rows, compare_texts);
    for (guint i = 0; i < kept->rows->len; i++)
        rowset_add(*rows, (const char *const[]){kept->rows->pdata[i]});
    return true;
}

static bool run_version(Session *session, Kept *kept, const char *sql, RowSet **rows, GError **error)
{
    if (starts(sql, "CREATE TABLE")) {
        kept->has_version = true;
        return true;
    }
    if (starts(sql, "SELECT"))
        return read_version(kept, rows, error);
    if (!kept->has_version)
        return fail(DB_ERROR_UNDEFINED_TABLE, "no such table", error);
    session->hit = write_version(kept, sql);
    bool guarded = strstr(sql, VERSION_STORE_MOVED) != NULL;
    return !guarded || session->hit == 1 || fail(DB_ERROR_HEADS_MOVED, VERSION_STORE_MOVED, error);
}

/* ---- History rows ---- */

static const char *cell(GHashTable *row, const char *column)
{
    return g_hash_table_lookup(row, column);
}

static gint64 seq_of(GHashTable *row)
{
    return g_ascii_strtoll(cell(row, "seq"), NULL, 10);
}

static GHashTable *history_by_step(const Kept *kept, const char *step_id, guint *index)
{
    for (guint i = 0; step_id && i < kept->history->len; i++) {
        if (!g_str_equal(cell(kept->history->pdata[i], "step_id"), step_id))
            continue;
        *index = i;
        return kept->history->pdata[i];
    }
    return NULL;
}

/* The evidence of an intent: a line of text, and behind it a picture. */
static char *evidence_of(const Kept *kept, const char *expression)
{
    const char *start = strchr(expression, '\'') + 1;
    g_autofree char *line = g_strndup(start, strcspn(start, "'"));
    g_autofree char *picture = picture_of(kept, expression);
    return g_strconcat(line, picture, NULL);
}

static void set_cell(const Kept *kept, GHashTable *row, const char *column, const char *expression)
{
    bool picture = expression_is_picture(expression);
    g_hash_table_insert(row, g_strdup(column),
                        picture ? evidence_of(kept, expression) : value_of(expression));
}

static GHashTable *history_row_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* What a run that holds the lock writes: VALUES, whose number comes behind all that are there. */
static bool insert_history(Kept *kept, const char *sql, GError **error)
{
    static const char before[] = "\nVALUES (";
    const char *columns = strchr(sql, '(') + 1, *given = strstr(sql, before) + strlen(before);
    g_autofree char *list = g_strndup(columns, strcspn(columns, ")"));
    g_autofree char *row_values = g_strndup(given, strlen(given) - strlen(")"));
    g_autoptr(GPtrArray) names = list_parts(list, NULL);
    g_autoptr(GPtrArray) values = list_parts(row_values, NULL);
    GHashTable *row = history_row_new();
    guint index = 0;
    for (guint i = 0; i < names->len && i < values->len; i++)
        set_cell(kept, row, names->pdata[i], values->pdata[i]);
    gint64 last = kept->history->len ? seq_of(kept->history->pdata[kept->history->len - 1]) : 0;
    bool good = seq_of(row) > last && !history_by_step(kept, cell(row, "step_id"), &index);
    if (good)
        g_ptr_array_add(kept->history, row);
    else
        g_hash_table_unref(row);
    return good || fail(DB_ERROR_STATEMENT, "duplicate seq or step_id", error);
}

/* The row is shared with copies: a changed one takes its place. */
static gint64 update_history(Kept *kept, const char *sql)
{
    g_autofree char *step_id = literal_after(sql, "WHERE step_id = ");
    const char *assignments = strstr(sql, " SET ") + strlen(" SET ");
    g_autoptr(GPtrArray) parts = list_parts(assignments, " WHERE ");
    guint index = 0;
    GHashTable *old_row = history_by_step(kept, step_id, &index), *row = history_row_new();
    GHashTableIter iter;
    gpointer key, value;
    if (!old_row) {
        g_hash_table_unref(row);
        return 0;
    }
    g_hash_table_iter_init(&iter, old_row);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_hash_table_insert(row, g_strdup(key), g_strdup(value));
    for (guint i = 0; i < parts->len; i++) {
        g_auto(GStrv) sides = g_strsplit(parts->pdata[i], " = ", 2);
        if (sides[0] && sides[1])
            set_cell(kept, row, sides[0], sides[1]);
    }
    g_hash_table_unref(old_row);
    kept->history->pdata[index] = row;
    return 1;
}

static bool is_newest(const Kept *kept, guint index)
{
    const char *revision = cell(kept->history->pdata[index], "revision");
    for (guint i = index + 1; i < kept->history->len; i++)
        if (g_str_equal(cell(kept->history->pdata[i], "revision"), revision))
            return false;
    return true;
}

/* What the SELECTs of a history tell rows by. */
typedef struct Condition {
    char *step_id; /* NULL: any */
    gint64 above;  /* only rows with a higher number; -1: any */
} Condition;

static Condition condition_of(const char *sql)
{
    static const char before_number[] = "WHERE seq > ";
    const char *above = strstr(sql, before_number);
    return (Condition){.step_id = literal_after(sql, "WHERE step_id = "),
                       .above = above ? g_ascii_strtoll(above + strlen(before_number), NULL, 10) : -1};
}

static bool is_selected(const Kept *kept, guint index, const Condition *condition)
{
    GHashTable *row = kept->history->pdata[index];
    if (condition->step_id)
        return g_str_equal(cell(row, "step_id"), condition->step_id);
    if (condition->above >= 0)
        return g_ascii_strtoll(cell(row, "seq"), NULL, 10) > condition->above;
    return is_newest(kept, index) || !*cell(row, "revision") ||
           !g_str_equal(cell(row, "state"), HISTORY_DONE);
}

static void read_history(const Kept *kept, const char *sql, RowSet **rows)
{
    g_autoptr(GPtrArray) names = list_parts(sql + strlen("SELECT "), " FROM ");
    Condition condition = condition_of(sql);
    g_autofree const char **values = g_new0(const char *, names->len);
    *rows = rowset_new(names->len, (const char *const *)names->pdata);
    for (guint i = kept->history->len; i-- > 0;) {
        if (!is_selected(kept, i, &condition))
            continue;
        for (guint n = 0; n < names->len; n++)
            values[n] = cell(kept->history->pdata[i], names->pdata[n]);
        rowset_add(*rows, values);
    }
    g_free(condition.step_id);
}

static bool run_history(Session *session, Kept *kept, const char *sql, RowSet **rows, GError **error)
{
    if (starts(sql, "CREATE TABLE")) {
        kept->has_history = true;
        return true;
    }
    if (!kept->has_history)
        return fail(DB_ERROR_UNDEFINED_TABLE, "no such table", error);
    if (starts(sql, "INSERT"))
        return insert_history(kept, sql, error);
    if (starts(sql, "UPDATE"))
        session->hit = update_history(kept, sql);
    else if (starts(sql, "SELECT") && rows)
        read_history(kept, sql, rows);
    return true;
}

/* ---- Any ---- */

static void count_effect(const Session *session, Kept *kept, const char *sql)
{
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(kept->effects, sql)) + 1;
    g_hash_table_insert(kept->effects, g_strdup(sql), GUINT_TO_POINTER(count));
    if (count > 1)
        database_complain(session->database, "ran twice: %s", sql);
}

static void commit(Session *self)
{
    if (self->pending && !self->aborted) {
        if (self->base != self->database->kept)
            database_complain(self->database, "two sessions changed it at once");
        kept_free(self->database->kept);
        self->database->kept = g_steal_pointer(&self->pending);
    }
    g_clear_pointer(&self->pending, kept_free);
    self->aborted = false;
}

static bool run_control(Session *self, const char *sql)
{
    bool begins = (starts(sql, "BEGIN") && !starts(sql, COMPOUND)) || starts(sql, "START TRANSACTION");
    if (!begins && !starts(sql, "COMMIT") && !starts(sql, "ROLLBACK"))
        return false;
    if (starts(sql, "ROLLBACK"))
        g_clear_pointer(&self->pending, kept_free);
    commit(self);
    if (begins) {
        self->base = self->database->kept;
        self->pending = kept_copy(self->base);
    }
    return true;
}

bool session_run(Session *self, const char *sql, RowSet **rows, GError **error)
{
    if (run_control(self, sql))
        return true;
    if (g_str_equal(sql, STATEMENT_UNLOCK)) {
        session_unlock(self);
        return true;
    }
    if (self->aborted)
        return fail(DB_ERROR_STATEMENT, "current transaction is aborted", error);
    if (is_ddl(sql) && !self->database->transactional)
        commit(self);
    Kept *kept = self->pending ? self->pending : self->database->kept;
    if (is_guard(sql))
        return self->hit == 1 || fail(DB_ERROR_HEADS_MOVED, VERSION_STORE_MOVED, error);
    if (rows && starts(sql, "SELECT") && expression_is_picture(sql)) {
        static const char *const names[] = {"picture"};
        g_autofree char *picture = picture_of(kept, sql);
        *rows = rowset_new(1, names);
        rowset_add(*rows, (const char *const[]){picture});
        return true;
    }
    if ((starts(sql, "SET ") || starts(sql, COMPOUND)) && expression_is_picture(sql)) {
        picture_keep(kept, sql);
        return true;
    }
    if (is_of_history(sql))
        return run_history(self, kept, sql, rows, error);
    if (is_of_version(sql))
        return run_version(self, kept, sql, rows, error);
    if (statement_has_effect(sql))
        count_effect(self, kept, sql);
    if (rows)
        *rows = rowset_new(0, NULL);
    return true;
}
