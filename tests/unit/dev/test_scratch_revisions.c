/* Revisions on scratch databases: as a target's run takes them. */
#include "dev_fixture.h"

#include "dev/scratch_revisions.h"

static Revision *revision_of(const char *text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Revision *revision = revision_parse(text, strlen(text), "versions/a1.sql", NULL, problems);
    g_autofree char *told = diagnostics_to_string(problems);
    cr_assert_not_null(revision, "%s", told);
    return revision;
}

static void expect_table(Scratch *scratch, const char *table, bool there)
{
    g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", table);
    g_autoptr(RowSet) rows = connection_query(scratch->connection, sql, NULL);
    cr_expect_eq(rows != NULL, there, "table %s", table);
}

Test(revisions, section_runs_up_and_down, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(Revision) revision = revision_of("-- revision: a1\n-- revises:\n-- migrate:up\n"
                                               "CREATE TABLE t (id integer);\nCREATE TABLE u (id integer);\n"
                                               "-- migrate:down\nDROP TABLE u;\nDROP TABLE t;\n");
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        g_autoptr(GError) error = NULL;
        if (!can_run(&dev_dialects[i]))
            continue;
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[i], NULL);
        expect_ok(scratch_run_revision(scratch, revision, DIRECTION_UP, NULL, NULL, &error), error, "up");
        expect_table(scratch, "u", true);
        expect_ok(scratch_run_revision(scratch, revision, DIRECTION_DOWN, NULL, NULL, &error), error, "down");
        expect_table(scratch, "t", false);
    }
}

Test(revisions, failure_has_file_and_line_and_undoes, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(Revision) revision =
        revision_of("-- revision: a1\n-- revises:\n-- migrate:up\n"
                    "CREATE TABLE t (id integer);\n\nCREATE TABEL u (id integer);\n");
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        GError *error = NULL;
        if (!can_run(&dev_dialects[i]))
            continue;
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[i], NULL);
        cr_expect(!scratch_run_revision(scratch, revision, DIRECTION_UP, NULL, NULL, &error));
        expect_dev_error(error, DEV_ERROR_STATEMENT, "versions/a1.sql:6: ");
        unsigned features = scratch->connection->driver->features;
        expect_table(scratch, "t", (features & DRIVER_TRANSACTIONAL_DDL) == 0);
    }
}

Test(revisions, missing_section_and_variable_are_told, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[0], NULL);
    g_autoptr(Revision) other =
        revision_of("-- revision: a1\n-- revises:\n-- migrate:up postgres\nSELECT 1;\n");
    GError *error = NULL;
    cr_expect(!scratch_run_revision(scratch, other, DIRECTION_UP, NULL, NULL, &error));
    expect_dev_error(error, DEV_ERROR_REVISION, "no migrate:up section for sqlite");
    g_autoptr(Revision) variable =
        revision_of("-- revision: a1\n-- revises:\n-- migrate:up\nSELECT {{ region | literal }};\n");
    error = NULL;
    cr_expect(!scratch_run_revision(scratch, variable, DIRECTION_UP, NULL, NULL, &error));
    expect_dev_error(error, DEV_ERROR_REVISION, "region");
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(values, (gpointer) "region", (gpointer) "eu");
    error = NULL;
    expect_ok(scratch_run_revision(scratch, variable, DIRECTION_UP, values, NULL, &error), error, "variable");
}

Test(revisions, rebuild_runs_without_foreign_keys_and_checks_them, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[0], NULL);
    run(scratch->connection, "CREATE TABLE p (id integer PRIMARY KEY)");
    run(scratch->connection, "CREATE TABLE c (p integer REFERENCES p ON DELETE CASCADE)");
    run(scratch->connection, "INSERT INTO p VALUES (1)");
    run(scratch->connection, "INSERT INTO c VALUES (1)");
    g_autoptr(GError) error = NULL;
    g_autoptr(Revision) good = revision_of(
        "-- revision: a1\n-- revises:\n-- migrate:up sqlite foreign_keys:off\n"
        "CREATE TABLE n (id integer PRIMARY KEY, more text);\nINSERT INTO n (id) SELECT id FROM p;\n"
        "DROP TABLE p;\nALTER TABLE n RENAME TO p;\n");
    expect_ok(scratch_run_revision(scratch, good, DIRECTION_UP, NULL, NULL, &error), error, "rebuild");
    expect_answer(scratch->connection, "SELECT count(*) FROM c", "1");
    expect_answer(scratch->connection, "PRAGMA foreign_keys", "1");
    g_autoptr(Revision) bad =
        revision_of("-- revision: a1\n-- revises:\n-- migrate:up sqlite foreign_keys:off\n"
                    "DELETE FROM p;\n");
    GError *problem = NULL;
    cr_expect(!scratch_run_revision(scratch, bad, DIRECTION_UP, NULL, NULL, &problem));
    expect_dev_error(problem, DEV_ERROR_STATEMENT, "refer to nothing");
    expect_answer(scratch->connection, "SELECT count(*) FROM p", "1");
}

typedef struct Seen {
    GString *text;
} Seen;

static bool note_before(gpointer context, Scratch *scratch, const Script *script, unsigned index,
                        GError **error)
{
    (void)scratch, (void)script, (void)error;
    g_string_append_printf(((Seen *)context)->text, "<%u", index);
    return true;
}

static bool stop_after(gpointer context, Scratch *scratch, const Script *script, unsigned index,
                       GError **error)
{
    (void)scratch, (void)script;
    g_string_append_printf(((Seen *)context)->text, "%u>", index);
    if (index == 1)
        g_set_error_literal(error, DEV_ERROR, DEV_ERROR_REVISION, "seen enough");
    return index != 1;
}

Test(revisions, observer_sees_each_statement_and_may_end_it, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[0], NULL);
    g_autoptr(Revision) revision =
        revision_of("-- revision: a1\n-- revises:\n-- migrate:up\nCREATE TABLE a (i integer);\n"
                    "CREATE TABLE b (i integer);\nCREATE TABLE c (i integer);\n");
    g_autoptr(GString) text = g_string_new(NULL);
    Seen seen = {text};
    const SectionObserver observer = {.before = note_before, .after = stop_after, .context = &seen};
    GError *error = NULL;
    cr_expect(!scratch_run_revision(scratch, revision, DIRECTION_UP, NULL, &observer, &error));
    expect_dev_error(error, DEV_ERROR_REVISION, "seen enough");
    cr_expect_str_eq(text->str, "<00><11>");
    expect_table(scratch, "a", false);
}

Test(revisions, copy_data_and_no_transaction, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    if (!g_getenv("DBFLEET_TEST_POSTGRES"))
        return;
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[1], NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Revision) data = revision_of("-- revision: a1\n-- revises:\n-- migrate:up\n"
                                           "CREATE TABLE t (id integer);\nCOPY t FROM stdin;\n1\n2\n\\.\n");
    expect_ok(scratch_run_revision(scratch, data, DIRECTION_UP, NULL, NULL, &error), error, "copy");
    expect_answer(scratch->connection, "SELECT count(*) FROM t", "2");
    g_autoptr(Revision) index =
        revision_of("-- revision: a1\n-- revises:\n-- migrate:up transaction:false\n"
                    "CREATE INDEX CONCURRENTLY t_id ON t (id);\nSET ROLE pg_monitor;\n");
    expect_ok(scratch_run_revision(scratch, index, DIRECTION_UP, NULL, NULL, &error), error, "index");
    expect_answer(scratch->connection, "SELECT current_user", "postgres");
}

Test(revisions, upgrade_stands_where_the_rows_say, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *a = write_file(
        f, "versions/a1.sql", "-- revision: a1\n-- revises:\n-- migrate:up\nCREATE TABLE a (i integer);\n");
    g_autofree char *b =
        write_file(f, "versions/b1.sql",
                   "-- revision: b1\n-- revises: a1\n-- migrate:up\nCREATE TABLE b (i integer);\n");
    g_autofree char *c =
        write_file(f, "versions/c1.sql",
                   "-- revision: c1\n-- revises: b1\n-- migrate:up\nCREATE TABLE c (i integer);\n");
    cr_assert(a && b && c);
    g_autofree char *folder = g_build_filename(f->folder, "versions", NULL);
    g_autoptr(GPtrArray) revisions = revision_load_folder(folder, problems);
    g_autoptr(RevisionGraph) graph = revision_graph_new(revisions, problems);
    const char *const none[] = {NULL}, *const rows[] = {"b1", NULL};
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[0], NULL);
    expect_ok(scratch_upgrade(scratch, graph, none, NULL, &error), error, "nothing");
    expect_table(scratch, "a", false);
    expect_ok(scratch_upgrade(scratch, graph, rows, NULL, &error), error, "rows");
    expect_table(scratch, "b", true);
    expect_table(scratch, "c", false);
}

Test(revisions, roles_are_the_servers_and_need_leave, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    if (!g_getenv("DBFLEET_TEST_POSTGRES"))
        return;
    g_autoptr(Revision) revision =
        revision_of("-- revision: a1\n-- revises:\n-- migrate:up\nCREATE TABLE t (i integer);\n"
                    "CREATE ROLE dbfleet_unit_a;\nGRANT SELECT ON t TO dbfleet_unit_a, dbfleet_unit_b;\n"
                    "-- migrate:down\nDROP TABLE t;\nDROP ROLE dbfleet_unit_a;\n");
    GError *error = NULL;
    g_autoptr(Scratch) one = new_scratch(f, &dev_dialects[1], NULL);
    cr_expect(!scratch_run_revision(one, revision, DIRECTION_UP, NULL, NULL, &error));
    expect_dev_error(error, DEV_ERROR_REVISION, "a1.sql:5: CREATE ROLE: roles belong");
    f->project->create_missing_roles = true;
    g_autoptr(Scratch) two = new_scratch(f, &dev_dialects[1], NULL);
    const SectionObserver silent = {0};
    const SectionObserver *const observers[] = {NULL, &silent};
    for (gsize i = 0; i < G_N_ELEMENTS(observers); i++) {
        g_autoptr(GError) problem = NULL;
        bool good = scratch_run_revision(one, revision, DIRECTION_UP, NULL, observers[i], &problem) &&
                    scratch_run_revision(two, revision, DIRECTION_UP, NULL, observers[i], &problem) &&
                    scratch_run_revision(one, revision, DIRECTION_DOWN, NULL, observers[i], &problem);
        expect_ok(good, problem, "roles");
        expect_ok(scratch_run_revision(two, revision, DIRECTION_DOWN, NULL, observers[i], &problem), problem,
                  "down");
        run(two->connection, "DROP ROLE dbfleet_unit_b");
    }
}

Test(revisions, other_databases_of_the_server_are_left_alone, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        static const char *const reaching[] = {"ATTACH 'x.db' AS x", "COPY pg_class TO '/tmp/x'",
                                               "INSERT INTO other.t VALUES (1)"};
        GError *error = NULL;
        if (!can_run(&dev_dialects[i]))
            continue;
        g_autofree char *text = g_strdup_printf(
            "-- revision: a1\n-- revises:\n-- migrate:up transaction:false\n%s;\n", reaching[i]);
        g_autoptr(Revision) revision = revision_of(text);
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[i], NULL);
        cr_expect(!scratch_run_revision(scratch, revision, DIRECTION_UP, NULL, NULL, &error));
        expect_dev_error(error, DEV_ERROR_REVISION, "a1.sql:4: ");
    }
}
