/* Fleet change: what upgrade, downgrade and stamp do once their plan is there: show it, ask, run it, report.
 */
#include "cli/prompt.h"
#include "commands/fleet_change_internal.h"
#include "commands/notifications_internal.h"
#include "commands/run_outputs_internal.h"
#include "dev/plan_risks.h"
#include "dev/table_sizes.h"
#include "report/plan_view.h"
#include "report/report.h"
#include "run/check_targets.h"
#include "run/offline.h"
#include "run/probe.h"
#include "run/signals.h"
#include <stdio.h>
#include <string.h>

#define DEFAULT_JOBS 8

/* ---- Limits ---- */

static unsigned number_of(const Workspace *workspace, const char *option, unsigned project, unsigned fallback)
{
    if (options_given(workspace->options, option))
        return (unsigned)options_unsigned(workspace->options, option);
    return project ? project : fallback;
}

static const char *text_of(const Workspace *workspace, const char *option, const char *project,
                           const char *fallback)
{
    const char *typed = options_text(workspace->options, option);
    return typed ? typed : project ? project : fallback;
}

static bool read_budget(const Workspace *workspace, const char *option, const char *project,
                        const char *fallback, Budget *budget, int *exit_code)
{
    const char *text = text_of(workspace, option, project, fallback);
    if (budget_parse(text, budget))
        return true;
    *exit_code = command_fail(EXIT_USAGE, "--%s: \"%s\" is no count (5) and no share (2%%)", option, text);
    return false;
}

void change_parallel(const Workspace *workspace, SchedulerLimits *limits)
{
    const RolloutPolicy *rollout = &workspace->project->rollout;
    limits->jobs = number_of(workspace, "jobs", rollout->jobs, DEFAULT_JOBS);
    limits->per_host = number_of(workspace, "per-host", rollout->per_host, 0);
}

bool change_limits(const Workspace *workspace, SchedulerLimits *limits, int *exit_code)
{
    const RolloutPolicy *rollout = &workspace->project->rollout;
    change_parallel(workspace, limits);
    return read_budget(workspace, "max-failures", rollout->max_failures, "0", &limits->max_failures,
                       exit_code) &&
           read_budget(workspace, "max-unreachable", rollout->max_unreachable, "100%",
                       &limits->max_unreachable, exit_code);
}

int change_check_gates(const Workspace *workspace)
{
    const Project *project = workspace->project;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    if (gates_check(&project->rollout, workspace->targets, project->folder, problems))
        return EXIT_DONE;
    command_print_problems(problems);
    return command_fail(EXIT_CONFIGURATION, "the rollout asks what cannot be asked; nothing was changed");
}

const char *change_stop_starting(const Workspace *workspace, int *exit_code)
{
    const char *text =
        text_of(workspace, "stop-starting-at", workspace->project->rollout.stop_starting_at, NULL);
    if (text && !rollout_time_check(text))
        *exit_code =
            command_fail(EXIT_USAGE,
                         "--stop-starting-at: \"%s\" is no time of day (04:30), no duration (3h) and "
                         "no time (2026-11-22T04:30:00Z)",
                         text);
    return text;
}

static void take_text(char **field, const char *text)
{
    char *copy = g_strdup(text);
    g_free(*field);
    *field = copy;
}

void change_policy(const Workspace *workspace, RolloutPolicy *policy)
{
    SchedulerLimits limits;
    change_parallel(workspace, &limits);
    rollout_policy_copy(policy, &workspace->project->rollout);
    policy->jobs = limits.jobs;
    policy->per_host = limits.per_host;
    take_text(&policy->max_failures, text_of(workspace, "max-failures", policy->max_failures, "0"));
    take_text(&policy->max_unreachable,
              text_of(workspace, "max-unreachable", policy->max_unreachable, "100%"));
    take_text(&policy->on_halt, text_of(workspace, "on-halt", policy->on_halt, "step"));
    take_text(&policy->stop_starting_at,
              text_of(workspace, "stop-starting-at", policy->stop_starting_at, NULL));
    policy->approvals = 0;
    policy->self_approval = false;
    g_clear_pointer(&policy->allowed_signers, g_free);
}

OnHalt change_on_halt(const Workspace *workspace)
{
    const char *text = text_of(workspace, "on-halt", workspace->project->rollout.on_halt, "step");
    return g_str_equal(text, "target") ? HALT_TARGET : g_str_equal(text, "cancel") ? HALT_CANCEL : HALT_STEP;
}

/* ---- Probing ---- */

static EachLimits each_limits(const Workspace *self, RunView *view)
{
    return (EachLimits){.jobs = number_of(self, "jobs", self->project->rollout.jobs, DEFAULT_JOBS),
                        .per_host = number_of(self, "per-host", self->project->rollout.per_host, 0),
                        .tick = run_view_probe_tick,
                        .tick_context = view};
}

static GPtrArray *read_fleet(const Workspace *self, bool ensure, const char *since_run,
                             char *const *settled_rows)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(RunView) view = run_view_new(self, "reading", self->targets->len);
    const ProbeOptions probe = {
        .secrets = secrets,
        .folder = fleet_folder(self->fleet),
        .version_table = workspace_version_table(self),
        .limits = each_limits(self, view),
        .since_run = since_run,
        .spare = ensure ? NULL : self->spare,
        .settled_rows = settled_rows,
        .sizes = self->project->rollout.order == ORDER_SIZE,
    };
    signals_install();
    GPtrArray *states =
        ensure ? probe_ensure_tables(self->targets, &probe) : probe_targets(self->targets, &probe);
    signals_restore();
    return states;
}

GPtrArray *workspace_probe(const Workspace *self)
{
    return read_fleet(self, false, NULL, NULL);
}

GPtrArray *workspace_probe_since(const Workspace *self, const char *run_id)
{
    return read_fleet(self, false, run_id, NULL);
}

GPtrArray *workspace_ensure_tables(const Workspace *self)
{
    return read_fleet(self, true, NULL, NULL);
}

GPtrArray *change_probe(const Workspace *self, PlanCommand command)
{
    g_autoptr(GPtrArray) heads = revision_graph_effective_heads(self->graph);
    g_autofree char **rows = g_new0(char *, heads->len + 1);
    for (guint i = 0; command == PLAN_UPGRADE && i < heads->len; i++)
        rows[i] = ((const Revision *)heads->pdata[i])->id;
    return read_fleet(self, false, NULL, rows);
}

/* ---- Planning ---- */

Plan *change_plan(const Workspace *self, const GPtrArray *states, const PlanRequest *request)
{
    Plan *plan = plan_build(self->graph, self->targets, states, request);
    plan_take_risks(plan, plan_step_risks);
    return plan;
}

/* ---- Checks ---- */

bool change_check(const Workspace *self, Plan *plan)
{
    unsigned count = check_targets_count(plan);
    if (count == 0)
        return true;
    spare_connections_close(self->spare); /* a role may have no more than one */
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(RunView) view = run_view_new(self, "checking", count);
    const CheckOptions options = {
        .secrets = secrets,
        .folder = fleet_folder(self->fleet),
        .variables = options_pairs(self->options, "set"),
        .limits = each_limits(self, view),
    };
    signals_install();
    g_autoptr(GPtrArray) checks = check_targets(plan, &options);
    signals_restore();
    if (checks)
        plan_take_checks(plan, checks);
    return checks != NULL;
}

/* ---- Sizes ---- */

bool change_sizes(const Workspace *self, Plan *plan)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(RunView) view = run_view_new(self, "measuring", table_sizes_count(plan));
    const TableSizesRequest request = {
        .secrets = secrets, .folder = fleet_folder(self->fleet), .limits = each_limits(self, view)};
    signals_install();
    plan->sizes = table_sizes_ask(plan, &request);
    signals_restore();
    return plan->sizes != NULL;
}

/* ---- Asking ---- */

static char *question(const Workspace *workspace, const Plan *plan)
{
    g_autofree char *goal = g_strjoinv(" ", plan->goals);
    const char *relation = plan->command == PLAN_ROLLBACK ? "behind run" : "to";
    return g_strdup_printf("%s %u %s %s %s (track %s)?", plan_command_name(plan->command),
                           plan->counts[PLAN_PENDING], plan->counts[PLAN_PENDING] == 1 ? "target" : "targets",
                           relation, goal, workspace->track->name);
}

/* True if the run may go on; else *exit_code says why not. */
static bool confirm(const Workspace *workspace, const Plan *plan, int *exit_code)
{
    if (options_flag(workspace->options, "yes") || plan->counts[PLAN_PENDING] == 0)
        return true;
    if (!prompt_possible()) {
        *exit_code =
            command_fail(EXIT_USAGE, "this changes %u %s: give --yes where no terminal is there to ask on",
                         plan->counts[PLAN_PENDING], plan->counts[PLAN_PENDING] == 1 ? "target" : "targets");
        return false;
    }
    g_autofree char *text = question(workspace, plan);
    if (prompt_confirm(text))
        return true;
    *exit_code = command_fail(EXIT_INTERRUPTED, "not confirmed: nothing was changed");
    return false;
}

void change_show_plan(const Workspace *workspace, const Plan *plan)
{
    if (options_flag(workspace->options, "quiet"))
        return;
    const ReportOptions view = {.width = terminal_columns(2, 80),
                                .color = command_color(workspace->options, 2)};
    g_autofree char *text = plan_view_text(plan, &view);
    fputs(text, stderr);
}

int change_print_plan(const Options *options, const Plan *plan)
{
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0};
    g_autofree char *text = command_wants_json(options) ? plan_view_json(plan) : plan_view_text(plan, &view);
    int code = command_page(options, text);
    return code != EXIT_DONE ? code : change_plan_exit_code(plan);
}

int change_plan_exit_code(const Plan *plan)
{
    if (plan_file_error(plan))
        return command_fail(EXIT_CONFIGURATION, "the plan has errors: it would not run");
    if (plan->counts[PLAN_BLOCKED] > 0)
        return EXIT_TARGET_FAILED;
    return plan->counts[PLAN_UNREACHABLE] > 0 ? EXIT_UNREACHABLE : EXIT_DONE;
}

/* ---- Running ---- */

/* Of the person's own choice, but not to be overlooked in a script's log. */
static void warn_without_backup(const Workspace *workspace, const Plan *plan)
{
    unsigned count = 0;
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        count += target->verdict == PLAN_PENDING && backup_settings_wanted(&target->target->settings.backup);
    }
    if (count > 0 && plan->command != PLAN_STAMP && options_flag(workspace->options, "no-backup"))
        command_warn("--no-backup: %u %s without the backup that the inventory asks for", count,
                     count == 1 ? "target is changed" : "targets are changed");
}

/* Who asks for approvals should know when they were not asked for. */
static void warn_without_approvals(const Workspace *workspace, const ChangeOrigin *origin)
{
    unsigned wanted = workspace->project->rollout.approvals;
    if (wanted > 0 && !(origin && origin->file))
        command_warn(
            "this run needs no approval: rollout.approvals (%u) is asked for by \"dbfleet apply\", of "
            "plan files",
            wanted);
}

char **change_variable_names(const Workspace *workspace)
{
    GHashTable *pairs = options_pairs(workspace->options, "set");
    g_autoptr(GList) names =
        pairs ? g_list_sort(g_hash_table_get_keys(pairs), (GCompareFunc)g_strcmp0) : NULL;
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    for (const GList *name = names; name; name = name->next)
        g_strv_builder_add(list, name->data);
    return g_strv_builder_end(list);
}

/* What a run does need not be what its command is called: apply and stamp end in a rollback where on_failure
 * says so, resume goes on with a stamp. */
static bool has_flag(const Workspace *workspace, const char *option)
{
    return options_knows(workspace->options, option) && options_flag(workspace->options, option);
}

static bool allows_edited(const Workspace *workspace, const Plan *plan, const ChangeOrigin *origin)
{
    if (origin && origin->file)
        return origin->file->allow_edited;
    return plan->command != PLAN_STAMP && has_flag(workspace, "allow-edited");
}

static void describe_run(RunResult *run, const Workspace *workspace, const Plan *plan,
                         const ChangeOrigin *origin, const ChangeTerms *terms)
{
    run->of_run = origin ? g_strdup(origin->of_run) : NULL;
    run->plan_file = origin && origin->file ? g_strdup(origin->file->file) : NULL;
    run->approved_by = origin ? g_strdupv(origin->approved_by) : NULL;
    run->track = g_strdup(workspace->track->name);
    run->selector = g_strdup(options_text(workspace->options, "limit"));
    const RolloutPolicy *rollout = &workspace->project->rollout;
    run->max_failures = g_strdup(terms->max_failures);
    run->max_unreachable = g_strdup(terms->max_unreachable);
    run->on_halt = g_strdup(text_of(workspace, "on-halt", rollout->on_halt, "step"));
    run->on_failure = g_strdup(on_failure_name(terms->on_failure));
    run->allow_edited = allows_edited(workspace, plan, origin);
    run->purge = plan->command == PLAN_STAMP && !(origin && origin->file) && has_flag(workspace, "purge");
    g_auto(GStrv) variables = change_variable_names(workspace);
    run->variables = variables[0] ? g_steal_pointer(&variables) : NULL;
    run->versions_commit = versions_question_answer(workspace->commit, workspace->track->versions);
}

/* Standard output is taken: the page is for a person, who reads the other. */
static int print_aside(const Workspace *workspace, const RunResult *run)
{
    const ReportOptions view = {.width = terminal_columns(2, 80),
                                .color = command_color(workspace->options, 2),
                                .verbose = options_count(workspace->options, "verbose") > 0};
    Printing printing = {stderr, 0};
    report_text_write(run, &view, print_piece, &printing);
    return run_result_exit_code(run);
}

static int print_report(const Workspace *workspace, const RunResult *run)
{
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(workspace->options, 1),
                                .verbose = options_count(workspace->options, "verbose") > 0};
    Printing printing = {stdout, 0};
    g_autofree char *json = command_wants_json(workspace->options) ? report_json(run) : NULL;
    if (json)
        print_piece(&printing, json, strlen(json));
    else
        report_text_write(run, &view, print_piece, &printing);
    int printed = command_print_end(&printing);
    int code = run_result_exit_code(run);
    return code != EXIT_DONE ? code : printed;
}

/* The connections that the probe left bear the name of their run already. */
static char *change_run_id(const Workspace *workspace, const ChangeOrigin *origin)
{
    if (origin && origin->run_id)
        return g_strdup(origin->run_id);
    return workspace->spare ? g_strdup(spare_connections_run(workspace->spare)) : run_id_new();
}

RunResult *change_run(const Workspace *workspace, const Plan *plan, const ChangeOrigin *origin,
                      const ChangeTerms *terms, GError **error)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(GHashTable) known_errors = change_known_errors(origin ? origin->past : NULL);
    g_autofree char *id = change_run_id(workspace, origin);
    g_autofree char *operator_name = command_operator();
    g_autoptr(Notifications) notifications = notifications_new(workspace, secrets);
    g_autoptr(GPtrArray) listeners = g_ptr_array_new();
    const RunListener news = fleet_news_listener(workspace);
    if (!(origin && origin->quiet_news))
        g_ptr_array_add(listeners, (gpointer)&news);
    if (notifications)
        g_ptr_array_add(listeners, (gpointer)notifications_listener(notifications));
    if (terms->outputs)
        run_outputs_listen(terms->outputs, listeners);
    const FleetRunOptions options = {.run_id = id,
                                     .secrets = secrets,
                                     .folder = fleet_folder(workspace->fleet),
                                     .project_folder = workspace->project->folder,
                                     .version_table = workspace_version_table(workspace),
                                     .operator_name = operator_name,
                                     .variables = options_pairs(workspace->options, "set"),
                                     .limits = terms->limits,
                                     .on_halt = change_on_halt(workspace),
                                     .stop_starting_at = terms->stop_starting_at,
                                     .rollout = terms->rollout,
                                     .known_errors = known_errors,
                                     .no_backup = options_flag(workspace->options, "no-backup"),
                                     .assume = origin ? origin->assume : NULL,
                                     .ledger = terms->ledger,
                                     .spare = workspace->spare,
                                     .listeners = listeners};
    g_autoptr(RunResult) run = fleet_run_prepare(plan, &options);
    describe_run(run, workspace, plan, origin, terms);
    g_autoptr(RunView) view =
        run_view_new(workspace, plan_command_name(plan->command), plan->counts[PLAN_PENDING]);
    run_view_set_outputs(view, terms->outputs);
    FleetRunWatch watch = run_view_watch(view);
    bool begun = fleet_run_execute(run, plan, &options, &watch, error);
    spare_connections_close(workspace->spare);
    return begun ? g_steal_pointer(&run) : NULL;
}

/* What was typed is stricter for the file's targets; of those that are left its shares may be less. */
static void cap_by_file(const PlanFile *file, SchedulerLimits *limits)
{
    const RolloutPolicy *policy = &file->rollout;
    const char *failures = policy->max_failures ? policy->max_failures : "0";
    const char *unreachable = policy->max_unreachable ? policy->max_unreachable : "100%";
    limits->is_capped = budget_parse(failures, &limits->most_failures) &&
                        budget_parse(unreachable, &limits->most_unreachable);
}

/* What the command line and dbfleet.yaml say. False with a message. */
static bool read_terms(const Workspace *workspace, const ChangeOrigin *origin, ChangeTerms *terms,
                       int *exit_code)
{
    const RolloutPolicy *rollout = &workspace->project->rollout;
    *terms = (ChangeTerms){
        .max_failures = text_of(workspace, "max-failures", rollout->max_failures, "0"),
        .max_unreachable = text_of(workspace, "max-unreachable", rollout->max_unreachable, "100%"),
        .rollout = rollout,
        .on_failure = rollout->on_failure,
    };
    if (!change_limits(workspace, &terms->limits, exit_code))
        return false;
    if (origin && origin->file)
        cap_by_file(origin->file, &terms->limits);
    int code = EXIT_DONE;
    terms->stop_starting_at = change_stop_starting(workspace, &code);
    if (code == EXIT_DONE)
        code = change_check_gates(workspace);
    if (code != EXIT_DONE)
        *exit_code = code;
    return code == EXIT_DONE;
}

/* Runs it, and takes back what the policy wants taken back; then all is told. */
static int execute(const Workspace *workspace, const Plan *plan, const ChangeOrigin *origin,
                   const ChangeTerms *terms)
{
    GError *error = NULL;
    g_autoptr(RunResult) run = change_run(workspace, plan, origin, terms, &error);
    if (!run)
        return command_fail_error(EXIT_CONFIGURATION, error);
    g_autoptr(RunResult) back = change_take_back(workspace, run, terms);
    run_outputs_begin(terms->outputs, run);
    ledger_settle(terms->ledger); /* its flushes and the reports' wait for the disk together */
    run_outputs_finish(terms->outputs);
    bool aside = run_outputs_has_stdout(terms->outputs);
    int code = aside ? print_aside(workspace, run) : print_report(workspace, run);
    if (back && aside)
        print_aside(workspace, back);
    else if (back)
        print_report(workspace, back);
    return code;
}

/* What speaks against a plan, and the waves of what is left. False: *exit_code says why not. */
static bool prepare(const Workspace *workspace, Plan *plan, const ChangeOrigin *origin, int *exit_code)
{
    if (plan_file_error(plan)) {
        change_show_plan(workspace, plan);
        *exit_code = command_fail(EXIT_CONFIGURATION, "the plan has errors; nothing was changed");
        return false;
    }
    *exit_code = EXIT_INTERRUPTED;
    return change_drift(workspace, plan, false) && change_check(workspace, plan) &&
           change_waves(workspace, plan, origin, exit_code) &&
           (origin || change_may_begin(workspace, plan, exit_code));
}

int change_fleet(const Workspace *workspace, Plan *plan, const ChangeOrigin *origin)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    ChangeTerms terms;
    g_autoptr(RunOutputs) outputs = run_outputs_open(workspace, &code);
    if (!outputs || !read_terms(workspace, origin, &terms, &code) || !prepare(workspace, plan, origin, &code))
        return code;
    g_autoptr(Ledger) ledger = workspace_ledger(workspace, false, NULL);
    if (!origin)
        change_compare_fleet(workspace, ledger, plan);
    change_show_plan(workspace, plan);
    warn_without_backup(workspace, plan);
    warn_without_approvals(workspace, origin);
    if (!ledger && !(ledger = workspace_ledger(workspace, true, &error)))
        return command_fail_error(EXIT_CONFIGURATION, error);
    if (!confirm(workspace, plan, &code))
        return code;
    terms.ledger = ledger;
    terms.outputs = outputs;
    return execute(workspace, plan, origin, &terms);
}

PlanRequest change_request(const Workspace *workspace, PlanCommand command, const char *const *goals)
{
    const Options *options = workspace->options;
    return (PlanRequest){
        .command = command,
        .goals = goals,
        .purge = command == PLAN_STAMP && options_flag(options, "purge"),
        .allow_edited = command != PLAN_STAMP && options_flag(options, "allow-edited"),
        .fill = command == PLAN_UPGRADE && options_flag(options, "fill"),
        .variables = options_pairs(options, "set"),
        .version_table = workspace_version_table(workspace),
    };
}
