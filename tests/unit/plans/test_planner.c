/* The planner: shared paths, verdicts, variables, digests. */
#include "planner_case.h"

/* The revisions of a path, with blanks between. */
static char *steps_of(const PlanPath *path)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; path && i < path->steps->len; i++) {
        const PlanStep *step = &path->steps->first[i];
        g_string_append_printf(text, "%s%s", i ? " " : "", step->revision ? step->revision->id : "stamp");
    }
    return g_string_free(text, FALSE);
}

static void expect_steps(const PlanPath *path, const char *wanted)
{
    g_autofree char *text = steps_of(path);

    cr_expect_str_eq(text, wanted);
}

/* ---- Paths ---- */

TestSuite(planner_paths);

Test(planner_paths, targets_with_the_same_rows_and_dialect_share_one)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "new", DIALECT_SQLITE, "");
    fixture_add(&files, "old-1", DIALECT_SQLITE, "aa");
    fixture_add(&files, "old-2", DIALECT_SQLITE, "aa");
    fixture_add(&files, "pg", DIALECT_POSTGRES, "aa");
    fixture_add(&files, "there", DIALECT_SQLITE, "cc");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    cr_assert_eq(plan->paths->len, 3);
    cr_expect_eq(plan_target_at(plan, 1)->path, plan_target_at(plan, 2)->path);
    cr_expect_neq(plan_target_at(plan, 1)->path, plan_target_at(plan, 3)->path);
    cr_expect_eq(plan->paths->pdata[0], plan_target_at(plan, 1)->path, "most targets first");
    cr_expect_eq(plan_target_at(plan, 1)->path->targets, 2);
    expect_steps(plan_target_at(plan, 0)->path, "aa bb cc");
    expect_steps(plan_target_at(plan, 1)->path, "bb cc");
    cr_expect_null(plan_target_at(plan, 4)->path);
    cr_expect_eq(plan->counts[PLAN_PENDING], 4);
    cr_expect_eq(plan->counts[PLAN_AT_GOAL], 1);
}

Test(planner_paths, the_scripts_of_all_paths_come_from_one_shelf)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "new", DIALECT_SQLITE, "");
    fixture_add(&files, "old", DIALECT_SQLITE, "bb");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    const PlanStep *from_base = &plan_target_at(plan, 0)->path->steps->first[2];
    const PlanStep *from_bb = &plan_target_at(plan, 1)->path->steps->first[0];

    cr_assert_not_null(from_base->scripts);
    cr_expect_eq(from_base->scripts, from_bb->scripts);
    cr_expect_eq(from_base->section, from_bb->section);
}

Test(planner_paths, a_step_says_whether_it_is_one_transaction)
{
    g_auto(PlanFixture) files = plan_fixture_of(
        TABLE_FILE("aa", ""), REVISION_FILE("bb", "aa", "-- migrate:up transaction:false\nselect 1;\n"));
    fixture_add(&files, "lite", DIALECT_SQLITE, "");
    fixture_add(&files, "maria", DIALECT_MARIADB, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    const PlanSteps *lite = plan_target_at(plan, 0)->path->steps;
    const PlanSteps *maria = plan_target_at(plan, 1)->path->steps;

    cr_expect(lite->first[0].transactional);
    cr_expect_not(lite->first[1].transactional);
    cr_expect_not(maria->first[0].transactional);
}

Test(planner_paths, a_downgrade_takes_the_down_sections_newest_first)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_DOWNGRADE, "aa");
    const PlanPath *path = plan_target_at(plan, 0)->path;

    expect_steps(path, "cc bb");
    const PlanStep *first = &path->steps->first[0];
    cr_expect_eq(first->direction, DIRECTION_DOWN);
    cr_expect_eq(plan_step_section(first)->kind, SECTION_DOWN);
    cr_expect_str_eq(path->rows[0], "aa");
}

Test(planner_paths, checks_and_verifies_stand_on_the_way_up_only)
{
    g_auto(PlanFixture) files = plan_fixture_of(
        REVISION_FILE("aa", "",
                      "-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;\n-- migrate:check\nselect 3;\n"
                      "-- migrate:verify\nselect 4;\n"));
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    fixture_add(&files, "b", DIALECT_SQLITE, "aa");
    g_autoptr(Plan) up = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autoptr(Plan) down = fixture_plan(&files, PLAN_DOWNGRADE, "base");
    const PlanStep *upward = &plan_target_at(up, 0)->path->steps->first[0];
    const PlanStep *downward = &plan_target_at(down, 1)->path->steps->first[0];

    cr_expect(upward->check && upward->verify);
    cr_expect(!downward->check && !downward->verify);
}

Test(planner_paths, a_stamp_is_one_step_without_sql_and_knows_what_it_assumes)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    fixture_add(&files, "b", DIALECT_SQLITE, "bb");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_STAMP, "bb");
    const PlanPath *path = plan_target_at(plan, 0)->path;

    expect_steps(path, "stamp");
    cr_expect_str_eq(path->applied_after, "aa,bb");
    const PlanStep *step = &path->steps->first[0];
    g_autofree char **removed = rows_without(step->before, step->after);
    g_autofree char **added = rows_without(step->after, step->before);
    cr_expect_str_eq(removed[0], "aa");
    cr_expect_str_eq(added[0], "bb");
    expect_verdict(plan, 1, PLAN_AT_GOAL, PROBLEM_NONE, NULL);
}

Test(planner_paths, a_purging_stamp_forgets_rows_that_no_file_knows)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "ffff");
    g_autoptr(Plan) refused = fixture_plan(&files, PLAN_STAMP, "bb");
    files.request.purge = true;
    g_autoptr(Plan) purged = fixture_plan(&files, PLAN_STAMP, "bb");

    expect_verdict(refused, 0, PLAN_BLOCKED, PROBLEM_UNKNOWN_REVISION, "ffff");
    expect_verdict(purged, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    const PlanStep *step = &plan_target_at(purged, 0)->path->steps->first[0];
    g_autofree char **removed = rows_without(step->before, step->after);
    cr_expect_str_eq(removed[0], "ffff");
}

Test(planner_paths, ten_thousand_targets_share_three)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    static const char *const rows[] = {"", "aa", "bb", "cc"};
    for (unsigned i = 0; i < 10000; i++) {
        g_autofree char *name = g_strdup_printf("t-%05u", i);
        fixture_add(&files, name, DIALECT_POSTGRES, rows[i % 4]);
    }
    gint64 begin = g_get_monotonic_time();
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    cr_log_info("10,000 targets planned in %.1f ms", (double)(g_get_monotonic_time() - begin) / 1000);
    cr_assert_eq(plan->paths->len, 3);
    cr_expect_eq(plan->counts[PLAN_PENDING], 7500);
    cr_expect_eq(plan->counts[PLAN_AT_GOAL], 2500);
    for (guint i = 0; i < plan->paths->len; i++)
        cr_expect_eq(((const PlanPath *)plan->paths->pdata[i])->targets, 2500);
}

/* ---- Verdicts ---- */

TestSuite(planner_verdicts);

Test(planner_verdicts, targets_that_were_not_read_are_told_and_hold_no_other_back)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "good", DIALECT_SQLITE, "");
    fixture_add_unreachable(&files, "gone", "connection refused");
    fixture_add_inactive(&files, "asleep", TARGET_SUSPENDED, "moving house");
    fixture_add(&files, "odd", DIALECT_SQLITE, "");
    fixture_last_state(&files)->outcome = PROBE_FAILED;
    fixture_last_state(&files)->reason = g_strdup("permission denied for table dbfleet_version");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(plan, 1, PLAN_UNREACHABLE, PROBLEM_UNREACHABLE, "connection refused");
    expect_verdict(plan, 2, PLAN_INACTIVE, PROBLEM_NONE, "moving house");
    expect_verdict(plan, 3, PLAN_BLOCKED, PROBLEM_STATE, "permission denied");
    cr_expect_null(plan_file_error(plan));
    for (int verdict = 0; verdict <= PLAN_INACTIVE; verdict++)
        cr_expect_eq(plan->counts[verdict], verdict == PLAN_AT_GOAL ? 0 : 1);
}

Test(planner_verdicts, a_target_that_sleeps_is_inactive_even_when_it_was_read)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "asleep", DIALECT_SQLITE, "")->life = TARGET_RETIRED;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, PLAN_INACTIVE, PROBLEM_NONE, NULL);
    cr_expect_eq(plan->paths->len, 0);
}

Test(planner_verdicts, a_row_that_no_file_knows_blocks_its_target_only)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "ahead", DIALECT_SQLITE, "ffff");
    fixture_add(&files, "good", DIALECT_SQLITE, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_UNKNOWN_REVISION, "ffff");
    expect_verdict(plan, 1, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_null(plan_file_error(plan));
}

Test(planner_verdicts, a_goal_that_one_target_cannot_reach_is_its_own_exception)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "short", DIALECT_SQLITE, "bb");
    fixture_add(&files, "good", DIALECT_SQLITE, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "+2");

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_NO_PATH, "+2");
    expect_verdict(plan, 1, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_null(plan_file_error(plan));
}

Test(planner_verdicts, a_goal_that_does_not_exist_is_a_planning_error)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "nosuch");

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_GRAPH, "nosuch");
    cr_expect_eq(plan_file_error(plan), plan_target_at(plan, 0));
}

Test(planner_verdicts, an_id_longer_than_the_version_column_is_refused)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"),
                                                TABLE_FILE("a234567890b234567890c234567890d23", "bb"));
    fixture_add(&files, "narrow", DIALECT_POSTGRES, "aa");
    fixture_last_state(&files)->version_width = 32;
    fixture_add(&files, "wide", DIALECT_POSTGRES, "aa");
    fixture_last_state(&files)->version_width = 33;
    fixture_add(&files, "lite", DIALECT_SQLITE, "aa");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_ID_TOO_LONG,
                   "revision id a234567890b234567890c234567890d23 has 33 characters, the version table's "
                   "column holds 32");
    expect_verdict(plan, 1, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(plan, 2, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_not_null(plan_file_error(plan));
}

Test(planner_verdicts, an_id_that_is_too_long_for_a_stamp_is_refused_too)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "narrow", DIALECT_POSTGRES, "aa");
    fixture_last_state(&files)->version_width = 1;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_STAMP, "cc");

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_ID_TOO_LONG, "revision id cc has 2 characters");
}

/* ---- One transaction for the whole path ---- */

TestSuite(planner_target_transaction);

Test(planner_target_transaction, holds_where_every_step_is_transactional)
{
    g_auto(PlanFixture) files = plan_fixture_of(
        TABLE_FILE("aa", ""), REVISION_FILE("bb", "aa", "-- migrate:up transaction:false\nselect 1;\n"));
    static const Dialect dialects[] = {DIALECT_POSTGRES, DIALECT_POSTGRES, DIALECT_MARIADB, DIALECT_MARIADB};
    static const char *const names[] = {"good", "mixed", "maria", "plain"};
    for (unsigned i = 0; i < G_N_ELEMENTS(dialects); i++)
        fixture_add(&files, names[i], dialects[i], "")->settings.transaction_target = i < 3;
    g_autoptr(Plan) first = fixture_plan(&files, PLAN_UPGRADE, "aa");
    g_autoptr(Plan) both = fixture_plan(&files, PLAN_UPGRADE, "bb");
    g_autoptr(Plan) stamp = fixture_plan(&files, PLAN_STAMP, "bb");

    expect_verdict(first, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(both, 1, PLAN_BLOCKED, PROBLEM_TARGET_TRANSACTION,
                   "revision bb runs outside a transaction");
    expect_verdict(first, 2, PLAN_BLOCKED, PROBLEM_TARGET_TRANSACTION, "cannot hold on mariadb");
    expect_verdict(both, 3, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(stamp, 2, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_not_null(plan_file_error(both));
}

Test(planner_target_transaction, a_table_rebuild_needs_the_outside_of_a_transaction)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up sqlite foreign_keys:off\nselect 1;\n"));
    fixture_add(&files, "lite", DIALECT_SQLITE, "")->settings.transaction_target = true;

    expect_upgrade(&files, PLAN_BLOCKED, PROBLEM_TARGET_TRANSACTION,
                   "revision aa runs outside a transaction");
}

/* ---- Variables ---- */

TestSuite(planner_variables);

#define VARIABLE_FILE                                                                                        \
    REVISION_FILE("aa", "",                                                                                  \
                  "-- migrate:up\ninsert into plans values ({{ plan | literal }});\n"                        \
                  "-- migrate:verify\nselect 1 where {{ want | raw }} = 2;\n")

Test(planner_variables, each_target_needs_the_ones_that_its_sections_use)
{
    g_auto(PlanFixture) files = plan_fixture_of(VARIABLE_FILE);
    static const char *const given[] = {"", "plan", "want", "plan want"};
    for (unsigned i = 0; i < G_N_ELEMENTS(given); i++) {
        Target *target = fixture_add(&files, given[i], DIALECT_SQLITE, "");
        g_auto(GStrv) names = g_strsplit(given[i], " ", -1);
        for (char **name = names; *name; name++)
            g_hash_table_insert(target->vars, (gpointer)g_intern_string(*name), (gpointer) "1");
    }
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_UNDEFINED_VARIABLE,
                   "versions/aa.sql:6: revision aa uses {{ plan }}, which target  does not define");
    expect_verdict(plan, 1, PLAN_BLOCKED, PROBLEM_UNDEFINED_VARIABLE, "revision aa uses {{ want }}");
    expect_verdict(plan, 2, PLAN_BLOCKED, PROBLEM_UNDEFINED_VARIABLE, "-x plan=VALUE");
    expect_verdict(plan, 3, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_null(plan_target_at(plan, 3)->path->steps->first[0].scripts,
                   "each target has a script of its own");
}

Test(planner_variables, those_of_the_command_line_count_and_win)
{
    g_auto(PlanFixture) files = plan_fixture_of(VARIABLE_FILE);
    Target *target = fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_hash_table_insert(target->vars, (gpointer) "plan", (gpointer) "small");
    g_hash_table_insert(files.variables, (gpointer) "plan", (gpointer) "large");
    g_hash_table_insert(files.variables, (gpointer) "want", (gpointer) "2");
    g_autoptr(GHashTable) all = plan_target_variables(target, files.variables);

    expect_upgrade(&files, PLAN_PENDING, PROBLEM_NONE, NULL);
    cr_expect_str_eq(g_hash_table_lookup(all, "plan"), "large");
    cr_expect_eq(g_hash_table_size(all), 2);
}

Test(planner_variables, without_target_and_command_line_there_are_none)
{
    g_autoptr(GHashTable) none = plan_target_variables(NULL, NULL);

    cr_expect_eq(g_hash_table_size(none), 0);
}

/* ---- Digests ---- */

TestSuite(planner_digests);

/* The digest of the path from base to `goal`, and of the whole plan, over one target. */
static char *digests(const char *const *texts, PlanCommand command, const char *goal, Dialect dialect,
                     const char *name, const char *rows)
{
    g_auto(PlanFixture) files = plan_fixture(texts);
    fixture_add(&files, name, dialect, rows);
    g_autoptr(Plan) plan = fixture_plan(&files, command, goal);
    const PlanPath *path = plan_target_at(plan, 0)->path;

    cr_assert_not_null(path, "%s", plan_target_at(plan, 0)->reason);
    return g_strdup_printf("%s %s", path->digest, plan->digest);
}

static const char *const plain_files[] = {THREE_FILES, NULL};

Test(planner_digests, the_same_plan_has_the_same)
{
    g_autofree char *once = digests(plain_files, PLAN_UPGRADE, "head", DIALECT_SQLITE, "a", "");
    g_autofree char *again = digests(plain_files, PLAN_UPGRADE, "cc", DIALECT_SQLITE, "a", "");

    cr_expect_str_eq(once, again, "what counts is what would run, not how it was typed");
    cr_expect_eq(strlen(once), 64 + 1 + 64);
}

Test(planner_digests, everything_that_would_run_differently_has_another)
{
    static const char *const edited[] = {TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"),
                                         REVISION_FILE("cc", "bb", "-- migrate:up\nselect 1;\n"), NULL};
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const struct {
        const char *const *texts;
        PlanCommand command;
        const char *goal;
        Dialect dialect;
        const char *rows;
    } rows[] = {
        {plain_files, PLAN_UPGRADE, "head", DIALECT_SQLITE, ""},
        {edited, PLAN_UPGRADE, "head", DIALECT_SQLITE, ""},
        {plain_files, PLAN_UPGRADE, "bb", DIALECT_SQLITE, ""},
        {plain_files, PLAN_UPGRADE, "head", DIALECT_POSTGRES, ""},
        {plain_files, PLAN_UPGRADE, "head", DIALECT_SQLITE, "aa"},
        {plain_files, PLAN_STAMP, "head", DIALECT_SQLITE, ""},
        {plain_files, PLAN_STAMP, "head", DIALECT_SQLITE, "aa"},
        {plain_files, PLAN_DOWNGRADE, "base", DIALECT_SQLITE, "aa"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *digest =
            digests(rows[i].texts, rows[i].command, rows[i].goal, rows[i].dialect, "a", rows[i].rows);
        digest[64] = '\0';
        cr_expect(g_hash_table_add(seen, digest), "row %zu", i);
    }
}

Test(planner_digests, checks_and_verifies_are_part_of_what_was_reviewed)
{
    static const char *const without[] = {REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n"), NULL};
    static const char *const check[] = {
        REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n-- migrate:check\nselect 2;\n"), NULL};
    static const char *const verify[] = {
        REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n-- migrate:verify\nselect 2;\n"), NULL};
    g_autofree char *first = digests(without, PLAN_UPGRADE, "head", DIALECT_SQLITE, "a", "");
    g_autofree char *second = digests(check, PLAN_UPGRADE, "head", DIALECT_SQLITE, "a", "");
    g_autofree char *third = digests(verify, PLAN_UPGRADE, "head", DIALECT_SQLITE, "a", "");

    cr_expect_str_neq(first, second);
    cr_expect_str_neq(first, third);
    cr_expect_str_neq(second, third);
}

Test(planner_digests, a_plan_covers_its_targets_and_their_exceptions)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_autoptr(Plan) one = fixture_plan(&files, PLAN_UPGRADE, "head");
    fixture_add_unreachable(&files, "b", "refused");
    g_autoptr(Plan) two = fixture_plan(&files, PLAN_UPGRADE, "head");
    fixture_last_state(&files)->outcome = PROBE_FAILED;
    g_autoptr(Plan) other = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_free(((Target *)files.targets->pdata[0])->endpoint);
    ((Target *)files.targets->pdata[0])->endpoint = g_strdup("sqlite:/elsewhere/a");
    g_autoptr(Plan) moved = fixture_plan(&files, PLAN_UPGRADE, "head");

    cr_expect_str_neq(one->digest, two->digest);
    cr_expect_str_neq(two->digest, other->digest);
    cr_expect_str_neq(other->digest, moved->digest);
}
