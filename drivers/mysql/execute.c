/* Execution: sends a batch in packets, reads every result, and says which item failed.
 *
 * The server runs the statements of one packet in order and stops at the first that fails; each but the last
 * of a packet's results announces that another follows. Refuses to open or close transactions. One thread at
 * a time. */
#include "drivers/mysql/mysql_internal.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define BINARY_CHARACTER_SET 63

/* What results have at least, in bytes: OK without words, one column without rows ("Protocol: OK_Packet",
 * "Text Resultset"). */
#define LEAST_OK 11
#define LEAST_ROWS 40
/* How long the words after OK are, those of UPDATE in any language, what is said of state, and each piece of
 * it
 * ("Protocol: OK_Packet", session state). */
#define TOLD_LENGTH 1
#define STATE_HEADER 2
#define LEAST_TOLD_BY_UPDATE 31
#define LONGEST_GATHERING_MS 50
#define LONGEST_READING_MS 2

/* ---- Results ---- */

/* Texts are told in bytes of the session's character set, the others in digits. */
static unsigned field_width(const MYSQL_FIELD *field, unsigned bytes_per_character)
{
    bool is_text = field->type == MYSQL_TYPE_VAR_STRING || field->type == MYSQL_TYPE_STRING;
    bool is_binary = field->charsetnr == BINARY_CHARACTER_SET;
    return is_text ? (unsigned)(field->length / (is_binary ? 1 : bytes_per_character)) : 0;
}

static RowSet *new_rows(MYSQL *handle, MYSQL_RES *result)
{
    unsigned columns = mysql_num_fields(result);
    MY_CHARSET_INFO characters;
    mysql_get_character_set_info(handle, &characters);
    const MYSQL_FIELD *fields = mysql_fetch_fields(result);
    g_autofree const char **names = g_new0(const char *, columns + 1);
    for (unsigned i = 0; i < columns; i++)
        names[i] = fields[i].name;
    RowSet *rows = rowset_new(columns, names);
    for (unsigned i = 0; i < columns; i++)
        rows->widths[i] = field_width(&fields[i], characters.mbmaxlen);
    return rows;
}

/* Reads the result that is due, to its end; an error may come after any row. `rows` NULL: drops them; else
 * gets the set of the first result that has columns. */
static bool read_result(MYSQL *handle, RowSet **rows)
{
    MYSQL_RES *result = mysql_use_result(handle);
    if (!result)
        return mysql_field_count(handle) == 0;
    RowSet *kept = rows && !*rows ? new_rows(handle, result) : NULL;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result));)
        if (kept)
            rowset_add(kept, (const char *const *)row);
    mysql_free_result(result);
    if (kept)
        *rows = kept;
    return mysql_errno(handle) == 0;
}

/* Reads the results of an item: the one that is due, and those that follow if the item is alone. */
static bool read_item(MYSQL *handle, bool alone, RowSet **rows)
{
    bool ok = read_result(handle, rows);
    while (ok && alone && mysql_more_results(handle))
        ok = mysql_next_result(handle) == 0 && read_result(handle, rows);
    return ok;
}

/* ---- Packets ---- */

bool mysql_handle_answers_within(MYSQL *handle, unsigned timeout_ms)
{
    struct pollfd socket = {.fd = mysql_get_socket(handle), .events = POLLIN};
    return timeout_ms == 0 || poll(&socket, 1, (int)MIN(timeout_ms, G_MAXINT)) != 0;
}

/* `word` begins with a small letter; most places are told by theirs. */
static bool stands_at(const char *text, const char *word, gsize length)
{
    return (text[0] | 0x20) == word[0] && g_ascii_strncasecmp(text, word, length) == 0;
}

static bool holds(const BatchItem *item, const char *word)
{
    gsize length = strlen(word);
    for (gsize at = 0; at + length <= item->length; at++)
        if (stands_at(item->sql + at, word, length))
            return true;
    return false;
}

static bool begins_with(const BatchItem *item, const char *words)
{
    gsize length = strlen(words);
    return item->length > length && stands_at(item->sql, words, length);
}

/* As it is told at the beginning, or put back. */
static bool sets_session(const MysqlConnection *self, const BatchItem *item)
{
    gsize length = self->session_sql ? strlen(self->session_sql) : 0;
    return length && item->length > length && memcmp(item->sql, self->session_sql, length) == 0;
}

/* A table that is only renamed, or is as it shall be, takes no words. */
static MysqlTold told_by(const MysqlConnection *self, const BatchItem *item)
{
    static const char *const altering[] = {"alter table ", "create index ", "create unique index ",
                                           "drop index "};
    if (begins_with(item, "update "))
        return MYSQL_TOLD_UPDATE;
    if (begins_with(item, "use "))
        return MYSQL_TOLD_DATABASE;
    if (sets_session(self, item))
        return MYSQL_TOLD_SETTINGS;
    for (gsize i = 0; i < G_N_ELEMENTS(altering); i++)
        if (begins_with(item, altering[i]) && !holds(item, "rename") && !holds(item, "exists"))
            return MYSQL_TOLD_ALTER;
    return MYSQL_TOLD_COUNT;
}

/* Of a kind of state that the last OK told; each variable is a name and a value. */
static unsigned state_bytes(MYSQL *handle, enum enum_session_state_type type, unsigned texts)
{
    const char *text;
    size_t length;
    unsigned bytes = 0, count = 0;
    for (int end = mysql_session_track_get_first(handle, type, &text, &length); !end;
         end = mysql_session_track_get_next(handle, type, &text, &length), count++)
        bytes += TOLD_LENGTH + (unsigned)length;
    return bytes + count / texts * STATE_HEADER;
}

/* Without words their length is told as well. */
static unsigned told_state(const MysqlConnection *self)
{
    unsigned status = 0;
    mariadb_get_infov(self->handle, MARIADB_CONNECTION_SERVER_STATUS, &status);
    if (!(status & SERVER_SESSION_STATE_CHANGED))
        return 0;
    return TOLD_LENGTH + TOLD_LENGTH + state_bytes(self->handle, SESSION_TRACK_SYSTEM_VARIABLES, 2) +
           state_bytes(self->handle, SESSION_TRACK_SCHEMA, 1);
}

static void hear(MysqlConnection *self, const BatchItem *item)
{
    MysqlTold kind = told_by(self, item);
    if (kind == MYSQL_TOLD_COUNT)
        return;
    bool of_state = kind == MYSQL_TOLD_SETTINGS || kind == MYSQL_TOLD_DATABASE;
    const char *words = of_state ? NULL : mysql_info(self->handle);
    unsigned bytes = of_state ? told_state(self) : words ? TOLD_LENGTH + (unsigned)strlen(words) : 0;
    bool fewest = self->told[kind] && kind != MYSQL_TOLD_SETTINGS;
    if (of_state || words)
        self->told[kind] = fewest ? MIN(self->told[kind], bytes) : bytes;
}

static int least_result(const MysqlConnection *self, const BatchItem *item)
{
    if (item->wants_rows)
        return LEAST_ROWS;
    MysqlTold kind = told_by(self, item);
    unsigned told = kind == MYSQL_TOLD_COUNT ? 0 : self->told[kind];
    return LEAST_OK + (int)(kind == MYSQL_TOLD_UPDATE ? MAX(told, LEAST_TOLD_BY_UPDATE) : told);
}

/* A message that reads and does no more than move, lock or set before: where a target is new, a database or a
 * table is missing, which the server says at once and in fewer bytes than rows have. */
static bool only_reads(const MysqlPacket *packet, const Batch *batch)
{
    for (unsigned i = 1; i < packet->count; i++)
        if (!batch_at(batch, packet->first + i)->wants_rows)
            return false;
    return true;
}

/* A server sends each result as its statement ends, and being woken for each costs a client more than reading
 * them all: for a short while the socket only says so when there is as much as they must have. An error may
 * be less, and takes that while; so may words in another language than before. */
static void gather_results(const MysqlConnection *self, const MysqlPacket *packet, const Batch *batch)
{
    struct pollfd socket = {.fd = mysql_get_socket(self->handle), .events = POLLIN};
    int least = 0, any = 1;
    for (unsigned i = 0; i < packet->count; i++)
        least += least_result(self, batch_at(batch, packet->first + i));
    if (packet->count < 2 || setsockopt(socket.fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least) != 0)
        return;
    poll(&socket, 1, only_reads(packet, batch) ? LONGEST_READING_MS : LONGEST_GATHERING_MS);
    setsockopt(socket.fd, SOL_SOCKET, SO_RCVLOWAT, &any, sizeof any);
}

static GError *silence_error(const MysqlConnection *self)
{
    g_autofree char *address = mysql_settings_address(self->settings);
    g_autofree char *message = g_strdup_printf(
        "%s: the server took the connection but did not answer within %u ms", address, self->reply_limit_ms);
    return db_error_new(DB_ERROR_UNREACHABLE, NULL, message, NULL, NULL);
}

/* Sends the packet and waits for the first result. */
static bool send_packet(MysqlConnection *self, const MysqlPacket *packet, const Batch *batch, GError **error)
{
    if (packet->sql->len > self->packet_limit) {
        g_propagate_error(error, mysql_failure_too_large(packet->sql->len, self->packet_limit));
        return false;
    }
    if (mysql_send_query(self->handle, packet->sql->str, packet->sql->len) != 0)
        return false;
    gather_results(self, packet, batch);
    if (!mysql_handle_answers_within(self->handle, self->reply_limit_ms)) {
        g_propagate_error(error, silence_error(self));
        return false;
    }
    return mysql_read_query_result(self->handle) == 0;
}

/* The error of the first item that did not complete. Takes over `problem`; NULL: what the handle says. */
static bool fail_item(MysqlConnection *self, const MysqlPacket *packet, const Batch *batch, unsigned item,
                      GError *problem, GError **error)
{
    gssize position = -1;
    self->status_stale = true;
    if (!problem) {
        position = mysql_packet_error_position(packet, item - packet->first, mysql_error(self->handle));
        problem = mysql_failure_of_item(self->handle, batch_at(batch, item), atomic_load(&self->cancelled));
    }
    db_error_set_place(problem, item, position);
    g_propagate_error(error, problem);
    return false;
}

/* Counting tells results apart, so a number that does not fit must not pass: what ran is not known. */
static bool fail_count(MysqlConnection *self, unsigned item, GError **error)
{
    while (mysql_more_results(self->handle) && mysql_next_result(self->handle) == 0 &&
           read_result(self->handle, NULL)) {
    }
    self->status_stale = true;
    GError *surprise =
        db_error_new(DB_ERROR_STATEMENT, NULL,
                     "the server gave another number of results than there were statements", NULL,
                     "Which statements took effect must be looked at by hand; does one hold several, "
                     "separated by semicolons?");
    db_error_set_place(surprise, item, -1);
    g_propagate_error(error, surprise);
    return false;
}

static bool finish_item(MysqlConnection *self, const MysqlPacket *packet, const BatchItem *item,
                        BatchResult *result)
{
    RowSet *rows = NULL;
    bool ok = read_item(self->handle, packet->alone, item->wants_rows ? &rows : NULL);
    if (ok && rows)
        batch_result_take(result, result->completed, g_steal_pointer(&rows));
    rowset_free(rows);
    result->completed += ok;
    if (ok)
        hear(self, item);
    return ok;
}

static bool run_packet(MysqlConnection *self, const MysqlPacket *packet, const Batch *batch,
                       BatchResult *result, GError **error)
{
    GError *problem = NULL;
    unsigned end = packet->first + packet->count;
    bool ok = send_packet(self, packet, batch, &problem);
    while (ok && result->completed < end) {
        ok = finish_item(self, packet, batch_at(batch, result->completed), result);
        if (ok && mysql_more_results(self->handle) != (result->completed < end))
            return fail_count(self, result->completed - 1, error);
        if (ok && result->completed < end)
            ok = mysql_next_result(self->handle) == 0;
    }
    return ok || fail_item(self, packet, batch, result->completed, problem, error);
}

/* ---- Batches ---- */

static void begin_running(MysqlConnection *self)
{
    pthread_mutex_lock(&self->cancel_mutex);
    self->running = true;
    atomic_store(&self->cancelled, false);
    pthread_mutex_unlock(&self->cancel_mutex);
}

/* Waits for a cancel that is under way, so that its KILL cannot hit what is sent next. */
static void end_running(MysqlConnection *self)
{
    pthread_mutex_lock(&self->cancel_mutex);
    self->running = false;
    pthread_mutex_unlock(&self->cancel_mutex);
}

static bool run_packets(MysqlConnection *self, const Batch *batch, BatchResult *result, GError **error)
{
    while (result->completed < batch_length(batch)) {
        if (atomic_load(&self->cancelled)) {
            GError *cancelled = mysql_failure_cancelled();
            db_error_set_place(cancelled, result->completed, -1);
            g_propagate_error(error, cancelled);
            return false;
        }
        g_autoptr(MysqlPacket) packet = mysql_packet_new(batch, result->completed, self->packet_limit);
        if (packet->sql->len == 0)
            result->completed++;
        else if (!run_packet(self, packet, batch, result, error))
            return false;
    }
    return true;
}

bool mysql_session_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error)
{
    MysqlConnection *self = (MysqlConnection *)base;
    batch_result_clear(result);
    begin_running(self);
    bool ok = run_packets(self, batch, result, error);
    end_running(self);
    return ok;
}

/* An error packet does not say whether the transaction is still open; any other answer does. */
bool mysql_session_in_transaction(Connection *base)
{
    MysqlConnection *self = (MysqlConnection *)base;
    unsigned status = 0;
    if (self->status_stale && mysql_query(self->handle, "DO 0") != 0)
        return false;
    self->status_stale = false;
    mariadb_get_infov(self->handle, MARIADB_CONNECTION_SERVER_STATUS, &status);
    return status & SERVER_STATUS_IN_TRANS;
}
