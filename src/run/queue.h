/* Queue: pointers handed from threads to threads, first in first out. POSIX mutex and condition variable.
 * Ownership of what is pushed passes to whoever pops it. Any thread may call; free it when no other thread
 * can. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Queue Queue;

Queue *queue_new(void);
void queue_free(Queue *self); /* what is still in it is not freed */
void queue_push(Queue *self, gpointer item);
/* For what can wait: nobody is woken until 256 items are there, so that it is found then, with the next push,
 * or when a wait is over. */
void queue_push_quietly(Queue *self, gpointer item);
/* Waits up to `timeout_us` (-1: without limit). NULL on timeout or when the queue was closed and is empty. */
gpointer queue_pop(Queue *self, gint64 timeout_us);
/* No more pushes; poppers get what is left, then NULL. */
void queue_close(Queue *self);
