/* Which of a probe's connections are kept for the run, and which it gets, with a driver that only counts. */
#include "run/spare_connections.h"

#include <criterion/criterion.h>

static struct {
    unsigned closed;
    unsigned asked;
    gint64 free;
    bool refuses;
} server = {.free = 100};

static void fake_close(Connection *self)
{
    server.closed++;
    server_info_clear(&self->server);
    g_free(self);
}

static bool fake_promote(Connection *self, GError **error)
{
    (void)self;
    if (server.refuses)
        g_propagate_error(error, db_error_new(DB_ERROR_READ_ONLY, NULL, "a standby", NULL, NULL));
    return !server.refuses;
}

static gint64 fake_free(Connection *self)
{
    (void)self;
    server.asked++;
    return server.free;
}

static const Driver promoting = {.close = fake_close, .promote = fake_promote, .free_connections = fake_free};
static const Driver other = {.close = fake_close};

static void keep(SpareConnections *self, const Target *target, Connection *connection, unsigned per_host)
{
    if (!spare_connections_keep(self, target, connection, per_host))
        connection_close(connection);
}

static Connection *connection_of(const Driver *driver, const char *identity)
{
    Connection *self = g_new0(Connection, 1);
    self->driver = driver;
    self->server.identity = g_strdup(identity);
    return self;
}

/* Keeps a connection for each of the names; how many are there to take. */
static unsigned kept(const Driver *driver, gint64 free_connections, unsigned per_host, unsigned own_per_host,
                     char **names)
{
    g_autoptr(SpareConnections) self = spare_connections_new("run");
    server.free = free_connections;
    unsigned count = 0;
    for (char **name = names; *name; name++) {
        const Target target = {.name = *name, .settings.per_host = own_per_host};
        keep(self, &target, connection_of(driver, "one"), per_host);
    }
    for (char **name = names; *name; name++) {
        const Target target = {.name = *name};
        Connection *connection = spare_connections_take(self, &target);
        count += connection != NULL;
        connection_close(connection);
    }
    cr_expect_eq(server.closed, g_strv_length(names), "%u closed", server.closed);
    server.closed = 0;
    return count;
}
#define NAMES ((char *[]){"a", "b", "c", "d", "e", NULL})

Test(spare_connections, of_a_server_no_more_than_a_quarter_is_kept)
{
    cr_expect_eq(kept(&promoting, 100, 0, 0, NAMES), 5u);
    cr_expect_eq(kept(&promoting, 12, 0, 0, NAMES), 3u);
    cr_expect_eq(kept(&promoting, 3, 0, 0, NAMES), 0u);
}

Test(spare_connections, nor_more_than_per_host_says)
{
    cr_expect_eq(kept(&promoting, 100, 2, 0, NAMES), 2u);
    cr_expect_eq(kept(&promoting, 100, 4, 1, NAMES), 1u);
    cr_expect_eq(kept(&promoting, 8, 4, 3, NAMES), 2u);
}

Test(spare_connections, without_a_known_limit_or_a_way_to_promote_none_is_kept)
{
    cr_expect_eq(kept(&promoting, 0, 0, 0, NAMES), 0u);
    cr_expect_eq(kept(&other, 100, 0, 0, NAMES), 0u);
}

Test(spare_connections, each_server_counts_for_itself_and_what_is_taken_makes_room)
{
    g_autoptr(SpareConnections) self = spare_connections_new("run");
    const Target a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};
    server.free = 4;
    keep(self, &a, connection_of(&promoting, "one"), 0);
    keep(self, &b, connection_of(&promoting, "two"), 0);
    keep(self, &c, connection_of(&promoting, "two"), 0);
    cr_expect_eq(server.closed, 1u);
    connection_close(spare_connections_take(self, &b));
    keep(self, &c, connection_of(&promoting, "two"), 0);
    Connection *third = spare_connections_take(self, &c);
    cr_expect_not_null(third);
    connection_close(third);
    cr_expect_null(spare_connections_take(self, &c));
    cr_expect_eq(server.asked, 2u, "each server is asked once, not %u times", server.asked);
}

Test(spare_connections, what_is_left_is_closed)
{
    SpareConnections *self = spare_connections_new("run");
    const Target a = {.name = "a"}, b = {.name = "b"};
    keep(self, &a, connection_of(&promoting, "one"), 0);
    spare_connections_expire(self);
    cr_expect_eq(server.closed, 0u);
    spare_connections_close(self);
    cr_expect_eq(server.closed, 1u);
    cr_expect_null(spare_connections_take(self, &a));
    keep(self, &b, connection_of(&promoting, "one"), 0);
    spare_connections_free(self);
    cr_expect_eq(server.closed, 2u);
}

Test(spare_connections, one_that_the_server_refuses_to_promote_is_closed)
{
    g_autoptr(SpareConnections) self = spare_connections_new("run");
    const Target a = {.name = "a"};
    server.refuses = true;
    keep(self, &a, connection_of(&promoting, "one"), 0);
    cr_expect_null(spare_connections_take(self, &a));
    cr_expect_eq(server.closed, 1u);
}

Test(spare_connections, behind_a_pooler_none_is_kept)
{
    g_autoptr(SpareConnections) self = spare_connections_new("run");
    const Target a = {.name = "a"};
    Connection *pooled = connection_of(&promoting, "one");
    pooled->server.pooled = true;
    keep(self, &a, pooled, 0);
    cr_expect_eq(server.closed, 1u);
}

Test(spare_connections, a_server_that_takes_no_more_gets_them_back_and_none_is_kept_again)
{
    g_autoptr(SpareConnections) self = spare_connections_new("run");
    const Target a = {.name = "a"}, b = {.name = "b"};
    cr_expect(!spare_connections_give_up(NULL));
    keep(self, &a, connection_of(&promoting, "one"), 0);
    cr_expect(spare_connections_give_up(self));
    cr_expect_eq(server.closed, 1u);
    keep(self, &b, connection_of(&promoting, "one"), 0);
    cr_expect_eq(server.closed, 2u);
    cr_expect(!spare_connections_give_up(self));
}

/* ---- Asking ---- */

typedef struct Keeper {
    SpareConnections *self;
    const char *name;
} Keeper;

/* Long enough for the others to come meanwhile. */
static gint64 slow_free(Connection *self)
{
    g_usleep(20000);
    return fake_free(self);
}

static const Driver slow = {.close = fake_close, .promote = fake_promote, .free_connections = slow_free};

static void *keep_one(void *data)
{
    const Keeper *keeper = data;
    const Target target = {.name = (char *)keeper->name};
    keep(keeper->self, &target, connection_of(&slow, "one"), 0);
    return NULL;
}

Test(spare_connections, a_server_is_asked_once_whoever_comes_meanwhile)
{
    g_autoptr(SpareConnections) self = spare_connections_new("run");
    char *names[] = {"a", "b", "c", "d"};
    Keeper keepers[G_N_ELEMENTS(names)];
    pthread_t threads[G_N_ELEMENTS(names)];
    server.asked = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        keepers[i] = (Keeper){self, names[i]};
        pthread_create(&threads[i], NULL, keep_one, &keepers[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(server.asked, 1u);
    cr_expect_eq(server.closed, 0u);
}
