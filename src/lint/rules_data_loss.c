/* Rules of data loss: what is gone for good once the statement ran. */
#include "lint/lint_risk_internal.h"

#include <string.h>

/* Changes of the whole section, each told at the statement that made it: what a section takes away and brings
 * back, as a rebuild does, is no loss. */
static const SchemaChange *change_at(LintSink *sink, guint index)
{
    const SchemaChange *change = sink->section->diff->changes->pdata[index];
    const SchemaObject *object = schema_change_object(change);
    sink->statement = lint_statement_of(sink->section, change->kind, object->kind, object->key);
    return change;
}

static bool drops(LintSink *sink, guint index, SchemaKind kind, const SchemaChange **found)
{
    const SchemaChange *change = change_at(sink, index);
    *found = change;
    return change->kind == CHANGE_DROP && change->before->kind == kind &&
           !lint_was_renamed(sink->section, change);
}

static void dl01_dropped(LintSink *sink, const LintSection *section)
{
    const SchemaChange *change = NULL;
    for (guint i = 0; i < section->diff->changes->len; i++) {
        if (!drops(sink, i, SCHEMA_TABLE, &change) && !drops(sink, i, SCHEMA_NAMESPACE, &change))
            continue;
        if (lint_is_partition(change->before))
            continue; /* a partition: DL05 */
        LintFinding *finding =
            lint_tell_of(sink, change->before, "%s is dropped with all that it holds", change->before->key);
        if (change->before->kind == SCHEMA_TABLE)
            lint_ask(finding, sink,
                     (LintQuestion){.kind = LINT_ASK_ROWS, .table = (char *)change->before->key});
    }
}

static void dl02_column(LintSink *sink, const LintSection *section)
{
    const SchemaChange *change = NULL;
    for (guint i = 0; i < section->diff->changes->len; i++)
        if (drops(sink, i, SCHEMA_COLUMN, &change) && !change->with_parent)
            lint_tell_of(sink, change->before, "column %s is dropped with what it holds",
                         change->before->key);
}

static void dl03_type(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->diff->changes->len; i++) {
        const SchemaChange *change = change_at(sink, i);
        if (change->kind != CHANGE_ALTER || change->before->kind != SCHEMA_COLUMN)
            continue;
        g_auto(LintColumn) before = {0}, after = {0};
        lint_column_read(&before, change->before);
        lint_column_read(&after, change->after);
        if (before.type && after.type && !g_str_equal(before.type, after.type) &&
            lint_type_narrows(before.type, after.type) && !g_str_has_prefix(after.type, "enum"))
            lint_tell_of(sink, change->after, "%s becomes %s, which does not hold every %s",
                         change->after->key, after.type, before.type);
    }
}

/* The columns that an UPDATE sets are all new in this section: it fills them, and loses nothing. */
static bool fills_new_columns(const LintSink *sink, const LintStatement *statement)
{
    gssize set = lint_find(statement, "set");
    g_autofree char *column = set >= 0 ? lint_name_at(statement, set) : NULL;
    const LintSection *section = sink->section;
    if (!column || !section->diff)
        return false;
    for (guint i = 0; i < section->diff->changes->len; i++) {
        const SchemaChange *change = section->diff->changes->pdata[i];
        const SchemaObject *object = schema_change_object(change);
        g_autofree char *name = lint_bare_name(object->name);
        if (change->kind == CHANGE_CREATE && object->kind == SCHEMA_COLUMN &&
            g_ascii_strcasecmp(name, column) == 0)
            return true;
    }
    return false;
}

static void dl04_all_rows(LintSink *sink, const LintStatement *statement)
{
    const RiskRow *row = lint_risk_of_rule(statement, sink->section->dialect, "DL04");
    bool removes = row && row->kinds & 1u << RISK_DROPS;
    if (!row || (!removes && fills_new_columns(sink, statement)))
        return;
    g_autoptr(GPtrArray) names = lint_risk_names(row, statement, NULL);
    const char *table = names->len ? names->pdata[0] : NULL;
    g_autofree char *object = table ? g_strdup_printf("table %s", table) : NULL;
    g_autofree char *verb = g_ascii_strup(lint_word(statement, 0), -1);
    lint_tell(sink, object, "%s %s every row of %s", verb, removes ? "removes" : "changes",
              table ? table : "the table");
}

static void dl05_parts(LintSink *sink, const LintSection *section)
{
    const SchemaChange *change = NULL;
    for (guint i = 0; i < section->diff->changes->len; i++) {
        bool partition = drops(sink, i, SCHEMA_TABLE, &change) && lint_is_partition(change->before);
        if (partition || drops(sink, i, SCHEMA_MATVIEW, &change) || drops(sink, i, SCHEMA_SEQUENCE, &change))
            lint_tell_of(sink, change->before, "%s %s is dropped with what it holds",
                         partition ? "partition" : schema_kind_name(change->before->kind),
                         change->before->key);
    }
}

static void dl05_words(LintSink *sink, const LintSection *section)
{
    if (section->diff)
        dl05_parts(sink, section);
    for (guint i = 0; i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        const RiskRow *row = lint_risk_of_rule(sink->statement, section->dialect, "DL05");
        if (row)
            lint_tell(sink, NULL, "%s", row->what);
    }
}

static char *labels_of(const SchemaObject *object)
{
    if (object->kind == SCHEMA_ENUM)
        return g_strdup(schema_object_get(object, "labels"));
    g_auto(LintColumn) column = {0};
    lint_column_read(&column, object);
    bool labels = column.type && (g_ascii_strncasecmp(column.type, "enum", 4) == 0 ||
                                  g_ascii_strncasecmp(column.type, "set(", 4) == 0);
    return labels ? g_steal_pointer(&column.type) : NULL;
}

static void tell_removed(LintSink *sink, const SchemaChange *change, const char *before, const char *after)
{
    g_autoptr(GPtrArray) old = lint_labels(before), now = lint_labels(after);
    for (guint i = 0; i < old->len; i++) {
        const char *label = old->pdata[i];
        bool renamed = sink->statement && lint_holds(sink->statement, "rename value");
        if (!renamed && !g_ptr_array_find_with_equal_func(now, label, g_str_equal, NULL))
            lint_tell_of(sink, change->after, "%s loses the value '%s', which rows may hold",
                         change->after->key, label);
    }
}

static void dl06_labels(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->diff->changes->len; i++) {
        const SchemaChange *change = change_at(sink, i);
        bool labels = change->kind == CHANGE_ALTER &&
                      (change->before->kind == SCHEMA_ENUM || change->before->kind == SCHEMA_COLUMN);
        g_autofree char *before = labels ? labels_of(change->before) : NULL;
        g_autofree char *after = labels ? labels_of(change->after) : NULL;
        if (before && after)
            tell_removed(sink, change, before, after);
    }
}

const LintRule lint_data_loss_rules[] = {
    {.id = "DL01",
     .title = "a table or schema is dropped",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "The rows are gone when it runs, and programs that still read the table fail at once. A way down "
            "makes "
            "the table again, not its rows.",
     .safer = "Release programs that no longer use the table; rename it and wait; drop it in a later "
              "revision, with a "
              "backup at hand.",
     .section = dl01_dropped},
    {.id = "DL02",
     .title = "a column is dropped",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Its values are gone when it runs, and programs that name the column, or have cached its table's "
            "shape, "
            "fail until they are restarted.",
     .safer = "Release programs that no longer name the column, then drop it in a later revision.",
     .section = dl02_column},
    {.id = "DL03",
     .title = "a column's type becomes narrower",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "A value that does not fit makes the statement fail on that target, or is cut or rounded where "
            "the server "
            "is lax; on the way back what was cut is not there any more.",
     .safer =
         "Add a column of the new type, fill it in batches, look at what does not fit, then swap the two.",
     .section = dl03_type},
    {.id = "DL04",
     .title = "every row of a table is removed or changed",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "TRUNCATE, and DELETE or UPDATE without WHERE, touch all rows: seldom what a revision is for, "
            "and not to "
            "be taken back. On a large table one such statement holds its locks for minutes.",
     .safer = "Say with WHERE which rows are meant, and take many rows in batches.",
     .statement = dl04_all_rows},
    {.id = "DL05",
     .title = "a partition, materialized view or sequence is dropped, or a table replaced",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "A partition's rows, and the number a sequence has reached, are gone with it; CREATE OR REPLACE "
            "TABLE drops "
            "what was there.",
     .safer =
         "Detach the partition and keep it as a table for a while; note a sequence's value before it goes.",
     .section = dl05_words},
    {.id = "DL06",
     .title = "a value of an enum or set is removed",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_TRIAL,
     .why = "Rows that hold it make the statement fail, or are changed to another value where the server is "
            "lax.",
     .safer = "Keep the value, or change the rows that hold it in an earlier revision and check that none is "
              "left.",
     .section = dl06_labels},
    {0}};
