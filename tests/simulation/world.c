/* World: makes targets by hand, plans and runs with what ships, and counts what it sees. */
#include "waves.h"

#include "run/job/target_job.h"
#include "run/probe.h"

#include <signal.h>

static const char *const schemes[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = "postgresql", [DIALECT_MARIADB] = "mysql", [DIALECT_SQLITE] = "sqlite"};

/* ---- What is watched ---- */

void world_complain(World *self, const char *format, ...)
{
    va_list values;
    if (self->wrong)
        return;
    va_start(values, format);
    self->wrong = g_strdup_vprintf(format, values);
    va_end(values);
}

static unsigned count_in(World *self, gpointer key, int change)
{
    unsigned now = GPOINTER_TO_UINT(g_hash_table_lookup(self->running_in, key)) + (unsigned)change;
    g_hash_table_insert(self->running_in, key, GUINT_TO_POINTER(now));
    return now;
}

static void count_target(World *self, const Target *target, int change)
{
    unsigned limit = self->limits.per_host;
    self->running += (unsigned)change;
    self->most_running = MAX(self->most_running, self->running);
    if (target->settings.per_host)
        limit = limit ? MIN(limit, target->settings.per_host) : target->settings.per_host;
    unsigned here = *target->server ? count_in(self, target->server, change) : 0;
    if (change > 0 && limit && here > limit)
        world_complain(self, "%u targets at work on %s, per_host is %u", here, target->server, limit);
    for (const Group *group = target->group; group; group = group->parent) {
        unsigned in_group = count_in(self, (gpointer)group, change);
        if (group->concurrency && in_group > group->concurrency)
            world_complain(self, "%u targets of group %s at work", in_group, group->name);
    }
}

static void submit(gpointer context, PoolWork work, gpointer job, gpointer control)
{
    World *self = context;
    const RunExecutor *executor = virtual_time_executor(self->time);
    const Target *target = ((const TargetJob *)job)->planned->target;
    count_target(self, target, 1);
    if (self->running > MAX(self->limits.jobs, 1))
        world_complain(self, "%u targets at work, jobs is %u", self->running, self->limits.jobs);
    if (self->halted)
        world_complain(self, "%s was started after the halt", target->name);
    sim_waves_started(self, ((const TargetJob *)job)->planned);
    executor->submit(executor->context, work, job, control);
}

static gpointer next_event(gpointer context, Queue *events, gint64 timeout_us)
{
    const RunExecutor *executor = virtual_time_executor(((World *)context)->time);
    return executor->next_event(executor->context, events, timeout_us);
}

static const Target *target_named(const World *self, const char *name)
{
    for (guint i = 0; i < self->targets->len; i++)
        if (g_str_equal(((const Target *)self->targets->pdata[i])->name, name))
            return self->targets->pdata[i];
    g_assert_not_reached();
}

/* By its own reckoning, not by what the run says. */
static void on_finished(gpointer context, const TargetResult *result)
{
    World *self = context;
    count_target(self, target_named(self, result->name), -1);
    bool good = result->outcome == OUTCOME_DONE || result->outcome == OUTCOME_UNCHANGED ||
                result->outcome == OUTCOME_UNREACHABLE || result->outcome == OUTCOME_STOPPED ||
                result->outcome == OUTCOME_CANCELLED || result->outcome == OUTCOME_NOT_STARTED;
    self->failed += !good;
    if (sim_waves_finished(self, result->name, good))
        self->halted = true;
    if (!self->limits.max_failures.is_share && self->failed > self->limits.max_failures.value)
        self->halted = true;
}

static void on_tick(gpointer context, const RunResult *run, const Scheduler *scheduler)
{
    World *self = context;
    (void)run, (void)scheduler;
    if (self->interrupts >= G_N_ELEMENTS(self->interrupt_at))
        return;
    gint64 at = self->interrupt_at[self->interrupts];
    if (at == 0 || virtual_time_now(self->time) - self->began_at < at)
        return;
    self->interrupts++;
    raise(SIGINT);
}

static void on_notice(gpointer context, const char *text)
{
    World *self = context;
    self->halted |= g_str_has_prefix(text, "halted") || g_str_has_prefix(text, "interrupted");
}

/* ---- Making it ---- */

World *world_new(const Track *track, guint32 seed)
{
    World *self = g_new0(World, 1);
    self->track = track;
    self->random = g_rand_new_with_seed(seed);
    self->time = virtual_time_new(self->random);
    self->network = network_new(self->time, self->random);
    self->secrets = secret_store_new();
    self->groups = g_ptr_array_new_with_free_func(g_free);
    self->targets = g_ptr_array_new();
    self->databases = g_ptr_array_new();
    self->running_in = g_hash_table_new(NULL, NULL);
    self->waves = g_array_new(FALSE, FALSE, SIM_WAVE_SIZE);
    self->executor = (RunExecutor){self, submit, next_event};
    self->limits = (SchedulerLimits){
        .jobs = 8, .max_failures = {.is_share = true, .value = 100}, .max_unreachable = {true, 100}};
    network_use(self->network);
    return self;
}

static void target_free(Target *self)
{
    db_url_free(self->url);
    g_hash_table_unref(self->labels);
    g_hash_table_unref(self->vars);
    g_free(self->name);
    g_free(self->endpoint);
    g_free(self);
}

void world_free(World *self)
{
    g_ptr_array_set_free_func(self->targets, (GDestroyNotify)target_free);
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->databases);
    g_ptr_array_unref(self->groups);
    g_hash_table_unref(self->running_in);
    g_array_unref(self->waves);
    rollout_policy_clear(&self->rollout);
    secret_store_free(self->secrets);
    network_free(self->network);
    virtual_time_free(self->time);
    g_rand_free(self->random);
    g_free(self->wrong);
    g_free(self);
}

Group *world_add_group(World *self, const Group *parent, unsigned concurrency)
{
    static const char *const names[] = {"g0", "g1", "g2", "g3", "g4", "g5"};
    Group *group = g_new0(Group, 1);
    group->name = (char *)names[self->groups->len % G_N_ELEMENTS(names)];
    group->parent = parent;
    group->concurrency = concurrency;
    g_ptr_array_add(self->groups, group);
    return group;
}

Target *world_add_target(World *self, Dialect dialect, const char *server, const Group *group, bool whole)
{
    Target *target = g_new0(Target, 1);
    bool file = dialect == DIALECT_SQLITE;
    target->name = g_strdup_printf("t%02u", self->targets->len);
    g_autofree char *url =
        g_strdup_printf("%s:%s%s", schemes[dialect], file ? "/" : "//m@host/", target->name);
    target->index = self->targets->len;
    target->group = group;
    target->url = db_url_parse(url, NULL);
    target->track = (char *)"default";
    target->labels = g_hash_table_new(g_str_hash, g_str_equal);
    target->vars = g_hash_table_new(g_str_hash, g_str_equal);
    target->endpoint = db_url_endpoint(target->url);
    target->server = (char *)(file ? "" : server);
    target->settings = (TargetSettings){.connect_timeout_ms = 5000,
                                        .statement_timeout_ms = 60000,
                                        .lock_wait_ms = 20000,
                                        .retry = {4, 500, 30000, 90000},
                                        .transaction_target = whole};
    g_ptr_array_add(self->targets, target);
    g_ptr_array_add(self->databases, network_add(self->network, target->name, dialect));
    return target;
}

/* ---- Running ---- */

int world_position(const World *self, const Database *database)
{
    const GPtrArray *rows = database->kept->rows;
    return rows->len > 1 ? -2 : track_position(self->track, rows->len ? rows->pdata[0] : NULL);
}

static GPtrArray *probe(World *self, SpareConnections *spare)
{
    GPtrArray *states = g_ptr_array_new_with_free_func((GDestroyNotify)target_state_free);
    const ProbeOptions options = {.secrets = self->secrets,
                                  .folder = "/",
                                  .version_table = "dbfleet_version",
                                  .clock = virtual_time_clock(self->time),
                                  .spare = spare};
    network_set_faults(self->network, self->faults_in_probes ? self->oracle : NULL, self->oracle_context);
    for (guint i = 0; i < self->targets->len; i++)
        g_ptr_array_add(states, probe_target(self->targets->pdata[i], &options, NULL, NULL));
    network_set_faults(self->network, self->oracle, self->oracle_context);
    return states;
}

static void begin_run(World *self)
{
    self->began_at = virtual_time_now(self->time);
    self->interrupts = self->running = self->failed = 0;
    self->halted = self->gate_failed = false;
    self->runs++;
    g_hash_table_remove_all(self->running_in);
}

RunResult *world_run(World *self, PlanCommand command, const char *goal)
{
    const char *goals[] = {goal, NULL};
    const PlanRequest request = {.command = command, .goals = goals, .version_table = "dbfleet_version"};
    g_autofree char *id = g_strdup_printf("run%u", self->runs + 1);
    g_autoptr(SpareConnections) spare = g_rand_boolean(self->random) ? spare_connections_new(id) : NULL;
    g_autoptr(GPtrArray) states = probe(self, spare);
    begin_run(self);
    g_autoptr(Plan) plan = plan_build(self->track->graph, self->targets, states, &request);
    sim_waves_begin(self, plan);
    const FleetRunOptions options = {.run_id = id,
                                     .secrets = self->secrets,
                                     .folder = "/",
                                     .version_table = "dbfleet_version",
                                     .operator_name = "me@here",
                                     .limits = self->limits,
                                     .on_halt = self->on_halt,
                                     .rollout = &self->rollout,
                                     .ask_gates = sim_ask_gates,
                                     .spare = spare,
                                     .clock = virtual_time_clock(self->time),
                                     .executor = &self->executor};
    const FleetRunWatch watch = {.context = self,
                                 .target_finished = on_finished,
                                 .tick = on_tick,
                                 .notice = on_notice,
                                 .confirm = sim_confirm};
    g_autoptr(GError) error = NULL;
    const PlanTarget *trouble = plan_file_error(plan);
    if (trouble)
        world_complain(self, "plan: %s", trouble->reason);
    RunResult *run = fleet_run_prepare(plan, &options);
    if (!trouble && !fleet_run_execute(run, plan, &options, &watch, &error))
        world_complain(self, "the run could not begin: %s", error->message);
    sim_waves_check(self, run);
    spare_connections_close(spare);
    if (self->running || network_connections(self->network))
        world_complain(self, "%u jobs and %u connections are left", self->running,
                       network_connections(self->network));
    network_settle(self->network);
    virtual_time_sleep(self->time, G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC);
    return run;
}
