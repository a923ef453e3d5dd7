/* Server keys: which targets count as being on one server. */
#include "../plan_fixture.h"
#include "run/server_keys.h"

/* Targets by their URLs, and what their servers said. */
typedef struct Ground {
    PlanFixture files;
    GPtrArray *identities;
    GPtrArray *keys;
    unsigned looked_up;
} Ground;

static void ground_init(Ground *self)
{
    *self = (Ground){.files = plan_fixture_of(TABLE_FILE("aa", "")), .identities = g_ptr_array_new()};
}

static void ground_clear(Ground *self)
{
    g_clear_pointer(&self->keys, g_ptr_array_unref);
    g_ptr_array_unref(self->identities);
    plan_fixture_clear(&self->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ground, ground_clear)

static Target *add(Ground *self, const char *url, const char *identity)
{
    g_autofree char *name = g_strdup_printf("t%u", self->files.targets->len);
    Target *target = fixture_add(&self->files, name, DIALECT_POSTGRES, "");
    db_url_free(target->url);
    g_free(target->server);
    target->url = db_url_parse(url, NULL);
    must(target->url, "%s", url);
    target->server = db_url_server(target->url);
    g_ptr_array_add(self->identities, (gpointer)identity);
    return target;
}

/* As a resolver would that knows that alias is db1. */
static char *fake_address(gpointer context, const DbUrl *url)
{
    ++*(unsigned *)context;
    const char *host = db_url_host(url);
    return g_strdup_printf("postgresql://%s:%s", g_strcmp0(host, "alias") == 0 ? "db1" : host,
                           db_url_port(url));
}

static void find(Ground *self)
{
    self->keys = server_keys_new(self->files.targets, self->identities, fake_address, &self->looked_up);
}

static void find_by_system(Ground *self)
{
    self->keys = server_keys_new(self->files.targets, NULL, NULL, NULL);
}

static bool same(const Ground *self, guint left, guint right)
{
    return g_str_equal(self->keys->pdata[left], self->keys->pdata[right]);
}

TestSuite(server_keys);

Test(server_keys, what_a_server_says_of_itself_counts_and_no_name_is_looked_up)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add(&ground, "postgresql://db1/a", "7123");
    add(&ground, "postgresql://10.0.0.5/b", "7123");
    add(&ground, "postgresql://db1:5433/c", "7999");
    add(&ground, "mysql://db1/c", "7123");
    find(&ground);
    cr_expect(same(&ground, 0, 1));
    cr_expect_not(same(&ground, 0, 2));
    cr_expect_not(same(&ground, 0, 3), "two kinds of servers");
    cr_expect_eq(ground.looked_up, 0);
}

Test(server_keys, who_was_not_read_is_known_by_its_spelling_or_its_address)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add(&ground, "postgresql://db1/a", "7123");
    add(&ground, "postgresql://db1/b", NULL);
    add(&ground, "postgresql://alias/c", NULL);
    add(&ground, "postgresql://db2/d", NULL);
    add(&ground, "postgresql://alias:5433/e", NULL);
    find(&ground);
    cr_expect(same(&ground, 0, 1));
    cr_expect(same(&ground, 0, 2));
    cr_expect_not(same(&ground, 0, 3));
    cr_expect_not(same(&ground, 0, 4));
}

Test(server_keys, one_spelling_is_looked_up_once)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    for (int i = 0; i < 100; i++)
        add(&ground, "postgresql://db1/a", NULL);
    find(&ground);
    cr_expect_eq(ground.looked_up, 1);
}

Test(server_keys, files_have_no_server)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add(&ground, "sqlite:a.db", "/tmp/a.db");
    add(&ground, "sqlite:b.db", NULL);
    find(&ground);
    cr_expect_str_eq(ground.keys->pdata[0], "");
    cr_expect_str_eq(ground.keys->pdata[1], "");
}

Test(server_keys, this_machine_is_one_server_however_it_is_called)
{
    static const char *const urls[] = {
        "postgresql://localhost/a", "postgresql://127.0.0.1/a",      "postgresql://[::1]/a",
        "postgresql:///a",          "postgresql://127.0.0.1:5432/a", "postgresql:///a?host=/run/postgresql",
        "postgres://LOCALHOST/a",   "postgresql://127.0.1.1/a",
    };
    g_auto(Ground) ground;
    ground_init(&ground);
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++)
        add(&ground, urls[i], NULL);
    add(&ground, "postgresql://localhost:5433/a", NULL);
    add(&ground, "mysql://localhost/a", NULL);
    add(&ground, "postgresql://192.0.2.7/a", NULL);
    find_by_system(&ground);
    for (guint i = 1; i < G_N_ELEMENTS(urls); i++)
        cr_expect(same(&ground, 0, i), "%s: %s", urls[i], (char *)ground.keys->pdata[i]);
    for (guint i = G_N_ELEMENTS(urls); i < ground.keys->len; i++)
        cr_expect_not(same(&ground, 0, i), "%s", (char *)ground.keys->pdata[i]);
}

Test(server_keys, a_name_that_nobody_knows_stays_as_it_is)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add(&ground, "postgresql://nosuch.invalid/a", NULL);
    find_by_system(&ground);
    cr_expect_str_eq(ground.keys->pdata[0], "postgresql://nosuch.invalid:5432");
}

Test(server_keys, hosts_are_called_as_their_urls_do)
{
    static const struct {
        const char *url;
        const char *name;
    } cases[] = {{"postgresql://db2.internal:5433/a", "db2.internal"},
                 {"postgresql:///a?host=/run/postgresql", "localhost"},
                 {"sqlite:a.db", "localhost"},
                 {"mysql://10.0.0.5/a", "10.0.0.5"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Ground) ground;
        ground_init(&ground);
        g_autofree char *name = server_host_name(add(&ground, cases[i].url, NULL));
        cr_expect_str_eq(name, cases[i].name);
    }
}

/* ---- Names that take long ---- */

static char *slow_address(gpointer context, const DbUrl *url)
{
    ++*(unsigned *)context;
    g_usleep(G_USEC_PER_SEC);
    return db_url_server(url);
}

/* An interrupt at the third one. */
static bool third_stops(gpointer context)
{
    return ++*(unsigned *)context < 3;
}

static bool none_stops(gpointer context)
{
    ++*(unsigned *)context;
    return true;
}

Test(server_keys, slow_names_leave_the_tick_going_and_can_be_stopped)
{
    PlanFixture files = plan_fixture_of(TABLE_FILE("aa", ""));
    unsigned looked_up = 0, ticks = 0;
    for (int i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        g_autofree char *url = g_strdup_printf("postgresql://db%d/x", i);
        Target *target = fixture_add(&files, name, DIALECT_POSTGRES, "");
        db_url_free(target->url);
        g_free(target->server);
        target->url = db_url_parse(url, NULL);
        target->server = db_url_server(target->url);
    }
    cr_expect_null(server_keys_attend(files.targets, slow_address, &looked_up, third_stops, &ticks));
    cr_expect_eq(looked_up, 1, "%u", looked_up);
    cr_expect(ticks >= 5, "%u", ticks);
    ticks = 0;
    g_ptr_array_set_size(files.targets, 1);
    g_autoptr(GPtrArray) keys =
        server_keys_attend(files.targets, slow_address, &looked_up, none_stops, &ticks);
    cr_expect_eq(keys->len, 1);
    cr_expect(ticks >= 5, "%u", ticks);
    plan_fixture_clear(&files);
}
