/* Version store: the SQL of dbfleet's two tables in a target, as text, for every dialect.
 *
 * `<version_table>` has Alembic's shape: version_num, one row per head. `<version_table>_history` has one row
 * a step, updated as the step goes. Both are always written fully qualified. The same texts serve the
 * executor and --sql scripts, so what a script does is what dbfleet does. Pure: makes text, sends nothing.
 *
 * Version writes are conditional on the rows that were read and raise in the server when they do not match
 * exactly one row each (an UPDATE of no row alone does not stop the COMMIT behind it): PostgreSQL by a
 * failing cast over the count, MySQL by an out-of-range EXP() over ROW_COUNT(), SQLite by an integer overflow
 * over changes(). The server's message then holds VERSION_STORE_MOVED or the driver maps the code; drivers
 * report DB_ERROR_HEADS_MOVED. */
#pragma once

#include "drivers/driver.h"

#define VERSION_STORE_MOVED "dbfleet: version rows moved"

typedef struct VersionStore {
    Dialect dialect;
    const char *schema; /* NULL: unqualified (scripts that run in the session's default schema) */
    const char *table;  /* the version table's name */
} VersionStore;

/* The history table's name: `<table>_history`, cut and made unique by a digest where the dialect's
 * identifiers are shorter. Caller frees. */
char *version_store_history_name(const VersionStore *self);
/* CREATE TABLE IF NOT EXISTS for both tables, as separate statements. Elements char *, owned by the array. On
 * PostgreSQL this needs the right to create in the schema even where both exist: send it only where one is
 * missing. */
GPtrArray *version_store_create(const VersionStore *self);
/* Reads: the rows of the version table (version_num); RowSet.widths tells how long an id may be. What
 * every target is asked, these rows and the whole history, comes in no order: for one a fresh session of
 * PostgreSQL would look up what else it does not need.
 * Caller frees all texts below. */
char *version_store_select_rows(const VersionStore *self);
/* Columns of the reads of the history that follow. */
typedef enum HistoryColumn {
    HISTORY_SEQ,
    HISTORY_STEP_ID,
    HISTORY_RUN_ID,
    HISTORY_PLAN_DIGEST,
    HISTORY_REVISION,
    HISTORY_DIRECTION,
    HISTORY_CHECKSUM,
    HISTORY_STATE,
    HISTORY_STATEMENTS_TOTAL,
    HISTORY_STATEMENTS_DONE,
    HISTORY_HEAD_HASH,
    HISTORY_INTENT,
    HISTORY_HEADS_BEFORE,
    HISTORY_HEADS_AFTER,
    HISTORY_DETAIL,
    HISTORY_EVIDENCE,
    HISTORY_COLUMNS /* how many they are */
} HistoryColumn;

/* A function of the SQLite driver's, NAME(revision, seq, 0): 0 where the statement has called it with that
 * revision and a higher number before, else 1. */
#define VERSION_STORE_NEWEST "dbfleet_newest"

/* Reads the history: of one in a file what version_store_newest() leaves and perhaps more, else up to a
 * number of rows, since a server works longer on the conditions that would choose among them than on the rows
 * of a usual history. */
char *version_store_select_history(const VersionStore *self);
/* True if that gave all there is; else it is to be read by the next one. */
bool version_store_is_whole(const VersionStore *self, const RowSet *history);
/* Reads what version_store_newest() leaves of a history. */
char *version_store_select_long_history(const VersionStore *self);
/* Of these rows (NULL: none) the newest of each revision, every stamp and baseline, and every one whose state
 * is not done: char *const *, the set's own, ordered by seq; the last one has the highest number of all.
 * Caller frees the array. */
GPtrArray *version_store_newest(const RowSet *history);
/* Reads a row where the history has one above this number, else none. Rows that are done are never changed:
 * where all were, and there is none above, the history is the one that was read. */
char *version_store_select_above(const VersionStore *self, gint64 seq);
/* Everything from the first row of a run on, by seq. Caller frees. */
char *version_store_select_since(const VersionStore *self, const char *run_id);
/* One history row by its step id. */
char *version_store_select_step(const VersionStore *self, const char *step_id);
/* The names of the history table's columns; NULL-terminated; caller frees the list, not the names. */
const char **version_store_history_columns(void);
/* The newest `limit` history rows (of `revision`; NULL: of all), newest first: revision, direction, state,
 * statements_total, statements_done, intent, checksum, run_id, applied_by, started_at and finished_at (UTC,
 * "2026-11-22T16:40:00Z"), detail. */
char *version_store_select_trail(const VersionStore *self, const char *revision, unsigned limit);

/* Replaces rows: adds to `statements` what turns `removed` into `added` (NULL-terminated lists): UPDATE where
 * a row is replaced, else DELETE and INSERT, each checked to hit exactly one row. Ids in both lists are left
 * alone. A check may be a statement of its own that looks at the one before it: send them together and in
 * this order. */
void version_store_change(const VersionStore *self, const char *const *removed, const char *const *added,
                          GPtrArray *statements);

/* States of a history row. */
#define HISTORY_RUNNING "running" /* begun, not known to be finished (steps without transactional DDL) */
#define HISTORY_DONE "done"
#define HISTORY_FAILED "failed"               /* stopped at a statement; those before it took effect */
#define HISTORY_VERIFY_FAILED "verify-failed" /* took effect, and its migrate:verify returned rows */

typedef struct HistoryRow {
    gint64 seq;          /* its place in the history; 0: the next one, which the database finds */
    const char *step_id; /* unique: RUN-NNNN */
    const char *run_id;
    const char *plan_digest;  /* NULL if none */
    const char *revision;     /* "" for stamp and baseline */
    const char *direction;    /* up, down, stamp, baseline */
    const char *checksum;     /* of the section; NULL if none */
    const char *vars_digest;  /* NULL if the section uses no variable */
    const char *heads_before; /* comma separated */
    const char *heads_after;
    const char *applied_by; /* user@host, for people */
    const char *server;     /* ServerInfo.identity */
    unsigned statements_total;
    unsigned statements_done;
    const char *state;
    unsigned intent;       /* number of the statement about to run; 0: none */
    const char *evidence;  /* with an intent: an SQL expression with what may settle it one day; else NULL */
    const char *head_hash; /* SHA-256 over the statements done; NULL if none */
    const char *detail;    /* baseline: the ids assumed applied, comma separated; NULL if none */
} HistoryRow;

/* INSERT of a row; started_at is the server's clock, finished_at too when the state is HISTORY_DONE. */
char *version_store_insert_history(const VersionStore *self, const HistoryRow *row);
/* UPDATE by step_id. `intent` is the number of the statement about to run, 0 for none; `head_hash` NULL
 * leaves it. `evidence`: an SQL expression with what may settle that statement one day; NULL clears it. */
char *version_store_update_progress(const VersionStore *self, const char *step_id, unsigned statements_done,
                                    const char *head_hash, unsigned intent, const char *evidence);
/* UPDATE by step_id: stopped at statement `intent`, of which a person must say whether it took effect. Keeps
 * its evidence. */
char *version_store_stop_history(const VersionStore *self, const char *step_id, unsigned done,
                                 const char *head_hash, unsigned intent, const char *detail);
/* UPDATE by step_id to a final state (statements_done = `done`, intent = 0, no evidence, finished_at = the
 * server's clock). `head_hash` and `detail` NULL leave what is there. */
char *version_store_finish_history(const VersionStore *self, const char *step_id, const char *state,
                                   unsigned done, const char *head_hash, const char *detail);
/* UPDATE by step_id of a row that did not finish: it runs again under row->run_id, with row's plan digest,
 * checksum and total, behind the row->statements_done whose hash is row->head_hash. */
char *version_store_resume_history(const VersionStore *self, const char *step_id, const HistoryRow *row);
