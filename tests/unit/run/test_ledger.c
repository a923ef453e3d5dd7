/* The ledger: everything of a run comes back as it was, runs are found by what people type. */
#include "base/intern.h"
#include "ledger_fixture.h"

TestSuite(ledger_round_trip, .init = make_folder, .fini = remove_folder);

/* NULL (not read) and empty (at base) are told apart. */
static void expect_rows(char **left, char **right, const char *what)
{
    cr_assert_eq(left == NULL, right == NULL, "%s", what);
    g_autofree char *one = left ? g_strjoinv(" ", left) : NULL;
    g_autofree char *other = right ? g_strjoinv(" ", right) : NULL;
    expect_text(one, other, what);
}

static void expect_same_failure(const Failure *left, const Failure *right)
{
    expect_text(left->error_class, right->error_class, "error_class");
    expect_text(left->code, right->code, "code");
    expect_text(left->message, right->message, "message");
    expect_text(left->detail, right->detail, "detail");
    expect_text(left->hint, right->hint, "hint");
    expect_text(left->revision, right->revision, "revision");
    expect_text(left->direction, right->direction, "direction");
    expect_text(left->file, right->file, "file");
    expect_text(left->sql, right->sql, "sql");
    expect_text(left->excerpt, right->excerpt, "excerpt");
    expect_text(left->blocker, right->blocker, "blocker");
    expect_text(left->difference, right->difference, "difference");
    cr_expect_eq(left->line, right->line);
    cr_expect_eq(left->column, right->column);
    cr_expect_eq(left->statement, right->statement);
}

static void expect_same_step(const StepResult *left, const StepResult *right)
{
    g_autofree char *id = step_result_id(left), *other = step_result_id(right);
    expect_text(id, other, "step_id");
    expect_text(left->revision, right->revision, "step revision");
    expect_text(left->message, right->message, "step message");
    expect_text(step_result_direction(left), step_result_direction(right), "step direction");
    expect_text(step_result_state(left), step_result_state(right), "step state");
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->duration_us, right->duration_us);
    cr_expect_eq(left->statements_total, right->statements_total);
    cr_expect_eq(left->statements_done, right->statements_done);
    cr_expect_eq(left->tries, right->tries);
}

static void expect_same_target(const TargetResult *left, const TargetResult *right)
{
    expect_text(left->name, right->name, "name");
    expect_text(left->group, right->group, "group");
    expect_text(left->server, right->server, "server");
    expect_text(left->dialect, right->dialect, "dialect");
    expect_text(left->server_version, right->server_version, "server_version");
    expect_text(left->reason, right->reason, "reason");
    expect_text(left->backup, right->backup, "backup");
    expect_text(left->path, right->path, "path");
    expect_rows(left->rows_before, right->rows_before, "rows_before");
    expect_rows(left->rows_after, right->rows_after, "rows_after");
    expect_rows(left->rows_goal, right->rows_goal, "rows_goal");
    cr_expect_eq(left->outcome, right->outcome);
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->duration_us, right->duration_us);
    cr_expect_eq(left->steps_planned, right->steps_planned);
    cr_expect_eq(left->wave, right->wave);
    cr_expect_eq(left->worker, right->worker);
    cr_assert_eq(left->step_count, right->step_count);
    for (guint i = 0; i < left->step_count; i++)
        expect_same_step(&left->steps[i], &right->steps[i]);
    cr_assert_eq(left->failure == NULL, right->failure == NULL);
    if (left->failure)
        expect_same_failure(left->failure, right->failure);
}

static void expect_same_path(const RunPath *left, const RunPath *right)
{
    expect_text(left->digest, right->digest, "path digest");
    expect_text(left->dialect, right->dialect, "path dialect");
    cr_assert_eq(run_path_length(left), run_path_length(right));
    for (guint i = 0; i < run_path_length(left); i++) {
        const RunPathStep one = run_path_step(left, i), other = run_path_step(right, i);
        expect_text(one.revision, other.revision, "path revision");
        expect_text(one.direction, other.direction, "path direction");
        expect_text(one.checksum, other.checksum, "path checksum");
    }
}

static void expect_same_gate(const GateResult *left, const GateResult *right)
{
    expect_text(left->name, right->name, "gate");
    expect_text(left->kind, right->kind, "gate kind");
    expect_text(left->target, right->target, "gate target");
    expect_text(left->saw, right->saw, "gate saw");
    cr_expect_eq(left->passed, right->passed);
    cr_expect_eq(left->tries, right->tries);
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->duration_us, right->duration_us);
}

static void expect_same_wave(const WaveResult *left, const WaveResult *right)
{
    expect_text(left->name, right->name, "wave");
    expect_text(left->halt_reason, right->halt_reason, "wave halt_reason");
    cr_expect_eq(left->state, right->state);
    cr_expect_eq(left->targets, right->targets);
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->finished_us, right->finished_us);
    cr_expect_eq(left->soak_until_us, right->soak_until_us);
    cr_assert_eq(left->gates->len, right->gates->len);
    for (guint i = 0; i < left->gates->len; i++)
        expect_same_gate(left->gates->pdata[i], right->gates->pdata[i]);
}

static void expect_same_waves(const RunResult *left, const RunResult *right)
{
    cr_assert_eq(left->waves->len, right->waves->len);
    for (guint i = 0; i < left->waves->len; i++)
        expect_same_wave(left->waves->pdata[i], right->waves->pdata[i]);
    cr_assert_eq(left->warnings->len, right->warnings->len);
    for (guint i = 0; i < left->warnings->len; i++)
        expect_text(left->warnings->pdata[i], right->warnings->pdata[i], "warning");
}

static void expect_same_policy(const RunResult *left, const RunResult *right)
{
    expect_text(left->max_failures, right->max_failures, "max_failures");
    expect_text(left->max_unreachable, right->max_unreachable, "max_unreachable");
    expect_text(left->on_halt, right->on_halt, "on_halt");
    expect_text(left->on_failure, right->on_failure, "on_failure");
    expect_rows(left->variables, right->variables, "variables");
    cr_expect_eq(left->jobs, right->jobs);
    cr_expect_eq(left->per_host, right->per_host);
    cr_expect_eq(left->allow_edited, right->allow_edited);
    cr_expect_eq(left->purge, right->purge);
}

static void expect_same_run(const RunResult *left, const RunResult *right)
{
    expect_text(left->id, right->id, "id");
    expect_text(left->of_run, right->of_run, "of_run");
    expect_text(left->host, right->host, "host");
    expect_text(left->process, right->process, "process");
    expect_text(left->versions_commit, right->versions_commit, "versions_commit");
    expect_text(left->paused_by, right->paused_by, "paused_by");
    expect_same_policy(left, right);
    expect_text(left->command, right->command, "command");
    expect_text(left->goal, right->goal, "goal");
    expect_text(left->track, right->track, "track");
    expect_text(left->selector, right->selector, "selector");
    expect_text(left->operator_name, right->operator_name, "operator_name");
    expect_text(left->plan_digest, right->plan_digest, "plan_digest");
    expect_text(left->dbfleet_version, right->dbfleet_version, "dbfleet_version");
    expect_text(left->halt_reason, right->halt_reason, "halt_reason");
    cr_expect_eq(left->heartbeat_us, right->heartbeat_us);
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->finished_us, right->finished_us);
    cr_expect_eq(left->interrupted, right->interrupted);
    cr_assert_eq(left->targets->len, right->targets->len);
    for (guint i = 0; i < left->targets->len; i++)
        expect_same_target(left->targets->pdata[i], right->targets->pdata[i]);
    cr_assert_eq(left->paths->len, right->paths->len);
    for (guint i = 0; i < left->paths->len; i++)
        expect_same_path(left->paths->pdata[i], right->paths->pdata[i]);
    expect_same_waves(left, right);
}

static void add_path(RunResult *run, const char *digest, const char *const *revisions)
{
    RunPath *taken = run_path_new();

    taken->digest = g_strdup(digest);
    taken->dialect = g_strdup("sqlite");
    for (gsize i = 0; revisions[i]; i++) {
        const RunPathStep step = {revisions[i], "down", i ? "feed" : NULL};
        run_path_add_step(taken, &step);
    }
    g_ptr_array_add(run->paths, taken);
}

static WaveResult *add_wave(RunResult *run, const char *name, WaveState state)
{
    WaveResult *wave = wave_result_new();

    wave->name = g_strdup(name);
    wave->state = state;
    wave->targets = 7;
    wave->started_us = RUN_STARTED;
    g_ptr_array_add(run->waves, wave);
    return wave;
}

static void add_gate(WaveResult *wave, const char *target, bool passed, const char *saw)
{
    GateResult *gate = gate_result_new();

    gate->name = g_strdup("no errors");
    gate->kind = g_strdup("sql");
    gate->target = g_strdup(target);
    gate->passed = passed;
    gate->saw = g_strdup(saw);
    gate->tries = 2;
    gate->started_us = RUN_STARTED + 5;
    gate->duration_us = 77;
    g_ptr_array_add(wave->gates, gate);
}

/* One for each state, and gates of the second. */
static void fill_waves(RunResult *run)
{
    for (int i = 0; i < WAVE_STATE_COUNT; i++)
        add_wave(run, wave_state_name((WaveState)i), (WaveState)i);
    WaveResult *wave = run->waves->pdata[1];
    wave->finished_us = RUN_STARTED + 9;
    wave->soak_until_us = RUN_STARTED + 99;
    wave->halt_reason = g_strdup("it's a 'gate'");
    add_gate(wave, "eu-1", true, NULL);
    add_gate(wave, NULL, false, "HTTP 503");
    g_ptr_array_add(run->warnings, g_strdup("a hook said no"));
    g_ptr_array_add(run->warnings, g_strdup("and another"));
}

static void fill_policy(RunResult *run)
{
    static const char *const names[] = {"region", "size", NULL};

    run->of_run = g_strdup("20261121-1");
    run->paused_by = g_strdup("ann@there at 2026-11-22T16:40:05Z");
    run->heartbeat_us = RUN_STARTED + 3;
    run->per_host = 4;
    run->on_failure = g_strdup("rollback-wave");
    run->allow_edited = true;
    run->purge = true;
    run->variables = g_strdupv((char **)names);
}

Test(ledger_round_trip, everything_comes_back)
{
    g_autoptr(RunResult) run = fixture_run("20261122-164000-aaaa");
    run->selector = g_strdup("eu:!eu-7");
    run->halt_reason = g_strdup("1 target failed, max_failures is 0");
    run->interrupted = true;
    fill_policy(run);
    fill_waves(run);
    add_path(run, "11aa", (const char *const[]){"bb", "aa", NULL});
    add_path(run, "22bb", (const char *const[]){NULL});
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        g_autofree char *name = g_strdup_printf("t-%d", i);
        TargetResult *target = fixture_result(run, name, i % 2 ? "eu" : "", (Outcome)i);
        fixture_step(target, "aa", "done", i * 1000);
        fixture_step(target, "bb", "verify-failed", i)->tries = 3;
        target->path = g_intern_string("11aa");
        target->wave = (unsigned)i % 3;
        target->worker = (unsigned)i;
        target->backup = g_strdup("backups/t.db");
    }
    TargetResult *bad = fixture_failed(
        run, "bad", "eu", "it's 100%; drop table runs; --\n\"quoted\" \\ back\tslash \xc3\xa9\xff");
    bad->failure->blocker = g_strdup("pid 7, application shop");
    bad->failure->difference = g_strdup("- t1\n+ t1, t2\n");
    record(run);
    g_autoptr(RunResult) loaded = load("20261122-164000-aaaa");

    expect_same_run(run, loaded);
}

Test(ledger_round_trip, nothing_known_stays_nothing_known)
{
    g_autoptr(RunResult) run = run_result_new();
    run->id = g_strdup("run");
    run->command = g_strdup("stamp");
    run->goal = g_strdup("");
    TargetResult *unread = target_result_new();
    TargetResult *at_base = target_result_new();
    unread->name = g_strdup("unread");
    at_base->name = g_strdup("at-base");
    at_base->rows_before = fixture_rows("");
    at_base->rows_after = fixture_rows("");
    at_base->rows_goal = fixture_rows("aa bb");
    g_ptr_array_add(run->targets, unread);
    g_ptr_array_add(run->targets, at_base);
    record(run);
    g_autoptr(RunResult) loaded = load("run");

    expect_same_run(run, loaded);
}

Test(ledger_round_trip, waves_are_recorded_as_they_go)
{
    g_autoptr(RunResult) run = fixture_run("20261122-164000-cccc");
    WaveResult *wave = add_wave(run, "canary", WAVE_WAITING);
    g_autoptr(Ledger) ledger = open_ledger(true);
    cr_assert(ledger_begin(ledger, run, NULL, NULL));
    wave->state = WAVE_GATING;
    add_gate(wave, "eu-1", true, "nothing");
    record_more(ledger, run, NULL, NULL);
    wave->state = WAVE_HALTED;
    wave->halt_reason = g_strdup("gate no errors");
    add_gate(wave, "eu-2", false, "one row");
    g_ptr_array_add(run->warnings, g_strdup("late"));
    record_more(ledger, run, NULL, NULL);
    g_autoptr(RunResult) loaded = load(run->id);

    expect_same_waves(run, loaded);
}

Test(ledger_round_trip, a_wave_at_work_when_its_run_died_was_halted)
{
    g_autoptr(RunResult) run = fixture_run("20261122-164000-dddd");
    run->finished_us = 0;
    run->heartbeat_us = RUN_STARTED;
    add_wave(run, "canary", WAVE_DONE);
    add_wave(run, "half", WAVE_SOAKING);
    add_wave(run, "rest", WAVE_WAITING);
    record(run);
    g_autoptr(RunResult) loaded = load(run->id);
    const WaveResult *half = loaded->waves->pdata[1];

    cr_expect_eq(((WaveResult *)loaded->waves->pdata[0])->state, WAVE_DONE);
    cr_expect_eq(half->state, WAVE_HALTED);
    cr_expect_str_eq(half->halt_reason, "the run died while this wave was soaking");
    cr_expect_eq(((WaveResult *)loaded->waves->pdata[2])->state, WAVE_NOT_STARTED);
}

Test(ledger_round_trip, targets_are_recorded_as_they_finish)
{
    g_autoptr(RunResult) run = fixture_run("run");
    run->finished_us = 0;
    fixture_result(run, "first", "", OUTCOME_NOT_STARTED);
    fixture_result(run, "second", "", OUTCOME_NOT_STARTED);
    g_autoptr(Ledger) ledger = open_ledger(true);
    cr_assert(ledger_begin(ledger, run, NULL, NULL));
    TargetResult *done = fixture_result(run, "second", "", OUTCOME_DONE);
    fixture_step(done, "aa", "done", 5);
    target_result_free(run->targets->pdata[1]);
    run->targets->pdata[1] = g_ptr_array_steal_index(run->targets, 2);
    g_autoptr(GPtrArray) finished = g_ptr_array_new();
    g_ptr_array_add(finished, done);
    record_more(ledger, run, finished, NULL);
    g_autoptr(RunResult) died = load("run");
    run->finished_us = RUN_STARTED + 7;
    record_more(ledger, run, NULL, NULL);
    g_autoptr(RunResult) ended = load("run");

    cr_expect_eq(died->finished_us, 0, "so a run that died is told");
    cr_expect_eq(((TargetResult *)died->targets->pdata[0])->outcome, OUTCOME_NOT_STARTED);
    cr_expect_eq(((TargetResult *)died->targets->pdata[1])->outcome, OUTCOME_DONE);
    expect_same_run(run, ended);
}

Test(ledger_round_trip, ten_thousand_targets)
{
    g_autoptr(RunResult) run = fixture_run("run");
    for (int i = 0; i < 10000; i++) {
        g_autofree char *name = g_strdup_printf("t-%05d", i);
        fixture_step(fixture_result(run, name, "all", OUTCOME_DONE), "aa", "done", i);
    }
    gint64 begin = g_get_monotonic_time();
    record(run);
    gint64 middle = g_get_monotonic_time();
    g_autoptr(RunResult) loaded = load("run");

    cr_log_info("10,000 targets written in %.0f ms, read in %.0f ms", (double)(middle - begin) / 1000,
                (double)(g_get_monotonic_time() - middle) / 1000);
    cr_expect_eq(loaded->targets->len, 10000);
    expect_same_target(run->targets->pdata[9999], loaded->targets->pdata[9999]);
}

/* ---- Finding ---- */

TestSuite(ledger_finds, .init = make_folder, .fini = remove_folder);

static void expect_not_found(const char *typed, const char *message)
{
    g_autoptr(Ledger) ledger = open_ledger(false);
    g_autoptr(GError) error = NULL;

    cr_expect_null(ledger_load(ledger, typed, &error));
    cr_expect(error && strstr(error->message, message), "%s", error ? error->message : "");
}

Test(ledger_finds, runs_by_id_by_beginning_and_the_last)
{
    record_some();

    expect_found("last", "20261121-11");
    expect_found("20261120", "20261120-1");
    expect_found("20261121-1", "20261121-1");
    expect_found("20261121-11", "20261121-11");
    expect_not_found("20261121", "more than one run \"20261121\"; the newest are: 20261121-11, 20261122-2");
    expect_not_found("2027", "no run \"2027\"; the newest are: 20261121-11");
    expect_not_found("%", "no run \"%\"");
    expect_not_found("' or 1=1 --", "no run");
}

Test(ledger_finds, nothing_in_an_empty_one)
{
    ledger_close(open_ledger(true));

    expect_not_found("last", "no run \"last\"; the newest are: none");
}

Test(ledger_finds, the_newest_runs_with_their_counts)
{
    record_some();
    g_autoptr(Ledger) ledger = open_ledger(false);
    g_autoptr(GPtrArray) two = ledger_runs(ledger, 2, NULL);
    g_autoptr(GPtrArray) all = ledger_runs(ledger, 0, NULL);

    cr_assert_eq(two->len, 2);
    cr_assert_eq(all->len, 4);
    const RunSummary *newest = two->pdata[0];
    cr_expect_str_eq(newest->id, "20261121-11");
    cr_expect_eq(newest->targets, 3);
    cr_expect_eq(newest->counts[OUTCOME_DONE], 2);
    cr_expect_eq(newest->counts[OUTCOME_FAILED], 1);
    cr_expect_str_eq(((RunSummary *)two->pdata[1])->id, "20261122-2");
    cr_expect_str_eq(newest->command, "upgrade");
    cr_expect_str_eq(newest->operator_name, "me@here");
    cr_expect_null(newest->halt_reason);
}
