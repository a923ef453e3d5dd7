/* Run record: what of a run is not in the ledger yet, and its way there. For fleet_run.c only; main thread.
 */
#pragma once

#include "run/clock.h"
#include "run/ledger/ledger.h"

typedef enum EventKind {
    EVENT_BEGAN,
    EVENT_TARGET_STARTED,
    EVENT_STEP_STARTED,
    EVENT_LOCK_WAIT,
    EVENT_RETRIED,
    EVENT_HELD,
    EVENT_RELEASED,
    EVENT_SLOW_TARGET,
    EVENT_TARGET_FINISHED,
    EVENT_HALTED,
    EVENT_PAUSED,
    EVENT_CONTINUED,
    EVENT_ABORTED,
    EVENT_INTERRUPTED,
    EVENT_FINISHED,
    EVENT_WAVE_WAITS, /* for a person's yes */
    EVENT_WAVE_STARTED,
    EVENT_WAVE_SOAKS,
    EVENT_GATE_ASKED, /* and what it saw */
    EVENT_WAVE_FINISHED
} EventKind;

typedef struct RunRecord {
    Ledger *ledger; /* NULL: nothing is recorded */
    RunResult *run;
    const RunClock *clock;
    void (*tell)(gpointer context, const RunEvent *event); /* of each event, at once; NULL: nobody */
    gpointer tell_context;
    GHashTable *changed;     /* places of targets that are to be written */
    GPtrArray *events;       /* of RunEvent *: not written yet */
    GHashTable *steps_begun; /* place of a target at work -> TargetSteps *, of its steps */
    guint64 event_number;
    GPtrArray *requests; /* of ControlRequest *: asked from another shell, not acted on yet; NULL: none */
    gint64 written_at;   /* monotonic */
    bool begun;          /* the run is in the ledger */
    char *failure;       /* why the ledger cannot be written; NULL while it can */
} RunRecord;

void run_record_init(RunRecord *self, Ledger *ledger, RunResult *run, const RunClock *clock);
void run_record_clear(RunRecord *self);
/* The target at `place` of the run is to be written (again). */
void run_record_target(RunRecord *self, guint place);
/* A step of the run's plan began on the target at that place. */
void run_record_step(RunRecord *self, guint place, gint64 time_us, const PlanStep *step);
/* The target at that place is done, and this is what was found: from now on its steps say that they began,
 * and no events. Before run_record_target(). */
void run_record_found(RunRecord *self, guint place, TargetResult *found);
/* `target` and `text` may be NULL. */
void run_record_event(RunRecord *self, EventKind kind, const char *target, const char *text);
/* The same of what was at that time, in microseconds since 1970. */
void run_record_event_of(RunRecord *self, gint64 time_us, EventKind kind, const char *target,
                         const char *text);
/* Records the run with all its targets, before anything is started. A run that starts nothing need not call
 * it: then the first writing does, at the end or once it lasts. */
bool run_record_begin(RunRecord *self, GError **error);
/* Writes what is new, and the heartbeat, and reads what is asked of the run, once a second. False, with
 * self->failure, the first time that the ledger cannot be written; it is not tried again before the end. */
bool run_record_tick(RunRecord *self);
/* The next tick writes: others wait to see it. */
void run_record_hurry(RunRecord *self);
/* Writes all that is left. False with self->failure if the ledger lacks it. */
bool run_record_end(RunRecord *self);
