/* Waves on the pages: who goes first and what is asked behind it; what became of it. */
#include "../plan_fixture.h"
#include "../run_fixture.h"
#include "page.h"
#include "plans/waves.h"
#include "report/plan_view.h"

TestSuite(wave_view);

static GPtrArray *select_first(gpointer context, const char *selector, GError **error)
{
    const PlanFixture *files = context;
    GPtrArray *found = g_ptr_array_new();
    (void)selector, (void)error;
    g_ptr_array_add(found, files->targets->pdata[0]);
    return found;
}

static void read_policy(RolloutPolicy *policy, const char *yaml)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(YamlTree) tree = yaml_tree_parse(yaml, strlen(yaml), "dbfleet.yaml", problems);
    rollout_policy_init(policy);
    rollout_policy_read(policy, yaml_tree_root(tree), "/", problems);
    g_autofree char *told = diagnostics_to_string(problems);
    cr_assert(!diagnostics_has_errors(problems), "%s", told);
}

/* The page of a plan over six targets; the first is what every selector means. */
static char *plan_page(const char *rollout, unsigned width, char **json)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    RolloutPolicy policy;
    read_policy(&policy, rollout);
    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        fixture_add(&files, name, DIALECT_SQLITE, "aa");
    }
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    cr_assert(plan_take_waves(plan, &policy, select_first, &files, problems));
    char *page = plan_view_text(plan, &(ReportOptions){.width = width});
    if (json)
        *json = plan_view_json(plan);
    rollout_policy_clear(&policy);
    return page;
}

Test(wave_view, a_plan_says_who_goes_first_and_what_comes_behind)
{
    g_autofree char *json = NULL;
    g_autofree char *page = plan_page(
        "{waves: [canary, {targets: 2, max_failures: 1, confirm: true, gates: []}, other], soak: 10min, "
        "gates: [{name: errors, sql: select 1}, {name: up, http: \"http://h/\"}]}",
        200, &json);

    expect_line(page, "  1. canary: 1 target (t0); soak 10m 00s; gates errors, up");
    expect_line(page, "  2. 2: 2 targets (t1, t2); max_failures 1; soak 10m 00s; asks before it");
    expect_line(page, "  3. leftovers: 3 targets (t3, t4, t5), which no wave takes; gates errors, up");
    expect_line(page, "  left out: wave other: no target that has something to do is left for it");
    cr_expect(strstr(json, "\"leftovers\": true"), "%s", json);
    cr_expect(strstr(json, "\"soak\": 600.0"), "%s", json);
    cr_expect(strstr(json, "\"left_out\": [\n    \"other\"\n  ]"), "%s", json);
    cr_expect(strstr(json, "\"wave\": 3"), "%s", json);
}

Test(wave_view, a_plan_with_waves_fits_eighty_columns)
{
    g_autofree char *page =
        plan_page("{waves: [canary, 2, rest], soak: 10min, gates: [{name: a long name of a "
                  "gate that asks for errors, sql: select 1}]}",
                  80, NULL);

    expect_fits(page, 80);
    expect_harmless(page);
}

Test(wave_view, without_waves_nothing_is_said)
{
    g_autofree char *page = plan_page("{}", 80, NULL);

    expect_no_text(page, "Waves");
}

/* ---- A run ---- */

static WaveResult *add_wave(RunResult *run, const char *name, WaveState state, unsigned targets)
{
    WaveResult *wave = wave_result_new();

    wave->name = g_strdup(name);
    wave->state = state;
    wave->targets = targets;
    g_ptr_array_add(run->waves, wave);
    for (unsigned i = 0; i < targets; i++) {
        g_autofree char *target = g_strdup_printf("%s-%u", name, i);
        Outcome outcome = state == WAVE_DONE ? OUTCOME_DONE : OUTCOME_NOT_STARTED;
        fixture_result(run, target, "", i == 0 && state == WAVE_HALTED ? OUTCOME_FAILED : outcome)->wave =
            run->waves->len;
    }
    return wave;
}

static void add_gate(WaveResult *wave, const char *name, const char *target, bool passed, const char *saw)
{
    GateResult *gate = gate_result_new();

    gate->name = g_strdup(name);
    gate->kind = g_strdup("sql");
    gate->target = g_strdup(target);
    gate->passed = passed;
    gate->saw = g_strdup(saw);
    g_ptr_array_add(wave->gates, gate);
}

Test(wave_view, a_report_says_what_became_of_each_and_what_gates_saw)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    WaveResult *canary = add_wave(run, "canary", WAVE_DONE, 2);
    WaveResult *half = add_wave(run, "half", WAVE_HALTED, 3);
    add_wave(run, "rest", WAVE_NOT_STARTED, 4);
    canary->started_us = RUN_STARTED;
    canary->finished_us = RUN_STARTED + 65 * SECOND_US;
    half->halt_reason = g_strdup("wave half: 1 target failed, max_failures is 0");
    add_gate(canary, "errors", NULL, true, "no rows on 2 targets");
    add_gate(half, "errors", "half-1", false, "1 row: kind=login");
    add_gate(half, "errors", "half-2", true, NULL);
    g_autofree char *page = report_text(run, &(ReportOptions){.width = 80});

    expect_line(page, "  canary  done               2     2       0      0            0  1m 05s");
    expect_line(page, "  half    halted             3     0       1      0            2");
    expect_line(page, "  rest    not-started        4     0       0      0            4");
    expect_line(page, "  half: wave half: 1 target failed, max_failures is 0");
    expect_line(page, "  canary: gate errors passed: no rows on 2 targets");
    expect_line(page, "  half: gate errors failed on 1 of 2 targets");
    expect_line(page, "     saw half-1: 1 row: kind=login");
    expect_fits(page, 80);
}

Test(wave_view, what_gates_saw_is_made_harmless)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    WaveResult *wave = add_wave(run, HOSTILE, WAVE_HALTED, 1);
    wave->halt_reason = g_strdup(HOSTILE);
    add_gate(wave, HOSTILE, HOSTILE, false, HOSTILE);
    g_autofree char *page = report_text(run, &(ReportOptions){.width = 80});

    expect_harmless(page);
    expect_fits(page, 80);
}
