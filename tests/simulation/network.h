/* Network: the drivers of a simulation. Their connections lead to databases in memory, take virtual time, and
 * break where they are told to. This program's postgres_driver, mysql_driver and sqlite_driver take the place
 * of the real ones, so everything above the drivers is what ships. One thread. */
#pragma once

#include "database.h"
#include "virtual_time.h"

/* What goes wrong. */
typedef enum FaultKind {
    FAULT_NONE,
    FAULT_REFUSED,       /* the server says no to a connection or a statement, with `error_class` */
    FAULT_HANGS,         /* it ends by its timeout, or a statement by a cancel */
    FAULT_NEVER_ARRIVED, /* the connection breaks; nothing of the call reached the server */
    FAULT_BROKEN,        /* it breaks in the middle: what came before the statement ran */
    FAULT_UNANSWERED,    /* it breaks and the server runs what it was sent */
    FAULT_CRASH          /* the whole server goes down for `lasts_us` */
} FaultKind;

typedef struct Fault {
    FaultKind kind;
    DbErrorClass error_class;
    gint64
        lasts_us; /* how long the session lives on after its client; it does what is left of the call then */
} Fault;

/* Where it goes wrong. */
typedef enum FaultPlace { AT_CONNECT = 1 << 0, AT_CALL = 1 << 1, AT_STATEMENT = 1 << 2 } FaultPlace;

typedef struct Network Network;

/* Asked before each connecting, call, and statement of a call. */
typedef Fault (*FaultOracle)(gpointer context, FaultPlace place);

Network *network_new(VirtualTime *time, GRand *random);
void network_free(Network *self);
/* The one that the drivers lead to; NULL: none. */
void network_use(Network *self);
/* Owned by the network; found by the name in a target's URL. */
Database *network_add(Network *self, const char *name, Dialect dialect);
/* `oracle` NULL: nothing goes wrong. */
void network_set_faults(Network *self, FaultOracle oracle, gpointer context);
/* All calls are printed. */
void network_trace(Network *self);
/* Every session that still lives without a client ends. */
void network_settle(Network *self);
unsigned network_connections(const Network *self);
