/* Offline: writes a path as a script. The statements are those the executor sends, so what the script does is
 * what dbfleet does; each client is told to stop at the first error. Pure. */
#include "run/offline.h"
#include "drivers/version_store.h"
#include "sql/template.h"
#include <string.h>

/* What opens a script so that its client stops at the first error by itself (psql, sqlite3; mariadb does
 * unless --force) and reads it as UTF-8. */
static const char *const openings[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = "\\set ON_ERROR_STOP on\n",
    [DIALECT_MYSQL] = "SET NAMES utf8mb4;\n",
    [DIALECT_MARIADB] = "SET NAMES utf8mb4;\n",
    [DIALECT_SQLITE] = ".bail on\n",
};

/* Around a query of which no row may come back: the statement fails if one does. */
static const struct {
    const char *before;
    const char *after;
} refusals[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = {"SELECT 1 / CASE WHEN EXISTS (", ") THEN 0 ELSE 1 END"},
    [DIALECT_MYSQL] = {"SELECT (SELECT 1 UNION ALL SELECT 1 FROM DUAL WHERE EXISTS (", "))"},
    [DIALECT_MARIADB] = {"SELECT (SELECT 1 UNION ALL SELECT 1 FROM DUAL WHERE EXISTS (", "))"},
    [DIALECT_SQLITE] = {"SELECT abs(CASE WHEN EXISTS (", ") THEN -9223372036854775808 ELSE 0 END)"},
};

static const char *const begins[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = "BEGIN",
    [DIALECT_MYSQL] = "START TRANSACTION",
    [DIALECT_MARIADB] = "START TRANSACTION",
    [DIALECT_SQLITE] = "BEGIN IMMEDIATE",
};

typedef struct Writer {
    GString *out;
    const PlanPath *path;
    const OfflineOptions *options;
    VersionStore store;
} Writer;

/* To PostgreSQL a carriage return ends a comment too (manual 4.1.5). */
static void write_comment(Writer *self, const char *text)
{
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    for (char **line = lines; *line; line++)
        g_string_append_printf(self->out, "-- %s\n", *line);
}

static void write_statement(Writer *self, const char *sql)
{
    g_string_append_printf(self->out, "%s;\n", sql);
}

static void write_texts(Writer *self, GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++)
        write_statement(self, texts->pdata[i]);
}

/* A statement with a ";" of its own (a trigger, a procedure) needs another delimiter in the mariadb client.
 */
static void write_user_statement(Writer *self, const Script *script, unsigned index)
{
    const Statement *statement = script_at(script, index);
    g_autofree char *text = script_statement_text(script, index);
    bool compound = dialect_is_mysql_family(self->path->dialect) && strchr(text, ';');
    if (compound)
        g_string_append_printf(self->out, "DELIMITER $dbfleet$\n%s\n$dbfleet$\nDELIMITER ;\n", text);
    else
        write_statement(self, text);
    if (statement->kind == STATEMENT_COPY)
        g_string_append_printf(
            self->out, "%.*s%s\\.\n", (int)statement->data_length,
            script_text(script) + statement->data_start,
            statement->data_length &&
                    script_text(script)[statement->data_start + statement->data_length - 1] != '\n'
                ? "\n"
                : "");
}

/* NULL if the section uses no variable. */
static char *vars_digest(const Writer *self, const PlanStep *step)
{
    if (!plan_step_section(step) || !plan_step_section(step)->variables[0])
        return NULL;
    return sql_template_digest((const char *const *)plan_step_section(step)->variables,
                               self->options->variables);
}

static void write_history(Writer *self, const PlanStep *step, unsigned number, unsigned total)
{
    g_autofree char *id = g_strdup_printf("%s-%04u", self->options->run_id, number);
    g_autofree char *before = g_strjoinv(",", step->before);
    g_autofree char *after = g_strjoinv(",", step->after);
    g_autofree char *variables = vars_digest(self, step);
    const HistoryRow row = {.step_id = id,
                            .run_id = self->options->run_id,
                            .plan_digest = self->path->digest,
                            .revision = step->revision ? step->revision->id : "",
                            .direction = step->revision ? direction_name(step->direction) : "stamp",
                            .checksum = plan_step_section(step) ? plan_step_section(step)->checksum : NULL,
                            .vars_digest = variables,
                            .heads_before = before,
                            .heads_after = after,
                            .applied_by = self->options->operator_name,
                            .statements_total = total,
                            .statements_done = total,
                            .state = HISTORY_DONE,
                            .detail = self->path->applied_after};
    g_autofree char *sql = version_store_insert_history(&self->store, &row);
    write_statement(self, sql);
}

static void write_rows(Writer *self, const PlanStep *step)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autofree char **removed = rows_without(step->before, step->after);
    g_autofree char **added = rows_without(step->after, step->before);
    version_store_change(&self->store, (const char *const *)removed, (const char *const *)added, texts);
    write_texts(self, texts);
}

static void write_step_comment(Writer *self, const PlanStep *step)
{
    g_autofree char *text = step->revision ? g_strdup_printf("%s %s %s", direction_name(step->direction),
                                                             step->revision->id, step->revision->message)
                                           : g_strdup("stamp");
    g_string_append_c(self->out, '\n');
    write_comment(self, text);
}

/* Where dbfleet reads rows and refuses, the script has a statement that fails and says in a comment what of.
 */
static void write_refusal(Writer *self, const char *query, const char *what)
{
    Dialect dialect = self->path->dialect;
    g_string_append_printf(self->out, "-- fails if %s\n%s\n%s\n%s;\n", what, refusals[dialect].before, query,
                           refusals[dialect].after);
}

static bool write_queries(Writer *self, const Section *section, const char *what, GError **error)
{
    if (!section)
        return true;
    g_autoptr(Script) script =
        plan_section_script(section, self->path->dialect, self->options->variables, error);
    for (unsigned i = 0; script && i < script_length(script); i++) {
        g_autofree char *query = script_statement_text(script, i);
        write_refusal(self, query, what);
    }
    return script != NULL;
}

/* Where our statements go, and what the user's names mean. */
static void write_session(Writer *self)
{
    if (self->path->dialect == DIALECT_SQLITE && self->options->foreign_keys)
        write_statement(self, "PRAGMA foreign_keys = ON");
    if (self->path->dialect == DIALECT_POSTGRES)
        write_statement(self, "SET client_encoding = 'UTF8'");
    if (!self->options->schema)
        return;
    g_autofree char *schema = sql_quote_ident(self->path->dialect, self->options->schema);
    if (self->options->create_schema)
        g_string_append_printf(self->out, "CREATE SCHEMA IF NOT EXISTS %s;\n", schema);
    g_string_append_printf(self->out, "SET search_path = %s;\n", schema);
}

static bool is_use(const Script *script, const Statement *statement)
{
    const char *text = script_text(script) + statement->start;
    return statement->kind == STATEMENT_SET && statement->length > 3 && !g_ascii_isalnum(text[3]) &&
           text[3] != '_' && g_ascii_strncasecmp(text, "use", 3) == 0;
}

/* Our tables are where the script was begun, whatever database the user's SQL has gone to. */
static bool write_use(Writer *self, const PlanStep *step, const Script *script, GError **error)
{
    bool left = false;
    for (unsigned i = 0; i < script_length(script); i++)
        left |= is_use(script, script_at(script, i));
    if (left && !self->options->database) {
        g_set_error(
            error, PLAN_ERROR, PROBLEM_SYNTAX,
            "%s:%u: revision %s says USE, and a script for no particular database does not know which "
            "one to come back to; choose one target with -l",
            step->revision->file, plan_step_section(step)->place.line, step->revision->id);
        return false;
    }
    if (left) {
        g_autofree char *name = sql_quote_ident(self->path->dialect, self->options->database);
        g_string_append_printf(self->out, "USE %s;\n", name);
    }
    return true;
}

/* What the user's SQL has SET does not reach our tables or the next step. */
static bool write_restore(Writer *self, const PlanStep *step, const Script *script, GError **error)
{
    bool set = false;
    for (unsigned i = 0; script && i < script_length(script); i++)
        set |= script_at(script, i)->kind == STATEMENT_SET;
    if (set && dialect_is_mysql_family(self->path->dialect))
        return write_use(self, step, script, error);
    if (!set || self->path->dialect != DIALECT_POSTGRES)
        return true;
    g_string_append(self->out, "RESET SESSION AUTHORIZATION;\nRESET ROLE;\nRESET ALL;\n");
    write_session(self);
    return true;
}

/* The user's statements, verified while they can still be rolled back. */
static bool write_body(Writer *self, const PlanStep *step, const Script *script, GError **error)
{
    if (step->transactional)
        write_statement(self, begins[self->path->dialect]);
    for (unsigned i = 0; script && i < script_length(script); i++)
        write_user_statement(self, script, i);
    if (!write_restore(self, step, script, error))
        return false;
    if (step->transactional)
        return write_queries(self, plan_step_verify(step), "migrate:verify returns rows", error);
    write_statement(self, begins[self->path->dialect]);
    return true;
}

static bool write_scripted(Writer *self, const PlanStep *step, unsigned number, const Script *script,
                           GError **error)
{
    bool rebuild = plan_step_section(step) && plan_step_section(step)->foreign_keys_off &&
                   self->path->dialect == DIALECT_SQLITE;
    write_step_comment(self, step);
    if (!write_queries(self, plan_step_check(step), "migrate:check returns rows", error))
        return false;
    if (rebuild)
        write_statement(self, "PRAGMA foreign_keys = OFF");
    if (!write_body(self, step, script, error))
        return false;
    if (rebuild)
        write_refusal(self, "SELECT 1 FROM pragma_foreign_key_check", "a foreign key is violated");
    write_rows(self, step);
    write_history(self, step, number, script ? script_length(script) : 0);
    write_statement(self, "COMMIT");
    if (rebuild && self->options->foreign_keys)
        write_statement(self, "PRAGMA foreign_keys = ON");
    return step->transactional ||
           write_queries(self, plan_step_verify(step), "migrate:verify returns rows", error);
}

static bool write_shelved(Writer *self, const PlanStep *step, unsigned number, GError **error)
{
    const Script *script =
        script_shelf_take(step->scripts, plan_step_section(step), self->path->dialect, error);
    bool good = script && write_scripted(self, step, number, script, error);
    if (script)
        script_shelf_give_back(step->scripts, plan_step_section(step), self->path->dialect);
    return good;
}

static bool write_step(Writer *self, const PlanStep *step, unsigned number, GError **error)
{
    if (!plan_step_section(step))
        return write_scripted(self, step, number, NULL, error);
    if (step->scripts)
        return write_shelved(self, step, number, error);
    g_autoptr(Script) own =
        plan_section_script(plan_step_section(step), self->path->dialect, self->options->variables, error);
    return own && write_scripted(self, step, number, own, error);
}

/* ---- The rows a script begins with
 * --------------------------------------------------------------------------- */

static void append_ids(GString *list, Dialect dialect, char *const *ids)
{
    for (; *ids; ids++) {
        g_autofree char *literal = sql_quote_literal(dialect, *ids);
        g_string_append_printf(list, "%s%s", list->len ? ", " : "", literal);
    }
}

static void append_added(GString *list, Dialect dialect, const PlanStep *step)
{
    g_autofree char **added = rows_without(step->after, step->before);
    append_ids(list, dialect, added);
}

/* Before anything runs, since not everything can be rolled back: the rows that the path begins with are
 * there, and none that it comes to is. */
static void write_guard(Writer *self)
{
    Dialect dialect = self->path->dialect;
    char *const *before = self->path->steps->first[0].before;
    g_autofree char *rows = version_store_select_rows(&self->store);
    g_autoptr(GString) present = g_string_new(NULL), reached = g_string_new(NULL), query = g_string_new(NULL);
    append_ids(present, dialect, before);
    for (guint i = 0; i < self->path->steps->len; i++)
        append_added(reached, dialect, &self->path->steps->first[i]);
    if (present->len)
        g_string_append_printf(
            query,
            "SELECT 1 FROM (SELECT count(*) AS n FROM (%s) AS r WHERE version_num IN (%s)) AS c "
            "WHERE n <> %u",
            rows, present->str, g_strv_length((char **)before));
    if (present->len && reached->len)
        g_string_append(query, "\nUNION ALL ");
    if (reached->len)
        g_string_append_printf(query, "SELECT 1 FROM (%s) AS r WHERE version_num IN (%s)", rows,
                               reached->str);
    if (!query->len)
        return;
    g_autofree char *at = present->len ? g_strjoinv(", ", (char **)before) : g_strdup("base");
    g_autofree char *what = g_strdup_printf("the database is not at %s", at);
    write_refusal(self, query->str, what);
}

char *offline_script(const PlanPath *path, const OfflineOptions *options, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    Writer self = {out, path, options, {path->dialect, options->schema, options->version_table}};
    g_autoptr(GPtrArray) creates = version_store_create(&self.store);
    write_comment(&self, options->heading);
    if (options->tag)
        write_comment(&self, options->tag);
    g_string_append(out, openings[path->dialect]);
    g_string_append_c(out, '\n');
    write_session(&self);
    write_texts(&self, creates);
    if (path->steps->len)
        write_guard(&self);
    for (guint i = 0; i < path->steps->len; i++)
        if (!write_step(&self, &path->steps->first[i], i + 1, error))
            return NULL;
    return g_string_free(g_steal_pointer(&out), FALSE);
}
