/* Version store: makes the SQL of the version table and its history, as text, for every dialect.
 *
 * Owns the shape of both tables and how a version write raises in the server when it does not hit exactly one
 * row. Refuses to send anything or to read answers. Pure: any thread may call. */
#include "drivers/version_store.h"
#include "base/digits.h"

#include <string.h>

#define MYSQL_TABLE_OPTIONS " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"

/* ---- Names ---- */

#define NAME_ROOM 48    /* bytes of a quoted name, mostly */
#define WRITE_ROOM 1024 /* bytes of a write, mostly */

/* Bytes an identifier may have. MySQL counts 64 characters (manual 9.2.1), of which 64 bytes are never more;
 * PostgreSQL cuts at NAMEDATALEN - 1 bytes without an error; SQLite has no limit. */
static gsize identifier_limit(Dialect dialect)
{
    return dialect == DIALECT_POSTGRES ? 63 : dialect_is_mysql_family(dialect) ? 64 : G_MAXSIZE;
}

/* `base` with `suffix`; where that is too long the base is cut at a character and a digest of it keeps the
 * name unique. */
static char *derived_name(Dialect dialect, const char *base, const char *suffix)
{
    gsize limit = identifier_limit(dialect);
    if (strlen(base) + strlen(suffix) <= limit)
        return g_strconcat(base, suffix, NULL);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, base, -1);
    digest[8] = '\0';
    gsize room = limit - strlen(suffix) - strlen(digest) - 1;
    const char *end = base + MIN(room, strlen(base));
    while (end > base && ((guchar)*end & 0xC0) == 0x80)
        end--; /* not inside a UTF-8 sequence */
    return g_strdup_printf("%.*s_%s%s", (int)(end - base), base, digest, suffix);
}

static void append_qualified(GString *sql, const VersionStore *self, const char *name)
{
    if (self->schema) {
        sql_append_ident(sql, self->dialect, self->schema);
        g_string_append_c(sql, '.');
    }
    sql_append_ident(sql, self->dialect, name);
}

static void append_literal(const VersionStore *self, GString *sql, const char *before, const char *value)
{
    g_string_append(sql, before);
    sql_append_literal(sql, self->dialect, value);
}

static char *qualified(const VersionStore *self, const char *name)
{
    GString *text = g_string_sized_new(2 * NAME_ROOM);
    append_qualified(text, self, name);
    return g_string_free(text, FALSE);
}

static char *version_table(const VersionStore *self)
{
    return qualified(self, self->table);
}

char *version_store_history_name(const VersionStore *self)
{
    return derived_name(self->dialect, self->table, "_history");
}

static char *history_table(const VersionStore *self)
{
    g_autofree char *name = version_store_history_name(self);
    return qualified(self, name);
}

static char *constraint_name(const VersionStore *self, const char *suffix)
{
    g_autofree char *name = derived_name(self->dialect, self->table, suffix);
    return sql_quote_ident(self->dialect, name);
}

/* ---- Tables ---- */

typedef enum ColumnKind {
    COLUMN_BIG,
    COLUMN_COUNT,
    COLUMN_ID,
    COLUMN_WORD,
    COLUMN_TEXT,
    COLUMN_TIME,
    COLUMN_PICTURE
} ColumnKind;
typedef enum DialectFamily { FAMILY_POSTGRES, FAMILY_MYSQL, FAMILY_SQLITE } DialectFamily;

static const char *const column_types[][3] = {
    /* As its key SQLite's row number itself, which needs no index (lang_createtable.html#rowid); 64 bits. */
    [COLUMN_BIG] = {"bigint", "bigint", "integer"},
    [COLUMN_COUNT] = {"integer", "int", "integer"},
    [COLUMN_ID] = {"text", "varchar(190)", "text"}, /* 190 * 4 bytes: within any index of InnoDB */
    [COLUMN_WORD] = {"text", "varchar(32)", "text"},
    [COLUMN_TEXT] = {"text", "longtext", "text"},
    [COLUMN_TIME] = {"timestamp with time zone", "datetime(6)", "text"},
    [COLUMN_PICTURE] = {"text", "mediumtext", "text"},
};

static const struct {
    const char *name;
    ColumnKind kind;
    const char *rest;
} history_columns[] = {
    {"seq", COLUMN_BIG, " NOT NULL"},
    {"step_id", COLUMN_ID, " NOT NULL"},
    {"run_id", COLUMN_ID, " NOT NULL"},
    {"plan_digest", COLUMN_ID, ""},
    {"revision", COLUMN_ID, " NOT NULL"},
    {"direction", COLUMN_WORD, " NOT NULL"},
    {"checksum", COLUMN_ID, ""},
    {"vars_digest", COLUMN_ID, ""},
    {"heads_before", COLUMN_TEXT, " NOT NULL"},
    {"heads_after", COLUMN_TEXT, " NOT NULL"},
    {"started_at", COLUMN_TIME, " NOT NULL"},
    {"finished_at", COLUMN_TIME, ""},
    {"applied_by", COLUMN_TEXT, ""},
    {"server", COLUMN_TEXT, ""},
    {"statements_total", COLUMN_COUNT, " NOT NULL"},
    {"statements_done", COLUMN_COUNT, " NOT NULL"},
    {"state", COLUMN_WORD, " NOT NULL"},
    {"intent", COLUMN_COUNT, " DEFAULT 0 NOT NULL"},
    {"head_hash", COLUMN_ID, ""},
    {"detail", COLUMN_TEXT, ""},
    {"evidence", COLUMN_PICTURE, ""},
};

static DialectFamily family(Dialect dialect)
{
    return dialect_is_mysql_family(dialect) ? FAMILY_MYSQL
           : dialect == DIALECT_SQLITE      ? FAMILY_SQLITE
                                            : FAMILY_POSTGRES;
}

static const char *table_options(const VersionStore *self)
{
    return family(self->dialect) == FAMILY_MYSQL ? MYSQL_TABLE_OPTIONS : "";
}

static char *create_version_table(const VersionStore *self)
{
    g_autofree char *table = version_table(self);
    g_autofree char *key = constraint_name(self, "_pkc");
    return g_strdup_printf("CREATE TABLE IF NOT EXISTS %s (\n"
                           "    version_num varchar(64) NOT NULL,\n"
                           "    CONSTRAINT %s PRIMARY KEY (version_num)\n"
                           ")%s",
                           table, key, table_options(self));
}

static char *create_history_table(const VersionStore *self)
{
    g_autofree char *table = history_table(self);
    g_autofree char *key = constraint_name(self, "_history_pkc");
    g_autofree char *step = constraint_name(self, "_history_step");
    g_autoptr(GString) sql = g_string_new(NULL);
    g_string_append_printf(sql, "CREATE TABLE IF NOT EXISTS %s (\n", table);
    for (gsize i = 0; i < G_N_ELEMENTS(history_columns); i++) {
        const char *type = column_types[history_columns[i].kind][family(self->dialect)];
        g_string_append_printf(sql, "    %s %s%s,\n", history_columns[i].name, type, history_columns[i].rest);
    }
    g_string_append_printf(sql,
                           "    CONSTRAINT %s PRIMARY KEY (seq),\n"
                           "    CONSTRAINT %s UNIQUE (step_id)\n"
                           ")%s",
                           key, step, table_options(self));
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

GPtrArray *version_store_create(const VersionStore *self)
{
    GPtrArray *statements = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(statements, create_version_table(self));
    g_ptr_array_add(statements, create_history_table(self));
    return statements;
}

/* ---- Reads ---- */

/* In the order of HistoryColumn. */
#define HISTORY_SELECT_LIST                                                                                  \
    "seq, step_id, run_id, plan_digest, revision, direction, checksum, state, statements_total, "            \
    "statements_done, head_hash, intent, heads_before, heads_after, detail, evidence"

static char *select_history(const VersionStore *self, const char *rest)
{
    g_autofree char *table = history_table(self);
    return g_strdup_printf("SELECT " HISTORY_SELECT_LIST " FROM %s\n%s", table, rest);
}

char *version_store_select_rows(const VersionStore *self)
{
    g_autofree char *table = version_table(self);
    return g_strdup_printf("SELECT version_num FROM %s", table);
}

#define ROWS_AT_ONCE 1000
/* The order only spares work: whichever way the rows come, the newest of each revision is among those left.
 */
#define ONLY_WANTED                                                                                          \
    "WHERE " VERSION_STORE_NEWEST "(revision, seq, 0) OR revision = '' OR state <> '" HISTORY_DONE "'\n"     \
    "ORDER BY seq DESC"

char *version_store_select_history(const VersionStore *self)
{
    bool is_file = family(self->dialect) == FAMILY_SQLITE;
    return select_history(self, is_file ? ONLY_WANTED : "LIMIT " G_STRINGIFY(ROWS_AT_ONCE));
}

bool version_store_is_whole(const VersionStore *self, const RowSet *history)
{
    return family(self->dialect) == FAMILY_SQLITE || history->rows->len < ROWS_AT_ONCE;
}

char *version_store_select_long_history(const VersionStore *self)
{
    g_autofree char *table = history_table(self);
    g_autofree char *rest = g_strdup_printf("WHERE seq IN (SELECT MAX(seq) FROM %s GROUP BY revision)\n"
                                            "   OR revision = '' OR state <> '" HISTORY_DONE "'",
                                            table);
    return select_history(self, rest);
}

char *version_store_select_above(const VersionStore *self, gint64 seq)
{
    g_autofree char *table = history_table(self);
    return g_strdup_printf("SELECT seq FROM %s WHERE seq > %" G_GINT64_FORMAT " LIMIT 1", table, seq);
}

typedef struct NumberedRow {
    gint64 seq;
    char *const *row;
} NumberedRow;

static gint compare_rows(gconstpointer left, gconstpointer right)
{
    const NumberedRow *a = left, *b = right;
    return (a->seq < b->seq) - (a->seq > b->seq);
}

/* Of NumberedRow, newest first. */
static GArray *newest_first(const RowSet *history)
{
    guint count = history ? history->rows->len : 0;
    GArray *rows = g_array_sized_new(FALSE, FALSE, sizeof(NumberedRow), count);
    for (guint i = count; i-- > 0;) {
        char *const *row = history->rows->pdata[i];
        NumberedRow one = {g_ascii_strtoll(row[HISTORY_SEQ], NULL, 10), row};
        g_array_append_val(rows, one);
    }
    g_array_sort(rows, compare_rows);
    return rows;
}

GPtrArray *version_store_newest(const RowSet *history)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GArray) rows = newest_first(history);
    GPtrArray *newest = g_ptr_array_new();
    for (guint i = 0; i < rows->len; i++) {
        char *const *row = g_array_index(rows, NumberedRow, i).row;
        bool is_first = g_hash_table_add(seen, row[HISTORY_REVISION]);
        if (is_first || !*row[HISTORY_REVISION] || !g_str_equal(row[HISTORY_STATE], HISTORY_DONE))
            g_ptr_array_add(newest, (gpointer)row);
    }
    for (guint i = 0; i < newest->len / 2; i++) {
        gpointer other = newest->pdata[i];
        newest->pdata[i] = newest->pdata[newest->len - 1 - i];
        newest->pdata[newest->len - 1 - i] = other;
    }
    return newest;
}

/* A step's id begins with the run that began it, whichever went on with it. */
char *version_store_select_since(const VersionStore *self, const char *run_id)
{
    g_autofree char *table = history_table(self);
    g_autofree char *run = sql_quote_literal(self->dialect, run_id);
    g_autofree char *begun = g_strconcat(run_id, "-", NULL);
    g_autofree char *prefix = sql_quote_literal(self->dialect, begun);
    g_autofree char *rest = g_strdup_printf("WHERE seq >= (SELECT MIN(seq) FROM %s WHERE run_id = %s OR "
                                            "SUBSTR(step_id, 1, %ld) = %s)\nORDER BY seq",
                                            table, run, g_utf8_strlen(begun, -1), prefix);
    return select_history(self, rest);
}

char *version_store_select_step(const VersionStore *self, const char *step_id)
{
    g_autofree char *step = sql_quote_literal(self->dialect, step_id);
    g_autofree char *rest = g_strconcat("WHERE step_id = ", step, NULL);
    return select_history(self, rest);
}

const char **version_store_history_columns(void)
{
    const char **names = g_new0(const char *, G_N_ELEMENTS(history_columns) + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(history_columns); i++)
        names[i] = history_columns[i].name;
    return names;
}

/* How a time is read as text in UTC; %s is the column. */
static const char *const time_reads[] = {
    [FAMILY_POSTGRES] = "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    [FAMILY_MYSQL] = "DATE_FORMAT(%s, '%Y-%m-%dT%H:%i:%SZ')",
    [FAMILY_SQLITE] = "substr(%s, 1, 19) || 'Z'",
};

static char *read_time(const VersionStore *self, const char *column)
{
    g_auto(GStrv) around = g_strsplit(time_reads[family(self->dialect)], "%s", 2);
    return g_strconcat(around[0], column, around[1], NULL);
}

char *version_store_select_trail(const VersionStore *self, const char *revision, unsigned limit)
{
    g_autofree char *table = history_table(self);
    g_autofree char *started = read_time(self, "started_at");
    g_autofree char *finished = read_time(self, "finished_at");
    g_autofree char *literal = revision ? sql_quote_literal(self->dialect, revision) : NULL;
    return g_strdup_printf("SELECT revision, direction, state, statements_total, statements_done, intent, "
                           "checksum, run_id, applied_by, %s, %s, detail FROM %s%s%s\n"
                           "ORDER BY seq DESC LIMIT %u",
                           started, finished, table, literal ? " WHERE revision = " : "",
                           literal ? literal : "", limit);
}

/* ---- Version writes ---- */

/* How a dialect says "raise unless the statement hit exactly one row": around the write, or as a statement
 * after it. The count comes from running the write, so that no planner can evaluate the failing branch
 * beforehand. */
static const struct {
    const char *before;
    const char *after;
    const char *check; /* NULL: none needed */
} one_row_guards[] = {
    [FAMILY_POSTGRES] = {"WITH written AS (",
                         " RETURNING 1)\n"
                         "SELECT CAST(CASE WHEN count(*) = 1 THEN '1' ELSE '" VERSION_STORE_MOVED
                         "' END AS integer) FROM written",
                         NULL},
    /* LENGTH() only brings the text into the message: "DOUBLE value is out of range in 'exp(if(…" (error
       1690). SET makes no result set, and unlike DO it fails. */
    [FAMILY_MYSQL] = {"", "",
                      "SET @dbfleet_moved = EXP(IF(ROW_COUNT() = 1, 0, 999 + LENGTH('" VERSION_STORE_MOVED
                      "')))"},
    /* "integer overflow": the comment is for the driver, which sees the statement that failed. */
    [FAMILY_SQLITE] = {"", "",
                       "SELECT abs(CASE changes() WHEN 1 THEN 0 ELSE -9223372036854775808 END) "
                       "/* " VERSION_STORE_MOVED " */"},
};

/* The text of a guarded write, for guarded_end(). */
static GString *guarded_begin(const VersionStore *self, const char *words)
{
    GString *sql = g_string_sized_new(WRITE_ROOM);
    g_string_append(sql, one_row_guards[family(self->dialect)].before);
    g_string_append(sql, words);
    append_qualified(sql, self, self->table);
    return sql;
}

/* Takes over `sql`. */
static void guarded_end(const VersionStore *self, GString *sql, GPtrArray *statements)
{
    DialectFamily of = family(self->dialect);
    g_string_append(sql, one_row_guards[of].after);
    g_ptr_array_add(statements, g_string_free(sql, FALSE));
    if (one_row_guards[of].check)
        g_ptr_array_add(statements, g_strdup(one_row_guards[of].check));
}

static void add_update(const VersionStore *self, const char *from, const char *to, GPtrArray *statements)
{
    GString *sql = guarded_begin(self, "UPDATE ");
    append_literal(self, sql, " SET version_num = ", to);
    append_literal(self, sql, " WHERE version_num = ", from);
    guarded_end(self, sql, statements);
}

static void add_delete(const VersionStore *self, const char *from, GPtrArray *statements)
{
    GString *sql = guarded_begin(self, "DELETE FROM ");
    append_literal(self, sql, " WHERE version_num = ", from);
    guarded_end(self, sql, statements);
}

/* Inserts no row where the value is there already, so that the guard and not a unique key says that the rows
 * moved. */
static void add_insert(const VersionStore *self, const char *to, GPtrArray *statements)
{
    GString *sql = guarded_begin(self, "INSERT INTO ");
    append_literal(self, sql, " (version_num) SELECT ", to);
    g_string_append(sql, family(self->dialect) == FAMILY_MYSQL ? " FROM DUAL" : "");
    g_string_append(sql, " WHERE NOT EXISTS (SELECT 1 FROM ");
    append_qualified(sql, self, self->table);
    append_literal(self, sql, " WHERE version_num = ", to);
    g_string_append_c(sql, ')');
    guarded_end(self, sql, statements);
}

/* The elements of `list` that are not in `other`. Points into `list`. */
static GPtrArray *only_in(const char *const *list, const char *const *other)
{
    GPtrArray *result = g_ptr_array_new();
    for (; *list; list++)
        if (!g_strv_contains(other, *list))
            g_ptr_array_add(result, (gpointer)*list);
    return result;
}

void version_store_change(const VersionStore *self, const char *const *removed, const char *const *added,
                          GPtrArray *statements)
{
    g_autoptr(GPtrArray) from = only_in(removed, added);
    g_autoptr(GPtrArray) to = only_in(added, removed);
    for (guint i = 0; i < MAX(from->len, to->len); i++) {
        const char *old_value = i < from->len ? g_ptr_array_index(from, i) : NULL;
        const char *new_value = i < to->len ? g_ptr_array_index(to, i) : NULL;
        if (old_value && new_value)
            add_update(self, old_value, new_value, statements);
        else if (old_value)
            add_delete(self, old_value, statements);
        else
            add_insert(self, new_value, statements);
    }
}

/* ---- History writes ---- */

/* When a step began and the present, in UTC where the type has no zone. PostgreSQL's now() is the start of
 * the transaction: that of the step, whose row is written at its end. */
static const struct {
    const char *started;
    const char *present;
} clocks[] = {
    [FAMILY_POSTGRES] = {"now()", "clock_timestamp()"},
    [FAMILY_MYSQL] = {"UTC_TIMESTAMP(6)", "UTC_TIMESTAMP(6)"},
    [FAMILY_SQLITE] = {"strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"},
};

static void append_number(GString *sql, const char *before, gint64 number)
{
    char room[DIGITS_ROOM];
    g_string_append(sql, before);
    g_string_append(sql, digits_of(number, room));
}

/* "`words` TABLE". */
static GString *history_write(const VersionStore *self, const char *words)
{
    g_autofree char *table = version_store_history_name(self);
    GString *sql = g_string_sized_new(WRITE_ROOM);
    g_string_append(sql, words);
    g_string_append_c(sql, ' ');
    append_qualified(sql, self, table);
    return sql;
}

/* The texts of a row in the order of the columns that version_store_insert_history() names. */
static void append_row_texts(const VersionStore *self, GString *sql, const HistoryRow *row)
{
    const char *const texts[] = {
        row->step_id,  row->run_id,      row->plan_digest,  row->revision,    row->direction,
        row->checksum, row->vars_digest, row->heads_before, row->heads_after, row->applied_by,
        row->server,   row->state,       row->head_hash,    row->detail,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        append_literal(self, sql, ", ", texts[i]);
}

static void append_row_begin(GString *sql, const HistoryRow *row)
{
    if (row->seq)
        append_number(sql, "VALUES (", row->seq);
    else
        g_string_append(sql, "SELECT COALESCE(MAX(seq), 0) + 1");
}

static void append_row_end(const VersionStore *self, GString *sql, const HistoryRow *row)
{
    g_autofree char *table = row->seq ? NULL : history_table(self);
    g_string_append(sql, row->seq ? ")" : " FROM ");
    g_string_append(sql, row->seq ? "" : table);
}

char *version_store_insert_history(const VersionStore *self, const HistoryRow *row)
{
    DialectFamily of = family(self->dialect);
    bool done = g_str_equal(row->state, HISTORY_DONE);
    GString *sql = history_write(self, "INSERT INTO");
    g_string_append(sql, " (seq, step_id, run_id, plan_digest, revision, direction, checksum, vars_digest, "
                         "heads_before, heads_after, applied_by, server, state, head_hash, detail, "
                         "statements_total, statements_done, intent, started_at");
    g_string_append(sql, done ? ", finished_at" : "");
    g_string_append(sql, row->evidence ? ", evidence)\n" : ")\n");
    append_row_begin(sql, row);
    append_row_texts(self, sql, row);
    append_number(sql, ", ", row->statements_total);
    append_number(sql, ", ", row->statements_done);
    append_number(sql, ", ", row->intent);
    const char *const more[] = {clocks[of].started, done ? clocks[of].present : NULL, row->evidence};
    for (gsize i = 0; i < G_N_ELEMENTS(more); i++) {
        g_string_append(sql, more[i] ? ", " : "");
        g_string_append(sql, more[i] ? more[i] : "");
    }
    append_row_end(self, sql, row);
    return g_string_free(sql, FALSE);
}

/* "UPDATE … SET statements_done = …, intent = …". */
static GString *history_update(const VersionStore *self, unsigned done, unsigned intent)
{
    GString *sql = history_write(self, "UPDATE");
    append_number(sql, " SET statements_done = ", done);
    append_number(sql, ", intent = ", intent);
    return sql;
}

static void append_present(const VersionStore *self, GString *sql)
{
    g_string_append(sql, ", finished_at = ");
    g_string_append(sql, clocks[family(self->dialect)].present);
}

static char *of_step(const VersionStore *self, GString *sql, const char *step_id)
{
    append_literal(self, sql, " WHERE step_id = ", step_id);
    return g_string_free(sql, FALSE);
}

char *version_store_update_progress(const VersionStore *self, const char *step_id, unsigned statements_done,
                                    const char *head_hash, unsigned intent, const char *evidence)
{
    GString *sql = history_update(self, statements_done, intent);
    g_string_append(sql, ", evidence = ");
    g_string_append(sql, evidence ? evidence : "NULL");
    if (head_hash)
        append_literal(self, sql, ", head_hash = ", head_hash);
    return of_step(self, sql, step_id);
}

char *version_store_stop_history(const VersionStore *self, const char *step_id, unsigned done,
                                 const char *head_hash, unsigned intent, const char *detail)
{
    GString *sql = history_update(self, done, intent);
    append_present(self, sql);
    append_literal(self, sql, ", state = ", HISTORY_FAILED);
    append_literal(self, sql, ", head_hash = ", head_hash);
    append_literal(self, sql, ", detail = ", detail);
    return of_step(self, sql, step_id);
}

char *version_store_finish_history(const VersionStore *self, const char *step_id, const char *state,
                                   unsigned done, const char *head_hash, const char *detail)
{
    GString *sql = history_update(self, done, 0);
    g_string_append(sql, ", evidence = NULL");
    append_present(self, sql);
    append_literal(self, sql, ", state = ", state);
    if (head_hash)
        append_literal(self, sql, ", head_hash = ", head_hash);
    if (detail)
        append_literal(self, sql, ", detail = ", detail);
    return of_step(self, sql, step_id);
}

char *version_store_resume_history(const VersionStore *self, const char *step_id, const HistoryRow *row)
{
    GString *sql = history_update(self, row->statements_done, 0);
    append_number(sql, ", statements_total = ", row->statements_total);
    g_string_append(sql, ", evidence = NULL, finished_at = NULL");
    append_literal(self, sql, ", head_hash = ", row->head_hash);
    append_literal(self, sql, ", state = ", HISTORY_RUNNING);
    append_literal(self, sql, ", run_id = ", row->run_id);
    append_literal(self, sql, ", plan_digest = ", row->plan_digest);
    append_literal(self, sql, ", checksum = ", row->checksum);
    append_literal(self, sql, ", vars_digest = ", row->vars_digest);
    append_literal(self, sql, ", applied_by = ", row->applied_by);
    return of_step(self, sql, step_id);
}
