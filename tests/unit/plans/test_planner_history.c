/* The planner and what a target's history says: edited, never run, failed verifies, unfinished steps,
 * baselines. */
#include "planner_case.h"

/* ---- What the history says ---- */

TestSuite(planner_history);

Test(planner_history, an_edited_section_blocks_what_has_steps_to_do)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    HistoryEntry *entry = fixture_history(&files, "up bb done");
    g_free(entry->checksum);
    entry->checksum = g_strdup("0123456789abcdef0123456789abcdef");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_EDITED,
                   "versions/bb.sql: revision bb was edited after it was applied here (checksum "
                   "0123456789ab then");
    files.request.allow_edited = true;
    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_history, an_edited_section_is_only_a_note_at_the_goal)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    HistoryEntry *entry = fixture_history(&files, "up bb done");
    memset(entry->checksum, '0', strlen(entry->checksum));
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "bb");

    expect_verdict(plan, 0, PLAN_AT_GOAL, PROBLEM_EDITED, "revision bb was edited");
    cr_expect_null(plan_target_at(plan, 0)->path);
    cr_expect_eq(plan->counts[PLAN_AT_GOAL], 1);
    cr_expect_eq(plan->paths->len, 0);
}

Test(planner_history, what_ran_and_lost_its_file_blocks_what_has_steps_to_do)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    HistoryEntry *lost = fixture_history(&files, "up gone done");
    fixture_history(&files, "up bb done");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_UNKNOWN_REVISION, "revision gone ran here");
    g_autoptr(Plan) there = fixture_plan(&files, PLAN_UPGRADE, "bb");
    expect_verdict(there, 0, PLAN_AT_GOAL, PROBLEM_UNKNOWN_REVISION, "no file knows it any more");
    files.request.allow_edited = true;
    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
    files.request.allow_edited = false;
    g_free(lost->direction);
    lost->direction = g_strdup("down");
    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_history, an_edited_section_that_is_no_longer_applied_says_nothing)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    fixture_history(&files, "up aa done");
    HistoryEntry *entry = fixture_history(&files, "up bb done");
    memset(entry->checksum, '0', strlen(entry->checksum));
    fixture_history(&files, "down bb done");

    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_history, a_stamp_settles_what_was_edited_before_it)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    HistoryEntry *entry = fixture_history(&files, "up aa done");
    memset(entry->checksum, '0', strlen(entry->checksum));
    fixture_assume(&files, "stamp", "aa");

    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_history, a_section_removed_since_counts_as_edited)
{
    g_auto(PlanFixture) files = plan_fixture_of(
        REVISION_FILE("aa", "", "-- migrate:up postgres\nselect 1;\n"), TABLE_FILE("bb", "aa"));
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    HistoryEntry *entry = fixture_history(&files, "up aa done");
    entry->checksum = g_strdup("0123456789abcdef");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_EDITED, "no section now");
}

Test(planner_history, a_revision_spliced_in_below_the_heads_never_ran)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES, TABLE_FILE("dd", "cc"));
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "up cc done");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_NEVER_RUN,
                   "revision bb stands below the heads of this database but never ran on it");
}

Test(planner_history, without_an_origin_nothing_is_known_to_have_never_run)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES, TABLE_FILE("dd", "cc"));
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    fixture_history(&files, "up cc done");

    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_history, what_a_baseline_or_stamp_assumes_is_covered)
{
    static const char *const directions[] = {"baseline", "stamp"};
    for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
        g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES, TABLE_FILE("dd", "cc"));
        fixture_add(&files, "a", DIALECT_SQLITE, "cc");
        HistoryEntry *origin = fixture_assume(&files, directions[i], "aa,bb");
        fixture_history(&files, "up cc done");

        expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
        g_free(origin->detail);
        origin->detail = g_strdup("aa");
        expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_NEVER_RUN, "revision bb");
    }
}

Test(planner_history, only_the_newest_stamp_counts)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES, TABLE_FILE("dd", "cc"));
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    fixture_assume(&files, "stamp", "aa,bb,cc");
    fixture_assume(&files, "stamp", "");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "up cc done");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_NEVER_RUN, "revision bb");
}

Test(planner_history, a_down_takes_back_that_it_ran)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "down bb done");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_NEVER_RUN, "revision bb");
}

Test(planner_history, a_verify_that_failed_blocks_what_is_to_do)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "up bb verify-failed");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_VERIFY_FAILED, "revision bb took effect here");
}

Test(planner_history, a_verify_that_failed_is_only_told_at_the_goal)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "up bb done");
    fixture_history(&files, "up cc verify-failed");

    expect_upgrade(&files, PLAN_AT_GOAL, PROBLEM_VERIFY_FAILED, "revision cc took effect here");
}

Test(planner_history, a_downgrade_undoes_a_verify_that_failed_and_a_stamp_accepts_it)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "up bb verify-failed");
    g_autoptr(Plan) down = fixture_plan(&files, PLAN_DOWNGRADE, "aa");
    g_autoptr(Plan) stamp = fixture_plan(&files, PLAN_STAMP, "bb");

    expect_verdict(down, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(stamp, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    fixture_assume(&files, "stamp", "aa,bb");
    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_history, a_stamp_is_never_held_up_by_it)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "up cc failed")->intent = 1;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_STAMP, "cc");

    expect_verdict(plan, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_history, a_target_with_rows_and_no_history_gets_a_baseline)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "alembics", DIALECT_SQLITE, "bb");
    fixture_add(&files, "new", DIALECT_SQLITE, "");
    fixture_add(&files, "ours", DIALECT_SQLITE, "aa");
    fixture_history(&files, "up aa done");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    static const char *const wanted[] = {"aa,bb", NULL, NULL};
    for (unsigned i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autofree char *applied = plan_path_applied_before(plan_target_at(plan, i)->path);
        cr_expect_eq(g_strcmp0(applied, wanted[i]), 0, "%s", applied);
    }
}

/* ---- Steps that did not finish ---- */

TestSuite(planner_unfinished);

/* A MariaDB target at aa, whose newest history row is of `text` with 2 of 3 statements done. */
static HistoryEntry *unfinished(PlanFixture *files, const char *text)
{
    fixture_add(files, "a", DIALECT_MARIADB, "aa");
    fixture_history(files, "up aa done");
    HistoryEntry *entry = fixture_history(files, text);
    entry->statements_total = 3;
    entry->statements_done = 2;
    return entry;
}

Test(planner_unfinished, the_step_that_comes_next_is_gone_on_with_and_told)
{
    static const char *const states[] = {"up bb failed", "up bb running"};
    for (unsigned i = 0; i < G_N_ELEMENTS(states); i++) {
        g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
        unfinished(&files, states[i]);

        expect_upgrade(&files, PLAN_PENDING, PROBLEM_UNFINISHED,
                       "up of revision bb stopped after 2 of 3 statements; \"dbfleet upgrade\" goes on");
    }
}

Test(planner_unfinished, an_open_outcome_is_for_a_person_to_look_at)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    unfinished(&files, "up bb failed")->intent = 3;

    expect_upgrade(
        &files, PLAN_BLOCKED, PROBLEM_UNDECIDABLE,
        "up of revision bb stopped at statement 3 of 3, and whether that took effect cannot be told; look at "
        "the database, then \"dbfleet resume run --assume-done a\"");
}

Test(planner_unfinished, what_a_person_says_of_it_lets_it_pass)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(GHashTable) assume = g_hash_table_new(g_str_hash, g_str_equal);
    unfinished(&files, "up bb failed")->intent = 3;
    g_hash_table_insert(assume, (char *)((const Target *)files.targets->pdata[0])->name, (char *)"done");
    files.request.assume = assume;

    expect_upgrade(
        &files, PLAN_PENDING, PROBLEM_UNFINISHED,
        "up of revision bb stopped after 2 of 3 statements; \"dbfleet upgrade\" takes the next one "
        "as done, as you say");
    g_hash_table_insert(assume, (char *)((const Target *)files.targets->pdata[0])->name, (char *)"not-done");
    expect_upgrade(&files, PLAN_PENDING, PROBLEM_UNFINISHED,
                   "up of revision bb stopped after 2 of 3 statements; \"dbfleet upgrade\" runs the next one "
                   "again");
}

Test(planner_unfinished, a_statement_that_a_crash_left_open_is_settled_by_the_run)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    unfinished(&files, "up bb running")->intent = 3;

    expect_upgrade(&files, PLAN_PENDING, PROBLEM_UNFINISHED, "finds out whether the next one took effect");
}

Test(planner_unfinished, another_step_must_be_finished_first)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    unfinished(&files, "up cc failed");
    g_autoptr(Plan) down = fixture_plan(&files, PLAN_DOWNGRADE, "base");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_UNFINISHED, "finish it first (dbfleet upgrade)");
    expect_verdict(down, 0, PLAN_BLOCKED, PROBLEM_UNFINISHED, "up of revision cc stopped after 2 of 3");
}

Test(planner_unfinished, the_same_revision_the_other_way_is_another_step)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    unfinished(&files, "down aa failed");
    g_autoptr(Plan) down = fixture_plan(&files, PLAN_DOWNGRADE, "base");

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_UNFINISHED, "finish it first (dbfleet downgrade)");
    expect_verdict(down, 0, PLAN_PENDING, PROBLEM_UNFINISHED, "\"dbfleet downgrade\" goes on");
}

/* The history as a probe reads it: of each revision the newest row only, so the "up" is not there. */
Test(planner_unfinished, a_downgrade_that_stopped_leaves_its_revision_applied)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_MARIADB, "bb");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "down bb failed")->statements_total = 1;
    g_autoptr(Plan) down = fixture_plan(&files, PLAN_DOWNGRADE, "aa");

    expect_verdict(down, 0, PLAN_PENDING, PROBLEM_UNFINISHED, "\"dbfleet downgrade\" goes on");
}

Test(planner_unfinished, one_that_left_nothing_behind_holds_up_no_other)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    unfinished(&files, "up bb failed")->statements_done = 0;
    g_autoptr(Plan) down = fixture_plan(&files, PLAN_DOWNGRADE, "base");

    expect_verdict(down, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
}

Test(planner_unfinished, one_that_is_at_work_is_busy)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    unfinished(&files, "up bb running")->intent = 3;
    fixture_last_state(&files)->lock_holder = g_strdup("pid 4711");

    expect_upgrade(&files, PLAN_PENDING, PROBLEM_BUSY,
                   "another dbfleet is at work on this target (pid 4711)");
}

Test(planner_unfinished, a_stamp_settles_it)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    unfinished(&files, "up bb running")->intent = 3;
    fixture_assume(&files, "stamp", "aa");

    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_null(target_state_unfinished(fixture_last_state(&files)));
}

/* Its row would take an old place in the history for what happens now. */
Test(planner_history, a_step_that_left_nothing_is_not_gone_on_with_once_others_ran_after_it)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_MARIADB, "aa");
    fixture_history(&files, "up aa done");
    HistoryEntry *stopped = fixture_history(&files, "up bb failed");
    const TargetState *state = fixture_last_state(&files);

    cr_expect_eq(target_state_unfinished(state), stopped);
    fixture_history(&files, "down aa done");
    cr_expect_null(target_state_unfinished(state));
    stopped->statements_done = 1;
    cr_expect_eq(target_state_unfinished(state), stopped);
    stopped->statements_done = 0;
    stopped->intent = 1;
    cr_expect_eq(target_state_unfinished(state), stopped);
}

/* ---- Entries ---- */

Test(planner_history, a_packed_entry_has_texts_of_its_own)
{
    char text[] = "20260101000001";
    const HistoryEntry values = {.revision = text, .state = text + 12, .evidence = text + 14, .intent = 3};
    HistoryEntry *entry = history_entry_pack(&values);
    memset(text, 'x', strlen(text));
    cr_assert_str_eq(entry->revision, "20260101000001");
    cr_assert_str_eq(entry->state, "01");
    cr_assert_str_eq(entry->evidence, "");
    cr_assert_null(entry->step_id);
    cr_assert_eq(entry->intent, 3);
    history_entry_free(entry);
}
