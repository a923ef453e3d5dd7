/* Words of statements against phrases. */
#include "lint/lint_internal.h"

#include <string.h>

static const SqlWord *word_at(const LintStatement *self, gssize index)
{
    return index >= 0 && (guint)index < self->words->len ? self->words->pdata[index] : NULL;
}

const char *lint_word(const LintStatement *self, gssize index)
{
    const SqlWord *word = word_at(self, index);
    return word ? word->text : "";
}

/* One of "a|b"; a sign stands for itself, "*" for any word. */
static bool matches_one(const SqlWord *word, const char *choices)
{
    if (g_str_equal(choices, "*"))
        return true;
    g_auto(GStrv) list = g_strsplit(choices, "|", -1);
    for (char **choice = list; *choice; choice++)
        if (g_ascii_isalpha(**choice) ? sql_word_is(word, *choice) : sql_word_is_sign(word, **choice))
            return true;
    return false;
}

gssize lint_behind(const LintStatement *self, guint from, const char *phrase)
{
    g_auto(GStrv) parts = g_strsplit(phrase, " ", -1);
    gssize at = from;
    for (char **part = parts; *part; part++) {
        bool optional = (*part)[0] == '[' && (*part)[1] != '\0';
        g_autofree char *choices = optional ? g_strndup(*part + 1, strlen(*part) - 2) : g_strdup(*part);
        const SqlWord *word = word_at(self, at);
        if (word && matches_one(word, choices))
            at++;
        else if (!optional)
            return -1;
    }
    return at;
}

gssize lint_find(const LintStatement *self, const char *phrase)
{
    for (guint i = 0; i < self->words->len; i++) {
        gssize behind = lint_behind(self, i, phrase);
        if (behind >= 0)
            return behind;
    }
    return -1;
}

bool lint_begins(const LintStatement *self, const char *phrase)
{
    return lint_behind(self, 0, phrase) >= 0;
}

bool lint_holds(const LintStatement *self, const char *phrase)
{
    return lint_find(self, phrase) >= 0;
}

char *lint_name_at(const LintStatement *self, gssize index)
{
    const SqlWord *first = word_at(self, index);
    if (!first || !sql_word_is_name(first))
        return NULL;
    const SqlWord *dot = word_at(self, index + 1), *second = word_at(self, index + 2);
    if (dot && second && sql_word_is_sign(dot, '.') && sql_word_is_name(second))
        return g_strdup_printf("%s.%s", first->text, second->text);
    return g_strdup(first->text);
}

bool lint_names(const LintStatement *self, const char *text)
{
    for (guint i = 0; i < self->words->len; i++) {
        const SqlWord *word = self->words->pdata[i];
        if (word->kind != SQL_WORD_SIGN && g_ascii_strcasecmp(word->text, text) == 0)
            return true;
    }
    return false;
}

/* ---- Statements of a section ---- */

bool lint_is_old(const LintSection *section, SchemaKind kind, const char *key)
{
    return section->before && key && schema_model_find(section->before, kind, key);
}

bool lint_is_old_table(const LintSection *section, const char *key)
{
    return lint_is_old(section, SCHEMA_TABLE, key);
}

const LintStatement *lint_statement_of(const LintSection *section, ChangeKind change, SchemaKind kind,
                                       const char *key)
{
    for (guint i = 0; i < section->statements->len; i++) {
        const LintStatement *statement = section->statements->pdata[i];
        const SchemaChange *found =
            statement->diff && key ? schema_diff_find(statement->diff, kind, key) : NULL;
        if (found && found->kind == change)
            return statement;
    }
    return NULL;
}

bool lint_is_rename(const LintStatement *self)
{
    return lint_begins(self, "rename table|tables") || lint_holds(self, "rename [column|to|as|value]") ||
           lint_holds(self, "change [column]") || lint_holds(self, "set schema");
}

bool lint_was_renamed(const LintSection *section, const SchemaChange *change)
{
    const SchemaObject *object = schema_change_object(change);
    const LintStatement *statement = lint_statement_of(section, change->kind, object->kind, object->key);
    g_autofree char *bare = lint_bare_name(object->name);
    return statement && change->kind != CHANGE_ALTER && lint_is_rename(statement) &&
           lint_names(statement, bare);
}
