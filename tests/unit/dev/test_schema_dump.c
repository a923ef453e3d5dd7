/* Schema dump: which file an object goes to, and that a person and a file system can live with its name. */
#include "dev_fixture.h"

#include "dev/schema_dump.h"
#include "dev/scratch_revisions.h"

static SchemaModel *model_of(DevFixture *f, const DevDialect *row, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Scratch) scratch = new_scratch(f, row, NULL);
    g_auto(GStrv) statements = g_strsplit(sql, ";;", -1);
    for (char **statement = statements; *statement && **statement; statement++)
        run(scratch->connection, *statement);
    SchemaModel *model = scratch_model(scratch, NULL, &error);
    expect_ok(model != NULL, error, "model");
    return model;
}

static char *paths_of(const SchemaDump *dump)
{
    GString *paths = g_string_new(NULL);
    for (guint i = 0; i < dump->files->len; i++)
        g_string_append_printf(paths, "%s ", ((const SchemaDumpFile *)dump->files->pdata[i])->path);
    return g_string_free(paths, FALSE);
}

static void expect_paths(const DevDialect *row, const char *sql, const char *expected)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    if (!can_run(row))
        return;
    g_autoptr(SchemaModel) empty = model_of(f, row, "");
    g_autoptr(SchemaModel) model = model_of(f, row, sql);
    g_autoptr(SchemaDump) dump = schema_dump_new(empty, model);
    g_autoptr(SchemaDump) again = schema_dump_new(empty, model);
    g_autofree char *paths = paths_of(dump), *same = paths_of(again);
    cr_expect_str_eq(paths, expected, "%s", paths);
    cr_expect_str_eq(paths, same);
    g_autoptr(Scratch) scratch = new_scratch(f, row, NULL);
    g_autoptr(GPtrArray) lines = schema_dump_verify(dump, scratch, model, &error);
    expect_ok(lines != NULL, error, "verify");
    cr_expect_eq(lines->len, 0, "%s", lines->len ? (char *)lines->pdata[0] : "");
}

Test(dump, parts_go_with_their_table, .timeout = 60)
{
    expect_paths(&dev_dialects[0],
                 "CREATE TABLE t (i integer);;CREATE INDEX i ON t (i);;CREATE VIEW v AS SELECT * FROM t",
                 "tables/t.sql views/v.sql ");
    expect_paths(
        &dev_dialects[1],
        "CREATE TABLE t (i serial PRIMARY KEY);;COMMENT ON COLUMN t.i IS 'x';;CREATE FUNCTION f(int) "
        "RETURNS int LANGUAGE sql AS 'SELECT 1';;CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS "
        "'SELECT 1'",
        "functions/f.sql tables/t.sql ");
    expect_paths(&dev_dialects[2], "CREATE TABLE t (i int, KEY k (i));;CREATE VIEW v AS SELECT i FROM t",
                 "tables/t.sql views/v.sql ");
}

Test(dump, tables_that_refer_to_each_other_load, .timeout = 60)
{
    expect_paths(
        &dev_dialects[1],
        "CREATE TABLE a (i int PRIMARY KEY, b int);;CREATE TABLE b (i int PRIMARY KEY, a int REFERENCES "
        "a);;ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b",
        "tables/a.sql tables/b.sql ");
}

Test(dump, names_are_fit_for_files, .timeout = 60)
{
    expect_paths(
        &dev_dialects[1],
        "CREATE TABLE t (i int);;CREATE TABLE \"T\" (i int);;CREATE TABLE \"a/b c\" (i int);;CREATE SCHEMA "
        "app;;CREATE TABLE app.sqlite (i int);;CREATE TABLE app.t (i int)",
        "schemas.sql tables/T.sql tables/a_b_c.sql tables/app.sqlite_.sql tables/app.t.sql tables/t-2.sql ");
}
