/* The report as JSON: it parses, it adds up, it says what the text says, whatever the texts hold. */
#include "../run_fixture.h"
#include "report/report.h"

#include <jansson.h>

static json_t *parsed(const RunResult *run)
{
    g_autofree char *text = report_json(run);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    cr_assert_not_null(root, "%s at %d:\n%s", error.text, error.line, text);
    return root;
}

static const char *string_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t sum_of(json_t *counts)
{
    const char *key;
    json_t *value;
    json_int_t sum = 0;
    json_object_foreach(counts, key, value) sum += json_integer_value(value);
    return sum;
}

static RunResult *mixed_run(void)
{
    RunResult *run = fixture_run("r1");
    for (int i = 0; i < 40; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        TargetResult *target = fixture_result(run, name, i % 3 ? "eu" : "", (Outcome)(i % OUTCOME_COUNT));
        if (target->outcome == OUTCOME_DONE)
            fixture_step(target, "bb", "done", i * SECOND_US);
    }
    fixture_failed(run, "bad", "eu", "no");
    return run;
}

TestSuite(report_json);

Test(report_json, counts_add_up)
{
    g_autoptr(RunResult) run = mixed_run();
    json_t *root = parsed(run);
    json_t *groups = json_object_get(root, "groups");
    json_int_t in_groups = 0;

    cr_expect_eq(json_array_size(json_object_get(root, "targets")), 41);
    cr_expect_eq(sum_of(json_object_get(root, "outcomes")), 41);
    for (size_t i = 0; i < json_array_size(groups); i++) {
        json_t *group = json_array_get(groups, i);
        json_int_t targets = json_integer_value(json_object_get(group, "targets"));
        cr_expect_eq(sum_of(json_object_get(group, "outcomes")), targets);
        in_groups += targets;
    }
    cr_expect_eq(in_groups, 41);
    json_decref(root);
}

Test(report_json, every_target_that_needs_a_look_is_in_one_cluster)
{
    g_autoptr(RunResult) run = mixed_run();
    json_t *root = parsed(run);
    json_t *clusters = json_object_get(root, "failures");
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < json_array_size(clusters); i++) {
        json_t *names = json_object_get(json_array_get(clusters, i), "targets");
        for (size_t n = 0; n < json_array_size(names); n++)
            cr_expect(g_hash_table_add(seen, (gpointer)json_string_value(json_array_get(names, n))));
    }
    json_t *outcomes = json_object_get(root, "outcomes");
    static const char *const fine[] = {"done", "unchanged", "inactive", "not-started"};
    json_int_t bad = 41;
    for (gsize i = 0; i < G_N_ELEMENTS(fine); i++)
        bad -= json_integer_value(json_object_get(outcomes, fine[i]));
    cr_expect_eq(g_hash_table_size(seen), bad);
    json_decref(root);
}

Test(report_json, says_what_the_run_was)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_failed(run, "bad", "", "no");
    run->halt_reason = g_strdup("1 target failed, max_failures is 0");
    json_t *root = parsed(run);

    cr_expect_eq(json_integer_value(json_object_get(root, "format")), 1);
    cr_expect_str_eq(string_at(root, "run"), "r1");
    cr_expect_str_eq(string_at(root, "started"), "2026-11-22T16:40:00Z");
    cr_expect_str_eq(string_at(root, "end"), "halted");
    cr_expect_eq(json_integer_value(json_object_get(root, "exit_code")), 3);
    cr_expect_eq(json_real_value(json_object_get(root, "seconds")), 90.0);
    cr_expect_str_eq(string_at(root, "next"), "dbfleet retry r1");
    json_decref(root);
}

Test(report_json, tells_what_was_not_read_from_what_is_empty)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    TargetResult *target = fixture_result(run, "a", "", OUTCOME_UNREACHABLE);
    target->rows_after = fixture_rows("");
    json_t *root = parsed(run);
    json_t *first = json_array_get(json_object_get(root, "targets"), 0);

    cr_expect(json_is_null(json_object_get(first, "heads_before")));
    cr_expect(json_is_array(json_object_get(first, "heads_after")));
    cr_expect_eq(json_array_size(json_object_get(first, "heads_after")), 0);
    cr_expect(json_is_null(json_object_get(first, "failure")));
    json_decref(root);
}

Test(report_json, a_failure_is_whole)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    fixture_failed(run, "bad", "", "no \"such\"\nthing \x01\xff")->failure->blocker = g_strdup("pid 4711");
    json_t *root = parsed(run);
    json_t *target = json_array_get(json_object_get(root, "targets"), 0);
    json_t *failure = json_object_get(target, "failure");

    cr_expect_str_eq(string_at(failure, "class"), "statement");
    cr_expect_str_eq(string_at(failure, "code"), "42P01");
    cr_expect_str_eq(string_at(failure, "blocker"), "pid 4711");
    cr_expect_str_eq(string_at(failure, "file"), "versions/bb_add.sql");
    cr_expect_eq(json_integer_value(json_object_get(failure, "line")), 9);
    cr_expect_eq(json_integer_value(json_object_get(failure, "column")), 15);
    cr_expect_eq(json_integer_value(json_object_get(failure, "statement")), 2);
    cr_expect(g_str_has_prefix(string_at(failure, "message"), "no \"such\"\nthing \x01"));
    cr_expect_str_eq(string_at(json_array_get(json_object_get(target, "steps"), 0), "state"), "rolled-back");
    json_decref(root);
}

Test(report_json, percentiles_are_those_of_the_nearest_rank)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    for (int i = 1; i <= 10; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        fixture_step(fixture_result(run, name, "", OUTCOME_DONE), "bb", "done", i * SECOND_US);
    }
    json_t *root = parsed(run);
    json_t *revision = json_array_get(json_object_get(root, "revisions"), 0);

    cr_expect_eq(json_integer_value(json_object_get(revision, "targets")), 10);
    cr_expect_eq(json_real_value(json_object_get(revision, "median")), 5.0);
    cr_expect_eq(json_real_value(json_object_get(revision, "p95")), 10.0);
    cr_expect_eq(json_real_value(json_object_get(revision, "max")), 10.0);
    json_decref(root);
}

Test(report_json, an_empty_run_parses)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    json_t *root = parsed(run);

    cr_expect_eq(sum_of(json_object_get(root, "outcomes")), 0);
    cr_expect(json_is_null(json_object_get(root, "next")));
    json_decref(root);
}

Test(report_json, says_how_often_a_step_was_tried)
{
    g_autoptr(RunResult) run = fixture_run("r1");
    TargetResult *target = fixture_result(run, "a", "", OUTCOME_DONE);
    fixture_step(target, "bb", "done", SECOND_US)->tries = 3;
    json_t *root = parsed(run);
    json_t *steps = json_object_get(json_array_get(json_object_get(root, "targets"), 0), "steps");

    cr_expect_eq(json_integer_value(json_object_get(json_array_get(steps, 0), "tries")), 3);
    json_decref(root);
}
