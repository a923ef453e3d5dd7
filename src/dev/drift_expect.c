/* Drift's expected side: puts targets that expect the same into sets, and finds what each set expects: by
 * revisions on a scratch database, or where there is no dev server for it by the majority of peers. Main
 * thread.
 */
#include "dev/drift_internal.h"
#include "run/signals.h"

#include <string.h>

void drift_set_free(DriftSet *self)
{
    if (!self)
        return;
    g_free(self->expected);
    g_free(self->reason);
    g_array_unref(self->members);
    g_free(self);
}

/* ---- Sets ---- */

static DriftSet *set_for(Drift *self, GHashTable *by_key, const char *key, DriftBasis basis)
{
    DriftSet *set = g_hash_table_lookup(by_key, key);
    if (set)
        return set;
    set = g_new0(DriftSet, 1);
    set->basis = basis;
    set->members = g_array_new(FALSE, FALSE, sizeof(guint));
    g_hash_table_insert(by_key, g_strdup(key), set);
    g_ptr_array_add(self->sets, set);
    return set;
}

bool drift_request(const Drift *self, guint index, ExpectedRequest *request, TargetVariables *variables,
                   GError **error)
{
    static const char *const nothing[] = {NULL};
    const DriftOptions *options = self->options;
    const Target *target = self->targets->pdata[index];
    const DriftReading *reading = self->readings->pdata[index];
    *request = (ExpectedRequest){.graph = options->graph,
                                 .rows = (const char *const *)reading->state->rows,
                                 .dialect = reading->state->dialect,
                                 .server = reading->family,
                                 .like = &reading->like,
                                 .others = reading->others,
                                 .read = drift_read_options(options, target->schema, nothing)};
    g_autoptr(GPtrArray) used = expected_variables(request, error);
    if (!used || used->len == 0)
        return used != NULL;
    if (!target_variables_init(variables, target, options->variables, request->dialect, options->secrets,
                               options->folder, error))
        return false;
    request->variables = variables->values;
    return true;
}

static void add_by_revisions(Drift *self, GHashTable *by_key, guint index)
{
    g_autoptr(GError) error = NULL;
    g_auto(TargetVariables) variables = {0};
    DriftReading *reading = self->readings->pdata[index];
    ExpectedRequest request;
    g_autofree char *key =
        drift_request(self, index, &request, &variables, &error) ? expected_key(&request, &error) : NULL;
    if (key)
        g_array_append_val(set_for(self, by_key, key, DRIFT_BY_REVISIONS)->members, index);
    else
        reading->problem = g_strdup(error->message);
}

static void add_to_peers(Drift *self, GHashTable *by_key, guint index, const char *reason)
{
    const Target *target = self->targets->pdata[index];
    const DriftReading *reading = self->readings->pdata[index];
    g_autofree char *rows = g_strjoinv(" ", reading->state->rows);
    g_autofree char *others = drift_others_text(reading);
    g_autofree char *key =
        g_strdup_printf("%s\n%s\n%s\n%d", reading->family, rows, others, target->schema != NULL);
    DriftSet *set = set_for(self, by_key, key, DRIFT_BY_PEERS);
    g_array_append_val(set->members, index);
    if (reason && !set->reason)
        set->reason = g_strdup(reason);
}

static bool is_judged(const DriftReading *reading)
{
    return reading && reading->fingerprint && !reading->problem;
}

static void make_sets(Drift *self, GHashTable *by_key)
{
    for (guint i = 0; i < self->targets->len; i++) {
        if (!is_judged(self->readings->pdata[i]))
            continue;
        if (self->options->against == DRIFT_BY_REVISIONS)
            add_by_revisions(self, by_key, i);
        else
            add_to_peers(self, by_key, i, NULL);
    }
}

/* ---- By revisions ---- */

static bool has_no_server(const GError *error)
{
    return g_error_matches(error, DEV_ERROR, DEV_ERROR_NO_SERVER) ||
           g_error_matches(error, DEV_ERROR, DEV_ERROR_VERSION);
}

/* What runs on a scratch has a target's secrets in it, and so may what its server says. */
static void ask_revisions(Drift *self, DriftSet *set, bool *no_server)
{
    g_autoptr(GError) error = NULL;
    g_auto(TargetVariables) variables = {0};
    guint first = g_array_index(set->members, guint, 0);
    ExpectedRequest request;
    if (drift_request(self, first, &request, &variables, &error))
        set->expected = expected_fingerprint(self->servers, self->cache, &request, &error);
    *no_server = has_no_server(error);
    if (error)
        set->reason = request.variables ? target_variables_masked(&variables, error->message)
                                        : g_strdup(error->message);
    set->broken = error && !*no_server;
}

/* Moves the members of a set whose dialect has no dev server to their peers. */
static void move_to_peers(Drift *self, const DriftSet *set, GHashTable *peers)
{
    for (guint i = 0; i < set->members->len; i++)
        add_to_peers(self, peers, g_array_index(set->members, guint, i), set->reason);
}

static bool ask_all_revisions(Drift *self, GHashTable *peers)
{
    guint count = self->sets->len;
    for (guint i = 0, at = 0; i < count; i++) {
        bool no_server = false;
        DriftSet *set = self->sets->pdata[at];
        ask_revisions(self, set, &no_server);
        if (signals_count() > 0)
            return false;
        if (no_server) {
            move_to_peers(self, set, peers);
            g_ptr_array_remove_index(self->sets, at);
        } else {
            at++;
        }
    }
    return true;
}

/* ---- By peers ---- */

static GHashTable *count_fingerprints(const Drift *self, const DriftSet *set)
{
    GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < set->members->len; i++) {
        const DriftReading *reading = self->readings->pdata[g_array_index(set->members, guint, i)];
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, reading->fingerprint));
        g_hash_table_insert(counts, reading->fingerprint, GUINT_TO_POINTER(count + 1));
    }
    return counts;
}

static void explain_no_majority(DriftSet *set, guint schemas)
{
    g_autofree char *why = g_steal_pointer(&set->reason);
    g_autofree char *found =
        set->members->len == 1
            ? g_strdup("no other target of this kind stands at the same heads")
            : g_strdup_printf(
                  "%u targets at the same heads have %u different schemas, and none of them is that "
                  "of more than half",
                  set->members->len, schemas);
    set->reason = why ? g_strdup_printf("%s; and %s", why, found) : g_steal_pointer(&found);
    set->broken = true;
}

static void ask_peers(const Drift *self, DriftSet *set)
{
    g_autoptr(GHashTable) counts = count_fingerprints(self, set);
    GHashTableIter iter;
    gpointer fingerprint, count;
    g_hash_table_iter_init(&iter, counts);
    while (set->members->len > 1 && g_hash_table_iter_next(&iter, &fingerprint, &count))
        if (GPOINTER_TO_UINT(count) * 2 > set->members->len)
            set->expected = g_strdup(fingerprint);
    if (!set->expected)
        explain_no_majority(set, g_hash_table_size(counts));
}

bool drift_expect(Drift *self)
{
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) peers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    make_sets(self, by_key);
    if (self->options->against == DRIFT_BY_REVISIONS && !ask_all_revisions(self, peers))
        return false;
    for (guint i = 0; i < self->sets->len; i++) {
        DriftSet *set = self->sets->pdata[i];
        if (set->basis == DRIFT_BY_PEERS)
            ask_peers(self, set);
    }
    return true;
}
