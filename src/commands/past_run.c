/* Past run: what a run of the ledger still has to do, or did. The ledger only says which targets, and where
 * each was to go; where each one stands is read from it. */
#include "commands/past_run_internal.h"
#include "commands/plan_approvals_internal.h"
#include <string.h>

const OptionSpec past_run_options[] = {
    {.name = "dry-run", .kind = OPTION_FLAG, .help = "Show what would happen, like plan, and change nothing"},
    {.name = "allow-edited",
     .kind = OPTION_FLAG,
     .help = "Go on although a revision was edited after it was applied to a target"},
    {0}};

const OptionSpec go_on_options[] = {
    {.name = "fill",
     .kind = OPTION_FLAG,
     .help = "First run the revisions below the heads of a target that never ran there"},
    {.name = "assume-done",
     .kind = OPTION_LIST,
     .argument = "TARGET",
     .help = "You looked: the statement whose outcome is open on TARGET took effect. Takes this target only"},
    {.name = "assume-not-done",
     .kind = OPTION_LIST,
     .argument = "TARGET",
     .help = "You looked: it did not, and runs again. Takes this target only"},
    {0}};

/* ---- Where each of them was to go ---- */

/* "-2", "label@-1", "rev+1": counted from where a target stands. */
static bool is_relative(const char *goal)
{
    return g_regex_match_simple("[+-][0-9]+$", goal, 0, 0);
}

/* A downgrade leads to one symbol: the row that it was to make, or what was typed. NULL: neither tells. */
static const char *downgrade_goal(const TargetResult *then, const RunResult *run)
{
    const char *made = NULL;
    bool relative = is_relative(run->goal);
    for (char **row = then->rows_goal; row && *row; row++) {
        if (then->rows_before && g_strv_contains((const char *const *)then->rows_before, *row))
            continue;
        if (made)
            return relative ? NULL : run->goal;
        made = *row;
    }
    if (!made && then->rows_goal && !then->rows_goal[0])
        return "base";
    return made ? made : relative ? NULL : run->goal;
}

/* The goals of one target, NULL-terminated: its own where the run had worked them out, so that a relative
 * goal is not walked twice. NULL: as typed. */
static char **goals_of(const TargetResult *then, const RunResult *run, PlanCommand command)
{
    const char *one[] = {NULL, NULL};
    if (command == PLAN_DOWNGRADE)
        one[0] = downgrade_goal(then, run);
    else if (then->rows_goal && !then->rows_goal[0])
        one[0] = "base";
    if (one[0])
        return g_strdupv((char **)one);
    return command != PLAN_DOWNGRADE && then->rows_goal ? g_strdupv(then->rows_goal) : NULL;
}

/* For each target of the selection. Caller frees with g_ptr_array_unref. */
static GPtrArray *all_goals(const Workspace *workspace, const RunResult *run, PlanCommand command)
{
    g_autoptr(GHashTable) then = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *goals = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    for (guint i = 0; i < run->targets->len; i++) {
        TargetResult *target = run->targets->pdata[i];
        g_hash_table_insert(then, target->name, target);
    }
    for (guint i = 0; i < workspace->targets->len; i++) {
        const Target *target = workspace->targets->pdata[i];
        g_ptr_array_add(goals, goals_of(g_hash_table_lookup(then, target->name), run, command));
    }
    return goals;
}

static const TargetResult *result_of(const RunResult *run, const char *name)
{
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        if (g_str_equal(target->name, name))
            return target;
    }
    return NULL;
}

/* A relative goal that no symbol stands for, as that of one branch of several, is walked from where the
 * target stands; from anywhere else than where it stood then that leads too far. False, with a message. */
static bool typed_goals_hold(const Workspace *workspace, const RunResult *run, const GPtrArray *goals,
                             const GPtrArray *states, int *exit_code)
{
    for (guint i = 0; i < workspace->targets->len && is_relative(run->goal); i++) {
        const Target *target = workspace->targets->pdata[i];
        const TargetState *state = states->pdata[i];
        const TargetResult *then = result_of(run, target->name);
        bool as_typed = !goals->pdata[i] && then && then->rows_goal && state && state->outcome == PROBE_OK;
        if (!as_typed || (then->rows_before && rows_are_same(then->rows_before, state->rows)))
            continue;
        g_autofree char *goal = g_strjoinv(", ", then->rows_goal);
        *exit_code = command_fail(
            EXIT_CONFIGURATION,
            "%s does not stand where run %s began, and \"%s\" counted from where it stands "
            "may lead too far; it was to end at %s: downgrade it by a revision's name, and leave "
            "it out here with -l",
            target->name, run->id, run->goal, *goal ? goal : "base");
        return false;
    }
    return true;
}

static bool command_of(const RunResult *run, PlanCommand *command)
{
    for (int i = PLAN_UPGRADE; i <= PLAN_ROLLBACK; i++) {
        *command = (PlanCommand)i;
        if (g_str_equal(run->command, plan_command_name(*command)))
            return true;
    }
    return false;
}

/* ---- Going on ---- */

/* A rollback that a policy asks for comes from commands that have no such option. */
static bool allows_edited(const Options *options)
{
    return options_knows(options, "allow-edited") && options_flag(options, "allow-edited");
}

/* `run` NULL: it is not known. */
static PlanRequest past_request(const Workspace *workspace, const RunResult *run, PlanCommand command,
                                const char *const *goals)
{
    return (PlanRequest){.command = command,
                         .goals = goals,
                         .purge = command == PLAN_STAMP, /* to the very rows that the run was to leave */
                         .allow_edited = allows_edited(workspace->options) ||
                                         (run && command != PLAN_ROLLBACK && run->allow_edited),
                         .fill = command == PLAN_UPGRADE && options_flag(workspace->options, "fill"),
                         .variables = options_pairs(workspace->options, "set"),
                         .version_table = workspace_version_table(workspace)};
}

static int show_or_run(const Workspace *workspace, Plan *plan, const ChangeOrigin *origin)
{
    int code = EXIT_DONE;
    if (!options_flag(workspace->options, "dry-run"))
        return change_fleet(workspace, plan, origin);
    if (!plan_file_error(plan) && !change_check(workspace, plan))
        return EXIT_INTERRUPTED;
    if (!plan_file_error(plan) && !change_waves(workspace, plan, origin, &code))
        return code;
    return change_print_plan(workspace->options, plan);
}

static int go_on(const Workspace *workspace, const RunResult *run, PlanCommand command, GHashTable *assume)
{
    g_autoptr(GPtrArray) states = workspace_probe(workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    g_auto(GStrv) typed = g_strsplit(run->goal, " ", -1);
    g_autoptr(GPtrArray) goals = all_goals(workspace, run, command);
    int code = EXIT_DONE;
    if (!typed_goals_hold(workspace, run, goals, states, &code))
        return code;
    PlanRequest request = past_request(workspace, run, command, (const char *const *)typed);
    request.target_goals = (const char *const *const *)goals->pdata;
    request.assume = assume;
    g_autoptr(Plan) plan = change_plan(workspace, states, &request);
    const ChangeOrigin origin = {.of_run = run->id, .assume = assume, .past = run};
    return show_or_run(workspace, plan, &origin);
}

/* Where it is from here, else from the project. Caller frees. */
static char *file_path(const Workspace *workspace, const RunResult *run)
{
    if (g_file_test(run->plan_file, G_FILE_TEST_EXISTS) || !workspace->project->folder)
        return g_strdup(run->plan_file);
    return g_canonicalize_filename(run->plan_file, workspace->project->folder);
}

/* What was reviewed, and nothing else, also when it is gone on with. */
static int go_on_with_file(Workspace *workspace, const RunResult *run, GHashTable *assume)
{
    int code = EXIT_DONE;
    SignedPlan plan;
    g_autofree char *path = file_path(workspace, run), *bytes = NULL;
    g_autoptr(PlanFile) file = NULL;
    if (options_flag(workspace->options, "allow-edited") || options_flag(workspace->options, "fill") ||
        options_flag(workspace->options, "no-waves"))
        return command_fail(
            EXIT_USAGE,
            "run %s applied %s, which says by itself what --allow-edited, --fill and --no-waves "
            "would say",
            run->id, run->plan_file);
    bool there = plan_bytes_read(path, &bytes, &plan, &file, &code);
    if (!there || g_strcmp0(file->digest, run->plan_digest) != 0)
        return command_fail(EXIT_CONFIGURATION,
                            "run %s applied %s, and only as it was then may it be gone on with (digest "
                            "%.12s); bring it back, "
                            "or make a new plan",
                            run->id, run->plan_file, run->plan_digest);
    const ChangeOrigin origin = {.of_run = run->id, .assume = assume, .past = run, .file = file};
    return apply_plan_file(workspace, file, &plan, &origin);
}

/* True if the history of any target tells of the run, or some target could not be asked. */
static bool is_known(const GPtrArray *states)
{
    for (guint i = 0; i < states->len; i++) {
        const TargetState *state = states->pdata[i];
        if (state && (state->outcome != PROBE_OK || (state->since_run && state->since_run->len > 0)))
            return true;
    }
    return false;
}

/* A run of the ledger changed nothing; one that only its id tells of may be another's. */
static int tell_nothing_known(const GPtrArray *states, const char *run_id, bool in_ledger)
{
    if (!in_ledger)
        return command_fail(EXIT_CONFIGURATION,
                            "no history of these %u targets knows run %s: it changed none of them, or was "
                            "another one (\"dbfleet runs\" lists runs)",
                            states->len, run_id);
    command_warn("run %s changed nothing on these targets", run_id);
    return EXIT_DONE;
}

Plan *past_run_rollback_plan(const Workspace *workspace, const char *run_id, const GPtrArray *states,
                             GHashTable *assume)
{
    const char *goals[] = {run_id, NULL};
    PlanRequest request = past_request(workspace, NULL, PLAN_ROLLBACK, goals);
    request.run_id = run_id;
    request.assume = assume;
    return change_plan(workspace, states, &request);
}

static int roll_back(const Workspace *workspace, const char *run_id, bool in_ledger, GHashTable *assume)
{
    g_autoptr(GPtrArray) states = workspace_probe_since(workspace, run_id);
    if (!states)
        return EXIT_INTERRUPTED;
    if (!is_known(states))
        return tell_nothing_known(states, run_id, in_ledger);
    g_autoptr(Plan) plan = past_run_rollback_plan(workspace, run_id, states, assume);
    const ChangeOrigin origin = {.of_run = run_id, .assume = assume};
    return show_or_run(workspace, plan, &origin);
}

int past_run_roll_back(const Workspace *workspace, const char *run_id, bool in_ledger)
{
    return roll_back(workspace, run_id, in_ledger, NULL);
}

/* ---- What a person says of an open statement ---- */

static bool add_assumed(GHashTable *assume, const Options *options, const char *option, const char *word)
{
    for (const char *const *name = options_list(options, option); *name; name++)
        if (!g_hash_table_insert(assume, (gpointer)*name, (gpointer)word))
            return false;
    return true;
}

/* Target name -> word; NULL, with a message, if one is named twice. Caller unrefs. */
static GHashTable *assumptions(const Options *options, int *exit_code)
{
    g_autoptr(GHashTable) assume = g_hash_table_new(g_str_hash, g_str_equal);
    if (add_assumed(assume, options, "assume-done", "done") &&
        add_assumed(assume, options, "assume-not-done", "not-done"))
        return g_steal_pointer(&assume);
    *exit_code = command_fail(EXIT_USAGE, "a target is named twice: say of each one either --assume-done or "
                                          "--assume-not-done");
    return NULL;
}

/* A word about a target is for it alone: the others wait for a resume without one. */
static bool keep_assumed(Workspace *workspace, const RunResult *run, GHashTable *assume, int *exit_code)
{
    if (g_hash_table_size(assume) == 0)
        return true;
    GHashTableIter iter;
    gpointer name;
    GPtrArray *kept = g_ptr_array_new();
    for (guint i = 0; i < workspace->targets->len; i++)
        if (g_hash_table_contains(assume, ((const Target *)workspace->targets->pdata[i])->name))
            g_ptr_array_add(kept, workspace->targets->pdata[i]);
    g_ptr_array_unref(workspace->targets);
    workspace->targets = kept;
    g_hash_table_iter_init(&iter, assume);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        const Target *target = fleet_find(workspace->fleet, name);
        if (target && g_ptr_array_find(kept, target, NULL))
            continue;
        *exit_code = command_fail(EXIT_CONFIGURATION,
                                  "target %s is none of those that run %s left; \"dbfleet runs\" lists the "
                                  "others, name the one that stopped there",
                                  (const char *)name, run->id);
        return false;
    }
    return true;
}

/* The ledger keeps the names of variables, never their values. */
static bool has_variables(const Options *options, const RunResult *run, int *exit_code)
{
    GHashTable *given = options_pairs(options, "set");
    for (char **name = run->variables; name && *name; name++) {
        if (g_hash_table_contains(given, *name))
            continue;
        *exit_code =
            command_fail(EXIT_USAGE, "run %s was given -x %s=…, and values are not recorded: give it again",
                         run->id, *name);
        return false;
    }
    return true;
}

bool past_run_is_over(const RunResult *run, int *exit_code)
{
    if (run->state != RUN_RUNNING && run->state != RUN_PAUSED)
        return true;
    *exit_code =
        command_fail(EXIT_LOCKED, "run %s is still at work (%s); wait for it, or end it: dbfleet abort %s",
                     run->id, run->operator_name, run->id);
    return false;
}

/* ---- What on_failure took back ---- */

static bool wants_rollback(const RunResult *run)
{
    return run->on_failure && !g_str_equal(run->on_failure, on_failure_name(FAILURE_HALT));
}

static bool is_unlimited(const char *budget)
{
    return g_strcmp0(budget, "100%") == 0;
}

/* True for a rollback that on_failure began, and for a resume of one: it obeys no policy, whereas one that a
 * person asks for obeys that of the project, on_failure included. */
static bool is_of_policy(Ledger *ledger, const RunResult *run)
{
    bool is_plain = g_str_equal(run->command, "rollback") && run->of_run && !wants_rollback(run) &&
                    run->waves->len == 0 && is_unlimited(run->max_failures) &&
                    is_unlimited(run->max_unreachable);
    g_autoptr(RunResult) source = is_plain ? ledger_find(ledger, run->of_run, NULL) : NULL;
    return source && wants_rollback(source);
}

static bool has_any(const RunResult *run, PastRunTake take)
{
    for (guint i = 0; i < run->targets->len; i++)
        if (take(run, run->targets->pdata[i]))
            return true;
    return false;
}

/* "last" after a rollback by on_failure that is through means the run that it took back. NULL: "last" is what
 * it says. Caller frees. */
static char *taken_back_by_last(const Options *options, PastRunTake take, int *exit_code)
{
    g_auto(Workspace) project = {0};
    if (!workspace_open_track(&project, options, WORKSPACE_PROJECT, NULL, exit_code))
        return NULL;
    g_autoptr(Ledger) ledger = workspace_ledger(&project, false, NULL);
    g_autoptr(RunResult) last = ledger ? ledger_load(ledger, "last", NULL) : NULL;
    if (!last || !is_of_policy(ledger, last) || has_any(last, take))
        return NULL;
    command_warn("the newest run, %s, is a rollback by on_failure: going on with run %s, which it took back",
                 last->id, last->of_run);
    return g_strdup(last->of_run);
}

/* It goes through all of it, as on_failure began it: without waves, gates, budgets. */
static void drop_policy(const Workspace *workspace)
{
    RolloutPolicy *rollout = &workspace->project->rollout, plain;
    rollout_policy_init(&plain);
    plain.jobs = rollout->jobs;
    plain.per_host = rollout->per_host;
    plain.on_halt = g_steal_pointer(&rollout->on_halt);
    plain.max_failures = g_strdup("100%");
    plain.max_unreachable = g_strdup("100%");
    rollout_policy_clear(rollout);
    *rollout = plain;
}

static int roll_back_further(const Workspace *workspace, const RunResult *run, GHashTable *assume)
{
    g_autoptr(Ledger) ledger = workspace_ledger(workspace, false, NULL);
    if (ledger && is_of_policy(ledger, run))
        drop_policy(workspace);
    return roll_back(workspace, run->goal, true, assume);
}

/* It is left to do again, although the run had done it. */
static bool was_taken_back(const Workspace *workspace, const RunResult *run)
{
    if (!wants_rollback(run))
        return false;
    g_autoptr(Ledger) ledger = workspace_ledger(workspace, false, NULL);
    g_autoptr(GPtrArray) runs = ledger ? ledger_runs(ledger, 0, NULL) : NULL;
    for (guint i = 0; runs && i < runs->len; i++) {
        const RunSummary *summary = runs->pdata[i];
        if (g_strcmp0(summary->of_run, run->id) == 0 && g_str_equal(summary->command, "rollback"))
            return true;
    }
    return false;
}

static bool is_active(const RunResult *run, const TargetResult *target)
{
    (void)run;
    return target->outcome != OUTCOME_INACTIVE;
}

bool past_run_is_halted_behind(const RunResult *run, guint index)
{
    const WaveResult *wave = run->waves->pdata[index];
    if (wave->state != WAVE_HALTED)
        return false;
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        bool there = target->outcome == OUTCOME_DONE || target->outcome == OUTCOME_UNCHANGED;
        if (target->wave == index + 1 && !there)
            return wave->soak_until_us > 0 || wave->gates->len > 0;
    }
    return true;
}

static const WaveResult *owing_wave(const RunResult *run)
{
    for (guint i = 0; i < run->waves->len; i++)
        if (past_run_is_halted_behind(run, i))
            return run->waves->pdata[i];
    return NULL;
}

static bool was_in_owing_wave(const RunResult *run, const TargetResult *target)
{
    const WaveResult *wave = owing_wave(run);
    return wave && target->wave > 0 && target->wave <= run->waves->len &&
           run->waves->pdata[target->wave - 1] == wave;
}

/* Where no target of the run is left, those of the wave that still owes its gates: they have nothing to do,
 * and the gates are asked. */
static void select_left(Workspace *workspace, const RunResult *run, PastRunTake take, bool with_gates)
{
    g_autoptr(GPtrArray) selected = g_ptr_array_ref(workspace->targets);
    past_run_select(workspace, run, take);
    if (workspace->targets->len > 0 || !with_gates || workspace_without_waves(workspace) || !owing_wave(run))
        return;
    g_ptr_array_unref(workspace->targets);
    workspace->targets = g_steal_pointer(&selected);
    past_run_select(workspace, run, was_in_owing_wave);
}

int past_run_go_on(const Options *options, PastRunTake take, const char *left, bool with_gates)
{
    int code = EXIT_DONE;
    PlanCommand command;
    g_auto(Workspace) workspace = {0};
    g_autoptr(RunResult) run = NULL;
    const char *id = options_operand_count(options) ? options_operand(options, 0) : "last";
    g_autofree char *source = g_str_equal(id, "last") ? taken_back_by_last(options, take, &code) : NULL;
    if (code != EXIT_DONE ||
        !workspace_open_run(&workspace, options, source ? source : id, true, &run, &code))
        return code;
    if (!command_of(run, &command))
        return command_fail(EXIT_CONFIGURATION, "run %s was a \"%s\", which this dbfleet does not know",
                            run->id, run->command);
    if (!past_run_is_over(run, &code) || !has_variables(options, run, &code))
        return code;
    g_autoptr(GHashTable) assume = assumptions(options, &code);
    if (!assume)
        return code;
    select_left(&workspace, run, was_taken_back(&workspace, run) ? is_active : take, with_gates);
    if (!keep_assumed(&workspace, run, assume, &code))
        return code;
    if (workspace.targets->len == 0) {
        command_warn("nothing of run %s is %s%s", run->id, left,
                     options_text(options, "limit") ? " in this selection" : "");
        return EXIT_DONE;
    }
    if (run->plan_file)
        return go_on_with_file(&workspace, run, assume);
    return command == PLAN_ROLLBACK ? roll_back_further(&workspace, run, assume)
                                    : go_on(&workspace, run, command, assume);
}
