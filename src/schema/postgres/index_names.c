/* PostgreSQL: the names that the server gives to indexes and constraints of partitions when it makes them for
 * those of the partitioned table. Where the wanted ones are called so, one statement makes them all. Source:
 * ChooseIndexName() of the server. Pure. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

#define NAME_BYTES_MAX 63u /* NAMEDATALEN - 1 */

/* The column that an element of an index is, without quotes; NULL: it is an expression. Caller frees. */
static char *element_column(const char *element)
{
    gsize length = *element == '"' ? strcspn(element + 1, "\"") + 2 : strcspn(element, " (");
    if (element[length] == '(' || *element == '(' || element[length] == '"')
        return NULL;
    g_autofree char *name = g_strndup(element, length);
    return pg_unquoted(name);
}

/* Adds "_column" for each element between parentheses; false: one is an expression. */
static bool add_columns(GString *name, const char *list, const char *end)
{
    g_autofree char *text = g_strndup(list, (gsize)(end - list));
    g_auto(GStrv) elements = pg_list_elements(text);
    for (char **element = elements; *element; element++) {
        g_autofree char *column = element_column(*element);
        if (!column)
            return false;
        g_string_append_printf(name, "_%s", column);
    }
    return true;
}

/* Those of the key, and those behind INCLUDE. */
static bool add_all_columns(GString *name, const char *def)
{
    static const char include[] = " INCLUDE (";
    const char *open = strchr(def, '(');
    const char *close = open ? pg_closing(open) : NULL;
    if (!close || !add_columns(name, open + 1, close))
        return false;
    if (!g_str_has_prefix(close + 1, include))
        return true;
    open = close + strlen(include);
    close = pg_closing(open);
    return close && add_columns(name, open + 1, close);
}

static const char *label_of(const SchemaObject *index)
{
    const char *type = pg_attribute(index, "type");
    if (index->kind == SCHEMA_INDEX)
        return "_idx";
    return g_str_equal(type, "primary key") ? "_pkey" : g_str_equal(type, "unique") ? "_key" : NULL;
}

bool pg_is_named_by_server(const SchemaModel *model, const SchemaObject *index)
{
    const SchemaObject *table = schema_model_find(model, SCHEMA_TABLE, index->parent);
    const char *label = label_of(index);
    if (!table || !label)
        return false;
    g_autofree char *table_name = pg_unquoted(table->name);
    g_autofree char *own_name = pg_unquoted(index->name);
    g_autoptr(GString) name = g_string_new(table_name);
    if (!g_str_equal(label, "_pkey") && !add_all_columns(name, pg_attribute(index, "def")))
        return false;
    g_string_append(name, label);
    return name->len <= NAME_BYTES_MAX && g_str_equal(name->str, own_name);
}
