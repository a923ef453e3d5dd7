/* Probe: connects to a target, reads its state, closes. Worker threads fill states, one each; nothing is
 * shared between them but the options. */
#include "run/probe.h"

bool probe_create_tables(Connection *connection, const VersionStore *store, GError **error)
{
    g_autoptr(GPtrArray) creates = version_store_create(store);
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    batch_take(batch, g_strdup(connection->driver->begin), false);
    for (guint i = 0; i < creates->len; i++)
        batch_take(batch, g_strdup(creates->pdata[i]), false);
    batch_take(batch, g_strdup("COMMIT"), false);
    if (connection_execute(connection, batch, &result, error))
        return true;
    connection_rollback(connection);
    return false;
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

/* Makes what is missing only: CREATE TABLE IF NOT EXISTS needs the right to create even where both exist. */
static bool ensure_tables(Connection *connection, const VersionStore *store, TargetState *state,
                          GError **error)
{
    if (!session_read_state(connection, store, state, error))
        return false;
    if (state->has_version_table && state->has_history)
        return true;
    return probe_create_tables(connection, store, error) &&
           session_read_state(connection, store, state, error);
}

/* Reads one target; with `ensure` in a session that may write, making the tables that are missing. */
static void read_target(const Target *target, const ProbeOptions *options, bool ensure, TargetState *state)
{
    g_autoptr(GError) error = NULL;
    const SessionOptions session = {.secrets = options->secrets,
                                    .folder = options->folder,
                                    .run_id = ensure ? "ensure-version" : NULL,
                                    .read_only = !ensure};
    g_autoptr(Connection) connection = session_open(target, &session, &error);
    bool missing = g_error_matches(error, DB_ERROR, DB_ERROR_NO_DATABASE);
    if (missing && !ensure && will_be_created(target)) {
        state->outcome = PROBE_OK;
        dialect_from_scheme(target->url->scheme, &state->dialect);
        return;
    }
    if (!connection) {
        session_state_fail(state, target, error, false);
        return;
    }
    VersionStore store = session_store(connection, options->version_table);
    bool read = ensure ? ensure_tables(connection, &store, state, &error)
                       : session_read_state(connection, &store, state, &error) &&
                             read_since(connection, &store, options, state, &error);
    if (!read)
        session_state_fail(state, target, error, true);
    else
        read_holder(connection, options, state);
}

static TargetState *timed_read(const Target *target, const ProbeOptions *options, bool ensure)
{
    gint64 begin = g_get_monotonic_time();
    TargetState *state = target_state_new();
    read_target(target, options, ensure, state);
    state->duration_us = g_get_monotonic_time() - begin;
    return state;
}

static gpointer probe_work(const Target *target, gpointer context)
{
    return timed_read(target, context, false);
}

static gpointer ensure_work(const Target *target, gpointer context)
{
    return timed_read(target, context, true);
}

GPtrArray *probe_targets(GPtrArray *targets, const ProbeOptions *options)
{
    return each_target(targets, probe_work, (gpointer)options, &options->limits,
                       (GDestroyNotify)target_state_free);
}

GPtrArray *probe_ensure_tables(GPtrArray *targets, const ProbeOptions *options)
{
    return each_target(targets, ensure_work, (gpointer)options, &options->limits,
                       (GDestroyNotify)target_state_free);
}
