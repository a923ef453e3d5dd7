/* What is shown of somebody else's statement: verb and object, and never a value. */
#include "sql/script.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(gist);

static const struct {
    Dialect dialect;
    const char *sql;
    const char *gist;
} cases[] = {
    {DIALECT_POSTGRES, "UPDATE invoices SET card = '4111' WHERE id = 7", "UPDATE invoices …"},
    {DIALECT_POSTGRES, "  /* token=abc */ -- more\n update only shop.\"In Voices\" set a=1",
     "update only shop.\"In Voices\" …"},
    {DIALECT_POSTGRES, "DELETE FROM t WHERE id = 7", "DELETE FROM t …"},
    {DIALECT_POSTGRES, "insert into a.b.c values ('x')", "insert into a.b.c …"},
    {DIALECT_POSTGRES, "select count(*), 'x', (select 1 from u) from shop.t where a = 'secret'",
     "SELECT … FROM shop.t …"},
    {DIALECT_POSTGRES, "select pg_sleep(20)", "select pg_sleep …"},
    {DIALECT_POSTGRES, "select 'it\\' from secret '", "select …"},
    {DIALECT_POSTGRES, "select 'cut off from secret", "select …"},
    {DIALECT_POSTGRES, "ALTER ROLE app PASSWORD 'secret'", "ALTER ROLE app …"},
    {DIALECT_POSTGRES, "COMMIT", "COMMIT"},
    {DIALECT_POSTGRES, "BEGIN; UPDATE t SET a = 1", "BEGIN …"},
    {DIALECT_POSTGRES, "lock table t in access exclusive mode", "lock table t …"},
    {DIALECT_POSTGRES, "$tag$secret$tag$", "…"},
    {DIALECT_POSTGRES, "SET app.token = secret", "SET app.token …"},
    {DIALECT_POSTGRES, "", ""},
    {DIALECT_MARIADB, "update `db`.`t` set a = \"secret\"", "update `db`.`t` …"},
    {DIALECT_MARIADB, "call \"secret\"", "call …"},
    {DIALECT_MARIADB, "set password for app = 'secret'", "set …"},
    {DIALECT_MARIADB, "grant all 5 secret", "grant all …"},
};

Test(gist, verb_and_object_are_shown_and_no_value)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *gist = sql_statement_gist(cases[i].sql, strlen(cases[i].sql), cases[i].dialect);
        cr_expect_str_eq(gist, cases[i].gist, "%s: %s", cases[i].sql, gist);
    }
}

/* A server cuts statements off at any byte. */
Test(gist, a_statement_may_be_cut_off_anywhere)
{
    static const char sql[] = "select 'x', $$y$$ from shop.\"T\" /* c */ where a = 'secret'";
    for (gsize length = 0; length < sizeof sql; length++) {
        g_autofree char *text = g_strndup(sql, length);
        g_autofree char *gist = sql_statement_gist(text, strlen(text), DIALECT_POSTGRES);
        cr_expect_null(strstr(gist, "secret"), "%s", gist);
        cr_expect_null(strchr(gist, '\''), "%s", gist);
    }
}
