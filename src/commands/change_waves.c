/* Change waves: gives a plan its waves, from dbfleet.yaml or from the run that it goes on with. Main thread.
 */
#include "commands/fleet_change_internal.h"
#include "plans/waves.h"

static GPtrArray *select_wave(gpointer context, const char *selector, GError **error)
{
    return workspace_select(context, selector, error);
}

static bool make_waves(const Workspace *workspace, Plan *plan, int *exit_code)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    bool good =
        plan_take_waves(plan, &workspace->project->rollout, select_wave, (gpointer)workspace, problems);
    command_print_problems(problems);
    if (!good)
        *exit_code = EXIT_CONFIGURATION;
    return good;
}

/* ---- Those of a past run ---- */

typedef struct PastWaves {
    const RunResult *run;
    GHashTable *targets; /* name -> const TargetResult * */
} PastWaves;

static const WaveResult *wave_of_result(const RunResult *run, const TargetResult *target)
{
    return target && target->wave > 0 && target->wave <= run->waves->len ? run->waves->pdata[target->wave - 1]
                                                                         : NULL;
}

static const char *past_wave_of(gpointer context, const Target *target)
{
    const PastWaves *past = context;
    const WaveResult *wave = wave_of_result(past->run, g_hash_table_lookup(past->targets, target->name));
    return wave ? wave->name : NULL;
}

static GHashTable *at_goal(const Plan *plan)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        if (target->verdict == PLAN_AT_GOAL)
            g_hash_table_add(names, target->target->name);
    }
    return names;
}

/* What it did in the wave, also where it died before it could say so: gates are asked there too. */
static void take_done(const Workspace *workspace, const Plan *plan, const RunResult *run)
{
    g_autoptr(GHashTable) there = at_goal(plan);
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        const Target *known = fleet_find(workspace->fleet, target->name);
        bool done = target->outcome == OUTCOME_DONE || g_hash_table_contains(there, target->name);
        if (!known || !wave_of_result(run, target) || !done)
            continue;
        PlanWave *wave = plan->waves->pdata[target->wave - 1];
        if (!wave->done_before)
            wave->done_before = g_ptr_array_new();
        if (!g_ptr_array_find(wave->done_before, known, NULL))
            g_ptr_array_add(wave->done_before, (gpointer)known);
    }
}

/* It did not come to a good end: if none of its targets has anything left to do, its soak and gates have. So
 * too where that run ended ahead of the wave, and an earlier one had done something in it. */
static void take_remainder(PlanWave *wave, const WaveResult *then, bool passed, gint64 now_us)
{
    wave->is_over = then->state == WAVE_DONE;
    wave->is_passed = passed;
    wave->soak_until_us = then->soak_until_us;
    if (then->state != WAVE_HALTED && (wave->is_over || !wave->done_before))
        return;
    bool soaked = then->soak_until_us > 0 && then->soak_until_us <= now_us;
    wave->remainder = soaked ? REMAINDER_GATES : REMAINDER_SOAK;
}

static bool has_members(const RunResult *run, guint wave)
{
    for (guint i = 0; i < run->targets->len; i++)
        if (((const TargetResult *)run->targets->pdata[i])->wave == wave + 1)
            return true;
    return false;
}

/* Whether the run began a wave behind it, and had not left this one out by -l. */
static bool is_passed(const RunResult *run, guint wave)
{
    for (guint i = wave + 1; has_members(run, wave) && i < run->waves->len; i++)
        if (((const WaveResult *)run->waves->pdata[i])->started_us > 0)
            return true;
    return false;
}

/* The plan has the waves of that run, and may have one of leftovers more. */
static void take_past(const Workspace *workspace, Plan *plan, const RunResult *run)
{
    guint known = MIN(plan->waves ? plan->waves->len : 0, run->waves->len);
    if (known == run->waves->len && known > 0)
        take_done(workspace, plan, run);
    for (guint i = 0; i < known; i++)
        take_remainder(plan->waves->pdata[i], run->waves->pdata[i], is_passed(run, i), g_get_real_time());
}

static void restore_waves(const Workspace *workspace, Plan *plan, const RunResult *run)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    PastWaves past = {run, g_hash_table_new(g_str_hash, g_str_equal)};
    for (guint i = 0; i < run->waves->len; i++)
        g_ptr_array_add(names, ((const WaveResult *)run->waves->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    for (guint i = 0; i < run->targets->len; i++) {
        TargetResult *target = run->targets->pdata[i];
        g_hash_table_insert(past.targets, target->name, target);
    }
    plan_restore_waves(plan, &workspace->project->rollout, (const char *const *)names->pdata, past_wave_of,
                       &past);
    take_past(workspace, plan, run);
    g_hash_table_unref(past.targets);
}

/* ---- Those of a plan file ---- */

static bool is_followed(const Plan *plan, guint wave)
{
    for (guint i = wave + 1; i < plan->waves->len; i++)
        if (((const PlanWave *)plan->waves->pdata[i])->targets > 0)
            return true;
    return false;
}

/* Targets of the file's wave that are where they were to go; NULL: none. Caller unrefs. */
static GPtrArray *done_of(const PlanFile *file, const Plan *plan, const char *wave)
{
    GPtrArray *done = g_ptr_array_new();
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        const PlanFileTarget *reviewed = plan_file_target(file, target->target->name);
        if (target->verdict == PLAN_AT_GOAL && reviewed && reviewed->wave &&
            g_str_equal(reviewed->wave->name, wave))
            g_ptr_array_add(done, (gpointer)target->target);
    }
    if (done->len > 0)
        return done;
    g_ptr_array_unref(done);
    return NULL;
}

static void take_reviewed(const PlanFile *file, Plan *plan)
{
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        PlanWave *wave = plan->waves->pdata[i];
        wave->done_before = done_of(file, plan, wave->name);
    }
}

/* Where the file is gone on with and the ledger does not tell whether the gates of a wave that is done have
 * passed, they are asked before others follow it. */
static void finish_reviewed(Plan *plan)
{
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        PlanWave *wave = plan->waves->pdata[i];
        if (wave->targets > 0 || !wave->done_before || !is_followed(plan, i))
            continue;
        wave->is_over = true;
        wave->remainder = REMAINDER_GATES;
    }
}

GHashTable *change_known_errors(const RunResult *past)
{
    if (!past || past->waves->len == 0)
        return NULL;
    GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < past->targets->len; i++) {
        const TargetResult *target = past->targets->pdata[i];
        if (target->failure && target->wave > 0)
            g_hash_table_add(known, failure_signature(target->failure, target->name));
    }
    return known;
}

/* A person's choice, but gates and questions of these waves stand between nobody then. */
static void warn_of_left_out(const Workspace *workspace, const PlanFile *file, const Plan *plan)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    if (!options_text(workspace->options, "limit") || !file->waves)
        return;
    for (guint i = 0; i < file->waves->len; i++) {
        const PlanFileWave *planned = file->waves->pdata[i];
        const PlanWave *wave = plan->waves->pdata[i];
        unsigned members = wave->targets + wave->unreachable + wave->blocked + wave->stale + wave->at_goal;
        if (planned->targets > 0 && members == planned->at_goal && is_followed(plan, i))
            g_ptr_array_add(names, planned->name);
    }
    g_ptr_array_add(names, NULL);
    g_autofree char *list = g_strjoinv(", ", (char **)names->pdata);
    if (*list)
        command_warn("-l leaves out %s %s: their gates are not asked, and nothing is known of how they do",
                     names->len == 2 ? "wave" : "waves", list);
}

bool change_waves(const Workspace *workspace, Plan *plan, const ChangeOrigin *origin, int *exit_code)
{
    if (origin && origin->file) {
        plan_file_give_waves(origin->file, plan);
        warn_of_left_out(workspace, origin->file, plan);
        take_reviewed(origin->file, plan);
        if (origin->past)
            take_past(workspace, plan, origin->past);
        else
            finish_reviewed(plan);
        return true;
    }
    if (plan->command == PLAN_STAMP)
        return true; /* it runs nothing that waves protect from */
    bool new_ones = !origin || !origin->past || origin->past->waves->len == 0;
    if (new_ones || workspace_without_waves(workspace))
        return make_waves(workspace, plan, exit_code);
    restore_waves(workspace, plan, origin->past);
    return true;
}
