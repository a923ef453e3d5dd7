/* Scratch revisions: runs sections on a scratch database as the run of a target does, but for what is only
 * for targets: locks, version tables, the journal. One thread at a time. */
#include "dev/scratch_revisions.h"

#include "dev/dev_servers_internal.h"

#include <string.h>

typedef struct SectionRun {
    Scratch *scratch;
    const Section *section;
    const Script *script;
    const SectionObserver *observer; /* NULL: nobody looks */
    bool transaction;
    bool rebuild;
} SectionRun;

/* ---- Errors ---- */

/* "FILE:LINE: what the server said", with where in the statement if the server knows. */
static void blame_statement(const SectionRun *self, unsigned index, GError *problem, GError **error)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    bool ours = !g_error_matches(problem, DB_ERROR, DB_ERROR_CONNECTION_LOST) &&
                !g_error_matches(problem, DB_ERROR, DB_ERROR_CANCELLED) && problem->domain == DB_ERROR;
    if (!ours) {
        g_propagate_error(error, problem);
        return;
    }
    gssize inside = detail && detail->position > 0 ? detail->position : 0;
    SourcePlace place = script_place_of(self->script, script_at(self->script, index)->start + (gsize)inside);
    g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT, "%s:%u: %s%s%s%s",
                place.file ? place.file : "statement", place.line, problem->message,
                detail && detail->detail ? " (" : "", detail && detail->detail ? detail->detail : "",
                detail && detail->detail ? ")" : "");
    g_error_free(problem);
}

static gssize failed_item(const GError *problem)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    return detail ? detail->item : -1;
}

/* ---- Statements ---- */

static BatchItem item_of(const Script *script, unsigned index)
{
    const Statement *statement = script_at(script, index);
    const char *text = script_text(script);
    return (BatchItem){.sql = text + statement->start,
                       .length = statement->length,
                       .copy_data = statement->kind == STATEMENT_COPY ? text + statement->data_start : NULL,
                       .copy_length = statement->data_length};
}

/* Statements `first` and behind, `count` of them, in one batch. */
static bool send_statements(const SectionRun *self, unsigned first, unsigned count, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    GError *problem = NULL;
    for (unsigned i = first; i < first + count; i++) {
        BatchItem item = item_of(self->script, i);
        batch_add(batch, &item);
    }
    if (count == 0 || connection_execute(self->scratch->connection, batch, &result, &problem))
        return true;
    gssize item = failed_item(problem);
    blame_statement(self, first + (item > 0 ? (unsigned)item : 0), problem, error);
    return false;
}

static bool send_observed(const SectionRun *self, GError **error)
{
    const SectionObserver *observer = self->observer;
    for (unsigned i = 0; i < script_length(self->script); i++) {
        if (!scratch_may_go_on(error))
            return false;
        if (observer->before && !observer->before(observer->context, self->scratch, self->script, i, error))
            return false;
        if (!send_statements(self, i, 1, error))
            return false;
        if (observer->after && !observer->after(observer->context, self->scratch, self->script, i, error))
            return false;
    }
    return true;
}

/* ---- Around them ---- */

static bool run_own(const SectionRun *self, const char *sql, GError **error)
{
    if (connection_run(self->scratch->connection, sql, error))
        return true;
    g_prefix_error(error, "%s:%u: ", self->section->place.file ? self->section->place.file : "section",
                   self->section->place.line);
    return false;
}

static bool foreign_keys_hold(const SectionRun *self, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(self->scratch->connection, "PRAGMA foreign_key_check", error);
    if (!rows || rows->rows->len == 0)
        return rows != NULL;
    char *const *row = rows->rows->pdata[0];
    g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT,
                "%s:%u: after foreign_keys:off, %u rows refer to nothing, the first in table %s",
                self->section->place.file ? self->section->place.file : "section", self->section->place.line,
                rows->rows->len, row[0]);
    return false;
}

static bool run_body(const SectionRun *self, GError **error)
{
    Connection *connection = self->scratch->connection;
    if ((self->rebuild && !run_own(self, "PRAGMA foreign_keys = OFF", error)) ||
        (self->transaction && !run_own(self, connection->driver->begin, error)))
        return false;
    bool good = self->observer ? send_observed(self, error)
                               : send_statements(self, 0, script_length(self->script), error);
    return good && (!self->rebuild || foreign_keys_hold(self, error)) &&
           (!self->transaction || run_own(self, "COMMIT", error));
}

static Script *split(const Section *section, Dialect dialect, GHashTable *variables, GError **error)
{
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GError) problem = NULL;
    Script *script = plan_section_script(section, dialect, variables ? variables : none, &problem);
    if (!script)
        g_set_error(
            error, DEV_ERROR, DEV_ERROR_REVISION, "%s%s%s",
            section->place.file && !strstr(problem->message, section->place.file) ? section->place.file : "",
            section->place.file && !strstr(problem->message, section->place.file) ? ": " : "",
            problem->message);
    return script;
}

bool scratch_run_section(Scratch *scratch, const Section *section, GHashTable *variables,
                         const SectionObserver *observer, GError **error)
{
    if (!scratch_may_go_on(error))
        return false;
    g_autoptr(Script) script = split(section, scratch->dialect, variables, error);
    if (!script)
        return false;
    unsigned features = scratch->connection->driver->features;
    const SectionRun self = {.scratch = scratch,
                             .section = section,
                             .script = script,
                             .observer = observer,
                             .transaction = section->transaction && features & DRIVER_TRANSACTIONAL_DDL,
                             .rebuild = section->foreign_keys_off && features & DRIVER_TABLE_REBUILD};
    bool good = run_body(&self, error);
    if (!good)
        connection_rollback(scratch->connection);
    return scratch_restore(scratch, good ? error : NULL) && good;
}

/* ---- Revisions ---- */

bool scratch_run_revision(Scratch *scratch, const Revision *revision, Direction direction,
                          GHashTable *variables, const SectionObserver *observer, GError **error)
{
    SectionKind kind = direction == DIRECTION_UP ? SECTION_UP : SECTION_DOWN;
    const Section *section = revision_section(revision, kind, scratch->dialect);
    if (section)
        return scratch_run_section(scratch, section, variables, observer, error);
    g_set_error(error, DEV_ERROR, DEV_ERROR_REVISION, "%s: revision %s has no migrate:%s section for %s",
                revision->file ? revision->file : "revision", revision->id, section_kind_name(kind),
                dialect_name(scratch->dialect));
    return false;
}

bool scratch_upgrade(Scratch *scratch, const RevisionGraph *graph, const char *const *rows,
                     GHashTable *variables, GError **error)
{
    static const char *const nothing[] = {NULL};
    if (!rows[0])
        return true;
    g_autoptr(Move) move = revision_graph_upgrade(graph, nothing, rows, error);
    for (guint i = 0; move && i < move->steps->len; i++) {
        const MoveStep *step = move->steps->pdata[i];
        if (!scratch_run_revision(scratch, step->revision, DIRECTION_UP, variables, NULL, error))
            return false;
    }
    return move != NULL;
}

SchemaModel *scratch_model(Scratch *scratch, const SchemaReadOptions *options, GError **error)
{
    SchemaReadOptions here = options ? *options : (SchemaReadOptions){0};
    if (!here.schema)
        here.schema = scratch->schema;
    return !scratch_may_go_on(error) ? NULL : schema_read(scratch->connection, &here, error);
}
