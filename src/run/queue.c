/* Queue: a linked queue under one mutex. Waits on the monotonic clock, so that a clock step neither wakes nor
 * delays it. */
#include "run/queue.h"
#include <pthread.h>
#include <time.h>

#define QUIET_AT_MOST 256 /* items that lie there before somebody is told */

struct Queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    GQueue items;
    bool closed;
};

Queue *queue_new(void)
{
    Queue *self = g_new0(Queue, 1);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&self->mutex, NULL);
    g_queue_init(&self->items);
    return self;
}

void queue_free(Queue *self)
{
    if (!self)
        return;
    g_queue_clear(&self->items);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    g_free(self);
}

void queue_push(Queue *self, gpointer item)
{
    pthread_mutex_lock(&self->mutex);
    g_queue_push_tail(&self->items, item);
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

void queue_push_quietly(Queue *self, gpointer item)
{
    pthread_mutex_lock(&self->mutex);
    g_queue_push_tail(&self->items, item);
    if (self->items.length % QUIET_AT_MOST == 0)
        pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

static struct timespec deadline_after(gint64 timeout_us)
{
    struct timespec when;
    clock_gettime(CLOCK_MONOTONIC, &when);
    gint64 nanoseconds = when.tv_nsec + (timeout_us % G_USEC_PER_SEC) * 1000;
    when.tv_sec += (time_t)(timeout_us / G_USEC_PER_SEC + nanoseconds / 1000000000);
    when.tv_nsec = (long)(nanoseconds % 1000000000);
    return when;
}

gpointer queue_pop(Queue *self, gint64 timeout_us)
{
    struct timespec deadline = deadline_after(MAX(timeout_us, 0));
    pthread_mutex_lock(&self->mutex);
    while (timeout_us != 0 && g_queue_is_empty(&self->items) && !self->closed) {
        int status = timeout_us < 0 ? pthread_cond_wait(&self->changed, &self->mutex)
                                    : pthread_cond_timedwait(&self->changed, &self->mutex, &deadline);
        if (status != 0)
            break;
    }
    gpointer item = g_queue_pop_head(&self->items);
    pthread_mutex_unlock(&self->mutex);
    return item;
}

void queue_close(Queue *self)
{
    pthread_mutex_lock(&self->mutex);
    self->closed = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}
