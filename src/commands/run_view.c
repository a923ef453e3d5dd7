/* Run view: turns a run's events into the progress picture, or into plain lines. Keeps what is running and
 * since when; the run keeps everything else. Main thread. */
#include "base/duration.h"
#include "cli/progress.h"
#include "commands/fleet_change_internal.h"
#include "run/signals.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNNING_MAX 64

typedef struct Running {
    char *doing;
    char *waits; /* for a lock held by whom; NULL: for none */
    gint64 since;
} Running;

struct RunView {
    Progress *progress;
    bool quiet;
    bool live;
    char *title;
    char *notice;
    unsigned total;
    unsigned finished;
    unsigned counts[OUTCOME_COUNT];
    GHashTable *running; /* target name -> Running */
    gint64 started;
};

static void running_free(gpointer item)
{
    g_free(((Running *)item)->doing);
    g_free(((Running *)item)->waits);
    g_free(item);
}

RunView *run_view_new(const Workspace *workspace, const char *title, unsigned total)
{
    RunView *self = g_new0(RunView, 1);
    self->quiet = options_flag(workspace->options, "quiet");
    self->live = !self->quiet && terminal_is_tty(STDERR_FILENO);
    self->progress = progress_new(self->live, command_color(workspace->options, STDERR_FILENO));
    self->title = g_strdup(title);
    self->total = total;
    self->running = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, running_free);
    self->started = g_get_monotonic_time();
    return self;
}

void run_view_free(RunView *self)
{
    if (!self)
        return;
    progress_free(self->progress);
    g_hash_table_unref(self->running);
    g_free(self->title);
    g_free(self->notice);
    g_free(self);
}

/* ---- The picture ---- */

static gint longest_first(gconstpointer a, gconstpointer b)
{
    gint64 left = ((const ProgressRunning *)a)->elapsed_us, right = ((const ProgressRunning *)b)->elapsed_us;
    return left < right ? 1 : left > right ? -1 : 0;
}

static GArray *running_rows(const RunView *self, gint64 now)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(ProgressRunning));
    GHashTableIter iter;
    gpointer name, item;
    g_hash_table_iter_init(&iter, self->running);
    while (g_hash_table_iter_next(&iter, &name, &item)) {
        const Running *running = item;
        ProgressRunning row = {name, running->waits ? running->waits : running->doing, now - running->since};
        g_array_append_val(rows, row);
    }
    g_array_sort(rows, longest_first);
    return rows;
}

/* Colour of an outcome in the counts: what is good, what is bad, what needs a look. */
static char outcome_color(Outcome outcome)
{
    static const char colors[OUTCOME_COUNT] = {
        [OUTCOME_DONE] = 'g',      [OUTCOME_UNCHANGED] = 'g',   [OUTCOME_FAILED] = 'r',
        [OUTCOME_UNKNOWN] = 'r',   [OUTCOME_UNREACHABLE] = 'y', [OUTCOME_LOCKED] = 'y',
        [OUTCOME_STALE] = 'y',     [OUTCOME_BLOCKED] = 'y',     [OUTCOME_STOPPED] = 'y',
        [OUTCOME_CANCELLED] = 'y',
    };
    return colors[outcome];
}

static void draw(const RunView *self)
{
    gint64 now = g_get_monotonic_time(), elapsed = now - self->started;
    g_autoptr(GArray) running = running_rows(self, now);
    ProgressCount counts[OUTCOME_COUNT];
    for (int i = 0; i < OUTCOME_COUNT; i++)
        counts[i] = (ProgressCount){outcome_name((Outcome)i), self->counts[i], outcome_color((Outcome)i)};
    double rate = elapsed > 0 ? self->finished * (double)G_USEC_PER_SEC / (double)elapsed : 0;
    const ProgressPicture picture = {
        .title = self->title,
        .total = self->total,
        .finished = self->finished,
        .counts = counts,
        .count_length = OUTCOME_COUNT,
        .running = (const ProgressRunning *)(gpointer)running->data,
        .running_length = running->len,
        .elapsed_us = elapsed,
        .rate = rate,
        .remaining_us = rate > 0 ? (gint64)((self->total - self->finished) / rate * G_USEC_PER_SEC) : -1,
        .notice = self->notice,
    };
    progress_draw(self->progress, &picture);
}

/* ---- Events ---- */

static void on_step(gpointer context, const TargetResult *target, const char *revision, const char *message)
{
    RunView *self = context;
    Running *running = g_new0(Running, 1);
    running->doing = g_strdup_printf("%s %s", revision, message);
    running->since = g_get_monotonic_time();
    g_hash_table_replace(self->running, g_strdup(target->name), running);
}

/* A line that stays, so that a wait is known of even where the step succeeds in the end. */
static void on_lock_wait(gpointer context, const TargetResult *target, const char *text)
{
    RunView *self = context;
    Running *running = g_hash_table_lookup(self->running, target->name);
    if (running) {
        g_free(running->waits);
        running->waits = g_strdup(text);
    }
    if (!text || self->quiet)
        return;
    g_autofree char *line = g_strdup_printf("%s %s", target->name, text);
    progress_line(self->progress, line);
}

static char *finished_line(const RunView *self, const TargetResult *target)
{
    g_autofree char *took = duration_format(target->duration_us);
    g_autofree char *heads = target->rows_after ? g_strjoinv(",", target->rows_after) : NULL;
    const char *at = !heads ? "" : *heads ? heads : "base";
    if (target->reason)
        return g_strdup_printf("[%u/%u] %s %s: %s", self->finished, self->total,
                               outcome_name(target->outcome), target->name, target->reason);
    return g_strdup_printf("[%u/%u] %s %s: at %s, %u %s in %s", self->finished, self->total,
                           outcome_name(target->outcome), target->name, at, target->steps->len,
                           target->steps->len == 1 ? "step" : "steps", took);
}

/* On a terminal the picture counts the good ones; only what needs a look gets a line that stays. */
static void on_finished(gpointer context, const TargetResult *target)
{
    RunView *self = context;
    self->finished++;
    self->counts[target->outcome]++;
    g_hash_table_remove(self->running, target->name);
    if (self->quiet || (self->live && target->outcome == OUTCOME_DONE))
        return;
    g_autofree char *line = finished_line(self, target);
    progress_line(self->progress, line);
}

static void on_tick(gpointer context, const RunResult *run, const Scheduler *scheduler)
{
    (void)run;
    (void)scheduler;
    draw(context);
}

static void on_notice(gpointer context, const char *text)
{
    RunView *self = context;
    g_free(self->notice);
    self->notice = g_strdup(text);
    progress_line(self->progress, text);
}

FleetRunWatch run_view_watch(RunView *self)
{
    return (FleetRunWatch){
        .context = self,
        .step_started = on_step,
        .target_finished = on_finished,
        .lock_wait = on_lock_wait,
        .tick = on_tick,
        .notice = on_notice,
    };
}

bool run_view_probe_tick(gpointer context, unsigned done, unsigned total)
{
    RunView *self = context;
    self->finished = done;
    self->total = total;
    draw(self);
    return signals_count() == 0;
}
