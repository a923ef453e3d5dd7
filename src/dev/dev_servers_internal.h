/* What the files of scratch databases share: the servers, a row of functions and texts for each dialect, and
 * what a Scratch is besides what others see of it. */
#pragma once

#include "dev/dev_servers.h"
#include "dev/private_server.h"

#include <pthread.h>

/* ---- Servers ---- */

/* One server that scratch databases are made on. */
typedef struct DevServer {
    const struct ScratchEngine *engine;
    char *place;       /* for people: the URL without its password, or what was started */
    DbUrl *url;        /* of the administering connection */
    char *password;    /* NULL: the URL's own, or none */
    Connection *admin; /* NULL: none is needed */
    char *source;      /* what it was made from: the text under `dev:`, or the program that was started */
    char *family;      /* of what was started; NULL: not started by us */
    bool is_private;
    PrivateServer *process; /* NULL: none was started */
} DevServer;

struct DevServers {
    const Project *project;
    SecretStore *secrets;
    GPtrArray *servers; /* of DevServer * */
    char *prefix;       /* of the names of all databases that this makes; also the name of its lock */
    unsigned count;
    pthread_mutex_t guard; /* over all of it */
};

/* The server of that dialect, connected; `like` NULL: any version. Call with the guard held. */
DevServer *dev_servers_get(DevServers *self, Dialect dialect, const ScratchLike *like, GError **error);
/* Adds what to grant to an error about a missing right, and names the server. */
void dev_server_explain(const DevServer *self, GError **error);

/* ---- Dialects ---- */

#define SCRATCH_PREFIX "dbfleet_dev_"

typedef struct ScratchEngine {
    const char *const *keys; /* of `dev:`, the first that says something counts */
    const char *database;    /* where the administering connection goes if the URL names none; NULL: there is
                                no such connection */
    const char *grant;       /* what a role needs that may not make databases */
    const char *list;        /* SELECT of the names of databases that begin with SCRATCH_PREFIX */
    /* CREATE DATABASE. `exact` false: without what this server may lack. Caller frees. */
    char *(*create)(const char *name, const ScratchLike *like, bool exact);
    char *(*copy)(const char *name, const char *source); /* NULL: there is no way */
    char *(*drop)(const char *name, bool even_in_use);
    /* Reads what a target was created with. */
    bool (*read)(ScratchLike *like, Connection *connection, GError **error);
    /* Adds the statements (char *) that give a session the settings. */
    bool (*settings)(Connection *connection, const ScratchLike *like, GPtrArray *statements, GError **error);
} ScratchEngine;

extern const ScratchEngine scratch_postgres, scratch_mysql, scratch_mariadb, scratch_sqlite;
const ScratchEngine *scratch_engine(Dialect dialect);

/* For engines: name -> value of the rows; caller unrefs. */
GHashTable *scratch_settings_of(const RowSet *rows);
/* The value that a like gives a setting; NULL: none. */
const char *scratch_like_setting(const ScratchLike *self, const char *name);

/* ---- Scratches ---- */

typedef struct ScratchDatabase {
    Scratch base;
    DevServer *server;
    char *file;          /* SQLite: to be deleted; NULL */
    bool made;           /* the database was created */
    bool foreign_keys;   /* SQLite */
    GPtrArray *settings; /* of char *: statements that give a session the settings of the like */
} ScratchDatabase;

/* Puts the session back to how it was when the scratch was made. */
bool scratch_restore(Scratch *self, GError **error);
/* False with DB_ERROR_CANCELLED once the person has interrupted (run/signals.h). */
bool scratch_may_go_on(GError **error);
/* Several statements, one after the other. */
bool scratch_execute_all(Connection *connection, const GPtrArray *statements, GError **error);
