/* Trials: the schema is read again behind each statement that may have changed it. */
#include "dev/lint_trial_internal.h"

#include "dev/missing_role.h"
#include "dev/scratch_gate.h"
#include "dev/statement_reach.h"

#include <string.h>

LintStatement *trial_statement(const LintTrial *self, guint index)
{
    return self->section->statements->pdata[index];
}

bool trial_send(LintTrial *self, guint index, GError **error)
{
    const Statement *statement = script_at(self->script, index);
    const char *text = script_text(self->script);
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    const BatchItem item = {.sql = text + statement->start,
                            .length = statement->length,
                            .copy_data =
                                statement->kind == STATEMENT_COPY ? text + statement->data_start : NULL,
                            .copy_length = statement->data_length};
    batch_add(batch, &item);
    return connection_execute(self->scratch->connection, batch, &result, error);
}

bool trial_send_text(LintTrial *self, const char *sql, GError **error)
{
    return connection_run(self->scratch->connection, sql, error);
}

/* Nothing more can be tried. */
static bool ends_all(const GError *problem)
{
    return problem->domain != DB_ERROR || g_error_matches(problem, DB_ERROR, DB_ERROR_CANCELLED) ||
           g_error_matches(problem, DB_ERROR, DB_ERROR_CONNECTION_LOST) ||
           g_error_matches(problem, DB_ERROR, DB_ERROR_UNREACHABLE);
}

/* ---- Models ---- */

/* True with *model NULL: nothing changed since the newest one. */
static bool read_model(LintTrial *self, SchemaModel **model, GError **error)
{
    const SchemaReadOptions options = {.schema = self->scratch->schema};
    const SchemaDialect *dialect = schema_dialect(self->scratch->dialect);
    *model = NULL;
    g_autofree char *now = NULL;
    if (dialect->precheck && !(now = dialect->precheck(self->scratch->connection, &options, error)))
        return false;
    if (now && g_strcmp0(now, self->seen) == 0)
        return true;
    *model = scratch_model(self->scratch, NULL, error);
    g_free(self->seen);
    self->seen = g_steal_pointer(&now);
    return *model != NULL;
}

/* ---- Statements ---- */

static char *failure_text(const GError *problem)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    if (detail && detail->detail)
        return g_strdup_printf("%s (%s)", problem->message, detail->detail);
    return g_strdup(problem->message);
}

/* What reaches beyond the scratch is not run; what stands behind it is still tried. */
static bool is_kept_out(LintTrial *self, guint index)
{
    LintStatement *statement = trial_statement(self, index);
    return !scratch_allows(self->scratch, statement->text, strlen(statement->text), &statement->untried);
}

/* CREATE ROLE on a server that has the role from another scratch. */
static bool is_done_already(const LintTrial *self, const LintStatement *statement, const GError *problem)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    return detail && g_strcmp0(detail->code, "42710") == 0 &&
           statement_reach(statement->text, strlen(statement->text), self->section->dialect, NULL, NULL) ==
               REACH_ROLES;
}

static bool run_statement(LintTrial *self, guint index, GError **problem)
{
    if (self->way->run(self, index, problem))
        return true;
    bool again = scratch_make_missing_role(self->scratch, *problem);
    bool done = is_done_already(self, trial_statement(self, index), *problem);
    if (again || done)
        g_clear_error(problem);
    return done || (again && self->way->run(self, index, problem));
}

/* False if it ends all; *failed tells whether it failed by itself. */
static bool try_statement(LintTrial *self, guint index, bool *failed, GError **error)
{
    GError *problem = NULL;
    SchemaModel *after = NULL;
    LintStatement *statement = trial_statement(self, index);
    if (!scratch_may_go_on(error))
        return false;
    if (is_kept_out(self, index))
        return true;
    *failed = !run_statement(self, index, &problem);
    if (*failed && ends_all(problem)) {
        g_propagate_error(error, problem);
        return false;
    }
    if (*failed) {
        statement->failure = failure_text(problem);
        g_error_free(problem);
        return true;
    }
    if (!read_model(self, &after, error))
        return false;
    lint_section_ran(self->section, index, after);
    return true;
}

static bool try_statements(LintTrial *self, GError **error)
{
    bool failed = false;
    for (guint i = 0; i < self->section->statements->len && !failed; i++)
        if (!try_statement(self, i, &failed, error))
            return false;
    return true;
}

static bool is_control(const LintStatement *statement)
{
    return statement->kind == STATEMENT_BEGIN || statement->kind == STATEMENT_COMMIT ||
           statement->kind == STATEMENT_ROLLBACK;
}

static void note_section(LintTrial *self)
{
    for (guint i = 0; i < self->section->statements->len; i++) {
        LintStatement *statement = trial_statement(self, i);
        self->has_control |= is_control(statement);
        statement->in_transaction =
            self->section->transaction && statement->kind != STATEMENT_NOT_IN_TRANSACTION;
    }
}

static bool begin(LintTrial *self, GError **error)
{
    SchemaModel *before = NULL;
    if (!read_model(self, &before, error))
        return false;
    lint_section_begin(self->section, before);
    note_section(self);
    return !self->way->begin || self->way->begin(self, error);
}

/* The end may fail as a statement may: a deferred constraint, rows that refer to nothing. */
static bool end(LintTrial *self, GError **error)
{
    GError *problem = NULL;
    bool good = !self->way->end || self->way->end(self, &problem);
    bool all = !good && ends_all(problem);
    if (all)
        g_propagate_error(error, problem);
    else if (!good) {
        self->section->failure = failure_text(problem);
        g_error_free(problem);
    }
    return !all;
}

bool lint_trial_run(Scratch *scratch, const Section *source, const Script *script, LintSection *section,
                    GError **error)
{
    static const LintTrialWay *const ways[DIALECT_COUNT] = {[DIALECT_POSTGRES] = &lint_trial_postgres,
                                                            [DIALECT_MYSQL] = &lint_trial_mysql,
                                                            [DIALECT_MARIADB] = &lint_trial_mysql,
                                                            [DIALECT_SQLITE] = &lint_trial_sqlite};
    g_autoptr(GPtrArray) local = g_ptr_array_new();
    LintTrial self = {ways[section->dialect], scratch, source, script, section, false, NULL, local};
    bool good = begin(&self, error) && try_statements(&self, error) && end(&self, error);
    lint_section_end(section);
    g_free(self.seen);
    if (connection_rollback(scratch->connection), !good)
        return false;
    return scratch_restore(scratch, error);
}
