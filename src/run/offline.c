/* Offline: writes a path as a script. The statements are those the executor sends, so what the script does is
 * what dbfleet does; each client is told to stop at the first error. Pure. */
#include "run/offline.h"
#include "drivers/version_store.h"
#include "sql/template.h"
#include <string.h>

/* What opens a script so that its client stops at the first error by itself (psql, sqlite3; mariadb does
 * unless --force). */
static const char *const openings[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = "\\set ON_ERROR_STOP on\n",
    [DIALECT_MYSQL] = "",
    [DIALECT_MARIADB] = "",
    [DIALECT_SQLITE] = ".bail on\n",
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
    if (!step->section || !step->section->variables[0])
        return NULL;
    return sql_template_digest((const char *const *)step->section->variables, self->options->variables);
}

static void write_history(Writer *self, const PlanStep *step, unsigned number, unsigned total)
{
    g_autofree char *id = g_strdup_printf("%s-%04u", self->options->run_id, number);
    g_autofree char *before = g_strjoinv(",", step->move->before);
    g_autofree char *after = g_strjoinv(",", step->move->after);
    g_autofree char *variables = vars_digest(self, step);
    const HistoryRow row = {.step_id = id,
                            .run_id = self->options->run_id,
                            .plan_digest = self->path->digest,
                            .revision = step->revision ? step->revision->id : "",
                            .direction = step->revision ? direction_name(step->direction) : "stamp",
                            .checksum = step->section ? step->section->checksum : NULL,
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
    version_store_change(&self->store, (const char *const *)step->move->removed,
                         (const char *const *)step->move->added, texts);
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

static bool write_step(Writer *self, const PlanStep *step, unsigned number, GError **error)
{
    Dialect dialect = self->path->dialect;
    g_autoptr(Script) own = NULL;
    const Script *script = step->script;
    if (step->section && !script) {
        own = plan_section_script(step->section, dialect, self->options->variables, error);
        if (!own)
            return false;
        script = own;
    }
    unsigned total = script ? script_length(script) : 0;
    bool rebuild = step->section && step->section->foreign_keys_off && dialect == DIALECT_SQLITE;
    write_step_comment(self, step);
    if (rebuild)
        write_statement(self, "PRAGMA foreign_keys = OFF");
    if (step->transactional)
        write_statement(self, begins[dialect]);
    for (unsigned i = 0; i < total; i++)
        write_user_statement(self, script, i);
    if (!step->transactional)
        write_statement(self, begins[dialect]);
    write_rows(self, step);
    write_history(self, step, number, total);
    write_statement(self, "COMMIT");
    if (rebuild)
        write_statement(self, "PRAGMA foreign_keys = ON");
    return true;
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
    write_texts(&self, creates);
    for (guint i = 0; i < path->steps->len; i++) {
        if (!write_step(&self, path->steps->pdata[i], i + 1, error))
            return NULL;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
