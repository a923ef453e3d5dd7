/* Words: takes a statement apart with the dialect's lexer. Knows no statement. Pure. */
#include "sql/words.h"

#include "sql/lexer_internal.h"

#include <string.h>

static void word_free(SqlWord *self)
{
    g_free(self->text);
    g_free(self);
}

/* `start` to `end` are quotes; a doubled one inside stands for one. */
static char *unquoted(const char *start, const char *end)
{
    char quote = *start;
    GString *text = g_string_new(NULL);
    for (const char *c = start + 1; c < end - 1; c++) {
        g_string_append_c(text, *c);
        if (*c == quote && c + 1 < end - 1 && c[1] == quote)
            c++;
    }
    return g_string_free(text, FALSE);
}

static SqlWord *word_new(const Lexer *lexer, const Token *token)
{
    static const SqlWordKind kinds[] = {
        [TOKEN_WORD] = SQL_WORD_PLAIN, [TOKEN_QUOTED] = SQL_WORD_QUOTED, [TOKEN_PUNCT] = SQL_WORD_SIGN};
    const char *start = lexer->text + token->start, *end = lexer->text + token->end;
    bool quoted = token->kind == TOKEN_QUOTED;
    SqlWord *self = g_new0(SqlWord, 1);
    self->kind = kinds[token->kind];
    self->quote = quoted ? *start : '\0';
    self->start = token->start;
    self->end = token->end;
    self->text =
        quoted && strchr("'\"`[", *start) ? unquoted(start, end) : g_strndup(start, (gsize)(end - start));
    return self;
}

GPtrArray *sql_words(const char *text, gsize length, Dialect dialect)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func((GDestroyNotify)word_free);
    Lexer lexer = lexer_at(text, length, 0, dialect);
    for (Token token = lexer_next(&lexer); token.kind != TOKEN_END; token = lexer_next(&lexer)) {
        if (token.kind == TOKEN_UNCLOSED)
            return NULL;
        if (token.kind == TOKEN_WORD || token.kind == TOKEN_QUOTED || token.kind == TOKEN_PUNCT)
            g_ptr_array_add(words, word_new(&lexer, &token));
    }
    return g_steal_pointer(&words);
}

bool sql_text_has_word(const char *text, gsize length, Dialect dialect, const char *word)
{
    Lexer lexer = lexer_at(text, length, 0, dialect);
    for (Token token = lexer_next(&lexer); token.kind != TOKEN_END; token = lexer_next(&lexer)) {
        if (token_is_word(&lexer, &token, word))
            return true;
        if (token.kind == TOKEN_UNCLOSED)
            return false;
    }
    return false;
}

bool sql_word_is(const SqlWord *self, const char *word)
{
    return self->kind == SQL_WORD_PLAIN && g_ascii_strcasecmp(self->text, word) == 0;
}

bool sql_word_is_sign(const SqlWord *self, char sign)
{
    return self->kind == SQL_WORD_SIGN && self->text[0] == sign;
}

bool sql_word_is_name(const SqlWord *self)
{
    return self->kind == SQL_WORD_PLAIN || (self->kind == SQL_WORD_QUOTED && strchr("\"`[", self->quote));
}
