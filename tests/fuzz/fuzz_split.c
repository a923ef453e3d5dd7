/* Any bytes as a script; the first one chooses the dialect. Statements are in order, inside the text, not
 * empty and at their places; a statement split again is itself. */
#include "sql/script.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_places(const Script *script, gsize length)
{
    gsize end = 0;

    for (unsigned i = 0; i < script_length(script); i++) {
        const Statement *statement = script_at(script, i);
        SourcePlace place = script_place_of(script, statement->start);
        require(statement->length > 0 && statement->start >= end);
        end = statement->start + statement->length;
        require(place.line == statement->line && place.column == statement->column);
        if (statement->data_start != 0) {
            require(statement->kind == STATEMENT_COPY && statement->data_start > end);
            end = statement->data_start + statement->data_length;
        }
        require(end <= length);
    }
}

/* Whether what comes before a statement can change how it is read: settings and delimiters. */
static bool has_context(const Script *script, Dialect dialect)
{
    g_autofree char *text = g_ascii_strdown(script_text(script), -1);

    for (unsigned i = 0; i < script_length(script); i++) {
        StatementKind kind = script_at(script, i)->kind;
        if (kind == STATEMENT_SET || kind == STATEMENT_COPY)
            return true;
    }
    return dialect_is_mysql_family(dialect) && strstr(text, "delimiter") != NULL;
}

static void check_again(const Script *script, unsigned index, Dialect dialect)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *text = script_statement_text(script, index);
    g_autofree char *again = NULL;
    g_autoptr(Script) one = NULL;

    /* "--" begins a comment at the end of the text, but not before a delimiter; a byte order mark is skipped
     * at the start of a text only. */
    if ((dialect_is_mysql_family(dialect) && g_str_has_suffix(text, "--")) ||
        g_str_has_prefix(text, "\xEF\xBB\xBF"))
        return;
    one = script_split(text, strlen(text), dialect, (SourcePlace){NULL, 1, 1}, problems);
    require(one != NULL && script_length(one) == 1);
    again = script_statement_text(one, 0);
    require(strcmp(text, again) == 0);
    require(script_at(one, 0)->kind == script_at(script, index)->kind);
}

static void check_excerpts(const char *text, gsize length)
{
    for (gsize offset = 0; offset <= length; offset += 1 + length / 8) {
        g_autofree char *excerpt = sql_caret_excerpt(text, length, offset, (unsigned)(offset % 50));
        require(g_utf8_validate(excerpt, -1, NULL));
    }
    g_autofree char *lines = sql_first_lines(text, length, 4, 20);
    require(g_utf8_validate(lines, -1, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Dialect dialect = (Dialect)(size > 0 ? data[0] % DIALECT_COUNT : 0);
    const char *text = size > 0 ? (const char *)data + 1 : "";
    gsize length = size > 0 ? size - 1 : 0;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script = script_split(text, length, dialect, (SourcePlace){"f.sql", 1, 1}, problems);

    require((script == NULL) == diagnostics_has_errors(problems));
    check_excerpts(text, length);
    if (script == NULL)
        return 0;
    check_places(script, length);
    if (!has_context(script, dialect))
        for (unsigned i = 0; i < script_length(script); i++)
            check_again(script, i, dialect);
    return 0;
}
