/* Owns what kind of statement a text is, from its leading words: rows of patterns. Looks into leading
 * versioned comments, past leading parentheses, EXPLAIN ANALYZE and common table expressions; knows no object
 * and no server version. Pure. */
#include "sql/script_internal.h"

#include <string.h>

enum {
    PG = 1 << DIALECT_POSTGRES,
    MY = 1 << DIALECT_MYSQL | 1 << DIALECT_MARIADB,
    LITE = 1 << DIALECT_SQLITE,
    ALL = PG | MY | LITE
};

/* Instead of a kind. */
enum {
    KIND_INNER = -2, /* the statement that follows says what it is */
    KIND_WITH        /* so does the one behind the queries in parentheses */
};

typedef struct KindRow {
    int dialects;
    /* First word, then what must follow: a word or character, a|b one of several, [a] if it is there, () a
     * group in parentheses, * any token, $ the end, ... any number of tokens and groups, inside the same
     * parentheses. */
    const char *pattern;
    int kind;
} KindRow;

/* In alphabetical order of the first word; of several rows that match the first counts. For the MySQL family
 * DDL is also what commits implicitly (MySQL manual 15.3.3; MariaDB "SQL statements That Cause an Implicit
 * Commit"). Not in a transaction: PostgreSQL's PreventInTransactionBlock, as far as words tell. */
static const KindRow ROWS[] = {
    {PG, "abort", STATEMENT_ROLLBACK},
    {PG, "alter system", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "alter database * set tablespace", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "alter table ... detach partition ... concurrently", STATEMENT_NOT_IN_TRANSACTION},
    {ALL, "alter", STATEMENT_DDL},
    {MY, "analyze [no_write_to_binlog|local] table|tables", STATEMENT_DDL},
    {MY, "analyze format = *", KIND_INNER},
    {MY, "analyze", KIND_INNER},
    {LITE, "attach", STATEMENT_NOT_IN_TRANSACTION},
    {MY, "begin not", STATEMENT_CALL},
    {ALL, "begin", STATEMENT_BEGIN},
    {MY, "cache index", STATEMENT_DDL},
    {PG | MY, "call", STATEMENT_CALL},
    {MY, "case", STATEMENT_CALL},
    {MY, "change", STATEMENT_DDL},
    {MY, "check", STATEMENT_DDL},
    {MY, "checksum", STATEMENT_SELECT},
    {PG, "cluster [verbose] $", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "cluster () $", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "cluster", STATEMENT_DDL},
    {PG, "comment", STATEMENT_DDL},
    {PG, "commit prepared", STATEMENT_NOT_IN_TRANSACTION},
    {ALL, "commit", STATEMENT_COMMIT},
    {PG, "copy ... from", STATEMENT_DML},
    {PG, "create database", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "create tablespace", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "create [unique] index concurrently", STATEMENT_NOT_IN_TRANSACTION},
    {ALL, "create", STATEMENT_DDL},
    {ALL, "delete", STATEMENT_DML},
    {MY, "desc", STATEMENT_SELECT},
    {MY, "describe", STATEMENT_SELECT},
    {LITE, "detach", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "discard all", STATEMENT_NOT_IN_TRANSACTION},
    {PG | MY, "do", STATEMENT_CALL},
    {PG, "drop database", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "drop tablespace", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "drop index concurrently", STATEMENT_NOT_IN_TRANSACTION},
    {MY, "drop prepare", STATEMENT_OTHER},
    {ALL, "drop", STATEMENT_DDL},
    {PG | LITE, "end", STATEMENT_COMMIT},
    {PG | MY, "execute", STATEMENT_CALL},
    {PG, "explain analyze|analyse [verbose]", KIND_INNER},
    {PG, "explain ( ... analyze|analyse off|false|0", STATEMENT_SELECT},
    {PG, "explain ( ... analyze|analyse ... )", KIND_INNER},
    {MY, "explain analyze format = *", KIND_INNER},
    {MY, "explain analyze", KIND_INNER},
    {ALL, "explain", STATEMENT_SELECT},
    {MY, "flush [local|no_write_to_binlog] table|tables ... with read lock", STATEMENT_LOCK_TABLES},
    {MY, "flush [local|no_write_to_binlog] table|tables ... for export", STATEMENT_LOCK_TABLES},
    {MY, "flush", STATEMENT_DDL},
    {MY, "for", STATEMENT_CALL},
    {MY, "get", STATEMENT_SET},
    {PG | MY, "grant", STATEMENT_DDL},
    {MY, "handler", STATEMENT_CALL},
    {MY, "if", STATEMENT_CALL},
    {PG | MY, "import", STATEMENT_DDL},
    {ALL, "insert", STATEMENT_DML},
    {MY, "install", STATEMENT_DDL},
    {MY, "load index", STATEMENT_DDL},
    {MY, "load data|xml", STATEMENT_DML},
    {MY, "lock table|tables", STATEMENT_LOCK_TABLES},
    {MY, "loop", STATEMENT_CALL},
    {PG, "merge", STATEMENT_DML},
    {MY, "optimize", STATEMENT_DDL},
    {LITE, "pragma", STATEMENT_SET},
    {PG, "prepare transaction", STATEMENT_COMMIT},
    {PG, "reassign", STATEMENT_DDL},
    {PG, "refresh", STATEMENT_DDL},
    {PG, "reindex [()] * concurrently", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "reindex ( ... concurrently off|false|0", STATEMENT_DDL},
    {PG, "reindex ( ... concurrently", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "reindex [()] database|schema|system", STATEMENT_NOT_IN_TRANSACTION},
    {PG | LITE, "reindex", STATEMENT_DDL},
    {ALL, "release", STATEMENT_SAVEPOINT},
    {MY, "rename", STATEMENT_DDL},
    {MY, "repair", STATEMENT_DDL},
    {MY, "repeat", STATEMENT_CALL},
    {MY | LITE, "replace", STATEMENT_DML},
    {MY, "reset persist", STATEMENT_SET},
    {MY, "reset", STATEMENT_DDL},
    {PG, "reset", STATEMENT_SET},
    {MY, "resignal", STATEMENT_CALL},
    {PG | MY, "revoke", STATEMENT_DDL},
    {PG, "rollback prepared", STATEMENT_NOT_IN_TRANSACTION},
    {ALL, "rollback [work|transaction] to", STATEMENT_SAVEPOINT},
    {ALL, "rollback", STATEMENT_ROLLBACK},
    {ALL, "savepoint", STATEMENT_SAVEPOINT},
    {PG, "security", STATEMENT_DDL},
    {ALL, "select", STATEMENT_SELECT},
    {MY, "set password", STATEMENT_DDL},
    {MY, "set statement ... for", KIND_INNER},
    {PG | MY, "set", STATEMENT_SET},
    {PG | MY, "show", STATEMENT_SELECT},
    {MY, "signal", STATEMENT_CALL},
    {PG | MY, "start transaction", STATEMENT_BEGIN},
    {MY, "start", STATEMENT_DDL},
    {MY, "stop", STATEMENT_DDL},
    {PG | MY, "table", STATEMENT_SELECT},
    {PG | MY, "truncate", STATEMENT_DDL},
    {MY, "uninstall", STATEMENT_DDL},
    {MY, "unlock table|tables", STATEMENT_LOCK_TABLES},
    {ALL, "update", STATEMENT_DML},
    {MY, "use", STATEMENT_SET},
    {PG | LITE, "vacuum", STATEMENT_NOT_IN_TRANSACTION},
    {ALL, "values", STATEMENT_SELECT},
    {MY, "while", STATEMENT_CALL},
    {ALL, "with", KIND_WITH},
    {MY, "xa begin|start", STATEMENT_BEGIN},
    {MY, "xa commit|prepare", STATEMENT_COMMIT},
    {MY, "xa rollback", STATEMENT_ROLLBACK},
};

/* One part of a pattern, between blanks. */
typedef struct Part {
    const char *text;
    gsize length;
} Part;

static Part part_next(const char **pattern)
{
    Part part;

    *pattern += strspn(*pattern, " ");
    part = (Part){*pattern, strcspn(*pattern, " ")};
    *pattern += part.length;
    return part;
}

static bool part_is(Part part, const char *text)
{
    return strlen(text) == part.length && memcmp(part.text, text, part.length) == 0;
}

static Token token_next(Lexer *lexer)
{
    Token token;

    do
        token = lexer_next(lexer);
    while (token.kind == TOKEN_CLOSE_VERSIONED);
    return token;
}

/* From behind a "(" to behind its ")". */
static void skip_group(Lexer *lexer)
{
    gsize depth = 1;

    while (depth > 0) {
        Token token = token_next(lexer);
        if (token.kind == TOKEN_END)
            return;
        if (token_is_punct(lexer, &token, '('))
            depth++;
        else if (token_is_punct(lexer, &token, ')'))
            depth--;
    }
}

/* Whether the token is one of "a|b|c". */
static bool token_is_one(const Lexer *lexer, const Token *token, Part part)
{
    gsize length = token->end - token->start;
    const char *end = part.text + part.length;

    if (token->kind != TOKEN_WORD && token->kind != TOKEN_PUNCT)
        return false;
    for (const char *word = part.text; word < end;) {
        const char *bar = memchr(word, '|', (gsize)(end - word));
        gsize word_length = (gsize)((bar != NULL ? bar : end) - word);
        if (word_length == length && g_ascii_strncasecmp(word, lexer->text + token->start, length) == 0)
            return true;
        word += word_length + 1;
    }
    return false;
}

/* Moves over what the part stands for; stays where it is if that is not there. */
static bool part_match(Lexer *lexer, Part part)
{
    Lexer ahead = *lexer;
    Token token = token_next(&ahead);
    bool matches;

    if (part_is(part, "$"))
        return token.kind == TOKEN_END;
    if (part_is(part, "*"))
        matches = token.kind != TOKEN_END;
    else if (part_is(part, "()"))
        matches = token_is_punct(&ahead, &token, '(');
    else
        matches = token_is_one(&ahead, &token, part);
    if (!matches)
        return false;
    if (part_is(part, "()"))
        skip_group(&ahead);
    *lexer = ahead;
    return true;
}

/* "...": to behind the first place where the part matches. */
static bool part_search(Lexer *lexer, Part part)
{
    while (!part_match(lexer, part)) {
        Token token = token_next(lexer);
        if (token.kind == TOKEN_END || token_is_punct(lexer, &token, ')'))
            return false;
        if (token_is_punct(lexer, &token, '('))
            skip_group(lexer);
    }
    return true;
}

/* The pattern behind its first word. Moves behind what matched. */
static bool pattern_match(Lexer *lexer, const char *pattern)
{
    for (Part part = part_next(&pattern); part.length > 0; part = part_next(&pattern)) {
        bool matches;
        if (part_is(part, "..."))
            matches = part_search(lexer, part_next(&pattern));
        else if (part.text[0] == '[')
            matches = part_match(lexer, (Part){part.text + 1, part.length - 2}) || true;
        else
            matches = part_match(lexer, part);
        if (!matches)
            return false;
    }
    return true;
}

/* Below, at or above the token's word. */
static int row_compare(const Lexer *lexer, const Token *token, const KindRow *row)
{
    gsize length = token->end - token->start;
    gsize word_length = strcspn(row->pattern, " ");
    int order = g_ascii_strncasecmp(lexer->text + token->start, row->pattern, MIN(length, word_length));

    return order != 0 ? order : (length > word_length) - (length < word_length);
}

/* The first row for this word, or the end of the table. */
static gsize row_first(const Lexer *lexer, const Token *token)
{
    gsize low = 0;
    gsize high = G_N_ELEMENTS(ROWS);

    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (row_compare(lexer, token, &ROWS[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The row that matches from `token` on, or NULL; the lexer moves behind what matched. */
static const KindRow *row_find(Lexer *lexer, const Token *token)
{
    gsize i = token->kind == TOKEN_WORD ? row_first(lexer, token) : G_N_ELEMENTS(ROWS);

    for (; i < G_N_ELEMENTS(ROWS) && row_compare(lexer, token, &ROWS[i]) == 0; i++) {
        Lexer ahead = *lexer;
        const char *rest = ROWS[i].pattern + strcspn(ROWS[i].pattern, " ");
        if ((ROWS[i].dialects & 1 << lexer->dialect) != 0 && pattern_match(&ahead, rest)) {
            *lexer = ahead;
            return &ROWS[i];
        }
    }
    return NULL;
}

/* Behind WITH: the kind of the statement after the queries in parentheses; one of these that writes makes it
 * DML. */
static StatementKind with_kind(Lexer *lexer)
{
    static const char *const WRITES[] = {"insert", "update", "delete", "merge", "replace"};
    static const char *const READS[] = {"select", "values", "table"};
    bool named = false; /* what follows WITH and each comma is a name, whatever the word */
    bool writes = false;

    for (Token token = token_next(lexer); token.kind != TOKEN_END; token = token_next(lexer)) {
        if (!named) {
            named = !token_is_word(lexer, &token, "recursive");
        } else if (token_is_punct(lexer, &token, ',')) {
            named = false;
        } else if (token_is_punct(lexer, &token, '(')) {
            Lexer inside = *lexer;
            Token first = token_next(&inside);
            writes = writes || token_find_word(&inside, &first, WRITES, G_N_ELEMENTS(WRITES)) >= 0;
            skip_group(lexer);
        } else if (token_find_word(lexer, &token, WRITES, G_N_ELEMENTS(WRITES)) >= 0) {
            return STATEMENT_DML;
        } else if (token_find_word(lexer, &token, READS, G_N_ELEMENTS(READS)) >= 0) {
            return writes ? STATEMENT_DML : STATEMENT_SELECT;
        }
    }
    return STATEMENT_OTHER;
}

StatementKind statement_kind(const Lexer *lexer, gsize start, gsize end)
{
    Lexer words = lexer_within(lexer, start, end);

    for (;;) {
        const KindRow *row;
        Token token = token_next(&words);
        while (token_is_punct(&words, &token, '('))
            token = token_next(&words);
        row = row_find(&words, &token);
        if (row == NULL)
            return STATEMENT_OTHER;
        if (row->kind == KIND_WITH)
            return with_kind(&words);
        if (row->kind != KIND_INNER)
            return (StatementKind)row->kind;
    }
}
