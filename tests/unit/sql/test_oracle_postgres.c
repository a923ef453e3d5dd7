/* The splitter against PostgreSQL's own parser (libpg_query), over a corpus and over random orders of its
 * statements. */
#include "split_support.h"

#ifdef HAVE_PG_QUERY
#include <pg_query.h>

/* Skips what the parser counts as part of a statement and the splitter does not. */
static gsize after_blanks(const char *text, gsize at, gsize end)
{
    while (at < end) {
        gsize depth = 0;
        if (g_ascii_isspace(text[at]))
            at++;
        else if (strncmp(text + at, "--", 2) == 0)
            while (at < end && text[at] != '\n')
                at++;
        else if (strncmp(text + at, "/*", 2) == 0)
            do {
                bool opens = strncmp(text + at, "/*", 2) == 0;
                bool closes = strncmp(text + at, "*/", 2) == 0;
                depth += opens;
                depth -= closes;
                at += opens || closes ? 2 : 1;
            } while (depth > 0);
        else
            break;
    }
    return at;
}

static void expect_same_split(const char *sql)
{
    g_autofree char *problems = NULL;
    g_autoptr(Script) script = split_text(DIALECT_POSTGRES, sql, &problems);
    PgQuerySplitResult oracle = pg_query_split_with_parser(sql);

    cr_assert_null(oracle.error, "the parser refuses: %s\n%s", oracle.error ? oracle.error->message : "",
                   sql);
    cr_assert_not_null(script, "%s\n%s", problems, sql);
    for (int i = 0; i < oracle.n_stmts && i < (int)script_length(script); i++) {
        const Statement *found = script_at(script, (unsigned)i);
        gsize start = (gsize)oracle.stmts[i]->stmt_location;
        gsize end = start + (gsize)oracle.stmts[i]->stmt_len;
        start = after_blanks(sql, start, end);
        cr_assert_eq(found->start, start, "statement %d begins at %zu instead of %zu\n%s", i, found->start,
                     start, sql);
        cr_assert_eq(after_blanks(sql, found->start + found->length, end), end,
                     "statement %d ends early or late\n%s", i, sql);
    }
    cr_expect_eq((int)script_length(script), oracle.n_stmts, "%u statements instead of %d\n%s",
                 script_length(script), oracle.n_stmts, sql);
    pg_query_free_split_result(oracle);
}

static char *corpus_read(void)
{
    char *sql = NULL;

    cr_assert(g_file_get_contents(TEST_DATA "/unit/sql/corpus/postgres.sql", &sql, NULL, NULL));
    return sql;
}

Test(oracle_postgres, the_corpus)
{
    g_autofree char *sql = corpus_read();

    expect_same_split(sql);
    pg_query_exit();
}

Test(oracle_postgres, statements_in_random_order_and_layout)
{
    static const char *const BETWEEN[] = {
        "; ", ";", ";\n\n;", "; -- ' ; \n", "/* ; /* $$ */ */;/**/", "\r\n;\r\n", "--;\n;"};
    g_autofree char *sql = corpus_read();
    g_autofree char *problems = NULL;
    g_autoptr(Script) script = split_text(DIALECT_POSTGRES, sql, &problems);
    g_autoptr(GRand) random = g_rand_new_with_seed(4711);

    for (int round = 0; round < 300; round++) {
        g_autoptr(GString) mixed = g_string_new(NULL);
        int count = g_rand_int_range(random, 1, 12);
        for (int i = 0; i < count; i++) {
            g_autofree char *statement = script_statement_text(
                script, (unsigned)g_rand_int_range(random, 0, (gint32)script_length(script)));
            g_string_append(mixed, statement);
            g_string_append(mixed, BETWEEN[g_rand_int_range(random, 0, G_N_ELEMENTS(BETWEEN))]);
        }
        expect_same_split(mixed->str);
    }
    pg_query_exit();
}
#endif
