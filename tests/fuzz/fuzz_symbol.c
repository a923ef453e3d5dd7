/* Any bytes as a symbol or a range on a small graph with branches, merges, labels and dependencies: a path or
 * an error, never both, never neither, and a path that can be followed. */
#include "plans/graph.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* id, parents, dependencies, label */
static const char *const REVISIONS[][4] = {
    {"abcd1", "", "", ""},           {"abcd2", "abcd1", "", "left"},  {"abcd3", "abcd1", "", "right"},
    {"mmmm", "abcd2,abcd3", "", ""}, {"nnnn", "", "left", "billing"}, {"oooo", "nnnn", "mmmm", ""},
    {"pppp", "abcd3", "", ""},
};

static char **split(const char *text)
{
    return *text ? g_strsplit(text, ",", -1) : g_new0(char *, 1);
}

static RevisionGraph *make_graph(void)
{
    g_autoptr(GPtrArray) revisions = g_ptr_array_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();

    for (size_t i = 0; i < G_N_ELEMENTS(REVISIONS); i++) {
        g_auto(GStrv) parents = split(REVISIONS[i][1]);
        g_auto(GStrv) dependencies = split(REVISIONS[i][2]);
        g_auto(GStrv) labels = split(REVISIONS[i][3]);
        g_ptr_array_add(revisions,
                        revision_new(REVISIONS[i][0], (const char *const *)parents,
                                     (const char *const *)dependencies, (const char *const *)labels));
    }
    return revision_graph_new(revisions, problems);
}

static void check_move(const RevisionGraph *graph, Move *taken, GError *given)
{
    g_autoptr(Move) move = taken;
    g_autoptr(GError) error = given;

    if ((move == NULL) == (error == NULL))
        abort();
    g_autoptr(GPtrArray) applied =
        move ? revision_graph_applied(graph, (const char *const *)move->rows, NULL) : g_ptr_array_new();
    if (!applied)
        abort();
}

static void check_list(GPtrArray *taken, GError *given)
{
    g_autoptr(GPtrArray) list = taken;
    g_autoptr(GError) error = given;

    if ((list == NULL) == (error == NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ROWS[][3] = {
        {NULL}, {"abcd2", "abcd3", NULL}, {"oooo", NULL}, {"mmmm", "nnnn", NULL}};
    static RevisionGraph *graph;
    g_autofree char *symbol = g_strndup((const char *)data, size);
    const char *const targets[] = {symbol, NULL};

    if (!graph)
        graph = make_graph();
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        GError *error[5] = {NULL};
        Move *up = revision_graph_upgrade(graph, ROWS[i], targets, &error[0]);
        Move *down = revision_graph_downgrade(graph, ROWS[i], symbol, &error[1]);
        Move *stamp = revision_graph_stamp(graph, ROWS[i], targets, i % 2 == 0, &error[2]);
        GPtrArray *named = revision_graph_resolve(graph, symbol, ROWS[i], &error[3]);
        GPtrArray *range = revision_graph_range(graph, symbol, ROWS[i], &error[4]);

        check_move(graph, up, error[0]);
        check_move(graph, down, error[1]);
        check_move(graph, stamp, error[2]);
        check_list(named, error[3]);
        check_list(range, error[4]);
    }
    return 0;
}
