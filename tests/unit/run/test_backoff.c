/* Backoff and clock: how long the waits are, when there is no further attempt, what is tried again at all,
 * and that a wait ends when it is told to. On a clock that the test turns. */
#include "run/job/backoff.h"

#include <criterion/criterion.h>

typedef struct Turned {
    gint64 now;
    double chance;
    unsigned sleeps;
} Turned;

static gint64 turned_now(gpointer context)
{
    return ((const Turned *)context)->now;
}

static void turned_sleep(gpointer context, gint64 us)
{
    Turned *self = context;
    self->now += us;
    self->sleeps++;
}

static double turned_chance(gpointer context)
{
    return ((const Turned *)context)->chance;
}

static RunClock clock_of(Turned *turned)
{
    return (RunClock){turned, turned_now, turned_now, turned_sleep, turned_chance};
}

static const RetrySettings settings = {
    .attempts = 6, .initial_ms = 500, .maximum_ms = 3000, .total_ms = 60000};

TestSuite(backoff);

Test(backoff, waits_double_up_to_the_maximum_and_end_with_the_attempts)
{
    static const gint64 wanted_ms[] = {500, 1000, 2000, 3000, 3000};
    Turned turned = {0};
    const RunClock clock = clock_of(&turned);
    Backoff backoff;
    backoff_init(&backoff, &settings, &clock);
    for (gsize i = 0; i < G_N_ELEMENTS(wanted_ms); i++)
        cr_expect_eq(backoff_next(&backoff), wanted_ms[i] * 1000, "wait %zu", i);
    cr_expect_eq(backoff_next(&backoff), -1);
}

Test(backoff, leaves_out_at_most_half_of_a_wait)
{
    Turned turned = {.chance = 0.999999};
    const RunClock clock = clock_of(&turned);
    Backoff backoff;
    backoff_init(&backoff, &settings, &clock);
    gint64 wait = backoff_next(&backoff);
    cr_expect(wait >= 250000 && wait < 251000, "%" G_GINT64_FORMAT, wait);
}

Test(backoff, one_attempt_is_never_repeated)
{
    Turned turned = {0};
    const RunClock clock = clock_of(&turned);
    Backoff backoff;
    backoff_init(&backoff, &(RetrySettings){.attempts = 1, .initial_ms = 1}, &clock);
    cr_expect_eq(backoff_next(&backoff), -1);
}

Test(backoff, total_time_counts_from_the_first_failure)
{
    Turned turned = {.now = 900 * G_USEC_PER_SEC};
    const RunClock clock = clock_of(&turned);
    Backoff backoff;
    backoff_init(&backoff, &(RetrySettings){.attempts = 9, .initial_ms = 1000, .total_ms = 4000}, &clock);
    cr_expect_eq(backoff_next(&backoff), G_USEC_PER_SEC);
    turned.now += 2 * G_USEC_PER_SEC;
    cr_expect_eq(backoff_next(&backoff), 2 * G_USEC_PER_SEC, "it begins just in time");
    turned.now++;
    backoff.failures = 1;
    cr_expect_eq(backoff_next(&backoff), -1, "a moment later it does not");
}

Test(backoff, without_limits_it_goes_on)
{
    Turned turned = {0};
    const RunClock clock = clock_of(&turned);
    Backoff backoff;
    backoff_init(&backoff, &(RetrySettings){.attempts = 100, .initial_ms = 1}, &clock);
    for (int i = 0; i < 98; i++)
        cr_assert_gt(backoff_next(&backoff), 0);
    cr_expect_lt(backoff_next(&backoff), (gint64)G_MAXUINT * 1000 + 1);
    cr_expect_eq(backoff_next(&backoff), -1);
}

Test(backoff, what_must_be_found_out_is_tried_until_the_time_is_over)
{
    Turned turned = {0};
    const RunClock clock = clock_of(&turned);
    Backoff backoff;
    gint64 wait;
    unsigned waits = 0;
    backoff_init_until(&backoff, &(RetrySettings){.attempts = 1, .total_ms = 10000}, &clock);
    for (; (wait = backoff_next(&backoff)) >= 0; waits++) {
        cr_assert_geq(wait, G_USEC_PER_SEC / 5, "without hammering the server");
        turned.now += wait;
    }
    cr_expect_eq(waits, 50);
}

Test(backoff, only_what_passes_is_tried_again)
{
    static const struct {
        DbErrorClass error_class;
        bool transient;
        bool absence;
    } rows[] = {{DB_ERROR_LOCK_TIMEOUT, true, true},     {DB_ERROR_DEADLOCK, true, true},
                {DB_ERROR_CONNECTION_LOST, true, true},  {DB_ERROR_BUSY, true, true},
                {DB_ERROR_UNREACHABLE, false, true},     {DB_ERROR_READ_ONLY, false, true},
                {DB_ERROR_AUTHENTICATION, false, false}, {DB_ERROR_NO_DATABASE, false, false},
                {DB_ERROR_TIMEOUT, false, false},        {DB_ERROR_CANCELLED, false, false},
                {DB_ERROR_STATEMENT, false, false},      {DB_ERROR_DISK_FULL, false, false},
                {DB_ERROR_HEADS_MOVED, false, false}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = db_error_new(rows[i].error_class, NULL, "no", NULL, NULL);
        const char *name = db_error_class_name(rows[i].error_class);
        cr_expect_eq(error_is_transient(error), rows[i].transient, "%s", name);
        cr_expect_eq(error_is_absence(error), rows[i].absence, "%s", name);
    }
    cr_expect_not(error_is_transient(NULL));
}

static bool is_late(gconstpointer turned)
{
    return ((const Turned *)turned)->now >= 2 * G_USEC_PER_SEC;
}

Test(backoff, a_wait_ends_when_it_is_told_to)
{
    Turned turned = {0};
    const RunClock clock = clock_of(&turned);
    cr_expect(run_clock_wait(&clock, G_USEC_PER_SEC, is_late, &turned));
    cr_expect_eq(turned.now, G_USEC_PER_SEC);
    cr_expect_not(run_clock_wait(&clock, G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC, is_late, &turned));
    cr_expect(turned.now < 2.2 * G_USEC_PER_SEC);
    turned.sleeps = 0;
    cr_expect_not(run_clock_wait(&clock, 0, is_late, &turned));
    cr_expect_eq(turned.sleeps, 0);
}

Test(backoff, the_system_s_clock_runs)
{
    const RunClock *clock = run_clock_system();
    gint64 begin = run_clock_now(clock);
    cr_expect(run_clock_wait(clock, 2000, NULL, NULL));
    cr_expect_geq(run_clock_now(clock) - begin, 2000);
    cr_expect_gt(run_clock_real(clock), G_GINT64_CONSTANT(1600000000) * G_USEC_PER_SEC);
    double chance = run_clock_chance(clock);
    cr_expect(chance >= 0 && chance < 1);
}
