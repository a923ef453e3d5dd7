/* The plan view: a few lines for any number of targets, exceptions with their reasons, JSON that adds up. */
#include "../plan_fixture.h"
#include "dev/plan_risks.h"
#include "page.h"
#include "plans/plan_checks.h"
#include "report/plan_view.h"

#include <jansson.h>

static char *page_of(const Plan *plan, unsigned width, bool verbose)
{
    return plan_view_text(plan, &(ReportOptions){.width = width, .verbose = verbose});
}

TestSuite(plan_view);

/* Three targets to do, two there, and one of each exception. */
static Plan *mixed_plan(PlanFixture *files)
{
    static const char *const rows[] = {"aa", "aa", "", "cc", "cc", "ffff"};
    static const char *const names[] = {"old-1", "old-2", "new", "there-1", "there-2", "ahead"};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        fixture_add(files, names[i], DIALECT_SQLITE, rows[i]);
    fixture_add_unreachable(files, "gone-1", "connect to gone-1 port 5432 failed: connection refused");
    fixture_add_unreachable(files, "gone-2", "connect to gone-2 port 5433 failed: connection refused");
    fixture_add_inactive(files, "asleep", TARGET_SUSPENDED, "moving house");
    return fixture_plan(files, PLAN_UPGRADE, "head");
}

Test(plan_view, totals_paths_and_exceptions)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = mixed_plan(&files);
    g_autofree char *page = page_of(plan, 120, false);

    expect_line(
        page,
        "plan: upgrade head, 9 targets: 3 to do, 2 already there, 1 blocked, 2 unreachable, 1 inactive");
    expect_line(page, "  2 targets (sqlite, old-1, …): aa -> cc, 2 steps");
    expect_line(page, "      up bb  add bb");
    expect_line(page, "      up cc  add cc");
    expect_line(page, "  1 target (sqlite, new): base -> cc, 3 steps");
    expect_line(page, "  1 unknown-revision");
    expect_line(page, "  2 unreachable");
    expect_line(page, "      connect to gone-1 port 5432 failed: connection refused");
    expect_line(page, "      targets: gone-1, gone-2");
    expect_line(page, "  1 suspended");
    expect_line(page, "      moving house");
    expect_line(page, "      target: asleep");
    expect_no_text(page, "create table");
}

Test(plan_view, the_sql_is_shown_when_asked_for)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = mixed_plan(&files);
    g_autofree char *page = page_of(plan, 80, true);

    expect_line(page, "        create table t_bb (n int);");
}

Test(plan_view, long_paths_are_cut_unless_asked_for)
{
    const char *texts[31] = {NULL};
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < 30; i++) {
        g_autofree char *parent = i ? g_strdup_printf("r%02d", i - 1) : g_strdup("");
        g_ptr_array_add(
            owned, g_strdup_printf(REVISION_FILE("r%02d", "%s", "-- migrate:up\nselect 1;\n"), i, parent, i));
        texts[i] = owned->pdata[i];
    }
    g_auto(PlanFixture) files = plan_fixture(texts);
    fixture_add(&files, "new", DIALECT_SQLITE, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autofree char *page = page_of(plan, 80, false);
    g_autofree char *whole = page_of(plan, 80, true);

    expect_line(page, "  1 target (sqlite, new): base -> r29, 30 steps");
    expect_line(page, "      up r11  add r11");
    expect_line(page, "      … and 18 more (-v shows all)");
    expect_line(whole, "      up r29  add r29");
    expect_no_text(whole, "more (-v");
}

Test(plan_view, a_step_that_is_no_transaction_and_a_stamp_are_marked)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "maria", DIALECT_MARIADB, "bb");
    g_autoptr(Plan) up = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autoptr(Plan) stamp = fixture_plan(&files, PLAN_STAMP, "cc");
    plan_take_risks(up, plan_step_risks);
    plan_take_risks(stamp, plan_step_risks);
    g_autofree char *up_page = page_of(up, 80, false);
    g_autofree char *stamp_page = page_of(stamp, 80, true);

    expect_line(up_page, "      up cc  add cc  [non-transactional]");
    expect_line(up_page, "  non-transactional: what ran before a failure stays");
    expect_line(up_page, "      up cc");
    expect_line(stamp_page, "      stamp, no SQL");
}

static Plan *risky_plan(PlanFixture *files, Dialect dialect)
{
    fixture_add(files, "t1", dialect, "");
    Plan *plan = fixture_plan(files, PLAN_UPGRADE, "head");
    plan_take_risks(plan, plan_step_risks);
    return plan;
}

#define RISKY_FILES                                                                                          \
    REVISION_FILE("aa", "", "-- migrate:up\ncreate table t (a int);\n-- migrate:down\ndrop table t;\n"),     \
        REVISION_FILE("bb", "aa", "-- migrate:up\nselect 1;\ndrop table old;\nalter table t drop a;\n"),     \
        REVISION_FILE("cc", "bb", "-- migrate:up\nupdate t set b = 1;\n-- migrate:down\nselect 1;\n")

Test(plan_view, risky_steps_are_marked_and_explained_once)
{
    g_auto(PlanFixture) files = plan_fixture_of(RISKY_FILES);
    g_autoptr(Plan) plan = risky_plan(&files, DIALECT_POSTGRES);
    g_autofree char *wide = page_of(plan, 200, false);
    g_autofree char *narrow = page_of(plan, 50, false);

    expect_line(wide, "      up aa  add aa");
    expect_line(wide, "      up bb  add bb  [drops, irreversible, no-down]");
    expect_line(wide, "      up cc  add cc  [irreversible]");
    expect_line(wide, "  drops: data is lost");
    expect_line(wide, "      up bb statement 2, old: the table goes with all its rows");
    expect_line(wide, "      up bb statement 3, t: column a goes with what it holds");
    expect_line(wide, "  irreversible: no way down brings back what is lost: only a backup does");
    expect_line(wide, "      up cc statement 1, t: every row is changed, and what it held is not kept");
    expect_line(wide, "  no-down: the revision cannot be taken back");
    expect_no_text(wide, "rewrites");
    expect_line(narrow, "      up bb  add bb");
    expect_line(narrow, "         [drops, irreversible, no-down]");
}

Test(plan_view, marks_of_two_dialects_are_told_apart)
{
    g_auto(PlanFixture) files = plan_fixture_of(RISKY_FILES);
    fixture_add(&files, "maria", DIALECT_MARIADB, "");
    g_autoptr(Plan) plan = risky_plan(&files, DIALECT_POSTGRES);
    g_autofree char *page = page_of(plan, 200, false);

    expect_line(page, "      up bb statement 2, old: the table goes with all its rows");
    expect_line(page, "      up aa (mariadb), up bb (mariadb), up cc (mariadb)");
}

Test(plan_view, marks_are_in_the_json)
{
    g_auto(PlanFixture) files = plan_fixture_of(RISKY_FILES);
    g_autoptr(Plan) plan = risky_plan(&files, DIALECT_POSTGRES);
    g_autofree char *text = plan_view_json(plan);
    json_t *root = json_loads(text, 0, NULL);
    json_t *steps = json_object_get(json_array_get(json_object_get(root, "paths"), 0), "steps");
    json_t *none = json_object_get(json_array_get(steps, 0), "risks");
    json_t *some = json_object_get(json_array_get(steps, 1), "risks");
    json_t *first = json_array_get(some, 0), *last = json_array_get(some, json_array_size(some) - 1);

    cr_assert_eq(json_array_size(none), 0);
    cr_assert_eq(json_array_size(some), 4);
    cr_expect_str_eq(json_string_value(json_object_get(first, "kind")), "drops");
    cr_expect_eq(json_integer_value(json_object_get(first, "statement")), 2);
    cr_expect_str_eq(json_string_value(json_object_get(first, "object")), "old");
    cr_expect_str_eq(json_string_value(json_object_get(last, "kind")), "no-down");
    cr_expect(json_is_null(json_object_get(last, "statement")));
    json_decref(root);
}

/* Variables stand for themselves in names. */
Test(plan_view, variables_are_shown_as_they_are_written)
{
    g_auto(PlanFixture) files = plan_fixture_of(REVISION_FILE(
        "aa", "", "-- migrate:up\ndrop table {{ tenant | ident }}.t;\n-- migrate:down\nselect 1;\n"));
    g_hash_table_insert(files.variables, (gpointer) "tenant", (gpointer) "secret");
    g_autoptr(Plan) plan = risky_plan(&files, DIALECT_POSTGRES);
    g_autofree char *page = page_of(plan, 200, false);

    expect_text(page, "{{ tenant }}.t: the table goes with all its rows");
    expect_no_text(page, "secret");
}

Test(plan_view, ten_thousand_targets_are_a_page)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    for (int i = 0; i < 10000; i++) {
        g_autofree char *name = g_strdup_printf("t-%05d", i);
        if (i % 10)
            fixture_add(&files, name, DIALECT_POSTGRES, i % 2 ? "aa" : "bb");
        else
            fixture_add_unreachable(&files, name, "connection refused");
    }
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autofree char *page = page_of(plan, 80, false);
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);

    cr_expect(g_strv_length(lines) < 20, "%s", page);
    expect_text(page, "and 992 more (-v names all)");
}

/* Every text that comes from elsewhere is hostile. */
static Plan *hostile_plan(PlanFixture *files)
{
    Revision *revision = files->revisions->pdata[1];
    g_free(revision->message);
    revision->message = g_strdup(HOSTILE);
    files->request.purge = true;
    fixture_add(files, HOSTILE, DIALECT_SQLITE, "");
    TargetState *state = fixture_last_state(files);
    g_free(state->rows);
    state->rows = g_new0(char *, 2);
    state->rows[0] = g_strdup(HOSTILE);
    fixture_add(files, "good", DIALECT_SQLITE, "aa");
    fixture_add_unreachable(files, HOSTILE, HOSTILE);
    g_free(fixture_last_state(files)->error_class);
    fixture_last_state(files)->error_class = g_strdup(HOSTILE);
    fixture_add_inactive(files, HOSTILE, TARGET_RETIRED, HOSTILE);
    return fixture_plan(files, PLAN_STAMP, "cc");
}

Test(plan_view, no_text_steers_the_terminal)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) stamp = hostile_plan(&files);
    g_autoptr(Plan) up = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autoptr(Plan) wrong = fixture_plan(&files, PLAN_UPGRADE, HOSTILE);
    const Plan *plans[] = {stamp, up, wrong};
    for (gsize i = 0; i < G_N_ELEMENTS(plans); i++) {
        g_autofree char *page = page_of(plans[i], 80, true);
        g_autofree char *colored =
            plan_view_text(plans[i], &(ReportOptions){.width = 80, .verbose = true, .color = true});
        expect_harmless(page);
        expect_harmless(colored);
    }
}

Test(plan_view, fits_its_width)
{
    static const unsigned widths[] = {80, 200};
    g_auto(PlanFixture) files =
        plan_fixture_of(TABLE_FILE("4b1f0c27a9de", ""), TABLE_FILE("9c2e77aa01b3", "4b1f0c27a9de"));
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("tenant-of-some-length-%05d", i);
        if (i % 4 == 0)
            fixture_add(&files, name, DIALECT_POSTGRES, "4b1f0c27a9de");
        else if (i % 4 == 1)
            fixture_add(&files, name, DIALECT_POSTGRES, i % 8 == 1 ? "9c2e77aa01b3" : "ffff");
        else if (i % 4 == 2)
            fixture_add_unreachable(&files, name,
                                    "connection to server at \"db1.internal\", port 5432 failed: "
                                    "FATAL: password authentication failed for user \"migrator\"");
        else
            fixture_add_inactive(&files, name, TARGET_SUSPENDED, "moving house");
    }
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    for (gsize i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autofree char *page = page_of(plan, widths[i], false);
        g_autofree char *colored = plan_view_text(plan, &(ReportOptions){.width = widths[i], .color = true});
        expect_fits(page, widths[i]);
        expect_fits(colored, widths[i]);
    }
}

/* ---- JSON ---- */

TestSuite(plan_view_json);

static json_t *parsed(const Plan *plan)
{
    g_autofree char *text = plan_view_json(plan);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    cr_assert_not_null(root, "%s at %d:\n%s", error.text, error.line, text);
    return root;
}

static const char *string_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

Test(plan_view_json, counts_add_up_and_targets_name_their_path)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = mixed_plan(&files);
    json_t *root = parsed(plan), *totals = json_object_get(root, "totals");
    json_t *paths = json_object_get(root, "paths"), *targets = json_object_get(root, "targets");
    const char *key;
    json_t *value;
    json_int_t sum = 0, on_paths = 0;

    json_object_foreach(totals, key, value) sum += json_integer_value(value);
    for (size_t i = 0; i < json_array_size(paths); i++)
        on_paths += json_integer_value(json_object_get(json_array_get(paths, i), "targets"));
    cr_expect_eq(sum, 9);
    cr_expect_eq(json_array_size(targets), 9);
    cr_expect_eq(on_paths, json_integer_value(json_object_get(totals, "pending")));
    cr_expect_str_eq(string_at(json_array_get(targets, 0), "path"),
                     string_at(json_array_get(paths, 0), "digest"));
    cr_expect_str_eq(string_at(root, "digest"), plan->digest);
    cr_expect_str_eq(string_at(root, "command"), "upgrade");
    json_decref(root);
}

Test(plan_view_json, exceptions_have_their_stable_names)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = mixed_plan(&files);
    json_t *root = parsed(plan), *targets = json_object_get(root, "targets");
    json_t *ahead = json_array_get(targets, 5), *gone = json_array_get(targets, 6);

    cr_expect_str_eq(string_at(ahead, "verdict"), "blocked");
    cr_expect_str_eq(string_at(ahead, "problem"), "unknown-revision");
    cr_expect_str_eq(string_at(gone, "verdict"), "unreachable");
    cr_expect(json_is_null(json_object_get(gone, "heads")));
    cr_expect_str_eq(string_at(json_array_get(targets, 8), "verdict"), "inactive");
    json_decref(root);
}

Test(plan_view_json, hostile_texts_parse)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = hostile_plan(&files);
    json_t *root = parsed(plan);

    cr_expect_eq(json_array_size(json_object_get(root, "targets")), 4);
    json_decref(root);
}

/* ---- Checks ---- */

/* The answer of the first step's check on a target, with rows of its own. */
static void answer(const Plan *plan, GPtrArray *checks, unsigned index, CheckAnswer said, const char *rows)
{
    const PlanStep *step = &plan_target_at(plan, index)->path->steps->first[0];
    checks->pdata[index] = target_checks_new();
    g_ptr_array_add(
        ((TargetChecks *)checks->pdata[index])->answers,
        plan_check_new(step, 0, said, said == CHECK_PASSED ? NULL : "revision aa: told so", rows));
}

static Plan *checked_plan(PlanFixture *files)
{
    static const char *const names[] = {"one", "two", "three", "four"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        fixture_add(files, names[i], DIALECT_SQLITE, "");
    Plan *plan = fixture_plan(files, PLAN_UPGRADE, "head");
    g_autoptr(GPtrArray) checks = g_ptr_array_new_with_free_func((GDestroyNotify)target_checks_free);
    g_ptr_array_set_size(checks, (gint)G_N_ELEMENTS(names));
    answer(plan, checks, 0, CHECK_PASSED, NULL);
    answer(plan, checks, 1, CHECK_REFUSED, "email=a@x.org");
    answer(plan, checks, 2, CHECK_REFUSED, "email=b@y.org; email=c@z.org");
    answer(plan, checks, 3, CHECK_LATER, NULL);
    plan_take_checks(plan, checks);
    return plan;
}

#define CHECKED_FILE REVISION_FILE("aa", "", "-- migrate:check\nselect 1;\n-- migrate:up\nselect 2;\n")

Test(plan_view, targets_whose_rows_differ_are_one_exception_of_a_check)
{
    g_auto(PlanFixture) files = plan_fixture_of(CHECKED_FILE);
    g_autoptr(Plan) plan = checked_plan(&files);
    g_autofree char *page = page_of(plan, 120, false);

    expect_line(page, "plan: upgrade head, 4 targets: 2 to do, 2 blocked");
    expect_line(page, "  2 check");
    expect_line(page, "      revision aa: told so");
    expect_line(page, "      versions/aa.sql:6");
    expect_line(page, "      found on two: email=a@x.org");
    expect_line(page, "      targets: two, three");
    expect_line(page, "  checks: asked on 4 targets, nothing against starting on 2");
    expect_line(page,
                "      cannot be told yet on 1 target, and is asked again just before its step: revision aa: "
                "told so (versions/aa.sql:6)");
    expect_no_text(page, "b@y.org");
}

Test(plan_view, a_check_that_waits_is_told_once_for_each_reason)
{
    g_auto(PlanFixture) files = plan_fixture_of(CHECKED_FILE);
    static const char *const reasons[] = {"the database is made by the run", "Table 'two.t' doesn't exist",
                                          "Table 'three.t' doesn't exist"};
    static const char *const names[] = {"one", "two", "three"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        fixture_add(&files, names[i], DIALECT_SQLITE, "");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    g_autoptr(GPtrArray) checks = g_ptr_array_new_with_free_func((GDestroyNotify)target_checks_free);
    g_ptr_array_set_size(checks, (gint)G_N_ELEMENTS(names));
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        checks->pdata[i] = target_checks_new();
        g_ptr_array_add(((TargetChecks *)checks->pdata[i])->answers,
                        plan_check_new(&plan_target_at(plan, i)->path->steps->first[0], 0, CHECK_LATER,
                                       reasons[i], NULL));
    }
    plan_take_checks(plan, checks);
    g_autofree char *page = page_of(plan, 160, false);
    expect_line(page, "      cannot be told yet on 1 target, and is asked again just before its step: the "
                      "database is made by the run (versions/aa.sql:6)");
    expect_line(page, "      cannot be told yet on 2 targets, and is asked again just before its step: Table "
                      "'two.t' doesn't exist (versions/aa.sql:6)");
}

Test(plan_view, json_has_every_answer)
{
    g_auto(PlanFixture) files = plan_fixture_of(CHECKED_FILE);
    g_autoptr(Plan) plan = checked_plan(&files);
    g_autofree char *text = plan_view_json(plan);
    json_t *root = json_loads(text, 0, NULL);
    json_t *targets = json_object_get(root, "targets");
    json_t *check = json_array_get(json_object_get(json_array_get(targets, 2), "checks"), 0);

    cr_expect_str_eq(json_string_value(json_object_get(check, "answer")), "rows");
    cr_expect_str_eq(json_string_value(json_object_get(check, "detail")), "email=b@y.org; email=c@z.org");
    cr_expect_eq(json_integer_value(json_object_get(check, "line")), 6);
    check = json_array_get(json_object_get(json_array_get(targets, 3), "checks"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(check, "answer")), "later");
    json_decref(root);
}
