/* The ledger: opened, taken over and refused; what it makes of runs that have no end. */
#include "ledger_fixture.h"

/* ---- Opening ---- */

TestSuite(ledger_opens, .init = make_folder, .fini = remove_folder);

static void expect_refused(bool create, const char *message)
{
    g_autoptr(GError) error = NULL;

    cr_expect_null(ledger_open(path, NULL, create, &error));
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

static void run_sql(const char *sql)
{
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    g_autoptr(Connection) connection = connection_open(&(ConnectOptions){.url = url, .create = true}, NULL);
    GError *error = NULL;

    cr_assert(connection && connection_run(connection, sql, &error), "%s", error ? error->message : "");
}

Test(ledger_opens, one_of_a_newer_dbfleet_is_left_alone)
{
    ledger_close(open_ledger(true));
    run_sql("UPDATE dbfleet_ledger_version SET version_num = '0099_later'");

    expect_refused(false, "it was written by a newer dbfleet (it stands at 0099_later, this one knows");
    expect_refused(true, "newer dbfleet");
}

/* As dbfleet 0.1.0 made it, with a run in it. */
static const char first_release[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE runs (id TEXT PRIMARY KEY, command TEXT NOT NULL, goal TEXT NOT NULL, track TEXT, selector "
    "TEXT, operator TEXT, plan_digest TEXT, dbfleet_version TEXT, jobs INTEGER, max_failures TEXT, "
    "started_us "
    "INTEGER NOT NULL, finished_us INTEGER NOT NULL, halt_reason TEXT, interrupted INTEGER NOT NULL);"
    "CREATE TABLE targets (run_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, group_name "
    "TEXT, server TEXT, dialect TEXT, server_version TEXT, outcome TEXT NOT NULL, reason TEXT, rows_before "
    "TEXT, rows_after TEXT, rows_goal TEXT, steps_planned INTEGER, started_us INTEGER, duration_us INTEGER, "
    "error_class TEXT, code TEXT, message TEXT, detail TEXT, hint TEXT, revision TEXT, direction TEXT, file "
    "TEXT, line INTEGER, column_number INTEGER, statement INTEGER, sql TEXT, excerpt TEXT, PRIMARY KEY "
    "(run_id, position));"
    "CREATE TABLE steps (run_id TEXT NOT NULL, target TEXT NOT NULL, position INTEGER NOT NULL, step_id "
    "TEXT, "
    "revision TEXT, message TEXT, direction TEXT, state TEXT, started_us INTEGER, duration_us INTEGER, "
    "statements_total INTEGER, statements_done INTEGER, PRIMARY KEY (run_id, target, position));"
    "CREATE INDEX runs_started ON runs (started_us);"
    "PRAGMA user_version = 1;"
    "INSERT INTO runs VALUES ('old', 'upgrade', 'head', 'default', NULL, 'me@here', 'dd', '0.1.0', 8, '0', "
    "5, "
    "9, NULL, 0);"
    "INSERT INTO targets VALUES ('old', 0, 't', '', 's', 'sqlite', 'v', 'failed', 'why', 'aa', 'aa', 'bb', "
    "1, "
    "6, 2, 'statement', '1', 'msg', NULL, NULL, 'bb', 'up', 'f.sql', 3, 4, 2, 'select', NULL);"
    "INSERT INTO steps VALUES ('old', 't', 0, 'old-0001', 'bb', 'add', 'up', 'rolled-back', 6, 2, 2, 1);";

Test(ledger_opens, one_of_the_first_release_is_taken_over)
{
    g_autofree char *deeper = g_path_get_dirname(path);
    g_mkdir_with_parents(deeper, 0755);
    run_sql(first_release);
    g_autoptr(RunResult) run = load("old");
    const TargetResult *target = run->targets->pdata[0];
    const StepResult *step = &target->steps[0];

    cr_expect_str_eq(run->goal, "head");
    cr_expect_eq(run->jobs, 8);
    cr_expect_eq(run->finished_us, 9);
    cr_expect_null(run->host);
    cr_expect_eq(target->outcome, OUTCOME_FAILED);
    cr_expect_eq(target->failure->column, 4);
    cr_expect_eq(step->statements_done, 1);
    record_some();
    expect_found("last", "20261121-11");
    expect_found("old", "old");
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    g_autoptr(Connection) connection = connection_open(&(ConnectOptions){.url = url}, NULL);
    g_autoptr(RowSet) rows = connection_query(connection, "PRAGMA user_version", NULL);
    cr_expect_str_eq(((char **)rows->rows->pdata[0])[0], "2", "0.1.0 leaves it alone from now on");
}

/* Opens it in processes of their own, all at once; the number that could not. */
static int open_at_once(int processes)
{
    int failed = 0;
    for (int i = 0; i < processes; i++) {
        if (fork() == 0) {
            g_autoptr(Ledger) ledger = ledger_open(path, NULL, true, NULL);
            _exit(ledger ? 0 : 1);
        }
    }
    for (int i = 0; i < processes; i++) {
        int status;
        wait(&status);
        failed += status != 0;
    }
    return failed;
}

Test(ledger_opens, a_new_one_by_many_at_the_same_time)
{
    cr_expect_eq(open_at_once(8), 0);
    record_some();
    expect_found("last", "20261121-11");
}

Test(ledger_opens, what_was_opened_and_is_gone_is_not_written_to)
{
    g_autoptr(Ledger) ledger = open_ledger(true);
    g_autoptr(RunResult) run = fixture_run("run");
    g_autoptr(GError) error = NULL;
    cr_assert(ledger_begin(ledger, run, NULL, NULL));
    g_autofree char *elsewhere = g_strconcat(path, ".dbfleet-lock", NULL);
    g_rename(path, elsewhere);

    cr_expect_not(ledger_record(ledger, run, &(LedgerNews){0}, &error));
    cr_expect(strstr(error->message, "was deleted, moved or replaced"), "%s", error->message);
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

    cr_expect_null(ledger_open(path, NULL, true, &error));
    cr_expect(strstr(error->message, "cannot be made"), "%s", error->message);
    g_remove(file);
}

Test(ledger_opens, a_ledger_that_another_is_writing_is_waited_for)
{
    g_autoptr(Ledger) one = open_ledger(true);
    g_autoptr(Ledger) other = open_ledger(true);
    g_autoptr(RunResult) first = fixture_run("one");
    g_autoptr(RunResult) second = fixture_run("two");

    cr_expect(ledger_begin(one, first, NULL, NULL));
    cr_expect(ledger_begin(other, second, NULL, NULL));
    g_autoptr(GPtrArray) runs = ledger_runs(one, 0, NULL);
    cr_expect_eq(runs->len, 2);
}

/* ---- Runs without an end ---- */

/* What a run that began `age` ago, gave a sign then, and has a target at work is loaded as. */
static RunResult *load_unfinished(const char *host, gint64 age, const char *paused_by)
{
    g_autoptr(RunResult) run = fixture_run("run");
    run->finished_us = 0;
    run->heartbeat_us = g_get_real_time() - age;
    g_free(run->host);
    g_free(run->process);
    run->host = g_strdup(host);
    run->process = process_mark();
    run->paused_by = g_strdup(paused_by);
    TargetResult *target = fixture_result(run, "at-work", "", OUTCOME_NOT_STARTED);
    target->started_us = RUN_STARTED;
    target->reason = g_strdup("at work");
    fixture_result(run, "waits", "", OUTCOME_NOT_STARTED)->reason = g_strdup("waits");
    record(run);
    return load("run");
}

static void expect_state(const RunResult *run, RunState state, const char *reason)
{
    const TargetResult *at_work = run->targets->pdata[0], *waits = run->targets->pdata[1];

    cr_expect_eq(run->state, state);
    cr_expect_eq(at_work->outcome, OUTCOME_NOT_STARTED);
    cr_expect(strstr(at_work->reason, reason), "%s", at_work->reason);
    cr_expect_str_eq(waits->reason, "waits");
}

TestSuite(ledger_unfinished, .init = make_folder, .fini = remove_folder);

Test(ledger_unfinished, a_run_that_gives_signs_is_running)
{
    g_autoptr(RunResult) here = load_unfinished(g_get_host_name(), 0, NULL);
    expect_state(here, RUN_RUNNING, "at work");
    g_autoptr(RunResult) elsewhere = load_unfinished("elsewhere", 0, "ann@there");
    expect_state(elsewhere, RUN_PAUSED, "at work");
}

Test(ledger_unfinished, a_run_that_is_silent_died)
{
    g_autoptr(RunResult) run = load_unfinished("elsewhere", RUN_SILENT_US + SECOND_US, "ann@there");

    expect_state(run, RUN_DIED, "in progress when the run died");
}

Test(ledger_unfinished, a_run_whose_process_is_gone_died)
{
    g_autofree char *mark = process_mark();
    g_auto(GStrv) parts = g_strsplit(mark, " ", -1);
    g_autofree char *later = g_strdup_printf("%s %s 1%s", parts[0], parts[1], parts[2]);
    g_autofree char *other_container = g_strdup_printf("%s pid:[1] 1%s", parts[0], parts[2]);

    cr_expect_not(process_is_gone(mark));
    cr_expect(process_is_gone(later), "the number was given to another process");
    cr_expect_not(process_is_gone(other_container), "that cannot be told from here");
    cr_expect_not(process_is_gone("nonsense"));
    cr_expect_eq(run_state(0, 5, NULL, g_get_host_name(), later, 6), RUN_DIED);
    cr_expect_eq(run_state(0, 5, NULL, "elsewhere", later, 6), RUN_RUNNING);
    cr_expect_eq(run_state(7, 5, NULL, "elsewhere", later, 6), RUN_ENDED);
}

Test(ledger_unfinished, events_come_back_in_their_order)
{
    static const char *const kinds[] = {"began", "target-started", "finished"};
    g_autoptr(RunResult) run = fixture_run("run");
    g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func((GDestroyNotify)run_event_free);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const char *target = i == 1 ? "t" : NULL;
        g_ptr_array_add(events, run_event_new(9 + i, RUN_STARTED + i, kinds[i], target, NULL));
    }
    g_autoptr(Ledger) ledger = open_ledger(true);
    record_more(ledger, run, NULL, events);
    record_more(ledger, run, NULL, events);
    cr_assert(ledger_load_events(ledger, run, NULL));

    cr_assert_eq(run->events->len, 3, "written twice, there once");
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const RunEvent *event = run->events->pdata[i];
        expect_text(event->kind, kinds[i], "kind");
        expect_text(event->target, i == 1 ? "t" : NULL, "target");
        cr_expect_eq(event->number, 9 + i);
        cr_expect_eq(event->time_us, RUN_STARTED + i);
    }
}
