/* Plan files as their reviewers see them: text, JSON, Markdown, and what changed between two. */
#include "../plan_fixture.h"
#include "page.h"
#include "report/plan_diff_view.h"
#include "report/plan_file_view.h"

TestSuite(plan_file_view);

static const ReportOptions plain = {.width = 80};

static PlanFile *file_of(PlanFixture *files)
{
    g_autoptr(Plan) plan = fixture_plan(files, PLAN_UPGRADE, "head");
    PlanFile *file = plan_file_new();
    file->track = g_strdup("default");
    file->version_table = g_strdup("dbfleet_version");
    file->created_by = g_strdup("me@here");
    file->created_us = G_GINT64_CONSTANT(1795365600000000);
    file->variables = g_strsplit("who", " ", -1);
    file->rollout.jobs = 8;
    file->rollout.max_failures = g_strdup("0");
    plan_file_take(file, plan, NULL);
    g_free(plan_file_text(file));
    return file;
}

static void add_targets(PlanFixture *files, unsigned count, const char *rows)
{
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("t-%s%05u", rows, i);
        fixture_add(files, name, DIALECT_SQLITE, rows);
    }
}

/* ---- Text ---- */

Test(plan_file_view, text_says_what_runs_where_and_under_what)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 2, "");
    fixture_add(&files, "done", DIALECT_SQLITE, "cc");
    fixture_add_unreachable(&files, "far", "no route");
    g_autoptr(PlanFile) file = file_of(&files);
    g_autofree char *page = plan_file_view_text(file, &plain);
    expect_fits(page, 80);
    expect_line(page, "plan: upgrade head: 2 to do, 1 already there, 1 left alone");
    expect_line(page, "  limits: jobs 8, max_failures 0");
    expect_line(page, "  needs -x for: who");
    expect_line(page, "path p1: 2 targets, sqlite, from base, 3 steps");
    expect_text(page, "  1. up aa -> aa  (");
    expect_line(page, "  targets: t-00000, t-00001");
    expect_line(page, "  1 unreachable: no route");
    expect_line(page, "      target: far");
}

Test(plan_file_view, names_cannot_forge_a_line)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, HOSTILE, DIALECT_SQLITE, "");
    fixture_add_unreachable(&files, HOSTILE "2", HOSTILE);
    g_autoptr(PlanFile) file = file_of(&files);
    g_free(file->created_by);
    file->created_by = g_strdup(HOSTILE);
    const ReportOptions all = {.width = 80, .verbose = true};
    g_autofree char *page = plan_file_view_text(file, &plain), *whole = plan_file_view_text(file, &all);
    expect_harmless(page);
    expect_harmless(whole);
    g_autofree char *markdown = plan_file_view_markdown(file, files.graph, REPORT_MARKDOWN_MAX);
    expect_harmless(markdown);
}

/* ---- JSON ---- */

Test(plan_file_view, json_has_the_rollout_with_its_own_keys)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 2, "");
    g_autoptr(PlanFile) file = file_of(&files);
    file->rollout.confirm = true;
    g_autofree char *json = plan_file_view_json(file);
    expect_text(json, "\"jobs\": 8");
    expect_text(json, "\"max_failures\": \"0\"");
    expect_text(json, "\"confirm\": true");
    expect_text(json, "\"target\": \"t-00001\"");
}

/* ---- Markdown ---- */

Test(plan_file_view, markdown_has_tables_and_the_sql_folded_away)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 2, "");
    fixture_add_unreachable(&files, "far", "no | route");
    g_autoptr(PlanFile) file = file_of(&files);
    g_autofree char *page = plan_file_view_markdown(file, files.graph, REPORT_MARKDOWN_MAX);
    expect_line(page, "### Plan: dbfleet upgrade head");
    expect_line(page, "**2 targets to do**, 0 already there, 1 left alone");
    expect_text(page, "| up | `aa` | add aa | sqlite | 2 |");
    expect_text(page, "| 1 | unreachable | no \\| route | far |");
    expect_text(
        page,
        "<details><summary>SQL: up <code>aa</code> add aa (sqlite)</summary>\n\n```sql\ncreate table t_aa");
    expect_no_text(page, "fits here");
    expect_no_text(page, "does not fit");
}

Test(plan_file_view, sql_that_is_not_as_planned_is_not_shown)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"));
    g_auto(PlanFixture) now =
        plan_fixture_of(TABLE_FILE("aa", ""), REVISION_FILE("bb", "aa", "-- migrate:up\nselect 1;\n"));
    add_targets(&files, 1, "");
    g_autoptr(PlanFile) file = file_of(&files);
    g_autofree char *page = plan_file_view_markdown(file, now.graph, REPORT_MARKDOWN_MAX);
    expect_text(page, "create table t_aa");
    expect_no_text(page, "select 1");
    expect_text(page, "**1 section is not as planned any more**");
}

Test(plan_file_view, markdown_keeps_to_its_size_and_says_what_is_missing)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 3000, "");
    for (unsigned i = 0; i < 500; i++) {
        g_autofree char *name = g_strdup_printf("far-%03u", i), *reason = g_strdup_printf("no route %u", i);
        fixture_add_unreachable(&files, name, reason);
    }
    g_autoptr(PlanFile) file = file_of(&files);
    for (gsize max = 8000; max <= 64000; max += 7000) {
        g_autofree char *page = plan_file_view_markdown(file, files.graph, max);
        cr_expect_leq(strlen(page), max);
        expect_text(page, "`dbfleet plan show FILE --format sql` has all SQL");
        expect_text(page, "**3000 targets to do**");
    }
}

/* ---- Diff ---- */

Test(plan_file_view, a_diff_tells_what_many_targets_share_once)
{
    g_auto(PlanFixture) then = plan_fixture_of(TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"));
    g_auto(PlanFixture) now = plan_fixture_of(THREE_FILES);
    add_targets(&then, 30, "");
    add_targets(&now, 31, "");
    g_autoptr(PlanFile) before = file_of(&then), after = file_of(&now);
    g_autoptr(GPtrArray) changes = plan_diff(before, after);
    g_autofree char *page = plan_diff_view_text(before, after, changes, &plain);
    expect_fits(page, 80);
    expect_line(page, "  + up cc (sqlite)");
    expect_text(page, "  ~ 30 targets: path: base -> bb, 2 steps => base -> cc, 3 steps: t-00000,");
    expect_text(page, "and 22 more");
    expect_line(page, "  + 1 target: base -> cc, 3 steps: t-00030");
    g_autofree char *json = plan_diff_view_json(before, after, changes);
    expect_text(json, "\"different\": true");
    expect_text(json, "\"area\": \"step\"");
    g_autoptr(GPtrArray) none = plan_diff(before, before);
    g_autofree char *same = plan_diff_view_text(before, before, none, &plain);
    expect_line(same, "the same plan");
}
