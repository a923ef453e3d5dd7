/* Owns where PostgreSQL's comments, strings, dollar quotes and words end (manual, 4.1 "Lexical Structure").
 * Does not check what is inside them. Any thread. */
#include "sql/lexer_internal.h"

#include <string.h>

static bool byte_is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool byte_starts_word(char byte)
{
    return g_ascii_isalpha(byte) || byte == '_' || (unsigned char)byte >= 0x80;
}

/* From the opening of a comment to behind its end; comments nest. */
static bool skip_block_comment(Lexer *self)
{
    gsize depth = 0;

    while (self->pos < self->length) {
        char byte = self->text[self->pos];
        char next = lexer_peek(self, 1);
        if (byte == '/' && next == '*') {
            depth++;
            self->pos += 2;
        } else if (byte == '*' && next == '/') {
            self->pos += 2;
            if (--depth == 0)
                return true;
        } else {
            self->pos++;
        }
    }
    return false;
}

/* To the next token. False at a comment that is not closed; pos then is at its start. */
static bool skip_blanks(Lexer *self)
{
    while (self->pos < self->length) {
        char byte = self->text[self->pos];
        gsize start = self->pos;
        if (byte_is_blank(byte)) {
            self->pos++;
        } else if (byte == '-' && lexer_peek(self, 1) == '-') {
            lexer_skip_line(self, true);
        } else if (byte != '/' || lexer_peek(self, 1) != '*') {
            return true;
        } else if (!skip_block_comment(self)) {
            self->pos = start;
            return false;
        }
    }
    return true;
}

/* Whether the string that just ended goes on: after blanks with a line end among them (and -- comments)
 * another one begins, which then is a part of the first and obeys the same escapes. Moves behind its opening
 * quote. */
static bool string_goes_on(Lexer *self)
{
    Lexer ahead = *self;
    bool line_ended = false;

    while (ahead.pos < ahead.length) {
        char byte = ahead.text[ahead.pos];
        if (byte == '-' && lexer_peek(&ahead, 1) == '-') {
            lexer_skip_line(&ahead, true);
            continue;
        }
        if (!byte_is_blank(byte))
            break;
        line_ended = line_ended || byte == '\n' || byte == '\r';
        ahead.pos++;
    }
    if (!line_ended || lexer_peek(&ahead, 0) != '\'')
        return false;
    self->pos = ahead.pos + 1;
    return true;
}

/* A string in which a backslash escapes; its opening quote stands `prefix` bytes behind pos. */
static Token escape_string(Lexer *self, gsize prefix)
{
    gsize start = self->pos;

    self->pos += prefix + 1;
    do {
        if (!lexer_skip_quoted(self, '\'', true))
            return lexer_unclosed(self, start, "string");
    } while (string_goes_on(self));
    return lexer_token(self, TOKEN_QUOTED, start);
}

/* At "$": a dollar-quoted string, or the character alone. */
static Token dollar_quoted(Lexer *self)
{
    gsize start = self->pos;
    gsize tag = 1;
    const char *from;
    const char *end;

    if (byte_starts_word(lexer_peek(self, tag)))
        while (byte_is_word(lexer_peek(self, tag)) && lexer_peek(self, tag) != '$')
            tag++;
    if (lexer_peek(self, tag) != '$')
        return lexer_punct(self);
    tag++;
    from = self->text + start + tag;
    end = memmem(from, self->length - start - tag, self->text + start, tag);
    if (end == NULL)
        return lexer_unclosed(self, start, "dollar-quoted string");
    self->pos = (gsize)(end - self->text) + tag;
    return lexer_token(self, TOKEN_QUOTED, start);
}

static Token word(Lexer *self)
{
    gsize start = self->pos;

    /* "1E'…'" is a number and a string, so digits end where letters begin. */
    if (byte_starts_word(self->text[start]))
        while (byte_is_word(lexer_peek(self, 0)))
            self->pos++;
    else
        while (g_ascii_isdigit(lexer_peek(self, 0)))
            self->pos++;
    return lexer_token(self, TOKEN_WORD, start);
}

Token lexer_next_postgres(Lexer *self)
{
    char byte, next;

    if (!skip_blanks(self))
        return lexer_unclosed(self, self->pos, "comment");
    if (self->pos >= self->length)
        return lexer_token(self, TOKEN_END, self->pos);
    byte = self->text[self->pos];
    next = lexer_peek(self, 1);
    if (byte == '\'')
        return self->backslash_escapes ? escape_string(self, 0) : lexer_quoted(self, 0, false, "string");
    if (byte == '"')
        return lexer_quoted(self, 0, false, "quoted identifier");
    if ((byte == 'e' || byte == 'E') && next == '\'')
        return escape_string(self, 1);
    if ((byte == 'u' || byte == 'U') && next == '&' && lexer_peek(self, 2) == '\'')
        return lexer_quoted(self, 2, false, "string");
    if ((byte == 'u' || byte == 'U') && next == '&' && lexer_peek(self, 2) == '"')
        return lexer_quoted(self, 2, false, "quoted identifier");
    if (byte == '$')
        return dollar_quoted(self);
    return byte_starts_word(byte) || g_ascii_isdigit(byte) ? word(self) : lexer_punct(self);
}
