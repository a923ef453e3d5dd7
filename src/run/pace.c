/* Pace: see pace_internal.h. Ten times the median of three or more is slow, and a few seconds are not. */
#include "run/pace_internal.h"

#include "base/duration.h"

#include <string.h>

#define SLOW_FACTOR 10
#define SLOW_LEAST_US (5 * G_USEC_PER_SEC)
#define SAMPLES_LEAST 3
#define WARNINGS_MAX 20

/* A target at work. */
typedef struct Runner {
    char *revision; /* of its present step */
    gint64 step_since;
    gint64 since;
    char *blocker; /* "waits for …", as the lock watch says it; NULL: it waits for nobody that is known */
    char *waited;  /* the last such one */
    char *slow_revision; /* of which it was called out; NULL: none */
} Runner;

struct Pace {
    PaceOptions options;
    Estimate *estimate;
    GHashTable *runners; /* target -> Runner * */
    unsigned warned;
};

static void runner_free(gpointer item)
{
    Runner *self = item;
    g_free(self->revision);
    g_free(self->blocker);
    g_free(self->waited);
    g_free(self->slow_revision);
    g_free(self);
}

Pace *pace_new(const PaceOptions *options)
{
    Pace *self = g_new0(Pace, 1);
    self->options = *options;
    self->estimate = estimate_new();
    self->runners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, runner_free);
    return self;
}

void pace_free(Pace *self)
{
    if (!self)
        return;
    estimate_free(self->estimate);
    g_hash_table_unref(self->runners);
    g_free(self);
}

static gint64 now(const Pace *self)
{
    return run_clock_now(self->options.clock);
}

/* ---- What happens ---- */

void pace_step(Pace *self, const char *target, const char *revision)
{
    Runner *runner = g_hash_table_lookup(self->runners, target);
    if (!runner) {
        runner = g_new0(Runner, 1);
        runner->since = now(self);
        g_hash_table_insert(self->runners, g_strdup(target), runner);
    }
    g_free(runner->revision);
    runner->revision = g_strdup(revision);
    runner->step_since = now(self);
}

void pace_lock(Pace *self, const char *target, const char *blocker)
{
    Runner *runner = g_hash_table_lookup(self->runners, target);
    if (!runner)
        return;
    g_free(runner->blocker);
    runner->blocker = g_strdup(blocker);
    if (!blocker)
        return;
    g_free(runner->waited);
    runner->waited = g_strdup(g_str_has_prefix(blocker, "waits ") ? blocker + strlen("waits ") : blocker);
}

static gint64 step_us(const TargetResult *target, const char *revision)
{
    for (guint i = 0; i < target->step_count; i++) {
        const StepResult *step = &target->steps[i];
        if (g_str_equal(step->revision, revision))
            return step->duration_us;
    }
    return target->duration_us;
}

static void warn(Pace *self, const Runner *runner, const TargetResult *target, GPtrArray *warnings)
{
    gint64 usual = estimate_revision(self->estimate, runner->slow_revision, SAMPLES_LEAST);
    if (self->warned++ >= WARNINGS_MAX || usual < 0)
        return;
    g_autofree char *took = duration_format(step_us(target, runner->slow_revision));
    g_autofree char *median = duration_format(usual);
    g_ptr_array_add(warnings,
                    g_strdup_printf("%s took %s in %s, where the median is %s%s%s", target->name, took,
                                    runner->slow_revision, median, runner->waited ? "; it waited " : "",
                                    runner->waited ? runner->waited : ""));
}

void pace_finished(Pace *self, const TargetResult *target, GPtrArray *warnings)
{
    const Runner *runner = g_hash_table_lookup(self->runners, target->name);
    if (runner && runner->slow_revision)
        warn(self, runner, target, warnings);
    g_hash_table_remove(self->runners, target->name);
}

void pace_learn(Pace *self, const TargetResult *target)
{
    estimate_learn(self->estimate, target);
}

/* ---- Who is slow ---- */

static bool is_slow(const Pace *self, const Runner *runner, gint64 *usual)
{
    gint64 took = now(self) - runner->step_since;
    *usual = estimate_revision(self->estimate, runner->revision, SAMPLES_LEAST);
    return *usual >= 0 && took >= SLOW_LEAST_US && took > *usual * SLOW_FACTOR;
}

static void call_out(const Pace *self, const char *target, Runner *runner, gint64 usual)
{
    g_autofree char *took = duration_format(now(self) - runner->step_since);
    g_autofree char *median = duration_format(usual);
    g_free(runner->slow_revision);
    runner->slow_revision = g_strdup(runner->revision);
    g_autofree char *text =
        g_strdup_printf("is slow: %s in %s so far, where the median is %s%s%s", took, runner->revision,
                        median, runner->blocker ? "; it " : "", runner->blocker ? runner->blocker : "");
    self->options.tell(self->options.context, target, text);
}

void pace_look(Pace *self)
{
    GHashTableIter iter;
    gpointer target, item;
    g_hash_table_iter_init(&iter, self->runners);
    while (g_hash_table_iter_next(&iter, &target, &item)) {
        Runner *runner = item;
        gint64 usual;
        bool told = g_strcmp0(runner->slow_revision, runner->revision) == 0;
        if (!told && is_slow(self, runner, &usual))
            call_out(self, target, runner, usual);
    }
}

/* ---- What is left ---- */

/* One that takes longer than its like is taken to be about to end: nothing else is known of it. */
static gint64 left_of(const Pace *self, const PaceTarget *target)
{
    const Runner *runner = g_hash_table_lookup(self->runners, target->target->name);
    gint64 us = estimate_target(self->estimate, target->path, target->target->path);
    if (us < 0 || !runner)
        return us;
    return MAX(us - (now(self) - runner->since), 0);
}

gint64 pace_left_us(const Pace *self, const PaceTarget *targets, guint count, unsigned jobs)
{
    g_autofree EstimateWork *work = g_new0(EstimateWork, count + 1);
    for (guint i = 0; i < count; i++) {
        gint64 us = left_of(self, &targets[i]);
        if (us < 0)
            return -1;
        work[i] = (EstimateWork){us, targets[i].server, targets[i].per_host};
    }
    return estimate_work_us(work, count, jobs);
}
