/* Lock watch: who holds the locks that a run's sessions wait for.
 *
 * Owns one thread for the whole run, made when the first session enters. It sees which sessions have been
 * inside one call for longer than a second (or half their lock_timeout) and asks their server over a second,
 * read-only connection, of which it keeps a few. It must never hold up a run: every wait of it is bounded by
 * a timeout of a few seconds, no lock is held while it asks, and at the end it is left behind if it does not
 * come back within a second. Sessions enter, leave and ask from worker threads. */
#pragma once

#include "run/session.h"

typedef struct LockWatch LockWatch;
typedef struct WatchedSession WatchedSession;

typedef struct LockWatchOptions {
    SessionOptions session; /* outlives the watch */
    /* Once for each wait that is seen, and with LOCK_WAIT_NONE and NULL when it is seen to be over. On the
     * watch's thread, only between enter and leave of that session; must not call the watch. */
    void (*tell)(gpointer context, gpointer owner, LockWait wait, const char *text);
    gpointer context;
    /* Makes the second connections; NULL: session_request_open. */
    Connection *(*open)(const SessionRequest *request, GError **error);
} LockWatchOptions;

LockWatch *lock_watch_new(const LockWatchOptions *options);
/* When all sessions have left. NULL-safe. */
void lock_watch_free(LockWatch *self);

/* Begins to watch a session; `owner` is for tell(). `target` outlives the watch. Ends with
 * lock_watch_leave(), to be called before the connection is closed. NULL if `self` is. */
WatchedSession *lock_watch_enter(LockWatch *self, const Target *target, const Connection *connection,
                                 gpointer owner);
void lock_watch_leave(WatchedSession *session); /* NULL-safe */

/* Who held the lock that the session just failed to get: one line for a person, "unknown: …" with the reason
 * where that is so. For the same session's own thread. Caller frees. */
char *lock_watch_blocker(WatchedSession *session);
