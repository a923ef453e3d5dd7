/* Spare connections: those that a probe made and leaves for the run behind it, so that no target is connected
 * to twice. Only sessions that can be promoted are kept, and of those that a server has free no more than a
 * quarter: a fleet must not shut the applications out. Who waits too long is closed. Any thread. */
#pragma once

#include "drivers/driver.h"
#include "inventory/fleet.h"

typedef struct SpareConnections SpareConnections;

/* `run_id`: of the run that they are for; they bear its name from the beginning. */
SpareConnections *spare_connections_new(const char *run_id);
void spare_connections_free(SpareConnections *self); /* closes what is left; NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpareConnections, spare_connections_free)
const char *spare_connections_run(const SpareConnections *self);

/* Takes over a connection of this target; false: it may not be kept and is still the caller's. `per_host`:
 * the most of one server; 0: no limit but the server's. */
bool spare_connections_keep(SpareConnections *self, const Target *target, Connection *connection,
                            unsigned per_host);
/* The target's connection, promoted, now the caller's; NULL: none was kept, or it is of no use any more. */
Connection *spare_connections_take(SpareConnections *self, const Target *target);
/* Closes those that were left alone for a minute: the run is at something else. NULL-safe. */
void spare_connections_expire(SpareConnections *self);
/* Closes all, since others are wanted now. NULL-safe. */
void spare_connections_close(SpareConnections *self);
/* A server takes no more connections: closes all and keeps none from now on. True if that made room.
 * NULL-safe.
 */
bool spare_connections_give_up(SpareConnections *self);
