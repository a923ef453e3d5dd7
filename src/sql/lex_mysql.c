/* Owns where the comments, strings and words of MySQL and MariaDB end, what is a versioned comment, and where
 * the delimiter stands (MariaDB Knowledge Base "Comment Syntax", "String Literals", "Delimiters"; MySQL
 * manual 9.7 "Comments"). Any thread. */
#include "sql/lexer_internal.h"

#include <string.h>

typedef enum CommentKind { COMMENT_NONE, COMMENT_LINE, COMMENT_BLOCK, COMMENT_VERSIONED } CommentKind;

static bool byte_is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool delimiter_here(const Lexer *self)
{
    const char *at = self->text + self->pos;
    gsize length = self->delimiter_length;

    if (self->versioned || *at != self->delimiter[0] || self->length - self->pos < length)
        return false;
    if (memcmp(at, self->delimiter, length) != 0)
        return false;
    /* "DELIMITER go" must not cut "category". */
    if (g_ascii_isalnum(self->delimiter[0]) && self->pos > 0 && byte_is_word(at[-1]))
        return false;
    return !g_ascii_isalnum(self->delimiter[length - 1]) || !byte_is_word(lexer_peek(self, length));
}

/* "--" begins a comment only before a blank, a control character or the end. */
static CommentKind comment_here(const Lexer *self)
{
    char byte = self->text[self->pos];
    char next = lexer_peek(self, 1);
    char third = lexer_peek(self, 2);

    if (byte == '#')
        return COMMENT_LINE;
    if (byte == '-' && next == '-')
        return (unsigned char)third <= ' ' || third == 0x7F ? COMMENT_LINE : COMMENT_NONE;
    if (byte != '/' || next != '*')
        return COMMENT_NONE;
    if (third == '!' || (third == 'M' && lexer_peek(self, 3) == '!'))
        return COMMENT_VERSIONED;
    return COMMENT_BLOCK;
}

/* At a versioned comment: goes in, behind its version. "\-" there marks a command to the client
 * (mariadb-dump's sandbox line); that is no SQL and skipped whole. False if it is not closed. */
static bool enter_versioned(Lexer *self)
{
    gsize start = self->pos;

    self->pos += lexer_peek(self, 2) == '!' ? 3 : 4;
    while (g_ascii_isdigit(lexer_peek(self, 0)))
        self->pos++;
    if (lexer_peek(self, 0) == '\\' && lexer_peek(self, 1) == '-') {
        bool closed = lexer_skip_past(self, "*/");
        self->pos = closed ? self->pos : start;
        return closed;
    }
    if (!self->versioned)
        self->versioned_start = start;
    self->versioned = true;
    return true;
}

/* Over one comment. False if it is not closed; pos then is at its start. */
static bool skip_comment(Lexer *self, CommentKind kind)
{
    gsize start = self->pos;

    if (kind == COMMENT_LINE) {
        lexer_skip_line(self, false);
        return true;
    }
    if (kind == COMMENT_VERSIONED)
        return enter_versioned(self);
    self->pos += 2;
    if (lexer_skip_past(self, "*/"))
        return true;
    self->pos = start;
    return false;
}

/* To the next token. False at a comment that is not closed. */
static bool skip_blanks(Lexer *self)
{
    while (self->pos < self->length && !delimiter_here(self)) {
        CommentKind comment;
        if (byte_is_blank(self->text[self->pos])) {
            self->pos++;
            continue;
        }
        comment = comment_here(self);
        if (comment == COMMENT_NONE)
            return true;
        if (!skip_comment(self, comment))
            return false;
    }
    return true;
}

static Token word(Lexer *self)
{
    gsize start = self->pos;

    while (byte_is_word(lexer_peek(self, 0)) && !delimiter_here(self))
        self->pos++;
    return lexer_token(self, TOKEN_WORD, start);
}

static Token quoted_or_punct(Lexer *self)
{
    switch (self->text[self->pos]) {
    case '\'':
        return lexer_quoted(self, 0, self->backslash_escapes, "string");
    case '"':
        return lexer_quoted(self, 0, self->backslash_escapes && !self->ansi_quotes,
                            self->ansi_quotes ? "quoted identifier" : "string");
    case '`':
        return lexer_quoted(self, 0, false, "quoted identifier");
    default:
        return lexer_punct(self);
    }
}

Token lexer_next_mysql(Lexer *self)
{
    gsize start;

    if (!skip_blanks(self))
        return lexer_unclosed(self, self->pos, "comment");
    start = self->pos;
    if (start >= self->length)
        return self->versioned ? lexer_unclosed(self, self->versioned_start, "versioned comment")
                               : lexer_token(self, TOKEN_END, start);
    if (delimiter_here(self)) {
        self->pos += self->delimiter_length;
        return lexer_token(self, TOKEN_DELIMITER, start);
    }
    if (self->versioned && self->text[start] == '*' && lexer_peek(self, 1) == '/') {
        self->versioned = false;
        self->pos += 2;
        return lexer_token(self, TOKEN_CLOSE_VERSIONED, start);
    }
    return byte_is_word(self->text[start]) ? word(self) : quoted_or_punct(self);
}
