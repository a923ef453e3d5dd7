/* Ledger writing: runs, their paths, waves, targets, steps and events, in batches. A row that is there is
 * replaced, so a batch whose COMMIT got lost may be written again. Main thread only. */
#include "run/ledger_internal.h"

/* ---- Rows ---- */

static void begin_rows(LedgerRows *rows, const Ledger *self, Batch *batch, const LedgerTable *table)
{
    ledger_rows_begin(rows, batch, self->connection, table);
}

static void add_run(const Ledger *self, Batch *batch, const RunResult *run)
{
    LedgerRows rows;
    begin_rows(&rows, self, batch, &ledger_runs_table);
    ledger_rows_add(&rows, (const char *[]){run->id, NULL}, (gconstpointer[]){run});
    ledger_rows_end(&rows);
}

static void add_numbered(LedgerRows *rows, const char *run, const char *name, guint64 number,
                         gconstpointer object, gconstpointer second)
{
    char digits[24];
    g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, number);
    const char *text = batch_keep(rows->batch, digits);
    const char *named[] = {run, name, text, NULL}, *plain[] = {run, text, NULL};
    ledger_rows_add(rows, name ? named : plain, (gconstpointer[]){object, second});
}

/* The place of each target in the run, by its address. */
static GHashTable *target_places(const RunResult *run)
{
    GHashTable *places = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < run->targets->len; i++)
        g_hash_table_insert(places, run->targets->pdata[i], GUINT_TO_POINTER(i));
    return places;
}

static void add_targets(const Ledger *self, Batch *batch, const RunResult *run, const GPtrArray *targets)
{
    LedgerRows rows;
    g_autoptr(GHashTable) places = target_places(run);
    begin_rows(&rows, self, batch, &ledger_targets_table);
    for (guint i = 0; i < targets->len; i++) {
        const TargetResult *target = targets->pdata[i];
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, target));
        add_numbered(&rows, run->id, NULL, place, target, target->failure);
    }
    ledger_rows_end(&rows);
}

static void add_steps(const Ledger *self, Batch *batch, const RunResult *run, const GPtrArray *targets)
{
    LedgerRows rows;
    begin_rows(&rows, self, batch, &ledger_steps_table);
    for (guint i = 0; i < targets->len; i++) {
        const TargetResult *target = targets->pdata[i];
        for (guint s = 0; s < target->steps->len; s++)
            add_numbered(&rows, run->id, target->name, s, target->steps->pdata[s], NULL);
    }
    ledger_rows_end(&rows);
}

static void add_paths(const Ledger *self, Batch *batch, const RunResult *run)
{
    LedgerRows paths, steps;
    begin_rows(&paths, self, batch, &ledger_paths_table);
    begin_rows(&steps, self, batch, &ledger_path_steps_table);
    for (guint i = 0; i < run->paths->len; i++) {
        const RunPath *path = run->paths->pdata[i];
        ledger_rows_add(&paths, (const char *[]){run->id, path->digest, NULL}, (gconstpointer[]){path});
        for (guint s = 0; s < path->steps->len; s++)
            add_numbered(&steps, run->id, path->digest, s, path->steps->pdata[s], NULL);
    }
    ledger_rows_end(&paths);
    ledger_rows_end(&steps);
}

static void add_waves(const Ledger *self, Batch *batch, const RunResult *run)
{
    LedgerRows waves, gates;
    begin_rows(&waves, self, batch, &ledger_waves_table);
    begin_rows(&gates, self, batch, &ledger_gates_table);
    for (guint w = 0; w < run->waves->len; w++) {
        const WaveResult *wave = run->waves->pdata[w];
        g_autofree char *number = g_strdup_printf("%u", w);
        const char *place = batch_keep(batch, number);
        add_numbered(&waves, run->id, NULL, w, wave, NULL);
        for (guint g = 0; g < wave->gates->len; g++)
            add_numbered(&gates, run->id, place, g, wave->gates->pdata[g], NULL);
    }
    ledger_rows_end(&waves);
    ledger_rows_end(&gates);
}

static void add_warnings(const Ledger *self, Batch *batch, const RunResult *run)
{
    LedgerRows rows;
    begin_rows(&rows, self, batch, &ledger_warnings_table);
    for (guint i = 0; i < run->warnings->len; i++)
        add_numbered(&rows, run->id, NULL, i, &run->warnings->pdata[i], NULL);
    ledger_rows_end(&rows);
}

static void add_events(const Ledger *self, Batch *batch, const RunResult *run, const GPtrArray *events)
{
    LedgerRows rows;
    begin_rows(&rows, self, batch, &ledger_events_table);
    for (guint i = 0; i < events->len; i++) {
        const RunEvent *event = events->pdata[i];
        add_numbered(&rows, run->id, NULL, event->number, event, NULL);
    }
    ledger_rows_end(&rows);
}

/* ---- Batches ---- */

bool ledger_begin(Ledger *self, const RunResult *run, const GPtrArray *events, GError **error)
{
    g_autoptr(Batch) batch = ledger_batch(self);
    add_run(self, batch, run);
    add_paths(self, batch, run);
    add_targets(self, batch, run, run->targets);
    add_steps(self, batch, run, run->targets);
    add_waves(self, batch, run);
    add_warnings(self, batch, run);
    if (events)
        add_events(self, batch, run, events);
    if (ledger_commit(self, batch, error))
        return true;
    g_prefix_error(error, "the run cannot be recorded, so nothing was started: ");
    return false;
}

bool ledger_record(Ledger *self, const RunResult *run, const GPtrArray *targets, const GPtrArray *events,
                   GError **error)
{
    g_autoptr(Batch) batch = ledger_batch(self);
    add_run(self, batch, run);
    add_targets(self, batch, run, targets);
    add_steps(self, batch, run, targets);
    add_waves(self, batch, run);
    add_warnings(self, batch, run);
    add_events(self, batch, run, events);
    return ledger_commit(self, batch, error);
}
