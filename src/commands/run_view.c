/* Run view: turns a run's events into the progress picture, or into plain lines. Keeps what is running and
 * since when; the run keeps everything else. Main thread. */
#include "base/duration.h"
#include "cli/progress.h"
#include "cli/prompt.h"
#include "commands/fleet_change_internal.h"
#include "run/signals.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNNING_MAX 64
#define DRAW_EVERY_US (G_USEC_PER_SEC / 10)

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
    bool color;
    char *wave;       /* "wave 2 of 4, canary"; NULL: no waves */
    char *stands;     /* what the run waits for between two waves; NULL: nothing */
    Prompt *question; /* stands on the terminal: nothing is drawn over it */
    char *notice;
    unsigned total;
    unsigned finished;
    unsigned counts[OUTCOME_COUNT];
    GHashTable *running; /* target name -> Running */
    gint64 started;
    gint64 drawn_us;    /* when, on the monotonic clock; 0: never */
    gint64 estimate_us; /* when the run will be over, since 1970; 0: not known */
    RunOutputs *outputs;
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
    self->color = command_color(workspace->options, STDERR_FILENO);
    self->progress = progress_new(self->live, self->color);
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
    prompt_end(self->question);
    g_free(self->wave);
    g_free(self->stands);
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

/* What the run knows of its like; while it knows nothing, as it went on so far. */
static gint64 remaining_us(const RunView *self, double rate)
{
    if (self->estimate_us)
        return MAX(self->estimate_us - g_get_real_time(), 0);
    return rate > 0 ? (gint64)((self->total - self->finished) / rate * G_USEC_PER_SEC) : -1;
}

static void draw(const RunView *self)
{
    gint64 now = g_get_monotonic_time(), elapsed = now - self->started;
    g_autoptr(GArray) running = running_rows(self, now);
    g_autofree char *title = g_strconcat(self->title, self->wave ? ", " : NULL, self->wave, NULL);
    ProgressCount counts[OUTCOME_COUNT];
    for (int i = 0; i < OUTCOME_COUNT; i++)
        counts[i] = (ProgressCount){outcome_name((Outcome)i), self->counts[i], outcome_color((Outcome)i)};
    double rate = elapsed > 0 ? self->finished * (double)G_USEC_PER_SEC / (double)elapsed : 0;
    const ProgressPicture picture = {
        .title = title,
        .total = self->total,
        .finished = self->finished,
        .counts = counts,
        .count_length = OUTCOME_COUNT,
        .running = (const ProgressRunning *)(gpointer)running->data,
        .running_length = running->len,
        .elapsed_us = elapsed,
        .rate = rate,
        .remaining_us = remaining_us(self, rate),
        .notice = self->stands ? self->stands : self->notice,
    };
    progress_draw(self->progress, &picture);
}

/* What changes oftener nobody can read. The next turn of the loop comes in time for what is left out. */
static void draw_in_time(RunView *self)
{
    gint64 now = g_get_monotonic_time();
    if (now - self->drawn_us < DRAW_EVERY_US)
        return;
    self->drawn_us = now;
    draw(self);
}

/* ---- Events ---- */

/* Without a terminal there is no picture to show it in. */
static void on_step(gpointer context, const TargetResult *target, const char *revision, const char *message)
{
    RunView *self = context;
    if (!self->live)
        return;
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
                           outcome_name(target->outcome), target->name, at, target->step_count,
                           target->step_count == 1 ? "step" : "steps", took);
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

/* "wave canary soaks: 1m 30s to go" */
static char *standing_text(const RunResult *run)
{
    for (guint i = 0; i < run->waves->len; i++) {
        const WaveResult *wave = run->waves->pdata[i];
        if (wave->state == WAVE_GATING)
            return g_strdup_printf("wave %s: asking its gates", wave->name);
        if (wave->state != WAVE_SOAKING)
            continue;
        g_autofree char *left = duration_format(MAX(wave->soak_until_us - g_get_real_time(), 0));
        return g_strdup_printf("wave %s soaks: %s to go", wave->name, left);
    }
    return NULL;
}

static void on_tick(gpointer context, const RunResult *run, const Scheduler *scheduler)
{
    RunView *self = context;
    (void)scheduler;
    if (self->outputs)
        run_outputs_tick(self->outputs);
    g_free(self->stands);
    self->stands = standing_text(run);
    self->estimate_us = run->estimate_us;
    if (!self->question)
        draw_in_time(self);
}

static void end_question(RunView *self)
{
    if (!self->question)
        return;
    g_clear_pointer(&self->question, prompt_end);
    self->progress = progress_new(self->live, self->color);
}

static void on_notice(gpointer context, const char *text)
{
    RunView *self = context;
    end_question(self);
    g_free(self->notice);
    self->notice = g_strdup(text);
    progress_line(self->progress, text);
}

/* ---- Waves ---- */

/* What is told of a wave when it comes to a state; NULL: nothing. Caller frees. */
static char *wave_line(const WaveResult *wave, const char *place)
{
    g_autofree char *until = wave->soak_until_us ? timestamp_format(wave->soak_until_us) : NULL;
    switch (wave->state) {
    case WAVE_RUNNING:
        return g_strdup_printf("%s: %u %s", place, wave->targets, wave->targets == 1 ? "target" : "targets");
    case WAVE_SOAKING:
        return g_strdup_printf("%s: soaks until %s", place, until);
    case WAVE_GATING:
        return g_strdup_printf("%s: asking its gates", place);
    case WAVE_DONE:
        return wave->gates->len > 0 ? g_strdup_printf("%s: its gates passed", place) : NULL;
    default:
        return NULL;
    }
}

static void on_wave(gpointer context, const RunResult *run, unsigned index)
{
    RunView *self = context;
    const WaveResult *wave = run->waves->pdata[index];
    g_free(self->wave);
    self->wave = g_strdup_printf("wave %u of %u, %s", index + 1, run->waves->len, wave->name);
    g_autofree char *line = wave_line(wave, self->wave);
    if (line && !self->quiet)
        progress_line(self->progress, line);
}

static WaveAnswer on_confirm(gpointer context, const RunResult *run, unsigned index, char **why)
{
    RunView *self = context;
    const WaveResult *wave = run->waves->pdata[index];
    if (!prompt_possible()) {
        *why =
            g_strdup_printf("no terminal is there to ask on; \"dbfleet resume %s\" goes on with it", run->id);
        return WAVE_NO;
    }
    if (!self->question) {
        g_autofree char *text = g_strdup_printf("begin %s: %u %s?", self->wave, wave->targets,
                                                wave->targets == 1 ? "target" : "targets");
        g_clear_pointer(&self->progress, progress_free);
        self->question = prompt_begin(text);
    }
    PromptAnswer answer = prompt_poll(self->question);
    if (answer == PROMPT_WAITING)
        return WAVE_NO_ANSWER;
    end_question(self);
    return answer == PROMPT_YES ? WAVE_YES : WAVE_NO;
}

void run_view_set_outputs(RunView *self, RunOutputs *outputs)
{
    self->outputs = outputs;
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
        .wave_changed = on_wave,
        .confirm = on_confirm,
    };
}

bool run_view_probe_tick(gpointer context, unsigned done, unsigned total)
{
    RunView *self = context;
    self->finished = done;
    self->total = total;
    draw_in_time(self);
    return signals_count() == 0;
}
