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
static void append_quoted(GString *text, char quote, const char *value, const char *doubled)
{
    const char *from = value;
    g_string_append_c(text, quote);
    for (const char *at; *(at = from + strcspn(from, doubled)) != '\0'; from = at + 1) {
        g_string_append_len(text, from, at + 1 - from);
        g_string_append_c(text, *at);
    }
    g_string_append(text, from);
    g_string_append_c(text, quote);
}

/* A hex literal is read the same with and without NO_BACKSLASH_ESCAPES. An introducer, not CONVERT(): it
 * stays a literal (a DEFAULT may hold it) and gives way to a column's collation. */
static void append_mysql_hex(GString *text, const char *value)
{
    g_string_append(text, "_utf8mb4 x'");
    for (const char *at = value; *at != '\0'; at++)
        g_string_append_printf(text, "%02x", (unsigned char)*at);
    g_string_append_c(text, '\'');
}

void sql_append_ident(GString *sql, Dialect dialect, const char *name)
{
    if (dialect_is_mysql_family(dialect))
        append_quoted(sql, '`', name, "`");
    else
        append_quoted(sql, '"', name, "\"");
}

void sql_append_literal(GString *sql, Dialect dialect, const char *value)
{
    if (value == NULL) {
        g_string_append(sql, "NULL");
    } else if (strchr(value, '\\') == NULL || dialect == DIALECT_SQLITE) {
        append_quoted(sql, '\'', value, "'");
    } else if (dialect_is_mysql_family(dialect)) {
        append_mysql_hex(sql, value);
    } else {
        g_string_append_c(sql, 'E');
        append_quoted(sql, '\'', value, "'\\");
    }
}

/* Room for a text in which nothing has to be doubled. */
static GString *quoting_begin(const char *value)
{
    return g_string_sized_new(value ? strlen(value) + sizeof "''" : sizeof "NULL");
}

char *sql_quote_ident(Dialect dialect, const char *name)
{
    GString *text = quoting_begin(name);
    sql_append_ident(text, dialect, name);
    return g_string_free(text, FALSE);
}

char *sql_quote_literal(Dialect dialect, const char *value)
{
    GString *text = quoting_begin(value);
    sql_append_literal(text, dialect, value);
    return g_string_free(text, FALSE);
}
