/* Scratch revisions: runs sections on a scratch database as the run of a target does, but for what is only
 * for targets: locks, version tables, the journal. One thread at a time. */
#include "dev/scratch_revisions.h"

#include "dev/dev_servers_internal.h"
#include "dev/missing_role.h"
#include "dev/scratch_gate.h"
#include "dev/statement_reach.h"
#include "sql/words.h"

#include <string.h>

typedef struct SectionRun {
    Scratch *scratch;
    const Section *section;
    const Script *script;
    const SectionObserver *observer; /* NULL: nobody looks */
    bool transaction;
    bool rebuild;
    unsigned failed;     /* statement that failed last */
    GHashTable *skipped; /* statements about roles that have no effect here */
} SectionRun;

static const char *text_of(const SectionRun *self, unsigned index)
{
    return script_text(self->script) + script_at(self->script, index)->start;
}

/* ---- Errors ---- */

static bool is_about_session(const GError *problem)
{
    return problem->domain != DB_ERROR || g_error_matches(problem, DB_ERROR, DB_ERROR_CONNECTION_LOST) ||
           g_error_matches(problem, DB_ERROR, DB_ERROR_CANCELLED);
}

/* "FILE:LINE: what the server said", with where in the statement if the server knows. */
static bool blame_statement(const SectionRun *self, unsigned index, GError *problem, GError **error)
{
    const DbErrorDetail *detail = db_error_detail(problem);
    if (is_about_session(problem)) {
        g_propagate_error(error, problem);
        return false;
    }
    gsize inside = detail && detail->position > 0 ? (gsize)detail->position : 0;
    SourcePlace place = script_place_of(self->script, script_at(self->script, index)->start + inside);
    bool more = detail && detail->detail;
    g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT, "%s:%u: %s%s%s%s",
                place.file ? place.file : "statement", place.line, problem->message, more ? " (" : "",
                more ? detail->detail : "", more ? ")" : "");
    g_error_free(problem);
    return false;
}

/* ---- Roles ---- */

/* CREATE ROLE on a server that has it from another scratch, DROP ROLE of one that another still uses. */
static bool is_done_elsewhere(const SectionRun *self, const GError *problem)
{
    static const char *const codes[] = {"42710", "2BP01", "42704", NULL};
    const DbErrorDetail *detail = db_error_detail(problem);
    const Statement *statement = script_at(self->script, self->failed);
    const char *text = text_of(self, self->failed);
    bool makes = g_ascii_strncasecmp(text, "create", 6) == 0 || g_ascii_strncasecmp(text, "drop", 4) == 0;
    return detail && detail->code && g_strv_contains(codes, detail->code) && statement->length > 6 && makes &&
           statement_reach(text, statement->length, self->scratch->dialect, NULL, NULL) == REACH_ROLES;
}

/* True if what failed can go on: a role was made, or the statement is left out from now on. */
static bool mend(SectionRun *self, GError **problem)
{
    bool left_out = is_done_elsewhere(self, *problem);
    if (!left_out && !scratch_make_missing_role(self->scratch, *problem))
        return false;
    if (left_out)
        g_hash_table_add(self->skipped, GUINT_TO_POINTER(self->failed));
    g_clear_error(problem);
    return true;
}

static bool may_need_mending(const SectionRun *self, unsigned index)
{
    static const char *const about_roles[] = {"role",  "user",          "group",  "grant", "revoke",
                                              "owner", "authorization", "policy", NULL};
    const Statement *statement = script_at(self->script, index);
    if (!self->transaction || !scratch_may_have_roles(self->scratch) ||
        self->scratch->dialect != DIALECT_POSTGRES)
        return false;
    g_autoptr(GPtrArray) words = sql_words(text_of(self, index), statement->length, self->scratch->dialect);
    for (guint i = 0; words && i < words->len; i++)
        for (const char *const *word = about_roles; *word; word++)
            if (sql_word_is(words->pdata[i], *word))
                return true;
    return false;
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

/* Statements from `first` to before `end`, in one batch. */
static bool send_once(SectionRun *self, unsigned first, unsigned end, GError **problem)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    g_autoptr(GArray) sent = g_array_new(FALSE, FALSE, sizeof(unsigned));
    for (unsigned i = first; i < end; i++) {
        BatchItem item = item_of(self->script, i);
        if (g_hash_table_contains(self->skipped, GUINT_TO_POINTER(i)))
            continue;
        batch_add(batch, &item);
        g_array_append_val(sent, i);
    }
    if (sent->len == 0 || connection_execute(self->scratch->connection, batch, &result, problem))
        return true;
    const DbErrorDetail *detail = db_error_detail(*problem);
    bool known = detail && detail->item >= 0 && (guint)detail->item < sent->len;
    self->failed = g_array_index(sent, unsigned, known ? (guint)detail->item : 0);
    return false;
}

static bool send_all(SectionRun *self, GError **error)
{
    Connection *connection = self->scratch->connection;
    GError *problem = NULL;
    unsigned first = 0;
    while (!send_once(self, first, script_length(self->script), &problem)) {
        if (!mend(self, &problem))
            return blame_statement(self, self->failed, problem, error);
        if (!self->transaction)
            first = self->failed;
        else
            connection_rollback(connection);
        if (self->transaction && !connection_run(connection, connection->driver->begin, error))
            return false;
    }
    return true;
}

/* In the middle of a transaction a session learns of new roles when it opens a table. */
static bool back_to_savepoint(Connection *connection, GError **problem)
{
    return connection_run(connection, "ROLLBACK TO SAVEPOINT dbfleet_role", problem) &&
           connection_run(connection, "SELECT 1 FROM pg_catalog.pg_auth_members LIMIT 0", problem);
}

static bool send_observed_statement(SectionRun *self, unsigned index, GError **error)
{
    Connection *connection = self->scratch->connection;
    GError *problem = NULL;
    bool mendable = may_need_mending(self, index);
    if (mendable && !connection_run(connection, "SAVEPOINT dbfleet_role", error))
        return false;
    while (!send_once(self, index, index + 1, &problem))
        if ((self->transaction && !mendable) || !mend(self, &problem) ||
            (mendable && !back_to_savepoint(connection, &problem)))
            return blame_statement(self, index, problem, error);
    return !mendable || connection_run(connection, "RELEASE SAVEPOINT dbfleet_role", error);
}

static bool send_observed(SectionRun *self, GError **error)
{
    const SectionObserver *observer = self->observer;
    for (unsigned i = 0; i < script_length(self->script); i++) {
        if (!scratch_may_go_on(error) ||
            (observer->before && !observer->before(observer->context, self->scratch, self->script, i, error)))
            return false;
        if (!send_observed_statement(self, i, error))
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

static bool run_body(SectionRun *self, GError **error)
{
    Connection *connection = self->scratch->connection;
    if ((self->rebuild && !run_own(self, "PRAGMA foreign_keys = OFF", error)) ||
        (self->transaction && !run_own(self, connection->driver->begin, error)))
        return false;
    bool good = self->observer ? send_observed(self, error) : send_all(self, error);
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

static bool check_statements(const SectionRun *self, GError **error)
{
    for (unsigned i = 0; i < script_length(self->script); i++) {
        const Statement *statement = script_at(self->script, i);
        g_autofree char *why = NULL;
        if (scratch_allows(self->scratch, text_of(self, i), statement->length, &why))
            continue;
        SourcePlace place = script_place_of(self->script, statement->start);
        g_set_error(error, DEV_ERROR, DEV_ERROR_REVISION, "%s:%u: %s", place.file ? place.file : "statement",
                    place.line, why);
        return false;
    }
    return true;
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
    g_autoptr(GHashTable) skipped = g_hash_table_new(NULL, NULL);
    SectionRun self = {.scratch = scratch,
                       .section = section,
                       .script = script,
                       .observer = observer,
                       .transaction = section->transaction && features & DRIVER_TRANSACTIONAL_DDL,
                       .rebuild = section->foreign_keys_off && features & DRIVER_TABLE_REBUILD,
                       .skipped = skipped};
    if (!check_statements(&self, error))
        return false;
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
