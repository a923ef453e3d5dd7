/* Step journal: a step where DDL commits by itself, with its journal in the history row: an intent before
 * each statement that commits alone, "done" after it, DML together with its journal row. After an error it
 * says what took effect; after a lost connection it says nothing, since only the target knows. Worker thread.
 */
#include "run/step/step_journal_internal.h"
#include <string.h>

#define ROLLBACK_INCOMPLETE "1196" /* ER_WARNING_NOT_COMPLETE_ROLLBACK */

typedef struct Journal {
    StepAttempt *attempt;
    const StepContext *context;
    const JournalOutline *outline;
    JournalOutline *own; /* the outline, where it begins inside of the section; NULL */
    unsigned *ends;      /* of each group: items of the batch up to its last */
} Journal;

static void journal_init(Journal *self, StepAttempt *attempt, const StepContext *context)
{
    const VersionStore *store = &context->store;
    *self = (Journal){.attempt = attempt, .context = context};
    self->outline = attempt->first == 0 ? journal_outline_of(attempt->script, store) : NULL;
    if (!self->outline)
        self->outline = self->own = journal_outline_new(attempt->script, attempt->first, store);
    self->ends = g_new0(unsigned, self->outline->groups->len);
}

static void journal_clear(Journal *self)
{
    g_clear_pointer(&self->own, journal_outline_free);
    g_clear_pointer(&self->ends, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Journal, journal_clear)

static guint group_count(const Journal *self)
{
    return self->outline->groups->len;
}

static const JournalGroup *group_at(const Journal *self, guint index)
{
    return &g_array_index(self->outline->groups, JournalGroup, index);
}

static const char *hash_at(const Journal *self, guint index)
{
    return self->outline->hashes->pdata[index];
}

static const JournalGroup *intended_group(const Journal *self, guint index)
{
    const JournalGroup *group = index < group_count(self) ? group_at(self, index) : NULL;
    return group && group->wants_intent ? group : NULL;
}

/* The "done" of what is before the group `next` and the intent of that share one write, which comes with what
 * computes the evidence. No such group, or one whose outcome is never open: no intent. */
static void add_progress(const Journal *self, StepBatch *batch, unsigned done, const char *hash, guint next)
{
    const JournalGroup *group = intended_group(self, next);
    if (group)
        step_batch_shared(batch, group->picture.prelude);
    step_batch_own(batch, version_store_update_progress(&self->context->store, self->attempt->step_id, done,
                                                        hash, group ? group->first + 1 : 0,
                                                        group ? group->evidence : NULL));
    if (group)
        step_batch_shared(batch, group->picture.cleanup);
}

/* Nothing that the session did before the end can have changed what a step puts back. A section that is gone
 * on with was told again what its first part had set. */
static bool session_is_as_it_was(const Journal *self)
{
    for (guint i = 0; i < group_count(self); i++) {
        const JournalGroup *group = group_at(self, i);
        if (!group->facts || !group->facts->leaves_session)
            return false;
    }
    return self->attempt->first == 0;
}

/* Version rows and the final state commit together, in the transaction that is open if `begun`. What an
 * earlier attempt failed with is no longer so. `hash` NULL: it is in the row already. */
static void add_journal_end(const Journal *self, StepBatch *batch, bool begun, const char *hash,
                            const char *state, const char *detail)
{
    const StepAttempt *attempt = self->attempt;
    unsigned total = step_attempt_total(attempt);
    if (!session_is_as_it_was(self))
        step_batch_restore(batch, self->context);
    if (!begun)
        step_batch_own(batch, g_strdup(self->context->connection->driver->begin));
    step_batch_version_change(batch, attempt, self->context);
    step_batch_own(batch,
                   version_store_finish_history(&self->context->store, attempt->step_id, state, total, hash,
                                                detail || !attempt->resumes ? detail
                                                : attempt->note             ? attempt->note
                                                                            : ""));
    step_batch_commit(batch, self->context);
}

/* No statement of the section can have changed the session's settings, such as whether COMMIT is needed. */
static bool leaves_settings(const Script *script)
{
    for (unsigned i = 0; i < script_length(script); i++) {
        StatementKind kind = script_at(script, i)->kind;
        if (kind != STATEMENT_DDL && kind != STATEMENT_DML && kind != STATEMENT_SELECT)
            return false;
    }
    return true;
}

/* The section's last group whose "done" is the end of the step, one write for both. */
static bool ends_step(const Journal *self, guint index)
{
    const StepAttempt *attempt = self->attempt;
    const JournalGroup *group = group_at(self, index);
    if (index + 1 < group_count(self) || attempt->step->verify)
        return false;
    return group->wrapped ? leaves_settings(attempt->script) : self->outline->ends_certain;
}

static void add_statements(const Journal *self, StepBatch *batch, const JournalGroup *group, unsigned end)
{
    for (unsigned i = group->first; i < end; i++)
        step_batch_statement(batch, self->attempt->script, i);
}

/* Its statements, in a transaction of ours or in none. */
static void add_group(const Journal *self, StepBatch *batch, guint index)
{
    const JournalGroup *group = group_at(self, index);
    unsigned end = group->first + group->count;
    if (group->wrapped)
        step_batch_own(batch, g_strdup(self->context->connection->driver->begin));
    add_statements(self, batch, group, end);
    add_progress(self, batch, end, hash_at(self, index), index + 1);
    if (group->wrapped)
        step_batch_own(batch, g_strdup("COMMIT"));
}

/* The same, and the end of the step: a transaction holds both, a statement alone comes before it. */
static void add_last_group(const Journal *self, StepBatch *batch, guint index)
{
    const JournalGroup *group = group_at(self, index);
    if (group->wrapped)
        step_batch_own(batch, g_strdup(self->context->connection->driver->begin));
    add_statements(self, batch, group, group->first + group->count);
    if (!group->wrapped)
        self->ends[index] = step_batch_length(batch);
    add_journal_end(self, batch, group->wrapped, hash_at(self, index), HISTORY_DONE, NULL);
}

/* Between BEGIN and COMMIT of the section: "done" commits with the statements. */
static void add_user_group(const Journal *self, StepBatch *batch, guint index)
{
    const JournalGroup *group = group_at(self, index);
    const char *hash = hash_at(self, index);
    unsigned end = group->first + group->count;
    StatementKind last = script_at(self->attempt->script, end - 1)->kind;
    bool by_commit = last == STATEMENT_COMMIT;
    add_statements(self, batch, group, by_commit ? end - 1 : end);
    add_progress(self, batch, end, hash, index + 1);
    if (by_commit)
        step_batch_statement(batch, self->attempt->script, end - 1);
    else if (!statement_ends_transaction(last))
        step_batch_own(batch, g_strdup("COMMIT"));
}

/* A row that is new comes with the intent of the first group. */
static void add_journal_start(const Journal *self, StepBatch *batch)
{
    const StepAttempt *attempt = self->attempt;
    const JournalGroup *group = intended_group(self, 0);
    if (attempt->resumes) {
        step_batch_own(batch, step_resume_text(attempt, self->context));
        if (group)
            add_progress(self, batch, attempt->first, NULL, 0);
        return;
    }
    if (group)
        step_batch_shared(batch, group->picture.prelude);
    step_batch_own(
        batch, step_history_text(attempt, self->context, HISTORY_RUNNING, group ? group->evidence : NULL));
    if (group)
        step_batch_shared(batch, group->picture.cleanup);
}

static void add_journal(const Journal *self, StepBatch *batch)
{
    bool ended = false;
    add_journal_start(self, batch);
    for (guint i = 0; i < group_count(self); i++) {
        const JournalGroup *group = group_at(self, i);
        ended = !group->by_user && ends_step(self, i);
        if (group->by_user)
            add_user_group(self, batch, i);
        else if (ended)
            add_last_group(self, batch, i);
        else
            add_group(self, batch, i);
        self->ends[i] = self->ends[i] ? self->ends[i] : step_batch_length(batch);
    }
    if (!ended && !self->attempt->step->verify)
        add_journal_end(self, batch, false, NULL, HISTORY_DONE, NULL);
}

/* Of the group whose item failed. The items behind its statements are ours: the journal row, and the COMMIT
 * of a transaction of ours. Returns the error to report instead of `refusal`, or NULL. */
static GError *settle_group(const Journal *self, const JournalGroup *group, const GError *refusal, bool left)
{
    StepAttempt *attempt = self->attempt;
    unsigned end = group->first + group->count;
    bool ours = attempt->failed < 0;
    bool all_ran = ours && attempt->last + 1 == (gint)end;
    bool rolled_back =
        group->wrapped || (group->by_user && script_at(attempt->script, end - 1)->kind != STATEMENT_ROLLBACK);
    attempt->done = all_ran && !rolled_back ? end : group->first;
    if (attempt->done == end)
        return NULL;
    return journal_settle_refused(attempt, self->context, group, refusal, left);
}

/* After an error that the server reported: which statements took effect, and whether that is known of the
 * failed one. The batch runs in order, so every group that ends before the failed item is done. `left`: a
 * rollback left something behind. Returns the error to report instead, or NULL. */
static GError *journal_settle(const Journal *self, const GError *refusal, bool left)
{
    StepAttempt *attempt = self->attempt;
    if (attempt->done == step_attempt_total(attempt))
        return NULL; /* what failed is the ending, after all of them */
    for (guint i = 0; i < group_count(self); i++) {
        const JournalGroup *group = group_at(self, i);
        if (attempt->failed_item < (gssize)self->ends[i])
            return MAX(attempt->failed, attempt->last) >= (gint)group->first
                       ? settle_group(self, group, refusal, left)
                       : NULL;
        attempt->done = group->first + group->count;
    }
    return NULL;
}

/* A verify's rows may hold any bytes; the history's column takes UTF-8 only. */
static char *history_detail(const Journal *self, const GError *error)
{
    if (!error)
        return NULL;
    const char *note = self->attempt->note;
    g_autofree char *text = g_strconcat(error->message, note ? "; " : NULL, note, NULL);
    g_autofree char *masked = mask_text(self->context->mask, text, strlen(text), NULL);
    return g_utf8_make_valid(masked, -1);
}

/* Writes how far it came. Best effort, since the row already says "running" with an intent if this fails, and
 * that is settled one day. */
static void journal_record_failure(const Journal *self, const GError *failure)
{
    const StepAttempt *attempt = self->attempt;
    g_auto(StepBatch) batch = {0};
    g_auto(BatchResult) result = {0};
    step_batch_init(&batch);
    step_batch_restore(&batch, self->context);
    g_autofree char *hash = plan_head_hash(attempt->script, attempt->done);
    g_autofree char *detail = history_detail(self, failure);
    if (!attempt->intent)
        step_batch_own(&batch, version_store_finish_history(&self->context->store, attempt->step_id,
                                                            HISTORY_FAILED, attempt->done, hash, detail));
    if (!connection_execute(self->context->connection, batch.batch, &result, NULL))
        connection_rollback(self->context->connection);
}

/* Rolls back. *left: that left something behind, rows of tables without transactions (MyISAM and the like),
 * of which MySQL and MariaDB warn. False: the warnings could not be read, as where a cancel hits this instead
 * of what it was meant for. */
static bool rollback_and_look(const StepContext *context, bool *left)
{
    *left = false;
    connection_rollback(context->connection);
    if (!dialect_is_mysql_family(context->store.dialect))
        return true;
    g_autoptr(RowSet) warnings = connection_query(context->connection, "SHOW WARNINGS", NULL);
    for (guint i = 0; warnings && i < warnings->rows->len; i++) {
        char **row = warnings->rows->pdata[i];
        *left |= g_strcmp0(row[1], ROLLBACK_INCOMPLETE) == 0;
    }
    return warnings != NULL;
}

/* The row says it is running, with an intent if there is one: the next attempt settles it. */
static void journal_leave_open(const Journal *self)
{
    StepAttempt *attempt = self->attempt;
    attempt->state = HISTORY_RUNNING;
    attempt->intent = (unsigned)(MAX(attempt->failed, attempt->last) + 1);
}

/* Returns the failure to report; takes the one given over. */
static GError *journal_close(const Journal *self, GError *failure)
{
    bool left = false;
    if (!rollback_and_look(self->context, &left)) {
        journal_leave_open(self);
        return failure;
    }
    self->attempt->state = HISTORY_FAILED;
    GError *doubt = journal_settle(self, failure, left);
    journal_record_failure(self, failure);
    if (!doubt)
        return failure;
    journal_record_undecidable(self->attempt, self->context, doubt);
    g_error_free(failure);
    return doubt;
}

static bool journal_fail(const Journal *self, GError *failure, GError **error)
{
    bool lost = g_error_matches(failure, DB_ERROR, DB_ERROR_CONNECTION_LOST);
    g_propagate_error(error, lost ? failure : journal_close(self, failure));
    return false;
}

/* Verify comes after the statements took effect, so the version rows move whatever it says. */
static bool journal_finish_verified(const Journal *self, GError **error)
{
    g_autoptr(GError) doubt = NULL;
    bool good = step_verify(self->context, self->attempt->step, &doubt);
    const char *state = good ? HISTORY_DONE : HISTORY_VERIFY_FAILED;
    g_autofree char *detail = history_detail(self, doubt);
    g_auto(StepBatch) batch = {0};
    g_auto(BatchResult) result = {0};
    step_batch_init(&batch);
    add_journal_end(self, &batch, false, NULL, state, detail);
    GError *failure = NULL;
    if (!step_batch_send(&batch, self->attempt, self->context, &result, &failure))
        return journal_fail(self, failure, error);
    self->attempt->state = state;
    if (!good)
        g_propagate_error(error, g_steal_pointer(&doubt));
    return good;
}

bool step_apply_journaled(StepAttempt *attempt, const StepContext *context, GError **error)
{
    g_auto(Journal) journal = {0};
    g_auto(StepBatch) batch = {0};
    g_auto(BatchResult) result = {0};
    GError *failure = NULL;
    if (!journal_settle_open(attempt, context, error))
        return false;
    journal_init(&journal, attempt, context);
    if (!step_indexes_are_valid(attempt, context, error)) {
        attempt->state = attempt->resumes ? HISTORY_FAILED : NULL;
        return false;
    }
    step_batch_init(&batch);
    journal_add_replay(attempt, context, &batch);
    add_journal(&journal, &batch);
    if (!step_batch_send(&batch, attempt, context, &result, &failure))
        return journal_fail(&journal, failure, error);
    attempt->done = step_attempt_total(attempt);
    if (attempt->step->verify)
        return journal_finish_verified(&journal, error);
    attempt->state = HISTORY_DONE;
    return true;
}
