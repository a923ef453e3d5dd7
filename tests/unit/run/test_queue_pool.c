/* Queue and pool, as far as one thread can tell; tests/threads has the rest. */
#include "run/pool.h"
#include "run/queue.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

TestSuite(queue_alone);

Test(queue_alone, first_in_first_out)
{
    Queue *queue = queue_new();
    for (gsize i = 1; i <= 3; i++)
        queue_push(queue, GSIZE_TO_POINTER(i));

    for (gsize i = 1; i <= 3; i++)
        cr_expect_eq(GPOINTER_TO_SIZE(queue_pop(queue, 0)), i);
    queue_free(queue);
}

Test(queue_alone, what_comes_quietly_keeps_its_place)
{
    Queue *queue = queue_new();
    queue_push_quietly(queue, GSIZE_TO_POINTER(1));
    queue_push(queue, GSIZE_TO_POINTER(2));
    queue_push_quietly(queue, GSIZE_TO_POINTER(3));

    for (gsize i = 1; i <= 3; i++)
        cr_expect_eq(GPOINTER_TO_SIZE(queue_pop(queue, -1)), i);
    queue_free(queue);
}

Test(queue_alone, an_empty_one_gives_nothing_after_its_time)
{
    Queue *queue = queue_new();
    gint64 begin = g_get_monotonic_time();

    cr_expect_null(queue_pop(queue, 0));
    cr_expect_null(queue_pop(queue, 30000));
    cr_expect(g_get_monotonic_time() - begin >= 30000);
    queue_free(queue);
}

Test(queue_alone, a_closed_one_gives_what_is_left_and_waits_for_nothing)
{
    Queue *queue = queue_new();
    queue_push(queue, GSIZE_TO_POINTER(7));
    queue_close(queue);

    cr_expect_eq(GPOINTER_TO_SIZE(queue_pop(queue, -1)), 7);
    cr_expect_null(queue_pop(queue, -1));
    queue_free(queue);
    queue_free(NULL);
}

static void *push_later(void *queue)
{
    g_usleep(20000);
    queue_push(queue, queue);
    return NULL;
}

Test(queue_alone, a_waiting_popper_gets_what_comes)
{
    Queue *queue = queue_new();
    pthread_t thread;
    pthread_create(&thread, NULL, push_later, queue);

    cr_expect_eq(queue_pop(queue, -1), queue);
    pthread_join(thread, NULL);
    queue_free(queue);
}

TestSuite(pool_alone);

static void add_to(gpointer job, gpointer sum)
{
    atomic_fetch_add((atomic_uint *)sum, GPOINTER_TO_UINT(job));
}

Test(pool_alone, freeing_it_waits_for_every_job)
{
    for (unsigned workers = 0; workers < 4; workers++) {
        atomic_uint sum = 0;
        Pool *pool = pool_new(workers, add_to, &sum, NULL);
        for (unsigned i = 1; i <= 100; i++)
            pool_submit(pool, GUINT_TO_POINTER(i));
        pool_free(pool);
        cr_expect_eq(atomic_load(&sum), 5050, "%u workers", workers);
    }
    pool_free(NULL);
}

static void look_at_mask(gpointer job, gpointer context)
{
    sigset_t blocked;
    (void)context;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    *(int *)job = sigismember(&blocked, SIGINT) && sigismember(&blocked, SIGTERM);
}

Test(pool_alone, its_threads_get_no_signals)
{
    int blocked = 0;
    sigset_t own;
    Pool *pool = pool_new(1, look_at_mask, NULL, NULL);
    pool_submit(pool, &blocked);
    pool_free(pool);
    pthread_sigmask(SIG_SETMASK, NULL, &own);

    cr_expect(blocked);
    cr_expect_not(sigismember(&own, SIGINT), "the main thread's mask is as it was");
}
