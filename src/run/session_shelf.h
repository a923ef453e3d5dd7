/* Session shelf: sessions that have read one target and may read another, so that a server is not logged in
 * to for each of its databases. It lives as long as one probe. Readings and idle sessions together are never
 * more than may read at a time: no server holds more of ours than if each reading connected. Any thread. A
 * shelf that is NULL has no place: every reading connects and closes. */
#pragma once

#include "drivers/driver.h"

typedef struct SessionShelf SessionShelf;

/* `most`: how many may read at a time. */
SessionShelf *session_shelf_new(unsigned most);
void session_shelf_free(SessionShelf *self); /* closes what is left */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionShelf, session_shelf_free)

/* Begins a reading that is to have a session, until session_shelf_leave(). Returns one that
 * connection_can_move() to where the options say, now the caller's; NULL: there is none. Idle ones that would
 * be too many beside all that read are closed before this returns. `per_host`: the most of the target's
 * server (0: no limit), for which those of all servers count: which are one is not known. */
Connection *session_shelf_take(SessionShelf *self, const ConnectOptions *options, unsigned per_host);
/* The reading is over. Takes over its session (NULL: it has none), and closes one that can serve no other. */
void session_shelf_leave(SessionShelf *self, Connection *session);
/* A server takes no more connections: closes all. True if that made room. */
bool session_shelf_clear(SessionShelf *self);
