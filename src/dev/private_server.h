/* Private servers: a PostgreSQL, MariaDB or MySQL of one command's own, started from the installed binaries
 * in a private folder, reached by a unix socket only, gone afterwards however the command ends. Data is not
 * kept safe from crashes of the computer: there is none worth it. Root starts them as a system user, since
 * they refuse root. Main thread, or one at a time. */
#pragma once

#include "base/db_url.h"
#include "sql/dialect.h"

/* ---- Binaries ---- */

struct PrivateKind;

/* What is installed of one server in one version. */
typedef struct PrivateBinaries {
    const struct PrivateKind *kind;
    char *server;    /* path of the program that is the server */
    char *installer; /* path of the one that makes a data folder */
    char *version;   /* "PostgreSQL 15.18", as ServerInfo.version */
} PrivateBinaries;
void private_binaries_free(PrivateBinaries *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivateBinaries, private_binaries_free)

/* The newest installed server of the dialect (MySQL: MariaDB if there is no other) for which `fits` says true
 * of its version; NULL: any. NULL with DEV_ERROR_NO_SERVER (nothing is installed: which package to install)
 * or DEV_ERROR_VERSION (but nothing that fits `wanted`). */
PrivateBinaries *private_binaries_find(Dialect dialect, const char *wanted,
                                       bool (*fits)(const char *version, gconstpointer context),
                                       gconstpointer context, GError **error);

/* ---- Servers ---- */

typedef struct PrivateServer PrivateServer;

/* Started and answering. Errors of DEV_ERROR_NO_SERVER with what the programs said, DB_ERROR_CANCELLED after
 * an interrupt. */
PrivateServer *private_server_start(const PrivateBinaries *binaries, GError **error);
/* Stops it and deletes its folder. NULL-safe. */
void private_server_free(PrivateServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivateServer, private_server_free)
/* Of a superuser without password. Owned by the server. */
const DbUrl *private_server_url(const PrivateServer *self);

/* Folders of servers whose command is gone and that are still there (kill -9 of both it and its guard); of
 * char *. Caller unrefs. */
GPtrArray *private_server_leftovers(void);
/* Ends what runs in it, and deletes it. */
bool private_server_prune(const char *folder, GError **error);
