/* Queue and pool with 64 threads: everything arrives exactly once, and what a job holds needs no lock of its
 * own. */
#include "check.h"
#include "run/pool.h"
#include "run/queue.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 64
#define ITEMS 200 /* of each producer */
#define JOBS 10000

/* ---- Many producers, many consumers ---- */

typedef struct Exchange {
    Queue *queue;
    atomic_uint taken[THREADS * ITEMS]; /* how often each item was taken */
} Exchange;

typedef struct Producer {
    Exchange *exchange;
    unsigned first;
} Producer;

static void *produce(void *argument)
{
    const Producer *self = argument;
    for (unsigned i = 0; i < ITEMS; i++)
        queue_push(self->exchange->queue, &self->exchange->taken[self->first + i]);
    return NULL;
}

static void *consume(void *argument)
{
    const Exchange *self = argument;
    for (atomic_uint *item; (item = queue_pop(self->queue, -1));)
        atomic_fetch_add(item, 1);
    return NULL;
}

static void test_exchange(Checks *checks)
{
    Exchange *exchange = g_new0(Exchange, 1);
    pthread_t producing[THREADS], consuming[THREADS];
    Producer producers[THREADS];
    bool once = true;
    exchange->queue = queue_new();
    for (unsigned i = 0; i < THREADS; i++) {
        producers[i] = (Producer){exchange, i * ITEMS};
        pthread_create(&consuming[i], NULL, consume, exchange);
        pthread_create(&producing[i], NULL, produce, &producers[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(producing[i], NULL);
    queue_close(exchange->queue);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(consuming[i], NULL);
    for (unsigned i = 0; i < THREADS * ITEMS; i++)
        once &= atomic_load(&exchange->taken[i]) == 1;
    check(checks, once, "every item was taken exactly once");
    queue_free(exchange->queue);
    g_free(exchange);
}

/* ---- Waiting ---- */

static void *pop_with_timeout(void *argument)
{
    Queue *queue = argument;
    return queue_pop(queue, 20 * G_USEC_PER_SEC);
}

static void test_closing_wakes_all(Checks *checks)
{
    Queue *queue = queue_new();
    pthread_t waiting[THREADS];
    bool nothing = true;
    gint64 begin = g_get_monotonic_time();
    for (unsigned i = 0; i < THREADS; i++)
        pthread_create(&waiting[i], NULL, pop_with_timeout, queue);
    queue_close(queue);
    for (unsigned i = 0; i < THREADS; i++) {
        void *item = NULL;
        pthread_join(waiting[i], &item);
        nothing &= item == NULL;
    }
    check(checks, nothing, "poppers of a closed queue get nothing");
    check(checks, g_get_monotonic_time() - begin < 15 * G_USEC_PER_SEC, "closing wakes all that wait");
    queue_free(queue);
}

/* ---- The pool ---- */

/* Plain members: the job travels from the main thread to a worker and back, and whoever has it owns it. */
typedef struct Job {
    unsigned number;
    unsigned square;
    unsigned times;
    GString *text;
} Job;

static void work(gpointer item, gpointer context)
{
    Job *job = item;
    job->square = job->number * job->number;
    job->times++;
    g_string_append_printf(job->text, " %u", job->square);
    queue_push(context, job);
}

static bool job_is_right(const Job *job)
{
    g_autofree char *wanted = g_strdup_printf("%u %u", job->number, job->number * job->number);
    return job->times == 1 && job->square == job->number * job->number && g_str_equal(job->text->str, wanted);
}

static void test_pool(Checks *checks)
{
    Queue *finished = queue_new();
    Job *jobs = g_new0(Job, JOBS);
    Pool *pool = pool_new(THREADS, work, finished, NULL);
    unsigned right = 0;
    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i].number = i;
        jobs[i].text = g_string_new(NULL);
        g_string_append_printf(jobs[i].text, "%u", i);
        pool_submit(pool, &jobs[i]);
    }
    for (unsigned i = 0; i < JOBS; i++) {
        Job *job = queue_pop(finished, 60 * G_USEC_PER_SEC);
        right += job && job_is_right(job);
    }
    check(checks, right == JOBS, "every job was done once and came back whole");
    check(checks, queue_pop(finished, 0) == NULL, "no job came back twice");
    pool_free(pool);
    queue_free(finished);
    for (unsigned i = 0; i < JOBS; i++)
        g_string_free(jobs[i].text, TRUE);
    g_free(jobs);
}

static void test_free_while_busy(Checks *checks)
{
    Queue *finished = queue_new();
    Job jobs[500] = {{0}};
    bool all = true;
    Pool *pool = pool_new(THREADS, work, finished, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(jobs); i++) {
        jobs[i].text = g_string_new(NULL);
        pool_submit(pool, &jobs[i]);
    }
    pool_free(pool);
    for (gsize i = 0; i < G_N_ELEMENTS(jobs); i++) {
        all &= jobs[i].times == 1;
        g_string_free(jobs[i].text, TRUE);
    }
    check(checks, all, "freeing a pool waits for all that was submitted");
    queue_free(finished);
}

int main(void)
{
    Checks checks = {0};
    test_exchange(&checks);
    test_closing_wakes_all(&checks);
    test_pool(&checks);
    test_free_while_busy(&checks);
    return checks_end(&checks);
}
