/* Rollout policy: what `rollout:` reads to, and what it refuses. */
#include "base/duration.h"
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

/* ---- Written ---- */

static const char EVERYTHING[] =
    "  jobs: 4\n  per_host: 2\n  max_failures: \"2.5%\"\n  max_unreachable: \"7\"\n  on_halt: cancel\n"
    "  require_no_drift: true\n"
    "  waves:\n"
    "    - {name: canary, targets: canary, max_failures: \"0\", soak: 1min30s, confirm: false}\n"
    "    - {name: north, targets: \"eu:!x\", max_unreachable: \"1\", soak: 0s, gates: []}\n"
    "    - {name: \"3\", targets: \"3\"}\n"
    "    - {name: \"0.5%\", targets: \"0.5%\", confirm: true, gates: [{exec: [\"./check\", \"a b\"], "
    "attempts: 3, "
    "retry_wait: 250ms}]}\n"
    "    - {name: rest, targets: rest}\n"
    "  order: \"shuffle(17)\"\n  soak: 1d2h\n  confirm: true\n"
    "  gates:\n"
    "    - {name: lag, sql: \"SELECT 1\\nWHERE '\\\"\\\\'\", url: \"postgresql://u:${env:P}@h/d\", timeout: "
    "2s}\n"
    "    - {http: \"https://h/ok\", headers: {Accept: text, Authorization: \"Bearer ${env:T}\"}}\n"
    "  throttle:\n"
    "    - {exec: [load], every: 30s}\n"
    "  halt_on: new-error\n  on_failure: rollback-wave\n  stop_starting_at: \"04:30\"\n";

static char *written(const RolloutPolicy *policy)
{
    GString *out = g_string_new(NULL);
    rollout_policy_yaml(policy, "  ", out);
    return g_string_free(out, FALSE);
}

Test(rollout, is_written_as_it_is_read)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project = load(f, EVERYTHING, &text);
    cr_assert_not_null(project, "%s", text);
    g_autofree char *out = written(&project->rollout);
    cr_expect_str_eq(out, EVERYTHING);
}

Test(rollout, nothing_said_is_nothing_written)
{
    RolloutPolicy none;
    rollout_policy_init(&none);
    g_autofree char *out = written(&none);
    cr_expect_str_eq(out, "");
}

/* A key that is read and not written would be lost between a plan and its run. */
Test(rollout, writes_every_key_but_those_of_approval)
{
    const struct {
        RolloutLevel level;
        const char *unwritten;
    } levels[] = {{ROLLOUT_POLICY, " approvals allowed_signers self_approval "},
                  {ROLLOUT_WAVE, ""},
                  {ROLLOUT_GATE, ""}};
    for (gsize i = 0; i < G_N_ELEMENTS(levels); i++) {
        g_autofree const char **keys = rollout_key_names(levels[i].level);
        for (const char **key = keys; *key != NULL; key++) {
            g_autofree char *word = g_strdup_printf(" %s ", *key);
            g_autofree char *said = g_strdup_printf("%s: ", *key);
            g_autofree char *list = g_strdup_printf("%s:\n", *key);
            bool there = strstr(EVERYTHING, said) != NULL || strstr(EVERYTHING, list) != NULL;
            cr_expect_eq(there, strstr(levels[i].unwritten, word) == NULL, "%s", *key);
        }
    }
}

Test(rollout, a_secret_written_out_is_found)
{
    static const struct {
        const char *rollout;
        const char *told;
    } cases[] = {
        {"  gates: {sql: select 1, url: 'postgresql://u:pw@h/d'}\n", "the URL of a gate or throttle"},
        {"  gates: {http: 'https://u:pw@h/d'}\n", "the URL of"},
        {"  throttle: {http: 'https://h/d?token=abc'}\n", "the URL of"},
        {"  gates: {http: 'https://ops:pw@mon/api/health'}\n", "the URL of"},
        {"  throttle: {http: 'https://ops:pw@{host}:9100/api/health'}\n", "the URL of"},
        {"  gates: {http: 'https://ops:p/w@mon/api/health'}\n", "the URL of"},
        {"  gates: {http: 'https://mon/api/health?x=1&api_key=abc#top'}\n", "the URL of"},
        {"  gates: {http: 'https://mon/api/health?sig=abc'}\n", "the URL of"},
        {"  gates: {http: 'https://ops:${file:/run/a/b}@mon/api/health?key=${env:K}&sort=name'}\n", NULL},
        {"  gates: {http: 'https://mon/api/@me?design=1'}\n", NULL},
        {"  gates: {http: '${env:URL}'}\n", NULL},
        {"  waves: [{targets: a, gates: [{http: 'https://h', headers: {X-Api-Key: abc}}]}]\n",
         "header X-Api-Key"},
        {"  gates: {http: 'https://h/d', headers: {Authorization: 'Bearer abc'}}\n", "header Authorization"},
        {"  gates: {http: 'https://h/d?page=1', headers: {Accept: abc, Authorization: 'Bearer ${env:T}'}}\n",
         NULL},
        {"  gates: {sql: select 1, url: 'postgresql://u:${file:p}@h/d'}\n", NULL},
        {"  jobs: 2\n", NULL},
    };
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = NULL;
        g_autoptr(Project) project = load(f, cases[i].rollout, &text);
        cr_assert_not_null(project, "%s", text);
        g_autofree char *told = rollout_policy_secret(&project->rollout);
        cr_expect_eq(told == NULL, cases[i].told == NULL, "%s: %s", cases[i].rollout, told);
        cr_expect(told == NULL || strstr(told, cases[i].told) != NULL, "%s: %s", cases[i].rollout, told);
    }
}

Test(rollout, a_gate_is_called_by_its_url_without_what_may_be_secret)
{
    static const struct {
        const char *url;
        const char *name;
    } cases[] = {
        {"https://ops:pw@mon/api/health?token=abc#top", "http https://mon/api/health"},
        {"https://ops:${file:/run/a/b}@mon:8080?key=${env:K}", "http https://mon:8080"},
        {"http://{host}:9100/lag?x=1", "http http://{host}:9100/lag"},
        {"https://ops:p/w@mon/health", "http https://…"},
        {"https://${env:HOST}/a?b", "http https://${env:HOST}/a"},
        {"${env:URL}", "http ${env:URL}"},
    };
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = NULL;
        g_autofree char *rollout = g_strdup_printf("  gates: {http: '%s'}\n", cases[i].url);
        g_autoptr(Project) project = load(f, rollout, &text);
        cr_assert_not_null(project, "%s", text);
        const GateSpec *gate = project->rollout.gates->pdata[0];
        cr_expect_str_eq(gate->name, cases[i].name);
        bool warned = strstr(text, "can be read by whoever reads the file") != NULL;
        cr_expect_eq(warned, strstr(cases[i].url, ":p") != NULL, "%s: %s", cases[i].url, text);
    }
}

/* ---- When starting stops ---- */

/* What `text` means from a start, both as RFC 3339 times. */
static void means(const char *text, const char *from, const char *expected)
{
    gint64 from_us = 0, time_us = 0, expected_us = 0;
    cr_assert(timestamp_parse(from, &from_us) && timestamp_parse(expected, &expected_us));
    cr_assert(rollout_time_resolve(text, from_us, &time_us), "%s", text);
    g_autofree char *found = timestamp_format(time_us);
    cr_expect_eq(time_us, expected_us, "%s from %s: %s", text, from, found);
}

Test(rollout, stop_starting_at_counts_from_the_start_of_the_run)
{
    g_setenv("TZ", "Europe/Berlin", TRUE);
    means("04:30", "2026-11-22T22:00:00Z", "2026-11-23T03:30:00Z"); /* the next morning */
    means("04:30", "2026-11-23T03:29:59Z", "2026-11-23T03:30:00Z");
    means("04:30", "2026-11-23T03:30:00Z", "2026-11-24T03:30:00Z");
    means("04:30", "2026-12-31T12:00:00Z", "2027-01-01T03:30:00Z");
    means("3h", "2026-11-22T22:00:00Z", "2026-11-23T01:00:00Z");
    means("2026-11-22T04:30:00+01:00", "2026-11-25T00:00:00Z", "2026-11-22T03:30:00Z");
    /* a day with 23 hours, and one with 25 */
    means("04:30", "2026-03-28T22:00:00Z", "2026-03-29T02:30:00Z");
    means("04:30", "2026-10-24T22:00:00Z", "2026-10-25T03:30:00Z");
}

Test(rollout, a_time_that_a_clock_change_leaves_out_comes_all_the_same)
{
    gint64 from_us = 0, time_us = 0, day_us = G_TIME_SPAN_DAY;
    g_setenv("TZ", "Europe/Berlin", TRUE);
    cr_assert(timestamp_parse("2026-03-28T22:00:00Z", &from_us)); /* 02:00 becomes 03:00 at 01:00Z */
    cr_assert(rollout_time_resolve("02:30", from_us, &time_us));
    cr_expect(time_us > from_us && time_us < from_us + day_us);
}
