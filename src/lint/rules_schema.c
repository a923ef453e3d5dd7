/* Rules of schema: what a revision leaves behind that will be regretted. Only what it makes or changes is
 * looked at, never what was there before. */
#include "lint/lint_internal.h"
#include "lint/lint_tree_internal.h"
#include "lint/rules_schema_internal.h"

#include <string.h>

static const SchemaModel *after(const LintSink *sink)
{
    return sink->section->after;
}

/* ---- Types ---- */

static bool is_small_number(const char *text)
{
    g_auto(LintType) type = {0};
    static const char *const names[] = {"int",  "integer",   "int4",    "smallint",
                                        "int2", "mediumint", "tinyint", NULL};
    lint_type_parse(&type, text);
    return g_strv_contains(names, type.name);
}

static void small_key(LintSink *sink, const SchemaObject *object)
{
    g_auto(LintKey) key = {0};
    lint_key_read(&key, after(sink), object);
    if (key.kind != LINT_KEY_PRIMARY || key.columns->len != 1 || !key.table)
        return;
    const SchemaObject *found = lint_column_of(after(sink), key.table, key.columns->pdata[0]);
    g_auto(LintColumn) column = {0};
    if (!found)
        return;
    lint_column_read(&column, found);
    if (column.type && is_small_number(column.type) && column.identity)
        lint_tell_of(sink, found, "primary key %s is %s: it runs out of numbers", found->key, column.type);
    if (column.preset && g_str_has_prefix(column.preset, "nextval("))
        lint_tell_as(sink, FINDING_NOTE, found->key,
                     "%s is serial: its sequence is an object of its own, with grants of "
                     "its own",
                     found->key);
}

static void sc05_small(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_CONSTRAINT, small_key);
    lint_each_made(sink, SCHEMA_INDEX, small_key);
}

typedef struct TypeAdvice {
    unsigned dialects;
    const char *name;
    bool with_length;
    const char *what;
} TypeAdvice;

static const TypeAdvice ADVICE[] = {
    {LINT_PG, "character", false, "char(n) fills up with blanks; text does not"},
    {LINT_PG, "timestamp without time zone", false,
     "it does not say which time zone; timestamp with time zone does"},
    {LINT_PG, "time with time zone", false, "a time of day has no time zone without its date"},
    {LINT_PG, "json", false, "it is kept as text and cannot be indexed; jsonb can"},
    {LINT_PG, "money", false, "it depends on a setting of the server; numeric does not"},
    {LINT_MY, "float", true, "a float with digits rounds as it pleases; decimal does not"},
    {LINT_MY, "double", true, "a double with digits rounds as it pleases; decimal does not"},
    {LINT_MY, "timestamp", false,
     "it ends in January 2038 (later on 64-bit MariaDB 11.5); datetime does not"},
    {LINT_MY, "year", false, "a small integer says the same and compares as a number"},
};

static void typed_column(LintSink *sink, const SchemaObject *object)
{
    g_auto(LintColumn) column = {0};
    g_auto(LintType) type = {0};
    lint_column_read(&column, object);
    if (!column.type)
        return;
    lint_type_parse(&type, column.type);
    for (gsize i = 0; i < G_N_ELEMENTS(ADVICE); i++)
        if ((ADVICE[i].dialects & 1u << sink->section->dialect) && g_str_equal(ADVICE[i].name, type.name) &&
            (!ADVICE[i].with_length || type.first >= 0))
            lint_tell_of(sink, object, "%s is %s: %s", object->key, column.type, ADVICE[i].what);
    if (column.preset && strstr(column.preset, "0000-00-00"))
        lint_tell_of(sink, object, "%s has a zero date as its default, which strict mode refuses",
                     object->key);
}

static void sc06_types(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_COLUMN, typed_column);
}

/* ---- Names ---- */

/* MySQL counts 64 characters, PostgreSQL keeps 63 bytes. */
static bool is_too_long(const SqlWord *word, Dialect dialect)
{
    if (dialect == DIALECT_POSTGRES)
        return strlen(word->text) > 63;
    return g_utf8_strlen(word->text, -1) > 64;
}

static bool may_be_identifier(const SqlWord *word)
{
    return sql_word_is_name(word) && word->quote != '$' && word->quote != 'e' && word->quote != 'E' &&
           !(word->kind == SQL_WORD_PLAIN && g_ascii_isdigit(word->text[0])) && !strchr(word->text, '\n') &&
           !strchr(word->text, ' ');
}

static void sc07_long(LintSink *sink, const LintStatement *statement)
{
    if (statement->kind != STATEMENT_DDL && statement->kind != STATEMENT_NOT_IN_TRANSACTION)
        return;
    for (guint i = 0; i < statement->words->len; i++) {
        const SqlWord *word = statement->words->pdata[i];
        if (may_be_identifier(word) && is_too_long(word, sink->section->dialect))
            lint_tell(sink, NULL, "the name %s is longer than the server keeps", word->text);
    }
}

static const char *const RESERVED[] = {"all",        "analyze", "check",  "column", "constraint", "default",
                                       "desc",       "end",     "from",   "grant",  "group",      "index",
                                       "key",        "limit",   "offset", "order",  "primary",    "rank",
                                       "references", "rows",    "select", "table",  "to",         "user",
                                       "using",      "when",    "where",  "window"};

static bool is_reserved(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(RESERVED); i++)
        if (g_ascii_strcasecmp(RESERVED[i], name) == 0)
            return true;
    return false;
}

static bool has_capital(const char *name)
{
    for (; *name; name++)
        if (g_ascii_isupper(*name))
            return true;
    return false;
}

static void named_object(LintSink *sink, const SchemaObject *object)
{
    g_autofree char *name = lint_bare_name(object->name);
    const char *naming = sink->settings->naming;
    if (is_reserved(name))
        lint_tell_of(sink, object, "%s is a word of SQL, so it has to be quoted wherever it is used", name);
    else if (naming && !g_regex_match_simple(naming, name, 0, 0))
        lint_tell_of(sink, object, "the name %s does not match %s (lint.naming in dbfleet.yaml)", name,
                     naming);
    else if (!naming && has_capital(name))
        lint_tell_of(sink, object,
                     "the name %s has capitals, so it has to be quoted, or means another thing elsewhere",
                     name);
}

static void sc08_names(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_TABLE, named_object);
    lint_each_made(sink, SCHEMA_COLUMN, named_object);
}

/* ---- Policy ---- */

static bool is_listed(const char *const *list, const char *value)
{
    for (; list && *list; list++)
        if (g_ascii_strcasecmp(*list, value) == 0)
            return true;
    return false;
}

static void check_listed(LintSink *sink, const LintStatement *statement, const char *phrase,
                         const char *const *allowed, const char *key)
{
    gssize at = allowed ? lint_find(statement, phrase) : -1;
    if (at >= 0 && !is_listed(allowed, lint_word(statement, at)))
        lint_tell(sink, NULL, "%s is not in lint.%s of dbfleet.yaml", lint_word(statement, at), key);
}

static void sc09_policy(LintSink *sink, const LintStatement *statement)
{
    bool table = lint_begins(statement, "create|alter [temporary] table|database");
    if (!table)
        return;
    check_listed(sink, statement, "engine [=]", sink->settings->engines, "engines");
    check_listed(sink, statement, "character set [=]", sink->settings->charsets, "charsets");
    check_listed(sink, statement, "charset [=]", sink->settings->charsets, "charsets");
}

static void present_routine(LintSink *sink, const SchemaObject *object)
{
    lint_tell_of(sink, object, "%s %s is made", schema_kind_name(object->kind), object->key);
}

static void sc17_present(LintSink *sink, const LintSection *section)
{
    static const SchemaKind kinds[] = {SCHEMA_FUNCTION, SCHEMA_PROCEDURE, SCHEMA_TRIGGER, SCHEMA_EVENT,
                                       SCHEMA_PACKAGE};
    (void)section;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        lint_each_made(sink, kinds[i], present_routine);
}

/* ---- Words ---- */

static unsigned schema_count(const SchemaModel *model)
{
    const GPtrArray *objects = schema_model_objects(model);
    unsigned count = 0;
    for (guint i = 0; i < objects->len; i++)
        count += ((const SchemaObject *)objects->pdata[i])->kind == SCHEMA_NAMESPACE;
    return count;
}

static void sc10_unqualified(LintSink *sink, const LintStatement *statement)
{
    const SchemaModel *model = statement->after ? statement->after : sink->section->after;
    if (!model || schema_count(model) < 2)
        return;
    g_autoptr(GPtrArray) names = lint_tree_unqualified(statement);
    for (guint i = 0; names && i < names->len; i++)
        lint_tell(sink, names->pdata[i],
                  "%s is named without a schema and there are several: what it means depends on "
                  "search_path",
                  (const char *)names->pdata[i]);
}

static void sc12_order(LintSink *sink, const LintStatement *statement)
{
    if (lint_begins(statement, "alter type") && lint_holds(statement, "add value") &&
        !lint_holds(statement, "before|after"))
        lint_tell(sink, NULL,
                  "the new value is put behind all others, and the order of an enum cannot be changed later");
}

static void sc13_twice(LintSink *sink, const LintStatement *statement)
{
    g_autoptr(GPtrArray) names = lint_tree_duplicates(statement);
    for (guint i = 0; names && i < names->len; i++)
        lint_tell(sink, NULL, "column %s is named twice", (const char *)names->pdata[i]);
}

static void tell_not_valid(LintSink *sink, const SchemaChange *change)
{
    const SchemaObject *object = change->after;
    g_auto(LintKey) key = {0};
    lint_key_read(&key, after(sink), object);
    sink->statement = lint_statement_of(sink->section, change->kind, object->kind, object->key);
    if (schema_object_get(object, "invalid"))
        lint_tell_as(sink, FINDING_ERROR, object->key,
                     "%s is left invalid: it is kept up to date and used by no query", object->key);
    else if (key.not_valid)
        lint_tell_of(sink, object,
                     "%s is left NOT VALID: rows that break it may be there until a later revision "
                     "validates it",
                     object->key);
}

static void sc14_invalid(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->diff->changes->len; i++) {
        const SchemaChange *change = section->diff->changes->pdata[i];
        if (change->after &&
            (change->after->kind == SCHEMA_CONSTRAINT || change->after->kind == SCHEMA_INDEX))
            tell_not_valid(sink, change);
    }
}

/* A REFERENCES that no FOREIGN KEY stands before. */
static void sc15_inline(LintSink *sink, const LintStatement *statement)
{
    bool foreign = false;
    if (!lint_begins(statement, "create|alter [temporary] table"))
        return;
    for (guint i = 0; i < statement->words->len; i++) {
        foreign |= lint_behind(statement, i, "foreign key") >= 0;
        if (lint_behind(statement, i, "references") < 0)
            continue;
        if (!foreign)
            lint_tell(sink, NULL,
                      "REFERENCES %s behind a column is read and ignored: there will be no foreign key",
                      lint_word(statement, (gssize)i + 1));
        foreign = false;
    }
}

static const char *const BEYOND[] = {"create|drop|alter database",
                                     "create|drop|alter role|user|tablespace",
                                     "alter system",
                                     "create|drop|alter subscription|server",
                                     "set global|persist",
                                     "set @ @ global|persist",
                                     "install|uninstall plugin|soname",
                                     "change master|replication"};

static void sc16_beyond(LintSink *sink, const LintStatement *statement)
{
    for (gsize i = 0; i < G_N_ELEMENTS(BEYOND); i++) {
        if (!lint_begins(statement, BEYOND[i]))
            continue;
        g_autofree char *first = g_ascii_strup(lint_word(statement, 0), -1);
        g_autofree char *second = g_ascii_strup(lint_word(statement, 1), -1);
        lint_tell(sink, NULL, "%s %s reaches beyond the target's schema, to what other databases share",
                  first, second);
    }
}

const LintRule lint_schema_rules[] = {
    {.id = "SC01",
     .title = "a table without a primary key",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Logical replication, change capture and most tools need to name one row; InnoDB makes a hidden "
            "key of its own "
            "that serves nobody.",
     .safer = "Give it a primary key.",
     .section = keys_without_primary},
    {.id = "SC02",
     .title = "a foreign key without an index on its columns",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_LITE,
     .need = LINT_NEEDS_TRIAL,
     .why = "Each delete or key change in the parent looks for children; without an index it reads the whole "
            "table each "
            "time.",
     .safer = "Make an index that begins with the columns of the foreign key.",
     .section = keys_without_index},
    {.id = "SC03",
     .title = "an index that another one covers",
     .severity = FINDING_WARNING,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Every write keeps both up to date, and queries need only one.",
     .safer = "Leave the shorter one out.",
     .section = keys_redundant},
    {.id = "SC04",
     .title = "a foreign key whose parent is missing or not unique",
     .severity = FINDING_ERROR,
     .dialects = LINT_MY | LINT_LITE,
     .need = LINT_NEEDS_TRIAL,
     .why = "SQLite, and MySQL with foreign_key_checks off, take such a key and fail later, when rows are "
            "written.",
     .safer = "Make the parent table with a primary or unique key over these columns first.",
     .section = keys_without_parent},
    {.id = "SC05",
     .title = "a primary key that numbers itself in a small type",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_TRIAL,
     .why = "An int runs out at two thousand million, on the busiest target first, and then no row can be "
            "inserted; to "
            "change the type then means to rewrite the table.",
     .safer = "bigint; on PostgreSQL GENERATED BY DEFAULT AS IDENTITY instead of serial.",
     .section = sc05_small},
    {.id = "SC06",
     .title = "a type that will be regretted",
     .severity = FINDING_NOTE,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_TRIAL,
     .why = "char(n), timestamp without time zone, json, money, float(p,s), zero dates: each has a neighbour "
            "without its "
            "trap.",
     .safer = "text, timestamp with time zone, jsonb, numeric or decimal, datetime.",
     .section = sc06_types},
    {.id = "SC07",
     .title = "a name longer than the server keeps",
     .severity = FINDING_ERROR,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_TEXT,
     .why = "PostgreSQL cuts names at 63 bytes without an error, so two names may become one; MariaDB and "
            "MySQL refuse "
            "more than 64 characters.",
     .safer = "A shorter name.",
     .statement = sc07_long},
    {.id = "SC08",
     .title = "a name that is a word of SQL, has capitals, or is not as agreed",
     .severity = FINDING_NOTE,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Such a name has to be quoted wherever it is used, and means different things on servers that "
            "fold case "
            "differently.",
     .safer = "Lower-case names of letters, digits and underscores that are no words of SQL; lint.naming "
              "sets a pattern "
              "of your own.",
     .section = sc08_names},
    {.id = "SC09",
     .title = "an engine or character set that is not allowed",
     .severity = FINDING_WARNING,
     .dialects = LINT_MY,
     .need = LINT_NEEDS_TEXT,
     .why = "Tables of another engine take no part in transactions, and joins between character sets use no "
            "index.",
     .safer = "Use what lint.engines and lint.charsets list. Without these lists the rule finds nothing.",
     .statement = sc09_policy},
    {.id = "SC10",
     .title = "a table without its schema where there are several",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TREE,
     .why = "What the name means depends on search_path, which differs between roles and targets.",
     .safer = "Write schema.table. A target that is one schema of a database is the exception: there leave "
              "it out.",
     .statement = sc10_unqualified},
    {.id = "SC11",
     .title = "an index of more than three columns",
     .severity = FINDING_NOTE,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "The columns behind the third seldom narrow a search further, and every write pays for them.",
     .safer = "Keep the columns that narrow most; on PostgreSQL INCLUDE what is only read.",
     .section = keys_wide},
    {.id = "SC12",
     .title = "an enum value without BEFORE or AFTER",
     .severity = FINDING_NOTE,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TEXT,
     .why = "The order of an enum's values is how they sort, and cannot be changed later.",
     .safer = "Say BEFORE or AFTER which value, also where it is the last.",
     .statement = sc12_order},
    {.id = "SC13",
     .title = "a column named twice",
     .severity = FINDING_ERROR,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TREE,
     .why = "The server refuses it on every target.",
     .safer = "Name it once.",
     .statement = sc13_twice},
    {.id = "SC14",
     .title = "an invalid index or unvalidated constraint is left behind",
     .severity = FINDING_NOTE,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TRIAL,
     .why = "A constraint that is NOT VALID promises nothing about the rows that are there, and the planner "
            "does not use "
            "it; an invalid index costs writes and serves no query.",
     .safer = "VALIDATE the constraint in the next revision; drop an invalid index and build it again.",
     .section = sc14_invalid},
    {.id = "SC15",
     .title = "REFERENCES behind a column on MySQL",
     .severity = FINDING_ERROR,
     .dialects = 1 << DIALECT_MYSQL,
     .need = LINT_NEEDS_TEXT,
     .why = "MySQL before 9.0 reads REFERENCES in a column's definition and ignores it, so the foreign key "
            "is never made; "
            "MariaDB since 10.5 makes it.",
     .safer = "Write FOREIGN KEY (…) REFERENCES … as a clause of the table.",
     .statement = sc15_inline},
    {.id = "SC16",
     .title = "a statement that reaches beyond the target",
     .severity = FINDING_ERROR,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TEXT,
     .why = "Databases, roles, tablespaces and server settings are shared by the targets of a server: the "
            "second target "
            "of a fleet fails on them, and no version table knows of them.",
     .safer = "Do it once for each server, outside of revisions.",
     .statement = sc16_beyond},
    {.id = "SC17",
     .title = "a routine, trigger or event is made",
     .severity = FINDING_OK,
     .dialects = LINT_ALL,
     .need = LINT_NEEDS_TRIAL,
     .why = "Some teams keep logic out of the database. Off unless lint.rules turns it on.",
     .safer = "Keep it in the program, or turn the rule off.",
     .section = sc17_present},
    {0}};
