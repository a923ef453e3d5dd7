/* Rules of transactions: what stays half done, or is undone, when something goes wrong. */
#include "lint/lint_internal.h"

#include <string.h>

static bool is_control(const LintStatement *statement)
{
    return statement->kind == STATEMENT_BEGIN || statement->kind == STATEMENT_COMMIT ||
           statement->kind == STATEMENT_ROLLBACK;
}

static void tell_control(LintSink *sink, const LintSection *section)
{
    int open = 0;
    for (guint i = 0; i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        open += sink->statement->kind == STATEMENT_BEGIN;
        if (!is_control(sink->statement))
            continue;
        g_autofree char *word = g_ascii_strup(lint_word(sink->statement, 0), -1);
        if (section->transaction && dialect_has_transactional_ddl(section->dialect))
            lint_tell(sink, NULL, "%s inside a section that is one transaction", word);
        open -= sink->statement->kind != STATEMENT_BEGIN && open > 0;
    }
    if (open > 0 && !(section->transaction && dialect_has_transactional_ddl(section->dialect)))
        lint_tell(sink, NULL, "a transaction is begun and not ended");
}

/* ---- Enum values ---- */

/* The value that ALTER TYPE … ADD VALUE adds, or NULL. */
static const char *added_value(const LintStatement *statement)
{
    gssize at = lint_begins(statement, "alter type") ? lint_find(statement, "add value") : -1;
    gssize behind = at >= 0 ? lint_behind(statement, (guint)at, "if not exists") : -1;
    return at < 0 ? NULL : lint_word(statement, behind >= 0 ? behind : at);
}

static bool type_is_new(const LintSink *sink, const LintStatement *statement)
{
    g_autofree char *type = lint_name_at(statement, lint_behind(statement, 0, "alter type"));
    const GPtrArray *statements = sink->section->statements;
    for (guint i = 0; type && i < statements->len && statements->pdata[i] != statement; i++)
        if (lint_begins(statements->pdata[i], "create type") && lint_names(statements->pdata[i], type))
            return true;
    return false;
}

static void tx02_enum(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; section->transaction && i < section->statements->len; i++) {
        const LintStatement *added = section->statements->pdata[i];
        const char *value = added_value(added);
        for (guint j = i + 1; value && !type_is_new(sink, added) && j < section->statements->len; j++) {
            sink->statement = section->statements->pdata[j];
            if (!added_value(sink->statement) && lint_names(sink->statement, value))
                lint_tell(sink, NULL, "the value '%s' is used in the transaction that adds it", value);
        }
    }
}

/* ---- Rows and schema in one ---- */

static bool commits_by_itself(const LintStatement *statement)
{
    return statement->kind == STATEMENT_DDL && !lint_holds(statement, "create|drop temporary");
}

static void tx03_mixed(LintSink *sink, const LintSection *section)
{
    const LintStatement *ddl = NULL, *dml = NULL;
    for (guint i = 0; i < section->statements->len; i++) {
        const LintStatement *statement = section->statements->pdata[i];
        ddl = ddl ? ddl : commits_by_itself(statement) ? statement : NULL;
        dml = dml ? dml : statement->kind == STATEMENT_DML ? statement : NULL;
    }
    sink->statement = dml;
    if (ddl && dml)
        lint_tell(sink, NULL,
                  "rows are changed beside DDL, which commits by itself: a failure leaves one without the "
                  "other");
}

/* UPDATE and DELETE of what may be many rows; INSERT … SELECT too. */
static bool is_backfill(const LintStatement *statement)
{
    return statement->kind == STATEMENT_DML &&
           (lint_begins(statement, "update") || lint_begins(statement, "delete") ||
            (lint_begins(statement, "insert") && lint_holds(statement, "select")));
}

/* The table whose rows it changes was made in this section: nobody waits. */
static bool fills_new_table(const LintSink *sink, const LintStatement *statement)
{
    for (guint i = 0; sink->section->diff && i < sink->section->diff->changes->len; i++) {
        const SchemaChange *change = sink->section->diff->changes->pdata[i];
        const SchemaObject *object = schema_change_object(change);
        g_autofree char *bare = lint_bare_name(object->name);
        if (object->kind == SCHEMA_TABLE && change->kind == CHANGE_CREATE && lint_names(statement, bare) &&
            !lint_begins(statement, "update") && !lint_begins(statement, "delete"))
            return true;
    }
    return false;
}

static bool is_rebuild(const LintSection *section)
{
    return section->dialect == DIALECT_SQLITE && section->foreign_keys_off;
}

static void tx04_backfill(LintSink *sink, const LintSection *section)
{
    bool ddl = false;
    for (guint i = 0; i < section->statements->len; i++)
        ddl |= ((const LintStatement *)section->statements->pdata[i])->kind == STATEMENT_DDL;
    for (guint i = 0; ddl && section->transaction && i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        if (is_backfill(sink->statement) && !fills_new_table(sink, sink->statement) && !is_rebuild(section))
            lint_tell(sink, NULL,
                      "rows are changed in the transaction that changes the schema: its locks are held until "
                      "all rows are done");
    }
}

/* ---- SQLite ---- */

static bool is_rebuilt(const LintSection *section, const char *table)
{
    const LintStatement *dropped = lint_statement_of(section, CHANGE_DROP, SCHEMA_TABLE, table);
    return dropped && section->after && schema_model_find(section->after, SCHEMA_TABLE, table);
}

static void tx05_rebuilds(LintSink *sink, const LintSection *section)
{
    const GPtrArray *objects = section->before ? schema_model_objects(section->before) : NULL;
    for (guint i = 0; objects && !section->foreign_keys_off && i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind != SCHEMA_TABLE || !is_rebuilt(section, object->key))
            continue;
        sink->statement = lint_statement_of(section, CHANGE_DROP, SCHEMA_TABLE, object->key);
        lint_tell_of(sink, object,
                     "%s is dropped and made again with foreign keys in force: rows that refer to it are "
                     "deleted where their key says CASCADE",
                     object->key);
    }
}

static void tx05_sqlite(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; section->transaction && i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        if (lint_begins(sink->statement, "pragma foreign_keys") ||
            lint_begins(sink->statement, "pragma * . foreign_keys"))
            lint_tell(sink, NULL,
                      "PRAGMA foreign_keys does nothing inside a transaction, and this section is one");
    }
    tx05_rebuilds(sink, section);
}

/* ---- Again ---- */

static void tx06_again(LintSink *sink, const LintStatement *statement)
{
    if (sink->section->transaction ||
        !lint_begins(statement,
                     "create|drop [or] [replace] [unique] table|index|view|schema|sequence|trigger"))
        return;
    if (!lint_holds(statement, "if [not] exists") && !lint_holds(statement, "or replace"))
        lint_tell(sink, NULL,
                  "it cannot run a second time, and without a transaction what ran before a failure stays");
}

const char *lint_no_way_down(const LintRevision *revision, const LintSection *up)
{
    const LintSection *down = lint_revision_section(revision, up->dialect, true);
    if (up->statements->len == 0 || (down && down->statements->len > 0))
        return NULL;
    return down ? "it has no way down: the section is empty" : "it has no way down";
}

static void tell_no_way_back(LintSink *sink, const LintRevision *revision, const LintSection *up)
{
    const char *why = lint_no_way_down(revision, up);
    sink->section = up;
    if (why)
        lint_tell(sink, NULL, "%s", why);
}

static void tx07_down(LintSink *sink, const LintRevision *revision)
{
    for (guint i = 0; i < revision->sections->len && !revision->irreversible; i++) {
        const LintSection *section = revision->sections->pdata[i];
        if (!section->down)
            tell_no_way_back(sink, revision, section);
    }
}

const LintRule lint_transaction_rules[] = {
    {.id = "TX01",
     .title = "BEGIN, COMMIT or ROLLBACK where it does not belong",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "dbfleet puts a section and the record that it ran into one transaction. A COMMIT in it would "
            "part the two; "
            "the plan refuses such a revision. Elsewhere a BEGIN that nothing ends leaves all to be rolled "
            "back.",
     .safer = "Take it out, or say transaction:false in the section's marker.",
     .section = tell_control,
     .down = tell_control},
    {.id = "TX02",
     .title = "an enum value is added and used in one transaction",
     .severity = FINDING_ERROR,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TEXT,
     .why =
         "PostgreSQL refuses it (55P04): a new value may be used only once the transaction that added it is "
         "committed.",
     .safer = "Add the value in one revision and use it in the next.",
     .section = tx02_enum},
    {.id = "TX03",
     .title = "rows and schema are changed in one revision",
     .severity = FINDING_WARNING,
     .dialects = LINT_MY,
     .need = LINT_NEEDS_TEXT,
     .why = "On MariaDB and MySQL each DDL statement commits what was done before it, so a failure half-way "
            "leaves some of "
            "the rows changed and no transaction to take them back.",
     .safer = "Change the schema in one revision and the rows in another.",
     .section = tx03_mixed},
    {.id = "TX04",
     .title = "rows are changed in the transaction that changes the schema",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_LITE,
     .need = LINT_NEEDS_TEXT,
     .why = "The locks of the DDL are held until every row is done: programs wait for minutes instead of "
            "milliseconds.",
     .safer = "Change the rows in a revision of their own, in batches.",
     .section = tx04_backfill},
    {.id = "TX05",
     .title = "foreign keys while a table is rebuilt",
     .severity = FINDING_ERROR,
     .dialects = LINT_LITE,
     .need = LINT_NEEDS_TEXT,
     .why = "PRAGMA foreign_keys does nothing inside a transaction. With foreign keys in force DROP TABLE "
            "deletes the rows "
            "of its children where they say ON DELETE CASCADE.",
     .safer = "Say foreign_keys:off in the section's marker: dbfleet turns them off outside the transaction, "
              "checks them "
              "before it commits, and turns them on again.",
     .section = tx05_sqlite},
    {.id = "TX06",
     .title = "a statement without IF [NOT] EXISTS outside a transaction",
     .severity = FINDING_NOTE,
     .dialects = LINT_PG | LINT_LITE,
     .need = LINT_NEEDS_TEXT,
     .why = "When a later statement fails, this one has taken effect. dbfleet knows that and goes on behind "
            "it; a person "
            "who runs the file by hand does not.",
     .safer = "Write IF EXISTS or IF NOT EXISTS; or one statement in each revision.",
     .statement = tx06_again},
    {.id = "TX07",
     .title = "there is no way down",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "When the revision turns out wrong at night, 'dbfleet rollback' cannot take it back.",
     .safer = "Write the migrate:down section ('dbfleet test' proves it), or allow TX07 with the reason why "
              "there is none.",
     .revision = tx07_down},
    {0}};
