/* Plan files: what is written is what was planned, what is read is what was written, and what is applied is
 * that or nothing. */
#include "planner_case.h"
#include "plans/plan_file.h"
#include "plans/waves.h"

#include <glib/gstdio.h>

TestSuite(plan_file);

/* ---- Files ---- */

/* Two marks for each step, with texts that need care. */
static GPtrArray *made_risks(const PlanStep *step, Dialect dialect)
{
    GPtrArray *marks = risk_marks_new();
    g_autofree char *object =
        g_strdup_printf("shop.\"%s\"", plan_step_section(step)->kind == SECTION_UP ? "t" : "u");
    g_ptr_array_add(marks, risk_mark_new(RISK_DROPS, 3, object, "a: b, {c}\n'd'"));
    g_ptr_array_add(marks, risk_mark_new(RISK_NOT_TRANSACTIONAL, 0, NULL, dialect_name(dialect)));
    return marks;
}

/* One table whose bytes are known and one whose are not. */
static GPtrArray *made_sizes(void)
{
    GPtrArray *sizes = table_sizes_new();
    TableSize *orders = table_size_new("shop.\"orders\"");
    table_size_add(orders, "a", 10, -1);
    orders->at_least = true;
    g_ptr_array_add(sizes, orders);
    TableSize *lines = table_size_new("lines");
    table_size_add(lines, "a", 7, 100);
    table_size_add(lines, "null", G_GINT64_CONSTANT(5000000000), 50);
    lines->estimated = true;
    lines->unasked = 2;
    g_ptr_array_add(sizes, lines);
    table_sizes_sort(sizes);
    return sizes;
}

/* The plan of an upgrade to head as a file, members filled as a command does. */
static PlanFile *file_of(PlanFixture *files, PlanCommand command, const char *goals)
{
    g_autoptr(Plan) plan = fixture_plan(files, command, goals);
    PlanFile *file = plan_file_new();
    plan_take_risks(plan, made_risks);
    plan->sizes = made_sizes();
    file->track = g_strdup("default");
    file->version_table = g_strdup("dbfleet_version");
    file->created_by = g_strdup("me@here: \"quoted\"\t\\");
    file->created_us = G_GINT64_CONSTANT(1795365600000000);
    file->expires_us = file->created_us + G_USEC_PER_SEC;
    file->variables = g_strsplit("one two", " ", -1);
    file->rollout = (RolloutPolicy){.jobs = 7,
                                    .per_host = 2,
                                    .max_failures = g_strdup("2%"),
                                    .max_unreachable = g_strdup("5"),
                                    .on_halt = g_strdup("target")};
    file->allow_edited = true;
    plan_file_take(file, plan, files->variables);
    return file;
}

/* Through a file on disk; NULL with what was wrong in *told. */
static PlanFile *read_back(const char *text, char **told)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *path = NULL;
    int descriptor = g_file_open_tmp("plan-XXXXXX", &path, NULL);
    must(descriptor >= 0 && g_close(descriptor, NULL) && g_file_set_contents(path, text, -1, NULL), "%s",
         path);
    PlanFile *file = plan_file_load(path, problems);
    g_unlink(path);
    *told = diagnostics_to_string(problems);
    return file;
}

static PlanFile *through_disk(PlanFile *file)
{
    g_autofree char *text = plan_file_text(file);
    g_autofree char *told = NULL;
    PlanFile *back = read_back(text, &told);
    must(back, "%s%s", told, text);
    g_autofree char *again = plan_file_text(back);
    cr_assert_str_eq(again, text);
    return back;
}

Test(plan_file, says_again_what_was_planned)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    fixture_add(&files, "null", DIALECT_POSTGRES, "bb");
    fixture_add(&files, "done", DIALECT_SQLITE, "cc");
    fixture_add_unreachable(&files, "far", "no route\nto it");
    fixture_add_inactive(&files, "old", TARGET_RETIRED, "sold");
    g_autoptr(PlanFile) file = file_of(&files, PLAN_UPGRADE, "head");
    g_autoptr(PlanFile) back = through_disk(file);
    cr_assert_str_eq(back->digest, file->digest);
    cr_assert_eq(back->paths->len, 2);
    cr_assert_eq(back->targets->len, 3);
    cr_assert_eq(back->exceptions->len, 2);
    cr_assert_str_eq(back->created_by, file->created_by);
    cr_assert_eq(back->expires_us, file->expires_us);
    cr_assert_str_eq(back->rollout.max_failures, "2%");
    cr_assert_eq(back->rollout.jobs, 7);
    cr_assert(back->allow_edited);
    cr_assert_eq(plan_file_target(back, "null")->path->dialect, DIALECT_POSTGRES);
    cr_assert_null(plan_file_target(back, "done")->path);
    cr_assert_null(plan_file_target(back, "far"));
    const PlanFileStep *last = plan_file_target(back, "a")->path->steps->pdata[2];
    cr_assert_eq(last->risks->len, 2);
    cr_assert_eq(back->sizes->len, 2);
    const TableSize *lines = back->sizes->pdata[0];
    cr_assert_str_eq(lines->table, "lines");
    cr_assert_eq(lines->rows, G_GINT64_CONSTANT(5000000007));
    cr_assert_eq(lines->rows_max, G_GINT64_CONSTANT(5000000000));
    cr_assert_eq(lines->bytes, 150);
    cr_assert_eq(lines->bytes_max, 100);
    cr_assert_eq(lines->unasked, 2);
    cr_assert(lines->estimated && !lines->at_least);
    cr_assert_eq(((const TableSize *)back->sizes->pdata[1])->bytes, -1);
    const RiskMark *drop = last->risks->pdata[0], *whole = last->risks->pdata[1];
    cr_assert_eq(drop->kind, RISK_DROPS);
    cr_assert_eq(drop->statement, 3);
    cr_assert_str_eq(drop->object, "shop.\"t\"");
    cr_assert_str_eq(drop->reason, "a: b, {c}\n'd'");
    cr_assert_eq(whole->kind, RISK_NOT_TRANSACTIONAL);
    cr_assert_eq(whole->statement, 0);
    cr_assert_null(whole->object);
    cr_assert_str_eq(last->revision, "cc");
    cr_assert_str_eq(last->after[0], "cc");
}

Test(plan_file, a_touched_file_is_refused_wherever_it_was_touched)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_autoptr(PlanFile) file = file_of(&files, PLAN_UPGRADE, "head");
    g_autofree char *text = plan_file_text(file);
    const gsize whole = strlen(text);
    for (gsize i = 0; i < whole; i += 7) {
        g_autofree char *touched = g_strdup(text);
        g_autofree char *told = NULL;
        touched[i] = touched[i] == 'x' ? 'y' : 'x';
        g_autoptr(PlanFile) back = read_back(touched, &told);
        must(!back && *told, "a change at byte %zu was taken", i);
    }
    for (gsize length = 0; length < whole; length += 11) {
        g_autofree char *cut = g_strndup(text, length);
        g_autofree char *told = NULL;
        g_autoptr(PlanFile) back = read_back(cut, &told);
        must(!back && strstr(told, "digest"), "%zu bytes were taken: %s", length, told);
    }
}

/* ---- Waves ---- */

static WaveSpec *wave_spec(WaveKind kind, const char *text)
{
    WaveSpec *self = g_new0(WaveSpec, 1);
    *self = (WaveSpec){.kind = kind, .name = g_strdup(text), .soak_ms = -1, .confirm = -1};
    self->selector = kind == WAVE_SELECTOR ? g_strdup(text) : NULL;
    return self;
}

static void wave_free(gpointer data)
{
    g_free(((PlanWave *)data)->name);
    g_free(data);
}

static void add_wave(Plan *plan, const char *name)
{
    PlanWave *wave = g_new0(PlanWave, 1);
    wave->name = g_strdup(name);
    g_ptr_array_add(plan->waves, wave);
}

/* Of four targets "b" goes first, then "a" and "d"; "c" is left over and "done" has nothing to do. */
static PlanFile *file_with_waves(PlanFixture *files)
{
    const guint order[] = {1, 3, 0, 2};
    g_autoptr(Plan) plan = fixture_plan(files, PLAN_UPGRADE, "head");
    PlanFile *file = plan_file_new();
    plan->waves = g_ptr_array_new_with_free_func(wave_free);
    plan->order = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(plan->order, order, G_N_ELEMENTS(order));
    add_wave(plan, "canary");
    add_wave(plan, "50%");
    add_wave(plan, "leftovers");
    for (guint i = 0; i < 4; i++)
        ((PlanTarget *)plan->targets->pdata[i])->wave = i == 1 ? 0 : i == 2 ? 2 : 1;
    file->track = g_strdup("default");
    file->version_table = g_strdup("dbfleet_version");
    file->created_by = g_strdup("me");
    file->variables = g_new0(char *, 1);
    file->rollout.waves = g_ptr_array_new_with_free_func((GDestroyNotify)wave_spec_free);
    g_ptr_array_add(file->rollout.waves, wave_spec(WAVE_SELECTOR, "canary"));
    g_ptr_array_add(file->rollout.waves, wave_spec(WAVE_SELECTOR, "nobody"));
    WaveSpec *half = wave_spec(WAVE_SHARE, "50%");
    half->share = 50;
    g_ptr_array_add(file->rollout.waves, half);
    plan_file_take(file, plan, NULL);
    return file;
}

static void add_four_and_one_done(PlanFixture *files)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        fixture_add(files, names[i], DIALECT_SQLITE, "");
    fixture_add(files, "done", DIALECT_SQLITE, "cc");
}

static void expect_target(const PlanFile *file, guint index, const char *name, const char *wave)
{
    const PlanFileTarget *target = file->targets->pdata[index];
    cr_expect_str_eq(target->name, name);
    cr_expect_str_eq(target->wave ? target->wave->name : "none", wave);
}

Test(plan_file, keeps_waves_and_the_order_to_start)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_four_and_one_done(&files);
    g_autoptr(PlanFile) file = file_with_waves(&files);
    g_autoptr(PlanFile) back = through_disk(file);
    expect_target(back, 0, "b", "canary");
    expect_target(back, 1, "d", "50%");
    expect_target(back, 2, "a", "50%");
    expect_target(back, 3, "c", "leftovers");
    expect_target(back, 4, "done", "none");
    cr_assert_eq(back->waves->len, 3);
    const PlanFileWave *half = back->waves->pdata[1], *rest = back->waves->pdata[2];
    cr_expect_eq(half->targets, 2);
    cr_assert_not_null(half->rules);
    cr_expect_float_eq(half->rules->share, 50, 1e-9);
    cr_expect_null(rest->rules);
}

Test(plan_file, gives_what_is_left_the_waves_that_were_reviewed)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_auto(PlanFixture) later = plan_fixture_of(THREE_FILES);
    add_four_and_one_done(&files);
    g_autoptr(PlanFile) file = file_with_waves(&files);
    fixture_add(&later, "b", DIALECT_SQLITE, "cc");
    fixture_add(&later, "d", DIALECT_SQLITE, "");
    fixture_add(&later, "a", DIALECT_SQLITE, "");
    fixture_add(&later, "c", DIALECT_SQLITE, "");
    later.request.file = file;
    g_autoptr(Plan) plan = fixture_plan(&later, PLAN_UPGRADE, "head");
    plan_file_give_waves(file, plan);
    cr_assert_eq(plan->waves->len, 3);
    const PlanWave *canary = plan->waves->pdata[0], *half = plan->waves->pdata[1],
                   *rest = plan->waves->pdata[2];
    cr_expect_eq(canary->targets, 0, "of canary nothing is left");
    cr_expect_str_eq(half->name, "50%");
    cr_expect_eq(half->targets, 2);
    cr_expect_not_null(half->spec);
    cr_expect_str_eq(rest->name, "leftovers");
    cr_assert_eq(plan->order->len, 3);
    for (guint i = 0; i < 3; i++) {
        cr_expect_eq(g_array_index(plan->order, guint, i), i + 1);
        cr_expect_eq(plan_target_at(plan, i + 1)->wave, i == 2 ? 2u : 1u);
    }
}

/* A text as if it had been written so, its digest good. */
static void expect_unread(const PlanFile *file, const char *from, const char *to, const char *wanted)
{
    g_autofree char *text = plan_file_text((PlanFile *)file);
    g_auto(GStrv) parts = g_strsplit(text, from, -1);
    must(parts[1], "not in it: %s\n%s", from, text);
    g_autofree char *other = g_strjoinv(to, parts);
    *(g_strrstr(other, "\ndigest: ") + 1) = '\0';
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, other, -1);
    g_autofree char *whole = g_strdup_printf("%sdigest: %s\n", other, sum);
    g_autofree char *told = NULL;
    g_autoptr(PlanFile) back = read_back(whole, &told);
    cr_expect(!back && strstr(told, wanted), "wanted: %s\ntold: %s", wanted, told);
}

Test(plan_file, what_does_not_fit_together_is_no_plan)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_four_and_one_done(&files);
    g_autoptr(PlanFile) file = file_with_waves(&files);
    expect_unread(file, ", wave: leftovers}", ", wave: nobody}",
                  "target c is in wave nobody, which is not there");
    expect_unread(file, ", wave: leftovers}", "}", "target c is in no wave");
    expect_unread(file, "path: none}", "path: none, wave: canary}",
                  "target done has nothing to do and is in");
    expect_unread(file, "  - {name: leftovers, ", "  - {name: canary, ", "two waves are called canary");
    expect_unread(file, "rollout:\n", "rollout:\n  approvals: 1\n", "a plan file cannot say \"approvals\"");
    expect_unread(file, "rollout:\n", "rollout:\n  self_approval: true\n", "cannot say \"self_approval\"");
    expect_unread(file, "rollout:\n", "rollout:\n  jobz: 1\n", "jobs");
    expect_unread(file, "track: default\n", "", "\"track\" is missing");
}

/* ---- Revisions ---- */

static void expect_refused(const PlanFile *file, const char *const *texts, const char *wanted)
{
    g_auto(PlanFixture) now = plan_fixture(texts);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    bool good = plan_file_check_revisions(file, now.graph, problems);
    g_autofree char *told = diagnostics_to_string(problems);
    cr_expect_eq(good, wanted == NULL, "%s", told);
    cr_expect(!wanted || strstr(told, wanted), "wanted: %s\ntold: %s", wanted, told);
}

Test(plan_file, what_was_reviewed_must_be_there_as_it_was)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    g_autoptr(PlanFile) file = file_of(&files, PLAN_UPGRADE, "head");
    const char *const same[] = {THREE_FILES, NULL};
    const char *const more[] = {THREE_FILES, TABLE_FILE("dd", "cc"), NULL};
    const char *const gone[] = {TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"), NULL};
    const char *const edited[] = {TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"),
                                  REVISION_FILE("cc", "bb", "-- migrate:up\ndrop table t_aa;\n"), NULL};
    const char *const checked[] = {
        TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"),
        REVISION_FILE("cc", "bb",
                      "-- migrate:up\ncreate table t_cc (n int);\n\n-- migrate:check\nselect 1;\n"),
        NULL};
    const char *const other_down[] = {
        TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"),
        REVISION_FILE("cc", "bb",
                      "-- migrate:up\ncreate table t_cc (n int);\n\n-- migrate:down\nselect 1;\n"),
        NULL};
    expect_refused(file, same, NULL);
    expect_refused(file, more, NULL);
    expect_refused(file, other_down, NULL);
    expect_refused(file, gone, "revision cc of the plan is in no file");
    expect_refused(file, edited, "the up section of revision cc for sqlite was changed");
    expect_refused(file, checked, "the check section of revision cc for sqlite was added");
}

/* ---- Where a target stands ---- */

/* One target at `rows` now, whose file was made when it was at aa. */
static void expect_applied(const char *rows, const char *history, const char *digest, PlanVerdict verdict,
                           PlanProblem problem, guint steps)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "aa");
    fixture_history(&files, "up aa done");
    g_autoptr(PlanFile) file = file_of(&files, PLAN_UPGRADE, "head");
    g_free(plan_file_text(file)); /* sets the digest */
    TargetState *state = fixture_last_state(&files);
    g_strfreev(state->rows);
    state->rows = g_strsplit(rows, " ", -1);
    if (g_str_equal(rows, "cc"))
        fixture_history(&files, "up bb done");
    if (history)
        fixture_history(&files, history)->plan_digest = g_strdup(digest ? digest : file->digest);
    files.request.file = file;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    const PlanTarget *target = plan_target_at(plan, 0);
    cr_expect_eq(target->verdict, verdict, "%s %s: verdict %d, %s", rows, history, (int)target->verdict,
                 target->reason);
    cr_expect_str_eq(plan_problem_name(target->problem), plan_problem_name(problem));
    cr_expect_eq(target->path ? target->path->steps->len : 0, steps);
}

Test(plan_file, a_target_where_it_was_takes_its_path)
{
    expect_applied("aa", NULL, NULL, PLAN_PENDING, PROBLEM_NONE, 2);
}

Test(plan_file, a_target_that_is_there_has_nothing_to_do)
{
    expect_applied("cc", "up cc done", NULL, PLAN_AT_GOAL, PROBLEM_NONE, 0);
    expect_applied("cc", "up cc done", "another", PLAN_AT_GOAL, PROBLEM_NONE, 0);
}

Test(plan_file, in_between_a_target_goes_on_if_the_plan_took_it_there)
{
    expect_applied("bb", "up bb done", NULL, PLAN_PENDING, PROBLEM_NONE, 1);
    expect_applied("bb", "up bb done", "another", PLAN_BLOCKED, PROBLEM_STALE, 0);
    expect_applied("bb", NULL, NULL, PLAN_BLOCKED, PROBLEM_STALE, 0);
}

Test(plan_file, a_step_that_stopped_is_gone_on_with)
{
    expect_applied("aa", "up bb failed", NULL, PLAN_PENDING, PROBLEM_UNFINISHED, 2);
}

Test(plan_file, the_path_is_the_reviewed_one)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_autoptr(PlanFile) file = file_of(&files, PLAN_UPGRADE, "+2");
    files.request.file = file;
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "+2");
    const PlanFilePath *reviewed = file->paths->pdata[0];
    cr_assert_str_eq(plan_target_at(plan, 0)->path->digest, reviewed->digest);
}

Test(plan_file, downgrades_and_stamps_are_kept_too)
{
    static const struct {
        PlanCommand command;
        const char *goal;
    } cases[] = {{PLAN_DOWNGRADE, "-2"}, {PLAN_STAMP, "aa"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
        fixture_add(&files, "a", DIALECT_SQLITE, "cc");
        g_autoptr(PlanFile) made = file_of(&files, cases[i].command, cases[i].goal);
        g_autoptr(PlanFile) file = through_disk(made);
        files.request.file = file;
        g_autoptr(Plan) plan = fixture_plan(&files, cases[i].command, cases[i].goal);
        const PlanTarget *target = plan_target_at(plan, 0);
        const PlanFilePath *reviewed = file->paths->pdata[0];
        must(target->path, "%s", target->reason);
        cr_expect_str_eq(target->path->digest, reviewed->digest);
        cr_expect_str_eq(target->path->rows[0], "aa");
    }
}

Test(plan_file, other_variables_make_it_another_plan)
{
    g_auto(PlanFixture) files =
        plan_fixture_of(REVISION_FILE("aa", "", "-- migrate:up\ncreate table {{ name | ident }} (n int);\n"));
    Target *target = fixture_add(&files, "a", DIALECT_SQLITE, "");
    g_hash_table_insert(target->vars, "name", "t");
    g_autoptr(PlanFile) file = file_of(&files, PLAN_UPGRADE, "head");
    files.request.file = file;
    g_autoptr(Plan) same = fixture_plan(&files, PLAN_UPGRADE, "head");
    expect_verdict(same, 0, PLAN_PENDING, PROBLEM_NONE, NULL);
    g_hash_table_insert(target->vars, "name", "u");
    g_autoptr(Plan) other = fixture_plan(&files, PLAN_UPGRADE, "head");
    expect_verdict(other, 0, PLAN_BLOCKED, PROBLEM_STALE, "its variables are not those of the plan");
}

/* ---- Size ---- */

/* As many as a fleet may have: the file stays one that git and people can take. */
Test(plan_file, ten_thousand_targets_fit_into_three_megabytes, .timeout = 120)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 1; i <= 50; i++)
        g_ptr_array_add(texts, g_strdup_printf("-- revision: r%04u\n-- revises: %s%.4u\n\n-- migrate:up\n"
                                               "create table {{ name | ident }} (n int);\n",
                                               i, i > 1 ? "r" : "", i - 1));
    g_ptr_array_add(texts, NULL);
    g_free(texts->pdata[0]);
    texts->pdata[0] = g_strdup("-- revision: r0001\n-- revises: \n\n-- migrate:up\nselect 1;\n");
    g_auto(PlanFixture) files = plan_fixture((const char *const *)texts->pdata);
    for (unsigned i = 0; i < 10000; i++) {
        g_autofree char *name = g_strdup_printf("europe-west-tenant-%05u", i),
                        *rows = g_strdup_printf("r%04u", i % 50);
        Target *target = fixture_add(&files, name, DIALECT_POSTGRES, i % 50 ? rows : "");
        g_hash_table_insert(target->vars, "name", target->name);
    }
    g_autoptr(PlanFile) file = file_of(&files, PLAN_UPGRADE, "head");
    g_autofree char *text = plan_file_text(file), *told = NULL;
    cr_assert_eq(file->paths->len, 50);
    cr_assert_lt(strlen(text), 3000000);
    g_autoptr(PlanFile) back = read_back(text, &told);
    cr_assert_not_null(back, "%s", told);
    cr_assert_eq(back->targets->len, 10000);
}
