/* Session: opens a target's connection with its secrets, and reads its state. A secret lives from here to the
 * driver's connect and is wiped; it is never stored. Worker thread. */
#include "run/session.h"
#include <stdlib.h>
#include <string.h>

/* Items of session_state_batch(). */
enum { ITEM_ROWS, ITEM_HISTORY };

#define URL_CONNECT_MS (5 * 1000)

struct SessionRequest {
    ConnectOptions options; /* points to the following */
    DbUrl *url;
    char *password;
    char *schema;
    char *application;
};

void session_request_free(SessionRequest *self)
{
    if (!self)
        return;
    secret_free(self->password);
    db_url_free(self->url);
    g_free(self->schema);
    g_free(self->application);
    g_free(self);
}

static ConnectOptions connect_options(const SessionRequest *self, const TargetSettings *settings,
                                      bool read_only)
{
    return (ConnectOptions){
        .url = self->url,
        .password = self->password,
        .schema = self->schema,
        .create = settings->create && !read_only,
        .create_schema = settings->create_schema && !read_only,
        .read_only = read_only,
        .pooler_session = settings->pooler_session,
        .galera_single_writer = settings->galera_single_writer,
        .foreign_keys = settings->foreign_keys,
        .connect_timeout_ms = settings->connect_timeout_ms,
        .lock_timeout_ms = settings->lock_timeout_ms,
        .statement_timeout_ms = settings->statement_timeout_ms,
        .application_name = self->application,
    };
}

static SessionRequest *request_new(const DbUrl *url, const SessionOptions *options)
{
    SessionRequest *self = g_new0(SessionRequest, 1);
    self->url = db_url_copy(url);
    self->application =
        options->run_id ? g_strconcat("dbfleet ", options->run_id, NULL) : g_strdup("dbfleet");
    return self;
}

SessionRequest *session_request_new(const Target *target, const SessionOptions *options, GError **error)
{
    g_autoptr(GError) problem = NULL;
    char *password = target->password_reference ? secret_resolve(options->secrets, target->password_reference,
                                                                 options->folder, &problem)
                                                : g_strdup(target->url->password);
    if (problem) {
        g_propagate_error(error, db_error_new(DB_ERROR_AUTHENTICATION, NULL, problem->message, NULL, NULL));
        return NULL;
    }
    SessionRequest *self = request_new(target->url, options);
    self->password = password;
    self->schema = g_strdup(target->schema);
    self->options = connect_options(self, &target->settings, options->read_only);
    return self;
}

SessionRequest *session_request_for_url(const DbUrl *url, const char *password, const SessionOptions *options)
{
    SessionRequest *self = request_new(url, options);
    const TargetSettings settings = {.connect_timeout_ms = URL_CONNECT_MS, .pooler_session = true};
    self->password = g_strdup(password);
    self->options = connect_options(self, &settings, options->read_only);
    return self;
}

void session_request_hurry(SessionRequest *self, unsigned limit_ms)
{
    unsigned connect_ms = self->options.connect_timeout_ms;
    self->options.connect_timeout_ms = connect_ms ? MIN(connect_ms, limit_ms) : limit_ms;
    self->options.lock_timeout_ms = limit_ms;
    self->options.statement_timeout_ms = limit_ms;
}

Connection *session_request_open(const SessionRequest *self, GError **error)
{
    return connection_open(&self->options, error);
}

Connection *session_open(const Target *target, const SessionOptions *options, GError **error)
{
    g_autoptr(SessionRequest) request = session_request_new(target, options, error);
    return request ? session_request_open(request, error) : NULL;
}

VersionStore session_store(const Connection *connection, const char *table)
{
    return (VersionStore){connection->server.dialect, connection->server.schema, table};
}

/* True if the history that was read is still the table's unless that has newer rows. */
static bool is_settled(const TargetState *known)
{
    if (!known || known->outcome != PROBE_OK || !known->has_version_table || !known->has_history)
        return false;
    for (guint i = 0; i < known->history->len; i++)
        if (!g_str_equal(((const HistoryEntry *)known->history->pdata[i])->state, HISTORY_DONE))
            return false;
    return true;
}

Batch *session_state_batch(const VersionStore *store, const TargetState *known)
{
    Batch *batch = batch_new();
    batch_take(batch, version_store_select_rows(store), true);
    batch_take(batch,
               is_settled(known) ? version_store_select_above(store, known->last_seq)
                                 : version_store_select_history(store),
               true);
    return batch;
}

static unsigned to_unsigned(const char *text)
{
    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

/* What only going on with the step, or taking it back, needs: with 10,000 targets of 100 revisions each byte
 * counts. */
static void fill_rest(HistoryEntry *entry, char *const *row)
{
    entry->step_id = row[HISTORY_STEP_ID];
    entry->run_id = row[HISTORY_RUN_ID];
    entry->plan_digest = row[HISTORY_PLAN_DIGEST];
    entry->head_hash = row[HISTORY_HEAD_HASH];
    entry->heads_after = row[HISTORY_HEADS_AFTER];
    entry->evidence = row[HISTORY_EVIDENCE];
}

/* Which plan came last tells whether a plan file that is applied again may go on. */
static HistoryEntry *entry_from(char *const *row, bool is_last, bool wants_rest)
{
    HistoryEntry entry = {.plan_digest = is_last ? row[HISTORY_PLAN_DIGEST] : NULL,
                          .revision = row[HISTORY_REVISION],
                          .direction = row[HISTORY_DIRECTION],
                          .checksum = row[HISTORY_CHECKSUM],
                          .state = row[HISTORY_STATE],
                          .statements_total = to_unsigned(row[HISTORY_STATEMENTS_TOTAL]),
                          .statements_done = to_unsigned(row[HISTORY_STATEMENTS_DONE]),
                          .intent = to_unsigned(row[HISTORY_INTENT]),
                          .heads_before = row[HISTORY_HEADS_BEFORE],
                          .detail = row[HISTORY_DETAIL]};
    if (wants_rest || !g_str_equal(entry.state, HISTORY_DONE))
        fill_rest(&entry, row);
    return history_entry_pack(&entry);
}

static void fill_history(TargetState *state, const RowSet *history)
{
    g_autoptr(GPtrArray) rows = version_store_newest(history);
    g_ptr_array_unref(state->history);
    state->history = g_ptr_array_new_full(rows->len, (GDestroyNotify)history_entry_free);
    for (guint i = 0; i < rows->len; i++)
        g_ptr_array_add(state->history, entry_from(rows->pdata[i], i + 1 == rows->len, false));
    char *const *last = rows->len ? rows->pdata[rows->len - 1] : NULL;
    state->last_seq = last ? g_ascii_strtoll(last[HISTORY_SEQ], NULL, 10) : 0;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char **session_rows_from(const RowSet *rows)
{
    char **list = g_new0(char *, rows->rows->len + 1);
    for (guint i = 0; i < rows->rows->len; i++)
        list[i] = g_strdup(((char **)rows->rows->pdata[i])[0]);
    qsort(list, rows->rows->len, sizeof(char *), compare_texts);
    return list;
}

/* A history that is longer than what is read at once takes another query. */
static bool complete_history(Connection *connection, const VersionStore *store, unsigned item,
                             BatchResult *result, GError **error)
{
    const RowSet *history = batch_result_rows(result, item);
    if (!history || version_store_is_whole(store, history))
        return true;
    g_autofree char *query = version_store_select_long_history(store);
    RowSet *rows = connection_query(connection, query, error);
    if (rows)
        batch_result_take(result, item, rows);
    return rows != NULL;
}

bool session_take_history(Connection *connection, const VersionStore *store, unsigned item,
                          BatchResult *result, TargetState *state, GError **error)
{
    if (!complete_history(connection, store, item, result, error))
        return false;
    fill_history(state, batch_result_rows(result, item));
    return true;
}

/* Puts the history itself in place of the row that says that there are newer ones. */
static bool read_newer(Connection *connection, const VersionStore *store, BatchResult *result, GError **error)
{
    g_autofree char *query = version_store_select_history(store);
    RowSet *rows = connection_query(connection, query, error);
    if (rows)
        batch_result_take(result, ITEM_HISTORY, rows);
    return rows != NULL;
}

static void share_history(TargetState *state, const TargetState *known)
{
    g_ptr_array_unref(state->history);
    state->history = g_ptr_array_ref(known->history);
    state->last_seq = known->last_seq;
}

/* Where only newer rows were asked for: the history is the one that was read before, or is read now. */
static bool refresh_history(Connection *connection, const VersionStore *store, const TargetState *known,
                            BatchResult *result, TargetState *state, GError **error)
{
    const RowSet *newer = is_settled(known) ? batch_result_rows(result, ITEM_HISTORY) : NULL;
    if (newer && !newer->rows->len) {
        share_history(state, known);
        return true;
    }
    return (!newer || read_newer(connection, store, result, error)) &&
           session_take_history(connection, store, ITEM_HISTORY, result, state, error);
}

bool session_take_state(Connection *connection, const VersionStore *store, const TargetState *known,
                        BatchResult *result, TargetState *state, GError **error)
{
    if (!refresh_history(connection, store, known, result, state, error))
        return false;
    const RowSet *rows = batch_result_rows(result, ITEM_ROWS);
    state->has_version_table = rows != NULL;
    state->has_history = batch_result_rows(result, ITEM_HISTORY) != NULL;
    state->version_width = rows && rows->columns ? rows->widths[0] : 0;
    g_strfreev(state->rows);
    state->rows = rows ? session_rows_from(rows) : g_new0(char *, 1);
    return true;
}

static void fill_server(TargetState *state, const ServerInfo *server)
{
    state->dialect = server->dialect;
    g_free(state->server_version);
    state->server_version = g_strdup(server->version);
    g_free(state->server_identity);
    state->server_identity = g_strdup(server->identity);
    g_free(state->schema);
    state->schema = g_strdup(server->schema);
}

static bool take_answer(Connection *connection, const VersionStore *store, BatchResult *result,
                        GError *problem, TargetState *state, GError **error)
{
    g_autoptr(GError) owned = problem;
    if (problem && !g_error_matches(problem, DB_ERROR, DB_ERROR_UNDEFINED_TABLE)) {
        g_propagate_error(error, g_steal_pointer(&owned));
        return false;
    }
    if (!session_take_state(connection, store, NULL, result, state, error))
        return false;
    state->outcome = PROBE_OK;
    return true;
}

bool session_read_state(Connection *connection, const VersionStore *store, TargetState *state, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(Batch) batch = session_state_batch(store, NULL);
    g_auto(BatchResult) result = {0};
    fill_server(state, &connection->server);
    if (!connection_execute(connection, batch, &result, &problem))
        connection_rollback(connection);
    return take_answer(connection, store, &result, g_steal_pointer(&problem), state, error);
}

/* The store where it most likely is, before the server has said so. */
static VersionStore expected_store(const Target *target, const char *version_table)
{
    VersionStore store = {.schema = target->schema, .table = version_table};
    const Driver *driver = driver_for_scheme(target->url->scheme, NULL);
    dialect_from_scheme(target->url->scheme, &store.dialect);
    if (!store.schema)
        store.schema = driver && driver->usual_schema ? driver->usual_schema : target->url->database;
    return store;
}

/* One that was moved here, or else a new one: what is wrong with the target shows as it does without any to
 * move. */
static Connection *move_or_open(const SessionRequest *request, SessionShelf *shelf, unsigned per_host,
                                GError **error)
{
    Connection *idle = session_shelf_take(shelf, &request->options, per_host);
    if (idle && connection_move(idle, &request->options, NULL))
        return idle;
    connection_close(idle);
    Connection *opened = session_request_open(request, error);
    if (!opened)
        session_shelf_leave(shelf, NULL);
    return opened;
}

Connection *session_open_and_read(const Target *target, const SessionOptions *options,
                                  const char *version_table, SessionShelf *shelf, unsigned per_host,
                                  TargetState *state, GError **error)
{
    const VersionStore expected = expected_store(target, version_table);
    g_autoptr(SessionRequest) request = session_request_new(target, options, error);
    g_autoptr(Batch) batch = expected.schema ? session_state_batch(&expected, NULL) : NULL;
    g_auto(FirstRead) first = {.batch = batch};
    if (!request)
        return NULL;
    request->options.first = batch ? &first : NULL;
    Connection *connection = move_or_open(request, shelf, per_host, error);
    if (!connection)
        return NULL;
    const VersionStore store = session_store(connection, version_table);
    if (!batch || !g_str_equal(store.schema, expected.schema)) {
        session_read_state(connection, &store, state, error);
        return connection;
    }
    fill_server(state, &connection->server);
    if (first.error)
        connection_rollback(connection);
    take_answer(connection, &store, &first.result, g_steal_pointer(&first.error), state, error);
    return connection;
}

bool session_read_since(Connection *connection, const VersionStore *store, const char *run_id,
                        TargetState *state, GError **error)
{
    g_autofree char *query = version_store_select_since(store, run_id);
    state->since_run = g_ptr_array_new_with_free_func((GDestroyNotify)history_entry_free);
    if (!state->has_history)
        return true;
    g_autoptr(RowSet) rows = connection_query(connection, query, error);
    for (guint i = 0; rows && i < rows->rows->len; i++)
        g_ptr_array_add(state->since_run, entry_from(rows->rows->pdata[i], false, true));
    return rows != NULL;
}

/* What the server said, what is behind it, and what to do, in one line. */
static char *whole_reason(const GError *error)
{
    const DbErrorDetail *detail = db_error_detail(error);
    const char *more[] = {detail ? detail->detail : NULL, detail ? detail->hint : NULL};
    GString *line = g_string_new(error->message);
    for (gsize i = 0; i < G_N_ELEMENTS(more); i++)
        if (more[i])
            g_string_append_printf(line, "%s%s", g_str_has_suffix(line->str, ".") ? " " : ". ", more[i]);
    return g_strdelimit(g_string_free(line, FALSE), "\r\n\t", ' ');
}

void session_state_fail(TargetState *state, const Target *target, const GError *error, bool connected)
{
    state->outcome = connected ? PROBE_FAILED : PROBE_UNREACHABLE;
    state->error_class =
        g_strdup(error->domain == DB_ERROR ? db_error_class_name((DbErrorClass)error->code) : "error");
    state->reason = whole_reason(error);
    if (!connected)
        dialect_from_scheme(target->url->scheme, &state->dialect);
}
