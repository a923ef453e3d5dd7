/* Wave run: takes a run from one wave to the next: a person's yes, its targets, its soak, its gates. Owns
 * what a wave becomes; who starts when inside of one is the scheduler's. Refuses to begin a wave before the
 * one ahead of it is done, and to go on after a halt. Main thread. */
#include "base/duration.h"
#include "run/fleet_run_internal.h"

/* ---- The waves of a result ---- */

static guint count_pending(const Plan *plan, guint wave)
{
    guint count = 0;
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        count += target->verdict == PLAN_PENDING && target->wave == wave;
    }
    return count;
}

void wave_run_prepare(RunResult *run, const Plan *plan)
{
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        const PlanWave *planned_wave = plan->waves->pdata[i];
        WaveResult *wave = wave_result_new();
        wave->name = g_strdup(planned_wave->name);
        wave->targets = count_pending(plan, i);
        if (wave->targets == 0)
            wave->soak_until_us = planned_wave->soak_until_us; /* kept, should the run die ahead of it */
        g_ptr_array_add(run->waves, wave);
    }
}

void wave_run_init(FleetRun *self)
{
    const FleetRunOptions *options = self->options;
    self->waves.errors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->waves.wave_errors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->waves.judges_errors = options->known_errors != NULL;
    if (!options->known_errors)
        return;
    GHashTableIter iter;
    gpointer signature;
    g_hash_table_iter_init(&iter, options->known_errors);
    while (g_hash_table_iter_next(&iter, &signature, NULL))
        g_hash_table_add(self->waves.errors, g_strdup(signature));
}

void wave_run_clear(FleetRun *self)
{
    g_clear_pointer(&self->waves.errors, g_hash_table_unref);
    g_clear_pointer(&self->waves.wave_errors, g_hash_table_unref);
}

static WaveResult *current(const FleetRun *self)
{
    return self->waves.current < self->result->waves->len ? self->result->waves->pdata[self->waves.current]
                                                          : NULL;
}

static const PlanWave *planned(const FleetRun *self)
{
    return self->plan->waves->pdata[self->waves.current];
}

bool wave_run_is_behind_targets(const FleetRun *self)
{
    const WaveResult *wave = current(self);
    return wave && (wave->state == WAVE_SOAKING || wave->state == WAVE_GATING);
}

/* A wave that began before the time to start targets was over comes to its end. */
bool wave_run_is_going(const FleetRun *self)
{
    const WaveResult *wave = current(self);
    if (!wave || !scheduler_halted(self->scheduler))
        return wave != NULL;
    bool all_started = wave->state == WAVE_RUNNING && scheduler_wave_left(self->scheduler) == 0;
    return scheduler_is_closed(self->scheduler) && (all_started || wave_run_is_behind_targets(self));
}

static void tell_change(FleetRun *self)
{
    run_record_hurry(&self->record);
    if (self->watch->wave_changed)
        self->watch->wave_changed(self->watch->context, self->result, self->waves.current);
}

static void note_event(FleetRun *self, EventKind kind, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void note_event(FleetRun *self, EventKind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    run_record_event(&self->record, kind, NULL, text);
}

/* Ends the run for a reason that on_failure is for. */
static void break_off(FleetRun *self, const char *reason)
{
    scheduler_halt(self->scheduler, reason);
    if (!self->result->broken && g_str_equal(scheduler_halted(self->scheduler), reason))
        self->result->broken = g_strdup(reason);
}

/* ---- Its turn ---- */

static bool read_budget(const char *text, Budget *budget)
{
    return text && budget_parse(text, budget);
}

/* Opens it to the scheduler, with its budgets. */
static void open_wave(FleetRun *self)
{
    WaveResult *wave = current(self);
    const WaveSpec *spec = planned(self)->spec;
    Budget failures, unreachable;
    const SchedulerWave part = {
        .name = wave->name,
        .targets = wave->targets,
        .max_failures = spec && read_budget(spec->max_failures, &failures) ? &failures : NULL,
        .max_unreachable = spec && read_budget(spec->max_unreachable, &unreachable) ? &unreachable : NULL,
        .unreachable_before = planned(self)->unreachable,
    };
    scheduler_begin_wave(self->scheduler, &part);
}

static void begin_targets(FleetRun *self)
{
    WaveResult *wave = current(self);
    wave->state = WAVE_RUNNING;
    wave->started_us = run_clock_real(self->control.clock);
    self->waves.any_begun = true;
    open_wave(self);
    note_event(self, EVENT_WAVE_STARTED, "%s: %u %s", wave->name, wave->targets,
               wave->targets == 1 ? "target" : "targets");
    tell_change(self);
}

/* The yes to the run is the yes to the wave that it begins with. */
static bool must_confirm(const FleetRun *self)
{
    return self->waves.any_begun && plan_wave_confirms(planned(self), self->options->rollout);
}

static void begin_soak(FleetRun *self);

/* A wave none of whose targets can be changed, or one of the run that is gone on with: only what that one
 * left undone behind it. */
static void step_without_targets(FleetRun *self)
{
    g_autofree char *hollow = plan_wave_hollow(self->plan, self->waves.current);
    open_wave(self);
    if (hollow)
        scheduler_halt(self->scheduler, hollow);
    if (scheduler_halted(self->scheduler))
        return;
    if (planned(self)->remainder != REMAINDER_NONE) {
        self->waves.any_begun = true;
        begin_soak(self);
        return;
    }
    current(self)->state = planned(self)->is_over ? WAVE_DONE : WAVE_NOT_STARTED;
    self->waves.current++;
}

static void step_waiting(FleetRun *self)
{
    WaveResult *wave = current(self);
    fleet_run_keep_window(self); /* the wave ahead of it may have taken long */
    if (self->result->paused_by || scheduler_halted(self->scheduler))
        return;
    if (wave->targets == 0) {
        step_without_targets(self);
    } else if (must_confirm(self)) {
        wave->state = WAVE_CONFIRMING;
        note_event(self, EVENT_WAVE_WAITS, "%s waits for a confirmation", wave->name);
        tell_change(self);
    } else {
        begin_targets(self);
    }
}

static void step_confirming(FleetRun *self)
{
    const FleetRunWatch *watch = self->watch;
    g_autofree char *why = NULL;
    WaveAnswer answer =
        watch->confirm ? watch->confirm(watch->context, self->result, self->waves.current, &why) : WAVE_NO;
    if (answer == WAVE_YES) {
        begin_targets(self);
    } else if (answer == WAVE_NO) {
        g_autofree char *reason = g_strdup_printf("wave %s was not confirmed%s%s", current(self)->name,
                                                  why ? ": " : "", why ? why : "");
        scheduler_halt(self->scheduler, reason);
    }
}

/* ---- Behind its targets ---- */

static const GPtrArray *gates_of(const FleetRun *self)
{
    const GPtrArray *gates = plan_wave_gates(planned(self), self->options->rollout);
    return gates && gates->len > 0 ? gates : NULL;
}

static bool is_last(const FleetRun *self)
{
    for (guint i = self->waves.current + 1; i < self->result->waves->len; i++)
        if (((const WaveResult *)self->result->waves->pdata[i])->targets > 0)
            return false;
    return true;
}

/* Behind the last wave only where that wave itself says so, and there is a gate to wait for. */
static gint64 soak_us(const FleetRun *self)
{
    const PlanWave *wave = planned(self);
    bool said = wave->spec && wave->spec->soak_ms >= 0 && gates_of(self);
    bool due = wave->remainder == REMAINDER_SOAK || current(self)->targets > 0;
    if (!due || (is_last(self) && !said))
        return 0;
    gint64 soak = plan_wave_soak_ms(wave, self->options->rollout) * 1000;
    bool begun = current(self)->targets == 0 && wave->soak_until_us > 0;
    gint64 left = begun ? wave->soak_until_us - run_clock_real(self->control.clock) : soak;
    return CLAMP(left, 0, soak);
}

static void end_targets(FleetRun *self)
{
    GHashTableIter iter;
    gpointer signature;
    current(self)->finished_us = run_clock_real(self->control.clock);
    self->waves.judges_errors = true;
    g_hash_table_iter_init(&iter, self->waves.wave_errors);
    while (g_hash_table_iter_next(&iter, &signature, NULL)) {
        g_hash_table_iter_steal(&iter);
        g_hash_table_add(self->waves.errors, signature);
    }
}

static void begin_soak(FleetRun *self)
{
    WaveResult *wave = current(self);
    spare_connections_close(self->options->spare); /* gates may ask where they are */
    gint64 soak = soak_us(self);
    wave->state = soak > 0 ? WAVE_SOAKING : WAVE_GATING;
    if (soak > 0) {
        wave->soak_until_us = run_clock_real(self->control.clock) + soak;
        self->waves.soak_until = run_clock_now(self->control.clock) + soak;
        g_autofree char *until = timestamp_format(wave->soak_until_us);
        note_event(self, EVENT_WAVE_SOAKS, "%s until %s", wave->name, until);
        tell_change(self);
    }
}

static void step_running(FleetRun *self)
{
    if (scheduler_running(self->scheduler) > 0 || scheduler_wave_left(self->scheduler) > 0)
        return;
    end_targets(self);
    begin_soak(self);
}

static void step_soaking(FleetRun *self)
{
    if (run_clock_now(self->control.clock) >= self->waves.soak_until)
        current(self)->state = WAVE_GATING;
}

/* ---- Gates ---- */

static bool gate_tick(gpointer context, unsigned done, unsigned total)
{
    FleetRun *self = context;
    (void)done;
    (void)total;
    fleet_run_breathe(self);
    return !scheduler_halted(self->scheduler) || scheduler_is_closed(self->scheduler);
}

/* Who was in the wave, now and in the run that is gone on with; and of these, who is not done. */
static GPtrArray *wave_targets(const FleetRun *self, GHashTable *failed)
{
    const PlanWave *wave = planned(self);
    GPtrArray *targets = g_ptr_array_new();
    for (guint i = 0; i < self->pending->len; i++) {
        const PlanTarget *target = self->pending->pdata[i];
        const TargetResult *found = self->result->targets->pdata[g_array_index(self->places, guint, i)];
        if (target->wave != self->waves.current)
            continue;
        g_ptr_array_add(targets, (gpointer)target->target);
        if (found->outcome != OUTCOME_DONE)
            g_hash_table_add(failed, target->target->name);
    }
    for (guint i = 0; wave->done_before && i < wave->done_before->len; i++)
        g_ptr_array_add(targets, wave->done_before->pdata[i]);
    return targets;
}

static void note_gates(FleetRun *self, guint first)
{
    const WaveResult *wave = current(self);
    for (guint i = first; i < wave->gates->len; i++) {
        const GateResult *gate = wave->gates->pdata[i];
        note_event(self, EVENT_GATE_ASKED, "%s: %s %s%s%s%s%s", wave->name, gate->name,
                   gate->passed ? "passed" : "failed", gate->target ? " on " : "",
                   gate->target ? gate->target : "", gate->saw ? ": " : "", gate->saw ? gate->saw : "");
    }
}

/* What the first gate that failed saw. Caller frees. */
static char *gate_failure(const WaveResult *wave)
{
    for (guint i = 0; i < wave->gates->len; i++) {
        const GateResult *gate = wave->gates->pdata[i];
        if (gate->passed)
            continue;
        return g_strdup_printf("a gate behind wave %s failed: %s%s%s%s%s", wave->name, gate->name,
                               gate->target ? " on " : "", gate->target ? gate->target : "",
                               gate->saw ? ": " : "", gate->saw ? gate->saw : "");
    }
    return g_strdup_printf("the gates behind wave %s could not be asked", wave->name);
}

static bool ask_gates(FleetRun *self, const GPtrArray *gates)
{
    const FleetRunOptions *options = self->options;
    g_autoptr(GHashTable) failed = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) targets = wave_targets(self, failed);
    WaveResult *wave = current(self);
    const GateOptions asked = {
        .secrets = options->secrets,
        .folder = options->project_folder ? options->project_folder : options->folder,
        .fleet_folder = options->folder,
        .run_id = options->run_id,
        .wave = wave->name,
        .targets_failed = failed,
        .limits = {.jobs = options->limits.jobs,
                   .per_host = options->limits.per_host,
                   .tick = gate_tick,
                   .tick_context = self},
    };
    bool passed = (options->ask_gates ? options->ask_gates : gates_ask)(gates, targets, &asked, wave->gates);
    note_gates(self, 0);
    return passed;
}

static void step_gating(FleetRun *self)
{
    WaveResult *wave = current(self);
    const GPtrArray *gates = gates_of(self);
    if (gates)
        tell_change(self);
    if (gates && !ask_gates(self, gates)) {
        g_autofree char *reason = gate_failure(wave);
        if (!scheduler_halted(self->scheduler) || scheduler_is_closed(self->scheduler))
            break_off(self, reason);
        return;
    }
    wave->state = WAVE_DONE;
    note_event(self, EVENT_WAVE_FINISHED, "%s: %s", wave->name, wave_state_name(wave->state));
    tell_change(self);
    self->waves.current++;
}

/* ---- From state to state ---- */

typedef void (*WaveStep)(FleetRun *self);

static const WaveStep steps[WAVE_STATE_COUNT] = {
    [WAVE_WAITING] = step_waiting, [WAVE_CONFIRMING] = step_confirming, [WAVE_RUNNING] = step_running,
    [WAVE_SOAKING] = step_soaking, [WAVE_GATING] = step_gating,
};

void wave_run_step(FleetRun *self)
{
    while (wave_run_is_going(self)) {
        const WaveResult *wave = current(self);
        WaveState before = wave->state;
        steps[before](self);
        if (wave == current(self) && wave->state == before)
            return;
    }
}

/* ---- Failures and the end ---- */

void wave_run_note_failure(FleetRun *self, const TargetResult *found)
{
    WaveRun *waves = &self->waves;
    const RolloutPolicy *rollout = self->options->rollout;
    if (!current(self) || !found->failure)
        return;
    g_autofree char *signature = failure_signature(found->failure, found->name);
    bool known = g_hash_table_contains(waves->errors, signature);
    g_hash_table_add(waves->wave_errors, g_steal_pointer(&signature));
    if (known || !waves->judges_errors || !rollout || !rollout->halt_on_new_error)
        return;
    g_autofree char *reason =
        g_strdup_printf("wave %s: %s failed as nothing did in an earlier wave: %s", current(self)->name,
                        found->name, found->reason ? found->reason : outcome_name(found->outcome));
    break_off(self, reason);
}

static bool has_begun(const WaveResult *wave)
{
    return wave->state != WAVE_WAITING && wave->state != WAVE_CONFIRMING;
}

/* A wave whose turn did not come still is what the run before made of it, so that the next one knows. */
static WaveState state_before(const PlanWave *wave)
{
    if (wave->targets > 0)
        return WAVE_NOT_STARTED;
    return wave->remainder != REMAINDER_NONE ? WAVE_HALTED : wave->is_over ? WAVE_DONE : WAVE_NOT_STARTED;
}

void wave_run_end(FleetRun *self)
{
    WaveResult *wave = current(self);
    self->waves.is_cut = wave_run_is_behind_targets(self);
    if (!wave)
        return;
    g_autofree char *hollow = plan_wave_hollow(self->plan, self->waves.current);
    if (wave->state != WAVE_WAITING || planned(self)->unreachable > 0 || hollow)
        wave->halt_reason = g_strdup(scheduler_halted(self->scheduler));
    if (wave->state == WAVE_RUNNING)
        wave->finished_us = run_clock_real(self->control.clock);
    bool begun = has_begun(wave);
    wave->state = begun ? WAVE_HALTED : state_before(planned(self));
    if (begun)
        note_event(self, EVENT_WAVE_FINISHED, "%s: %s", wave->name, wave_state_name(wave->state));
    tell_change(self);
    for (guint i = self->waves.current + 1; i < self->result->waves->len; i++)
        ((WaveResult *)self->result->waves->pdata[i])->state = state_before(self->plan->waves->pdata[i]);
    self->waves.current = self->result->waves->len;
}
