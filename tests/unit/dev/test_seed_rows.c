/* Seeding: every table gets rows that hold, parents first, in each dialect; what takes none is told. */
#include "dev/seed_rows.h"

#include "dev_fixture.h"

#define TIME .timeout = 120

typedef struct Seeded {
    DevFixture *fixture;
    Scratch *scratch;
    SeedReport report;
} Seeded;

static Seeded seeded_new(Dialect dialect, const char *const *statements, const SeedOptions *options)
{
    Seeded self = {.fixture = fixture_new()};
    GError *error = NULL;
    self.scratch = scratch_new(self.fixture->servers, dialect, NULL, NULL, &error);
    cr_assert_not_null(self.scratch, "%s", error ? error->message : "");
    for (; *statements; statements++)
        cr_assert(connection_run(self.scratch->connection, *statements, &error), "%s",
                  error ? error->message : "");
    cr_assert(seed_rows(self.scratch->connection, options, &self.report, &error), "%s",
              error ? error->message : "");
    return self;
}

static void seeded_free(Seeded *self)
{
    seed_report_clear(&self->report);
    scratch_free(self->scratch);
    fixture_free(self->fixture);
}

static void no_table_is_empty(const Seeded *self, unsigned tables)
{
    cr_assert_eq(self->report.empty->len, 0, "%s",
                 self->report.empty->len ? (const char *)self->report.empty->pdata[0] : "");
    cr_assert_eq(self->report.tables, tables);
}

Test(seed_rows, sqlite_tables_get_rows_that_hold, TIME)
{
    const char *const schema[] = {
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INT NOT NULL REFERENCES p (id), up INT REFERENCES c "
        "(id), "
        "mail TEXT UNIQUE CHECK (mail LIKE '%@%'), long TEXT CHECK (length(long) >= 8))",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('new', 'paid')), "
        "n INT CHECK (n BETWEEN 100 AND 120), z CHECK (typeof(z) = 'integer'))",
        "CREATE TABLE w (k BLOB PRIMARY KEY, d DATE CHECK (d > '2025-01-01')) WITHOUT ROWID",
        "CREATE TABLE s (id INTEGER PRIMARY KEY, g INT AS (id * 2) STORED, x REAL CHECK (x < 0)) STRICT",
        "CREATE TABLE \"odd \"\"one\"\"\" (\"a b\" TEXT NOT NULL CHECK (\"a b\" <> ''))",
        "CREATE TABLE own (id INTEGER PRIMARY KEY, boss INT NOT NULL REFERENCES own (id))",
        NULL};
    Seeded seeded = seeded_new(DIALECT_SQLITE, schema, NULL);
    no_table_is_empty(&seeded, 6);
    g_autoptr(RowSet) broken = connection_query(seeded.scratch->connection, "PRAGMA foreign_key_check", NULL);
    cr_assert_eq(broken->rows->len, 0);
    seeded_free(&seeded);
}

Test(seed_rows, postgresql_tables_of_any_type_get_rows_that_hold, TIME)
{
    const char *const schema[] = {
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE DOMAIN pos AS int CHECK (VALUE > 10)",
        "CREATE TYPE pt AS (a int, b text)",
        "CREATE TYPE fr AS RANGE (subtype = float8)",
        "CREATE TABLE types (id serial PRIMARY KEY, a bigint NOT NULL, b numeric(4,2) NOT NULL, c char(3) "
        "NOT "
        "NULL, d varchar(2) UNIQUE, e date NOT NULL, f timestamptz NOT NULL, g interval NOT NULL, h boolean "
        "NOT "
        "NULL, i uuid NOT NULL, j jsonb NOT NULL, k bytea NOT NULL, l inet NOT NULL, m macaddr NOT NULL, o "
        "int[] "
        "NOT NULL, p mood[] NOT NULL, q int4range NOT NULL, r mood NOT NULL, s pos NOT NULL, u pt NOT NULL, "
        "v fr "
        "NOT NULL, w bit(4) NOT NULL, x xml NOT NULL, y tsvector NOT NULL, z point NOT NULL)",
        "CREATE TABLE part (id int GENERATED ALWAYS AS IDENTITY, made date NOT NULL, kind text) PARTITION BY "
        "RANGE (made)",
        "CREATE TABLE part1 PARTITION OF part FOR VALUES FROM ('2021-01-01') TO ('2021-06-01') PARTITION BY "
        "LIST "
        "(kind)",
        "CREATE TABLE part1a PARTITION OF part1 FOR VALUES IN ('red')",
        "CREATE TABLE two (a int, b text, PRIMARY KEY (a, b))",
        "CREATE TABLE refers (x int PRIMARY KEY, a int, b text, FOREIGN KEY (a, b) REFERENCES two MATCH "
        "FULL)",
        NULL};
    Seeded seeded = seeded_new(DIALECT_POSTGRES, schema, NULL);
    no_table_is_empty(&seeded, 4);
    seeded_free(&seeded);
}

Test(seed_rows, mariadb_tables_of_any_type_get_rows_that_hold, TIME)
{
    const char *const schema[] = {"CREATE TABLE types (id int AUTO_INCREMENT PRIMARY KEY, a bigint unsigned "
                                  "NOT NULL, b decimal(4,2) NOT "
                                  "NULL, d varchar(2) UNIQUE, e date NOT NULL, f timestamp NOT NULL, i uuid "
                                  "NOT NULL, j json NOT NULL, k "
                                  "blob NOT NULL, l inet6 NOT NULL, r enum('a', 'b,c') NOT NULL, s set('x', "
                                  "'y') NOT NULL, w bit(4) NOT "
                                  "NULL, y year NOT NULL, z geometry NOT NULL, b1 varbinary(3) NOT NULL, t "
                                  "time NOT NULL, g int AS (a + 1) "
                                  "VIRTUAL)",
                                  "CREATE TABLE part (id int NOT NULL PRIMARY KEY) PARTITION BY RANGE (id) "
                                  "(PARTITION p0 VALUES LESS THAN "
                                  "(3), PARTITION p1 VALUES LESS THAN (5))",
                                  "CREATE TABLE refers (x int PRIMARY KEY, up int NOT NULL, b varchar(10) "
                                  "CHECK (b LIKE '%1%'), FOREIGN "
                                  "KEY (up) REFERENCES refers (x))",
                                  NULL};
    Seeded seeded = seeded_new(DIALECT_MARIADB, schema, NULL);
    no_table_is_empty(&seeded, 3);
    seeded_free(&seeded);
}

Test(seed_rows, what_takes_no_row_is_told_with_the_reason, TIME)
{
    const char *const schema[] = {
        "CREATE TABLE closed (a INT)",
        "CREATE TRIGGER no BEFORE INSERT ON closed BEGIN SELECT RAISE(ABORT, 'nothing comes in'); END",
        "CREATE TABLE open (a INT)", NULL};
    Seeded seeded = seeded_new(DIALECT_SQLITE, schema, NULL);
    cr_assert_eq(seeded.report.empty->len, 1);
    cr_assert_str_eq(seeded.report.empty->pdata[0], "\"closed\": nothing comes in");
    cr_assert_eq(seeded.report.tables, 1);
    seeded_free(&seeded);
}

static char *dump(const Seeded *self)
{
    g_autoptr(RowSet) rows =
        connection_query(self->scratch->connection, "SELECT group_concat(quote(a) || quote(b)) FROM t", NULL);
    return g_strdup(*(const char *const *)rows->rows->pdata[0]);
}

Test(seed_rows, the_same_seed_makes_the_same_rows, TIME)
{
    const char *const schema[] = {"CREATE TABLE t (a INT CHECK (a > 100), b TEXT CHECK (b <> a))", NULL};
    const SeedOptions options = {.seed = 7, .rows = 5};
    Seeded one = seeded_new(DIALECT_SQLITE, schema, &options);
    Seeded two = seeded_new(DIALECT_SQLITE, schema, &options);
    g_autofree char *first = dump(&one);
    g_autofree char *second = dump(&two);
    cr_assert_str_eq(first, second);
    cr_assert_eq(one.report.rows, 5);
    seeded_free(&one);
    seeded_free(&two);
}

Test(seed_rows, constraints_of_the_schema_to_come_hold_too, TIME)
{
    const char *const now[] = {"CREATE TABLE t (a INT, b TEXT, c TEXT)", NULL};
    const char *const later[] = {
        "CREATE TABLE t (a INT NOT NULL CHECK (a > 500), b TEXT NOT NULL CHECK (b IN ('x', 'y')), c INT)",
        NULL};
    Seeded desired = seeded_new(DIALECT_SQLITE, later, NULL);
    g_autoptr(SeedCatalog) also = seed_catalog_read(desired.scratch->connection, NULL);
    const SeedOptions options = {.also = also};
    Seeded seeded = seeded_new(DIALECT_SQLITE, now, &options);
    g_autoptr(RowSet) rows = connection_query(
        seeded.scratch->connection, "SELECT count(*) FROM t WHERE a IS NULL OR b NOT IN ('x', 'y')", NULL);
    cr_assert_str_eq(*(const char *const *)rows->rows->pdata[0], "0");
    seeded_free(&seeded);
    seeded_free(&desired);
}
