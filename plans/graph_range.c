/* Ranges "a:b": what "history -r" lists, and the two sides that "--sql a:b" starts from.
 * Refuses a lower side that is not below the upper one. Pure: any thread. */
#include "plans/graph_internal.h"

#include <string.h>

bool revision_range_split(const char *range, char **from, char **to)
{
    const char *colon = strchr(range, ':');

    if (!colon)
        return false;
    *from = g_strndup(range, (gsize)(colon - range));
    *to = g_strdup(colon + 1);
    return true;
}

static GArray *list_copy(const GArray *list)
{
    return g_array_copy((GArray *)list);
}

/* The upper side; a walk without a name starts at the lower one, which then must be plain. */
static GArray *upper_side(const RevisionGraph *self, const char *side, const char *lower, const GArray *rows,
                          GError **error)
{
    g_auto(Symbol) symbol = {0};
    g_auto(Symbol) start = {0};
    g_autoptr(GArray) from = NULL;

    if (*side == '\0')
        return graph_heads(self, EDGES_ALL);
    if (strcmp(side, "current") == 0)
        return list_copy(rows);
    if (!symbol_parse(side, &symbol, error))
        return NULL;
    if (!symbol.walks || symbol.name || strcmp(lower, "current") == 0)
        return graph_upgrade_targets(self, &symbol, rows, true, error);
    if (!symbol_parse(*lower ? lower : "base", &start, error))
        return NULL;
    from = graph_upgrade_targets(self, &start, rows, true, error);
    return from ? graph_upgrade_targets(self, &symbol, from, true, error) : NULL;
}

/* The lower side; a walk without a name starts at the upper one. */
static GArray *lower_side(const RevisionGraph *self, const char *side, const GArray *upper,
                          const GArray *rows, GError **error)
{
    g_auto(Symbol) symbol = {0};
    Destination destination;

    if (*side == '\0')
        return index_list_new();
    if (strcmp(side, "current") == 0)
        return list_copy(rows);
    if (!symbol_parse(side, &symbol, error))
        return NULL;
    if (!symbol.walks)
        return graph_resolve_name(self, &symbol, error);
    if (!graph_downgrade_target(self, &symbol, upper, true, &destination, error))
        return NULL;
    return index_list_of(destination.target);
}

/* A lower side L@base or L@rev leaves the other branches out of the upper side. */
static bool keep_branch(const RevisionGraph *self, const char *lower, GArray *upper, GError **error)
{
    g_auto(Symbol) symbol = {0};

    if (!strchr(lower, '@'))
        return true;
    if (!symbol_parse(lower, &symbol, error))
        return false;
    g_autoptr(IndexSet) lineage = graph_branch_lineage(self, symbol.branch, lower, NULL, error);
    if (!lineage)
        return false;
    for (unsigned i = upper->len; i > 0; i--)
        if (!index_set_has(lineage, index_list_at(upper, i - 1)))
            g_array_remove_index(upper, i - 1);
    return true;
}

static bool check_below(const RevisionGraph *self, const char *range, const GArray *lower,
                        const IndexSet *set, GError **error)
{
    for (unsigned i = 0; i < lower->len; i++) {
        if (index_set_has(set, index_list_at(lower, i)))
            continue;
        g_set_error(
            error, GRAPH_ERROR, GRAPH_ERROR_BAD_RANGE,
            "range \"%s\": %s is not below the other side; write the older revision first, as in OLD:NEW",
            range, graph_revision(self, index_list_at(lower, i))->id);
        return false;
    }
    return true;
}

/* Of a set, what descends from the lower side over parent edges. Put in order together with what stands
 * between by dependencies. */
static GArray *order_above(const RevisionGraph *self, const IndexSet *set, const GArray *lower)
{
    g_autoptr(IndexSet) between = graph_with_descendants(self, lower, EDGES_ALL);
    g_autoptr(IndexSet) wanted = graph_with_descendants(self, lower, EDGES_PARENTS);

    index_set_intersect(between, set);
    g_autoptr(GArray) order = graph_order(self, between);
    return index_list_within(order, wanted);
}

static GPtrArray *range_between(const RevisionGraph *self, const char *range, const char *from,
                                const char *to, const GArray *rows, GError **error)
{
    g_autoptr(GArray) upper = upper_side(self, to, from, rows, error);
    g_autoptr(GArray) lower = NULL;

    if (!upper || !keep_branch(self, from, upper, error))
        return NULL;
    lower = lower_side(self, from, upper, rows, error);
    if (!lower)
        return NULL;
    g_autoptr(IndexSet) set = graph_with_ancestors(self, upper, EDGES_ALL);
    if (!check_below(self, range, lower, set, error))
        return NULL;
    g_autoptr(GArray) order = lower->len > 0 ? order_above(self, set, lower) : graph_order(self, set);
    return index_list_revisions(order, self);
}

GPtrArray *revision_graph_range(const RevisionGraph *self, const char *range, const char *const *rows,
                                GError **error)
{
    g_autofree char *from = NULL;
    g_autofree char *to = NULL;

    if (!revision_range_split(range, &from, &to) || strchr(to, ':')) {
        g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_BAD_RANGE,
                    "\"%s\" is no range; write FROM:TO, FROM: or :TO", range);
        return NULL;
    }
    if (!rows && (strcmp(from, "current") == 0 || strcmp(to, "current") == 0)) {
        g_set_error(
            error, GRAPH_ERROR, GRAPH_ERROR_BAD_RANGE,
            "range \"%s\" says current, and no database is asked here; name one with --url or --limit",
            range);
        return NULL;
    }
    g_autoptr(GArray) here = graph_rows(self, rows, error);
    return here ? range_between(self, range, from, to, here, error) : NULL;
}
