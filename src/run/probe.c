/* Probe: connects to every active target within the limits, reads its state, closes. The main thread
 * schedules; workers fill states. */
#include "run/probe.h"
#include "run/pool.h"
#include "run/queue.h"

#define TICK_US (G_USEC_PER_SEC / 10)

typedef struct ProbeJob {
    const Target *target;
    unsigned index; /* in the array of active targets */
    TargetState *state;
} ProbeJob;

typedef struct Probe {
    const ProbeOptions *options;
    Queue *finished;
} Probe;

static void probe_target(const Target *target, const ProbeOptions *options, TargetState *state)
{
    g_autoptr(GError) error = NULL;
    SessionOptions session = {.secrets = options->secrets, .folder = options->folder, .read_only = true};
    g_autoptr(Connection) connection = session_open(target, &session, &error);
    if (!connection) {
        session_state_fail(state, target, error, false);
        return;
    }
    VersionStore store = session_store(connection, options->version_table);
    if (!session_read_state(connection, &store, state, &error))
        session_state_fail(state, target, error, true);
}

static void probe_work(gpointer item, gpointer context)
{
    ProbeJob *job = item;
    const Probe *probe = context;
    gint64 begin = g_get_monotonic_time();
    job->state = target_state_new();
    probe_target(job->target, probe->options, job->state);
    job->state->duration_us = g_get_monotonic_time() - begin;
    queue_push(probe->finished, job);
}

static GPtrArray *active_targets(GPtrArray *targets)
{
    GPtrArray *active = g_ptr_array_new();
    for (guint i = 0; i < targets->len; i++) {
        if (((const Target *)targets->pdata[i])->life == TARGET_ACTIVE)
            g_ptr_array_add(active, targets->pdata[i]);
    }
    return active;
}

static void start_more(Pool *pool, Scheduler *scheduler, GPtrArray *active)
{
    for (gint next; (next = scheduler_next(scheduler)) >= 0;) {
        ProbeJob *job = g_new0(ProbeJob, 1);
        job->target = active->pdata[next];
        job->index = (unsigned)next;
        pool_submit(pool, job);
    }
}

/* Runs until every target that was started is back; false if tick stopped it. */
static bool probe_loop(Pool *pool, Scheduler *scheduler, Probe *probe, GPtrArray *active,
                       TargetState **states)
{
    const ProbeOptions *options = probe->options;
    bool go_on = true;
    unsigned done = 0;
    for (;;) {
        start_more(pool, scheduler, active);
        if (scheduler_running(scheduler) == 0)
            return go_on;
        ProbeJob *job = queue_pop(probe->finished, TICK_US);
        if (job) {
            states[job->index] = job->state;
            scheduler_finished(scheduler, job->index, SCHEDULER_GOOD);
            g_free(job);
            done++;
        }
        if (go_on && options->tick && !options->tick(options->context, done, active->len)) {
            scheduler_halt(scheduler, "interrupted");
            go_on = false;
        }
    }
}

/* Puts the active targets' states at the places of their targets. */
static GPtrArray *spread(GPtrArray *targets, TargetState **states)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)target_state_free);
    for (guint i = 0; i < targets->len; i++)
        g_ptr_array_add(all, ((const Target *)targets->pdata[i])->life == TARGET_ACTIVE ? *states++ : NULL);
    return all;
}

GPtrArray *probe_targets(GPtrArray *targets, const ProbeOptions *options)
{
    g_autoptr(GPtrArray) active = active_targets(targets);
    g_autofree TargetState **states = g_new0(TargetState *, active->len + 1);
    const SchedulerLimits limits = {.jobs = options->jobs,
                                    .per_host = options->per_host,
                                    .max_failures = {true, 100},
                                    .max_unreachable = {true, 100}};
    g_autoptr(Scheduler) scheduler = scheduler_new(active, &limits);
    Probe probe = {options, queue_new()};
    g_autoptr(GError) error = NULL;
    Pool *pool = pool_new(MIN(options->jobs, MAX(active->len, 1)), probe_work, &probe, &error);
    if (!pool)
        g_error("%s", error->message);
    bool finished = probe_loop(pool, scheduler, &probe, active, states);
    pool_free(pool);
    queue_free(probe.finished);
    GPtrArray *all = spread(targets, states);
    if (!finished)
        g_clear_pointer(&all, g_ptr_array_unref);
    return all;
}
