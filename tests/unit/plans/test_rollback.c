/* What a rollback takes back, by the history of each target, and what speaks against it; and fills. */
#include "planner_case.h"

/* One row of what came since the run: "RUN up aa done BEFORE AFTER", "-" for no heads. */
static HistoryEntry *since(PlanFixture *self, const char *text)
{
    TargetState *state = fixture_last_state(self);
    g_auto(GStrv) words = g_strsplit(text, " ", 6);
    HistoryEntry *entry = history_entry_new();
    if (!state->since_run)
        state->since_run = g_ptr_array_new_with_free_func((GDestroyNotify)history_entry_free);
    entry->step_id = g_strdup_printf("%s-%04u", words[0], state->since_run->len);
    entry->run_id = g_strdup(words[0]);
    entry->direction = g_strdup(words[1]);
    entry->revision = g_strdup(g_str_equal(words[2], "-") ? "" : words[2]);
    entry->state = g_strdup(words[3]);
    entry->heads_before = g_strdup(g_str_equal(words[4], "-") ? "" : words[4]);
    entry->heads_after = g_strdup(g_str_equal(words[5], "-") ? "" : words[5]);
    g_ptr_array_add(state->since_run, entry);
    return entry;
}

static Plan *rollback_plan(PlanFixture *files)
{
    files->request.run_id = "R";
    return fixture_plan(files, PLAN_ROLLBACK, "R");
}

static void expect_rollback(PlanFixture *files, PlanVerdict verdict, PlanProblem problem, const char *reason)
{
    g_autoptr(Plan) plan = rollback_plan(files);
    expect_verdict(plan, 0, verdict, problem, reason);
}

static void expect_step(const PlanTarget *target, guint index, Direction direction, const char *id,
                        const char *before, const char *after)
{
    const PlanStep *step = &target->path->steps->first[index];
    g_autofree char *from = g_strjoinv(",", step->before);
    g_autofree char *to = g_strjoinv(",", step->after);
    cr_expect_eq(step->direction, direction);
    cr_expect_str_eq(step->revision ? step->revision->id : "", id);
    cr_expect_str_eq(from, before);
    cr_expect_str_eq(to, after);
}

TestSuite(rollback);

Test(rollback, runs_the_steps_of_the_run_backwards)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    since(&files, "R up bb done aa bb");
    since(&files, "R up cc done bb cc");
    g_autoptr(Plan) plan = rollback_plan(&files);
    const PlanTarget *target = plan_target_at(plan, 0);

    expect_verdict(plan, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_assert_eq(target->path->steps->len, 2);
    expect_step(target, 0, DIRECTION_DOWN, "cc", "cc", "bb");
    expect_step(target, 1, DIRECTION_DOWN, "bb", "bb", "aa");
    cr_expect_str_eq(target->path->rows[0], "aa");
}

Test(rollback, of_a_downgrade_goes_up)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    since(&files, "R down bb done bb aa");
    since(&files, "R down aa done aa -");
    g_autoptr(Plan) plan = rollback_plan(&files);
    const PlanTarget *target = plan_target_at(plan, 0);

    cr_assert_eq(target->path->steps->len, 2);
    expect_step(target, 0, DIRECTION_UP, "aa", "", "aa");
    expect_step(target, 1, DIRECTION_UP, "bb", "aa", "bb");
}

/* Heads are written as they were read, or in the order of the files. */
Test(rollback, heads_are_the_same_in_any_order)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(TABLE_FILE("aa", ""), TABLE_FILE("bb", ""), TABLE_FILE("cc", "bb"));
    fixture_add(&files, "a", DIALECT_SQLITE, "aa bb");
    since(&files, "R up cc done aa,bb aa,cc");
    since(&files, "S down cc done cc,aa bb,aa");
    since(&files, "S stamp - done bb,aa aa,bb");
    expect_rollback(&files, PLAN_AT_GOAL, PROBLEM_NONE, "nothing of the run");
}

Test(rollback, of_a_stamp_is_a_stamp)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    since(&files, "R stamp - done aa cc");
    g_autoptr(Plan) plan = rollback_plan(&files);
    const PlanTarget *target = plan_target_at(plan, 0);

    cr_assert_eq(target->path->steps->len, 1);
    cr_expect_eq(target->path->command, PLAN_STAMP);
    expect_step(target, 0, DIRECTION_UP, "", "cc", "aa");
    cr_expect_str_eq(target->path->applied_after, "aa");
}

Test(rollback, goes_on_where_an_earlier_one_stopped)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    since(&files, "R up bb done aa bb");
    since(&files, "R up cc done bb cc");
    since(&files, "X down cc done cc bb");
    g_autoptr(Plan) plan = rollback_plan(&files);
    const PlanTarget *target = plan_target_at(plan, 0);

    cr_assert_eq(target->path->steps->len, 1);
    expect_step(target, 0, DIRECTION_DOWN, "bb", "bb", "aa");
}

Test(rollback, has_nothing_to_do_where_the_run_changed_nothing_or_is_undone)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    expect_rollback(&files, PLAN_AT_GOAL, PROBLEM_NONE, "nothing of the run is left to take back here");
    since(&files, "R up bb done aa bb");
    since(&files, "X down bb done bb aa");
    expect_rollback(&files, PLAN_AT_GOAL, PROBLEM_NONE, "nothing of the run is left to take back here");
}

Test(rollback, refuses_what_moved_since)
{
    static const char *const later[] = {"X up cc done bb cc", "X stamp - done bb cc", "X up cc done bb cc"};
    for (gsize i = 0; i < G_N_ELEMENTS(later); i++) {
        g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
        fixture_add(&files, "a", DIALECT_SQLITE, "cc");
        since(&files, "R up bb done aa bb");
        since(&files, later[i]);
        expect_rollback(&files, PLAN_BLOCKED, PROBLEM_MOVED, "moved since");
    }
}

Test(rollback, goes_on_once_what_moved_it_is_undone)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    since(&files, "R up bb done aa bb");
    since(&files, "X up cc done bb cc");
    since(&files, "Y down cc done cc bb");
    g_autoptr(Plan) plan = rollback_plan(&files);
    const PlanTarget *target = plan_target_at(plan, 0);

    cr_assert_eq(target->verdict, PLAN_PENDING);
    cr_assert_eq(target->path->steps->len, 1);
    expect_step(target, 0, DIRECTION_DOWN, "bb", "bb", "aa");
}

Test(rollback, refuses_what_it_began_and_another_run_ended)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_MARIADB, "bb");
    since(&files, "X up bb done aa bb");
    expect_rollback(&files, PLAN_BLOCKED, PROBLEM_MOVED, "run X did up of revision bb");
}

/* Undone and done again by somebody else: it is no longer the run's. */
Test(rollback, refuses_what_another_run_did_again)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    since(&files, "R up bb done aa bb");
    since(&files, "X down bb done bb aa");
    since(&files, "Y up bb done aa bb");
    expect_rollback(&files, PLAN_BLOCKED, PROBLEM_MOVED, "run Y did up of revision bb");
}

Test(rollback, refuses_rows_that_the_history_does_not_tell)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    since(&files, "R up bb done aa bb");
    expect_rollback(&files, PLAN_BLOCKED, PROBLEM_MOVED, "its heads are cc, the history says bb");
}

Test(rollback, refuses_a_step_that_stopped_half_way_but_not_one_that_left_nothing)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_MARIADB, "bb");
    since(&files, "R up bb done aa bb");
    HistoryEntry *failed = since(&files, "R up cc failed bb cc");
    expect_rollback(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
    failed->statements_done = 1;
    expect_rollback(&files, PLAN_BLOCKED, PROBLEM_UNFINISHED, "up of revision cc (run R) stopped after 1");
    failed->statements_done = 0;
    failed->intent = 1;
    expect_rollback(&files, PLAN_BLOCKED, PROBLEM_UNFINISHED, "up of revision cc");
}

/* One target without a way back does not hold up the others. */
Test(rollback, without_a_down_section_blocks_that_target_only)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(TABLE_FILE("aa", ""), REVISION_FILE("bb", "aa", "-- migrate:up\nselect 1;\n"));
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    since(&files, "R up bb done aa bb");
    fixture_add(&files, "b", DIALECT_SQLITE, "aa");
    since(&files, "R up aa done - aa");
    g_autoptr(Plan) plan = rollback_plan(&files);

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_IRREVERSIBLE, "versions/bb.sql");
    expect_verdict(plan, 1, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_null(plan_file_error(plan));
}

Test(rollback, needs_the_files_of_what_ran)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    fixture_add(&files, "a", DIALECT_SQLITE, "zz");
    since(&files, "R up zz done aa zz");
    expect_rollback(&files, PLAN_BLOCKED, PROBLEM_UNKNOWN_REVISION, "revision zz");
}

/* ---- Goals of each target ---- */

TestSuite(target_goals);

Test(target_goals, lead_each_target_to_its_own)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    const char *bb[] = {"bb", NULL};
    const char *const *goals[] = {bb, NULL};
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    fixture_add(&files, "b", DIALECT_SQLITE, "aa");
    files.request.target_goals = goals;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    cr_expect_str_eq(plan_target_at(plan, 0)->path->rows[0], "bb");
    cr_expect_str_eq(plan_target_at(plan, 1)->path->rows[0], "cc");
    cr_expect_eq(plan->paths->len, 2);
}

/* ---- Fills ---- */

TestSuite(fill);

Test(fill, runs_what_never_ran_before_the_rest_and_moves_no_row)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    HistoryEntry *entry = fixture_history(&files, "up bb done");
    g_free(entry->heads_before);
    entry->heads_before = g_strdup("");
    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_NEVER_RUN, "upgrade --fill");
    files.request.fill = true;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    const PlanTarget *target = plan_target_at(plan, 0);

    expect_verdict(plan, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_assert_eq(target->path->steps->len, 2);
    expect_step(target, 0, DIRECTION_UP, "aa", "bb", "bb");
    expect_step(target, 1, DIRECTION_UP, "cc", "bb", "cc");
}

Test(fill, has_nothing_to_do_where_nothing_is_missing)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    fixture_assume(&files, "baseline", "aa,bb,cc");
    files.request.fill = true;
    expect_upgrade(&files, PLAN_AT_GOAL, PROBLEM_NONE, NULL);
}
