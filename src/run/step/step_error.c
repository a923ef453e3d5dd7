/* Step errors: the domain of what speaks against a step that no database says, with what it speaks from:
 * rows, or the words of a program. */
#include "run/step/step_apply.h"
#include <string.h>

typedef struct StepErrorPrivate {
    char *detail;    /* NULL: none */
    bool in_message; /* the message ends with it */
} StepErrorPrivate;

static void step_error_private_init(StepErrorPrivate *self)
{
    *self = (StepErrorPrivate){0};
}

static void step_error_private_copy(const StepErrorPrivate *source, StepErrorPrivate *copy)
{
    *copy = (StepErrorPrivate){g_strdup(source->detail), source->in_message};
}

static void step_error_private_clear(StepErrorPrivate *self)
{
    g_free(self->detail);
}

G_DEFINE_EXTENDED_ERROR(StepError, step_error)

GError *step_error_new(StepError code, const char *message, const char *detail)
{
    GError *error = g_error_new_literal(STEP_ERROR, (gint)code, message);
    step_error_get_private(error)->detail = g_strdup(detail);
    return error;
}

GError *step_error_of_rows(StepError code, const char *what, unsigned count, const char *rows)
{
    g_autofree char *message =
        g_strdup_printf("%s returned %u %s: %s", what, count, count == 1 ? "row" : "rows", rows);
    GError *error = step_error_new(code, message, rows);
    step_error_get_private(error)->in_message = true;
    return error;
}

const char *step_error_detail(const GError *error)
{
    return error->domain == STEP_ERROR ? step_error_get_private(error)->detail : NULL;
}

char *step_error_message(const GError *error)
{
    const char *detail = step_error_detail(error);
    gsize length = strlen(error->message);
    bool cut = detail && step_error_get_private(error)->in_message;
    return g_strndup(error->message, cut ? length - strlen(detail) - strlen(": ") : length);
}
