/* Explain: details and next commands, from state, plan and history. */
#include "../plan_fixture.h"
#include "drivers/version_store.h"
#include "run/doctor/explain.h"

/* An explanation of the last target of the files for an upgrade to the heads. The plan is the caller's. */
static Explanation *explain(PlanFixture *files, Plan **plan)
{
    Explanation *self = explanation_new();
    *plan = fixture_plan(files, PLAN_UPGRADE, "heads");
    self->planned = plan_target_at(*plan, (*plan)->targets->len - 1);
    self->target = self->planned->target;
    self->state = self->planned->state;
    self->goal = "heads";
    return self;
}

/* A history row as it is read with all its columns. */
static void add_trail(Explanation *self, const char *revision, const char *by)
{
    TrailEntry *entry = g_new0(TrailEntry, 1);
    entry->revision = g_strdup(revision);
    entry->direction = g_strdup("up");
    entry->state = g_strdup("done");
    entry->applied_by = g_strdup(by);
    entry->started = g_strdup("2026-11-22T21:06:21Z");
    entry->run_id = g_strdup("run-1");
    g_ptr_array_add(self->trail, entry);
}

static void expect_text(GPtrArray *texts, const char *words)
{
    g_ptr_array_add(texts, NULL);
    g_autofree char *all = g_strjoinv("\n", (char **)texts->pdata);
    g_ptr_array_remove_index(texts, texts->len - 1);
    cr_assert_not_null(strstr(all, words), "no \"%s\" in:\n%s", words, all);
}

TestSuite(explain);

Test(explain, pending)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = NULL;
    fixture_add(&files, "acme", DIALECT_SQLITE, "");
    g_autoptr(Explanation) self = explain(&files, &plan);
    explain_judge(self, files.graph);
    cr_assert_eq(self->next->len, 1);
    expect_text(self->next, "dbfleet upgrade heads -l acme");
    cr_assert_eq(self->details->len, 0);
}

Test(explain, checks_that_were_not_asked_are_proposed_first)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n-- migrate:check\nselect 2;\n"));
    g_autoptr(Plan) plan = NULL;
    fixture_add(&files, "acme", DIALECT_SQLITE, "");
    g_autoptr(Explanation) self = explain(&files, &plan);
    self->path = self->planned->path;
    explain_judge(self, files.graph);
    cr_assert_str_eq(self->next->pdata[0], "dbfleet plan upgrade heads --check -l acme");
    cr_assert_str_eq(self->next->pdata[1], "dbfleet upgrade heads -l acme");
}

Test(explain, names_that_a_shell_would_split_are_quoted_and_other_tracks_named)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = NULL;
    Target *target = fixture_add(&files, "acme", DIALECT_SQLITE, "");
    g_free(target->name);
    g_free(target->track);
    target->name = g_strdup("a&b c");
    target->track = g_strdup("audit");
    g_autoptr(Explanation) self = explain(&files, &plan);
    explain_judge(self, files.graph);
    expect_text(self->next, "-l 'a&b c' -n audit");
}

Test(explain, at_the_goal_there_is_nothing_to_type)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = NULL;
    fixture_add(&files, "acme", DIALECT_SQLITE, "cc");
    g_autoptr(Explanation) self = explain(&files, &plan);
    explain_judge(self, files.graph);
    cr_assert_eq(self->next->len, 0);
}

Test(explain, edited_says_who_applied_it_when)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = NULL;
    fixture_add(&files, "acme", DIALECT_SQLITE, "bb");
    HistoryEntry *entry = fixture_history(&files, "up aa done");
    fixture_history(&files, "up bb done");
    g_free(entry->checksum);
    entry->checksum = g_strdup("0123456789abcdef");
    g_autoptr(Explanation) self = explain(&files, &plan);
    add_trail(self, "bb", "eve@laptop");
    add_trail(self, "aa", "ada@laptop");
    explain_judge(self, files.graph);
    cr_assert_eq(self->details->len, 1, "bb was not edited");
    expect_text(self->details,
                "aa: 0123456789ab when ada@laptop applied it 2026-11-22T21:06:21Z in run run-1; ");
    expect_text(self->next, "--allow-edited");
}

Test(explain, unfinished_shows_the_statement)
{
    g_auto(PlanFixture) files = plan_fixture_of(REVISION_FILE(
        "aa", "",
        "-- migrate:up transaction:false\ncreate table one (n int);\ncreate table\n  two\n  (\n  n "
        "int);\n\n-- migrate:down\ndrop table one;\n"));
    g_autoptr(Plan) plan = NULL;
    fixture_add(&files, "acme", DIALECT_SQLITE, "");
    HistoryEntry *entry = fixture_history(&files, "up aa failed");
    entry->statements_total = 2;
    entry->statements_done = 1;
    entry->detail = g_strdup("disk is full");
    g_autoptr(Explanation) self = explain(&files, &plan);
    explain_judge(self, files.graph);
    cr_assert_eq(self->planned->problem, PROBLEM_UNFINISHED);
    expect_text(self->details, "up of aa: 1 of 2 statements took effect");
    expect_text(self->details, "it said: disk is full");
    expect_text(self->details, "it stopped at statement 2:");
    cr_assert(g_str_has_prefix(self->statement, "create table\n  two\n"), "%s", self->statement);
}

Test(explain, an_open_statement_that_a_person_must_answer_for)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = NULL;
    fixture_add(&files, "acme", DIALECT_SQLITE, "");
    HistoryEntry *entry = fixture_history(&files, "up aa failed");
    entry->statements_total = entry->intent = 1;
    g_autoptr(Explanation) self = explain(&files, &plan);
    explain_judge(self, files.graph);
    cr_assert_eq(self->planned->problem, PROBLEM_UNDECIDABLE, "%s",
                 plan_problem_name(self->planned->problem));
    expect_text(self->details, "whether statement 1 took effect is not known; in its file it now reads:");
    expect_text(self->next, "dbfleet resume run --assume-done acme");
    expect_text(self->next, "dbfleet resume run --assume-not-done acme");
}

Test(explain, an_unknown_revision_has_a_nearest_one)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("4b1f0c27a9de", ""));
    g_autoptr(Plan) plan = NULL;
    fixture_add(&files, "acme", DIALECT_SQLITE, "4b1f0c27a9df");
    g_autoptr(Explanation) self = explain(&files, &plan);
    add_trail(self, "4b1f0c27a9df", "eve@laptop");
    explain_judge(self, files.graph);
    expect_text(self->details, "no file here has revision 4b1f0c27a9df; the nearest is 4b1f0c27a9de");
    expect_text(self->details, "by eve@laptop");
}

Test(explain, unreachable_and_skipped)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = NULL, second = NULL;
    fixture_add_unreachable(&files, "gone", "refused");
    g_autoptr(Explanation) gone = explain(&files, &plan);
    explain_judge(gone, files.graph);
    expect_text(gone->details, "error class: unreachable");
    expect_text(gone->next, "dbfleet doctor -l gone");
    Target *target = fixture_add_inactive(&files, "asleep", TARGET_QUARANTINED, "broken disk");
    target->place = (SourcePlace){"fleet.yaml", 7, 3};
    target->life_until = g_strdup("2026-12-01");
    g_autoptr(Explanation) asleep = explain(&files, &second);
    explain_judge(asleep, files.graph);
    expect_text(asleep->details, "fleet.yaml:7 says so, until 2026-12-01");
    expect_text(asleep->next, "dbfleet inventory show asleep");
    g_clear_pointer(&target->life_until, g_free);
}
