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
    /* First word, then what must follow: a word or character, a|b one of several, [a] if it is there, () a
     * group in parentheses, * any token, $ the end, ... any number of tokens and groups, inside the same
     * parentheses. */
    const char *pattern;
    int dialects;
    int kind;
} KindRow;

/* In alphabetical order of the first word; of several rows that match the first counts. For the MySQL family
 * DDL is also what commits implicitly (MySQL manual 15.3.3; MariaDB "SQL statements That Cause an Implicit
 * Commit"). Not in a transaction: PostgreSQL's PreventInTransactionBlock, as far as words tell. */
static const KindRow ROWS[] = {
    {"abort", PG, STATEMENT_ROLLBACK},
    {"alter system", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"alter database * set tablespace", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"alter table ... detach partition ... concurrently", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"alter", ALL, STATEMENT_DDL},
    {"analyze [no_write_to_binlog|local] table|tables", MY, STATEMENT_DDL},
    {"analyze format = *", MY, KIND_INNER},
    {"analyze", MY, KIND_INNER},
    {"attach", LITE, STATEMENT_NOT_IN_TRANSACTION},
    {"begin not", MY, STATEMENT_CALL},
    {"begin", ALL, STATEMENT_BEGIN},
    {"cache index", MY, STATEMENT_DDL},
    {"call", PG | MY, STATEMENT_CALL},
    {"case", MY, STATEMENT_CALL},
    {"change", MY, STATEMENT_DDL},
    {"check", MY, STATEMENT_DDL},
    {"checksum", MY, STATEMENT_SELECT},
    {"cluster [verbose] $", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"cluster () $", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"cluster", PG, STATEMENT_DDL},
    {"comment", PG, STATEMENT_DDL},
    {"commit prepared", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"commit", ALL, STATEMENT_COMMIT},
    {"copy ... from", PG, STATEMENT_DML},
    {"create database", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"create tablespace", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"create [unique] index concurrently", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"create", ALL, STATEMENT_DDL},
    {"delete", ALL, STATEMENT_DML},
    {"desc", MY, STATEMENT_SELECT},
    {"describe", MY, STATEMENT_SELECT},
    {"detach", LITE, STATEMENT_NOT_IN_TRANSACTION},
    {"discard all", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"do", PG | MY, STATEMENT_CALL},
    {"drop database", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"drop tablespace", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"drop index concurrently", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"drop prepare", MY, STATEMENT_OTHER},
    {"drop", ALL, STATEMENT_DDL},
    {"end", PG | LITE, STATEMENT_COMMIT},
    {"execute", PG | MY, STATEMENT_CALL},
    {"explain analyze|analyse [verbose]", PG, KIND_INNER},
    {"explain ( ... analyze|analyse off|false|0", PG, STATEMENT_SELECT},
    {"explain ( ... analyze|analyse ... )", PG, KIND_INNER},
    {"explain analyze format = *", MY, KIND_INNER},
    {"explain analyze", MY, KIND_INNER},
    {"explain", ALL, STATEMENT_SELECT},
    {"flush [local|no_write_to_binlog] table|tables ... with read lock", MY, STATEMENT_LOCK_TABLES},
    {"flush [local|no_write_to_binlog] table|tables ... for export", MY, STATEMENT_LOCK_TABLES},
    {"flush", MY, STATEMENT_DDL},
    {"for", MY, STATEMENT_CALL},
    {"get", MY, STATEMENT_SET},
    {"grant", PG | MY, STATEMENT_DDL},
    {"handler", MY, STATEMENT_CALL},
    {"if", MY, STATEMENT_CALL},
    {"import", PG | MY, STATEMENT_DDL},
    {"insert", ALL, STATEMENT_DML},
    {"install", MY, STATEMENT_DDL},
    {"load index", MY, STATEMENT_DDL},
    {"load data|xml", MY, STATEMENT_DML},
    {"lock table|tables", MY, STATEMENT_LOCK_TABLES},
    {"loop", MY, STATEMENT_CALL},
    {"merge", PG, STATEMENT_DML},
    {"optimize", MY, STATEMENT_DDL},
    {"pragma", LITE, STATEMENT_SET},
    {"prepare transaction", PG, STATEMENT_COMMIT},
    {"reassign", PG, STATEMENT_DDL},
    {"refresh", PG, STATEMENT_DDL},
    {"reindex [()] * concurrently", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"reindex ( ... concurrently off|false|0", PG, STATEMENT_DDL},
    {"reindex ( ... concurrently", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"reindex [()] database|schema|system", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"reindex", PG | LITE, STATEMENT_DDL},
    {"release", ALL, STATEMENT_SAVEPOINT},
    {"rename", MY, STATEMENT_DDL},
    {"repair", MY, STATEMENT_DDL},
    {"repeat", MY, STATEMENT_CALL},
    {"replace", MY | LITE, STATEMENT_DML},
    {"reset persist", MY, STATEMENT_SET},
    {"reset", MY, STATEMENT_DDL},
    {"reset", PG, STATEMENT_SET},
    {"resignal", MY, STATEMENT_CALL},
    {"revoke", PG | MY, STATEMENT_DDL},
    {"rollback prepared", PG, STATEMENT_NOT_IN_TRANSACTION},
    {"rollback [work|transaction] to", ALL, STATEMENT_SAVEPOINT},
    {"rollback", ALL, STATEMENT_ROLLBACK},
    {"savepoint", ALL, STATEMENT_SAVEPOINT},
    {"security", PG, STATEMENT_DDL},
    {"select", ALL, STATEMENT_SELECT},
    {"set password", MY, STATEMENT_DDL},
    {"set statement ... for", MY, KIND_INNER},
    {"set", PG | MY, STATEMENT_SET},
    {"show", PG | MY, STATEMENT_SELECT},
    {"signal", MY, STATEMENT_CALL},
    {"start transaction", PG | MY, STATEMENT_BEGIN},
    {"start", MY, STATEMENT_DDL},
    {"stop", MY, STATEMENT_DDL},
    {"table", PG | MY, STATEMENT_SELECT},
    {"truncate", PG | MY, STATEMENT_DDL},
    {"uninstall", MY, STATEMENT_DDL},
    {"unlock table|tables", MY, STATEMENT_LOCK_TABLES},
    {"update", ALL, STATEMENT_DML},
    {"use", MY, STATEMENT_SET},
    {"vacuum", PG | LITE, STATEMENT_NOT_IN_TRANSACTION},
    {"values", ALL, STATEMENT_SELECT},
    {"while", MY, STATEMENT_CALL},
    {"with", ALL, KIND_WITH},
    {"xa begin|start", MY, STATEMENT_BEGIN},
    {"xa commit|prepare", MY, STATEMENT_COMMIT},
    {"xa rollback", MY, STATEMENT_ROLLBACK},
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
