/* Lint reference: the table of rules as Markdown, for the documentation and its test. */
#include "lint/lint_internal.h"

char *lint_dialect_names(unsigned dialects)
{
    static const char *const names[] = {"PostgreSQL", "MySQL", "MariaDB", "SQLite"};
    GString *text = g_string_new(NULL);
    if (dialects == LINT_ALL)
        g_string_append(text, "all");
    for (guint i = 0; i < DIALECT_COUNT && dialects != LINT_ALL; i++)
        if (dialects & 1u << i)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", names[i]);
    return g_string_free(text, FALSE);
}

static const char *default_word(FindingLevel level)
{
    return level == FINDING_OK ? "off" : finding_level_name(level);
}

char *lint_rules_markdown(void)
{
    GString *text = g_string_new("| rule | finds | dialects | default | looks at |\n|---|---|---|---|---|\n");
    const LintRule *rule = NULL;
    for (guint i = 0; (rule = lint_rule_at(i)) != NULL; i++) {
        g_autofree char *dialects = lint_dialect_names(rule->dialects);
        g_string_append_printf(text, "| [%s](%s.md) | %s | %s | %s | %s |\n", rule->id, rule->id, rule->title,
                               dialects, default_word(rule->severity), lint_need_name(rule->need));
    }
    return g_string_free(text, FALSE);
}

char *lint_rule_markdown(const LintRule *rule)
{
    g_autofree char *dialects = lint_dialect_names(rule->dialects);
    return g_strdup_printf("# %s: %s\n\n"
                           "| default | dialects | looks at |\n|---|---|---|\n| %s | %s | %s |\n\n"
                           "**Why.** %s\n\n"
                           "**Instead.** %s\n",
                           rule->id, rule->title, default_word(rule->severity), dialects,
                           lint_need_name(rule->need), rule->why, rule->safer);
}
