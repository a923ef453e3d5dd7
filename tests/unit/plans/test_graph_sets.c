/* Applied sets, rows along any path, and graphs of size. */
#include "graph_case.h"

#include <time.h>

#define DIAMOND "aaaa bbbb:aaaa::left cccc:aaaa::right mmmm:bbbb,cccc dddd::right eeee:mmmm"

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
    clock_t start = clock();
    g_autoptr(Move) up = revision_graph_upgrade(at.graph, none, targets, NULL);
    double took = (double)(clock() - start) / CLOCKS_PER_SEC;

    cr_assert_eq(up->steps->len, 5000);
    cr_expect_lt(took, 10.0, "took %f s of processor time", took);
}

Test(graph_size, branches_that_depend_on_each_other_take_milliseconds_too)
{
    g_auto(Case) at = chain_of(500, 10);
    const char *const none[] = {NULL};
    const char *const targets[] = {"heads", NULL};
    clock_t start = clock();
    g_autoptr(Move) up = revision_graph_upgrade(at.graph, none, targets, NULL);
    double took = (double)(clock() - start) / CLOCKS_PER_SEC;

    cr_assert_eq(up->steps->len, 5000);
    cr_expect_lt(took, 10.0, "took %f s of processor time", took);
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
