/* Keys: constraints and indexes of all dialects in one form, read from the text that defines them. */
#include "lint/lint_schema_internal.h"
#include "sql/words.h"

#include <string.h>

typedef struct Reader {
    GPtrArray *words;
    guint at;
} Reader;

static const SqlWord *peek(const Reader *self)
{
    return self->at < self->words->len ? self->words->pdata[self->at] : NULL;
}

static bool is(const Reader *self, guint ahead, const char *word)
{
    return self->at + ahead < self->words->len && sql_word_is(self->words->pdata[self->at + ahead], word);
}

/* Forward to the next such sign; false and at the end if there is none. */
static bool to_sign(Reader *self, char sign)
{
    while (peek(self) && !sql_word_is_sign(peek(self), sign))
        self->at++;
    return peek(self) != NULL;
}

/* ---- Columns ---- */

/* One entry of the list: a name, or an expression; true if another follows. */
static bool take_column(Reader *self, GPtrArray *columns)
{
    const SqlWord *first = peek(self);
    bool name = first && sql_word_is_name(first);
    unsigned depth = 0;
    for (guint words = 0; peek(self); self->at++, words++) {
        const SqlWord *word = peek(self);
        if (depth == 0 && (sql_word_is_sign(word, ',') || sql_word_is_sign(word, ')')))
            break;
        /* A length in parentheses, `name`(10), leaves a name a name; a call does not. */
        bool opens = sql_word_is_sign(word, '(');
        name = name && !(opens && words == 1 && first->kind == SQL_WORD_PLAIN);
        depth += opens;
        depth -= sql_word_is_sign(word, ')');
    }
    g_ptr_array_add(columns, g_strdup(name ? first->text : "(…)"));
    bool more = peek(self) && sql_word_is_sign(peek(self), ',');
    if (peek(self))
        self->at++;
    return more;
}

static void take_columns(Reader *self, GPtrArray *columns)
{
    if (!to_sign(self, '('))
        return;
    self->at++;
    while (peek(self) && take_column(self, columns))
        ;
}

char *lint_key_columns(const GPtrArray *columns)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < columns->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", (const char *)columns->pdata[i]);
    return g_string_free(text, FALSE);
}

/* ---- Kinds ---- */

static const struct {
    const char *first;
    const char *second; /* NULL: any */
    LintKeyKind kind;
} KINDS[] = {
    {"primary", "key", LINT_KEY_PRIMARY}, {"foreign", "key", LINT_KEY_FOREIGN},
    {"unique", NULL, LINT_KEY_UNIQUE},    {"check", NULL, LINT_KEY_CHECK},
    {"exclude", NULL, LINT_KEY_EXCLUDE},  {"references", NULL, LINT_KEY_FOREIGN},
    {"index", NULL, LINT_KEY_INDEX},      {"key", NULL, LINT_KEY_INDEX},
    {"fulltext", NULL, LINT_KEY_INDEX},   {"spatial", NULL, LINT_KEY_INDEX},
};

/* The first word that says what it is, with the reader on it. */
static LintKeyKind take_kind(Reader *self)
{
    for (; peek(self); self->at++)
        for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
            if (is(self, 0, KINDS[i].first) && (!KINDS[i].second || is(self, 1, KINDS[i].second)))
                return KINDS[i].kind;
    return LINT_KEY_OTHER;
}

static char *parent_name(Reader *self)
{
    GString *name = g_string_new(NULL);
    for (; peek(self) && !sql_word_is_sign(peek(self), '('); self->at++) {
        const SqlWord *word = peek(self);
        if (word->kind == SQL_WORD_QUOTED)
            g_string_append_printf(name, "%c%s%c", word->quote, word->text, word->quote);
        else
            g_string_append(name, word->text);
        const SqlWord *next = self->at + 1 < self->words->len ? self->words->pdata[self->at + 1] : NULL;
        bool goes_on = sql_word_is_sign(word, '.') || (next && sql_word_is_sign(next, '.'));
        if (!goes_on && !(next && sql_word_is_sign(next, '('))) {
            self->at = self->words->len;
            break;
        }
    }
    return g_string_free(name, FALSE);
}

static void read_foreign(LintKey *self, Reader *reader)
{
    if (!is(reader, 0, "references"))
        take_columns(reader, self->columns);
    while (peek(reader) && !is(reader, 0, "references"))
        reader->at++;
    if (!peek(reader))
        return;
    reader->at++;
    self->parent = parent_name(reader);
    if (peek(reader) && sql_word_is_sign(peek(reader), '('))
        take_columns(reader, self->parent_columns);
}

/* What stands in the outer parentheses, or behind a word, as it is written. */
static char *text_behind(const char *text, const char *word)
{
    const char *found = NULL;
    for (const char *at = text; (at = strcasestr(at, word)) != NULL; at++)
        found = found ? found : at;
    return found ? g_strstrip(g_strdup(found + strlen(word))) : NULL;
}

static char *check_expression(const char *text)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    return open && close > open ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
}

static bool has_words(const Reader *self, const char *first, const char *second)
{
    for (guint i = 0; i < self->words->len; i++)
        if (sql_word_is(self->words->pdata[i], first) &&
            (!second || (i + 1 < self->words->len && sql_word_is(self->words->pdata[i + 1], second))))
            return true;
    return false;
}

static bool is_special(const Reader *reader)
{
    static const char *const words[] = {"fulltext", "spatial", "gin",    "gist",
                                        "brin",     "hash",    "spgist", "ignored"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (has_words(reader, words[i], NULL))
            return true;
    return false;
}

/* The text of an index does not always say that it is one: it may begin behind its table's name. */
static void read_index(LintKey *self, Reader *reader, const char *text)
{
    self->special = is_special(reader);
    take_columns(reader, self->columns);
    if (has_words(reader, "where", NULL))
        self->expression = text_behind(text, " where ");
}

static void read_definition(LintKey *self, Reader *reader, const char *text)
{
    self->kind = take_kind(reader);
    if (self->kind == LINT_KEY_FOREIGN) {
        read_foreign(self, reader);
        return;
    }
    if (self->kind == LINT_KEY_CHECK) {
        self->expression = check_expression(text);
        return;
    }
    read_index(self, reader, text);
}

void lint_key_read(LintKey *self, const SchemaModel *model, const SchemaObject *object)
{
    const char *text = lint_definition(object);
    g_autoptr(GPtrArray) words = sql_words(text, strlen(text), schema_model_dialect(model));
    const char *table = schema_object_get(object, "table");
    *self = (LintKey){.table = g_strdup(object->parent ? object->parent : table),
                      .not_valid = schema_object_get(object, "not_valid") != NULL,
                      .columns = g_ptr_array_new_with_free_func(g_free),
                      .parent_columns = g_ptr_array_new_with_free_func(g_free)};
    Reader reader = {words, 0};
    if (!words)
        return;
    if (object->kind == SCHEMA_CONSTRAINT) {
        read_definition(self, &reader, text);
        return;
    }
    LintKeyKind kind = take_kind(&reader);
    bool unique = kind == LINT_KEY_UNIQUE || schema_object_get(object, "unique");
    self->kind = kind == LINT_KEY_PRIMARY ? kind : unique ? LINT_KEY_UNIQUE : LINT_KEY_INDEX;
    reader.at = 0;
    read_index(self, &reader, text);
}

void lint_key_clear(LintKey *self)
{
    g_clear_pointer(&self->table, g_free);
    g_clear_pointer(&self->columns, g_ptr_array_unref);
    g_clear_pointer(&self->parent_columns, g_ptr_array_unref);
    g_clear_pointer(&self->parent, g_free);
    g_clear_pointer(&self->expression, g_free);
}

static void key_free(gpointer data)
{
    lint_key_clear(data);
    g_free(data);
}

static void add_keys(GPtrArray *keys, const SchemaModel *model, const char *table, SchemaKind objects,
                     LintKeyKind kind)
{
    const GPtrArray *all = schema_model_objects(model);
    for (guint i = 0; i < all->len; i++) {
        const SchemaObject *object = all->pdata[i];
        if (object->kind != objects)
            continue;
        LintKey *key = g_new0(LintKey, 1);
        lint_key_read(key, model, object);
        if (g_strcmp0(key->table, table) == 0 && (kind == LINT_KEY_OTHER || key->kind == kind))
            g_ptr_array_add(keys, key);
        else
            key_free(key);
    }
}

GPtrArray *lint_keys_of(const SchemaModel *model, const char *table, LintKeyKind kind)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(key_free);
    add_keys(keys, model, table, SCHEMA_CONSTRAINT, kind);
    add_keys(keys, model, table, SCHEMA_INDEX, kind);
    return keys;
}
