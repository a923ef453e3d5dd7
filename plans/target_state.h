/* Target state: what a probe found in one target, as plain values. The run room fills it, the planner judges
 * it. Immutable once filled. */
#pragma once

#include "plans/revision.h"

typedef enum ProbeOutcome {
    PROBE_OK,
    PROBE_UNREACHABLE, /* no connection could be made, or it was refused: reason says why */
    PROBE_FAILED       /* connected, but the state could not be read */
} ProbeOutcome;

/* One row of the history table (drivers/version_store.h documents the columns). */
typedef struct HistoryEntry {
    char *step_id; /* the first five are NULL for a step that is done, but in `since_run`; plan_digest is
                      there for the last of them too */
    char *run_id;
    char *plan_digest;
    char *head_hash; /* NULL if none */
    char *heads_after;
    char *revision;
    char *direction; /* up, down, stamp, baseline */
    char *checksum;  /* NULL if none */
    char *state;     /* done, running, failed, verify-failed */
    char *heads_before;
    char *detail;
    unsigned statements_total;
    unsigned statements_done;
    unsigned intent; /* number of the statement whose outcome is open; 0: none. Open and "failed": it was
                        judged undecidable, and a person must say */
    char *evidence;  /* what may settle it; NULL: none */
    bool packed;     /* the texts share the entry's own allocation */
} HistoryEntry;

typedef struct TargetState {
    ProbeOutcome outcome;
    char *error_class; /* "unreachable", "authentication", …; NULL when PROBE_OK */
    char *reason;      /* one line for people; NULL when PROBE_OK */
    Dialect dialect;   /* from the server; from the URL when not reached */
    char *server_version;
    char *server_identity;
    char *schema; /* where our tables are or would be */
    bool has_version_table;
    bool has_history;
    unsigned version_width; /* longest id the version table holds; 0: no limit known */
    char **rows;            /* version rows, sorted; never NULL when PROBE_OK */
    GPtrArray
        *history; /* of HistoryEntry *: the newest of each revision and all unfinished; by seq; may be empty.
                     One object for many targets (run/history_shelf.h): it is replaced, not changed */
    gint64 last_seq;      /* the highest number of its history; 0: it has no row */
    GPtrArray *since_run; /* of HistoryEntry *, all members filled: everything from the first row of the run
                             that was asked for, by seq; NULL: none was asked for */
    char *lock_holder; /* who works on it now, for a person; asked only where a step is recorded as running */
    gint64 size_bytes; /* of the database; -1: not asked, or not known */
    gint64 duration_us;
} TargetState;

/* True if both lists of version rows hold the same ids, in any order. */
bool rows_are_same(char *const *left, char *const *right);

TargetState *target_state_new(void);
void target_state_free(TargetState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TargetState, target_state_free)
HistoryEntry *history_entry_new(void);
/* A copy that is one allocation: a fleet has a hundred thousand of them. Its texts are not to be replaced. */
HistoryEntry *history_entry_pack(const HistoryEntry *values);
void history_entry_free(HistoryEntry *self);
/* Of all members; equal entries have equal hashes. */
guint64 history_entry_hash(const HistoryEntry *self);
bool history_entry_equal(const HistoryEntry *self, const HistoryEntry *other);
/* True if a statement of the step took effect, or may have: its check let it in then. NULL-safe. */
bool history_entry_has_begun(const HistoryEntry *self);
/* A person must say whether its statement `intent` took effect. */
bool history_entry_is_undecidable(const HistoryEntry *self);
/* The newest step that did not finish (running or failed), or NULL; a stamp or baseline after it settles it,
 * and so does any later step if nothing of it took effect: its row stays where it was in time. */
const HistoryEntry *target_state_unfinished(const TargetState *self);
