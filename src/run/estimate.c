/* Estimate: keeps all durations, sorted only when asked. */
#include "run/estimate.h"
#include "base/intern.h"
#include <stdlib.h>

/* Durations of one thing. A run of one target has one of each of thousands of revisions. */
typedef struct Durations {
    gint64 *us; /* NULL while there are none, or only: */
    gint64 first;
    guint count;
    guint room;
    bool sorted;
} Durations;

struct Estimate {
    GHashTable *revisions; /* revision -> Durations * */
    GHashTable *paths;     /* digest -> Durations * */
    Durations *targets;
};

static void durations_free(gpointer item)
{
    Durations *self = item;
    g_free(self->us);
    g_free(self);
}

static void durations_add(Durations *self, gint64 us)
{
    if (self->count == 0)
        self->first = us;
    if (self->count > 0 && self->count >= self->room) {
        self->room = MAX(2 * self->room, 4);
        self->us = g_renew(gint64, self->us, self->room);
        self->us[0] = self->count == 1 ? self->first : self->us[0];
    }
    if (self->us)
        self->us[self->count] = us;
    self->count++;
    self->sorted = false;
}

static Durations *durations_of(GHashTable *all, const char *name)
{
    Durations *self = g_hash_table_lookup(all, name);
    if (!self) {
        self = g_new0(Durations, 1);
        g_hash_table_insert(all, (gpointer)intern_text(name), self);
    }
    return self;
}

static int shortest_first(const void *a, const void *b)
{
    gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
    return left < right ? -1 : left > right;
}

/* -1 if there are fewer than `least`. */
static gint64 median(Durations *self, unsigned least)
{
    if (!self || self->count == 0 || self->count < least)
        return -1;
    if (!self->us)
        return self->first;
    if (!self->sorted)
        qsort(self->us, self->count, sizeof *self->us, shortest_first);
    self->sorted = true;
    guint middle = self->count / 2;
    gint64 upper = self->us[middle];
    return self->count % 2 ? upper : (upper + self->us[middle - 1]) / 2;
}

Estimate *estimate_new(void)
{
    Estimate *self = g_new0(Estimate, 1);
    self->revisions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, durations_free);
    self->paths = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, durations_free);
    self->targets = g_new0(Durations, 1);
    return self;
}

void estimate_free(Estimate *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->revisions);
    g_hash_table_unref(self->paths);
    durations_free(self->targets);
    g_free(self);
}

void estimate_learn(Estimate *self, const TargetResult *target)
{
    if (target->outcome != OUTCOME_DONE)
        return;
    for (guint i = 0; i < target->step_count; i++) {
        const StepResult *step = &target->steps[i];
        durations_add(durations_of(self->revisions, step->revision), step->duration_us);
    }
    durations_add(self->targets, target->duration_us);
    if (target->path)
        durations_add(durations_of(self->paths, target->path), target->duration_us);
}

gint64 estimate_revision(Estimate *self, const char *revision, unsigned least)
{
    return median(g_hash_table_lookup(self->revisions, revision), least);
}

static gint64 sum_of_revisions(Estimate *self, const RunPath *path)
{
    gint64 sum = 0;
    for (guint i = 0; i < run_path_length(path); i++) {
        gint64 us = estimate_revision(self, run_path_step(path, i).revision, 1);
        if (us < 0)
            return -1;
        sum += us;
    }
    return sum;
}

gint64 estimate_target(Estimate *self, const RunPath *path, const char *digest)
{
    gint64 us = digest ? median(g_hash_table_lookup(self->paths, digest), 1) : -1;
    if (us < 0 && path)
        us = sum_of_revisions(self, path);
    return us < 0 ? median(self->targets, 1) : us;
}

/* ---- Work ---- */

static gint64 longest_server(const EstimateWork *work, guint count)
{
    gint64 longest = 0;
    g_autoptr(GHashTable) sums = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (guint i = 0; i < count; i++) {
        const char *server = work[i].server;
        if (!server || !*server || work[i].per_host == 0)
            continue;
        gint64 *sum = g_hash_table_lookup(sums, server);
        if (!sum) {
            sum = g_new0(gint64, 1);
            g_hash_table_insert(sums, (gpointer)server, sum);
        }
        *sum += work[i].us / work[i].per_host;
        longest = MAX(longest, *sum);
    }
    return longest;
}

gint64 estimate_work_us(const EstimateWork *work, guint count, unsigned jobs)
{
    gint64 sum = 0, longest = 0;
    for (guint i = 0; i < count; i++) {
        sum += work[i].us;
        longest = MAX(longest, work[i].us);
    }
    gint64 all = sum / MAX(jobs, 1);
    return MAX(MAX(all, longest), longest_server(work, count));
}
