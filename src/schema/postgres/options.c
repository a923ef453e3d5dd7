/* PostgreSQL: lists of options, "fillfactor=70, toast.autovacuum_enabled=false". Pure. */
#include "schema/postgres/write_internal.h"

#include <string.h>

static bool has(GStrv options, const char *option)
{
    return g_strv_contains((const char *const *)options, option);
}

static bool has_name(GStrv options, const char *name, gsize length)
{
    for (; *options; options++)
        if (strncmp(*options, name, length) == 0 && (*options)[length] == '=')
            return true;
    return false;
}

void pg_write_options(PgWriting *self, const char *what, const char *before, const char *after)
{
    g_auto(GStrv) old = pg_list_elements(before ? before : "");
    g_auto(GStrv) new = pg_list_elements(after ? after : "");
    g_autoptr(GString) set = g_string_new(NULL);
    g_autoptr(GString) reset = g_string_new(NULL);
    for (char **option = new; *option; option++)
        if (!has(old, *option))
            g_string_append_printf(set, "%s%s", set->len ? ", " : "", *option);
    for (char **option = old; *option; option++) {
        gsize length = strcspn(*option, "=");
        if (!has_name(new, *option, length))
            g_string_append_printf(reset, "%s%.*s", reset->len ? ", " : "", (int)length, *option);
    }
    if (set->len)
        change_script_add(self->script, "ALTER %s SET (%s)", what, set->str);
    if (reset->len)
        change_script_add(self->script, "ALTER %s RESET (%s)", what, reset->str);
}
