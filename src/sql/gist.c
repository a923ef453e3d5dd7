/* Owns what of somebody else's statement may be shown: verb and object, never a value. Any thread. */
#include "sql/lexer_internal.h"
#include "sql/script.h"

#include <string.h>

#define WORDS_MAX 4
#define ELLIPSIS " …"

/* Behind the object. */
static const char *const ends[] = {"add",   "as",       "identified", "in",    "on",
                                   "owner", "password", "select",     "set",   "to",
                                   "using", "value",    "values",     "where", "with"};

/* Never a string: what MySQL takes double quotes for depends on its settings. */
static bool is_name(const Lexer *lexer, const Token *token)
{
    if (token->kind == TOKEN_WORD)
        return !g_ascii_isdigit(lexer->text[token->start]);
    char quote = dialect_is_mysql_family(lexer->dialect) ? '`' : '"';
    return token->kind == TOKEN_QUOTED && lexer->text[token->start] == quote;
}

static bool is_end(const Lexer *lexer, const Token *token)
{
    return token_find_word(lexer, token, ends, G_N_ELEMENTS(ends)) >= 0;
}

/* Appends a name and what hangs on it with dots; returns the token behind. */
static Token append_name(GString *gist, Lexer *lexer, Token token)
{
    for (;;) {
        g_string_append_len(gist, lexer->text + token.start, (gssize)(token.end - token.start));
        token = lexer_next(lexer);
        Lexer ahead = *lexer;
        Token after = lexer_next(&ahead);
        if (!token_is_punct(lexer, &token, '.') || !is_name(lexer, &after))
            return token;
        g_string_append_c(gist, '.');
        *lexer = ahead;
        token = after;
    }
}

/* Appends names from `token` on, at most `most`; returns the token behind them. */
static Token append_names(GString *gist, Lexer *lexer, Token token, unsigned most)
{
    for (unsigned i = 0; i < most && is_name(lexer, &token) && !(i > 0 && is_end(lexer, &token)); i++) {
        if (gist->len > 0)
            g_string_append_c(gist, ' ');
        token = append_name(gist, lexer, token);
    }
    return token;
}

/* Where a string ends depends on settings of the other session if there is a backslash in it. */
static bool is_ambiguous(const Lexer *lexer, const Token *token)
{
    return token->kind == TOKEN_UNCLOSED ||
           (token->kind == TOKEN_QUOTED &&
            memchr(lexer->text + token->start, '\\', token->end - token->start) != NULL);
}

/* Moves behind the FROM of the outermost SELECT; false if none can be found. */
static bool skip_to_from(Lexer *lexer)
{
    int depth = 0;
    for (Token token = lexer_next(lexer); token.kind != TOKEN_END && !is_ambiguous(lexer, &token);
         token = lexer_next(lexer)) {
        depth += token_is_punct(lexer, &token, '(') - token_is_punct(lexer, &token, ')');
        if (depth == 0 && token_is_word(lexer, &token, "from"))
            return true;
    }
    return false;
}

char *sql_statement_gist(const char *text, gsize length, Dialect dialect)
{
    GString *gist = g_string_new(NULL);
    Lexer lexer = lexer_at(text, length, 0, dialect);
    Token token = lexer_next(&lexer);
    Lexer behind = lexer;
    if (token_is_word(&lexer, &token, "select") && skip_to_from(&behind)) {
        g_string_append(gist, "SELECT" ELLIPSIS " FROM");
        lexer = behind;
        token = append_names(gist, &lexer, lexer_next(&lexer), 1);
    } else {
        token = append_names(gist, &lexer, token, WORDS_MAX);
    }
    if (token.kind != TOKEN_END)
        g_string_append(gist, gist->len ? ELLIPSIS : "…");
    return g_string_free(gist, FALSE);
}
