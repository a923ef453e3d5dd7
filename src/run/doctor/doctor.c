/* Doctor's gathering: one read-only session a target, its state as a probe reads it, the driver's
 * examination, the lock's holder. Worker threads fill one DoctorTarget each. */
#include "run/doctor/doctor.h"

#define OLD_TRANSACTION_MINUTES 5

void doctor_target_free(DoctorTarget *self)
{
    if (!self)
        return;
    target_state_free(self->state);
    examination_free(self->examination);
    g_free(self->lock_holder);
    g_free(self);
}

/* The server's clock was read some time between the two of ours. */
static gint64 skew_of(gint64 before, gint64 clock, gint64 after)
{
    if (!clock)
        return 0;
    return clock < before ? clock - before : clock > after ? clock - after : 0;
}

static void examine(Connection *connection, const Target *target, const DoctorOptions *options,
                    DoctorTarget *self)
{
    VersionStore store = session_store(connection, options->version_table);
    g_autofree char *history = version_store_history_name(&store);
    g_autofree const char **columns = version_store_history_columns();
    const ExamineOptions examine = {.version_table = options->version_table,
                                    .history_table = history,
                                    .history_columns = columns,
                                    .statement_timeout_ms = target->settings.statement_timeout_ms,
                                    .old_minutes = OLD_TRANSACTION_MINUTES,
                                    .foreign_keys = target->settings.foreign_keys,
                                    .deep = options->deep};
    gint64 before = g_get_real_time();
    self->examination = examination_new();
    connection_examine(connection, &examine, self->examination);
    self->clock_skew_us = skew_of(before, self->examination->clock_us, g_get_real_time());
}

static void gather(const Target *target, const DoctorOptions *options, DoctorTarget *self)
{
    g_autoptr(GError) error = NULL;
    const SessionOptions session = {
        .secrets = options->secrets, .folder = options->folder, .read_only = true};
    g_autoptr(Connection) connection = session_open(target, &session, &error);
    bool missing = g_error_matches(error, DB_ERROR, DB_ERROR_NO_DATABASE);
    if (missing && (target->settings.create || target->settings.create_schema)) {
        self->state->outcome = PROBE_OK; /* the run will make it */
        dialect_from_scheme(target->url->scheme, &self->state->dialect);
        return;
    }
    if (!connection) {
        session_state_fail(self->state, target, error, false);
        return;
    }
    VersionStore store = session_store(connection, options->version_table);
    g_autofree char *key = lock_key(&connection->server, options->version_table);
    examine(connection, target, options, self);
    self->lock_holder = connection->driver->lock_holder(connection, key);
    if (!session_read_state(connection, &store, self->state, &error))
        session_state_fail(self->state, target, error, true);
    else
        self->state->lock_holder = g_strdup(self->lock_holder);
}

static gpointer gather_work(const Target *target, gpointer context)
{
    DoctorTarget *self = g_new0(DoctorTarget, 1);
    self->state = target_state_new();
    gather(target, context, self);
    return self;
}

GPtrArray *doctor_gather(GPtrArray *targets, const DoctorOptions *options)
{
    return each_target(targets, gather_work, (gpointer)options, &options->limits,
                       (GDestroyNotify)doctor_target_free);
}
