/* Gates: the tries and their results. How a gate is asked is question.c's. Refuses to decide what a failed
 * gate means for the run. */
#include "run/gates/gates.h"

#include "run/clock.h"
#include "run/gates/question.h"
#include "run/pool.h"
#include "run/queue.h"

#define TICK_US (G_USEC_PER_SEC / 10)

/* All gates of a wave. */
typedef struct Asker {
    const GateOptions *options;
    const RunClock *clock;
    GPtrArray *results;
    QuestionStop stop;
    QuestionOptions question;
} Asker;

/* One gate. */
typedef struct Gate {
    Asker *asker;
    const GateSpec *spec;
    gint64 started_us;
    gint64 started_now;
    unsigned tries;
} Gate;

/* ---- Stopping ---- */

static bool tick(Asker *self, unsigned done, unsigned total)
{
    const EachLimits *limits = &self->options->limits;
    bool go_on = !limits->tick || limits->tick(limits->tick_context, done, total);
    if (go_on && !atomic_load(&self->stop.raised))
        return true;
    question_stop_raise(&self->stop);
    return false;
}

static bool each_tick(gpointer context, unsigned done, unsigned total)
{
    return tick(context, done, total);
}

static bool asker_stopped(gconstpointer context)
{
    return !tick((Asker *)context, 0, 1);
}

/* Between two tries. */
static bool wait_to_retry(const Gate *self)
{
    return run_clock_wait(self->asker->clock, self->spec->retry_wait_ms * 1000, asker_stopped, self->asker);
}

/* ---- Results ---- */

static void add_result(const Gate *self, const char *target, bool passed, const char *saw)
{
    GateResult *result = gate_result_new();
    result->name = g_strdup(self->spec->name);
    result->kind = g_strdup(gate_kind_name(self->spec->kind));
    result->target = g_strdup(target);
    result->passed = passed;
    result->saw = g_strdup(saw);
    result->tries = self->tries;
    result->started_us = self->started_us;
    result->duration_us = run_clock_now(self->asker->clock) - self->started_now;
    g_ptr_array_add(self->asker->results, result);
}

/* ---- Asked once ---- */

/* One try, on a thread, so that the tick goes on. */
typedef struct Try {
    const Gate *gate;
    Answer answer;
    Queue *finished;
} Try;

static void try_work(gpointer item, gpointer context)
{
    (void)context;
    Try *self = item;
    question_ask(self->gate->spec, NULL, &self->gate->asker->question, &self->answer);
    queue_push(self->finished, self);
}

static void try_once(const Gate *gate, Answer *answer)
{
    g_autoptr(GError) error = NULL;
    Try self = {.gate = gate, .finished = queue_new()};
    Pool *pool = pool_new(1, try_work, NULL, &error);
    if (pool) {
        pool_submit(pool, &self);
        while (!queue_pop(self.finished, TICK_US))
            tick(gate->asker, 0, 1);
        *answer = self.answer;
    } else {
        answer_take(answer, ANSWER_NONE, g_strdup(error->message), NULL);
    }
    pool_free(pool);
    queue_free(self.finished);
}

static bool ask_one(Gate *self)
{
    for (;;) {
        g_auto(Answer) answer = {0};
        self->tries++;
        try_once(self, &answer);
        bool last = answer.kind == ANSWER_GOOD || answer.kind == ANSWER_STOPPED ||
                    self->tries >= MAX(self->spec->attempts, 1) || !wait_to_retry(self);
        if (!last)
            continue;
        add_result(self, NULL, answer.kind == ANSWER_GOOD, answer.text);
        return answer.kind == ANSWER_GOOD;
    }
}

/* ---- Asked on each target ---- */

/* NULL: the asking was stopped before its turn. */
static void answer_free(gpointer item)
{
    if (item)
        answer_clear(item);
    g_free(item);
}

static gpointer target_work(const Target *target, gpointer context)
{
    const Gate *self = context;
    Answer *answer = g_new0(Answer, 1);
    question_ask(self->spec, target, &self->asker->question, answer);
    return answer;
}

static GPtrArray *targets_to_ask(const Asker *self, GPtrArray *targets)
{
    GPtrArray *left = g_ptr_array_new();
    GHashTable *failed = self->options->targets_failed;
    for (guint i = 0; i < targets->len; i++) {
        const Target *target = targets->pdata[i];
        if (target->life == TARGET_ACTIVE && !(failed && g_hash_table_contains(failed, target->name)))
            g_ptr_array_add(left, (gpointer)target);
    }
    return left;
}

/* One round. Those that did not pass stay in `left`, with what they said in `answers`; NULL: stopped. */
static GPtrArray *ask_round(Gate *self, GPtrArray *left)
{
    EachLimits limits = self->asker->options->limits;
    limits.tick = each_tick;
    limits.tick_context = self->asker;
    self->tries++;
    g_autoptr(GPtrArray) answers = each_target(left, target_work, self, &limits, answer_free);
    for (guint i = left->len; answers && i > 0; i--)
        if (((const Answer *)answers->pdata[i - 1])->kind == ANSWER_GOOD) {
            g_ptr_array_remove_index(left, i - 1);
            g_ptr_array_remove_index(answers, i - 1);
        }
    return g_steal_pointer(&answers);
}

static bool tell_round(const Gate *self, unsigned asked, const GPtrArray *left, const GPtrArray *answers)
{
    g_autofree char *good = g_strdup_printf("no rows on %u %s", asked, asked == 1 ? "target" : "targets");
    if (!answers)
        add_result(self, NULL, false, "stopped before all targets had answered");
    else if (left->len == 0)
        add_result(self, NULL, true, good);
    for (guint i = 0; answers && i < left->len; i++)
        add_result(self, ((const Target *)left->pdata[i])->name, false,
                   ((const Answer *)answers->pdata[i])->text);
    return answers && left->len == 0;
}

static bool ask_each(Gate *self, GPtrArray *targets)
{
    g_autoptr(GPtrArray) left = targets_to_ask(self->asker, targets);
    unsigned asked = left->len;
    if (asked == 0) {
        add_result(self, NULL, false, "no target of the wave is left that could be asked");
        return false;
    }
    for (;;) {
        g_autoptr(GPtrArray) answers = ask_round(self, left);
        bool last =
            !answers || left->len == 0 || self->tries >= MAX(self->spec->attempts, 1) || !wait_to_retry(self);
        if (last)
            return tell_round(self, asked, left, answers);
    }
}

/* ---- All ---- */

static bool ask_gate(Asker *asker, const GateSpec *spec, GPtrArray *targets)
{
    Gate self = {.asker = asker,
                 .spec = spec,
                 .started_us = run_clock_real(asker->clock),
                 .started_now = run_clock_now(asker->clock)};
    return question_needs_target(spec) ? ask_each(&self, targets) : ask_one(&self);
}

bool gates_ask(const GPtrArray *gates, GPtrArray *targets, const GateOptions *options, GPtrArray *results)
{
    Asker self = {.options = options, .clock = run_clock_system(), .results = results};
    question_stop_init(&self.stop);
    self.question = (QuestionOptions){.secrets = options->secrets,
                                      .folder = options->folder,
                                      .fleet_folder = options->fleet_folder,
                                      .run_id = options->run_id,
                                      .wave = options->wave,
                                      .stop = &self.stop};
    bool passed = true;
    for (guint i = 0; passed && i < gates->len; i++)
        passed = ask_gate(&self, gates->pdata[i], targets);
    question_stop_clear(&self.stop);
    return passed;
}
