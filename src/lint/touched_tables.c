/* Touched tables: those that were there before the section and whose rows, definition or locks it needs, by
 * its words. */
#include "lint/lint_risk_internal.h"
#include "lint/risk.h"

#include <string.h>

/* Behind these a table stands; the first that fits counts. */
static const char *const PHRASES[] = {
    "alter [online|offline] [ignore] table [if] [exists] [only]",
    "drop table|tables [if] [exists]",
    "truncate [table] [only]",
    "delete from [only]",
    "update [only]",
    "insert [or] [ignore|replace] [into]",
    "replace into",
    "merge into [only]",
    "cluster [verbose]",
    "vacuum full [freeze] [verbose] [analyze]",
    "optimize [no_write_to_binlog|local] table|tables",
    "reindex table",
    "lock [table] [only]",
};

/* One part of a name as the dialect wants it; PostgreSQL folds what is not quoted. */
static void append_part(GString *name, const SqlWord *word, Dialect dialect)
{
    bool quoted = word->kind == SQL_WORD_QUOTED;
    g_autofree char *text = dialect != DIALECT_POSTGRES ? g_strdup(word->text)
                            : quoted                    ? sql_quote_ident(dialect, word->text)
                                                        : g_ascii_strdown(word->text, -1);
    g_string_append_printf(name, "%s%s", name->len ? "." : "", text);
}

/* The name at this word, and in *at where it ends. Caller frees; NULL if there is none. */
static char *name_at(const LintStatement *self, gssize *at, Dialect dialect)
{
    GString *name = g_string_new(NULL);
    for (bool more = true; more && (guint)*at < self->words->len;) {
        const SqlWord *word = self->words->pdata[*at];
        more = sql_word_is_name(word);
        if (more)
            append_part(name, word, dialect);
        *at += more ? 1 : 0;
        more = more && (guint)*at < self->words->len && sql_word_is_sign(self->words->pdata[*at], '.');
        *at += more ? 1 : 0;
    }
    return g_string_free(name, name->len == 0);
}

typedef struct Touched {
    GPtrArray *names; /* of char * */
    GHashTable *made; /* names in small letters */
    Dialect dialect;
} Touched;

static void take(const Touched *self, char *name)
{
    g_autofree char *key = name ? g_utf8_strdown(name, -1) : NULL;
    if (!name || g_hash_table_contains(self->made, key) || strchr(name, '{') ||
        g_ptr_array_find_with_equal_func(self->names, name, g_str_equal, NULL))
        g_free(name);
    else
        g_ptr_array_add(self->names, name);
}

static void take_list(const Touched *self, const LintStatement *statement, gssize at)
{
    bool more = true;
    while (more) {
        take(self, name_at(statement, &at, self->dialect));
        more = (guint)at < statement->words->len && sql_word_is_sign(statement->words->pdata[at], ',');
        at++;
    }
}

/* Every table behind the phrase, wherever it stands. */
static void take_behind(const Touched *self, const LintStatement *statement, const char *phrase)
{
    for (guint i = 0; i < statement->words->len; i++) {
        gssize at = lint_behind(statement, i, phrase);
        if (at >= 0)
            take(self, name_at(statement, &at, self->dialect));
    }
}

static void note_made(const Touched *self, const LintStatement *statement)
{
    gssize at = lint_behind(statement, 0,
                            "create [or] [replace] [global|local] [temporary|temp|unlogged] table [if] "
                            "[not] [exists]");
    g_autofree char *name =
        at >= 0 && !lint_holds(statement, "if not exists") ? name_at(statement, &at, self->dialect) : NULL;
    if (name)
        g_hash_table_add(self->made, g_utf8_strdown(name, -1));
}

static void take_statement(const Touched *self, const LintStatement *statement)
{
    gssize at = -1;
    for (gsize i = 0; i < G_N_ELEMENTS(PHRASES) && at < 0; i++)
        at = lint_behind(statement, 0, PHRASES[i]);
    if (at >= 0)
        take_list(self, statement, at);
    if (lint_begins(statement, "create [unique|fulltext|spatial] index"))
        take_behind(self, statement, "on [only]");
    note_made(self, statement);
    if (lint_begins(statement, "alter|create"))
        take_behind(self, statement, "references");
}

GPtrArray *lint_touched_tables(const LintSection *section)
{
    g_autoptr(GHashTable) made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const Touched touched = {g_ptr_array_new_with_free_func(g_free), made, section->dialect};
    for (guint i = 0; i < section->statements->len; i++)
        take_statement(&touched, section->statements->pdata[i]);
    return touched.names;
}
