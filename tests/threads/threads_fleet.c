/* Runs over 200 SQLite files with 64 jobs: all done; drained; cancelled from the main thread; halted by one
 * failure; interrupted while every worker waits to try again. Every time the files themselves say that a step
 * took effect whole or not at all. */
#include "check.h"
#include "plans/planner.h"
#include "run/fleet_run.h"
#include "run/probe.h"

#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TARGETS 200
#define JOBS 64

static const char *const files[] = {
    "-- revision: aa\n-- message: one\n-- migrate:up\ncreate table t (n int);\n-- migrate:down\ndrop table "
    "t;\n",
    "-- revision: bb\n-- revises: aa\n-- message: two\n-- migrate:up\ninsert into t values (1);\n"
    "create table u (n int);\n-- migrate:down\ndrop table u;\ndelete from t;\n",
    /* as long as nobody stops it */
    "-- revision: cc\n-- revises: bb\n-- message: slow\n-- migrate:up\ninsert into t values (2);\n"
    "create table v as with recursive c (n) as (select 1 union all select n + 1 from c where n < "
    "1000000000)\n"
    "select max(n) as n from c;\n",
    /* fails on the first target only */
    "-- revision: dd\n-- revises: bb\n-- message: bad\n-- migrate:up\ncreate table w (n int not null);\n"
    "insert into w select {{ value | raw }};\n"
    "create table x as with recursive c (n) as (select 1 union all select n + 1 from c where n < "
    "1000000000)\n"
    "select max(n) as n from c;\n",
};

/* Everything of one test program's fleet. */
typedef struct World {
    char *folder;
    GPtrArray *revisions;
    RevisionGraph *graph;
    Fleet *fleet;
    GPtrArray *targets; /* of const Target * */
    SecretStore *secrets;
} World;

/* ---- Making it ---- */

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static void die(const char *what, const char *why)
{
    printf("cannot begin: %s: %s\n", what, why);
    exit(2);
}

static void make_revisions(World *self)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    self->revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        g_ptr_array_add(self->revisions, revision_parse(files[i], strlen(files[i]), "f.sql", NULL, problems));
    self->graph = diagnostics_has_errors(problems) ? NULL : revision_graph_new(self->revisions, problems);
    if (!self->graph)
        die("revisions", diagnostics_to_string(problems));
}

static void make_fleet(World *self)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *path = g_build_filename(self->folder, "inventory.yaml", NULL);
    g_autofree char *text =
        g_strdup_printf("defaults: {create: true, lock_wait: 30s, vars: {value: 1}}\n"
                        "groups:\n"
                        "  tenants:\n"
                        "    targets:\n"
                        "      - {name: first, url: \"sqlite:first.db\", vars: {value: 'null'}}\n"
                        "      - {name: \"t-{002..%03d}\", url: \"sqlite:t-{002..%03d}.db\"}\n",
                        TARGETS, TARGETS);
    g_file_set_contents(path, text, -1, NULL);
    self->fleet = fleet_load(path, &(FleetOptions){0}, problems);
    if (!self->fleet)
        die("inventory", diagnostics_to_string(problems));
    self->targets = g_ptr_array_new();
    for (unsigned i = 0; i < fleet_length(self->fleet); i++)
        g_ptr_array_add(self->targets, (gpointer)fleet_at(self->fleet, i));
}

static void world_init(World *self)
{
    *self = (World){.folder = g_dir_make_tmp("dbfleet-threads-XXXXXX", NULL), .secrets = secret_store_new()};
    make_revisions(self);
    make_fleet(self);
}

static void world_clear(World *self)
{
    nftw(self->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    g_ptr_array_unref(self->targets);
    fleet_free(self->fleet);
    revision_graph_free(self->graph);
    g_ptr_array_unref(self->revisions);
    secret_store_free(self->secrets);
    g_free(self->folder);
}

/* ---- Reading, planning, running ---- */

static bool count_ticks(gpointer context, unsigned done, unsigned total)
{
    unsigned *ticks = context;
    ++*ticks;
    return done <= total;
}

static bool stop_at_once(gpointer context, unsigned done, unsigned total)
{
    (void)context, (void)done, (void)total;
    return false;
}

static GPtrArray *probe(const World *self, bool (*tick)(gpointer, unsigned, unsigned), unsigned *ticks)
{
    const ProbeOptions options = {.secrets = self->secrets,
                                  .folder = self->folder,
                                  .version_table = "dbfleet_version",
                                  .limits = {.jobs = JOBS, .tick = tick, .tick_context = ticks}};
    return probe_targets(self->targets, &options);
}

/* When a run's main thread interrupts itself, as a terminal would. */
typedef struct Interrupts {
    unsigned after_steps; /* steps begun; 0: never */
    unsigned after_ticks; /* instead: so many tenths of a second; 0: never */
    unsigned signals;     /* how many then */
    unsigned begun;
    unsigned finished;
    unsigned ticks;
    unsigned sent;
    unsigned most_running; /* targets at work at once */
    unsigned most_threads; /* of this process, the main one included */
} Interrupts;

static unsigned threads_now(void)
{
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
    unsigned count = 0;
    while (tasks && g_dir_read_name(tasks))
        count++;
    return count;
}

static void on_step(gpointer context, const TargetResult *target, const char *revision, const char *message)
{
    Interrupts *self = context;
    (void)target, (void)revision, (void)message;
    self->begun++;
}

static void on_finished(gpointer context, const TargetResult *target)
{
    Interrupts *self = context;
    (void)target;
    self->finished++;
}

static void on_tick(gpointer context, const RunResult *run, const Scheduler *scheduler)
{
    Interrupts *self = context;
    (void)run;
    self->most_running = MAX(self->most_running, scheduler_running(scheduler));
    self->most_threads = MAX(self->most_threads, threads_now());
    bool now = (self->after_steps && self->begun >= self->after_steps) ||
               (self->after_ticks && ++self->ticks >= self->after_ticks);
    if (now && self->sent < self->signals) {
        self->sent++;
        raise(SIGINT);
    }
}

typedef struct Trip {
    PlanCommand command;
    const char *goal;
    OnHalt on_halt;
    bool held; /* other sessions write to all files meanwhile */
    Interrupts interrupts;
} Trip;

/* Sessions of somebody else, each in the middle of a transaction. Caller frees. */
static GPtrArray *hold_all(const World *self)
{
    GPtrArray *holders = g_ptr_array_new_with_free_func((GDestroyNotify)connection_close);
    const SessionOptions session = {.secrets = self->secrets, .folder = self->folder};
    for (guint i = 0; i < self->targets->len; i++) {
        Connection *connection = session_open(self->targets->pdata[i], &session, NULL);
        if (!connection || !connection_run(connection, "BEGIN EXCLUSIVE", NULL))
            die("holder", "no exclusive lock");
        g_ptr_array_add(holders, connection);
    }
    return holders;
}

static RunResult *travel(const World *self, Trip *trip)
{
    const char *goals[] = {trip->goal, NULL};
    g_autofree char *id = run_id_new();
    g_autoptr(GPtrArray) states = probe(self, NULL, NULL);
    const PlanRequest request = {
        .command = trip->command, .goals = goals, .version_table = "dbfleet_version"};
    g_autoptr(Plan) plan = plan_build(self->graph, self->targets, states, &request);
    const FleetRunOptions options = {.run_id = id,
                                     .secrets = self->secrets,
                                     .folder = self->folder,
                                     .version_table = "dbfleet_version",
                                     .operator_name = "me@here",
                                     .limits = {.jobs = JOBS, .max_unreachable = {true, 100}},
                                     .on_halt = trip->on_halt};
    const FleetRunWatch watch = {.context = &trip->interrupts,
                                 .step_started = on_step,
                                 .target_finished = on_finished,
                                 .tick = on_tick};
    RunResult *run = fleet_run_prepare(plan, &options);
    GPtrArray *holders = trip->held ? hold_all(self) : NULL;
    GError *error = NULL;
    if (!fleet_run_execute(run, plan, &options, &watch, &error))
        die("run", error->message);
    g_clear_pointer(&holders, g_ptr_array_unref);
    return run;
}

/* How many files are at `row` and nowhere else, as a fresh look tells. */
static unsigned at_row(const World *self, const char *row)
{
    g_autoptr(GPtrArray) states = probe(self, NULL, NULL);
    unsigned count = 0;
    for (guint i = 0; i < states->len; i++) {
        const TargetState *state = states->pdata[i];
        bool one = state->outcome == PROBE_OK && state->rows[0] && !state->rows[1];
        count += one && g_str_equal(state->rows[0], row);
    }
    return count;
}

/* Every result says what a fresh look at its file says. */
static bool results_are_true(const World *self, const RunResult *run)
{
    g_autoptr(GPtrArray) states = probe(self, NULL, NULL);
    for (guint i = 0; i < states->len; i++) {
        const TargetResult *result = run->targets->pdata[i];
        g_autofree char *now = g_strjoinv(",", ((const TargetState *)states->pdata[i])->rows);
        g_autofree char *said = result->rows_after ? g_strjoinv(",", result->rows_after) : NULL;
        if (said && !g_str_equal(now, said))
            return false;
    }
    return true;
}

/* ---- The tests ---- */

static void test_all_done(World *world, Checks *checks)
{
    Trip trip = {.command = PLAN_UPGRADE, .goal = "bb"};
    g_autoptr(RunResult) run = travel(world, &trip);
    check(checks, run_result_count(run, OUTCOME_DONE) == TARGETS, "64 jobs bring 200 files to their goal");
    check(checks, at_row(world, "bb") == TARGETS, "and the files say so too");
    check(checks, trip.interrupts.most_threads >= JOBS + 1, "each on a thread of its own");
    check(checks, trip.interrupts.begun == 2 * TARGETS, "the onlooker was told of every step");
    check(checks, trip.interrupts.finished == TARGETS, "and of every target");
    check(checks, run_result_exit_code(run) == 0, "which is success");
}

static void test_probe(const World *world, Checks *checks)
{
    unsigned ticks = 0;
    g_autoptr(GPtrArray) states = probe(world, count_ticks, &ticks);
    check(checks, states && states->len == TARGETS && ticks > 0, "a probe tells how far it is");
    g_autoptr(GPtrArray) stopped = probe(world, stop_at_once, NULL);
    check(checks, stopped == NULL, "a stopped probe gives nothing");
}

/* Both signals within one tick of each other: running statements are cancelled and rolled back. */
static void test_cancelled(World *world, Checks *checks)
{
    Trip trip = {.command = PLAN_UPGRADE, .goal = "cc", .interrupts = {.after_steps = 20, .signals = 2}};
    gint64 begin = g_get_monotonic_time();
    g_autoptr(RunResult) run = travel(world, &trip);
    unsigned cancelled = run_result_count(run, OUTCOME_CANCELLED);
    unsigned not_started = run_result_count(run, OUTCOME_NOT_STARTED);
    check(checks, run->interrupted && run_result_exit_code(run) == 130, "two interrupts end the run");
    check(checks, g_get_monotonic_time() - begin < 120 * G_USEC_PER_SEC, "in bounded time");
    check(checks, cancelled > 0 && not_started > 0 && cancelled + not_started == TARGETS,
          "what ran was cancelled, the rest never started");
    check(checks, at_row(world, "bb") == TARGETS, "nothing of the cancelled steps is left");
    check(checks, results_are_true(world, run), "and the result says what the files say");
}

/* A failure with on_halt: cancel stops the others at once. */
static void test_halted(World *world, Checks *checks)
{
    Trip trip = {.command = PLAN_UPGRADE, .goal = "dd", .on_halt = HALT_CANCEL};
    g_autoptr(RunResult) run = travel(world, &trip);
    const TargetResult *first = run->targets->pdata[0];
    check(checks, first->outcome == OUTCOME_FAILED && first->failure, "one target fails");
    check(checks, run->halt_reason != NULL && run_result_exit_code(run) == 3, "the run halts");
    check(checks, run_result_count(run, OUTCOME_DONE) == 0, "the others are cancelled or never started");
    check(checks, at_row(world, "bb") == TARGETS, "nothing of their steps is left");
}

/* Every worker met a lock and waits an hour to try again. */
static void test_waiting(World *world, Checks *checks)
{
    Trip trip = {.command = PLAN_DOWNGRADE,
                 .goal = "aa",
                 .held = true,
                 .interrupts = {.after_ticks = 30, .signals = 1}};
    gint64 begin = g_get_monotonic_time();
    g_autoptr(RunResult) run = travel(world, &trip);
    check(checks, trip.interrupts.most_running == JOBS, "64 workers wait to try again");
    check(checks, run->interrupted, "one interrupt ends their waits");
    check(checks, g_get_monotonic_time() - begin < 120 * G_USEC_PER_SEC, "in bounded time");
    check(checks, run_result_count(run, OUTCOME_DONE) == 0, "nothing was done");
    check(checks, at_row(world, "bb") == TARGETS, "and nothing of it is left");
}

/* One interrupt: running targets end their step and stop there. */
static void test_drained(World *world, Checks *checks)
{
    Trip down = {.command = PLAN_DOWNGRADE, .goal = "base", .interrupts = {.after_steps = 1, .signals = 1}};
    g_autoptr(RunResult) run = travel(world, &down);
    check(checks, run->interrupted, "one interrupt drains");
    check(checks, run_result_count(run, OUTCOME_CANCELLED) == 0, "and cancels nothing");
    check(checks, results_are_true(world, run), "what was stopped stands between two steps");
    Trip rest = {.command = PLAN_DOWNGRADE, .goal = "base"};
    g_autoptr(RunResult) ended = travel(world, &rest);
    check(checks,
          run_result_count(ended, OUTCOME_DONE) + run_result_count(ended, OUTCOME_UNCHANGED) +
                  run_result_count(ended, OUTCOME_BLOCKED) ==
              TARGETS,
          "and the same command finishes the rest");
}

int main(void)
{
    Checks checks = {0};
    World world;
    world_init(&world);
    test_all_done(&world, &checks);
    test_probe(&world, &checks);
    test_cancelled(&world, &checks);
    test_halted(&world, &checks);
    test_waiting(&world, &checks);
    test_drained(&world, &checks);
    world_clear(&world);
    return checks_end(&checks);
}
