/* Estimates: medians, what is left, and who is slow. */
#include "../run_fixture.h"
#include "base/intern.h"
#include "run/estimate.h"
#include "run/pace_internal.h"

static void done(Estimate *estimate, const char *path, gint64 aa, gint64 bb)
{
    g_autoptr(RunResult) run = fixture_run("r");
    TargetResult *target = fixture_result(run, "t", "", OUTCOME_DONE);
    fixture_step(target, "aa", "done", aa);
    fixture_step(target, "bb", "done", bb);
    target->path = g_intern_string(path);
    target->duration_us = aa + bb + 1;
    estimate_learn(estimate, target);
}

Test(estimate, medians_of_what_is_done)
{
    g_autoptr(Estimate) estimate = estimate_new();
    cr_expect_eq(estimate_revision(estimate, "aa", 1), -1);
    done(estimate, "p", 10, 100);
    cr_expect_eq(estimate_revision(estimate, "aa", 1), 10);
    cr_expect_eq(estimate_revision(estimate, "aa", 3), -1, "too few");
    done(estimate, "p", 30, 100);
    cr_expect_eq(estimate_revision(estimate, "aa", 1), 20, "of an even number the mean of the middle two");
    done(estimate, "p", 1000, 100);
    cr_expect_eq(estimate_revision(estimate, "aa", 3), 30, "one far off changes nothing");
    cr_expect_eq(estimate_target(estimate, NULL, "p"), 131);
}

Test(estimate, what_failed_teaches_nothing)
{
    g_autoptr(Estimate) estimate = estimate_new();
    g_autoptr(RunResult) run = fixture_run("r");
    estimate_learn(estimate, fixture_failed(run, "t", "", "no"));
    cr_expect_eq(estimate_revision(estimate, "bb", 1), -1);
    cr_expect_eq(estimate_target(estimate, NULL, NULL), -1);
}

static RunPath *path_of(const char *const *revisions)
{
    RunPath *path = run_path_new();
    for (; *revisions; revisions++) {
        const RunPathStep step = {.revision = *revisions};
        run_path_add_step(path, &step);
    }
    return path;
}

Test(estimate, a_path_that_nobody_took_is_the_sum_of_its_revisions)
{
    g_autoptr(Estimate) estimate = estimate_new();
    RunPath *known = path_of((const char *const[]){"bb", NULL});
    RunPath *unknown = path_of((const char *const[]){"bb", "cc", NULL});
    done(estimate, "p", 10, 100);
    cr_expect_eq(estimate_target(estimate, known, "q"), 100);
    cr_expect_eq(estimate_target(estimate, unknown, "q"), 111, "as long as a target takes at all");
    run_path_free(known);
    run_path_free(unknown);
}

Test(estimate, work_is_shared_by_jobs_and_limited_by_servers)
{
    EstimateWork work[10] = {0};
    for (int i = 0; i < 10; i++)
        work[i].us = 100;
    cr_expect_eq(estimate_work_us(work, 10, 1), 1000);
    cr_expect_eq(estimate_work_us(work, 10, 5), 200);
    cr_expect_eq(estimate_work_us(work, 10, 100), 100, "no less than one takes");
    for (int i = 0; i < 10; i++)
        work[i] = (EstimateWork){100, i < 8 ? "db1" : "db2", 2};
    cr_expect_eq(estimate_work_us(work, 10, 10), 400, "db1 does eight, two at once");
    cr_expect_eq(estimate_work_us(work, 0, 10), 0);
}

/* ---- Pace ---- */

typedef struct Ground {
    RunResult *run;
    RunClock clock;
    gint64 now;
    GPtrArray *told;
    GPtrArray *warnings;
    Pace *pace;
} Ground;

static gint64 ground_now(gpointer context)
{
    return ((Ground *)context)->now;
}

static void on_tell(gpointer context, const char *target, const char *text)
{
    g_ptr_array_add(((Ground *)context)->told, g_strdup_printf("%s %s", target, text));
}

/* Three targets are done, a second each. */
static void ground_init(Ground *self)
{
    *self = (Ground){.run = fixture_run("r"),
                     .clock = *run_clock_system(),
                     .now = 1000 * SECOND_US,
                     .told = g_ptr_array_new_with_free_func(g_free),
                     .warnings = g_ptr_array_new_with_free_func(g_free)};
    self->clock.context = self;
    self->clock.now_us = ground_now;
    const PaceOptions options = {.clock = &self->clock, .tell = on_tell, .context = self};
    self->pace = pace_new(&options);
    for (int i = 0; i < 3; i++) {
        TargetResult *target = fixture_result(self->run, "done", "", OUTCOME_DONE);
        fixture_step(target, "bb", "done", SECOND_US);
        target->duration_us = SECOND_US;
        target->path = g_intern_string("p");
        pace_finished(self->pace, target, self->warnings);
        pace_learn(self->pace, target);
    }
}

static void ground_clear(Ground *self)
{
    pace_free(self->pace);
    run_result_free(self->run);
    g_ptr_array_unref(self->told);
    g_ptr_array_unref(self->warnings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ground, ground_clear)

Test(pace, ten_times_the_median_is_called_out_once_with_what_it_waits_for)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    pace_step(ground.pace, "t", "bb");
    pace_lock(ground.pace, "t", "waits for a lock held by pid 4711");
    ground.now += 10 * SECOND_US;
    pace_look(ground.pace);
    cr_expect_eq(ground.told->len, 0, "ten times is not more than ten times");
    ground.now += 2 * SECOND_US;
    pace_look(ground.pace);
    pace_look(ground.pace);
    cr_assert_eq(ground.told->len, 1);
    cr_expect_str_eq(ground.told->pdata[0],
                     "t is slow: 12.0 s in bb so far, where the median is 1.0 s; it waits "
                     "for a lock held by pid 4711");
    pace_lock(ground.pace, "t", NULL);
    TargetResult *target = fixture_result(ground.run, "t", "", OUTCOME_DONE);
    fixture_step(target, "bb", "done", 20 * SECOND_US);
    pace_finished(ground.pace, target, ground.warnings);
    cr_assert_eq(ground.warnings->len, 1);
    cr_expect_str_eq(ground.warnings->pdata[0],
                     "t took 20.0 s in bb, where the median is 1.0 s; it waited for a lock held by pid 4711");
}

Test(pace, another_revision_is_another_matter)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    pace_step(ground.pace, "t", "cc");
    ground.now += 500 * SECOND_US;
    pace_look(ground.pace);
    cr_expect_eq(ground.told->len, 0, "nothing is known of cc");
    pace_step(ground.pace, "t", "bb");
    pace_look(ground.pace);
    cr_expect_eq(ground.told->len, 0, "its time counts from the beginning of the step");
}

Test(pace, what_is_left_shrinks_while_a_target_is_at_work)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    TargetResult *target = fixture_result(ground.run, "t", "", OUTCOME_NOT_STARTED);
    TargetResult *other = fixture_result(ground.run, "u", "", OUTCOME_NOT_STARTED);
    target->path = g_intern_string("p");
    other->path = g_intern_string("p");
    const PaceTarget left[] = {{target, NULL, "", 0}, {other, NULL, "", 0}};
    cr_expect_eq(pace_left_us(ground.pace, left, 2, 1), 2 * SECOND_US);
    pace_step(ground.pace, "t", "bb");
    ground.now += SECOND_US / 2;
    cr_expect_eq(pace_left_us(ground.pace, left, 2, 1), 3 * SECOND_US / 2);
    ground.now += 9 * SECOND_US;
    cr_expect_eq(pace_left_us(ground.pace, left, 2, 1), SECOND_US, "never less than nothing");
}
