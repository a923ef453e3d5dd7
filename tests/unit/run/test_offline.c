/* --sql scripts: what each client needs around the same statements. tests/cli runs them through the clients.
 */
#include "../plan_fixture.h"
#include "run/offline.h"
#include "sql/template.h"

static const OfflineOptions plain = {.version_table = "dbfleet_version",
                                     .foreign_keys = true,
                                     .run_id = "run",
                                     .operator_name = "me@here",
                                     .heading = "dbfleet upgrade head"};

/* The script from `rows` to the goal, over these files. */
static char *script_of(PlanFixture *files, PlanCommand command, const char *rows, const char *goal,
                       Dialect dialect, const OfflineOptions *options)
{
    g_auto(GStrv) from = *rows ? g_strsplit(rows, " ", -1) : g_new0(char *, 1);
    const char *const goals[] = {goal, NULL};
    GError *error = NULL;
    files->request.command = command;
    files->request.goals = goals;
    g_autoptr(PlanPath) path =
        plan_path_new(files->graph, dialect, (const char *const *)from, &files->request, &error);

    cr_assert_not_null(path, "%s", error ? error->message : "");
    char *script = offline_script(path, options, &error);
    cr_assert_not_null(script, "%s", error ? error->message : "");
    return script;
}

static char *upgrade_script(const char *sections, Dialect dialect)
{
    g_autofree char *text =
        g_strconcat("-- revision: aa\n-- revises: \n-- message: add aa\n\n", sections, NULL);
    const char *const texts[] = {text, NULL};
    g_auto(PlanFixture) files = plan_fixture(texts);

    return script_of(&files, PLAN_UPGRADE, "", "head", dialect, &plain);
}

/* The texts stand in the script, each after the one before. */
static void expect_order(const char *script, const char *const *texts)
{
    const char *at = script;
    for (; *texts; texts++) {
        const char *found = strstr(at, *texts);
        cr_assert_not_null(found, "\"%s\" is missing behind the one before in:\n%s", *texts, script);
        at = found + strlen(*texts);
    }
}

#define expect_script(script, ...) expect_order(script, (const char *const[]){__VA_ARGS__, NULL})

static void expect_absent(const char *script, const char *text)
{
    cr_expect_null(strstr(script, text), "\"%s\" should not be in:\n%s", text, script);
}

#define SIMPLE "-- migrate:up\ncreate table t (n int);\ninsert into t values (1);\n"

TestSuite(offline_dialects);

Test(offline_dialects, postgres_stops_at_the_first_error_and_commits_each_step)
{
    g_autofree char *script = upgrade_script(SIMPLE, DIALECT_POSTGRES);

    expect_script(script, "-- dbfleet upgrade head\n\\set ON_ERROR_STOP on\n",
                  "CREATE TABLE IF NOT EXISTS \"dbfleet_version\"",
                  "CREATE TABLE IF NOT EXISTS \"dbfleet_version_history\"", "\n-- up aa add aa\nBEGIN;\n",
                  "create table t (n int);\n", "insert into t values (1);\n",
                  "\"dbfleet_version\" (version_num)", "INSERT INTO \"dbfleet_version_history\"", "'done'",
                  "COMMIT;\n");
}

Test(offline_dialects, sqlite_stops_at_the_first_error_and_commits_each_step)
{
    g_autofree char *script = upgrade_script(SIMPLE, DIALECT_SQLITE);

    expect_script(script, ".bail on\n", "BEGIN IMMEDIATE;\n", "create table t (n int);\n",
                  "INSERT INTO \"dbfleet_version\"", "SELECT abs(CASE changes()",
                  "INSERT INTO \"dbfleet_version_history\"", "COMMIT;\n");
}

Test(offline_dialects, mariadb_commits_the_version_with_the_history)
{
    g_autofree char *script = upgrade_script(SIMPLE, DIALECT_MARIADB);

    expect_script(script, "create table t (n int);\n", "insert into t values (1);\n", "START TRANSACTION;\n",
                  "INSERT INTO `dbfleet_version`", "SET @dbfleet_moved = EXP(",
                  "INSERT INTO `dbfleet_version_history`", "COMMIT;\n");
    expect_absent(script, "DELIMITER");
}

Test(offline_dialects, steps_follow_each_other_up_and_down)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autofree char *up = script_of(&files, PLAN_UPGRADE, "aa", "head", DIALECT_POSTGRES, &plain);
    g_autofree char *down = script_of(&files, PLAN_DOWNGRADE, "cc", "aa", DIALECT_POSTGRES, &plain);

    expect_script(up, "-- up bb add bb\n", "create table t_bb", "'run-0001'", "-- up cc add cc\n",
                  "create table t_cc", "'run-0002'");
    expect_absent(up, "t_aa");
    expect_script(down, "-- down cc add cc\n", "drop table t_cc", "'down'", "-- down bb add bb\n",
                  "drop table t_bb");
}

Test(offline_dialects, a_stamp_has_no_sql_of_the_files)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autofree char *script = script_of(&files, PLAN_STAMP, "", "bb", DIALECT_SQLITE, &plain);

    expect_script(script, "-- stamp\n", "BEGIN IMMEDIATE;\n", "'bb'", "'stamp'", "'aa,bb'", "COMMIT;\n");
    expect_absent(script, "create table t_");
}

TestSuite(offline_statements);

Test(offline_statements, bodies_get_a_delimiter_of_their_own_on_mariadb)
{
    g_autofree char *script = upgrade_script(
        "-- migrate:up\ncreate procedure p() begin select 1; select 2; end;\nselect 3;\n", DIALECT_MARIADB);

    expect_script(script,
                  "DELIMITER $dbfleet$\ncreate procedure p() begin select 1; select 2; "
                  "end\n$dbfleet$\nDELIMITER ;\n",
                  "select 3;\n");
}

#define USES "-- migrate:up\nuse other;\ncreate table t (n int);\n"

static char *mariadb_script(const char *sections, const char *database, GError **error)
{
    g_autofree char *text = g_strconcat("-- revision: aa\n-- revises: \n-- message: a\n\n", sections, NULL);
    const char *const texts[] = {text, NULL}, *const goals[] = {"head", NULL}, *const rows[] = {NULL};
    g_auto(PlanFixture) files = plan_fixture(texts);
    OfflineOptions options = plain;
    options.database = database;
    files.request.command = PLAN_UPGRADE;
    files.request.goals = goals;
    g_autoptr(PlanPath) path = plan_path_new(files.graph, DIALECT_MARIADB, rows, &files.request, error);
    return path ? offline_script(path, &options, error) : NULL;
}

Test(offline_statements, our_rows_go_to_the_database_that_the_script_was_begun_in)
{
    g_autofree char *script = mariadb_script(USES, "sh`op", NULL);

    cr_assert_not_null(script);
    expect_script(script, "use other;\n", "create table t (n int);\n", "USE `sh``op`;\n", "dbfleet_version");
}

Test(offline_statements, no_way_back_from_another_database_is_an_error)
{
    g_autoptr(GError) error = NULL;

    cr_assert_null(mariadb_script(USES, NULL, &error));
    cr_expect_not_null(strstr(error->message, "revision aa says USE"), "%s", error->message);
    g_autofree char *script = mariadb_script("-- migrate:up\nset @used = 1;\n", NULL, NULL);
    cr_assert_not_null(script);
    expect_absent(script, "USE ");
}

Test(offline_statements, triggers_stay_whole_on_sqlite)
{
    const char *trigger = "create trigger g after insert on t begin delete from t; select 1; end;\n";
    g_autofree char *sections = g_strconcat("-- migrate:up\n", trigger, NULL);
    g_autofree char *script = upgrade_script(sections, DIALECT_SQLITE);

    expect_script(script, trigger);
    expect_absent(script, "DELIMITER");
}

Test(offline_statements, copy_data_follows_its_statement)
{
    g_autofree char *script =
        upgrade_script("-- migrate:up\ncopy t from stdin;\n1\t2\n3\t4\n\\.\nselect 1;\n", DIALECT_POSTGRES);
    g_autofree char *empty = upgrade_script("-- migrate:up\ncopy t from stdin;\n\\.\n", DIALECT_POSTGRES);

    expect_script(script, "copy t from stdin;\n1\t2\n3\t4\n\\.\nselect 1;\n");
    expect_script(empty, "copy t from stdin;\n\\.\n");
}

Test(offline_statements, without_a_transaction_only_our_rows_have_one)
{
    g_autofree char *script = upgrade_script(
        "-- migrate:up transaction:false\ncreate index concurrently i on t (n);\n", DIALECT_POSTGRES);

    expect_script(script, "-- up aa add aa\ncreate index concurrently i on t (n);\nBEGIN;\n", "COMMIT;\n");
}

Test(offline_statements, a_table_rebuild_switches_foreign_keys_outside_the_transaction)
{
    g_autofree char *script =
        upgrade_script("-- migrate:up sqlite foreign_keys:off\nselect 1;\n", DIALECT_SQLITE);

    expect_script(script, "PRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;\nselect 1;\n",
                  "COMMIT;\nPRAGMA foreign_keys = ON;\n");
}

TestSuite(offline_options);

Test(offline_options, headings_and_tags_are_comments_on_every_line)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    OfflineOptions options = plain;
    options.heading = "one\rdrop table two";
    options.tag = "release 7\n; drop table three";
    g_autofree char *script = script_of(&files, PLAN_UPGRADE, "", "head", DIALECT_SQLITE, &options);

    expect_script(script, "-- one\n-- drop table two\n-- release 7\n-- ; drop table three\n.bail on\n");
}

Test(offline_options, a_message_cannot_leave_its_comment)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    Revision *revision = files.revisions->pdata[0];
    g_free(revision->message);
    revision->message = g_strdup("one\rdrop table two\ndrop table three");
    g_autofree char *script = script_of(&files, PLAN_UPGRADE, "", "head", DIALECT_SQLITE, &plain);

    expect_absent(script, "\rdrop");
    expect_absent(script, "\ndrop table three");
}

Test(offline_options, names_are_quoted_and_qualified)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    OfflineOptions options = plain;
    options.schema = "my \"own\"";
    options.operator_name = "o'neil@here";
    g_autofree char *script = script_of(&files, PLAN_UPGRADE, "", "head", DIALECT_POSTGRES, &options);

    expect_script(script, "CREATE TABLE IF NOT EXISTS \"my \"\"own\"\"\".\"dbfleet_version\"",
                  "'o''neil@here'");
}

Test(offline_options, variables_are_filled_in)
{
    const char *const texts[] = {REVISION_FILE("aa", "", "-- migrate:up\nselect {{ v | literal }};\n"), NULL};
    g_auto(PlanFixture) files = plan_fixture(texts);
    OfflineOptions options = plain;
    options.variables = files.variables;
    g_hash_table_insert(files.variables, (gpointer) "v", (gpointer) "it's");
    g_autofree char *script = script_of(&files, PLAN_UPGRADE, "", "head", DIALECT_POSTGRES, &options);
    g_autofree char *digest = sql_template_digest((const char *const[]){"v", NULL}, files.variables);

    expect_script(script, "select 'it''s';\n", digest);
}

Test(offline_options, a_variable_without_a_value_is_an_error)
{
    const char *const texts[] = {REVISION_FILE("aa", "", "-- migrate:up\nselect {{ v | literal }};\n"), NULL};
    g_auto(PlanFixture) files = plan_fixture(texts);
    const char *const base[] = {NULL}, *const goals[] = {"head", NULL};
    g_autoptr(GError) error = NULL;
    OfflineOptions options = plain;
    options.variables = files.variables;
    files.request.goals = goals;
    g_autoptr(PlanPath) path = plan_path_new(files.graph, DIALECT_POSTGRES, base, &files.request, NULL);

    cr_expect_null(offline_script(path, &options, &error));
    cr_expect(g_error_matches(error, SQL_TEMPLATE_ERROR, SQL_TEMPLATE_ERROR_UNDEFINED));
}
