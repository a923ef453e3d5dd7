/* Owns where SQLite statements end: at every ";" but those inside a trigger, which ends with "; END ;" (the
 * rule of sqlite3_complete). Refuses the shell's dot commands. Pure. */
#include "sql/script_internal.h"

enum { HEAD_START, HEAD_EXPLAIN, HEAD_CREATE, HEAD_OTHER, TRIGGER, TRIGGER_SEMICOLON, TRIGGER_END };

static const HeadStep STEPS[] = {
    {HEAD_START, HEAD_EXPLAIN, "explain"},   {HEAD_START, HEAD_CREATE, "create"},
    {HEAD_START, HEAD_OTHER, NULL},          {HEAD_EXPLAIN, HEAD_CREATE, "create"},
    {HEAD_EXPLAIN, HEAD_OTHER, "explain"},   {HEAD_EXPLAIN, HEAD_OTHER, "temp"},
    {HEAD_EXPLAIN, HEAD_OTHER, "temporary"}, {HEAD_EXPLAIN, HEAD_OTHER, "trigger"},
    {HEAD_EXPLAIN, HEAD_OTHER, "end"},       {HEAD_CREATE, HEAD_CREATE, "temp"},
    {HEAD_CREATE, HEAD_CREATE, "temporary"}, {HEAD_CREATE, TRIGGER, "trigger"},
    {HEAD_CREATE, HEAD_OTHER, NULL},         {TRIGGER_SEMICOLON, TRIGGER_END, "end"},
    {TRIGGER_SEMICOLON, TRIGGER, NULL},      {TRIGGER_END, TRIGGER, NULL},
};

static void refuse_command(Splitter *self, gsize offset)
{
    g_autofree char *name = splitter_command_name(self, offset);

    splitter_error(self, offset, "sqlite3 shell command %s is not SQL: remove it or write it as SQL", name);
    splitter_skip_line(self);
}

static void take(Splitter *self, unsigned char *state, const Token *token)
{
    splitter_take(self, token);
    if (*state != HEAD_OTHER && *state != TRIGGER)
        *state = head_next(STEPS, G_N_ELEMENTS(STEPS), *state, &self->lexer, token);
}

/* A ";" ends the statement, or an inner one of a trigger. */
static void semicolon(Splitter *self, unsigned char *state, const Token *token)
{
    if (*state == TRIGGER || *state == TRIGGER_SEMICOLON) {
        splitter_take(self, token);
        *state = TRIGGER_SEMICOLON;
    } else {
        splitter_close(self);
        *state = HEAD_START;
    }
}

void split_sqlite(Splitter *self)
{
    Lexer *lexer = &self->lexer;
    unsigned char state = HEAD_START;

    for (Token token = lexer_next(lexer); token.kind != TOKEN_END; token = lexer_next(lexer))
        if (token.kind == TOKEN_UNCLOSED)
            splitter_error_unclosed(self, &token);
        else if (!self->open && token_is_punct(lexer, &token, '.'))
            refuse_command(self, token.start);
        else if (token_is_punct(lexer, &token, ';'))
            semicolon(self, &state, &token);
        else
            take(self, &state, &token);
    if (self->open && (state == TRIGGER || state == TRIGGER_SEMICOLON))
        splitter_error(self, self->start, "CREATE TRIGGER that begins here is not closed by END;");
    splitter_close(self);
}
