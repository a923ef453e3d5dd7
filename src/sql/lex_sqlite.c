/* Owns where SQLite's comments, strings and words end (sqlite.org "SQLite Keywords" and "SQL Comment Syntax";
 * the library's own tokenizer is the oracle in the tests). Any thread. */
#include "sql/lexer_internal.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* The library takes a byte order mark for a blank wherever a token could begin. */
static bool mark_here(const Lexer *self)
{
    gsize length = strlen(BYTE_ORDER_MARK);

    return self->length - self->pos >= length && memcmp(self->text + self->pos, BYTE_ORDER_MARK, length) == 0;
}

/* To the next token. False at a comment that is not closed; pos then is at its start. */
static bool skip_blanks(Lexer *self)
{
    while (self->pos < self->length) {
        char byte = self->text[self->pos];
        char next = lexer_peek(self, 1);
        gsize start = self->pos;
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r') {
            self->pos++;
        } else if (mark_here(self)) {
            self->pos += strlen(BYTE_ORDER_MARK);
        } else if (byte == '-' && next == '-') {
            lexer_skip_line(self, false);
        } else if (byte == '/' && next == '*') {
            self->pos += 2;
            if (!lexer_skip_past(self, "*/")) {
                self->pos = start;
                return false;
            }
        } else {
            return true;
        }
    }
    return true;
}

Token lexer_next_sqlite(Lexer *self)
{
    gsize start;

    if (!skip_blanks(self))
        return lexer_unclosed(self, self->pos, "comment");
    if (self->pos >= self->length)
        return lexer_token(self, TOKEN_END, self->pos);
    start = self->pos;
    switch (self->text[start]) {
    case '\'':
        return lexer_quoted(self, 0, false, "string");
    case '"':
    case '`':
        return lexer_quoted(self, 0, false, "quoted identifier");
    case '[':
        return lexer_skip_past(self, "]") ? lexer_token(self, TOKEN_QUOTED, start)
                                          : lexer_unclosed(self, start, "[quoted] identifier");
    default:
        break;
    }
    if (!byte_is_word(self->text[start]))
        return lexer_punct(self);
    while (byte_is_word(lexer_peek(self, 0)))
        self->pos++;
    return lexer_token(self, TOKEN_WORD, start);
}
