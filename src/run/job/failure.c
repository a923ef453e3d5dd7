/* Failure: a step's error as the report shows it: class, place in the file, the statement's first lines and a
 * caret, with the secrets masked. */
#include "run/job/target_job.h"
#include "run/step/step_apply.h"
#include "sql/template.h"
#include <string.h>

#define SQL_LINES 3
#define SQL_WIDTH 72 /* columns: a page of 80 with its indent */

static const char *const step_error_names[] = {
    [STEP_ERROR_CHECK] = "check",
    [STEP_ERROR_VERIFY] = "verify",
    [STEP_ERROR_FOREIGN_KEYS] = "foreign-keys",
    [STEP_ERROR_EDITED_HEAD] = "edited-head",
    [STEP_ERROR_SESSION_LOST] = "session-lost",
    [STEP_ERROR_UNDECIDABLE] = "undecidable",
    [STEP_ERROR_BACKUP] = "backup",
};

static const char *class_of(const GError *error)
{
    if (error->domain == DB_ERROR)
        return db_error_class_name((DbErrorClass)error->code);
    if (error->domain == STEP_ERROR)
        return step_error_names[error->code];
    if (error->domain == PLAN_ERROR)
        return plan_problem_name((PlanProblem)error->code);
    if (error->domain == SQL_TEMPLATE_ERROR)
        return "undefined-variable";
    return "error";
}

/* Where in the file, and what the statement says there. */
static void fill_statement(Failure *self, const StepAttempt *attempt, const Mask *mask)
{
    const Script *script = attempt->script;
    const Statement *statement = script_at(script, (unsigned)attempt->failed);
    const char *text = script_text(script) + statement->start;
    gsize offset = attempt->failed_offset > 0 ? (gsize)attempt->failed_offset : 0;
    SourcePlace place = script_place_of(script, statement->start + MIN(offset, statement->length));
    self->line = place.line;
    self->column = place.column;
    self->statement = (unsigned)attempt->failed + 1;
    offset = MIN(offset, statement->length);
    g_autofree char *shown = mask_text(mask, text, statement->length, &offset);
    self->sql = sql_first_lines(shown, strlen(shown), SQL_LINES, SQL_WIDTH);
    if (attempt->failed_offset >= 0)
        self->excerpt = sql_caret_excerpt(shown, strlen(shown), offset, SQL_WIDTH);
}

static char *masked(const Mask *mask, const char *text)
{
    return text ? mask_text(mask, text, strlen(text), NULL) : NULL;
}

/* What stayed behind, and what was cleaned up. */
static void fill_aftermath(Failure *self, const StepAttempt *attempt, const Mask *mask)
{
    self->difference = masked(mask, attempt->difference);
    if (!attempt->note)
        return;
    g_autofree char *detail = self->detail;
    self->detail = g_strconcat(detail ? detail : "", detail ? "; " : "", attempt->note, NULL);
}

/* The section that the error is about. */
static const Section *failed_section(const GError *error, const PlanStep *step)
{
    if (g_error_matches(error, STEP_ERROR, STEP_ERROR_CHECK))
        return plan_step_check(step);
    return g_error_matches(error, STEP_ERROR, STEP_ERROR_VERIFY) ? plan_step_verify(step)
                                                                 : plan_step_section(step);
}

Failure *failure_from_error(const GError *error, const PlanStep *step, const StepAttempt *attempt,
                            const Mask *mask)
{
    Failure *self = failure_new();
    const DbErrorDetail *detail = db_error_detail(error);
    self->error_class = g_strdup(class_of(error));
    g_autofree char *message = step_error_message(error);
    self->message = masked(mask, message);
    self->detail = masked(mask, step_error_detail(error));
    if (detail) {
        self->code = g_strdup(detail->code);
        self->detail = masked(mask, detail->detail);
        self->hint = masked(mask, detail->hint);
    }
    if (step && step->revision) {
        self->revision = g_strdup(step->revision->id);
        self->direction = g_strdup(direction_name(step->direction));
        self->file = g_strdup(step->revision->file);
        self->line = failed_section(error, step)->place.line;
    }
    if (attempt)
        fill_aftermath(self, attempt, mask);
    if (attempt && attempt->script && attempt->failed >= 0)
        fill_statement(self, attempt, mask);
    return self;
}

char *undecidable_hint(const char *run_id, const char *target)
{
    return g_strdup_printf(
        "look at the database, then type one of: \"dbfleet resume %s --assume-done %s\" (it took "
        "effect), \"dbfleet resume %s --assume-not-done %s\" (it did not: it runs again), "
        "\"dbfleet stamp REVISION -l %s\" (the heads as you know them)",
        run_id, target, run_id, target, target);
}
