/* Each target under ThreadSanitizer: workers that share one scheduler do every target once, within the
 * limits, and start none once they were stopped. */
#include "check.h"
#include "run/each_target.h"
#include <stdatomic.h>

#define TARGETS 3000
#define WORKERS 16
#define TOGETHER 3

typedef struct Work {
    Group group;
    Target targets[TARGETS];
    atomic_uint begun[TARGETS]; /* how often, of each */
    atomic_uint at_work;
    atomic_uint most_at_work;
    atomic_uint all_begun;
    atomic_bool blocked;    /* nobody comes back */
    unsigned ticks_stopped; /* ticks since then */
} Work;

static void raise_to(atomic_uint *most, unsigned value)
{
    unsigned before = atomic_load(most);
    while (before < value && !atomic_compare_exchange_weak(most, &before, value))
        continue;
}

static gpointer do_one(const Target *target, gpointer context)
{
    Work *work = context;
    raise_to(&work->most_at_work, atomic_fetch_add(&work->at_work, 1) + 1);
    atomic_fetch_add(&work->all_begun, 1);
    atomic_fetch_add(&work->begun[target - work->targets], 1);
    if ((target - work->targets) % 64 == 0)
        g_usleep(100);
    while (atomic_load(&work->blocked))
        g_usleep(1000);
    atomic_fetch_sub(&work->at_work, 1);
    return g_strdup(target->name);
}

/* Stops once all workers are held; lets them go two ticks later. */
static bool tick(gpointer context, unsigned done, unsigned total)
{
    Work *work = context;
    (void)done, (void)total;
    if (atomic_load(&work->at_work) < WORKERS && work->ticks_stopped == 0)
        return true;
    if (++work->ticks_stopped == 3)
        atomic_store(&work->blocked, false);
    return false;
}

static Work *work_new(unsigned concurrency)
{
    Work *self = g_new0(Work, 1);
    self->group = (Group){.name = (char *)"all", .concurrency = concurrency};
    for (unsigned i = 0; i < TARGETS; i++)
        self->targets[i] = (Target){.name = g_strdup_printf("t%u", i),
                                    .server = (char *)"",
                                    .group = &self->group,
                                    .life = i % 7 == 3 ? TARGET_RETIRED : TARGET_ACTIVE};
    return self;
}

static void work_free(Work *self)
{
    for (unsigned i = 0; i < TARGETS; i++)
        g_free(self->targets[i].name);
    g_free(self);
}

static GPtrArray *run(Work *work, const EachLimits *limits)
{
    g_autoptr(GPtrArray) targets = g_ptr_array_new();
    for (unsigned i = 0; i < TARGETS; i++)
        g_ptr_array_add(targets, &work->targets[i]);
    return each_target(targets, do_one, work, limits, g_free);
}

/* True if each active target was done once, and its result is at its place. */
static bool all_is_right(Work *work, const GPtrArray *results)
{
    bool right = results && results->len == TARGETS;
    for (unsigned i = 0; right && i < TARGETS; i++) {
        bool active = work->targets[i].life == TARGET_ACTIVE;
        const char *wanted = active ? work->targets[i].name : NULL;
        right = atomic_load(&work->begun[i]) == active && g_strcmp0(results->pdata[i], wanted) == 0;
    }
    return right;
}

static void test_all(Checks *checks)
{
    Work *work = work_new(0);
    const EachLimits limits = {.jobs = WORKERS};
    g_autoptr(GPtrArray) results = run(work, &limits);
    check(checks, all_is_right(work, results), "every active target was done once, its result at its place");
    check(checks, atomic_load(&work->most_at_work) <= WORKERS, "never more than jobs");
    work_free(work);
}

static void test_limit(Checks *checks)
{
    Work *work = work_new(TOGETHER);
    const EachLimits limits = {.jobs = WORKERS};
    g_autoptr(GPtrArray) results = run(work, &limits);
    check(checks, all_is_right(work, results), "every target was done once where a group's limit holds");
    check(checks, atomic_load(&work->most_at_work) <= TOGETHER, "never more than the group's limit");
    work_free(work);
}

/* With fewer workers at work than there are: the others wait and must hear of it too. */
static void test_stop(Checks *checks, unsigned concurrency, unsigned workers)
{
    Work *work = work_new(concurrency);
    atomic_store(&work->blocked, true);
    const EachLimits limits = {.jobs = workers, .tick = tick, .tick_context = work};
    g_autoptr(GPtrArray) results = run(work, &limits);
    check(checks, !results, "a stop is told");
    check(checks, atomic_load(&work->all_begun) == WORKERS, "nothing was begun after a stop");
    check(checks, work->ticks_stopped >= 3, "the tick went on until all were back");
    work_free(work);
}

int main(void)
{
    Checks checks = {0};
    test_all(&checks);
    test_limit(&checks);
    test_stop(&checks, 0, WORKERS);
    test_stop(&checks, WORKERS, 2 * WORKERS);
    return checks_end(&checks);
}
