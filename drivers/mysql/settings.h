/* Settings of a MySQL connection: from URL, inventory and option files to what the client library is told.
 * Only the files of this folder use it. */
#pragma once

#include "drivers/driver.h"

#include "drivers/libmariadb_late.h"

/* How far TLS is wanted; libpq's words and meaning (PostgreSQL manual 34.19.3), so that one inventory needs
 * one vocabulary. */
typedef enum MysqlTls {
    MYSQL_TLS_DISABLE,
    MYSQL_TLS_PREFER,
    MYSQL_TLS_REQUIRE,
    MYSQL_TLS_VERIFY_CA,
    MYSQL_TLS_VERIFY_FULL
} MysqlTls;

typedef enum MysqlText {
    MYSQL_TEXT_CA,
    MYSQL_TEXT_CA_FOLDER,
    MYSQL_TEXT_CERTIFICATE,
    MYSQL_TEXT_KEY,
    MYSQL_TEXT_CRL,
    MYSQL_TEXT_CIPHER,
    MYSQL_TEXT_TLS_VERSION,
    MYSQL_TEXT_PLUGIN_FOLDER,
    MYSQL_TEXT_AUTH_PLUGIN,
    MYSQL_TEXT_COUNT
} MysqlText;

/* Immutable after mysql_settings_new(). */
typedef struct MysqlSettings {
    char *user;     /* NULL: the library's default, the name of the system user */
    char *password; /* NULL: the library's default, MYSQL_PWD or none */
    char *host;     /* NULL: this machine */
    unsigned port;  /* 0: the library's default */
    char *socket;   /* NULL: none given */
    bool tcp;       /* even to localhost, which otherwise means the socket */
    char *database;
    char *application_name;
    MysqlTls tls;
    char *texts[MYSQL_TEXT_COUNT]; /* NULL: not set */
    unsigned connect_timeout_ms;
} MysqlSettings;

/* Query parameters that URLs of this driver may have, NULL-terminated. */
extern const char *const mysql_url_parameters[];

/* What the URL leaves out comes from the option files, unless the URL says defaults=off. NULL and
 * DB_ERROR_UNSUPPORTED for values that make no sense. */
MysqlSettings *mysql_settings_new(const ConnectOptions *options, GError **error);
/* True if they lead to the same server as the same user in the same way; only the database may differ. */
bool mysql_settings_differ_in_database_only(const MysqlSettings *self, const MysqlSettings *other);
/* Wipes the password. NULL-safe. */
void mysql_settings_free(MysqlSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MysqlSettings, mysql_settings_free)

/* An authenticated connection in the database `database` (NULL: none); every wait until then is bounded by
 * `timeout_ms` (0: not), none after it. Caller closes with mysql_close(). */
MYSQL *mysql_settings_connect(const MysqlSettings *self, const char *database, unsigned timeout_ms,
                              GError **error);
