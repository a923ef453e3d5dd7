/* Lexer: SQL text as words, quoted things and single characters, with blanks and comments left out. It knows
 * where each dialect's quotes and comments end and nothing about statements. A Lexer is a plain value: a copy
 * looks ahead without moving the original. It allocates nothing, never recurses, and reads each byte a
 * bounded number of times. The text holds no NUL. Any thread, each with its own. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "sql/dialect.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_WORD,            /* keyword, unquoted identifier, number */
    TOKEN_QUOTED,          /* string or quoted identifier, whole */
    TOKEN_PUNCT,           /* one other character */
    TOKEN_DELIMITER,       /* MySQL family: the delimiter that is set, outside versioned comments */
    TOKEN_CLOSE_VERSIONED, /* MySQL family: the end of a versioned comment, in which tokens were given one by
                              one */
    TOKEN_UNCLOSED         /* reaches to the end of the text */
} TokenKind;

typedef struct Token {
    TokenKind kind;
    gsize start;
    gsize end;
    const char *what; /* TOKEN_UNCLOSED: what was opened */
} Token;

/* The mysql client keeps 15 bytes. */
#define DELIMITER_MAX 15

typedef struct Lexer {
    const char *text;
    gsize length;
    gsize pos; /* where the next token is looked for */
    Dialect dialect;
    bool backslash_escapes; /* in plain strings: not standard_conforming_strings, not NO_BACKSLASH_ESCAPES */
    bool ansi_quotes;       /* MySQL family: "…" is an identifier */
    bool versioned;         /* MySQL family: inside a versioned comment … */
    gsize versioned_start;  /* … that begins here */
    char delimiter[DELIMITER_MAX + 1];
    gsize delimiter_length;
} Lexer;

/* The settings a new session has; the delimiter is ";" . */
Lexer lexer_at(const char *text, gsize length, gsize pos, Dialect dialect);
/* The same settings over a part of the text. */
Lexer lexer_within(const Lexer *self, gsize start, gsize end);
Token lexer_next(Lexer *self);

/* One for each dialect; use lexer_next. */
Token lexer_next_postgres(Lexer *self);
Token lexer_next_mysql(Lexer *self);
Token lexer_next_sqlite(Lexer *self);

/* Whether the token is this word (lower case, beginning with a letter), in any case. */
static inline bool token_is_word(const Lexer *self, const Token *token, const char *word)
{
    gsize length = token->end - token->start;

    /* Almost every word differs in its first letter, and this is asked very often. */
    return token->kind == TOKEN_WORD && (self->text[token->start] | 0x20) == word[0] &&
           g_ascii_strncasecmp(self->text + token->start, word, length) == 0 && word[length] == '\0';
}

/* Whether the token is one of these words; the index, or -1. */
int token_find_word(const Lexer *self, const Token *token, const char *const *words, gsize count);

static inline bool token_is_punct(const Lexer *self, const Token *token, char character)
{
    return token->kind == TOKEN_PUNCT && self->text[token->start] == character;
}

/* --- for the dialects' own files --- */

static inline bool byte_is_word(char byte)
{
    return g_ascii_isalnum(byte) || byte == '_' || byte == '$' || (unsigned char)byte >= 0x80;
}

/* The byte `ahead` of pos; NUL behind the end. */
static inline char lexer_peek(const Lexer *self, gsize ahead)
{
    if (self->length - self->pos <= ahead)
        return '\0';
    return self->text[self->pos + ahead];
}

/* The token from `start` to pos. */
Token lexer_token(const Lexer *self, TokenKind kind, gsize start);
/* Moves to the end of the text and out of a versioned comment. */
Token lexer_unclosed(Lexer *self, gsize start, const char *what);
/* Moves behind the next `ending`; false and to the end of the text if there is none. */
bool lexer_skip_past(Lexer *self, const char *ending);
/* From behind an opening quote to behind the closing one. A doubled quote is content, and so is what follows
 * a backslash if `backslash`. False and at the end of the text if it is not closed. */
bool lexer_skip_quoted(Lexer *self, char quote, bool backslash);
/* A quoted token whose opening quote stands `prefix` bytes behind pos. */
Token lexer_quoted(Lexer *self, gsize prefix, bool backslash, const char *what);
/* A token of one character. */
Token lexer_punct(Lexer *self);
/* To the line's end: \n, and \r too if `carriage_return`. */
void lexer_skip_line(Lexer *self, bool carriage_return);
