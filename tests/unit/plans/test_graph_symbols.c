/* Symbols and ranges: what is found, what is refused, and what is said then. */
#include "graph_case.h"

/* a branches to b and c; b and c merge in m; d is a base of its own that depends on c; e stands on m. */
#define DIAMOND "aaaa bbbb:aaaa::left cccc:aaaa::right mmmm:bbbb,cccc dddd::right eeee:mmmm"

TestSuite(graph_symbols);

Test(graph_symbols, names)
{
    g_auto(Case) at = case_of(DIAMOND);

    expect_resolved(&at, "mmmm", "mmmm");
    expect_resolved(&at, "mm", "mmmm");
    expect_resolved(&at, "left", "bbbb");
    expect_resolved(&at, "rig", "cccc");
    expect_resolved(&at, "heads", "dddd eeee");
    expect_resolved(&at, "base", "");
    expect_resolved(&at, "left@head", "eeee");
    expect_resolved(&at, "dd@heads", "dddd");
    expect_resolved(&at, "left@base", "");
    expect_resolved(&at, "left@mmmm", "mmmm");
}

Test(graph_symbols, walks)
{
    g_auto(Case) at = case_of(DIAMOND);

    expect_resolved(&at, "eeee-1", "mmmm");
    expect_resolved(&at, "right-1", "aaaa");
    expect_resolved(&at, "right-2", "");
    expect_resolved(&at, "right-3",
                    "walked-too-far: \"right-3\" leads off the graph: 2 of 3 steps reach base, the bottom");
    expect_resolved(&at, "left+2", "eeee");
    expect_resolved(&at, "left+3", "walked-too-far: *2 of 3 steps reach eeee, the top");
    expect_resolved(&at, "left@aaaa+1", "bbbb");
    expect_resolved(&at, "dddd+0", "dddd");
    expect_resolved(&at, "left@head-1", "mmmm");
    expect_resolved(&at, "left+99999999999999999999", "walked-too-far: *");
}

Test(graph_symbols, a_walk_follows_no_dependency)
{
    g_auto(Case) at = case_of(DIAMOND);

    expect_resolved(&at, "dddd-1", "");
    expect_resolved(&at, "right@aaaa+2", "mmmm");
}

Test(graph_symbols, forks_are_refused_naming_the_ways)
{
    g_auto(Case) at = case_of(DIAMOND);

    expect_resolved(&at, "aaaa+1",
                    "ambiguous-walk: \"aaaa+1\" can go 2 ways up from aaaa: bbbb (left), cccc (right); *");
    expect_resolved(&at, "mmmm-1",
                    "ambiguous-walk: *down from mmmm: bbbb (left), cccc (right); type the revision you mean");
    expect_resolved(&at, "base+1", "ambiguous-walk: *up from base: aaaa, dddd; *");
}

Test(graph_symbols, several_heads_are_listed_with_their_labels)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa::left cccc:aaaa");

    expect_resolved(&at, "head",
                    "multiple-heads: \"head\" could be any of 2 heads: bbbb (left), cccc; type one of these, "
                    "LABEL@head, or heads for all");
    expect_resolved(&at, "head-1", "multiple-heads: *");
    expect_resolved(&at, "aaaa@head", "multiple-heads: *");
}

Test(graph_symbols, long_lists_in_messages_are_cut)
{
    g_auto(Case) at = case_of("r01 r02 r03 r04 r05 r06 r07 r08 r09 r10");

    expect_resolved(&at, "head", "*any of 10 heads: r01, r02, r03, r04, r05, r06, r07, r08 and 2 more; *");
}

Test(graph_symbols, partial_ids)
{
    g_auto(Case) at = case_of("abcd1 abcd2:abcd1 abc:abcd2 abe:abc::abcdlabel xyz9::: xyz:xyz9");

    expect_resolved(&at, "abcd", "unknown-revision: \"abcd\" could be any of abcd1, abcd2, abcdlabel; *");
    expect_resolved(&at, "abcdl", "abe");
    expect_resolved(&at, "abc", "abc");
    expect_resolved(&at, "ab", "unknown-revision: \"ab\" could be any of abcd1, abcd2, abcdlabel; *");
    expect_resolved(&at, "xy", "xyz9");
    expect_resolved(&at, "xyz", "xyz");
}

Test(graph_symbols, partial_ids_are_looked_for_on_the_branch_first)
{
    g_auto(Case) at = case_of("root left:root::one right:root::two abcd1:left abcd2:right");

    expect_resolved(&at, "abcd", "unknown-revision: *");
    expect_resolved(&at, "one@abcd", "abcd1");
    expect_resolved(&at, "two@abcd", "abcd2");
    expect_resolved(&at, "two@abcd1",
                    "unknown-revision: abcd1 is on another branch than \"two@abcd1\" says; *");
}

Test(graph_symbols, unknown_names_suggest)
{
    g_auto(Case) at = case_of("abcdef bcdefa:abcdef::shop");

    expect_resolved(
        &at, "abcdxf",
        "unknown-revision: no revision or label is or starts with \"abcdxf\"; did you mean abcdef?");
    expect_resolved(&at, "shpo@head", "unknown-revision: *\"shpo\" (in \"shpo@head\"); did you mean shop?");
    expect_resolved(&at, "zzzzzzzz", "unknown-revision: *\"dbfleet history\" lists what there is");
}

Test(graph_symbols, what_is_no_symbol_is_refused)
{
    static const char *const BAD[] = {"",         "@",        "@head",  "a@",       "a@b@c", "+",     "-",
                                      "a+",       "a+x",      "+1x",    "a:b",      ":",     "a+1+1", "+1@a",
                                      "a-1@b",    "a@b@head", "+ 1",    "current",  "-+1",   "a@+",   "a--1",
                                      "\xff\xfe", "%s%n",     "head@a", "base@head"};
    g_auto(Case) at = case_of("aaaa bbbb:aaaa");

    for (unsigned i = 0; i < G_N_ELEMENTS(BAD); i++)
        expect_resolved(&at, BAD[i], "unknown-revision: *");
}

Test(graph_symbols, a_walk_from_the_database_needs_one)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa cccc:bbbb");
    const char *const rows[] = {"bbbb", NULL};

    expect_resolved(&at, "+1", "relative-short: *");
    expect_ids(revision_graph_resolve(at.graph, "+1", rows, NULL), "cccc");
    expect_ids(revision_graph_resolve(at.graph, "-1", rows, NULL), "aaaa");
    expect_ids(revision_graph_resolve(at.graph, "-2", rows, NULL), "");
    expect_ids(revision_graph_resolve(at.graph, "current", rows, NULL), "bbbb");
}

TestSuite(graph_ranges);

Test(graph_ranges, history)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa cccc:bbbb dddd:cccc xxxx");

    expect_range(&at, "bbbb:dddd", NULL, "dddd cccc bbbb");
    expect_range(&at, "bbbb:", NULL, "dddd cccc bbbb");
    expect_range(&at, ":bbbb", NULL, "bbbb aaaa");
    expect_range(&at, ":", NULL, "dddd cccc bbbb aaaa xxxx");
    expect_range(&at, "base:heads", NULL, "dddd cccc bbbb aaaa xxxx");
    expect_range(&at, "cccc:cccc", NULL, "cccc");
    expect_range(&at, "aaaa@base:", NULL, "dddd cccc bbbb aaaa");
}

Test(graph_ranges, from_where_the_database_is)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa cccc:bbbb dddd:cccc");

    expect_range(&at, "current:", "cccc", "dddd cccc");
    expect_range(&at, ":current", "bbbb", "bbbb aaaa");
    expect_range(&at, "-1:current", "cccc", "cccc bbbb");
    expect_range(&at, "current:+1", "bbbb", "cccc bbbb");
    expect_range(&at, ":current", "", "");
    expect_range(&at, "current:", NULL, "bad-range: *says current, and no database*");
}

Test(graph_ranges, walks_clamp)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa cccc:bbbb");

    expect_range(&at, "-2:", NULL, "cccc bbbb aaaa");
    expect_range(&at, "-9:", NULL, "cccc bbbb aaaa");
    expect_range(&at, "bbbb:+9", NULL, "cccc bbbb");
    expect_range(&at, "aaaa:+1", NULL, "bbbb aaaa");
    expect_range(&at, ":+1", NULL, "aaaa");
}

Test(graph_ranges, what_is_no_range_is_refused)
{
    g_auto(Case) at = case_of("aaaa bbbb:aaaa cccc");

    expect_range(&at, "aaaa", NULL, "bad-range: \"aaaa\" is no range; write FROM:TO, FROM: or :TO");
    expect_range(&at, "a:b:c", NULL, "bad-range: *");
    expect_range(&at, "bbbb:aaaa", NULL,
                 "bad-range: range \"bbbb:aaaa\": bbbb is not below the other side; *");
    expect_range(&at, "aaaa:cccc", NULL, "bad-range: *");
    expect_range(&at, "zzzz:", NULL, "unknown-revision: *");
    expect_range(&at, ":head", NULL, "multiple-heads: *");
}

Test(graph_ranges, sides_are_split_at_the_colon)
{
    g_autofree char *from = NULL;
    g_autofree char *to = NULL;

    cr_expect_not(revision_range_split("aaaa", &from, &to));
    cr_expect_null(from);
    cr_expect(revision_range_split("aaaa:", &from, &to));
    cr_expect_str_eq(from, "aaaa");
    cr_expect_str_eq(to, "");
}
