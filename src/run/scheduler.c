/* Scheduler: the decisions of scheduler.h over plain counters. Keeps the targets not yet started in a list in
 * order and scans it for the first one that fits, so a saturated server or group does not hold others back.
 * One thread at a time. */
#include "run/scheduler.h"
#include <math.h>
#include <string.h>

/* What went wrong so far, and how much of it is allowed. */
typedef struct Tally {
    const char *wave; /* NULL: of the run */
    unsigned failures;
    unsigned max_failures;
    unsigned unreachable;
    unsigned max_unreachable;
} Tally;

struct Scheduler {
    GPtrArray *targets;
    SchedulerLimits limits;
    Tally run;
    Tally wave;
    unsigned *indexes;     /* of all targets, in order: */
    unsigned *waiting;     /* behind those that were started, those that were not */
    unsigned left;         /* so many of these */
    unsigned open;         /* so many of `waiting` may start */
    GHashTable *by_server; /* server -> running */
    GHashTable *held;      /* servers (set, owned) on which no target may start */
    GHashTable *by_group;  /* Group * -> running, counted in the group and all above */
    unsigned running;
    bool failed_too_often;
    char *halted;
    char *closed;
};

bool budget_parse(const char *text, Budget *budget)
{
    char *end = NULL;
    gsize length = strspn(text, "0123456789.");
    bool is_share = text[length] == '%';
    if (!g_ascii_isdigit(*text) || text[length + is_share] != '\0')
        return false;
    double value = g_ascii_strtod(text, &end);
    if (end != text + length || (is_share && value > 100))
        return false;
    if (!is_share && (value != floor(value) || value > G_MAXUINT32))
        return false;
    *budget = (Budget){is_share, value};
    return true;
}

unsigned budget_limit(const Budget *self, unsigned targets)
{
    return (unsigned)(self->is_share ? floor(self->value * targets / 100.0 + 1e-9) : self->value);
}

static const char max_failures[] = "max_failures", max_unreachable[] = "max_unreachable";

static void check_budget(Scheduler *self, const Tally *tally, unsigned used, unsigned limit, const char *what,
                         const char *option)
{
    if (used <= limit || self->halted)
        return;
    self->failed_too_often = option == max_failures;
    self->halted = g_strdup_printf("%s%s%s%u %s %s, %s is %u", tally->wave ? "wave " : "",
                                   tally->wave ? tally->wave : "", tally->wave ? ": " : "", used,
                                   used == 1 ? "target" : "targets", what, option, limit);
}

static void check_tally(Scheduler *self, const Tally *tally)
{
    check_budget(self, tally, tally->failures, tally->max_failures, "failed", max_failures);
    check_budget(self, tally, tally->unreachable, tally->max_unreachable, "could not be reached",
                 max_unreachable);
}

static Tally run_tally(const SchedulerLimits *limits, unsigned targets)
{
    unsigned all = targets + limits->unreachable_before;
    Tally tally = {
        .max_failures = budget_limit(&limits->max_failures, targets),
        .unreachable = limits->unreachable_before,
        .max_unreachable = budget_limit(&limits->max_unreachable, all),
    };
    if (limits->is_capped) {
        tally.max_failures = MIN(tally.max_failures, budget_limit(&limits->most_failures, targets));
        tally.max_unreachable = MIN(tally.max_unreachable, budget_limit(&limits->most_unreachable, all));
    }
    return tally;
}

Scheduler *scheduler_new(GPtrArray *targets, const SchedulerLimits *limits)
{
    Scheduler *self = g_new0(Scheduler, 1);
    self->targets = g_ptr_array_ref(targets);
    self->limits = *limits;
    self->run = run_tally(limits, targets->len);
    self->wave = (Tally){.max_failures = G_MAXUINT, .max_unreachable = G_MAXUINT};
    self->open = targets->len;
    self->left = targets->len;
    self->indexes = self->waiting = g_new(unsigned, targets->len);
    for (unsigned i = 0; i < targets->len; i++)
        self->waiting[i] = i;
    self->by_server = g_hash_table_new(g_str_hash, g_str_equal);
    self->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->by_group = g_hash_table_new(NULL, NULL);
    check_tally(self, &self->run);
    return self;
}

void scheduler_begin_wave(Scheduler *self, const SchedulerWave *wave)
{
    self->wave = (Tally){
        .wave = wave->name,
        .max_failures = wave->max_failures ? budget_limit(wave->max_failures, wave->targets) : G_MAXUINT,
        .unreachable = wave->unreachable_before,
        .max_unreachable = wave->max_unreachable
                               ? budget_limit(wave->max_unreachable, wave->targets + wave->unreachable_before)
                               : G_MAXUINT,
    };
    self->open = MIN(wave->targets, self->left);
    check_tally(self, &self->wave);
}

void scheduler_free(Scheduler *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->targets);
    g_free(self->indexes);
    g_hash_table_unref(self->by_server);
    g_hash_table_unref(self->held);
    g_hash_table_unref(self->by_group);
    g_free(self->halted);
    g_free(self->closed);
    g_free(self);
}

static unsigned running_in(GHashTable *counts, gconstpointer key)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));
}

/* A file has no server to protect: per_host does not count for it. */
static unsigned server_limit(const Scheduler *self, const Target *target)
{
    unsigned own = target->settings.per_host, run = self->limits.per_host;
    if (!*target->server)
        return 0;
    if (own && run)
        return MIN(own, run);
    return own ? own : run;
}

static const char *server_of(const Scheduler *self, unsigned index)
{
    return self->limits.servers ? self->limits.servers->pdata[index]
                                : ((const Target *)self->targets->pdata[index])->server;
}

static bool may_start(const Scheduler *self, unsigned index)
{
    const Target *target = self->targets->pdata[index];
    const char *server = server_of(self, index);
    unsigned limit = server_limit(self, target);
    if (g_hash_table_contains(self->held, server) || (limit && running_in(self->by_server, server) >= limit))
        return false;
    for (const Group *group = target->group; group; group = group->parent)
        if (group->concurrency && running_in(self->by_group, group) >= group->concurrency)
            return false;
    return true;
}

static void count(GHashTable *counts, gconstpointer key, int change)
{
    unsigned now = running_in(counts, key) + (unsigned)change;
    g_hash_table_insert(counts, (gpointer)key, GUINT_TO_POINTER(now));
}

static void count_target(Scheduler *self, unsigned index, int change)
{
    const Target *target = self->targets->pdata[index];
    self->running += (unsigned)change;
    count(self->by_server, server_of(self, index), change);
    for (const Group *group = target->group; group; group = group->parent)
        count(self->by_group, group, change);
}

/* Most often it is the first: what is before it moves up, and not what is behind it down. */
static void take_out(Scheduler *self, unsigned at)
{
    memmove(self->waiting + 1, self->waiting, at * sizeof *self->waiting);
    self->waiting++;
    self->left--;
    self->open--;
}

gint scheduler_next(Scheduler *self)
{
    if (scheduler_halted(self) || self->running >= MAX(self->limits.jobs, 1))
        return -1;
    for (guint i = 0; i < self->open; i++) {
        unsigned index = self->waiting[i];
        if (!may_start(self, index))
            continue;
        take_out(self, i);
        count_target(self, index, 1);
        return (gint)index;
    }
    return -1;
}

void scheduler_hold(Scheduler *self, const char *server, bool held)
{
    if (!held)
        g_hash_table_remove(self->held, server);
    else if (!g_hash_table_contains(self->held, server))
        g_hash_table_add(self->held, g_strdup(server));
}

bool scheduler_waits_on(const Scheduler *self, const char *server)
{
    for (guint i = 0; i < self->open; i++)
        if (!server || g_str_equal(server_of(self, self->waiting[i]), server))
            return true;
    return false;
}

unsigned scheduler_held(const Scheduler *self)
{
    unsigned count = 0;
    for (guint i = 0; i < self->open && g_hash_table_size(self->held) > 0; i++)
        count += g_hash_table_contains(self->held, server_of(self, self->waiting[i]));
    return count;
}

static void add_outcome(Tally *tally, SchedulerOutcome outcome)
{
    tally->failures += outcome == SCHEDULER_FAILED;
    tally->unreachable += outcome == SCHEDULER_UNREACHABLE;
}

void scheduler_finished(Scheduler *self, unsigned index, SchedulerOutcome outcome)
{
    count_target(self, index, -1);
    add_outcome(&self->run, outcome);
    add_outcome(&self->wave, outcome);
    check_tally(self, &self->run);
    check_tally(self, &self->wave);
}

void scheduler_halt(Scheduler *self, const char *reason)
{
    if (!self->halted)
        self->halted = g_strdup(reason);
}

void scheduler_close(Scheduler *self, const char *reason)
{
    if (!self->closed)
        self->closed = g_strdup(reason);
}

bool scheduler_is_closed(const Scheduler *self)
{
    return self->closed && !self->halted;
}

const char *scheduler_halted(const Scheduler *self)
{
    return self->halted ? self->halted : self->closed;
}

unsigned scheduler_running(const Scheduler *self)
{
    return self->running;
}

unsigned scheduler_left(const Scheduler *self)
{
    return self->left;
}

unsigned scheduler_wave_left(const Scheduler *self)
{
    return self->open;
}

bool scheduler_failed_too_often(const Scheduler *self)
{
    return self->failed_too_often;
}
