/* Ledger reading: finds runs by what people type, and makes results of their rows. Main thread only. */
#include "run/ledger/ledger_internal.h"
#include "run/liveness.h"
#include <string.h>

/* ---- Rows of a table ---- */

/* SELECT of keys and columns; `rest` begins with WHERE, or is empty. */
static RowSet *select_rows(Ledger *self, const LedgerTable *table, const char *rest, GError **error)
{
    g_autofree char *columns = ledger_column_list(table);
    return ledger_query(self, error, "SELECT %s FROM %s %s ORDER BY %s", columns, table->name, rest,
                        table->order);
}

static RowSet *select_of_run(Ledger *self, const LedgerTable *table, const char *run, GError **error)
{
    g_autofree char *id = ledger_literal(self, run);
    g_autofree char *where = g_strdup_printf("WHERE run_id = %s", id);
    return select_rows(self, table, where, error);
}

/* Where the columns of a table's part begin in its rows. */
static char *const *part_of(const LedgerTable *table, gsize part, char *const *row)
{
    row += ledger_key_count(table);
    for (gsize i = 0; i < part; i++)
        row += table->parts[i].length;
    return row;
}

static void fill(const LedgerTable *table, gsize part, char *const *row, gpointer object)
{
    ledger_fill(&table->parts[part], part_of(table, part, row), object);
}

/* ---- Runs ---- */

static RunResult *run_from(char *const *row)
{
    RunResult *run = run_result_new();
    run->id = g_strdup(row[0]);
    fill(&ledger_runs_table, 0, row, run);
    run->state = run_state(run->finished_us, run->heartbeat_us, run->paused_by, run->host, run->process,
                           g_get_real_time());
    return run;
}

/* The rows of runs that `id` may mean: exact, a prefix, or the newest for "last". */
static RowSet *find_runs(Ledger *self, const char *id, GError **error)
{
    if (g_str_equal(id, "last"))
        return select_rows(self, &ledger_runs_table,
                           "WHERE id = (SELECT id FROM runs ORDER BY started_us DESC, id DESC LIMIT 1)",
                           error);
    g_autofree char *exact = ledger_literal(self, id);
    g_autofree char *is = g_strdup_printf("WHERE id = %s", exact);
    RowSet *rows = select_rows(self, &ledger_runs_table, is, error);
    if (!rows || rows->rows->len == 1)
        return rows;
    rowset_free(rows);
    g_autofree char *begins = g_strdup_printf("WHERE substr(id, 1, length(%s)) = %s", exact, exact);
    return select_rows(self, &ledger_runs_table, begins, error);
}

static char *newest_ids(Ledger *self)
{
    g_autoptr(RowSet) rows = ledger_query(self, NULL, "SELECT id FROM runs ORDER BY started_us DESC LIMIT 5");
    GString *text = g_string_new(NULL);
    for (guint i = 0; rows && i < rows->rows->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", ((char **)rows->rows->pdata[i])[0]);
    return g_string_free(text, FALSE);
}

RunResult *ledger_find(Ledger *self, const char *id, GError **error)
{
    g_autoptr(RowSet) rows = find_runs(self, id, error);
    if (!rows)
        return NULL;
    if (rows->rows->len == 1)
        return run_from(rows->rows->pdata[0]);
    g_autofree char *near = newest_ids(self);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s run \"%s\"; the newest are: %s",
                rows->rows->len ? "more than one" : "no", id, *near ? near : "none");
    return NULL;
}

/* ---- What hangs on a run ---- */

/* Only what was started has no NULL there in its row. */
static Failure *failure_from(char *const *row)
{
    if (!*part_of(&ledger_targets_table, 1, row))
        return NULL;
    Failure *failure = failure_new();
    fill(&ledger_targets_table, 1, row, failure);
    return failure;
}

/* A target that was at work when the record ends is not done, whatever it may have become since. */
static void tell_unfinished(const RunResult *run, TargetResult *target)
{
    if (run->state != RUN_DIED || target->outcome != OUTCOME_NOT_STARTED || !target->started_us)
        return;
    g_free(target->reason);
    target->reason = g_strdup("in progress when the run died: \"dbfleet status\" reads where it stands");
}

static TargetResult *target_from(const RunResult *run, char *const *row)
{
    TargetResult *target = target_result_new();
    fill(&ledger_targets_table, 0, row, target);
    target->failure = failure_from(row);
    tell_unfinished(run, target);
    return target;
}

static bool load_targets(Ledger *self, RunResult *run, GHashTable *by_name, GError **error)
{
    g_autoptr(RowSet) rows = select_of_run(self, &ledger_targets_table, run->id, error);
    for (guint i = 0; rows && i < rows->rows->len; i++) {
        TargetResult *target = target_from(run, rows->rows->pdata[i]);
        g_ptr_array_add(run->targets, target);
        g_hash_table_insert(by_name, target->name, target);
    }
    return rows != NULL;
}

static bool load_steps(Ledger *self, const RunResult *run, GHashTable *by_name, GError **error)
{
    g_autoptr(RowSet) rows = select_of_run(self, &ledger_steps_table, run->id, error);
    for (guint i = 0; rows && i < rows->rows->len; i++) {
        char **row = rows->rows->pdata[i];
        TargetResult *target = g_hash_table_lookup(by_name, row[1]);
        if (!target)
            continue;
        fill(&ledger_steps_table, 0, row, target_result_add_step(target));
    }
    return rows != NULL;
}

static bool load_paths(Ledger *self, RunResult *run, GError **error)
{
    g_autoptr(GHashTable) by_digest = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(RowSet) paths = select_of_run(self, &ledger_paths_table, run->id, error);
    g_autoptr(RowSet) steps = paths ? select_of_run(self, &ledger_path_steps_table, run->id, error) : NULL;
    for (guint i = 0; paths && i < paths->rows->len; i++) {
        char **row = paths->rows->pdata[i];
        RunPath *path = run_path_new();
        path->digest = g_strdup(row[1]);
        fill(&ledger_paths_table, 0, row, path);
        g_ptr_array_add(run->paths, path);
        g_hash_table_insert(by_digest, path->digest, path);
    }
    for (guint i = 0; steps && i < steps->rows->len; i++) {
        char **row = steps->rows->pdata[i];
        RunPath *path = g_hash_table_lookup(by_digest, row[1]);
        RunPathStep step = {0};
        fill(&ledger_path_steps_table, 0, row, &step);
        if (path)
            run_path_add_step(path, &step);
    }
    return steps != NULL;
}

/* A wave that was at work when the record ends did not end well; those behind it never began. */
static void tell_unfinished_wave(const RunResult *run, WaveResult *wave)
{
    static const WaveState at_work[] = {WAVE_CONFIRMING, WAVE_RUNNING, WAVE_SOAKING, WAVE_GATING};
    if (run->state != RUN_DIED)
        return;
    if (wave->state == WAVE_WAITING)
        wave->state = WAVE_NOT_STARTED;
    for (gsize i = 0; i < G_N_ELEMENTS(at_work); i++) {
        if (wave->state != at_work[i])
            continue;
        wave->halt_reason =
            g_strdup_printf("the run died while this wave was %s", wave_state_name(at_work[i]));
        wave->state = WAVE_HALTED;
        return;
    }
}

static bool load_waves(Ledger *self, RunResult *run, GError **error)
{
    g_autoptr(RowSet) waves = select_of_run(self, &ledger_waves_table, run->id, error);
    g_autoptr(RowSet) gates = waves ? select_of_run(self, &ledger_gates_table, run->id, error) : NULL;
    for (guint i = 0; gates && i < waves->rows->len; i++) {
        WaveResult *wave = wave_result_new();
        fill(&ledger_waves_table, 0, waves->rows->pdata[i], wave);
        tell_unfinished_wave(run, wave);
        g_ptr_array_add(run->waves, wave);
    }
    for (guint i = 0; gates && i < gates->rows->len; i++) {
        char **row = gates->rows->pdata[i];
        guint64 wave = g_ascii_strtoull(row[1], NULL, 10);
        if (wave >= run->waves->len)
            continue;
        GateResult *gate = gate_result_new();
        fill(&ledger_gates_table, 0, row, gate);
        g_ptr_array_add(((WaveResult *)run->waves->pdata[wave])->gates, gate);
    }
    return gates != NULL;
}

static bool load_warnings(Ledger *self, const RunResult *run, GError **error)
{
    g_autoptr(RowSet) rows = select_of_run(self, &ledger_warnings_table, run->id, error);
    for (guint i = 0; rows && i < rows->rows->len; i++) {
        char *text = NULL;
        fill(&ledger_warnings_table, 0, rows->rows->pdata[i], &text);
        g_ptr_array_add(run->warnings, text);
    }
    return rows != NULL;
}

RunResult *ledger_load(Ledger *self, const char *id, GError **error)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(RunResult) run = ledger_find(self, id, error);
    if (!run || !load_targets(self, run, by_name, error) || !load_steps(self, run, by_name, error) ||
        !load_paths(self, run, error) || !load_waves(self, run, error) || !load_warnings(self, run, error))
        return NULL;
    return g_steal_pointer(&run);
}

RunResult *ledger_load_of_plan(Ledger *self, const char *plan_digest, GError **error)
{
    g_autofree char *digest = ledger_literal(self, plan_digest);
    g_autoptr(RowSet) ids = ledger_query(
        self, error, "SELECT id FROM runs WHERE plan_digest = %s ORDER BY started_us DESC, id DESC LIMIT 1",
        digest);
    if (!ids || ids->rows->len == 0)
        return NULL;
    return ledger_load(self, ((char **)ids->rows->pdata[0])[0], error);
}

RunResult *ledger_load_newest_change(Ledger *self, const char *track, GError **error)
{
    g_autofree char *on = ledger_literal(self, track);
    g_autoptr(RowSet) ids = ledger_query(self, error,
                                         "SELECT id FROM runs WHERE track = %s AND command IN ('upgrade', "
                                         "'downgrade') ORDER BY started_us DESC, id DESC LIMIT 1",
                                         on);
    if (!ids || ids->rows->len == 0)
        return NULL;
    return ledger_load(self, ((char **)ids->rows->pdata[0])[0], error);
}

/* The run with this id, with this target alone. */
static RunResult *load_one(Ledger *self, const char *id, const char *name, GError **error)
{
    g_autofree char *target_name = ledger_literal(self, name);
    g_autofree char *run_id = ledger_literal(self, id);
    g_autofree char *where = g_strdup_printf("WHERE run_id = %s AND name = %s", run_id, target_name);
    g_autoptr(RunResult) run = ledger_find(self, id, error);
    g_autoptr(RowSet) rows = run ? select_rows(self, &ledger_targets_table, where, error) : NULL;
    for (guint i = 0; rows && i < rows->rows->len; i++)
        g_ptr_array_add(run->targets, target_from(run, rows->rows->pdata[i]));
    return rows ? g_steal_pointer(&run) : NULL;
}

GPtrArray *ledger_runs_of_target(Ledger *self, const char *name, unsigned limit, GError **error)
{
    g_autofree char *target_name = ledger_literal(self, name);
    g_autoptr(RowSet) ids = ledger_query(
        self, error,
        "SELECT r.id FROM runs r JOIN targets t ON t.run_id = r.id WHERE t.name = %s AND t.outcome <> '%s' "
        "ORDER BY r.started_us DESC, r.id DESC LIMIT %u",
        target_name, outcome_name(OUTCOME_INACTIVE), limit);
    if (!ids)
        return NULL;
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func((GDestroyNotify)run_result_free);
    for (guint i = 0; i < ids->rows->len; i++) {
        RunResult *run = load_one(self, ((char **)ids->rows->pdata[i])[0], name, error);
        if (!run)
            return NULL;
        g_ptr_array_add(runs, run);
    }
    return g_steal_pointer(&runs);
}

/* Steps of targets that are done say themselves when they began. */
static void add_steps_started(RunResult *run, const TargetResult *target)
{
    for (unsigned i = 0; i < target->step_count; i++) {
        const StepResult *step = &target->steps[i];
        if (step->event_number == 0)
            continue;
        g_autofree char *text = step_started_text(step->revision, step->message);
        g_ptr_array_add(run->events, run_event_new(step->event_number, step->started_us,
                                                   EVENT_KIND_STEP_STARTED, target->name, text));
    }
}

static gint by_number(gconstpointer a, gconstpointer b)
{
    guint64 left = (*(const RunEvent *const *)a)->number, right = (*(const RunEvent *const *)b)->number;
    return left < right ? -1 : left > right;
}

bool ledger_load_events(Ledger *self, RunResult *run, GError **error)
{
    g_autoptr(RowSet) rows = select_of_run(self, &ledger_events_table, run->id, error);
    if (!rows)
        return false;
    g_clear_pointer(&run->events, g_ptr_array_unref);
    run->events = g_ptr_array_new_with_free_func((GDestroyNotify)run_event_free);
    for (guint i = 0; i < rows->rows->len; i++) {
        char **row = rows->rows->pdata[i];
        RunEvent *event = g_new0(RunEvent, 1);
        event->number = g_ascii_strtoull(row[1], NULL, 10);
        fill(&ledger_events_table, 0, row, event);
        g_ptr_array_add(run->events, event);
    }
    for (guint i = 0; i < run->targets->len; i++)
        add_steps_started(run, run->targets->pdata[i]);
    g_ptr_array_sort(run->events, by_number);
    return true;
}

/* ---- The list of runs ---- */

static RunSummary *summary_from(char *const *row)
{
    g_autoptr(RunResult) run = run_from(row);
    RunSummary *summary = g_new0(RunSummary, 1);
    summary->id = g_steal_pointer(&run->id);
    summary->command = g_steal_pointer(&run->command);
    summary->of_run = g_steal_pointer(&run->of_run);
    summary->goal = g_steal_pointer(&run->goal);
    summary->operator_name = g_steal_pointer(&run->operator_name);
    summary->halt_reason = g_steal_pointer(&run->halt_reason);
    summary->started_us = run->started_us;
    summary->finished_us = run->finished_us;
    summary->interrupted = run->interrupted;
    summary->state = run->state;
    return summary;
}

static void run_summary_free(RunSummary *self)
{
    g_free(self->id);
    g_free(self->command);
    g_free(self->of_run);
    g_free(self->goal);
    g_free(self->operator_name);
    g_free(self->halt_reason);
    g_free(self);
}

static bool count_outcomes(Ledger *self, GPtrArray *runs, GError **error)
{
    g_autoptr(RowSet) counts =
        ledger_query(self, error, "SELECT run_id, outcome, count(*) FROM targets GROUP BY run_id, outcome");
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
    if (!counts)
        return false;
    for (guint i = 0; i < runs->len; i++)
        g_hash_table_insert(by_id, ((RunSummary *)runs->pdata[i])->id, runs->pdata[i]);
    for (guint i = 0; i < counts->rows->len; i++) {
        char **row = counts->rows->pdata[i];
        RunSummary *summary = g_hash_table_lookup(by_id, row[0]);
        Outcome outcome;
        if (!summary || !outcome_parse(row[1], &outcome))
            continue;
        summary->counts[outcome] = (unsigned)g_ascii_strtoull(row[2], NULL, 10);
        summary->targets += summary->counts[outcome];
    }
    return true;
}

GPtrArray *ledger_runs(Ledger *self, unsigned limit, GError **error)
{
    g_autofree char *columns = ledger_column_list(&ledger_runs_table);
    g_autofree char *only = limit ? g_strdup_printf("LIMIT %u", limit) : g_strdup("");
    g_autoptr(RowSet) rows = ledger_query(self, error, "SELECT %s FROM runs ORDER BY %s %s", columns,
                                          ledger_runs_table.order, only);
    if (!rows)
        return NULL;
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func((GDestroyNotify)run_summary_free);
    for (guint i = 0; i < rows->rows->len; i++)
        g_ptr_array_add(runs, summary_from(rows->rows->pdata[i]));
    return count_outcomes(self, runs, error) ? g_steal_pointer(&runs) : NULL;
}
