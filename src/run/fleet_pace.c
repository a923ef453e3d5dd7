/* Fleet pace: gives the pace of a run what it must know, and takes what it says: the estimate of the end into
 * the result, and who is slow to the record and the onlooker. Main thread. */
#include "run/fleet_run_internal.h"

#define LOOK_US G_USEC_PER_SEC

static void tell_slow(gpointer context, const char *target, const char *text)
{
    FleetRun *self = context;
    g_autofree char *line = g_strdup_printf("%s %s", target, text);
    run_record_event(&self->record, EVENT_SLOW_TARGET, target, text);
    fleet_run_notice(self, line);
}

void fleet_pace_init(FleetRun *self)
{
    const PaceOptions options = {.clock = self->control.clock, .tell = tell_slow, .context = self};
    self->pace.pace = pace_new(&options);
    self->pace.paths = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < self->result->paths->len; i++) {
        RunPath *path = self->result->paths->pdata[i];
        g_hash_table_insert(self->pace.paths, path->digest, path);
    }
}

void fleet_pace_clear(FleetRun *self)
{
    pace_free(self->pace.pace);
    g_clear_pointer(&self->pace.paths, g_hash_table_unref);
}

/* ---- The end of the run ---- */

static unsigned per_host_of(const FleetRun *self, const Target *target)
{
    unsigned own = target->settings.per_host, run = self->options->limits.per_host;
    return own && run ? MIN(own, run) : MAX(own, run);
}

/* Targets of a wave (from 1; 0: of a run without) that are not over; after a halt only those at work. */
static GArray *targets_left(const FleetRun *self, unsigned wave)
{
    GArray *left = g_array_new(FALSE, FALSE, sizeof(PaceTarget));
    bool halted = scheduler_halted(self->scheduler) != NULL;
    for (guint i = 0; i < self->places->len; i++) {
        const TargetResult *target = self->result->targets->pdata[g_array_index(self->places, guint, i)];
        bool over = target->outcome != OUTCOME_NOT_STARTED || (halted && target->started_us == 0);
        const PaceTarget item = {target,
                                 target->path ? g_hash_table_lookup(self->pace.paths, target->path) : NULL,
                                 self->servers->pdata[i], per_host_of(self, self->targets->pdata[i])};
        if (!over && target->wave == wave)
            g_array_append_val(left, item);
    }
    return left;
}

/* -1: not known. */
static gint64 wave_left_us(const FleetRun *self, unsigned wave)
{
    g_autoptr(GArray) left = targets_left(self, wave);
    return pace_left_us(self->pace.pace, (const PaceTarget *)(gpointer)left->data, left->len,
                        self->options->limits.jobs);
}

/* What is still to be waited behind a wave (from 0); behind the last one nothing follows. */
static gint64 soak_left_us(const FleetRun *self, guint index)
{
    const WaveResult *wave = self->result->waves->pdata[index];
    gint64 now = run_clock_real(self->control.clock);
    if (wave->state == WAVE_SOAKING)
        return MAX(wave->soak_until_us - now, 0);
    bool to_come =
        wave->state == WAVE_WAITING || wave->state == WAVE_RUNNING || wave->state == WAVE_CONFIRMING;
    bool last = index + 1 >= self->result->waves->len;
    if (!to_come || last || !self->options->rollout || scheduler_halted(self->scheduler))
        return 0;
    return plan_wave_soak_ms(self->plan->waves->pdata[index], self->options->rollout) * 1000;
}

/* -1: not known. */
static gint64 run_left_us(const FleetRun *self)
{
    guint waves = self->result->waves->len;
    gint64 sum = waves ? 0 : wave_left_us(self, 0);
    for (guint i = 0; i < waves; i++) {
        gint64 wave = wave_left_us(self, i + 1);
        if (wave < 0)
            return -1;
        sum += wave + soak_left_us(self, i);
    }
    return sum;
}

void fleet_pace_tick(FleetRun *self)
{
    gint64 now = run_clock_now(self->control.clock);
    if (now - self->pace.looked_at < LOOK_US)
        return;
    self->pace.looked_at = now;
    pace_look(self->pace.pace);
    gint64 left = self->result->paused_by ? -1 : run_left_us(self);
    self->result->estimate_us = left < 0 ? 0 : run_clock_real(self->control.clock) + left;
}
