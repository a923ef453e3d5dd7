/* Which idle session serves which reading, and how many there are at a time, with a driver whose sessions
 * move wherever the user is the same. */
#include "run/session_shelf.h"

#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned closed;

static void fake_close(Connection *self)
{
    closed++;
    server_info_clear(&self->server);
    g_free(self);
}

static bool fake_can_move(const Connection *self, const ConnectOptions *options)
{
    return g_str_equal(self->server.user, options->url->user);
}

static bool fake_move(Connection *self, const ConnectOptions *options, GError **error)
{
    (void)self, (void)options, (void)error;
    return true;
}

static const char *const schemes[] = {"mysql", NULL};
static const char *const no_parameters[] = {NULL};
static const Driver moving = {.close = fake_close,
                              .schemes = schemes,
                              .parameters = no_parameters,
                              .can_move = fake_can_move,
                              .move = fake_move};
static const Driver staying = {.close = fake_close, .schemes = schemes, .parameters = no_parameters};

static Connection *session_of(const Driver *driver, const char *user)
{
    Connection *self = g_new0(Connection, 1);
    self->driver = driver;
    self->server.user = g_strdup(user);
    return self;
}

static Connection *take(SessionShelf *self, const char *user, unsigned per_host)
{
    g_autofree char *text = g_strdup_printf("mysql://%s@host/d", user);
    g_autoptr(DbUrl) url = db_url_parse(text, NULL);
    const ConnectOptions options = {.url = url};
    return session_shelf_take(self, &options, per_host);
}

/* A reading that ends with a session of this user, new if none was there. True if it was new. */
static bool read_as(SessionShelf *self, const char *user)
{
    Connection *session = take(self, user, 0);
    bool is_new = session == NULL;
    session_shelf_leave(self, is_new ? session_of(&moving, user) : session);
    return is_new;
}

Test(session_shelf, a_session_serves_one_reading_after_the_other)
{
    g_autoptr(SessionShelf) self = session_shelf_new(1);
    cr_expect(read_as(self, "a"));
    cr_expect_not(read_as(self, "a"));
    cr_expect_not(read_as(self, "a"));
    cr_expect_eq(closed, 0u);
}

Test(session_shelf, what_cannot_serve_makes_room_for_what_does)
{
    g_autoptr(SessionShelf) self = session_shelf_new(2);
    cr_expect_null(take(self, "a", 0));
    cr_expect(read_as(self, "b"));
    session_shelf_leave(self, session_of(&moving, "a"));
    cr_expect_eq(closed, 0u, "two were at work, two are idle");
    cr_expect(read_as(self, "c"));
    cr_expect_eq(closed, 1u, "the first to come has gone");
    cr_expect_not(read_as(self, "a"));
    cr_expect_not(read_as(self, "c"));
}

/* So many that were at work at a time. */
static void leave_idle(SessionShelf *self, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        cr_expect_null(take(self, "a", 0));
    for (unsigned i = 0; i < count; i++)
        session_shelf_leave(self, session_of(&moving, "a"));
}

Test(session_shelf, readings_and_idle_sessions_are_never_more_than_may_read)
{
    g_autoptr(SessionShelf) self = session_shelf_new(3);
    leave_idle(self, 3);
    for (unsigned i = 1; i <= 3; i++) {
        cr_expect_null(take(self, "b", 0));
        cr_expect_eq(closed, i);
    }
}

Test(session_shelf, as_many_readings_as_there_are_idle_sessions_get_one_each)
{
    g_autoptr(SessionShelf) self = session_shelf_new(3);
    leave_idle(self, 3);
    for (unsigned i = 0; i < 3; i++) {
        Connection *session = take(self, "a", 3);
        cr_assert_not_null(session);
        fake_close(session);
    }
    cr_expect_eq(closed, 3u);
}

Test(session_shelf, a_reading_that_could_not_connect_counts_no_more)
{
    g_autoptr(SessionShelf) self = session_shelf_new(2);
    leave_idle(self, 2);
    for (unsigned i = 0; i < 5; i++) {
        cr_expect_null(take(self, "b", 0));
        session_shelf_leave(self, NULL);
    }
    cr_expect_eq(closed, 1u);
    cr_expect_not(read_as(self, "a"));
}

Test(session_shelf, where_a_server_has_a_limit_all_idle_ones_count)
{
    g_autoptr(SessionShelf) self = session_shelf_new(8);
    leave_idle(self, 3);
    Connection *served = take(self, "a", 2);
    cr_assert_not_null(served);
    cr_expect_eq(closed, 1u, "this one and one idle are two");
    cr_expect_null(take(self, "b", 1));
    cr_expect_eq(closed, 2u);
    session_shelf_leave(self, served);
    session_shelf_leave(self, NULL);
}

Test(session_shelf, what_the_server_has_closed_serves_nobody)
{
    g_autoptr(SessionShelf) self = session_shelf_new(2);
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    cr_expect_null(take(self, "a", 0));
    Connection *session = session_of(&moving, "a");
    session->socket = (SocketMark){.descriptor = ends[0], .length = 1};
    session_shelf_leave(self, session);
    cr_expect_eq(take(self, "a", 0), session);
    session_shelf_leave(self, session);
    close(ends[1]);
    cr_expect_null(take(self, "a", 0));
    cr_expect_eq(closed, 1u);
    close(ends[0]);
}

Test(session_shelf, what_cannot_move_is_closed_at_once)
{
    g_autoptr(SessionShelf) self = session_shelf_new(4);
    Connection *pooled = session_of(&moving, "a");
    pooled->server.pooled = true;
    cr_expect_null(take(self, "a", 0));
    session_shelf_leave(self, session_of(&staying, "a"));
    cr_expect_eq(closed, 1u);
    cr_expect_null(take(self, "a", 0));
    session_shelf_leave(self, pooled);
    cr_expect_eq(closed, 2u);
}

Test(session_shelf, a_server_that_takes_no_more_gets_them_back)
{
    g_autoptr(SessionShelf) self = session_shelf_new(4);
    cr_expect_not(session_shelf_clear(self));
    cr_expect(read_as(self, "a"));
    cr_expect(session_shelf_clear(self));
    cr_expect_eq(closed, 1u);
    cr_expect_not(session_shelf_clear(self));
}

Test(session_shelf, what_is_left_is_closed)
{
    SessionShelf *self = session_shelf_new(4);
    cr_expect(read_as(self, "a"));
    session_shelf_free(self);
    cr_expect_eq(closed, 1u);
}

Test(session_shelf, without_a_shelf_every_reading_connects)
{
    cr_expect(read_as(NULL, "a"));
    cr_expect(read_as(NULL, "a"));
    cr_expect_eq(closed, 2u);
    cr_expect_not(session_shelf_clear(NULL));
}
