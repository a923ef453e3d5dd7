/* Scratch pool: databases of this program's own on the test servers, made new for each use. */
#pragma once

#include "dev/dev_servers.h"

/* One database, dropped and made again by each pool_scratch(). */
typedef struct ScratchSlot {
    Scratch scratch;
    Dialect dialect;
    char *name;
    Connection *admin; /* NULL: needs none (SQLite) */
} ScratchSlot;

/* False and an error if the test server is not said or not there. */
bool scratch_slot_init(ScratchSlot *self, Dialect dialect, const char *suffix, GError **error);
void scratch_slot_clear(ScratchSlot *self); /* drops the database */
/* An empty database; the slot's own. */
Scratch *scratch_slot_fresh(ScratchSlot *self, GError **error);
/* Runs the statements of a text one by one; roles that are missing are made. */
bool scratch_load(Scratch *scratch, const char *text, const char *what, GError **error);
