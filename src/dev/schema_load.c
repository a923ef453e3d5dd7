/* Schema load: runs the statements of schema files in rounds until nothing moves. What failed because
 * something is not there yet is tried again; what can never succeed ends it at once. The thread that owns the
 * scratch. */
#include "dev/schema_files_internal.h"

#include "dev/dev_servers_internal.h"
#include "dev/missing_role.h"
#include "dev/scratch_gate.h"
#include "sql/words.h"

#include <string.h>

/* One statement, and whether it is still to be run. */
typedef struct Pending {
    const SchemaFile *file;
    unsigned index;
    bool sets; /* changes the session: runs again in every round, for what follows in its file */
    bool done;
} Pending;

typedef struct Load {
    Scratch *scratch;
    GArray *statements; /* of Pending, file by file */
    GError *failure;    /* that counts, of the round */
    bool failure_is_real;
    guint left;
} Load;

/* ---- What failures mean ---- */

/* Something that is not there yet. SQLite has no codes for it. */
static const char *const missing_codes[] = {"42P01", "42883", "42704", "42703", "3F000", "1146",
                                            "1054",  "1305",  "1824",  "1049",  "4091",  NULL};
/* A mistake that no other statement can mend. */
static const char *const hopeless_codes[] = {"42601", "1064", NULL};

static bool has_code(const GError *error, const char *const *codes)
{
    const DbErrorDetail *detail = db_error_detail(error);
    return detail && detail->code && g_strv_contains(codes, detail->code);
}

static bool is_missing(const GError *error)
{
    return has_code(error, missing_codes) || strstr(error->message, "no such ") != NULL;
}

static bool is_hopeless(const GError *error)
{
    return error->domain != DB_ERROR || g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST) ||
           g_error_matches(error, DB_ERROR, DB_ERROR_CANCELLED) ||
           g_error_matches(error, DB_ERROR, DB_ERROR_DISK_FULL) || has_code(error, hopeless_codes) ||
           g_str_has_suffix(error->message, ": syntax error");
}

static void tell_place(const Pending *pending, GError *problem, GError **error)
{
    const Statement *statement = script_at(pending->file->script, pending->index);
    const DbErrorDetail *detail = db_error_detail(problem);
    gsize inside = detail && detail->position > 0 ? (gsize)detail->position : 0;
    SourcePlace place = script_place_of(pending->file->script, statement->start + inside);
    bool lost = problem->domain != DB_ERROR || g_error_matches(problem, DB_ERROR, DB_ERROR_CONNECTION_LOST) ||
                g_error_matches(problem, DB_ERROR, DB_ERROR_CANCELLED);
    if (lost)
        g_propagate_prefixed_error(error, problem, "%s:%u: ", place.file, place.line);
    else
        g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT, "%s:%u: %s%s%s", place.file, place.line,
                    problem->message, detail && detail->hint ? ". " : "",
                    detail && detail->hint ? detail->hint : "");
    if (!lost)
        g_error_free(problem);
}

/* Of a round's failures the first counts, and before it the first that is not about something missing: the
 * others may only follow from that one. */
static void note_failure(Load *self, const Pending *pending, GError *problem)
{
    bool real = !is_missing(problem);
    if (self->failure && (self->failure_is_real || !real)) {
        g_error_free(problem);
        return;
    }
    g_clear_error(&self->failure);
    self->failure_is_real = real;
    tell_place(pending, problem, &self->failure);
}

/* ---- Rounds ---- */

static bool run_statement(Load *self, const Pending *pending, GError **error)
{
    const Script *script = pending->file->script;
    const Statement *statement = script_at(script, pending->index);
    const char *text = script_text(script);
    const BatchItem item = {.sql = text + statement->start,
                            .length = statement->length,
                            .copy_data =
                                statement->kind == STATEMENT_COPY ? text + statement->data_start : NULL,
                            .copy_length = statement->data_length};
    g_autoptr(Batch) batch = batch_new();
    batch_add(batch, &item);
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) problem = NULL;
    while (!connection_execute(self->scratch->connection, batch, &result, &problem)) {
        if (!scratch_make_missing_role(self->scratch, problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        g_clear_error(&problem);
        batch_result_clear(&result);
    }
    return true;
}

/* Forward references of keys and bodies are fine while a schema is loaded. */
static bool begin_file(Load *self, GError **error)
{
    static const char *const settings[DIALECT_COUNT] = {
        [DIALECT_POSTGRES] = "SET check_function_bodies = off",
        [DIALECT_MYSQL] = "SET SESSION foreign_key_checks = 0",
        [DIALECT_MARIADB] = "SET SESSION foreign_key_checks = 0",
        [DIALECT_SQLITE] = "PRAGMA foreign_keys = OFF",
    };
    return scratch_may_go_on(error) && scratch_restore(self->scratch, error) &&
           connection_run(self->scratch->connection, settings[self->scratch->dialect], error);
}

/* The end of the statements of the file that begins at `from`; *pending: how many are to be run. */
static guint end_of_file(const Load *self, guint from, guint *pending)
{
    const Pending *first = &g_array_index(self->statements, Pending, from);
    guint at = from;
    *pending = 0;
    for (; at < self->statements->len; at++) {
        const Pending *each = &g_array_index(self->statements, Pending, at);
        if (each->file != first->file)
            break;
        *pending += !each->done;
    }
    return at;
}

/* False only if there is no sense in going on. */
static bool run_file(Load *self, guint from, guint to, GError **error)
{
    if (!begin_file(self, error))
        return false;
    for (guint i = from; i < to; i++) {
        Pending *pending = &g_array_index(self->statements, Pending, i);
        GError *problem = NULL;
        if (pending->done && !pending->sets)
            continue;
        if (run_statement(self, pending, &problem)) {
            self->left -= !pending->done;
            pending->done = true;
        } else if (is_hopeless(problem)) {
            tell_place(pending, problem, error);
            return false;
        } else {
            note_failure(self, pending, problem);
        }
    }
    return true;
}

static bool run_round(Load *self, GError **error)
{
    g_clear_error(&self->failure);
    guint pending = 0;
    for (guint from = 0, to; from < self->statements->len; from = to) {
        to = end_of_file(self, from, &pending);
        if (pending > 0 && !run_file(self, from, to, error))
            return false;
    }
    return true;
}

/* ---- Statements ---- */

/* SET and PRAGMA, and PostgreSQL's dumps: SELECT pg_catalog.set_config(…). */
static bool sets_session(const Script *script, unsigned index, Dialect dialect)
{
    const Statement *statement = script_at(script, index);
    if (statement->kind == STATEMENT_SET)
        return true;
    if (statement->kind != STATEMENT_SELECT || dialect != DIALECT_POSTGRES)
        return false;
    g_autoptr(GPtrArray) words =
        sql_words(script_text(script) + statement->start, statement->length, dialect);
    for (guint i = 0; words && i < words->len; i++)
        if (sql_word_is(words->pdata[i], "set_config"))
            return true;
    return false;
}

/* Each statement takes effect by itself, so that another order can be tried: a transaction is passed over. */
static bool is_passed_over(StatementKind kind)
{
    return kind == STATEMENT_BEGIN || kind == STATEMENT_COMMIT || kind == STATEMENT_SAVEPOINT;
}

static void add_file(Load *self, const SchemaFile *file)
{
    for (unsigned i = 0; i < script_length(file->script); i++) {
        if (is_passed_over(script_at(file->script, i)->kind))
            continue;
        const Pending pending = {
            .file = file, .index = i, .sets = sets_session(file->script, i, self->scratch->dialect)};
        g_array_append_val(self->statements, pending);
    }
}

static bool check_statements(const Load *self, GError **error)
{
    for (guint i = 0; i < self->statements->len; i++) {
        const Pending *pending = &g_array_index(self->statements, Pending, i);
        const Statement *statement = script_at(pending->file->script, pending->index);
        g_autofree char *why = NULL;
        if (scratch_allows(self->scratch, script_text(pending->file->script) + statement->start,
                           statement->length, &why))
            continue;
        g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT, "%s:%u: %s", pending->file->path, statement->line,
                    why);
        return false;
    }
    return true;
}

static bool run_rounds(Load *self, GError **error)
{
    for (guint before = 0; self->left > 0;) {
        before = self->left;
        if (!run_round(self, error))
            return false;
        if (self->left == before)
            break;
    }
    if (self->left == 0)
        return true;
    g_propagate_error(error, g_steal_pointer(&self->failure));
    return false;
}

bool schema_files_load(const SchemaFiles *self, Scratch *scratch, GError **error)
{
    Load load = {.scratch = scratch, .statements = g_array_new(FALSE, FALSE, sizeof(Pending))};
    for (guint i = 0; i < self->files->len; i++)
        add_file(&load, self->files->pdata[i]);
    load.left = load.statements->len;
    bool good = check_statements(&load, error) && run_rounds(&load, error);
    good = scratch_restore(scratch, good ? error : NULL) && good;
    g_array_unref(load.statements);
    g_clear_error(&load.failure);
    return good;
}
