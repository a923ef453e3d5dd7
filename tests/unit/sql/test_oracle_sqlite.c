/* The splitter against SQLite itself: the tail pointer of sqlite3_prepare_v2 over a corpus, sqlite3_complete
 * over random tokens. */
#include <sqlite3.h>

#include "split_support.h"

static sqlite3 *database_new(void)
{
    sqlite3 *database = NULL;

    cr_assert_eq(sqlite3_open(":memory:", &database), SQLITE_OK);
    return database;
}

/* Prepares and runs what is at *at, and moves to its tail; false if that was no statement. */
static bool run_next(sqlite3 *database, const char **at)
{
    sqlite3_stmt *statement = NULL;
    const char *start = *at;
    bool found;

    cr_assert_eq(sqlite3_prepare_v2(database, start, -1, &statement, at), SQLITE_OK, "%s\n%s",
                 sqlite3_errmsg(database), start);
    found = statement != NULL;
    while (found && sqlite3_step(statement) == SQLITE_ROW)
        ;
    cr_assert_eq(sqlite3_finalize(statement), SQLITE_OK, "%s\n%s", sqlite3_errmsg(database), start);
    return found;
}

static void expect_same_split(const char *sql)
{
    g_autofree char *problems = NULL;
    g_autoptr(Script) script = split_text(DIALECT_SQLITE, sql, &problems);
    sqlite3 *database = database_new();
    unsigned count = 0;

    cr_assert_not_null(script, "%s", problems);
    for (const char *at = sql; *at != '\0';) {
        gsize start = (gsize)(at - sql);
        const Statement *found;
        if (!run_next(database, &at))
            continue;
        cr_assert_lt(count, script_length(script), "no statement for %s", sql + start);
        found = script_at(script, count++);
        cr_expect_geq(found->start, start, "statement %u begins early", count);
        cr_expect_leq(found->start + found->length, (gsize)(at - sql), "statement %u ends late", count);
        /* Between its end and the tail is the terminator and nothing else but blanks and comments. */
        g_autofree char *rest =
            g_strndup(sql + found->start + found->length, (gsize)(at - sql) - found->start - found->length);
        const char *after = rest;
        cr_expect_not(run_next(database, &after), "statement %u ends early: <%s> is left", count, rest);
    }
    cr_expect_eq(count, script_length(script), "%u statements instead of %u", script_length(script), count);
    sqlite3_close(database);
}

Test(oracle_sqlite, the_corpus)
{
    g_autofree char *sql = NULL;

    cr_assert(g_file_get_contents(TEST_DATA "/unit/sql/corpus/sqlite.sql", &sql, NULL, NULL));
    expect_same_split(sql);
}

/* Whether the text before `end` (behind a ";") is complete and the ";" is no part of a comment: there, more
 * text would not make it incomplete. */
static bool is_complete(const char *sql, gsize start, gsize end)
{
    g_autofree char *text = g_strndup(sql + start, end - start);
    g_autofree char *more = g_strconcat(text, "x", NULL);

    return sqlite3_complete(text) && !sqlite3_complete(more);
}

static void expect_same_ends(const char *sql)
{
    g_autofree char *problems = NULL;
    g_autofree char *whole = g_strconcat(sql, "\n;", NULL);
    g_autoptr(Script) script = split_text(DIALECT_SQLITE, whole, &problems);
    bool closed = false;
    unsigned count = 0;
    gsize start = 0;

    for (gsize end = 1; whole[end - 1] != '\0'; end++) {
        closed = whole[end - 1] == ';' && is_complete(whole, start, end);
        if (!closed)
            continue;
        /* Either the next statement of the script lies before this end, or it holds none. */
        if (script != NULL && count < script_length(script) && script_at(script, count)->start < end) {
            const Statement *found = script_at(script, count++);
            cr_assert_geq(found->start, start, "statement %u of\n%s", count, whole);
            cr_assert_lt(found->start + found->length, end, "statement %u of\n%s", count, whole);
        }
        start = end;
    }
    cr_assert_eq(script != NULL, closed, "%s: %s", problems, whole);
    if (script != NULL)
        cr_assert_eq(count, script_length(script), "%u statements before %u ends\n%s", script_length(script),
                     count, whole);
}

Test(oracle_sqlite, random_tokens)
{
    static const char *const TOKENS[] = {
        "create",
        "CREATE",
        "trigger",
        "Trigger",
        "temp",
        "temporary",
        "end",
        "END",
        "begin",
        "explain",
        "explain temp",
        "explain explain create trigger",
        "explain temporary create trigger",
        "explain end create trigger",
        "explain trigger create trigger",
        "explain x create trigger",
        ";",
        ";",
        ";",
        ";",
        "select",
        "x",
        "1",
        "'a;b'",
        "\"c;\"",
        "`d;`",
        "[e;]",
        "/* ; */",
        "-- ;\n",
        "\n",
        " ",
        "\t",
        "(",
        ")",
        ",",
        "create trigger",
        "; end ;",
        "end;",
        "'it''s;'",
        "-",
        "/",
        "*",
        "end1",
        "_end",
        "$end",
        "ü",
    };
    g_autoptr(GRand) random = g_rand_new_with_seed(42);

    for (int round = 0; round < 8000; round++) {
        g_autoptr(GString) sql = g_string_new(NULL);
        int count = g_rand_int_range(random, 1, 25);
        for (int i = 0; i < count; i++) {
            g_string_append(sql, TOKENS[g_rand_int_range(random, 0, G_N_ELEMENTS(TOKENS))]);
            if (g_rand_int_range(random, 0, 4) > 0)
                g_string_append_c(sql, ' ');
        }
        expect_same_ends(sql->str);
    }
}
