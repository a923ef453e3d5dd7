/* Drift: reads, finds what is expected, and compares one target of each cluster with it. Main thread. */
#include "dev/drift_internal.h"
#include "run/signals.h"

#include <string.h>

/* ---- Clusters ---- */

static char *cluster_key(const DriftSet *set, const Target *target, const DriftReading *reading)
{
    g_autofree char *rows = g_strjoinv(" ", reading->state->rows);
    g_autofree char *others = drift_others_text(reading);
    return g_strdup_printf("%s\n%s\n%s\n%s\n%s\n%d\n%s", reading->family, rows, others, reading->fingerprint,
                           set->expected ? set->expected : "", (int)set->basis * 2 + (target->schema != NULL),
                           set->reason ? set->reason : "");
}

static DriftCluster *cluster_new(const DriftSet *set, const Target *target, const DriftReading *reading)
{
    DriftCluster *self = drift_cluster_new();
    self->basis = set->basis;
    self->dialect = reading->state->dialect;
    self->one_schema = target->schema != NULL;
    self->server = g_strdup(reading->family);
    self->heads = g_strdupv(reading->state->rows);
    self->other_tracks = reading->others->len > 0 ? drift_others_text(reading) : NULL;
    self->fingerprint = g_strdup(reading->fingerprint);
    self->expected = g_strdup(set->expected);
    self->reason = g_strdup(set->reason);
    self->verdict = set->broken                                     ? DRIFT_UNJUDGED
                    : g_str_equal(set->expected, self->fingerprint) ? DRIFT_NONE
                                                                    : DRIFT_FOUND;
    return self;
}

static void lose(DriftCluster *cluster)
{
    g_free(cluster->reason);
    cluster->verdict = DRIFT_UNJUDGED;
    cluster->reason = g_strdup("what was read of it is no longer in the cache: look again");
}

/* A definition that a revision wrote with a secret in it is shown without. */
static void mask_differences(const GPtrArray *differences, const TargetVariables *variables)
{
    for (guint i = 0; i < differences->len; i++) {
        const DriftDifference *difference = differences->pdata[i];
        for (guint a = 0; a < difference->attributes->len; a++) {
            DriftAttribute *attribute = difference->attributes->pdata[a];
            char **values[] = {&attribute->expected, &attribute->found};
            for (gsize v = 0; v < G_N_ELEMENTS(values); v++) {
                g_autofree char *plain = *values[v];
                *values[v] = plain ? target_variables_masked(variables, plain) : NULL;
            }
        }
    }
}

/* A script with stars for a secret would do harm. */
static void withhold_secret(DriftRepair *repair, const TargetVariables *variables)
{
    g_autofree char *masked = repair->sql ? target_variables_masked(variables, repair->sql) : NULL;
    if (!masked || g_str_equal(masked, repair->sql))
        return;
    g_clear_pointer(&repair->sql, g_free);
    g_free(repair->problem);
    repair->is_proven = false;
    repair->problem = g_strdup("it would hold a secret: go down and up again over the revision that has it");
}

static void hide_secrets(const Drift *drift, DriftCluster *cluster, guint index)
{
    g_auto(TargetVariables) variables = {0};
    ExpectedRequest request;
    if (!drift_request(drift, index, &request, &variables, NULL) || !request.variables)
        return;
    mask_differences(cluster->differences, &variables);
    if (cluster->repair)
        withhold_secret(cluster->repair, &variables);
}

/* What differs, object by object, and what leads back. `expected` NULL: no longer known. */
static void compare(const Drift *drift, DriftCluster *cluster, const SchemaModel *expected, guint index)
{
    const DriftReading *reading = drift->readings->pdata[index];
    g_autoptr(SchemaModel) found =
        schema_cache_model(drift->cache, cluster->dialect, cluster->server, cluster->fingerprint);
    if (!expected || !found) {
        lose(cluster);
        return;
    }
    g_autoptr(SchemaDiff) diff = schema_diff_new(expected, found, NULL);
    g_ptr_array_unref(cluster->differences);
    cluster->differences = drift_differences(diff);
    if (schema_diff_is_empty(diff))
        cluster->verdict = DRIFT_NONE;
    else if (drift->options->repair)
        cluster->repair = drift_repair(drift, drift->targets->pdata[index], reading, found, expected);
    hide_secrets(drift, cluster, index);
}

static void add_set(const Drift *drift, DriftResult *result, GHashTable *by_key, const DriftSet *set)
{
    g_autoptr(SchemaModel) expected = NULL;
    for (guint i = 0; i < set->members->len; i++) {
        guint index = g_array_index(set->members, guint, i);
        const Target *target = drift->targets->pdata[index];
        const DriftReading *reading = drift->readings->pdata[index];
        g_autofree char *key = cluster_key(set, target, reading);
        DriftCluster *cluster = g_hash_table_lookup(by_key, key);
        if (!cluster) {
            cluster = cluster_new(set, target, reading);
            if (cluster->verdict == DRIFT_FOUND && !expected)
                expected = schema_cache_model(drift->cache, cluster->dialect, cluster->server, set->expected);
            if (cluster->verdict == DRIFT_FOUND)
                compare(drift, cluster, expected, index);
            g_ptr_array_add(result->clusters, cluster);
            g_hash_table_insert(by_key, g_steal_pointer(&key), cluster);
        }
        g_ptr_array_add(cluster->targets, (gpointer)target);
        ((DriftTarget *)result->targets->pdata[index])->cluster = cluster;
    }
}

/* Most targets first; clean ones first of as many; then as they stand in the fleet. */
static gint compare_clusters(gconstpointer a, gconstpointer b)
{
    const DriftCluster *left = *(const DriftCluster *const *)a, *right = *(const DriftCluster *const *)b;
    if (left->targets->len != right->targets->len)
        return left->targets->len > right->targets->len ? -1 : 1;
    if (left->verdict != right->verdict)
        return left->verdict < right->verdict ? -1 : 1;
    return ((const Target *)left->targets->pdata[0])->index <
                   ((const Target *)right->targets->pdata[0])->index
               ? -1
               : 1;
}

static gint compare_members(gconstpointer a, gconstpointer b)
{
    const Target *left = *(const Target *const *)a, *right = *(const Target *const *)b;
    return left->index < right->index ? -1 : left->index > right->index;
}

/* ---- Targets ---- */

static DriftTarget *target_new(const Target *target, const DriftReading *reading)
{
    DriftTarget *self = g_new0(DriftTarget, 1);
    self->target = target;
    self->verdict = DRIFT_INACTIVE;
    if (!reading)
        return self;
    self->server_version = g_strdup(reading->state->server_version);
    self->heads = reading->state->outcome == PROBE_OK ? g_strdupv(reading->state->rows) : NULL;
    self->from_cache = reading->from_cache;
    return self;
}

/* Once its cluster has a verdict. */
static void judge_target(DriftTarget *self, const DriftReading *reading)
{
    if (!reading)
        return;
    const TargetState *state = reading->state;
    bool unreachable = state->outcome == PROBE_UNREACHABLE;
    if (self->cluster) {
        self->verdict = self->cluster->verdict;
        self->reason = self->verdict == DRIFT_UNJUDGED ? g_strdup(self->cluster->reason) : NULL;
    } else if (reading->absent) {
        self->verdict = DRIFT_ABSENT;
    } else {
        self->verdict = unreachable ? DRIFT_UNREACHABLE : DRIFT_UNJUDGED;
        self->reason = g_strdup(reading->problem ? reading->problem : state->reason);
        self->error_class = g_strdup(state->error_class);
    }
}

static DriftResult *result_of(const Drift *drift)
{
    DriftResult *result = drift_result_new();
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < drift->targets->len; i++)
        g_ptr_array_add(result->targets, target_new(drift->targets->pdata[i], drift->readings->pdata[i]));
    for (guint i = 0; i < drift->sets->len; i++)
        add_set(drift, result, by_key, drift->sets->pdata[i]);
    for (guint i = 0; i < drift->targets->len; i++) {
        DriftTarget *target = result->targets->pdata[i];
        judge_target(target, drift->readings->pdata[i]);
        result->counts[target->verdict]++;
    }
    for (guint i = 0; i < result->clusters->len; i++)
        g_ptr_array_sort(((DriftCluster *)result->clusters->pdata[i])->targets, compare_members);
    g_ptr_array_sort(result->clusters, compare_clusters);
    return result;
}

/* A project that is only a folder gets no cache put into it. */
static SchemaCache *open_cache(const DriftOptions *options)
{
    g_autofree char *folder = g_build_filename(options->project->folder, ".dbfleet", "cache", NULL);
    return schema_cache_new(options->no_cache || !options->project->file ? NULL : folder);
}

DriftResult *drift_judge(GPtrArray *targets, const DriftOptions *options)
{
    g_autoptr(SchemaCache) cache = open_cache(options);
    g_autoptr(GPtrArray) readings = drift_read(targets, options, cache);
    if (!readings)
        return NULL;
    g_autoptr(DevServers) servers = dev_servers_new(options->project, options->secrets);
    g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func((GDestroyNotify)drift_set_free);
    Drift drift = {options, targets, readings, cache, servers, sets};
    g_autoptr(DriftResult) result = drift_expect(&drift) ? result_of(&drift) : NULL;
    schema_cache_save(cache);
    if (!result || signals_count() > 0)
        return NULL;
    result->cache_problem = schema_cache_problem(cache);
    return g_steal_pointer(&result);
}
