/* The view of one target: one screen, whatever there is to say. */
#include "../plan_fixture.h"
#include "page.h"
#include "report/explain_view.h"

#include <jansson.h>

static Explanation *explanation_of(const Plan *plan)
{
    Explanation *self = explanation_new();
    self->planned = plan_target_at(plan, 0);
    self->target = self->planned->target;
    self->state = self->planned->state;
    self->path = self->planned->path;
    self->goal = "heads";
    self->goal_rows = self->path ? g_strdupv(self->path->rows) : NULL;
    return self;
}

static void add_run(Explanation *self, const char *id, Outcome outcome, const char *reason)
{
    ExplainedRun *run = g_new0(ExplainedRun, 1);
    run->id = g_strdup(id);
    run->command = g_strdup("upgrade head");
    run->outcome = outcome;
    run->reason = g_strdup(reason);
    run->started_us = 1;
    g_ptr_array_add(self->runs, run);
}

static char *page_of(const Explanation *self, unsigned width, bool verbose)
{
    return explain_view_text(self, &(ReportOptions){.width = width, .verbose = verbose});
}

TestSuite(explain_view);

Test(explain_view, pending)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES, TABLE_FILE("dd", "cc"), TABLE_FILE("ee", "dd"));
    Target *target = fixture_add(&files, "acme", DIALECT_POSTGRES, "");
    g_hash_table_insert(target->labels, (gpointer) "tier", (gpointer) "gold");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autoptr(Explanation) self = explanation_of(plan);
    add_run(self, "run-2", OUTCOME_STALE, "moved since it was planned");
    add_run(self, "run-1", OUTCOME_DONE, NULL);
    ((ExplainedRun *)self->runs->pdata[0])->end = "finished";
    add_run(self, "run-0", OUTCOME_NOT_STARTED, NULL);
    ((ExplainedRun *)self->runs->pdata[2])->end = "died";
    g_ptr_array_add(self->next, g_strdup("dbfleet upgrade heads -l acme"));
    g_autofree char *page = page_of(self, 80, false);
    expect_line(page, "acme is pending");
    expect_line(page, "  database  postgresql://db1.internal:5432/acme, Server 1.0");
    expect_line(page, "  group     none, track default, tier=gold");
    expect_line(page, "  at        base");
    expect_line(page, "  goal      heads = ee");
    expect_line(page, "  path      5 steps");
    expect_line(page, "              up aa  add aa");
    expect_line(page, "              … and 2 more (-v shows all)");
    expect_line(page, "  why       it has steps to do, and nothing holds them up");
    expect_line(page, "  lock      nobody is seen to hold it");
    expect_line(page, "  runs      run-2 upgrade head: stale, moved since it was planned");
    expect_line(page, "            run-1 upgrade head: done");
    expect_line(page, "            run-0 upgrade head: died, not-started");
    expect_line(page, "  next      dbfleet upgrade heads -l acme");
    g_autofree char *verbose = page_of(self, 80, true);
    expect_line(verbose, "              up ee  add ee");
}

Test(explain_view, a_check_that_was_not_asked_may_hold_it_up)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n-- migrate:check\nselect 2;\n"));
    fixture_add(&files, "acme", DIALECT_POSTGRES, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autoptr(Explanation) self = explanation_of(plan);
    g_autofree char *page = page_of(self, 100, false);
    expect_line(page, "  why       it has steps to do; what their migrate:check says was not asked here");
}

Test(explain_view, a_blocked_one_fits_a_screen)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "acme", DIALECT_POSTGRES, "bb");
    HistoryEntry *entry = fixture_history(&files, "up aa done");
    fixture_history(&files, "up bb done");
    g_free(entry->checksum);
    entry->checksum = g_strdup("0123456789abcdef");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autoptr(Explanation) self = explanation_of(plan);
    for (int i = 0; i < 3; i++)
        g_ptr_array_add(self->details,
                        g_strdup("aa: 0123456789ab when ada@laptop applied it "
                                 "2026-11-22T21:06:21Z in run 20261122-210621-q85t; 3e4851db483b now"));
    add_run(self, "20261122-210621-q85t", OUTCOME_BLOCKED, self->planned->reason);
    for (int i = 0; i < 2; i++)
        add_run(self, "20261121-210621-q85t", OUTCOME_FAILED,
                "a long message of a server that goes on and on and would take more than one line");
    g_autofree char *page = page_of(self, 80, false);
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
    expect_line(page, "acme is blocked: edited");
    expect_text(page, "upgrade head: blocked, for the same reason\n");
    expect_text(page, "failed, a long message of a ");
    expect_no_text(page, "more than one line");
    expect_fits(page, 80);
    cr_assert_leq(g_strv_length(lines) - 1, 24, "%s", page);
}

Test(explain_view, nothing_reaches_the_terminal_as_it_is)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "acme", DIALECT_POSTGRES, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autoptr(Explanation) self = explanation_of(plan);
    self->lock_holder = g_strdup(HOSTILE);
    self->lock_is_stale = true;
    self->statement = g_strdup(HOSTILE);
    g_ptr_array_add(self->details, g_strdup(HOSTILE));
    g_ptr_array_add(self->next, g_strdup(HOSTILE));
    add_run(self, HOSTILE, OUTCOME_FAILED, HOSTILE);
    g_autofree char *page = explain_view_text(self, &(ReportOptions){.width = 80, .color = true});
    expect_harmless(page);
    expect_text(page, "; stale: its run is");
}

Test(explain_view, json_holds_it_all)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add_inactive(&files, "asleep", TARGET_RETIRED, "sold");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autoptr(Explanation) self = explanation_of(plan);
    add_run(self, "run-1", OUTCOME_DONE, NULL);
    g_autofree char *text = explain_view_json(self);
    json_t *json = json_loads(text, 0, NULL);
    cr_assert_not_null(json, "%s", text);
    cr_assert_str_eq(json_string_value(json_object_get(json, "verdict")), "inactive");
    cr_assert_str_eq(json_string_value(json_object_get(json, "life")), "retired");
    cr_assert_str_eq(json_string_value(json_object_get(json, "reason")), "sold");
    cr_assert(json_is_null(json_object_get(json, "heads")));
    cr_assert_eq(json_array_size(json_object_get(json, "runs")), 1);
    json_decref(json);
}
