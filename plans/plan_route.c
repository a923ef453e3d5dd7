/* Plan route: where a target stands on the path that a plan file has for it: at its beginning, in between
 * where the last step was one of this very plan, or at its end. Anywhere else it moved since, and is left
 * alone. Pure; any thread. */
#include "plans/plan_file.h"
#include "plans/planner_internal.h"

static bool is_of_plan(const HistoryEntry *entry, const PlanFile *file)
{
    return entry && g_strcmp0(entry->plan_digest, file->digest) == 0;
}

static bool is_step(const HistoryEntry *entry, const PlanFileStep *step)
{
    return g_str_equal(entry->revision, step->revision) &&
           (!*step->revision || g_str_equal(entry->direction, direction_name(step->direction)));
}

static char *const *rows_before(const PlanFilePath *path, guint index)
{
    return index == 0 ? path->from : ((const PlanFileStep *)path->steps->pdata[index - 1])->after;
}

/* The step that comes next; -1: it is nowhere on the path. What this plan did last counts for more than the
 * rows, which some steps leave as they are. */
static gint next_step(const TargetState *state, const PlanFilePath *path, const PlanFile *file)
{
    guint count = path->steps->len;
    const HistoryEntry *last = state->history->len ? state->history->pdata[state->history->len - 1] : NULL;
    for (guint i = 0; is_of_plan(last, file) && i < count; i++) {
        bool done = g_str_equal(last->state, "done") || g_str_equal(last->state, "verify-failed");
        if (is_step(last, path->steps->pdata[i]) &&
            rows_are_same(state->rows, (char **)rows_before(path, i + done)))
            return (gint)(i + done);
    }
    if (rows_are_same(state->rows, path->from))
        return 0;
    return rows_are_same(state->rows, (char **)rows_before(path, count)) ? (gint)count : -1;
}

static char *rows_text(char *const *rows)
{
    return rows[0] ? g_strjoinv(" ", (char **)rows) : g_strdup("base");
}

static bool variables_are_same(const PlanTarget *self, const PlanFileTarget *planned, GHashTable *extra)
{
    g_autofree char *now = planned->variables ? plan_variables_digest(self->target, extra) : NULL;
    return g_strcmp0(now, planned->variables) == 0;
}

/* What the plan leaves alone is left alone, whatever it is like by now. */
static bool is_exception(PlanTarget *self, const PlanFile *file)
{
    const PlanFileException *exception = plan_file_exception(file, self->target->name);
    if (!exception)
        return false;
    for (int i = PROBLEM_NONE + 1; i <= PROBLEM_STATE; i++) {
        if (i == PROBLEM_UNREACHABLE || g_strcmp0(plan_problem_name((PlanProblem)i), exception->problem) != 0)
            continue;
        plan_target_block(self, (PlanProblem)i, "%s", exception->reason ? exception->reason : "");
        return true;
    }
    plan_target_block(self, PROBLEM_STALE,
                      "it could not be reached when the plan was made, which leaves it alone; plan again");
    return true;
}

bool plan_route_aim(PlanTarget *self, const PlanRequest *request, PathAim *aim)
{
    const PlanFileTarget *planned = plan_file_target(request->file, self->target->name);
    const PlanFilePath *path = planned ? planned->path : NULL;
    if (!planned && is_exception(self, request->file))
        return false;
    gint next =
        path && path->dialect == self->state->dialect ? next_step(self->state, path, request->file) : -1;
    if (next < 0) {
        g_autofree char *now = rows_text(self->state->rows);
        g_autofree char *then = path ? rows_text(path->from) : g_strdup("its goal");
        plan_target_block(self, PROBLEM_STALE,
                          "it moved since the plan was made: it was at %s and is at %s; plan again", then,
                          now);
        return false;
    }
    if (!variables_are_same(self, planned, request->variables)) {
        plan_target_block(
            self, PROBLEM_STALE,
            "its variables are not those of the plan, so that its SQL would be another; plan again");
        return false;
    }
    aim->fill = NULL; /* it stands among the steps of the file */
    aim->exact = path;
    aim->first = (unsigned)next;
    return true;
}

PlanPath *plan_file_path_plan(const PlanFile *self, const PlanFilePath *path, const RevisionGraph *graph,
                              GError **error)
{
    g_autoptr(ScriptShelf) scripts = script_shelf_new();
    const PlanRequest request = {.command = self->command,
                                 .goals = (const char *const *)self->goals,
                                 .file = self,
                                 .version_table = self->version_table};
    const PathAim aim = {.goals = request.goals, .exact = path};
    return path_build(graph, path->dialect, (const char *const *)path->from, &request, &aim, scripts, error);
}
