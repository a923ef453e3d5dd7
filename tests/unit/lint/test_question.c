/* What targets are asked, and what their answers make of a finding. */
#include "lint_fixture.h"

#include "lint/lint_question.h"

static void expect_sql(LintQuestion question, Dialect dialect, const char *expected)
{
    g_autofree char *sql = lint_question_sql(&question, dialect);
    cr_expect_str_eq(sql, expected);
}

Test(question, is_one_statement_that_stops_at_the_first_row)
{
    expect_sql((LintQuestion){.kind = LINT_ASK_ROWS, .table = (char *)"public.orders"}, DIALECT_POSTGRES,
               "SELECT 1 FROM orders LIMIT 1");
    expect_sql(
        (LintQuestion){.kind = LINT_ASK_NULLS, .table = (char *)"shop.\"Orders\"", .columns = (char *)"a"},
        DIALECT_POSTGRES, "SELECT 1 FROM shop.\"Orders\" WHERE a IS NULL LIMIT 1");
    expect_sql(
        (LintQuestion){.kind = LINT_ASK_DUPLICATES, .table = (char *)"t", .columns = (char *)"`a`, `b`"},
        DIALECT_MARIADB,
        "SELECT 1 FROM `t` WHERE `a` IS NOT NULL AND `b` IS NOT NULL GROUP BY `a`, `b` HAVING count(*) > 1 "
        "LIMIT 1");
    expect_sql(
        (LintQuestion){.kind = LINT_ASK_VIOLATIONS, .table = (char *)"t", .expression = (char *)"a > 0"},
        DIALECT_SQLITE, "SELECT 1 FROM \"t\" WHERE NOT (a > 0) LIMIT 1");
    expect_sql((LintQuestion){.kind = LINT_ASK_ORPHANS,
                              .table = (char *)"@.t",
                              .columns = (char *)"a",
                              .parent = (char *)"u",
                              .parent_columns = (char *)"id"},
               DIALECT_POSTGRES,
               "SELECT 1 FROM t AS dbfleet_child WHERE dbfleet_child.a IS NOT NULL AND NOT EXISTS (SELECT 1 "
               "FROM u AS "
               "dbfleet_parent WHERE dbfleet_parent.id = dbfleet_child.a) LIMIT 1");
}

static LintFinding *finding_new(void)
{
    LintFinding *self = g_new0(LintFinding, 1);
    self->severity = self->own = FINDING_WARNING;
    self->targets = g_ptr_array_new_with_free_func(g_free);
    self->questions = g_ptr_array_new();
    return self;
}

typedef struct SizeCase {
    gint64 rows[3]; /* -1: no such table; -2: could not be asked */
    FindingLevel severity;
    const char *words;
} SizeCase;

static const SizeCase SIZES[] = {
    {{5, 10, 0}, FINDING_NOTE, "at most 10 rows on 3 targets"},
    {{-1, -1, -1}, FINDING_NOTE, "none of 3 targets has this table"},
    {{5, 10001, 0}, FINDING_WARNING, "at most 10 thousand rows on 3 targets"},
    {{5, -2, 0}, FINDING_WARNING, "at most 5 rows on 3 targets (1 could not be asked: down)"},
    {{5, 40000000, 2000000}, FINDING_ERROR, "on 2 of 3 targets it has up to 40 million rows: b, c"},
    {{-2, 999999, 1000000},
     FINDING_ERROR,
     "on 1 of 3 targets it has up to 1 million rows: c (1 could not be asked: down)"},
};

static void fill(LintAnswer *answers, const gint64 *rows, gsize count)
{
    for (gsize i = 0; i < count; i++)
        answers[i] = (LintAnswer){
            .asked = rows[i] != -2, .yes = rows[i] >= 0, .rows = MAX(rows[i], 0), .why = (char *)"down"};
}

static GPtrArray *three_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    g_ptr_array_add(names, (gpointer) "a");
    g_ptr_array_add(names, (gpointer) "b");
    g_ptr_array_add(names, (gpointer) "c");
    return names;
}

Test(question, sizes_decide_what_a_lock_weighs)
{
    const LintSettings settings = {.tiny_rows = LINT_TINY_ROWS, .big_rows = LINT_BIG_ROWS};
    const LintQuestion question = {.kind = LINT_ASK_SIZE, .table = (char *)"t"};
    g_autoptr(GPtrArray) names = three_names();
    for (gsize i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        LintAnswer answers[3];
        LintFinding *finding = finding_new();
        const LintAnswers all = {names, answers};
        fill(answers, SIZES[i].rows, 3);
        lint_finding_answer(finding, &question, &all, &settings);
        cr_expect_eq(finding->severity, SIZES[i].severity, "%s", SIZES[i].words);
        cr_expect_str_eq(finding->fleet, SIZES[i].words);
        lint_finding_free(finding);
    }
}

Test(question, rows_in_the_way_are_an_error_that_names_who_has_them)
{
    const LintSettings settings = {.tiny_rows = LINT_TINY_ROWS, .big_rows = LINT_BIG_ROWS};
    const LintQuestion question = {
        .kind = LINT_ASK_NULLS, .table = (char *)"public.orders", .columns = (char *)"email"};
    static const gint64 some[] = {1, -1, 1}, none[] = {-1, -1, -1}, unsure[] = {-1, -2, -1};
    static const struct {
        const gint64 *rows;
        FindingLevel severity;
        const char *words;
    } cases[] = {
        {some, FINDING_ERROR, "2 of 3 targets hold NULLs in orders.email: a, c"},
        {none, FINDING_NOTE, "none of 3 targets holds NULLs in orders.email"},
        {unsure, FINDING_WARNING,
         "none of 2 targets holds NULLs in orders.email (1 could not be asked: down)"},
    };
    g_autoptr(GPtrArray) names = three_names();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        LintAnswer answers[3];
        LintFinding *finding = finding_new();
        const LintAnswers all = {names, answers};
        fill(answers, cases[i].rows, 3);
        lint_finding_answer(finding, &question, &all, &settings);
        cr_expect_eq(finding->severity, cases[i].severity, "%s", cases[i].words);
        cr_expect_str_eq(finding->fleet, cases[i].words);
        lint_finding_free(finding);
    }
}

Test(question, the_worst_of_several_answers_counts)
{
    const LintSettings settings = {.tiny_rows = LINT_TINY_ROWS, .big_rows = LINT_BIG_ROWS};
    const LintQuestion question = {.kind = LINT_ASK_SIZE, .table = (char *)"t"};
    static const gint64 large[] = {2000000, 1, 1}, tiny[] = {1, 1, 1};
    g_autoptr(GPtrArray) names = three_names();
    LintAnswer answers[3];
    LintFinding *finding = finding_new();
    const LintAnswers all = {names, answers};
    fill(answers, large, 3);
    lint_finding_answer(finding, &question, &all, &settings);
    fill(answers, tiny, 3);
    lint_finding_answer(finding, &question, &all, &settings);
    cr_expect_eq(finding->severity, FINDING_ERROR);
    lint_finding_free(finding);
}
