/* Take back: what on_failure asks for once a run is over: the wave that broke, or the run, is rolled back as
 * a run of its own. The policy asked for it, so no person is asked; it goes through all of it, without waves,
 * gates, budgets or an end of the time to start, since what is left half done is worse. Main thread. */
#include "commands/past_run_internal.h"
#include <stdio.h>

/* The wave that did not end well; NULL: the run has none. */
static const WaveResult *broken_wave(const RunResult *run)
{
    for (guint i = 0; i < run->waves->len; i++) {
        const WaveResult *wave = run->waves->pdata[i];
        if (wave->state == WAVE_HALTED)
            return wave;
    }
    return NULL;
}

static bool is_in_broken_wave(const RunResult *run, const TargetResult *target)
{
    const WaveResult *wave = broken_wave(run);
    return past_run_may_have_changed(run, target) &&
           (!wave || (target->wave > 0 && run->waves->pdata[target->wave - 1] == wave));
}

/* "wave canary", "the run". Caller frees. */
static char *scope_text(const RunResult *run, OnFailure on_failure)
{
    const WaveResult *wave = on_failure == FAILURE_ROLLBACK_WAVE ? broken_wave(run) : NULL;
    return wave ? g_strdup_printf("wave %s", wave->name) : g_strdup("the run");
}

static void warn(RunResult *run, const ChangeTerms *terms, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* In the ledger too, so that a later report knows. */
static void warn(RunResult *run, const ChangeTerms *terms, const char *format, ...)
{
    g_autoptr(GError) error = NULL;
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(run->warnings, g_strdup_vprintf(format, arguments));
    va_end(arguments);
    if (!ledger_record(terms->ledger, run, &(LedgerNews){0}, &error))
        command_warn("the ledger does not know that: %s", error->message);
}

static void tell_end(RunResult *run, const RunResult *back, const char *scope, const ChangeTerms *terms)
{
    unsigned all = back->targets->len, done = run_result_count(back, OUTCOME_DONE);
    unsigned same = run_result_count(back, OUTCOME_UNCHANGED), left = all - done - same;
    g_autofree char *none = same > 0 ? g_strdup_printf(", %u had nothing to take back", same) : g_strdup("");
    g_autofree char *open =
        left > 0 ? g_strdup_printf(", and %u could not be: \"dbfleet report %s\" says why", left, back->id)
                 : g_strdup("");
    warn(run, terms, "%s: of %u %s of %s, %u %s taken back by run %s%s%s", run->on_failure, all,
         all == 1 ? "target" : "targets", scope, done, done == 1 ? "was" : "were", back->id, none, open);
}

/* On record before it begins: killed in it, the run's report must not pass for the whole truth. */
static void tell_begin(RunResult *run, const char *id, const char *scope, const ChangeTerms *terms)
{
    warn(run, terms, "%s: run %s began to take back %s, and its end was not seen: \"dbfleet report %s\"",
         run->on_failure, id, scope, id);
}

static void drop_begin(RunResult *run)
{
    g_ptr_array_remove_index(run->warnings, run->warnings->len - 1);
}

/* ---- What earlier runs of the same rollout did ---- */

static bool was_changed(const RunResult *run, const char *name)
{
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        if (target->started_us > 0 && g_str_equal(target->name, name))
            return true;
    }
    return false;
}

/* Targets that `earlier` changed and `run` did not; of the wave alone if there is one. */
static unsigned count_changed(const RunResult *earlier, const RunResult *run, const WaveResult *wave)
{
    unsigned count = 0;
    for (guint i = 0; i < earlier->targets->len; i++) {
        const TargetResult *target = earlier->targets->pdata[i];
        bool has_wave = target->wave > 0 && target->wave <= earlier->waves->len;
        const WaveResult *then = has_wave ? earlier->waves->pdata[target->wave - 1] : NULL;
        bool is_of_scope = !wave || (then && g_str_equal(then->name, wave->name));
        count += is_of_scope && target->started_us > 0 && target->outcome != OUTCOME_INACTIVE &&
                 !was_changed(run, target->name);
    }
    return count;
}

static bool is_taken_back(const GPtrArray *runs, const char *id)
{
    for (guint i = 0; runs && i < runs->len; i++) {
        const RunSummary *summary = runs->pdata[i];
        if (g_strcmp0(summary->of_run, id) == 0 && g_str_equal(summary->command, "rollback"))
            return true;
    }
    return false;
}

/* They stay as they are, and a person should know. */
static void tell_earlier(RunResult *run, const ChangeTerms *terms)
{
    const WaveResult *wave = terms->on_failure == FAILURE_ROLLBACK_WAVE ? broken_wave(run) : NULL;
    g_autoptr(GPtrArray) runs = run->of_run ? ledger_runs(terms->ledger, 0, NULL) : NULL;
    g_autofree char *id = g_strdup(run->of_run);
    while (id) {
        g_autoptr(RunResult) earlier = ledger_load(terms->ledger, id, NULL);
        unsigned count = earlier && !is_taken_back(runs, id) ? count_changed(earlier, run, wave) : 0;
        if (count > 0)
            warn(run, terms,
                 "%s: %u %s that run %s changed before %s not taken back: \"dbfleet rollback %s%s%s\"",
                 run->on_failure, count, count == 1 ? "target" : "targets", id, count == 1 ? "is" : "are", id,
                 wave ? " --wave " : "", wave ? wave->name : "");
        g_free(id);
        id = earlier ? g_strdup(earlier->of_run) : NULL;
    }
}

/* ---- The whole ---- */

static RunResult *roll_back(const Workspace *part, const RunResult *run, const char *id,
                            const ChangeTerms *terms, GError **error)
{
    static const Budget all = {.is_share = true, .value = 100};
    RolloutPolicy plain;
    rollout_policy_init(&plain);
    ChangeTerms own = {.limits = terms->limits,
                       .max_failures = "100%",
                       .max_unreachable = "100%",
                       .rollout = &plain,
                       .ledger = terms->ledger};
    own.limits.max_failures = own.limits.max_unreachable = all;
    own.limits.is_capped = false;
    g_autoptr(GPtrArray) states = workspace_probe_since(part, run->id);
    if (!states) {
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INTR, "interrupted");
        return NULL;
    }
    g_autoptr(Plan) plan = past_run_rollback_plan(part, run->id, states, NULL);
    const ChangeOrigin origin = {.of_run = run->id, .run_id = id, .quiet_news = true};
    change_show_plan(part, plan);
    return change_run(part, plan, &origin, &own, error);
}

RunResult *change_take_back(const Workspace *workspace, RunResult *run, const ChangeTerms *terms)
{
    g_autoptr(GError) error = NULL;
    if (terms->on_failure == FAILURE_HALT || !run->broken || g_str_equal(run->command, "rollback"))
        return NULL;
    g_autofree char *scope = scope_text(run, terms->on_failure);
    if (run->interrupted || run->aborted) {
        warn(run, terms, "%s: nothing was taken back, as the run was %s: \"dbfleet rollback %s\"",
             run->on_failure, run->interrupted ? "interrupted" : "aborted", run->id);
        return NULL;
    }
    Workspace part = *workspace;
    part.targets = g_ptr_array_ref(workspace->targets);
    past_run_select(&part, run,
                    terms->on_failure == FAILURE_ROLLBACK_WAVE ? is_in_broken_wave
                                                               : past_run_may_have_changed);
    fprintf(stderr, "on_failure: %s: taking back what %s did\n", run->on_failure, scope);
    g_autofree char *id = run_id_new();
    g_autoptr(SpareConnections) spare = spare_connections_new(id);
    part.spare = spare;
    tell_begin(run, id, scope, terms);
    RunResult *back = part.targets->len > 0 ? roll_back(&part, run, id, terms, &error) : NULL;
    drop_begin(run);
    if (back)
        tell_end(run, back, scope, terms);
    else
        warn(run, terms, "%s: nothing was taken back: %s", run->on_failure,
             error ? error->message : "no target was started");
    tell_earlier(run, terms);
    g_ptr_array_unref(part.targets);
    return back;
}
