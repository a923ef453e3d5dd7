/* Trial on PostgreSQL: each statement in a transaction of its own, so that the locks seen in it are its own,
 * with the tables' files and scans compared around it. Sources: manual 54.12 pg_locks, 54.11 pg_class
 * (relfilenode), 28.2 pg_stat_xact_user_tables. */
#include "dev/lint_trial_internal.h"
#include "sql/words.h"

#include <string.h>

/* One row a table: what it is called, which file it has, how often it was read in full. */
static const char TABLES[] =
    "SELECT c.oid::text, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
    "coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::text, "
    "coalesce(pg_catalog.pg_stat_get_xact_numscans(c.oid), 0)::text "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

static const char LOCKS[] =
    "SELECT relation::text, mode FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() "
    "AND locktype = 'relation' AND granted";

enum { COLUMN_OID, COLUMN_KEY, COLUMN_FILE, COLUMN_SCANS };

static char *const *row_of(const RowSet *rows, const char *oid)
{
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        if (g_str_equal(row[COLUMN_OID], oid))
            return row;
    }
    return NULL;
}

static void note_locks(LintStatement *statement, const RowSet *before, const RowSet *locks)
{
    for (guint i = 0; i < locks->rows->len; i++) {
        char *const *lock = locks->rows->pdata[i];
        char *const *table = row_of(before, lock[0]);
        if (!table)
            continue;
        LintTable *seen = lint_statement_table(statement, table[COLUMN_KEY]);
        seen->lock = MAX(seen->lock, lint_lock_parse(lock[1]));
    }
}

static void note_files(LintStatement *statement, const RowSet *before, const RowSet *after)
{
    for (guint i = 0; i < before->rows->len; i++) {
        char *const *was = before->rows->pdata[i];
        char *const *is = row_of(after, was[COLUMN_OID]);
        bool rewritten = is && g_strcmp0(was[COLUMN_FILE], is[COLUMN_FILE]) != 0;
        bool scanned = is && g_strcmp0(was[COLUMN_SCANS], is[COLUMN_SCANS]) != 0;
        if (!rewritten && !scanned)
            continue;
        LintTable *seen = lint_statement_table(statement, was[COLUMN_KEY]);
        seen->rewritten |= rewritten;
        seen->scanned |= scanned;
    }
}

/* ---- Running ---- */

/* Far from UTC, so that a change of type that is free only there is not taken for free. SET LOCAL of earlier
 * statements would hold in the one transaction of a real run. */
static bool open_transaction(LintTrial *self, GError **error)
{
    if (!trial_send_text(self, "BEGIN", error) ||
        !trial_send_text(self, "SET LOCAL TimeZone = 'America/New_York'", error))
        return false;
    for (guint i = 0; i < self->local->len; i++)
        if (!trial_send_text(self, self->local->pdata[i], error))
            return false;
    return true;
}

static bool run_measured(LintTrial *self, guint index, GError **error)
{
    LintStatement *statement = trial_statement(self, index);
    Connection *connection = self->scratch->connection;
    g_autoptr(RowSet) before = NULL, after = NULL, locks = NULL;
    if (!open_transaction(self, error) || !(before = connection_query(connection, TABLES, error)) ||
        !trial_send(self, index, error) || !(locks = connection_query(connection, LOCKS, error)) ||
        !(after = connection_query(connection, TABLES, error)) || !trial_send_text(self, "COMMIT", error))
        return false;
    note_locks(statement, before, locks);
    note_files(statement, before, after);
    statement->measured = true;
    return true;
}

static bool is_local(const LintStatement *statement)
{
    return statement->words->len > 1 && sql_word_is(statement->words->pdata[0], "set") &&
           (sql_word_is(statement->words->pdata[1], "local") ||
            sql_word_is(statement->words->pdata[1], "constraints"));
}

static bool postgres_run(LintTrial *self, guint index, GError **error)
{
    LintStatement *statement = trial_statement(self, index);
    bool wrapped = !self->has_control && statement->kind != STATEMENT_NOT_IN_TRANSACTION &&
                   statement->kind != STATEMENT_SAVEPOINT;
    bool good = wrapped ? run_measured(self, index, error) : trial_send(self, index, error);
    if (good && is_local(statement))
        g_ptr_array_add(self->local, statement->text);
    if (!good && wrapped)
        connection_rollback(self->scratch->connection);
    return good;
}

const LintTrialWay lint_trial_postgres = {NULL, NULL, postgres_run};
