/* The scheduler: limits, budgets, halting; and thousands of random fleets in which no rule may ever break. */
#include "../plan_fixture.h"
#include "run/scheduler.h"

/* A fleet, its limits and its scheduler. */
typedef struct Race {
    PlanFixture files; /* for its targets and groups */
    SchedulerLimits limits;
    Scheduler *scheduler;
} Race;

static void race_init(Race *self)
{
    *self = (Race){.files = plan_fixture_of(TABLE_FILE("aa", "")),
                   .limits = {.jobs = 8, .max_failures = {false, 0}, .max_unreachable = {true, 100}}};
}

static void race_clear(Race *self)
{
    scheduler_free(self->scheduler);
    plan_fixture_clear(&self->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Race, race_clear)

/* A target on the server `host` ("" : a file) in a group, or in none. */
static Target *add(Race *self, const char *host, const Group *group)
{
    g_autofree char *name = g_strdup_printf("t%u", self->files.targets->len);
    Target *target = fixture_add(&self->files, name, DIALECT_POSTGRES, "");

    g_free(target->server);
    target->server = g_strdup(host);
    target->group = group;
    return target;
}

static void start(Race *self)
{
    self->scheduler = scheduler_new(self->files.targets, &self->limits);
}

/* How many may start now. */
static unsigned start_all(Race *self)
{
    unsigned started = 0;
    while (scheduler_next(self->scheduler) >= 0)
        started++;
    return started;
}

TestSuite(scheduler_limits);

Test(scheduler_limits, jobs)
{
    g_auto(Race) race;
    race_init(&race);
    for (int i = 0; i < 20; i++)
        add(&race, "", NULL);
    start(&race);

    cr_expect_eq(start_all(&race), 8);
    cr_expect_eq(scheduler_running(race.scheduler), 8);
    cr_expect_eq(scheduler_left(race.scheduler), 12);
    scheduler_finished(race.scheduler, 3, SCHEDULER_GOOD);
    cr_expect_eq(scheduler_next(race.scheduler), 8, "in order");
    cr_expect_eq(scheduler_next(race.scheduler), -1);
}

Test(scheduler_limits, no_jobs_is_one_job)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.jobs = 0;
    add(&race, "", NULL);
    add(&race, "", NULL);
    start(&race);

    cr_expect_eq(start_all(&race), 1);
}

Test(scheduler_limits, per_host_is_the_stricter_of_the_targets_and_the_runs)
{
    static const struct {
        unsigned own, run, started;
    } rows[] = {{0, 0, 5}, {2, 0, 2}, {0, 3, 3}, {2, 3, 2}, {3, 2, 2}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Race) race;
        race_init(&race);
        race.limits.per_host = rows[i].run;
        for (int t = 0; t < 5; t++)
            add(&race, "db1:5432", NULL)->settings.per_host = rows[i].own;
        start(&race);
        cr_expect_eq(start_all(&race), rows[i].started, "row %zu", i);
    }
}

Test(scheduler_limits, a_saturated_server_holds_no_other_back)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.per_host = 1;
    for (int i = 0; i < 5; i++)
        add(&race, "db1:5432", NULL);
    add(&race, "db2:5432", NULL);
    start(&race);

    cr_expect_eq(scheduler_next(race.scheduler), 0);
    cr_expect_eq(scheduler_next(race.scheduler), 5);
    cr_expect_eq(scheduler_next(race.scheduler), -1);
    scheduler_finished(race.scheduler, 0, SCHEDULER_GOOD);
    cr_expect_eq(scheduler_next(race.scheduler), 1);
}

Test(scheduler_limits, per_host_does_not_count_files)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.per_host = 1;
    for (int i = 0; i < 5; i++)
        add(&race, "", NULL)->settings.per_host = 1;
    start(&race);

    cr_expect_eq(start_all(&race), 5);
}

Test(scheduler_limits, concurrency_counts_in_a_group_and_all_above)
{
    g_auto(Race) race;
    race_init(&race);
    const Group *eu = fixture_group(&race.files, "eu", NULL, 3);
    const Group *north = fixture_group(&race.files, "north", eu, 2);
    const Group *south = fixture_group(&race.files, "south", eu, 0);
    for (int i = 0; i < 4; i++)
        add(&race, "", north);
    for (int i = 0; i < 4; i++)
        add(&race, "", south);
    add(&race, "", NULL);
    start(&race);

    cr_expect_eq(scheduler_next(race.scheduler), 0);
    cr_expect_eq(scheduler_next(race.scheduler), 1);
    cr_expect_eq(scheduler_next(race.scheduler), 4, "north is full, eu has room for one of south");
    cr_expect_eq(scheduler_next(race.scheduler), 8, "eu is full");
    scheduler_finished(race.scheduler, 4, SCHEDULER_GOOD);
    cr_expect_eq(scheduler_next(race.scheduler), 5);
    scheduler_finished(race.scheduler, 0, SCHEDULER_GOOD);
    cr_expect_eq(scheduler_next(race.scheduler), 2);
    cr_expect_eq(scheduler_next(race.scheduler), -1);
}

TestSuite(scheduler_budgets);

Test(scheduler_budgets, are_counts_and_shares)
{
    static const struct {
        const char *text;
        unsigned of_200;
    } good[] = {{"0", 0}, {"5", 5}, {"0%", 0}, {"2.5%", 5}, {"100%", 200}, {"0.4%", 0}, {"0.5%", 1}};
    static const char *const bad[] = {"",  "-1", "x",   "5x",  "1.5",  "101%", "5%%",
                                      "%", " 5", "nan", "inf", "1e99", "+5",   "0x5"};
    Budget budget = {true, 77};

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        cr_assert(budget_parse(good[i].text, &budget), "%s", good[i].text);
        cr_expect_eq(budget_limit(&budget, 200), good[i].of_200, "%s", good[i].text);
    }
    budget = (Budget){true, 77};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_expect_not(budget_parse(bad[i], &budget), "%s", bad[i]);
    cr_expect(budget.is_share && budget.value == 77, "what is wrong writes nothing");
}

Test(scheduler_budgets, a_share_is_rounded_down)
{
    Budget budget;
    cr_assert(budget_parse("29%", &budget));

    cr_expect_eq(budget_limit(&budget, 100), 29);
    cr_expect_eq(budget_limit(&budget, 99), 28);
    cr_expect_eq(budget_limit(&budget, 0), 0);
    cr_assert(budget_parse("18.4%", &budget));
    cr_expect_eq(budget_limit(&budget, 375), 69, "in binary 18.4 %% of it is a little less than 69");
}

/* After `failed` failures of ten targets, with the next ones still waiting. */
static const char *halt_reason(Race *race, unsigned failed, SchedulerOutcome outcome)
{
    race->limits.jobs = 1;
    for (int i = 0; i < 10; i++)
        add(race, "", NULL);
    start(race);
    for (unsigned i = 0; i < failed; i++)
        scheduler_finished(race->scheduler, (unsigned)scheduler_next(race->scheduler), outcome);
    return scheduler_halted(race->scheduler);
}

Test(scheduler_budgets, exceeded_means_halt)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.max_failures = (Budget){false, 2};

    cr_expect_str_eq(halt_reason(&race, 3, SCHEDULER_FAILED), "3 targets failed, max_failures is 2");
    cr_expect_eq(scheduler_next(race.scheduler), -1);
    cr_expect_eq(scheduler_left(race.scheduler), 7);
}

Test(scheduler_budgets, used_up_is_not_exceeded)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.max_failures = (Budget){true, 20};

    cr_expect_null(halt_reason(&race, 2, SCHEDULER_FAILED));
    cr_expect_eq(scheduler_next(race.scheduler), 2);
}

Test(scheduler_budgets, the_unreachable_have_their_own)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.max_unreachable = (Budget){false, 0};

    cr_expect_str_eq(halt_reason(&race, 1, SCHEDULER_UNREACHABLE),
                     "1 target could not be reached, max_unreachable is 0");
}

Test(scheduler_budgets, the_unreachable_are_no_failures)
{
    g_auto(Race) race;
    race_init(&race);

    cr_expect_null(halt_reason(&race, 9, SCHEDULER_UNREACHABLE));
}

Test(scheduler_budgets, halt_is_halt_whatever_ends_afterwards)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.jobs = 3;
    for (int i = 0; i < 10; i++)
        add(&race, "", NULL);
    start(&race);
    cr_expect_eq(start_all(&race), 3);
    scheduler_finished(race.scheduler, 1, SCHEDULER_FAILED);
    g_autofree char *reason = g_strdup(scheduler_halted(race.scheduler));
    scheduler_finished(race.scheduler, 0, SCHEDULER_GOOD);
    scheduler_finished(race.scheduler, 2, SCHEDULER_FAILED);
    scheduler_halt(race.scheduler, "interrupted");

    cr_expect_eq(scheduler_next(race.scheduler), -1);
    cr_expect_str_eq(scheduler_halted(race.scheduler), reason, "the first reason stays");
    cr_expect_eq(scheduler_running(race.scheduler), 0);
}

Test(scheduler_budgets, it_can_be_halted_from_outside)
{
    g_auto(Race) race;
    race_init(&race);
    add(&race, "", NULL);
    start(&race);
    scheduler_halt(race.scheduler, "interrupted");

    cr_expect_eq(scheduler_next(race.scheduler), -1);
    cr_expect_str_eq(scheduler_halted(race.scheduler), "interrupted");
}

/* ---- Random fleets ---- */

TestSuite(scheduler_simulation);

typedef struct Simulation {
    Race race;
    GRand *random;
    GArray *running;   /* of gint: indexes */
    GArray *times;     /* of guint: how often each was started */
    unsigned failures; /* finished so far */
    unsigned unreachable;
    const char
        *broken; /* the first rule that was; told once, since Criterion sends every assertion to its parent */
} Simulation;

static void require(Simulation *self, bool holds, const char *rule)
{
    if (!holds && !self->broken)
        self->broken = rule;
}

static const Target *target_at(const Simulation *self, gint index)
{
    return self->race.files.targets->pdata[index];
}

/* How many at work stand on the server, or in the group or below it. */
static unsigned count_running(const Simulation *self, const char *server, const Group *group)
{
    unsigned count = 0;
    for (guint i = 0; i < self->running->len; i++) {
        const Target *target = target_at(self, g_array_index(self->running, gint, i));
        const Group *in = target->group;
        while (in && in != group)
            in = in->parent;
        count += server ? g_str_equal(target->server, server) : in == group;
    }
    return count;
}

/* What holds this target back, or NULL; with what is at work now. */
static const char *held_back_by(const Simulation *self, const Target *target)
{
    unsigned own = target->settings.per_host, run = self->race.limits.per_host;
    unsigned limit = own && run ? MIN(own, run) : MAX(own, run);

    if (*target->server && limit && count_running(self, target->server, NULL) >= limit)
        return "per_host";
    for (const Group *group = target->group; group; group = group->parent)
        if (group->concurrency && count_running(self, NULL, group) >= group->concurrency)
            return "concurrency";
    return NULL;
}

static bool over_budget(const Simulation *self)
{
    unsigned targets = self->race.files.targets->len;
    return self->failures > budget_limit(&self->race.limits.max_failures, targets) ||
           self->unreachable > budget_limit(&self->race.limits.max_unreachable, targets);
}

static void random_fleet(Simulation *self)
{
    static const char *const servers[] = {"", "db1:5432", "db2:5432", "db3:3306"};
    Race *race = &self->race;
    for (int i = 0; i < 5; i++) {
        const Group *parent = i ? race->files.groups->pdata[g_rand_int_range(self->random, 0, i)] : NULL;
        fixture_group(&race->files, "g", i % 2 ? parent : NULL,
                      (unsigned)g_rand_int_range(self->random, 0, 5));
    }
    for (int i = g_rand_int_range(self->random, 1, 40); i > 0; i--) {
        int group = g_rand_int_range(self->random, 0, 6);
        add(race, servers[g_rand_int_range(self->random, 0, 4)],
            group < 5 ? race->files.groups->pdata[group] : NULL)
            ->settings.per_host = (unsigned)g_rand_int_range(self->random, 0, 4);
    }
    race->limits = (SchedulerLimits){
        .jobs = (unsigned)g_rand_int_range(self->random, 1, 12),
        .per_host = (unsigned)g_rand_int_range(self->random, 0, 4),
        .max_failures = {g_rand_boolean(self->random), g_rand_int_range(self->random, 0, 30)},
        .max_unreachable = {g_rand_boolean(self->random), g_rand_int_range(self->random, 0, 30)}};
}

/* Every target that waits is held back by something. */
static bool waits_are_right(const Simulation *self)
{
    const GPtrArray *targets = self->race.files.targets;
    for (guint i = 0; i < targets->len; i++)
        if (!g_array_index(self->times, guint, i) && !held_back_by(self, targets->pdata[i]))
            return false;
    return true;
}

/* Starts one target if any may; false if none may, which must then be right. */
static bool start_one(Simulation *self)
{
    const Race *race = &self->race;
    gint next = scheduler_next(race->scheduler);
    if (next < 0) {
        bool limited = scheduler_halted(race->scheduler) || self->running->len >= race->limits.jobs;
        require(self, limited || waits_are_right(self), "nothing waits without a reason");
        return false;
    }
    require(self, !over_budget(self), "halt is halt");
    require(self, self->running->len < race->limits.jobs, "jobs");
    require(self, !held_back_by(self, target_at(self, next)), "per_host and concurrency");
    require(self, g_array_index(self->times, guint, next)++ == 0, "no target is started twice");
    g_array_append_val(self->running, next);
    return true;
}

static void finish_one(Simulation *self)
{
    guint at = (guint)g_rand_int_range(self->random, 0, (gint32)self->running->len);
    gint index = g_array_index(self->running, gint, at);
    int dice = g_rand_int_range(self->random, 0, 10);
    SchedulerOutcome outcome = dice == 0   ? SCHEDULER_FAILED
                               : dice == 1 ? SCHEDULER_UNREACHABLE
                                           : SCHEDULER_GOOD;

    g_array_remove_index_fast(self->running, at);
    self->failures += outcome == SCHEDULER_FAILED;
    self->unreachable += outcome == SCHEDULER_UNREACHABLE;
    scheduler_finished(self->race.scheduler, (unsigned)index, outcome);
    require(self, (scheduler_halted(self->race.scheduler) != NULL) == over_budget(self), "the budget halts");
    require(self, scheduler_running(self->race.scheduler) == self->running->len, "what runs is counted");
}

static unsigned started_of(const Simulation *self)
{
    unsigned started = 0;
    for (guint i = 0; i < self->times->len; i++)
        started += g_array_index(self->times, guint, i);
    return started;
}

/* True if the run was halted. */
static bool simulate(guint32 seed)
{
    Simulation self = {.random = g_rand_new_with_seed(seed),
                       .running = g_array_new(FALSE, FALSE, sizeof(gint)),
                       .times = g_array_new(FALSE, TRUE, sizeof(guint))};
    race_init(&self.race);
    random_fleet(&self);
    g_array_set_size(self.times, self.race.files.targets->len);
    start(&self.race);
    do {
        while (g_rand_int_range(self.random, 0, 4) && start_one(&self))
            continue;
        if (self.running->len > 0)
            finish_one(&self);
    } while (self.running->len > 0 || start_one(&self));

    bool halted = scheduler_halted(self.race.scheduler) != NULL;
    unsigned left = scheduler_left(self.race.scheduler);
    require(&self, started_of(&self) + left == self.race.files.targets->len, "nothing is lost");
    require(&self, halted || left == 0, "without a halt everything starts");
    must(!self.broken, "seed %u: %s", seed, self.broken);
    race_clear(&self.race);
    g_array_unref(self.running);
    g_array_unref(self.times);
    g_rand_free(self.random);
    return halted;
}

Test(scheduler_simulation, no_rule_ever_breaks)
{
    unsigned halted = 0;
    for (guint32 seed = 1; seed <= 5000; seed++)
        halted += simulate(seed);

    cr_expect(halted > 500 && halted < 4500, "%u of 5000 halted", halted);
}

Test(scheduler_simulation, ten_thousand_targets_on_one_full_server_are_scanned_quickly)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.per_host = 1;
    race.limits.jobs = 64;
    for (int i = 0; i < 10000; i++)
        add(&race, i < 9000 ? "db1:5432" : "", NULL);
    start(&race);
    gint64 begin = g_get_monotonic_time();
    for (gint next; (next = scheduler_next(race.scheduler)) >= 0;)
        scheduler_finished(race.scheduler, (unsigned)next, SCHEDULER_GOOD);

    cr_log_info("10,000 targets scheduled in %.1f ms", (double)(g_get_monotonic_time() - begin) / 1000);
    cr_expect_eq(scheduler_left(race.scheduler), 0);
}

Test(scheduler_limits, closed_starts_no_more_and_a_budget_still_halts)
{
    g_auto(Race) race;
    race_init(&race);
    race.limits.jobs = 2;
    for (int i = 0; i < 4; i++)
        add(&race, "", NULL);
    start(&race);
    cr_expect_eq(start_all(&race), 2);
    scheduler_close(race.scheduler, "the window is over");
    scheduler_finished(race.scheduler, 0, SCHEDULER_GOOD);
    cr_expect_eq(start_all(&race), 0);
    cr_expect(scheduler_is_closed(race.scheduler));
    cr_expect_str_eq(scheduler_halted(race.scheduler), "the window is over");
    scheduler_finished(race.scheduler, 1, SCHEDULER_FAILED);
    cr_expect_not(scheduler_is_closed(race.scheduler));
    cr_expect_str_eq(scheduler_halted(race.scheduler), "1 target failed, max_failures is 0");
}

Test(scheduler_limits, per_host_counts_servers_and_not_their_spellings)
{
    g_auto(Race) race;
    race_init(&race);
    g_autoptr(GPtrArray) servers = g_ptr_array_new();
    race.limits.per_host = 1;
    add(&race, "postgresql://localhost:5432", NULL);
    add(&race, "postgresql://127.0.0.1:5432", NULL);
    add(&race, "postgresql://db2:5432", NULL);
    g_ptr_array_add(servers, (gpointer) "7123");
    g_ptr_array_add(servers, (gpointer) "7123");
    g_ptr_array_add(servers, (gpointer) "7999");
    race.limits.servers = servers;
    start(&race);
    cr_expect_eq(start_all(&race), 2);
    scheduler_finished(race.scheduler, 0, SCHEDULER_GOOD);
    cr_expect_eq(scheduler_next(race.scheduler), 1);
}

Test(scheduler_limits, on_a_server_that_is_held_nothing_starts)
{
    g_auto(Race) race;
    race_init(&race);
    add(&race, "db1", NULL);
    add(&race, "db2", NULL);
    add(&race, "db1", NULL);
    start(&race);
    scheduler_hold(race.scheduler, "db1", true);
    scheduler_hold(race.scheduler, "db1", true);
    cr_expect_eq(scheduler_held(race.scheduler), 2);
    cr_expect_eq(scheduler_next(race.scheduler), 1);
    cr_expect_eq(scheduler_next(race.scheduler), -1);
    scheduler_hold(race.scheduler, "db1", false);
    cr_expect_eq(scheduler_held(race.scheduler), 0);
    cr_expect_eq(start_all(&race), 2);
}
