/* dbfleet doctor */
#include "run/doctor/doctor.h"
#include "commands/command_list_internal.h"
#include "commands/fleet_change_internal.h"
#include "report/doctor_view.h"
#include "run/ledger/ledger.h"
#include "run/signals.h"

static GPtrArray *gather(const Workspace *workspace, const SchedulerLimits *limits)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(RunView) view = run_view_new(workspace, "examining", workspace->targets->len);
    const DoctorOptions options = {
        .secrets = secrets,
        .folder = fleet_folder(workspace->fleet),
        .version_table = workspace_version_table(workspace),
        .deep = options_flag(workspace->options, "deep"),
        .limits = {limits->jobs, limits->per_host, run_view_probe_tick, view},
    };
    signals_install();
    GPtrArray *gathered = doctor_gather(workspace->targets, &options);
    signals_restore();
    return gathered;
}

/* The states of what was gathered, for the planner; borrowed. */
static GPtrArray *states_of(const GPtrArray *gathered)
{
    GPtrArray *states = g_ptr_array_new();
    for (guint i = 0; i < gathered->len; i++)
        g_ptr_array_add(states, gathered->pdata[i] ? ((DoctorTarget *)gathered->pdata[i])->state : NULL);
    return states;
}

/* Ids of the runs that have ended or died, as far as a ledger says. */
static GHashTable *runs_over(const Project *project)
{
    g_autoptr(Ledger) ledger = ledger_open(project->ledger, project->folder, false, NULL);
    g_autoptr(GPtrArray) runs = ledger ? ledger_runs(ledger, 0, NULL) : NULL;
    GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; runs && i < runs->len; i++) {
        const RunSummary *run = runs->pdata[i];
        if (run->finished_us || run->state == RUN_DIED)
            g_hash_table_add(ids, g_strdup(run->id));
    }
    return ids;
}

static int print_checkup(const Workspace *workspace, const Checkup *checkup)
{
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(workspace->options, 1),
                                .verbose = options_count(workspace->options, "verbose") > 0};
    g_autofree char *text =
        command_wants_json(workspace->options) ? doctor_view_json(checkup) : doctor_view_text(checkup, &view);
    int code = command_page(workspace->options, text);
    if (code != EXIT_DONE)
        return code;
    if (checkup->worst == FINDING_ERROR)
        return EXIT_TARGET_FAILED;
    return checkup->unreachable > 0 ? EXIT_UNREACHABLE : EXIT_DONE;
}

static int doctor_run(const Options *options)
{
    static const char *const goals[] = {"heads", NULL};
    int code = EXIT_DONE;
    SchedulerLimits limits = {0};
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    change_parallel(&workspace, &limits);
    g_autoptr(GPtrArray) gathered = gather(&workspace, &limits);
    if (!gathered)
        return EXIT_INTERRUPTED;
    const PlanRequest request = {.command = PLAN_UPGRADE,
                                 .goals = goals,
                                 .variables = options_pairs(options, "set"),
                                 .version_table = workspace_version_table(&workspace)};
    g_autoptr(GPtrArray) states = states_of(gathered);
    g_autoptr(Plan) plan = plan_build(workspace.graph, workspace.targets, states, &request);
    g_autoptr(GHashTable) over = runs_over(workspace.project);
    const DoctorFacts facts = {limits.jobs, limits.per_host, over};
    GPtrArray *local = doctor_local(workspace.project, workspace.track, limits.jobs);
    doctor_backups(workspace.targets, fleet_folder(workspace.fleet), local);
    g_autoptr(Checkup) checkup = doctor_judge(workspace.targets, gathered, plan, &facts, local);
    return print_checkup(&workspace, checkup);
}

static const OptionSpec own_options[] = {
    {.name = "deep",
     .kind = OPTION_FLAG,
     .help = "Also read every database in full where that finds damage (SQLite: quick_check)"},
    {0}};

static const OptionSpec *const option_sets[] = {selection_options, parallel_options, own_options,
                                                variable_options,  format_options,   NULL};

const CommandSpec doctor_command = {
    .name = "doctor",
    .group = COMMANDS_FLEET,
    .operands = "",
    .summary = "Look for what would make a run fail, before there is one",
    .description =
        "Looks at this machine, every server and every selected target: connections against --jobs, rights, "
        "settings that matter, dbfleet's own tables, unfinished steps, edited revisions, locks held now, and "
        "what stands in the way of DDL. Reads in read-only sessions, takes no lock and changes nothing.\n\n"
        "What is the same on many targets is told once with their number; -v names every target.\n\n"
        "Exits with 1 when it found an error, 4 when nothing worse than unreachable targets; notes and "
        "warnings do not change the exit code.",
    .example = "dbfleet doctor\ndbfleet doctor -l eu -j 32 -v\ndbfleet doctor --format json | jq "
               "'.targets[] | select(.level == \"error\")'",
    .option_sets = option_sets,
    .run = doctor_run,
};
