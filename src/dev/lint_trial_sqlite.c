/* Trial on SQLite: the section in its transaction, as a run has it. There are no locks to see: a writer has
 * the whole database. */
#include "dev/lint_trial_internal.h"

static bool sqlite_begin(LintTrial *self, GError **error)
{
    if (self->source->foreign_keys_off && !trial_send_text(self, "PRAGMA foreign_keys = OFF", error))
        return false;
    return !self->source->transaction ||
           trial_send_text(self, self->scratch->connection->driver->begin, error);
}

static bool sqlite_end(LintTrial *self, GError **error)
{
    return !self->scratch->connection->driver->in_transaction(self->scratch->connection) ||
           trial_send_text(self, "COMMIT", error);
}

static bool sqlite_run(LintTrial *self, guint index, GError **error)
{
    return trial_send(self, index, error);
}

const LintTrialWay lint_trial_sqlite = {sqlite_begin, sqlite_end, sqlite_run};
