/* Rules of revisions: the file as a whole, its trial, and what it says to lint. */
#include "lint/lint_internal.h"

#include <string.h>

/* ---- Small ---- */

/* What a person would count as one change: an object, not its parts nor what comes with it. */
static bool counts(const SchemaChange *change)
{
    const SchemaObject *object = schema_change_object(change);
    return !change->with_parent && object->kind != SCHEMA_COMMENT && object->kind != SCHEMA_GRANT &&
           object->kind != SCHEMA_VIEW_COLUMN;
}

/* The tables and other top objects that the section's changes are about. */
static unsigned concerns_of(const LintSection *section)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; section->diff && i < section->diff->changes->len; i++) {
        const SchemaChange *change = section->diff->changes->pdata[i];
        const SchemaObject *object = schema_change_object(change);
        if (counts(change))
            g_hash_table_add(names, (gpointer)(object->parent ? object->parent : object->key));
    }
    return g_hash_table_size(names);
}

static void rv01_small(LintSink *sink, const LintSection *section)
{
    unsigned concerns = concerns_of(section);
    if (concerns > sink->settings->max_changes)
        lint_tell(sink, NULL, "it changes %u objects, and more than %u are hard to review and to take back",
                  concerns, sink->settings->max_changes);
}

static void rv02_described(LintSink *sink, const LintRevision *revision)
{
    if (!*revision->message && !revision->merge)
        lint_tell(sink, NULL, "it has no message");
}

/* ---- Trial ---- */

static void rv03_fails(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        if (sink->statement->failure)
            lint_tell(sink, NULL, "it fails on a scratch %s database: %s", dialect_name(section->dialect),
                      sink->statement->failure);
    }
    sink->statement = NULL;
    if (section->failure)
        lint_tell(sink, NULL, "it cannot run on %s: %s", dialect_name(section->dialect), section->failure);
}

const LintRule lint_revision_rules[] = {
    {.id = "RV01",
     .title = "many changes in one revision",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "A small revision is reviewed in a minute, applied in one short transaction and taken back "
            "alone; a large one "
            "is none of this.",
     .safer = "One concern in each revision. lint.max_changes in dbfleet.yaml says what counts as many.",
     .section = rv01_small},
    {.id = "RV02",
     .title = "a revision without a message",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "Whoever reads a plan, a report or the history at night sees only its number.",
     .safer = "Add a line '-- message: what it does' to its header.",
     .revision = rv02_described},
    {.id = "RV03",
     .title = "a statement fails on a scratch database",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "It ran on an empty database where every revision before it had run. What fails there fails on "
            "every target.",
     .safer = "Mend the statement; 'dbfleet test' tries the whole path.",
     .section = rv03_fails},
    {.id = "RV04",
     .title = "an allow that allows nothing",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "'-- dbfleet:allow' needs a rule that exists and a reason: the reason is what the next reader "
            "learns from.",
     .safer = "Write '-- dbfleet:allow LK03 the table has ten rows' on a line above the statement."},
    {.id = "RV05",
     .title = "an allow that is not needed",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "The statement below it does not do what is allowed, or not any more; left there it would hide a "
            "later "
            "mistake.",
     .safer = "Take the line out, or move it to the line above the statement that is meant."},
    {0}};
