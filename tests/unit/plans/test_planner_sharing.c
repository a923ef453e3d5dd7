/* The planner: what targets share. Counts of objects and bytes, never times; and that sharing changes nothing
 * of what is planned. */
#include "planner_case.h"

#include <malloc.h>

/* A chain of revisions r0000, r0001, … with one variable in each "up" where `templated` says so. */
static PlanFixture chain_fixture(unsigned count, bool templated)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < count; i++) {
        g_autofree char *parent = i > 0 ? g_strdup_printf("r%04u", i - 1) : g_strdup("");
        g_ptr_array_add(texts, g_strdup_printf("-- revision: r%04u\n-- revises: %s\n\n-- migrate:up\n"
                                               "create table t_%u%s (n int);\n",
                                               i, parent, i, templated ? "_{{ name | raw }}" : ""));
    }
    g_ptr_array_add(texts, NULL);
    return plan_fixture((const char *const *)texts->pdata);
}

static void add_targets(PlanFixture *files, unsigned count, const char *rows)
{
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("target-%u", files->targets->len);
        Target *target = fixture_add(files, name, DIALECT_SQLITE, rows);
        g_hash_table_insert(target->vars, (gpointer) "name", target->name);
    }
}

TestSuite(planner_sharing);

Test(planner_sharing, a_thousand_targets_in_one_state_are_one_path)
{
    g_auto(PlanFixture) files = chain_fixture(50, true);
    add_targets(&files, 1000, "r0009");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    const PlanPath *path = plan_target_at(plan, 0)->path;

    cr_assert_eq(plan->paths->len, 1);
    cr_expect_eq(path->targets, 1000);
    cr_expect_eq(path->steps->len, 40);
    cr_expect_eq(path->variables->len, 1, "one variable, however often it is used");
    for (unsigned i = 0; i < 1000; i++)
        must(plan_target_at(plan, i)->path == path, "target %u", i);
}

Test(planner_sharing, targets_along_a_chain_share_its_steps)
{
    g_auto(PlanFixture) files = chain_fixture(100, false);
    for (unsigned i = 50; i < 150; i++) {
        g_autofree char *rows = g_strdup_printf("r%04u", i * 7 % 100);
        add_targets(&files, 1, rows);
    }
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autoptr(GHashTable) steps = g_hash_table_new(NULL, NULL);
    unsigned shown = 0;
    for (guint i = 0; i < plan->paths->len; i++) {
        const PlanPath *path = plan->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++, shown++)
            g_hash_table_add(steps, &path->steps->first[j]);
    }

    cr_expect_eq(plan->paths->len, 99);
    cr_expect_eq(shown, 99 * 100 / 2);
    cr_expect_leq(g_hash_table_size(steps), 2 * 100, "those of the first target, and those from base");
}

Test(planner_sharing, a_symbol_that_counts_from_the_rows_is_no_common_goal)
{
    g_auto(PlanFixture) files = chain_fixture(6, false);
    add_targets(&files, 1, "r0001");
    add_targets(&files, 1, "r0000");
    add_targets(&files, 1, "r0003");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "+1");
    static const char *const goals[] = {"r0002", "r0001", "r0004"};

    for (unsigned i = 0; i < G_N_ELEMENTS(goals); i++) {
        const PlanPath *path = plan_target_at(plan, i)->path;
        cr_assert_not_null(path);
        cr_expect_eq(path->steps->len, 1);
        cr_expect_str_eq(path->rows[0], goals[i]);
    }
}

Test(planner_sharing, what_is_wrong_below_a_target_is_not_its_problem)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(TABLE_FILE("aa", ""), REVISION_FILE("bb", "aa", "-- migrate:up\nselect 'open;\n"),
                        TABLE_FILE("cc", "bb"), REVISION_FILE("dd", "cc", "-- migrate:up\ncommit;\n"),
                        TABLE_FILE("ee", "dd"));
    fixture_add(&files, "above", DIALECT_SQLITE, "dd");
    fixture_add(&files, "between", DIALECT_SQLITE, "bb");
    fixture_add(&files, "below", DIALECT_SQLITE, "aa");
    fixture_add(&files, "new", DIALECT_SQLITE, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    expect_verdict(plan, 1, PLAN_BLOCKED, PROBLEM_TRANSACTION_CONTROL, "versions/dd.sql");
    expect_verdict(plan, 2, PLAN_BLOCKED, PROBLEM_SYNTAX, "versions/bb.sql");
    expect_verdict(plan, 3, PLAN_BLOCKED, PROBLEM_SYNTAX, "versions/bb.sql");
}

Test(planner_sharing, one_text_is_split_for_each_dialect)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\nselect '\\'; select 1; --';\n"));
    fixture_add(&files, "lite", DIALECT_SQLITE, "");
    fixture_add(&files, "maria", DIALECT_MARIADB, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    static const unsigned statements[] = {2, 1};

    for (unsigned i = 0; i < G_N_ELEMENTS(statements); i++) {
        const PlanPath *path = plan_target_at(plan, i)->path;
        cr_assert_not_null(path);
        cr_expect_eq(script_length(fixture_script(&path->steps->first[0], path->dialect)), statements[i],
                     "%s", dialect_name(path->dialect));
    }
}

/* Gives the last target the history of the one before. */
static void share_history(PlanFixture *files)
{
    TargetState *last = fixture_last_state(files);
    const TargetState *before = files->states->pdata[files->states->len - 2];

    g_ptr_array_unref(last->history);
    last->history = g_ptr_array_ref(before->history);
}

Test(planner_sharing, what_a_shared_history_says_holds_for_each_of_its_targets)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "edited-1", DIALECT_SQLITE, "aa");
    HistoryEntry *entry = fixture_history(&files, "up aa done");
    g_free(entry->checksum);
    entry->checksum = g_strdup("what it was before");
    fixture_add(&files, "edited-2", DIALECT_SQLITE, "aa");
    share_history(&files);
    fixture_add(&files, "stopped-1", DIALECT_SQLITE, "aa");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "down cc failed")->statements_done = 1;
    fixture_last_state(&files)->lock_holder = g_strdup("somebody");
    fixture_add(&files, "stopped-2", DIALECT_SQLITE, "aa");
    share_history(&files);
    fixture_add(&files, "stopped-3", DIALECT_SQLITE, "aa");
    share_history(&files);
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, PLAN_BLOCKED, PROBLEM_EDITED, "edited after");
    expect_verdict(plan, 1, PLAN_BLOCKED, PROBLEM_EDITED, "edited after");
    expect_verdict(plan, 2, PLAN_PENDING, PROBLEM_BUSY, "somebody");
    expect_verdict(plan, 3, PLAN_BLOCKED, PROBLEM_UNFINISHED, "stopped after 1");
    expect_verdict(plan, 4, PLAN_BLOCKED, PROBLEM_UNFINISHED, "stopped after 1");
}

/* ---- Against paths of their own ---- */

/* Revisions drawn at random: each stands on one or two of those before it, or on none. */
static PlanFixture random_fixture(GRand *random, unsigned count)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < count; i++) {
        GString *text = g_string_new(NULL);
        g_string_append_printf(text, "-- revision: r%02u\n-- revises:", i);
        int parent = i > 0 && g_rand_int_range(random, 0, 9) > 0
                         ? g_rand_int_range(random, MAX(0, (int)i - 2), (int)i)
                         : -1;
        if (parent >= 0)
            g_string_append_printf(text, " r%02d", parent);
        if (parent > 0 && g_rand_int_range(random, 0, 4) == 0)
            g_string_append_printf(text, ", r%02d", g_rand_int_range(random, 0, parent));
        if (i > 0 && g_rand_int_range(random, 0, 6) == 0)
            g_string_append_printf(text, "\n-- depends-on: r%02d", g_rand_int_range(random, 0, (int)i));
        g_string_append_printf(text, "\n\n-- migrate:up\nselect %u;\n", i);
        g_ptr_array_add(texts, g_string_free(text, FALSE));
    }
    g_ptr_array_add(texts, NULL);
    return plan_fixture((const char *const *)texts->pdata);
}

/* Rows of what is applied once some revisions are, drawn at random. Caller frees. */
static char *random_rows(GRand *random, const PlanFixture *files)
{
    unsigned count = revision_graph_length(files->graph);
    const Revision *some = revision_graph_at(files->graph, g_rand_int_range(random, 0, (int)count));
    const Revision *more = revision_graph_at(files->graph, g_rand_int_range(random, 0, (int)count));
    const char *const ids[] = {some->id, g_rand_int_range(random, 0, 3) ? NULL : more->id, NULL};
    g_autoptr(GPtrArray) applied = revision_graph_applied(files->graph, ids, NULL);
    g_auto(GStrv) rows = revision_graph_rows(files->graph, applied);
    return g_rand_int_range(random, 0, 8) ? g_strjoinv(" ", rows) : g_strdup("");
}

/* The digest covers every step with its sections and rows. */
static unsigned expect_same_as_alone(PlanFixture *files, const Plan *plan, const char *goal)
{
    const char *const goals[] = {goal, NULL};
    unsigned compared = 0;

    files->request.goals = goals;
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan_target_at(plan, i);
        g_autoptr(PlanPath) alone =
            plan_path_new(files->graph, target->state->dialect, (const char *const *)target->state->rows,
                          &files->request, NULL);
        must(alone || target->verdict == PLAN_BLOCKED, "target %u", i);
        must(!target->path || g_str_equal(target->path->digest, alone->digest), "target %u", i);
        must(!target->path || target->path->steps->len == alone->steps->len, "target %u", i);
        must(target->path || !alone || alone->steps->len == 0, "target %u", i);
        compared += target->path != NULL;
    }
    return compared;
}

Test(planner_sharing, paths_are_what_each_target_would_get_alone, .timeout = 60)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(20261123);
    unsigned compared = 0;

    for (unsigned round = 0; round < 150; round++) {
        g_auto(PlanFixture) files = random_fixture(random, 12);
        for (unsigned i = 0; i < 12; i++) {
            g_autofree char *rows = random_rows(random, &files);
            add_targets(&files, 1, rows);
        }
        const char *goal = round % 3 ? "heads" : "r08";
        g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, goal);
        compared += expect_same_as_alone(&files, plan, goal);
    }
    cr_expect_gt(compared, 500);
}

/* ---- Memory ---- */

/* Bytes on the heap that a plan of so many targets in one state holds. 0 where the allocator does not tell.
 */
static size_t bytes_of_plan(unsigned targets, unsigned revisions)
{
    g_auto(PlanFixture) files = chain_fixture(revisions, true);
    add_targets(&files, targets, "");
    size_t before = mallinfo2().uordblks;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    size_t after = mallinfo2().uordblks;

    cr_assert_eq(plan->counts[PLAN_PENDING], targets);
    return after - before;
}

Test(planner_sharing, what_a_target_adds_to_a_plan_does_not_grow_with_the_revisions, .timeout = 60)
{
    size_t few = bytes_of_plan(2000, 10) - bytes_of_plan(1000, 10);
    size_t many = bytes_of_plan(2000, 500) - bytes_of_plan(1000, 500);

    cr_expect_leq(few, 1000 * 160, "%zu bytes for each target", few / 1000);
    cr_expect_leq(many, 1000 * 160, "%zu bytes for each target", many / 1000);
}

/* Bytes of a plan whose targets stand at each of so many revisions. */
static size_t bytes_along_chain(unsigned revisions)
{
    g_auto(PlanFixture) files = chain_fixture(revisions, false);
    for (unsigned i = 0; i < revisions; i++) {
        g_autofree char *rows = g_strdup_printf("r%04u", i);
        add_targets(&files, 1, rows);
    }
    size_t before = mallinfo2().uordblks;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    size_t after = mallinfo2().uordblks;

    cr_assert_eq(plan->paths->len, revisions - 1);
    return after - before;
}

Test(planner_sharing, a_path_from_each_revision_takes_no_memory_for_each_of_its_steps, .timeout = 60)
{
    size_t hundred = bytes_along_chain(100), eight_hundred = bytes_along_chain(800);

    cr_expect_leq(eight_hundred, 9 * hundred, "%zu and %zu bytes", hundred, eight_hundred);
}
