/* Splitter: a script in the making. The dialects' files walk the tokens and say what belongs to a statement
 * and where one ends; the splitter keeps places, classifies and collects. One thread. */
#pragma once

#include "sql/lexer_internal.h"
#include "sql/place.h"
#include "sql/script.h"

typedef struct Splitter {
    Lexer lexer;
    Script *script;
    Diagnostics *problems;
    TextCursor cursor; /* at the start of the last statement */
    unsigned errors;
    bool open;   /* a statement has begun … */
    gsize start; /* … here */
    gsize end;   /* and its last token ends here */
} Splitter;

/* One for each dialect: from lexer.pos to the end of the text. */
void split_postgres(Splitter *self);
void split_mysql(Splitter *self);
void split_sqlite(Splitter *self);

/* The token is part of the statement, which begins with it if none has begun. */
void splitter_take(Splitter *self, const Token *token);
/* Ends the statement that has begun; NULL if none has. Valid until the next one. */
Statement *splitter_close(Splitter *self);
void splitter_error(Splitter *self, gsize offset, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The error for a token of kind TOKEN_UNCLOSED. */
void splitter_error_unclosed(Splitter *self, const Token *token);
/* The command name that begins at `offset`, for a message: printable, short. Caller frees. */
char *splitter_command_name(const Splitter *self, gsize offset);
/* Moves to the end of the line. */
void splitter_skip_line(Splitter *self);

/* How a statement's first words lead to what it is. Rows of one `from` stand together in order; a row without
 * a word takes any token. No row: the state stays. */
typedef struct HeadStep {
    unsigned char from;
    unsigned char to;
    const char *word;
} HeadStep;
unsigned char head_next(const HeadStep *steps, gsize count, unsigned char state, const Lexer *lexer,
                        const Token *token);

/* What the statement from `start` to `end` is, read with the settings of the lexer. */
StatementKind statement_kind(const Lexer *lexer, gsize start, gsize end);

/* Follows a SET statement that changes where strings end: sql_mode (MySQL family),
 * standard_conforming_strings. */
void lexer_follow_settings(Lexer *self, gsize start, gsize end);
