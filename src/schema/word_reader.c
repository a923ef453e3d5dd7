/* Word reader: walks over the words of one statement. Knows names and parentheses, no statement. Pure. */
#include "schema/statement_internal.h"

#include <string.h>

const SqlWord *reader_peek(const WordReader *self, guint ahead)
{
    return self->at + ahead < self->words->len ? self->words->pdata[self->at + ahead] : NULL;
}

bool reader_take(WordReader *self, const char *word)
{
    const SqlWord *next = reader_peek(self, 0);
    bool is = next && sql_word_is(next, word);
    self->at += is;
    return is;
}

bool reader_take_one(WordReader *self, const char *alternatives)
{
    g_auto(GStrv) words = g_strsplit(alternatives, "|", -1);
    for (char **word = words; *word; word++)
        if (reader_take(self, *word))
            return true;
    return false;
}

bool reader_take_sign(WordReader *self, char sign)
{
    const SqlWord *next = reader_peek(self, 0);
    bool is = next && sql_word_is_sign(next, sign);
    self->at += is;
    return is;
}

bool reader_skip_past(WordReader *self, const char *word)
{
    guint depth = 0;
    for (const SqlWord *next; (next = reader_peek(self, 0));) {
        self->at++;
        if (sql_word_is_sign(next, '('))
            depth++;
        else if (sql_word_is_sign(next, ')') && depth > 0)
            depth--;
        else if (depth == 0 && sql_word_is(next, word))
            return true;
    }
    return false;
}

bool reader_has(const WordReader *self, const char *word)
{
    for (guint i = self->at; i < self->words->len; i++)
        if (sql_word_is(self->words->pdata[i], word))
            return true;
    return false;
}

bool reader_take_if_exists(WordReader *self)
{
    WordReader ahead = *self;
    if (!reader_take(&ahead, "if"))
        return false;
    reader_take(&ahead, "not");
    if (!reader_take(&ahead, "exists"))
        return false;
    self->at = ahead.at;
    return true;
}

/* PostgreSQL keeps unquoted names in lower case. */
char *reader_take_ident(WordReader *self)
{
    const SqlWord *word = reader_peek(self, 0);
    if (!word || !sql_word_is_name(word))
        return NULL;
    self->at++;
    bool folds = self->dialect == DIALECT_POSTGRES && word->kind == SQL_WORD_PLAIN;
    return folds ? g_utf8_strdown(word->text, -1) : g_strdup(word->text);
}

ObjectName *reader_take_name(WordReader *self, ObjectKind kind)
{
    char *first = reader_take_ident(self);
    if (!first)
        return NULL;
    ObjectName *name = g_new0(ObjectName, 1);
    name->kind = kind;
    name->name = first;
    if (reader_take_sign(self, '.')) {
        name->schema = g_steal_pointer(&name->name);
        name->name = reader_take_ident(self);
    }
    if (name->name)
        return name;
    object_name_free(name);
    return NULL;
}

void object_name_free(ObjectName *self)
{
    if (!self)
        return;
    g_free(self->schema);
    g_free(self->name);
    g_free(self->table);
    g_free(self->index);
    g_free(self);
}
