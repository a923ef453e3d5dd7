/* Run record: gathers what changed since the last batch, and writes it once a second. Refuses to lose what it
 * could not write: that is kept until the end, when it is tried once more. Main thread. */
#include "run/ledger/run_record.h"

#include "base/intern.h"

#define WRITE_EVERY_US G_USEC_PER_SEC

static const char *const event_names[] = {
    [EVENT_BEGAN] = "began",
    [EVENT_TARGET_STARTED] = "target-started",
    [EVENT_STEP_STARTED] = EVENT_KIND_STEP_STARTED,
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

/* ---- Steps of targets at work ---- */

typedef struct TargetSteps {
    StepsBegun told;  /* those that are not written yet */
    unsigned written; /* those before them, which are events in the ledger */
} TargetSteps;

static void target_steps_free(gpointer item)
{
    TargetSteps *self = item;
    g_array_unref(self->told.begun);
    g_free(self);
}

static TargetSteps *target_steps(const RunRecord *self, guint place)
{
    TargetSteps *steps = g_hash_table_lookup(self->steps_begun, GUINT_TO_POINTER(place));
    if (!steps) {
        steps = g_new0(TargetSteps, 1);
        steps->told.target = intern_text(((TargetResult *)self->run->targets->pdata[place])->name);
        steps->told.begun = g_array_new(FALSE, FALSE, sizeof(StepBegun));
        g_hash_table_insert(self->steps_begun, GUINT_TO_POINTER(place), steps);
    }
    return steps;
}

static const char *step_revision(const PlanStep *step)
{
    return step->revision ? step->revision->id : "";
}

static const char *step_message(const PlanStep *step)
{
    return step->revision ? step->revision->message : "";
}

RunEvent steps_begun_event(const StepsBegun *self, guint place)
{
    const StepBegun *begun = &g_array_index(self->begun, StepBegun, place);
    return (RunEvent){.number = begun->event_number,
                      .time_us = self->since_us + begun->after_us,
                      .kind = EVENT_KIND_STEP_STARTED,
                      .target = self->target};
}

char *steps_begun_text(const StepsBegun *self, guint place)
{
    return step_started_text(step_revision(&self->first[place]), step_message(&self->first[place]));
}

/* True if it follows the others, and not too late after the first. */
static bool take_step(StepsBegun *self, gint64 time_us, const PlanStep *step, unsigned event_number)
{
    if (self->begun->len == 0) {
        self->first = step;
        self->since_us = time_us;
    }
    gint64 after_us = time_us - self->since_us;
    if (step != self->first + self->begun->len || after_us < 0 || after_us > G_MAXUINT32)
        return false;
    const StepBegun begun = {(guint32)after_us, event_number};
    g_array_append_val(self->begun, begun);
    return true;
}

/* Takes over the next event. `told`: the ledger hears of it otherwise. */
static void add_event(RunRecord *self, RunEvent *event, bool told)
{
    if (self->tell)
        self->tell(self->tell_context, event);
    if (self->ledger && !told)
        g_ptr_array_add(self->events, event);
    else
        run_event_free(event);
}

void run_record_step(RunRecord *self, guint place, gint64 time_us, const PlanStep *step)
{
    const char *target = ((TargetResult *)self->run->targets->pdata[place])->name;
    guint64 number = ++self->event_number;
    bool told = self->ledger && take_step(&target_steps(self, place)->told, time_us, step, (unsigned)number);
    if (told && !self->tell)
        return;
    g_autofree char *text = step_started_text(step_revision(step), step_message(step));
    add_event(self, run_event_new(number, time_us, EVENT_KIND_STEP_STARTED, target, text), told);
}

static bool says_the_same(const StepResult *step, const StepsBegun *told, guint place)
{
    return step->started_us == steps_begun_event(told, place).time_us &&
           g_strcmp0(step->revision, step_revision(&told->first[place])) == 0 &&
           g_strcmp0(step->message, step_message(&told->first[place])) == 0;
}

/* What no step says stays an event. */
void run_record_found(RunRecord *self, guint place, TargetResult *found)
{
    const TargetSteps *steps = g_hash_table_lookup(self->steps_begun, GUINT_TO_POINTER(place));
    for (guint i = 0; steps && i < steps->told.begun->len; i++) {
        const RunEvent event = steps_begun_event(&steps->told, i);
        unsigned at = steps->written + i;
        if (at < found->step_count && says_the_same(&found->steps[at], &steps->told, i)) {
            found->steps[at].event_number = (unsigned)event.number;
            continue;
        }
        g_autofree char *text = steps_begun_text(&steps->told, i);
        g_ptr_array_add(self->events,
                        run_event_new(event.number, event.time_us, event.kind, event.target, text));
    }
    g_hash_table_remove(self->steps_begun, GUINT_TO_POINTER(place));
}

/* They are events in the ledger now. */
static void forget_written_steps(const RunRecord *self)
{
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, self->steps_begun);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        TargetSteps *steps = item;
        steps->written += steps->told.begun->len;
        g_array_set_size(steps->told.begun, 0);
    }
}

static GPtrArray *all_begun(const RunRecord *self)
{
    GPtrArray *begun = g_ptr_array_new();
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, self->steps_begun);
    while (g_hash_table_iter_next(&iter, NULL, &item))
        g_ptr_array_add(begun, &((TargetSteps *)item)->told);
    return begun;
}

/* ---- Beginning and end ---- */

void run_record_init(RunRecord *self, Ledger *ledger, RunResult *run, const RunClock *clock)
{
    *self = (RunRecord){.ledger = ledger, .run = run, .clock = clock, .written_at = run_clock_now(clock)};
    self->changed = g_hash_table_new(NULL, NULL);
    self->events = g_ptr_array_new_with_free_func((GDestroyNotify)run_event_free);
    self->steps_begun = g_hash_table_new_full(NULL, NULL, NULL, target_steps_free);
}

void run_record_clear(RunRecord *self)
{
    g_clear_pointer(&self->changed, g_hash_table_unref);
    g_clear_pointer(&self->events, g_ptr_array_unref);
    g_clear_pointer(&self->steps_begun, g_hash_table_unref);
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
    add_event(self, run_event_new(++self->event_number, time_us, event_names[kind], target, text), false);
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    guint left = *(const guint *)a, right = *(const guint *)b;
    return left < right ? -1 : left > right;
}

/* In the order of their rows in the ledger. */
static GArray *changed_places(const RunRecord *self)
{
    GArray *places = g_array_new(FALSE, FALSE, sizeof(guint));
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, self->changed);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        guint place = GPOINTER_TO_UINT(key);
        g_array_append_val(places, place);
    }
    g_array_sort(places, by_place);
    return places;
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
    g_autoptr(GArray) places = changed_places(self);
    g_autoptr(GPtrArray) begun = all_begun(self);
    const LedgerNews news = {places, self->events, begun};
    self->run->heartbeat_us = run_clock_real(self->clock);
    bool good = self->begun ? ledger_record(self->ledger, self->run, &news, &error)
                            : ledger_begin(self->ledger, self->run, &news, &error);
    self->written_at =
        run_clock_now(self->clock); /* after: a ledger that lets us wait does not take all our time */
    if (!good)
        return fail(self, error);
    self->begun = true;
    g_hash_table_remove_all(self->changed);
    g_ptr_array_set_size(self->events, 0);
    forget_written_steps(self);
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
