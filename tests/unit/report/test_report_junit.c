/* The report as JUnit's XML: what counts against the exit code is no success there, and the counts add up.
 * The form as a whole is checked by tests/cli/report_forms.bats against tests/report/junit.xsd. */
#include "../run_fixture.h"
#include "page.h"
#include "report/report.h"

static char *junit(RunResult *run)
{
    char *page = report_junit(run);
    for (const char *c = page; *c; c++)
        cr_assert(*c == '\n' || !g_ascii_iscntrl(*c), "control character %02x in:\n%s", *c, page);
    cr_expect(g_utf8_validate(page, -1, NULL));
    run_result_free(run);
    return page;
}

Test(report_junit, a_suite_for_each_group)
{
    RunResult *run = fixture_run("r");
    fixture_result(run, "acme", "canary", OUTCOME_DONE);
    fixture_result(run, "alone", "", OUTCOME_UNCHANGED);
    fixture_result(run, "beta", "canary", OUTCOME_NOT_STARTED);
    g_autofree char *page = junit(run);
    expect_line(
        page,
        "<testsuites name=\"dbfleet upgrade head\" tests=\"3\" failures=\"0\" errors=\"0\" time=\"90.000\">");
    expect_text(page, "<testsuite name=\"dbfleet.canary\" tests=\"2\" failures=\"0\" errors=\"0\" "
                      "skipped=\"1\" time=\"0.100\" "
                      "timestamp=\"2026-11-22T16:40:00\" hostname=\"here\">");
    expect_text(page, "<testsuite name=\"dbfleet.(no group)\" tests=\"1\"");
    expect_text(page, "<testcase classname=\"dbfleet.canary\" name=\"acme\" time=\"0.100\"/>");
    expect_text(page, "<skipped message=\"not-started\"></skipped>");
}

Test(report_junit, a_failure_is_told_in_full)
{
    RunResult *run = fixture_run("r");
    fixture_failed(run, "acme", "", "relation \"nosuch\" does not exist");
    g_autofree char *page = junit(run);
    expect_text(page,
                "<failure type=\"statement\" message=\"failed: relation &quot;nosuch&quot; does not exist\">"
                "versions/bb_add.sql:9:15, statement 2\ninsert into nosuch\n            ^\n42P01 relation "
                "&quot;nosuch&quot; does not exist\ndetail: the detail\nhint: the hint\n</failure>");
}

/* No green page over a red run. */
Test(report_junit, what_counts_against_the_exit_code_is_no_success)
{
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        g_autoptr(RunResult) run = fixture_run("r");
        fixture_result(run, "acme", "", (Outcome)outcome);
        int code = run_result_exit_code(run);
        g_autofree char *page = report_junit(run);
        bool red = strstr(page, "<failure ") || strstr(page, "<error ");
        bool waiting = outcome == OUTCOME_NOT_STARTED;
        cr_expect_eq(red, code != 0 && !waiting, "%s: exit code %d:\n%s", outcome_name((Outcome)outcome),
                     code, page);
    }
}

Test(report_junit, a_gate_that_fails_is_a_failure)
{
    RunResult *run = fixture_run("r");
    WaveResult *wave = wave_result_new();
    GateResult *gate = gate_result_new();
    fixture_result(run, "acme", "", OUTCOME_DONE);
    g_free(wave->name);
    wave->name = g_strdup("canary");
    gate->name = g_strdup("smoke");
    gate->kind = g_strdup("sql");
    gate->target = g_strdup("acme");
    gate->saw = g_strdup("1 row: <broken>");
    g_ptr_array_add(wave->gates, gate);
    g_ptr_array_add(run->waves, wave);
    g_autofree char *page = junit(run);
    expect_text(page, "<testsuite name=\"dbfleet.gates\" tests=\"1\" failures=\"1\"");
    expect_text(page, "name=\"after wave canary: smoke on acme\"");
    expect_text(page,
                "<failure type=\"sql\" message=\"the gate did not pass\">1 row: &lt;broken&gt;</failure>");
}

Test(report_junit, texts_of_others_mean_nothing)
{
    RunResult *run = fixture_run("r");
    fixture_failed(run, "a\"><evil/>", "x]]>", "</failure> " HOSTILE);
    g_autofree char *page = junit(run);
    expect_no_text(page, "<evil/>");
    expect_text(page, "&lt;/failure&gt; evil\\x1b[2J\\x07");
}
