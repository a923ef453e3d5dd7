/* PostgreSQL: reading and writing the texts that attributes hold. */
#include "schema/postgres/catalog_internal.h"
#include "schema/postgres/write_internal.h"

#include <string.h>

/* Behind the quoted text that begins at `quote`. What the server prints doubles its quotes. */
static const char *after_quoted(const char *quote)
{
    const char *end = strchr(quote + 1, *quote);
    return end ? end + 1 : quote + strlen(quote);
}

const char *pg_closing(const char *open)
{
    unsigned depth = 0;
    for (const char *c = open; *c;) {
        if (*c == '\'' || *c == '"') {
            c = after_quoted(c);
            continue;
        }
        depth += *c == '(';
        depth -= *c == ')';
        if (depth == 0)
            return c;
        c++;
    }
    return NULL;
}

char *pg_parenthesised(const char *expression)
{
    const char *close = *expression == '(' ? pg_closing(expression) : NULL;
    bool is = close && !close[1];
    return is ? g_strdup(expression) : g_strdup_printf("(%s)", expression);
}

GStrv pg_list_elements(const char *list)
{
    GPtrArray *elements = g_ptr_array_new();
    const char *start = list;
    const char *c = list;
    while (*c) {
        if (*c == '\'' || *c == '"') {
            c = after_quoted(c);
        } else if (*c == '(') {
            const char *close = pg_closing(c);
            c = close ? close + 1 : c + 1;
        } else if (*c == ',') {
            g_ptr_array_add(elements, g_strndup(start, (gsize)(c - start)));
            start = c + 1 + strspn(c + 1, " \n");
            c = start;
        } else {
            c++;
        }
    }
    if (c > start)
        g_ptr_array_add(elements, g_strndup(start, (gsize)(c - start)));
    g_ptr_array_add(elements, NULL);
    return (GStrv)g_ptr_array_free(elements, FALSE);
}

unsigned pg_major(const PgWriting *self)
{
    return catalog_major(schema_model_server(self->diff->after));
}

const char *pg_attribute_or(const SchemaObject *object, const char *name, const char *otherwise)
{
    const char *value = schema_object_get(object, name);
    return value ? value : otherwise;
}

char *pg_unquoted(const char *name)
{
    if (*name != '"')
        return g_strdup(name);
    GString *text = g_string_new(NULL);
    for (const char *c = name + 1; *c && (*c != '"' || c[1] == '"'); c++) {
        g_string_append_c(text, *c);
        c += *c == '"';
    }
    return g_string_free(text, FALSE);
}
