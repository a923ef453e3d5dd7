/* Proof of revisions: with rows of several seeds, and at last without any. */
#include "dev/revision_proof.h"

#include "dev/row_sums.h"
#include "dev/seed_rows.h"

#define SEEDS 3u /* attempts with rows; data that stands in the way may be made by chance */
#define LINES_SHOWN 20u

void revision_proof_clear(RevisionProof *self)
{
    g_clear_pointer(&self->needs_no_rows, g_free);
    g_clear_pointer(&self->empty, g_ptr_array_unref);
}

/* ---- What was found to be wrong ---- */

static void add_lines(GString *text, const GPtrArray *lines)
{
    for (guint i = 0; i < lines->len && i < LINES_SHOWN; i++)
        g_string_append_printf(text, "\n%s", (const char *)lines->pdata[i]);
    if (lines->len > LINES_SHOWN)
        g_string_append_printf(text, "\n… and %u more", lines->len - LINES_SHOWN);
}

static bool refuse(const char *what, const GPtrArray *lines, GError **error)
{
    g_autoptr(GString) text = g_string_new(what);
    if (lines->len == 0)
        return true;
    add_lines(text, lines);
    g_set_error_literal(error, SCHEMA_ERROR, SCHEMA_ERROR_UNREACHED, text->str);
    return false;
}

static bool stands_at(Scratch *scratch, const SchemaModel *model, const char *what, GError **error)
{
    g_autoptr(SchemaModel) now = scratch_model(scratch, NULL, error);
    if (!now)
        return false;
    g_autoptr(SchemaDiff) diff = schema_diff_new(model, now, NULL);
    g_autoptr(GPtrArray) lines = schema_diff_lines(diff);
    return refuse(what, lines, error);
}

/* ---- One attempt ---- */

typedef struct Attempt {
    const ProofRequest *request;
    Scratch *scratch;
    SeedReport seeded;
    RowSums *sums; /* as last read */
    bool failed;   /* a statement of the revisions did, which rows may be to blame for */
} Attempt;

static void attempt_clear(Attempt *self)
{
    scratch_free(self->scratch);
    seed_report_clear(&self->seeded);
    row_sums_free(self->sums);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attempt, attempt_clear)

static bool seed(Attempt *self, guint32 number, GError **error)
{
    const ProofRequest *request = self->request;
    g_autoptr(SeedCatalog) also =
        request->desired ? seed_catalog_read(request->desired->connection, error) : NULL;
    const SeedOptions options = {.seed = number, .also = also};
    return (also || !request->desired) &&
           seed_rows(self->scratch->connection, &options, &self->seeded, error);
}

static bool run_revisions(Attempt *self, Direction direction, GError **error)
{
    const GPtrArray *revisions = self->request->revisions;
    for (guint i = 0; i < revisions->len; i++) {
        const Revision *revision = revisions->pdata[direction == DIRECTION_UP ? i : revisions->len - 1 - i];
        if (scratch_run_revision(self->scratch, revision, direction, self->request->variables, NULL, error))
            continue;
        self->failed = true;
        return false;
    }
    return true;
}

/* The rows now against those read last, which they replace. */
static bool rows_survive(Attempt *self, const RowComparison *comparison, const char *what, GError **error)
{
    RowSums *now = row_sums_read(self->scratch->connection, comparison->after, error);
    if (!now)
        return false;
    g_autoptr(GPtrArray) lines = row_sums_difference(self->sums, now, comparison);
    row_sums_free(self->sums);
    self->sums = now;
    return refuse(what, lines, error);
}

static bool go_up(Attempt *self, GError **error)
{
    const ProofRequest *request = self->request;
    const RowComparison rows = {request->before, request->wanted, request->hints, request->losses};
    self->sums = row_sums_read(self->scratch->connection, request->before, error);
    return self->sums && run_revisions(self, DIRECTION_UP, error) &&
           stands_at(self->scratch, request->wanted,
                     "the way up does not lead to the desired schema:", error) &&
           rows_survive(self, &rows, "the way up loses data that no statement is marked for:", error);
}

static bool go_down(Attempt *self, GError **error)
{
    const ProofRequest *request = self->request;
    g_autoptr(SchemaHints) back = request->hints ? schema_hints_inverted(request->hints) : NULL;
    const RowComparison rows = {request->wanted, request->before, back, request->losses};
    return run_revisions(self, DIRECTION_DOWN, error) &&
           stands_at(self->scratch, request->before, "the way down does not lead back:", error) &&
           rows_survive(self, &rows, "the way down loses data that no statement is marked for:", error);
}

/* `number` 0: without rows. */
static bool try_once(const ProofRequest *request, guint32 number, RevisionProof *proof, bool *failed,
                     GError **error)
{
    g_auto(Attempt) attempt = {.request = request, .scratch = request->fresh(request->context, error)};
    *failed = false;
    if (!attempt.scratch || (number > 0 && !seed(&attempt, number, error)))
        return false;
    bool good = go_up(&attempt, error) && (request->no_down || go_down(&attempt, error));
    *failed = attempt.failed;
    if (good) {
        proof->rows = attempt.seeded.rows;
        g_clear_pointer(&proof->empty, g_ptr_array_unref);
        proof->empty = g_steal_pointer(&attempt.seeded.empty);
    }
    return good;
}

/* ---- All ---- */

/* A statement failed with rows: they are to blame if it goes without any. */
bool revision_proof_run(const ProofRequest *request, RevisionProof *proof, GError **error)
{
    g_autoptr(GError) first = NULL;
    *proof = (RevisionProof){0};
    for (guint32 number = 1; number <= SEEDS; number++) {
        g_autoptr(GError) problem = NULL;
        bool failed = false;
        if (try_once(request, number, proof, &failed, &problem))
            return true;
        if (!failed || problem->domain != DEV_ERROR) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        if (!first)
            first = g_steal_pointer(&problem);
    }
    bool failed = false;
    if (!try_once(request, 0, proof, &failed, error))
        return false;
    proof->needs_no_rows = g_strdup(first->message);
    return true;
}
