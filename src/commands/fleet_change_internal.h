/* What upgrade, downgrade and stamp share: the request, asking, running with a view, the report, the exit
 * code. */
#pragma once

#include "commands/commands_internal.h"
#include "commands/run_outputs_internal.h"
#include "plans/plan_file.h"
#include "run/fleet_run.h"

/* Goals and variables as typed. `goals` NULL-terminated, borrowed. */
PlanRequest change_request(const Workspace *workspace, PlanCommand command, const char *const *goals);
/* workspace_probe for a run with that command: of a target at the end of its way that way, all heads or base,
 * the connection is not kept. Caller frees. */
GPtrArray *change_probe(const Workspace *workspace, PlanCommand command);
/* plan_build with the marks of its steps: what every command that shows or runs a plan begins with. Caller
 * frees. */
Plan *change_plan(const Workspace *workspace, const GPtrArray *states, const PlanRequest *request);
/* What a change goes on with. */
typedef struct ChangeOrigin {
    const char *of_run;    /* the run that it goes on with or takes back */
    GHashTable *assume;    /* as FleetRunOptions has it; NULL: nothing */
    const RunResult *past; /* the run before it, whose waves go on; NULL: waves are made anew */
    const PlanFile *file;  /* the plan file that is applied; NULL */
    const char *run_id;    /* what the run is called; NULL: a new name */
    bool quiet_news;       /* how the fleet differs at its end was told by the run before it */
    char **approved_by;    /* who approved it; NULL: nobody had to */
} ChangeOrigin;

/* What a run obeys; nothing is owned. */
typedef struct ChangeTerms {
    SchedulerLimits limits;
    const char *max_failures; /* as typed */
    const char *max_unreachable;
    const char *stop_starting_at; /* NULL: no end */
    const RolloutPolicy *rollout;
    OnFailure on_failure;
    Ledger *ledger;
    RunOutputs *outputs; /* NULL: none */
} ChangeTerms;

/* Runs the plan with a view and without a question. NULL and an error if it could not begin. */
RunResult *change_run(const Workspace *workspace, const Plan *plan, const ChangeOrigin *origin,
                      const ChangeTerms *terms, GError **error);
/* The plan on stderr; nothing with --quiet. */
void change_show_plan(const Workspace *workspace, const Plan *plan);
/* on_failure: takes back, as a run of its own, what the wave that broke or the whole run did, and adds to the
 * run's warnings what came of it. The run that did so, to be reported; NULL: the policy does not want it, or
 * there is nothing. Caller frees. */
RunResult *change_take_back(const Workspace *workspace, RunResult *run, const ChangeTerms *terms);

/* From a plan to an exit code: asks the checks of its steps, shows what would happen, asks the person, runs,
 * prints the consolidated report. `origin` NULL: it stands for itself. */
int change_fleet(const Workspace *workspace, Plan *plan, const ChangeOrigin *origin);
/* Asks every pending target's migrate:check sections and puts what they say into the plan. Connects to
 * nothing if there are none. False after an interrupt. */
bool change_check(const Workspace *workspace, Plan *plan);
/* Where that is `wanted`, or rollout.require_no_drift says so, compares the schema of every pending target
 * with what its revision says, and makes exceptions of those that differ or cannot be judged. A stamp changes
 * no schema: only `wanted` counts. False after an interrupt. */
bool change_drift(const Workspace *workspace, Plan *plan, bool wanted);
/* Gives the plan its waves, after all exceptions are known: those of dbfleet.yaml, of the run that it goes on
 * with, or of its plan file. False with messages. */
bool change_waves(const Workspace *workspace, Plan *plan, const ChangeOrigin *origin, int *exit_code);
/* True if the plan of an upgrade or downgrade may begin a rollout of its own: the newest one on the track is
 * over and left no soak or gates of a wave undone that this one would pass over, or --anew says so. Else a
 * message. Nothing is known without a ledger. */
bool change_may_begin(const Workspace *workspace, const Plan *plan, int *exit_code);
/* Signatures of what failed in the waves of a past run: set of texts; NULL: it had none. Caller unrefs. */
GHashTable *change_known_errors(const RunResult *past);
/* Asks the pending targets how large the tables are that their paths touch, and puts that into the plan.
 * False after an interrupt. */
bool change_sizes(const Workspace *workspace, Plan *plan);
/* The plan on stdout instead of a run: the preview's exit code. */
int change_print_plan(const Options *options, const Plan *plan);
/* What a preview of the plan returns; says so where it has errors. */
int change_plan_exit_code(const Plan *plan);
/* --sql: the path as a script on stdout, without a database. */
int offline_command(const Options *options, PlanCommand command);

/* A script is kept and passed on: false, with a message, if one of these variables that it uses is a secret.
 */
bool offline_holds_no_secret(const PlanPath *path, GHashTable *variables, int *exit_code);

/* jobs, per_host and budgets: command line over dbfleet.yaml over the defaults. False with a message. */
bool change_limits(const Workspace *workspace, SchedulerLimits *limits, int *exit_code);
/* Of these only jobs and per_host. */
void change_parallel(const Workspace *workspace, SchedulerLimits *limits);
OnHalt change_on_halt(const Workspace *workspace);
/* Looks at the gates and throttles of the rollout; EXIT_DONE, or what is wrong was printed. */
int change_check_gates(const Workspace *workspace);
/* As typed or written; NULL: not said. Otherwise *exit_code is no longer EXIT_DONE. */
const char *change_stop_starting(const Workspace *workspace, int *exit_code);
/* What a run from this command line would obey, as a plan file keeps it: all but who must approve. Into one
 * that is not initialised; the caller clears it. */
void change_policy(const Workspace *workspace, RolloutPolicy *policy);

/* The names given with -x, sorted; a value may be a secret. Never NULL; caller frees (g_strfreev). */
char **change_variable_names(const Workspace *workspace);

/* plan -o: writes the plan that was shown into a file. Returns an exit code, with a message unless EXIT_DONE.
 */
int plan_save(const Workspace *workspace, const Plan *plan, const PlanRequest *request);
/* The plan as a file of this command line. NULL with a message. */
PlanFile *plan_file_of(const Workspace *workspace, const Plan *plan, const PlanRequest *request,
                       int *exit_code);
/* plan approve FILE. */
int plan_approve(const Options *options);
/* plan show FILE. */
int plan_show(const Options *options);
/* plan diff FILE FILE. */
int plan_diff_files(const Options *options);
/* What --format of plan takes, NULL-terminated. */
extern const char *const plan_form_names[];
/* The file in the form that --format says, with the SQL that the workspace's revisions have. */
int plan_file_print(const Workspace *workspace, const PlanFile *file);
/* The scripts of its paths, as upgrade --sql writes them; of one path where --path says so, of one target
 * where --limit does. */
int plan_file_print_sql(const Workspace *workspace, const PlanFile *file);

/* The view of a run: progress on a terminal, lines elsewhere. */
typedef struct RunView RunView;
RunView *run_view_new(const Workspace *workspace, const char *title, unsigned total);
void run_view_free(RunView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunView, run_view_free)
FleetRunWatch run_view_watch(RunView *self);
/* What it ticks with the picture; borrowed. */
void run_view_set_outputs(RunView *self, RunOutputs *outputs);
/* For a probe: how many are read; returns false after an interrupt. */
bool run_view_probe_tick(gpointer self, unsigned done, unsigned total);

/* Notes in the plan how its targets differ from those of the last run on the track, as the ledger (NULL:
 * there is none) has it. */
void change_compare_fleet(const Workspace *workspace, Ledger *ledger, Plan *plan);
/* Reads the inventory again at the end of a run, and warns of targets that appeared and that are gone. */
RunListener fleet_news_listener(const Workspace *workspace);
