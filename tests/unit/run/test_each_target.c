/* Each target: that the tick goes on until nothing is at work, and that stopping cancels what begins late. */
#include "../plan_fixture.h"
#include "run/each_target.h"
#include "run/gates/question.h"

TestSuite(each_target, .timeout = 120);

static gpointer work_slowly(const Target *target, gpointer context)
{
    (void)context;
    g_usleep(G_USEC_PER_SEC);
    return g_strdup(target->name);
}

/* An interrupt at the first one. */
static bool count_tick(gpointer context, unsigned done, unsigned total)
{
    (void)done, (void)total;
    return ++*(unsigned *)context > 1;
}

Test(each_target, ticks_until_what_is_at_work_is_back)
{
    PlanFixture files = plan_fixture_of(TABLE_FILE("aa", ""));
    unsigned ticks = 0;
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    fixture_add(&files, "not its turn", DIALECT_SQLITE, "");
    const EachLimits limits = {.jobs = 1, .tick = count_tick, .tick_context = &ticks};
    cr_expect_null(each_target(files.targets, work_slowly, NULL, &limits, g_free));
    cr_expect(ticks >= 4, "%u", ticks);
    plan_fixture_clear(&files);
}

static unsigned cancels;

static void count_cancel(Connection *self)
{
    (void)self;
    cancels++;
}

Test(each_target, a_stop_cancels_again_but_not_all_the_time)
{
    const Driver driver = {.cancel = count_cancel};
    Connection connection = {.driver = &driver};
    QuestionStop stop;
    question_stop_init(&stop);
    question_stop_raise(&stop);
    g_ptr_array_add(stop.connections, &connection);
    for (int i = 0; i < 5; i++)
        question_stop_raise(&stop);
    cr_expect_eq(cancels, 1);
    g_usleep(G_USEC_PER_SEC + G_USEC_PER_SEC / 10);
    question_stop_raise(&stop);
    cr_expect_eq(cancels, 2);
    question_stop_clear(&stop);
}
