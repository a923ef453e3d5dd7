/* Step queries: asks what a check or verify section asks, and tells the rows that speak against a step. Owns
 * how rows are shown; changes nothing in the database. Worker thread. */
#include "run/step/step_apply.h"
#include <string.h>

#define ROWS_SHOWN 5
#define VALUE_SHOWN 200 /* bytes: a document in a column would bury the row */

static void append_value(GString *out, const char *name, const char *value)
{
    g_string_append_printf(out, "%s=", name);
    if (value && strlen(value) > VALUE_SHOWN)
        g_string_append_printf(out, "%.*s…", VALUE_SHOWN, value);
    else
        g_string_append(out, value ? value : "NULL");
}

char *step_rows_text(const RowSet *rows)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint r = 0; r < rows->rows->len && r < ROWS_SHOWN; r++) {
        char **row = rows->rows->pdata[r];
        g_string_append(out, r ? "; " : "");
        for (unsigned c = 0; c < rows->columns; c++) {
            g_string_append(out, c ? ", " : "");
            append_value(out, rows->names[c], row[c]);
        }
    }
    if (rows->rows->len > ROWS_SHOWN)
        g_string_append_printf(out, "; and %u more", rows->rows->len - ROWS_SHOWN);
    return g_utf8_make_valid(out->str, (gssize)out->len);
}

bool step_refuse_rows(const RowSet *rows, StepError code, const char *what, GError **error)
{
    if (!rows || rows->rows->len == 0)
        return true;
    g_autofree char *text = step_rows_text(rows);
    g_propagate_error(error, step_error_of_rows(code, what, rows->rows->len, text));
    return false;
}

/* Without a result set there is nothing that says the step may go on. */
static bool refuse_answer(const RowSet *rows, StepError code, const char *what, GError **error)
{
    if (rows)
        return step_refuse_rows(rows, code, what, error);
    g_set_error(error, STEP_ERROR, (int)code, "%s returned no result set", what);
    return false;
}

/* Runs a check or verify section; any row is a refusal. */
static bool run_queries(const StepContext *context, const Section *section, StepError code, const char *what,
                        GError **error)
{
    g_autoptr(Script) script =
        plan_section_script(section, context->store.dialect, context->variables, error);
    if (!script)
        return false;
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    for (unsigned i = 0; i < script_length(script); i++) {
        BatchItem item = step_statement_item(script, i, true);
        batch_add(batch, &item);
    }
    if (!connection_execute(context->connection, batch, &result, error)) {
        g_prefix_error(error, "%s could not be read: ", what);
        return false;
    }
    for (unsigned i = 0; i < script_length(script); i++)
        if (!refuse_answer(batch_result_rows(&result, i), code, what, error))
            return false;
    return true;
}

bool step_check(const StepContext *context, const PlanStep *step, GError **error)
{
    return !step->check ||
           run_queries(context, plan_step_check(step), STEP_ERROR_CHECK, "migrate:check", error);
}

bool step_verify(const StepContext *context, const PlanStep *step, GError **error)
{
    return !step->verify ||
           run_queries(context, plan_step_verify(step), STEP_ERROR_VERIFY, "migrate:verify", error);
}
