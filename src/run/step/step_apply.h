/* Applying one step to one connected, locked target. For the run room's target job only; worker thread. */
#pragma once

#include "drivers/version_store.h"
#include "plans/planner.h"
#include "run/mask_internal.h"
#include "run/results.h"

/* What the last step of a path does for the end of the target's job, in the message of its own COMMIT. */
typedef struct StepClosing {
    char **rows;   /* the version rows as they stand behind it; NULL: they were not read. The caller's */
    bool unlocked; /* the lock was given back */
} StepClosing;

/* What is the same for all steps of one target. Everything is borrowed. */
typedef struct StepContext {
    Connection *connection;
    VersionStore store;
    const char *run_id;
    const char *plan_digest;
    const char *applied_by;
    GHashTable *variables;           /* resolved values */
    GHashTable *variable_references; /* the same names, values as written: what the digest covers */
    const Mask *mask;                /* over the secrets among them */
    const char *assume;              /* "done", "not-done": what a person says of an open statement; NULL */
    bool in_target_transaction;      /* the caller opens and ends the one transaction */
    const char *lock;                /* its key */
    StepClosing *closing;            /* NULL: it is not the last step */
    gint64 *last_seq; /* of the target's history, which only the holder of the lock writes; counts on. NULL:
                         the database finds the next number */
} StepContext;

/* One attempt at one step. */
typedef struct StepAttempt StepAttempt;
struct StepAttempt {
    const PlanStep *step;
    char *step_id;
    Script *own_script;   /* when the section uses variables */
    const Script *script; /* NULL for a stamp */
    Dialect dialect;      /* the script's */
    char *vars_digest;    /* NULL */
    char *resumes;      /* step id of the unfinished history row that it goes on with; NULL: a fresh start */
    unsigned first;     /* statement to begin with (0 unless it resumes) */
    unsigned done;      /* statements that are known to have taken effect */
    unsigned intent;    /* number of the statement whose outcome is not known; 0: none */
    gint failed;        /* index of the failed statement; -1: none, or a statement of ours */
    gint last;          /* index of the last statement sent before the failure; -1: none */
    gssize failed_item; /* index in the batch that failed; -1: none, or not about an item */
    gssize failed_offset; /* byte in the statement; -1 */
    const char *state;    /* HISTORY_… at the end; NULL while not known */
    unsigned open;        /* number of the statement that an earlier attempt left open; 0: none */
    char *evidence;       /* what its intent carried; NULL */
    bool judged;          /* … and it was found undecidable */
    char *difference;     /* what is not as it was before an undecidable statement; NULL */
    char *note;           /* what was cleaned up on the way, for a person; NULL */
};

/* Prepares scripts and ids. `unfinished`: the open history row of this very step, or NULL; its done
 * statements are skipped if their hash still matches, else an error says that the applied head of the file
 * was edited. */
bool step_attempt_init(StepAttempt *self, const StepContext *context, const PlanStep *step, unsigned number,
                       const HistoryEntry *unfinished, GError **error);
void step_attempt_clear(StepAttempt *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StepAttempt, step_attempt_clear)
unsigned step_attempt_total(const StepAttempt *self);

/* Runs migrate:check: false with an error (STEP_ERROR_CHECK, or the database's) if any row comes back. */
bool step_check(const StepContext *context, const PlanStep *step, GError **error);
/* The step id of a stamp's or baseline's history row. Caller frees. */
char *step_record_id(const StepContext *context, const char *direction);
/* Replaces the version rows as a stamp does, with its history row (`assumed`: ids assumed applied), in one
 * transaction. */
bool step_stamp(const StepContext *context, const PlanStep *step, const char *assumed, GError **error);
/* Writes the baseline row of a target that has heads but no history. */
bool step_baseline(const StepContext *context, const char *const *rows, const char *assumed, GError **error);
/* Runs the step. On an error of the database everything that can be is rolled back and, for a journaled step,
 * the history row says how far it came; DB_ERROR_CONNECTION_LOST leaves that to the caller, who reconnects
 * and reads. */
bool step_apply(StepAttempt *self, const StepContext *context, GError **error);

#define STEP_ERROR (step_error_quark())
GQuark step_error_quark(void);
typedef enum StepError {
    STEP_ERROR_CHECK,        /* migrate:check returned rows */
    STEP_ERROR_VERIFY,       /* migrate:verify returned rows */
    STEP_ERROR_FOREIGN_KEYS, /* foreign_keys:off left rows that violate one */
    STEP_ERROR_EDITED_HEAD,  /* the applied part of a half-applied section was edited */
    STEP_ERROR_SESSION_LOST, /* the rest of it needs what only the session had that applied the first part */
    STEP_ERROR_UNDECIDABLE,  /* whether a statement took effect cannot be told: attempt->intent, difference */
    STEP_ERROR_BACKUP        /* no backup could be made, so nothing was begun */
} StepError;
/* `detail` may be NULL. */
GError *step_error_new(StepError code, const char *message, const char *detail);
/* "migrate:check returned 2 rows: id=7, name=x; …". */
GError *step_error_of_rows(StepError code, const char *what, unsigned count, const char *rows);
/* The rows or the detail of a STEP_ERROR, or NULL. */
const char *step_error_detail(const GError *error);
/* Any error's message, without rows, so that it reads the same on every target. Caller frees. */
char *step_error_message(const GError *error);

/* ---- Shared by the two ways to apply a step: one transaction, or a journal ---- */

typedef struct StepBatch {
    Batch *batch;
    GArray *statements; /* of gint: the statement of each item, -1 for ours */
    unsigned closing;   /* item that reads the rows behind the COMMIT; 0: none */
} StepBatch;

void step_batch_init(StepBatch *self);
void step_batch_clear(StepBatch *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StepBatch, step_batch_clear)
/* Adds a statement of ours; takes the text over. */
void step_batch_own(StepBatch *self, char *sql);
/* … whose rows are wanted; returns its index. */
unsigned step_batch_query(StepBatch *self, char *sql);
/* Takes the texts, and leaves the list empty. */
void step_batch_texts(StepBatch *self, GPtrArray *texts);
/* The same without copies: the texts outlive the batch. */
void step_batch_shared(StepBatch *self, const GPtrArray *texts);
unsigned step_batch_length(const StepBatch *self);
/* Adds a statement of the user's. */
void step_batch_statement(StepBatch *self, const Script *script, unsigned index);
/* Adds what puts the session's settings back. */
void step_batch_restore(StepBatch *self, const StepContext *context);
/* Adds the COMMIT that ends a step, and what the last one does for the end of the job. */
void step_batch_commit(StepBatch *self, const StepContext *context);
/* Adds the change of the version rows. */
void step_batch_version_change(StepBatch *self, const StepAttempt *attempt, const StepContext *context);
/* Sends; on failure the attempt knows which statement it was. What comes behind the COMMIT cannot fail it. */
bool step_batch_send(const StepBatch *self, StepAttempt *attempt, const StepContext *context,
                     BatchResult *result, GError **error);
BatchItem step_statement_item(const Script *script, unsigned index, bool wants_rows);
/* The INSERT of the step's history row in a state. `evidence`: the expression of an intent to run the first
 * statement; NULL: none. Caller frees. */
char *step_history_text(const StepAttempt *attempt, const StepContext *context, const char *state,
                        const char *evidence);
/* The UPDATE that says that the step is gone on with. Caller frees. */
char *step_resume_text(const StepAttempt *attempt, const StepContext *context);
/* The first five rows as "name=value, name=value; …". Caller frees. */
char *step_rows_text(const RowSet *rows);
/* False with an error of `code` that shows the first five if there are any rows. NULL: none were kept. */
bool step_refuse_rows(const RowSet *rows, StepError code, const char *what, GError **error);
/* Runs migrate:verify. */
bool step_verify(const StepContext *context, const PlanStep *step, GError **error);
/* False with an error, and the attempt knows the statement, if an index that the step makes concurrently is
 * there but invalid: IF NOT EXISTS would take it for done. */
bool step_indexes_are_valid(StepAttempt *attempt, const StepContext *context, GError **error);
/* False with an error if what follows the first `done` statements needs what only the session had that ran
 * them.
 */
bool step_session_is_replaceable(const Script *script, Dialect dialect, unsigned done, const char *revision,
                                 GError **error);
bool step_apply_journaled(StepAttempt *attempt, const StepContext *context, GError **error);
