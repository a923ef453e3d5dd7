/* Lint facts: revisions made of sections made of statements, and the schemas between these. */
#include "lint/lint_facts.h"
#include "lint/lint_allow_internal.h"
#include "sql/words.h"

#include <string.h>

/* ---- Names ---- */

static const struct {
    const char *name;
    const char *mode; /* in pg_locks */
} LOCKS[] = {
    [LINT_LOCK_NONE] = {"no", ""},
    [LINT_LOCK_ACCESS_SHARE] = {"ACCESS SHARE", "AccessShareLock"},
    [LINT_LOCK_ROW_SHARE] = {"ROW SHARE", "RowShareLock"},
    [LINT_LOCK_ROW_EXCLUSIVE] = {"ROW EXCLUSIVE", "RowExclusiveLock"},
    [LINT_LOCK_SHARE_UPDATE_EXCLUSIVE] = {"SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock"},
    [LINT_LOCK_SHARE] = {"SHARE", "ShareLock"},
    [LINT_LOCK_SHARE_ROW_EXCLUSIVE] = {"SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock"},
    [LINT_LOCK_EXCLUSIVE] = {"EXCLUSIVE", "ExclusiveLock"},
    [LINT_LOCK_ACCESS_EXCLUSIVE] = {"ACCESS EXCLUSIVE", "AccessExclusiveLock"},
};

const char *lint_lock_name(LintLock lock)
{
    return LOCKS[lock].name;
}

LintLock lint_lock_parse(const char *mode)
{
    for (gsize i = 0; i < G_N_ELEMENTS(LOCKS); i++)
        if (g_strcmp0(LOCKS[i].mode, mode) == 0)
            return (LintLock)i;
    return LINT_LOCK_NONE;
}

const char *lint_algorithm_name(LintAlgorithm algorithm)
{
    static const char *const names[] = {"unknown", "INSTANT", "NOCOPY", "INPLACE", "COPY"};
    return names[algorithm];
}

/* ---- Freeing ---- */

static void table_free(gpointer data)
{
    LintTable *self = data;
    g_free(self->key);
    g_free(self);
}

static void statement_free(gpointer data)
{
    LintStatement *self = data;
    g_free(self->text);
    g_ptr_array_unref(self->words);
    g_ptr_array_unref(self->allows);
    g_free(self->failure);
    g_free(self->untried);
    schema_diff_free(self->diff);
    g_ptr_array_unref(self->tables);
    g_free(self);
}

static void section_free(gpointer data)
{
    LintSection *self = data;
    schema_diff_free(self->diff);
    g_ptr_array_unref(self->statements);
    g_ptr_array_unref(self->allows);
    g_ptr_array_unref(self->models);
    g_free(self->failure);
    g_free(self);
}

LintRevision *lint_revision_new(const char *id, const char *message, const char *file)
{
    LintRevision *self = g_new0(LintRevision, 1);
    self->id = g_strdup(id);
    self->message = g_strdup(message ? message : "");
    self->file = g_strdup(file);
    self->sections = g_ptr_array_new_with_free_func(section_free);
    return self;
}

void lint_revision_free(LintRevision *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->sections);
    g_free(self->id);
    g_free(self->message);
    g_free(self->file);
    g_free(self);
}

/* ---- Building ---- */

static LintStatement *statement_new(const Script *script, guint index, Dialect dialect)
{
    const Statement *statement = script_at(script, index);
    LintStatement *self = g_new0(LintStatement, 1);
    self->text = script_statement_text(script, index);
    self->words = sql_words(self->text, strlen(self->text), dialect);
    if (!self->words)
        self->words = g_ptr_array_new();
    self->kind = statement->kind;
    self->place = script_place_of(script, statement->start);
    self->tables = g_ptr_array_new_with_free_func(table_free);
    return self;
}

/* Where the statement ends in the script, with its inline data. */
static gsize statement_end(const Statement *statement)
{
    return MAX(statement->start + statement->length, statement->data_start + statement->data_length);
}

/* The allows between two statements: one on the line on which the first ends is of that. */
static GPtrArray *allows_between(LintStatement *last, const Script *script, gsize start, gsize end)
{
    GPtrArray *allows = lint_allows_read(script, script_text(script) + start, end - start);
    LintAllow *first = last && allows->len > 0 ? allows->pdata[0] : NULL;
    if (first && first->line == script_place_of(script, start).line)
        g_ptr_array_add(last->allows, g_ptr_array_steal_index(allows, 0));
    return allows;
}

static void add_statements(LintSection *self, const Script *script)
{
    LintStatement *last = NULL;
    gsize end = 0;
    for (guint i = 0; i < script_length(script); i++) {
        LintStatement *one = statement_new(script, i, self->dialect);
        one->allows = allows_between(last, script, end, script_at(script, i)->start);
        end = statement_end(script_at(script, i));
        last = one;
        g_ptr_array_add(self->statements, one);
    }
    g_ptr_array_unref(self->allows);
    self->allows = allows_between(last, script, end, strlen(script_text(script)));
}

static void fill_section(LintSection *self, const char *text, gsize length)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script = script_split(text, length, self->dialect, self->place, problems);
    if (script) {
        add_statements(self, script);
        return;
    }
    const Diagnostic *first = diagnostics_list(problems)->pdata[0];
    self->failure = g_strdup(first->message);
    self->place.line = first->line;
    self->place.column = first->column;
}

LintSection *lint_revision_add(LintRevision *self, const char *text, gsize length, Dialect dialect,
                               SourcePlace place)
{
    LintSection *section = g_new0(LintSection, 1);
    section->dialect = dialect;
    section->transaction = true;
    section->place = place;
    section->place.file = self->file;
    section->statements = g_ptr_array_new_with_free_func(statement_free);
    section->models = g_ptr_array_new_with_free_func((GDestroyNotify)schema_model_free);
    section->allows = g_ptr_array_new();
    fill_section(section, text, length);
    self->irreversible |= g_strstr_len(text, (gssize)length, "-- dbfleet:irreversible") != NULL;
    g_ptr_array_add(self->sections, section);
    return section;
}

const LintSection *lint_revision_section(const LintRevision *self, Dialect dialect, bool down)
{
    for (guint i = 0; i < self->sections->len; i++) {
        const LintSection *section = self->sections->pdata[i];
        if (section->dialect == dialect && section->down == down)
            return section;
    }
    return NULL;
}

/* ---- What a trial showed ---- */

void lint_section_begin(LintSection *self, SchemaModel *before)
{
    g_ptr_array_add(self->models, before);
    self->before = before;
    self->after = before;
}

void lint_section_ran(LintSection *self, guint index, SchemaModel *after)
{
    LintStatement *statement = self->statements->pdata[index];
    const SchemaModel *before = self->after;
    if (after) {
        g_ptr_array_add(self->models, after);
        self->after = after;
    }
    statement->ran = true;
    statement->after = self->after;
    statement->diff = schema_diff_new(before, self->after, NULL);
}

void lint_section_end(LintSection *self)
{
    if (self->before)
        self->diff = schema_diff_new(self->before, self->after, NULL);
}

LintTable *lint_statement_table(LintStatement *self, const char *key)
{
    for (guint i = 0; i < self->tables->len; i++) {
        LintTable *table = self->tables->pdata[i];
        if (g_str_equal(table->key, key))
            return table;
    }
    LintTable *table = g_new0(LintTable, 1);
    table->key = g_strdup(key);
    g_ptr_array_add(self->tables, table);
    return table;
}
