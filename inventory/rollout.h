/* Rollout policy: how a run goes through a fleet, as `rollout:` of dbfleet.yaml or of a plan file says it.
 * Plain values: what is refused here is what cannot be read; who acts on them is the run room. Gates and
 * throttles are read-only questions whose answer decides whether the run goes on. Format:
 * docs/reference/dbfleet-yaml.md. */
#pragma once

#include "base/diagnostics.h"
#include "base/yaml_tree.h"

typedef enum GateKind {
    GATE_SQL,  /* one SELECT: each row that it returns is a reason to wait or to halt, as in migrate:check */
    GATE_HTTP, /* GET: any status but 2xx is a reason */
    GATE_EXEC  /* a program: any exit status but 0 is a reason */
} GateKind;
const char *gate_kind_name(GateKind kind); /* "sql", "http", "exec" */

/* One question. Texts hold secret references as written; nothing is resolved. */
typedef struct GateSpec {
    GateKind kind;
    char *name;        /* for people: `name:`, else made of the kind and the text */
    char *sql;         /* GATE_SQL */
    char *url;         /* GATE_SQL: one database; NULL: on each target of the wave (a throttle: of the host).
                          GATE_HTTP */
    char **headers;    /* GATE_HTTP: "Name: value", NULL-terminated; NULL: none */
    char **command;    /* GATE_EXEC, NULL-terminated; run in the project's folder */
    gint64 timeout_ms; /* of one try; default 30 s */
    unsigned attempts; /* the first included; default 1 */
    gint64 retry_wait_ms; /* between two; default 5 s */
    gint64 every_ms;      /* a throttle: how often it is asked; default 5 s. A gate: 0 */
    SourcePlace place;
} GateSpec;

typedef enum WaveKind {
    WAVE_SELECTOR, /* the targets that `selector` means */
    WAVE_COUNT,    /* the next `count` */
    WAVE_SHARE,    /* the next `share` percent of all targets of the run, rounded up */
    WAVE_REST      /* all that are left */
} WaveKind;

typedef struct WaveSpec {
    WaveKind kind;
    char *name;     /* `name:`, else as it is written: "canary", "5%", "rest" */
    char *selector; /* WAVE_SELECTOR */
    unsigned count;
    double share;
    char *max_failures;    /* of this wave, "0", "5", "2%" (of its targets); NULL: not said */
    char *max_unreachable; /* the same */
    gint64 soak_ms;        /* after it; -1: as the rollout says */
    int confirm;           /* before it: 0 no, 1 yes, -1 as the rollout says */
    GPtrArray *gates;      /* of GateSpec *, after it, instead of the rollout's; NULL: the rollout's */
    SourcePlace place;
} WaveSpec;

typedef enum TargetOrder {
    ORDER_INVENTORY,
    ORDER_NAME,
    ORDER_SIZE, /* smallest database first, where the probe could tell; unknown ones last */
    ORDER_SHUFFLE
} TargetOrder;

typedef enum OnFailure {
    FAILURE_HALT,
    FAILURE_ROLLBACK_WAVE, /* after a halt: what the wave that failed changed is taken back */
    FAILURE_ROLLBACK_RUN   /* … what the run changed */
} OnFailure;

typedef struct RolloutPolicy {
    unsigned jobs;      /* 0: not said */
    unsigned per_host;  /* 0: not said */
    char *max_failures; /* "0", "5", "2%"; NULL: not said. The run room parses and applies it */
    char *max_unreachable;
    char *on_halt;         /* step | target | cancel; NULL: not said */
    bool require_no_drift; /* a target whose schema is not what its revision says is left alone */
    GPtrArray *waves;      /* of WaveSpec *; NULL: none, the run is one wave */
    TargetOrder order;
    guint32 shuffle_seed;   /* ORDER_SHUFFLE: written, so that a plan can be made again */
    gint64 soak_ms;         /* between two waves; 0: none */
    bool confirm;           /* before each wave but the first */
    GPtrArray *gates;       /* of GateSpec *, after each wave; NULL: none */
    GPtrArray *throttles;   /* of GateSpec *; NULL: none */
    bool halt_on_new_error; /* halt_on: new-error */
    OnFailure on_failure;
    char *stop_starting_at; /* "04:30" (local time, the next one), a duration from the start ("3h"), or an RFC
                               3339 time; NULL: not said */
    unsigned approvals;     /* signatures that a plan file needs to be applied; 0: none */
    char *allowed_signers;  /* absolute path of an ssh-keygen allowed signers file; NULL: not said */
    bool self_approval;     /* who made the plan may be one of those who approve it; default false */
} RolloutPolicy;

void rollout_policy_init(RolloutPolicy *self);
void rollout_policy_clear(RolloutPolicy *self);
/* Reads a `rollout:` mapping; paths in it are relative to `folder`. Every problem is added with its place. */
void rollout_policy_read(RolloutPolicy *self, const YamlNode *node, const char *folder,
                         Diagnostics *problems);
/* A deep copy into one that is not initialised. */
void rollout_policy_copy(RolloutPolicy *self, const RolloutPolicy *source);
/* The keys of a `rollout:` mapping, one a line behind `indent`, in an order that is always the same: what was
 * said, and nothing that is a default. Read again they give the same policy. What a plan file needs to be
 * approved is left out: only dbfleet.yaml says it. */
void rollout_policy_yaml(const RolloutPolicy *self, const char *indent, GString *out);
/* "inventory", "size", "shuffle(17)". Caller frees. */
char *rollout_order_text(const RolloutPolicy *self);
const char *on_failure_name(OnFailure on_failure); /* "halt", "rollback-wave", "rollback-run" */
/* What a person reads where a gate or throttle has a secret written out, in a URL or a header, instead of a
 * reference to one. Caller frees; NULL: none has. */
char *rollout_policy_secret(const RolloutPolicy *self);
/* As if it said nothing of waves and of what is between them. */
void rollout_policy_drop_waves(RolloutPolicy *self);
/* True for what stop_starting_at may hold. */
bool rollout_time_check(const char *text);
/* When it means, in microseconds since 1970, as seen from `from_us`, the start of a run: a time of day is the
 * next one in the local time zone (one that a clock change leaves out is the moment of the change), a
 * duration counts from there. False for what rollout_time_check() refuses. */
bool rollout_time_resolve(const char *text, gint64 from_us, gint64 *time_us);

void gate_spec_free(GateSpec *self);
GateSpec *gate_spec_copy(const GateSpec *source);
void wave_spec_free(WaveSpec *self);

/* The keys of a mapping, NULL-terminated, for a check that the JSON Schema knows the same. Caller frees the
 * array only. */
typedef enum RolloutLevel {
    ROLLOUT_POLICY,
    ROLLOUT_WAVE,
    ROLLOUT_GATE
} RolloutLevel; /* a gate's with a throttle's */
const char **rollout_key_names(RolloutLevel level);
