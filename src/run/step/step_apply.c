/* Step apply: sends one step to one target, in the fewest messages that keep its promise, and says how far it
 * came.
 *
 * Where DDL is transactional a step is one transaction: SQL, version rows and history row together. Where it
 * is not, a journal in the history row goes with it: an intent before each statement that commits by itself,
 * "done" after it, DML together with its journal row. Owns nothing of the connection; retries nothing; worker
 * thread. */
#include "run/step/step_apply.h"
#include "sql/template.h"
#include <string.h>

/* ---- Attempts ---- */

unsigned step_attempt_total(const StepAttempt *self)
{
    return self->script ? script_length(self->script) : 0;
}

static bool attempt_resume(StepAttempt *self, const StepContext *context, const HistoryEntry *unfinished,
                           GError **error)
{
    unsigned done = unfinished->statements_done;
    if (self->step->transactional && done == 0 && unfinished->intent == 0)
        return true; /* nothing is left of it: a fresh start, with a row of its own */
    if (self->step->transactional) {
        g_set_error(error, STEP_ERROR, STEP_ERROR_EDITED_HEAD,
                    "revision %s stopped here after statement %u, without a transaction around it; mark its "
                    "section transaction:false again",
                    unfinished->revision, done);
        return false;
    }
    bool fits = done <= step_attempt_total(self);
    g_autofree char *hash = fits ? plan_head_hash(self->script, done) : NULL;
    if (!fits || (done > 0 && g_strcmp0(hash, unfinished->head_hash) != 0)) {
        g_set_error(error, STEP_ERROR, STEP_ERROR_EDITED_HEAD,
                    "revision %s stopped here after statement %u, and its first %u statements were edited "
                    "since; restore "
                    "them (what follows may be edited)",
                    unfinished->revision, done, done);
        return false;
    }
    if (!step_session_is_replaceable(self->script, context->store.dialect, done, unfinished->revision, error))
        return false;
    self->resumes = g_strdup(unfinished->step_id);
    self->first = self->done = done;
    self->open = unfinished->intent;
    self->evidence = g_strdup(unfinished->evidence);
    self->judged = self->open && g_strcmp0(unfinished->state, HISTORY_FAILED) == 0;
    return true;
}

static bool attempt_script(StepAttempt *self, const StepContext *context, GError **error)
{
    const Section *section = plan_step_section(self->step);
    self->dialect = context->store.dialect;
    if (!section)
        return true;
    if (self->step->scripts) {
        self->script = script_shelf_take(self->step->scripts, section, self->dialect, error);
        return self->script != NULL;
    }
    self->own_script = plan_section_script(section, self->dialect, context->variables, error);
    self->script = self->own_script;
    self->vars_digest =
        sql_template_digest((const char *const *)section->variables, context->variable_references);
    return self->script != NULL;
}

bool step_attempt_init(StepAttempt *self, const StepContext *context, const PlanStep *step, unsigned number,
                       const HistoryEntry *unfinished, GError **error)
{
    *self = (StepAttempt){.step = step, .failed = -1, .last = -1, .failed_item = -1, .failed_offset = -1};
    if (!attempt_script(self, context, error) ||
        (unfinished && !attempt_resume(self, context, unfinished, error))) {
        step_attempt_clear(self);
        return false;
    }
    self->step_id =
        self->resumes ? g_strdup(self->resumes) : g_strdup_printf("%s-%04u", context->run_id, number);
    return true;
}

void step_attempt_clear(StepAttempt *self)
{
    g_clear_pointer(&self->step_id, g_free);
    if (self->script && !self->own_script)
        script_shelf_give_back(self->step->scripts, plan_step_section(self->step), self->dialect);
    g_clear_pointer(&self->own_script, script_free);
    g_clear_pointer(&self->vars_digest, g_free);
    g_clear_pointer(&self->resumes, g_free);
    g_clear_pointer(&self->evidence, g_free);
    g_clear_pointer(&self->difference, g_free);
    g_clear_pointer(&self->note, g_free);
    self->script = NULL;
}

/* ---- What is written beside the user's SQL ---- */

/* A number that is not used, since the step failed, is a gap and no more. */
static gint64 next_seq(const StepContext *context)
{
    return context->last_seq ? ++*context->last_seq : 0;
}

/* `evidence` NULL: no intent. */
static char *history_text(const StepAttempt *attempt, const StepContext *context, const char *state,
                          bool resume, const char *evidence)
{
    const PlanStep *step = attempt->step;
    g_autofree char *before = g_strjoinv(",", step->before);
    g_autofree char *after = g_strjoinv(",", step->after);
    bool done = g_str_equal(state, HISTORY_DONE);
    g_autofree char *hash = resume ? plan_head_hash(attempt->script, attempt->first) : NULL;
    HistoryRow row = {.seq = resume ? 0 : next_seq(context),
                      .step_id = attempt->step_id,
                      .run_id = context->run_id,
                      .plan_digest = context->plan_digest,
                      .revision = step->revision->id,
                      .direction = direction_name(step->direction),
                      .checksum = plan_step_section(step)->checksum,
                      .vars_digest = attempt->vars_digest,
                      .heads_before = before,
                      .heads_after = after,
                      .applied_by = context->applied_by,
                      .server = context->connection->server.identity,
                      .statements_total = step_attempt_total(attempt),
                      .statements_done = done ? step_attempt_total(attempt) : attempt->first,
                      .intent = evidence ? attempt->first + 1 : 0,
                      .evidence = evidence,
                      .state = state,
                      .head_hash = hash};
    return resume ? version_store_resume_history(&context->store, attempt->resumes, &row)
                  : version_store_insert_history(&context->store, &row);
}

char *step_history_text(const StepAttempt *attempt, const StepContext *context, const char *state,
                        const char *evidence)
{
    return history_text(attempt, context, state, false, evidence);
}

char *step_resume_text(const StepAttempt *attempt, const StepContext *context)
{
    return history_text(attempt, context, HISTORY_RUNNING, true, NULL);
}

/* The statements that bring the version rows from one to the other. */
static void row_change_texts(const StepContext *context, char **before, char **after, GPtrArray *texts)
{
    g_autofree char **removed = rows_without(before, after), **added = rows_without(after, before);
    version_store_change(&context->store, (const char *const *)removed, (const char *const *)added, texts);
}

void step_batch_version_change(StepBatch *batch, const StepAttempt *attempt, const StepContext *context)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    row_change_texts(context, attempt->step->before, attempt->step->after, texts);
    step_batch_texts(batch, texts);
}

/* ---- One transaction ---- */

static bool rebuilds_tables(const StepAttempt *attempt, const StepContext *context)
{
    return plan_step_section(attempt->step)->foreign_keys_off &&
           context->connection->driver->features & DRIVER_TABLE_REBUILD;
}

static void add_body(StepBatch *batch, const StepAttempt *attempt, const StepContext *context)
{
    if (rebuilds_tables(attempt, context))
        step_batch_own(batch, g_strdup("PRAGMA foreign_keys = OFF"));
    if (!context->in_target_transaction)
        step_batch_own(batch, g_strdup(context->connection->driver->begin));
    for (unsigned i = 0; i < step_attempt_total(attempt); i++)
        step_batch_statement(batch, attempt->script, i);
    step_batch_restore(batch, context);
}

static void add_ending(StepBatch *batch, const StepAttempt *attempt, const StepContext *context)
{
    step_batch_version_change(batch, attempt, context);
    step_batch_own(batch, step_history_text(attempt, context, HISTORY_DONE, NULL));
    if (!context->in_target_transaction)
        step_batch_commit(batch, context);
}

static bool foreign_keys_hold(const StepContext *context, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(context->connection, "PRAGMA foreign_key_check", error);
    return rows && step_refuse_rows(rows, STEP_ERROR_FOREIGN_KEYS,
                                    "PRAGMA foreign_key_check after foreign_keys:off", error);
}

/* What must be looked at before COMMIT takes a message of its own; else body and ending go together. */
static bool send_transaction(StepAttempt *attempt, const StepContext *context, GError **error)
{
    bool rebuild = rebuilds_tables(attempt, context);
    g_auto(BatchResult) result = {0};
    g_auto(StepBatch) batch = {0};
    step_batch_init(&batch);
    add_body(&batch, attempt, context);
    if (rebuild || attempt->step->verify) {
        if (!step_batch_send(&batch, attempt, context, &result, error))
            return false;
        if ((rebuild && !foreign_keys_hold(context, error)) || !step_verify(context, attempt->step, error))
            return false;
        step_batch_clear(&batch);
        step_batch_init(&batch);
    }
    add_ending(&batch, attempt, context);
    return step_batch_send(&batch, attempt, context, &result, error);
}

static void restore_after_rebuild(const StepContext *context)
{
    g_auto(StepBatch) batch = {0};
    g_auto(BatchResult) result = {0};
    step_batch_init(&batch);
    step_batch_restore(&batch, context);
    connection_execute(context->connection, batch.batch, &result, NULL);
}

static bool apply_transaction(StepAttempt *attempt, const StepContext *context, GError **error)
{
    bool good = send_transaction(attempt, context, error);
    if (!good)
        connection_rollback(context->connection);
    if (rebuilds_tables(attempt, context))
        restore_after_rebuild(context);
    attempt->done = good ? step_attempt_total(attempt) : 0;
    attempt->state = good ? HISTORY_DONE : NULL;
    return good;
}

/* ---- Rows without SQL ---- */

char *step_record_id(const StepContext *context, const char *direction)
{
    return g_strdup_printf("%s-%s", context->run_id, direction);
}

/* One transaction of our own statements: a change of version rows (or none) and one history row. */
static bool write_record(const StepContext *context, char **rows_before, char **rows_after, HistoryRow *row,
                         GError **error)
{
    g_autofree char *id = step_record_id(context, row->direction);
    g_autofree char *before = g_strjoinv(",", rows_before);
    g_autofree char *after = g_strjoinv(",", rows_after);
    StepAttempt attempt = {.failed = -1, .last = -1};
    g_auto(StepBatch) batch = {0};
    g_auto(BatchResult) result = {0};
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    row->seq = next_seq(context);
    row->step_id = id;
    row->run_id = context->run_id;
    row->plan_digest = context->plan_digest;
    row->revision = "";
    row->heads_before = before;
    row->heads_after = after;
    row->applied_by = context->applied_by;
    row->server = context->connection->server.identity;
    row->state = HISTORY_DONE;
    step_batch_init(&batch);
    step_batch_own(&batch, g_strdup(context->connection->driver->begin));
    row_change_texts(context, rows_before, rows_after, changes);
    step_batch_texts(&batch, changes);
    step_batch_own(&batch, version_store_insert_history(&context->store, row));
    step_batch_commit(&batch, context);
    if (step_batch_send(&batch, &attempt, context, &result, error))
        return true;
    connection_rollback(context->connection);
    return false;
}

bool step_stamp(const StepContext *context, const PlanStep *step, const char *assumed, GError **error)
{
    HistoryRow row = {.direction = "stamp", .detail = assumed};
    return write_record(context, step->before, step->after, &row, error);
}

bool step_baseline(const StepContext *context, const char *const *rows, const char *assumed, GError **error)
{
    HistoryRow row = {.direction = "baseline", .detail = assumed};
    return write_record(context, (char **)rows, (char **)rows, &row, error);
}

bool step_apply(StepAttempt *self, const StepContext *context, GError **error)
{
    return self->step->transactional ? apply_transaction(self, context, error)
                                     : step_apply_journaled(self, context, error);
}
