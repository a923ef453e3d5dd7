/* Rows of risk against words: which row a statement or an action is, and which names it means. */
#include "lint/lint_risk_internal.h"

#include <string.h>

/* ---- Rows ---- */

/* Behind the first of the phrases, told apart by semicolons, with which it begins; -1. */
static gssize behind_any(const LintStatement *self, const char *phrases)
{
    g_auto(GStrv) list = g_strsplit(phrases, ";", -1);
    gssize at = -1;
    for (char **phrase = list; *phrase && at < 0; phrase++)
        at = lint_behind(self, 0, *phrase);
    return at;
}

gssize lint_risk_behind(const RiskRow *row, const LintStatement *statement)
{
    return behind_any(statement, row->phrase);
}

static bool holds_any(const LintStatement *self, const char *phrases)
{
    g_auto(GStrv) list = g_strsplit(phrases, ";", -1);
    bool found = false;
    for (char **phrase = list; *phrase && !found; phrase++)
        found = lint_holds(self, *phrase);
    return found;
}

static bool fits(const RiskRow *row, const LintStatement *statement, Dialect dialect)
{
    return (row->dialects & 1u << dialect) && lint_risk_behind(row, statement) >= 0 &&
           (!row->holds || holds_any(statement, row->holds)) &&
           !(row->lacks && holds_any(statement, row->lacks));
}

const RiskRow *lint_risk_row(const RiskRow *rows, const LintStatement *statement, Dialect dialect)
{
    for (const RiskRow *row = rows; row->phrase; row++)
        if (fits(row, statement, dialect))
            return row;
    return NULL;
}

const RiskRow *lint_risk_of_rule(const LintStatement *statement, Dialect dialect, const char *rule)
{
    const RiskRow *row = lint_risk_row(lint_risk_statements, statement, dialect);
    if (row)
        return g_strcmp0(row->rule, rule) == 0 ? row : NULL;
    g_autoptr(GPtrArray) actions = lint_alter_actions(statement);
    for (guint i = 0; i < actions->len; i++) {
        row = lint_risk_row(lint_risk_actions, actions->pdata[i], dialect);
        if (row && g_strcmp0(row->rule, rule) == 0)
            return row;
    }
    return NULL;
}

/* ---- Names ---- */

/* How many words the name at this word has: "a" or "a . b". */
static guint name_length(const LintStatement *self, gssize at)
{
    const SqlWord *dot = (guint)at + 2 < self->words->len ? self->words->pdata[at + 1] : NULL;
    return dot && sql_word_is_sign(dot, '.') ? 3 : 1;
}

static bool is_comma(const LintStatement *self, gssize at)
{
    return (guint)at < self->words->len && sql_word_is_sign(self->words->pdata[at], ',');
}

static void add_names(GPtrArray *names, const LintStatement *self, gssize at)
{
    char *name = at >= 0 ? lint_name_at(self, at) : NULL;
    while (name) {
        g_ptr_array_add(names, name);
        at += name_length(self, at);
        name = is_comma(self, at) ? lint_name_at(self, ++at) : NULL;
    }
}

GPtrArray *lint_risk_names(const RiskRow *row, const LintStatement *statement, const char *table)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    gssize on = row->names == RISK_NAMES_ON ? lint_find(statement, "on [only]") : -1;
    if (row->names == RISK_NAMES_LIST)
        add_names(names, statement, lint_risk_behind(row, statement));
    else if (on >= 0)
        g_ptr_array_add(names, lint_name_at(statement, on));
    else if (row->names == RISK_NAMES_TABLE || row->names == RISK_NAMES_COLUMN)
        g_ptr_array_add(names, g_strdup(table));
    g_ptr_array_remove(names, NULL);
    return names;
}

/* ---- ALTER TABLE ---- */

/* Behind the words before the table's name; -1. */
static gssize altered_at(const LintStatement *self)
{
    return lint_behind(self, 0, "alter [online|offline] [ignore] table [if] [exists] [only]");
}

char *lint_altered_table(const LintStatement *self)
{
    gssize at = altered_at(self);
    return at >= 0 ? lint_name_at(self, at) : NULL;
}

static void action_free(gpointer data)
{
    LintStatement *self = data;
    g_ptr_array_unref(self->words);
    g_free(self);
}

static LintStatement *action_new(const LintStatement *statement, guint from, guint until)
{
    LintStatement *self = g_new0(LintStatement, 1);
    self->words = g_ptr_array_new();
    for (guint i = from; i < until; i++)
        g_ptr_array_add(self->words, statement->words->pdata[i]);
    return self;
}

/* The next comma outside of parentheses, or the end. */
static guint action_end(const LintStatement *self, guint at)
{
    guint depth = 0;
    for (; at < self->words->len; at++) {
        const SqlWord *word = self->words->pdata[at];
        if (depth == 0 && sql_word_is_sign(word, ','))
            return at;
        depth += sql_word_is_sign(word, '(');
        depth -= depth > 0 && sql_word_is_sign(word, ')');
    }
    return at;
}

/* PostgreSQL's "*" behind the name; MariaDB's WAIT n and NOWAIT. */
static guint behind_wait(const LintStatement *self, guint at)
{
    gssize behind = lint_behind(self, at, "wait *");
    if (behind < 0)
        behind = lint_behind(self, at, "nowait");
    if (behind < 0 && at < self->words->len && sql_word_is_sign(self->words->pdata[at], '*'))
        behind = at + 1;
    return behind >= 0 ? (guint)behind : at;
}

GPtrArray *lint_alter_actions(const LintStatement *self)
{
    GPtrArray *actions = g_ptr_array_new_with_free_func(action_free);
    gssize at = altered_at(self);
    if (at < 0 || (guint)at >= self->words->len)
        return actions;
    guint first = behind_wait(self, (guint)at + name_length(self, at));
    for (guint from = first; from < self->words->len;) {
        guint end = action_end(self, from);
        g_ptr_array_add(actions, action_new(self, from, end));
        from = end + 1;
    }
    return actions;
}
