/* The revision graph at load: what it refuses, and how its parts are read. */
#include "graph_case.h"

static void expect_refused_load(const char *text, const char *wanted)
{
    g_auto(Case) load = case_of(text);
    g_autofree char *told = diagnostics_to_string(load.problems);

    cr_expect_null(load.graph);
    cr_expect(strstr(told, wanted), "wanted: %s\ntold: %s", wanted, told);
}

TestSuite(graph_load);

Test(graph_load, a_circle_of_parents_is_refused_naming_its_files)
{
    expect_refused_load(
        "a b:a,d c:b d:c",
        "versions/b_2.sql:2:13: error: revisions stand on each other in a circle: b (versions/b_2.sql) "
        "-> d (versions/d_4.sql) -> c (versions/c_3.sql) -> b;");
}

Test(graph_load, a_circle_through_dependencies_is_refused)
{
    expect_refused_load("a::b b:c c:a", "in a circle: a (versions/a_1.sql) -> b");
    expect_refused_load("a::lb b:a::lb", "in a circle: ");
}

Test(graph_load, every_circle_is_told_once)
{
    g_auto(Case) load = case_of("a:b b:a c:d d:c e:a,c");

    cr_expect_eq(diagnostics_count(load.problems, DIAGNOSTIC_ERROR), 2);
}

Test(graph_load, standing_on_itself_is_refused)
{
    expect_refused_load("a:a", "versions/a_1.sql:2:13: error: revision a revises itself");
    expect_refused_load("a::a", "versions/a_1.sql:3:16: error: revision a depends on itself");
    expect_refused_load("a::l:l", "revision a depends on itself");
}

Test(graph_load, an_id_twice_is_refused_naming_both_files)
{
    expect_refused_load("a b:a a:b",
                        "versions/a_3.sql:1:14: error: revision a exists already: a (versions/a_1.sql)");
}

Test(graph_load, missing_parents_and_dependencies_are_refused)
{
    expect_refused_load("abcdef b:abcdeg",
                        "versions/b_2.sql:2:13: error: revision b revises abcdeg, which no file "
                        "here is; did you mean abcdef?");
    expect_refused_load("a b:a:zzzz",
                        "versions/b_2.sql:3:16: error: revision b depends on zzzz, which no file");
}

Test(graph_load, a_parent_is_an_id_and_no_label)
{
    expect_refused_load("a:::shop b:shop", "revision b revises shop, which is a label; write the id a");
}

Test(graph_load, labels_are_unique_and_no_ids)
{
    expect_refused_load("a:::l b:a::l",
                        "versions/b_2.sql:4:12: error: label \"l\" of revision b is already a label of "
                        "revision a (versions/a_1.sql)");
    expect_refused_load("a b:a::a", "label \"a\" of revision b is the id of revision a (versions/a_1.sql)");
}

Test(graph_load, illegal_names_are_refused)
{
    expect_refused_load("a-b", "revision id \"a-b\" holds a \"-\"");
    expect_refused_load("head", "revision id \"head\" is a word with a meaning");
    expect_refused_load("a:::x@y", "label \"x@y\" of revision a holds a \"@\"");
}

Test(graph_load, everything_wrong_is_told_at_once)
{
    g_auto(Case) load = case_of("a:x b:y::l c:::l a d:d");

    cr_expect_null(load.graph);
    cr_expect_eq(diagnostics_count(load.problems, DIAGNOSTIC_ERROR), 5);
}

Test(graph_load, no_revisions_are_a_graph)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Case empty = {.graph = revision_graph_new(none, problems)};

    cr_assert_not_null(empty.graph);
    expect_ids(revision_graph_heads(empty.graph), "");
    expect_move(&empty, UPGRADE, "", "head", "> ");
    expect_move(&empty, UPGRADE, "", "heads", "> ");
    expect_move(&empty, DOWNGRADE, "", "base", "> ");
    expect_move(&empty, UPGRADE, "", "+1", "relative-short: *");
    expect_move(&empty, UPGRADE, "x", "head", "unknown-revision: *");
    revision_graph_free(empty.graph);
}

TestSuite(graph_read);

/* a branches to b and c; b and c merge in m; d is a base of its own that depends on c; e stands on m. */
#define DIAMOND "aaaa bbbb:aaaa::left cccc:aaaa::right mmmm:bbbb,cccc dddd::right eeee:mmmm"

Test(graph_read, neighbours_heads_and_bases)
{
    g_auto(Case) at = case_of(DIAMOND);
    const Revision *a = revision_graph_find(at.graph, "aaaa");
    const Revision *m = revision_graph_find(at.graph, "mmmm");
    const Revision *d = revision_graph_find(at.graph, "dddd");

    cr_expect_eq(revision_graph_length(at.graph), 6);
    cr_expect_eq(revision_graph_at(at.graph, 3), m);
    cr_expect_null(revision_graph_find(at.graph, "left"));
    expect_ids(revision_graph_heads(at.graph), "dddd eeee");
    expect_ids(revision_graph_bases(at.graph), "aaaa dddd");
    expect_ids(revision_graph_children(at.graph, a), "bbbb cccc");
    expect_ids(revision_graph_parents(at.graph, m), "bbbb cccc");
    expect_ids(revision_graph_dependencies(at.graph, d), "cccc");
    cr_expect(revision_graph_is_branch_point(at.graph, a));
    cr_expect_not(revision_graph_is_branch_point(at.graph, m));
    cr_expect(revision_graph_is_merge_point(at.graph, m));
    cr_expect(revision_graph_is_head(at.graph, d));
}

Test(graph_read, an_effective_head_is_nobodys_dependency_either)
{
    g_auto(Case) at = case_of("a b:a c d:c:b");

    expect_ids(revision_graph_heads(at.graph), "b d");
    expect_ids(revision_graph_effective_heads(at.graph), "d");
}

static void expect_labels(const Case *self, const char *id, const char *wanted)
{
    g_auto(GStrv) labels = revision_graph_labels(self->graph, revision_graph_find(self->graph, id));
    g_autofree char *joined = g_strjoinv(" ", labels);

    cr_expect_str_eq(joined, wanted, "%s: %s", id, joined);
}

Test(graph_read, a_label_reaches_descendants_and_back_to_the_branch_point)
{
    g_auto(Case) at = case_of("a b:a c:b d:c::shop e:d f:a g:e,f h::e");

    expect_labels(&at, "a", "");
    expect_labels(&at, "b", "shop");
    expect_labels(&at, "c", "shop");
    expect_labels(&at, "e", "shop");
    expect_labels(&at, "f", "");
    expect_labels(&at, "g", "shop");
    expect_labels(&at, "h", "");
}

Test(graph_read, a_label_on_a_branch_point_reaches_descendants_only)
{
    g_auto(Case) at = case_of("a b:a::shop c:b d:b");

    expect_labels(&at, "a", "");
    expect_labels(&at, "b", "shop");
    expect_labels(&at, "d", "shop");
}

Test(graph_read, a_label_does_not_reach_back_past_what_another_branch_depends_on)
{
    g_auto(Case) at = case_of("a b:a c:b::shop d::b");

    expect_labels(&at, "a", "");
    expect_labels(&at, "b", "");
    expect_labels(&at, "d", "");
}

Test(graph_read, a_parent_named_twice_is_one_parent)
{
    g_auto(Case) at = case_of("a b:a,a:a,a");

    expect_ids(revision_graph_children(at.graph, revision_graph_find(at.graph, "a")), "b");
    expect_ids(revision_graph_dependencies(at.graph, revision_graph_find(at.graph, "b")), "a");
    cr_expect_not(revision_graph_is_merge_point(at.graph, revision_graph_find(at.graph, "b")));
    expect_move(&at, UPGRADE, "", "head", "a b > b");
    expect_move(&at, DOWNGRADE, "b", "base", "b a > ");
}
