/* Owns where statements of MySQL and MariaDB end: at the delimiter that is set; while that is ";", not inside
 * a compound body; never inside a versioned comment, which is code but stays whole. Obeys DELIMITER, refuses
 * the client's other commands. Pure. */
#include "sql/compound_internal.h"
#include "sql/script_internal.h"

#include <string.h>

static bool byte_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool is_quoted(const char *text, gsize start, gsize end)
{
    return end - start > 2 && text[start] == text[end - 1] && strchr("'\"`", text[start]) != NULL;
}

/* The delimiter that the rest of the line names, or NULL and an error. Caller frees. */
static char *delimiter_read(Splitter *self, gsize command)
{
    Lexer *lexer = &self->lexer;
    gsize start, end;

    while (byte_is_blank(lexer_peek(lexer, 0)))
        lexer->pos++;
    start = lexer->pos;
    lexer_skip_line(lexer, false);
    for (end = start; end < lexer->pos && !byte_is_blank(lexer->text[end]); end++)
        ;
    if (is_quoted(lexer->text, start, end)) {
        start++;
        end--;
    }
    if (start == end)
        splitter_error(self, command,
                       "DELIMITER without an argument: write the delimiter behind it, as in DELIMITER //");
    else if (end - start > DELIMITER_MAX)
        splitter_error(self, command, "DELIMITER is longer than %d bytes", DELIMITER_MAX);
    else if (memchr(lexer->text + start, '\\', end - start) != NULL)
        splitter_error(self, command, "DELIMITER must not hold a backslash");
    else if (!g_utf8_validate(lexer->text + start, (gssize)(end - start), NULL))
        splitter_error(self, command, "DELIMITER is not valid UTF-8");
    else
        return g_strndup(lexer->text + start, end - start);
    return NULL;
}

static void obey_delimiter(Splitter *self, gsize command)
{
    g_autofree char *delimiter = delimiter_read(self, command);
    Lexer *lexer = &self->lexer;

    if (delimiter == NULL)
        return;
    lexer->delimiter_length = strlen(delimiter);
    memcpy(lexer->delimiter, delimiter, lexer->delimiter_length + 1);
}

static bool delimiter_is_semicolon(const Lexer *lexer)
{
    return strcmp(lexer->delimiter, ";") == 0;
}

/* Whether the word, in the middle of a statement, can only be meant as the command: it begins its line, and
 * the line goes on with another delimiter that is no word, and with nothing else. */
static bool is_stray_delimiter(const Lexer *lexer, const Token *token)
{
    const char *text = lexer->text;
    gsize before = token->start;
    gsize start = token->end;
    gsize end;

    if (!token_is_word(lexer, token, "delimiter") || !byte_is_blank(text[start]))
        return false;
    while (before > 0 && byte_is_blank(text[before - 1]))
        before--;
    while (byte_is_blank(text[start]))
        start++;
    if ((before > 0 && text[before - 1] != '\n') || (byte_is_word(text[start]) && text[start] != '$'))
        return false;
    for (end = start; g_ascii_isgraph(text[end]) && end - start <= DELIMITER_MAX; end++)
        ;
    if (end == start ||
        (end - start == lexer->delimiter_length && memcmp(text + start, lexer->delimiter, end - start) == 0))
        return false;
    while (byte_is_blank(text[end]))
        end++;
    return text[end] == '\0' || text[end] == '\n';
}

static void refuse_command(Splitter *self, gsize offset)
{
    g_autofree char *name = splitter_command_name(self, offset);

    splitter_error(self, offset, "client command %s is not SQL: remove it, or end the statement with %s",
                   name, self->lexer.delimiter);
    splitter_skip_line(self);
}

/* A delimiter, or a ";" inside a versioned comment. */
static void end_statement(Splitter *self, Compound *compound, const Token *token)
{
    if (self->lexer.versioned || (compound_is_open(compound) && delimiter_is_semicolon(&self->lexer))) {
        splitter_take(self, token);
        compound_semicolon(compound);
        return;
    }
    splitter_close(self);
    compound_reset(compound);
}

static void take(Splitter *self, Compound *compound, const Token *token)
{
    if (token->kind == TOKEN_CLOSE_VERSIONED && !self->open)
        return;
    splitter_take(self, token);
    compound_follow(compound, &self->lexer, token);
}

static bool is_command(const Splitter *self, const Token *token)
{
    const Lexer *lexer = &self->lexer;

    if (!token_is_punct(lexer, token, '\\'))
        return false;
    /* \N is a way to write NULL. */
    return lexer_peek(lexer, 0) != 'N' || byte_is_word(lexer_peek(lexer, 1));
}

static void step(Splitter *self, Compound *compound, const Token *token)
{
    Lexer *lexer = &self->lexer;
    bool stray = self->open && is_stray_delimiter(lexer, token);

    if (token->kind == TOKEN_UNCLOSED) {
        splitter_error_unclosed(self, token);
    } else if (is_command(self, token)) {
        refuse_command(self, token->start);
    } else if (stray || (!self->open && token_is_word(lexer, token, "delimiter"))) {
        if (stray)
            splitter_error(self, token->start,
                           "DELIMITER inside a statement: end the statement with %s first", lexer->delimiter);
        splitter_close(self);
        compound_reset(compound);
        obey_delimiter(self, token->start);
    } else if (token->kind == TOKEN_DELIMITER || (lexer->versioned && token_is_punct(lexer, token, ';'))) {
        end_statement(self, compound, token);
    } else {
        take(self, compound, token);
    }
}

void split_mysql(Splitter *self)
{
    g_autoptr(Compound) compound = compound_new();

    for (Token token = lexer_next(&self->lexer); token.kind != TOKEN_END; token = lexer_next(&self->lexer))
        step(self, compound, &token);
    if (self->open && compound_is_open(compound) && delimiter_is_semicolon(&self->lexer))
        splitter_error(
            self, compound_start(compound),
            "compound statement that begins here is not closed by END; (write DELIMITER around it if it is)");
    splitter_close(self);
}
