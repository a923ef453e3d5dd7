/* The text of a table, cut at commas and at the keywords that begin a clause. Knows the grammar of CREATE
 * TABLE as far as that takes, https://www.sqlite.org/lang_createtable.html. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

void lite_table_text_free(LiteTableText *self)
{
    if (!self)
        return;
    g_clear_pointer(&self->words, g_ptr_array_unref);
    g_clear_pointer(&self->parts, g_array_unref);
    g_free(self);
}

/* How the depth of parentheses changes with a word. */
static int depth_step(const SqlWord *word)
{
    return sql_word_is_sign(word, '(') - sql_word_is_sign(word, ')');
}

/* Cuts from behind the opening parenthesis; false if it is not closed. */
static bool cut_parts(LiteTableText *self, guint from)
{
    int depth = 1;
    for (guint i = from; i < self->words->len; i++) {
        depth += depth_step(self->words->pdata[i]);
        if (depth > 1 || (depth == 1 && !sql_word_is_sign(self->words->pdata[i], ',')))
            continue;
        WordRange part = {from, i};
        g_array_append_val(self->parts, part);
        from = i + 1;
        if (depth == 0) {
            self->options = (WordRange){i + 1, self->words->len};
            return true;
        }
    }
    return false;
}

/* A column's name may stand behind its table's, which tells nothing in the table's own text. */
static void leave_out_qualifiers(GPtrArray *words, guint name)
{
    for (guint i = words->len; i-- > name + 1;)
        if (lite_is_qualifier(words, name, i))
            g_ptr_array_remove_range(words, i, 2);
}

LiteTableText *lite_table_text_new(const char *sql)
{
    g_autoptr(LiteTableText) self = g_new0(LiteTableText, 1);
    self->words = sql_words(sql, strlen(sql), DIALECT_SQLITE);
    self->parts = g_array_new(FALSE, FALSE, sizeof(WordRange));
    guint name = self->words ? lite_name_index(self->words) : 0;
    if (!name || name + 1 >= self->words->len || !sql_word_is_sign(self->words->pdata[name + 1], '('))
        return NULL;
    leave_out_qualifiers(self->words, name);
    return cut_parts(self, name + 2) ? g_steal_pointer(&self) : NULL;
}

/* ---- Clauses ---- */

static const char *const column_starts[] = {"constraint", "primary",   "not",     "null",
                                            "unique",     "check",     "default", "collate",
                                            "references", "generated", "as",      NULL};
static const char *const table_starts[] = {"constraint", "primary", "unique", "check", "foreign", NULL};

static bool is_one_of(const SqlWord *word, const char *const *keywords)
{
    for (; *keywords; keywords++)
        if (sql_word_is(word, *keywords))
            return true;
    return false;
}

/* Behind these stands a name or a value, or the keyword goes on with what they began. */
static bool goes_on(const SqlWord *before, const SqlWord *word)
{
    static const char *const openers[] = {"default", "collate", "constraint", "references", "set", NULL};
    return is_one_of(before, openers) || (sql_word_is(before, "not") && sql_word_is(word, "null")) ||
           (sql_word_is(before, "always") && sql_word_is(word, "as"));
}

static bool starts_clause(GPtrArray *words, guint index, WordRange part, const char *const *starts)
{
    const SqlWord *word = words->pdata[index];
    if (!is_one_of(word, starts) || (index > part.from && goes_on(words->pdata[index - 1], word)))
        return false;
    return !(sql_word_is(word, "not") && index + 1 < part.to &&
             sql_word_is(words->pdata[index + 1], "deferrable"));
}

/* A named one: its keyword, which begins no clause of its own, stands behind the name. */
static LiteClause clause_at(GPtrArray *words, guint index, WordRange part)
{
    LiteClause clause = {NULL, index, part.to};
    if (sql_word_is(words->pdata[index], "constraint") && index + 2 < part.to) {
        clause.name = words->pdata[index + 1];
        clause.from = index + 2;
    }
    return clause;
}

/* *first: where the first one begins, or the end of the part. */
static GArray *cut_clauses(GPtrArray *words, WordRange part, const char *const *starts, guint *first)
{
    GArray *clauses = g_array_new(FALSE, FALSE, sizeof(LiteClause));
    int depth = 0;
    *first = part.to;
    for (guint i = part.from; i < part.to; i++) {
        depth += depth_step(words->pdata[i]);
        if (depth > 0 || !starts_clause(words, i, part, starts))
            continue;
        LiteClause clause = clause_at(words, i, part);
        if (clauses->len > 0)
            g_array_index(clauses, LiteClause, clauses->len - 1).to = i;
        else
            *first = i;
        g_array_append_val(clauses, clause);
        i = clause.from;
    }
    return clauses;
}

GArray *lite_column_clauses(GPtrArray *words, WordRange part, guint *type_end)
{
    WordRange behind_name = {MIN(part.from + 1, part.to), part.to};
    return cut_clauses(words, behind_name, column_starts, type_end);
}

GArray *lite_table_clauses(GPtrArray *words, WordRange part)
{
    guint first;
    return cut_clauses(words, part, table_starts, &first);
}
