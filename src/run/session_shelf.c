/* Session shelf: idle sessions in the order in which they came, under one mutex. Closing says a word to the
 * server, so it is done outside of the lock. */
#include "run/session_shelf.h"
#include <pthread.h>

struct SessionShelf {
    unsigned most;
    pthread_mutex_t mutex; /* guards the rest */
    unsigned reading;
    GPtrArray *idle; /* of Connection * */
};

SessionShelf *session_shelf_new(unsigned most)
{
    SessionShelf *self = g_new0(SessionShelf, 1);
    self->most = most;
    self->idle = g_ptr_array_new_with_free_func((GDestroyNotify)connection_close);
    pthread_mutex_init(&self->mutex, NULL);
    return self;
}

void session_shelf_free(SessionShelf *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->idle);
    pthread_mutex_destroy(&self->mutex);
    g_free(self);
}

/* Locked. The one that came last: what the server has of it is the freshest. */
static Connection *find(const SessionShelf *self, const ConnectOptions *options)
{
    for (guint i = self->idle->len; i-- > 0;)
        if (connection_can_move(self->idle->pdata[i], options))
            return g_ptr_array_steal_index(self->idle, i);
    return NULL;
}

/* Locked. Moves to `closing` what there is no place for beside all that read. */
static void make_room(const SessionShelf *self, unsigned most, GPtrArray *closing)
{
    while (self->idle->len > 0 && self->reading + self->idle->len > most)
        g_ptr_array_add(closing, g_ptr_array_steal_index(self->idle, 0));
}

Connection *session_shelf_take(SessionShelf *self, const ConnectOptions *options, unsigned per_host)
{
    if (!self)
        return NULL;
    g_autoptr(GPtrArray) closing = g_ptr_array_new_with_free_func((GDestroyNotify)connection_close);
    pthread_mutex_lock(&self->mutex);
    self->reading++;
    Connection *found = find(self, options);
    while (found && !connection_is_quiet(found)) { /* the server has closed it meanwhile */
        g_ptr_array_add(closing, found);
        found = find(self, options);
    }
    make_room(self, per_host ? MIN(per_host, self->most) : self->most, closing);
    pthread_mutex_unlock(&self->mutex);
    return found;
}

void session_shelf_leave(SessionShelf *self, Connection *session)
{
    bool useful = self && session && session->driver->move && !session->server.pooled;
    if (!useful)
        connection_close(session);
    if (!self)
        return;
    pthread_mutex_lock(&self->mutex);
    if (useful)
        g_ptr_array_add(self->idle, session);
    self->reading--;
    pthread_mutex_unlock(&self->mutex);
}

bool session_shelf_clear(SessionShelf *self)
{
    if (!self)
        return false;
    g_autoptr(GPtrArray) closing = g_ptr_array_new_with_free_func((GDestroyNotify)connection_close);
    pthread_mutex_lock(&self->mutex);
    make_room(self, 0, closing);
    pthread_mutex_unlock(&self->mutex);
    return closing->len > 0;
}
