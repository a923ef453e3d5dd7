/* Step session: what a session keeps for itself and another one cannot be given again: temporary tables, user
 * variables, the number of the last row. Owns how statements are read for that; sends nothing. Worker thread.
 */
#include "run/step/step_apply.h"
#include "sql/words.h"

static const SqlWord *word_at(const GPtrArray *words, guint at)
{
    return at < words->len ? words->pdata[at] : NULL;
}

static bool is_word(const GPtrArray *words, guint at, const char *const *any)
{
    const SqlWord *word = word_at(words, at);
    for (; word && *any; any++)
        if (sql_word_is(word, *any))
            return true;
    return false;
}

static bool is_sign(const GPtrArray *words, guint at, char sign)
{
    const SqlWord *word = word_at(words, at);
    return word && sql_word_is_sign(word, sign);
}

static const char *const temporary[] = {"temp", "temporary", NULL};

static bool makes_temporary(const GPtrArray *words)
{
    static const char *const create[] = {"create", NULL};
    static const char *const between[] = {"or", "replace", "global", "local", NULL};
    guint at = 1;
    while (is_word(words, at, between))
        at++;
    return is_word(words, 0, create) && is_word(words, at, temporary);
}

/* SELECT … INTO TEMP name, on PostgreSQL. */
static bool selects_into_temporary(const GPtrArray *words, StatementKind kind)
{
    static const char *const into[] = {"into", NULL};
    for (guint i = 0; kind == STATEMENT_SELECT && i < words->len; i++)
        if (is_word(words, i, into) && is_word(words, i + 1, temporary))
            return true;
    return false;
}

/* @name, but not @@name, nor the host of an account: 'user'@'host', for user@host. */
static bool is_variable(const GPtrArray *words, guint at)
{
    static const char *const before_account[] = {"for", "from", "to", "user", NULL};
    const SqlWord *before = at > 0 ? word_at(words, at - 1) : NULL;
    bool account = before && (before->kind == SQL_WORD_QUOTED || (before->kind == SQL_WORD_PLAIN && at > 1 &&
                                                                  is_word(words, at - 2, before_account)));
    return is_sign(words, at, '@') && !is_sign(words, at + 1, '@') &&
           !(at > 0 && is_sign(words, at - 1, '@')) && !account;
}

/* DDL holds the bodies of routines, whose variables are those of who calls them; but CREATE TABLE … SELECT
 * may assign. */
static bool uses_variable(const GPtrArray *words, StatementKind kind)
{
    for (guint i = 0; i < words->len; i++)
        if (is_variable(words, i) &&
            (kind != STATEMENT_DDL || (is_sign(words, i + 2, ':') && is_sign(words, i + 3, '='))))
            return true;
    return false;
}

/* LAST_INSERT_ID() and SQLite's read without an argument what another statement left; so do MariaDB's LASTVAL
 * and PREVIOUS VALUE FOR a sequence, and the variables of the same. */
static bool asks_for_last_row(const GPtrArray *words)
{
    static const char *const functions[] = {"last_insert_id", "last_insert_rowid", NULL};
    static const char *const of_sequence[] = {"lastval", NULL}, *const previous[] = {"previous", NULL};
    static const char *const variables[] = {"identity", "last_insert_id", NULL}, *const value[] = {"value",
                                                                                                   NULL};
    for (guint i = 0; i < words->len; i++)
        if ((is_word(words, i, functions) && is_sign(words, i + 1, '(') && is_sign(words, i + 2, ')')) ||
            (is_word(words, i, of_sequence) && is_sign(words, i + 1, '(')) ||
            (is_word(words, i, previous) && is_word(words, i + 1, value)) ||
            (is_sign(words, i, '@') && is_sign(words, i + 1, '@') && is_word(words, i + 2, variables)))
            return true;
    return false;
}

static GPtrArray *words_of(const Script *script, Dialect dialect, unsigned index)
{
    const Statement *statement = script_at(script, index);
    return sql_words(script_text(script) + statement->start, statement->length, dialect);
}

/* Of the statements up to `done` the one that the session kept something of; -1: none. */
static gint statement_kept(const Script *script, Dialect dialect, unsigned done)
{
    bool mysql = dialect_is_mysql_family(dialect);
    for (unsigned i = 0; i < done; i++) {
        g_autoptr(GPtrArray) words = words_of(script, dialect, i);
        StatementKind kind = script_at(script, i)->kind;
        if (words && (makes_temporary(words) || selects_into_temporary(words, kind) ||
                      (mysql && uses_variable(words, kind))))
            return (gint)i;
    }
    return -1;
}

/* Behind `done`, the one that asks for the number of a row that a session before inserted; -1: none. */
static gint statement_asking(const Script *script, Dialect dialect, unsigned done)
{
    for (unsigned i = done; done > 0 && i < script_length(script); i++) {
        g_autoptr(GPtrArray) words = words_of(script, dialect, i);
        StatementKind kind = script_at(script, i)->kind;
        if (words && asks_for_last_row(words))
            return (gint)i;
        if (kind == STATEMENT_DML || kind == STATEMENT_CALL)
            return -1;
    }
    return -1;
}

bool step_session_is_replaceable(const Script *script, Dialect dialect, unsigned done, const char *revision,
                                 GError **error)
{
    gint kept = statement_kept(script, dialect, done);
    gint asking = kept < 0 ? statement_asking(script, dialect, done) : -1;
    if (kept >= 0)
        g_set_error(
            error, STEP_ERROR, STEP_ERROR_SESSION_LOST,
            "revision %s stopped here after statement %u, and its statement %d made a temporary table or a "
            "user variable that is gone with its session; complete or undo the revision by hand, then "
            "\"dbfleet stamp\"",
            revision, done, kept + 1);
    else if (asking >= 0)
        g_set_error(
            error, STEP_ERROR, STEP_ERROR_SESSION_LOST,
            "revision %s stopped here after statement %u, and its statement %d asks for the number of the "
            "last row, which is gone with its session; complete or undo the revision by hand, then "
            "\"dbfleet stamp\"",
            revision, done, asking + 1);
    return kept < 0 && asking < 0;
}
