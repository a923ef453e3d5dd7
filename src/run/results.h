/* Results: what a run did, as plain values. The executor fills it from evidence read back from each target,
 * the ledger stores and loads it, the report room renders it. Main thread only, or immutable once the run has
 * ended. */
#pragma once

#include "plans/planner.h"

typedef enum Outcome {
    OUTCOME_DONE,      /* reached the goal; heads were read back */
    OUTCOME_UNCHANGED, /* was there already */
    OUTCOME_FAILED,    /* a step failed; see failure */
    OUTCOME_UNKNOWN, /* outcome-unknown: a step may or may not have taken effect and the lock could not be had
                        to find out */
    OUTCOME_UNREACHABLE, /* no connection */
    OUTCOME_LOCKED,      /* another dbfleet holds it */
    OUTCOME_STALE,       /* moved since it was planned: left alone */
    OUTCOME_BLOCKED,     /* an exception of the plan: left alone */
    OUTCOME_STOPPED,     /* drained between two steps: part of the path is done */
    OUTCOME_CANCELLED,   /* cancelled inside a step, which was rolled back */
    OUTCOME_NOT_STARTED, /* the run ended before its turn */
    OUTCOME_INACTIVE,    /* suspended, retired, …: not part of the run */
    OUTCOME_COUNT
} Outcome;
/* "done", "unchanged", "failed", "outcome-unknown", …: stable names for JSON, ledger and reports. */
const char *outcome_name(Outcome outcome);
bool outcome_parse(const char *name, Outcome *outcome);

/* Everything known about why a target is not done. Texts are owned; NULL where there is nothing to say. */
typedef struct Failure {
    char *error_class; /* db_error_class_name(), plan_problem_name(), "verify", "check", "locked", … */
    char *code;        /* SQLSTATE or error number */
    char *message;     /* the server's words */
    char *detail;
    char *hint;
    char *revision;
    char *direction;
    char *file;
    unsigned line;
    unsigned column;
    unsigned statement; /* number in its section, from 1; 0: none */
    char *sql;          /* first lines of the statement */
    char *excerpt;      /* the line and a caret, where the server gave a position */
    char *blocker;      /* who held the lock that was waited for, one line for a person */
    char *difference;   /* an undecidable statement: its objects before it and now, lines of "- " and "+ " */
} Failure;
Failure *failure_new(void);
void failure_free(Failure *self);
/* A message as many targets say it: `names` (those of one target, NULL-terminated) standing as words become
 * *, and numbers (pids, ports, sizes, numbered names) #. Caller frees. */
char *message_pattern(const char *message, const char *const *names);
/* What makes two failures the same for clustering: class, code, revision, statement, and the message's
 * pattern. `target_name` may be NULL. Caller frees. */
char *failure_signature(const Failure *self, const char *target_name);

/* Texts that many steps and targets share are interned (intern_text()): never freed, one copy of each. There
 * may be thousands for each target. */
typedef struct StepResult {
    const char *id_stem;  /* interned; step_result_id() has the whole id. NULL: it never began */
    const char *revision; /* interned; "" for a stamp */
    const char *message;  /* interned; of the revision */
    gint64 started_us;    /* since 1970 */
    gint64 duration_us;
    unsigned statements_total;
    unsigned statements_done;
    unsigned id_number;    /* 0: the id has none */
    unsigned event_number; /* of the event that it began, which the ledger then has only here; 0: it has it as
                              an event */
    guint16 tries;         /* 1 where the first one was good; 0: never begun; the largest: as many or more */
    guint8 direction_place; /* a number: step_result_direction() */
    guint8 state_place;     /* a number: step_result_state() */
} StepResult;
/* "up", "down", "stamp", and HISTORY_… or what the job says of a step that the history does not have; NULL:
 * none was set. Others than those cannot be set. */
const char *step_result_direction(const StepResult *self);
const char *step_result_state(const StepResult *self);
void step_result_set_direction(StepResult *self, const char *direction);
void step_result_set_state(StepResult *self, const char *state);
/* What names the step in the target's history: the run and the number of the step, mostly. NULL: it never
 * began. Caller frees. */
char *step_result_id(const StepResult *self);
void step_result_set_id(StepResult *self, const char *id); /* copied; NULL-safe */

/* A gate as it was asked after a wave. */
typedef struct GateResult {
    char *name;
    char *kind;   /* gate_kind_name() */
    char *target; /* asked on this one; NULL: asked once */
    bool passed;
    char *saw; /* "HTTP 503", the first rows, the last lines of a program; never a secret */
    unsigned tries;
    gint64 started_us; /* since 1970 */
    gint64 duration_us;
} GateResult;
GateResult *gate_result_new(void);
void gate_result_free(GateResult *self);

typedef enum WaveState {
    WAVE_WAITING, /* its turn has not come */
    WAVE_CONFIRMING,
    WAVE_RUNNING,
    WAVE_SOAKING,
    WAVE_GATING,
    WAVE_DONE,        /* all of its targets were started and its gates passed */
    WAVE_HALTED,      /* a budget was exceeded, a gate failed, or someone stopped the run in it */
    WAVE_NOT_STARTED, /* the run ended before its turn */
    WAVE_STATE_COUNT
} WaveState;
const char *wave_state_name(WaveState state); /* "waiting", "confirming", … */
bool wave_state_parse(const char *name, WaveState *state);

typedef struct WaveResult {
    char *name;
    WaveState state;
    unsigned targets;     /* of it that had something to do */
    gint64 started_us;    /* since 1970; 0: never */
    gint64 finished_us;   /* its last target; 0: not yet */
    gint64 soak_until_us; /* 0: no soak */
    char *halt_reason;    /* NULL */
    GPtrArray *gates;     /* of GateResult * */
} WaveResult;
WaveResult *wave_result_new(void);
void wave_result_free(WaveResult *self);

typedef struct TargetResult {
    char *name;
    const char *group;          /* interned; "" at the top level */
    char *server;               /* endpoint without secrets */
    const char *dialect;        /* interned */
    const char *server_version; /* interned; NULL if never reached */
    Outcome outcome;
    char *reason;       /* one line; NULL when done */
    char **rows_before; /* NULL-terminated; NULL: not read */
    char **rows_after;  /* as read back at the end; NULL: not read */
    char **rows_goal;   /* NULL: none was computed */
    StepResult *steps;  /* those that were begun, in their order; NULL: none */
    unsigned step_count;
    unsigned step_room; /* as many fit into `steps` */
    unsigned steps_planned;
    Failure *failure;  /* NULL */
    gint64 started_us; /* 0: never started */
    gint64 duration_us;
    char *backup;     /* file made before the first change; NULL: none was asked for */
    const char *path; /* interned; digest of the RunPath it takes; NULL: it has nothing to do */
    unsigned wave;    /* from 1: place in the run's waves; 0: in none (nothing to do, or no waves) */
    unsigned worker;  /* from 1: who did it; 0: nobody, or not known */
} TargetResult;
TargetResult *target_result_new(void);
/* One more, all zero; where the others are may change. */
StepResult *target_result_add_step(TargetResult *self);
/* Makes room for exactly so many, which is not less than there are. */
void target_result_fit_steps(TargetResult *self, unsigned count);
void target_result_free(TargetResult *self);

/* A path of the run's plan, as it was reviewed: what targets with this digest take. The texts live as long as
 * the revisions do; those of a result that was loaded are interned. */
typedef struct RunPathStep {
    const char *revision;  /* "" for a stamp */
    const char *direction; /* up, down, stamp */
    const char *checksum;  /* of the section; NULL for a stamp */
} RunPathStep;
typedef struct RunPath {
    char *digest;
    char *dialect;
    GArray *loaded;         /* of RunPathStep; empty where it is: */
    PlanSteps planned;      /* the plan's own, which a run at work does not copy */
    struct StepList *holds; /* what they are part of; NULL: loaded */
} RunPath;
RunPath *run_path_new(void);
/* Of a plan's path, without digest and dialect. */
RunPath *run_path_of(const PlanPath *planned);
guint run_path_length(const RunPath *self);
RunPathStep run_path_step(const RunPath *self, guint place);
void run_path_add_step(RunPath *self, const RunPathStep *step);
void run_path_free(RunPath *self);

#define EVENT_KIND_STEP_STARTED "step-started"
/* What the event of a step that begins says: `revision` NULL or "": a stamp. Caller frees. */
char *step_started_text(const char *revision, const char *message);

/* Something that happened in a run, for the ledger and "report --events". */
typedef struct RunEvent {
    guint64 number;     /* in the run, from 1 */
    gint64 time_us;     /* since 1970 */
    const char *kind;   /* interned */
    const char *target; /* interned; NULL: of the run */
    char *text;         /* NULL: nothing to add */
} RunEvent;
/* Copies the texts. */
RunEvent *run_event_new(guint64 number, gint64 time_us, const char *kind, const char *target,
                        const char *text);
void run_event_free(RunEvent *self);

/* What a run that has no end in the ledger is doing, judged by its heartbeat and its process. */
typedef enum RunState {
    RUN_ENDED, /* has an end; or it is not known */
    RUN_RUNNING,
    RUN_PAUSED,
    RUN_DIED /* its process is gone, or it gave no sign for RUN_SILENT_US */
} RunState;
#define RUN_SILENT_US (60 * G_USEC_PER_SEC)
/* Whether a run is over, and how: "finished", "halted", "interrupted", "running", "paused", "died", "not
 * finished". */
const char *run_end_name(gint64 finished_us, RunState state, bool interrupted, bool halted);

typedef struct RunResult {
    char *id;
    char *command;      /* upgrade, downgrade, stamp, rollback */
    char *of_run;       /* the run that this one goes on with or takes back; NULL: none */
    char *plan_file;    /* the plan file that it applies, as typed; NULL: none */
    char **approved_by; /* principals whose signatures let it run; NULL: none were asked for */
    char *goal;         /* as typed */
    char *track;
    char *selector;      /* -l as typed; NULL: all */
    char *operator_name; /* user@host who ran it */
    char *host;          /* where it ran */
    char *process;       /* what tells its process from others there (liveness.h) */
    char *plan_digest;
    char *versions_commit; /* git commit of the versions folder, "-dirty" behind it if it was changed; NULL */
    char *dbfleet_version;
    /* its policy */
    unsigned jobs;
    unsigned per_host; /* 0: no limit */
    char *max_failures;
    char *max_unreachable;
    char *on_halt; /* step, target, cancel */
    bool allow_edited;
    bool purge;
    char **variables; /* names given with -x, never values; NULL: none */
    /* how it went */
    gint64 started_us;
    gint64 heartbeat_us; /* when it last wrote to the ledger */
    gint64 finished_us;  /* 0: still running, or died */
    gint64 estimate_us;  /* when it will likely be over, as it saw it last; 0: not known, or over */
    char *paused_by;     /* NULL: not paused */
    char *halt_reason;   /* NULL: not halted */
    bool interrupted;
    char *broken;   /* why on_failure has a word: a budget exceeded, a gate that failed, a new error; NULL.
                       Known right after the run, not recorded */
    bool aborted;   /* somebody ended it from another shell; not recorded either */
    RunState state; /* as the ledger judged it when it was loaded */
    GPtrArray *targets;  /* of TargetResult *, in fleet order */
    GPtrArray *paths;    /* of RunPath *, those that targets take */
    GPtrArray *waves;    /* of WaveResult *; empty: no waves */
    GPtrArray *events;   /* of RunEvent *; NULL: not loaded */
    char *on_failure;    /* halt, rollback-wave, rollback-run; NULL: not known */
    GPtrArray *warnings; /* of char *: what is no failure and still to be known, such as a notification that
                            could not be sent or targets that appeared since the plan */
} RunResult;
RunResult *run_result_new(void);
void run_result_free(RunResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunResult, run_result_free)
unsigned run_result_count(const RunResult *self, Outcome outcome);
/* The exit code of the design's section 8 for this result: 0, 1, 3, 4, 5, 6 or 130. */
int run_result_exit_code(const RunResult *self);
