/* Session: a connection to one target as its inventory says, with its secrets resolved only for the moment of
 * connecting. Worker thread. */
#pragma once

#include "drivers/driver.h"
#include "drivers/version_store.h"
#include "inventory/fleet.h"
#include "inventory/secret.h"
#include "plans/target_state.h"
#include "run/session_shelf.h"

typedef struct SessionOptions {
    SecretStore *secrets;
    const char *folder; /* where relative secret files start */
    const char *run_id; /* NULL: a preview */
    bool read_only;
} SessionOptions;

/* Connects. Errors are of DB_ERROR (a secret that cannot be resolved is DB_ERROR_AUTHENTICATION naming the
 * reference). */
Connection *session_open(const Target *target, const SessionOptions *options, GError **error);

/* The same in two parts, for a connection that may be made after target and secrets are gone. */
typedef struct SessionRequest SessionRequest;
/* Resolves the secrets; holds copies only. NULL as session_open(). */
SessionRequest *session_request_new(const Target *target, const SessionOptions *options, GError **error);
/* For a database that is no target of the fleet: what it is asked has the client's own settings. Copies. */
SessionRequest *session_request_for_url(const DbUrl *url, const char *password,
                                        const SessionOptions *options);
/* No wait for the server, and none of a statement in the session, longer than this. */
void session_request_hurry(SessionRequest *self, unsigned limit_ms);
Connection *session_request_open(const SessionRequest *self, GError **error);
void session_request_free(SessionRequest *self); /* wipes the password */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionRequest, session_request_free)

/* Connects and reads the target's state as session_read_state() does, in as few round trips as the protocol
 * allows. NULL and an error if there is no connection; a connection and an error if it could not read.
 * `shelf`: whose sessions may be moved here in place of connecting; the caller gives the connection to
 * session_shelf_leave(). `per_host` as session_shelf_take() takes it. */
Connection *session_open_and_read(const Target *target, const SessionOptions *options,
                                  const char *version_table, SessionShelf *shelf, unsigned per_host,
                                  TargetState *state, GError **error);

/* The store of this target's version table. `table` outlives it. */
VersionStore session_store(const Connection *connection, const char *table);

/* Reads version rows and history into `state` in one read-only transaction; missing tables are an empty
 * state. */
bool session_read_state(Connection *connection, const VersionStore *store, TargetState *state,
                        GError **error);
/* Reads the history from the first row of `run_id` on into state->since_run; a missing table is an empty one.
 */
bool session_read_since(Connection *connection, const VersionStore *store, const char *run_id,
                        TargetState *state, GError **error);
/* The batch that reads them (for sending with a lock), and what it returned into `state`; what a long history
 * holds is read by another query. `known`: what was read of the target before (NULL: nothing), the same for
 * both. Where no step of it is open, its history is shared unless the table has newer rows, which are read by
 * another query. */
Batch *session_state_batch(const VersionStore *store, const TargetState *known);
bool session_take_state(Connection *connection, const VersionStore *store, const TargetState *known,
                        BatchResult *result, TargetState *state, GError **error);
/* The same of the history alone, which is at this item of the result. */
bool session_take_history(Connection *connection, const VersionStore *store, unsigned item,
                          BatchResult *result, TargetState *state, GError **error);
/* The version rows of what version_store_select_rows() returned, sorted. Caller frees with g_strfreev(). */
char **session_rows_from(const RowSet *rows);
/* Turns a failed connect or read into outcome, class and reason. */
void session_state_fail(TargetState *state, const Target *target, const GError *error, bool connected);
