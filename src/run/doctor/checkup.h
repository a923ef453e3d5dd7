/* Checkup: what doctor found, as plain values: here, per server, per target. The run room fills it, the
 * report room renders it. Immutable once made. */
#pragma once

#include "base/finding.h"
#include "inventory/fleet.h"
#include "plans/planner.h"

typedef struct CheckupTarget {
    const Target *target;
    const char *server_version; /* of the state; NULL if never reached */
    bool unreachable;
    GPtrArray *findings; /* of Finding *: what is the server's is left out */
} CheckupTarget;

typedef struct CheckupServer {
    const char *name; /* "db2:5432"; "": files */
    const char *version;
    unsigned targets;
    unsigned unreachable;
    gint64 connections_max;      /* 0: not known */
    gint64 connections_in_use;   /* by others than dbfleet */
    unsigned connections_wanted; /* that a run would have open at once */
    bool clock_is_told;
    GPtrArray *findings; /* of Finding * */
} CheckupServer;

typedef struct Checkup {
    GPtrArray *local;   /* of Finding *, FINDING_OK among them */
    GPtrArray *servers; /* of CheckupServer *, in fleet order */
    GPtrArray *targets; /* of CheckupTarget *, active ones only, in fleet order */
    unsigned inactive;  /* targets that are not looked at */
    FindingLevel worst; /* of all but unreachable targets */
    unsigned unreachable;
} Checkup;
void checkup_free(Checkup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Checkup, checkup_free)
/* The worst level found in a target (an unreachable one is FINDING_ERROR). */
FindingLevel checkup_target_level(const CheckupTarget *self);
