/* Fleet stop: what holds a run up or ends it early: a halt, signals, and what another shell asks for. Refuses
 * to lower a stop: what was told to end ends. Main thread. */
#include "base/duration.h"
#include "run/fleet_run_internal.h"
#include "run/signals.h"

void fleet_run_notice(const FleetRun *self, const char *text)
{
    if (self->watch->notice)
        self->watch->notice(self->watch->context, text);
}

/* Running targets end their step and then stop; never lowers the level. */
static void raise_stop(FleetRun *self, StopLevel level)
{
    if (atomic_load(&self->control.stop) < (int)level)
        atomic_store(&self->control.stop, (int)level);
}

/* ---- Throttles ---- */

static void tell_throttle(gpointer context, bool held, const char *text)
{
    FleetRun *self = context;
    run_record_event(&self->record, held ? EVENT_HELD : EVENT_RELEASED, NULL, text);
    fleet_run_notice(self, text);
}

Throttle *fleet_run_throttle(FleetRun *self)
{
    const RolloutPolicy *rollout = self->options->rollout;
    const ThrottleOptions options = {.specs = rollout ? rollout->throttles : NULL,
                                     .targets = self->targets,
                                     .servers = self->servers,
                                     .secrets = self->options->secrets,
                                     .folder = self->options->project_folder ? self->options->project_folder
                                                                             : self->options->folder,
                                     .fleet_folder = self->options->folder,
                                     .run_id = self->options->run_id,
                                     .clock = self->control.clock,
                                     .tell = tell_throttle,
                                     .context = self};
    return throttle_new(&options);
}

bool fleet_run_is_held(const FleetRun *self)
{
    return self->throttle && !scheduler_halted(self->scheduler) && scheduler_held(self->scheduler) > 0;
}

/* ---- Halting, draining, cancelling ---- */

static void cancel_running(FleetRun *self)
{
    GHashTableIter iter;
    gpointer job;
    raise_stop(self, STOP_NOW);
    g_hash_table_iter_init(&iter, self->running);
    while (g_hash_table_iter_next(&iter, &job, NULL))
        target_job_cancel(job);
}

void fleet_run_tell_halt(FleetRun *self)
{
    const char *reason = scheduler_halted(self->scheduler);
    if (!reason || self->halt_told || scheduler_is_closed(self->scheduler))
        return;
    self->halt_told = true;
    if (scheduler_left(self->scheduler) == 0 && scheduler_running(self->scheduler) == 0 &&
        !wave_run_is_behind_targets(self))
        return; /* nothing is held back */
    run_record_event(&self->record, EVENT_HALTED, NULL, reason);
    g_autofree char *text = g_strdup_printf("halted: %s; no further target is started", reason);
    fleet_run_notice(self, text);
    if (self->options->on_halt == HALT_STEP)
        raise_stop(self, STOP_AT_STEP);
    else if (self->options->on_halt == HALT_CANCEL)
        cancel_running(self);
}

static void close_window(FleetRun *self)
{
    g_autofree char *until = timestamp_format(self->stop_starting_us);
    g_autofree char *reason = g_strdup_printf("the time to start targets was over at %s", until);
    scheduler_close(self->scheduler, reason);
    if (scheduler_left(self->scheduler) == 0)
        return; /* nothing is held back */
    run_record_event(&self->record, EVENT_HALTED, NULL, reason);
    g_autofree char *text = g_strdup_printf(
        "%s: running targets go on to the end of their path, no further one is started", reason);
    fleet_run_notice(self, text);
}

void fleet_run_keep_window(FleetRun *self)
{
    if (self->stop_starting_us && !scheduler_halted(self->scheduler) &&
        run_clock_real(self->control.clock) >= self->stop_starting_us)
        close_window(self);
}

void fleet_run_take_signals(FleetRun *self)
{
    unsigned count = signals_count();
    if (count == self->signals_seen) {
        if (atomic_load(&self->control.stop) == STOP_NOW)
            cancel_running(self);
        return;
    }
    self->signals_seen = count;
    self->result->interrupted = true;
    run_record_event(&self->record, EVENT_INTERRUPTED, NULL, count == 1 ? "draining" : "cancelling");
    if (count == 1) {
        raise_stop(self, STOP_AT_STEP);
        fleet_run_notice(self, "interrupted: running targets end their step; interrupt again to cancel");
    } else {
        fleet_run_notice(self, "interrupted again: cancelling what runs; a third time leaves at once");
        cancel_running(self);
    }
    scheduler_halt(self->scheduler, "interrupted");
    self->halt_told = true;
}

/* ---- Asked from another shell ---- */

static void pause_run(FleetRun *self, const char *who)
{
    if (self->result->paused_by)
        return;
    g_autofree char *now = timestamp_format(run_clock_real(self->control.clock));
    self->result->paused_by = g_strdup_printf("%s at %s", who, now);
    g_autofree char *text =
        g_strdup_printf("paused by %s: running targets go on to the end of their path, no other is started; "
                        "\"dbfleet continue %s\" goes on",
                        self->result->paused_by, self->result->id);
    run_record_event(&self->record, EVENT_PAUSED, NULL, self->result->paused_by);
    fleet_run_notice(self, text);
}

static void continue_run(FleetRun *self, const char *who)
{
    if (!self->result->paused_by)
        return;
    g_clear_pointer(&self->result->paused_by, g_free);
    g_autofree char *text = g_strdup_printf("continued by %s", who);
    run_record_event(&self->record, EVENT_CONTINUED, NULL, who);
    fleet_run_notice(self, text);
}

static void abort_run(FleetRun *self, const char *who, StopLevel level)
{
    g_autofree char *reason = g_strdup_printf("aborted by %s", who);
    g_autofree char *text = g_strdup_printf(
        "%s: %s", reason, level == STOP_NOW ? "cancelling what runs" : "running targets end their step");
    run_record_event(&self->record, EVENT_ABORTED, NULL, text);
    self->result->aborted = true;
    scheduler_halt(self->scheduler, reason);
    self->halt_told = true;
    fleet_run_notice(self, text);
    if (level == STOP_NOW)
        cancel_running(self);
    else
        raise_stop(self, level);
}

static void act_on(FleetRun *self, const ControlRequest *request)
{
    switch (request->action) {
    case CONTROL_PAUSE:
        pause_run(self, request->who);
        break;
    case CONTROL_CONTINUE:
        continue_run(self, request->who);
        break;
    case CONTROL_ABORT:
        abort_run(self, request->who, STOP_AT_STEP);
        break;
    case CONTROL_ABORT_NOW:
        abort_run(self, request->who, STOP_NOW);
        break;
    }
}

void fleet_run_take_requests(FleetRun *self)
{
    g_autoptr(GPtrArray) requests = g_steal_pointer(&self->record.requests);
    for (guint i = 0; requests && i < requests->len; i++)
        act_on(self, requests->pdata[i]);
    if (requests && requests->len > 0)
        run_record_hurry(&self->record);
}
