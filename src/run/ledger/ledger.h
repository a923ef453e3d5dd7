/* Ledger: where runs are recorded. Its loss loses history, never safety: what is true is in the targets. A
 * SQLite file, or a schema in a PostgreSQL database that several machines share, behind the driver interface;
 * written in batches by the main thread only. */
#pragma once

#include "run/results.h"

typedef struct Ledger Ledger;

/* Opens the ledger at a path or, as dbfleet.yaml has it, a postgresql:// URL; secret files in that are
 * relative to `folder` (NULL: the current one). `create`: file and folder, or schema, are made; else one that
 * is missing is G_FILE_ERROR_NOENT. */
Ledger *ledger_open(const char *place, const char *folder, bool create, GError **error);
void ledger_close(Ledger *self);
/* Ends what has to do with its place, before ledger_close(): nothing but that may be called afterwards. A
 * file takes up what was written beside it. */
void ledger_settle(Ledger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_close)

/* Steps that began on a target which is still at work: events, until the target is done and its steps have
 * the events' numbers. They follow each other on the target's path. */
typedef struct StepBegun {
    guint32 after_us; /* since the first one */
    unsigned event_number;
} StepBegun;
typedef struct StepsBegun {
    const char *target;
    const PlanStep *first; /* of the run's plan */
    gint64 since_us;       /* when it began, since 1970 */
    GArray *begun;         /* of StepBegun */
} StepsBegun;
/* The event of one of them, without a text. */
RunEvent steps_begun_event(const StepsBegun *self, guint place);
/* Its text. Caller frees. */
char *steps_begun_text(const StepsBegun *self, guint place);

/* What of a run is new since it was recorded last. NULL: nothing of the kind. */
typedef struct LedgerNews {
    const GArray *places;    /* of guint: targets by their place in the run, in rising order */
    const GPtrArray *events; /* of RunEvent * */
    const GPtrArray *begun;  /* of StepsBegun * */
} LedgerNews;

/* Records that a run begins: the run and all its targets with what is known now, and the events that there
 * are already (`news` NULL: none). */
bool ledger_begin(Ledger *self, const RunResult *run, const LedgerNews *news, GError **error);
/* Records the run as it is now (its heartbeat, its end), these of its targets with their steps and failures,
 * and these events, in one transaction. May be called again with the same ones. */
bool ledger_record(Ledger *self, const RunResult *run, const LedgerNews *news, GError **error);

/* A run without its targets. `id` may be a unique prefix, or "last". NULL and an error that lists near ones
 * if there is none. */
RunResult *ledger_find(Ledger *self, const char *id, GError **error);
/* A whole run, but for its events. A target that was at work when the run died is not-started, with a reason
 * that says so and the time of its start. */
RunResult *ledger_load(Ledger *self, const char *id, GError **error);
/* The newest run of the plan with this digest, as ledger_load() does. NULL without an error: there was none.
 */
RunResult *ledger_load_of_plan(Ledger *self, const char *plan_digest, GError **error);
/* The newest upgrade or downgrade on the track, the same. */
RunResult *ledger_load_newest_change(Ledger *self, const char *track, GError **error);
/* Fills run->events; of a run that ledger_load() made, whose steps have some of them. */
bool ledger_load_events(Ledger *self, RunResult *run, GError **error);
/* The targets of the newest run on that track that chose them by this selector (NULL: all of them) and did
 * not go on with another: name -> endpoint; its id in *run. NULL without an error: there is none, or it had
 * one target. Caller unrefs and frees. */
GHashTable *ledger_last_fleet(Ledger *self, const char *track, const char *selector, char **run,
                              GError **error);
/* The newest `limit` runs that took the target in, newest first: elements RunResult *, each with that target
 * alone and without its steps. NULL and an error. */
GPtrArray *ledger_runs_of_target(Ledger *self, const char *name, unsigned limit, GError **error);
/* The newest runs first, without their targets' steps; `limit` 0: all. Elements RunSummary *. */
typedef struct RunSummary {
    char *id;
    char *command;
    char *of_run; /* NULL: none */
    char *goal;
    char *operator_name;
    gint64 started_us;
    gint64 finished_us; /* 0: still running, or died */
    char *halt_reason;
    bool interrupted;
    RunState state;
    unsigned counts[OUTCOME_COUNT];
    unsigned targets;
} RunSummary;
GPtrArray *ledger_runs(Ledger *self, unsigned limit, GError **error);

/* ---- Runs at work, from another shell ---- */

typedef enum ControlAction {
    CONTROL_PAUSE,    /* no further target is started; those at work go on */
    CONTROL_CONTINUE, /* … are started again */
    CONTROL_ABORT,    /* those at work end their step, nothing more is started */
    CONTROL_ABORT_NOW /* what runs is cancelled and rolled back */
} ControlAction;
/* "pause", "continue", "abort", "abort-now". */
const char *control_action_name(ControlAction action);

/* Asks the run (its whole id) to do that. The request's id, or NULL; caller frees. */
char *ledger_request(Ledger *self, const char *run, ControlAction action, const char *who, GError **error);
/* *seen: the run has taken that request. */
bool ledger_request_seen(Ledger *self, const char *id, bool *seen, GError **error);

typedef struct ControlRequest {
    ControlAction action;
    char *who; /* user@host */
} ControlRequest;
/* What was asked of the run since the last call, in order; the requests count as seen. Elements
 * ControlRequest *; caller unrefs. */
GPtrArray *ledger_take_requests(Ledger *self, const char *run, GError **error);

/* ---- Old runs ---- */

/* Deletes these runs (whole ids, NULL-terminated) with all that hangs on them, in one transaction. */
bool ledger_delete_runs(Ledger *self, const char *const *ids, GError **error);
/* Gives the room of what was deleted back to the file system, where the ledger is a file. */
bool ledger_shrink(Ledger *self, GError **error);
