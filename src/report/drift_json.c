/* Drift as JSON: every number of the text is in it. */
#include "report/drift_view.h"

static void difference_json(JsonOut *json, const DriftDifference *difference)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "kind", drift_kind_name(difference->kind));
    json_out_string(json, "object", schema_kind_name(difference->object));
    json_out_string(json, "key", difference->key);
    json_out_bool(json, "with_parent", difference->with_parent);
    json_out_begin_array(json, "attributes");
    for (guint i = 0; i < difference->attributes->len; i++) {
        const DriftAttribute *attribute = difference->attributes->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "name", attribute->name);
        json_out_string(json, "expected", attribute->expected);
        json_out_string(json, "found", attribute->found);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
}

void drift_view_differences_json(JsonOut *json, const GPtrArray *differences)
{
    json_out_begin_array(json, "differences");
    for (guint i = 0; i < differences->len; i++)
        difference_json(json, differences->pdata[i]);
    json_out_end_array(json);
}

static void repair_json(JsonOut *json, const DriftRepair *repair)
{
    if (!repair) {
        json_out_null(json, "repair");
        return;
    }
    json_out_begin_object(json, "repair");
    json_out_string(json, "sql", repair->sql);
    json_out_bool(json, "proven", repair->is_proven);
    json_out_int(json, "statements", repair->statements);
    json_out_int(json, "data_loss", repair->data_loss);
    json_out_string(json, "problem", repair->problem);
    json_out_end_object(json);
}

static void cluster_json(JsonOut *json, const DriftCluster *cluster)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "verdict", drift_verdict_name(cluster->verdict));
    json_out_string(json, "against", drift_basis_name(cluster->basis));
    json_out_string(json, "dialect", dialect_name(cluster->dialect));
    json_out_string(json, "server", cluster->server);
    json_out_bool(json, "one_schema", cluster->one_schema);
    json_out_strings(json, "heads", (const char *const *)cluster->heads);
    json_out_string(json, "other_tracks", cluster->other_tracks);
    json_out_string(json, "fingerprint", cluster->fingerprint);
    json_out_string(json, "expected", cluster->expected);
    json_out_string(json, "reason", cluster->reason);
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < cluster->targets->len; i++)
        json_out_string(json, NULL, ((const Target *)cluster->targets->pdata[i])->name);
    json_out_end_array(json);
    drift_view_differences_json(json, cluster->differences);
    repair_json(json, cluster->repair);
    json_out_end_object(json);
}

static void target_json(JsonOut *json, const DriftTarget *target)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->target->name);
    json_out_string(json, "group", target->target->group ? target->target->group->name : NULL);
    json_out_string(json, "endpoint", target->target->endpoint);
    json_out_string(json, "server_version", target->server_version);
    json_out_string(json, "verdict", drift_verdict_name(target->verdict));
    json_out_string(json, "reason", target->reason);
    json_out_string(json, "error_class", target->error_class);
    if (target->heads)
        json_out_strings(json, "heads", (const char *const *)target->heads);
    else
        json_out_null(json, "heads");
    json_out_string(json, "fingerprint", target->cluster ? target->cluster->fingerprint : NULL);
    json_out_bool(json, "from_cache", target->from_cache);
    json_out_end_object(json);
}

char *drift_view_json(const DriftResult *result)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_begin_object(json, "totals");
    for (int i = 0; i < DRIFT_VERDICT_COUNT; i++)
        json_out_int(json, drift_verdict_name((DriftVerdict)i), result->counts[i]);
    json_out_end_object(json);
    json_out_string(json, "cache_problem", result->cache_problem);
    json_out_begin_array(json, "clusters");
    for (guint i = 0; i < result->clusters->len; i++)
        cluster_json(json, result->clusters->pdata[i]);
    json_out_end_array(json);
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < result->targets->len; i++)
        target_json(json, result->targets->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}
