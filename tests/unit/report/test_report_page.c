/* The HTML page: what is data stays data, and its policy names exactly what the page holds. */
#include "../run_fixture.h"
#include "report/report_page.h"

#include <jansson.h>

static json_t *page_data(const RunResult *run)
{
    g_autofree char *text = report_page_json(run);
    json_t *data = json_loads(text, 0, NULL);
    cr_assert_not_null(data);
    return data;
}

/* The text between two others, the first time. Caller frees. */
static char *between(const char *text, const char *open, const char *close)
{
    const char *from = strstr(text, open);
    cr_assert_not_null(from, "%s is missing", open);
    from += strlen(open);
    const char *to = strstr(from, close);
    cr_assert_not_null(to, "%s is missing", close);
    return g_strndup(from, (gsize)(to - from));
}

static char *hash_of(const char *text)
{
    guint8 digest[32];
    gsize length = sizeof digest;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)text, -1);
    g_checksum_get_digest(sum, digest, &length);
    return g_base64_encode(digest, length);
}

Test(report_page, text_that_looks_like_markup_cannot_leave_the_data)
{
    g_autoptr(RunResult) run = fixture_run("run-1");
    fixture_failed(run, "</script><script>alert(1)</script>", "<!--", "<b>no</b> {{script}}");
    g_autofree char *page = report_page_html(run, NULL);
    g_autofree char *data = between(page, "<script id=\"data\" type=\"application/json\">", "</script>");
    cr_assert_null(strchr(data, '<'));
    cr_assert_null(strstr(page, "alert(1)</script>"));
    json_t *parsed = json_loads(data, 0, NULL);
    json_t *target = json_array_get(json_object_get(parsed, "targets"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(target, "name")),
                     "</script><script>alert(1)</script>");
    json_decref(parsed);
}

Test(report_page, title_and_live_url_are_escaped)
{
    g_autoptr(RunResult) run = fixture_run("run-1");
    g_free(run->goal);
    run->goal = g_strdup("</title><i>");
    g_autofree char *page = report_page_html(run, "events?token=a\"b");
    cr_assert_not_null(strstr(page, "<title>upgrade &lt;/title&gt;&lt;i&gt; (run-1)</title>"));
    cr_assert_not_null(strstr(page, "data-live=\"events?token=a&quot;b\""));
}

Test(report_page, policy_names_the_style_and_the_script_by_hash)
{
    g_autoptr(RunResult) run = fixture_run("run-1");
    g_autofree char *page = report_page_html(run, NULL);
    g_autofree char *policy = between(page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    g_autofree char *style = between(page, "<style>", "</style>");
    g_autofree char *script = between(page, "<script>", "</script>");
    g_autofree char *style_hash = hash_of(style), *script_hash = hash_of(script);
    cr_assert(g_str_has_prefix(policy, "default-src 'none'; "));
    cr_assert_not_null(strstr(policy, style_hash));
    cr_assert_not_null(strstr(policy, script_hash));
    cr_assert_not_null(strstr(policy, "connect-src 'none'"));
}

Test(report_page, only_a_live_page_may_ask_its_server)
{
    g_autoptr(RunResult) run = fixture_run("run-1");
    g_autofree char *page = report_page_html(run, "events");
    cr_assert_not_null(strstr(page, "connect-src 'self'"));
}

Test(report_page, files_of_the_page_hold_less_than_300_kb)
{
    g_autoptr(RunResult) run = fixture_run("run-1");
    g_autofree char *page = report_page_html(run, NULL);
    cr_assert_lt(strlen(page), 300000);
    cr_assert_null(strstr(page, "http://db"), "nothing is loaded");
}

Test(report_page, failures_that_are_the_same_stand_once)
{
    g_autoptr(RunResult) run = fixture_run("run-1");
    fixture_failed(run, "a", "", "no table");
    fixture_failed(run, "b", "", "no table");
    fixture_failed(run, "c", "", "no column");
    json_t *data = page_data(run), *targets = json_object_get(data, "targets");
    cr_assert_eq(json_array_size(json_object_get(data, "failures")), 2);
    cr_assert_eq(json_integer_value(json_object_get(json_array_get(targets, 1), "failure")), 0);
    cr_assert_eq(json_integer_value(json_object_get(json_array_get(targets, 2), "failure")), 1);
    cr_assert_eq(json_array_size(json_object_get(data, "revisions")), 1);
    json_decref(data);
}

Test(report_page, changes_hold_only_what_differs)
{
    g_autoptr(RunResult) before = fixture_run("run-1"), run = fixture_run("run-1");
    for (int i = 0; i < 2; i++) {
        RunResult *each = i ? run : before;
        fixture_result(each, "a", "", OUTCOME_DONE);
        fixture_result(each, "b", "", OUTCOME_NOT_STARTED);
    }
    TargetResult *target = run->targets->pdata[1];
    target->started_us = RUN_STARTED;
    target->outcome = OUTCOME_DONE;
    g_autofree char *text = report_page_changes(run, before);
    json_t *data = json_loads(text, 0, NULL), *changed = json_object_get(data, "changed");
    cr_assert_null(json_object_get(data, "targets"));
    cr_assert_eq(json_array_size(changed), 1);
    cr_assert_eq(json_integer_value(json_object_get(json_array_get(changed, 0), "place")), 1);
    json_decref(data);
}

Test(report_page, clusters_name_targets_by_their_place)
{
    g_autoptr(RunResult) run = fixture_run("run-1");
    fixture_result(run, "a", "", OUTCOME_DONE);
    fixture_failed(run, "b", "", "no table");
    json_t *data = page_data(run);
    json_t *cluster = json_array_get(json_object_get(data, "clusters"), 0);
    cr_assert_eq(json_integer_value(json_array_get(json_object_get(cluster, "targets"), 0)), 1);
    json_decref(data);
}
