/* The watch over locks with 64 sessions that come and go, and with a server that does not answer: no answer
 * goes to the wrong session, and nothing that hangs holds up a session or the end of a run. */
#include "check.h"
#include "run/job/lock_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define SESSIONS 64
#define ROUNDS 4
#define PATIENCE_US (20 * G_USEC_PER_SEC)

/* ---- A server without a database ---- */

/* What every fake connection does now. */
static struct {
    atomic_bool hangs_connecting;
    atomic_bool hangs_asked;
    atomic_bool refuses;
    atomic_uint opened;
    atomic_uint closed;
    atomic_uint asked;
} server;

typedef struct FakeSession {
    Connection base;
    char id[16];
} FakeSession;

static void hang_while(atomic_bool *flag)
{
    while (atomic_load(flag))
        g_usleep(5000);
}

static const char *fake_id(const Connection *base)
{
    return ((const FakeSession *)base)->id;
}

static bool fake_blockers(Connection *watch, const char *session_id, LockWait *wait, char **text,
                          GError **error)
{
    (void)watch, (void)error;
    atomic_fetch_add(&server.asked, 1);
    hang_while(&server.hangs_asked);
    *wait = LOCK_WAIT_TOLD;
    *text = g_strdup_printf("the holder of what %s wants", session_id);
    return true;
}

static void fake_close(Connection *base)
{
    server_info_clear(&base->server);
    g_free(base);
    atomic_fetch_add(&server.closed, 1);
}

static const Driver fake_driver = {
    .name = "fake", .close = fake_close, .session_id = fake_id, .blockers = fake_blockers};

static void fake_init(FakeSession *self, unsigned number)
{
    *self = (FakeSession){.base = {.driver = &fake_driver}};
    self->base.server.identity = g_strdup("here");
    self->base.server.user = g_strdup("me");
    g_snprintf(self->id, sizeof self->id, "%u", number);
}

static Connection *fake_open(const SessionRequest *request, GError **error)
{
    (void)request;
    atomic_fetch_add(&server.opened, 1);
    hang_while(&server.hangs_connecting);
    if (atomic_load(&server.refuses)) {
        g_propagate_error(error,
                          db_error_new(DB_ERROR_UNREACHABLE, NULL, "too many connections", NULL, NULL));
        return NULL;
    }
    FakeSession *self = g_new0(FakeSession, 1);
    fake_init(self, 0);
    return &self->base;
}

/* ---- A run ---- */

typedef struct World {
    SecretStore *secrets;
    DbUrl *url;
    Target target;
    LockWatch *watch;
    atomic_uint told;
    atomic_uint misled; /* told of another session's holder */
} World;

static void on_tell(gpointer context, gpointer owner, LockWait wait, const char *text)
{
    World *self = context;
    const FakeSession *session = owner;
    g_autofree char *expected = g_strdup_printf("the holder of what %s wants", session->id);
    atomic_fetch_add(&self->told, 1);
    atomic_fetch_add(&self->misled, wait != LOCK_WAIT_TOLD || !g_str_equal(text, expected));
}

static void world_begin(World *self)
{
    memset(&server, 0, sizeof server);
    memset(self, 0, sizeof *self);
    self->secrets = secret_store_new();
    self->url = db_url_parse("postgresql://me@nowhere/db", NULL);
    self->target = (Target){.url = self->url, .settings = {.lock_timeout_ms = 200}};
    const LockWatchOptions options = {
        .session = {.secrets = self->secrets}, .tell = on_tell, .context = self, .open = fake_open};
    self->watch = lock_watch_new(&options);
}

/* The run's end, after which nothing of the run may be touched. Returns how long it took. */
static gint64 world_end(World *self)
{
    gint64 begin = g_get_monotonic_time();
    lock_watch_free(self->watch);
    gint64 took = g_get_monotonic_time() - begin;
    secret_store_free(self->secrets);
    db_url_free(self->url);
    return took;
}

static void work(FakeSession *self)
{
    atomic_store(&self->base.busy_since, g_get_monotonic_time());
}

static bool comes_true(atomic_uint *number, unsigned least)
{
    gint64 deadline = g_get_monotonic_time() + PATIENCE_US;
    while (atomic_load(number) < least && g_get_monotonic_time() < deadline)
        g_usleep(5000);
    return atomic_load(number) >= least;
}

/* ---- Many sessions ---- */

typedef struct Worker {
    World *world;
    unsigned number;
    unsigned named; /* rounds in which it got its own holder */
} Worker;

/* Waits until it is told who blocks it, as a step that fails with a lock timeout asks. */
static bool is_named(WatchedSession *watched, const char *expected)
{
    gint64 deadline = g_get_monotonic_time() + PATIENCE_US;
    while (g_get_monotonic_time() < deadline) {
        g_autofree char *text = lock_watch_blocker(watched);
        if (!g_str_has_prefix(text, "unknown"))
            return g_str_equal(text, expected);
        g_usleep(10000);
    }
    return false;
}

static void *work_rounds(void *argument)
{
    Worker *self = argument;
    for (unsigned round = 0; round < ROUNDS; round++) {
        FakeSession session;
        fake_init(&session, self->number * ROUNDS + round);
        g_autofree char *expected = g_strdup_printf("the holder of what %s wants", session.id);
        WatchedSession *watched =
            lock_watch_enter(self->world->watch, &self->world->target, &session.base, &session);
        work(&session);
        self->named += is_named(watched, expected);
        lock_watch_leave(watched);
        server_info_clear(&session.base.server);
    }
    return NULL;
}

static void test_many(Checks *checks)
{
    World world;
    Worker workers[SESSIONS];
    pthread_t threads[SESSIONS];
    unsigned named = 0;
    world_begin(&world);
    for (unsigned i = 0; i < SESSIONS; i++) {
        workers[i] = (Worker){&world, i, 0};
        pthread_create(&threads[i], NULL, work_rounds, &workers[i]);
    }
    for (unsigned i = 0; i < SESSIONS; i++) {
        pthread_join(threads[i], NULL);
        named += workers[i].named;
    }
    check(checks, named == SESSIONS * ROUNDS, "every session is told who holds its own lock");
    check(checks, atomic_load(&world.told) == SESSIONS * ROUNDS, "and the onlooker once for each wait");
    check(checks, atomic_load(&world.misled) == 0, "of the right session");
    world_end(&world);
    check(checks, atomic_load(&server.opened) == 1, "over one connection to the one server");
    check(checks, atomic_load(&server.closed) == 1, "which is closed in the end");
}

/* ---- A server that does not answer ---- */

static void test_hangs(Checks *checks, atomic_bool *hangs, atomic_uint *reached, const char *where)
{
    World world;
    FakeSession session;
    world_begin(&world);
    fake_init(&session, 7);
    atomic_store(hangs, true);
    WatchedSession *watched = lock_watch_enter(world.watch, &world.target, &session.base, &session);
    work(&session);
    g_autofree char *name = g_strdup_printf("the watch hangs %s", where);
    check(checks, comes_true(reached, 1), name);
    gint64 begin = g_get_monotonic_time();
    g_autofree char *text = lock_watch_blocker(watched);
    lock_watch_leave(watched);
    server_info_clear(&session.base.server);
    check(checks, g_get_monotonic_time() - begin < 30 * G_USEC_PER_SEC, "but its session leaves at once");
    check(checks, g_str_has_prefix(text, "unknown: the wait was over"), "and says why it knows nothing");
    check(checks, world_end(&world) < 30 * G_USEC_PER_SEC, "and the run ends in bounded time");
    atomic_store(hangs, false);
    check(checks, comes_true(&server.closed, 1), "what was left behind cleans up when it can");
    check(checks, atomic_load(&world.told) == 0, "and tells nobody any more");
}

/* The server has no connection left: it is left alone for a while. */
static void test_refused(Checks *checks)
{
    World world;
    FakeSession session;
    world_begin(&world);
    fake_init(&session, 7);
    atomic_store(&server.refuses, true);
    WatchedSession *watched = lock_watch_enter(world.watch, &world.target, &session.base, &session);
    work(&session);
    g_usleep(G_USEC_PER_SEC); /* several ticks of the watch */
    work(&session);
    g_usleep(G_USEC_PER_SEC / 2);
    g_autofree char *text = lock_watch_blocker(watched);
    lock_watch_leave(watched);
    server_info_clear(&session.base.server);
    check(checks, strstr(text, "could not be asked") && strstr(text, "too many connections"), text);
    check(checks, atomic_load(&server.opened) == 1, "a server that refuses is not asked again and again");
    check(checks, atomic_load(&world.told) == 0, "and nothing is told of it");
    world_end(&world);
}

int main(void)
{
    Checks checks = {0};
    test_many(&checks);
    test_hangs(&checks, &server.hangs_asked, &server.asked, "in its question");
    test_hangs(&checks, &server.hangs_connecting, &server.opened, "while connecting");
    test_refused(&checks);
    return checks_end(&checks);
}
