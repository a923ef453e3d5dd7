/* Status view: the fleet counted by heads and group, the exceptions after it. */
#include "base/json_out.h"
#include "base/text_table.h"
#include "report/exceptions_internal.h"
#include "report/status_view_internal.h"
#include "report/style_internal.h"
#include <string.h>

/* Targets with the same heads in the same group. */
typedef struct Cell {
    char *heads; /* "base" when there is none */
    const char *group;
    const char *standing;
    const Revision *revision; /* of a single head; NULL */
    unsigned count;
} Cell;

static void cell_free(Cell *self)
{
    g_free(self->heads);
    g_free(self);
}

/* True if dbfleet itself applied the row here: the files of whoever did were newer than these. */
static bool was_applied_here(const TargetState *state, const char *row)
{
    for (guint i = 0; i < state->history->len; i++) {
        const HistoryEntry *entry = state->history->pdata[i];
        if (g_str_equal(entry->revision, row) && g_str_equal(entry->direction, "up"))
            return true;
    }
    return false;
}

/* A target with rows that no file knows is ahead of these files if the history says where each came from. */
static bool is_ahead(const PlanTarget *target, const RevisionGraph *graph)
{
    for (char **row = target->state->rows; *row; row++)
        if (!revision_graph_find(graph, *row) && !was_applied_here(target->state, *row))
            return false;
    return true;
}

static bool has_unknown_row(const PlanTarget *target, const RevisionGraph *graph)
{
    if (target->problem != PROBLEM_UNKNOWN_REVISION)
        return false;
    for (char **row = target->state->rows; *row; row++)
        if (!revision_graph_find(graph, *row))
            return true;
    return false;
}

/* "at head", "behind", "ahead", "unknown", "blocked", "unreachable", "inactive". */
static const char *standing_of(const PlanTarget *target, const RevisionGraph *graph)
{
    switch (target->verdict) {
    case PLAN_PENDING:
        return "behind";
    case PLAN_AT_GOAL:
        return "at head";
    case PLAN_UNREACHABLE:
        return "unreachable";
    case PLAN_INACTIVE:
        return "inactive";
    case PLAN_BLOCKED:
        break;
    }
    if (!has_unknown_row(target, graph))
        return "blocked";
    return is_ahead(target, graph) ? "ahead" : "unknown";
}

static char *heads_of(const PlanTarget *target)
{
    if (!target->state || target->state->outcome != PROBE_OK)
        return g_strdup("?");
    return target->state->rows[0] ? g_strjoinv(", ", target->state->rows) : g_strdup("base");
}

static gint compare_cells(gconstpointer a, gconstpointer b)
{
    const Cell *left = *(Cell *const *)a, *right = *(Cell *const *)b;
    int groups = strcmp(left->group, right->group);
    if (groups)
        return groups;
    return left->count != right->count ? (left->count < right->count ? 1 : -1)
                                       : strcmp(left->heads, right->heads);
}

static GPtrArray *collect(const Plan *plan, const RevisionGraph *graph)
{
    GPtrArray *cells = g_ptr_array_new_with_free_func((GDestroyNotify)cell_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        const char *group = target->target->group ? target->target->group->name : "";
        g_autofree char *heads = heads_of(target);
        g_autofree char *key = g_strdup_printf("%s|%s|%s", group, heads, standing_of(target, graph));
        Cell *cell = g_hash_table_lookup(by_key, key);
        if (!cell) {
            cell = g_new0(Cell, 1);
            cell->revision = revision_graph_find(graph, heads);
            cell->heads = g_steal_pointer(&heads);
            cell->group = group;
            cell->standing = standing_of(target, graph);
            g_hash_table_insert(by_key, g_steal_pointer(&key), cell);
            g_ptr_array_add(cells, cell);
        }
        cell->count++;
    }
    g_ptr_array_sort(cells, compare_cells);
    return cells;
}

/* ---- Text ---- */

static const TextColumn columns[] = {{"group", ALIGN_LEFT, 8, SHRINKS_MIDDLE},
                                     {"targets", ALIGN_RIGHT, 7, false},
                                     {"heads", ALIGN_LEFT, 12, true},
                                     {"", ALIGN_LEFT, 10, true},
                                     {"", ALIGN_LEFT, 11, false}};

static unsigned standing_count(const Plan *plan, const RevisionGraph *graph, const char *standing)
{
    unsigned count = 0;
    for (guint i = 0; i < plan->targets->len; i++)
        count += g_str_equal(standing_of(plan->targets->pdata[i], graph), standing);
    return count;
}

static const struct {
    const char *standing;
    const char *key;
    StyleColor color;
} standings[] = {{"at head", "at_head", STYLE_GREEN},  {"behind", "behind", STYLE_YELLOW},
                 {"ahead", "ahead", STYLE_YELLOW},     {"unknown", "unknown", STYLE_RED},
                 {"blocked", "blocked", STYLE_RED},    {"unreachable", "unreachable", STYLE_YELLOW},
                 {"inactive", "inactive", STYLE_PLAIN}};

bool status_standing_at(const Plan *plan, const RevisionGraph *graph, gsize index, const char **key,
                        unsigned *count)
{
    if (index >= G_N_ELEMENTS(standings))
        return false;
    *key = standings[index].key;
    *count = standing_count(plan, graph, standings[index].standing);
    return true;
}

static void print_totals(GString *out, const Plan *plan, const RevisionGraph *graph,
                         const ReportOptions *options)
{
    StyleCount counts[G_N_ELEMENTS(standings)];
    g_autofree char *lead =
        g_strdup_printf("%u %s:", plan->targets->len, plan->targets->len == 1 ? "target" : "targets");
    for (gsize i = 0; i < G_N_ELEMENTS(standings); i++)
        counts[i] = (StyleCount){standing_count(plan, graph, standings[i].standing), standings[i].standing,
                                 standings[i].color};
    style_append_counts(out, options, lead, counts, G_N_ELEMENTS(counts));
}

static char *table_text(const Plan *plan, const RevisionGraph *graph, const ReportOptions *options)
{
    g_autoptr(GPtrArray) cells = collect(plan, graph);
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < cells->len; i++) {
        const Cell *cell = cells->pdata[i];
        g_autofree char *count = g_strdup_printf("%u", cell->count);
        const char *row[] = {*cell->group ? cell->group : "(no group)", count, cell->heads,
                             cell->revision ? cell->revision->message : "", cell->standing};
        text_table_add(table, row);
    }
    return text_table_render(table, 2, options->width);
}

char *status_view_text(const Plan *plan, const RevisionGraph *graph, const ReportOptions *options)
{
    GString *out = g_string_new(NULL);
    g_autofree char *table = table_text(plan, graph, options);
    print_totals(out, plan, graph, options);
    g_string_append(out, table);
    exceptions_print(out, plan, options);
    return g_string_free(out, FALSE);
}

bool status_view_pending(const Plan *plan)
{
    return plan->counts[PLAN_AT_GOAL] + plan->counts[PLAN_INACTIVE] < plan->targets->len;
}

/* ---- JSON ---- */

static void cells_json(JsonOut *json, const Plan *plan, const RevisionGraph *graph)
{
    g_autoptr(GPtrArray) cells = collect(plan, graph);
    json_out_begin_array(json, "heads");
    for (guint i = 0; i < cells->len; i++) {
        const Cell *cell = cells->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "group", cell->group);
        json_out_string(json, "heads", cell->heads);
        json_out_string(json, "standing", cell->standing);
        json_out_int(json, "targets", cell->count);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void target_json(JsonOut *json, const PlanTarget *target, const RevisionGraph *graph)
{
    bool read = target->state && target->state->outcome == PROBE_OK;
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->target->name);
    json_out_string(json, "group", target->target->group ? target->target->group->name : NULL);
    json_out_string(json, "endpoint", target->target->endpoint);
    json_out_string(json, "server_version", target->state ? target->state->server_version : NULL);
    json_out_string(json, "standing", standing_of(target, graph));
    if (read)
        json_out_strings(json, "heads", (const char *const *)target->state->rows);
    else
        json_out_null(json, "heads");
    json_out_int(json, "steps_behind", target->path ? target->path->steps->len : 0);
    json_out_string(json, "problem",
                    target->problem == PROBLEM_NONE ? NULL : plan_problem_name(target->problem));
    json_out_string(json, "reason", target->reason);
    json_out_end_object(json);
}

char *status_view_json(const Plan *plan, const RevisionGraph *graph)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_begin_object(json, "totals");
    for (gsize i = 0; i < G_N_ELEMENTS(standings); i++)
        json_out_int(json, standings[i].key, standing_count(plan, graph, standings[i].standing));
    json_out_end_object(json);
    cells_json(json, plan, graph);
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < plan->targets->len; i++)
        target_json(json, plan->targets->pdata[i], graph);
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}
