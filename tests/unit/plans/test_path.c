/* Paths: what the files can get wrong, sections of each dialect, scripts with a target's variables. */
#include "../plan_fixture.h"

/* What is told about an upgrade to head from base (a downgrade of aa to base) that must be refused. */
static void expect_refused(const char *text, PlanCommand command, Dialect dialect, PlanProblem problem,
                           const char *message)
{
    g_auto(PlanFixture) files = plan_fixture_of(text);
    g_autoptr(GError) error = NULL;
    const char *const base[] = {NULL}, *const applied[] = {"aa", NULL};
    const char *const goals[] = {command == PLAN_DOWNGRADE ? "base" : "head", NULL};
    files.request.command = command;
    files.request.goals = goals;
    g_autoptr(PlanPath) path = plan_path_new(files.graph, dialect, command == PLAN_DOWNGRADE ? applied : base,
                                             &files.request, &error);

    cr_assert_null(path, "wanted: %s", message);
    cr_expect(g_error_matches(error, PLAN_ERROR, (gint)problem), "%s: %d", error->message, error->code);
    cr_expect(plan_problem_is_of_files(problem));
    cr_expect(strstr(error->message, message), "wanted: %s\ntold: %s", message, error->message);
}

static PlanPath *upgrade_path(PlanFixture *files, Dialect dialect)
{
    static const char *const base[] = {NULL};
    static const char *const goals[] = {"head", NULL};
    GError *error = NULL;
    files->request.command = PLAN_UPGRADE;
    files->request.goals = goals;
    PlanPath *path = plan_path_new(files->graph, dialect, base, &files->request, &error);

    cr_assert_not_null(path, "%s", error ? error->message : "");
    return path;
}

TestSuite(path_refusals);

Test(path_refusals, a_dialect_without_a_section)
{
    const char *text = REVISION_FILE("aa", "", "-- migrate:up postgres\nselect 1;\n");

    expect_refused(text, PLAN_UPGRADE, DIALECT_SQLITE, PROBLEM_NO_SECTION,
                   "versions/aa.sql: revision aa has no \"-- migrate:up\" section for sqlite");
}

Test(path_refusals, a_downgrade_without_a_down)
{
    expect_refused(REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n"), PLAN_DOWNGRADE, DIALECT_SQLITE,
                   PROBLEM_IRREVERSIBLE, "revision aa has no \"-- migrate:down\" section");
    expect_refused(REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n-- migrate:down mysql\nselect 1;\n"),
                   PLAN_DOWNGRADE, DIALECT_SQLITE, PROBLEM_NO_SECTION,
                   "no \"-- migrate:down\" section for sqlite");
}

Test(path_refusals, transaction_control_in_a_transaction)
{
    static const char *const statements[] = {"begin", "commit", "rollback"};
    for (unsigned i = 0; i < G_N_ELEMENTS(statements); i++) {
        g_autofree char *text =
            g_strdup_printf(REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n  %s;\n"), statements[i]);
        g_autofree char *message = g_strdup_printf("versions/aa.sql:7:3: \"%s\"", statements[i]);
        expect_refused(text, PLAN_UPGRADE, DIALECT_POSTGRES, PROBLEM_TRANSACTION_CONTROL, message);
    }
}

Test(path_refusals, transaction_control_is_allowed_where_the_section_is_no_transaction)
{
    g_auto(PlanFixture) files = plan_fixture_of(
        REVISION_FILE("aa", "", "-- migrate:up transaction:false\nbegin;\nselect 1;\ncommit;\n"));
    g_autoptr(PlanPath) postgres = upgrade_path(&files, DIALECT_POSTGRES);
    g_autoptr(PlanPath) mariadb = upgrade_path(&files, DIALECT_MARIADB);

    cr_expect_eq(postgres->steps->len, 1);
    cr_expect_eq(mariadb->steps->len, 1);
}

Test(path_refusals, statements_that_cannot_run_in_a_transaction)
{
    expect_refused(REVISION_FILE("aa", "", "-- migrate:up\nvacuum;\n"), PLAN_UPGRADE, DIALECT_POSTGRES,
                   PROBLEM_NEEDS_NO_TRANSACTION, "transaction:false");
    expect_refused(REVISION_FILE("aa", "", "-- migrate:up\ncreate index concurrently i on t (n);\n"),
                   PLAN_UPGRADE, DIALECT_POSTGRES, PROBLEM_NEEDS_NO_TRANSACTION, "create index concurrently");
}

Test(path_refusals, lock_tables_everywhere)
{
    expect_refused(REVISION_FILE("aa", "", "-- migrate:up transaction:false\nlock tables t write;\n"),
                   PLAN_UPGRADE, DIALECT_MARIADB, PROBLEM_LOCK_TABLES, "versions/aa.sql:6:1");
}

Test(path_refusals, giving_up_all_locks)
{
    expect_refused(REVISION_FILE("aa", "", "-- migrate:up\ndo 1, Release_All_Locks();\n"), PLAN_UPGRADE,
                   DIALECT_MARIADB, PROBLEM_LOCK_TABLES, "versions/aa.sql:6:1");
    expect_refused(REVISION_FILE("aa", "", "-- migrate:up\nselect pg_catalog.pg_advisory_unlock_all();\n"),
                   PLAN_UPGRADE, DIALECT_POSTGRES, PROBLEM_LOCK_TABLES, "release the lock that you mean");
}

Test(path_refusals, text_that_cannot_be_split)
{
    const char *text = REVISION_FILE("aa", "", "-- migrate:up\nselect 'open;\n");

    expect_refused(text, PLAN_UPGRADE, DIALECT_SQLITE, PROBLEM_SYNTAX, "versions/aa.sql:6:8");
}

Test(path_refusals, what_the_graph_refuses_keeps_its_own_domain)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(GError) error = NULL;
    const char *const base[] = {NULL}, *const goals[] = {"nosuch", NULL};
    files.request.goals = goals;
    g_autoptr(PlanPath) path = plan_path_new(files.graph, DIALECT_SQLITE, base, &files.request, &error);

    cr_expect_null(path);
    cr_expect(g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_REVISION));
}

TestSuite(path_sections);

Test(path_sections, each_dialect_gets_its_own_and_mariadb_falls_back_to_mysql)
{
    g_auto(PlanFixture) files = plan_fixture_of(
        REVISION_FILE("aa", "", "-- migrate:up\nselect 'any';\n-- migrate:up mysql\nselect 'mysql';\n"));
    static const char *const wanted[DIALECT_COUNT] = {[DIALECT_POSTGRES] = "select 'any'",
                                                      [DIALECT_MYSQL] = "select 'mysql'",
                                                      [DIALECT_MARIADB] = "select 'mysql'",
                                                      [DIALECT_SQLITE] = "select 'any'"};
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
        g_autoptr(PlanPath) path = upgrade_path(&files, (Dialect)dialect);
        const PlanStep *step = &path->steps->first[0];
        g_autofree char *text = script_statement_text(fixture_script(step, (Dialect)dialect), 0);
        cr_expect_str_eq(text, wanted[dialect]);
    }
}

TestSuite(path_scripts);

static const Section *only_section(const PlanFixture *files)
{
    return ((const Revision *)files->revisions->pdata[0])->sections->pdata[0];
}

/* The one section's script with `value` for {{ v }}; NULL with an error. */
static Script *script_with(const PlanFixture *files, const char *value, GError **error)
{
    g_autoptr(GHashTable) variables = g_hash_table_new(g_str_hash, g_str_equal);

    if (value)
        g_hash_table_insert(variables, (gpointer) "v", (gpointer)value);
    return plan_section_script(only_section(files), DIALECT_POSTGRES, variables, error);
}

Test(path_scripts, values_are_filled_in_before_the_text_is_split)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\nselect {{ v | literal }};\nselect 2;\n"));
    g_autoptr(Script) script = script_with(&files, "it's; one", NULL);

    cr_assert_not_null(script);
    cr_expect_eq(script_length(script), 2);
    g_autofree char *text = script_statement_text(script, 0);
    cr_expect_str_eq(text, "select 'it''s; one'");
}

Test(path_scripts, values_may_not_smuggle_in_what_the_text_may_not_have)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\nselect {{ v | raw }};\n"));
    static const struct {
        const char *value;
        PlanProblem problem;
    } rows[] = {{"1; commit", PROBLEM_TRANSACTION_CONTROL}, {"'open", PROBLEM_SYNTAX}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Script) script = script_with(&files, rows[i].value, &error);
        cr_expect_null(script);
        cr_expect(g_error_matches(error, PLAN_ERROR, (gint)rows[i].problem));
    }
    g_autoptr(GError) error = NULL;
    cr_expect_null(script_with(&files, NULL, &error));
    cr_expect(strstr(error->message, "v"));
}

Test(path_scripts, lock_tables_cannot_come_in_by_a_value)
{
    g_auto(PlanFixture) files = plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\n{{ v | raw }};\n"));
    g_autoptr(GHashTable) variables = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(variables, (gpointer) "v", (gpointer) "lock tables t write");
    g_autoptr(GError) error = NULL;
    g_autoptr(Script) script = plan_section_script(only_section(&files), DIALECT_MARIADB, variables, &error);

    cr_expect_null(script);
    cr_expect(g_error_matches(error, PLAN_ERROR, PROBLEM_LOCK_TABLES));
}

/* Running hash of the first `count` statements of a section. */
static char *head_hash(const char *sections, unsigned count)
{
    g_autofree char *text = g_strconcat("-- revision: aa\n\n-- migrate:up\n", sections, NULL);
    g_auto(PlanFixture) files = plan_fixture_of(text);
    g_autoptr(Script) script = plan_section_script(only_section(&files), DIALECT_POSTGRES, NULL, NULL);

    cr_assert_not_null(script);
    return plan_head_hash(script, count);
}

static void expect_head(const char *left, const char *right, unsigned count, bool same)
{
    g_autofree char *one = head_hash(left, count), *other = head_hash(right, count);

    cr_expect_eq(g_str_equal(one, other), same, "%s | %s", left, right);
}

Test(path_scripts, the_hash_of_a_head_tells_what_was_edited_in_it)
{
    const char *two = "select 1;\nselect 2;\n";

    expect_head(two, "select 1;\nselect 3;\n", 1, true);
    expect_head(two, "select 1;\nselect 3;\n", 2, false);
    expect_head(two, "-- a comment between statements changes nothing\nselect 1;\n\nselect 2;\n", 2, true);
    expect_head("select 1, 2;\n", "select 1,2;\n", 1, false);
    expect_head("copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n2\n\\.\n", 1, false);
    expect_head("select 12;\nselect 3;\n", "select 1;\nselect 23;\n", 2, false);
}

TestSuite(path_names);

Test(path_names, problems_and_commands_have_stable_names)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (int problem = PROBLEM_NONE; problem <= PROBLEM_STATE; problem++)
        cr_expect(g_hash_table_add(seen, (gpointer)plan_problem_name((PlanProblem)problem)));

    cr_expect_str_eq(plan_problem_name(PROBLEM_EDITED), "edited");
    cr_expect(plan_problem_is_of_files(PROBLEM_GRAPH));
    cr_expect_not(plan_problem_is_of_files(PROBLEM_NO_PATH));
    cr_expect_not(plan_problem_is_of_files(PROBLEM_NONE));
    cr_expect_str_eq(plan_command_name(PLAN_UPGRADE), "upgrade");
    cr_expect_str_eq(plan_command_name(PLAN_DOWNGRADE), "downgrade");
    cr_expect_str_eq(plan_command_name(PLAN_STAMP), "stamp");
}
