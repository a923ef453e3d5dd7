/* Drift result: what comparing a selection with what its revisions say has found, as plain values: each
 * target's verdict, clusters of targets with the same schema, what differs object by object. The dev room
 * fills it, the report room renders it. Immutable once made. */
#pragma once

#include "inventory/fleet.h"
#include "schema/diff.h"

typedef enum DriftVerdict {
    DRIFT_NONE,        /* the schema is the expected one */
    DRIFT_FOUND,       /* it differs */
    DRIFT_UNJUDGED,    /* reached, and not judged: the reason says why */
    DRIFT_UNREACHABLE, /* the reason says why */
    DRIFT_ABSENT,      /* the database is not there yet; a run makes it */
    DRIFT_INACTIVE     /* not looked at */
} DriftVerdict;
#define DRIFT_VERDICT_COUNT (DRIFT_INACTIVE + 1)
/* "clean", "drifted", "unjudged", "unreachable", "absent", "inactive": stable names for JSON. */
const char *drift_verdict_name(DriftVerdict verdict);

/* Where the expected schema came from. */
typedef enum DriftBasis {
    DRIFT_BY_REVISIONS, /* the revisions below the heads, run on a scratch database */
    DRIFT_BY_PEERS      /* what most targets at the same heads have */
} DriftBasis;
const char *drift_basis_name(DriftBasis basis); /* "revisions", "peers" */

typedef enum DriftKind { DRIFT_MISSING, DRIFT_EXTRA, DRIFT_CHANGED } DriftKind;
const char *drift_kind_name(DriftKind kind); /* "missing", "extra", "changed" */

typedef struct DriftAttribute {
    char *name;
    char *expected; /* NULL: not set */
    char *found;
} DriftAttribute;

/* One object that differs. */
typedef struct DriftDifference {
    DriftKind kind;
    SchemaKind object;
    char *key;
    bool with_parent;      /* its table is missing or extra as well */
    GPtrArray *attributes; /* of DriftAttribute *; DRIFT_CHANGED only */
} DriftDifference;

/* The statements that lead from what is there to what is expected. */
typedef struct DriftRepair {
    char *sql;           /* NULL: none could be written */
    char *problem;       /* why none was written, or why the proof failed; NULL */
    bool is_proven;      /* tried on a scratch database, and led to the expected schema */
    unsigned statements; /* in `sql` */
    unsigned data_loss;  /* of them: what is gone for good once it ran */
} DriftRepair;

/* Targets of one dialect and server family at the same heads with the same schema, and one verdict. */
typedef struct DriftCluster {
    DriftVerdict verdict; /* DRIFT_NONE, DRIFT_FOUND or DRIFT_UNJUDGED */
    DriftBasis basis;
    Dialect dialect;
    bool one_schema;    /* each target is one schema of a database, "@" in keys */
    char *server;       /* "PostgreSQL 15" */
    char **heads;       /* may be empty: base */
    char *other_tracks; /* "billing at b1": what else made this schema; NULL: nothing */
    char *fingerprint;
    char *expected;         /* fingerprint; NULL where unjudged */
    char *reason;           /* where unjudged: one line; else NULL, or why peers were asked */
    GPtrArray *targets;     /* of const Target *, in fleet order */
    GPtrArray *differences; /* of DriftDifference *, by kind of object and key */
    DriftRepair *repair;    /* NULL: not asked for, or nothing to repair */
} DriftCluster;

typedef struct DriftTarget {
    const Target *target;
    DriftVerdict verdict;
    char *reason;                /* one line; NULL where the verdict says it all */
    char *error_class;           /* of what is unreachable; NULL */
    char *server_version;        /* NULL: never reached */
    char **heads;                /* NULL: not read */
    const DriftCluster *cluster; /* NULL: its schema was not read */
    bool from_cache;             /* not read again: nothing in its catalogs was changed since */
} DriftTarget;

typedef struct DriftResult {
    GPtrArray
        *clusters;      /* of DriftCluster *: most targets first, drifted ones behind clean ones of as many */
    GPtrArray *targets; /* of DriftTarget *, in fleet order */
    unsigned counts[DRIFT_VERDICT_COUNT]; /* targets per verdict */
    char *cache_problem;                  /* why nothing could be kept for the next time; NULL */
} DriftResult;
DriftResult *drift_result_new(void);
void drift_result_free(DriftResult *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DriftResult, drift_result_free)
DriftCluster *drift_cluster_new(void);
void drift_repair_free(DriftRepair *self); /* NULL-safe */

/* The differences of a diff from what is expected to what was found; of DriftDifference *. Caller unrefs. */
GPtrArray *drift_differences(const SchemaDiff *diff);
/* For people: "index shop.orders_day: missing", "column shop.orders.total: type is numeric(8,2), expected
 * numeric(10,2)"; long values cut to where they differ; a line for each attribute. What is missing or extra
 * with its table is left out. Of char *; caller unrefs. */
GPtrArray *drift_lines(const GPtrArray *differences);
