/* Owns the names of the dialects and how each quotes an identifier and a literal. Does not look at SQL text
 * and does not ask a server for its settings: a literal is written so that they do not matter. Any thread. */
#include "sql/dialect.h"

#include <string.h>

typedef struct DialectName {
    const char *name;
    Dialect dialect;
    bool scheme_only; /* a URL may say it, a revision file may not */
} DialectName;

/* The first row of a dialect is its name in messages. */
static const DialectName NAMES[] = {
    {"postgres", DIALECT_POSTGRES, false}, {"postgresql", DIALECT_POSTGRES, false},
    {"mysql", DIALECT_MYSQL, false},       {"mariadb", DIALECT_MARIADB, false},
    {"sqlite", DIALECT_SQLITE, false},     {"sqlite3", DIALECT_SQLITE, true},
};

static const DialectName *dialect_row(const char *name)
{
    for (gsize i = 0; name != NULL && i < G_N_ELEMENTS(NAMES); i++)
        if (strcmp(NAMES[i].name, name) == 0)
            return &NAMES[i];
    return NULL;
}

const char *dialect_name(Dialect dialect)
{
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (NAMES[i].dialect == dialect)
            return NAMES[i].name;
    g_return_val_if_reached("unknown");
}

bool dialect_parse(const char *name, Dialect *dialect)
{
    const DialectName *row = dialect_row(name);

    if (row == NULL || row->scheme_only)
        return false;
    *dialect = row->dialect;
    return true;
}

bool dialect_from_scheme(const char *scheme, Dialect *dialect)
{
    const DialectName *row = dialect_row(scheme);

    if (row == NULL)
        return false;
    *dialect = row->dialect;
    return true;
}

bool dialect_is_mysql_family(Dialect dialect)
{
    return dialect == DIALECT_MYSQL || dialect == DIALECT_MARIADB;
}

bool dialect_has_transactional_ddl(Dialect dialect)
{
    return !dialect_is_mysql_family(dialect);
}

/* `value` in `quote`s, with `doubled` characters written twice. */
static char *text_quoted(const char *prefix, char quote, const char *value, const char *doubled)
{
    GString *text = g_string_new(prefix);
    const char *from = value;

    g_string_append_c(text, quote);
    for (const char *at; *(at = from + strcspn(from, doubled)) != '\0'; from = at + 1) {
        g_string_append_len(text, from, at + 1 - from);
        g_string_append_c(text, *at);
    }
    g_string_append(text, from);
    g_string_append_c(text, quote);
    return g_string_free(text, FALSE);
}

/* A hex literal is read the same with and without NO_BACKSLASH_ESCAPES. An introducer, not CONVERT(): it
 * stays a literal (a DEFAULT may hold it) and gives way to a column's collation. */
static char *mysql_hex_literal(const char *value)
{
    GString *text = g_string_new("_utf8mb4 x'");

    for (const char *at = value; *at != '\0'; at++)
        g_string_append_printf(text, "%02x", (unsigned char)*at);
    g_string_append_c(text, '\'');
    return g_string_free(text, FALSE);
}

char *sql_quote_ident(Dialect dialect, const char *name)
{
    return dialect_is_mysql_family(dialect) ? text_quoted("", '`', name, "`")
                                            : text_quoted("", '"', name, "\"");
}

char *sql_quote_literal(Dialect dialect, const char *value)
{
    if (value == NULL)
        return g_strdup("NULL");
    if (strchr(value, '\\') == NULL || dialect == DIALECT_SQLITE)
        return text_quoted("", '\'', value, "'");
    if (dialect_is_mysql_family(dialect))
        return mysql_hex_literal(value);
    return text_quoted("E", '\'', value, "'\\");
}
