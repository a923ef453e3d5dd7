/* The status view: where the fleet stands, by group and heads. */
#include "../plan_fixture.h"
#include "page.h"
#include "report/plan_view.h"

#include <jansson.h>

/* Every standing at least once. */
static Plan *fleet_of_all(PlanFixture *files)
{
    const Group *eu = fixture_group(files, "eu", NULL, 0);
    static const char *const rows[] = {"cc", "cc", "aa", "", "ffff", "eeee"};
    static const char *const names[] = {"head-1", "head-2", "behind", "new", "stranger", "ahead"};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        fixture_add(files, names[i], DIALECT_POSTGRES, rows[i])->group = i < 3 ? eu : NULL;
    fixture_history(files, "up eeee done");
    fixture_add(files, "stuck", DIALECT_MARIADB, "aa");
    fixture_history(files, "up bb failed")->intent = 1;
    fixture_add_unreachable(files, "gone", "connection refused");
    fixture_add_inactive(files, "asleep", TARGET_SUSPENDED, "moving house");
    return fixture_plan(files, PLAN_UPGRADE, "heads");
}

static char *page_of(const PlanFixture *files, const Plan *plan, unsigned width, bool color)
{
    return status_view_text(plan, files->graph, &(ReportOptions){.width = width, .color = color});
}

TestSuite(status_view);

Test(status_view, counts_every_standing)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = fleet_of_all(&files);
    g_autofree char *page = page_of(&files, plan, 120, false);

    expect_line(page,
                "9 targets: 2 at head, 2 behind, 1 ahead, 1 unknown, 1 blocked, 1 unreachable, 1 inactive");
    expect_line(page, "  (no group)        1  eeee           ahead");
    expect_line(page, "  eu                2  cc     add cc  at head");
    cr_expect(status_view_pending(plan));
}

Test(status_view, a_fleet_at_its_heads_is_one_line_and_pending_nothing)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    fixture_add(&files, "b", DIALECT_SQLITE, "cc");
    fixture_add_inactive(&files, "c", TARGET_RETIRED, NULL);
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autofree char *page = page_of(&files, plan, 80, false);

    expect_line(page, "3 targets: 2 at head, 1 inactive");
    expect_line(page, "  (no group)        2  cc     add cc  at head");
    cr_expect_not(status_view_pending(plan));
}

Test(status_view, what_cannot_be_told_is_pending)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "cc");
    fixture_add_unreachable(&files, "b", "connection refused");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");

    cr_expect(status_view_pending(plan));
}

/* Its rows are known; only what ran below them is not. */
Test(status_view, a_target_whose_revision_lost_its_file_is_blocked_not_ahead)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "bb");
    fixture_history(&files, "up aa done");
    fixture_history(&files, "up gone done");
    fixture_history(&files, "up bb done");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autofree char *page = page_of(&files, plan, 80, false);

    cr_expect_not_null(strstr(page, "1 blocked"), "%s", page);
    cr_expect_null(strstr(page, "ahead"), "%s", page);
}

Test(status_view, no_text_steers_the_terminal)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    const Group *group = fixture_group(&files, HOSTILE, NULL, 0);
    Revision *revision = files.revisions->pdata[2];
    g_free(revision->message);
    revision->message = g_strdup(HOSTILE);
    fixture_add(&files, HOSTILE, DIALECT_SQLITE, "cc")->group = group;
    fixture_add(&files, HOSTILE, DIALECT_SQLITE, HOSTILE)->group = group;
    fixture_add_unreachable(&files, HOSTILE, HOSTILE)->group = group;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    g_autofree char *page = page_of(&files, plan, 80, false);
    g_autofree char *colored = page_of(&files, plan, 80, true);

    expect_harmless(page);
    expect_harmless(colored);
}

Test(status_view, fits_its_width)
{
    static const unsigned widths[] = {80, 200};
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    plan_free(fleet_of_all(&files));
    for (int i = 0; i < 2000; i++) {
        g_autofree char *name = g_strdup_printf("tenant-of-some-length-%05d", i);
        fixture_add(&files, name, DIALECT_POSTGRES, i % 3 ? "aa" : "ffff")->group = files.groups->pdata[0];
    }
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "heads");
    for (gsize i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autofree char *page = page_of(&files, plan, widths[i], false);
        g_autofree char *colored = page_of(&files, plan, widths[i], true);
        expect_fits(page, widths[i]);
        expect_fits(colored, widths[i]);
    }
}

TestSuite(status_view_json);

Test(status_view_json, counts_add_up)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = fleet_of_all(&files);
    g_autofree char *text = status_view_json(plan, files.graph);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const char *key;
    json_t *value;
    json_int_t sum = 0, in_cells = 0;

    cr_assert_not_null(root);
    json_object_foreach(json_object_get(root, "totals"), key, value) sum += json_integer_value(value);
    json_t *cells = json_object_get(root, "heads");
    for (size_t i = 0; i < json_array_size(cells); i++)
        in_cells += json_integer_value(json_object_get(json_array_get(cells, i), "targets"));
    cr_expect_eq(sum, 9);
    cr_expect_eq(in_cells, 9);
    cr_expect_eq(json_array_size(json_object_get(root, "targets")), 9);
    json_decref(root);
}

Test(status_view_json, targets_say_how_far_behind_they_are)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = fleet_of_all(&files);
    g_autofree char *text = status_view_json(plan, files.graph);
    json_t *root = json_loads(text, 0, NULL);
    static const struct {
        const char *standing;
        int behind;
        bool read;
    } rows[] = {{"at head", 0, true}, {"at head", 0, true},      {"behind", 2, true},
                {"behind", 3, true},  {"unknown", 0, true},      {"ahead", 0, true},
                {"blocked", 0, true}, {"unreachable", 0, false}, {"inactive", 0, false}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *target = json_array_get(json_object_get(root, "targets"), i);
        cr_expect_str_eq(json_string_value(json_object_get(target, "standing")), rows[i].standing);
        cr_expect_eq(json_integer_value(json_object_get(target, "steps_behind")), rows[i].behind);
        cr_expect_eq(json_is_array(json_object_get(target, "heads")), rows[i].read);
    }
    json_decref(root);
}
