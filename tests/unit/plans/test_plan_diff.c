/* Plan diff: what counts as a change, and what does not. */
#include "planner_case.h"
#include "plans/plan_diff.h"

TestSuite(plan_diff);

static PlanFile *file_of(PlanFixture *files, const char *goal)
{
    g_autoptr(Plan) plan = fixture_plan(files, PLAN_UPGRADE, goal);
    PlanFile *file = plan_file_new();
    file->track = g_strdup("default");
    file->version_table = g_strdup("dbfleet_version");
    file->created_by = g_strdup("me");
    file->created_us = g_get_real_time();
    file->variables = g_new0(char *, 1);
    file->rollout.jobs = 8;
    file->rollout.max_failures = g_strdup("0");
    plan_file_take(file, plan, NULL);
    return file;
}

/* "area name field: before -> after" a line. */
static char *changes_text(const PlanFile *before, const PlanFile *after)
{
    g_autoptr(GPtrArray) changes = plan_diff(before, after);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < changes->len; i++) {
        const PlanChange *change = changes->pdata[i];
        g_string_append_printf(out, "%s %s%s%s: %s -> %s\n", plan_area_name(change->area), change->name,
                               change->field ? " " : "", change->field ? change->field : "",
                               change->before ? change->before : "-", change->after ? change->after : "-");
    }
    return g_string_free(out, FALSE);
}

Test(plan_diff, a_plan_made_again_is_the_same)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    fixture_add_unreachable(&files, "far", "no route");
    g_autoptr(PlanFile) before = file_of(&files, "head"), after = file_of(&files, "head");
    g_free(after->created_by);
    after->created_by = g_strdup("another");
    g_autofree char *told = changes_text(before, after);
    cr_expect_str_eq(told, "");
}

Test(plan_diff, one_revision_more_is_one_step_and_another_path)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_autoptr(PlanFile) before = file_of(&files, "bb"), after = file_of(&files, "cc");
    g_autofree char *told = changes_text(before, after);
    cr_expect_str_eq(told, "plan goals: bb -> cc\n"
                           "step up cc (sqlite): - -> up cc (sqlite)\n"
                           "target a path: base -> bb, 2 steps -> base -> cc, 3 steps\n");
    g_autofree char *back = changes_text(after, before);
    cr_expect(strstr(back, "step up cc (sqlite): up cc (sqlite) -> -\n"), "%s", back);
}

Test(plan_diff, another_sql_under_the_same_names_is_seen)
{
    g_auto(PlanFixture) files = plan_fixture_of(TABLE_FILE("aa", ""));
    g_auto(PlanFixture) edited = plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\nselect 1;\n"));
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    fixture_add(&edited, "a", DIALECT_SQLITE, "");
    g_autoptr(PlanFile) before = file_of(&files, "head"), after = file_of(&edited, "head");
    g_autofree char *told = changes_text(before, after);
    cr_expect(strstr(told, "step up aa (sqlite) sql: "), "%s", told);
    cr_expect(strstr(told, "target a path: base -> aa, 1 step ("), "%s", told);
}

Test(plan_diff, targets_come_go_and_change)
{
    g_auto(PlanFixture) then = plan_fixture_of(THREE_FILES);
    g_auto(PlanFixture) now = plan_fixture_of(THREE_FILES);
    fixture_add(&then, "gone", DIALECT_SQLITE, "");
    fixture_add(&then, "lost", DIALECT_SQLITE, "bb");
    Target *moved = fixture_add(&then, "moved", DIALECT_SQLITE, "bb");
    fixture_add(&now, "new", DIALECT_SQLITE, "cc");
    fixture_add_unreachable(&now, "lost", "no route");
    Target *elsewhere = fixture_add(&now, "moved", DIALECT_SQLITE, "bb");
    g_free(elsewhere->endpoint);
    elsewhere->endpoint = g_strdup("sqlite:/elsewhere");
    g_autoptr(PlanFile) before = file_of(&then, "head"), after = file_of(&now, "head");
    g_autofree char *told = changes_text(before, after);
    g_autofree char *endpoint =
        g_strdup_printf("target moved endpoint: %s -> sqlite:/elsewhere\n", moved->endpoint);
    const char *const wanted[] = {
        "target new: - -> nothing to do\n", "target gone: base -> cc, 3 steps -> -\n",
        "target lost: bb -> cc, 1 step -> -\n", "exception lost: - -> unreachable: no route\n", endpoint};
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        cr_expect(strstr(told, wanted[i]), "wanted: %s\ntold: %s", wanted[i], told);
}

Test(plan_diff, the_rollout_is_compared_key_by_key)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_autoptr(PlanFile) before = file_of(&files, "head"), after = file_of(&files, "head");
    g_free(after->rollout.max_failures);
    after->rollout.max_failures = g_strdup("2%");
    after->rollout.soak_ms = 60000;
    WaveSpec *rest = g_new0(WaveSpec, 1);
    *rest = (WaveSpec){.kind = WAVE_REST, .name = g_strdup("rest"), .soak_ms = -1, .confirm = -1};
    after->rollout.waves = g_ptr_array_new_with_free_func((GDestroyNotify)wave_spec_free);
    g_ptr_array_add(after->rollout.waves, rest);
    g_autofree char *told = changes_text(before, after);
    cr_expect_str_eq(told, "rollout max_failures: \"0\" -> \"2%\"\n"
                           "rollout waves: - -> - {name: rest, targets: rest}\n"
                           "rollout soak: - -> 1min\n");
}
