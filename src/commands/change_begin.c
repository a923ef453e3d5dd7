/* Change begin: whether a new rollout by waves may begin beside the newest run on its track, or behind what
 * that one still owes. Reads the ledger only: without one nothing is known. Main thread. */
#include "commands/past_run_internal.h"
#include "plans/waves.h"

/* The newest upgrade or downgrade on the track, with what it went on with. False with a message; *run NULL:
 * there is none. */
static bool load_newest(const Workspace *workspace, RunResult **run, int *exit_code)
{
    GError *error = NULL;
    g_autoptr(Ledger) ledger = workspace_ledger(workspace, false, NULL);
    *run = ledger ? ledger_load_newest_change(ledger, workspace->track->name, &error) : NULL;
    if (*run && !workspace_take_earlier(*run, ledger, &error))
        g_clear_pointer(run, run_result_free);
    if (error)
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
    return error == NULL;
}

/* Name -> const PlanTarget *, of what the run had too. Caller unrefs. */
static GHashTable *shared_targets(const Plan *plan, const RunResult *run)
{
    g_autoptr(GHashTable) of_run = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTable *shared = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < run->targets->len; i++)
        g_hash_table_add(of_run, ((TargetResult *)run->targets->pdata[i])->name);
    for (guint i = 0; i < plan->targets->len; i++) {
        PlanTarget *target = plan->targets->pdata[i];
        if (target->verdict != PLAN_INACTIVE && g_hash_table_contains(of_run, target->target->name))
            g_hash_table_insert(shared, target->target->name, target);
    }
    return shared;
}

/* Whether anything is to be waited for or asked behind it. A plan file had its own policy. */
static bool has_something_behind(const Workspace *workspace, const RunResult *run, guint index)
{
    const RolloutPolicy *policy = &workspace->project->rollout;
    const WaveResult *then = run->waves->pdata[index];
    PlanWave wave = {0};
    for (guint i = 0; policy->waves && i < policy->waves->len; i++) {
        const WaveSpec *spec = policy->waves->pdata[i];
        if (g_strcmp0(spec->name, then->name) == 0)
            wave.spec = spec;
    }
    const GPtrArray *gates = plan_wave_gates(&wave, policy);
    bool soaks = plan_wave_soak_ms(&wave, policy) > 0 && index + 1 < run->waves->len;
    return run->plan_file || soaks || (gates && gates->len > 0);
}

/* True if the wave of that run came to no end, and the new rollout would pass over it: what it did is done,
 * and is not taken back. */
static bool is_passed_over(const RunResult *run, guint index, GHashTable *shared)
{
    unsigned pending = 0, there = 0;
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *then = run->targets->pdata[i];
        if (then->wave != index + 1)
            continue;
        const PlanTarget *now = g_hash_table_lookup(shared, then->name);
        pending += now && now->verdict == PLAN_PENDING;
        there += now ? now->verdict == PLAN_AT_GOAL : then->outcome == OUTCOME_DONE;
    }
    return past_run_is_halted_behind(run, index) ? there > 0 || pending == 0 : there > 0 && pending == 0;
}

static const WaveResult *find_passed_over(const Workspace *workspace, const RunResult *run,
                                          GHashTable *shared)
{
    for (guint i = 0; i < run->waves->len; i++) {
        const WaveResult *wave = run->waves->pdata[i];
        if (wave->state != WAVE_DONE && has_something_behind(workspace, run, i) &&
            is_passed_over(run, i, shared))
            return wave;
    }
    return NULL;
}

/* What is known of why it did not end well. Caller frees. */
static char *what_it_saw(const WaveResult *wave)
{
    for (guint i = 0; i < wave->gates->len; i++) {
        const GateResult *gate = wave->gates->pdata[i];
        if (!gate->passed)
            return g_strdup_printf("its gate %s failed%s%s%s%s", gate->name, gate->target ? " on " : "",
                                   gate->target ? gate->target : "", gate->saw ? ": " : "",
                                   gate->saw ? gate->saw : "");
    }
    return g_strdup_printf("its soak and gates were not gone through%s%s", wave->halt_reason ? ": " : "",
                           wave->halt_reason ? wave->halt_reason : "");
}

bool change_may_begin(const Workspace *workspace, const Plan *plan, int *exit_code)
{
    g_autoptr(RunResult) run = NULL;
    if (plan->command == PLAN_STAMP || workspace_without_waves(workspace) ||
        !(workspace->project->rollout.waves || workspace->project->rollout.gates))
        return true;
    if (!load_newest(workspace, &run, exit_code))
        return false;
    g_autoptr(GHashTable) shared = run ? shared_targets(plan, run) : NULL;
    if (!run || run->waves->len == 0 || g_hash_table_size(shared) == 0)
        return true;
    if (!past_run_is_over(run, exit_code))
        return false;
    const WaveResult *wave =
        options_flag(workspace->options, "anew") ? NULL : find_passed_over(workspace, run, shared);
    if (!wave)
        return true;
    g_autofree char *saw = what_it_saw(wave);
    *exit_code =
        command_fail(EXIT_HALTED,
                     "run %s ended behind wave %s: %s; nothing was changed. \"dbfleet resume %s\" asks again "
                     "and goes on, --anew begins the rollout anew without that",
                     run->id, wave->name, saw, run->id);
    return false;
}
