/* Events as lines: every kind has its keys, a line is a line whatever the texts hold. */
#include "../run_fixture.h"
#include "report/event_line.h"

#include <jansson.h>

static json_t *line_of(const RunResult *run, const char *kind, const char *target, const char *text)
{
    const RunEvent event = {7, RUN_STARTED + 1234567, kind, target, (char *)text};
    g_autofree char *line = event_line(run, &event);
    char *end = strchr(line, '\n');
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

    cr_assert_not_null(root, "%s", line);
    cr_expect(end && !end[1], "not one line: %s", line);
    return root;
}

static void expect_string(const json_t *line, const char *key, const char *expected)
{
    const json_t *value = json_object_get(line, key);
    cr_assert_not_null(value, "no %s", key);
    if (!expected)
        cr_expect(json_is_null(value), "%s", key);
    else
        cr_expect_str_eq(json_string_value(value) ? json_string_value(value) : "(no text)", expected);
}

Test(event_line, each_line_says_version_type_time_and_run)
{
    g_autoptr(RunResult) run = fixture_run("20261122-164000-k3f9");
    json_t *line = line_of(run, "halted", NULL, "2 targets failed");
    cr_expect_eq(json_integer_value(json_object_get(line, "v")), 1);
    cr_expect_eq(json_integer_value(json_object_get(line, "number")), 7);
    expect_string(line, "type", "halted");
    expect_string(line, "time", "2026-11-22T16:40:01.234Z");
    expect_string(line, "run", "20261122-164000-k3f9");
    expect_string(line, "target", NULL);
    expect_string(line, "text", "2 targets failed");
    json_decref(line);
}

Test(event_line, a_target_s_end_has_outcome_and_reason)
{
    g_autoptr(RunResult) run = fixture_run("r");
    json_t *line = line_of(run, "target-finished", "acme", "failed: no: such table");
    expect_string(line, "outcome", "failed");
    expect_string(line, "reason", "no: such table");
    json_decref(line);
    line = line_of(run, "target-finished", "acme", "done");
    expect_string(line, "outcome", "done");
    expect_string(line, "reason", NULL);
    json_decref(line);
}

Test(event_line, a_step_has_its_revision)
{
    g_autoptr(RunResult) run = fixture_run("r");
    json_t *line = line_of(run, "step-started", "acme", "4b1f add invoices");
    expect_string(line, "revision", "4b1f");
    expect_string(line, "message", "add invoices");
    json_decref(line);
    line = line_of(run, "step-started", "acme", " backup");
    expect_string(line, "revision", NULL);
    expect_string(line, "message", "backup");
    json_decref(line);
    line = line_of(run, "step-started", "acme", "4b1f");
    expect_string(line, "revision", "4b1f");
    expect_string(line, "message", NULL);
    json_decref(line);
}

Test(event_line, the_end_counts_and_says_the_exit_code)
{
    g_autoptr(RunResult) run = fixture_run("r");
    fixture_result(run, "acme", "", OUTCOME_DONE);
    fixture_failed(run, "beta", "", "no");
    json_t *line = line_of(run, "finished", NULL, "finished");
    cr_expect_eq(json_integer_value(json_object_get(line, "exit_code")), 1);
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(line, "outcomes"), "done")), 1);
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(line, "outcomes"), "failed")), 1);
    cr_expect_eq(json_object_size(json_object_get(line, "outcomes")), OUTCOME_COUNT);
    json_decref(line);
}

Test(event_line, texts_stay_on_their_line)
{
    g_autoptr(RunResult) run = fixture_run("r");
    json_t *line = line_of(run, "retried", "acme", "a\nb\r\n\"c\" \xff\x1b");
    expect_string(line, "text", "a\nb\r\n\"c\" \xef\xbf\xbd\x1b");
    json_decref(line);
}

Test(event_line, a_gap_says_how_many)
{
    g_autoptr(RunResult) run = fixture_run("r");
    g_autofree char *line = event_line_dropped(run, RUN_STARTED, 12);
    cr_expect_str_eq(
        line, "{\"v\": 1, \"type\": \"dropped\", \"time\": \"2026-11-22T16:40:00.000Z\", \"run\": \"r\", "
              "\"count\": 12}\n");
}
