/* Wave view: who goes first and what is asked behind it, in a plan; what became of it, in a run. Pure. */
#include "base/duration.h"
#include "base/finding.h"
#include "base/text_table.h"
#include "plans/waves.h"
#include "report/style_internal.h"
#include "report/wave_view_internal.h"

#define NAMES_SHOWN 3
#define GATES_SHOWN 5

/* ---- A plan ---- */

static GPtrArray *names_of(const Plan *plan, guint wave)
{
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; i < plan->order->len; i++) {
        const PlanTarget *target = plan->targets->pdata[g_array_index(plan->order, guint, i)];
        if (target->verdict == PLAN_PENDING && target->wave == wave)
            g_ptr_array_add(names, target->target->name);
    }
    return names;
}

static bool is_last(const Plan *plan, guint wave)
{
    for (guint i = wave + 1; i < plan->waves->len; i++)
        if (((const PlanWave *)plan->waves->pdata[i])->targets > 0)
            return false;
    return true;
}

/* The first that has anything to do begins with the run. */
static bool is_first(const Plan *plan, guint wave)
{
    for (guint i = 0; i < wave; i++) {
        const PlanWave *earlier = plan->waves->pdata[i];
        if (earlier->targets > 0 || earlier->remainder != REMAINDER_NONE)
            return false;
    }
    return true;
}

/* ", gates A, B" */
static void append_gates(GString *text, const GPtrArray *gates)
{
    for (guint i = 0; gates && i < gates->len; i++) {
        const char *lead = i > 0 ? "," : gates->len > 1 ? "; gates" : "; gate";
        g_string_append_printf(text, "%s %s", lead, ((const GateSpec *)gates->pdata[i])->name);
    }
}

static void append_budgets(GString *text, const WaveSpec *spec)
{
    if (spec && spec->max_failures)
        g_string_append_printf(text, "; max_failures %s", spec->max_failures);
    if (spec && spec->max_unreachable)
        g_string_append_printf(text, "; max_unreachable %s", spec->max_unreachable);
}

static void append_soak(GString *text, const Plan *plan, guint index)
{
    const PlanWave *wave = plan->waves->pdata[index];
    gint64 soak_ms = plan_wave_soak_ms(wave, plan->rollout);
    bool said = wave->spec && wave->spec->soak_ms >= 0 && plan_wave_gates(wave, plan->rollout);
    if (soak_ms == 0 || (is_last(plan, index) && !said))
        return;
    g_autofree char *soak = duration_format(soak_ms * 1000);
    g_string_append_printf(text, "; soak %s", soak);
}

/* "3 targets (t1, t2, t3); soak 10m 00s; gate errors" */
static char *wave_text(const Plan *plan, guint index)
{
    const PlanWave *wave = plan->waves->pdata[index];
    g_autoptr(GPtrArray) names = names_of(plan, index);
    g_autofree char *list = finding_names(names, NAMES_SHOWN);
    GString *text = g_string_new(NULL);
    if (names->len > 0)
        g_string_append_printf(text, "%u %s (%s)", names->len, names->len == 1 ? "target" : "targets", list);
    else if (wave->unreachable > 0)
        g_string_append_printf(text, "none of its %u targets can be reached", wave->unreachable);
    else if (wave->blocked + wave->stale > 0)
        g_string_append_printf(text, "none of its %u targets can be changed", wave->blocked + wave->stale);
    else
        g_string_append(text, wave->is_over ? "done before" : "no target of this run");
    if (wave->is_leftovers)
        g_string_append(text, ", which no wave takes");
    if (wave->unreachable > 0 && names->len > 0)
        g_string_append_printf(text, "; %u more cannot be reached", wave->unreachable);
    append_budgets(text, wave->spec);
    if (names->len == 0 && wave->remainder == REMAINDER_NONE)
        return g_string_free(text, FALSE);
    append_soak(text, plan, index);
    append_gates(text, plan_wave_gates(wave, plan->rollout));
    if (!is_first(plan, index) && names->len > 0 && plan_wave_confirms(wave, plan->rollout))
        g_string_append(text, "; asks before it");
    return g_string_free(text, FALSE);
}

static void print_left_out(GString *out, const Plan *plan, const ReportOptions *options)
{
    if (!plan->left_out)
        return;
    g_autofree char *names = g_strjoinv(", ", plan->left_out);
    bool one = !plan->left_out[1];
    g_autofree char *text = g_strdup_printf("%s %s: no target that has something to do is left for %s",
                                            one ? "wave" : "waves", names, one ? "it" : "them");
    style_append_wrapped(out, 2, options->width, "left out:", text);
}

void wave_view_plan(GString *out, const Plan *plan, const ReportOptions *options)
{
    bool has_waves = plan->waves && plan->waves->len > 0;
    if (!has_waves && !(plan->left_out && *plan->left_out))
        return;
    style_append(out, options->color, STYLE_BOLD, "Waves");
    g_string_append_c(out, '\n');
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        const PlanWave *wave = plan->waves->pdata[i];
        g_autofree char *text = wave_text(plan, i);
        g_autofree char *label = g_strdup_printf("%u. %s:", i + 1, wave->name);
        style_append_wrapped(out, 2, options->width, label, text);
    }
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        g_autofree char *hollow = plan_wave_hollow(plan, i);
        g_autofree char *text = hollow ? g_strconcat(hollow, "; a run halts there", NULL) : NULL;
        if (text)
            style_append_wrapped(out, 2, options->width, "warning:", text);
    }
    print_left_out(out, plan, options);
}

static void plan_wave_json(JsonOut *json, const PlanWave *wave, const RolloutPolicy *rollout)
{
    const GPtrArray *gates = plan_wave_gates(wave, rollout);
    json_out_begin_object(json, NULL);
    json_out_string(json, "wave", wave->name);
    json_out_int(json, "targets", wave->targets);
    json_out_int(json, "unreachable", wave->unreachable);
    json_out_int(json, "blocked", wave->blocked);
    json_out_int(json, "stale", wave->stale);
    json_out_bool(json, "leftovers", wave->is_leftovers);
    json_out_string(json, "max_failures", wave->spec ? wave->spec->max_failures : NULL);
    json_out_string(json, "max_unreachable", wave->spec ? wave->spec->max_unreachable : NULL);
    json_out_double(json, "soak", (double)plan_wave_soak_ms(wave, rollout) / 1000);
    json_out_bool(json, "confirm", plan_wave_confirms(wave, rollout));
    json_out_begin_array(json, "gates");
    for (guint i = 0; gates && i < gates->len; i++)
        json_out_string(json, NULL, ((const GateSpec *)gates->pdata[i])->name);
    json_out_end_array(json);
    json_out_end_object(json);
}

void wave_view_plan_json(JsonOut *json, const Plan *plan)
{
    json_out_begin_array(json, "waves");
    for (guint i = 0; plan->waves && i < plan->waves->len; i++)
        plan_wave_json(json, plan->waves->pdata[i], plan->rollout);
    json_out_end_array(json);
    json_out_begin_array(json, "left_out");
    for (char **name = plan->left_out; name && *name; name++)
        json_out_string(json, NULL, *name);
    json_out_end_array(json);
}

/* ---- A run ---- */

static const TextColumn columns[] = {
    {"wave", ALIGN_LEFT, 8, true},           {"state", ALIGN_LEFT, 11, false},
    {"targets", ALIGN_RIGHT, 7, false},      {"done", ALIGN_RIGHT, 4, false},
    {"failed", ALIGN_RIGHT, 6, false},       {"other", ALIGN_RIGHT, 5, false},
    {"not started", ALIGN_RIGHT, 11, false}, {"took", ALIGN_RIGHT, 6, false}};

static void add_wave(TextTable *table, const WaveResult *wave, const unsigned *outcomes)
{
    unsigned done = outcomes[OUTCOME_DONE] + outcomes[OUTCOME_UNCHANGED];
    unsigned other =
        wave->targets - MIN(wave->targets, done + outcomes[OUTCOME_FAILED] + outcomes[OUTCOME_NOT_STARTED]);
    const unsigned values[] = {wave->targets, done, outcomes[OUTCOME_FAILED], other,
                               outcomes[OUTCOME_NOT_STARTED]};
    char texts[G_N_ELEMENTS(values)][16];
    const char *cells[G_N_ELEMENTS(values) + 3] = {wave->name, wave_state_name(wave->state)};
    g_autofree char *took = wave->finished_us ? duration_format(wave->finished_us - wave->started_us) : NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_snprintf(texts[i], sizeof texts[i], "%u", values[i]);
        cells[i + 2] = texts[i];
    }
    cells[G_N_ELEMENTS(values) + 2] = took && wave->started_us ? took : "";
    text_table_add(table, cells);
}

/* Answers of one gate behind one wave: asked on each target it has many. */
typedef struct GateAnswers {
    const GateResult *first;
    unsigned asked;
    GPtrArray *failed; /* of const GateResult * */
} GateAnswers;

static void answers_free(gpointer data)
{
    GateAnswers *self = data;
    g_ptr_array_unref(self->failed);
    g_free(self);
}

static GPtrArray *answers_of(const WaveResult *wave)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(answers_free);
    for (guint i = 0; i < wave->gates->len; i++) {
        const GateResult *gate = wave->gates->pdata[i];
        GateAnswers *last = all->len > 0 ? all->pdata[all->len - 1] : NULL;
        if (!last || g_strcmp0(last->first->name, gate->name) != 0) {
            last = g_new0(GateAnswers, 1);
            last->first = gate;
            last->failed = g_ptr_array_new();
            g_ptr_array_add(all, last);
        }
        last->asked++;
        if (!gate->passed)
            g_ptr_array_add(last->failed, (gpointer)gate);
    }
    return all;
}

static void print_seen(GString *out, const GateResult *gate, const ReportOptions *options)
{
    g_autofree char *text =
        g_strdup_printf("%s%s%s", gate->target ? gate->target : "", gate->target && gate->saw ? ": " : "",
                        gate->saw ? gate->saw : "");
    style_append_wrapped(out, 5, options->width, "saw", text);
}

/* "passed: no rows on 40 targets", "failed on 2 of 40 targets". Caller frees. */
static char *verdict_text(const GateAnswers *answers)
{
    const GateResult *first = answers->first;
    bool one = answers->asked == 1;
    if (answers->failed->len > 0)
        return one ? g_strdup("failed")
                   : g_strdup_printf("failed on %u of %u targets", answers->failed->len, answers->asked);
    if (!one)
        return g_strdup_printf("passed on %u targets", answers->asked);
    return g_strconcat("passed", first->saw ? ": " : NULL, first->saw, NULL);
}

/* What those saw that did not pass comes below. */
static void print_answers(GString *out, const WaveResult *wave, const GateAnswers *answers,
                          const ReportOptions *options)
{
    g_autofree char *verdict = verdict_text(answers);
    g_autofree char *text = g_strdup_printf("gate %s %s", answers->first->name, verdict);
    g_autofree char *label = g_strdup_printf("%s:", wave->name);
    style_append_wrapped(out, 2, options->width, label, text);
    guint shown = options->verbose ? answers->failed->len : MIN(answers->failed->len, GATES_SHOWN);
    for (guint i = 0; i < shown; i++)
        print_seen(out, answers->failed->pdata[i], options);
    if (shown < answers->failed->len)
        g_string_append_printf(out, "     and %u more (-v shows all)\n", answers->failed->len - shown);
}

static void print_behind(GString *out, const WaveResult *wave, const RunResult *run,
                         const ReportOptions *options)
{
    g_autoptr(GPtrArray) answers = answers_of(wave);
    g_autofree char *label = g_strdup_printf("%s:", wave->name);
    if (wave->halt_reason && g_strcmp0(wave->halt_reason, run->halt_reason) != 0)
        style_append_wrapped(out, 2, options->width, label, wave->halt_reason);
    if (wave->state == WAVE_SOAKING && wave->soak_until_us) {
        g_autofree char *until = timestamp_format(wave->soak_until_us);
        g_autofree char *text = g_strdup_printf("soaks until %s", until);
        style_append_wrapped(out, 2, options->width, label, text);
    }
    for (guint i = 0; i < answers->len; i++)
        print_answers(out, wave, answers->pdata[i], options);
}

void wave_view_run(GString *out, const Summary *summary, const ReportOptions *options)
{
    const RunResult *run = summary->run;
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    if (run->waves->len == 0)
        return;
    for (guint i = 0; i < run->waves->len; i++)
        add_wave(table, run->waves->pdata[i], summary_wave_counts(summary, i));
    g_autofree char *text = text_table_render(table, 2, options->width);
    g_string_append_c(out, '\n');
    style_append(out, options->color, STYLE_BOLD, "Waves");
    g_string_append_printf(out, "\n%s", text);
    for (guint i = 0; i < run->waves->len; i++)
        print_behind(out, run->waves->pdata[i], run, options);
}
