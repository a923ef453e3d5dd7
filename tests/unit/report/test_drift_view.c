/* The view of drift: equal schemas told once, what differs under those it differs on, JSON that adds up. */
#include "../plan_fixture.h"
#include "page.h"
#include "report/drift_view.h"

#include <jansson.h>

static DriftResult *result_of(PlanFixture *files, unsigned count)
{
    DriftResult *self = drift_result_new();
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("t%03u", i);
        fixture_add(files, name, DIALECT_POSTGRES, "");
        DriftTarget *target = g_new0(DriftTarget, 1);
        target->target = files->targets->pdata[i];
        g_ptr_array_add(self->targets, target);
    }
    return self;
}

static DriftCluster *add_cluster(DriftResult *self, DriftVerdict verdict, unsigned first, unsigned count)
{
    DriftCluster *cluster = drift_cluster_new();
    static const char *const heads[] = {"0002", NULL};
    cluster->verdict = verdict;
    cluster->server = g_strdup("PostgreSQL 15");
    cluster->heads = g_strdupv((char **)heads);
    cluster->fingerprint = g_strdup("f1");
    for (unsigned i = first; i < first + count; i++) {
        DriftTarget *target = self->targets->pdata[i];
        target->cluster = cluster;
        target->verdict = verdict;
        g_ptr_array_add(cluster->targets, (gpointer)target->target);
    }
    self->counts[verdict] += count;
    g_ptr_array_add(self->clusters, cluster);
    return cluster;
}

static void set_unread(DriftResult *self, unsigned index, DriftVerdict verdict, const char *reason)
{
    DriftTarget *target = self->targets->pdata[index];
    target->verdict = verdict;
    target->reason = g_strdup(reason);
    self->counts[verdict]++;
}

/* Differences of a made-up diff. */
static void fill_differences(DriftCluster *cluster, unsigned indexes, const char *type)
{
    SchemaModel *models[2];
    for (int side = 0; side < 2; side++) {
        models[side] = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
        schema_model_add(models[side], SCHEMA_TABLE, "t", NULL, "t");
        SchemaObject *column = schema_model_add(models[side], SCHEMA_COLUMN, "t.c", "t", "c");
        schema_model_set(models[side], column, "type", side ? type : "integer");
        for (unsigned i = 0; side == 0 && i < indexes; i++) {
            g_autofree char *key = g_strdup_printf("i%02u", i);
            schema_model_add(models[side], SCHEMA_INDEX, key, "t", key);
        }
        schema_model_finish(models[side]);
    }
    SchemaDiff *diff = schema_diff_new(models[0], models[1], NULL);
    g_ptr_array_unref(cluster->differences);
    cluster->differences = drift_differences(diff);
    schema_diff_free(diff);
    schema_model_free(models[0]);
    schema_model_free(models[1]);
}

static DriftRepair *repair_of(const char *sql, bool proven, const char *problem)
{
    DriftRepair *repair = g_new0(DriftRepair, 1);
    *repair = (DriftRepair){g_strdup(sql), g_strdup(problem), proven, 2, 1};
    return repair;
}

static char *page_of(const DriftResult *result, bool verbose)
{
    return drift_view_text(result, &(ReportOptions){.width = 80, .verbose = verbose});
}

TestSuite(drift_view);

Test(drift_view, equal_schemas_are_one_entry_and_names_are_cut)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(DriftResult) result = result_of(&files, 400);
    add_cluster(result, DRIFT_NONE, 0, 398);
    fill_differences(add_cluster(result, DRIFT_FOUND, 398, 1), 30, "bigint");
    set_unread(result, 399, DRIFT_UNREACHABLE, "connection refused");
    g_autofree char *page = page_of(result, false);
    expect_line(page, "drift: 400 targets: 398 clean, 1 drifted, 1 unreachable");
    expect_line(page, "  398 clean (PostgreSQL 15, at 0002)");
    expect_text(page, "t007 and 390 more");
    expect_line(page, "      target: t398");
    expect_line(page, "      - column t.c: type is bigint, expected integer");
    expect_line(page, "      - index i18: missing");
    expect_line(page, "      … and 11 more (-v shows all)");
    expect_no_text(page, "i19");
    expect_line(page, "  1 unreachable");
    expect_line(page, "      connection refused");
    expect_fits(page, 80);
    g_autofree char *verbose = page_of(result, true);
    expect_text(verbose, "t397");
    expect_line(verbose, "      - index i29: missing");
}

Test(drift_view, the_same_reason_on_many_targets_is_one_entry)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(DriftResult) result = result_of(&files, 5);
    for (unsigned i = 0; i < 5; i++) {
        g_autofree char *reason = g_strdup_printf("no right on database t%03u", i);
        set_unread(result, i, DRIFT_UNJUDGED, reason);
    }
    g_autofree char *page = page_of(result, false);
    expect_line(page, "drift: 5 targets: 5 not judged");
    expect_line(page, "  5 unjudged");
    expect_line(page, "      targets: t000, t001, t002, t003, t004");
}

Test(drift_view, says_whether_a_repair_was_tried)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(DriftResult) result = result_of(&files, 3);
    DriftCluster *tried = add_cluster(result, DRIFT_FOUND, 0, 1);
    DriftCluster *untried = add_cluster(result, DRIFT_FOUND, 1, 1);
    DriftCluster *none = add_cluster(result, DRIFT_FOUND, 2, 1);
    fill_differences(tried, 1, "integer");
    tried->repair = repair_of("CREATE INDEX i00 ON t (c);\n", true, NULL);
    untried->repair = repair_of("DROP TABLE x;\n", false, "no dev server");
    none->repair = repair_of(NULL, false, "the column needs a hint");
    g_autofree char *page = page_of(result, false);
    expect_text(page, "repair: 2 statements, 1 of them with loss of data; tried on a scratch");
    expect_text(page, "not tried: no dev\n");
    expect_text(page, "repair: cannot be written: the column needs a hint");
    g_autofree char *script = drift_view_script(tried, NULL);
    expect_line(script, "--   t000  postgresql://db1.internal:5432/t000");
    expect_line(script, "--   index i00: missing");
    expect_line(script, "CREATE INDEX i00 ON t (c);");
    cr_expect_null(drift_view_script(none, NULL));
}

Test(drift_view, nothing_reaches_the_terminal_or_a_script_as_it_is)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(DriftResult) result = result_of(&files, 2);
    DriftCluster *cluster = add_cluster(result, DRIFT_FOUND, 0, 1);
    fill_differences(cluster, 1, HOSTILE);
    cluster->reason = g_strdup(HOSTILE);
    cluster->repair = repair_of(NULL, false, HOSTILE);
    set_unread(result, 1, DRIFT_UNJUDGED, HOSTILE);
    g_autofree char *page =
        drift_view_text(result, &(ReportOptions){.width = 80, .color = true, .verbose = true});
    expect_harmless(page);
    cluster->repair->sql = g_strdup("SELECT 1;\n");
    g_autofree char *script = drift_view_script(cluster, NULL);
    g_auto(GStrv) lines = g_strsplit(script, "\n", -1);
    for (char **line = lines; **line; line++)
        cr_expect(g_str_has_prefix(*line, "-- "), "no comment: %s", *line);
    cr_expect_null(strchr(script, '\033'));
}

Test(drift_view, json_adds_up)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(DriftResult) result = result_of(&files, 4);
    add_cluster(result, DRIFT_NONE, 0, 2);
    DriftCluster *drifted = add_cluster(result, DRIFT_FOUND, 2, 1);
    fill_differences(drifted, 1, "bigint");
    drifted->repair = repair_of("X;\n", true, NULL);
    set_unread(result, 3, DRIFT_UNREACHABLE, "refused");
    g_autofree char *text = drift_view_json(result);
    json_t *json = json_loads(text, 0, NULL);
    cr_assert_not_null(json, "%s", text);
    const char *key;
    json_t *value;
    json_int_t sum = 0;
    json_object_foreach(json_object_get(json, "totals"), key, value)
    {
        sum += json_integer_value(value);
    }
    cr_expect_eq(sum, 4);
    cr_expect_eq(json_array_size(json_object_get(json, "targets")), 4);
    json_t *cluster = json_array_get(json_object_get(json, "clusters"), 1);
    json_t *difference = json_array_get(json_object_get(cluster, "differences"), 0);
    json_t *attribute = json_array_get(json_object_get(difference, "attributes"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(cluster, "verdict")), "drifted");
    cr_expect_str_eq(json_string_value(json_object_get(difference, "kind")), "changed");
    cr_expect_str_eq(json_string_value(json_object_get(attribute, "expected")), "integer");
    cr_expect_str_eq(json_string_value(json_object_get(attribute, "found")), "bigint");
    cr_expect(json_is_true(json_object_get(json_object_get(cluster, "repair"), "proven")));
    json_decref(json);
}
