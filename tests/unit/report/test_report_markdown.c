/* The report as a comment of a pull request: what stands first, what texts of others may do, how it is cut.
 */
#include "../run_fixture.h"
#include "page.h"
#include "report/report.h"

static char *markdown(RunResult *run)
{
    char *page = report_markdown(run, REPORT_MARKDOWN_MAX);
    for (const char *c = page; *c; c++)
        cr_assert(*c == '\n' || !g_ascii_iscntrl(*c), "control character %02x in:\n%s", *c, page);
    cr_expect(g_utf8_validate(page, -1, NULL));
    run_result_free(run);
    return page;
}

Test(report_markdown, verdict_counts_and_the_next_command_come_first)
{
    RunResult *run = fixture_run("20261122-164000-k3f9");
    fixture_result(run, "acme", "", OUTCOME_DONE);
    fixture_failed(run, "eu-01", "", "relation \"nosuch\" does not exist");
    g_autofree char *page = markdown(run);
    cr_expect(g_str_has_prefix(
                  page, "### FAILED: dbfleet upgrade head in 1m 30s\n\n**2 targets:** 1 done, 1 failed\n"),
              "%s", page);
    expect_text(page, "Next:\n\n```sh\ndbfleet retry 20261122-164000-k3f9\n```\n");
    expect_text(page, "#### 1. 1 target failed: revision `bb`, up (statement)\n");
    expect_text(page, "`versions/bb_add.sql:9:15, statement 2`\n");
    expect_text(page, "```sql\ninsert into nosuch\n            ^\n```\n");
    expect_text(page, "42P01 relation \"nosuch\" does not exist\ndetail: the detail\nhint: the hint\n");
    expect_text(page, "\ntarget: `eu-01`\n");
    expect_no_text(page, "By group");
}

Test(report_markdown, a_done_run_has_no_failures_and_nothing_next)
{
    RunResult *run = fixture_run("r");
    fixture_step(fixture_result(run, "acme", "", OUTCOME_DONE), "bb", "done", SECOND_US);
    g_autofree char *page = markdown(run);
    expect_text(page, "### DONE:");
    expect_no_text(page, "Next");
    expect_no_text(page, "####");
    expect_text(page, "| `bb` | add bb | 1 | 1.0 s | 1.0 s | 1.0 s |\n");
}

Test(report_markdown, groups_are_a_table)
{
    RunResult *run = fixture_run("r");
    fixture_result(run, "acme", "canary", OUTCOME_DONE);
    fixture_result(run, "eu-01", "e|u", OUTCOME_UNREACHABLE);
    fixture_result(run, "eu-02", "e|u", OUTCOME_NOT_STARTED);
    g_autofree char *page = markdown(run);
    expect_line(page, "| `canary` | 1 | 1 | 0 | 0 |");
    expect_line(page, "| e\\|u | 2 | 0 | 1 | 1 |");
}

Test(report_markdown, waves_with_gates_that_failed)
{
    RunResult *run = fixture_run("r");
    WaveResult *wave = wave_result_new();
    GateResult *gate = gate_result_new();
    fixture_result(run, "acme", "", OUTCOME_DONE);
    g_free(wave->name);
    wave->name = g_strdup("canary");
    wave->state = WAVE_HALTED;
    wave->targets = 1;
    wave->started_us = RUN_STARTED;
    wave->finished_us = RUN_STARTED + SECOND_US;
    gate->name = g_strdup("smoke");
    gate->kind = g_strdup("http");
    gate->saw = g_strdup("HTTP 503");
    g_ptr_array_add(wave->gates, gate);
    g_ptr_array_add(run->waves, wave);
    g_autofree char *page = markdown(run);
    expect_line(page, "| `canary` | halted | 1 | 1.0 s | **smoke failed:** HTTP 503 |");
}

Test(report_markdown, texts_of_others_mean_nothing)
{
    RunResult *run = fixture_run("r");
    TargetResult *target = fixture_failed(run, "`x` | <img src=//evil>", "", "```\n# FORGED\n@team " HOSTILE);
    g_free(target->failure->sql);
    g_clear_pointer(&target->failure->excerpt, g_free);
    target->failure->sql = g_strdup("select '\n```\n</details>'");
    run->halt_reason = g_strdup("<script> |\n# FORGED");
    g_autofree char *page = markdown(run);
    expect_text(page, "````sql\nselect '\n```\n</details>'\n````\n");
    expect_text(page, "````text\n42P01 ```\n# FORGED\n@team evil");
    expect_text(page, "\n- halted: &lt;script&gt; \\| \\# FORGED\n");
    expect_text(page, "target: \\`x\\` \\| &lt;img src=//evil&gt;\n");
}

Test(report_markdown, many_names_are_folded_away)
{
    RunResult *run = fixture_run("r");
    for (unsigned i = 0; i < 150; i++) {
        g_autofree char *name = g_strdup_printf("eu-%03u", i);
        fixture_failed(run, name, "", "no");
    }
    g_autofree char *page = markdown(run);
    expect_text(page, "<details><summary>150 targets</summary>\n\n`eu-000`, `eu-001`");
    expect_text(page, "`eu-099` and 50 more\n\n</details>\n");
}

Test(report_markdown, a_page_that_is_too_long_is_cut_and_says_so, .timeout = 60)
{
    g_autoptr(RunResult) run = fixture_run("20261122-164000-k3f9");
    for (unsigned i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i), *message = g_strnfill(900, (char)('a' + i % 26));
        TargetResult *target = fixture_failed(run, name, "", message);
        g_free(target->failure->code);
        target->failure->code = g_strdup_printf("%u", i);
    }
    g_autofree char *whole = report_markdown(run, REPORT_MARKDOWN_MAX);
    expect_text(whole, "\n#### 20. ");
    expect_text(whole, "\nand 10 more kinds of failure\n");
    expect_no_text(whole, "Cut here");
    g_autofree char *cut = report_markdown(run, 5000);
    cr_expect_leq(strlen(cut), 5000);
    expect_text(cut, "### FAILED");
    expect_no_text(cut, "more kinds");
    cr_expect(
        g_str_has_suffix(cut, "\n_Cut here: a page of Markdown is at most 5000 bytes. Whole: `dbfleet report "
                              "20261122-164000-k3f9`_\n"),
        "%s", cut);
}
