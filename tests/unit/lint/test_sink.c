/* Severities, allows, and findings of several dialects. */
#include "lint_fixture.h"

static FindingLevel severity_with(FindingLevel level, const char *sql, const char *rule)
{
    g_auto(Made) made = made_new(sql, DIALECT_POSTGRES);
    g_hash_table_insert(made.settings.levels, (gpointer)rule, GUINT_TO_POINTER(level));
    g_free(made_rules(&made));
    const LintFinding *finding = made_finding(&made, rule);
    return finding ? finding->severity : FINDING_OK;
}

Test(sink, settings_outrank_the_rule)
{
    cr_expect_eq(severity_with(FINDING_OK, "drop index i", "LK04"), FINDING_OK);
    cr_expect_eq(severity_with(FINDING_NOTE, "drop index i", "LK04"), FINDING_NOTE);
    cr_expect_eq(severity_with(FINDING_ERROR, "drop index i", "LK04"), FINDING_ERROR);
}

Test(sink, what_a_rule_lowers_stays_low)
{
    cr_expect_eq(severity_with(FINDING_ERROR, "create domain d as int check (value > 0)", "DD06"),
                 FINDING_NOTE);
    cr_expect_eq(severity_with(FINDING_ERROR, "alter domain d add check (value > 0)", "DD06"), FINDING_ERROR);
}

static char *rules_of(const char *sql)
{
    g_auto(Made) made = made_new(sql, DIALECT_POSTGRES);
    return made_rules(&made);
}

#define EXPECT_RULES(sql, expected)                                                                          \
    do {                                                                                                     \
        g_autofree char *rules = rules_of(sql);                                                              \
        cr_expect_str_eq(rules, expected, "%s: %s", sql, rules);                                             \
    } while (0)

Test(sink, allows)
{
    EXPECT_RULES("drop index i", "LK04");
    EXPECT_RULES("-- dbfleet:allow LK04 it is tiny\ndrop index i", "");
    EXPECT_RULES("--dbfleet:allow lk04 it is tiny\ndrop index i", "");
    EXPECT_RULES("-- dbfleet:allow LK04,DL04 it is tiny\ndrop index i", "");
    EXPECT_RULES("drop index i; -- dbfleet:allow LK04 it is tiny", "");
    EXPECT_RULES("-- dbfleet:allow LK04 it is tiny\n\n-- and more\ndrop index i", "");
    EXPECT_RULES("-- dbfleet:allow LK04\ndrop index i", "LK04 RV04");
    EXPECT_RULES("-- dbfleet:allow\ndrop index i", "LK04 RV04");
    EXPECT_RULES("-- dbfleet:allow LK99 it is tiny\ndrop index i", "LK04 RV04");
    EXPECT_RULES("-- dbfleet:allow DL04 it is tiny\ndrop index i", "LK04 RV05");
    EXPECT_RULES("-- dbfleet:allowed LK04 it is tiny\ndrop index i", "LK04");
    EXPECT_RULES("-- dbfleet:allow LK04 it is tiny\nselect 1; drop index i", "LK04 RV05");
    EXPECT_RULES("drop index i;\n-- dbfleet:allow LK04 too late", "LK04 RV05");
}

Test(sink, allows_are_counted)
{
    g_auto(Made) made = made_new("-- dbfleet:allow LK04 it is tiny\ndrop index i", DIALECT_POSTGRES);
    g_free(made_rules(&made));
    cr_expect_eq(made.result->allowed, 1);
    cr_expect_eq(made.result->revisions, 1);
}

static LintFinding *finding_of(Dialect dialect, const char *object)
{
    LintFinding *self = g_new0(LintFinding, 1);
    self->rule = "DL01";
    self->severity = FINDING_WARNING;
    self->dialects = 1u << dialect;
    self->file = g_strdup("a.sql");
    self->line = 3;
    self->object = g_strdup(object);
    self->message = g_strdup("gone");
    self->targets = g_ptr_array_new_with_free_func(g_free);
    self->questions = g_ptr_array_new_with_free_func((GDestroyNotify)lint_question_free);
    return self;
}

Test(sink, the_same_finding_of_two_dialects_is_one)
{
    g_autoptr(LintResult) result = lint_result_new();
    lint_result_take(result, finding_of(DIALECT_POSTGRES, "table public.\"Orders\""));
    lint_result_take(result, finding_of(DIALECT_SQLITE, "table Orders"));
    lint_result_take(result, finding_of(DIALECT_MARIADB, "table `Orders`"));
    cr_assert_eq(result->findings->len, 1);
    cr_expect_eq(((LintFinding *)result->findings->pdata[0])->dialects,
                 1u << DIALECT_POSTGRES | 1u << DIALECT_SQLITE | 1u << DIALECT_MARIADB);
    lint_result_take(result, finding_of(DIALECT_MYSQL, "table reorders"));
    lint_result_take(result, finding_of(DIALECT_MYSQL, "view Orders"));
    cr_expect_eq(result->findings->len, 3);
}
