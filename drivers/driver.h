/* Drivers: one connection to one database, spoken to in batches.
 *
 * A driver is a row of functions and feature bits; everything above this folder works by these and never by a
 * driver's name. It knows how to connect, send a batch of statements in as few round trips as its protocol
 * allows and say exactly which statement failed, take the lock of a target, and cancel from another thread.
 * It refuses to know what a revision, a plan or a fleet is, retries nothing, and prints nothing.
 *
 * A Connection belongs to one thread at a time; only connection_cancel() and connection_sever() may be called
 * from another, while the owner guarantees that the connection is not closed meanwhile. */
#pragma once

#include "base/db_url.h"
#include "base/finding.h"
#include "sql/dialect.h"

#include <stdatomic.h>
#include <sys/socket.h>

/* ---- Errors ---- */

#define DB_ERROR (db_error_quark())
GQuark db_error_quark(void);

/* The class of a database error: what decides retry, budget and exit code. Each driver maps its own codes by
 * a table. */
typedef enum DbErrorClass {
    DB_ERROR_UNREACHABLE,     /* no connection: refused, timed out, unknown host, TLS failed */
    DB_ERROR_BUSY,            /* no connection for now: too many connections, starting up, shutting down */
    DB_ERROR_AUTHENTICATION,  /* the server answered and said no: password, role, host rule */
    DB_ERROR_NO_DATABASE,     /* database, schema or file does not exist */
    DB_ERROR_CONNECTION_LOST, /* broke after it was made: whether the batch took effect is not known */
    DB_ERROR_LOCK_TIMEOUT,    /* lock_timeout, innodb_lock_wait_timeout, SQLITE_BUSY */
    DB_ERROR_DEADLOCK,        /* deadlock or serialization failure: the transaction was rolled back */
    DB_ERROR_TIMEOUT,         /* statement_timeout */
    DB_ERROR_CANCELLED,       /* by connection_cancel() */
    DB_ERROR_READ_ONLY,       /* standby, read_only server, read-only file */
    DB_ERROR_PERMISSION,      /* the role may not do this */
    DB_ERROR_UNDEFINED_TABLE, /* also an undefined schema inside a statement */
    DB_ERROR_HEADS_MOVED,     /* a version write did not match exactly its rows (version_store.h) */
    DB_ERROR_DISK_FULL,
    DB_ERROR_NEEDS_RECOVERY, /* SQLite: a hot journal that a read-only connection cannot roll back */
    DB_ERROR_UNSUPPORTED,    /* a server too old, a pooler that shares sessions, Galera: refused on purpose */
    DB_ERROR_STATEMENT       /* anything else that the server refused */
} DbErrorClass;
/* "unreachable", "authentication", "lock-timeout", …: stable names for JSON and reports. */
const char *db_error_class_name(DbErrorClass error_class);

/* What a server said besides the message, attached to every DB_ERROR (GLib's extended error). */
typedef struct DbErrorDetail {
    char *code;   /* SQLSTATE or error number as text; NULL if there is none */
    char *detail; /* NULL if the server gave none */
    char *hint;
    gssize item;     /* index of the batch item that failed; -1: not about an item */
    gssize position; /* byte offset in that item's sql; -1: unknown */
} DbErrorDetail;
/* NULL unless the error is of DB_ERROR. Owned by the error. */
const DbErrorDetail *db_error_detail(const GError *error);

/* For drivers: makes an error. `code`, `detail`, `hint` may be NULL; the texts are copied. Never put a
 * password in. */
GError *db_error_new(DbErrorClass error_class, const char *code, const char *message, const char *detail,
                     const char *hint);
/* Sets item and position on an error made by db_error_new. */
void db_error_set_place(GError *error, gssize item, gssize position);

/* ---- Batches ---- */

/* A value for a "?": a text, a number, or SQL NULL (a text that is NULL). The text is the caller's. */
typedef struct BoundValue {
    bool is_number;
    union {
        const char *text;
        gint64 number;
    };
} BoundValue;

/* One statement to send. The texts are the caller's and must live while the batch runs. */
typedef struct BatchItem {
    const char *sql;
    gsize length;
    bool wants_rows;       /* keep the rows it returns; else they are read and dropped */
    const char *copy_data; /* COPY … FROM stdin: the inline data; NULL otherwise */
    gsize copy_length;
    /* DRIVER_BOUND_ROWS: one statement, which runs once for each row of `bound_columns` values, bound to
     * its "?"; NULL: it runs once, and has none. Two values that are one text in memory are not told apart.
     */
    const BoundValue *bound;
    gsize bound_rows;
    unsigned bound_columns;
    bool attached;   /* goes in the message of the item before it, although that may end a transaction: reads
                        and locks, which run in a transaction of their own as well as in none */
    bool one_result; /* makes one result for sure, whatever it begins with, and may share a message */
} BatchItem;

typedef struct Batch Batch;

Batch *batch_new(void);
void batch_free(Batch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Batch, batch_free)
/* Adds an item that points into the caller's text. Returns its index. */
unsigned batch_add(Batch *self, const BatchItem *item);
/* Adds a text that the batch takes over and frees. Returns its index. */
unsigned batch_take(Batch *self, char *sql, bool wants_rows);
/* The same of a statement of dbfleet's own, without rows and with one result for sure. */
unsigned batch_take_own(Batch *self, char *sql);
/* The same with rows to bind, one behind the other in `values` (of BoundValue): takes over the list, not the
 * texts in it. */
unsigned batch_take_bound(Batch *self, char *sql, GArray *values, unsigned columns);
/* A copy that lives as long as the batch. */
const char *batch_keep(Batch *self, const char *text);
/* The same as an attached item. */
unsigned batch_attach(Batch *self, char *sql, bool wants_rows);
unsigned batch_length(const Batch *self);
const BatchItem *batch_at(const Batch *self, unsigned index);

/* Rows of one item: texts as the server writes them, NULL for SQL NULL. */
typedef struct RowSet {
    unsigned columns;
    char **names;     /* of the columns, NULL-terminated */
    unsigned *widths; /* most characters that each column was declared to hold; 0: no limit, or not told */
    GPtrArray *rows;  /* of char **, each with `columns` entries, some possibly NULL */
} RowSet;

typedef struct BatchResult {
    unsigned completed; /* items known to have succeeded, counted from the first */
    GHashTable *rows; /* item index (GUINT_TO_POINTER) -> RowSet * for items with wants_rows that completed */
} BatchResult;

/* Makes it empty; a zeroed BatchResult is empty too. */
void batch_result_clear(BatchResult *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BatchResult, batch_result_clear)
/* NULL if that item kept no rows. */
const RowSet *batch_result_rows(const BatchResult *self, unsigned item);
/* First column of the first row, or NULL. */
const char *batch_result_value(const BatchResult *self, unsigned item);

/* For drivers: an empty set with `columns` named columns; rowset_add copies the values. */
RowSet *rowset_new(unsigned columns, const char *const *names);
void rowset_add(RowSet *self, const char *const *values);
/* For drivers: hands the set to the result as that item's rows. */
void batch_result_take(BatchResult *self, unsigned item, RowSet *rows);
/* For drivers: moves what items from `first` on returned to `result`, where they are counted from 0; for a
 * batch that was sent behind `first` items of the driver's. */
void batch_result_move(BatchResult *self, unsigned first, BatchResult *result);

/* ---- Connections ---- */

/* What is read as soon as a session stands, in the message that sets it up where the protocol can: one round
 * trip less. The session stands whether it could be read or not. */
typedef struct FirstRead {
    const Batch *batch;
    BatchResult result;
    bool sent;     /* the driver did; else connection_open() sends it */
    GError *error; /* why it could not be read; NULL: it was. The caller's */
} FirstRead;
void first_read_clear(FirstRead *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FirstRead, first_read_clear)

typedef struct ConnectOptions {
    const DbUrl *url;
    const char *password; /* resolved; NULL: the client's own sources (PGPASSFILE, ~/.my.cnf, …) or none */
    const char *schema;   /* DRIVER_SCHEMAS: the schema to work in; NULL: the session's default */
    bool create;          /* SQLite: make a missing file */
    bool create_schema;   /* make a missing schema (not with read_only) */
    bool read_only;       /* a preview: the session can change nothing where the server offers that */
    bool pooler_session;  /* the target says "pooler: session" */
    bool galera_single_writer;
    bool foreign_keys;           /* SQLite: PRAGMA foreign_keys */
    unsigned connect_timeout_ms; /* 0: no limit, as below */
    unsigned lock_timeout_ms;    /* waiting for a row or table lock inside a statement */
    unsigned statement_timeout_ms;
    const char *application_name; /* "dbfleet" or "dbfleet RUN": shown in the server's process list */
    FirstRead *first;             /* NULL: nothing */
} ConnectOptions;

/* What the server said about itself when the connection was made. */
typedef struct ServerInfo {
    Dialect dialect; /* MariaDB or MySQL is known only now */
    char *version;   /* "PostgreSQL 15.18", "MariaDB 10.11.6", "SQLite 3.40.1" */
    char *identity;  /* tells this server from a copy of it: system identifier, server UUID or id@host:port;
                        SQLite: path */
    char *user;      /* role in force; SQLite: NULL */
    char *database;  /* current database; SQLite: the canonical path */
    char *schema;    /* schema our tables are in, never NULL: current schema, database, or "main" */
    bool pooled;     /* a pooler stands between, which may have few sessions to give */
} ServerInfo;

/* ---- Examining ---- */

/* What an examination looks at besides the server. */
typedef struct ExamineOptions {
    const char *version_table;
    const char *history_table;
    const char *const *history_columns; /* that the history table must have, NULL-terminated */
    unsigned statement_timeout_ms;      /* the target's; 0: none */
    unsigned old_minutes;               /* a transaction that is open for longer is told */
    bool foreign_keys;                  /* the target's */
    bool deep;                          /* also what reads the whole database */
} ExamineOptions;

/* What was found in one target and its server. */
typedef struct Examination {
    GPtrArray *findings;       /* of Finding * */
    gint64 connections_max;    /* that this user may have open with all others, reserved ones left out; 0: not
                                  known, or no limit */
    gint64 connections_in_use; /* of these, by others than dbfleet where that can be told */
    gint64 clock_us;           /* the server's clock since 1970; 0: not known */
} Examination;
Examination *examination_new(void);
void examination_free(Examination *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Examination, examination_free)

typedef struct Driver Driver;

/* A network socket by its number and its own address, since the number alone may be another one's by now. */
typedef struct SocketMark {
    int descriptor;
    socklen_t length; /* of `address`; 0: no network socket */
    struct sockaddr_storage address;
} SocketMark;

/* Base of every driver's connection; drivers embed it as their first member. */
typedef struct Connection {
    const Driver *driver;
    ServerInfo server;
    SocketMark socket; /* unchanged as long as the connection is open */
    /* g_get_monotonic_time() when the batch that runs now was sent; 0: none runs. Any thread may read it. */
    _Atomic gint64 busy_since;
} Connection;

/* What a session of ours waits for, as its server tells another session. */
typedef enum LockWait {
    LOCK_WAIT_NONE,    /* for no lock */
    LOCK_WAIT_TOLD,    /* for one, and it is known who holds it */
    LOCK_WAIT_UNKNOWN, /* for one, and who holds it is unknown, or only guessed */
    LOCK_WAIT_UNSEEN   /* whether it waits cannot be seen: a right is missing */
} LockWait;

typedef enum DriverFeature {
    DRIVER_TRANSACTIONAL_DDL = 1 << 0,
    DRIVER_SCHEMAS = 1 << 1,   /* a target may name a schema of a database */
    DRIVER_NETWORK = 1 << 2,   /* a server with a host: per_host counts */
    DRIVER_COPY_DATA = 1 << 3, /* BatchItem.copy_data works */
    DRIVER_STOPS_AT_ERROR =
        1 << 4, /* items after a failed one in the same batch do not run, with no transaction around them */
    DRIVER_TABLE_REBUILD = 1 << 5, /* foreign_keys:off has a meaning (SQLite) */
    DRIVER_BOUND_ROWS = 1 << 6     /* BatchItem.bound works */
} DriverFeature;

/* What a program of the server's own (pg_dump, mariadb-dump) needs to connect as a connection does: in its
 * environment and in private files, never in its arguments. */
typedef struct ClientAccess {
    char **environment; /* for the program: g_environ_setenv() and its like */
    char *secret;       /* the password in it, to be masked in what the program says; NULL: none */
    char *file;         /* option file that has all of it; NULL: the driver's programs read none */
    char *host;         /* where the connection is and whose; NULL: the client's default */
    char *port;
    char *user;
} ClientAccess;
/* Wipes what it held. A zeroed one may be cleared. */
void client_access_clear(ClientAccess *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ClientAccess, client_access_clear)

struct Driver {
    const char *name;           /* "postgres", "mysql", "sqlite" */
    const char *const *schemes; /* URL schemes, NULL-terminated */
    const char *const
        *parameters;   /* URL query parameters it understands, NULL-terminated: others are refused */
    unsigned features; /* of DriverFeature */
    const char *begin; /* the statement that opens a read-write transaction */
    const char *begin_read_only; /* … and one that can only read; NULL: there is none */

    const char *usual_schema;      /* ServerInfo.schema of most databases; NULL: it is the database's name */
    const char *size_query;        /* one number: bytes of the current database */
    const char *schema_size_query; /* … of the current schema; NULL: it has no schemas */

    /* Client library and its version, "libpq 15.18". Caller frees. NULL and an error where it is not there:
     * it is loaded with the first of these calls or connections. */
    char *(*client_version)(GError **error);

    /* A session with every setting of the options in force. Refuses a standby or read-only server unless
     * options->read_only (DB_ERROR_READ_ONLY), too old a server, a transaction pooler, Galera without
     * permission (DB_ERROR_UNSUPPORTED). */
    Connection *(*connect)(const ConnectOptions *options, GError **error);
    void (*close)(Connection *self);
    /* Lets a session that was opened read_only change things from the next try_lock() on, in whose message
     * what that takes travels. False, with what connect would have said, where the server refuses changes.
     * NULL: a session stays as it was opened. */
    bool (*promote)(Connection *self, GError **error);
    /* True if connect() with these options would make a session like this one, which was opened read_only and
     * is as connect() left it, but for the place in the server that move() can change: on MySQL the database,
     * on PostgreSQL the schema. Asks nothing. NULL: sessions stay where they are. */
    bool (*can_move)(const Connection *self, const ConnectOptions *options);
    /* Brings it there in one message, with options->first in it where the protocol can; only where can_move()
     * said so, and no other thread may use the connection meanwhile. False: it is of no use any more,
     * whatever the reason, and connect() will tell the target's own. */
    bool (*move)(Connection *self, const ConnectOptions *options, GError **error);
    /* How many more connections this user may open on the server as it is now; 0 where that is not known.
     * NULL: there is no such number. */
    gint64 (*free_connections)(Connection *self);

    /* Sends all items and reads every result. Stops at the first failure: result->completed tells how far it
     * came, the error which item. Opens and closes no transaction of its own; an open one that failed stays
     * the caller's to roll back. */
    bool (*execute)(Connection *self, const Batch *batch, BatchResult *result, GError **error);

    /* Tries once, without waiting, to take the lock called `key` (64 hex digits, lock_key()), and if it was
     * taken runs `then` in the same message where the protocol can. *held tells which; a failure of `then` is
     * an error with *held true. The lock lives until unlock, close, or the death of this process. Locks are
     * not counted: do not take one twice. */
    bool (*try_lock)(Connection *self, const char *key, const Batch *then, bool *held, BatchResult *result,
                     GError **error);
    void (*unlock)(Connection *self, const char *key);
    /* Adds to a batch what gives the lock back, as an attached item. NULL: only unlock does. */
    void (*add_unlock)(Connection *self, const char *key, Batch *batch);
    /* Who holds it, for a person: "pid 4711, application dbfleet 20261122-…, user migrator, from 10.0.0.5,
     * since …"; NULL when that cannot be told. Caller frees. */
    char *(*lock_holder)(Connection *self, const char *key);

    /* What names this session on its server: backend pid, CONNECTION_ID. The connection's own, unchanged as
     * long as it is open; any thread may read it. NULL: there are no such names. */
    const char *(*session_id)(const Connection *self);
    /* Asks, over a session of its own, who holds the lock that the session called `session_id` waits for.
     * *text is one line for a person: "pid 4711, user app, application psql, from 10.0.0.5, idle in a
     * transaction for 3m 05s, last statement UPDATE invoices …", "perhaps connection 12, …" or "unknown: …"
     * and why; NULL with LOCK_WAIT_NONE. Of others' statements only the first words are shown, never a value.
     * Caller frees. False: the question itself failed, and `watch` may be of no use any more. NULL: the
     * database does not tell. */
    bool (*blockers)(Connection *watch, const char *session_id, LockWait *wait, char **text, GError **error);

    /* Asks the server to stop what the connection is doing. Any thread; returns at once or after a short
     * round trip. */
    void (*cancel)(Connection *self);
    /* True if the transaction that a batch opened is still open (after an error). */
    bool (*in_transaction)(Connection *self);
    /* Adds the statements that put the session's settings back to what connect made them, whatever SQL of a
     * user has SET since: role, search path or database, timeouts, checks. NULL: the driver has no such
     * settings. May run inside a transaction. */
    void (*add_restore)(Connection *self, Batch *batch);
    /* Between two pieces of work: gives memory back that the session keeps only to be faster. NULL: it keeps
     * none. */
    void (*rest)(Connection *self);
    /* Looks for what would make a run fail or its outcome doubtful: rights, settings, leftovers, what stands
     * in the way. Only reads, in the session as it is, and cannot fail: what may not be asked is a finding
     * too. NULL: the driver has nothing to look at. */
    void (*examine)(Connection *self, const ExamineOptions *options, Examination *examination);
    /* Which objects of the current database the server leaves out of what it tells this user, and the
     * privilege that each takes: "triggers (TRIGGER), events (EVENT)"; NULL: none. Caller frees. NULL: a user
     * who may connect sees all. */
    bool (*unseen)(Connection *self, char **unseen, GError **error);

    /* ---- Backups ---- */

    const char *backup_suffix; /* ".dump": of the files that the two ways below make */
    /* A copy of the whole database in the file `path`, consistent while others write. Ends early with
     * DB_ERROR_TIMEOUT after `timeout_ms` (0: no limit) and DB_ERROR_CANCELLED after cancel(). NULL: one of
     * the programs below does it. */
    bool (*backup)(Connection *self, const char *path, unsigned timeout_ms, GError **error);
    const char *const *dump_programs; /* NULL-terminated, the best first; NULL: none is needed */
    /* Adds what client programs need to connect to where the connection is. Files with secrets in them go
     * into `folder`, which is private. NULL: there is nothing to connect to. */
    bool (*client_access)(Connection *self, const char *folder, ClientAccess *access, GError **error);
    /* Arguments (the program among them) that write the database, or only `schema` of it, into `path`.
     * Caller frees with g_strfreev(). */
    char **(*dump_arguments)(Connection *self, const char *program, const ClientAccess *access,
                             const char *schema, const char *path);
};

/* ---- The drivers that were built in ---- */

/* NULL-terminated, in a fixed order. */
const Driver *const *drivers_all(void);
/* By URL scheme. NULL and DB_ERROR_UNSUPPORTED naming the driver that this build lacks, or the schemes that
 * exist. */
const Driver *driver_for_scheme(const char *scheme, GError **error);
/* False and DB_ERROR_UNSUPPORTED if the URL has a query parameter that the driver does not know.
 * connection_open() checks the same; this is for checking without connecting. */
bool driver_accepts_url(const Driver *self, const DbUrl *url, GError **error);

/* Thin callers, so that code above reads as verbs. */
Connection *connection_open(const ConnectOptions *options, GError **error);
void connection_close(Connection *self); /* NULL-safe */
/* can_move() where the driver has it and connection_open() would take the options. */
bool connection_can_move(const Connection *self, const ConnectOptions *options);
/* True: a session as connection_open() makes it, with what was first read. False and why: close it. */
bool connection_move(Connection *self, const ConnectOptions *options, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Connection, connection_close)
bool connection_execute(Connection *self, const Batch *batch, BatchResult *result, GError **error);
/* False once the other side has closed the connection, or has said something that nobody asked for; true
 * where that cannot be told. For a connection that was left alone for a while. */
bool connection_is_quiet(const Connection *self);
/* One statement; rows are dropped. */
bool connection_run(Connection *self, const char *sql, GError **error);
/* One statement whose rows are wanted; caller frees with rowset_free. */
RowSet *connection_query(Connection *self, const char *sql, GError **error);
void rowset_free(RowSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RowSet, rowset_free)
void connection_cancel(Connection *self);
/* Ends the connection's network socket without a word, so that a batch that waits for an answer which never
 * comes fails with DB_ERROR_CONNECTION_LOST. Any thread, as connection_cancel(); nothing where there is no
 * network. */
void connection_sever(const Connection *self);
/* For drivers: notes the socket that connection_sever() ends. */
void connection_mark_socket(Connection *self, int descriptor);
/* Calls add_restore if the driver has it. */
void connection_add_restore(Connection *self, Batch *batch);
/* Calls rest if the driver has it. */
void connection_rest(Connection *self);
/* Calls examine if the driver has it. */
void connection_examine(Connection *self, const ExamineOptions *options, Examination *examination);
/* Rolls back an open transaction, ignoring what a dead connection says. */
void connection_rollback(Connection *self);

/* For drivers: frees the members of ServerInfo. */
void server_info_clear(ServerInfo *self);
/* The key of a target's lock: SHA-256 (hex) of database, schema and version table. Caller frees. */
char *lock_key(const ServerInfo *server, const char *version_table);
