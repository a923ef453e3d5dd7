/* Probe: connects to a target, or moves a session there that has read another, and reads its state. Worker
 * threads fill states, one each; what they share are the options and two shelves. */
#include "run/probe.h"
#include "run/history_shelf.h"
#include "run/job/backoff.h"
#include "run/session_shelf.h"
#include <stdatomic.h>

/* One probe at work on many targets. */
typedef struct Probe {
    const ProbeOptions *options;
    const RunClock *clock;
    bool ensure; /* make the tables that are missing, in a session that may write */
    bool (*stopped)(gconstpointer context);
    gconstpointer context;
    atomic_bool interrupted;
    HistoryShelf *histories;
    SessionShelf *sessions; /* NULL: each target is connected to */
} Probe;

static bool create_tables(Connection *connection, const VersionStore *store, TargetState *state,
                          GError **error)
{
    g_autoptr(GPtrArray) creates = version_store_create(store);
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    batch_take(batch, g_strdup(connection->driver->begin), false);
    for (guint i = 0; i < creates->len; i++)
        batch_take(batch, g_strdup(creates->pdata[i]), false);
    batch_take(batch, g_strdup("COMMIT"), false);
    unsigned history = batch_take(batch, version_store_select_history(store), true);
    if (connection_execute(connection, batch, &result, error))
        return session_take_history(connection, store, history, &result, state, error);
    connection_rollback(connection);
    return false;
}

bool probe_complete_tables(Connection *connection, const VersionStore *store, TargetState *state,
                           GError **error)
{
    return (state->has_version_table && state->has_history) || create_tables(connection, store, state, error);
}

/* A file or schema that the run will make is an empty database; a preview does not make it. */
static bool will_be_created(const Target *target)
{
    return target->settings.create || target->settings.create_schema;
}

static bool read_since(Connection *connection, const VersionStore *store, const ProbeOptions *options,
                       TargetState *state, GError **error)
{
    return !options->since_run || session_read_since(connection, store, options->since_run, state, error);
}

/* A step that is recorded as running has a dbfleet at work behind it, or one that died: the lock tells. */
static void read_holder(Connection *connection, const ProbeOptions *options, TargetState *state)
{
    const HistoryEntry *open = target_state_unfinished(state);
    if (!open || !g_str_equal(open->state, HISTORY_RUNNING))
        return;
    g_autofree char *key = lock_key(&connection->server, options->version_table);
    state->lock_holder = connection->driver->lock_holder(connection, key);
}

/* A database that does not tell its size stays one of unknown size. */
static void read_size(Connection *connection, const Target *target, TargetState *state)
{
    const Driver *driver = connection->driver;
    const char *query = target->schema ? driver->schema_size_query : driver->size_query;
    g_autoptr(RowSet) rows = query ? connection_query(connection, query, NULL) : NULL;
    char *const *row = rows && rows->rows->len > 0 ? rows->rows->pdata[0] : NULL;
    if (row && row[0])
        state->size_bytes = g_ascii_strtoll(row[0], NULL, 10);
}

/* Makes what is missing only: CREATE TABLE IF NOT EXISTS needs the right to create even where both exist. */
static bool ensure_tables(Connection *connection, const VersionStore *store, TargetState *state,
                          GError **error)
{
    if (!session_read_state(connection, store, state, error))
        return false;
    if (state->has_version_table && state->has_history)
        return true;
    return probe_complete_tables(connection, store, state, error) &&
           session_read_state(connection, store, state, error);
}

static const char *run_of(const Probe *probe)
{
    const SpareConnections *spare = probe->options->spare;
    return probe->ensure ? "ensure-version" : spare ? spare_connections_run(spare) : NULL;
}

/* The most sessions of its server that the target allows; 0: no limit. */
static unsigned per_host(const Probe *probe, const Target *target)
{
    unsigned all = probe->options->limits.per_host, own = target->settings.per_host;
    return all && own ? MIN(all, own) : MAX(all, own);
}

/* For a server that takes no more connections. */
static bool make_room(const Probe *probe)
{
    return spare_connections_give_up(probe->options->spare) || session_shelf_clear(probe->sessions);
}

/* A writer died in this SQLite file, and what it left has to be rolled back, which whoever opens the file for
 * writing does. A run may; a preview, and what is shown before somebody is asked, changes nothing. */
static bool recover(const Probe *probe, const Target *target, const SessionOptions *reading)
{
    SessionOptions writing = *reading;
    writing.read_only = false;
    g_autoptr(Connection) connection = run_of(probe) ? session_open(target, &writing, NULL) : NULL;
    return connection != NULL;
}

/* `state` NULL: nothing is read. NULL and an error if there is no connection; both if it could not read. */
static Connection *open_patiently(const Probe *probe, const Target *target, TargetState *state,
                                  GError **error)
{
    const SessionOptions session = {.secrets = probe->options->secrets,
                                    .folder = probe->options->folder,
                                    .run_id = run_of(probe),
                                    .read_only = !probe->ensure};
    Backoff backoff;
    bool recovered = false;
    backoff_init(&backoff, &target->settings.retry, probe->clock);
    for (;;) {
        g_autoptr(GError) problem = NULL;
        Connection *connection =
            state ? session_open_and_read(target, &session, probe->options->version_table, probe->sessions,
                                          per_host(probe, target), state, &problem)
                  : session_open(target, &session, &problem);
        if (g_error_matches(problem, DB_ERROR, DB_ERROR_BUSY) && !connection && make_room(probe))
            continue;
        if (g_error_matches(problem, DB_ERROR, DB_ERROR_NEEDS_RECOVERY) && !connection && !recovered &&
            (recovered = recover(probe, target, &session)))
            continue;
        gint64 wait = !connection && error_is_transient(problem) ? backoff_next(&backoff) : -1;
        if (wait >= 0 && run_clock_wait(probe->clock, wait, probe->stopped, probe->context))
            continue;
        if (problem)
            g_propagate_error(error, g_steal_pointer(&problem));
        return connection;
    }
}

/* Most likely: the run connects to others as well. */
static bool will_run(const Probe *probe, const TargetState *state)
{
    char *const *settled = probe->options->settled_rows;
    bool is_settled = settled && rows_are_same(settled, state->rows) && !target_state_unfinished(state);
    return probe->options->spare && !is_settled;
}

/* What is to be known besides; `error`: what opening and reading said, owned. False: the state says why. */
static bool read_all(const Probe *probe, const Target *target, Connection *connection, GError *error,
                     TargetState *state)
{
    g_autoptr(GError) problem = error;
    VersionStore store = session_store(connection, probe->options->version_table);
    bool read = !problem && (probe->ensure ? ensure_tables(connection, &store, state, &problem)
                                           : read_since(connection, &store, probe->options, state, &problem));
    if (!read) {
        session_state_fail(state, target, problem, true);
        return false;
    }
    read_holder(connection, probe->options, state);
    if (probe->options->sizes)
        read_size(connection, target, state);
    return true;
}

static void read_target(const Probe *probe, const Target *target, TargetState *state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Connection) connection = open_patiently(probe, target, probe->ensure ? NULL : state, &error);
    bool missing = g_error_matches(error, DB_ERROR, DB_ERROR_NO_DATABASE);
    if (missing && !probe->ensure && will_be_created(target)) {
        state->outcome = PROBE_OK;
        dialect_from_scheme(target->url->scheme, &state->dialect);
        return;
    }
    if (!connection) {
        session_state_fail(state, target, error, false);
        return;
    }
    if (!read_all(probe, target, connection, g_steal_pointer(&error), state))
        g_clear_pointer(&connection, connection_close);
    else if (will_run(probe, state) && spare_connections_keep(probe->options->spare, target, connection,
                                                              probe->options->limits.per_host))
        connection = NULL; /* the run's */
    session_shelf_leave(probe->sessions, g_steal_pointer(&connection));
}

static TargetState *timed_read(const Probe *probe, const Target *target)
{
    gint64 begin = run_clock_now(probe->clock);
    TargetState *state = target_state_new();
    read_target(probe, target, state);
    state->duration_us = run_clock_now(probe->clock) - begin;
    return state;
}

static const RunClock *clock_of(const ProbeOptions *options)
{
    return options->clock ? options->clock : run_clock_system();
}

TargetState *probe_target(const Target *target, const ProbeOptions *options,
                          bool (*stopped)(gconstpointer context), gconstpointer context)
{
    const Probe probe = {
        .options = options, .clock = clock_of(options), .stopped = stopped, .context = context};
    return timed_read(&probe, target);
}

Connection *probe_connect(const Target *target, const ProbeOptions *options,
                          bool (*stopped)(gconstpointer context), gconstpointer context, GError **error)
{
    const Probe probe = {
        .options = options, .clock = clock_of(options), .stopped = stopped, .context = context};
    return open_patiently(&probe, target, NULL, error);
}

/* ---- Many targets ---- */

static gpointer work(const Target *target, gpointer context)
{
    const Probe *probe = context;
    TargetState *state = timed_read(probe, target);
    history_shelf_share(probe->histories, state);
    return state;
}

static bool is_interrupted(gconstpointer probe)
{
    return atomic_load(&((const Probe *)probe)->interrupted);
}

/* The caller's tick; workers that wait see what it said. */
static bool tick(gpointer context, unsigned done, unsigned total)
{
    Probe *probe = context;
    const EachLimits *limits = &probe->options->limits;
    bool go_on = !limits->tick || limits->tick(limits->tick_context, done, total);
    if (!go_on)
        atomic_store(&probe->interrupted, true);
    return go_on;
}

static GPtrArray *probe_each(GPtrArray *targets, const ProbeOptions *options, bool ensure)
{
    g_autoptr(HistoryShelf) histories = history_shelf_new();
    g_autoptr(SessionShelf) sessions = ensure ? NULL : session_shelf_new(MAX(options->limits.jobs, 1));
    Probe probe = {.options = options,
                   .clock = clock_of(options),
                   .ensure = ensure,
                   .stopped = is_interrupted,
                   .histories = histories,
                   .sessions = sessions};
    EachLimits limits = options->limits;
    probe.context = &probe;
    limits.tick = tick;
    limits.tick_context = &probe;
    return each_target(targets, work, &probe, &limits, (GDestroyNotify)target_state_free);
}

GPtrArray *probe_targets(GPtrArray *targets, const ProbeOptions *options)
{
    return probe_each(targets, options, false);
}

GPtrArray *probe_ensure_tables(GPtrArray *targets, const ProbeOptions *options)
{
    return probe_each(targets, options, true);
}
