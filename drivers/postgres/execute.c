/* PostgreSQL batches: which statements go in one message, and which result belongs to which.
 *
 * Owns the simple query protocol as dbfleet uses it (manual 55.2.2.1, "Multiple Statements in a Simple
 * Query"). A transaction goes in one message; outside of one each statement is a message of its own, since
 * several in a message would run as one transaction, in which CREATE INDEX CONCURRENTLY and its like cannot
 * run. So nothing after a failed statement runs in either case. Refuses to open or close transactions by
 * itself. Owner's thread only. */
#include "drivers/postgres/postgres_internal.h"

#include <poll.h>
#include <string.h>

/* A transaction larger than this goes in several messages, for the sake of memory here and on the server. */
#define MESSAGE_BYTES (16 << 20)
#define COPY_CHUNK_BYTES (1 << 20)

/* Numbers of the types char(n) and varchar(n), the same on every server (pg_type.dat). */
#define BPCHAR_TYPE 1042
#define VARCHAR_TYPE 1043

/* ---- What goes together ---- */

/* The first words of statements that open and that end a transaction block. */
static const char *const opening_words[] = {"BEGIN", "START", NULL};
static const char *const ending_words[] = {"COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE", NULL};

static bool starts_with_word(const BatchItem *item, const char *const *words)
{
    char first = item->length ? g_ascii_toupper(*item->sql) : '\0';
    for (; *words; words++) {
        gsize length = strlen(*words);
        if (first == **words && item->length >= length &&
            g_ascii_strncasecmp(item->sql, *words, length) == 0 &&
            (item->length == length || !(g_ascii_isalnum(item->sql[length]) || item->sql[length] == '_')))
            return true;
    }
    return false;
}

/* True for nothing but blanks and comments: among other statements the server gives no result for it. */
static bool is_blank(const BatchItem *item)
{
    const char *end = item->sql + item->length;
    unsigned depth = 0; /* of block comments, which nest */
    for (const char *c = item->sql; c < end; c++) {
        if (end - c >= 2 && c[0] == '/' && c[1] == '*') {
            depth++;
            c++;
        } else if (depth && end - c >= 2 && c[0] == '*' && c[1] == '/') {
            depth--;
            c++;
        } else if (!depth && end - c >= 2 && c[0] == '-' && c[1] == '-') {
            c += strcspn(c, "\r\n") - 1;
        } else if (!depth && !g_ascii_isspace(*c)) {
            return false;
        }
    }
    return true;
}

static unsigned attached_count(const Batch *batch, unsigned first)
{
    unsigned end = first;
    while (end < batch_length(batch) && batch_at(batch, end)->attached)
        end++;
    return end - first;
}

/* How many items from `first` on form the next message. A message ends behind what may end the transaction
 * ("ROLLBACK TO" and "PREPARE name" end a message early, which costs a round trip and no more). */
static unsigned message_length(PostgresConnection *self, const Batch *batch, unsigned first)
{
    bool in_block = PQtransactionStatus(self->conn) != PQTRANS_IDLE;
    if (!in_block && !starts_with_word(batch_at(batch, first), opening_words))
        return 1 + attached_count(batch, first + 1);
    gsize bytes = 0;
    for (unsigned i = first; i < batch_length(batch); i++) {
        const BatchItem *item = batch_at(batch, i);
        bytes += item->length;
        if (i > first && bytes > MESSAGE_BYTES)
            return i - first;
        bool goes_on = i + 1 < batch_length(batch) && batch_at(batch, i + 1)->attached;
        if (starts_with_word(item, ending_words) && !goes_on)
            return i - first + 1;
    }
    return batch_length(batch) - first;
}

/* ---- One message ---- */

#define SEPARATOR "\n;\n" /* its first line break ends a comment at the end of an item */

typedef struct Message {
    PostgresConnection *connection;
    const Batch *batch;
    unsigned first;
    unsigned count;
    GString *text;
    bool is_own;      /* nothing of a revision, whose rows nobody wants and may be too many to hold */
    gint64 sent_at;   /* g_get_monotonic_time() */
    gint64 deadline;  /* for the results of the items before `bounded`; 0: none */
    unsigned bounded; /* of the batch */
    BatchResult *result;
    unsigned current; /* of the batch: the item whose result comes next */
    RowSet *rows;     /* of that item, as far as read */
    bool refused_copy;
    GError *failure; /* the first */
} Message;

static void message_clear(Message *self)
{
    g_string_free(self->text, TRUE);
    rowset_free(self->rows);
    g_clear_error(&self->failure);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Message, message_clear)

static GString *message_text(const Batch *batch, unsigned first, unsigned count)
{
    gsize length = 0;
    for (unsigned i = first; i < first + count; i++)
        length += batch_at(batch, i)->length + strlen(SEPARATOR);
    GString *text = g_string_sized_new(length);
    for (unsigned i = first; i < first + count; i++) {
        const BatchItem *item = batch_at(batch, i);
        g_string_append_len(text, item->sql, (gssize)item->length);
        if (i + 1 < first + count)
            g_string_append(text, SEPARATOR);
    }
    return text;
}

/* ---- Errors and their places ---- */

/* The byte of the message that the server's position (characters, from 1) means. A SQL_ASCII database counts
 * bytes. */
static gssize message_offset(const Message *self, const char *position)
{
    guint64 characters = 0;
    if (!position || !g_ascii_string_to_unsigned(position, 10, 1, G_MAXINT, &characters, NULL))
        return -1;
    const char *encoding = PQparameterStatus(self->connection->conn, "server_encoding");
    bool bytes = encoding && g_str_equal(encoding, "SQL_ASCII");
    const char *c = self->text->str;
    const char *end = c + self->text->len;
    for (guint64 i = 1; i < characters && c < end; i++)
        c = bytes ? c + 1 : g_utf8_next_char(c);
    return MIN(c, end) - self->text->str;
}

/* Gives the error its item and byte. The position decides where there is one: a syntax error anywhere in a
 * message stops all of it before the first statement. */
static void place_error(const Message *self, GError *error, const char *position)
{
    gssize offset = message_offset(self, position);
    gssize start = 0;
    for (unsigned i = self->first; offset >= 0 && i < self->first + self->count; i++) {
        gssize length = (gssize)batch_at(self->batch, i)->length;
        if (offset <= start + length) {
            db_error_set_place(error, i, offset - start);
            return;
        }
        start += length + (gssize)strlen(SEPARATOR);
    }
    db_error_set_place(error, MIN(self->current, self->first + self->count - 1), -1);
}

/* Keeps the first failure; takes over `error`. */
static void fail(Message *self, GError *error, const char *position)
{
    if (self->failure) {
        g_error_free(error);
        return;
    }
    self->failure = error;
    place_error(self, error, position);
}

static void fail_with_result(Message *self, const PGresult *result)
{
    if (self->refused_copy && PQstatus(self->connection->conn) == CONNECTION_OK) {
        fail(self,
             db_error_new(DB_ERROR_STATEMENT, NULL, "COPY … FROM STDIN has no data behind it", NULL,
                          "Put the data inline after the statement, ended by a line with \\. only."),
             NULL);
        return;
    }
    gint64 waited = g_get_monotonic_time() - self->sent_at;
    fail(self, postgres_result_error(self->connection, result, waited),
         PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION));
}

/* ---- Results ---- */

static const BatchItem *current_item(const Message *self)
{
    return batch_at(self->batch, MIN(self->current, self->first + self->count - 1));
}

/* varchar(n) and char(n) carry n and the 4 bytes of a header, or -1. */
static unsigned column_width(const PGresult *result, int column)
{
    Oid type = PQftype(result, column);
    int modifier = PQfmod(result, column);
    return (type == VARCHAR_TYPE || type == BPCHAR_TYPE) && modifier > 4 ? (unsigned)(modifier - 4) : 0;
}

static void start_rows(Message *self, const PGresult *result)
{
    unsigned columns = (unsigned)PQnfields(result);
    g_autofree const char **names = g_new(const char *, columns + 1);
    for (unsigned i = 0; i < columns; i++)
        names[i] = PQfname(result, (int)i);
    self->rows = rowset_new(columns, names);
    for (unsigned i = 0; i < columns; i++)
        self->rows->widths[i] = column_width(result, (int)i);
}

/* Rows, or the end of them. In single-row mode they come one result each, then a result without any. */
static void read_rows(Message *self, const PGresult *result)
{
    if (!current_item(self)->wants_rows)
        return;
    if (!self->rows)
        start_rows(self, result);
    g_autofree const char **values = g_new(const char *, self->rows->columns + 1);
    for (int row = 0; row < PQntuples(result); row++) {
        for (unsigned i = 0; i < self->rows->columns; i++) {
            bool is_null = PQgetisnull(result, row, (int)i);
            values[i] = is_null ? NULL : PQgetvalue(result, row, (int)i);
        }
        rowset_add(self->rows, values);
    }
}

static void skip_blank_items(Message *self)
{
    while (self->current < self->first + self->count && is_blank(batch_at(self->batch, self->current)))
        self->current++;
}

static void finish_item(Message *self, const PGresult *result)
{
    const BatchItem *item = current_item(self);
    /* COMMIT of a failed transaction succeeds and rolls back. */
    if (g_str_equal(PQcmdStatus((PGresult *)result), "ROLLBACK") &&
        starts_with_word(item, (const char *const[]){"COMMIT", "END", "PREPARE", NULL})) {
        fail(self,
             db_error_new(DB_ERROR_STATEMENT, NULL, "the transaction had failed before and was rolled back",
                          NULL, NULL),
             NULL);
        return;
    }
    if (self->rows)
        batch_result_take(self->result, self->current, g_steal_pointer(&self->rows));
    self->current++;
    skip_blank_items(self);
    self->result->completed = MIN(self->current, self->first + self->count);
}

/* The server waits for data: sends the item's, or says that there is none. What goes wrong here is in the
 * next result. */
static void send_copy_data(Message *self)
{
    PGconn *conn = self->connection->conn;
    const BatchItem *item = current_item(self);
    if (!item->copy_data || self->failure) {
        self->refused_copy = true;
        PQputCopyEnd(conn, "no data");
        return;
    }
    for (gsize sent = 0; sent < item->copy_length; sent += COPY_CHUNK_BYTES) {
        int chunk = (int)MIN(item->copy_length - sent, COPY_CHUNK_BYTES);
        if (PQputCopyData(conn, item->copy_data + sent, chunk) != 1)
            return;
    }
    PQputCopyEnd(conn, NULL);
}

/* COPY … TO STDOUT has nobody to read it. */
static void drop_copy_data(PGconn *conn)
{
    char *row = NULL;
    while (PQgetCopyData(conn, &row, 0) > 0)
        PQfreemem(row);
}

static void read_result(Message *self, const PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        read_rows(self, result);
        break;
    case PGRES_TUPLES_OK:
        read_rows(self, result);
        finish_item(self, result);
        break;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        finish_item(self, result);
        break;
    case PGRES_COPY_IN:
        send_copy_data(self);
        break;
    case PGRES_COPY_OUT:
        drop_copy_data(self->connection->conn);
        break;
    default:
        fail_with_result(self, result);
    }
}

/* Waits for the next result no longer than the deadline. */
static bool await_result(Message *self)
{
    PGconn *conn = self->connection->conn;
    while (self->deadline && self->current < self->bounded && PQisBusy(conn)) {
        if (!postgres_wait(conn, POLLIN, self->deadline)) {
            fail(self,
                 db_error_new(DB_ERROR_UNREACHABLE, NULL,
                              "the server accepted the connection but did not answer in time", NULL, NULL),
                 NULL);
            return false;
        }
        if (!PQconsumeInput(conn))
            return true; /* PQgetResult says why */
    }
    return true;
}

static void read_results(Message *self)
{
    while (await_result(self)) {
        g_autoptr(PGresult) result = PQgetResult(self->connection->conn);
        if (!result)
            break;
        read_result(self, result);
    }
    if (!self->failure && PQstatus(self->connection->conn) == CONNECTION_BAD)
        fail(self, postgres_lost_error(self->connection->conn), NULL);
}

static GError *zero_byte_error(void)
{
    return db_error_new(DB_ERROR_STATEMENT, NULL,
                        "a statement holds a zero byte, which PostgreSQL does not take", NULL,
                        "Remove it from the file.");
}

static bool message_run(Message *self, GError **error)
{
    PGconn *conn = self->connection->conn;
    self->sent_at = g_get_monotonic_time();
    if (strlen(self->text->str) < self->text->len) { /* libpq would send what is before it, and only that */
        fail(self, zero_byte_error(), NULL);
    } else if (PQsendQuery(conn, self->text->str)) {
        if (!self->is_own)
            PQsetSingleRowMode(conn);
        skip_blank_items(self);
        read_results(self);
    } else {
        fail(self, postgres_lost_error(conn), NULL);
    }
    if (self->failure) {
        g_propagate_error(error, g_steal_pointer(&self->failure));
        return false;
    }
    self->result->completed = self->first + self->count;
    return true;
}

static bool send_message(PostgresConnection *self, const Batch *batch, unsigned first, unsigned count,
                         BatchResult *result, GError **error)
{
    g_auto(Message) message = {.connection = self,
                               .batch = batch,
                               .first = first,
                               .count = count,
                               .text = message_text(batch, first, count),
                               .result = result,
                               .current = first};
    return message_run(&message, error);
}

bool postgres_send_own(PostgresConnection *self, const Batch *batch, BatchResult *result, GError **error)
{
    return postgres_send_by(self, batch, 0, 0, result, error);
}

bool postgres_send_by(PostgresConnection *self, const Batch *batch, unsigned bounded, gint64 deadline,
                      BatchResult *result, GError **error)
{
    unsigned count = batch_length(batch);
    g_auto(Message) message = {.connection = self,
                               .batch = batch,
                               .count = count,
                               .text = message_text(batch, 0, count),
                               .is_own = true,
                               .deadline = deadline,
                               .bounded = bounded,
                               .result = result};
    return message_run(&message, error);
}

bool postgres_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error)
{
    PostgresConnection *self = (PostgresConnection *)base;
    unsigned next = 0;
    while (next < batch_length(batch)) {
        unsigned count = message_length(self, batch, next);
        if (!send_message(self, batch, next, count, result, error))
            return false;
        next += count;
    }
    return true;
}
