/* Columns whose values become others by an expression that a person gave: a new column beside the old one is
 * filled, and takes its place and name in the table's ALTER. */
#include "schema/mysql/write_internal.h"

#include <string.h>

bool column_has_using(const MysqlWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    return !same_attribute(before, after, "type") && !schema_object_get(after, "generated") &&
           schema_hints_using(self->diff->hints, after->key) != NULL;
}

char *using_name(const SchemaObject *column)
{
    return g_strdup_printf("`dbfleet_new_%u`", column->position);
}

/* NULL as long as it is not filled. */
static char *empty_column(const SchemaObject *column)
{
    const char *charset = schema_object_get(column, "character set");
    const char *collation = schema_object_get(column, "collation");
    return g_strdup_printf("%s%s%s%s%s NULL", attribute_or_empty(column, "type"),
                           charset ? " CHARACTER SET " : "", charset ? charset : "",
                           collation ? " COLLATE " : "", collation ? collation : "");
}

void write_using(TableAlter *self, const SchemaObject *before, const SchemaObject *after)
{
    MysqlWriting *writing = self->writing;
    bool history = schema_object_get(self->before, ATTRIBUTE_VERSIONING) != NULL;
    g_autofree char *name = using_name(after);
    g_autofree char *definition = empty_column(after);
    g_autofree char *kept = kept_times(writing->diff->before, self->before->key);
    if (history)
        change_script_add(writing->script, SET_HISTORY_KEPT);
    ChangeStatement *statement =
        change_script_add(writing->script, "ALTER TABLE %s ADD COLUMN %s %s AFTER %s", self->after->name,
                          name, definition, before->name);
    statement->comment =
        g_strdup_printf("%s becomes %s as the schema files say", attribute_or_empty(before, "type"),
                        attribute_or_empty(after, "type"));
    if (history)
        change_script_add(writing->script, SET_HISTORY_DEFAULT);
    change_script_add(writing->script, "UPDATE %s SET %s = %s%s", self->after->name, name,
                      schema_hints_using(writing->diff->hints, after->key), kept);
}
