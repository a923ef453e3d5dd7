/* Pool: threads that pop jobs from a queue until it closes. Owns the threads and the queue, never the jobs.
 */
#include "run/pool.h"
#include "run/queue.h"
#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <signal.h>
#include <string.h>

#define FREE_KEPT ((gsize)4 * 1024 * 1024) /* bytes */

struct Pool {
    Queue *jobs;
    PoolWork work;
    gpointer context;
    pthread_t *threads;
    unsigned count;
};

static void *worker_main(void *argument)
{
    const Pool *self = argument;
    for (gpointer job; (job = queue_pop(self->jobs, -1));)
        self->work(job, self->context);
    return NULL;
}

/* Threads inherit the mask: with every signal blocked while they are made, the main thread gets all of them.
 */
static int start_threads(Pool *self, unsigned workers)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = 0;
    while (self->count < workers && status == 0) {
        status = pthread_create(&self->threads[self->count], NULL, worker_main, self);
        if (status == 0)
            self->count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

/* Threads allocate in parts of the heap, eight of them for each processor, and what is free in one is no use
 * to the others. Threads that wait for servers most of the time need no more of them than can be at work. */
static void share_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, (int)MAX(g_get_num_processors(), 8));
#endif
}

Pool *pool_new(unsigned workers, PoolWork work, gpointer context, GError **error)
{
    Pool *self = g_new0(Pool, 1);
    self->jobs = queue_new();
    self->work = work;
    self->context = context;
    self->threads = g_new0(pthread_t, MAX(workers, 1));
    share_memory();
    int status = start_threads(self, MAX(workers, 1));
    if (self->count > 0)
        return self;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(status), "no worker thread could be started: %s",
                g_strerror(status));
    pool_free(self);
    return NULL;
}

void pool_submit(Pool *self, gpointer job)
{
    queue_push(self->jobs, job);
}

/* What the threads have left in theirs, where it is more than what will soon be used again. */
static void give_memory_back(void)
{
#ifdef __GLIBC__
    if (mallinfo2().fordblks > FREE_KEPT)
        malloc_trim(0);
#endif
}

void pool_free(Pool *self)
{
    if (!self)
        return;
    queue_close(self->jobs);
    for (unsigned i = 0; i < self->count; i++)
        pthread_join(self->threads[i], NULL);
    queue_free(self->jobs);
    g_free(self->threads);
    g_free(self);
    give_memory_back();
}
