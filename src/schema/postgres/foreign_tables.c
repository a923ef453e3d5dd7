/* PostgreSQL: foreign tables. Their server is not modelled: it must be there. Pure. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

char *pg_foreign_suffix(const SchemaObject *table)
{
    const char *server = schema_object_get(table, "server");
    const char *options = schema_object_get(table, "server_options");
    return g_strconcat(server ? " SERVER " : "", server ? server : "", options ? " OPTIONS (" : "",
                       options ? options : "", options ? ")" : "", NULL);
}

char *pg_foreign_column_options(const SchemaObject *column)
{
    const char *options = schema_object_get(column, "server_options");
    return options ? g_strdup_printf(" OPTIONS (%s)", options) : g_strdup("");
}

/* How long the name in "name 'value'" is. */
static gsize name_length(const char *option)
{
    return *option == '"' ? strcspn(option + 1, "\"") + 2 : strcspn(option, " ");
}

static bool has_name(GStrv options, const char *option)
{
    gsize length = name_length(option);
    for (; *options; options++)
        if (name_length(*options) == length && strncmp(*options, option, length) == 0)
            return true;
    return false;
}

char *pg_foreign_option_changes(const char *before, const char *after)
{
    g_auto(GStrv) old = pg_list_elements(before);
    g_auto(GStrv) new = pg_list_elements(after);
    GString *changes = g_string_new(NULL);
    for (char **option = new; *option; option++)
        if (!g_strv_contains((const char *const *)old, *option))
            g_string_append_printf(changes, "%s%s %s", changes->len ? ", " : "",
                                   has_name(old, *option) ? "SET" : "ADD", *option);
    for (char **option = old; *option; option++)
        if (!has_name(new, *option))
            g_string_append_printf(changes, "%sDROP %.*s", changes->len ? ", " : "",
                                   (int)name_length(*option), *option);
    return g_string_free(changes, FALSE);
}
