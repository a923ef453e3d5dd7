/* What the files of the PostgreSQL driver share. */
#pragma once

#include "drivers/registry_internal.h"

#include "drivers/libpq_late.h"
#include <pthread.h>

/* A setting of our sessions. */
typedef struct PostgresSetting {
    const char *name;
    char *value;
    bool is_default; /* it is PostgreSQL's own, so that most sessions have it without us */
    bool at_start;   /* it is among the options that a session may begin with */
    bool given;      /* the session began with it; known once it stands */
    int since;       /* server version; 0: any */
} PostgresSetting;

typedef struct PostgresConnection {
    Connection base;
    PGconn *conn;
    GArray *settings; /* of PostgresSetting: what is to be set after RESET ALL, "read only" left out */
    char *mark; /* what it was told with postgres_options() that no other is; NULL: it has no such options */
    char *said_options; /* those among them that the user said; NULL: none */
    char *search_path;  /* SET; NULL: no schema is wanted */
    char *origin;       /* postgres_origin() of what it was opened with */
    char *id;           /* pg_backend_pid(): behind a pooler not what the handshake said */
    unsigned statement_timeout_ms;
    bool read_only;               /* no transaction may write */
    bool promoted;                /* and that is to be lifted with the next lock */
    GError *not_writable;         /* why nothing can be changed here; NULL: it can */
    pthread_mutex_t cancel_mutex; /* guards the two below: the only members that another thread touches */
    PGcancel *cancel;             /* NULL once closing */
    bool cancelled;               /* cancel was asked for and no statement has failed from it yet */
} PostgresConnection;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)

/* ---- connect.c ---- */

/* URL parameters that the driver understands: names of libpq's (manual 34.1.2). NULL-terminated. */
extern const char *const postgres_parameters[];

Connection *postgres_connect(const ConnectOptions *options, GError **error);
void postgres_close(Connection *base);
/* Waits until the socket is ready for `events` of poll(2). False once `deadline` (g_get_monotonic_time(); 0:
 * none) has passed. */
bool postgres_wait(PGconn *conn, short events, gint64 deadline);
/* When a connection with these options must stand, as postgres_wait() takes it. */
gint64 postgres_deadline(const ConnectOptions *options);

/* ---- gss.c ---- */

/* The gssencmode (libpq manual 34.1.2) that spares libpq a search where it would find nothing; NULL: leave it
 * to libpq. */
const char *postgres_gssencmode(const DbUrl *url);

/* ---- session.c ---- */

/* What a session with these options is to have: self->settings, self->search_path. Before it begins. */
void postgres_choose_settings(PostgresConnection *self, const ConnectOptions *options);
/* Settings that the session is to begin with, as libpq's keyword `options` (manual 34.1.2), behind what the
 * user has said there; NULL: it can only be told by SET. Caller frees. */
char *postgres_options(PostgresConnection *self, const ConnectOptions *options);
/* False and the error of a pooler that nobody has vouched for. `words`: its own; NULL: they would say no
 * more. */
bool postgres_refuse_pooler(const PostgresConnection *self, const char *words, GError **error);
/* Puts the rest of the settings in force, learns who the server is, and refuses what dbfleet cannot work
 * with. */
bool postgres_session_start(PostgresConnection *self, const ConnectOptions *options, gint64 deadline,
                            GError **error);
void postgres_add_restore(Connection *base, Batch *batch);
bool postgres_promote(Connection *base, GError **error);
gint64 postgres_free_connections(Connection *base);
/* SET of the schema that the options name; NULL: they name none. Caller frees. */
char *postgres_search_path(const ConnectOptions *options);
/* Adds what is to be read first (NULL: nothing), and takes what came of it behind `count` items of ours, with
 * `error`, which it takes over. */
void postgres_add_first(const FirstRead *first, Batch *batch);
void postgres_take_first(FirstRead *first, BatchResult *answer, unsigned count, GError *error);
/* Adds what a promotion takes, if it was not sent yet. */
void postgres_add_promotion(const PostgresConnection *self, Batch *batch);

/* ---- move.c ---- */

/* A digest of all that makes a session but its schema. Caller frees. */
char *postgres_origin(const ConnectOptions *options);
bool postgres_can_move(const Connection *base, const ConnectOptions *options);
bool postgres_move(Connection *base, const ConnectOptions *options, GError **error);

/* ---- execute.c ---- */

bool postgres_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error);
/* The whole batch in one message, whatever it is: only what dbfleet itself asks, since rows that nobody wants
 * are held, too. */
bool postgres_send_own(PostgresConnection *self, const Batch *batch, BatchResult *result, GError **error);
/* The same; the first `bounded` items must be answered by the deadline, as
 * postgres_wait() takes it. */
bool postgres_send_by(PostgresConnection *self, const Batch *batch, unsigned bounded, gint64 deadline,
                      BatchResult *result, GError **error);

/* ---- lock.c ---- */

bool postgres_try_lock(Connection *base, const char *key, const Batch *then, bool *held, BatchResult *result,
                       GError **error);
void postgres_unlock(Connection *base, const char *key);
void postgres_add_unlock(Connection *base, const char *key, Batch *batch);
char *postgres_lock_holder(Connection *base, const char *key);

/* ---- blockers.c ---- */

const char *postgres_session_id(const Connection *base);
bool postgres_blockers(Connection *watch, const char *session_id, LockWait *wait, char **text,
                       GError **error);

/* ---- client.c ---- */

extern const char *const postgres_dump_programs[];
bool postgres_client_access(Connection *base, const char *folder, ClientAccess *access, GError **error);
char **postgres_dump_arguments(Connection *base, const char *program, const ClientAccess *access,
                               const char *schema, const char *path);

/* ---- errors.c ---- */

/* The error of a connection attempt that failed. The connection was started with PQERRORS_VERBOSE. */
GError *postgres_connect_error(const PGconn *conn);
/* True for what a pooler answers to options that a session is to begin with; a server never does. */
bool postgres_refuses_options(const GError *connect_error);
/* The error of a result. `waited_us` since the message was sent tells a statement timeout from somebody's
 * cancel. */
GError *postgres_result_error(PostgresConnection *self, const PGresult *result, gint64 waited_us);
/* The error of a connection that broke: what libpq says about it. */
GError *postgres_lost_error(const PGconn *conn);

/* ---- examine.c ---- */

void postgres_examine(Connection *base, const ExamineOptions *options, Examination *examination);
