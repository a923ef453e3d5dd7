/* What the tests of the splitter share: a script in, its statements as text out. */
#pragma once

#include <criterion/criterion.h>
#include <stdarg.h>
#include <string.h>

#include "sql/script.h"

/* The script, or NULL with the problems as text in *problems. */
static inline Script *split_text(Dialect dialect, const char *sql, char **problems)
{
    g_autoptr(Diagnostics) diagnostics = diagnostics_new();
    Script *script = script_split(sql, strlen(sql), dialect, (SourcePlace){"a.sql", 1, 1}, diagnostics);

    cr_assert_eq(script == NULL, diagnostics_has_errors(diagnostics));
    *problems = diagnostics_to_string(diagnostics);
    return script;
}

/* The statements that `sql` splits into are exactly those that follow, up to a NULL. */
static inline void expect_statements(Dialect dialect, const char *sql, ...)
{
    g_autofree char *problems = NULL;
    g_autoptr(Script) script = split_text(dialect, sql, &problems);
    unsigned count = 0;
    va_list expected;

    cr_assert_not_null(script, "%s: %s\n%s", dialect_name(dialect), problems, sql);
    va_start(expected, sql);
    for (const char *text = va_arg(expected, const char *); text != NULL;
         text = va_arg(expected, const char *)) {
        g_autofree char *found = NULL;
        cr_assert_lt(count, script_length(script), "%s: only %u statements, no <%s>\n%s",
                     dialect_name(dialect), script_length(script), text, sql);
        found = script_statement_text(script, count++);
        cr_expect_str_eq(found, text, "%s: <%s> instead of <%s>", dialect_name(dialect), found, text);
    }
    va_end(expected);
    cr_expect_eq(count, script_length(script), "%s: %u statements instead of %u\n%s", dialect_name(dialect),
                 script_length(script), count, sql);
}

/* `sql` is refused, and what is told is exactly `problems`. */
static inline void expect_problems(Dialect dialect, const char *sql, const char *problems)
{
    g_autofree char *found = NULL;
    g_autoptr(Script) script = split_text(dialect, sql, &found);

    cr_expect_null(script, "%s: not refused: %s", dialect_name(dialect), sql);
    cr_expect_str_eq(found, problems, "%s: <%s> instead of <%s>", dialect_name(dialect), found, problems);
}
