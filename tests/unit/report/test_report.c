/* The consolidated report as text: its one word, its clusters, its next command, its width. */
#include "../run_fixture.h"
#include "page.h"
#include "report/report.h"

static char *page_of(const RunResult *run, unsigned width)
{
    return report_text(run, &(ReportOptions){.width = width});
}

/* ---- The one word that must be right ---- */

TestSuite(report_headline);

static void expect_headline(const RunResult *run, const char *word)
{
    g_autofree char *page = page_of(run, 80);
    g_autofree char *start = g_strconcat(word, "  upgrade head", NULL);

    cr_expect(g_str_has_prefix(page, start), "wanted: %s\n%s", word, page);
}

Test(report_headline, done)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_result(run, "a", "", OUTCOME_DONE);
    fixture_result(run, "b", "", OUTCOME_UNCHANGED);
    fixture_result(run, "c", "", OUTCOME_INACTIVE);
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "DONE  upgrade head in 1m 30s  (run r1)");
    expect_line(page, "  3 targets: 1 done, 1 unchanged, 1 inactive");
    expect_line(page, "  started 2026-11-22T16:40:00Z by me@here, track default, jobs 8, max_failures 0");
    expect_no_text(page, "What needs a look");
    expect_no_text(page, "Next:");
}

Test(report_headline, says_no_better_than_it_is)
{
    static const struct {
        Outcome outcome;
        const char *word;
    } rows[] = {
        {OUTCOME_FAILED, "FAILED"},     {OUTCOME_UNKNOWN, "FAILED"},   {OUTCOME_UNREACHABLE, "INCOMPLETE"},
        {OUTCOME_LOCKED, "INCOMPLETE"}, {OUTCOME_STALE, "INCOMPLETE"}, {OUTCOME_BLOCKED, "FAILED"},
        {OUTCOME_STOPPED, "FAILED"},    {OUTCOME_CANCELLED, "FAILED"}, {OUTCOME_NOT_STARTED, "FAILED"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(RunResult) run = fixture_run("r1");
        fixture_result(run, "good", "", OUTCOME_DONE);
        fixture_result(run, "other", "", rows[i].outcome);
        expect_headline(run, rows[i].word);
    }
}

Test(report_headline, halted_interrupted_and_died)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_failed(run, "a", "", "no");
    run->halt_reason = g_strdup("1 target failed, max_failures is 0");
    expect_headline(run, "HALTED");
    g_autofree char *page = page_of(run, 80);
    expect_line(page, "  halted: 1 target failed, max_failures is 0");
    run->interrupted = true;
    expect_headline(run, "INTERRUPTED");
    run->finished_us = 0;
    expect_headline(run, "NOT FINISHED");
    g_autofree char *died = page_of(run, 80);
    expect_no_text(died, " in ");
}

Test(report_headline, one_target_is_no_plural)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_result(run, "a", "", OUTCOME_DONE);
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "  1 target: 1 done");
}

/* ---- Failures ---- */

TestSuite(report_failures);

Test(report_failures, alike_ones_stand_once_with_one_full_example)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_failed(run, "eu-1", "eu", "relation \"nosuch\" does not exist");
    fixture_result(run, "good", "eu", OUTCOME_DONE);
    fixture_failed(run, "eu-2", "eu", "duplicate key in eu-2 at row 17");
    fixture_failed(run, "eu-3", "eu", "duplicate key in eu-3 at row 9");
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "  1. 2 targets failed: revision bb, up (statement)");
    expect_line(page, "  2. 1 target failed: revision bb, up (statement)");
    expect_line(page, "     versions/bb_add.sql:9:15, statement 2");
    expect_line(page, "       insert into nosuch");
    expect_line(page, "                   ^");
    expect_line(page, "     42P01 duplicate key in eu-2 at row 17");
    expect_line(page, "     detail: the detail");
    expect_line(page, "     hint: the hint");
    expect_line(page, "     targets: eu-2, eu-3");
    expect_line(page, "     target: eu-1");
    expect_no_text(page, "eu-3 at row 9");
}

Test(report_failures, without_a_position_the_first_lines_of_the_statement_are_shown)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    TargetResult *target = fixture_failed(run, "a", "", "no");
    g_clear_pointer(&target->failure->excerpt, g_free);
    target->failure->column = 0;
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "     versions/bb_add.sql:9, statement 2");
    expect_line(page, "       insert into nosuch");
    expect_line(page, "       values (1)");
}

Test(report_failures, who_held_a_lock_is_named)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    TargetResult *target = fixture_failed(run, "a", "", "canceling statement due to lock timeout");
    target->failure->blocker = g_strdup("pid 4711, user app, idle in a transaction for 3m 05s");
    g_autofree char *page = page_of(run, 100);

    expect_line(page, "     lock held by: pid 4711, user app, idle in a transaction for 3m 05s");
}

Test(report_failures, many_names_are_cut_unless_asked_for)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("shop-%02d", i);
        fixture_failed(run, name, "", "no");
    }
    g_autofree char *page = page_of(run, 200);
    g_autofree char *all = report_text(run, &(ReportOptions){.width = 200, .verbose = true});

    expect_text(page, "shop-07 and 12 more (-v names all)");
    expect_no_text(page, "shop-08");
    expect_text(all, "shop-18, shop-19");
    expect_no_text(all, "more (-v");
}

Test(report_failures, what_stopped_without_an_error_clusters_by_its_reason)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    static const char *const reasons[] = {"stopped between two steps: 1 done, 2 left",
                                          "stopped between two steps: 2 done, 1 left"};
    for (int i = 0; i < 2; i++)
        fixture_result(run, i ? "b" : "a", "", OUTCOME_STOPPED)->reason = g_strdup(reasons[i]);
    fixture_result(run, "c", "", OUTCOME_STALE)->reason = g_strdup("its heads moved since it was planned");
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "  1. 2 targets stopped");
    expect_line(page, "     stopped between two steps: 1 done, 2 left");
    expect_line(page, "  2. 1 target stale");
}

Test(report_failures, what_was_not_started_is_told_with_why)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_failed(run, "a", "", "no");
    fixture_result(run, "b", "", OUTCOME_NOT_STARTED);
    fixture_result(run, "c", "", OUTCOME_NOT_STARTED);
    run->halt_reason = g_strdup("1 target failed, max_failures is 0");
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "Not started");
    expect_line(page, "  2 targets: 1 target failed, max_failures is 0");
    expect_line(page, "     targets: b, c");
}

/* ---- Numbers ---- */

TestSuite(report_numbers);

Test(report_numbers, groups_stand_in_a_table_that_adds_up)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_result(run, "a", "canary", OUTCOME_DONE);
    fixture_result(run, "b", "eu", OUTCOME_UNCHANGED);
    fixture_result(run, "c", "eu", OUTCOME_UNREACHABLE);
    fixture_result(run, "d", "eu", OUTCOME_LOCKED);
    fixture_result(run, "e", "", OUTCOME_NOT_STARTED);
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "  group       targets  done  unchanged  failed  unreachable  other  not started");
    expect_line(page, "  canary            1     1          0       0            0      0            0");
    expect_line(page, "  eu                3     0          1       0            1      1            0");
    expect_line(page, "  (no group)        1     0          0       0            0      0            1");
}

Test(report_numbers, revisions_have_their_percentiles)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    for (int i = 1; i <= 20; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        TargetResult *target = fixture_result(run, name, "", OUTCOME_DONE);
        fixture_step(target, "aa", "done", i * SECOND_US);
        fixture_step(target, "bb", i == 20 ? "rolled-back" : "done", SECOND_US);
    }
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "  aa        add aa       20  10.0 s  19.0 s  20.0 s");
    expect_line(page, "  bb        add bb       19   1.0 s   1.0 s   1.0 s");
}

Test(report_numbers, revisions_stand_in_the_order_of_their_first_steps)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    TargetResult *first = fixture_result(run, "t1", "", OUTCOME_DONE);
    fixture_step(first, "zz", "done", SECOND_US);
    fixture_step(first, "bb", "done", SECOND_US);
    TargetResult *second = fixture_result(run, "t2", "", OUTCOME_DONE);
    fixture_step(second, "aa", "done", SECOND_US);
    fixture_step(second, "zz", "done", SECOND_US);
    g_autofree char *page = page_of(run, 80);
    const char *zz = strstr(page, "\n  zz  "), *bb = strstr(page, "\n  bb  "), *aa = strstr(page, "\n  aa  ");

    expect_line(page, "  zz        add zz        2   1.0 s  1.0 s  1.0 s");
    cr_expect(zz && bb && aa && zz < bb && bb < aa, "%s", page);
}

Test(report_numbers, the_slowest_five_come_first)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    for (int i = 1; i <= 9; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        fixture_step(fixture_result(run, name, "", OUTCOME_DONE), "aa", "done", 1);
    }
    g_autofree char *page = page_of(run, 80);
    const char *slowest = strstr(page, "Slowest targets\n");

    cr_assert_not_null(slowest);
    expect_text(slowest, "0.9 s  t9");
    expect_text(slowest, "0.5 s  t5");
    expect_no_text(slowest, "t4  ");
}

Test(report_numbers, every_target_has_a_line_when_asked_for)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_result(run, "a", "eu", OUTCOME_DONE);
    fixture_result(run, "b", "eu", OUTCOME_UNREACHABLE);
    fixture_result(run, "c", "eu", OUTCOME_UNCHANGED)->rows_after = fixture_rows("");
    g_autofree char *page = report_text(run, &(ReportOptions){.width = 80, .verbose = true});

    expect_line(page, "  a       eu     done         bb         0  0.1 s");
    expect_line(page, "  b       eu     unreachable  ?          0  0.2 s");
    expect_line(page, "  c       eu     unchanged    base       0  0.3 s");
}

/* ---- Any run ---- */

TestSuite(report_any_run);

/* A run with everything on it: every outcome, long texts, many groups. */
static RunResult *busy_run(void)
{
    static const char *const long_reason =
        "the connection broke during this step and the target could not be locked again to see whether it "
        "took effect; run \"dbfleet status\" when it answers, or look at it by hand";
    RunResult *run = fixture_run("20261122-164000-k3f9");
    run->selector = g_strdup("eu:&tier=internal:!legacy");
    run->halt_reason =
        g_strdup("the ledger cannot be written: database or disk is full, and whoever keeps it should "
                 "look at its folder before the next run begins");
    for (int i = 0; i < OUTCOME_COUNT * 30; i++) {
        g_autofree char *name = g_strdup_printf("tenant-number-%04d", i);
        g_autofree char *group = g_strdup_printf("a-rather-long-group-name-%d", i % 3);
        TargetResult *target = fixture_result(run, name, group, (Outcome)(i % OUTCOME_COUNT));
        fixture_step(target, "4b1f0c27a9de", "done", i * 1000);
        target->reason = g_strdup(long_reason);
    }
    fixture_failed(run, "bad", "x", long_reason);
    return run;
}

Test(report_any_run, fits_its_width)
{
    static const unsigned widths[] = {80, 120, 200};
    g_autoptr(RunResult) run = busy_run();
    for (gsize i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autofree char *page = report_text(run, &(ReportOptions){.width = widths[i], .verbose = true});
        g_autofree char *colored = report_text(run, &(ReportOptions){.width = widths[i], .color = true});
        expect_fits(page, widths[i]);
        expect_fits(colored, widths[i]);
    }
}

static unsigned longest_line(const char *page)
{
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
    unsigned longest = 0;
    for (char **line = lines; *line; line++)
        longest = MAX(longest, terminal_text_width(*line));
    return longest;
}

Test(report_any_run, uses_a_wide_terminal)
{
    g_autoptr(RunResult) run = busy_run();
    g_autofree char *wide = page_of(run, 200);
    g_autofree char *narrow = page_of(run, 80);

    cr_expect(longest_line(wide) > 80);
    cr_expect_eq(strstr(wide, "…"), NULL, "nothing is cut");
    cr_expect(strlen(wide) < strlen(narrow), "fewer lines, fewer indents");
}

/* Every text of the run is hostile. */
static RunResult *hostile_run(void)
{
    RunResult *run = fixture_run(HOSTILE);
    TargetResult *target = fixture_failed(run, HOSTILE, HOSTILE, HOSTILE);
    Failure *failure = target->failure;
    char **texts[] = {&run->goal,       &run->track,     &run->operator_name,   &run->max_failures,
                      &target->server,  &target->reason, &failure->error_class, &failure->code,
                      &failure->detail, &failure->hint,  &failure->revision,    &failure->direction,
                      &failure->file,   &failure->sql,   &failure->excerpt,     &failure->blocker};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(*texts[i]);
        *texts[i] = g_strdup(HOSTILE);
    }
    run->selector = g_strdup(HOSTILE);
    run->halt_reason = g_strdup(HOSTILE);
    g_strfreev(target->rows_after);
    target->rows_after = g_new0(char *, 2);
    target->rows_after[0] = g_strdup(HOSTILE);
    fixture_step(target, HOSTILE, "done", 1);
    fixture_result(run, HOSTILE, "other", OUTCOME_NOT_STARTED);
    fixture_step(fixture_result(run, HOSTILE, "other", OUTCOME_DONE), HOSTILE, "done", 1);
    return run;
}

Test(report_any_run, no_text_steers_the_terminal)
{
    g_autoptr(RunResult) run = hostile_run();
    g_autofree char *page = report_text(run, &(ReportOptions){.width = 80, .verbose = true});
    g_autofree char *colored =
        report_text(run, &(ReportOptions){.width = 80, .verbose = true, .color = true});

    expect_harmless(page);
    expect_harmless(colored);
    expect_text(page, "evil\\x1b[2J");
}

Test(report_any_run, a_run_without_anything_is_a_page_too)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    g_autofree char *page = page_of(run, 80);

    expect_line(page, "  0 targets:");
}

/* ---- Tried again ---- */

TestSuite(report_tries);

Test(report_tries, are_told_where_one_was_not_enough)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    TargetResult *target = fixture_result(run, "a", "", OUTCOME_DONE);
    fixture_step(target, "aa", "done", SECOND_US);
    g_autofree char *quiet = page_of(run, 80);
    expect_no_text(quiet, "Tried again");
    fixture_step(target, "bb", "done", SECOND_US)->tries = 3;
    g_autofree char *page = page_of(run, 80);
    expect_line(page, "Tried again");
    expect_line(page, "  a: bb in 3 tries");
    expect_no_text(page, "aa in");
}

Test(report_tries, of_many_only_some_are_named)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        fixture_step(fixture_result(run, name, "", OUTCOME_DONE), "bb", "done", SECOND_US)->tries = 2;
    }
    g_autofree char *page = page_of(run, 80);
    expect_line(page, "  and 12 more (-v names all)");
    expect_no_text(page, "t9: bb");
}

/* ---- Events ---- */

TestSuite(report_events);

static void add_event(RunResult *run, const char *target, const char *text)
{
    gint64 time = G_GINT64_CONSTANT(1795365600000000);
    g_ptr_array_add(run->events, run_event_new(0, time, "lock-wait", target, text));
}

Test(report_events, who_held_a_lock_is_wrapped_and_not_cut)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    run->events = g_ptr_array_new_with_free_func((GDestroyNotify)run_event_free);
    add_event(run, "eu-0007", "waits for a lock held by pid 4711, user app, application shop-web, idle");
    add_event(run, "a-target-whose-name-is-rather-long", HOSTILE);
    add_event(run, NULL, NULL);
    for (unsigned width = 40; width <= 80; width += 40) {
        g_autofree char *page = page_of(run, width);
        g_autofree char *line = g_strdelimit(g_strdup(page), "\n", ' ');
        expect_harmless(page);
        cr_expect_not_null(strstr(line, "application"), "%s", page);
        cr_expect_not_null(strstr(line, "shop-web, "), "%s", page);
        cr_expect_not_null(strstr(line, " idle "), "%s", page);
    }
    g_autofree char *page = page_of(run, 80);
    expect_fits(page, 80);
    expect_line(page, "  2026-11-22T16:40:00Z  lock-wait");
}

Test(report, many_kinds_of_failure_are_cut_unless_all_are_asked_for)
{
    g_autoptr(RunResult) run = fixture_run("r");
    for (unsigned i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i);
        TargetResult *target = fixture_failed(run, name, "", "no");
        g_free(target->failure->code);
        target->failure->code = g_strdup_printf("%u", i);
    }
    const ReportOptions some = {.width = 80}, all = {.width = 80, .verbose = true};
    g_autofree char *page = report_text(run, &some), *whole = report_text(run, &all);
    expect_text(page, "\n  20. ");
    expect_no_text(page, "\n  21. ");
    expect_line(page, "  and 10 more kinds (-v shows all)");
    expect_text(whole, "\n  30. ");
    expect_no_text(whole, "more kinds");
}

Test(report, warnings_of_the_run_stand_in_the_headline)
{
    g_autoptr(RunResult) run = fixture_run("r");
    const ReportOptions options = {.width = 80};
    fixture_result(run, "acme", "", OUTCOME_DONE);
    g_ptr_array_add(run->warnings, g_strdup("the chat could not be told: HTTP 503"));
    g_autofree char *page = report_text(run, &options);
    expect_line(page, "  warning: the chat could not be told: HTTP 503");
}
