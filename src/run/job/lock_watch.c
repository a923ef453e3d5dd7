/* See lock_watch.h. The thread works in rounds: under the mutex it picks the session whose turn it is and
 * copies what the question needs; it asks without the mutex; under the mutex again it leaves the answer with
 * the session, if that is still there. */
#include "run/job/lock_watch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define TICK_US (G_USEC_PER_SEC / 10)
#define FIRST_MOST_US G_USEC_PER_SEC
#define AGAIN_MOST_US (10 * G_USEC_PER_SEC)
#define ASK_LIMIT_MS 2000
#define SILENT_US (30 * G_USEC_PER_SEC) /* a server that gave no answer is left alone for so long */
#define END_WAIT_US G_USEC_PER_SEC
#define CONNECTIONS_MAX 4

struct WatchedSession {
    LockWatch *watch;
    guint64 number; /* tells it from one that is given its address later */
    const Target *target;
    const Connection *connection;
    gpointer owner;
    gint64 asked_at;   /* the last question */
    gint64 told_since; /* busy_since of the wait that was told; 0: none */
    gint64 seen_at;    /* the last question that was answered */
    gint64 found_at;   /* the last one whose answer was not LOCK_WAIT_NONE */
    char *text;        /* that answer */
};

/* A server as the thread knows it. */
typedef struct WatchServer {
    char *name; /* identity and user: what a session can see depends on who asks */
    Connection *connection;
    gint64 used_at;
    gint64 silent_until;
    char *problem;
} WatchServer;

struct LockWatch {
    LockWatchOptions options;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    GPtrArray *sessions; /* of WatchedSession * */
    guint64 numbers;
    pthread_t thread;
    bool has_thread;
    bool stopped;
    bool borrows;   /* the thread reads a target or the store of secrets */
    bool ended;     /* the thread touches this no more … */
    bool abandoned; /* … unless it is the last to do so */

    GPtrArray *servers; /* of WatchServer *; the thread's own */
};

/* What is asked, as values that need nothing of the run. */
typedef struct Question {
    guint64 number;
    gint64 since; /* of the call that the session is in */
    gint64 asked_at;
    char *session_id;
    char *server;   /* WatchServer.name */
    char *identity; /* the server that has to answer */
    const Target *target;
    LockWait wait;
    char *text;
} Question;

static void question_clear(Question *self)
{
    g_free(self->session_id);
    g_free(self->server);
    g_free(self->identity);
    g_free(self->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

static void watch_server_free(gpointer item)
{
    WatchServer *self = item;
    connection_close(self->connection);
    g_free(self->name);
    g_free(self->problem);
    g_free(self);
}

/* ---- Whose turn it is ---- */

static gint64 first_us(const WatchedSession *session)
{
    gint64 lock_us = (gint64)session->target->settings.lock_timeout_ms * 1000;
    return lock_us ? CLAMP(lock_us / 2, TICK_US, FIRST_MOST_US) : FIRST_MOST_US;
}

static gint64 again_us(const WatchedSession *session)
{
    gint64 lock_us = (gint64)session->target->settings.lock_timeout_ms * 1000;
    return lock_us ? CLAMP(lock_us / 2, TICK_US, AGAIN_MOST_US) : AGAIN_MOST_US;
}

static bool tells_blockers(const Driver *driver)
{
    return driver->blockers && driver->session_id;
}

/* The one that has waited longest to be asked about; NULL: none yet. */
static WatchedSession *next_session(const LockWatch *self, gint64 now)
{
    WatchedSession *next = NULL;
    for (guint i = 0; i < self->sessions->len; i++) {
        WatchedSession *session = self->sessions->pdata[i];
        gint64 since = atomic_load(&session->connection->busy_since);
        bool due = since && now - since >= first_us(session) && now - session->asked_at >= again_us(session);
        if (due && (!next || session->asked_at < next->asked_at))
            next = session;
    }
    return next;
}

static Question question_about(WatchedSession *session, gint64 now)
{
    const ServerInfo *server = &session->connection->server;
    session->asked_at = now;
    return (Question){.number = session->number,
                      .since = atomic_load(&session->connection->busy_since),
                      .asked_at = now,
                      .session_id = g_strdup(session->connection->driver->session_id(session->connection)),
                      .server = g_strdup_printf("%s %s", server->identity, server->user),
                      .identity = g_strdup(server->identity),
                      .target = session->target};
}

/* ---- Asking: the thread, without the mutex ---- */

static WatchServer *server_named(LockWatch *self, const char *name)
{
    for (guint i = 0; i < self->servers->len; i++)
        if (g_str_equal(((WatchServer *)self->servers->pdata[i])->name, name))
            return self->servers->pdata[i];
    WatchServer *server = g_new0(WatchServer, 1);
    server->name = g_strdup(name);
    g_ptr_array_add(self->servers, server);
    return server;
}

/* Takes over `error`. */
static void server_fails(WatchServer *self, GError *error)
{
    g_free(self->problem);
    self->problem = g_strdup(error->message);
    self->silent_until = g_get_monotonic_time() + SILENT_US;
    g_clear_pointer(&self->connection, connection_close);
    g_error_free(error);
}

/* Closes the one that was not used for longest, if another would be one too many. */
static void make_room(LockWatch *self)
{
    WatchServer *oldest = NULL;
    unsigned open = 0;
    for (guint i = 0; i < self->servers->len; i++) {
        WatchServer *server = self->servers->pdata[i];
        open += server->connection != NULL;
        if (server->connection && (!oldest || server->used_at < oldest->used_at))
            oldest = server;
    }
    if (open >= CONNECTIONS_MAX)
        g_clear_pointer(&oldest->connection, connection_close);
}

/* False if the run is over and its target and secrets may be gone. */
static bool begin_borrowing(LockWatch *self)
{
    pthread_mutex_lock(&self->mutex);
    bool may = !self->stopped;
    self->borrows = may;
    pthread_mutex_unlock(&self->mutex);
    return may;
}

static bool end_borrowing(LockWatch *self)
{
    pthread_mutex_lock(&self->mutex);
    bool go_on = !self->stopped;
    self->borrows = false;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    return go_on;
}

static SessionRequest *request_for(LockWatch *self, const Question *question, GError **error)
{
    SessionOptions session = self->options.session;
    session.read_only = true;
    SessionRequest *request = session_request_new(question->target, &session, error);
    if (request)
        session_request_hurry(request, ASK_LIMIT_MS);
    return request;
}

/* A list of hosts or a balancer may lead to another server, where the session's number is somebody else's. */
static bool is_same_server(const Connection *connection, const Question *question, GError **error)
{
    if (g_strcmp0(connection->server.identity, question->identity) == 0)
        return true;
    g_propagate_error(error,
                      db_error_new(DB_ERROR_UNREACHABLE, NULL, "it led to another server", NULL, NULL));
    return false;
}

static bool connect_server(LockWatch *self, WatchServer *server, const Question *question, GError **error)
{
    if (!begin_borrowing(self))
        return false;
    g_autoptr(SessionRequest) request = request_for(self, question, error);
    if (!end_borrowing(self) || !request)
        return false;
    make_room(self);
    server->connection = self->options.open(request, error);
    return server->connection && is_same_server(server->connection, question, error);
}

static void answer_unknown(Question *question, const char *problem)
{
    question->wait = LOCK_WAIT_UNSEEN;
    question->text =
        g_strdup_printf("unknown: the server could not be asked over a second connection: %s", problem);
}

/* A connection that broke while it was idle is replaced once. */
static void ask(LockWatch *self, Question *question)
{
    GError *error = NULL;
    WatchServer *server = server_named(self, question->server);
    bool asked = false;
    for (int tries = 0; tries < 2 && !asked && question->asked_at >= server->silent_until; tries++) {
        g_clear_error(&error);
        bool fresh = !server->connection;
        bool ready = !fresh || connect_server(self, server, question, &error);
        server->used_at = g_get_monotonic_time();
        asked = ready && server->connection->driver->blockers(server->connection, question->session_id,
                                                              &question->wait, &question->text, &error);
        if (!asked)
            g_clear_pointer(&server->connection, connection_close);
        if (fresh)
            break;
    }
    if (error)
        server_fails(server, error);
    if (!asked)
        answer_unknown(question, server->problem ? server->problem : "the run is over");
}

/* ---- Answers ---- */

static WatchedSession *session_numbered(const LockWatch *self, guint64 number)
{
    for (guint i = 0; i < self->sessions->len; i++)
        if (((WatchedSession *)self->sessions->pdata[i])->number == number)
            return self->sessions->pdata[i];
    return NULL;
}

/* Whether it waits is seen, and the onlooker does not know yet. */
static void tell(LockWatch *self, WatchedSession *session, const Question *question)
{
    bool waits = question->wait == LOCK_WAIT_TOLD || question->wait == LOCK_WAIT_UNKNOWN;
    bool over = question->wait == LOCK_WAIT_NONE && session->told_since == question->since;
    if (waits ? session->told_since == question->since : !over)
        return;
    session->told_since = waits ? question->since : 0;
    if (self->options.tell)
        self->options.tell(self->options.context, session->owner, question->wait, question->text);
}

static void leave_answer(LockWatch *self, Question *question)
{
    WatchedSession *session = session_numbered(self, question->number);
    if (!session || self->stopped)
        return;
    session->seen_at = question->asked_at;
    if (question->wait != LOCK_WAIT_NONE) { /* the wait may just be over, and have failed */
        g_free(session->text);
        session->text = g_strdup(question->text);
        session->found_at = question->asked_at;
    }
    tell(self, session, question);
}

/* ---- The thread ---- */

static void wait_for(LockWatch *self, gint64 microseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    gint64 nanoseconds = until.tv_nsec + microseconds * 1000;
    until.tv_sec += (time_t)(nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_cond_timedwait(&self->changed, &self->mutex, &until);
}

static void lock_watch_destroy(LockWatch *self)
{
    g_ptr_array_unref(self->sessions);
    g_ptr_array_unref(self->servers);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    g_free(self);
}

static void watch_sessions(LockWatch *self)
{
    while (!self->stopped) {
        gint64 now = g_get_monotonic_time();
        WatchedSession *session = next_session(self, now);
        if (!session) {
            wait_for(self, TICK_US);
            continue;
        }
        g_auto(Question) question = question_about(session, now);
        pthread_mutex_unlock(&self->mutex);
        ask(self, &question);
        pthread_mutex_lock(&self->mutex);
        leave_answer(self, &question);
    }
}

static void *watch_main(void *argument)
{
    LockWatch *self = argument;
    pthread_mutex_lock(&self->mutex);
    watch_sessions(self);
    pthread_mutex_unlock(&self->mutex);
    g_ptr_array_set_size(self->servers, 0); /* closes the connections */
    pthread_mutex_lock(&self->mutex);
    self->ended = true;
    bool last = self->abandoned;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    if (last)
        lock_watch_destroy(self);
    return NULL;
}

/* With every signal blocked, so that the main thread gets them. Without a thread nothing is watched. */
static void start_thread(LockWatch *self)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    self->has_thread = pthread_create(&self->thread, NULL, watch_main, self) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- For the run ---- */

LockWatch *lock_watch_new(const LockWatchOptions *options)
{
    LockWatch *self = g_new0(LockWatch, 1);
    pthread_condattr_t attributes;
    self->options = *options;
    if (!self->options.open)
        self->options.open = session_request_open;
    self->sessions = g_ptr_array_new();
    self->servers = g_ptr_array_new_with_free_func(watch_server_free);
    pthread_mutex_init(&self->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return self;
}

/* True once the thread touches nothing any more. Reading a secret is waited for, whose commands have a time
 * limit; anything else only for a moment. */
static bool wait_for_thread(LockWatch *self)
{
    gint64 deadline = g_get_monotonic_time() + END_WAIT_US;
    while (!self->ended && (self->borrows || g_get_monotonic_time() < deadline))
        wait_for(self, TICK_US);
    return self->ended;
}

void lock_watch_free(LockWatch *self)
{
    if (!self)
        return;
    pthread_mutex_lock(&self->mutex);
    self->stopped = true;
    pthread_cond_broadcast(&self->changed);
    bool ended = !self->has_thread || wait_for_thread(self);
    self->abandoned = !ended;
    pthread_t thread = self->thread;
    bool joins = self->has_thread && ended;
    pthread_mutex_unlock(&self->mutex);
    if (!ended) {
        pthread_detach(thread); /* it frees what is left when its question times out */
        return;
    }
    if (joins)
        pthread_join(thread, NULL);
    lock_watch_destroy(self);
}

WatchedSession *lock_watch_enter(LockWatch *self, const Target *target, const Connection *connection,
                                 gpointer owner)
{
    if (!self)
        return NULL;
    WatchedSession *session = g_new0(WatchedSession, 1);
    session->watch = self;
    session->target = target;
    session->connection = connection;
    session->owner = owner;
    if (!tells_blockers(connection->driver))
        return session;
    pthread_mutex_lock(&self->mutex);
    session->number = ++self->numbers;
    g_ptr_array_add(self->sessions, session);
    if (!self->has_thread)
        start_thread(self);
    pthread_mutex_unlock(&self->mutex);
    return session;
}

void lock_watch_leave(WatchedSession *session)
{
    if (!session)
        return;
    pthread_mutex_lock(&session->watch->mutex);
    g_ptr_array_remove_fast(session->watch->sessions, session);
    pthread_mutex_unlock(&session->watch->mutex);
    g_free(session->text);
    g_free(session);
}

/* An answer from before the wait began is about another one. */
static bool is_recent(const WatchedSession *session, gint64 asked_at)
{
    gint64 lock_us = (gint64)session->target->settings.lock_timeout_ms * 1000;
    return asked_at && (!lock_us || g_get_monotonic_time() - asked_at <= lock_us + TICK_US);
}

char *lock_watch_blocker(WatchedSession *session)
{
    if (!session || !tells_blockers(session->connection->driver))
        return g_strdup("unknown: the database does not tell who holds a lock");
    pthread_mutex_lock(&session->watch->mutex);
    char *text = is_recent(session, session->found_at) ? g_strdup(session->text) : NULL;
    bool asked = is_recent(session, session->seen_at);
    pthread_mutex_unlock(&session->watch->mutex);
    if (text)
        return text;
    return g_strdup(asked ? "unknown: the server named nobody while the statement waited"
                          : "unknown: the wait was over before the server could be asked");
}
