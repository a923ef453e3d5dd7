/* Made-up revisions: sections from text, schemas from lines, and what the rules find in them. */
#pragma once

#include "lint/lint_rules.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct Made {
    LintRevision *revision;
    LintSection *section; /* up */
    LintResult *result;
    LintSettings settings;
} Made;

static inline Made made_new(const char *sql, Dialect dialect)
{
    Made self = {.revision = lint_revision_new("r1", "a message", "/v/r1.sql"), .result = lint_result_new()};
    self.settings = (LintSettings){.levels = g_hash_table_new(g_str_hash, g_str_equal),
                                   .max_changes = LINT_MAX_CHANGES,
                                   .tiny_rows = LINT_TINY_ROWS,
                                   .big_rows = LINT_BIG_ROWS};
    LintSection *down = lint_revision_add(self.revision, "select 1;", 9, dialect, (SourcePlace){NULL, 90, 1});
    down->down = true;
    self.section = lint_revision_add(self.revision, sql, strlen(sql), dialect, (SourcePlace){NULL, 10, 1});
    return self;
}

static inline void made_clear(Made *self)
{
    lint_revision_free(self->revision);
    lint_result_free(self->result);
    g_hash_table_unref(self->settings.levels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Made, made_clear)

/* One object a line: "table t", "column t.a type=int notnull=true", "constraint t.c def=PRIMARY KEY (a)": an
 * attribute reaches to the next word with "=" that a semicolon stands before. */
static inline void made_object(SchemaModel *model, const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, "; ", -1);
    g_auto(GStrv) head = g_strsplit(parts[0], " ", 2);
    SchemaKind kind;
    cr_assert(schema_kind_parse(head[0], &kind), "%s", head[0]);
    const char *dot = strrchr(head[1], '.');
    g_autofree char *parent = dot ? g_strndup(head[1], (gsize)(dot - head[1])) : NULL;
    SchemaObject *object = schema_model_add(model, kind, head[1], parent, dot ? dot + 1 : head[1]);
    for (char **part = parts + 1; *part; part++) {
        g_auto(GStrv) pair = g_strsplit(*part, "=", 2);
        schema_model_set(model, object, pair[0], pair[1]);
    }
}

static inline SchemaModel *made_model(const char *lines, Dialect dialect)
{
    SchemaModel *model = schema_model_new(dialect, "made up");
    g_auto(GStrv) list = g_strsplit(lines, "\n", -1);
    for (char **line = list; *line; line++)
        if (**line)
            made_object(model, *line);
    schema_model_finish(model);
    return model;
}

/* The section begins at the first schema; each further one is what the next statement leaves.
 * NULL-terminated. */
static inline void made_trial(Made *self, const char *const *schemas)
{
    lint_section_begin(self->section, made_model(schemas[0], self->section->dialect));
    for (guint i = 0; schemas[i + 1]; i++)
        lint_section_ran(self->section, i, made_model(schemas[i + 1], self->section->dialect));
    lint_section_end(self->section);
}

static inline LintStatement *made_statement(Made *self, guint index)
{
    return self->section->statements->pdata[index];
}

static inline void made_lock(Made *self, guint statement, const char *table, LintLock lock, bool rewritten,
                             bool scanned)
{
    LintStatement *one = made_statement(self, statement);
    LintTable *seen = lint_statement_table(one, table);
    one->measured = true;
    one->in_transaction = true;
    seen->lock = lock;
    seen->rewritten = rewritten;
    seen->scanned = scanned;
}

static inline gint made_compare(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* "DL01 DL04": the rules that found something, sorted, each once. Caller frees. */
static inline char *made_rules(Made *self)
{
    GString *text = g_string_new(NULL);
    lint_revision_judge(self->revision, &self->settings, self->result);
    g_autoptr(GPtrArray) seen = g_ptr_array_new();
    for (guint i = 0; i < self->result->findings->len; i++) {
        const LintFinding *finding = self->result->findings->pdata[i];
        if (!g_ptr_array_find_with_equal_func(seen, finding->rule, g_str_equal, NULL))
            g_ptr_array_add(seen, (gpointer)finding->rule);
    }
    g_ptr_array_sort(seen, made_compare);
    for (guint i = 0; i < seen->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", (const char *)seen->pdata[i]);
    return g_string_free(text, FALSE);
}

static inline const LintFinding *made_finding(const Made *self, const char *rule)
{
    for (guint i = 0; i < self->result->findings->len; i++) {
        const LintFinding *finding = self->result->findings->pdata[i];
        if (g_str_equal(finding->rule, rule))
            return finding;
    }
    return NULL;
}
