/* Columns of all dialects in one form: from the attributes that their models share. */
#include "lint/lint_schema_internal.h"
#include "sql/words.h"

#include <string.h>

const char *lint_definition(const SchemaObject *object)
{
    static const char *const names[] = {"def", "definition", NULL};
    for (const char *const *name = names; *name; name++) {
        const char *value = schema_object_get(object, *name);
        if (value)
            return value;
    }
    return "";
}

bool lint_is_partition(const SchemaObject *table)
{
    return schema_object_get(table, "partition_bound") != NULL;
}

char *lint_bare_name(const char *name)
{
    g_autoptr(GPtrArray) words = sql_words(name, strlen(name), DIALECT_SQLITE);
    const SqlWord *first = words && words->len > 0 ? words->pdata[0] : NULL;
    return g_strdup(first && first->kind == SQL_WORD_QUOTED ? first->text : name);
}

const SchemaObject *lint_column_of(const SchemaModel *model, const char *table, const char *name)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(model, table, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        g_autofree char *bare = lint_bare_name(column->name);
        if (g_ascii_strcasecmp(bare, name) == 0)
            return column;
    }
    return NULL;
}

void lint_column_read(LintColumn *self, const SchemaObject *column)
{
    const char *preset = schema_object_get(column, "default");
    *self = (LintColumn){.type = g_strdup(schema_object_get(column, "type")),
                         .not_null = schema_object_get(column, "notnull") != NULL,
                         .generated = schema_object_get(column, "generated") != NULL,
                         .identity = schema_object_get(column, "identity") ||
                                     schema_object_get(column, "auto_increment") ||
                                     (preset && g_str_has_prefix(preset, "nextval("))};
    if (preset && g_ascii_strcasecmp(preset, "null") != 0)
        self->preset = g_strdup(preset);
}

void lint_column_clear(LintColumn *self)
{
    g_clear_pointer(&self->type, g_free);
    g_clear_pointer(&self->preset, g_free);
}
