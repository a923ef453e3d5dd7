/* The ledger: everything of a run comes back as it was, runs are found by what people type. */
#include "../run_fixture.h"
#include "drivers/driver.h"
#include "run/ledger.h"

#include <glib/gstdio.h>
#include <unistd.h>

static char *folder;
static char *path; /* of the ledger */

static void make_folder(void)
{
    if (!driver_for_scheme("sqlite", NULL))
        cr_skip_test("this build has no SQLite driver");
    drivers_init();
    folder = g_dir_make_tmp("dbfleet-ledger-XXXXXX", NULL);
    path = g_build_filename(folder, "sub", "deeper", "ledger.db", NULL);
}

static void remove_folder(void)
{
    const char *const suffixes[] = {"", "-wal", "-shm", ".dbfleet-lock", NULL};
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        g_autofree char *file = g_strconcat(path, *suffix, NULL);
        g_remove(file);
    }
    g_autofree char *deeper = g_path_get_dirname(path);
    g_autofree char *sub = g_path_get_dirname(deeper);
    g_rmdir(deeper);
    g_rmdir(sub);
    cr_expect_eq(g_rmdir(folder), 0, "the ledger left files of its own");
    g_free(path);
    g_free(folder);
}

static Ledger *open_ledger(bool create)
{
    GError *error = NULL;
    Ledger *ledger = ledger_open(path, create, &error);

    cr_assert_not_null(ledger, "%s", error ? error->message : "");
    return ledger;
}

static void record(const RunResult *run)
{
    g_autoptr(Ledger) ledger = open_ledger(true);

    cr_assert(ledger_begin(ledger, run, NULL));
    cr_assert(ledger_finish(ledger, run, NULL));
}

static RunResult *load(const char *id)
{
    g_autoptr(Ledger) ledger = open_ledger(false);
    GError *error = NULL;
    RunResult *run = ledger_load(ledger, id, &error);

    cr_assert_not_null(run, "%s", error ? error->message : "");
    return run;
}

TestSuite(ledger_round_trip, .init = make_folder, .fini = remove_folder);

static void expect_text(const char *left, const char *right, const char *what)
{
    cr_expect_eq(g_strcmp0(left, right), 0, "%s: %s | %s", what, left ? left : "NULL",
                 right ? right : "NULL");
}

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
    cr_expect_eq(left->line, right->line);
    cr_expect_eq(left->column, right->column);
    cr_expect_eq(left->statement, right->statement);
}

static void expect_same_step(const StepResult *left, const StepResult *right)
{
    expect_text(left->step_id, right->step_id, "step_id");
    expect_text(left->revision, right->revision, "step revision");
    expect_text(left->message, right->message, "step message");
    expect_text(left->direction, right->direction, "step direction");
    expect_text(left->state, right->state, "step state");
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->duration_us, right->duration_us);
    cr_expect_eq(left->statements_total, right->statements_total);
    cr_expect_eq(left->statements_done, right->statements_done);
}

static void expect_same_target(const TargetResult *left, const TargetResult *right)
{
    expect_text(left->name, right->name, "name");
    expect_text(left->group, right->group, "group");
    expect_text(left->server, right->server, "server");
    expect_text(left->dialect, right->dialect, "dialect");
    expect_text(left->server_version, right->server_version, "server_version");
    expect_text(left->reason, right->reason, "reason");
    expect_rows(left->rows_before, right->rows_before, "rows_before");
    expect_rows(left->rows_after, right->rows_after, "rows_after");
    expect_rows(left->rows_goal, right->rows_goal, "rows_goal");
    cr_expect_eq(left->outcome, right->outcome);
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->duration_us, right->duration_us);
    cr_expect_eq(left->steps_planned, right->steps_planned);
    cr_assert_eq(left->steps->len, right->steps->len);
    for (guint i = 0; i < left->steps->len; i++)
        expect_same_step(left->steps->pdata[i], right->steps->pdata[i]);
    cr_assert_eq(left->failure == NULL, right->failure == NULL);
    if (left->failure)
        expect_same_failure(left->failure, right->failure);
}

static void expect_same_run(const RunResult *left, const RunResult *right)
{
    expect_text(left->id, right->id, "id");
    expect_text(left->command, right->command, "command");
    expect_text(left->goal, right->goal, "goal");
    expect_text(left->track, right->track, "track");
    expect_text(left->selector, right->selector, "selector");
    expect_text(left->operator_name, right->operator_name, "operator_name");
    expect_text(left->plan_digest, right->plan_digest, "plan_digest");
    expect_text(left->dbfleet_version, right->dbfleet_version, "dbfleet_version");
    expect_text(left->max_failures, right->max_failures, "max_failures");
    expect_text(left->halt_reason, right->halt_reason, "halt_reason");
    cr_expect_eq(left->jobs, right->jobs);
    cr_expect_eq(left->started_us, right->started_us);
    cr_expect_eq(left->finished_us, right->finished_us);
    cr_expect_eq(left->interrupted, right->interrupted);
    cr_assert_eq(left->targets->len, right->targets->len);
    for (guint i = 0; i < left->targets->len; i++)
        expect_same_target(left->targets->pdata[i], right->targets->pdata[i]);
}

Test(ledger_round_trip, everything_comes_back)
{
    g_autoptr(RunResult) run = fixture_run("20261122-164000-aaaa");
    run->selector = g_strdup("eu:!eu-7");
    run->halt_reason = g_strdup("1 target failed, max_failures is 0");
    run->interrupted = true;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        g_autofree char *name = g_strdup_printf("t-%d", i);
        TargetResult *target = fixture_result(run, name, i % 2 ? "eu" : "", (Outcome)i);
        fixture_step(target, "aa", "done", i * 1000);
        fixture_step(target, "bb", "verify-failed", i);
    }
    fixture_failed(run, "bad", "eu",
                   "it's 100%; drop table runs; --\n\"quoted\" \\ back\tslash \xc3\xa9\xff");
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

Test(ledger_round_trip, targets_are_recorded_as_they_finish)
{
    g_autoptr(RunResult) run = fixture_run("run");
    run->finished_us = 0;
    fixture_result(run, "first", "", OUTCOME_NOT_STARTED);
    fixture_result(run, "second", "", OUTCOME_NOT_STARTED);
    g_autoptr(Ledger) ledger = open_ledger(true);
    cr_assert(ledger_begin(ledger, run, NULL));
    TargetResult *done = fixture_result(run, "second", "", OUTCOME_DONE);
    fixture_step(done, "aa", "done", 5);
    target_result_free(run->targets->pdata[1]);
    run->targets->pdata[1] = g_ptr_array_steal_index(run->targets, 2);
    g_autoptr(GPtrArray) finished = g_ptr_array_new();
    g_ptr_array_add(finished, done);
    cr_assert(ledger_record(ledger, run, finished, NULL));
    g_autoptr(RunResult) died = load("run");
    run->finished_us = RUN_STARTED + 7;
    cr_assert(ledger_finish(ledger, run, NULL));
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

/* Four runs, the third the newest by its time. */
static void record_some(void)
{
    static const struct {
        const char *id;
        gint64 age;
    } runs[] = {{"20261120-1", 5}, {"20261121-1", 4}, {"20261121-11", 1}, {"20261122-2", 3}};
    for (gsize i = 0; i < G_N_ELEMENTS(runs); i++) {
        g_autoptr(RunResult) run = fixture_run(runs[i].id);
        run->started_us -= runs[i].age * SECOND_US;
        for (gsize t = 0; t <= i; t++)
            fixture_result(run, runs[t].id, "", t % 2 ? OUTCOME_FAILED : OUTCOME_DONE);
        record(run);
    }
}

static void expect_found(const char *typed, const char *id)
{
    g_autoptr(RunResult) run = load(typed);

    cr_expect_str_eq(run->id, id);
}

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

/* ---- Opening ---- */

TestSuite(ledger_opens, .init = make_folder, .fini = remove_folder);

static void expect_refused(bool create, const char *message)
{
    g_autoptr(GError) error = NULL;

    cr_expect_null(ledger_open(path, create, &error));
    cr_assert_not_null(error);
    cr_expect(strstr(error->message, path) && strstr(error->message, message), "wanted: %s\ntold: %s",
              message, error->message);
}

Test(ledger_opens, a_missing_one_only_to_write)
{
    expect_refused(false, "does not exist: no run was recorded here yet");
    cr_expect_not(g_file_test(path, G_FILE_TEST_EXISTS));
    ledger_close(open_ledger(true));
    ledger_close(open_ledger(false));
    ledger_close(NULL);
}

static void set_format(int version)
{
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    g_autofree char *sql = g_strdup_printf("PRAGMA user_version = %d", version);
    g_autoptr(Connection) connection = connection_open(&(ConnectOptions){.url = url}, NULL);

    cr_assert(connection && connection_run(connection, sql, NULL));
}

Test(ledger_opens, one_of_a_newer_dbfleet_is_left_alone)
{
    ledger_close(open_ledger(true));
    set_format(99);

    expect_refused(false, "it was written by a newer dbfleet (format 99, this one knows 1)");
    expect_refused(true, "newer dbfleet");
}

Test(ledger_opens, what_is_no_database_is_told)
{
    ledger_close(open_ledger(true));
    cr_assert(
        g_file_set_contents(path, "this is no database, and long enough to be looked at as one", -1, NULL));

    expect_refused(true, "");
    g_autofree char *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_expect(g_str_has_prefix(text, "this is no database"));
}

Test(ledger_opens, a_folder_that_cannot_be_made_is_told)
{
    g_autofree char *file = g_build_filename(folder, "sub", NULL);
    cr_assert(g_file_set_contents(file, "", 0, NULL));
    g_autoptr(GError) error = NULL;

    cr_expect_null(ledger_open(path, true, &error));
    cr_expect(strstr(error->message, "cannot be made"), "%s", error->message);
    g_remove(file);
}

Test(ledger_opens, a_ledger_that_another_is_writing_is_waited_for)
{
    g_autoptr(Ledger) one = open_ledger(true);
    g_autoptr(Ledger) other = open_ledger(true);
    g_autoptr(RunResult) first = fixture_run("one");
    g_autoptr(RunResult) second = fixture_run("two");

    cr_expect(ledger_begin(one, first, NULL));
    cr_expect(ledger_begin(other, second, NULL));
    g_autoptr(GPtrArray) runs = ledger_runs(one, 0, NULL);
    cr_expect_eq(runs->len, 2);
}
