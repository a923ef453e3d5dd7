/* Ledger writing: runs, their paths, waves, targets, steps and events, in batches. A row that is there is
 * replaced, so a batch whose COMMIT got lost may be written again. A file takes a long batch in parts, which
 * one transaction holds together: the rows of all targets or steps are never in memory at once. Main thread
 * only. */
#include "run/ledger/ledger_internal.h"

#define PART_ROWS 128 /* to be bound at once */

#define TEXT(value)                                                                                          \
    {                                                                                                        \
        .text = (value)                                                                                      \
    }
#define NUMBER(value)                                                                                        \
    {                                                                                                        \
        .is_number = true, .number = (value)                                                                 \
    }

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

static void add_row(Writing *self, const BoundValue *keys, gconstpointer const *objects)
{
    ledger_rows_add(&self->rows, keys, objects);
    if (self->rows.values && self->rows.count >= PART_ROWS)
        send_part(self);
}

static void add_run(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_runs_table);
    add_row(self, (BoundValue[]){TEXT(run->id)}, (gconstpointer[]){run});
    end_rows(self);
}

static void add_numbered(Writing *self, const RunResult *run, guint64 number, gconstpointer object)
{
    add_row(self, (BoundValue[]){TEXT(run->id), NUMBER((gint64)number)}, (gconstpointer[]){object});
}

static void add_target(Writing *self, const RunResult *run, guint place)
{
    const TargetResult *target = run->targets->pdata[place];
    add_row(self, (BoundValue[]){TEXT(run->id), NUMBER(place)}, (gconstpointer[]){target, target->failure});
}

static void add_steps(Writing *self, const RunResult *run, guint place)
{
    const TargetResult *target = run->targets->pdata[place];
    for (guint s = 0; s < target->step_count; s++)
        add_row(self, (BoundValue[]){TEXT(run->id), TEXT(target->name), NUMBER(s)},
                (gconstpointer[]){&target->steps[s]});
}

/* The targets at these places, in their order, with their steps; NULL: all of the run. */
static void add_targets(Writing *self, const RunResult *run, const GArray *places)
{
    static const struct {
        const LedgerTable *table;
        void (*add)(Writing *self, const RunResult *run, guint place);
    } rows[] = {{&ledger_targets_table, add_target}, {&ledger_steps_table, add_steps}};
    for (gsize r = 0; r < G_N_ELEMENTS(rows); r++) {
        begin_rows(self, rows[r].table);
        for (guint i = 0; i < (places ? places->len : run->targets->len); i++)
            rows[r].add(self, run, places ? g_array_index(places, guint, i) : i);
        end_rows(self);
    }
}

static void add_paths(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_paths_table);
    for (guint i = 0; i < run->paths->len; i++) {
        const RunPath *path = run->paths->pdata[i];
        add_row(self, (BoundValue[]){TEXT(run->id), TEXT(path->digest)}, (gconstpointer[]){path});
    }
    end_rows(self);
    begin_rows(self, &ledger_path_steps_table);
    for (guint i = 0; i < run->paths->len; i++) {
        const RunPath *path = run->paths->pdata[i];
        for (guint s = 0; s < run_path_length(path); s++) {
            const RunPathStep step = run_path_step(path, s);
            add_row(self, (BoundValue[]){TEXT(run->id), TEXT(path->digest), NUMBER(s)},
                    (gconstpointer[]){&step});
        }
    }
    end_rows(self);
}

static void add_gates(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_gates_table);
    for (guint w = 0; w < run->waves->len; w++) {
        const WaveResult *wave = run->waves->pdata[w];
        for (guint g = 0; g < wave->gates->len; g++)
            add_row(self, (BoundValue[]){TEXT(run->id), NUMBER(w), NUMBER(g)},
                    (gconstpointer[]){wave->gates->pdata[g]});
    }
    end_rows(self);
}

static void add_waves(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_waves_table);
    for (guint w = 0; w < run->waves->len; w++)
        add_numbered(self, run, w, run->waves->pdata[w]);
    end_rows(self);
    add_gates(self, run);
}

static void add_warnings(Writing *self, const RunResult *run)
{
    begin_rows(self, &ledger_warnings_table);
    for (guint i = 0; i < run->warnings->len; i++)
        add_numbered(self, run, i, &run->warnings->pdata[i]);
    end_rows(self);
}

/* What is written goes no further than its row: one event after the other stands in the same place, and its
 * text is the batch's. */
static void add_begun(Writing *self, const RunResult *run, const StepsBegun *steps)
{
    for (guint i = 0; i < steps->begun->len; i++) {
        g_autofree char *text = steps_begun_text(steps, i);
        RunEvent event = steps_begun_event(steps, i);
        event.text = (char *)batch_keep(self->batch, text);
        add_numbered(self, run, event.number, &event);
    }
}

static void add_events(Writing *self, const RunResult *run, const LedgerNews *news)
{
    begin_rows(self, &ledger_events_table);
    for (guint i = 0; news->events && i < news->events->len; i++) {
        const RunEvent *event = news->events->pdata[i];
        add_numbered(self, run, event->number, event);
    }
    for (guint i = 0; news->begun && i < news->begun->len; i++)
        add_begun(self, run, news->begun->pdata[i]);
    end_rows(self);
}

/* ---- Batches ---- */

bool ledger_begin(Ledger *self, const RunResult *run, const LedgerNews *news, GError **error)
{
    Writing writing;
    writing_init(&writing, self);
    add_run(&writing, run);
    add_paths(&writing, run);
    add_targets(&writing, run, NULL);
    add_waves(&writing, run);
    add_warnings(&writing, run);
    if (news)
        add_events(&writing, run, news);
    if (writing_end(&writing, error))
        return true;
    g_prefix_error(error, "the run cannot be recorded, so nothing was started: ");
    return false;
}

bool ledger_record(Ledger *self, const RunResult *run, const LedgerNews *news, GError **error)
{
    Writing writing;
    writing_init(&writing, self);
    add_run(&writing, run);
    if (news->places)
        add_targets(&writing, run, news->places);
    add_waves(&writing, run);
    add_warnings(&writing, run);
    add_events(&writing, run, news);
    return writing_end(&writing, error);
}
