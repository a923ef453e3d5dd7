/* Dev servers: where scratch databases are made, one for each dialect that is asked for, as `dev:` in
 * dbfleet.yaml says: a URL, "auto" (a private server started from the installed binaries, on a unix socket in
 * a private folder, stopped and removed afterwards), or for SQLite ":memory:". What is not said is auto.
 * Never a target's server unless a person named it under `dev:`. Main thread; scratches made from it belong
 * to one thread each. */
#pragma once

#include "drivers/driver.h"
#include "inventory/project.h"
#include "inventory/secret.h"

typedef struct DevServers DevServers;

/* Connects to nothing yet. Everything is borrowed. */
DevServers *dev_servers_new(const Project *project, SecretStore *secrets);
/* Stops the private servers. All scratches must be gone. NULL-safe. */
void dev_servers_free(DevServers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DevServers, dev_servers_free)

/* ---- Scratch databases ---- */

/* What a database was created with, so that a scratch can be made like it. A zeroed one: the server's
 * defaults. */
typedef struct ScratchLike {
    char *version;        /* of the server, as ServerInfo.version; a scratch must be of the same family */
    char *encoding;       /* PostgreSQL encoding; character set of the database on MariaDB */
    char *collation;      /* LC_COLLATE; collation of the database on MariaDB */
    char *ctype;          /* LC_CTYPE */
    char *provider;       /* locale provider and its locale: "i:de-DE"; NULL: libc */
    char *sql_mode;       /* MariaDB, MySQL */
    GHashTable *settings; /* name -> value of what else changes how DDL is read there; NULL: none */
} ScratchLike;
void scratch_like_clear(ScratchLike *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ScratchLike, scratch_like_clear)
/* Reads it from a target. */
bool scratch_like_read(ScratchLike *self, Connection *connection, GError **error);

typedef struct Scratch {
    DevServers *servers;
    Connection *connection;
    Dialect dialect; /* MariaDB and MySQL are told apart once connected */
    char *name;      /* of the database; ":memory:" or a file for SQLite */
    char *schema;    /* the schema that stands for a target's own; NULL: the whole database counts */
} Scratch;

/* An empty database. `like` NULL: defaults. `schema`: also makes this schema and works in it (a target that
 * is one schema of a database); NULL: none. Errors of DB_ERROR, or DEV_ERROR with what to write under `dev:`.
 */
Scratch *scratch_new(DevServers *servers, Dialect dialect, const ScratchLike *like, const char *schema,
                     GError **error);
/* A database with the same schema and rows, as cheap as the server has it (TEMPLATE, the backup API), or NULL
 * with DEV_ERROR_NO_COPY where it has no way: then the caller makes it again. May connect `self` anew: nobody
 * else is in its database, and what its session kept to itself is gone. */
Scratch *scratch_copy(Scratch *self, GError **error);
/* Drops what this made, and nothing else. NULL-safe. */
void scratch_free(Scratch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scratch, scratch_free)

/* What killed processes left, as char *: "postgres dbfleet_dev_…" for databases on the servers that dev:
 * names whose lock nobody holds, "sqlite FILE", "server FOLDER" for private servers; and removes it, going on
 * behind what cannot be, which is the error. Caller unrefs. */
GPtrArray *dev_servers_leftovers(DevServers *self, GError **error);
bool dev_servers_prune(DevServers *self, GPtrArray *leftovers, GError **error);

#define DEV_ERROR (dev_error_quark())
GQuark dev_error_quark(void);
typedef enum DevError {
    DEV_ERROR_NO_SERVER, /* none configured, and no binaries to start one from; the message says what to do */
    DEV_ERROR_VERSION,   /* the dev server is of another version than the target */
    DEV_ERROR_NO_COPY,
    DEV_ERROR_STATEMENT, /* a statement of a user's file failed; the message has file and line */
    DEV_ERROR_REVISION   /* a revision has no section for the dialect, or cannot be taken there */
} DevError;
