/* Input that is large or made to hurt: time stays linear, nothing recurses, nothing crashes. */
#include <time.h>

#include "split_support.h"

/* Long enough that quadratic work would take minutes. */
#define HOSTILE_SIZE (300 * 1000)
#define HOSTILE_SECONDS 2.0

/* Of this thread's work, so that a busy machine does not count. */
static double seconds_used(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *const UNITS[] = {
    "(",
    ")",
    "'",
    "''",
    "\"",
    "`",
    "[",
    "$",
    "$a$",
    "$a",
    "$$",
    "E'",
    "E'a'\n",
    "E'a' --\n",
    "U&'",
    "/*",
    "/* */",
    "*/",
    "--\n",
    "-- ",
    "#\n",
    "/*!",
    "/*! */",
    "/*M!1 x */",
    "begin ",
    "end ",
    "case ",
    "begin;",
    "end;",
    "if ",
    "loop ",
    ";",
    "a;",
    "\\",
    "\\x\n",
    "\r\n",
    "\r",
    "delimiter",
    "delimiter,",
    "delimiter , ",
    "\ndelimiter //x",
    "delimiter \n",
    "\n delimiter //\n",
    "{{",
    "with x as (",
    "explain analyze ",
    "set statement x for ",
    "explain (",
    "copy (",
    "create trigger t begin ",
    "create procedure p() begin ",
    "create function f() begin atomic ",
    "begin not atomic ",
    "repeat until ",
    "declare x handler for ",
    "copy t from stdin;\n",
    "copy t from stdin;\n\\.\n",
    "set sql_mode=concat(",
    "set sql_mode=ansi,",
    "set sql_mode='ansi';",
    "\xEF\xBB\xBF",
    "\xff",
    "é",
    ".a\n",
    "1",
    "x",
    "alter table x detach partition ",
    "reindex (",
    "@",
    ":",
    "\n\\.",
    "\n\\.x",
};

static const char *const PREFIXES[] = {"", "delimiter $$\n", "create procedure p() begin ",
                                       "copy t from stdin;\n", "with x as (select 1) "};

static void split_hostile(const char *text, gsize length, const char *unit)
{
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
        g_autoptr(Diagnostics) problems = diagnostics_new();
        double start = seconds_used();
        g_autoptr(Script) script =
            script_split(text, length, (Dialect)dialect, (SourcePlace){"a.sql", 1, 1}, problems);
        double elapsed = seconds_used() - start;
        cr_expect_lt(elapsed, HOSTILE_SECONDS, "%s: <%s> takes %.1f s", dialect_name((Dialect)dialect), unit,
                     elapsed);
        cr_expect_eq(script == NULL, diagnostics_has_errors(problems));
        cr_expect_leq(diagnostics_count(problems, DIAGNOSTIC_ERROR), 1001);
    }
}

Test(split_hostile, repetition_is_linear)
{
    for (gsize prefix = 0; prefix < G_N_ELEMENTS(PREFIXES); prefix++) {
        for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++) {
            g_autoptr(GString) text = g_string_sized_new(HOSTILE_SIZE + 100);
            g_string_append(text, PREFIXES[prefix]);
            /* Under a sanitizer the same takes many times as long; a fifth of it still tells linear from
             * quadratic. */
            while (text->len < (prefix == 0 ? HOSTILE_SIZE : HOSTILE_SIZE / 10))
                g_string_append(text, UNITS[i]);
            split_hostile(text->str, text->len, UNITS[i]);
        }
    }
}

Test(split_hostile, random_mixtures_do_not_crash)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);

    for (int round = 0; round < 3000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        int count = g_rand_int_range(random, 1, 40);
        for (int i = 0; i < count; i++)
            g_string_append(text, UNITS[g_rand_int_range(random, 0, G_N_ELEMENTS(UNITS))]);
        split_hostile(text->str, text->len, "mixture");
    }
}

/* What every statement of any script must be, whatever it holds. */
Test(split_hostile, statements_are_in_order_and_not_empty)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(8);

    for (int round = 0; round < 3000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        Dialect dialect = (Dialect)g_rand_int_range(random, 0, DIALECT_COUNT);
        g_autoptr(Diagnostics) problems = diagnostics_new();
        g_autoptr(Script) script = NULL;
        int count = g_rand_int_range(random, 1, 15);
        gsize end = 0;
        for (int i = 0; i < count; i++)
            g_string_append(text, UNITS[g_rand_int_range(random, 0, G_N_ELEMENTS(UNITS))]);
        script = script_split(text->str, text->len, dialect, (SourcePlace){"a.sql", 1, 1}, problems);
        for (unsigned i = 0; script != NULL && i < script_length(script); i++) {
            const Statement *statement = script_at(script, i);
            SourcePlace place = script_place_of(script, statement->start);
            cr_assert(statement->length > 0 && statement->start >= end);
            end = statement->start + statement->length;
            cr_assert(end <= text->len && !g_ascii_isspace(text->str[end - 1]));
            cr_assert(place.line == statement->line && place.column == statement->column);
        }
    }
}
