/* Throttles: who is asked what, what holds, and for how long an answer counts. */
#include "../plan_fixture.h"
#include "run/gates/throttle.h"
#include "run/server_keys.h"

/* A clock that a test sets, a fleet on servers, and a fake that answers. */
typedef struct Ground {
    PlanFixture files;
    GPtrArray *specs;
    GPtrArray *servers;
    GPtrArray *told; /* of char * */
    SchedulerLimits limits;
    Scheduler *scheduler;
    Throttle *throttle;
    RunClock clock;
    gint64 now;
} Ground;

/* What the fake says; the threads read it. */
static struct {
    pthread_mutex_t mutex;
    const char *held_host; /* says so of this one; NULL: of none */
    bool broken;           /* cannot be asked */
    bool silent;           /* does not answer until it is stopped */
    GString *asked;        /* "name host target;" */
} fake = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void fake_ask(const GateSpec *spec, const Target *target, const QuestionOptions *options,
                     Answer *answer)
{
    pthread_mutex_lock(&fake.mutex);
    bool silent = fake.silent;
    const char *host = options->host ? options->host : "all";
    bool held = fake.held_host && g_str_equal(fake.held_host, host);
    answer->kind = fake.broken ? ANSWER_NONE : held ? ANSWER_REASON : ANSWER_GOOD;
    answer->text = g_strdup(fake.broken ? "refused" : held ? "lag=12\nmore" : "no rows");
    g_string_append_printf(fake.asked, "%s %s %s;", spec->url ? spec->url : spec->name, host,
                           target ? target->name : "-");
    pthread_mutex_unlock(&fake.mutex);
    while (silent && !atomic_load(&options->stop->raised))
        g_usleep(10 * 1000);
}

static gint64 fake_now(gpointer context)
{
    return ((Ground *)context)->now;
}

static void on_tell(gpointer context, bool held, const char *text)
{
    g_ptr_array_add(((Ground *)context)->told, g_strdup_printf("%d %s", held, text));
}

static void ground_init(Ground *self)
{
    *self = (Ground){.files = plan_fixture_of(TABLE_FILE("aa", "")),
                     .specs = g_ptr_array_new_with_free_func(g_free),
                     .told = g_ptr_array_new_with_free_func(g_free),
                     .limits = {.jobs = 8, .max_failures = {false, 0}, .max_unreachable = {true, 100}},
                     .now = 100 * G_USEC_PER_SEC};
    fake.asked = g_string_new(NULL);
    fake.held_host = NULL;
    fake.broken = fake.silent = false;
}

static void ground_clear(Ground *self)
{
    throttle_free(self->throttle);
    scheduler_free(self->scheduler);
    g_clear_pointer(&self->servers, g_ptr_array_unref);
    g_ptr_array_unref(self->specs);
    g_ptr_array_unref(self->told);
    plan_fixture_clear(&self->files);
    g_string_free(fake.asked, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ground, ground_clear)

static void add_target(Ground *self, const char *name, const char *host)
{
    Target *target = fixture_add(&self->files, name, DIALECT_POSTGRES, "");
    g_autofree char *url = g_strdup_printf("postgresql://%s/%s", host, name);
    db_url_free(target->url);
    g_free(target->server);
    target->url = db_url_parse(url, NULL);
    target->server = db_url_server(target->url);
}

static GateSpec *add_spec(Ground *self, GateKind kind, const char *name)
{
    GateSpec *spec = g_new0(GateSpec, 1);
    spec->kind = kind;
    spec->name = (char *)name;
    spec->every_ms = 5000;
    g_ptr_array_add(self->specs, spec);
    return spec;
}

static char *own_address(gpointer context, const DbUrl *url)
{
    (void)context;
    return g_strdup(db_url_host(url));
}

static void start(Ground *self)
{
    self->clock = *run_clock_system();
    self->clock.context = self;
    self->clock.now_us = fake_now;
    self->servers = server_keys_new(self->files.targets, NULL, own_address, NULL);
    self->limits.servers = self->servers;
    self->scheduler = scheduler_new(self->files.targets, &self->limits);
    const ThrottleOptions options = {.specs = self->specs,
                                     .targets = self->files.targets,
                                     .servers = self->servers,
                                     .clock = &self->clock,
                                     .tell = on_tell,
                                     .context = self,
                                     .ask = fake_ask};
    self->throttle = throttle_new(&options);
}

/* Steps for long enough that what was asked is answered. */
static void settle(Ground *self)
{
    for (int i = 0; i < 30; i++) {
        throttle_step(self->throttle, self->scheduler);
        g_usleep(3000);
    }
}

static void pass(Ground *self, double seconds)
{
    self->now += (gint64)(seconds * G_USEC_PER_SEC);
}

static unsigned start_all(Ground *self)
{
    unsigned started = 0;
    while (scheduler_next(self->scheduler) >= 0)
        started++;
    return started;
}

static unsigned times_asked(const char *what)
{
    unsigned count = 0;
    pthread_mutex_lock(&fake.mutex);
    for (const char *at = fake.asked->str; (at = strstr(at, what)); at++)
        count++;
    pthread_mutex_unlock(&fake.mutex);
    return count;
}

static void hold(const char *host)
{
    pthread_mutex_lock(&fake.mutex);
    fake.held_host = host;
    pthread_mutex_unlock(&fake.mutex);
}

TestSuite(throttle, .timeout = 120);

Test(throttle, without_one_there_is_none)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    start(&ground);
    cr_assert_null(ground.throttle);
    throttle_step(ground.throttle, ground.scheduler);
    cr_expect_eq(start_all(&ground), 1);
}

Test(throttle, nothing_starts_before_the_first_answer)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_spec(&ground, GATE_SQL, "lag");
    start(&ground);
    throttle_step(ground.throttle, ground.scheduler);
    cr_expect_eq(start_all(&ground), 0);
    settle(&ground);
    cr_expect_eq(start_all(&ground), 1);
    cr_expect_eq(ground.told->len, 0, "a host that is free is nothing to tell");
}

Test(throttle, the_host_that_has_a_reason_is_held_and_no_other)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_target(&ground, "b", "db2");
    add_target(&ground, "c", "db2");
    add_spec(&ground, GATE_SQL, "lag");
    hold("db2");
    start(&ground);
    settle(&ground);
    cr_expect_eq(start_all(&ground), 1);
    cr_assert_eq(ground.told->len, 1);
    cr_expect_str_eq(ground.told->pdata[0], "1 held: db2: lag: lag=12");
    hold(NULL);
    settle(&ground);
    cr_expect_eq(start_all(&ground), 0, "it is asked again only after the interval");
    pass(&ground, 5);
    settle(&ground);
    cr_expect_eq(start_all(&ground), 2);
    cr_assert_eq(ground.told->len, 2);
    cr_expect_str_eq(ground.told->pdata[1], "0 no longer held: db2: lag");
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    throttle_sum_up(ground.throttle, warnings);
    cr_assert_eq(warnings->len, 1);
    cr_expect_str_eq(warnings->pdata[0], "no target could start on db2 for 5.0 s: lag: lag=12");
}

Test(throttle, one_that_cannot_be_asked_holds_and_asks_another_target)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_target(&ground, "b", "db1");
    add_spec(&ground, GATE_SQL, "lag");
    fake.broken = true;
    start(&ground);
    settle(&ground);
    cr_expect_eq(start_all(&ground), 0);
    cr_assert_eq(ground.told->len, 1);
    cr_expect_str_eq(ground.told->pdata[0], "1 held: db1: lag: it cannot be asked: refused");
    pass(&ground, 6);
    settle(&ground);
    cr_expect_eq(times_asked("db1 a;"), 1);
    cr_expect_eq(times_asked("db1 b;"), 1);
    cr_expect_eq(ground.told->len, 1, "told once");
}

Test(throttle, a_good_answer_that_grows_old_holds)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_spec(&ground, GATE_SQL, "lag");
    start(&ground);
    settle(&ground);
    fake.silent = true;
    pass(&ground, 6);
    settle(&ground);
    cr_expect_eq(scheduler_held(ground.scheduler), 0, "it may still come");
    pass(&ground, 7);
    settle(&ground);
    cr_expect_eq(scheduler_held(ground.scheduler), 1);
    cr_assert_eq(ground.told->len, 1);
    cr_expect_str_eq(ground.told->pdata[0], "1 held: db1: lag: no answer for 13.0 s");
}

Test(throttle, what_does_not_depend_on_the_host_is_asked_once_for_all)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_target(&ground, "b", "db2");
    add_spec(&ground, GATE_HTTP, "load")->url = (char *)"http://monitor/load";
    add_spec(&ground, GATE_HTTP, "own load")->url = (char *)"http://{host}:9100/{host}";
    add_spec(&ground, GATE_EXEC, "check");
    add_spec(&ground, GATE_SQL, "central")->url = (char *)"postgresql://monitor/m";
    start(&ground);
    settle(&ground);
    cr_expect_eq(times_asked("http://monitor/load all -;"), 1);
    cr_expect_eq(times_asked("http://db1:9100/db1 db1 -;"), 1);
    cr_expect_eq(times_asked("http://db2:9100/db2 db2 -;"), 1);
    cr_expect_eq(times_asked("check db1 -;"), 1);
    cr_expect_eq(times_asked("check db2 -;"), 1);
    cr_expect_eq(times_asked("postgresql://monitor/m all -;"), 1);
    cr_expect_eq(start_all(&ground), 2);
}

Test(throttle, what_is_asked_once_holds_all_hosts)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_target(&ground, "b", "db2");
    add_spec(&ground, GATE_HTTP, "load")->url = (char *)"http://monitor/load";
    hold("all");
    start(&ground);
    settle(&ground);
    cr_expect_eq(start_all(&ground), 0);
    cr_expect_str_eq(ground.told->pdata[0], "1 held: all hosts: load: lag=12");
    cr_expect_eq(ground.told->len, 1);
}

Test(throttle, where_nobody_waits_nobody_is_asked)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_target(&ground, "b", "db2");
    add_spec(&ground, GATE_SQL, "lag");
    hold("db2");
    start(&ground);
    settle(&ground);
    cr_expect_eq(start_all(&ground), 1);
    pass(&ground, 60);
    settle(&ground);
    cr_expect_eq(times_asked("db1"), 1);
    cr_expect_eq(times_asked("db2"), 2);
}

Test(throttle, ending_does_not_wait_for_an_answer)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", "db1");
    add_spec(&ground, GATE_SQL, "lag");
    fake.silent = true;
    start(&ground);
    throttle_step(ground.throttle, ground.scheduler);
    throttle_free(g_steal_pointer(&ground.throttle));
}
