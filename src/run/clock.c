/* Clock: the system's clock, and waits that can be ended. Any thread. */
#include "run/clock.h"

#define NAP_US (G_USEC_PER_SEC / 10)

static gint64 system_now(gpointer context)
{
    (void)context;
    return g_get_monotonic_time();
}

static gint64 system_real(gpointer context)
{
    (void)context;
    return g_get_real_time();
}

static void system_sleep(gpointer context, gint64 us)
{
    (void)context;
    g_usleep((gulong)us);
}

static double system_chance(gpointer context)
{
    (void)context;
    return g_random_double();
}

const RunClock *run_clock_system(void)
{
    static const RunClock clock = {
        .now_us = system_now, .real_us = system_real, .sleep_us = system_sleep, .chance = system_chance};
    return &clock;
}

gint64 run_clock_now(const RunClock *self)
{
    return self->now_us(self->context);
}

gint64 run_clock_real(const RunClock *self)
{
    return self->real_us(self->context);
}

double run_clock_chance(const RunClock *self)
{
    return self->chance(self->context);
}

bool run_clock_wait(const RunClock *self, gint64 us, bool (*stopped)(gconstpointer context),
                    gconstpointer context)
{
    gint64 end = run_clock_now(self) + us;
    for (;;) {
        if (stopped && stopped(context))
            return false;
        gint64 left = end - run_clock_now(self);
        if (left <= 0)
            return true;
        self->sleep_us(self->context, MIN(left, NAP_US));
    }
}
