/* Owns the words in which a session that holds a lock is described, the same for every driver. Refuses to
 * show more of its SQL than verb and object. Any thread. */
#include "drivers/blocker_internal.h"

#include "base/duration.h"
#include "sql/script.h"

#include <string.h>

static const struct {
    const char *does;
    const char *statement;
} words[] = {
    [BLOCKER_RUNS] = {"its statement runs", ": "},
    [BLOCKER_IDLES] = {"idle", ", last statement "},
    [BLOCKER_DAWDLES] = {"idle in a transaction", ", last statement "},
};

static void append_part(GString *text, const char *label, const char *value)
{
    if (value && *value)
        g_string_append_printf(text, ", %s %s", label, value);
}

static void append_activity(GString *text, const Blocker *self)
{
    g_string_append_printf(text, ", %s", words[self->activity].does);
    if (self->seconds) {
        gint64 seconds = g_ascii_strtoll(self->seconds, NULL, 10);
        g_autofree char *took =
            seconds > 0 ? duration_format(seconds * G_USEC_PER_SEC) : g_strdup("less than 1 s");
        g_string_append_printf(text, " for %s", took);
    }
    if (self->sql && *self->sql) {
        g_autofree char *gist = sql_statement_gist(self->sql, strlen(self->sql), self->dialect);
        g_string_append_printf(text, "%s%s", words[self->activity].statement, gist);
    }
    if (self->waits)
        g_string_append(text, ", itself waiting for a lock");
}

void blocker_append(GString *text, const Blocker *self)
{
    g_string_append(text, self->name);
    append_part(text, "user", self->user);
    append_part(text, "application", self->application);
    append_part(text, "from", self->from);
    if (self->activity == BLOCKER_HIDDEN)
        g_string_append_printf(text, ", what it does is hidden: our role lacks %s", self->missing);
    else
        append_activity(text, self);
}
