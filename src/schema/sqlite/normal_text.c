/* Texts of SQLite in one spelling, and as they are used again in statements. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

/* ---- One spelling ---- */

/* In double quotes stands a name, or where there is no such name a string:
 * https://www.sqlite.org/quirks.html section 8. */
static char *double_quoted_text(const char *text, GHashTable *names)
{
    g_autofree char *folded = lite_fold(text);
    if (g_hash_table_contains(names, folded) || g_str_equal(folded, text))
        return lite_name(folded);
    return sql_quote_ident(DIALECT_SQLITE, text);
}

static char *word_as_written(const SqlWord *word)
{
    if (word->kind != SQL_WORD_QUOTED)
        return g_strdup(word->text);
    return word->quote == '\'' ? sql_quote_literal(DIALECT_SQLITE, word->text)
                               : sql_quote_ident(DIALECT_SQLITE, word->text);
}

static char *word_text(const SqlWord *word, GHashTable *names)
{
    if (!names)
        return word_as_written(word);
    if (word->kind != SQL_WORD_QUOTED)
        return lite_fold(word->text);
    if (word->quote == '\'')
        return sql_quote_literal(DIALECT_SQLITE, word->text);
    return word->quote == '"' ? double_quoted_text(word->text, names) : lite_key(word->text);
}

static bool is_sign_of(const SqlWord *word, const char *signs)
{
    return word->kind == SQL_WORD_SIGN && strchr(signs, word->text[0]);
}

/* Behind a word that is no keyword a parenthesis holds its arguments: varchar(10), lower(name). */
static bool takes_arguments(const SqlWord *word)
{
    static const char *const keywords[] = {"key", "over", "filter", "by", "begin", "and", "or"};
    if (word->kind == SQL_WORD_SIGN)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(keywords); i++)
        if (sql_word_is(word, keywords[i]))
            return false;
    g_autofree char *name = lite_name(word->text);
    return word->kind == SQL_WORD_QUOTED || name[0] != '"';
}

static bool needs_space(const SqlWord *left, const SqlWord *right)
{
    if (is_sign_of(right, ",).;") || is_sign_of(left, "(."))
        return false;
    if (is_sign_of(left, "<>=!|-") && is_sign_of(right, "<>=|"))
        return false;
    if (sql_word_is(left, "x") && right->kind == SQL_WORD_QUOTED && right->quote == '\'')
        return false;
    return !sql_word_is_sign(right, '(') || !takes_arguments(left);
}

char *lite_normal_text(GPtrArray *words, guint from, guint to, GHashTable *names)
{
    GString *text = g_string_new(NULL);
    for (guint i = from; i < to; i++) {
        g_autofree char *word = word_text(words->pdata[i], names);
        if (i > from && needs_space(words->pdata[i - 1], words->pdata[i]))
            g_string_append_c(text, ' ');
        g_string_append(text, word);
    }
    return g_string_free(text, FALSE);
}

/* ---- As statements ---- */

/* Copies what stands between two words; of comments that begin "-- dbfleet:" nothing. */
static void copy_gap(GString *text, const char *gap, gsize length)
{
    while (length > 0) {
        const char *end = memchr(gap, '\n', length);
        gsize line = end ? (gsize)(end - gap) + 1 : length;
        const char *comment = g_strstr_len(gap, (gssize)line, "--");
        const char *mark = comment ? comment + strspn(comment, "- ") : NULL;
        if (mark && g_str_has_prefix(mark, "dbfleet:"))
            g_string_append_len(text, "\n", end ? 1 : 0);
        else
            g_string_append_len(text, gap, (gssize)line);
        gap += line;
        length -= line;
    }
}

/* The words, each behind what stands in front of it; with `name` for the one at `own`, and without that one
 * in front of columns. */
static char *copied_text(const char *sql, GPtrArray *words, guint own, const char *name)
{
    GString *text = g_string_new(NULL);
    gsize at = 0;
    for (guint i = 0; i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        copy_gap(text, sql + at, word->start - at);
        at = word->end;
        if (name && i == own) {
            g_string_append(text, name);
        } else if (name && i > own && lite_is_qualifier(words, own, i)) {
            i++;
            at = ((const SqlWord *)words->pdata[i])->end;
        } else {
            g_string_append_len(text, sql + word->start, (gssize)(word->end - word->start));
        }
    }
    return g_string_free(text, FALSE);
}

char *lite_statement_text(const char *sql)
{
    g_autoptr(GPtrArray) words = sql_words(sql, strlen(sql), DIALECT_SQLITE);
    return words ? copied_text(sql, words, 0, NULL) : g_strdup(sql);
}

char *lite_renamed_text(const char *sql, const char *name)
{
    g_autoptr(GPtrArray) words = sql_words(sql, strlen(sql), DIALECT_SQLITE);
    return words ? copied_text(sql, words, lite_name_index(words), name) : g_strdup(sql);
}

bool lite_is_qualifier(const GPtrArray *words, guint name, guint index)
{
    const SqlWord *own = words->pdata[name];
    const SqlWord *word = words->pdata[index];
    return index + 1 < words->len && sql_word_is_sign(words->pdata[index + 1], '.') &&
           sql_word_is_name(word) && g_ascii_strcasecmp(word->text, own->text) == 0;
}

bool lite_text_names(const char *sql, const char *folded)
{
    g_autoptr(GPtrArray) words = sql_words(sql, strlen(sql), DIALECT_SQLITE);
    for (guint i = 0; words && i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        if (word->kind != SQL_WORD_SIGN && g_ascii_strcasecmp(word->text, folded) == 0)
            return true;
    }
    return false;
}

/* The library keeps "CREATE", the kind, and the text from the name on. */
guint lite_name_index(GPtrArray *words)
{
    guint index = 1;
    if (words->len < 3 || !sql_word_is(words->pdata[0], "create"))
        return 0;
    index += sql_word_is(words->pdata[1], "unique") || sql_word_is(words->pdata[1], "virtual");
    return index + 1 < words->len ? index + 1 : 0;
}
