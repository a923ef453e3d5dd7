/* Rules of data: what succeeds or fails by the rows that a target holds. */
#include "lint/lint_internal.h"

#include <string.h>

/* An earlier statement of the section changes rows of the table and names the column: it fills it. */
static bool was_filled(const LintSink *sink, const LintStatement *until, const char *table,
                       const char *column)
{
    const char *dot = strrchr(table, '.');
    g_autofree char *bare = lint_bare_name(dot ? dot + 1 : table);
    const GPtrArray *statements = sink->section->statements;
    for (guint i = 0; i < statements->len && statements->pdata[i] != until; i++) {
        const LintStatement *statement = statements->pdata[i];
        if (statement->kind == STATEMENT_DML && lint_names(statement, bare) && lint_names(statement, column))
            return true;
    }
    return false;
}

static void ask_nulls(LintSink *sink, LintFinding *finding, const SchemaObject *column)
{
    lint_ask(finding, sink,
             (LintQuestion){
                 .kind = LINT_ASK_NULLS, .table = (char *)column->parent, .columns = (char *)column->name});
}

static void dd01_column(LintSink *sink, const SchemaObject *object)
{
    g_auto(LintColumn) column = {0};
    lint_column_read(&column, object);
    if (!column.not_null || column.preset || column.generated || column.identity)
        return;
    LintFinding *finding =
        lint_tell_of(sink, object, "%s is NOT NULL without a default: %s", object->key,
                     dialect_is_mysql_family(sink->section->dialect)
                         ? "existing rows silently get 0 or an empty value"
                         : "the statement fails on every target where the table holds a row");
    lint_ask(finding, sink, (LintQuestion){.kind = LINT_ASK_ROWS, .table = (char *)object->parent});
}

static void dd01_not_null(LintSink *sink, const LintStatement *statement)
{
    for (guint i = 0; i < statement->diff->changes->len; i++) {
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (change->kind == CHANGE_CREATE && change->after->kind == SCHEMA_COLUMN &&
            lint_is_old_table(sink->section, change->after->parent) && !lint_is_rename(statement))
            dd01_column(sink, change->after);
    }
}

static bool becomes_not_null(const LintSink *sink, const SchemaChange *change)
{
    g_auto(LintColumn) before = {0}, after = {0};
    if (change->kind != CHANGE_ALTER || change->before->kind != SCHEMA_COLUMN ||
        !lint_is_old(sink->section, SCHEMA_COLUMN, change->before->key))
        return false;
    lint_column_read(&before, change->before);
    lint_column_read(&after, change->after);
    return !before.not_null && after.not_null;
}

static void dd02_not_null(LintSink *sink, const LintStatement *statement)
{
    for (guint i = 0; i < statement->diff->changes->len; i++) {
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (!becomes_not_null(sink, change))
            continue;
        g_autofree char *object = g_strdup_printf("column %s", change->after->key);
        g_autofree char *bare = lint_bare_name(change->after->name);
        bool filled = was_filled(sink, statement, change->after->parent, bare);
        LintFinding *finding =
            lint_tell_as(sink, filled ? FINDING_NOTE : FINDING_WARNING, object,
                         "%s becomes NOT NULL: it fails on every target that holds a NULL there%s",
                         change->after->key, filled ? "; an earlier statement of the section fills it" : "");
        if (!filled)
            ask_nulls(sink, finding, change->after);
    }
}

/* ---- Keys over existing rows ---- */

/* At least one of the columns was there before; a key over new columns alone meets only what they were filled
 * with. */
static bool is_over_old_rows(const LintSink *sink, const LintKey *key)
{
    if (!key->table || !lint_is_old_table(sink->section, key->table))
        return false;
    bool old = key->columns->len == 0;
    for (guint i = 0; i < key->columns->len; i++)
        old |= lint_column_of(sink->section->before, key->table, key->columns->pdata[i]) != NULL ||
               g_str_equal(key->columns->pdata[i], "(…)");
    return old;
}

/* Quoted as it must be, for a question. */
static char *quoted_columns(const LintSink *sink, const GPtrArray *columns)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < columns->len; i++) {
        g_autofree char *name = sql_quote_ident(sink->section->dialect, columns->pdata[i]);
        g_string_append_printf(text, "%s%s", i ? ", " : "", name);
    }
    return g_string_free(text, FALSE);
}

static bool has_expression(const LintKey *key)
{
    return g_ptr_array_find_with_equal_func(key->columns, "(…)", g_str_equal, NULL);
}

static void dd03_key(LintSink *sink, const SchemaObject *object, const LintKey *key)
{
    g_autofree char *columns = lint_key_columns(key->columns);
    g_autofree char *quoted = quoted_columns(sink, key->columns);
    LintFinding *finding = lint_tell_of(
        sink, object, "%s must be unique in %s: it fails on every target where rows share a value", columns,
        key->table);
    if (!has_expression(key))
        lint_ask(finding, sink,
                 (LintQuestion){.kind = LINT_ASK_DUPLICATES,
                                .table = key->table,
                                .columns = quoted,
                                .expression = key->expression});
}

static bool is_new_key(const LintStatement *statement, guint index, LintKey *key)
{
    const SchemaChange *change = statement->diff->changes->pdata[index];
    if (change->kind != CHANGE_CREATE ||
        (change->after->kind != SCHEMA_CONSTRAINT && change->after->kind != SCHEMA_INDEX))
        return false;
    lint_key_read(key, statement->after, change->after);
    return true;
}

/* The key was there under another name, or as an index that is now a constraint. */
static bool stood_before(const LintStatement *statement, const LintKey *key)
{
    g_autofree char *columns = lint_key_columns(key->columns);
    g_autoptr(GPtrArray) keys = lint_keys_of(statement->diff->before, key->table, LINT_KEY_OTHER);
    for (guint i = 0; i < keys->len; i++) {
        const LintKey *old = keys->pdata[i];
        g_autofree char *others = lint_key_columns(old->columns);
        if ((old->kind == LINT_KEY_UNIQUE || old->kind == LINT_KEY_PRIMARY) && g_str_equal(columns, others))
            return true;
    }
    return false;
}

static void dd03_unique(LintSink *sink, const LintStatement *statement)
{
    for (guint i = 0; i < statement->diff->changes->len; i++) {
        g_auto(LintKey) key = {0};
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (is_new_key(statement, i, &key) && (key.kind == LINT_KEY_UNIQUE || key.kind == LINT_KEY_PRIMARY) &&
            is_over_old_rows(sink, &key) && !stood_before(statement, &key) && !lint_is_rename(statement))
            dd03_key(sink, change->after, &key);
    }
}

static void ask_orphans(LintSink *sink, LintFinding *finding, const LintKey *key)
{
    g_autofree char *columns = quoted_columns(sink, key->columns);
    g_autofree char *parents = quoted_columns(sink, key->parent_columns);
    if (key->parent && key->parent_columns->len == key->columns->len && key->columns->len > 0)
        lint_ask(finding, sink,
                 (LintQuestion){.kind = LINT_ASK_ORPHANS,
                                .table = key->table,
                                .columns = columns,
                                .parent = key->parent,
                                .parent_columns = parents});
}

static void dd04_key(LintSink *sink, const SchemaObject *object, const LintKey *key)
{
    bool foreign = key->kind == LINT_KEY_FOREIGN;
    LintFinding *finding = lint_tell_of(sink, object, "%s: it fails on every target where a row of %s %s",
                                        object->key, key->table, foreign ? "refers to none" : "breaks it");
    if (foreign)
        ask_orphans(sink, finding, key);
    else if (key->expression)
        lint_ask(
            finding, sink,
            (LintQuestion){.kind = LINT_ASK_VIOLATIONS, .table = key->table, .expression = key->expression});
}

static void dd04_constraint(LintSink *sink, const LintStatement *statement)
{
    for (guint i = 0; i < statement->diff->changes->len; i++) {
        g_auto(LintKey) key = {0};
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (is_new_key(statement, i, &key) && (key.kind == LINT_KEY_CHECK || key.kind == LINT_KEY_FOREIGN) &&
            !key.not_valid && is_over_old_rows(sink, &key) && !lint_is_rename(statement))
            dd04_key(sink, change->after, &key);
    }
}

static void dd05_lax(LintSink *sink, const LintStatement *statement)
{
    for (guint i = 0; statement->lax && i < statement->diff->changes->len; i++) {
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (becomes_not_null(sink, change))
            ask_nulls(sink,
                      lint_tell_of(sink, change->after,
                                   "%s becomes NOT NULL without strict mode: NULLs silently become 0 "
                                   "or an empty value",
                                   change->after->key),
                      change->after);
    }
}

static void dd06_domain(LintSink *sink, const LintStatement *statement)
{
    bool made = lint_begins(statement, "create domain") &&
                (lint_holds(statement, "check") || lint_holds(statement, "not null"));
    bool changed = lint_begins(statement, "alter domain") &&
                   (lint_holds(statement, "add [constraint]") || lint_holds(statement, "set not null"));
    gssize at = lint_behind(statement, 0, "create|alter domain");
    g_autofree char *name = lint_name_at(statement, at);
    if (made)
        lint_tell_as(sink, FINDING_NOTE, name,
                     "domain %s has a constraint: to change it later, every table that uses the "
                     "domain is read under lock",
                     name ? name : "");
    if (changed && !lint_holds(statement, "not valid"))
        lint_tell(sink, name, "every table that uses domain %s is read under lock, and one bad row fails it",
                  name ? name : "");
}

const LintRule lint_data_rules[] = {
    {.id = "DD01",
     .title = "a NOT NULL column without a default is added",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "It works on an empty table, so it passes every test, and fails on each target that holds a row; "
            "MariaDB and "
            "MySQL fill in 0 or an empty text without a word.",
     .safer =
         "Give it a default, or add it nullable, fill it in batches, and set NOT NULL in a later revision.",
     .statement = dd01_not_null},
    {.id = "DD02",
     .title = "a nullable column becomes NOT NULL",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "It fails on every target that holds a NULL there.",
     .safer = "Fill the NULLs in an earlier revision and let migrate:check ask whether any is left; on "
              "PostgreSQL validate "
              "CHECK (c IS NOT NULL) first.",
     .statement = dd02_not_null},
    {.id = "DD03",
     .title = "existing columns become unique",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "It fails on every target whose rows hold the same value twice.",
     .safer = "Look for duplicates on every target first (lint --fleet does), and settle them in an earlier "
              "revision.",
     .statement = dd03_unique},
    {.id = "DD04",
     .title = "a CHECK or foreign key is added over existing rows",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "It fails on every target that holds a row which breaks it.",
     .safer = "PostgreSQL: add it NOT VALID, mend the rows, VALIDATE it in a later revision. Elsewhere look "
              "for such rows "
              "first (lint --fleet does).",
     .statement = dd04_constraint},
    {.id = "DD05",
     .title = "NOT NULL is set without strict mode",
     .severity = FINDING_WARNING,
     .dialects = LINT_MY,
     .need = LINT_NEEDS_TRIAL,
     .why = "Without STRICT_TRANS_TABLES in sql_mode the server turns NULLs into 0, an empty text or a zero "
            "date, and "
            "says nothing but a warning.",
     .safer = "Turn strict mode on for the migrating user, and fill the NULLs on purpose.",
     .statement = dd05_lax},
    {.id = "DD06",
     .title = "a domain's constraint",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TEXT,
     .why = "A constraint on a domain is checked in every table that uses it, all under lock in one "
            "statement, and it is "
            "hard to change later.",
     .safer = "Put a CHECK on each table, NOT VALID first; or ALTER DOMAIN … ADD CONSTRAINT … NOT VALID, and "
              "VALIDATE it "
              "in a later revision.",
     .statement = dd06_domain},
    {0}};
