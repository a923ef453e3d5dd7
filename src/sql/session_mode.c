/* Owns which SET statements of a script change where its later strings end. Follows what is written with
 * plain values; what a server has set for itself, or computes, is unknown here. Any thread. */
#include "sql/script_internal.h"

#include <string.h>

static const char *const ANSI_QUOTES_MODES[] = {"ansi_quotes", "ansi",   "db2",       "maxdb",
                                                "mssql",       "oracle", "postgresql"};
static const char *const FALSE_VALUES[] = {"off", "false", "no", "0"};

/* Whether one of the names in `text` (between anything that is no word) is in `names`. */
static bool text_names_one(const char *text, gsize length, const char *const *names, gsize count)
{
    for (gsize start = 0; start < length;) {
        gsize end = start;
        while (end < length && byte_is_word(text[end]))
            end++;
        for (gsize i = 0; i < count; i++)
            if (strlen(names[i]) == end - start &&
                g_ascii_strncasecmp(names[i], text + start, end - start) == 0)
                return true;
        start = end + 1;
    }
    return false;
}

static bool token_names_one(const Lexer *lexer, const Token *token, const char *const *names, gsize count)
{
    return text_names_one(lexer->text + token->start, token->end - token->start, names, count);
}

/* The token that is assigned, behind "=", ":=" or "TO"; of kind TOKEN_END if nothing is. */
static Token assigned(Lexer *lexer)
{
    Token token = lexer_next(lexer);

    if (token_is_punct(lexer, &token, ':'))
        token = lexer_next(lexer);
    if (!token_is_punct(lexer, &token, '=') && !token_is_word(lexer, &token, "to"))
        return (Token){.kind = TOKEN_END};
    return lexer_next(lexer);
}

/* sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES') adds to what is set; any other value replaces it. */
static void obey_sql_mode(Lexer *self, Lexer *lexer)
{
    static const char *const NO_BACKSLASH[] = {"no_backslash_escapes"};
    Token token = assigned(lexer);
    bool adds = token_is_word(lexer, &token, "concat");

    if (token.kind == TOKEN_END || token_is_punct(lexer, &token, '('))
        return;
    if (!adds) {
        self->ansi_quotes = false;
        self->backslash_escapes = true;
    }
    do {
        if (token_names_one(lexer, &token, ANSI_QUOTES_MODES, G_N_ELEMENTS(ANSI_QUOTES_MODES)))
            self->ansi_quotes = true;
        if (token_names_one(lexer, &token, NO_BACKSLASH, G_N_ELEMENTS(NO_BACKSLASH)))
            self->backslash_escapes = false;
        token = lexer_next(lexer);
    } while (adds && token.kind != TOKEN_END && !token_is_punct(lexer, &token, ')'));
}

/* SET [SESSION] sql_mode = …, SET @@sql_mode = …; not GLOBAL, and not a user variable of that name. */
static void follow_mysql(Lexer *self, Lexer *lexer)
{
    static const char *const OTHER_SCOPES[] = {"global", "persist", "persist_only"};
    bool other_scope = false;
    unsigned ats = 0;

    for (Token token = lexer_next(lexer); token.kind != TOKEN_END; token = lexer_next(lexer)) {
        if (token_is_punct(lexer, &token, ','))
            other_scope = false;
        else if (token_find_word(lexer, &token, OTHER_SCOPES, G_N_ELEMENTS(OTHER_SCOPES)) >= 0)
            other_scope = true;
        else if (token_is_word(lexer, &token, "sql_mode") && !other_scope && ats != 1)
            obey_sql_mode(self, lexer);
        ats = token_is_punct(lexer, &token, '@') ? ats + 1 : 0;
    }
}

static void follow_postgres(Lexer *self, Lexer *lexer)
{
    for (Token token = lexer_next(lexer); token.kind != TOKEN_END; token = lexer_next(lexer)) {
        if (!token_is_word(lexer, &token, "standard_conforming_strings"))
            continue;
        token = assigned(lexer);
        self->backslash_escapes = token_names_one(lexer, &token, FALSE_VALUES, G_N_ELEMENTS(FALSE_VALUES));
        return;
    }
}

void lexer_follow_settings(Lexer *self, gsize start, gsize end)
{
    Lexer lexer = lexer_within(self, start, end);

    if (dialect_is_mysql_family(self->dialect))
        follow_mysql(self, &lexer);
    else if (self->dialect == DIALECT_POSTGRES)
        follow_postgres(self, &lexer);
}
