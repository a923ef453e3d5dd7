/* Dialects: the SQL languages dbfleet tells apart, their names in revision files, and how each quotes. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum Dialect {
    DIALECT_POSTGRES,
    DIALECT_MYSQL,
    DIALECT_MARIADB,
    DIALECT_SQLITE,
    DIALECT_COUNT
} Dialect;

/* "postgres", "mysql", "mariadb", "sqlite": what revision files, messages and JSON call it. */
const char *dialect_name(Dialect dialect);
/* Also takes "postgresql". False if unknown. */
bool dialect_parse(const char *name, Dialect *dialect);
/* The dialect that a URL scheme stands for before anything is connected. False if unknown. */
bool dialect_from_scheme(const char *scheme, Dialect *dialect);
/* True for MySQL and MariaDB. */
bool dialect_is_mysql_family(Dialect dialect);
/* True where DDL is part of a transaction (PostgreSQL, SQLite). */
bool dialect_has_transactional_ddl(Dialect dialect);

/* An identifier in the dialect's quotes, inner quotes doubled ("a""b", `a``b`). Caller frees. */
char *sql_quote_ident(Dialect dialect, const char *name);
/* A string literal that the server reads back as `value` whatever its settings. Where a backslash occurs:
 * PostgreSQL E'…'; MySQL family _utf8mb4 x'…', which does not depend on NO_BACKSLASH_ESCAPES and is a literal
 * for DEFAULT and comparisons too, but not where only a plain string may stand (COMMENT '…'). Connections
 * speak UTF-8. NULL gives the keyword NULL. Caller frees. */
char *sql_quote_literal(Dialect dialect, const char *value);
/* The same at the end of a text. */
void sql_append_ident(GString *sql, Dialect dialect, const char *name);
void sql_append_literal(GString *sql, Dialect dialect, const char *value);
