/* Names of dialects, quoting of identifiers and literals. */
#include <criterion/criterion.h>
#include <sqlite3.h>

#include "sql/dialect.h"

static void expect_literal(Dialect dialect, const char *value, const char *literal)
{
    g_autofree char *found = sql_quote_literal(dialect, value);
    cr_expect_str_eq(found, literal, "%s: <%s> instead of <%s>", dialect_name(dialect), found, literal);
}

static void expect_ident(Dialect dialect, const char *name, const char *ident)
{
    g_autofree char *found = sql_quote_ident(dialect, name);
    cr_expect_str_eq(found, ident, "%s: <%s> instead of <%s>", dialect_name(dialect), found, ident);
}

Test(dialect, every_name_is_read_back)
{
    for (int i = 0; i < DIALECT_COUNT; i++) {
        Dialect dialect = DIALECT_COUNT;
        cr_expect(dialect_parse(dialect_name((Dialect)i), &dialect));
        cr_expect_eq((int)dialect, i);
        cr_expect(dialect_from_scheme(dialect_name((Dialect)i), &dialect));
        cr_expect_eq((int)dialect, i);
    }
}

Test(dialect, other_spellings)
{
    Dialect dialect = DIALECT_COUNT;

    cr_expect(dialect_parse("postgresql", &dialect));
    cr_expect_eq(dialect, DIALECT_POSTGRES);
    cr_expect_str_eq(dialect_name(dialect), "postgres");
    cr_expect(dialect_from_scheme("sqlite3", &dialect));
    cr_expect_eq(dialect, DIALECT_SQLITE);
}

Test(dialect, an_unknown_name_leaves_the_output_alone)
{
    Dialect dialect = DIALECT_MARIADB;

    cr_expect_not(dialect_parse("oracle", &dialect));
    cr_expect_not(dialect_parse("Postgres", &dialect));
    cr_expect_not(dialect_parse("", &dialect));
    cr_expect_not(dialect_parse(NULL, &dialect));
    cr_expect_not(dialect_parse("sqlite3", &dialect));
    cr_expect_not(dialect_from_scheme("http", &dialect));
    cr_expect_eq(dialect, DIALECT_MARIADB);
}

Test(dialect, families)
{
    cr_expect(dialect_is_mysql_family(DIALECT_MYSQL) && dialect_is_mysql_family(DIALECT_MARIADB));
    cr_expect_not(dialect_is_mysql_family(DIALECT_POSTGRES) || dialect_is_mysql_family(DIALECT_SQLITE));
    cr_expect(dialect_has_transactional_ddl(DIALECT_POSTGRES) &&
              dialect_has_transactional_ddl(DIALECT_SQLITE));
    cr_expect_not(dialect_has_transactional_ddl(DIALECT_MYSQL) ||
                  dialect_has_transactional_ddl(DIALECT_MARIADB));
}

Test(dialect, identifiers_double_their_quotes)
{
    expect_ident(DIALECT_POSTGRES, "a\"b`c", "\"a\"\"b`c\"");
    expect_ident(DIALECT_SQLITE, "a\"b`c", "\"a\"\"b`c\"");
    expect_ident(DIALECT_MYSQL, "a\"b`c\\", "`a\"b``c\\`");
    expect_ident(DIALECT_MARIADB, "ü", "`ü`");
}

Test(dialect, plain_literals_double_their_quotes)
{
    for (int i = 0; i < DIALECT_COUNT; i++) {
        expect_literal((Dialect)i, "it's \"x\"\n", "'it''s \"x\"\n'");
        expect_literal((Dialect)i, "", "''");
        expect_literal((Dialect)i, NULL, "NULL");
    }
}

Test(dialect, a_backslash_does_not_depend_on_settings)
{
    expect_literal(DIALECT_POSTGRES, "\\'", "E'\\\\'''");
    expect_literal(DIALECT_SQLITE, "\\'", "'\\'''");
    expect_literal(DIALECT_MYSQL, "\\'ü", "_utf8mb4 x'5c27c3bc'");
    expect_literal(DIALECT_MARIADB, "a\\", "_utf8mb4 x'615c'");
}

Test(dialect, sqlite_reads_every_literal_back)
{
    static const char *const VALUES[] = {"", "'", "''", "\\", "a\\'b", "x\ny", "ü—€", "--", "/*", ";"};
    sqlite3 *database = NULL;

    cr_assert_eq(sqlite3_open(":memory:", &database), SQLITE_OK);
    for (gsize i = 0; i < G_N_ELEMENTS(VALUES); i++) {
        g_autofree char *literal = sql_quote_literal(DIALECT_SQLITE, VALUES[i]);
        g_autofree char *query = g_strdup_printf("select %s", literal);
        sqlite3_stmt *statement = NULL;
        cr_assert_eq(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK, "%s", query);
        cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
        cr_expect_str_eq((const char *)sqlite3_column_text(statement, 0), VALUES[i]);
        sqlite3_finalize(statement);
    }
    sqlite3_close(database);
}
