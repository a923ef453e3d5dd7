/* Database URL: where one database is. Parsed from
 *   postgresql://user:password@host:port/database?sslmode=…   (also postgres://; a host list with commas;
 * host=/socket/folder) mysql://…  mariadb://…                                     (socket=/path for a unix
 * socket) sqlite:relative/path.db   sqlite:///absolute/path.db   sqlite::memory: Parts are percent-decoded.
 * In a user or password '@' '/' '?' '#' '%' must be written %40 %2F %3F %23 %25; an unescaped one is an error
 * that says so. A "${…}" anywhere is opaque: no delimiter in it counts, and it is kept as it is, so a URL
 * with secret references can be parsed before they are resolved. Immutable after parsing; any thread may
 * read. Knows no driver: which scheme has one is the drivers' business. The password is never part of any
 * text made here. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct DbUrlParameter {
    char *name;
    char *value;
} DbUrlParameter;

typedef struct DbUrl {
    char
        *scheme; /* lower case, as written: postgresql, postgres, mysql, mariadb, sqlite (for sqlite3: too) */
    char *user;  /* NULL: the client's default */
    char *password;     /* NULL: none in the URL; "?password=" ends up here, as "?user=" and "?dbname=" do in
                           theirs */
    char *host;         /* NULL: the client's default; IPv6 without brackets; "a,b" stays a list */
    char *port;         /* NULL: the client's default; "5432,5433" for a list */
    char *database;     /* for sqlite the path as written; NULL: the client's default */
    GArray *parameters; /* of DbUrlParameter, in order */
} DbUrl;

#define DB_URL_ERROR (db_url_error_quark())
GQuark db_url_error_quark(void);
typedef enum DbUrlError { DB_URL_ERROR_SYNTAX } DbUrlError;

/* NULL and an error whose message never holds the password. */
DbUrl *db_url_parse(const char *text, GError **error);
/* The URL of a SQLite file; the path is taken as it is, without percent-decoding. */
DbUrl *db_url_new_sqlite(const char *path);
DbUrl *db_url_copy(const DbUrl *self);
void db_url_free(DbUrl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DbUrl, db_url_free)

/* Value of the query parameter, or NULL. */
const char *db_url_parameter(const DbUrl *self, const char *name);
bool db_url_is_sqlite(const DbUrl *self);
/* The host or list of hosts, wherever the URL says it; NULL: the client's default. */
const char *db_url_host(const DbUrl *self);
/* The same for the port, or the default one of its family; NULL: it has none. */
const char *db_url_port(const DbUrl *self);

/* For people: the URL with the password as *** if there is one; parameters whose name speaks of a secret
 * (password, sslpassword, token, …) too. Caller frees. */
char *db_url_display(const DbUrl *self);
/* What tells two databases apart: scheme family, host, port, database (sqlite: the absolute path); no user,
 * no secrets, no parameters but host, port, socket. Default ports are filled in; a PostgreSQL URL without
 * database means the one named like the user. Caller frees. */
char *db_url_endpoint(const DbUrl *self);
/* The server part of the endpoint: what per_host counts. For sqlite the empty string. Caller frees. */
char *db_url_server(const DbUrl *self);
