/* Pool: worker threads that take jobs and do them. A job cannot fail: its outcome is in the job. The worker
 * posts what the main thread should know to a queue of the caller's. Main thread only, but for the work
 * itself. */
#pragma once

#include <glib.h>

typedef void (*PoolWork)(gpointer job, gpointer context);
typedef struct Pool Pool;

/* Starts `workers` threads (at least 1). Signals are blocked in them: the main thread gets them all. NULL and
 * an error if no thread could be started; fewer than asked for is no error. */
Pool *pool_new(unsigned workers, PoolWork work, gpointer context, GError **error);
void pool_submit(Pool *self, gpointer job);
/* Waits for all submitted jobs, ends the threads. */
void pool_free(Pool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pool, pool_free)
