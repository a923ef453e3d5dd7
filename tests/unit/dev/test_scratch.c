/* Scratch databases: made like a target's, empty, apart from each other, and gone afterwards. */
#include "dev_fixture.h"

/* SELECT of how many databases there are whose name follows; NULL: there are none to look at. */
static const char *const listing[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = "SELECT count(*) FROM pg_database WHERE datname = ",
    [DIALECT_MARIADB] = "SELECT count(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ",
};

Test(scratch, is_apart_and_gone_afterwards, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        const DevDialect *row = &dev_dialects[i];
        if (!can_run(row))
            continue;
        g_autoptr(Scratch) one = new_scratch(f, row, NULL);
        Scratch *other = new_scratch(f, row, NULL);
        run(one->connection, "CREATE TABLE t (id integer PRIMARY KEY)");
        run(other->connection, "CREATE TABLE t (id integer PRIMARY KEY, more integer)");
        g_autofree char *name = g_strdup(other->name);
        scratch_free(other);
        if (!listing[one->dialect])
            continue;
        cr_expect(g_str_has_prefix(name, "dbfleet_dev_"));
        g_autofree char *sql = g_strdup_printf("%s'%s'", listing[one->dialect], name);
        expect_answer(one->connection, sql, "0");
    }
}

Test(scratch, has_what_the_target_has, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    if (g_getenv("DBFLEET_TEST_POSTGRES")) {
        ScratchLike like = {.encoding = (char *)"LATIN1", .collation = (char *)"C", .ctype = (char *)"C"};
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[1], &like);
        expect_answer(scratch->connection,
                      "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = "
                      "current_database()",
                      "LATIN1");
        ScratchLike icu = {.provider = (char *)"i:de-DE"};
        g_autoptr(Scratch) german = new_scratch(f, &dev_dialects[1], &icu);
        expect_answer(german->connection,
                      "SELECT to_jsonb(d) ->> 'datlocprovider' FROM pg_database d WHERE datname = "
                      "current_database()",
                      "i");
    }
    if (g_getenv("DBFLEET_TEST_MYSQL")) {
        ScratchLike like = {.encoding = (char *)"latin1",
                            .collation = (char *)"latin1_german1_ci",
                            .sql_mode = (char *)"ANSI_QUOTES,NO_ENGINE_SUBSTITUTION"};
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[2], &like);
        expect_answer(scratch->connection, "SELECT @@collation_database", "latin1_german1_ci");
        expect_answer(scratch->connection, "SELECT @@sql_mode", "ANSI_QUOTES,NO_ENGINE_SUBSTITUTION");
    }
}

/* What is read from one database makes another like it. */
Test(scratch, like_of_a_target_can_be_made, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        const DevDialect *row = &dev_dialects[i];
        g_auto(ScratchLike) like = {0};
        g_autoptr(GError) error = NULL;
        if (!can_run(row))
            continue;
        g_autoptr(Scratch) one = new_scratch(f, row, NULL);
        expect_ok(scratch_like_read(&like, one->connection, &error), error, row->name);
        cr_expect_str_eq(like.version, one->connection->server.version);
        cr_expect_not_null(like.encoding, "%s", row->name);
        g_autoptr(Scratch) two = new_scratch(f, row, &like);
        cr_expect_str_eq(two->connection->server.version, like.version);
    }
}

Test(scratch, locale_that_the_dev_server_lacks_becomes_c, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    if (!g_getenv("DBFLEET_TEST_POSTGRES"))
        return;
    ScratchLike like = {
        .encoding = (char *)"UTF8", .collation = (char *)"tlh_KX.UTF-8", .ctype = (char *)"tlh_KX.UTF-8"};
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[1], &like);
    expect_answer(scratch->connection,
                  "SELECT datcollate FROM pg_database WHERE datname = current_database()", "C");
}

Test(scratch, schema_of_a_tenant_is_worked_in, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    if (!g_getenv("DBFLEET_TEST_POSTGRES"))
        return;
    g_auto(ScratchLike) like = {0};
    g_autoptr(Scratch) plain = new_scratch(f, &dev_dialects[1], NULL);
    expect_ok(scratch_like_read(&like, plain->connection, &error), error, "like");
    g_autoptr(Scratch) tenant = scratch_new(f->servers, DIALECT_POSTGRES, &like, "tenant_7", &error);
    expect_ok(tenant != NULL, error, "tenant");
    cr_expect_str_eq(tenant->schema, "tenant_7");
    expect_answer(tenant->connection, "SELECT current_schema()", "tenant_7");
}

Test(scratch, files_of_sqlite_are_deleted, .timeout = 120)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_hash_table_insert(f->project->dev, g_strdup("sqlite"), g_strconcat("sqlite:", f->folder, NULL));
    Scratch *scratch = new_scratch(f, &dev_dialects[0], NULL);
    run(scratch->connection, "CREATE TABLE t (id integer)");
    g_autofree char *path = g_strdup(scratch->name);
    cr_expect(g_str_has_prefix(path, f->folder), "%s", path);
    cr_expect(g_file_test(path, G_FILE_TEST_EXISTS));
    scratch_free(scratch);
    cr_expect(!g_file_test(path, G_FILE_TEST_EXISTS));
}

Test(scratch, wrong_password_names_the_server_and_hides_it, .timeout = 120)
{
    g_autoptr(DevFixture) f = fixture_new();
    GError *error = NULL;
    const char *url = g_getenv("DBFLEET_TEST_POSTGRES");
    if (!url)
        return;
    g_auto(GStrv) parts = g_strsplit(url, "dbfleet-test", 2);
    char *wrong = g_strjoinv("canary", parts);
    g_hash_table_insert(f->project->dev, g_strdup("postgres"), wrong);
    cr_expect_null(scratch_new(f->servers, DIALECT_POSTGRES, NULL, NULL, &error));
    cr_assert_not_null(error);
    cr_expect(g_error_matches(error, DB_ERROR, DB_ERROR_AUTHENTICATION), "%s", error->message);
    cr_expect_not_null(strstr(error->message, "dev server postgresql://"), "%s", error->message);
    cr_expect_null(strstr(error->message, "canary"), "%s", error->message);
    g_error_free(error);
}

Test(scratch, copy_has_schema_and_rows_and_goes_its_own_way, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        const DevDialect *row = &dev_dialects[i];
        GError *error = NULL;
        if (!can_run(row))
            continue;
        g_autoptr(Scratch) one = new_scratch(f, row, NULL);
        run(one->connection, "CREATE TABLE t (id integer PRIMARY KEY)");
        run(one->connection, "INSERT INTO t VALUES (1)");
        g_autoptr(Scratch) two = scratch_copy(one, &error);
        if (row->dialect == DIALECT_MARIADB) {
            cr_expect_null(two);
            expect_dev_error(error, DEV_ERROR_NO_COPY, "cannot copy");
            continue;
        }
        expect_ok(two != NULL, error, row->name);
        run(two->connection, "INSERT INTO t VALUES (2)");
        expect_answer(two->connection, "SELECT count(*) FROM t", "2");
        expect_answer(one->connection, "SELECT count(*) FROM t", "1");
    }
}
