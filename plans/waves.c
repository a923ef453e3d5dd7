/* Waves: owns the assignment of a plan's targets to waves. Knows neither fleet nor ledger: who a selector
 * means, and who was in which wave before, is asked. Pure. */
#include "plans/waves.h"

#include <math.h>
#include <string.h>

#define NO_WAVE G_MAXUINT

/* Places in plan->targets, and what is found out about them. */
typedef struct WaveMaker {
    Plan *plan;
    const RolloutPolicy *policy;
    GArray *order;    /* of guint: places of the pending targets, in the policy's order */
    guint *wave_of;   /* of each place: index into `waves`; NO_WAVE */
    GPtrArray *waves; /* of PlanWave * */
} WaveMaker;

static void plan_wave_free(gpointer data)
{
    PlanWave *self = data;
    g_free(self->name);
    g_clear_pointer(&self->done_before, g_ptr_array_unref);
    g_free(self);
}

static const PlanTarget *target_at(const WaveMaker *self, guint place)
{
    return self->plan->targets->pdata[place];
}

/* ---- Order ---- */

/* What the targets are sorted by; NULL: they stay in fleet order. Caller frees. */
typedef char *(*OrderKey)(const RolloutPolicy *policy, const PlanTarget *target);

static char *name_key(const RolloutPolicy *policy, const PlanTarget *target)
{
    (void)policy;
    return g_strdup(target->target->name);
}

/* Sizes that are not known come last. */
static char *size_key(const RolloutPolicy *policy, const PlanTarget *target)
{
    (void)policy;
    gint64 size = target->state ? target->state->size_bytes : -1;
    return g_strdup_printf("%020" G_GINT64_FORMAT, size < 0 ? G_MAXINT64 : size);
}

/* By a hash of seed and name, so that a target more or less does not move the others. */
static char *shuffle_key(const RolloutPolicy *policy, const PlanTarget *target)
{
    g_autofree char *text = g_strdup_printf("%u %s", policy->shuffle_seed, target->target->name);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static const OrderKey order_keys[] = {
    [ORDER_INVENTORY] = NULL,
    [ORDER_NAME] = name_key,
    [ORDER_SIZE] = size_key,
    [ORDER_SHUFFLE] = shuffle_key,
};

static gint compare_keys(gconstpointer a, gconstpointer b, gpointer data)
{
    char *const *keys = data;
    guint left = *(const guint *)a, right = *(const guint *)b;
    int order = strcmp(keys[left], keys[right]);
    return order ? order : (left > right) - (left < right);
}

static GArray *pending_in_order(const Plan *plan, const RolloutPolicy *policy)
{
    OrderKey key = order_keys[policy->order];
    GArray *order = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        bool pending = target->verdict == PLAN_PENDING;
        g_ptr_array_add(keys, key && pending ? key(policy, target) : NULL);
        if (pending)
            g_array_append_val(order, i);
    }
    if (key)
        g_array_sort_with_data(order, compare_keys, keys->pdata);
    return order;
}

/* ---- Making ---- */

static PlanWave *add_wave(WaveMaker *self, const char *name, const WaveSpec *spec)
{
    PlanWave *wave = g_new0(PlanWave, 1);
    wave->name = g_strdup(name);
    wave->spec = spec;
    g_ptr_array_add(self->waves, wave);
    return wave;
}

static void wave_maker_init(WaveMaker *self, Plan *plan, const RolloutPolicy *policy)
{
    *self = (WaveMaker){.plan = plan, .policy = policy, .order = pending_in_order(plan, policy)};
    self->waves = g_ptr_array_new_with_free_func(plan_wave_free);
    self->wave_of = g_new(guint, plan->targets->len);
    for (guint i = 0; i < plan->targets->len; i++)
        self->wave_of[i] = NO_WAVE;
}

static void wave_maker_clear(WaveMaker *self)
{
    g_array_unref(self->order);
    g_ptr_array_unref(self->waves);
    g_free(self->wave_of);
}

/* The first wave that a target is given stays. Those that are not pending are only counted. */
static void give(WaveMaker *self, guint place, guint wave)
{
    PlanWave *to = self->waves->pdata[wave];
    const PlanTarget *target = target_at(self, place);
    bool stale = target->problem == PROBLEM_STALE;
    if (self->wave_of[place] != NO_WAVE || target->verdict == PLAN_INACTIVE)
        return;
    self->wave_of[place] = wave;
    to->targets += target->verdict == PLAN_PENDING;
    to->unreachable += target->verdict == PLAN_UNREACHABLE;
    to->blocked += target->verdict == PLAN_BLOCKED && !stale;
    to->stale += target->verdict == PLAN_BLOCKED && stale;
    to->at_goal += target->verdict == PLAN_AT_GOAL;
}

static void give_next(WaveMaker *self, guint wave, guint count)
{
    for (guint i = 0; i < self->order->len && count > 0; i++) {
        guint place = g_array_index(self->order, guint, i);
        if (self->wave_of[place] != NO_WAVE)
            continue;
        give(self, place, wave);
        count--;
    }
}

/* ---- The policy's waves ---- */

static bool give_selected(WaveMaker *self, guint wave, WaveSelect select, gpointer context,
                          Diagnostics *problems)
{
    const WaveSpec *spec = ((PlanWave *)self->waves->pdata[wave])->spec;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) selected = select(context, spec->selector, &error);
    if (!selected) {
        diagnostics_error(problems, spec->place, "wave %s: %s", spec->name, error->message);
        return false;
    }
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < selected->len; i++)
        g_hash_table_add(names, ((const Target *)selected->pdata[i])->name);
    for (guint place = 0; place < self->plan->targets->len; place++)
        if (g_hash_table_contains(names, target_at(self, place)->target->name))
            give(self, place, wave);
    return true;
}

static guint wave_count(const WaveMaker *self, const WaveSpec *spec)
{
    switch (spec->kind) {
    case WAVE_COUNT:
        return spec->count;
    case WAVE_SHARE: /* 7% of 100 is 7, although 0.07 * 100 is a little more */
        return (guint)ceil(spec->share * self->order->len / 100 - 1e-9);
    case WAVE_REST:
        return self->order->len;
    default:
        return 0;
    }
}

static bool make_waves(WaveMaker *self, WaveSelect select, gpointer context, Diagnostics *problems)
{
    const GPtrArray *specs = self->policy->waves;
    bool good = true;
    for (guint i = 0; i < specs->len; i++) {
        const WaveSpec *spec = specs->pdata[i];
        add_wave(self, spec->name, spec);
        if (spec->kind == WAVE_SELECTOR)
            good = give_selected(self, i, select, context, problems) && good;
    }
    for (guint i = 0; i < specs->len; i++)
        give_next(self, i, wave_count(self, specs->pdata[i]));
    return good;
}

/* ---- What all waves have ---- */

static bool has_wave(const GPtrArray *waves, const char *name)
{
    for (guint i = 0; i < waves->len; i++)
        if (g_str_equal(((const PlanWave *)waves->pdata[i])->name, name))
            return true;
    return false;
}

static bool has_leftovers(const WaveMaker *self)
{
    for (guint i = 0; i < self->order->len; i++)
        if (self->wave_of[g_array_index(self->order, guint, i)] == NO_WAVE)
            return true;
    return false;
}

static void make_leftovers(WaveMaker *self)
{
    if (!has_leftovers(self))
        return;
    g_autofree char *name = g_strdup("leftovers");
    while (has_wave(self->waves, name)) {
        char *longer = g_strconcat(name, "+", NULL);
        g_free(name);
        name = longer;
    }
    add_wave(self, name, NULL)->is_leftovers = true;
    give_next(self, self->waves->len - 1, self->order->len);
}

static bool is_hollow(const PlanWave *self)
{
    bool was_tried = self->targets > 0 || self->at_goal > 0 || self->is_over || self->is_passed ||
                     (self->done_before && self->done_before->len > 0);
    return self->spec && self->spec->kind == WAVE_SELECTOR && !was_tried &&
           self->blocked + self->unreachable + self->stale > 0;
}

/* Takes empty waves out; their names, or NULL where there are none, or where nothing is to be done at all. */
static char **drop_empty(WaveMaker *self)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_autofree guint *now = g_new(guint, self->waves->len);
    guint kept = 0, dropped = 0;
    for (guint i = 0; i < self->waves->len; i++) {
        PlanWave *wave = self->waves->pdata[i];
        now[i] = kept;
        self->waves->pdata[kept] = wave;
        if (wave->targets > 0 || (self->order->len > 0 && (wave->unreachable > 0 || is_hollow(wave)))) {
            kept++;
            continue;
        }
        now[i] = NO_WAVE;
        g_strv_builder_add(names, wave->name);
        dropped++;
        plan_wave_free(wave);
    }
    self->waves->len = kept;
    for (guint i = 0; i < self->plan->targets->len; i++)
        if (self->wave_of[i] != NO_WAVE)
            self->wave_of[i] = now[self->wave_of[i]];
    return dropped && self->order->len > 0 ? g_strv_builder_end(names) : NULL;
}

static void sort_by_wave(const WaveMaker *self, GArray *into)
{
    for (guint wave = 0; wave < self->waves->len; wave++) {
        for (guint i = 0; i < self->order->len; i++) {
            guint place = g_array_index(self->order, guint, i);
            if (self->wave_of[place] == wave)
                g_array_append_val(into, place);
        }
    }
}

/* Puts what was made into the plan; `waved`: false for a run without waves. */
static void hand_over(WaveMaker *self, bool waved, char **left_out)
{
    Plan *plan = self->plan;
    g_clear_pointer(&plan->waves, g_ptr_array_unref);
    g_clear_pointer(&plan->order, g_array_unref);
    g_strfreev(plan->left_out);
    plan->left_out = left_out;
    plan->rollout = self->policy;
    plan->order = waved ? g_array_new(FALSE, FALSE, sizeof(guint)) : g_array_ref(self->order);
    if (waved) {
        sort_by_wave(self, plan->order);
        plan->waves = g_ptr_array_ref(self->waves);
    }
    for (guint i = 0; i < plan->targets->len; i++) {
        PlanTarget *target = plan->targets->pdata[i];
        target->in_wave = waved && self->wave_of[i] != NO_WAVE && target->verdict != PLAN_AT_GOAL;
        target->wave = target->in_wave ? self->wave_of[i] : 0;
    }
}

/* A run without waves; gates need one to stand behind. */
static bool make_one_wave(WaveMaker *self)
{
    if (!self->policy->gates || self->policy->gates->len == 0 || self->order->len == 0)
        return false;
    add_wave(self, "all", NULL);
    give_next(self, 0, self->order->len);
    return true;
}

bool plan_take_waves(Plan *plan, const RolloutPolicy *policy, WaveSelect select, gpointer context,
                     Diagnostics *problems)
{
    WaveMaker maker;
    wave_maker_init(&maker, plan, policy);
    bool good = !policy->waves || make_waves(&maker, select, context, problems);
    if (good && policy->waves) {
        make_leftovers(&maker);
        hand_over(&maker, true, drop_empty(&maker));
    } else if (good) {
        hand_over(&maker, make_one_wave(&maker), NULL);
    }
    wave_maker_clear(&maker);
    return good;
}

/* ---- Waves that were given before ---- */

static const WaveSpec *spec_named(const RolloutPolicy *policy, const char *name)
{
    for (guint i = 0; policy->waves && i < policy->waves->len; i++) {
        const WaveSpec *spec = policy->waves->pdata[i];
        if (g_strcmp0(spec->name, name) == 0)
            return spec;
    }
    return NULL;
}

static void give_as_before(WaveMaker *self, const char *const *names, WaveOf wave_of, gpointer context)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; names[i]; i++)
        g_hash_table_insert(by_name, (gpointer)names[i], GUINT_TO_POINTER(i + 1));
    for (guint place = 0; place < self->plan->targets->len; place++) {
        const char *name = wave_of(context, target_at(self, place)->target);
        guint wave = name ? GPOINTER_TO_UINT(g_hash_table_lookup(by_name, name)) : 0;
        if (wave)
            give(self, place, wave - 1);
    }
}

void plan_restore_waves(Plan *plan, const RolloutPolicy *policy, const char *const *names, WaveOf wave_of,
                        gpointer context)
{
    WaveMaker maker;
    wave_maker_init(&maker, plan, policy);
    bool waved = names && names[0];
    for (guint i = 0; waved && names[i]; i++)
        add_wave(&maker, names[i], spec_named(policy, names[i]));
    if (waved) {
        give_as_before(&maker, names, wave_of, context);
        make_leftovers(&maker);
    }
    hand_over(&maker, waved, NULL);
    wave_maker_clear(&maker);
}

/* ---- Waves that tell nothing ---- */

static bool is_followed(const Plan *plan, guint index)
{
    for (guint i = index + 1; i < plan->waves->len; i++)
        if (((const PlanWave *)plan->waves->pdata[i])->targets > 0)
            return true;
    return false;
}

char *plan_wave_hollow(const Plan *plan, guint index)
{
    const PlanWave *wave = plan->waves->pdata[index];
    const struct {
        unsigned count;
        const char *what;
    } parts[] = {{wave->blocked, "blocked"}, {wave->unreachable, "unreachable"}, {wave->stale, "stale"}};
    if (!is_hollow(wave) || !is_followed(plan, index))
        return NULL;
    GString *text = g_string_new(NULL);
    g_string_printf(text, "wave %s: none of its targets could be changed (", wave->name);
    for (gsize i = 0, told = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i].count > 0)
            g_string_append_printf(text, "%s%u %s", told++ ? ", " : "", parts[i].count, parts[i].what);
    g_string_append(text, "): nothing is known of how the others would do");
    return g_string_free(text, FALSE);
}

/* ---- Settings ---- */

bool plan_wave_confirms(const PlanWave *self, const RolloutPolicy *policy)
{
    return self->spec && self->spec->confirm >= 0 ? self->spec->confirm > 0 : policy->confirm;
}

gint64 plan_wave_soak_ms(const PlanWave *self, const RolloutPolicy *policy)
{
    return self->spec && self->spec->soak_ms >= 0 ? self->spec->soak_ms : policy->soak_ms;
}

const GPtrArray *plan_wave_gates(const PlanWave *self, const RolloutPolicy *policy)
{
    return self->spec && self->spec->gates ? self->spec->gates : policy->gates;
}

PlanWave *plan_wave_find(const Plan *plan, const char *name)
{
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        PlanWave *wave = plan->waves->pdata[i];
        if (g_str_equal(wave->name, name))
            return wave;
    }
    return NULL;
}
