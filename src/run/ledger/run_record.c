/* Run record: gathers what changed since the last batch, and writes it once a second. Refuses to lose what it
 * could not write: that is kept until the end, when it is tried once more. Main thread. */
#include "run/ledger/run_record.h"

#define WRITE_EVERY_US G_USEC_PER_SEC

static const char *const event_names[] = {
    [EVENT_BEGAN] = "began",
    [EVENT_TARGET_STARTED] = "target-started",
    [EVENT_STEP_STARTED] = "step-started",
    [EVENT_LOCK_WAIT] = "lock-wait",
    [EVENT_RETRIED] = "retried",
    [EVENT_HELD] = "held",
    [EVENT_RELEASED] = "released",
    [EVENT_SLOW_TARGET] = "slow-target",
    [EVENT_TARGET_FINISHED] = "target-finished",
    [EVENT_HALTED] = "halted",
    [EVENT_PAUSED] = "paused",
    [EVENT_CONTINUED] = "continued",
    [EVENT_ABORTED] = "aborted",
    [EVENT_INTERRUPTED] = "interrupted",
    [EVENT_FINISHED] = "finished",
    [EVENT_WAVE_WAITS] = "wave-waits",
    [EVENT_WAVE_STARTED] = "wave-started",
    [EVENT_WAVE_SOAKS] = "wave-soaks",
    [EVENT_GATE_ASKED] = "gate-asked",
    [EVENT_WAVE_FINISHED] = "wave-finished",
};

void run_record_init(RunRecord *self, Ledger *ledger, RunResult *run, const RunClock *clock)
{
    *self = (RunRecord){.ledger = ledger, .run = run, .clock = clock, .written_at = run_clock_now(clock)};
    self->changed = g_hash_table_new(NULL, NULL);
    self->events = g_ptr_array_new_with_free_func((GDestroyNotify)run_event_free);
}

void run_record_clear(RunRecord *self)
{
    g_clear_pointer(&self->changed, g_hash_table_unref);
    g_clear_pointer(&self->events, g_ptr_array_unref);
    g_clear_pointer(&self->requests, g_ptr_array_unref);
    g_clear_pointer(&self->failure, g_free);
}

void run_record_target(RunRecord *self, guint place)
{
    g_hash_table_add(self->changed, GUINT_TO_POINTER(place));
}

void run_record_event(RunRecord *self, EventKind kind, const char *target, const char *text)
{
    run_record_event_of(self, run_clock_real(self->clock), kind, target, text);
}

void run_record_event_of(RunRecord *self, gint64 time_us, EventKind kind, const char *target,
                         const char *text)
{
    RunEvent *event = run_event_new(++self->event_number, time_us, event_names[kind], target, text);
    if (self->tell)
        self->tell(self->tell_context, event);
    if (self->ledger)
        g_ptr_array_add(self->events, event);
    else
        run_event_free(event);
}

static GPtrArray *changed_targets(const RunRecord *self)
{
    GPtrArray *targets = g_ptr_array_new();
    GHashTableIter iter;
    gpointer place;
    g_hash_table_iter_init(&iter, self->changed);
    while (g_hash_table_iter_next(&iter, &place, NULL))
        g_ptr_array_add(targets, self->run->targets->pdata[GPOINTER_TO_UINT(place)]);
    return targets;
}

static bool fail(RunRecord *self, const GError *error)
{
    g_free(self->failure);
    self->failure = g_strdup(error->message);
    return false;
}

static bool write_new(RunRecord *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) targets = changed_targets(self);
    self->run->heartbeat_us = run_clock_real(self->clock);
    bool good = self->begun ? ledger_record(self->ledger, self->run, targets, self->events, &error)
                            : ledger_begin(self->ledger, self->run, self->events, &error);
    self->written_at =
        run_clock_now(self->clock); /* after: a ledger that lets us wait does not take all our time */
    if (!good)
        return fail(self, error);
    self->begun = true;
    g_hash_table_remove_all(self->changed);
    g_ptr_array_set_size(self->events, 0);
    return true;
}

static bool read_requests(RunRecord *self)
{
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&self->requests, g_ptr_array_unref);
    self->requests = ledger_take_requests(self->ledger, self->run->id, &error);
    return self->requests || fail(self, error);
}

bool run_record_begin(RunRecord *self, GError **error)
{
    self->run->heartbeat_us = run_clock_real(self->clock);
    self->begun = self->ledger && ledger_begin(self->ledger, self->run, NULL, error);
    return self->begun || !self->ledger;
}

bool run_record_tick(RunRecord *self)
{
    bool due = run_clock_now(self->clock) - self->written_at >= WRITE_EVERY_US;
    return !self->ledger || self->failure || !due || (write_new(self) && read_requests(self));
}

void run_record_hurry(RunRecord *self)
{
    self->written_at = run_clock_now(self->clock) - WRITE_EVERY_US;
}

bool run_record_end(RunRecord *self)
{
    return !self->ledger || write_new(self);
}
