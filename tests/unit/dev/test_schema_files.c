/* Schema files: which count, what is refused, hints, and loading in any order. */
#include "dev_fixture.h"

#include "dev/schema_files.h"

static char *schema_folder(const DevFixture *f)
{
    return g_build_filename(f->folder, "schema", NULL);
}

/* What is told of the files of the fixture; "" if all is well. Caller frees. */
static char *problems_of(const DevFixture *f, Dialect dialect, SchemaFiles **files)
{
    g_autofree char *folder = schema_folder(f);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    SchemaFiles *read = schema_files_read(folder, dialect, problems);
    char *told = diagnostics_to_string(problems);
    cr_expect_eq(read == NULL, diagnostics_has_errors(problems), "%s", told);
    if (files)
        *files = read;
    else
        schema_files_free(read);
    return told;
}

static SchemaFiles *read_good(const DevFixture *f, Dialect dialect)
{
    SchemaFiles *files = NULL;
    g_autofree char *told = problems_of(f, dialect, &files);
    cr_assert_not_null(files, "%s", told);
    return files;
}

static void put(const DevFixture *f, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename("schema", name, NULL);
    g_free(write_file(f, path, text));
}

static bool load(const DevFixture *f, Scratch *scratch, GError **error)
{
    g_autoptr(SchemaFiles) files = read_good(f, scratch->dialect);
    return schema_files_load(files, scratch, error);
}

Test(files, missing_folder_says_how_to_begin)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autofree char *told = problems_of(f, DIALECT_SQLITE, NULL);
    cr_expect_not_null(strstr(told, "dbfleet schema dump"), "%s", told);
}

Test(files, those_of_other_dialects_are_passed_over, .timeout = 120)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    put(f, "all.sql", "CREATE TABLE a (i integer);");
    put(f, "x.postgres.sql", "CREATE TABLE b (i integer);");
    put(f, "postgresql/deep/y.sql", "CREATE TABLE c (i integer);");
    put(f, "x.sqlite.sql", "CREATE TABLE d (i integer);");
    put(f, "mysql/z.sql", "CREATE TABLE e (i integer);");
    put(f, "v1.2.sql", "CREATE TABLE g (i integer);");
    put(f, ".hidden.sql", "not SQL");
    put(f, "notes.txt", "not SQL");
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[0], NULL);
    expect_ok(load(f, scratch, &error), error, "load");
    expect_answer(scratch->connection,
                  "SELECT group_concat(name, '') FROM (SELECT name FROM sqlite_schema "
                  "ORDER BY name)",
                  "adg");
}

Test(files, any_order_loads_everywhere, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    put(f, "a.sql", "CREATE VIEW v3 AS SELECT * FROM v2;\nCREATE VIEW v2 AS SELECT * FROM v1;\n");
    put(f, "b.sql", "CREATE INDEX i ON t (n);\nCREATE VIEW v1 AS SELECT n FROM t;\n");
    put(f, "c.sql", "CREATE TABLE t (n integer PRIMARY KEY);\n");
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        g_autoptr(GError) error = NULL;
        if (!can_run(&dev_dialects[i]))
            continue;
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[i], NULL);
        expect_ok(load(f, scratch, &error), error, dev_dialects[i].name);
        expect_answer(scratch->connection, "SELECT count(*) FROM v3", "0");
    }
}

Test(files, dump_of_postgres_with_settings_loads_in_rounds, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    if (!g_getenv("DBFLEET_TEST_POSTGRES"))
        return;
    put(f, "a.sql",
        "BEGIN;\nSELECT pg_catalog.set_config('search_path', 'app', false);\n"
        "CREATE VIEW v AS SELECT * FROM t;\nCREATE TABLE t (i integer);\nCOMMIT;\n");
    put(f, "b.sql", "CREATE SCHEMA app;\nCREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT h()';\n");
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[1], NULL);
    expect_ok(load(f, scratch, &error), error, "load");
    expect_answer(scratch->connection, "SELECT count(*) FROM app.v", "0");
    expect_answer(scratch->connection, "SHOW check_function_bodies", "on");
    expect_answer(scratch->connection, "SHOW search_path", "\"$user\", public");
}

static void expect_load_error(const char *file, const char *text, const char *words)
{
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        g_autoptr(DevFixture) f = fixture_new();
        GError *error = NULL;
        if (!can_run(&dev_dialects[i]))
            continue;
        put(f, "a.sql", "CREATE INDEX i ON t (n);");
        put(f, file, text);
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[i], NULL);
        cr_expect(!load(f, scratch, &error), "%s", dev_dialects[i].name);
        expect_dev_error(error, DEV_ERROR_STATEMENT, words);
    }
}

/* The index of a.sql fails as well, but only because of this. */
Test(files, syntax_error_is_told_with_file_and_line, .timeout = 60)
{
    expect_load_error("t.sql", "-- the table\n\nCREATE TABEL t (n integer);", "schema/t.sql:3: ");
}

Test(files, what_is_no_consequence_is_told, .timeout = 60)
{
    expect_load_error("t.sql", "CREATE TABLE t2 (n integer);\nCREATE TABLE t2 (m integer);",
                      "schema/t.sql:2: ");
}

Test(files, first_of_missing_ones_is_told, .timeout = 60)
{
    expect_load_error("t.sql", "CREATE TABLE t2 (n integer);", "schema/a.sql:1: ");
}

Test(files, circular_views_end, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    put(f, "a.sql", "CREATE VIEW a AS SELECT * FROM b;\nCREATE VIEW b AS SELECT * FROM a;\n");
    for (gsize i = 1; i < G_N_ELEMENTS(dev_dialects); i++) {
        GError *error = NULL;
        if (!can_run(&dev_dialects[i]))
            continue;
        g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[i], NULL);
        cr_expect(!load(f, scratch, &error));
        expect_dev_error(error, DEV_ERROR_STATEMENT, "schema/a.sql:1: ");
    }
}

Test(files, missing_roles_are_made_where_allowed, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    GError *error = NULL;
    if (!g_getenv("DBFLEET_TEST_POSTGRES"))
        return;
    put(f, "a.sql", "CREATE TABLE t (i integer);\nGRANT SELECT ON t TO \"Dbfleet unit role\";\n");
    g_autoptr(Scratch) scratch = new_scratch(f, &dev_dialects[1], NULL);
    cr_expect(!load(f, scratch, &error));
    expect_dev_error(error, DEV_ERROR_STATEMENT, "schema/a.sql:2: role");
    f->project->create_missing_roles = true;
    g_autoptr(Scratch) other = new_scratch(f, &dev_dialects[1], NULL);
    error = NULL;
    expect_ok(load(f, other, &error), error, "load");
    run(other->connection, "DROP TABLE t");
    run(other->connection, "DROP ROLE \"Dbfleet unit role\"");
}

static const struct {
    Dialect dialect;
    const char *sql;
    const char *words; /* NULL: it is fine */
} refusals[] = {
    {DIALECT_POSTGRES, "CREATE DATABASE x", "CREATE DATABASE: other databases"},
    {DIALECT_POSTGRES, "create /* c */ role x", "roles belong to the whole server"},
    {DIALECT_POSTGRES, "DROP USER x", "roles belong"},
    {DIALECT_POSTGRES, "CREATE USER MAPPING FOR CURRENT_USER SERVER s", NULL},
    {DIALECT_POSTGRES, "ALTER SYSTEM SET fsync = off", "whole server"},
    {DIALECT_POSTGRES, "CREATE TABLESPACE x LOCATION '/x'", "tablespaces"},
    {DIALECT_POSTGRES, "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "subscription"},
    {DIALECT_POSTGRES, "COPY t FROM PROGRAM 'id'", "programs"},
    {DIALECT_POSTGRES, "COPY t TO '/tmp/x'", "files"},
    {DIALECT_POSTGRES, "GRANT SELECT ON t TO app", NULL},
    {DIALECT_POSTGRES, "COMMENT ON DATABASE x IS 'on role'", "whole server"},
    {DIALECT_POSTGRES, "COMMENT ON TABLE t IS 'on database'", NULL},
    {DIALECT_POSTGRES, "ROLLBACK", "nothing to roll back"},
    {DIALECT_MARIADB, "USE other", "other databases"},
    {DIALECT_MARIADB, "CREATE DATABASE x", "other databases"},
    {DIALECT_MARIADB, "ALTER DATABASE CHARACTER SET utf8mb4", NULL},
    {DIALECT_MARIADB, "ALTER DATABASE x CHARACTER SET utf8mb4", "other databases"},
    {DIALECT_MARIADB, "CREATE TABLE shop.t (i int)", "names the database \"shop\""},
    {DIALECT_MARIADB, "CREATE VIEW v AS SELECT t.a FROM t JOIN u ON u.a = t.a", NULL},
    {DIALECT_MARIADB, "CREATE VIEW v AS SELECT 1 FROM `shop`.`t`", "names the database \"shop\""},
    {DIALECT_MARIADB, "CREATE VIEW v AS SELECT EXTRACT(YEAR FROM t.a) FROM t", NULL},
    {DIALECT_MARIADB, "CREATE VIEW v AS SELECT 1 FROM information_schema.tables", NULL},
    {DIALECT_MARIADB, "GRANT SELECT ON t TO a@b", "accounts"},
    {DIALECT_MARIADB, "SET GLOBAL max_connections = 1", "whole server"},
    {DIALECT_MARIADB, "SET @@global.max_connections = 1", "whole server"},
    {DIALECT_MARIADB, "SET sql_mode = ''", NULL},
    {DIALECT_MARIADB, "LOAD DATA INFILE 'x' INTO TABLE t", "files"},
    {DIALECT_SQLITE, "ATTACH 'x.db' AS x", "other files"},
    {DIALECT_SQLITE, "VACUUM INTO 'x.db'", "files"},
};

Test(files, what_reaches_beyond_the_database_is_refused, .timeout = 120)
{
    g_autoptr(DevFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *text = g_strconcat("\n", refusals[i].sql, ";\n", NULL);
        put(f, "a.sql", text);
        g_autofree char *told = problems_of(f, refusals[i].dialect, NULL);
        if (!refusals[i].words)
            cr_expect_str_empty(told, "%s: %s", refusals[i].sql, told);
        else
            cr_expect(strstr(told, refusals[i].words) && strstr(told, "a.sql:2:1: error"), "%s: %s",
                      refusals[i].sql, told);
    }
}

/* ---- Hints ---- */

static char *hints_text(const SchemaHints *hints)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < hints->renames->len; i++) {
        const SchemaRename *rename = hints->renames->pdata[i];
        g_string_append_printf(text, "%s %s:%s=%s @%u\n", schema_kind_name(rename->kind),
                               rename->parent ? rename->parent : "-", rename->before, rename->after,
                               rename->place.line);
    }
    for (guint i = 0; i < hints->usings->len; i++) {
        const SchemaUsing *using = hints->usings->pdata[i];
        g_string_append_printf(text, "using %s: %s\n", using->column, using->expression);
    }
    return g_string_free(text, FALSE);
}

Test(files, hints_are_read_from_comments)
{
    g_autoptr(DevFixture) f = fixture_new();
    put(f, "a.sql",
        "-- dbfleet:renamed-from old_orders\n"
        "CREATE TABLE shop.orders (\n"
        "    id integer,\n"
        "    -- dbfleet:renamed-from sum\n"
        "    -- what is to be paid\n"
        "    total numeric, -- in cents\n"
        "    \"Note\" text -- dbfleet:renamed-from \"Old note\"\n"
        ");\n"
        "-- dbfleet:using orders.total = (total * 100)::int\n"
        "CREATE TYPE mood AS ENUM (\n"
        "    'happy', -- dbfleet:renamed-from 'glad'\n"
        "    'sad');\n"
        "CREATE TYPE pair AS (a int, b int); -- dbfleet:renamed-from couple\n"
        "CREATE OR REPLACE VIEW v AS SELECT 'not -- dbfleet: x' AS c; -- dbfleet:renamed-from w\n"
        "INSERT INTO t VALUES ('dbfleet:renamed-from x');\n");
    g_autoptr(SchemaFiles) files = read_good(f, DIALECT_POSTGRES);
    g_autofree char *text = hints_text(schema_files_hints(files));
    cr_expect_str_eq(text,
                     "table -:old_orders=shop.orders @1\n"
                     "column shop.orders:sum=total @4\n"
                     "column shop.orders:Old note=Note @7\n"
                     "enum mood:glad=happy @11\n"
                     "composite type -:couple=pair @13\n"
                     "view -:w=v @14\n"
                     "using orders.total: (total * 100)::int\n",
                     "%s", text);
}

static const struct {
    const char *text;
    const char *words;
} bad_hints[] = {
    {"-- dbfleet:renamed-from\nCREATE TABLE t (i int);", "needs the old name"},
    {"CREATE TABLE t (i int);\n-- dbfleet:renamed-from x\n", "a.sql:2:1: error"},
    {"-- dbfleet:renamed-from x\nINSERT INTO t VALUES (1);", "belongs above"},
    {"-- dbfleet:renamedfrom x\nCREATE TABLE t (i int);", "is no hint"},
    {"-- dbfleet:using total = 1\nCREATE TABLE t (i int);", "TABLE.COLUMN = EXPRESSION"},
};

Test(files, hints_that_say_nothing_are_refused)
{
    g_autoptr(DevFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(bad_hints); i++) {
        put(f, "a.sql", bad_hints[i].text);
        g_autofree char *told = problems_of(f, DIALECT_POSTGRES, NULL);
        cr_expect_not_null(strstr(told, bad_hints[i].words), "%s: %s", bad_hints[i].text, told);
    }
}
