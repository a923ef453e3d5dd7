/* A step where DDL is transactional, against a scripted driver: what is sent, in how many messages, and what
 * is known after an error. And the rows that stand without SQL: stamp and baseline. */
#include "fake_driver.h"

#define CREATE "create table t (n int)"

TestSuite(step_transaction);

Test(step_transaction, is_one_message_from_begin_to_commit)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\ninsert into t values (1);\n");

    expect_good(&at, step_case_run(&at));
    expect_sent(at.server, "BEGIN IMMEDIATE; " CREATE "; insert into t values (1); set restored; version; "
                           "guard; history done; COMMIT");
    cr_expect_str_eq(at.attempt.step_id, "run-0001");
    cr_expect_eq(at.attempt.done, 2);
    cr_expect_str_eq(at.attempt.state, HISTORY_DONE);
}

Test(step_transaction, with_a_verify_is_two_and_the_question_between_them)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE,
                   "-- migrate:up\n" CREATE ";\n-- migrate:verify\nselect 1;\nselect 2;\n");

    expect_good(&at, step_case_run(&at));
    expect_sent(at.server, "BEGIN IMMEDIATE; " CREATE "; set restored | select 1; select 2 | version; guard; "
                           "history done; COMMIT");
}

Test(step_transaction, a_row_of_its_verify_rolls_it_back)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n-- migrate:verify\nselect bad;\n");
    at.server->rows_on = "select bad";

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, STEP_ERROR, STEP_ERROR_VERIFY, "migrate:verify returned 1 row: id=7, note=NULL");
    expect_sent(at.server, "BEGIN IMMEDIATE; " CREATE "; set restored | select bad | ROLLBACK");
    cr_expect_str_eq(at.server->kept.statements->str, "");
    cr_expect_eq(at.attempt.done, 0);
    cr_expect_null(at.attempt.state);
}

Test(step_transaction, a_verify_that_cannot_be_read_rolls_it_back_too)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n-- migrate:verify\nselect nosuch;\n");
    at.server->fault_on = "select nosuch";

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, DB_ERROR, DB_ERROR_STATEMENT, "migrate:verify could not be read: the server");
    cr_expect_not(at.server->in_transaction);
    cr_expect_eq(at.server->kept.version_writes, 0);
}

Test(step_transaction, an_error_finds_its_statement_and_leaves_nothing)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\ninsert into nosuch values (1);\n");
    at.server->fault_on = "insert*";
    at.server->fault_position = 12;

    cr_expect_not(step_case_run(&at));
    cr_expect_eq(at.attempt.failed, 1);
    cr_expect_eq(at.attempt.failed_offset, 12);
    cr_expect_eq(at.attempt.done, 0);
    cr_expect_null(at.attempt.state);
    cr_expect_str_eq(at.server->batches->pdata[1], "ROLLBACK");
    cr_expect_str_eq(at.server->kept.statements->str, "");
    cr_expect_not(at.server->kept.has_row);
}

Test(step_transaction, an_error_of_ours_is_nobodys_statement)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n");
    at.server->fault_on = "SELECT abs*";
    at.server->fault_class = DB_ERROR_HEADS_MOVED;
    at.server->fault_position = 3;

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, DB_ERROR, DB_ERROR_HEADS_MOVED, "the server said no");
    cr_expect_eq(at.attempt.failed, -1);
    cr_expect_eq(at.attempt.failed_offset, -1);
    cr_expect_str_eq(at.server->kept.statements->str, "");
}

Test(step_transaction, within_the_targets_own_it_opens_and_ends_none)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n");
    at.context.in_target_transaction = true;

    expect_good(&at, step_case_run(&at));
    expect_sent(at.server, CREATE "; set restored; version; guard; history done");
}

Test(step_transaction, a_lost_connection_is_left_to_the_caller)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n");
    at.server->fault_on = "COMMIT";
    at.server->fault = FAKE_BREAKS_AFTER;

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, DB_ERROR, DB_ERROR_CONNECTION_LOST, "closed");
    cr_expect_null(at.attempt.state);
    cr_expect_str_eq(at.attempt.step_id, "run-0001", "the caller asks the history for it");
    cr_expect_str_eq(at.server->kept.state, "done");
}

/* ---- Rebuilding a SQLite table ---- */

TestSuite(step_rebuild);

#define REBUILD "-- migrate:up sqlite foreign_keys:off\n" CREATE ";\n"

Test(step_rebuild, foreign_keys_are_off_outside_the_transaction_and_looked_at_inside)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, REBUILD);

    expect_good(&at, step_case_run(&at));
    expect_sent(at.server, "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; " CREATE "; set restored | "
                           "PRAGMA foreign_key_check | version; guard; history done; COMMIT | set restored");
}

Test(step_rebuild, rows_that_break_a_foreign_key_roll_it_back)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, REBUILD);
    at.server->rows_on = "PRAGMA foreign_key_check";

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, STEP_ERROR, STEP_ERROR_FOREIGN_KEYS, "foreign_key_check");
    expect_sent(at.server, "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; " CREATE "; set restored | "
                           "PRAGMA foreign_key_check | ROLLBACK | set restored");
    cr_expect_str_eq(at.server->kept.statements->str, "");
}

/* ---- migrate:check ---- */

TestSuite(step_checks);

Test(step_checks, rows_are_reasons_not_to_start)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE,
                   "-- migrate:up\n" CREATE ";\n-- migrate:check\nselect a;\nselect b;\n");

    cr_expect(step_check(&at.context, step_of(&at), &at.error));
    at.server->rows_on = "select b";
    cr_expect_not(step_check(&at.context, step_of(&at), &at.error));
    expect_step_error(&at, STEP_ERROR, STEP_ERROR_CHECK, "migrate:check returned 1 row: id=7, note=NULL");
    expect_sent(at.server, "select a; select b | select a; select b");
}

Test(step_checks, one_without_a_result_set_has_not_passed)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE,
                   "-- migrate:up\n" CREATE ";\n-- migrate:check\nselect a;\nselect b;\n");

    at.server->silent_on = "select b";
    cr_expect_not(step_check(&at.context, step_of(&at), &at.error));
    expect_step_error(&at, STEP_ERROR, STEP_ERROR_CHECK, "migrate:check returned no result set");
}

Test(step_checks, a_step_without_one_asks_nothing)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n");

    cr_expect(step_check(&at.context, step_of(&at), &at.error));
    cr_expect_eq(at.server->batches->len, 0);
}

Test(step_checks, one_that_cannot_be_read_is_an_error_of_the_database)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n-- migrate:check\nselect a;\n");
    at.server->fault_on = "select a";
    at.server->fault_class = DB_ERROR_PERMISSION;

    cr_expect_not(step_check(&at.context, step_of(&at), &at.error));
    expect_step_error(&at, DB_ERROR, DB_ERROR_PERMISSION, "migrate:check could not be read: ");
}

/* ---- Variables ---- */

TestSuite(step_variables);

#define WITH_VARIABLE "-- migrate:up\ninsert into t values ({{ v | literal }});\n"

Test(step_variables, each_target_sends_its_own_values)
{
    g_auto(StepCase) at = {0};
    g_autoptr(GHashTable) references = g_hash_table_new(g_str_hash, g_str_equal);
    step_case_init(&at, DIALECT_SQLITE, WITH_VARIABLE);
    g_hash_table_insert(at.variables, (gpointer) "v", (gpointer) "the secret");
    g_hash_table_insert(references, (gpointer) "v", (gpointer) "${env:V}");
    at.context.variable_references = references;
    const char *const names[] = {"v", NULL};
    g_autofree char *digest = sql_template_digest(names, references);

    expect_good(&at, step_case_run(&at));
    cr_expect_str_eq(at.server->kept.statements->str, "insert into t values ('the secret')\n");
    cr_expect_str_eq(at.attempt.vars_digest, digest, "the digest covers what is written, not the secret");
}

Test(step_variables, one_without_a_value_sends_nothing)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_SQLITE, WITH_VARIABLE);

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, SQL_TEMPLATE_ERROR, SQL_TEMPLATE_ERROR_UNDEFINED, "v");
    cr_expect_eq(at.server->batches->len, 0);
}

/* ---- Rows without SQL ---- */

TestSuite(step_records);

Test(step_records, a_stamp_writes_its_row_and_the_version_in_one_transaction)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB, "-- migrate:up\n" CREATE ";\n");

    cr_assert(step_stamp(&at.context, step_of(&at), "aa", &at.error));
    expect_sent(at.server, "START TRANSACTION; version; guard; history done; COMMIT");
    cr_expect_str_eq(at.server->kept.state, "done");
}

Test(step_records, a_stamp_that_fails_leaves_nothing)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB, "-- migrate:up\n" CREATE ";\n");
    at.server->fault_on = "SET @dbfleet_moved*";

    cr_expect_not(step_stamp(&at.context, step_of(&at), "aa", &at.error));
    expect_sent(at.server, "START TRANSACTION; version; guard; history done; COMMIT | ROLLBACK");
    cr_expect_eq(at.server->kept.version_writes, 0);
}

Test(step_records, a_baseline_changes_no_version_row)
{
    g_auto(StepCase) at = {0};
    const char *const rows[] = {"aa", NULL};
    step_case_init(&at, DIALECT_SQLITE, "-- migrate:up\n" CREATE ";\n");

    cr_assert(step_baseline(&at.context, rows, "aa", &at.error));
    expect_sent(at.server, "BEGIN IMMEDIATE; history done; COMMIT");
}

/* ---- Going on where an attempt stopped ---- */

TestSuite(step_resume);

/* The history row of an attempt that stopped: `done` statements are said to be done, with the hash of the
 * first `hashed`. */
static HistoryEntry *open_row(const StepCase *at, unsigned done, unsigned hashed)
{
    HistoryEntry *row = history_entry_new();

    row->step_id = g_strdup("older-0007");
    row->revision = g_strdup("aa");
    row->statements_done = done;
    row->head_hash = plan_head_hash(script_of(at), hashed);
    return row;
}

/* An attempt at three statements that goes on behind such a row. */
static bool resume(StepCase *at, unsigned done, unsigned hashed)
{
    step_case_init(at, DIALECT_MARIADB, "-- migrate:up\n" CREATE ";\nset x = 1;\nalter table t add m int;\n");
    at->unfinished = open_row(at, done, hashed);
    return step_attempt_init(&at->attempt, &at->context, step_of(at), 1, at->unfinished, &at->error);
}

Test(step_resume, begins_behind_what_is_done_under_the_same_step_id)
{
    g_auto(StepCase) at = {0};

    expect_good(&at, resume(&at, 2, 2));
    cr_expect_eq(at.attempt.first, 2);
    cr_expect_eq(at.attempt.done, 2);
    cr_expect_str_eq(at.attempt.step_id, "older-0007");
    cr_expect_eq(step_attempt_total(&at.attempt), 3);
}

Test(step_resume, an_edited_head_is_refused)
{
    g_auto(StepCase) at = {0};

    cr_expect_not(resume(&at, 2, 1));
    expect_step_error(&at, STEP_ERROR, STEP_ERROR_EDITED_HEAD,
                      "revision aa stopped here after statement 2, and its first 2 statements were edited");
    cr_expect_null(at.attempt.step_id);
}

Test(step_resume, fewer_statements_than_were_done_is_an_edited_head_too)
{
    g_auto(StepCase) at = {0};

    cr_expect_not(resume(&at, 4, 3));
    expect_step_error(&at, STEP_ERROR, STEP_ERROR_EDITED_HEAD, "after statement 4");
}

Test(step_resume, with_nothing_done_the_hash_does_not_matter)
{
    g_auto(StepCase) at = {0};

    expect_good(&at, resume(&at, 0, 1));
    cr_expect_eq(at.attempt.first, 0);
    cr_expect_str_eq(at.attempt.resumes, "older-0007");
}

Test(step_resume, what_only_the_lost_session_had_is_refused)
{
    static const struct {
        const char *statement;
        bool lost;
    } rows[] = {
        {"create temporary table x (n int)", true},
        {"CREATE OR REPLACE TEMPORARY TABLE x (n int)", true},
        {"set @n = 1", true},
        {"set names utf8, @n = 1", true},
        {"select max(n) into @n from t", true},
        {"select @n := 1", true},
        {"set @@sql_mode = ''", false},
        {"set sql_mode = 'ANSI'", false},
        {"create table temporary_things (n int)", false},
        {"insert into t values ('someone@example.com')", false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StepCase) at = {0};
        g_autofree char *sections = g_strdup_printf("-- migrate:up\n%s;\nselect 1;\n", rows[i].statement);
        step_case_init(&at, DIALECT_MARIADB, sections);
        at.unfinished = open_row(&at, 1, 1);

        bool good = step_attempt_init(&at.attempt, &at.context, step_of(&at), 1, at.unfinished, &at.error);
        cr_expect_eq(good, !rows[i].lost, "%s", rows[i].statement);
        if (!good)
            expect_step_error(&at, STEP_ERROR, STEP_ERROR_SESSION_LOST, "its statement 1 made a temporary");
    }
}

Test(step_resume, all_statements_may_be_done)
{
    g_auto(StepCase) at = {0};

    expect_good(&at, resume(&at, 3, 3));
    expect_good(&at, step_apply(&at.attempt, &at.context, &at.error));
    cr_expect_str_eq(at.server->kept.statements->str, "");
    cr_expect_eq(at.server->kept.version_writes, 1);
    cr_expect_str_eq(at.server->kept.state, "done");
}
