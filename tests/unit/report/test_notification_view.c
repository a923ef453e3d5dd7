/* Notification view: what a chat and a program are told; no text of others means anything in it. */
#include "report/notification_view.h"

#include "../inventory/json_schema.h"
#include "../run_fixture.h"

#define NOW (RUN_STARTED + 60 * SECOND_US)

static RunResult *halted_run(void)
{
    RunResult *run = fixture_run("20261122-164000-k3f9");
    fixture_result(run, "one", "eu", OUTCOME_DONE);
    fixture_failed(run, "two", "eu", "relation \"x\" does not exist");
    fixture_failed(run, "three", "eu", "relation \"x\" does not exist");
    fixture_result(run, "four", "eu", OUTCOME_NOT_STARTED);
    run->halt_reason = g_strdup("2 targets failed, max_failures is 1");
    return run;
}

static WaveResult *add_wave(RunResult *run, const char *name, WaveState state)
{
    WaveResult *wave = wave_result_new();
    wave->name = g_strdup(name);
    wave->state = state;
    wave->targets = 2;
    g_ptr_array_add(run->waves, wave);
    return wave;
}

static char *slack_text(const Notification *notification)
{
    g_autofree char *json = notification_slack(notification);
    json_t *value = json_loads(json, 0, NULL);
    cr_assert(value, "%s", json);
    char *text = g_strdup(json_string_value(json_object_get(value, "text")));
    cr_expect_eq(json_object_size(value), 1);
    json_decref(value);
    return text;
}

static json_t *schema(void)
{
    g_autofree char *path = g_build_filename(TEST_DATA, "../docs/notification.schema.json", NULL);
    json_error_t error;
    json_t *value = json_load_file(path, 0, &error);
    cr_assert(value, "%s: %s", path, error.text);
    return value;
}

/* The document, which must be as its schema says. */
static json_t *json_of(const Notification *notification)
{
    g_autofree char *text = notification_json(notification);
    json_t *value = json_loads(text, 0, NULL), *rules = schema();
    cr_assert(value, "%s", text);
    cr_expect(schema_accepts(rules, rules, value), "%s", text);
    json_decref(rules);
    return value;
}

Test(notification, a_chat_reads_verdict_counts_failure_and_next_command)
{
    g_autoptr(RunResult) run = halted_run();
    const Notification notification = {"finished", NOW, run->halt_reason, run, NULL};
    g_autofree char *text = slack_text(&notification);
    cr_expect_str_eq(
        text,
        "*HALTED* upgrade `head`, run `20261122-164000-k3f9`, track `default` by `me@here`, took 1m 30s\n"
        "`2 targets failed, max_failures is 1`\n"
        "4 targets: 1 done, 2 failed, 1 not-started\n"
        "failed on 2 targets (`two`, `three`): `42P01 relation \"x\" does not exist` at "
        "`versions/bb_add.sql:9:15, statement 2`\n"
        "next: `dbfleet resume 20261122-164000-k3f9`");
}

Test(notification, headlines_say_what_happened)
{
    static const char *const headlines[][2] = {
        {"started", "*STARTED* "},     {"failed", "*FIRST FAILURE* "},
        {"halted", "*HALTED* "},       {"paused", "*PAUSED* "},
        {"continued", "*CONTINUED* "}, {"interrupted", "*INTERRUPTED* "},
        {"wave", "*WAVE DONE* "},      {"test", "*TEST* "},
        {"finished", "*DONE* "}};
    for (gsize i = 0; i < G_N_ELEMENTS(headlines); i++) {
        g_autoptr(RunResult) run = fixture_run("r1");
        fixture_result(run, "one", "", OUTCOME_DONE);
        const Notification notification = {headlines[i][0], NOW, NULL, run, NULL};
        g_autofree char *text = slack_text(&notification);
        cr_expect(g_str_has_prefix(text, headlines[i][1]), "%s", text);
    }
}

Test(notification, a_wave_is_told_with_its_own_counts)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    add_wave(run, "canary", WAVE_DONE);
    const WaveResult *second = add_wave(run, "5%", WAVE_HALTED);
    fixture_result(run, "one", "", OUTCOME_DONE)->wave = 1;
    fixture_result(run, "two", "", OUTCOME_DONE)->wave = 2;
    fixture_failed(run, "three", "", "no")->wave = 2;
    run->finished_us = 0;
    const Notification notification = {"wave", NOW, NULL, run, second};
    g_autofree char *text = slack_text(&notification);
    cr_expect(g_str_has_prefix(text, "*WAVE HALTED* "), "%s", text);
    cr_expect(strstr(text, "\nwave `5%` (2 of 2): 2 targets: 1 done, 1 failed\n"), "%s", text);
    json_t *json = json_of(&notification);
    const json_t *wave = json_object_get(json, "wave");
    cr_expect_str_eq(json_string_value(json_object_get(wave, "name")), "5%");
    cr_expect_str_eq(json_string_value(json_object_get(wave, "state")), "halted");
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(wave, "outcomes"), "failed")), 1);
    cr_expect_str_eq(json_string_value(json_object_get(json, "end")), "running");
    cr_expect(json_is_null(json_object_get(json, "exit_code")));
    json_decref(json);
}

Test(notification, the_json_is_as_its_schema_says)
{
    g_autoptr(RunResult) run = halted_run();
    g_ptr_array_add(run->warnings, g_strdup("something to know"));
    const Notification notification = {"finished", NOW, run->halt_reason, run, NULL};
    json_t *json = json_of(&notification);
    const json_t *failure = json_array_get(json_object_get(json, "failures"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(json, "end")), "halted");
    cr_expect_eq(json_integer_value(json_object_get(json, "exit_code")), 3);
    cr_expect_eq(json_integer_value(json_object_get(failure, "targets")), 2);
    cr_expect_str_eq(json_string_value(json_object_get(failure, "code")), "42P01");
    cr_expect_str_eq(json_string_value(json_object_get(json, "next")), "dbfleet resume 20261122-164000-k3f9");
    json_decref(json);
}

Test(notification, a_paused_run_is_continued_next)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    run->finished_us = 0;
    run->paused_by = g_strdup("me@here");
    const Notification notification = {"paused", NOW, "me@here", run, NULL};
    json_t *json = json_of(&notification);
    cr_expect_str_eq(json_string_value(json_object_get(json, "end")), "paused");
    cr_expect_str_eq(json_string_value(json_object_get(json, "next")), "dbfleet continue r1");
    json_decref(json);
}

Test(notification, many_failures_are_cut_off)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("same%02d", i), *other = g_strdup_printf("other%02d", i);
        fixture_failed(run, name, "", "the same");
        TargetResult *target = fixture_failed(run, other, "", "x");
        g_free(target->failure->code);
        target->failure->code = g_strdup_printf("%c0000", 'A' + i);
    }
    const Notification notification = {"finished", NOW, NULL, run, NULL};
    json_t *json = json_of(&notification);
    const json_t *failures = json_object_get(json, "failures");
    cr_expect_eq(json_array_size(failures), 5);
    cr_expect_eq(json_array_size(json_object_get(json_array_get(failures, 0), "names")), 10);
    cr_expect_eq(json_integer_value(json_object_get(json, "failures_left_out")), 16);
    json_decref(json);
    g_autofree char *text = slack_text(&notification);
    cr_expect(strstr(text, "failed on 20 targets (`same00`, `same01`, `same02`, `same03`, `same04`, …): "),
              "%s", text);
    cr_expect(strstr(text, "\nand 20 more kinds of failure\n"), "%s", text);
}

Test(notification, texts_of_others_mean_nothing_in_a_chat)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    g_autofree char *filler = g_strnfill(5000, 'x');
    g_autofree char *hostile = g_strconcat("<!channel> & `@all` <http://x|y>\nFORGED", NULL);
    fixture_failed(run, "<!here>", "", hostile);
    g_autofree char *why = g_strconcat("\x1b[2J\xff `*", filler, NULL);
    const Notification notification = {"finished", NOW, why, run, NULL};
    g_autofree char *text = slack_text(&notification);
    cr_expect_null(strpbrk(text, "<>"), "%s", text);
    cr_expect(strstr(text, "(`&lt;!here&gt;`): `42P01 &lt;!channel&gt; &amp; '@all' &lt;http://x|y&gt;` at "),
              "%s", text);
    cr_expect_null(strstr(text, "FORGED"));
    cr_expect_null(strchr(text, '\x1b'));
    cr_expect(strlen(text) < 2000);
}
