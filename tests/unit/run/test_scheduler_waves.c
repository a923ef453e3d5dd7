/* The scheduler's waves: who may start, and which budgets count. */
#include "../plan_fixture.h"
#include "run/scheduler.h"

TestSuite(scheduler_waves);

#define FLEET_SIZE 10

static const Budget all = {true, 100};

static Scheduler *ten_targets(PlanFixture *files, Budget max_failures)
{
    const SchedulerLimits limits = {.jobs = 100, .max_failures = max_failures, .max_unreachable = all};
    for (int i = 0; i < FLEET_SIZE; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        fixture_add(files, name, DIALECT_SQLITE, "");
    }
    return scheduler_new(files->targets, &limits);
}

static unsigned start_all(Scheduler *self)
{
    unsigned started = 0;
    while (scheduler_next(self) >= 0)
        started++;
    return started;
}

Test(scheduler_waves, only_those_of_the_wave_start)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    g_autoptr(Scheduler) scheduler = ten_targets(&files, all);
    const unsigned sizes[] = {3, 1, 6};

    for (gsize i = 0, first = 0; i < G_N_ELEMENTS(sizes); first += sizes[i++]) {
        scheduler_begin_wave(scheduler, &(SchedulerWave){.name = "w", .targets = sizes[i]});
        cr_expect_eq(scheduler_wave_left(scheduler), sizes[i]);
        cr_expect_eq(start_all(scheduler), sizes[i]);
        cr_expect_eq(scheduler_wave_left(scheduler), 0);
        cr_expect_eq(scheduler_left(scheduler), FLEET_SIZE - first - sizes[i]);
        for (unsigned t = 0; t < sizes[i]; t++)
            scheduler_finished(scheduler, (unsigned)first + t, SCHEDULER_GOOD);
    }
    cr_expect_null(scheduler_halted(scheduler));
}

Test(scheduler_waves, budgets_of_a_wave_count_from_its_begin)
{
    static const Budget one = {false, 1};
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    g_autoptr(Scheduler) scheduler = ten_targets(&files, all);
    const SchedulerWave wave = {.name = "25%", .targets = 4, .max_failures = &one};

    scheduler_begin_wave(scheduler, &wave);
    start_all(scheduler);
    scheduler_finished(scheduler, 0, SCHEDULER_FAILED);
    scheduler_begin_wave(scheduler, &wave);
    start_all(scheduler);
    scheduler_finished(scheduler, 4, SCHEDULER_FAILED);
    cr_expect_null(scheduler_halted(scheduler));
    scheduler_finished(scheduler, 5, SCHEDULER_FAILED);
    cr_expect_str_eq(scheduler_halted(scheduler), "wave 25%: 2 targets failed, max_failures is 1");
    cr_expect(scheduler_failed_too_often(scheduler));
}

Test(scheduler_waves, those_of_the_run_hold_besides)
{
    static const Budget five = {false, 5};
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    g_autoptr(Scheduler) scheduler = ten_targets(&files, (Budget){false, 1});

    scheduler_begin_wave(scheduler, &(SchedulerWave){.name = "w", .targets = 4, .max_failures = &five});
    start_all(scheduler);
    scheduler_finished(scheduler, 0, SCHEDULER_FAILED);
    scheduler_finished(scheduler, 1, SCHEDULER_FAILED);
    cr_expect_str_eq(scheduler_halted(scheduler), "2 targets failed, max_failures is 1");
}

Test(scheduler_waves, a_plan_files_share_is_of_what_is_left_whatever_was_typed)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    fixture_add(&files, "t0", DIALECT_SQLITE, "");
    fixture_add(&files, "t1", DIALECT_SQLITE, "");
    const SchedulerLimits limits = {.jobs = 2,
                                    .max_failures = {false, 5},
                                    .max_unreachable = all,
                                    .is_capped = true,
                                    .most_failures = {true, 10},
                                    .most_unreachable = all};
    g_autoptr(Scheduler) scheduler = scheduler_new(files.targets, &limits);
    start_all(scheduler);
    scheduler_finished(scheduler, 0, SCHEDULER_FAILED);
    cr_expect_str_eq(scheduler_halted(scheduler), "1 target failed, max_failures is 0");
}

Test(scheduler_waves, unreachable_ones_are_no_failures)
{
    static const Budget none = {false, 0};
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    g_autoptr(Scheduler) scheduler = ten_targets(&files, all);

    scheduler_begin_wave(scheduler, &(SchedulerWave){.name = "w", .targets = 4, .max_unreachable = &none});
    start_all(scheduler);
    scheduler_finished(scheduler, 0, SCHEDULER_UNREACHABLE);
    cr_expect_str_eq(scheduler_halted(scheduler),
                     "wave w: 1 target could not be reached, max_unreachable is 0");
    cr_expect_not(scheduler_failed_too_often(scheduler));
}
