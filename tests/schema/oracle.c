/* Oracles: pg_dump, SHOW CREATE, sqlite_schema. */
#include "oracle.h"

#include "sql/script.h"
#include "sql/words.h"

#include <string.h>

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *join_sorted(GPtrArray *lines, const char *separator)
{
    g_ptr_array_sort(lines, by_text);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(text, "%s%s", i ? separator : "", (const char *)lines->pdata[i]);
    return g_string_free(text, FALSE);
}

/* ---- PostgreSQL ---- */

static char *dump_schema(const Scratch *scratch, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *errors = NULL;
    int status = 0;
    const char *url = g_getenv("DBFLEET_TEST_POSTGRES");
    const char *query = strchr(url, '?');
    const char *authority = strstr(url, "://") + 3;
    gsize length = strcspn(authority, "/?");
    g_autofree char *database = g_strdup_printf("--dbname=%.*s/%s%s", (int)(authority + length - url), url,
                                                scratch->name, query ? query : "");
    const char *arguments[] = {"pg_dump", "--schema-only", "--no-owner", "--restrict-key=x", database, NULL};
    if (!g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text, &errors,
                      &status, error))
        return NULL;
    if (!g_spawn_check_wait_status(status, NULL)) {
        g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT, "pg_dump: %s", errors);
        return NULL;
    }
    return g_steal_pointer(&text);
}

/* The order of columns has no meaning: what stands between the parentheses of a table is sorted. */
static char *sorted_table(const char *statement)
{
    if (!g_str_has_prefix(statement, "CREATE TABLE") && !g_str_has_prefix(statement, "CREATE UNLOGGED") &&
        !g_str_has_prefix(statement, "CREATE FOREIGN TABLE"))
        return g_strdup(statement);
    g_auto(GStrv) lines = g_strsplit(statement, "\n", -1);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (char **line = lines; *line; line++) {
        gsize end = strlen(*line);
        if (end > 0 && (*line)[end - 1] == ',')
            (*line)[end - 1] = '\0';
        g_ptr_array_add(sorted, *line);
    }
    return join_sorted(sorted, "\n");
}

/* "WITH (b=1, a=2)": a list without order. */
static gboolean sort_options(const GMatchInfo *match, GString *result, G_GNUC_UNUSED gpointer data)
{
    g_autofree char *list = g_match_info_fetch(match, 1);
    g_auto(GStrv) options = g_strsplit(list, ", ", -1);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (char **option = options; *option; option++)
        g_ptr_array_add(sorted, *option);
    g_autofree char *text = join_sorted(sorted, ", ");
    g_string_append_printf(result, "WITH (%s)", text);
    return FALSE;
}

static char *sorted_options(const char *statement)
{
    g_autoptr(GRegex) regex = g_regex_new("WITH \\(([a-z_.]+=[^()]*)\\)", 0, 0, NULL);
    return g_regex_replace_eval(regex, statement, -1, 0, 0, sort_options, NULL, NULL);
}

static char *without_commands(const char *dump)
{
    g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
    GString *text = g_string_new(NULL);
    for (char **line = lines; *line; line++)
        if (!g_str_has_prefix(*line, "\\restrict") && !g_str_has_prefix(*line, "\\unrestrict"))
            g_string_append_printf(text, "%s\n", *line);
    return g_string_free(text, FALSE);
}

static bool read_postgres(Scratch *scratch, GPtrArray *texts, GError **error)
{
    g_autofree char *dump = dump_schema(scratch, error);
    g_autofree char *plain = dump ? without_commands(dump) : NULL;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script =
        plain ? script_split(plain, strlen(plain), DIALECT_POSTGRES, (SourcePlace){"pg_dump", 1, 1}, problems)
              : NULL;
    if (!plain)
        return false;
    g_assert_nonnull(script);
    for (unsigned i = 0; i < script_length(script); i++) {
        g_autofree char *statement = script_statement_text(script, i);
        g_autofree char *sorted = sorted_options(statement);
        g_ptr_array_add(texts, sorted_table(sorted));
    }
    return true;
}

/* ---- MariaDB, MySQL ---- */

static char *replaced(const char *pattern, const char *text, const char *by)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    return g_regex_replace(regex, text, -1, 0, by, 0, NULL);
}

/* Keys and constraints have no order; columns do. */
static char *sorted_keys(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    GString *out = g_string_new(NULL);
    for (char **line = lines; *line; line++) {
        bool key =
            g_regex_match_simple("^  (UNIQUE |FULLTEXT |SPATIAL |PRIMARY )?KEY |^  CONSTRAINT ", *line, 0, 0);
        gsize end = strlen(*line);
        if (end > 0 && (*line)[end - 1] == ',')
            (*line)[end - 1] = '\0';
        if (key)
            g_ptr_array_add(keys, *line);
        else
            g_string_append_printf(out, "%s\n", *line);
    }
    g_autofree char *sorted = join_sorted(keys, "\n");
    g_string_append(out, sorted);
    return g_string_free(out, FALSE);
}

static char *plain_mysql(const Scratch *scratch, const char *text)
{
    g_autofree char *database = g_strdup_printf("`%s`\\.", scratch->name);
    const char *const rules[][2] = {{database, ""},
                                    {" AUTO_INCREMENT=[0-9]+", ""},
                                    {"DEFINER=`[^`]*`@`[^`]*` ", ""},
                                    {"CONSTRAINT `CONSTRAINT_[0-9]+`", "CONSTRAINT `#`"},
                                    {"CONSTRAINT `[^`]*_ibfk_[0-9]+`", "CONSTRAINT `#`"},
                                    {"^CREATE TRIGGER `([^`]*)` ", "CREATE TRIGGER \\1 "},
                                    {"^(CREATE TRIGGER .*) ON `([^`]*)` FOR EACH", "\\1 ON \\2 FOR EACH"},
                                    {"( ON SCHEDULE EVERY .*) STARTS '[^']*'", "\\1"}, /* often the clock's */
                                    {" USING BTREE", ""}};
    char *plain = g_strdup(text);
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autofree char *old = plain;
        plain = replaced(rules[i][0], old, rules[i][1]);
    }
    return plain;
}

typedef struct ShowRow {
    const char *what; /* behind SHOW CREATE */
    unsigned column;  /* of the text */
    const char *names;
} ShowRow;

static const ShowRow show_rows[] = {
    {"TABLE", 1,
     "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type IN "
     "('BASE TABLE', 'SYSTEM VERSIONED')"},
    {"VIEW", 1, "SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE()"},
    {"SEQUENCE", 1,
     "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = "
     "'SEQUENCE'"},
    {"FUNCTION", 2,
     "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() AND "
     "routine_type = 'FUNCTION'"},
    {"PROCEDURE", 2,
     "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() AND "
     "routine_type = 'PROCEDURE'"},
    {"PACKAGE", 2,
     "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() AND "
     "routine_type = 'PACKAGE'"},
    {"PACKAGE BODY", 2,
     "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() AND "
     "routine_type = 'PACKAGE BODY'"},
    {"TRIGGER", 2,
     "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY "
     "event_object_table, event_manipulation, action_timing, action_order"},
    {"EVENT", 3, "SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()"},
};

static bool show_one(Scratch *scratch, const ShowRow *row, const char *name, GPtrArray *texts, GError **error)
{
    g_autofree char *quoted = sql_quote_ident(scratch->dialect, name);
    g_autofree char *query = g_strdup_printf("SHOW CREATE %s %s", row->what, quoted);
    g_autoptr(RowSet) answer = connection_query(scratch->connection, query, error);
    if (!answer)
        return false;
    const char *const *values = answer->rows->pdata[0];
    g_autofree char *plain = plain_mysql(scratch, values[row->column]);
    g_autofree char *sorted = g_str_equal(row->what, "TABLE") ? sorted_keys(plain) : g_strdup(plain);
    bool has_mode = row->column > 1;
    g_ptr_array_add(texts, g_strdup_printf("%s %s%s%s", row->what, has_mode ? values[1] : "",
                                           has_mode ? ": " : "", sorted));
    return true;
}

static bool read_mysql(Scratch *scratch, GPtrArray *texts, GError **error)
{
    g_autoptr(RowSet) defaults = connection_query(
        scratch->connection,
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE "
        "schema_name = DATABASE()",
        error);
    if (!defaults)
        return false;
    const char *const *values = defaults->rows->pdata[0];
    g_ptr_array_add(texts, g_strdup_printf("DATABASE %s %s", values[0], values[1]));
    for (gsize i = 0; i < G_N_ELEMENTS(show_rows); i++) {
        g_autoptr(RowSet) names = connection_query(scratch->connection, show_rows[i].names, error);
        if (!names)
            return false;
        for (guint j = 0; j < names->rows->len; j++)
            if (!show_one(scratch, &show_rows[i], *(const char *const *)names->rows->pdata[j], texts, error))
                return false;
    }
    return true;
}

/* ---- SQLite ---- */

static char *word_text(const SqlWord *word)
{
    if (word->kind == SQL_WORD_QUOTED && word->quote == '\'')
        return g_strdup_printf("'%s'", word->text);
    return g_ascii_strdown(word->text, -1);
}

static void end_part(GPtrArray *parts, GString *part)
{
    g_ptr_array_add(parts, g_strdup(part->str));
    g_string_truncate(part, 0);
}

/* "t." in the text of the table t says nothing. */
static bool names_own_table(const GPtrArray *words, guint index, const char *table)
{
    const SqlWord *word = words->pdata[index];
    bool dot = table && sql_word_is_sign(word, '.') && index > 0;
    bool before_dot = table && index + 1 < words->len && sql_word_is_sign(words->pdata[index + 1], '.');
    const SqlWord *name = dot ? words->pdata[index - 1] : word;
    return (dot || before_dot) && sql_word_is_name(name) && g_ascii_strcasecmp(name->text, table) == 0;
}

/* The words of a statement; of a table's, what stands between the commas of its parentheses sorted. `table`
 * NULL: of something else. */
static char *plain_sqlite(const char *sql, const char *table)
{
    g_autoptr(GPtrArray) words = sql_words(sql, strlen(sql), DIALECT_SQLITE);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) part = g_string_new(NULL);
    int depth = 0;
    for (guint i = 0; i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        g_autofree char *text = names_own_table(words, i, table) ? g_strdup("") : word_text(word);
        depth -= sql_word_is_sign(word, ')');
        if (table &&
            ((depth == 1 && sql_word_is_sign(word, ',')) || (depth == 0 && sql_word_is_sign(word, ')'))))
            end_part(parts, part);
        else
            g_string_append_printf(part, "%s%s", text, *text ? " " : "");
        if (table && depth == 0 && sql_word_is_sign(word, '('))
            end_part(parts, part);
        depth += sql_word_is_sign(word, '(');
    }
    end_part(parts, part);
    return join_sorted(parts, "\n");
}

static bool read_sqlite(Scratch *scratch, GPtrArray *texts, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(scratch->connection,
                                              "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql "
                                              "IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
                                              error);
    for (guint i = 0; rows && i < rows->rows->len; i++) {
        const char *const *values = rows->rows->pdata[i];
        g_autofree char *plain = plain_sqlite(values[3], g_str_equal(values[0], "table") ? values[1] : NULL);
        g_autofree char *name = g_ascii_strdown(values[1], -1);
        g_autofree char *table = g_ascii_strdown(values[2], -1);
        g_ptr_array_add(texts, g_strdup_printf("%s %s on %s: %s", values[0], name, table, plain));
    }
    return rows != NULL;
}

/* ---- All ---- */

GPtrArray *oracle_read(Scratch *scratch, GError **error)
{
    static bool (*const readers[DIALECT_COUNT])(Scratch *, GPtrArray *, GError **) = {
        read_postgres, read_mysql, read_mysql, read_sqlite};
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    if (!readers[scratch->dialect](scratch, texts, error))
        return NULL;
    g_ptr_array_sort(texts, by_text);
    return g_steal_pointer(&texts);
}

/* Lines of the statements that only one side has; of a long one, of which most is the same, all. */
static void add_missing(GString *out, const GPtrArray *these, const GPtrArray *those, char sign)
{
    for (guint i = 0; i < these->len; i++) {
        if (g_ptr_array_find_with_equal_func((GPtrArray *)those, these->pdata[i], g_str_equal, NULL))
            continue;
        g_auto(GStrv) lines = g_strsplit(these->pdata[i], "\n", -1);
        for (char **line = lines; *line; line++)
            g_string_append_printf(out, "  %c %s\n", sign, *line);
    }
}

char *oracle_difference(const GPtrArray *before, const GPtrArray *now)
{
    g_autoptr(GString) out = g_string_new(NULL);
    add_missing(out, before, now, '-');
    add_missing(out, now, before, '+');
    return out->len > 0 ? g_strdup(out->str) : NULL;
}
