/* The parts of the MySQL driver that its files share: the connection, packets, errors. */
#pragma once

#include "drivers/mysql/settings.h"

#include <pthread.h>
#include <stdatomic.h>

/* Statements whose OK says something, always: in words, or which of the session's state they set. */
typedef enum MysqlTold {
    MYSQL_TOLD_UPDATE,   /* "Rows matched: 1  Changed: 1  Warnings: 0" */
    MYSQL_TOLD_ALTER,    /* "Records: 0  Duplicates: 0  Warnings: 0" */
    MYSQL_TOLD_SETTINGS, /* the session's settings, as they are set and put back:
                            session_track_system_variables */
    MYSQL_TOLD_DATABASE, /* USE: session_track_schema */
    MYSQL_TOLD_COUNT     /* others */
} MysqlTold;

typedef struct MysqlConnection {
    Connection base;
    MYSQL *handle;
    MysqlSettings *settings; /* for the second connection of cancel; others with each move */
    bool read_only;          /* opened so */
    bool single_writer;      /* the target says "galera: single-writer" */
    char *id;                /* CONNECTION_ID(): behind a proxy not what the handshake said */
    char *session_sql;       /* SET statement with the session's settings */
    char *role_sql;          /* SET ROLE statement */
    gsize packet_limit;      /* bytes of SQL in one packet */
    unsigned reply_limit_ms; /* for the first result of a packet, 0: none; in force while connecting */
    bool promoted;           /* opened read-only, and may write from the next lock on */
    GError *not_writable;    /* why nothing can be changed here; NULL: it can */
    bool status_stale;       /* an error came since the server last told its status */
    /* Bytes of what was said in this session, which may choose a language for it and whether state is told:
     * of settings the last, since they are put back in more words than they are set; else the fewest. 0:
     * nothing. */
    unsigned told[MYSQL_TOLD_COUNT];

    pthread_mutex_t cancel_mutex; /* guards running; held while a cancel is under way */
    bool running;
    atomic_bool cancelled; /* since the running batch began */
} MysqlConnection;

/* Loads the client library and sets it up, the first time. Any thread. */
bool mysql_driver_load(GError **error);
/* For messages: host:port or the socket. Caller frees. */
char *mysql_settings_address(const MysqlSettings *self);
/* Waits until the server's answer begins. False if `timeout_ms` (0: for ever) passed. */
bool mysql_handle_answers_within(MYSQL *handle, unsigned timeout_ms);

/* ---- Errors (errors.c) ---- */

/* From the last error of a handle that could not connect. `where` is for the message. */
GError *mysql_failure_connecting(MYSQL *handle, const char *where);
/* From the last error of a statement. `item` is what failed. */
GError *mysql_failure_of_item(MYSQL *handle, const BatchItem *item, bool cancelled);
GError *mysql_failure_cancelled(void);
/* An error that the server would have given. */
GError *mysql_failure_too_large(gsize length, gsize limit);

/* ---- Packets (packet.c) ---- */

/* Items that travel together: joined by ";", each making exactly one result; or one item alone, with any
 * number of results. */
typedef struct MysqlPacket {
    GString *sql;
    unsigned first; /* index of the first item */
    unsigned count;
    bool alone;
    GArray *starts;  /* gsize: where each item's text starts in `sql` */
    GArray *offsets; /* gsize: how many bytes of the item's own text were left out before it */
} MysqlPacket;

/* Takes items of `batch` from `first` on, as many as fit into `limit` bytes but at least one. An item without
 * any statement makes a packet with empty `sql`. */
MysqlPacket *mysql_packet_new(const Batch *batch, unsigned first, gsize limit);
void mysql_packet_free(MysqlPacket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MysqlPacket, mysql_packet_free)

/* Byte offset in the own text of item `first + index` that a syntax error's message points to; -1 if that is
 * not certain. The message quotes the rest of the packet from there ("near '…' at line N"), cut after 80
 * bytes. */
gssize mysql_packet_error_position(const MysqlPacket *self, unsigned index, const char *message);

/* ---- The functions of the driver ---- */

Connection *mysql_session_open(const ConnectOptions *options, GError **error);
void mysql_session_close(Connection *base);
bool mysql_session_is_mariadb(const MysqlConnection *self);
/* An expression with the value of ServerInfo.identity. */
const char *mysql_session_identity_sql(const MysqlConnection *self);
void mysql_session_add_restore(Connection *base, Batch *batch);
bool mysql_session_promote(Connection *base, GError **error);
bool mysql_session_can_move(const Connection *base, const ConnectOptions *options);
bool mysql_session_move(Connection *base, const ConnectOptions *options, GError **error);
gint64 mysql_session_free_connections(Connection *base);
/* What a SET that comes next must begin with to promote the session, if that was not sent yet; else nothing.
 * Caller frees. */
char *mysql_session_promotion(const MysqlConnection *self);
bool mysql_session_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error);
bool mysql_session_in_transaction(Connection *base);
void mysql_session_cancel(Connection *base);
bool mysql_session_try_lock(Connection *base, const char *key, const Batch *then, bool *held,
                            BatchResult *result, GError **error);
void mysql_session_unlock(Connection *base, const char *key);
void mysql_session_add_unlock(Connection *base, const char *key, Batch *batch);
char *mysql_session_lock_holder(Connection *base, const char *key);
const char *mysql_session_id(const Connection *base);
bool mysql_session_blockers(Connection *watch, const char *session_id, LockWait *wait, char **text,
                            GError **error);
/* Appends ", process 4711, application x" of a session, where the server keeps such attributes. */
void mysql_append_client(Connection *base, const char *id, GString *text);
void mysql_session_examine(Connection *base, const ExamineOptions *options, Examination *examination);
bool mysql_session_unseen(Connection *base, char **unseen, GError **error);
extern const char *const mysql_dump_programs[];
bool mysql_client_access(Connection *base, const char *folder, ClientAccess *access, GError **error);
char **mysql_dump_arguments(Connection *base, const char *program, const ClientAccess *access,
                            const char *schema, const char *path);
