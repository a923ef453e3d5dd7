/* dbfleet apply */
#include "base/duration.h"
#include "commands/command_list_internal.h"
#include "commands/past_run_internal.h"
#include "commands/plan_approvals_internal.h"
#include <string.h>

/* ---- Whether it may be applied at all ---- */

static bool is_in_time(const PlanFile *file, gint64 now_us, int *exit_code)
{
    g_autofree char *expires = timestamp_format(file->expires_us);
    g_autofree char *begins = timestamp_format(file->not_before_us);
    if (file->expires_us && now_us > file->expires_us)
        *exit_code = command_fail(EXIT_STALE, "%s expired at %s; plan again", file->file, expires);
    else if (now_us < file->not_before_us)
        *exit_code = command_fail(EXIT_STALE, "%s is not to be applied before %s", file->file, begins);
    else
        return true;
    return false;
}

/* The same -x names must be given again: their values are in no plan file. */
static bool has_variables(const PlanFile *file, const Options *options, int *exit_code)
{
    GHashTable *pairs = options_pairs(options, "set");
    for (char **name = file->variables; *name; name++) {
        if (pairs && g_hash_table_contains(pairs, *name))
            continue;
        *exit_code = command_fail(
            EXIT_USAGE, "the plan was made with -x %s=…, whose value it does not keep; give it again", *name);
        return false;
    }
    if (!pairs || g_hash_table_size(pairs) == g_strv_length(file->variables))
        return true;
    *exit_code = command_fail(EXIT_USAGE,
                              "-x: the plan was made without some of these variables; plan again with them");
    return false;
}

static const Target *find_target(const Fleet *fleet, const PlanFileTarget *planned, Diagnostics *problems)
{
    const Target *target = fleet_find(fleet, planned->name);
    if (!target)
        diagnostics_error(problems, planned->place, "target %s of the plan is not in the inventory any more",
                          planned->name);
    else if (!g_str_equal(target->endpoint, planned->endpoint))
        diagnostics_error(problems, planned->place,
                          "target %s was at %s when the plan was made and is at %s now", planned->name,
                          planned->endpoint, target->endpoint);
    return target;
}

/* What the plan leaves alone counts where it holds others up: what could not be reached, and the members of
 * waves. */
static void add_exceptions(const Workspace *workspace, const PlanFile *file, GHashTable *selected,
                           GPtrArray *found)
{
    for (guint i = 0; i < file->exceptions->len; i++) {
        const PlanFileException *exception = file->exceptions->pdata[i];
        const Target *target = fleet_find(workspace->fleet, exception->name);
        bool counts =
            exception->wave || g_strcmp0(exception->problem, plan_problem_name(PROBLEM_UNREACHABLE)) == 0;
        if (target && counts && g_hash_table_contains(selected, target))
            g_ptr_array_add(found, (gpointer)target);
    }
}

/* The targets with something to do, in the order of the file; of these what was selected; then the
 * exceptions. NULL: something is not as it was. */
static GPtrArray *planned_targets(const Workspace *workspace, const PlanFile *file, Diagnostics *problems)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    g_autoptr(GHashTable) selected = g_hash_table_new(NULL, NULL);
    unsigned before = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    for (guint i = 0; i < workspace->targets->len; i++)
        g_hash_table_add(selected, workspace->targets->pdata[i]);
    for (guint i = 0; i < file->targets->len; i++) {
        const PlanFileTarget *planned = file->targets->pdata[i];
        const Target *target = planned->path ? find_target(workspace->fleet, planned, problems) : NULL;
        if (target && g_hash_table_contains(selected, target))
            g_ptr_array_add(found, (gpointer)target);
    }
    add_exceptions(workspace, file, selected, found);
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == before ? g_steal_pointer(&found) : NULL;
}

static bool take_targets(Workspace *workspace, const PlanFile *file, int *exit_code)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    if (!g_str_equal(file->version_table, workspace_version_table(workspace)))
        diagnostics_error(problems, (SourcePlace){file->file, 0, 0},
                          "the plan is for version table %s, track %s has %s", file->version_table,
                          file->track, workspace_version_table(workspace));
    plan_file_check_revisions(file, workspace->graph, problems);
    GPtrArray *targets = planned_targets(workspace, file, problems);
    command_print_problems(problems);
    if (!targets || diagnostics_has_errors(problems)) {
        *exit_code =
            command_fail(EXIT_CONFIGURATION, "%s does not fit what is here; nothing was changed", file->file);
        g_clear_pointer(&targets, g_ptr_array_unref);
        return false;
    }
    g_ptr_array_unref(workspace->targets);
    workspace->targets = targets;
    return true;
}

/* ---- Its policy: only stricter ---- */

static bool refuse_looser(const char *option, const char *planned, int *exit_code)
{
    *exit_code = command_fail(EXIT_USAGE, "--%s: the plan says %s, and a run of it can only be stricter",
                              option, planned);
    return false;
}

static bool number_is_stricter(const Options *options, const char *option, unsigned planned, int *exit_code)
{
    g_autofree char *text = g_strdup_printf("%u", planned);
    bool looser =
        options_given(options, option) && planned > 0 && options_unsigned(options, option) > planned;
    return !looser || refuse_looser(option, text, exit_code);
}

static bool budget_is_stricter(const Options *options, const char *option, const char *planned,
                               unsigned targets, int *exit_code)
{
    Budget typed;
    Budget allowed;
    const char *text = options_text(options, option);
    bool looser = text && budget_parse(text, &typed) && budget_parse(planned, &allowed) &&
                  budget_limit(&typed, targets) > budget_limit(&allowed, targets);
    return !looser || refuse_looser(option, planned, exit_code);
}

static bool time_is_stricter(const Options *options, const char *planned, int *exit_code)
{
    gint64 now_us = g_get_real_time(), typed_us, planned_us;
    const char *text = options_text(options, "stop-starting-at");
    bool looser = text && planned && rollout_time_resolve(text, now_us, &typed_us) &&
                  rollout_time_resolve(planned, now_us, &planned_us) && typed_us > planned_us;
    return !looser || refuse_looser("stop-starting-at", planned, exit_code);
}

/* From what lets a run go on longest to what ends it first. */
static bool halt_is_stricter(const Options *options, const char *planned, int *exit_code)
{
    static const char *const falling[] = {"target", "step", "cancel", NULL};
    const char *text = options_text(options, "on-halt");
    gsize typed = 0, allowed = 0;
    if (!text)
        return true;
    while (falling[typed] && !g_str_equal(falling[typed], text))
        typed++;
    while (falling[allowed] && !g_str_equal(falling[allowed], planned))
        allowed++;
    return typed >= allowed || refuse_looser("on-halt", planned, exit_code);
}

static const char *said_or(const char *text, const char *fallback)
{
    return text ? text : fallback;
}

static unsigned count_planned(const PlanFile *file)
{
    unsigned count = 0;
    for (guint i = 0; i < file->paths->len; i++)
        count += ((const PlanFilePath *)file->paths->pdata[i])->takers->len;
    return count;
}

/* The plan's policy stands in the place of the project's, but for what it needs to be approved. */
static bool take_policy(Workspace *workspace, const PlanFile *file, int *exit_code)
{
    const Options *options = workspace->options;
    const RolloutPolicy *policy = &file->rollout;
    RolloutPolicy *rollout = &workspace->project->rollout;
    unsigned count = count_planned(file);
    if (!number_is_stricter(options, "jobs", policy->jobs, exit_code) ||
        !number_is_stricter(options, "per-host", policy->per_host, exit_code) ||
        !budget_is_stricter(options, "max-failures", said_or(policy->max_failures, "0"), count, exit_code) ||
        !budget_is_stricter(options, "max-unreachable", said_or(policy->max_unreachable, "100%"), count,
                            exit_code) ||
        !halt_is_stricter(options, said_or(policy->on_halt, "step"), exit_code) ||
        !time_is_stricter(options, policy->stop_starting_at, exit_code))
        return false;
    RolloutPolicy planned;
    rollout_policy_copy(&planned, policy);
    planned.approvals = rollout->approvals;
    planned.self_approval = rollout->self_approval;
    planned.allowed_signers = g_steal_pointer(&rollout->allowed_signers);
    rollout_policy_clear(rollout);
    *rollout = planned;
    return true;
}

/* ---- Running it ---- */

/* The newest run of the same file: what it left undone behind its waves is gone on with. NULL: none is known.
 */
static RunResult *past_run_of(const Workspace *workspace, const PlanFile *file)
{
    g_autoptr(Ledger) ledger = workspace_ledger(workspace, false, NULL);
    return ledger ? ledger_load_of_plan(ledger, file->digest, NULL) : NULL;
}

/* A preview needs nobody's leave. */
static bool is_approved(const Workspace *workspace, const SignedPlan *plan, const PlanFile *file,
                        char ***approved_by, int *exit_code)
{
    return options_flag(workspace->options, "dry-run") ||
           plan_is_approved(workspace, plan, file, approved_by, exit_code);
}

static int run_plan(const Workspace *workspace, Plan *plan, const ChangeOrigin *origin)
{
    int code = EXIT_DONE;
    if (!options_flag(workspace->options, "dry-run"))
        return change_fleet(workspace, plan, origin);
    if (!plan_file_error(plan) && !change_check(workspace, plan))
        return EXIT_INTERRUPTED;
    return change_waves(workspace, plan, origin, &code) ? change_print_plan(workspace->options, plan) : code;
}

int apply_plan_file(Workspace *workspace, const PlanFile *file, const SignedPlan *signed_plan,
                    const ChangeOrigin *origin)
{
    int code = EXIT_DONE;
    g_auto(GStrv) approved_by = NULL;
    if (!is_in_time(file, g_get_real_time(), &code) || !has_variables(file, workspace->options, &code) ||
        !is_approved(workspace, signed_plan, file, &approved_by, &code) ||
        !take_targets(workspace, file, &code) || !take_policy(workspace, file, &code))
        return code;
    g_autoptr(GPtrArray) states = workspace_probe(workspace);
    if (!states)
        return EXIT_INTERRUPTED;
    const PlanRequest request = {.command = file->command,
                                 .goals = (const char *const *)file->goals,
                                 .file = file,
                                 .allow_edited = file->allow_edited,
                                 .fill = file->fill,
                                 .assume = origin->assume,
                                 .variables = options_pairs(workspace->options, "set"),
                                 .version_table = workspace_version_table(workspace)};
    ChangeOrigin approved = *origin;
    approved.approved_by = approved_by;
    g_autoptr(Plan) plan = change_plan(workspace, states, &request);
    g_strlcpy(plan->digest, file->digest, sizeof plan->digest);
    return run_plan(workspace, plan, &approved);
}

static int apply_run(const Options *options)
{
    int code = EXIT_DONE;
    SignedPlan plan;
    g_auto(Workspace) workspace = {0};
    g_autofree char *bytes = NULL;
    g_autoptr(PlanFile) file = NULL;
    if (!plan_bytes_read(options_operand(options, 0), &bytes, &plan, &file, &code) ||
        !is_in_time(file, g_get_real_time(), &code) || !has_variables(file, options, &code) ||
        !workspace_open_track(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, file->track, &code))
        return code;
    g_autoptr(RunResult) past = past_run_of(&workspace, file);
    if (past && !past_run_is_over(past, &code))
        return code;
    const ChangeOrigin origin = {.file = file, .past = past};
    return apply_plan_file(&workspace, file, &plan, &origin);
}

static const OptionSpec own_options[] = {
    {.name = "dry-run", .kind = OPTION_FLAG, .help = "Show what would happen, like plan, and change nothing"},
    {0}};

static const OptionSpec *const option_sets[] = {
    selection_options, parallel_options, policy_options, run_options,
    own_options,       variable_options, format_options, NULL};

const CommandSpec apply_command = {
    .name = "apply",
    .group = COMMANDS_FLEET,
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Run a plan file as it was reviewed",
    .description =
        "Runs the steps of a file that \"dbfleet plan --output\" wrote, on its targets, under its "
        "policy, and nothing "
        "else. Refuses, before anything is changed, a file that was touched, a revision that was "
        "changed or is missing, "
        "a target that is elsewhere now or left the inventory, a file out of its time, and one without the "
        "approvals that rollout.approvals in dbfleet.yaml asks for.\n\n"
        "A target that moved since is stale and left alone (exit code 5); one that is already "
        "there has nothing to do. "
        "Interrupted, the same file goes on: a target in between is taken further if its last "
        "step was one of this "
        "plan.\n\n"
        "Limits may be given, but only stricter than the plan's; -l narrows it down.",
    .example = "dbfleet apply plans/tonight.yaml\ndbfleet apply plans/tonight.yaml -l canary --yes",
    .option_sets = option_sets,
    .run = apply_run,
};
