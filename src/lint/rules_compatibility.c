/* Rules of compatibility: what programs that are already running meet once the revision is applied. */
#include "lint/lint_internal.h"

#include <string.h>

static const SchemaChange *change_at(LintSink *sink, guint index)
{
    const SchemaChange *change = sink->section->diff->changes->pdata[index];
    const SchemaObject *object = schema_change_object(change);
    sink->statement = lint_statement_of(sink->section, change->kind, object->kind, object->key);
    return change;
}

/* Dropped by a rename: the new name is another object. */
static void tell_renamed(LintSink *sink, const SchemaKind *kinds, gsize count)
{
    for (guint i = 0; i < sink->section->diff->changes->len; i++) {
        const SchemaChange *change = change_at(sink, i);
        for (gsize k = 0; k < count; k++)
            if (change->kind == CHANGE_DROP && change->before->kind == kinds[k] && !change->with_parent &&
                lint_was_renamed(sink->section, change))
                lint_tell_of(sink, change->before, "%s has another name: programs that use the old one fail",
                             change->before->key);
    }
}

static void bc01_column(LintSink *sink, const LintSection *section)
{
    static const SchemaKind kinds[] = {SCHEMA_COLUMN};
    (void)section;
    tell_renamed(sink, kinds, G_N_ELEMENTS(kinds));
}

static void tell_renamed_values(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        gssize at = lint_find(sink->statement, "rename value");
        if (at >= 0)
            lint_tell(sink, NULL, "the value '%s' has another name: programs that use the old one fail",
                      lint_word(sink->statement, at));
    }
}

static void bc02_table(LintSink *sink, const LintSection *section)
{
    static const SchemaKind kinds[] = {SCHEMA_TABLE,    SCHEMA_NAMESPACE, SCHEMA_VIEW, SCHEMA_MATVIEW,
                                       SCHEMA_SEQUENCE, SCHEMA_FUNCTION,  SCHEMA_ENUM};
    tell_renamed(sink, kinds, G_N_ELEMENTS(kinds));
    tell_renamed_values(sink, section);
}

static bool reads_column(LintSink *sink, guint index, LintColumn *before, LintColumn *after)
{
    const SchemaChange *change = change_at(sink, index);
    if (change->kind != CHANGE_ALTER || change->before->kind != SCHEMA_COLUMN)
        return false;
    lint_column_read(before, change->before);
    lint_column_read(after, change->after);
    return true;
}

static void bc03_type(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->diff->changes->len; i++) {
        g_auto(LintColumn) before = {0}, after = {0};
        if (reads_column(sink, i, &before, &after) && before.type && after.type &&
            !g_str_equal(before.type, after.type) && !lint_type_widens_only(before.type, after.type)) {
            const SchemaChange *change = section->diff->changes->pdata[i];
            lint_tell_of(sink, change->after, "%s becomes %s: programs that read or write it as %s may fail",
                         change->after->key, after.type, before.type);
        }
    }
}

static void bc04_null(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->diff->changes->len; i++) {
        g_auto(LintColumn) before = {0}, after = {0};
        if (!reads_column(sink, i, &before, &after))
            continue;
        const SchemaChange *change = section->diff->changes->pdata[i];
        if (before.not_null && !after.not_null)
            lint_tell_of(sink, change->after, "%s may now be NULL: programs that read it may not expect that",
                         change->after->key);
        else if (before.preset && !after.preset)
            lint_tell_of(sink, change->after,
                         "%s loses its default: programs that insert without it now store NULL or "
                         "fail",
                         change->after->key);
    }
}

/* The same definition under another name is there afterwards. */
static bool is_replaced(const LintSection *section, const SchemaObject *object)
{
    const GPtrArray *objects = schema_model_objects(section->after);
    g_auto(LintKey) old = {0};
    lint_key_read(&old, section->before, object);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *other = objects->pdata[i];
        if (other->kind != SCHEMA_CONSTRAINT && other->kind != SCHEMA_INDEX)
            continue;
        g_auto(LintKey) now = {0};
        lint_key_read(&now, section->after, other);
        g_autofree char *old_columns = lint_key_columns(old.columns);
        g_autofree char *now_columns = lint_key_columns(now.columns);
        bool kind = now.kind == old.kind || (now.kind == LINT_KEY_UNIQUE && old.kind == LINT_KEY_INDEX);
        if (kind && now.columns->len > 0 && g_strcmp0(old.table, now.table) == 0 &&
            g_str_has_prefix(now_columns, old_columns))
            return true;
    }
    return false;
}

/* A column of it is dropped too: DL02 says that. */
static bool goes_with_column(const LintSection *section, const SchemaObject *object)
{
    g_auto(LintKey) key = {0};
    lint_key_read(&key, section->before, object);
    for (guint i = 0; i < key.columns->len; i++)
        if (key.table && lint_column_of(section->before, key.table, key.columns->pdata[i]) &&
            !lint_column_of(section->after, key.table, key.columns->pdata[i]))
            return true;
    return false;
}

static bool table_stays(const LintSection *section, const SchemaObject *object)
{
    g_auto(LintKey) key = {0};
    lint_key_read(&key, section->before, object);
    return key.table && schema_model_find(section->after, SCHEMA_TABLE, key.table);
}

static void bc05_key(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->diff->changes->len; i++) {
        const SchemaChange *change = change_at(sink, i);
        bool key = change->kind == CHANGE_DROP &&
                   (change->before->kind == SCHEMA_CONSTRAINT || change->before->kind == SCHEMA_INDEX);
        if (key && table_stays(section, change->before) && !lint_was_renamed(section, change) &&
            !is_replaced(section, change->before) && !goes_with_column(section, change->before))
            lint_tell_of(sink, change->before,
                         "%s is dropped: queries may become slow, and what it kept out may come "
                         "in",
                         change->before->key);
    }
}

static const char *signature_of(const SchemaChange *change)
{
    static const SchemaKind kinds[] = {SCHEMA_VIEW,      SCHEMA_MATVIEW,   SCHEMA_FUNCTION,
                                       SCHEMA_PROCEDURE, SCHEMA_AGGREGATE, SCHEMA_PACKAGE};
    bool column = change->before && change->before->kind == SCHEMA_VIEW_COLUMN;
    if (column && change->kind == CHANGE_ALTER && schema_change_attribute(change, "type"))
        return "changes its type";
    if (column && change->kind == CHANGE_DROP && !change->with_parent)
        return "is gone";
    for (gsize i = 0; change->kind == CHANGE_DROP && i < G_N_ELEMENTS(kinds); i++)
        if (change->before->kind == kinds[i])
            return "is gone, or takes other arguments";
    return NULL;
}

static void bc06_signature(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->diff->changes->len; i++) {
        const SchemaChange *change = change_at(sink, i);
        const char *what = signature_of(change);
        if (what && !lint_was_renamed(section, change))
            lint_tell_of(sink, change->before, "%s %s: programs that use it fail", change->before->key, what);
    }
}

static void bc07_possible(LintSink *sink, const LintSection *section)
{
    g_autoptr(GArray) renames = schema_diff_possible_renames(section->diff);
    for (guint i = 0; i < renames->len; i++) {
        const PossibleRename *rename = &g_array_index(renames, PossibleRename, i);
        const SchemaChange *drop = schema_diff_of(section->diff, rename->before);
        if (!drop || lint_was_renamed(section, drop))
            continue;
        sink->statement = lint_statement_of(section, CHANGE_DROP, rename->before->kind, rename->before->key);
        lint_tell_of(sink, rename->before,
                     "%s is dropped and %s, which is like it, is created: if a rename is meant, "
                     "its rows are lost",
                     rename->before->key, rename->after->key);
    }
}

const LintRule lint_compatibility_rules[] = {
    {.id = "BC01",
     .title = "a column is renamed",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Programs that are still running use the old name, and fail from the moment the revision is "
            "applied until "
            "each is replaced; over a fleet that is a whole night.",
     .safer = "Add a column of the new name, write both, move readers over, then drop the old one; or keep "
              "the old name "
              "in a view.",
     .section = bc01_column},
    {.id = "BC02",
     .title = "a table, view, type or enum value is renamed",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Programs that are still running use the old name and fail.",
     .safer = "Leave a view with the old name behind until nothing uses it any more.",
     .section = bc02_table},
    {.id = "BC03",
     .title = "a column gets another type",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Drivers and programs bind the old type: parameters, prepared statements and caches may not fit "
            "the new "
            "one.",
     .safer = "Add a column of the new type, write both, move readers over, then drop the old one.",
     .section = bc03_type},
    {.id = "BC04",
     .title = "a column loses NOT NULL or its default",
     .severity = FINDING_NOTE,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Programs that never met NULL in this column will, and inserts that relied on the default store "
            "NULL or "
            "fail.",
     .safer = "Check the programs that read and insert before the revision is applied.",
     .section = bc04_null},
    {.id = "BC05",
     .title = "a constraint or index is dropped",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Queries that used the index become slow at once, and rows that the constraint kept out come in; "
            "getting "
            "either back is expensive.",
     .safer = "Look at the statistics of its use on the targets first, and make a replacement before the old "
              "one goes.",
     .section = bc05_key},
    {.id = "BC06",
     .title = "a view or function goes or changes its signature",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Whoever calls it with the old arguments, or reads the column that is gone, fails.",
     .safer = "Add the new form beside the old one (a new name, or an added column at the end), and drop the "
              "old one "
              "later.",
     .section = bc06_signature},
    {.id = "BC07",
     .title = "a drop and a create that may be meant as a rename",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "A tool that compares schemas sees a rename as a drop and a create; what the old one held does "
            "not come "
            "along.",
     .safer = "If a rename is meant, write RENAME, or tell 'revision --autogenerate' with --rename or a hint "
              "in the schema "
              "file. If not, allow BC07.",
     .section = bc07_possible},
    {0}};
