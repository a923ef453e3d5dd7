/* Rollout policy: what `rollout:` reads to, and what it refuses. */
#include "fleet_fixture.h"
#include "inventory/project.h"

#include <criterion/criterion.h>
#include <string.h>

static Project *load(const FleetFixture *f, const char *rollout, char **text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *content = g_strdup_printf("version: 1\nrollout:\n%s", rollout);
    fixture_write(f, "dbfleet.yaml", content);
    g_autofree char *path = g_build_filename(f->folder, "dbfleet.yaml", NULL);
    Project *project = project_load(path, "/", problems);
    *text = diagnostics_to_string(problems);
    return project;
}

Test(rollout, waves_are_selectors_counts_shares_and_the_rest)
{
    static const struct {
        WaveKind kind;
        const char *name;
        const char *selector;
        unsigned count;
        double share;
    } wanted[] = {{WAVE_SELECTOR, "canary", "canary", 0, 0},
                  {WAVE_COUNT, "10", NULL, 10, 0},
                  {WAVE_SHARE, "2.5%", NULL, 2, 2.5},
                  {WAVE_SELECTOR, "north", "eu:!x", 0, 0},
                  {WAVE_REST, "rest", NULL, 0, 0}};
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project =
        load(f, "  waves: [canary, 10, 2.5%, {name: north, targets: 'eu:!x', soak: 2s, confirm: no}, rest]\n",
             &text);
    cr_assert_not_null(project, "%s", text);
    cr_assert_eq(project->rollout.waves->len, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        const WaveSpec *wave = project->rollout.waves->pdata[i];
        cr_expect_eq(wave->kind, wanted[i].kind);
        cr_expect_str_eq(wave->name, wanted[i].name);
        cr_expect_eq(g_strcmp0(wave->selector, wanted[i].selector), 0);
        cr_expect_eq(wave->soak_ms, i == 3 ? 2000 : -1);
        cr_expect_eq(wave->confirm, i == 3 ? 0 : -1);
        if (wave->kind == WAVE_COUNT)
            cr_expect_eq(wave->count, wanted[i].count);
        if (wave->kind == WAVE_SHARE)
            cr_expect_float_eq(wave->share, wanted[i].share, 1e-9);
    }
}

Test(rollout, a_copy_stands_for_itself)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    Project *project =
        load(f,
             "  waves: [{targets: all, gates: [{exec: [./check, now]}]}]\n"
             "  gates: {http: 'https://h/p', headers: {A: b}}\n  throttle: {sql: select 1, every: 2s}\n"
             "  order: shuffle(9)\n  stop_starting_at: 3h\n  on_failure: rollback-run\n",
             &text);
    cr_assert_not_null(project, "%s", text);
    RolloutPolicy copy;
    rollout_policy_copy(&copy, &project->rollout);
    project_free(project);
    const WaveSpec *wave = copy.waves->pdata[0];
    const GateSpec *gate = wave->gates->pdata[0], *http = copy.gates->pdata[0],
                   *throttle = copy.throttles->pdata[0];
    cr_expect_str_eq(gate->name, "exec ./check now");
    cr_expect_str_eq(gate->command[1], "now");
    cr_expect_str_eq(http->headers[0], "A: b");
    cr_expect_eq(http->timeout_ms, 30000);
    cr_expect_eq(throttle->every_ms, 2000);
    cr_expect_eq(copy.shuffle_seed, 9);
    cr_expect_str_eq(copy.stop_starting_at, "3h");
    cr_expect_eq(copy.on_failure, FAILURE_ROLLBACK_RUN);
    rollout_policy_clear(&copy);
}

static const struct {
    const char *rollout;
    const char *problem;
} BAD[] = {
    {"  waves: canary\n", ":3:10: error: waves must be a list"},
    {"  waves: []\n", "waves must be a list"},
    {"  waves: [0]\n", "a wave of no targets"},
    {"  waves: [{name: x}]\n", "a wave needs targets"},
    {"  waves: [a, a]\n", ":3:14: error: two waves are called 'a'"},
    {"  waves: [rest, a]\n", "must be the last one"},
    {"  waves: [{targets: a, soke: 1s}]\n", "soak"},
    {"  order: random\n", "shuffle(SEED)"},
    {"  order: shuffle(x)\n", "shuffle(SEED)"},
    {"  gates: [{name: x}]\n", "exactly one of sql, http and exec"},
    {"  gates: [{sql: a, http: b}]\n", "exactly one of sql, http and exec"},
    {"  gates: [{exec: ./check}]\n", "exec must be a list"},
    {"  gates: [{exec: [a], url: b}]\n", "only sql has a url"},
    {"  gates: [{sql: a, every: 5s}]\n", "every is a throttle's"},
    {"  gates: [{http: 'https://h/${env:}'}]\n", "http: "},
    {"  gates: [{sql: a, timeout: 1ms}]\n", "timeout must be 100ms or more"},
    {"  throttle: {sql: a, attempts: 2}\n", "asked again and again anyway"},
    {"  halt_on: error\n", "halt_on must be new-error"},
    {"  on_failure: rollback\n", "rollback-wave or rollback-run"},
    {"  stop_starting_at: 25:00\n", "a time of day such as 04:30"},
    {"  approvals: 2\n", ":3:14: error: approvals needs allowed_signers"},
};

Test(rollout, every_problem_has_its_words)
{
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autofree char *text = NULL;
        g_autoptr(Project) project = load(f, BAD[i].rollout, &text);
        cr_expect_null(project, "this loads: %s", BAD[i].rollout);
        cr_expect(strstr(text, BAD[i].problem) != NULL, "%s\nwanted: %s\ngot: %s", BAD[i].rollout,
                  BAD[i].problem, text);
    }
}

Test(rollout, times_that_stop_starting_may_be)
{
    static const char *const good[] = {"00:00", "04:30", "23:59", "3h", "1h30min", "2026-11-22T04:30:00Z"};
    static const char *const bad[] = {"24:00", "4:30", "04:60", "soon", "", "04:30:00"};
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
        cr_expect(rollout_time_check(good[i]), "%s", good[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_expect_not(rollout_time_check(bad[i]), "%s", bad[i]);
}
