/* Ledger fleet: which targets an earlier run had, for comparing fleets. A run that went on with another, or
 * took a plan file or one URL, had a part of the fleet, and is passed over. Main thread only. */
#include "run/ledger/ledger_internal.h"

/* The newest run of that kind, found from the newest one on: the order is the index's. Two targets have the
 * positions 0 and 1. NULL and no error: there is none. Caller frees. */
static char *newest_run(Ledger *self, const char *track, const char *selector, GError **error)
{
    g_autofree char *on = ledger_literal(self, track);
    g_autofree char *of = ledger_literal(self, selector);
    g_autofree char *chosen = selector ? g_strdup_printf("= %s", of) : g_strdup("IS NULL");
    g_autoptr(RowSet) rows = ledger_query(
        self, error,
        "SELECT id FROM runs WHERE track = %s AND selector %s AND of_run IS NULL AND plan_file IS NULL"
        " AND EXISTS (SELECT 1 FROM targets WHERE run_id = runs.id AND position = 1)"
        " ORDER BY started_us DESC LIMIT 1",
        on, chosen);
    return rows && rows->rows->len ? g_strdup(((char **)rows->rows->pdata[0])[0]) : NULL;
}

GHashTable *ledger_last_fleet(Ledger *self, const char *track, const char *selector, char **run,
                              GError **error)
{
    *run = newest_run(self, track, selector, error);
    if (!*run)
        return NULL;
    g_autofree char *id = ledger_literal(self, *run);
    g_autoptr(RowSet) rows =
        ledger_query(self, error, "SELECT name, server FROM targets WHERE run_id = %s", id);
    if (!rows) {
        g_clear_pointer(run, g_free);
        return NULL;
    }
    GHashTable *fleet = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        g_hash_table_insert(fleet, g_strdup(row[0]), g_strdup(row[1] ? row[1] : ""));
    }
    return fleet;
}
