/* Each target: workers take target after target from a scheduler that they share, and the main thread only
 * looks on: a target of a millisecond is not worth waking it. Owns the scheduler, not what the work returns.
 */
#include "run/each_target.h"
#include "run/pool.h"
#include "run/scheduler.h"
#include "run/server_keys.h"
#include <pthread.h>
#include <time.h>

#define TICK_NS (1000000000 / 10)

typedef struct Each {
    EachWork work;
    gpointer context;
    const EachLimits *limits;
    GPtrArray *active;
    gpointer *results;     /* one for each active target; read once no worker is left */
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t freed;  /* something is done, or nothing more may start: for the workers */
    pthread_cond_t ended;  /* no worker is left: for the main thread */
    Scheduler *scheduler;
    unsigned workers; /* that have not found that nothing is left for them */
    unsigned idle;    /* of these, waiting until one of the others is done */
    unsigned done;
} Each;

/* ---- Workers ---- */

/* What is to be done next; waits where only limits stand in the way. -1: nothing is left. */
static gint take_next(Each *self)
{
    gint next;
    while ((next = scheduler_next(self->scheduler)) < 0) {
        bool over = scheduler_halted(self->scheduler) || scheduler_left(self->scheduler) == 0;
        if (over || scheduler_running(self->scheduler) == 0)
            return -1;
        self->idle++;
        pthread_cond_wait(&self->freed, &self->mutex);
        self->idle--;
    }
    return next;
}

static void give_back(Each *self, gint index, gpointer result)
{
    self->results[index] = result;
    self->done++;
    scheduler_finished(self->scheduler, (unsigned)index, SCHEDULER_GOOD);
    if (self->idle > 0)
        pthread_cond_broadcast(&self->freed);
}

static void work_on_all(gpointer each, gpointer context)
{
    Each *self = each;
    (void)context;
    pthread_mutex_lock(&self->mutex);
    for (gint next; (next = take_next(self)) >= 0;) {
        pthread_mutex_unlock(&self->mutex);
        gpointer result = self->work(self->active->pdata[next], self->context);
        pthread_mutex_lock(&self->mutex);
        give_back(self, next, result);
    }
    if (--self->workers == 0)
        pthread_cond_signal(&self->ended);
    pthread_mutex_unlock(&self->mutex);
}

/* ---- The main thread ---- */

static GPtrArray *active_targets(GPtrArray *targets)
{
    GPtrArray *active = g_ptr_array_new();
    for (guint i = 0; i < targets->len; i++)
        if (((const Target *)targets->pdata[i])->life == TARGET_ACTIVE)
            g_ptr_array_add(active, targets->pdata[i]);
    return active;
}

static bool tick(const Each *self, unsigned done)
{
    const EachLimits *limits = self->limits;
    return !limits->tick || limits->tick(limits->tick_context, done, self->active->len);
}

/* Until a worker says that all is over, but not for longer than a tick. */
static void wait_a_tick(Each *self)
{
    struct timespec when;
    clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_sec += (when.tv_nsec + TICK_NS) / 1000000000;
    when.tv_nsec = (when.tv_nsec + TICK_NS) % 1000000000;
    while (self->workers > 0 && pthread_cond_timedwait(&self->ended, &self->mutex, &when) == 0)
        continue;
}

static void start_no_more(Each *self)
{
    pthread_mutex_lock(&self->mutex);
    scheduler_halt(self->scheduler, "interrupted");
    pthread_cond_broadcast(&self->freed);
    pthread_mutex_unlock(&self->mutex);
}

/* Until everything that was started is back; false if tick stopped it. It goes on being called: others live
 * on it, and who stops what is at work may have to say so again. */
static bool look_on(Each *self)
{
    bool go_on = true;
    for (bool over = false; !over;) {
        pthread_mutex_lock(&self->mutex);
        wait_a_tick(self);
        unsigned done = self->done;
        over = self->workers == 0;
        pthread_mutex_unlock(&self->mutex);
        if (!tick(self, done) && go_on) {
            start_no_more(self);
            go_on = false;
        }
    }
    return go_on;
}

static bool tick_before(gpointer context)
{
    return tick(context, 0);
}

static void locks_init(Each *self)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_cond_init(&self->freed, NULL);
    pthread_mutex_init(&self->mutex, NULL);
}

static void locks_clear(Each *self)
{
    pthread_cond_destroy(&self->ended);
    pthread_cond_destroy(&self->freed);
    pthread_mutex_destroy(&self->mutex);
}

static bool each_run(Each *self, const GPtrArray *servers)
{
    const SchedulerLimits schedule = {.jobs = self->limits->jobs,
                                      .servers = servers,
                                      .per_host = self->limits->per_host,
                                      .max_failures = {true, 100},
                                      .max_unreachable = {true, 100}};
    g_autoptr(Scheduler) scheduler = scheduler_new(self->active, &schedule);
    g_autoptr(GError) error = NULL;
    self->scheduler = scheduler;
    self->workers = MIN(MAX(self->limits->jobs, 1), self->active->len);
    locks_init(self);
    Pool *pool = pool_new(self->workers, work_on_all, NULL, &error);
    if (!pool)
        g_error("%s", error->message); /* not one thread: the process cannot go on */
    for (unsigned i = self->workers; i > 0; i--)
        pool_submit(pool, self);
    bool finished = look_on(self);
    pool_free(pool);
    locks_clear(self);
    return finished;
}

/* Puts the active targets' results at the places of their targets. */
static GPtrArray *spread(GPtrArray *targets, gpointer *results, GDestroyNotify free_result)
{
    GPtrArray *all = g_ptr_array_new();
    for (guint i = 0; i < targets->len; i++)
        g_ptr_array_add(all, ((const Target *)targets->pdata[i])->life == TARGET_ACTIVE ? *results++ : NULL);
    g_ptr_array_set_free_func(all, free_result);
    return all;
}

GPtrArray *each_target(GPtrArray *targets, EachWork work, gpointer context, const EachLimits *limits,
                       GDestroyNotify free_result)
{
    g_autoptr(GPtrArray) active = active_targets(targets);
    g_autofree gpointer *results = g_new0(gpointer, active->len + 1);
    Each self = {.work = work, .context = context, .limits = limits, .active = active, .results = results};
    bool matter = server_keys_matter(active, limits->per_host);
    g_autoptr(GPtrArray) servers = matter ? server_keys_attend(active, NULL, NULL, tick_before, &self) : NULL;
    bool finished = (servers || !matter) && (active->len == 0 || each_run(&self, servers));
    GPtrArray *all = spread(targets, results, free_result);
    if (!finished)
        g_clear_pointer(&all, g_ptr_array_unref);
    return all;
}
