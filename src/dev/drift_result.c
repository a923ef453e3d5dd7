/* Drift result: owns the values, and how a difference reads. Pure; any thread. */
#include "dev/drift_result.h"

#include <string.h>

const char *drift_verdict_name(DriftVerdict verdict)
{
    static const char *const names[DRIFT_VERDICT_COUNT] = {
        [DRIFT_NONE] = "clean",        [DRIFT_FOUND] = "drifted",
        [DRIFT_UNJUDGED] = "unjudged", [DRIFT_UNREACHABLE] = "unreachable",
        [DRIFT_ABSENT] = "absent",     [DRIFT_INACTIVE] = "inactive",
    };
    return names[verdict];
}

const char *drift_basis_name(DriftBasis basis)
{
    return basis == DRIFT_BY_REVISIONS ? "revisions" : "peers";
}

const char *drift_kind_name(DriftKind kind)
{
    static const char *const names[] = {"missing", "extra", "changed"};
    return names[kind];
}

/* ---- Values ---- */

static void attribute_free(gpointer item)
{
    DriftAttribute *self = item;
    g_free(self->name);
    g_free(self->expected);
    g_free(self->found);
    g_free(self);
}

static void difference_free(gpointer item)
{
    DriftDifference *self = item;
    g_free(self->key);
    g_ptr_array_unref(self->attributes);
    g_free(self);
}

void drift_repair_free(DriftRepair *self)
{
    if (!self)
        return;
    g_free(self->sql);
    g_free(self->problem);
    g_free(self);
}

static void target_free(gpointer item)
{
    DriftTarget *self = item;
    g_free(self->reason);
    g_free(self->error_class);
    g_free(self->server_version);
    g_strfreev(self->heads);
    g_free(self);
}

DriftCluster *drift_cluster_new(void)
{
    DriftCluster *self = g_new0(DriftCluster, 1);
    self->targets = g_ptr_array_new();
    self->differences = g_ptr_array_new_with_free_func(difference_free);
    return self;
}

static void cluster_free(gpointer item)
{
    DriftCluster *self = item;
    g_free(self->server);
    g_strfreev(self->heads);
    g_free(self->other_tracks);
    g_free(self->fingerprint);
    g_free(self->expected);
    g_free(self->reason);
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->differences);
    drift_repair_free(self->repair);
    g_free(self);
}

DriftResult *drift_result_new(void)
{
    DriftResult *self = g_new0(DriftResult, 1);
    self->clusters = g_ptr_array_new_with_free_func(cluster_free);
    self->targets = g_ptr_array_new_with_free_func(target_free);
    return self;
}

void drift_result_free(DriftResult *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->clusters);
    g_free(self->cache_problem);
    g_free(self);
}

/* ---- Differences ---- */

static DriftDifference *difference_of(const SchemaChange *change)
{
    static const DriftKind kinds[] = {
        [CHANGE_CREATE] = DRIFT_EXTRA, [CHANGE_DROP] = DRIFT_MISSING, [CHANGE_ALTER] = DRIFT_CHANGED};
    const SchemaObject *object = schema_change_object(change);
    DriftDifference *self = g_new0(DriftDifference, 1);
    self->kind = kinds[change->kind];
    self->object = object->kind;
    self->key = g_strdup(object->key);
    self->with_parent = change->with_parent;
    self->attributes = g_ptr_array_new_with_free_func(attribute_free);
    for (guint i = 0; i < change->attributes->len; i++) {
        const AttributeChange *changed = &g_array_index(change->attributes, AttributeChange, i);
        DriftAttribute *attribute = g_new(DriftAttribute, 1);
        *attribute =
            (DriftAttribute){g_strdup(changed->name), g_strdup(changed->before), g_strdup(changed->after)};
        g_ptr_array_add(self->attributes, attribute);
    }
    return self;
}

GPtrArray *drift_differences(const SchemaDiff *diff)
{
    GPtrArray *differences = g_ptr_array_new_with_free_func(difference_free);
    for (guint i = 0; i < diff->changes->len; i++)
        g_ptr_array_add(differences, difference_of(diff->changes->pdata[i]));
    return differences;
}

static char *attribute_line(const DriftDifference *self, const DriftAttribute *attribute)
{
    g_autofree char *expected = NULL, *found = NULL;
    schema_values_shown(attribute->expected, attribute->found, &expected, &found);
    return g_strdup_printf("%s %s: %s is %s, expected %s", schema_kind_name(self->object), self->key,
                           attribute->name, found, expected);
}

GPtrArray *drift_lines(const GPtrArray *differences)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < differences->len; i++) {
        const DriftDifference *difference = differences->pdata[i];
        for (guint j = 0; j < difference->attributes->len; j++)
            g_ptr_array_add(lines, attribute_line(difference, difference->attributes->pdata[j]));
        if (difference->kind != DRIFT_CHANGED && !difference->with_parent)
            g_ptr_array_add(lines, g_strdup_printf("%s %s: %s", schema_kind_name(difference->object),
                                                   difference->key, drift_kind_name(difference->kind)));
    }
    return lines;
}
