/* Waves of a simulated run. Trusts nothing that the run says of itself: counts starts and ends, the virtual
 * time and its own answers. */
#include "waves.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT(1000000)

/* What was seen of one wave. */
typedef struct WaveCount {
    unsigned targets;
    unsigned started;
    unsigned finished;
    unsigned failed;
    unsigned allowed;
    gint64 ended_at;
    gint64 soak_us;
    bool gated;
    bool passed;
    bool confirms;
    bool confirmed;
} WaveCount;

G_STATIC_ASSERT(sizeof(WaveCount) <= SIM_WAVE_SIZE);

static World *gated_world; /* gates are asked without a context */

static unsigned pick(World *world, unsigned least, unsigned most)
{
    return (unsigned)g_rand_int_range(world->random, (gint32)least, (gint32)most + 1);
}

static WaveCount *wave_at(const World *self, guint index)
{
    return (WaveCount *)(gpointer)(self->waves->data + (gsize)index * SIM_WAVE_SIZE);
}

/* ---- Random rollouts ---- */

static void add_wave(World *self, GString *text, unsigned number)
{
    g_autofree char *who = NULL;
    switch (pick(self, 0, self->groups->len ? 2 : 1)) {
    case 0:
        who = g_strdup_printf("%u", pick(self, 1, 5));
        break;
    case 1:
        who = g_strdup_printf("%u%%", pick(self, 1, 60));
        break;
    default:
        who = g_strdup(((const Group *)self->groups->pdata[pick(self, 0, self->groups->len - 1)])->name);
    }
    g_string_append_printf(text, "{name: w%u, targets: %s", number, who);
    if (pick(self, 0, 2) == 0)
        g_string_append_printf(text, ", max_failures: %u", pick(self, 0, 2));
    if (pick(self, 0, 2) == 0)
        g_string_append_printf(text, ", soak: %us", pick(self, 0, 40));
    if (pick(self, 0, 4) == 0)
        g_string_append(text, ", gates: []");
    if (pick(self, 0, 4) == 0)
        g_string_append(text, ", confirm: true");
    g_string_append(text, "}, ");
}

void sim_waves_random(World *self)
{
    static const char *const orders[] = {"inventory", "name", "size", "shuffle(3)"};
    g_autoptr(GString) text = g_string_new("{waves: [");
    g_autoptr(Diagnostics) problems = diagnostics_new();
    for (unsigned i = 0, length = pick(self, 1, 4); i < length; i++)
        add_wave(self, text, i);
    g_string_append_printf(text, "%s], order: %s", pick(self, 0, 1) ? "rest" : "",
                           orders[pick(self, 0, G_N_ELEMENTS(orders) - 1)]);
    if (pick(self, 0, 1))
        g_string_append_printf(text, ", soak: %us", pick(self, 1, 30));
    if (pick(self, 0, 1))
        g_string_append(text, ", gates: {exec: [gate]}");
    if (pick(self, 0, 3) == 0)
        g_string_append(text, ", halt_on: new-error");
    g_string_append_c(text, '}');
    g_autoptr(YamlTree) tree = yaml_tree_parse(text->str, text->len, "rollout", problems);
    sim_waves_none(self);
    rollout_policy_read(&self->rollout, yaml_tree_root(tree), "/", problems);
    g_assert(!diagnostics_has_errors(problems));
    self->has_rollout = true;
    self->gates_fail = pick(self, 0, 30) / 100.0;
}

void sim_waves_none(World *self)
{
    rollout_policy_clear(&self->rollout);
    rollout_policy_init(&self->rollout);
    self->has_rollout = false;
}

/* ---- Counting ---- */

static GPtrArray *select_group(gpointer context, const char *selector, GError **error)
{
    const World *self = context;
    GPtrArray *found = g_ptr_array_new();
    (void)error;
    for (guint i = 0; i < self->targets->len; i++) {
        const Target *target = self->targets->pdata[i];
        if (target->group && g_str_equal(target->group->name, selector))
            g_ptr_array_add(found, (gpointer)target);
    }
    return found;
}

/* No target waits behind it, so there is nothing to soak for. */
static bool is_last(const Plan *plan, guint index)
{
    for (guint i = index + 1; i < plan->waves->len; i++)
        if (((const PlanWave *)plan->waves->pdata[i])->targets > 0)
            return false;
    return true;
}

static WaveCount count_new(const World *self, const Plan *plan, guint index)
{
    const PlanWave *wave = plan->waves->pdata[index];
    const GPtrArray *gates = plan_wave_gates(wave, &self->rollout);
    Budget budget = {.is_share = true, .value = 100};
    if (wave->spec && wave->spec->max_failures)
        budget_parse(wave->spec->max_failures, &budget);
    return (WaveCount){.targets = wave->targets,
                       .allowed = budget_limit(&budget, wave->targets),
                       .soak_us = is_last(plan, index) ? 0 : plan_wave_soak_ms(wave, &self->rollout) * 1000,
                       .gated = gates && gates->len > 0 && wave->targets > 0,
                       .confirms = index > 0 && plan_wave_confirms(wave, &self->rollout)};
}

void sim_waves_begin(World *self, Plan *plan)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_array_set_size(self->waves, 0);
    self->plan = plan;
    gated_world = self;
    if (!self->has_rollout)
        return;
    if (!plan_take_waves(plan, &self->rollout, select_group, self, problems))
        world_complain(self, "waves could not be made");
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        g_array_set_size(self->waves, i + 1);
        *wave_at(self, i) = count_new(self, plan, i);
    }
}

static void check_ahead(World *self, const char *name, guint ahead)
{
    const WaveCount *wave = wave_at(self, ahead);
    g_autofree char *hollow = plan_wave_hollow(self->plan, ahead);
    if (hollow)
        world_complain(self, "%s was started behind %s", name, hollow);
    if (wave->finished < wave->targets)
        world_complain(self, "%s was started when %u of %u targets of wave %u were done", name,
                       wave->finished, wave->targets, ahead);
    if (wave->gated && !wave->passed)
        world_complain(self, "%s was started before the gates of wave %u passed", name, ahead);
    if (virtual_time_now(self->time) < wave->ended_at + wave->soak_us)
        world_complain(self, "%s was started while wave %u soaked", name, ahead);
}

void sim_waves_started(World *self, const PlanTarget *target)
{
    if (self->waves->len == 0)
        return;
    for (guint i = 0; i < target->wave; i++)
        check_ahead(self, target->target->name, i);
    WaveCount *wave = wave_at(self, target->wave);
    wave->started++;
    if (wave->confirms && !wave->confirmed)
        world_complain(self, "%s was started without a yes", target->target->name);
}

bool sim_waves_finished(World *self, const char *target, bool good)
{
    for (guint i = 0; i < self->plan->targets->len && self->waves->len > 0; i++) {
        const PlanTarget *planned = self->plan->targets->pdata[i];
        if (!g_str_equal(planned->target->name, target))
            continue;
        WaveCount *wave = wave_at(self, planned->wave);
        wave->finished++;
        wave->failed += !good;
        wave->ended_at = virtual_time_now(self->time);
        return wave->failed > wave->allowed;
    }
    return false;
}

/* ---- Answers ---- */

bool sim_ask_gates(const GPtrArray *gates, GPtrArray *targets, const GateOptions *options, GPtrArray *results)
{
    World *self = gated_world;
    guint index = 0;
    while (!g_str_equal(((const PlanWave *)self->plan->waves->pdata[index])->name, options->wave))
        index++;
    WaveCount *wave = wave_at(self, index);
    GateResult *result = gate_result_new();
    result->name = g_strdup(((const GateSpec *)gates->pdata[0])->name);
    result->passed = g_rand_double(self->random) >= self->gates_fail;
    g_ptr_array_add(results, result);
    if (targets->len != wave->targets || wave->finished < wave->targets)
        world_complain(self, "gates of wave %u were asked before it was over", index);
    if (virtual_time_now(self->time) < wave->ended_at + wave->soak_us)
        world_complain(self, "gates of wave %u were asked while it soaked", index);
    for (unsigned i = 0, seconds = pick(self, 0, 5); i < seconds && result->passed; i++) {
        virtual_time_sleep(self->time, SECOND);
        result->passed = options->limits.tick(options->limits.tick_context, 0, 1);
    }
    wave->passed = result->passed;
    self->halted |= !result->passed;
    self->gate_failed |= !result->passed;
    return result->passed;
}

WaveAnswer sim_confirm(gpointer context, const RunResult *run, unsigned index, char **why)
{
    World *self = context;
    WaveCount *wave = wave_at(self, index);
    (void)run;
    check_ahead(self, "a question", index - 1);
    if (!wave->confirms)
        world_complain(self, "wave %u was to be confirmed", index);
    if (pick(self, 0, 9))
        return WAVE_NO_ANSWER;
    wave->confirmed = pick(self, 0, 3) > 0;
    self->halted |= !wave->confirmed;
    *why = wave->confirmed ? NULL : g_strdup("no");
    return wave->confirmed ? WAVE_YES : WAVE_NO;
}

/* ---- Afterwards ---- */

static void check_wave(World *self, const WaveResult *result, guint index)
{
    const WaveCount *wave = wave_at(self, index);
    bool over = wave->finished == wave->targets && (!wave->gated || wave->passed);
    if (result->state == WAVE_DONE && !over)
        world_complain(self, "wave %u is done, and is not", index);
    if (result->state == WAVE_NOT_STARTED && wave->started)
        world_complain(self, "wave %u is not-started, and was", index);
    if (result->state != WAVE_DONE && result->state != WAVE_HALTED && result->state != WAVE_NOT_STARTED)
        world_complain(self, "wave %u ends %s", index, wave_state_name(result->state));
    if (index > 0 && wave->started && wave_at(self, index - 1)->started < wave_at(self, index - 1)->targets)
        world_complain(self, "wave %u began before all of wave %u did", index, index - 1);
}

void sim_waves_check(World *self, const RunResult *run)
{
    bool over = false;
    if (run->waves->len != self->waves->len)
        world_complain(self, "%u waves of %u", run->waves->len, self->waves->len);
    for (guint i = 0; i < run->waves->len && !self->wrong; i++) {
        const WaveResult *wave = run->waves->pdata[i];
        check_wave(self, wave, i);
        if (over && wave->state != WAVE_NOT_STARTED)
            world_complain(self, "wave %u is %s behind one that did not end well", i,
                           wave_state_name(wave->state));
        over |= wave->state != WAVE_DONE && wave->targets > 0;
    }
    for (guint i = 0; i < run->targets->len && self->waves->len > 0; i++) {
        const TargetResult *target = run->targets->pdata[i];
        const PlanTarget *planned = self->plan->targets->pdata[i];
        if (target->wave != (planned->in_wave ? planned->wave + 1 : 0))
            world_complain(self, "%s is in wave %u", target->name, target->wave);
        if (target->worker > self->limits.jobs)
            world_complain(self, "%s was done by worker %u of %u", target->name, target->worker,
                           self->limits.jobs);
    }
}
