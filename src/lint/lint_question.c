/* Questions: their SQL from the names in a finding, and the words that the answers become. */
#include "lint/lint_question.h"
#include "lint/lint_internal.h"

#include <string.h>

/* ---- SQL ---- */

/* A target that is one schema of a database, or has its tables elsewhere, finds a table of "public" by its
 * search path. */
static const char *own_name(const char *table)
{
    if (g_str_has_prefix(table, "public."))
        return table + strlen("public.");
    return g_str_has_prefix(table, "@.") ? table + 2 : table;
}

/* Names that the model has without quotes are quoted as the dialect wants it. */
static char *name_in(const char *table, Dialect dialect)
{
    const char *name = own_name(table);
    if (dialect == DIALECT_POSTGRES)
        return g_strdup(name);
    g_autofree char *bare = lint_bare_name(name);
    return sql_quote_ident(dialect, bare);
}

static char *size_sql(const LintQuestion *self, Dialect dialect, const char *name)
{
    g_autofree char *bare = lint_bare_name(own_name(self->table));
    g_autofree char *literal = sql_quote_literal(dialect, dialect == DIALECT_POSTGRES ? name : bare);
    if (dialect == DIALECT_POSTGRES)
        return g_strdup_printf(
            "SELECT CASE WHEN c.relkind = 'p' THEN (SELECT coalesce(sum(greatest(k.reltuples, 0)), 0) FROM "
            "pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class k ON k.oid = t.relid WHERE "
            "t.isleaf) "
            "ELSE CASE WHEN c.reltuples < 0 THEN pg_catalog.pg_relation_size(c.oid) / 100 ELSE c.reltuples "
            "END "
            "END::bigint, CASE WHEN c.relkind = 'p' THEN (SELECT coalesce(sum("
            "pg_catalog.pg_total_relation_size(t.relid)), 0) FROM pg_catalog.pg_partition_tree(c.oid) t "
            "WHERE "
            "t.isleaf) ELSE pg_catalog.pg_total_relation_size(c.oid) END::bigint FROM pg_catalog.pg_class c "
            "WHERE c.oid = pg_catalog.to_regclass(%s)",
            literal);
    if (dialect_is_mysql_family(dialect))
        return g_strdup_printf(
            "SELECT coalesce(table_rows, 0), coalesce(data_length + index_length, 0) FROM "
            "information_schema.tables WHERE table_schema = database() AND table_name = %s",
            literal);
    return g_strdup_printf("SELECT count(*), count(*) * 100 FROM (SELECT 1 FROM %s LIMIT %u)", name,
                           LINT_BIG_ROWS + 1);
}

static char *nulls_condition(const char *columns)
{
    g_auto(GStrv) list = g_strsplit(columns, ", ", -1);
    GString *text = g_string_new(NULL);
    for (char **column = list; *column; column++)
        g_string_append_printf(text, "%s%s IS NULL", text->len ? " OR " : "", *column);
    return g_string_free(text, FALSE);
}

/* Rows that hold no NULL in these columns: others are never duplicates nor orphans. */
static char *filled_condition(const char *columns, const char *prefix)
{
    g_auto(GStrv) list = g_strsplit(columns, ", ", -1);
    GString *text = g_string_new(NULL);
    for (char **column = list; *column; column++)
        g_string_append_printf(text, "%s%s%s IS NOT NULL", text->len ? " AND " : "", prefix, *column);
    return g_string_free(text, FALSE);
}

static char *duplicates_sql(const LintQuestion *self, const char *name)
{
    g_autofree char *filled = filled_condition(self->columns, "");
    return g_strdup_printf("SELECT 1 FROM %s WHERE %s%s%s%s GROUP BY %s HAVING count(*) > 1 LIMIT 1", name,
                           filled, self->expression ? " AND (" : "", self->expression ? self->expression : "",
                           self->expression ? ")" : "", self->columns);
}

static char *orphans_sql(const LintQuestion *self, Dialect dialect, const char *name)
{
    g_autofree char *parent = name_in(self->parent, dialect);
    g_autofree char *filled = filled_condition(self->columns, "dbfleet_child.");
    g_auto(GStrv) columns = g_strsplit(self->columns, ", ", -1);
    g_auto(GStrv) others = g_strsplit(self->parent_columns, ", ", -1);
    g_autoptr(GString) equal = g_string_new(NULL);
    for (guint i = 0; columns[i] && others[i]; i++)
        g_string_append_printf(equal, "%sdbfleet_parent.%s = dbfleet_child.%s", i ? " AND " : "", others[i],
                               columns[i]);
    return g_strdup_printf("SELECT 1 FROM %s AS dbfleet_child WHERE %s AND NOT EXISTS (SELECT 1 FROM %s AS "
                           "dbfleet_parent WHERE %s) LIMIT 1",
                           name, filled, parent, equal->str);
}

char *lint_question_sql(const LintQuestion *self, Dialect dialect)
{
    g_autofree char *name = self->table ? name_in(self->table, dialect) : NULL;
    switch (name ? self->kind : LINT_ASK_NOTHING) {
    case LINT_ASK_SIZE:
        return size_sql(self, dialect, name);
    case LINT_ASK_ROWS:
        return g_strdup_printf("SELECT 1 FROM %s LIMIT 1", name);
    case LINT_ASK_NULLS: {
        g_autofree char *nulls = nulls_condition(self->columns);
        return g_strdup_printf("SELECT 1 FROM %s WHERE %s LIMIT 1", name, nulls);
    }
    case LINT_ASK_DUPLICATES:
        return duplicates_sql(self, name);
    case LINT_ASK_VIOLATIONS:
        return g_strdup_printf("SELECT 1 FROM %s WHERE NOT (%s) LIMIT 1", name, self->expression);
    case LINT_ASK_ORPHANS:
        return orphans_sql(self, dialect, name);
    case LINT_ASK_NOTHING:
        break;
    }
    return NULL;
}

/* ---- Answers ---- */

#define TARGETS_NAMED 5u

static char *count_text(gint64 rows)
{
    if (rows >= 1000000)
        return g_strdup_printf("%.3g million", (double)rows / 1e6);
    if (rows >= 10000)
        return g_strdup_printf("%" G_GINT64_FORMAT " thousand", rows / 1000);
    return g_strdup_printf("%" G_GINT64_FORMAT, rows);
}

static void add_target(LintFinding *self, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(self->targets, name, g_str_equal, NULL))
        g_ptr_array_add(self->targets, g_strdup(name));
}

/* Several questions, of several dialects: the worst answer counts. */
static void set_severity(LintFinding *self, FindingLevel severity)
{
    self->severity = self->answered ? MAX(self->severity, severity) : severity;
    self->answered = true;
}

static void set_words(LintFinding *self, char *words)
{
    char *both = self->fleet ? g_strdup_printf("%s; %s", self->fleet, words) : g_strdup(words);
    g_free(self->fleet);
    self->fleet = both;
    g_free(words);
}

static unsigned unasked(const LintAnswers *answers)
{
    unsigned count = 0;
    for (guint i = 0; i < answers->names->len; i++)
        count += !answers->answers[i].asked;
    return count;
}

static char *unasked_text(const LintAnswers *answers)
{
    unsigned count = unasked(answers);
    if (count == 0)
        return g_strdup("");
    const char *why = NULL;
    for (guint i = 0; i < answers->names->len && !why; i++)
        why = answers->answers[i].why;
    return g_strdup_printf(" (%u could not be asked: %s)", count, why ? why : "unknown");
}

/* ---- Sizes ---- */

typedef struct Sizes {
    gint64 most;
    GPtrArray *big; /* names of targets with big tables */
} Sizes;

static void measure(const LintAnswers *answers, const LintSettings *settings, Sizes *sizes)
{
    sizes->most = -1;
    sizes->big = g_ptr_array_new();
    for (guint i = 0; i < answers->names->len; i++) {
        const LintAnswer *answer = &answers->answers[i];
        if (!answer->asked || !answer->yes)
            continue;
        sizes->most = MAX(sizes->most, answer->rows);
        if (answer->rows >= settings->big_rows)
            g_ptr_array_add(sizes->big, answers->names->pdata[i]);
    }
}

static void answer_size(LintFinding *self, const LintAnswers *answers, const LintSettings *settings)
{
    Sizes sizes;
    measure(answers, settings, &sizes);
    g_autoptr(GPtrArray) big = sizes.big;
    g_autofree char *missing = unasked_text(answers);
    g_autofree char *most = count_text(MAX(sizes.most, 0));
    if (big->len > 0) {
        set_severity(self, FINDING_ERROR);
        for (guint i = 0; i < big->len; i++)
            add_target(self, big->pdata[i]);
        g_autofree char *names = finding_names(big, TARGETS_NAMED);
        set_words(self, g_strdup_printf("on %u of %u targets it has up to %s rows: %s%s", big->len,
                                        answers->names->len, most, names, missing));
    } else if (sizes.most <= settings->tiny_rows && unasked(answers) == 0) {
        set_severity(self, MIN(self->own, FINDING_NOTE));
        set_words(self, sizes.most < 0
                            ? g_strdup_printf("none of %u targets has this table", answers->names->len)
                            : g_strdup_printf("at most %s rows on %u targets", most, answers->names->len));
    } else {
        set_severity(self, self->own);
        set_words(self,
                  g_strdup_printf("at most %s rows on %u targets%s", most, answers->names->len, missing));
    }
}

/* ---- Rows ---- */

static char *what_holds(const LintQuestion *question)
{
    switch (question->kind) {
    case LINT_ASK_NULLS:
        return g_strdup_printf("NULLs in %s.%s", own_name(question->table), question->columns);
    case LINT_ASK_DUPLICATES:
        return g_strdup_printf("duplicates of %s in %s", question->columns, own_name(question->table));
    case LINT_ASK_VIOLATIONS:
        return g_strdup_printf("rows of %s that break it", own_name(question->table));
    case LINT_ASK_ORPHANS:
        return g_strdup_printf("rows of %s that refer to nothing", own_name(question->table));
    default:
        return g_strdup_printf("rows in %s", own_name(question->table));
    }
}

static void answer_rows(LintFinding *self, const LintQuestion *question, const LintAnswers *answers)
{
    g_autofree char *what = what_holds(question);
    g_autofree char *missing = unasked_text(answers);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < answers->names->len; i++)
        if (answers->answers[i].asked && answers->answers[i].yes)
            g_ptr_array_add(names, answers->names->pdata[i]);
    for (guint i = 0; i < names->len; i++)
        add_target(self, names->pdata[i]);
    g_autofree char *list = finding_names(names, TARGETS_NAMED);
    if (names->len > 0) {
        set_severity(self, FINDING_ERROR);
        set_words(self, g_strdup_printf("%u of %u targets hold%s %s: %s%s", names->len, answers->names->len,
                                        names->len == 1 ? "s" : "", what, list, missing));
        return;
    }
    set_severity(self, unasked(answers) == 0 ? MIN(self->own, FINDING_NOTE) : self->own);
    set_words(self, g_strdup_printf("none of %u targets holds %s%s", answers->names->len - unasked(answers),
                                    what, missing));
}

void lint_finding_answer(LintFinding *self, const LintQuestion *question, const LintAnswers *answers,
                         const LintSettings *settings)
{
    if (answers->names->len == 0)
        return;
    if (question->kind == LINT_ASK_SIZE)
        answer_size(self, answers, settings);
    else
        answer_rows(self, question, answers);
}
