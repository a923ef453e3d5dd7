/* Renames that a person asked for: tables, views, sequences, columns, labels of ENUM columns. */
#include "schema/mysql/write_internal.h"

#include <string.h>

typedef struct Renaming {
    const SchemaModel *model;
    const SchemaHints *hints;
    ChangeScript *script;
} Renaming;

/* Hints have names as written: with or without quotes. Caller frees. */
static char *plain_name(const char *written)
{
    const char *at = written;
    char *name = text_take_name(&at);
    return name ? name : g_strdup(written);
}

static char *plain_key(const char *written)
{
    g_autofree char *name = plain_name(written);
    return text_key_part(name);
}

/* Both there is a mistake of who asked; the old one gone means that it was done before. */
static bool is_wanted(const Renaming *self, SchemaKind kind, const char *before, const char *after)
{
    bool has_before = schema_model_find(self->model, kind, before);
    bool has_after = schema_model_find(self->model, kind, after);
    if (has_before && has_after)
        change_script_refuse(self->script, "%s %s cannot be renamed to %s: that is there too",
                             schema_kind_name(kind), before, after);
    return has_before && !has_after;
}

/* ---- Tables, views, sequences ---- */

static void rename_whole(const Renaming *self, const SchemaRename *rename)
{
    g_autofree char *before = plain_key(rename->before);
    g_autofree char *after = plain_key(rename->after);
    g_autofree char *old_name = plain_name(rename->before);
    g_autofree char *new_name = plain_name(rename->after);
    g_autofree char *old_quoted = text_quoted(old_name);
    g_autofree char *new_quoted = text_quoted(new_name);
    if (is_wanted(self, rename->kind, before, after))
        change_script_add(self->script, "RENAME TABLE %s TO %s", old_quoted, new_quoted);
}

/* ---- Columns ---- */

/* The table as it is called once tables were renamed, and as the model still has it. */
static const SchemaObject *table_of(const Renaming *self, const char *written, char **now)
{
    g_autofree char *key = plain_key(written);
    const char *before = schema_hints_before(self->hints, SCHEMA_TABLE, NULL, written);
    g_autofree char *old_key = before ? plain_key(before) : g_strdup(key);
    const SchemaObject *renamed = schema_model_find(self->model, SCHEMA_TABLE, old_key);
    *now = text_key_name(key);
    return renamed ? renamed : schema_model_find(self->model, SCHEMA_TABLE, key);
}

static void rename_column(const Renaming *self, const SchemaRename *rename)
{
    g_autofree char *table_name = NULL;
    const SchemaObject *table = table_of(self, rename->parent, &table_name);
    g_autofree char *old_name = plain_name(rename->before);
    g_autofree char *new_name = plain_name(rename->after);
    if (!table)
        return;
    g_autofree char *before = text_part_key(table->key, old_name);
    g_autofree char *after = text_part_key(table->key, new_name);
    g_autofree char *table_quoted = text_quoted(table_name);
    g_autofree char *old_quoted = text_quoted(old_name);
    g_autofree char *new_quoted = text_quoted(new_name);
    if (is_wanted(self, SCHEMA_COLUMN, before, after))
        change_script_add(self->script, "ALTER TABLE %s RENAME COLUMN %s TO %s", table_quoted, old_quoted,
                          new_quoted);
}

/* ---- Labels ---- */

/* The line of the column with another list of labels: "enum(…)" is what it begins with. */
static char *line_with(const SchemaObject *column, const GPtrArray *labels)
{
    const char *line = attribute_or_empty(column, ATTRIBUTE_LINE);
    GString *text = g_string_new("enum(");
    for (guint i = 0; i < labels->len; i++)
        g_string_append_printf(text, "%s%s", i ? "," : "", (char *)labels->pdata[i]);
    g_string_append_printf(text, ")%s", text_behind(strchr(line, '(')));
    return g_string_free(text, FALSE);
}

static bool find_label(const GPtrArray *labels, const char *label, guint *index)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)labels, label, g_str_equal, index);
}

/* A default that is the old label. */
static char *with_default(char *line, const char *old, const char *new)
{
    g_autofree char *owned = line;
    g_autofree char *old_default = g_strdup_printf(" DEFAULT %s", old);
    const char *at = strstr(line, old_default);
    if (!at)
        return g_steal_pointer(&owned);
    return g_strdup_printf("%.*s DEFAULT %s%s", (int)(at - line), line, new, at + strlen(old_default));
}

/* The new label behind the others, rows changed, then the new one in the place of the old one. */
static void write_label(const Renaming *self, const SchemaObject *column, const char *table, const char *name,
                        GPtrArray *labels, guint index, const char *label)
{
    g_autofree char *old = g_strdup(labels->pdata[index]);
    g_autofree char *kept = kept_times(self->model, column->parent);
    g_ptr_array_add(labels, g_strdup(label));
    g_autofree char *wide = line_with(column, labels);
    g_ptr_array_remove_index(labels, labels->len - 1);
    g_free(labels->pdata[index]);
    labels->pdata[index] = g_strdup(label);
    g_autofree char *narrow = with_default(line_with(column, labels), old, label);
    ChangeStatement *first =
        change_script_add(self->script, "ALTER TABLE %s MODIFY COLUMN %s %s", table, name, wide);
    first->comment = g_strdup_printf("label %s becomes %s", old, label);
    change_script_add(self->script, "UPDATE %s SET %s = %s%s WHERE %s = %s", table, name, label, kept, name,
                      old);
    change_script_add(self->script, "ALTER TABLE %s MODIFY COLUMN %s %s", table, name, narrow);
}

static const SchemaObject *column_of(const Renaming *self, const SchemaRename *rename, char **table,
                                     char **name)
{
    const char *dot = strrchr(rename->parent, '.');
    if (!dot)
        return NULL;
    g_autofree char *written = g_strndup(rename->parent, dot - rename->parent);
    g_autofree char *table_name = NULL;
    const SchemaObject *of = table_of(self, written, &table_name);
    const char *before = schema_hints_before(self->hints, SCHEMA_COLUMN, written, dot + 1);
    g_autofree char *old_name = plain_name(before ? before : dot + 1);
    g_autofree char *new_name = plain_name(dot + 1);
    g_autofree char *key = of ? text_part_key(of->key, old_name) : NULL;
    *table = text_quoted(table_name);
    *name = text_quoted(new_name);
    return key ? schema_model_find(self->model, SCHEMA_COLUMN, key) : NULL;
}

static void rename_label(const Renaming *self, const SchemaRename *rename)
{
    g_autofree char *table = NULL;
    g_autofree char *name = NULL;
    const SchemaObject *column = column_of(self, rename, &table, &name);
    const char *type = attribute_or_empty(column, "type");
    if (!g_str_has_prefix(type, "enum("))
        return;
    g_autofree char *inside = g_strndup(type + strlen("enum("), strlen(type) - strlen("enum()"));
    g_autoptr(GPtrArray) labels = text_split(inside, ',');
    g_autofree char *old = text_string(rename->before);
    g_autofree char *new = text_string(rename->after);
    guint index = 0;
    bool has_old = find_label(labels, old, &index);
    if (has_old && find_label(labels, new, NULL))
        change_script_refuse(self->script, "value %s of %s cannot be renamed to %s: that is there too", old,
                             column->key, new);
    else if (has_old)
        write_label(self, column, table, name, labels, index, new);
}

/* ---- All of them ---- */

static const struct {
    SchemaKind kind;
    bool has_parent;
    void (*rename)(const Renaming *self, const SchemaRename *rename);
} renamings[] = {
    {SCHEMA_TABLE, false, rename_whole},    {SCHEMA_VIEW, false, rename_whole},
    {SCHEMA_SEQUENCE, false, rename_whole}, {SCHEMA_COLUMN, true, rename_column},
    {SCHEMA_ENUM, true, rename_label},
};

/* Tables first: columns are told by the new names of their tables. */
void mysql_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script)
{
    Renaming self = {model, hints, script};
    for (gsize i = 0; i < G_N_ELEMENTS(renamings); i++)
        for (guint j = 0; j < hints->renames->len; j++) {
            const SchemaRename *rename = hints->renames->pdata[j];
            if (rename->kind == renamings[i].kind && renamings[i].has_parent == (rename->parent != NULL))
                renamings[i].rename(&self, rename);
        }
}
