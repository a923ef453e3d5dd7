/* Path moves: the order of a path and what each step does to the version rows, whatever says so: the graph, a
 * plan file, or the history that a rollback takes back. Refuses what they refuse. Pure; any thread. */
#include "plans/graph_internal.h"
#include "plans/plan_file.h"
#include "plans/planner_internal.h"

static char **heads_list(const char *heads)
{
    return *heads ? g_strsplit(heads, ",", -1) : g_new0(char *, 1);
}

/* The steps of a run backwards, with the rows that its history tells. */
static Move *undo_move(const RevisionGraph *graph, const char *const *rows, const GPtrArray *undo,
                       GError **error)
{
    g_autoptr(Move) move = move_new(DIRECTION_DOWN);
    move->rows = move_list_of(move, rows);
    for (guint i = 0; i < undo->len; i++) {
        const HistoryEntry *entry = undo->pdata[i];
        g_auto(GStrv) before = heads_list(entry->heads_after);
        g_auto(GStrv) after = heads_list(entry->heads_before);
        const Revision *revision = revision_graph_find(graph, entry->revision);
        if (!revision && *entry->revision) {
            g_set_error(error, PLAN_ERROR, PROBLEM_UNKNOWN_REVISION,
                        "revision %s ran here and no file knows it any more; bring the versions folder to "
                        "where it was then",
                        entry->revision);
            return NULL;
        }
        bool follows = g_strv_equal((const char *const *)before, (const char *const *)move->rows);
        char **here = follows ? move->rows : move_list_of(move, (const char *const *)before);
        move->rows = move_list_of(move, (const char *const *)after);
        g_ptr_array_add(move->steps, move_step_between(move, revision, here, move->rows));
    }
    return g_steal_pointer(&move);
}

/* The steps of a plan file, with the rows that it tells. */
static Move *exact_move(const RevisionGraph *graph, const char *const *rows, const PathAim *aim,
                        GError **error)
{
    g_autoptr(Move) move = move_new(DIRECTION_UP);
    move->rows = move_list_of(move, rows);
    for (guint i = aim->first; i < aim->exact->steps->len; i++) {
        const PlanFileStep *step = aim->exact->steps->pdata[i];
        const Revision *revision = *step->revision ? revision_graph_find(graph, step->revision) : NULL;
        if (!revision && *step->revision) {
            g_set_error(error, PLAN_ERROR, PROBLEM_UNKNOWN_REVISION, "revision %s of the plan is in no file",
                        step->revision);
            return NULL;
        }
        move->direction = step->direction;
        char **here = move->rows;
        move->rows = move_list_of(move, (const char *const *)step->after);
        g_ptr_array_add(move->steps, move_step_between(move, revision, here, move->rows));
    }
    return g_steal_pointer(&move);
}

/* Puts the revisions of a fill before the other steps; they move no row. */
void move_fill(Move *self, const char *const *rows, const GPtrArray *fill)
{
    char **here = fill && fill->len ? move_list_of(self, rows) : NULL;
    for (guint i = 0; fill && i < fill->len; i++)
        g_ptr_array_insert(self->steps, (gint)i, move_step_between(self, fill->pdata[i], here, here));
}

Move *path_move(const RevisionGraph *graph, const char *const *rows, const PlanRequest *request,
                const PathAim *aim, GError **error)
{
    if (aim->exact)
        return exact_move(graph, rows, aim, error);
    switch (request->command) {
    case PLAN_UPGRADE:
        return revision_graph_upgrade(graph, rows, aim->goals, error);
    case PLAN_DOWNGRADE:
        return revision_graph_downgrade(graph, rows, aim->goals[0], error);
    case PLAN_STAMP:
        return revision_graph_stamp(graph, rows, aim->goals, request->purge, error);
    case PLAN_ROLLBACK:
        return undo_move(graph, rows, aim->undo, error);
    }
    g_assert_not_reached();
}

/* A stamp is one step without a revision that replaces the rows. Where they are already so, it still writes
 * what is assumed applied from now on. */
void move_become_stamp(Move *self, const char *const *rows)
{
    MoveStep *step = move_step_between(self, NULL, move_list_of(self, rows), self->rows);
    g_ptr_array_set_size(self->steps, 0);
    g_ptr_array_add(self->steps, step);
}
