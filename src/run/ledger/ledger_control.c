/* Ledger control: what other shells ask of a run at work, as rows that the run looks for, and the pruning of
 * old runs. Main thread only. */
#include "run/ledger/ledger_internal.h"

static const char *const action_names[] = {
    [CONTROL_PAUSE] = "pause",
    [CONTROL_CONTINUE] = "continue",
    [CONTROL_ABORT] = "abort",
    [CONTROL_ABORT_NOW] = "abort-now",
};

const char *control_action_name(ControlAction action)
{
    return action_names[action];
}

static bool action_parse(const char *name, ControlAction *action)
{
    for (gsize i = 0; i < G_N_ELEMENTS(action_names); i++) {
        if (g_str_equal(action_names[i], name)) {
            *action = (ControlAction)i;
            return true;
        }
    }
    return false;
}

/* ---- Asking ---- */

char *ledger_request(Ledger *self, const char *run, ControlAction action, const char *who, GError **error)
{
    g_autofree char *id = g_uuid_string_random();
    g_autofree char *run_literal = ledger_literal(self, run);
    g_autofree char *who_literal = ledger_literal(self, who);
    g_autoptr(Batch) batch = ledger_batch(self);
    batch_take(batch,
               g_strdup_printf("INSERT INTO controls (id, run_id, time_us, action, who) VALUES ('%s', %s, "
                               "%" G_GINT64_FORMAT ", '%s', %s) ON CONFLICT (id) DO NOTHING",
                               id, run_literal, g_get_real_time(), action_names[action], who_literal),
               false);
    return ledger_commit(self, batch, error) ? g_steal_pointer(&id) : NULL;
}

bool ledger_request_seen(Ledger *self, const char *id, bool *seen, GError **error)
{
    g_autofree char *literal = ledger_literal(self, id);
    g_autoptr(RowSet) rows =
        ledger_query(self, error, "SELECT id FROM controls WHERE id = %s AND seen_us IS NOT NULL", literal);
    *seen = rows && rows->rows->len > 0;
    return rows != NULL;
}

/* ---- Being asked ---- */

static void request_free(gpointer data)
{
    ControlRequest *self = data;
    g_free(self->who);
    g_free(self);
}

static bool mark_seen(Ledger *self, const RowSet *rows, GError **error)
{
    g_autoptr(Batch) batch = ledger_batch(self);
    for (guint i = 0; i < rows->rows->len; i++) {
        g_autofree char *id = ledger_literal(self, ((char **)rows->rows->pdata[i])[0]);
        batch_take(batch,
                   g_strdup_printf("UPDATE controls SET seen_us = %" G_GINT64_FORMAT " WHERE id = %s",
                                   g_get_real_time(), id),
                   false);
    }
    return ledger_commit(self, batch, error);
}

GPtrArray *ledger_take_requests(Ledger *self, const char *run, GError **error)
{
    g_autofree char *id = ledger_literal(self, run);
    g_autoptr(RowSet) rows = ledger_query(
        self, error,
        "SELECT id, action, who FROM controls WHERE run_id = %s AND seen_us IS NULL ORDER BY time_us, id",
        id);
    if (!rows || (rows->rows->len > 0 && !mark_seen(self, rows, error)))
        return NULL;
    GPtrArray *requests = g_ptr_array_new_with_free_func(request_free);
    for (guint i = 0; i < rows->rows->len; i++) {
        char **row = rows->rows->pdata[i];
        ControlAction action;
        if (!action_parse(row[1], &action))
            continue; /* of a newer dbfleet */
        ControlRequest *request = g_new0(ControlRequest, 1);
        request->action = action;
        request->who = g_strdup(row[2]);
        g_ptr_array_add(requests, request);
    }
    return requests;
}

/* ---- Pruning ---- */

static const char *const tables_of_runs[] = {"controls", "events",  "gates",    "path_steps", "paths",
                                             "steps",    "targets", "warnings", "waves"};

static void add_deletes(const Ledger *self, Batch *batch, const char *run)
{
    g_autofree char *id = ledger_literal(self, run);
    for (gsize i = 0; i < G_N_ELEMENTS(tables_of_runs); i++)
        batch_take(batch, g_strdup_printf("DELETE FROM %s WHERE run_id = %s", tables_of_runs[i], id), false);
    batch_take(batch, g_strdup_printf("DELETE FROM runs WHERE id = %s", id), false);
}

bool ledger_delete_runs(Ledger *self, const char *const *ids, GError **error)
{
    g_autoptr(Batch) batch = ledger_batch(self);
    for (; *ids; ids++)
        add_deletes(self, batch, *ids);
    return ledger_commit(self, batch, error);
}

bool ledger_shrink(Ledger *self, GError **error)
{
    return !self->is_file || connection_run(self->connection, "VACUUM", error);
}
