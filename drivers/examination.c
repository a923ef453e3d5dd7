/* Examinations: what drivers find in a target and its server, and what all of them look at in the same way.
 * Owns the findings; refuses to change anything. The connection's thread only. */
#include "drivers/examine_internal.h"

Examination *examination_new(void)
{
    Examination *self = g_new0(Examination, 1);
    self->findings = findings_new();
    return self;
}

void examination_free(Examination *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->findings);
    g_free(self);
}

void connection_examine(Connection *self, const ExamineOptions *options, Examination *examination)
{
    if (self->driver->examine)
        self->driver->examine(self, options, examination);
}

RowSet *examine_query(Connection *self, Examination *examination, const char *subject, const char *sql)
{
    g_autoptr(GError) error = NULL;
    RowSet *rows = connection_query(self, sql, &error);
    if (!rows)
        findings_add(examination->findings, FINDING_NOTE, subject,
                     "Give this user the right to read it, if it matters here.", "could not be looked at: %s",
                     error->message);
    return rows;
}

GPtrArray *examine_names(const RowSet *rows)
{
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; rows && i < rows->rows->len; i++)
        g_ptr_array_add(names, ((char **)rows->rows->pdata[i])[0]);
    return names;
}

gint64 examine_number(const char *text)
{
    return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static bool holds_name(const GPtrArray *names, const char *name)
{
    for (guint i = 0; i < names->len; i++)
        if (g_ascii_strcasecmp(names->pdata[i], name) == 0)
            return true;
    return false;
}

void examine_history_columns(const ExamineOptions *options, const GPtrArray *names, Examination *examination)
{
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    for (const char *const *column = options->history_columns; names->len > 0 && *column; column++)
        if (!holds_name(names, *column))
            g_ptr_array_add(missing, (gpointer)*column);
    if (missing->len == 0)
        return;
    g_autofree char *list = finding_names(missing, missing->len);
    findings_add(examination->findings, FINDING_ERROR, "history",
                 "It is not dbfleet's table, or was changed by hand: rename it, and the next step begins a "
                 "new one.",
                 "table %s lacks %s %s", options->history_table, missing->len == 1 ? "column" : "columns",
                 list);
}
