/* Hints: their list and the forms in which they are written. */
#include "schema/hints.h"

#include "schema/schema_dialect.h"
#include <string.h>

static void rename_free(gpointer data)
{
    SchemaRename *self = data;
    g_free(self->parent);
    g_free(self->before);
    g_free(self->after);
    g_free(self);
}

static void using_free(gpointer data)
{
    SchemaUsing *self = data;
    g_free(self->column);
    g_free(self->expression);
    g_free(self);
}

SchemaHints *schema_hints_new(void)
{
    SchemaHints *self = g_new0(SchemaHints, 1);
    self->renames = g_ptr_array_new_with_free_func(rename_free);
    self->usings = g_ptr_array_new_with_free_func(using_free);
    return self;
}

void schema_hints_free(SchemaHints *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->renames);
    g_ptr_array_unref(self->usings);
    g_free(self);
}

void schema_hints_take_rename(SchemaHints *self, SchemaRename *rename)
{
    g_ptr_array_add(self->renames, rename);
}

void schema_hints_take_using(SchemaHints *self, SchemaUsing *using)
{
    g_ptr_array_add(self->usings, using);
}

void schema_hints_add_all(SchemaHints *self, const SchemaHints *other)
{
    for (guint i = 0; i < other->renames->len; i++) {
        const SchemaRename *rename = other->renames->pdata[i];
        SchemaRename *copy = g_new(SchemaRename, 1);
        *copy = (SchemaRename){rename->kind, g_strdup(rename->parent), g_strdup(rename->before),
                               g_strdup(rename->after), rename->place};
        schema_hints_take_rename(self, copy);
    }
    for (guint i = 0; i < other->usings->len; i++) {
        const SchemaUsing *using = other->usings->pdata[i];
        SchemaUsing *copy = g_new(SchemaUsing, 1);
        *copy = (SchemaUsing){g_strdup(using->column), g_strdup(using->expression), using->place};
        schema_hints_take_using(self, copy);
    }
}

/* ---- Forms ---- */

/* What can be renamed, and whether its name stands behind that of what it is part of. */
static const struct {
    const char *word;
    SchemaKind kind;
    bool has_parent;
} rename_forms[] = {
    {"table", SCHEMA_TABLE, false},       {"column", SCHEMA_COLUMN, true},
    {"value", SCHEMA_ENUM, true},         {"type", SCHEMA_ENUM, false},
    {"view", SCHEMA_VIEW, false},         {"sequence", SCHEMA_SEQUENCE, false},
    {"function", SCHEMA_FUNCTION, false}, {"schema", SCHEMA_NAMESPACE, false},
};

static bool rename_form_error(const char *text, GError **error)
{
    g_set_error(
        error, SCHEMA_ERROR, SCHEMA_ERROR_REFUSED,
        "--rename \"%s\" is not of the form table:OLD=NEW, column:TABLE.OLD=NEW or value:TYPE.OLD=NEW", text);
    return false;
}

bool schema_hints_add_rename(SchemaHints *self, const char *text, GError **error)
{
    const char *colon = strchr(text, ':');
    const char *equals = colon ? strchr(colon, '=') : NULL;
    if (!equals || equals == colon + 1 || !equals[1])
        return rename_form_error(text, error);
    g_autofree char *word = g_strndup(text, colon - text);
    g_autofree char *before = g_strndup(colon + 1, equals - colon - 1);
    for (gsize i = 0; i < G_N_ELEMENTS(rename_forms); i++) {
        char *dot = rename_forms[i].has_parent ? strrchr(before, '.') : NULL;
        if (!g_str_equal(rename_forms[i].word, word))
            continue;
        if (rename_forms[i].has_parent && !dot)
            return rename_form_error(text, error);
        SchemaRename *rename = g_new0(SchemaRename, 1);
        rename->kind = rename_forms[i].kind;
        rename->parent = dot ? g_strndup(before, dot - before) : NULL;
        rename->before = g_strdup(dot ? dot + 1 : before);
        rename->after = g_strdup(equals + 1);
        schema_hints_take_rename(self, rename);
        return true;
    }
    return rename_form_error(text, error);
}

/* What a parent is called before the renames: a table, or a column of one. Caller frees. */
static char *parent_before(const SchemaHints *self, const char *parent)
{
    const char *table = schema_hints_before(self, SCHEMA_TABLE, NULL, parent);
    const char *dot = strrchr(parent, '.');
    if (table || !dot)
        return g_strdup(table ? table : parent);
    g_autofree char *of = g_strndup(parent, (gsize)(dot - parent));
    const char *of_before = schema_hints_before(self, SCHEMA_TABLE, NULL, of);
    const char *column = schema_hints_before(self, SCHEMA_COLUMN, of, dot + 1);
    return g_strdup_printf("%s.%s", of_before ? of_before : of, column ? column : dot + 1);
}

SchemaHints *schema_hints_inverted(const SchemaHints *self)
{
    SchemaHints *inverted = schema_hints_new();
    inverted->allow_recreate = self->allow_recreate;
    inverted->strict_order = self->strict_order;
    inverted->is_way_back = !self->is_way_back;
    for (guint i = 0; i < self->renames->len; i++) {
        const SchemaRename *rename = self->renames->pdata[i];
        SchemaRename *back = g_new0(SchemaRename, 1);
        back->kind = rename->kind;
        back->parent = rename->parent ? parent_before(self, rename->parent) : NULL;
        back->before = g_strdup(rename->after);
        back->after = g_strdup(rename->before);
        back->place = rename->place;
        schema_hints_take_rename(inverted, back);
    }
    return inverted;
}

/* ---- Asking ---- */

/* True if they are the same, or `key` is longer by a schema in front: public.orders for orders. */
static bool names_key(const char *written, const char *key)
{
    gsize length = strlen(written);
    gsize whole = strlen(key);
    if (g_str_equal(written, key))
        return true;
    return whole > length && key[whole - length - 1] == '.' && g_str_equal(key + whole - length, written);
}

const char *schema_hints_using(const SchemaHints *self, const char *column_key)
{
    for (guint i = 0; self && i < self->usings->len; i++) {
        const SchemaUsing *using = self->usings->pdata[i];
        if (names_key(using->column, column_key))
            return using->expression;
    }
    return NULL;
}

const char *schema_hints_before(const SchemaHints *self, SchemaKind kind, const char *parent,
                                const char *after)
{
    for (guint i = 0; self && i < self->renames->len; i++) {
        const SchemaRename *rename = self->renames->pdata[i];
        bool same_parent = !rename->parent ? !parent : parent && names_key(rename->parent, parent);
        if (rename->kind == kind && same_parent && names_key(rename->after, after))
            return rename->before;
    }
    return NULL;
}
