/* Step batch: a driver's batch whose items know which statement of the section they are, so that an error
 * finds its line. Worker thread. */
#include "run/session.h"
#include "run/step/step_apply.h"
#include <string.h>

void step_batch_init(StepBatch *self)
{
    self->batch = batch_new();
    self->statements = g_array_new(FALSE, FALSE, sizeof(gint));
}

void step_batch_clear(StepBatch *self)
{
    batch_free(self->batch);
    g_clear_pointer(&self->statements, g_array_unref);
}
/* Marks what was added to the batch since as ours. */
static void step_batch_note(StepBatch *self, gint statement)
{
    while (self->statements->len < batch_length(self->batch))
        g_array_append_val(self->statements, statement);
}

void step_batch_own(StepBatch *self, char *sql)
{
    batch_take_own(self->batch, sql);
    step_batch_note(self, -1);
}

unsigned step_batch_query(StepBatch *self, char *sql)
{
    unsigned item = batch_take(self->batch, sql, true);
    step_batch_note(self, -1);
    return item;
}

BatchItem step_statement_item(const Script *script, unsigned index, bool wants_rows)
{
    const Statement *statement = script_at(script, index);
    const char *text = script_text(script);
    return (BatchItem){.sql = text + statement->start,
                       .length = statement->length,
                       .wants_rows = wants_rows,
                       .copy_data = statement->kind == STATEMENT_COPY ? text + statement->data_start : NULL,
                       .copy_length = statement->data_length};
}

void step_batch_statement(StepBatch *self, const Script *script, unsigned index)
{
    BatchItem item = step_statement_item(script, index, false);
    batch_add(self->batch, &item);
    step_batch_note(self, (gint)index);
}

unsigned step_batch_length(const StepBatch *self)
{
    return batch_length(self->batch);
}

void step_batch_texts(StepBatch *self, GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++)
        step_batch_own(self, g_steal_pointer(&texts->pdata[i]));
    g_ptr_array_set_size(texts, 0);
}

void step_batch_shared(StepBatch *self, const GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++) {
        const char *sql = texts->pdata[i];
        batch_add(self->batch, &(BatchItem){.sql = sql, .length = strlen(sql), .one_result = true});
    }
    step_batch_note(self, -1);
}

void step_batch_restore(StepBatch *self, const StepContext *context)
{
    if (context->connection->driver->add_restore)
        context->connection->driver->add_restore(context->connection, self->batch);
    step_batch_note(self, -1);
}

void step_batch_commit(StepBatch *self, const StepContext *context)
{
    const Driver *driver = context->connection->driver;
    step_batch_own(self, g_strdup("COMMIT"));
    if (!context->closing)
        return;
    self->closing = batch_attach(self->batch, version_store_select_rows(&context->store), true);
    if (driver->add_unlock)
        driver->add_unlock(context->connection, context->lock, self->batch);
    step_batch_note(self, -1);
}

static void take_closing(const StepBatch *self, const StepContext *context, const BatchResult *result)
{
    const RowSet *rows = self->closing ? batch_result_rows(result, self->closing) : NULL;
    if (!rows)
        return;
    g_strfreev(context->closing->rows);
    context->closing->rows = session_rows_from(rows);
    context->closing->unlocked = context->connection->driver->add_unlock != NULL;
}

bool step_batch_send(const StepBatch *self, StepAttempt *attempt, const StepContext *context,
                     BatchResult *result, GError **error)
{
    GError *failure = NULL;
    if (connection_execute(context->connection, self->batch, result, &failure)) {
        take_closing(self, context, result);
        return true;
    }
    const DbErrorDetail *detail = db_error_detail(failure);
    gssize item = detail ? detail->item : -1;
    bool lost = g_error_matches(failure, DB_ERROR, DB_ERROR_CONNECTION_LOST);
    if (self->closing && item >= (gssize)self->closing && !lost) {
        g_error_free(failure);
        return true;
    }
    attempt->failed_item = item;
    for (gssize i = 0; i < item && i < (gssize)self->statements->len; i++)
        attempt->last = MAX(attempt->last, g_array_index(self->statements, gint, i));
    if (item >= 0 && item < (gssize)self->statements->len) {
        attempt->failed = g_array_index(self->statements, gint, item);
        attempt->failed_offset = attempt->failed >= 0 ? detail->position : -1;
    }
    g_propagate_error(error, failure);
    return false;
}
