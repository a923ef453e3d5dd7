/* What a step's error says in the report: its class, its place in the file, the statement, no secrets. */
#include "fake_driver.h"
#include "run/job/target_job.h"

#include "base/terminal.h"

TestSuite(failures);

/* Runs the step, which must fail, and describes why. */
static Failure *failure_of(StepCase *at, const Mask *mask)
{
    cr_assert_not(step_case_run(at));
    return failure_from_error(at->error, step_of(at), &at->attempt, mask);
}

/* The first column of the caret of an excerpt, which must be its second line. */
static glong caret_column(const char *excerpt)
{
    const char *line = strchr(excerpt, '\n') + 1;
    const char *caret = strchr(line, '^');

    cr_assert_not_null(caret, "%s", excerpt);
    return g_utf8_strlen(line, caret - line);
}

Test(failures, name_file_line_column_and_statement)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE,
                   "-- migrate:up\ncreate table t (n int);\n\ninsert into\n  nosuch values (1);\n");
    at.server->fault_on = "insert*";
    at.server->fault_position = 14;
    Failure *failure = failure_of(&at, NULL);

    cr_expect_str_eq(failure->error_class, "statement");
    cr_expect_str_eq(failure->code, "1064");
    cr_expect_str_eq(failure->message, "the server said no");
    cr_expect_str_eq(failure->revision, "aa");
    cr_expect_str_eq(failure->direction, "up");
    cr_expect_str_eq(failure->file, "versions/aa.sql");
    cr_expect_eq(failure->line, 9);
    cr_expect_eq(failure->column, 3);
    cr_expect_eq(failure->statement, 2);
    cr_expect_str_eq(failure->sql, "insert into\n  nosuch values (1)\n");
    cr_expect(g_str_has_prefix(failure->excerpt, "  nosuch values (1)\n"), "%s", failure->excerpt);
    cr_expect_eq(caret_column(failure->excerpt), 2);
    failure_free(failure);
}

Test(failures, without_a_position_point_at_the_statement)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n  insert into nosuch values (1);\n");
    at.server->fault_on = "insert*";
    Failure *failure = failure_of(&at, NULL);

    cr_expect_eq(failure->line, 6);
    cr_expect_eq(failure->column, 3);
    cr_expect_null(failure->excerpt);
    failure_free(failure);
}

Test(failures, of_our_own_statements_point_at_the_section)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\nselect 1;\n");
    at.server->fault_on = "COMMIT";
    at.server->fault_class = DB_ERROR_LOCK_TIMEOUT;
    Failure *failure = failure_of(&at, NULL);

    cr_expect_str_eq(failure->error_class, "lock-timeout");
    cr_expect_eq(failure->statement, 0);
    cr_expect_null(failure->sql);
    cr_expect_eq(failure->line, 6);
    failure_free(failure);
}

Test(failures, of_a_verify_point_at_it)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\nselect 1;\n-- migrate:verify\nselect bad;\n");
    at.server->rows_on = "select bad";
    Failure *failure = failure_of(&at, NULL);

    cr_expect_str_eq(failure->error_class, "verify");
    cr_expect_eq(failure->line, 8);
    failure_free(failure);
}

Test(failures, long_statements_fit_a_page_of_80_columns_and_the_caret_stays_under_its_place)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE,
                   "-- migrate:up\ninsert into a_table_with_a_long_name (first_column, second_column, "
                   "third_column) values (1, nosuch, 3) returning first_column;\n");
    at.server->fault_on = "insert*";
    at.server->fault_position =
        (gssize)(strstr(script_text(script_of(&at)), "nosuch") - script_text(script_of(&at)));
    Failure *failure = failure_of(&at, NULL);
    g_auto(GStrv) lines = g_strsplit(failure->excerpt, "\n", -1);
    g_auto(GStrv) first = g_strsplit(failure->sql, "\n", -1);

    cr_expect(terminal_text_width(lines[0]) <= 73 && terminal_text_width(lines[1]) <= 73);
    cr_expect(terminal_text_width(first[0]) <= 73, "%s", first[0]);
    cr_expect(g_str_has_prefix(g_utf8_offset_to_pointer(lines[0], caret_column(failure->excerpt)), "nosuch"),
              "%s", failure->excerpt);
    failure_free(failure);
}

Test(failures, hide_secrets_in_all_they_say)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\ninsert into t values ({{ v | literal }}, nosuch);\n");
    g_hash_table_insert(at.variables, (gpointer) "v", (gpointer) "can'ary");
    at.server->fault_on = "insert*";
    at.server->fault_position = (gssize)strlen("insert into t values ('can''ary', ");
    Mask *mask = mask_new(DIALECT_SQLITE);
    mask_add(mask, "can'ary");
    Failure *failure = failure_of(&at, mask);

    cr_expect_str_eq(failure->sql, "insert into t values (***, nosuch)\n");
    cr_expect_eq(caret_column(failure->excerpt), (glong)strlen("insert into t values (***, "));
    failure_free(failure);
    mask_free(mask);
}

Test(failures, have_a_class_for_every_kind_of_error)
{
    static const struct {
        StepError code;
        const char *name;
    } rows[] = {{STEP_ERROR_CHECK, "check"},
                {STEP_ERROR_VERIFY, "verify"},
                {STEP_ERROR_FOREIGN_KEYS, "foreign-keys"},
                {STEP_ERROR_EDITED_HEAD, "edited-head"},
                {STEP_ERROR_SESSION_LOST, "session-lost"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = g_error_new_literal(STEP_ERROR, (gint)rows[i].code, "no");
        Failure *failure = failure_from_error(error, NULL, NULL, NULL);
        cr_expect_str_eq(failure->error_class, rows[i].name);
        failure_free(failure);
    }
    g_autoptr(GError) other = g_error_new_literal(G_FILE_ERROR, 0, "no");
    Failure *failure = failure_from_error(other, NULL, NULL, NULL);
    cr_expect_str_eq(failure->error_class, "error");
    cr_expect_null(failure->file);
    failure_free(failure);
}

/* ---- Hiding secrets ---- */

TestSuite(masks);

static void expect_masked(const char *const *secrets, const char *text, const char *wanted)
{
    Mask *mask = mask_new(DIALECT_POSTGRES);
    for (; *secrets; secrets++)
        mask_add(mask, *secrets);
    g_autofree char *shown = mask_text(mask, text, strlen(text), NULL);

    cr_expect_str_eq(shown, wanted);
    mask_free(mask);
}

Test(masks, hide_secrets_as_they_are_and_as_sql_writes_them)
{
    static const char *const secrets[] = {"it's", "longer-secret", "", NULL};

    expect_masked(secrets, "a it's b", "a *** b");
    expect_masked(secrets, "x = 'it''s'", "x = ***");
    expect_masked(secrets, "near \"longer-se", "near ***");
    expect_masked(secrets, "long and longer", "long and ***");
    expect_masked(secrets, "nothing here", "nothing here");
    expect_masked(secrets, "", "");
}

Test(masks, without_secrets_change_nothing)
{
    static const char *const none[] = {NULL};
    g_autofree char *without = mask_text(NULL, "as it is", 5, NULL);

    expect_masked(none, "as it is", "as it is");
    cr_expect_str_eq(without, "as it");
    mask_free(NULL);
}
