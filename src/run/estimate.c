/* Estimate: keeps all durations, sorted only when asked. */
#include "run/estimate.h"

/* Durations of one thing. */
typedef struct Durations {
    GArray *us; /* of gint64 */
    bool sorted;
} Durations;

struct Estimate {
    GHashTable *revisions; /* revision -> Durations * */
    GHashTable *paths;     /* digest -> Durations * */
    Durations *targets;
};

static Durations *durations_new(void)
{
    Durations *self = g_new0(Durations, 1);
    self->us = g_array_new(FALSE, FALSE, sizeof(gint64));
    return self;
}

static void durations_free(gpointer item)
{
    Durations *self = item;
    g_array_unref(self->us);
    g_free(self);
}

static void durations_add(Durations *self, gint64 us)
{
    g_array_append_val(self->us, us);
    self->sorted = false;
}

static Durations *durations_of(GHashTable *all, const char *name)
{
    Durations *self = g_hash_table_lookup(all, name);
    if (!self) {
        self = durations_new();
        g_hash_table_insert(all, g_strdup(name), self);
    }
    return self;
}

static gint shortest_first(gconstpointer a, gconstpointer b)
{
    gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
    return left < right ? -1 : left > right;
}

/* -1 if there are fewer than `least`. */
static gint64 median(Durations *self, unsigned least)
{
    if (!self || self->us->len == 0 || self->us->len < least)
        return -1;
    if (!self->sorted)
        g_array_sort(self->us, shortest_first);
    self->sorted = true;
    guint middle = self->us->len / 2;
    gint64 upper = g_array_index(self->us, gint64, middle);
    return self->us->len % 2 ? upper : (upper + g_array_index(self->us, gint64, middle - 1)) / 2;
}

Estimate *estimate_new(void)
{
    Estimate *self = g_new0(Estimate, 1);
    self->revisions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, durations_free);
    self->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, durations_free);
    self->targets = durations_new();
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
    for (guint i = 0; i < target->steps->len; i++) {
        const StepResult *step = target->steps->pdata[i];
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
    for (guint i = 0; i < path->steps->len; i++) {
        gint64 us = estimate_revision(self, ((const RunPathStep *)path->steps->pdata[i])->revision, 1);
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
