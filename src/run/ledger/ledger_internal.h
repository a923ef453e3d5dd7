/* What the files of the ledger share: the open ledger, its tables as data, and rows in and out by them. Main
 * thread. */
#pragma once

#include "drivers/driver.h"
#include "run/ledger/ledger.h"
#include <sys/types.h>

struct Ledger {
    Connection *connection;
    char *place;  /* path, or URL as dbfleet.yaml has it */
    char *folder; /* where relative secret files start; NULL: the current one */
    dev_t device; /* of the file that was opened; a ledger on a server has none */
    ino_t inode;
    bool is_file;
    bool is_prepared; /* its tables are what this dbfleet writes */
};

/* ---- Tables as data: from these rows come INSERT, SELECT and the way into a result's fields ---- */

typedef enum LedgerKind {
    LEDGER_TEXT,
    LEDGER_NAME,           /* a text that many rows share: interned */
    LEDGER_NUMBER,         /* gint64 or guint64 */
    LEDGER_COUNT,          /* unsigned */
    LEDGER_FLAG,           /* bool */
    LEDGER_LIST,           /* char **: comma separated; NULL stays NULL */
    LEDGER_TRIES,          /* guint16 */
    LEDGER_STEP_DIRECTION, /* of the whole StepResult, as the next one */
    LEDGER_STEP_STATE,
    LEDGER_OUTCOME,
    LEDGER_WAVE_STATE
} LedgerKind;

typedef struct LedgerColumn {
    const char *name;
    LedgerKind kind;
    gsize offset; /* in the result's struct */
} LedgerColumn;

typedef struct LedgerPart {
    const LedgerColumn *columns;
    guint length;
} LedgerPart;

#define LEDGER_PARTS_MAX 2

/* A table: its key columns, then those of one or two structs. */
typedef struct LedgerTable {
    const char *name;
    const char *const *keys; /* NULL-terminated */
    const char *order;       /* ORDER BY */
    LedgerPart parts[LEDGER_PARTS_MAX];
} LedgerTable;

extern const LedgerTable ledger_runs_table, ledger_targets_table, ledger_steps_table, ledger_paths_table,
    ledger_path_steps_table, ledger_events_table, ledger_waves_table, ledger_gates_table,
    ledger_warnings_table;

/* Where a table's columns begin in a row of ledger_select(). */
guint ledger_key_count(const LedgerTable *table);
/* "id, command, …": keys and columns in their order. Caller frees. */
char *ledger_column_list(const LedgerTable *table);
/* Fills the fields of `object` from `row`, which begins with the part's first column. */
void ledger_fill(const LedgerPart *part, char *const *row, gpointer object);

/* Rows on their way into one table, many to a statement; a row that is there is replaced. What they are made
 * of must outlive the batch: where the driver binds rows, texts are not copied, and what a row has in common
 * with the one before is not bound again. */
typedef struct LedgerRows {
    Batch *batch;
    Dialect dialect;
    const LedgerTable *table;
    GArray *values; /* of BoundValue, to be bound; NULL: they stand in the statement */
    guint count;    /* rows that are not in the batch yet */
    GString *sql;   /* NULL: no statement is open, or they are bound */
} LedgerRows;
void ledger_rows_begin(LedgerRows *self, Batch *batch, const Connection *connection,
                       const LedgerTable *table);
/* `keys`: of the key columns; `objects`: one for each part, NULL for all NULL. */
void ledger_rows_add(LedgerRows *self, const BoundValue *keys, gconstpointer const *objects);
void ledger_rows_end(LedgerRows *self);

/* ---- Statements ---- */

/* One statement with rows; `format` with the ledger's literals already in it. */
RowSet *ledger_query(Ledger *self, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* A text as the ledger's dialect writes it; NULL as NULL. Caller frees. */
char *ledger_literal(const Ledger *self, const char *text);
/* A batch that begins a transaction, and its sending with COMMIT; what fails is rolled back. False too if the
 * ledger's file is no longer the one that was opened. */
Batch *ledger_batch(const Ledger *self);
bool ledger_commit(Ledger *self, Batch *batch, GError **error);
/* Sends a part of what ledger_batch() begins; more, and ledger_commit(), follow if that goes well. Of a file
 * only: on a server a connection that broke could not be gone on with. */
bool ledger_send(Ledger *self, const Batch *batch, GError **error);

/* A new connection to it; `create`: what is missing is made. */
Connection *ledger_connect(const Ledger *self, bool create, GError **error);
/* For messages, without secrets. Caller frees. */
char *ledger_name(const Ledger *self);
/* Brings the ledger's tables to what this dbfleet writes. */
bool ledger_schema_prepare(Ledger *self, GError **error);
