/* Testing revisions: one database walks up without rows; copies of it take the tries with rows. */
#include "dev/revision_test.h"

#include "dev/revision_draft.h"
#include "dev/row_sums.h"
#include "dev/seed_rows.h"
#include <string.h>

#define SEEDS 3u /* tries with rows; data that stands in the way may be made by chance */

/* The database that walks: where it stands. */
typedef struct Walker {
    const RevisionTestRequest *request;
    Scratch *scratch;   /* NULL: none yet, or lost */
    char **rows;        /* version rows it stands at */
    SchemaModel *model; /* there */
} Walker;

static void walker_clear(Walker *self)
{
    g_clear_pointer(&self->scratch, scratch_free);
    g_clear_pointer(&self->rows, g_strfreev);
    g_clear_pointer(&self->model, schema_model_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walker, walker_clear)

/* An error that says nothing about the revision. */
static bool is_ours(const GError *error)
{
    return g_error_matches(error, DB_ERROR, DB_ERROR_CANCELLED) ||
           g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST) ||
           g_error_matches(error, DB_ERROR, DB_ERROR_UNREACHABLE) ||
           g_error_matches(error, DEV_ERROR, DEV_ERROR_NO_SERVER);
}

/* ---- Walking ---- */

static Scratch *scratch_at(const RevisionTestRequest *request, const char *const *rows, GError **error)
{
    g_autoptr(Scratch) scratch =
        scratch_new(request->servers, request->dialect, NULL, request->schema, error);
    if (!scratch || !scratch_upgrade(scratch, request->graph, rows, request->variables, error))
        return NULL;
    return g_steal_pointer(&scratch);
}

/* The version rows of a database to which the revision comes next. Caller frees. */
static char **rows_below(const RevisionGraph *graph, const Revision *revision)
{
    g_autoptr(GPtrArray) parents = revision_graph_parents(graph, revision);
    g_autoptr(GPtrArray) needed = revision_graph_dependencies(graph, revision);
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    for (guint i = 0; i < parents->len; i++)
        g_ptr_array_add(ids, ((const Revision *)parents->pdata[i])->id);
    for (guint i = 0; i < needed->len; i++)
        if (!g_ptr_array_find(ids, ((const Revision *)needed->pdata[i])->id, NULL))
            g_ptr_array_add(ids, ((const Revision *)needed->pdata[i])->id);
    g_ptr_array_add(ids, NULL);
    g_autoptr(GPtrArray) applied = revision_graph_applied(graph, (const char *const *)ids->pdata, NULL);
    return revision_graph_rows(graph, applied);
}

static bool walker_go_to(Walker *self, char **rows, GError **error)
{
    if (self->scratch && g_strv_equal((const char *const *)self->rows, (const char *const *)rows))
        return true;
    walker_clear(self);
    self->scratch = scratch_at(self->request, (const char *const *)rows, error);
    self->rows = g_strdupv(rows);
    self->model = self->scratch ? scratch_model(self->scratch, NULL, error) : NULL;
    return self->model != NULL;
}

/* ---- One revision ---- */

typedef struct Trial {
    const RevisionTestRequest *request;
    const Revision *revision;
    RevisionTest *test;
    Walker *walker;
    Scratch *start;     /* before it, without rows but those that revisions insert */
    SchemaModel *below; /* of `start` */
    SeedCatalog *above; /* of the walker, once it is up */
    bool has_down;
} Trial;

static void trial_clear(Trial *self)
{
    scratch_free(self->start);
    schema_model_free(self->below);
    seed_catalog_free(self->above);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Trial, trial_clear)

/* Takes the error as the revision's own; false if it is none of it, and then it goes to `error`. */
static bool blame(Trial *self, const char *step, GError *problem, GError **error)
{
    if (is_ours(problem)) {
        g_propagate_error(error, problem);
        return false;
    }
    self->test->verdict = TEST_FAILED;
    self->test->step = step;
    g_free(self->test->reason);
    self->test->reason = g_strdup(problem->message);
    g_error_free(problem);
    return true;
}

static bool run(const Trial *self, Scratch *scratch, Direction direction, GError **error)
{
    return scratch_run_revision(scratch, self->revision, direction, self->request->variables, NULL, error);
}

/* A database before the revision. */
static Scratch *copy_of_start(const Trial *self, GError **error)
{
    GError *problem = NULL;
    Scratch *copy = scratch_copy(self->start, &problem);
    if (copy)
        return copy;
    if (!g_error_matches(problem, DEV_ERROR, DEV_ERROR_NO_COPY)) {
        g_propagate_error(error, problem);
        return NULL;
    }
    g_error_free(problem);
    g_auto(GStrv) rows = rows_below(self->request->graph, self->revision);
    return scratch_at(self->request, (const char *const *)rows, error);
}

/* The lines that differ from where it should stand; NULL and an error if that cannot be read. */
static GPtrArray *lines_off(Scratch *scratch, const SchemaModel *model, GError **error)
{
    g_autoptr(SchemaModel) now = scratch_model(scratch, NULL, error);
    g_autoptr(SchemaDiff) diff = now ? schema_diff_new(model, now, NULL) : NULL;
    return diff ? schema_diff_lines(diff) : NULL;
}

/* True if it stands there; else the verdict says what is off. */
static bool stands_at(Trial *self, Scratch *scratch, const SchemaModel *model, const char *step,
                      const char *reason, GError **error)
{
    g_autoptr(GPtrArray) lines = lines_off(scratch, model, error);
    if (!lines || lines->len == 0)
        return lines != NULL;
    self->test->verdict = TEST_FAILED;
    self->test->step = step;
    self->test->reason = g_strdup(reason);
    g_ptr_array_unref(self->test->differences);
    self->test->differences = g_steal_pointer(&lines);
    return false;
}

/* A try on a copy. */
typedef struct Try {
    Scratch *scratch;
    SeedReport seeded;
    RowSums *before;
    const char *step; /* that a statement failed in; NULL */
} Try;

static void try_clear(Try *self)
{
    scratch_free(self->scratch);
    seed_report_clear(&self->seeded);
    row_sums_free(self->before);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Try, try_clear)

static bool try_begin(Try *self, const Trial *trial, guint32 seed, GError **error)
{
    const SeedOptions options = {.seed = seed, .also = trial->above};
    self->scratch = copy_of_start(trial, error);
    if (!self->scratch || (seed > 0 && !seed_rows(self->scratch->connection, &options, &self->seeded, error)))
        return false;
    self->before = row_sums_read(self->scratch->connection, trial->below, error);
    return self->before != NULL;
}

static bool try_step(Try *self, const Trial *trial, Direction direction, const char *step, GError **error)
{
    self->step = step;
    if (!run(trial, self->scratch, direction, error))
        return false;
    self->step = NULL;
    return true;
}

static bool note_lost(Try *self, Trial *trial, GError **error)
{
    const RowComparison same = {.before = trial->below, .after = trial->below};
    g_autoptr(RowSums) now = row_sums_read(self->scratch->connection, trial->below, error);
    if (!now)
        return false;
    g_ptr_array_unref(trial->test->lost);
    trial->test->lost = row_sums_difference(self->before, now, &same);
    return true;
}

/* Up, down, up. False with an error, or with a verdict. */
static bool try_all(Try *self, Trial *trial, GError **error)
{
    const SchemaModel *above = trial->walker->model;
    if (!try_step(self, trial, DIRECTION_UP, "up", error) ||
        !stands_at(trial, self->scratch, above, "up", "with rows the schema is another than without", error))
        return false;
    if (!trial->has_down)
        return true;
    return try_step(self, trial, DIRECTION_DOWN, "down", error) &&
           stands_at(trial, self->scratch, trial->below, "down",
                     "the schema is not the one from before the revision", error) &&
           note_lost(self, trial, error) && try_step(self, trial, DIRECTION_UP, "up again", error) &&
           stands_at(trial, self->scratch, above, "up again",
                     "the schema is another than after the first time", error);
}

static void take_rows(Trial *trial, Try *try)
{
    trial->test->rows = try->seeded.rows;
    for (guint i = 0; try->seeded.empty && i < try->seeded.empty->len; i++)
        g_ptr_array_add(trial->test->empty, g_strdup(try->seeded.empty->pdata[i]));
}

/* True if there is an answer, good or bad; *problem is what a statement failed with, which rows may be to
 * blame for. False with an error. */
static bool trial_try(Trial *self, guint32 seed, const char **step, GError **problem, GError **error)
{
    g_auto(Try) try = {0};
    GError *found = NULL;
    if (!try_begin(&try, self, seed, error))
        return false;
    bool good = try_all(&try, self, &found);
    *step = try.step;
    if (good || !found)
        take_rows(self, &try);
    if (found && !try.step) {
        g_propagate_error(error, found);
        return false;
    }
    *problem = found;
    return true;
}

/* With rows, and where a statement fails with them, without. */
static bool trial_tries(Trial *self, GError **error)
{
    const char *step = NULL;
    const char *first_step = NULL;
    g_autoptr(GError) first = NULL;
    for (guint32 seed = 1; seed <= SEEDS + 1; seed++) {
        GError *problem = NULL;
        if (!trial_try(self, seed <= SEEDS ? seed : 0, &step, &problem, error))
            return false;
        if (!problem) {
            if (seed > SEEDS && first)
                self->test->needs_no_rows = g_strdup_printf("%s: %s", first_step, first->message);
            return true;
        }
        if (is_ours(problem) || seed > SEEDS)
            return blame(self, step, problem, error);
        if (first) {
            g_error_free(problem);
            continue;
        }
        first = problem;
        first_step = step;
    }
    return true;
}

static bool says_irreversible(const Revision *revision)
{
    for (guint i = 0; i < revision->sections->len; i++)
        if (strstr(((const Section *)revision->sections->pdata[i])->text, REVISION_IRREVERSIBLE))
            return true;
    return false;
}

/* The walker goes up, without rows; a copy of it stays below. */
static bool trial_begin(Trial *self, char **rows, GError **error)
{
    GError *problem = NULL;
    Walker *walker = self->walker;
    if (!walker_go_to(walker, rows, &problem))
        return blame(self, "up", problem, error);
    self->start = scratch_copy(walker->scratch, NULL);
    if (!self->start)
        self->start = scratch_at(self->request, (const char *const *)rows, error);
    if (!self->start)
        return false;
    self->below = g_steal_pointer(&walker->model);
    if (!run(self, walker->scratch, DIRECTION_UP, &problem)) {
        walker_clear(walker);
        return blame(self, "up", problem, error);
    }
    walker->model = scratch_model(walker->scratch, NULL, error);
    self->above = walker->model ? seed_catalog_read(walker->scratch->connection, error) : NULL;
    return self->above != NULL;
}

static bool test_revision(Trial *self, GError **error)
{
    const RevisionTestRequest *request = self->request;
    Dialect dialect = request->dialect;
    g_auto(GStrv) rows = rows_below(request->graph, self->revision);
    if (!trial_begin(self, rows, error))
        return false;
    if (self->test->verdict == TEST_FAILED)
        return true;
    g_strfreev(self->walker->rows);
    const char *const own[] = {self->revision->id, NULL};
    self->walker->rows = g_strdupv((char **)own);
    self->has_down = revision_section(self->revision, SECTION_DOWN, dialect) != NULL;
    if (!trial_tries(self, error))
        return false;
    if (self->test->verdict == TEST_PASSED && !self->has_down) {
        self->test->verdict = TEST_IRREVERSIBLE;
        self->test->declared = says_irreversible(self->revision);
    }
    return true;
}

static bool test_one(const RevisionTestRequest *request, guint index, Walker *walker,
                     RevisionTestResult *result, GError **error)
{
    const Revision *revision = request->revisions->pdata[index];
    gint64 begun = g_get_monotonic_time();
    RevisionTest *test = revision_test_new(request->dialect);
    g_auto(Trial) trial = {.request = request, .revision = revision, .test = test, .walker = walker};
    test->revision = g_strdup(revision->id);
    test->message = g_strdup(revision->message);
    test->file = g_strdup(revision->file);
    if (request->progress)
        request->progress(request->context, revision, index);
    bool good = test_revision(&trial, error);
    test->duration_us = g_get_monotonic_time() - begun;
    revision_test_result_take(result, test);
    return good;
}

/* ---- All heads together ---- */

static bool test_together(const RevisionTestRequest *request, RevisionTestResult *result, GError **error)
{
    g_autoptr(GPtrArray) heads = revision_graph_effective_heads(request->graph);
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    GError *problem = NULL;
    gint64 begun = g_get_monotonic_time();
    for (guint i = 0; i < heads->len; i++)
        g_ptr_array_add(rows, ((const Revision *)heads->pdata[i])->id);
    g_ptr_array_add(rows, NULL);
    if (heads->len < 2)
        return true;
    RevisionTest *test = revision_test_new(request->dialect);
    Trial trial = {.test = test};
    test->message = g_strdup_printf("all %u heads on one database", heads->len);
    g_autoptr(Scratch) scratch = scratch_at(request, (const char *const *)rows->pdata, &problem);
    bool good = scratch || blame(&trial, "up", problem, error);
    test->duration_us = g_get_monotonic_time() - begun;
    revision_test_result_take(result, test);
    return good;
}

bool revision_test_run(const RevisionTestRequest *request, RevisionTestResult *result, GError **error)
{
    g_auto(Walker) walker = {.request = request};
    for (guint i = 0; i < request->revisions->len; i++)
        if (!test_one(request, i, &walker, result, error))
            return false;
    return !request->together || test_together(request, result, error);
}
