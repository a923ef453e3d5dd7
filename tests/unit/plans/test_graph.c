/* The revision graph: what it refuses at load, symbols, paths, stamps, ranges; what the conformance cases do
 * not sample. */
#include "plans/graph.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A graph and the revisions under it. */
typedef struct Case {
    GPtrArray *revisions;
    Diagnostics *problems;
    RevisionGraph *graph; /* NULL if refused */
} Case;

static char **split(const char *text)
{
    return *text ? g_strsplit(text, ",", -1) : g_new0(char *, 1);
}

/* "id:parents:dependencies:labels", lists with commas, trailing parts left out. */
static Revision *revision_of(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 4);
    unsigned count = g_strv_length(parts);
    g_auto(GStrv) parents = split(count > 1 ? parts[1] : "");
    g_auto(GStrv) dependencies = split(count > 2 ? parts[2] : "");
    g_auto(GStrv) labels = split(count > 3 ? parts[3] : "");

    return revision_new(parts[0], (const char *const *)parents, (const char *const *)dependencies,
                        (const char *const *)labels);
}

/* A graph from words such as "a b:a c:a:b:label". */
static Case case_of(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    Case self = {.revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free),
                 .problems = diagnostics_new()};

    for (char **word = words; *word; word++) {
        Revision *revision = revision_of(*word);
        revision->file = g_strdup_printf("versions/%s_%u.sql", revision->id, self.revisions->len + 1);
        revision->places.id = (SourcePlace){revision->file, 1, 14};
        revision->places.revises = (SourcePlace){revision->file, 2, 13};
        revision->places.depends_on = (SourcePlace){revision->file, 3, 16};
        revision->places.labels = (SourcePlace){revision->file, 4, 12};
        g_ptr_array_add(self.revisions, revision);
    }
    self.graph = revision_graph_new(self.revisions, self.problems);
    return self;
}

static void case_clear(Case *self)
{
    revision_graph_free(self->graph);
    diagnostics_free(self->problems);
    g_ptr_array_unref(self->revisions);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static void expect_refused_load(const char *text, const char *wanted)
{
    g_auto(Case) load = case_of(text);
    g_autofree char *told = diagnostics_to_string(load.problems);

    cr_expect_null(load.graph);
    cr_expect(strstr(told, wanted), "wanted: %s\ntold: %s", wanted, told);
}

static char *ids_of(GPtrArray *taken)
{
    g_autoptr(GPtrArray) revisions = taken;
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; revisions && i < revisions->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               ((const Revision *)g_ptr_array_index(revisions, i))->id);
    return g_string_free(text, FALSE);
}

static void expect_ids(GPtrArray *taken, const char *wanted)
{
    g_autofree char *ids = ids_of(taken);

    cr_expect_str_eq(ids, wanted);
}

static char **rows_of(const char *text)
{
    return *text ? g_strsplit(text, " ", -1) : g_new0(char *, 1);
}

/* "steps > rows" of a path, or "name: message" of the refusal. */
static char *told(Move *taken, const GError *error)
{
    g_autoptr(Move) move = taken;

    if (!move)
        return g_strdup_printf("%s: %s", graph_error_name((GraphError)error->code), error->message);
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < move->steps->len; i++)
        g_string_append_printf(text, "%s ",
                               ((const MoveStep *)g_ptr_array_index(move->steps, i))->revision->id);
    g_autofree char *rows = g_strjoinv(" ", move->rows);
    g_string_append_printf(text, "> %s", rows);
    return g_string_free(text, FALSE);
}

typedef enum Verb { UPGRADE, DOWNGRADE, STAMP, STAMP_PURGE } Verb;

static char *run(const Case *self, Verb verb, const char *rows, const char *target)
{
    g_auto(GStrv) now = rows_of(rows);
    g_auto(GStrv) targets = rows_of(target);
    const char *const *from = (const char *const *)now;
    const char *const *to = (const char *const *)targets;
    g_autoptr(GError) error = NULL;
    Move *move = NULL;

    if (verb == UPGRADE)
        move = revision_graph_upgrade(self->graph, from, to, &error);
    else if (verb == DOWNGRADE)
        move = revision_graph_downgrade(self->graph, from, target, &error);
    else
        move = revision_graph_stamp(self->graph, from, to, verb == STAMP_PURGE, &error);
    return told(move, error);
}

/* The path must be as wanted; a wanted text that ends in "*" is how it must begin. */
static void expect_move(const Case *self, Verb verb, const char *rows, const char *target, const char *wanted)
{
    g_autofree char *answer = run(self, verb, rows, target);

    cr_expect(g_pattern_match_simple(wanted, answer), "%s from \"%s\"\nwanted: %s\ntold:   %s", target, rows,
              wanted, answer);
}

static void expect_resolved(const Case *self, const char *symbol, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *found = revision_graph_resolve(self->graph, symbol, NULL, &error);
    g_autofree char *answer =
        found ? ids_of(found)
              : g_strdup_printf("%s: %s", graph_error_name((GraphError)error->code), error->message);

    cr_expect(g_pattern_match_simple(wanted, answer), "%s\nwanted: %s\ntold:   %s", symbol, wanted, answer);
}

static void expect_range(const Case *self, const char *range, const char *rows, const char *wanted)
{
    g_auto(GStrv) now = rows ? rows_of(rows) : NULL;
    g_autoptr(GError) error = NULL;
    GPtrArray *found = revision_graph_range(self->graph, range, (const char *const *)now, &error);
    g_autofree char *answer =
        found ? ids_of(found)
              : g_strdup_printf("%s: %s", graph_error_name((GraphError)error->code), error->message);

    cr_expect(g_pattern_match_simple(wanted, answer), "%s\nwanted: %s\ntold:   %s", range, wanted, answer);
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

TestSuite(graph_sets);

Test(graph_sets, applied_is_rows_and_all_below)
{
    g_auto(Case) at = case_of(DIAMOND);
    const char *const rows[] = {"dddd", NULL};
    g_autoptr(GPtrArray) applied = revision_graph_applied(at.graph, rows, NULL);
    g_auto(GStrv) back = revision_graph_rows(at.graph, applied);

    expect_ids(g_ptr_array_ref(applied), "aaaa cccc dddd");
    cr_expect_eq(g_strv_length(back), 1);
    cr_expect_str_eq(back[0], "dddd");
}

Test(graph_sets, history_lists_descendants_first)
{
    g_auto(Case) at = case_of(DIAMOND);

    expect_ids(revision_graph_topological(at.graph), "dddd eeee mmmm bbbb cccc aaaa");
}

/* Graphs drawn at random, from a seed: each revision stands on some of those before it. */
static Case random_case(GRand *random, unsigned count)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%sr%03u:", i > 0 ? " " : "", i);
        if (i > 0 && g_rand_int_range(random, 0, 8) > 0) {
            int parent = g_rand_int_range(random, MAX(0, (int)i - 4), (int)i);
            g_string_append_printf(text, "r%03d", parent);
            if (parent > 0 && g_rand_int_range(random, 0, 5) == 0)
                g_string_append_printf(text, ",r%03d", g_rand_int_range(random, 0, parent));
        }
        if (i > 0 && g_rand_int_range(random, 0, 4) == 0)
            g_string_append_printf(text, ":r%03d", g_rand_int_range(random, 0, (int)i));
    }
    Case drawn = case_of(text->str);
    g_string_free(text, TRUE);
    return drawn;
}

/* After each step the rows must be those of the set that is applied by then, and the set must always be
 * closed. */
static void follow_rows(const Case *self, const Move *move, GPtrArray *applied)
{
    for (unsigned i = 0; i < move->steps->len; i++) {
        const MoveStep *step = g_ptr_array_index(move->steps, i);

        if (move->direction == DIRECTION_UP)
            g_ptr_array_add(applied, (gpointer)step->revision);
        else
            cr_assert(g_ptr_array_remove(applied, (gpointer)step->revision));
        g_auto(GStrv) rows = revision_graph_rows(self->graph, applied);
        g_autoptr(GPtrArray) closed = revision_graph_applied(self->graph, (const char *const *)rows, NULL);
        cr_assert(g_strv_equal((const char *const *)rows, (const char *const *)step->after));
        cr_assert_eq(closed->len, applied->len);
    }
}

Test(graph_sets, rows_along_any_path_are_those_of_the_applied_set)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(20261122);
    const char *const none[] = {NULL};
    const char *const heads[] = {"heads", NULL};

    for (unsigned i = 0; i < 200; i++) {
        g_auto(Case) drawn = random_case(random, 30);
        g_autoptr(GPtrArray) applied = g_ptr_array_new();
        g_autoptr(Move) up = revision_graph_upgrade(drawn.graph, none, heads, NULL);
        g_autofree char *target = g_strdup_printf("r%03d", g_rand_int_range(random, 0, 29));

        cr_assert_eq(up->steps->len, 30);
        follow_rows(&drawn, up, applied);
        g_autoptr(Move) down =
            revision_graph_downgrade(drawn.graph, (const char *const *)up->rows, target, NULL);
        if (down)
            follow_rows(&drawn, down, applied);
    }
}

TestSuite(graph_size);

/* A chain r0 <- r1 <- …; with `width` chains side by side, and each revision of the second depending on the
 * one beside it. */
static Case chain_of(unsigned length, unsigned width)
{
    Case self = {.revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free),
                 .problems = diagnostics_new()};

    for (unsigned i = 0; i < length; i++) {
        for (unsigned branch = 0; branch < width; branch++) {
            g_autofree char *id = g_strdup_printf("r%ux%u", i, branch);
            g_autofree char *parent = g_strdup_printf("r%ux%u", i - 1, branch);
            g_autofree char *beside = g_strdup_printf("r%ux%u", i, branch - 1);
            const char *const parents[] = {i > 0 ? parent : NULL, NULL};
            const char *const dependencies[] = {branch > 0 ? beside : NULL, NULL};
            g_ptr_array_add(self.revisions, revision_new(id, parents, dependencies, NULL));
        }
    }
    self.graph = revision_graph_new(self.revisions, self.problems);
    return self;
}

Test(graph_size, five_thousand_revisions_take_milliseconds)
{
    g_auto(Case) at = chain_of(5000, 1);
    const char *const none[] = {NULL};
    const char *const targets[] = {"head", NULL};
    gint64 start = g_get_monotonic_time();
    g_autoptr(Move) up = revision_graph_upgrade(at.graph, none, targets, NULL);
    gint64 took = g_get_monotonic_time() - start;

    cr_assert_eq(up->steps->len, 5000);
    cr_expect_lt(took, G_USEC_PER_SEC / 2, "took %" G_GINT64_FORMAT " us", took);
}

Test(graph_size, branches_that_depend_on_each_other_take_milliseconds_too)
{
    g_auto(Case) at = chain_of(500, 10);
    const char *const none[] = {NULL};
    const char *const targets[] = {"heads", NULL};
    gint64 start = g_get_monotonic_time();
    g_autoptr(Move) up = revision_graph_upgrade(at.graph, none, targets, NULL);
    gint64 took = g_get_monotonic_time() - start;

    cr_assert_eq(up->steps->len, 5000);
    cr_expect_lt(took, G_USEC_PER_SEC, "took %" G_GINT64_FORMAT " us", took);
}

Test(graph_size, a_hundred_thousand_in_a_chain_need_no_deep_stack)
{
    g_auto(Case) at = chain_of(100000, 1);
    const char *const none[] = {NULL};
    const char *const targets[] = {"head", NULL};
    g_autoptr(Move) up = revision_graph_upgrade(at.graph, none, targets, NULL);
    g_autoptr(Move) down = revision_graph_downgrade(at.graph, (const char *const *)up->rows, "base", NULL);

    cr_expect_eq(up->steps->len, 100000);
    cr_expect_eq(down->steps->len, 100000);
}
