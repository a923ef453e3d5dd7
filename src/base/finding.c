/* Findings: lists of plain values. Owns their texts; refuses to judge. Any thread. */
#include "base/finding.h"

const char *finding_level_name(FindingLevel level)
{
    static const char *const names[] = {[FINDING_OK] = "ok",
                                        [FINDING_NOTE] = "note",
                                        [FINDING_WARNING] = "warning",
                                        [FINDING_ERROR] = "error"};
    return names[level];
}

void finding_free(Finding *self)
{
    if (!self)
        return;
    g_free(self->found);
    g_free(self->advice);
    g_free(self);
}

GPtrArray *findings_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
}

/* Takes over `found`. */
static void add(GPtrArray *self, Finding finding, const char *advice, char *found)
{
    Finding *added = g_new(Finding, 1);
    *added = finding;
    added->found = found;
    added->advice = g_strdup(advice);
    g_ptr_array_add(self, added);
}

void findings_add(GPtrArray *self, FindingLevel level, const char *subject, const char *advice,
                  const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(self, (Finding){.level = level, .subject = subject}, advice, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

void findings_add_of_server(GPtrArray *self, FindingLevel level, const char *subject, const char *advice,
                            const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(self, (Finding){.level = level, .of_server = true, .subject = subject}, advice,
        g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

FindingLevel findings_worst(const GPtrArray *self)
{
    FindingLevel worst = FINDING_OK;
    for (guint i = 0; i < self->len; i++)
        worst = MAX(worst, ((const Finding *)self->pdata[i])->level);
    return worst;
}

char *finding_names(const GPtrArray *names, guint shown)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(shown, names->len); i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", (const char *)names->pdata[i]);
    if (names->len > shown)
        g_string_append_printf(text, " and %u more", names->len - shown);
    return g_string_free(text, FALSE);
}
