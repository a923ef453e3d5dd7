/* Paths and stamps: which steps, in which order, and what becomes of the version rows. */
#include "graph_case.h"

TestSuite(graph_upgrade);

Test(graph_upgrade, dependencies_in_other_branches_are_pulled_in)
{
    g_auto(Case) at = case_of("a1 a2:a1 a3:a2 b1 b2:b1:a2 b3:b2");

    expect_move(&at, UPGRADE, "", "b3", "a1 a2 b1 b2 b3 > b3");
    expect_move(&at, UPGRADE, "a1", "b3", "a2 b1 b2 b3 > b3");
    expect_move(&at, UPGRADE, "b3", "a3", "a3 > a3 b3");
    expect_move(&at, UPGRADE, "", "heads", "a1 a2 b1 b2 b3 a3 > a3 b3");
}

Test(graph_upgrade, at_the_goal_there_are_no_steps)
{
    g_auto(Case) at = case_of("a b:a c:b");

    expect_move(&at, UPGRADE, "c", "head", "> c");
    expect_move(&at, UPGRADE, "c", "a", "> c");
    expect_move(&at, UPGRADE, "b", "base", "> b");
}

Test(graph_upgrade, several_targets)
{
    g_auto(Case) at = case_of("a b:a c:a d:a");

    expect_move(&at, UPGRADE, "", "b c", "a c b > b c");
    expect_move(&at, UPGRADE, "", "b b", "a b > b");
    expect_move(&at, UPGRADE, "", "b d@head", "a d b > b d");
}

Test(graph_upgrade, overlaps_are_refused)
{
    g_auto(Case) at = case_of("a b:a c:b d e:d:b");

    expect_move(&at, UPGRADE, "", "a c", "overlap: targets overlap: c already stands on a; leave a out");
    expect_move(&at, UPGRADE, "", "b e", "overlap: targets overlap: e already stands on b; leave b out");
    expect_move(&at, UPGRADE, "a b", "c",
                "overlap: version rows overlap: b already stands on a; leave a out");
}

Test(graph_upgrade, a_row_that_no_file_knows_means_that_the_database_is_ahead)
{
    g_auto(Case) at = case_of("a b:a");

    expect_move(
        &at, UPGRADE, "b ffff", "head",
        "unknown-revision: the database is at ffff, which no revision file here knows: the database is ahead "
        "of these files; *");
    expect_move(&at, UPGRADE, "x y", "head", "unknown-revision: the database is at x, y, which*");
    expect_move(&at, DOWNGRADE, "ffff", "base", "unknown-revision: the database is at ffff*");
}

Test(graph_upgrade, unknown_rows_have_a_code_of_their_own)
{
    g_auto(Case) at = case_of("a b:a");
    const char *const rows[] = {"zzzz", NULL};
    const char *const targets[] = {"head", NULL};
    g_autoptr(GError) error = NULL;

    cr_expect_null(revision_graph_upgrade(at.graph, rows, targets, &error));
    cr_expect(g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_ROW));
}

Test(graph_upgrade, relative_steps)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa cccc:bbbb dddd:cccc");

    expect_move(&at, UPGRADE, "", "+1", "aaaa > aaaa");
    expect_move(&at, UPGRADE, "aaaa", "+2", "bbbb cccc > cccc");
    expect_move(&at, UPGRADE, "cccc", "+2",
                "relative-short: \"+2\" leads off the graph: 1 of 2 steps reach dddd, the top");
    expect_move(&at, UPGRADE, "cccc", "-1", "relative-short: *upgrade takes +1*");
    expect_move(&at, UPGRADE, "cccc", "+0", "relative-short: *");
    expect_move(&at, UPGRADE, "aaaa", "head-1", "bbbb cccc > cccc");
    expect_move(&at, UPGRADE, "", "base+2", "aaaa bbbb > bbbb");
}

Test(graph_upgrade, relative_steps_with_several_rows_need_a_branch)
{
    g_auto(Case) at = case_of("root left:root::one right:root::two l2:left r2:right");

    expect_move(&at, UPGRADE, "left right", "+1",
                "ambiguous-relative: \"+1\" could start at any of 2 rows: left (one), right (two); type the "
                "branch as in "
                "LABEL@+1, *");
    expect_move(&at, UPGRADE, "left right", "one@+1", "l2 > right l2");
    expect_move(&at, UPGRADE, "root", "two@+2", "right r2 > r2");
    expect_move(&at, UPGRADE, "", "two@+2", "root right > right");
    expect_move(&at, UPGRADE, "left", "two@+1", "right > left right");
}

Test(graph_upgrade, rows_of_a_branch_go_before_what_else_is_applied_on_it)
{
    g_auto(Case) at = case_of("root:::shop left:root right:root l2:left other::right");

    expect_move(&at, UPGRADE, "left other", "shop@l2", "l2 > l2 other");
    expect_move(&at, UPGRADE, "left other", "l2@+1", "l2 > l2 other");
    expect_move(&at, UPGRADE, "left other", "shop@+1", "l2 > l2 other");
}

TestSuite(graph_steps);

static void expect_step(const Move *move, unsigned index, const char *wanted)
{
    const MoveStep *step = g_ptr_array_index(move->steps, index);
    g_autofree char *removed = g_strjoinv(" ", step->removed);
    g_autofree char *added = g_strjoinv(" ", step->added);
    g_autofree char *before = g_strjoinv(" ", step->before);
    g_autofree char *after = g_strjoinv(" ", step->after);
    g_autofree char *answer =
        g_strdup_printf("%s: -%s +%s [%s] [%s]", step->revision->id, removed, added, before, after);

    cr_expect_str_eq(answer, wanted);
}

Test(graph_steps, each_step_tells_what_becomes_of_the_rows)
{
    g_auto(Case) at = case_of("a b:a c:a m:b,c x::b");
    const char *const rows[] = {NULL};
    const char *const targets[] = {"heads", NULL};
    g_autoptr(Move) up = revision_graph_upgrade(at.graph, rows, targets, NULL);

    cr_assert_eq(up->steps->len, 5);
    cr_expect_eq(up->direction, DIRECTION_UP);
    expect_step(up, 0, "a: - +a [] [a]");
    expect_step(up, 1, "c: -a +c [a] [c]");
    expect_step(up, 2, "b: - +b [c] [b c]");
    expect_step(up, 3, "x: -b +x [b c] [c x]");
    expect_step(up, 4, "m: -c +m [c x] [m x]");
}

Test(graph_steps, a_downgrade_brings_rows_back_when_nothing_else_stands_on_them)
{
    g_auto(Case) at = case_of("a b:a c:a m:b,c x::b");
    const char *const rows[] = {"x", "m", NULL};
    g_autoptr(Move) down = revision_graph_downgrade(at.graph, rows, "b", NULL);

    cr_assert_eq(down->steps->len, 1);
    cr_expect_eq(down->direction, DIRECTION_DOWN);
    expect_step(down, 0, "m: -m +c [m x] [c x]");
}

Test(graph_steps, rows_that_were_wrong_before_are_right_after_a_step)
{
    g_auto(Case) at = case_of("a b:a c:b");
    const char *const rows[] = {"c", "a", "c", NULL};
    g_autoptr(Move) down = revision_graph_downgrade(at.graph, rows, "b", NULL);

    cr_assert_eq(down->steps->len, 1);
    expect_step(down, 0, "c: -a c +b [a c] [b]");
}

/* ---- Chains ---- */

/* Dense: each revision stands on some of the last few, and often on older ones by dependency. */
static Case drawn_case(GRand *random, unsigned count)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%sr%03u", i ? " " : "", i);
        if (i > 0 && g_rand_int_range(random, 0, 6) > 0)
            g_string_append_printf(text, ":r%03d", g_rand_int_range(random, MAX(0, (int)i - 3), (int)i));
        else
            g_string_append(text, ":");
        if (i > 0 && g_rand_int_range(random, 0, 2) == 0)
            g_string_append_printf(text, ":r%03d", g_rand_int_range(random, 0, (int)i));
    }
    return case_of(text->str);
}

static void must_be_rest(const Move *rest, const Move *move, unsigned first, unsigned round)
{
    if (!rest || rest->steps->len != move->steps->len - first)
        cr_assert(false, "round %u, behind %u", round, first);
    for (unsigned i = 0; i < rest->steps->len; i++) {
        const MoveStep *left = rest->steps->pdata[i], *right = move->steps->pdata[first + i];
        bool same = left->revision == right->revision &&
                    g_strv_equal((const char *const *)left->before, (const char *const *)right->before) &&
                    g_strv_equal((const char *const *)left->after, (const char *const *)right->after);
        if (!same)
            cr_assert(same, "round %u, behind %u, step %u: %s and %s", round, first, i, left->revision->id,
                      right->revision->id);
    }
}

Test(graph_steps, behind_a_chained_step_the_path_is_the_rest, .timeout = 60)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(20261124);
    const char *const base[] = {NULL}, *const heads[] = {"heads", NULL};
    unsigned chained = 0;

    for (unsigned round = 0; round < 12000; round++) {
        g_auto(Case) drawn = drawn_case(random, 3 + round % 9);
        g_autoptr(Move) move = revision_graph_upgrade(drawn.graph, base, heads, NULL);
        for (unsigned i = 0; move && i < move->chained; i++, chained++) {
            const MoveStep *step = move->steps->pdata[i];
            g_autoptr(Move) rest =
                revision_graph_upgrade(drawn.graph, (const char *const *)step->after, heads, NULL);
            must_be_rest(rest, move, i + 1, round);
        }
    }
    if (chained < 3000)
        cr_assert(false, "%u steps were chained", chained);
}

TestSuite(graph_downgrade);

Test(graph_downgrade, what_stands_on_it_goes_too_in_other_branches_as_well)
{
    g_auto(Case) at = case_of("a1 a2:a1 a3:a2 b1 b2:b1:a2 b3:b2");

    expect_move(&at, DOWNGRADE, "a3 b3", "a1", "a3 b3 b2 a2 > a1 b1");
    expect_move(&at, DOWNGRADE, "a3 b3", "b1", "b3 b2 > a3 b1");
    expect_move(&at, DOWNGRADE, "a3 b3", "base", "a3 b3 b2 b1 a2 a1 > ");
}

Test(graph_downgrade, one_branch_to_its_base)
{
    g_auto(Case) at = case_of("a1:::alpha a2:a1 b1:::beta b2:b1");

    expect_move(&at, DOWNGRADE, "a2 b2", "alpha@base", "a2 a1 > b2");
    expect_move(&at, DOWNGRADE, "a2 b2", "beta@base", "b2 b1 > a2");
}

Test(graph_downgrade, nothing_to_undo_is_refused_unless_already_there)
{
    g_auto(Case) at = case_of("a b:a c:b");

    expect_move(&at, DOWNGRADE, "b", "b", "> b");
    expect_move(&at, DOWNGRADE, "", "base", "> ");
    expect_move(
        &at, DOWNGRADE, "a", "c",
        "invalid-destination: a downgrade to \"c\" has nothing to undo from where the database is (a); *");
    expect_move(&at, DOWNGRADE, "", "a", "invalid-destination: *");
}

Test(graph_downgrade, relative_steps)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa cccc:bbbb");

    expect_move(&at, DOWNGRADE, "cccc", "-1", "cccc > bbbb");
    expect_move(&at, DOWNGRADE, "cccc", "-3", "cccc bbbb aaaa > ");
    expect_move(&at, DOWNGRADE, "cccc", "-4", "relative-short: *");
    expect_move(&at, DOWNGRADE, "", "-1", "relative-short: \"-1\" has nowhere to start: nothing is applied");
    expect_move(&at, DOWNGRADE, "cccc", "+1", "relative-short: *downgrade takes -1*");
    expect_move(&at, DOWNGRADE, "cccc", "cccc-2", "cccc bbbb > aaaa");
    expect_move(&at, DOWNGRADE, "cccc", "aaaa+1", "cccc > bbbb");
}

Test(graph_downgrade, relative_steps_with_several_rows_need_a_branch)
{
    g_auto(Case) at = case_of("root left:root::one right:root::two l2:left r2:right");

    expect_move(
        &at, DOWNGRADE, "l2 r2", "-1",
        "ambiguous-relative: \"-1\" could start at any of 2 rows: l2, r2; type the branch as in LABEL@-1, *");
    expect_move(&at, DOWNGRADE, "l2 r2", "one@-1", "l2 > left r2");
    expect_move(&at, DOWNGRADE, "l2 r2", "two@-2", "r2 right > l2");
    expect_move(&at, DOWNGRADE, "l2", "two@-1", "l2 left root > ");
}

Test(graph_downgrade, minus_one_from_a_merge_point_is_refused)
{
    g_auto(Case) at = case_of("a b:a c:a m:b,c");

    expect_move(&at, DOWNGRADE, "m", "-1", "ambiguous-walk: *");
    expect_move(&at, DOWNGRADE, "m", "b", "m > b c");
}

TestSuite(graph_stamp);

Test(graph_stamp, a_target_replaces_the_rows_of_its_branch)
{
    g_auto(Case) at = case_of("a1:::alpha a2:a1 a3:a2 b1:::beta b2:b1 c1");

    expect_move(&at, STAMP, "", "a2", "> a2");
    expect_move(&at, STAMP, "a1 b2", "a3", "> a3 b2");
    expect_move(&at, STAMP, "a3 b2", "a1", "> a1 b2");
    expect_move(&at, STAMP, "a3 b2", "a2 b1", "> a2 b1");
    expect_move(&at, STAMP, "a3 b1", "a3 b2", "> a3 b2");
    expect_move(&at, STAMP, "a3 b2", "base", "> ");
    expect_move(&at, STAMP, "a3 b2", "alpha@base", "> b2");
    expect_move(&at, STAMP, "a3", "beta@head", "> a3 b2");
    expect_move(&at, STAMP, "", "heads", "> a3 b2 c1");
}

Test(graph_stamp, purge_forgets_rows_that_may_be_unknown)
{
    g_auto(Case) at = case_of("a b:a");

    expect_move(&at, STAMP, "zzzz", "b", "unknown-revision: *");
    expect_move(&at, STAMP_PURGE, "zzzz", "b", "> b");
    expect_move(&at, STAMP_PURGE, "zzzz", "base", "> ");
}

Test(graph_stamp, rows_never_overlap)
{
    g_auto(Case) at = case_of("a b:a c:b");

    expect_move(&at, STAMP, "", "a c", "> c");
}

Test(graph_stamp, walks_are_refused_with_what_to_type)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa");

    expect_move(&at, STAMP, "aaaa", "+1",
                "unknown-revision: stamp takes a revision, not a walk such as \"+1\"; type bbbb");
    expect_move(&at, STAMP, "", "head-1", "unknown-revision: *; type aaaa");
    expect_move(&at, STAMP, "", "head-9", "unknown-revision: *; type the revision itself");
}
