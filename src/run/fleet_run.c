/* Fleet run: the main thread's side of a run. Schedules targets, hands them to workers, takes them back,
 * records them in the ledger in batches, and tells an onlooker. What ends a run early is in fleet_stop.c.
 * Owns the pool and the jobs; knows no terminal. */
#include "base/intern.h"
#include "inventory/rollout.h"
#include "plans/plan_checks.h"
#include "run/fleet_run_internal.h"
#include "run/liveness.h"
#include "run/server_keys.h"
#include "run/signals.h"
#include <string.h>

#define TICK_US (G_USEC_PER_SEC / 10)

char *run_id_new(void)
{
    static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz";
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%Y%m%d-%H%M%S");
    char tail[5] = {0};
    for (int i = 0; i < 4; i++)
        tail[i] = letters[g_random_int_range(0, (gint32)sizeof letters - 1)];
    return g_strdup_printf("%s-%s", time, tail);
}

/* ---- The result to be ---- */

static const Outcome outcome_of_verdict[] = {
    [PLAN_PENDING] = OUTCOME_NOT_STARTED, [PLAN_AT_GOAL] = OUTCOME_UNCHANGED,
    [PLAN_BLOCKED] = OUTCOME_BLOCKED,     [PLAN_UNREACHABLE] = OUTCOME_UNREACHABLE,
    [PLAN_INACTIVE] = OUTCOME_INACTIVE,
};

/* What the history row keeps of a statement that was found undecidable: a line, and below it the difference.
 */
static void fill_undecidable(Failure *failure, const PlanTarget *planned, const char *run_id)
{
    const HistoryEntry *open = target_state_unfinished(planned->state);
    const char *difference = open->detail ? strchr(open->detail, '\n') : NULL;
    failure->revision = g_strdup(open->revision);
    failure->direction = g_strdup(open->direction);
    failure->statement = open->intent;
    failure->difference = difference ? g_strdup(difference + 1) : NULL;
    failure->detail =
        g_strndup(open->detail ? open->detail : "",
                  difference ? (gsize)(difference - open->detail) : strlen(open->detail ? open->detail : ""));
    failure->hint = undecidable_hint(run_id, planned->target->name);
}

static Failure *planned_failure(const PlanTarget *planned, const char *run_id)
{
    Failure *failure = failure_new();
    const TargetState *state = planned->state;
    failure->error_class =
        g_strdup(state && state->error_class ? state->error_class : plan_problem_name(planned->problem));
    failure->message = g_strdup(planned->reason);
    if (planned->problem == PROBLEM_UNDECIDABLE)
        fill_undecidable(failure, planned, run_id);
    const PlanCheck *refusal = planned->problem == PROBLEM_CHECK ? plan_target_refusal(planned) : NULL;
    if (refusal) {
        failure->detail = g_strdup(refusal->detail);
        failure->revision = g_strdup(refusal->revision->id);
        failure->direction = g_strdup(direction_name(DIRECTION_UP));
        failure->file = g_strdup(refusal->revision->file);
        failure->line = refusal->section->place.line;
    }
    return failure;
}

static void describe_target(TargetResult *result, const PlanTarget *planned)
{
    const Target *target = planned->target;
    const TargetState *state = planned->state;
    result->name = g_strdup(target->name);
    result->group = intern_text(target->group ? target->group->name : "");
    result->server = g_strdup(target->endpoint);
    result->dialect = intern_text(state ? dialect_name(state->dialect) : target->url->scheme);
    result->server_version = state ? intern_text(state->server_version) : NULL;
    if (planned->path) {
        result->rows_goal = g_strdupv(planned->path->rows);
        result->steps_planned = planned->path->steps->len;
        result->path = intern_text(planned->path->digest);
    }
    result->wave = planned->in_wave ? planned->wave + 1 : 0;
}

static const char *prepared_reason(const PlanTarget *planned)
{
    if (planned->verdict == PLAN_PENDING)
        return "the run ended before its turn";
    if (planned->verdict == PLAN_INACTIVE && !planned->reason)
        return target_life_name(planned->target->life);
    return planned->reason;
}

static TargetResult *prepare_target_result(const PlanTarget *planned, const char *run_id)
{
    TargetResult *result = target_result_new();
    describe_target(result, planned);
    result->outcome =
        planned->problem == PROBLEM_STALE ? OUTCOME_STALE : outcome_of_verdict[planned->verdict];
    result->reason = g_strdup(prepared_reason(planned));
    if (planned->state && planned->state->outcome == PROBE_OK)
        result->rows_before = g_strdupv(planned->state->rows);
    if (planned->verdict == PLAN_AT_GOAL)
        result->rows_after = g_strdupv(planned->state->rows);
    if (planned->verdict == PLAN_BLOCKED || planned->verdict == PLAN_UNREACHABLE)
        result->failure = planned_failure(planned, run_id);
    return result;
}

static RunPath *path_from(const PlanPath *path)
{
    RunPath *result = run_path_of(path);
    result->digest = g_strdup(path->digest);
    result->dialect = g_strdup(dialect_name(path->dialect));
    return result;
}

RunResult *fleet_run_prepare(const Plan *plan, const FleetRunOptions *options)
{
    RunResult *run = run_result_new();
    run->id = g_strdup(options->run_id);
    run->command = g_strdup(plan_command_name(plan->command));
    run->goal = g_strjoinv(" ", plan->goals);
    run->operator_name = g_strdup(options->operator_name);
    run->host = g_strdup(g_get_host_name());
    run->process = process_mark();
    run->plan_digest = g_strdup(plan->digest);
    run->dbfleet_version = g_strdup(DBFLEET_VERSION);
    run->jobs = options->limits.jobs;
    run->per_host = options->limits.per_host;
    for (guint i = 0; i < plan->paths->len; i++)
        g_ptr_array_add(run->paths, path_from(plan->paths->pdata[i]));
    for (guint i = 0; i < plan->targets->len; i++)
        g_ptr_array_add(run->targets, prepare_target_result(plan->targets->pdata[i], options->run_id));
    wave_run_prepare(run, plan);
    return run;
}

/* ---- Recording ---- */

/* A ledger that cannot be written stops new targets; what happened is in the targets all the same. */
static void record_if_due(FleetRun *self)
{
    if (run_record_tick(&self->record)) {
        fleet_run_take_requests(self);
        return;
    }
    g_autofree char *reason = g_strdup_printf("the ledger cannot be written: %s", self->record.failure);
    scheduler_halt(self->scheduler, reason);
}

/* ---- Who does it ---- */

/* The first who has nothing to do. */
static void give_worker(const FleetRun *self, TargetJob *job)
{
    guint worker = 0;
    bool busy = true;
    while (worker < self->workers->len && g_array_index(self->workers, bool, worker))
        worker++;
    if (worker == self->workers->len)
        g_array_append_val(self->workers, busy);
    g_array_index(self->workers, bool, worker) = true;
    job->worker = worker;
}

/* Its number, from 1. */
static unsigned give_back_worker(const FleetRun *self, const TargetJob *job)
{
    g_array_index(self->workers, bool, job->worker) = false;
    return job->worker + 1;
}

/* ---- Targets out, targets back ---- */

/* Says in the ledger that it is at work, so that a record that ends here tells. */
static void note_started(FleetRun *self, unsigned index)
{
    guint place = g_array_index(self->places, guint, index);
    TargetResult *target = self->result->targets->pdata[place];
    g_free(target->reason);
    target->reason = g_strdup("at work");
    target->started_us = run_clock_real(self->control.clock);
    run_record_target(&self->record, place);
    run_record_event(&self->record, EVENT_TARGET_STARTED, target->name, NULL);
}

static void submit(const FleetRun *self, TargetJob *job)
{
    const RunExecutor *executor = self->options->executor;
    if (executor)
        executor->submit(executor->context, target_job_work, job, job->control);
    else
        pool_submit(self->pool, job);
}

static JobEvent *next_event(const FleetRun *self, gint64 timeout_us)
{
    const RunExecutor *executor = self->options->executor;
    return executor ? executor->next_event(executor->context, self->control.events, timeout_us)
                    : queue_pop(self->control.events, timeout_us);
}

static void start_more(FleetRun *self)
{
    fleet_run_keep_window(self);
    throttle_step(self->throttle, self->scheduler);
    for (gint next; !self->result->paused_by && (next = scheduler_next(self->scheduler)) >= 0;) {
        note_started(self, (unsigned)next);
        TargetJob *job = target_job_new((unsigned)next, self->pending->pdata[next], &self->control);
        give_worker(self, job);
        g_hash_table_add(self->running, job);
        submit(self, job);
    }
}

static SchedulerOutcome budget_of(Outcome outcome)
{
    switch (outcome) {
    case OUTCOME_FAILED:
    case OUTCOME_UNKNOWN:
    case OUTCOME_BLOCKED:
    case OUTCOME_LOCKED:
    case OUTCOME_STALE:
        return SCHEDULER_FAILED;
    case OUTCOME_UNREACHABLE:
        return SCHEDULER_UNREACHABLE;
    default:
        return SCHEDULER_GOOD;
    }
}

static void note_finished(FleetRun *self, const TargetResult *target)
{
    g_autofree char *text =
        g_strjoin(target->reason ? ": " : NULL, outcome_name(target->outcome), target->reason, NULL);
    run_record_event(&self->record, EVENT_TARGET_FINISHED, target->name, text);
}

/* The last target teaches nobody; it may have thousands of steps. */
static void learn(const FleetRun *self, const TargetResult *target)
{
    if (g_hash_table_size(self->running) > 0 || scheduler_left(self->scheduler) > 0)
        pace_learn(self->pace.pace, target);
}

/* Puts what the worker found in the place of the prepared result. */
static void take_result(FleetRun *self, TargetJob *job)
{
    const PlanTarget *planned = job->planned;
    TargetResult *found = g_steal_pointer(&job->found);
    const char *version = found->server_version;
    describe_target(found, planned);
    target_result_fit_steps(found, found->step_count);
    found->worker = give_back_worker(self, job);
    if (version)
        found->server_version = version;
    if (!found->rows_before && planned->state->outcome == PROBE_OK)
        found->rows_before = g_strdupv(planned->state->rows);
    guint index = g_array_index(self->places, guint, job->index);
    target_result_free(self->result->targets->pdata[index]);
    self->result->targets->pdata[index] = found;
    run_record_found(&self->record, index, found);
    run_record_target(&self->record, index);
    note_finished(self, found);
    pace_finished(self->pace.pace, found, self->result->warnings);
    learn(self, found);
    scheduler_finished(self->scheduler, job->index, budget_of(found->outcome));
    if (budget_of(found->outcome) == SCHEDULER_FAILED)
        wave_run_note_failure(self, found);
    if (self->watch->target_finished)
        self->watch->target_finished(self->watch->context, found);
}

static const TargetResult *prepared_result(const FleetRun *self, const TargetJob *job)
{
    return self->result->targets->pdata[g_array_index(self->places, guint, job->index)];
}

/* A backup is an event as a step is, though it is none. */
static void note_step(FleetRun *self, const JobEvent *event)
{
    guint place = g_array_index(self->places, guint, event->job->index);
    const TargetResult *target = self->result->targets->pdata[place];
    const Revision *revision = event->step ? event->step->revision : NULL;
    const char *doing = event->backup ? "backup" : revision ? revision->id : "stamp";
    const char *message = event->backup ? "before the first change" : revision ? revision->message : "";
    if (event->backup) {
        g_autofree char *text = step_started_text(doing, message);
        run_record_event_of(&self->record, event->time_us, EVENT_STEP_STARTED, target->name, text);
    } else {
        run_record_step(&self->record, place, event->time_us, event->step);
    }
    pace_step(self->pace.pace, target->name, doing);
    if (self->watch->step_started)
        self->watch->step_started(self->watch->context, target, doing, message);
}

static void note_lock_wait(FleetRun *self, const TargetResult *target, const char *blocker)
{
    if (blocker)
        run_record_event(&self->record, EVENT_LOCK_WAIT, target->name, blocker);
    pace_lock(self->pace.pace, target->name, blocker);
    if (self->watch->lock_wait)
        self->watch->lock_wait(self->watch->context, target, blocker);
}

static void handle_event(FleetRun *self, JobEvent *event)
{
    if (event->finished) {
        g_hash_table_remove(self->running, event->job);
        take_result(self, event->job);
        target_job_free(event->job);
    } else if (event->about_lock) {
        note_lock_wait(self, prepared_result(self, event->job), event->blocker);
    } else if (event->retried) {
        run_record_event(&self->record, EVENT_RETRIED, prepared_result(self, event->job)->name,
                         event->retried);
    } else {
        note_step(self, event);
    }
    job_event_free(event);
}

/* ---- The loop ---- */

/* A paused run, or one between two waves, has targets left and nobody at work. */
static bool is_waiting(const FleetRun *self)
{
    bool paused =
        self->result->paused_by && !scheduler_halted(self->scheduler) && scheduler_left(self->scheduler) > 0;
    return paused || wave_run_is_going(self);
}

void fleet_run_breathe(FleetRun *self)
{
    fleet_run_take_signals(self);
    fleet_run_tell_halt(self);
    fleet_pace_tick(self);
    spare_connections_expire(self->options->spare);
    record_if_due(self);
    if (self->watch->tick)
        self->watch->tick(self->watch->context, self->result, self->scheduler);
}

static void run_loop(FleetRun *self)
{
    for (;;) {
        wave_run_step(self);
        start_more(self);
        if (g_hash_table_size(self->running) == 0 && !is_waiting(self) && !fleet_run_is_held(self))
            break;
        JobEvent *event = next_event(self, TICK_US);
        for (; event; event = next_event(self, 0))
            handle_event(self, event);
        fleet_run_breathe(self);
    }
    fleet_run_tell_halt(self); /* a gate, or a person */
}

/* ---- The whole ---- */

static void add_pending(FleetRun *self, guint place, guint wave)
{
    PlanTarget *planned = self->plan->targets->pdata[place];
    if (planned->verdict != PLAN_PENDING || planned->wave != wave)
        return;
    g_ptr_array_add(self->pending, planned);
    g_ptr_array_add(self->targets, (gpointer)planned->target);
    g_array_append_val(self->places, place);
}

/* Wave by wave, in the plan's order. */
static void collect_pending(FleetRun *self)
{
    const Plan *plan = self->plan;
    guint waves = plan->waves ? plan->waves->len : 1;
    for (guint wave = 0; wave < waves; wave++)
        for (guint i = 0; i < (plan->order ? plan->order->len : plan->targets->len); i++)
            add_pending(self, plan->order ? g_array_index(plan->order, guint, i) : i, wave);
}

/* What their servers said of themselves when they were read. */
static GPtrArray *servers_of(const FleetRun *self)
{
    g_autoptr(GPtrArray) identities = g_ptr_array_new();
    for (guint i = 0; i < self->pending->len; i++) {
        const TargetState *state = ((const PlanTarget *)self->pending->pdata[i])->state;
        g_ptr_array_add(identities, state ? state->server_identity : NULL);
    }
    return server_keys_new(self->targets, identities, NULL, NULL);
}

static void tell_listeners(gpointer context, const RunEvent *event)
{
    const FleetRun *self = context;
    const GPtrArray *listeners = self->options->listeners;
    for (guint i = 0; listeners && i < listeners->len; i++) {
        const RunListener *listener = listeners->pdata[i];
        if (listener->event)
            listener->event(listener->context, self->result, event);
    }
}

static void fleet_run_init(FleetRun *self, RunResult *run, const Plan *plan, const FleetRunOptions *options,
                           const FleetRunWatch *watch)
{
    *self = (FleetRun){.result = run, .plan = plan, .options = options, .watch = watch};
    self->pending = g_ptr_array_new();
    self->targets = g_ptr_array_new();
    self->places = g_array_new(FALSE, FALSE, sizeof(guint));
    self->running = g_hash_table_new(NULL, NULL);
    self->workers = g_array_new(FALSE, FALSE, sizeof(bool));
    self->control = (RunControl){.options = options,
                                 .clock = options->clock ? options->clock : run_clock_system(),
                                 .plan_digest = plan->digest,
                                 .events = queue_new()};
    run_record_init(&self->record, options->ledger, run, self->control.clock);
    self->record.tell = options->listeners && options->listeners->len > 0 ? tell_listeners : NULL;
    self->record.tell_context = self;
    collect_pending(self);
    self->servers = servers_of(self);
    SchedulerLimits limits = options->limits;
    limits.servers = self->servers;
    limits.unreachable_before = plan->counts[PLAN_UNREACHABLE];
    self->scheduler = scheduler_new(self->targets, &limits);
    fleet_pace_init(self);
    wave_run_init(self);
}

static void fleet_run_clear(FleetRun *self)
{
    pool_free(self->pool);
    lock_watch_free(self->control.lock_watch);
    throttle_free(self->throttle);
    scheduler_free(self->scheduler);
    g_ptr_array_unref(self->servers);
    queue_free(self->control.events);
    fleet_pace_clear(self);
    wave_run_clear(self);
    g_array_unref(self->workers);
    g_ptr_array_unref(self->pending);
    g_ptr_array_unref(self->targets);
    g_array_unref(self->places);
    run_record_clear(&self->record);
    g_hash_table_unref(self->running);
}

static LockWatch *new_lock_watch(const FleetRun *self)
{
    const LockWatchOptions options = {.session = {.secrets = self->options->secrets,
                                                  .folder = self->options->folder,
                                                  .run_id = self->options->run_id},
                                      .tell = target_job_tell_lock,
                                      .context = self->control.events};
    return lock_watch_new(&options);
}

static bool fleet_run_begin(FleetRun *self, GError **error)
{
    unsigned workers = MIN(self->options->limits.jobs, self->pending->len);
    self->result->started_us = run_clock_real(self->control.clock);
    if (self->options->stop_starting_at)
        rollout_time_resolve(self->options->stop_starting_at, self->result->started_us,
                             &self->stop_starting_us);
    bool has_threads = workers > 0 && !self->options->executor;
    if (has_threads && !(self->pool = pool_new(workers, target_job_work, &self->control, error)))
        return false;
    self->throttle = fleet_run_throttle(self);
    bool starts_something = self->pending->len > 0 || self->result->waves->len > 0;
    if (starts_something && !run_record_begin(&self->record, error))
        return false;
    self->control.lock_watch = new_lock_watch(self);
    run_record_event(&self->record, EVENT_BEGAN, NULL, self->result->operator_name);
    return true;
}

/* Halted means that something was held back: a failure of the last target alone is no halt. */
static bool was_held_back(const RunResult *run)
{
    static const Outcome outcomes[] = {OUTCOME_NOT_STARTED, OUTCOME_STOPPED, OUTCOME_CANCELLED};
    for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++)
        if (run_result_count(run, outcomes[i]) > 0)
            return true;
    return false;
}

/* The end is on record before anyone is waited for. */
static void record_end(FleetRun *self)
{
    RunResult *run = self->result;
    const GPtrArray *listeners = self->options->listeners;
    bool recorded = run_record_end(&self->record);
    guint warnings = run->warnings->len;
    for (guint i = 0; listeners && i < listeners->len; i++) {
        const RunListener *listener = listeners->pdata[i];
        if (listener->ended)
            listener->ended(listener->context, run);
    }
    if (run->warnings->len > warnings)
        recorded = run_record_end(&self->record);
    if (recorded)
        return;
    g_autofree char *text = g_strdup_printf(
        "the end of the run could not be recorded (%s): the ledger lacks it, the report below has it",
        self->record.failure);
    fleet_run_notice(self, text);
}

static void fleet_run_end(FleetRun *self)
{
    RunResult *run = self->result;
    wave_run_end(self);
    throttle_sum_up(self->throttle, run->warnings);
    if ((was_held_back(run) || self->waves.is_cut) && !run->interrupted)
        run->halt_reason = g_strdup(scheduler_halted(self->scheduler));
    if (scheduler_failed_too_often(self->scheduler) && !run->broken)
        run->broken = g_strdup(scheduler_halted(self->scheduler));
    run->finished_us = run_clock_real(self->control.clock);
    run->estimate_us = 0;
    g_clear_pointer(&run->paused_by, g_free);
    const char *end = run_end_name(run->finished_us, RUN_ENDED, run->interrupted, run->halt_reason != NULL);
    run_record_event(&self->record, EVENT_FINISHED, NULL, end);
    record_end(self);
}

bool fleet_run_execute(RunResult *run, const Plan *plan, const FleetRunOptions *options,
                       const FleetRunWatch *watch, GError **error)
{
    FleetRun self;
    fleet_run_init(&self, run, plan, options, watch);
    bool begun = fleet_run_begin(&self, error);
    if (begun) {
        signals_install();
        run_loop(&self);
        fleet_run_end(&self);
        g_clear_pointer(&self.throttle, throttle_free); /* may take its time: an interrupt must not kill */
        signals_restore();
    }
    fleet_run_clear(&self);
    return begun;
}
