/* Planner: judges each target and gives those with the same rows and dialect one path. Owns the plan it
 * builds; the graph, the targets and their states stay the caller's. Pure; one thread builds, any may read.
 */
#include "plans/fleet_since.h"
#include "plans/plan_checks.h"
#include "plans/plan_file.h"
#include "plans/planner_internal.h"
#include <string.h>

typedef struct ProblemRow {
    const char *name;
    bool of_files;
} ProblemRow;

static const ProblemRow problems[] = {
    [PROBLEM_NONE] = {"none", false},
    [PROBLEM_NO_SECTION] = {"no-section", true},
    [PROBLEM_IRREVERSIBLE] = {"irreversible", true},
    [PROBLEM_TRANSACTION_CONTROL] = {"transaction-control", true},
    [PROBLEM_LOCK_TABLES] = {"lock-tables", true},
    [PROBLEM_NEEDS_NO_TRANSACTION] = {"needs-no-transaction", true},
    [PROBLEM_TARGET_TRANSACTION] = {"target-transaction", true},
    [PROBLEM_UNDEFINED_VARIABLE] = {"undefined-variable", true},
    [PROBLEM_SYNTAX] = {"syntax", true},
    [PROBLEM_ID_TOO_LONG] = {"id-too-long", true},
    [PROBLEM_GRAPH] = {"graph", true},
    [PROBLEM_NO_PATH] = {"no-path", false},
    [PROBLEM_UNKNOWN_REVISION] = {"unknown-revision", false},
    [PROBLEM_EDITED] = {"edited", false},
    [PROBLEM_UNFINISHED] = {"unfinished", false},
    [PROBLEM_UNDECIDABLE] = {"undecidable", false},
    [PROBLEM_NEVER_RUN] = {"never-run", false},
    [PROBLEM_VERIFY_FAILED] = {"verify-failed", false},
    [PROBLEM_MOVED] = {"moved", false},
    [PROBLEM_BUSY] = {"busy", false},
    [PROBLEM_DRIFTED] = {"drifted", false},
    [PROBLEM_DRIFT_UNKNOWN] = {"drift-unknown", false},
    [PROBLEM_STALE] = {"stale", false},
    [PROBLEM_CHECK] = {"check", false},
    [PROBLEM_UNREACHABLE] = {"unreachable", false},
    [PROBLEM_STATE] = {"state", false},
};

const char *plan_problem_name(PlanProblem problem)
{
    return problems[problem].name;
}

bool plan_problem_is_of_files(PlanProblem problem)
{
    return problems[problem].of_files;
}

/* What is the same for all targets with the same rows and dialect. */
typedef struct Route {
    PlanPath *path;       /* NULL with a problem; taken over by the plan */
    RevisionSet *applied; /* NULL: nobody asked yet, or the rows are unknown */
    GHashTable *clean;    /* histories that say nothing against the path; NULL: none yet */
    PlanProblem problem;
    char *reason;
} Route;

static void route_free(Route *self)
{
    plan_path_free(self->path);
    g_clear_pointer(&self->applied, revision_set_free);
    g_clear_pointer(&self->clean, g_hash_table_unref);
    g_free(self->reason);
    g_free(self);
}

/* Steps to the same goals in one dialect that several paths may be parts of. */
typedef struct SharedLists {
    GPtrArray *lists; /* of StepList * */
    bool from_base;   /* it was tried to make one from base */
} SharedLists;

static void shared_lists_free(SharedLists *self)
{
    for (guint i = 0; i < self->lists->len; i++)
        step_list_seal(self->lists->pdata[i]);
    g_ptr_array_unref(self->lists);
    g_free(self);
}

typedef struct Planner {
    const RevisionGraph *graph;
    const PlanRequest *request;
    ScriptShelf *scripts;
    GHashTable *routes; /* "dialect row row …" -> Route */
    GHashTable *shared; /* "dialect goal goal …" -> SharedLists */
} Planner;

/* Refusals that depend on where a target is are its own; the others would be the same everywhere. */
static PlanProblem problem_of(const GError *error)
{
    if (error->domain == PLAN_ERROR)
        return (PlanProblem)error->code;
    switch ((GraphError)error->code) {
    case GRAPH_ERROR_UNKNOWN_ROW:
        return PROBLEM_UNKNOWN_REVISION;
    case GRAPH_ERROR_INVALID_DESTINATION:
    case GRAPH_ERROR_AMBIGUOUS_WALK:
    case GRAPH_ERROR_AMBIGUOUS_RELATIVE:
    case GRAPH_ERROR_RELATIVE_SHORT:
    case GRAPH_ERROR_OVERLAP:
        return PROBLEM_NO_PATH;
    default:
        return PROBLEM_GRAPH;
    }
}

/* ---- Routes ---- */

/* True if the rest of one target's path can be another's: what the goals mean is the same for both. */
static bool may_share(const Planner *planner, const PathAim *aim)
{
    if (planner->request->command != PLAN_UPGRADE || aim->fill || aim->undo || aim->exact)
        return false;
    for (const char *const *goal = aim->goals; *goal; goal++)
        if (revision_symbol_is_relative(*goal))
            return false;
    return true;
}

static SharedLists *shared_lists(const Planner *planner, Dialect dialect, const PathAim *aim)
{
    g_autofree char *goals = g_strjoinv(" ", (char **)aim->goals);
    g_autofree char *key = g_strdup_printf("%s\n%s", dialect_name(dialect), goals);
    SharedLists *shared = g_hash_table_lookup(planner->shared, key);
    if (!shared) {
        shared = g_new0(SharedLists, 1);
        shared->lists = g_ptr_array_new_with_free_func((GDestroyNotify)step_list_unref);
        g_hash_table_insert(planner->shared, g_steal_pointer(&key), shared);
    }
    return shared;
}

/* The list that a target with these rows stands on, and where; NULL. */
static StepList *list_with(const SharedLists *shared, const char *const *rows, gint *place)
{
    for (guint i = 0; i < shared->lists->len; i++) {
        *place = step_list_place(shared->lists->pdata[i], rows);
        if (*place >= 0)
            return shared->lists->pdata[i];
    }
    return NULL;
}

static StepList *shared_list_new(const Planner *planner, SharedLists *shared, Dialect dialect,
                                 const char *const *rows, const PathAim *aim, GError **error)
{
    StepList *list =
        step_list_new(planner->graph, dialect, rows, planner->request, aim, planner->scripts, error);
    if (list)
        g_ptr_array_add(shared->lists, list);
    return list;
}

/* The first target gets steps of its own. Where others stand elsewhere, they are likely on the way that
 * begins at base. */
static PlanPath *shared_path(const Planner *planner, Dialect dialect, const char *const *rows,
                             const PathAim *aim, GError **error)
{
    static const char *const BASE[] = {NULL};
    SharedLists *shared = shared_lists(planner, dialect, aim);
    gint place = 0;
    StepList *list = list_with(shared, rows, &place);
    if (!list && shared->lists->len > 0 && !shared->from_base) {
        shared->from_base = true;
        shared_list_new(planner, shared, dialect, BASE, aim, NULL);
        list = list_with(shared, rows, &place);
    }
    if (!list) {
        place = 0;
        list = shared_list_new(planner, shared, dialect, rows, aim, error);
    }
    return list ? step_list_path(list, (unsigned)place, rows, error) : NULL;
}

static Route *route_new(const Planner *planner, const TargetState *state, const PathAim *aim)
{
    g_autoptr(GError) error = NULL;
    const char *const *rows = (const char *const *)state->rows;
    Route *route = g_new0(Route, 1);
    route->path = may_share(planner, aim) ? shared_path(planner, state->dialect, rows, aim, &error)
                                          : path_build(planner->graph, state->dialect, rows, planner->request,
                                                       aim, planner->scripts, &error);
    if (!route->path) {
        route->problem = problem_of(error);
        route->reason = g_strdup(error->message);
    }
    return route;
}

/* What tells the routes of a plan apart. Caller frees. */
static char *route_key(const TargetState *state, const PathAim *aim)
{
    g_autofree char *rows = g_strjoinv(" ", state->rows);
    g_autofree char *goals = g_strjoinv(" ", (char **)aim->goals);
    GString *key = g_string_new(NULL);
    g_string_append_printf(key, "%s\n%s\n%s\n", dialect_name(state->dialect), rows, goals);
    if (aim->exact)
        g_string_append_printf(key, "%s %u\n", aim->exact->name, aim->first);
    for (guint i = 0; aim->fill && i < aim->fill->len; i++)
        g_string_append_printf(key, "%s ", ((const Revision *)aim->fill->pdata[i])->id);
    for (guint i = 0; aim->undo && i < aim->undo->len; i++) {
        const HistoryEntry *entry = aim->undo->pdata[i];
        g_string_append_printf(key, "%s %s %s %s\n", entry->direction, entry->revision, entry->heads_before,
                               entry->heads_after);
    }
    return g_string_free(key, FALSE);
}

static Route *planner_route(const Planner *planner, const TargetState *state, const PathAim *aim)
{
    g_autofree char *key = route_key(state, aim);
    Route *route = g_hash_table_lookup(planner->routes, key);
    if (!route) {
        route = route_new(planner, state, aim);
        g_hash_table_insert(planner->routes, g_steal_pointer(&key), route);
    }
    return route;
}

/* Parents first. Caller unrefs. */
static GPtrArray *fill_order(const RevisionGraph *graph, const GPtrArray *missing)
{
    g_autoptr(GPtrArray) order = revision_graph_topological(graph);
    g_autoptr(GHashTable) wanted = g_hash_table_new(NULL, NULL);
    GPtrArray *fill = g_ptr_array_new();
    for (guint i = 0; i < missing->len; i++)
        g_hash_table_add(wanted, missing->pdata[i]);
    for (guint i = order->len; i-- > 0;)
        if (g_hash_table_contains(wanted, order->pdata[i]))
            g_ptr_array_add(fill, order->pdata[i]);
    return fill;
}

/* What --fill has to run on this target; NULL: nothing. Caller unrefs. */
static GPtrArray *target_fill(const Planner *planner, const TargetState *state)
{
    if (!planner->request->fill)
        return NULL;
    RevisionSet *applied = revision_graph_applied_set(planner->graph, (const char *const *)state->rows, NULL);
    g_autoptr(GPtrArray) missing = applied ? judge_missing(state, planner->graph, applied) : NULL;
    revision_set_free(applied);
    return missing && missing->len ? fill_order(planner->graph, missing) : NULL;
}

void plan_target_block(PlanTarget *self, PlanProblem problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    self->verdict = PLAN_BLOCKED;
    self->problem = problem;
    self->reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

/* What targets share is judged once. */
static void remember_clean(Route *route, GPtrArray *history)
{
    if (!route->clean)
        route->clean = g_hash_table_new(NULL, NULL);
    g_hash_table_add(route->clean, history);
}

/* The history can be judged where the files know the rows, and where there is one. */
static void judge_target_history(PlanTarget *self, const Planner *planner, Route *route)
{
    GPtrArray *history = self->state->history;
    if (history->len == 0 || (route->clean && g_hash_table_contains(route->clean, history)))
        return;
    if (!route->applied)
        route->applied =
            revision_graph_applied_set(planner->graph, (const char *const *)self->state->rows, NULL);
    if (!route->applied)
        return;
    judge_history(self, planner->graph, planner->request, route->applied);
    if (self->problem == PROBLEM_NONE && !target_state_unfinished(self->state))
        remember_clean(route, history);
}

/* A stamp is how a person answers what the history holds up: it has something to do if there is such a thing,
 * even where the rows stay as they are. */
static bool stamp_is_needed(const PlanTarget *self, const Planner *planner, Route *route)
{
    const PlanStep *step = &self->path->steps->first[0];
    PlanTarget without_it = {.target = self->target, .state = self->state};
    if (plan_step_moves_rows(step))
        return true;
    judge_target_history(&without_it, planner, route);
    g_free(without_it.reason);
    return without_it.problem != PROBLEM_NONE;
}

/* Where nothing is left to do, an edited section holds nothing up: it is told, and the target stays at its
 * goal. */
static void judge_move(PlanTarget *self, const Planner *planner, Route *route)
{
    judge_target_history(self, planner, route);
    bool only_told = self->problem == PROBLEM_EDITED || self->problem == PROBLEM_VERIFY_FAILED ||
                     self->problem == PROBLEM_UNKNOWN_REVISION;
    if (only_told && self->path->steps->len == 0)
        self->verdict = PLAN_AT_GOAL;
}

static void note_busy(PlanTarget *self)
{
    self->problem = PROBLEM_BUSY;
    self->reason =
        g_strdup_printf("another dbfleet is at work on this target (%s)", self->state->lock_holder);
}

/* A step that this path goes on with holds nothing up, but it is told. */
static void note_unfinished(PlanTarget *self, const PlanRequest *request)
{
    const HistoryEntry *open = target_state_unfinished(self->state);
    const char *word = request->assume ? g_hash_table_lookup(request->assume, self->target->name) : NULL;
    if (self->verdict != PLAN_PENDING || self->path->command == PLAN_STAMP ||
        !judge_is_of_step(open, judge_first_step(self)))
        return;
    self->problem = PROBLEM_UNFINISHED;
    self->reason = g_strdup_printf(
        "%s of revision %s stopped after %u of %u statements; \"dbfleet %s\" %s", open->direction,
        open->revision, open->statements_done, open->statements_total, plan_command_name(self->path->command),
        !open->intent               ? "goes on behind them"
        : !word                     ? "finds out whether the next one took effect, and goes on"
        : g_str_equal(word, "done") ? "takes the next one as done, as you say, and goes on behind it"
                                    : "runs the next one again, which took no effect, as you say");
}

static void judge_route(PlanTarget *self, const Planner *planner, Route *route)
{
    if (route->problem != PROBLEM_NONE) {
        plan_target_block(self, route->problem, "%s", route->reason);
        return;
    }
    self->path = route->path;
    bool stamps = self->path->command == PLAN_STAMP;
    if (!stamps)
        judge_move(self, planner, route);
    judge_path(self, planner->request);
    if (self->problem == PROBLEM_NONE)
        self->verdict = (stamps ? stamp_is_needed(self, planner, route) : self->path->steps->len > 0)
                            ? PLAN_PENDING
                            : PLAN_AT_GOAL;
    if (self->verdict == PLAN_PENDING && self->state->lock_holder)
        note_busy(self);
    else
        note_unfinished(self, planner->request);
    if (self->verdict != PLAN_PENDING)
        self->path = NULL;
    else if (self->state->rows[0] && self->state->history->len == 0)
        route->path->needs_baseline = true;
}

static void judge(PlanTarget *self, const Planner *planner, guint index)
{
    const PlanRequest *request = planner->request;
    const char *const *own = request->target_goals ? request->target_goals[index] : NULL;
    bool back = request->command == PLAN_ROLLBACK;
    g_autoptr(GPtrArray) fill = target_fill(planner, self->state);
    g_autoptr(GPtrArray) undo = back ? rollback_entries(self, request->run_id) : NULL;
    PathAim aim = {.goals = own ? own : request->goals, .fill = fill, .undo = undo};
    if ((back && !undo) || (request->file && !plan_route_aim(self, request, &aim)))
        return;
    judge_route(self, planner, planner_route(planner, self->state, &aim));
    if (back && self->verdict == PLAN_AT_GOAL && !self->reason)
        self->reason = g_strdup("nothing of the run is left to take back here");
}

static void plan_target_free(PlanTarget *self)
{
    g_free(self->reason);
    target_checks_free(self->checks);
    g_free(self);
}

static PlanTarget *plan_target_new(const Target *target, const TargetState *state, const Planner *planner,
                                   guint index)
{
    PlanTarget *self = g_new0(PlanTarget, 1);
    self->target = target;
    self->state = state;
    if (target->life != TARGET_ACTIVE || !state) {
        self->verdict = PLAN_INACTIVE;
        self->reason = g_strdup(target->life_reason);
    } else if (state->outcome == PROBE_UNREACHABLE) {
        self->verdict = PLAN_UNREACHABLE;
        self->problem = PROBLEM_UNREACHABLE;
        self->reason = g_strdup(state->reason);
    } else if (state->outcome == PROBE_FAILED) {
        plan_target_block(self, PROBLEM_STATE, "%s", state->reason);
    } else {
        judge(self, planner, index);
    }
    return self;
}

static gint compare_paths(gconstpointer a, gconstpointer b)
{
    const PlanPath *left = *(const PlanPath *const *)a, *right = *(const PlanPath *const *)b;
    if (left->targets != right->targets)
        return left->targets < right->targets ? 1 : -1;
    return strcmp(left->digest, right->digest);
}

/* Moves the paths that some target takes out of the routes. */
static void plan_take_paths(Plan *self, GHashTable *routes)
{
    GHashTableIter iter;
    gpointer route;
    g_hash_table_iter_init(&iter, routes);
    while (g_hash_table_iter_next(&iter, NULL, &route)) {
        PlanPath *path = ((Route *)route)->path;
        if (path && path->targets)
            g_ptr_array_add(self->paths, g_steal_pointer(&((Route *)route)->path));
    }
    g_ptr_array_sort(self->paths, compare_paths);
}

static void plan_seal(Plan *self)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint i = 0; i < self->targets->len; i++) {
        const PlanTarget *target = self->targets->pdata[i];
        g_autofree char *line =
            g_strdup_printf("%s\t%s\t%s\n", target->target->name, target->target->endpoint,
                            target->path ? target->path->digest : plan_problem_name(target->problem));
        g_checksum_update(sum, (const guchar *)line, -1);
    }
    g_strlcpy(self->digest, g_checksum_get_string(sum), sizeof self->digest);
}

Plan *plan_build(const RevisionGraph *graph, const GPtrArray *targets, const GPtrArray *states,
                 const PlanRequest *request)
{
    g_autoptr(ScriptShelf) scripts = script_shelf_new();
    g_autoptr(GHashTable) routes =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)route_free);
    g_autoptr(GHashTable) shared =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)shared_lists_free);
    Planner planner = {graph, request, scripts, routes, shared};
    Plan *self = g_new0(Plan, 1);
    self->command = request->command;
    self->goals = g_strdupv((char **)request->goals);
    self->paths = g_ptr_array_new_with_free_func((GDestroyNotify)plan_path_free);
    self->targets = g_ptr_array_new_with_free_func((GDestroyNotify)plan_target_free);
    for (guint i = 0; i < targets->len; i++) {
        PlanTarget *target = plan_target_new(targets->pdata[i], states->pdata[i], &planner, i);
        g_ptr_array_add(self->targets, target);
        self->counts[target->verdict]++;
        if (target->path)
            ((PlanPath *)target->path)->targets++;
    }
    plan_take_paths(self, routes);
    plan_seal(self);
    script_shelf_forget_sound(scripts);
    return self;
}

void plan_except(Plan *self, PlanTarget *target, PlanVerdict verdict, PlanProblem problem, const char *reason)
{
    self->counts[target->verdict]--;
    self->counts[verdict]++;
    ((PlanPath *)target->path)->targets--;
    g_free(target->reason); /* what was only told, such as an unfinished step */
    target->verdict = verdict;
    target->problem = problem;
    target->reason = g_strdup(reason);
    target->path = NULL;
}

void plan_settle(Plan *self)
{
    for (guint i = self->paths->len; i > 0; i--)
        if (((const PlanPath *)self->paths->pdata[i - 1])->targets == 0)
            g_ptr_array_remove_index(self->paths, i - 1);
    g_ptr_array_sort(self->paths, compare_paths);
    plan_seal(self);
}

void plan_free(Plan *self)
{
    if (!self)
        return;
    g_strfreev(self->goals);
    g_strfreev(self->uncommitted);
    fleet_since_free(self->since);
    g_clear_pointer(&self->sizes, g_ptr_array_unref);
    g_strfreev(self->left_out);
    g_clear_pointer(&self->waves, g_ptr_array_unref);
    g_clear_pointer(&self->order, g_array_unref);
    g_clear_pointer(&self->targets, g_ptr_array_unref);
    g_clear_pointer(&self->paths, g_ptr_array_unref);
    g_free(self);
}

static bool path_runs_file(const PlanPath *path, const char *file)
{
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanStep *step = &path->steps->first[i];
        if (step->revision && g_strcmp0(step->revision->file, file) == 0)
            return true;
    }
    return false;
}

static bool plan_runs_file(const Plan *self, const char *file)
{
    for (guint i = 0; i < self->paths->len; i++)
        if (path_runs_file(self->paths->pdata[i], file))
            return true;
    return false;
}

void plan_take_uncommitted(Plan *self, char **files)
{
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    g_strfreev(self->uncommitted);
    self->uncommitted = NULL;
    if (!files)
        return;
    for (char **file = files; *file; file++)
        if (plan_runs_file(self, *file))
            g_strv_builder_add(kept, *file);
    g_strfreev(files);
    self->uncommitted = g_strv_builder_end(kept);
}

void plan_take_since(Plan *self, FleetSince *since)
{
    fleet_since_free(self->since);
    self->since = since;
}

const PlanTarget *plan_file_error(const Plan *self)
{
    for (guint i = 0; i < self->targets->len; i++) {
        const PlanTarget *target = self->targets->pdata[i];
        if (self->command != PLAN_ROLLBACK && plan_problem_is_of_files(target->problem))
            return target;
    }
    return NULL;
}
