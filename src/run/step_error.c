/* Step errors: the domain of what speaks against a step that no database says, with the rows it speaks from.
 */
#include "run/step_apply_internal.h"
#include <string.h>

typedef struct StepErrorPrivate {
    char *rows; /* NULL: not about rows */
} StepErrorPrivate;

static void step_error_private_init(StepErrorPrivate *self)
{
    self->rows = NULL;
}

static void step_error_private_copy(const StepErrorPrivate *source, StepErrorPrivate *copy)
{
    copy->rows = g_strdup(source->rows);
}

static void step_error_private_clear(StepErrorPrivate *self)
{
    g_free(self->rows);
}

G_DEFINE_EXTENDED_ERROR(StepError, step_error)

GError *step_error_of_rows(StepError code, const char *what, unsigned count, const char *rows)
{
    GError *error = g_error_new(STEP_ERROR, (gint)code, "%s returned %u %s: %s", what, count,
                                count == 1 ? "row" : "rows", rows);
    step_error_get_private(error)->rows = g_strdup(rows);
    return error;
}

const char *step_error_rows(const GError *error)
{
    return error->domain == STEP_ERROR ? step_error_get_private(error)->rows : NULL;
}

char *step_error_without_rows(const GError *error)
{
    const char *rows = step_error_rows(error);
    gsize length = strlen(error->message);
    return g_strndup(error->message, rows ? length - strlen(rows) - strlen(": ") : length);
}
