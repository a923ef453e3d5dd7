/* What the files of the SQLite driver share: the connection, and one function or two from each file.
 * Nothing outside drivers/sqlite includes this. */
#pragma once

#include "drivers/driver.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

/* Why a statement was stopped by us, as against by the library. */
typedef enum StopReason { STOP_NONE, STOP_CANCELLED, STOP_TIMEOUT } StopReason;

typedef struct SqliteConnection {
    Connection base;
    sqlite3 *db;
    sqlite3_stmt *kept[3];    /* compiled statements that do not run; NULL: none */
    char *restore;            /* the statements that put the settings back */
    char *application;        /* named in the lock file */
    int lock_descriptor;      /* of the lock file while the lock is held; -1 otherwise */
    unsigned lock_timeout_ms; /* 0: no limit */
    unsigned statement_timeout_ms;
    gint64 statement_deadline; /* monotonic microseconds; 0: none */
    gint64 lock_deadline;      /* of the wait for a lock that is going on; 0: none */
    sqlite3_stmt *bound;   /* of the last item with rows to bind, reset: the next one may be the same. NULL */
    bool settings_touched; /* by SQL of a user that may have set one; for good */
    bool begun_reading;    /* by connect, for the batch that comes next and ends it */
    bool unstoppable;      /* the statement that runs is a ROLLBACK */
    StopReason stop;       /* of the statement that runs, or ran last */
    pthread_mutex_t cancel_guard; /* held by a cancel while it touches db */
    atomic_bool cancelled;        /* asked for and not yet told by an error */
} SqliteConnection;

/* ---- connect.c ---- */

Connection *sqlite_connect(const ConnectOptions *options, GError **error);
/* Rolls back what is open, closes the file, then gives up the lock. */
void sqlite_close(Connection *base);
/* "SQLite 3.40.1". Caller frees. */
char *sqlite_version(void);
/* Before anything else of the library: sets it up, the first time. */
void sqlite_library_init(void);
bool sqlite_is_in_memory(const SqliteConnection *self);

/* ---- execute.c ---- */

/* Lets go of the statement that was kept. */
void sqlite_forget_bound(SqliteConnection *self);

/* ---- settings.c ---- */

void sqlite_settings_apply(SqliteConnection *self, const ConnectOptions *options);
/* Keeps what sqlite_add_restore() shall put back. A result code of the library. */
int sqlite_settings_remember(SqliteConnection *self, const ConnectOptions *options);
/* Before an item runs: it may change settings. */
void sqlite_settings_watch(SqliteConnection *self, const BatchItem *item);
void sqlite_add_restore(Connection *base, Batch *batch);
/* True if SQL of a user has asked for more pages to be kept than usual. */
bool sqlite_settings_want_pages(SqliteConnection *self);

/* ---- memory.c ---- */

/* Bytes of free blocks that a thread keeps at most: nearly all that a file of a few tables takes. */
#define SQLITE_MEMORY_KEPT (96 * 1024)

/* Before the library is initialised: it takes its memory from there. */
void sqlite_memory_init(void);

/* ---- pages.c ---- */

void sqlite_rest(Connection *base);

/* ---- functions.c ---- */

/* A result code of the library. */
int sqlite_functions_add(SqliteConnection *self);

/* ---- execute.c ---- */

bool sqlite_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error);

/* ---- kept.c ---- */

/* Where the compiled form of a whole item is kept, or may be put (NULL) once it ran and was reset. NULL:
 * nowhere. */
sqlite3_stmt **sqlite_kept_place(SqliteConnection *self, const char *sql);
/* Before the file is closed. */
void sqlite_kept_free(SqliteConnection *self);

/* ---- interrupt.c ---- */

/* Makes every statement of the connection heed its deadlines and cancel requests. */
void sqlite_watch(SqliteConnection *self);
/* A statement begins that may take so long (0: no limit), waiting for locks included. An unstoppable one
 * heeds neither that nor a cancel. */
void sqlite_watch_begin(SqliteConnection *self, unsigned timeout_ms, bool unstoppable);
/* True if a cancel was asked for that no error has told yet. */
bool sqlite_cancel_is_pending(const SqliteConnection *self);
/* The request was told by an error: what runs next is not meant. Waits for a cancel in progress. */
void sqlite_cancel_consume(SqliteConnection *self);
void sqlite_cancel(Connection *base);

/* ---- backup.c ---- */

bool sqlite_backup(Connection *base, const char *path, unsigned timeout_ms, GError **error);

/* ---- errors.c ---- */

/* The error that a result code of the library stands for, which must be the last one of the connection.
 * `item` is the text of the batch item that ran, NULL if none did. An error that tells of a cancel ends the
 * request. */
GError *sqlite_error(SqliteConnection *self, int code, const char *item);
/* The error of a statement that a pending cancel kept from starting. Ends the request. */
GError *sqlite_cancelled_error(SqliteConnection *self);
/* The class of a failed system call on a file beside the database. */
DbErrorClass sqlite_errno_class(int system_errno);

/* ---- lock.c ---- */

bool sqlite_try_lock(Connection *base, const char *key, const Batch *then, bool *held, BatchResult *result,
                     GError **error);
void sqlite_unlock(Connection *base, const char *key);
char *sqlite_lock_holder(Connection *base, const char *key);

/* ---- examine.c ---- */

void sqlite_examine(Connection *base, const ExamineOptions *options, Examination *examination);
