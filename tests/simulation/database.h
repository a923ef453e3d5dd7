/* Database: what a server keeps of one target in a simulation: version rows, history rows, and how often each
 * statement of a revision took effect. Sessions change it as a server would: in a transaction, or at once;
 * they hold its lock, and die. Knows the texts that drivers/version_store.h makes and the few forms of
 * statements that the simulation's revisions have; lets what it does not know pass without an effect. One
 * thread. */
#pragma once

#include "drivers/driver.h"

/* Everything that a transaction can take back. */
typedef struct Kept {
    bool has_version;
    bool has_history;
    GPtrArray *rows;     /* of char *: version_num */
    GPtrArray *history;  /* of GHashTable *: column -> value; shared with copies and never changed in place */
    GHashTable *effects; /* statement -> how often it took effect */
    char *picture;       /* what a session put into its variable for one; NULL */
} Kept;

typedef struct Session Session;

typedef struct Database {
    char *name;
    Dialect dialect;
    bool transactional; /* DDL can be rolled back */
    Kept *kept;
    Session *holder;      /* of the lock; NULL: nobody */
    GPtrArray *lingering; /* of Session *: their client is gone, they are not */
    gint64 rival_until;   /* another dbfleet holds the lock until then */
    char *wrong;          /* what must never happen and did; NULL */
} Database;

Database *database_new(const char *name, Dialect dialect);
void database_free(Database *self);
/* Ends the sessions that linger until then or shorter. */
void database_pass(Database *self, gint64 now);
unsigned database_effect(const Database *self, const char *statement);
/* The newest history row of a revision in a direction; NULL: there is none. */
GHashTable *database_history(const Database *self, const char *revision, const char *direction);
/* Names what must never happen; the first one stays. */
void database_complain(Database *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* ---- Sessions ---- */

struct Session {
    Database *database;
    Kept *pending;    /* what its open transaction sees; NULL: none is open */
    const Kept *base; /* what it began from */
    bool aborted;     /* an error ended its transaction, of which the client was not told the end yet */
    gint64 hit;       /* rows that its last statement changed */
    bool ended;
    gint64 lingers_until;
    GPtrArray *left; /* of char *: statements that it runs when its time comes; NULL */
};

Session *session_new(Database *database);
/* Ends it, as a server does once the client is gone: rolled back, lock free. The memory stays. */
void session_end(Session *self);
void session_free(Session *self); /* ends it first */
bool session_lock(Session *self, gint64 now);
void session_unlock(Session *self);
/* Runs one statement. `rows` gets what it returns, if it is not NULL. */
bool session_run(Session *self, const char *sql, RowSet **rows, GError **error);
/* An error that the server reports instead of running a statement: what becomes of the transaction. */
void session_refuse(Session *self, DbErrorClass error_class);
/* The client is gone and the server does not know it yet: at `until` the session runs what is `left` (taken
 * over; NULL: nothing) and ends. The database owns it from here. */
void session_linger(Session *self, gint64 until, GPtrArray *left);
