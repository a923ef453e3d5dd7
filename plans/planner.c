/* Planner: judges each target and gives those with the same rows and dialect one path. Owns the plan it
 * builds; the graph, the targets and their states stay the caller's. Pure; one thread builds, any may read.
 */
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
    [PROBLEM_NEVER_RUN] = {"never-run", false},
    [PROBLEM_VERIFY_FAILED] = {"verify-failed", false},
    [PROBLEM_BUSY] = {"busy", false},
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
    PlanPath *path;      /* NULL with a problem; taken over by the plan */
    GHashTable *applied; /* ids; NULL when the rows are unknown */
    PlanProblem problem;
    char *reason;
} Route;

static void route_free(Route *self)
{
    plan_path_free(self->path);
    g_clear_pointer(&self->applied, g_hash_table_unref);
    g_free(self->reason);
    g_free(self);
}

typedef struct Planner {
    const RevisionGraph *graph;
    const PlanRequest *request;
    GHashTable *scripts;
    GHashTable *routes; /* "dialect row row …" -> Route */
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

static GHashTable *applied_ids(const RevisionGraph *graph, const char *const *rows)
{
    g_autoptr(GPtrArray) applied = revision_graph_applied(graph, rows, NULL);
    if (!applied)
        return NULL;
    GHashTable *ids = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < applied->len; i++)
        g_hash_table_add(ids, ((const Revision *)applied->pdata[i])->id);
    return ids;
}

static Route *route_new(const Planner *planner, const TargetState *state)
{
    g_autoptr(GError) error = NULL;
    const char *const *rows = (const char *const *)state->rows;
    Route *route = g_new0(Route, 1);
    route->applied = applied_ids(planner->graph, rows);
    route->path =
        path_build(planner->graph, state->dialect, rows, planner->request, planner->scripts, &error);
    if (!route->path) {
        route->problem = problem_of(error);
        route->reason = g_strdup(error->message);
    }
    return route;
}

static Route *planner_route(const Planner *planner, const TargetState *state)
{
    g_autofree char *rows = g_strjoinv(" ", state->rows);
    g_autofree char *key = g_strconcat(dialect_name(state->dialect), " ", rows, NULL);
    Route *route = g_hash_table_lookup(planner->routes, key);
    if (!route) {
        route = route_new(planner, state);
        g_hash_table_insert(planner->routes, g_steal_pointer(&key), route);
    }
    return route;
}

static void block(PlanTarget *self, PlanProblem problem, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void block(PlanTarget *self, PlanProblem problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    self->verdict = PLAN_BLOCKED;
    self->problem = problem;
    self->reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

static bool is_stamp_or_baseline(const HistoryEntry *entry)
{
    return g_str_equal(entry->direction, "stamp") || g_str_equal(entry->direction, "baseline");
}

static bool is_finished(const HistoryEntry *entry)
{
    return !g_str_equal(entry->state, "running") && !g_str_equal(entry->state, "failed");
}

/* What the history says ran and is still there: revision -> its newest entry, a finished "up" or a "down"
 * that stopped half-way. A stamp settles all before it. */
static GHashTable *ran_entries(const TargetState *state)
{
    GHashTable *ran = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < state->history->len; i++) {
        HistoryEntry *entry = state->history->pdata[i];
        bool up = g_str_equal(entry->direction, "up");
        if (is_stamp_or_baseline(entry))
            g_hash_table_remove_all(ran);
        else if (up == is_finished(entry))
            g_hash_table_insert(ran, entry->revision, entry);
        else if (!up)
            g_hash_table_remove(ran, entry->revision);
    }
    return ran;
}

/* The checksum of the "up" that ran; NULL if the entry does not tell. */
static const char *applied_checksum(const HistoryEntry *entry)
{
    return g_str_equal(entry->direction, "up") ? entry->checksum : NULL;
}

static void judge_edited(PlanTarget *self, const Planner *planner, GHashTable *ran, const Route *route)
{
    GHashTableIter iter;
    gpointer id, entry;
    g_hash_table_iter_init(&iter, ran);
    while (g_hash_table_iter_next(&iter, &id, &entry)) {
        const Revision *revision = revision_graph_find(planner->graph, id);
        const char *recorded = applied_checksum(entry);
        if (!revision || !recorded || !g_hash_table_contains(route->applied, id))
            continue;
        const Section *section = revision_section(revision, SECTION_UP, self->state->dialect);
        if (section && g_str_equal(section->checksum, recorded))
            continue;
        block(self, PROBLEM_EDITED,
              "%s: revision %s was edited after it was applied here (checksum %.12s then, %.12s now); "
              "restore the "
              "file, or go on with --allow-edited",
              revision->file ? revision->file : "(memory)", (const char *)id, recorded,
              section ? section->checksum : "no section");
        return;
    }
}

/* A step that took effect although its migrate:verify returned rows stays a question until a stamp answers
 * it. */
static void judge_verify_failed(PlanTarget *self, GHashTable *ran, const Route *route)
{
    GHashTableIter iter;
    gpointer id, entry;
    g_hash_table_iter_init(&iter, ran);
    while (g_hash_table_iter_next(&iter, &id, &entry)) {
        const HistoryEntry *applied = entry;
        if (!g_str_equal(applied->state, "verify-failed") || !g_hash_table_contains(route->applied, id))
            continue;
        block(self, PROBLEM_VERIFY_FAILED,
              "revision %s took effect here, but its migrate:verify returned rows (%s); downgrade it, or put "
              "the data right and \"dbfleet stamp\" the heads to accept it",
              (const char *)id, applied->detail ? applied->detail : "see the run's report");
        return;
    }
}

/* The ids assumed applied by the newest stamp or baseline, and whether the history reaches back to an origin
 * at all. */
static bool history_origin(const TargetState *state, GHashTable *assumed)
{
    bool origin = false;
    for (guint i = 0; i < state->history->len; i++) {
        const HistoryEntry *entry = state->history->pdata[i];
        if (is_stamp_or_baseline(entry)) {
            g_auto(GStrv) ids = g_strsplit(entry->detail ? entry->detail : "", ",", -1);
            g_hash_table_remove_all(assumed);
            for (char **id = ids; *id; id++)
                g_hash_table_add(assumed, g_steal_pointer(id));
            origin = true;
        } else if (g_str_equal(entry->direction, "up") && entry->heads_before && !*entry->heads_before) {
            origin = true;
        }
    }
    return origin;
}

/* A revision below the heads that neither ran here nor is covered by a stamp or baseline was spliced in
 * later. */
static void judge_never_run(PlanTarget *self, const Planner *planner, GHashTable *ran, const Route *route)
{
    g_autoptr(GHashTable) assumed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!history_origin(self->state, assumed))
        return;
    for (unsigned i = 0; i < revision_graph_length(planner->graph); i++) {
        const Revision *revision = revision_graph_at(planner->graph, i);
        if (!g_hash_table_contains(route->applied, revision->id) ||
            g_hash_table_contains(ran, revision->id) || g_hash_table_contains(assumed, revision->id))
            continue;
        block(self, PROBLEM_NEVER_RUN,
              "revision %s stands below the heads of this database but never ran on it (added to the files "
              "afterwards?); run its SQL by hand and \"dbfleet stamp\" the heads, or move it above them",
              revision->id);
        return;
    }
}

static const PlanStep *first_step(const PlanTarget *self)
{
    return self->path && self->path->steps->len ? self->path->steps->pdata[0] : NULL;
}

static bool is_of_step(const HistoryEntry *entry, const PlanStep *step)
{
    return entry && step && step->revision && g_str_equal(step->revision->id, entry->revision) &&
           g_str_equal(direction_name(step->direction), entry->direction);
}

/* A step that stopped half-way comes first. One that left nothing behind holds up no other, and one that is
 * at work is judged by the run, once it has the lock. */
static void judge_unfinished(PlanTarget *self)
{
    const HistoryEntry *open = target_state_unfinished(self->state);
    if (!open || self->state->lock_holder)
        return;
    bool same = is_of_step(open, first_step(self));
    if (open->intent > 0)
        block(self, PROBLEM_UNFINISHED,
              "%s of revision %s stopped at statement %u of %u, and whether that statement took effect is "
              "not known; "
              "look at the database, complete or undo the revision by hand, then \"dbfleet stamp\"",
              open->direction, open->revision, open->intent, open->statements_total);
    else if (!same && open->statements_done > 0)
        block(self, PROBLEM_UNFINISHED,
              "%s of revision %s stopped after %u of %u statements; finish it first (%s), or complete or "
              "undo it by "
              "hand and \"dbfleet stamp\"",
              open->direction, open->revision, open->statements_done, open->statements_total,
              g_str_equal(open->direction, "up") ? "dbfleet upgrade" : "dbfleet downgrade");
}

/* Ids the path would write that do not fit the column. */
static void judge_width(PlanTarget *self)
{
    unsigned width = self->state->version_width;
    if (!width || !self->path)
        return;
    for (guint i = 0; i < self->path->steps->len; i++) {
        const PlanStep *step = self->path->steps->pdata[i];
        for (char **id = step->move->added; *id; id++) {
            if (g_utf8_strlen(*id, -1) <= (glong)width)
                continue;
            block(self, PROBLEM_ID_TOO_LONG,
                  "revision id %s has %ld characters, the version table's column holds %u; widen the column "
                  "or rename "
                  "the revision",
                  *id, g_utf8_strlen(*id, -1), width);
            return;
        }
    }
}

static void judge_target_transaction(PlanTarget *self)
{
    if (!self->target->settings.transaction_target || self->path->command == PLAN_STAMP)
        return;
    if (!dialect_has_transactional_ddl(self->path->dialect)) {
        block(self, PROBLEM_TARGET_TRANSACTION,
              "\"transaction: target\" cannot hold on %s, where DDL commits by itself; remove it from the "
              "inventory",
              dialect_name(self->path->dialect));
        return;
    }
    for (guint i = 0; i < self->path->steps->len; i++) {
        const PlanStep *step = self->path->steps->pdata[i];
        if (step->transactional && !step->section->foreign_keys_off)
            continue;
        block(self, PROBLEM_TARGET_TRANSACTION,
              "revision %s runs outside a transaction, but the target says \"transaction: target\"; upgrade "
              "in two "
              "goes, or remove that line",
              step->revision->id);
        return;
    }
}

GHashTable *plan_target_variables(const Target *target, GHashTable *extra)
{
    GHashTable *all = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTable *sources[] = {target ? target->vars : NULL, extra};
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++) {
        GHashTableIter iter;
        gpointer name, value;
        if (!sources[i])
            continue;
        g_hash_table_iter_init(&iter, sources[i]);
        while (g_hash_table_iter_next(&iter, &name, &value))
            g_hash_table_insert(all, name, value);
    }
    return all;
}

/* The first variable of the section that the table lacks, or NULL. */
static const char *undefined_variable(const Section *section, GHashTable *variables)
{
    for (char **name = section ? section->variables : NULL; name && *name; name++)
        if (!g_hash_table_contains(variables, *name))
            return *name;
    return NULL;
}

static void judge_variables(PlanTarget *self, GHashTable *extra)
{
    g_autoptr(GHashTable) variables = plan_target_variables(self->target, extra);
    for (guint i = 0; i < self->path->steps->len && self->problem == PROBLEM_NONE; i++) {
        const PlanStep *step = self->path->steps->pdata[i];
        const Section *sections[] = {step->section, step->check, step->verify};
        for (gsize s = 0; s < G_N_ELEMENTS(sections) && self->problem == PROBLEM_NONE; s++) {
            const char *name = undefined_variable(sections[s], variables);
            if (!name)
                continue;
            block(self, PROBLEM_UNDEFINED_VARIABLE,
                  "%s:%u: revision %s uses {{ %s }}, which target %s does not define; add it to its vars or "
                  "give "
                  "-x %s=VALUE",
                  sections[s]->place.file, sections[s]->place.line, step->revision->id, name,
                  self->target->name, name);
        }
    }
}

/* The history's checks. A downgrade is how a failed verify is undone. */
static void judge_history(PlanTarget *self, const Planner *planner, const Route *route)
{
    g_autoptr(GHashTable) ran = ran_entries(self->state);
    judge_unfinished(self);
    if (self->problem == PROBLEM_NONE)
        judge_never_run(self, planner, ran, route);
    if (self->problem == PROBLEM_NONE && !planner->request->allow_edited)
        judge_edited(self, planner, ran, route);
    if (self->problem == PROBLEM_NONE && planner->request->command != PLAN_DOWNGRADE)
        judge_verify_failed(self, ran, route);
}

/* A stamp is how a person answers what the history holds up: it has something to do if there is such a thing,
 * even where the rows stay as they are. */
static bool stamp_is_needed(const PlanTarget *self, const Planner *planner, const Route *route)
{
    const MoveStep *move = ((const PlanStep *)self->path->steps->pdata[0])->move;
    PlanTarget without_it = {.target = self->target, .state = self->state};
    if (move->removed[0] || move->added[0])
        return true;
    if (route->applied)
        judge_history(&without_it, planner, route);
    g_free(without_it.reason);
    return without_it.problem != PROBLEM_NONE;
}

/* The history can be judged where the files know the rows. Where nothing is left to do, an edited section
 * holds nothing up: it is told, and the target stays at its goal. */
static void judge_move(PlanTarget *self, const Planner *planner, const Route *route)
{
    if (route->applied)
        judge_history(self, planner, route);
    bool only_told = self->problem == PROBLEM_EDITED || self->problem == PROBLEM_VERIFY_FAILED;
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
static void note_unfinished(PlanTarget *self)
{
    const HistoryEntry *open = target_state_unfinished(self->state);
    if (self->verdict != PLAN_PENDING || self->path->command == PLAN_STAMP ||
        !is_of_step(open, first_step(self)))
        return;
    self->problem = PROBLEM_UNFINISHED;
    self->reason = g_strdup_printf(
        "%s of revision %s stopped after %u of %u statements; \"dbfleet %s\" goes on behind them",
        open->direction, open->revision, open->statements_done, open->statements_total,
        plan_command_name(self->path->command));
}

static void judge(PlanTarget *self, const Planner *planner)
{
    const Route *route = planner_route(planner, self->state);
    if (route->problem != PROBLEM_NONE) {
        block(self, route->problem, "%s", route->reason);
        return;
    }
    self->path = route->path;
    bool stamps = self->path->command == PLAN_STAMP;
    if (!stamps)
        judge_move(self, planner, route);
    if (self->problem == PROBLEM_NONE)
        judge_width(self);
    if (self->problem == PROBLEM_NONE)
        judge_target_transaction(self);
    if (self->problem == PROBLEM_NONE)
        judge_variables(self, planner->request->variables);
    if (self->problem == PROBLEM_NONE)
        self->verdict = (stamps ? stamp_is_needed(self, planner, route) : self->path->steps->len > 0)
                            ? PLAN_PENDING
                            : PLAN_AT_GOAL;
    if (self->verdict == PLAN_PENDING && self->state->lock_holder)
        note_busy(self);
    else
        note_unfinished(self);
    if (self->verdict != PLAN_PENDING)
        self->path = NULL;
    else if (self->state->rows[0] && self->state->history->len == 0 && !route->path->applied_before)
        route->path->applied_before = applied_text(planner->graph, (const char *const *)self->state->rows);
}

static void plan_target_free(PlanTarget *self)
{
    g_free(self->reason);
    g_free(self);
}

static PlanTarget *plan_target_new(const Target *target, const TargetState *state, const Planner *planner)
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
        block(self, PROBLEM_STATE, "%s", state->reason);
    } else {
        judge(self, planner);
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
    g_autoptr(GHashTable) scripts = script_cache_new();
    g_autoptr(GHashTable) routes =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)route_free);
    Planner planner = {graph, request, scripts, routes};
    Plan *self = g_new0(Plan, 1);
    self->command = request->command;
    self->goals = g_strdupv((char **)request->goals);
    self->paths = g_ptr_array_new_with_free_func((GDestroyNotify)plan_path_free);
    self->targets = g_ptr_array_new_with_free_func((GDestroyNotify)plan_target_free);
    for (guint i = 0; i < targets->len; i++) {
        PlanTarget *target = plan_target_new(targets->pdata[i], states->pdata[i], &planner);
        g_ptr_array_add(self->targets, target);
        self->counts[target->verdict]++;
        if (target->path)
            ((PlanPath *)target->path)->targets++;
    }
    plan_take_paths(self, routes);
    plan_seal(self);
    return self;
}

void plan_free(Plan *self)
{
    if (!self)
        return;
    g_strfreev(self->goals);
    g_clear_pointer(&self->targets, g_ptr_array_unref);
    g_clear_pointer(&self->paths, g_ptr_array_unref);
    g_free(self);
}

const PlanTarget *plan_file_error(const Plan *self)
{
    for (guint i = 0; i < self->targets->len; i++) {
        const PlanTarget *target = self->targets->pdata[i];
        if (plan_problem_is_of_files(target->problem))
            return target;
    }
    return NULL;
}
