/* Ledger writing: runs, their paths, waves, targets, steps and events, in batches. A row that is there is
 * replaced, so a batch whose COMMIT got lost may be written again. A file takes a long batch in parts, which
 * one transaction holds together: the rows of all targets or steps are never in memory at once. Main thread
 * only. */
#include "run/ledger/ledger_internal.h"

#define PART_VALUES 2048 /* to be bound at once */

/* ---- Rows ---- */

/* What is being written. */
typedef struct Writing {
    Ledger *ledger;
    Batch *batch;
    GError *problem; /* why a part could not be sent; nothing more is. NULL */
    LedgerRows rows; /* open between begin_rows() and end_rows() */
} Writing;

static void writing_init(Writing *self, Ledger *ledger)
{
    *self = (Writing){.ledger = ledger, .batch = ledger_batch(ledger)};
}

static bool writing_end(Writing *self, GError **error)
{
    bool good = !self->problem && ledger_commit(self->ledger, self->batch, error);
    if (self->problem)
        g_propagate_error(error, g_steal_pointer(&self->problem));
    batch_free(self->batch);
    return good;
}

static void begin_rows(Writing *self, const LedgerTable *table)
{
    ledger_rows_begin(&self->rows, self->batch, self->ledger->connection, table);
}

static void end_rows(Writing *self)
{
    ledger_rows_end(&self->rows);
}

/* The rows so far, and on with the same table. */
static void send_part(Writing *self)
{
    const LedgerTable *table = self->rows.table;
    end_rows(self);
    if (!self->problem)
        ledger_send(self->ledger, self->batch, &self->problem);
    batch_free(self->batch);
    self->batch = batch_new();
    begin_rows(self, table);
}

static void add_row(Writing *self, const char *const *keys, gconstpointer const *objects)
{
    ledger_rows_add(&self->rows, keys, objects);
    if (self->rows.values && self->rows.values->len >= PART_VALUES)
        send_part(self);
}

static void add_run(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_runs_table);
    add_row(self, (const char *[]){run->id, NULL}, (gconstpointer[]){run});
    end_rows(self);
}

static void add_numbered(Writing *self, const char *run, const char *name, guint64 number,
                         gconstpointer object, gconstpointer second)
{
    char digits[24];
    g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, number);
    const char *text = batch_keep(self->batch, digits);
    const char *named[] = {run, name, text, NULL}, *plain[] = {run, text, NULL};
    add_row(self, name ? named : plain, (gconstpointer[]){object, second});
}

/* The place of each target in the run, by its address. */
static GHashTable *target_places(const RunResult *run)
{
    GHashTable *places = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < run->targets->len; i++)
        g_hash_table_insert(places, run->targets->pdata[i], GUINT_TO_POINTER(i));
    return places;
}

static void add_targets(Writing *self, const RunResult *run, const GPtrArray *targets)
{
    g_autoptr(GHashTable) places = target_places(run);
    begin_rows(self, &ledger_targets_table);
    for (guint i = 0; i < targets->len; i++) {
        const TargetResult *target = targets->pdata[i];
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, target));
        add_numbered(self, run->id, NULL, place, target, target->failure);
    }
    end_rows(self);
}

static void add_steps(Writing *self, const RunResult *run, const GPtrArray *targets)
{
    begin_rows(self, &ledger_steps_table);
    for (guint i = 0; i < targets->len; i++) {
        const TargetResult *target = targets->pdata[i];
        for (guint s = 0; s < target->step_count; s++)
            add_numbered(self, run->id, target->name, s, &target->steps[s], NULL);
    }
    end_rows(self);
}

static void add_paths(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_paths_table);
    for (guint i = 0; i < run->paths->len; i++) {
        const RunPath *path = run->paths->pdata[i];
        add_row(self, (const char *[]){run->id, path->digest, NULL}, (gconstpointer[]){path});
    }
    end_rows(self);
    begin_rows(self, &ledger_path_steps_table);
    for (guint i = 0; i < run->paths->len; i++) {
        const RunPath *path = run->paths->pdata[i];
        for (guint s = 0; s < run_path_length(path); s++) {
            const RunPathStep step = run_path_step(path, s);
            add_numbered(self, run->id, path->digest, s, &step, NULL);
        }
    }
    end_rows(self);
}

static void add_gates(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_gates_table);
    for (guint w = 0; w < run->waves->len; w++) {
        const WaveResult *wave = run->waves->pdata[w];
        g_autofree char *number = g_strdup_printf("%u", w);
        for (guint g = 0; g < wave->gates->len; g++)
            add_numbered(self, run->id, batch_keep(self->batch, number), g, wave->gates->pdata[g], NULL);
    }
    end_rows(self);
}

static void add_waves(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_waves_table);
    for (guint w = 0; w < run->waves->len; w++)
        add_numbered(self, run->id, NULL, w, run->waves->pdata[w], NULL);
    end_rows(self);
    add_gates(self, run);
}

static void add_warnings(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_warnings_table);
    for (guint i = 0; i < run->warnings->len; i++)
        add_numbered(self, run->id, NULL, i, &run->warnings->pdata[i], NULL);
    end_rows(self);
}

static void add_events(Writing *self, const RunResult *run, const GPtrArray *events)
{
    begin_rows(self, &ledger_events_table);
    for (guint i = 0; i < events->len; i++) {
        const RunEvent *event = events->pdata[i];
        add_numbered(self, run->id, NULL, event->number, event, NULL);
    }
    end_rows(self);
}

/* ---- Batches ---- */

bool ledger_begin(Ledger *self, const RunResult *run, const GPtrArray *events, GError **error)
{
    Writing writing;
    writing_init(&writing, self);
    add_run(&writing, run);
    add_paths(&writing, run);
    add_targets(&writing, run, run->targets);
    add_steps(&writing, run, run->targets);
    add_waves(&writing, run);
    add_warnings(&writing, run);
    if (events)
        add_events(&writing, run, events);
    if (writing_end(&writing, error))
        return true;
    g_prefix_error(error, "the run cannot be recorded, so nothing was started: ");
    return false;
}

bool ledger_record(Ledger *self, const RunResult *run, const GPtrArray *targets, const GPtrArray *events,
                   GError **error)
{
    Writing writing;
    writing_init(&writing, self);
    add_run(&writing, run);
    add_targets(&writing, run, targets);
    add_steps(&writing, run, targets);
    add_waves(&writing, run);
    add_warnings(&writing, run);
    add_events(&writing, run, events);
    return writing_end(&writing, error);
}
