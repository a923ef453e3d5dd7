/* Owns where PostgreSQL statements end: at a ";" outside parentheses (a rule's actions stand in them, as psql
 * has it) and outside a BEGIN ATOMIC body, and behind the data of COPY … FROM stdin. Refuses psql's own
 * commands. Pure. */
#include "sql/script_internal.h"

#include <string.h>

enum { HEAD_START, HEAD_CREATE, HEAD_OR, HEAD_ROUTINE, HEAD_COPY, HEAD_OTHER };

static const HeadStep STEPS[] = {
    {HEAD_START, HEAD_CREATE, "create"},
    {HEAD_START, HEAD_COPY, "copy"},
    {HEAD_START, HEAD_OTHER, NULL},
    {HEAD_CREATE, HEAD_OR, "or"},
    {HEAD_CREATE, HEAD_ROUTINE, "function"},
    {HEAD_CREATE, HEAD_ROUTINE, "procedure"},
    {HEAD_CREATE, HEAD_OTHER, NULL},
    {HEAD_OR, HEAD_CREATE, "replace"},
    {HEAD_OR, HEAD_OTHER, NULL},
};

/* What came just before, where that matters. */
typedef enum Previous { PREVIOUS_OTHER, PREVIOUS_BEGIN, PREVIOUS_BODY_STATEMENT, PREVIOUS_FROM } Previous;

/* What is known of the statement that has begun. */
typedef struct Progress {
    unsigned char head;
    Previous previous;
    gsize parentheses;
    bool in_body; /* BEGIN ATOMIC … END */
    gsize body_start;
    bool from_stdin;
} Progress;

static void refuse_command(Splitter *self, gsize offset)
{
    g_autofree char *name = splitter_command_name(self, offset);

    if (strcmp(name, "\\.") == 0)
        splitter_error(self, offset, "\\. without COPY … FROM stdin before it");
    else if (strcmp(name, "\\;") == 0)
        splitter_error(self, offset, "psql's \\; is not SQL: end the statement with ;");
    else
        splitter_error(self, offset, "psql meta-command %s is not SQL: remove it or write it as SQL", name);
    splitter_skip_line(self);
}

/* The line that holds only "\.", from `pos` on; what follows it in `after`. NULL if there is none. */
static const char *copy_end(const char *pos, const char *end, const char **after)
{
    const char *line = pos;

    while (line != NULL && end - line >= 2) {
        if (line[0] == '\\' && line[1] == '.') {
            const char *rest = line + 2;
            if (rest < end && *rest == '\r')
                rest++;
            if (rest == end || *rest == '\n') {
                *after = rest;
                return line;
            }
        }
        line = memmem(line, (gsize)(end - line), "\n\\.", 3);
        line = line == NULL ? NULL : line + 1;
    }
    return NULL;
}

/* To the first byte of the line after the ";" . Only blanks and a comment may stand before it. */
static bool skip_to_data(Splitter *self)
{
    Lexer *lexer = &self->lexer;

    while (lexer_peek(lexer, 0) == ' ' || lexer_peek(lexer, 0) == '\t' || lexer_peek(lexer, 0) == '\r')
        lexer->pos++;
    if (lexer->pos < lexer->length && lexer_peek(lexer, 0) != '\n' &&
        !(lexer_peek(lexer, 0) == '-' && lexer_peek(lexer, 1) == '-'))
        splitter_error(self, lexer->pos,
                       "COPY data begins on the next line: nothing may follow the ; on this one");
    lexer_skip_line(lexer, false);
    if (lexer->pos >= lexer->length)
        return false;
    lexer->pos++;
    return true;
}

/* At the ";" of COPY … FROM stdin: takes in the data. */
static void take_copy_data(Splitter *self)
{
    Lexer *lexer = &self->lexer;
    Statement *statement = splitter_close(self);
    const char *after = NULL;
    const char *end = NULL;

    if (skip_to_data(self))
        end = copy_end(lexer->text + lexer->pos, lexer->text + lexer->length, &after);
    if (end == NULL) {
        splitter_error(self, statement->start,
                       "COPY data is not closed: it ends with a line that holds only \\.");
        lexer->pos = lexer->length;
        return;
    }
    statement->kind = STATEMENT_COPY;
    statement->data_start = lexer->pos;
    statement->data_length = (gsize)(end - lexer->text) - lexer->pos;
    lexer->pos = (gsize)(after - lexer->text);
}

/* A body ends with an END that begins an inner statement; any other END closes a CASE or is a label. */
static void follow_body(Progress *progress, const Lexer *lexer, const Token *token)
{
    if (progress->in_body) {
        progress->in_body =
            progress->previous != PREVIOUS_BODY_STATEMENT || !token_is_word(lexer, token, "end");
        progress->previous = PREVIOUS_OTHER;
    } else if (token_is_word(lexer, token, "begin")) {
        progress->previous = PREVIOUS_BEGIN;
        progress->body_start = token->start;
    } else {
        progress->in_body = progress->previous == PREVIOUS_BEGIN && token_is_word(lexer, token, "atomic");
        progress->previous = progress->in_body ? PREVIOUS_BODY_STATEMENT : PREVIOUS_OTHER;
    }
}

static void follow_copy(Progress *progress, const Lexer *lexer, const Token *token)
{
    if (token_is_word(lexer, token, "from")) {
        progress->previous = PREVIOUS_FROM;
        return;
    }
    /* The grammar takes either word for the client's end. */
    if (progress->previous == PREVIOUS_FROM &&
        (token_is_word(lexer, token, "stdin") || token_is_word(lexer, token, "stdout")))
        progress->from_stdin = true;
    progress->previous = PREVIOUS_OTHER;
}

static void follow(Progress *progress, const Lexer *lexer, const Token *token)
{
    if (token_is_punct(lexer, token, '('))
        progress->parentheses++;
    else if (token_is_punct(lexer, token, ')') && progress->parentheses > 0)
        progress->parentheses--;
    if (progress->head < HEAD_ROUTINE)
        progress->head = head_next(STEPS, G_N_ELEMENTS(STEPS), progress->head, lexer, token);
    else if (progress->head == HEAD_ROUTINE && progress->parentheses == 0)
        follow_body(progress, lexer, token);
    else if (progress->head == HEAD_COPY && progress->parentheses == 0)
        follow_copy(progress, lexer, token);
}

/* A ";" outside parentheses. */
static void end_statement(Splitter *self, Progress *progress)
{
    if (self->open && progress->from_stdin)
        take_copy_data(self);
    else
        splitter_close(self);
    *progress = (Progress){0};
}

static void end_script(Splitter *self, const Progress *progress)
{
    if (self->open && progress->in_body)
        splitter_error(self, progress->body_start, "BEGIN ATOMIC that begins here is not closed by END;");
    if (self->open && progress->from_stdin)
        splitter_error(self, self->start,
                       "COPY … FROM stdin needs ; and data, up to a line that holds only \\.");
    splitter_close(self);
}

void split_postgres(Splitter *self)
{
    Lexer *lexer = &self->lexer;
    Progress progress = {0};

    for (Token token = lexer_next(lexer); token.kind != TOKEN_END; token = lexer_next(lexer)) {
        bool semicolon = token_is_punct(lexer, &token, ';') && progress.parentheses == 0;
        if (token.kind == TOKEN_UNCLOSED) {
            splitter_error_unclosed(self, &token);
        } else if (token_is_punct(lexer, &token, '\\')) {
            refuse_command(self, token.start);
        } else if (semicolon && !progress.in_body) {
            end_statement(self, &progress);
        } else {
            splitter_take(self, &token);
            follow(&progress, lexer, &token);
            if (semicolon)
                progress.previous = PREVIOUS_BODY_STATEMENT;
        }
    }
    end_script(self, &progress);
}
