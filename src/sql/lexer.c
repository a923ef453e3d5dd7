/* Owns what the dialects' lexers share. Knows no dialect's comments or quotes itself. Any thread. */
#include "sql/lexer_internal.h"

#include <string.h>

typedef Token (*LexerNext)(Lexer *self);

static const LexerNext NEXT[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = lexer_next_postgres,
    [DIALECT_MYSQL] = lexer_next_mysql,
    [DIALECT_MARIADB] = lexer_next_mysql,
    [DIALECT_SQLITE] = lexer_next_sqlite,
};

Lexer lexer_at(const char *text, gsize length, gsize pos, Dialect dialect)
{
    return (Lexer){
        .text = text,
        .length = length,
        .pos = pos,
        .dialect = dialect,
        .backslash_escapes = dialect_is_mysql_family(dialect),
        .delimiter = ";",
        .delimiter_length = 1,
    };
}

Lexer lexer_within(const Lexer *self, gsize start, gsize end)
{
    Lexer lexer = *self;

    lexer.pos = start;
    lexer.length = end;
    lexer.versioned = false;
    return lexer;
}

Token lexer_next(Lexer *self)
{
    return NEXT[self->dialect](self);
}

int token_find_word(const Lexer *self, const Token *token, const char *const *words, gsize count)
{
    for (gsize i = 0; token->kind == TOKEN_WORD && i < count; i++)
        if (token_is_word(self, token, words[i]))
            return (int)i;
    return -1;
}

Token lexer_token(const Lexer *self, TokenKind kind, gsize start)
{
    return (Token){.kind = kind, .start = start, .end = self->pos};
}

Token lexer_unclosed(Lexer *self, gsize start, const char *what)
{
    self->pos = self->length;
    self->versioned = false;
    return (Token){.kind = TOKEN_UNCLOSED, .start = start, .end = self->length, .what = what};
}

bool lexer_skip_past(Lexer *self, const char *ending)
{
    gsize ending_length = strlen(ending);
    const char *from = self->text + self->pos;
    const char *found = memmem(from, self->length - self->pos, ending, ending_length);

    self->pos = found == NULL ? self->length : (gsize)(found - self->text) + ending_length;
    return found != NULL;
}

bool lexer_skip_quoted(Lexer *self, char quote, bool backslash)
{
    while (self->pos < self->length) {
        char byte = self->text[self->pos++];
        if (byte == '\\' && backslash) {
            self->pos = MIN(self->pos + 1, self->length);
        } else if (byte == quote) {
            if (lexer_peek(self, 0) != quote)
                return true;
            self->pos++;
        }
    }
    return false;
}

Token lexer_quoted(Lexer *self, gsize prefix, bool backslash, const char *what)
{
    gsize start = self->pos;
    char quote = self->text[start + prefix];

    self->pos = start + prefix + 1;
    if (!lexer_skip_quoted(self, quote, backslash))
        return lexer_unclosed(self, start, what);
    return lexer_token(self, TOKEN_QUOTED, start);
}

Token lexer_punct(Lexer *self)
{
    self->pos++;
    return lexer_token(self, TOKEN_PUNCT, self->pos - 1);
}

void lexer_skip_line(Lexer *self, bool carriage_return)
{
    while (self->pos < self->length && self->text[self->pos] != '\n' &&
           !(carriage_return && self->text[self->pos] == '\r'))
        self->pos++;
}
