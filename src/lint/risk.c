/* Risk marks: statement by statement against the rows, with what the section itself made left out, since
 * nobody uses that yet. */
#include "lint/risk.h"
#include "lint/lint_risk_internal.h"

#include <string.h>

typedef struct Judge {
    const LintRevision *revision;
    const LintSection *section;
    GHashTable *made; /* names in lower case: what the section made, or gave a new name */
    GPtrArray *marks;
    bool renames; /* some statement gives a table another name */
} Judge;

/* ---- Names that the section makes ---- */

static bool is_made(const Judge *self, const char *name)
{
    g_autofree char *key = g_utf8_strdown(name, -1);
    return g_hash_table_contains(self->made, key);
}

static void take_made(const Judge *self, const char *name)
{
    if (name)
        g_hash_table_add(self->made, g_utf8_strdown(name, -1));
}

/* The new name of "alter table a rename to b" and "rename table a to b"; NULL. Caller frees. */
static char *renamed_to(const LintStatement *statement)
{
    bool renames = lint_begins(statement, "rename table|tables") ||
                   (lint_begins(statement, "alter table") && lint_holds(statement, "rename [to]"));
    gssize to = renames ? lint_find(statement, "to") : -1;
    return to >= 0 ? lint_name_at(statement, to) : NULL;
}

static void note_made(const Judge *self, const LintStatement *statement)
{
    gssize at = lint_behind(statement, 0,
                            "create [global|local] [temporary|temp|unlogged|unique|materialized] "
                            "table|view|index|sequence|schema|database|type|domain [concurrently]");
    if (at >= 0 && !lint_holds(statement, "if not exists")) {
        g_autofree char *name = lint_name_at(statement, at);
        take_made(self, name);
    }
    g_autofree char *renamed = renamed_to(statement);
    take_made(self, renamed);
}

/* ---- Rows that are kept ---- */

static bool copies_from(const LintStatement *statement, const char *table)
{
    if (!lint_begins(statement, "insert|replace into") && !lint_begins(statement, "create"))
        return false;
    for (guint i = 0; i < statement->words->len; i++) {
        gssize at = lint_behind(statement, i, "from");
        g_autofree char *name = at >= 0 ? lint_name_at(statement, at) : NULL;
        if (name && g_ascii_strcasecmp(name, table) == 0)
            return true;
    }
    return false;
}

static bool gives_name(const LintStatement *statement, const char *table)
{
    g_autofree char *renamed = renamed_to(statement);
    return renamed && g_ascii_strcasecmp(renamed, table) == 0;
}

/* How tables are rebuilt by hand: the rows are copied to another table, and one of the two is renamed to the
 * other's place. */
static bool is_rebuilt(const Judge *self, const char *table, guint dropped)
{
    bool copied = false;
    bool renamed = false;
    for (guint i = 0; self->renames && i < self->section->statements->len; i++) {
        const LintStatement *statement = self->section->statements->pdata[i];
        copied |= i < dropped && copies_from(statement, table);
        renamed |= gives_name(statement, table);
    }
    return copied && renamed;
}

/* An UPDATE of all rows that fills a column which an earlier statement of the section added. */
static bool fills_new_column(const Judge *self, const LintStatement *update)
{
    gssize set = lint_find(update, "set");
    g_autofree char *column = set >= 0 ? lint_name_at(update, set) : NULL;
    const GPtrArray *statements = self->section->statements;
    for (guint i = 0; column && i < statements->len && statements->pdata[i] != update; i++) {
        g_autoptr(GPtrArray) actions = lint_alter_actions(statements->pdata[i]);
        for (guint j = 0; j < actions->len; j++) {
            gssize at = lint_behind(actions->pdata[j], 0, "add [column] [if] [not] [exists]");
            g_autofree char *added = at >= 0 ? lint_name_at(actions->pdata[j], at) : NULL;
            if (added && g_ascii_strcasecmp(added, column) == 0)
                return true;
        }
    }
    return false;
}

/* ---- Marks ---- */

static bool is_said(const Judge *self, const RiskMark *mark)
{
    for (guint i = 0; i < self->marks->len; i++) {
        const RiskMark *other = self->marks->pdata[i];
        if (other->kind == mark->kind && g_strcmp0(other->object, mark->object) == 0 &&
            g_str_equal(other->reason, mark->reason))
            return true;
    }
    return false;
}

/* Each once, at its first statement; that there is no way back, once a step. */
static void add_mark(const Judge *self, RiskKind kind, guint statement, const char *object,
                     const char *reason)
{
    RiskMark *mark = risk_mark_new(kind, statement, object, reason);
    if ((kind == RISK_IRREVERSIBLE && risk_marks_have(self->marks, kind)) || is_said(self, mark))
        risk_mark_free(mark);
    else
        g_ptr_array_add(self->marks, mark);
}

/* A row that fits, with the words that it fits. */
typedef struct Find {
    const RiskRow *row;
    const LintStatement *words; /* the statement, or one of its actions */
    guint statement;            /* from 1 */
    char *reason;
} Find;

static void mark_kinds(const Judge *self, const Find *find, const char *object)
{
    for (int kind = 0; kind < RISK_KIND_COUNT; kind++)
        if (find->row->kinds & 1u << kind)
            add_mark(self, (RiskKind)kind, find->statement, object, find->reason);
}

static void mark_object(const Judge *self, const Find *find, const char *object)
{
    if (is_made(self, object))
        return;
    if (lint_begins(find->words, "drop table|tables") && is_rebuilt(self, object, find->statement - 1))
        add_mark(self, RISK_REWRITES, find->statement, object,
                 "the table is made anew from its rows: what is not copied is lost");
    else
        mark_kinds(self, find, object);
}

static char *reason_of(const RiskRow *row, const LintStatement *words)
{
    if (row->names != RISK_NAMES_COLUMN)
        return g_strdup(row->what);
    g_autofree char *column = lint_name_at(words, lint_risk_behind(row, words) - 1);
    return g_strdup_printf("column %s %s", column ? column : "", row->what);
}

static void mark_row(const Judge *self, const RiskRow *row, const LintStatement *words, guint statement,
                     const char *table)
{
    if (!row || row->kinds == 0)
        return;
    g_autofree char *reason = reason_of(row, words);
    const Find find = {row, words, statement, reason};
    g_autoptr(GPtrArray) names = lint_risk_names(row, words, table);
    for (guint i = 0; i < names->len; i++)
        mark_object(self, &find, names->pdata[i]);
    if (names->len == 0)
        mark_kinds(self, &find, NULL);
}

static void judge_statement(const Judge *self, guint index)
{
    const LintStatement *statement = self->section->statements->pdata[index];
    Dialect dialect = self->section->dialect;
    const RiskRow *row = lint_risk_row(lint_risk_statements, statement, dialect);
    bool harmless = lint_begins(statement, "update") && fills_new_column(self, statement);
    if (!harmless)
        mark_row(self, row, statement, index + 1, NULL);
    g_autofree char *table = lint_altered_table(statement);
    g_autoptr(GPtrArray) actions = lint_alter_actions(statement);
    for (guint i = 0; i < actions->len; i++)
        mark_row(self, lint_risk_row(lint_risk_actions, actions->pdata[i], dialect), actions->pdata[i],
                 index + 1, table);
    note_made(self, statement);
}

/* ---- The step as a whole ---- */

static void judge_way_back(const Judge *self)
{
    if (self->section->down)
        return;
    const char *why = lint_no_way_down(self->revision, self->section);
    if (self->revision->irreversible)
        add_mark(self, RISK_IRREVERSIBLE, 0, NULL, "the file says so (dbfleet:irreversible)");
    else if (why)
        add_mark(self, RISK_NO_DOWN, 0, NULL, why);
}

/* The first statement that no transaction takes, from 1; 0. */
static guint first_outside(const LintSection *section)
{
    for (guint i = 0; i < section->statements->len; i++)
        if (((const LintStatement *)section->statements->pdata[i])->kind == STATEMENT_NOT_IN_TRANSACTION)
            return i + 1;
    return 0;
}

static void judge_transaction(const Judge *self)
{
    const LintSection *section = self->section;
    bool wrapped = section->transaction && dialect_has_transactional_ddl(section->dialect);
    if (wrapped || section->statements->len == 0)
        return;
    add_mark(self, RISK_NOT_TRANSACTIONAL, first_outside(section), NULL,
             section->transaction ? "each statement takes effect by itself"
                                  : "transaction:false: each statement takes effect by itself");
}

static bool has_rename(const LintSection *section)
{
    bool found = false;
    for (guint i = 0; i < section->statements->len && !found; i++) {
        g_autofree char *name = renamed_to(section->statements->pdata[i]);
        found = name != NULL;
    }
    return found;
}

GPtrArray *lint_risks(const LintRevision *revision, const LintSection *section)
{
    g_autoptr(GHashTable) made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const Judge judge = {revision, section, made, risk_marks_new(), has_rename(section)};
    for (guint i = 0; i < section->statements->len; i++)
        judge_statement(&judge, i);
    judge_way_back(&judge);
    judge_transaction(&judge);
    return judge.marks;
}
