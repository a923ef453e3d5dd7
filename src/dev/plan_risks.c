/* Plan risks: a step's sections as facts of lint. */
#include "dev/plan_risks.h"
#include "lint/risk.h"
#include "sql/template.h"

#include <string.h>

/* The section's text with each variable standing for itself; as it is written if it cannot be rendered.
 * Caller frees. */
static char *text_of(const Section *section, Dialect dialect)
{
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (char **name = section->variables; name && *name; name++)
        g_hash_table_insert(values, *name, g_strdup_printf("{{ %s }}", *name));
    char *text = sql_template_render(section->text, section->length, dialect, values, NULL);
    return text ? text : g_strndup(section->text, section->length);
}

static const LintSection *add_section(LintRevision *facts, const Section *section, Dialect dialect)
{
    g_autofree char *text = text_of(section, dialect);
    LintSection *added = lint_revision_add(facts, text, strlen(text), dialect, section->place);
    added->down = section->kind == SECTION_DOWN;
    added->transaction = section->transaction;
    added->foreign_keys_off = section->foreign_keys_off;
    return added;
}

GPtrArray *plan_step_risks(const PlanStep *step, Dialect dialect)
{
    const Revision *revision = step->revision;
    g_autoptr(LintRevision) facts = lint_revision_new(revision->id, revision->message, revision->file);
    const LintSection *section = add_section(facts, plan_step_section(step), dialect);
    const Section *down = revision_section(revision, SECTION_DOWN, dialect);
    if (step->direction == DIRECTION_UP && down)
        add_section(facts, down, dialect);
    return lint_risks(facts, section);
}

GPtrArray *plan_step_tables(const PlanStep *step, Dialect dialect)
{
    g_autoptr(LintRevision) facts =
        lint_revision_new(step->revision->id, step->revision->message, step->revision->file);
    return lint_touched_tables(add_section(facts, plan_step_section(step), dialect));
}
