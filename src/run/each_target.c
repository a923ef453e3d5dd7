/* Each target: schedules on the main thread, works on a pool. Owns the jobs, not what they return. */
#include "run/each_target.h"
#include "run/pool.h"
#include "run/queue.h"
#include "run/scheduler.h"
#include "run/server_keys.h"

#define TICK_US (G_USEC_PER_SEC / 10)

typedef struct Each {
    EachWork work;
    gpointer context;
    const EachLimits *limits;
    GPtrArray *active;
    gpointer *results; /* one for each active target */
    Queue *finished;
    Scheduler *scheduler;
    Pool *pool;
} Each;

typedef struct EachJob {
    const Each *each;
    unsigned index; /* of the active target */
    gpointer result;
} EachJob;

static void each_work(gpointer item, gpointer context)
{
    EachJob *job = item;
    const Each *each = context;
    job->result = each->work(each->active->pdata[job->index], each->context);
    queue_push(each->finished, job);
}

static GPtrArray *active_targets(GPtrArray *targets)
{
    GPtrArray *active = g_ptr_array_new();
    for (guint i = 0; i < targets->len; i++)
        if (((const Target *)targets->pdata[i])->life == TARGET_ACTIVE)
            g_ptr_array_add(active, targets->pdata[i]);
    return active;
}

static void start_more(Each *self)
{
    for (gint next; (next = scheduler_next(self->scheduler)) >= 0;) {
        EachJob *job = g_new0(EachJob, 1);
        job->each = self;
        job->index = (unsigned)next;
        pool_submit(self->pool, job);
    }
}

static bool tick(const Each *self, unsigned done)
{
    const EachLimits *limits = self->limits;
    return !limits->tick || limits->tick(limits->tick_context, done, self->active->len);
}

/* Until everything that was started is back; false if tick stopped it. It goes on being called: others live
 * on it, and who stops what is at work may have to say so again. */
static bool each_loop(Each *self)
{
    bool go_on = true;
    unsigned done = 0;
    for (;;) {
        start_more(self);
        if (scheduler_running(self->scheduler) == 0)
            return go_on;
        EachJob *job = queue_pop(self->finished, TICK_US);
        if (job) {
            self->results[job->index] = job->result;
            scheduler_finished(self->scheduler, job->index, SCHEDULER_GOOD);
            g_free(job);
            done++;
        }
        if (!tick(self, done) && go_on) {
            scheduler_halt(self->scheduler, "interrupted");
            go_on = false;
        }
    }
}

static bool tick_before(gpointer context)
{
    return tick(context, 0);
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
    self->finished = queue_new();
    self->pool = pool_new(MIN(self->limits->jobs, MAX(self->active->len, 1)), each_work, self, &error);
    if (!self->pool)
        g_error("%s", error->message); /* not one thread: the process cannot go on */
    bool finished = each_loop(self);
    pool_free(self->pool);
    queue_free(self->finished);
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
    bool finished = (servers || !matter) && each_run(&self, servers);
    GPtrArray *all = spread(targets, results, free_result);
    if (!finished)
        g_clear_pointer(&all, g_ptr_array_unref);
    return all;
}
