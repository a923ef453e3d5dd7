/* Notify: what `notify:` reads to, what it refuses, and what an entry is called. */
#include "fleet_fixture.h"
#include "inventory/project.h"
#include "inventory/project_notify.h"

#include <criterion/criterion.h>
#include <string.h>

static Project *load(const FleetFixture *f, const char *notify, char **text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *content = g_strdup_printf("version: 1\nnotify: %s\n", notify);
    fixture_write(f, "dbfleet.yaml", content);
    g_autofree char *path = g_build_filename(f->folder, "dbfleet.yaml", NULL);
    Project *project = project_load(path, "/", problems);
    *text = diagnostics_to_string(problems);
    return project;
}

Test(notify, an_entry_has_defaults)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project = load(f, "[{url: 'https://example.org/hook'}]", &text);
    cr_assert_not_null(project, "%s", text);
    cr_assert_eq(project->notify->len, 1);
    const NotifySpec *entry = project->notify->pdata[0];
    cr_expect_str_eq(entry->url, "https://example.org/hook");
    cr_expect_eq(entry->events, 1U << NOTIFY_HALTED | 1U << NOTIFY_FINISHED);
    cr_expect_eq(entry->template, NOTIFY_JSON);
    cr_expect_eq(entry->timeout_ms, 5000);
    cr_expect_eq(entry->attempts, 3);
    cr_expect_null(entry->headers);
}

Test(notify, every_key_is_read)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project =
        load(f,
             "[{url: '${env:X}', name: ops, on: [wave, failed], template: slack, headers: {A: b, C: 1}, "
             "timeout: 2s, attempts: 7}]",
             &text);
    cr_assert_not_null(project, "%s", text);
    const NotifySpec *entry = project->notify->pdata[0];
    cr_expect_str_eq(entry->name, "ops");
    cr_expect_eq(entry->events, 1U << NOTIFY_WAVE | 1U << NOTIFY_FAILED);
    cr_expect_eq(entry->template, NOTIFY_SLACK);
    cr_expect_str_eq(entry->headers[0], "A: b");
    cr_expect_str_eq(entry->headers[1], "C: 1");
    cr_expect_null(entry->headers[2]);
    cr_expect_eq(entry->timeout_ms, 2000);
    cr_expect_eq(entry->attempts, 7);
}

Test(notify, nothing_said_is_nobody)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project = load(f, "", &text);
    cr_assert_not_null(project, "%s", text);
    cr_expect_eq(project->notify->len, 0);
    g_autoptr(Project) none = project_default(f->folder);
    cr_expect_eq(none->notify->len, 0);
}

Test(notify, the_name_holds_no_secret)
{
    static const char *const NAMES[][2] = {
        {"https://hooks.example.org/services/T0/s3cret?s3cret#s3cret", "https://hooks.example.org"},
        {"https://u:s3cret@example.org:8443/x", "https://example.org:8443"},
        {"https://u:s3cr@s3cret@example.org", "https://example.org"},
        {"HTTPS://example.org?s3cret", "HTTPS://example.org"},
        {"https://${env:HOST}/x", "https://${env:HOST}"},
        {"${env:URL}", "${env:URL}"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        g_autoptr(FleetFixture) f = fixture_new();
        g_autofree char *text = NULL;
        g_autofree char *notify = g_strdup_printf("[{url: '%s'}]", NAMES[i][0]);
        g_autoptr(Project) project = load(f, notify, &text);
        cr_assert_not_null(project, "%s", text);
        cr_expect_str_eq(((const NotifySpec *)project->notify->pdata[0])->name, NAMES[i][1]);
        cr_expect_null(strstr(text, "s3cret"), "%s", text);
    }
}

static const struct {
    const char *notify;
    const char *problem;
} BAD[] = {
    {"{url: x}", "dbfleet.yaml:2:9: error: notify must be a list, as [{url: …}], not a mapping"},
    {"['https://x/']", "an entry of notify must be written {url: …}, not text"},
    {"[{}]", "an entry of notify has no 'url'"},
    {"[{url: example.org}]", "dbfleet.yaml:2:16: error: url must be an http:// or https:// URL"},
    {"[{url: 'ftp://x/'}]", "url must be an http:// or https:// URL"},
    {"[{url: '${env:}'}]", "url: "},
    {"[{url: 'http://x/', on: done}]", "on: 'done' is none of started, wave, failed, halted, paused"},
    {"[{url: 'http://x/', on: []}]", "on is empty"},
    {"[{url: 'http://x/', template: teams}]", "template: 'teams' is none of json, slack"},
    {"[{url: 'http://x/', headers: [a]}]", "headers must be a mapping, not a list"},
    {"[{url: 'http://x/', headers: {A: '${env:}'}}]", "A: "},
    {"[{url: 'http://x/', headers: {A: \"x\\ny\"}}]", "the header A has a line break in it"},
    {"[{url: 'http://x/', headers: {'A b': x}}]", "'A b' is no name of a header"},
    {"[{url: 'http://x/', timeout: 50ms}]", "timeout must be 100ms or more"},
    {"[{url: 'http://x/', attempts: 11}]", "attempts must be"},
    {"[{url: 'http://x/', tempalte: json}]", "unknown key 'tempalte' in notify: did you mean 'template'?"},
    {"[{url: 'http://x/', name: ''}]", "name is empty"},
};

Test(notify, what_cannot_work_is_refused_with_its_place)
{
    for (gsize i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(FleetFixture) f = fixture_new();
        g_autofree char *text = NULL;
        g_autoptr(Project) project = load(f, BAD[i].notify, &text);
        cr_expect_null(project, "%s", BAD[i].notify);
        cr_expect(strstr(text, BAD[i].problem), "%s: %s", BAD[i].notify, text);
    }
}

Test(notify, a_literal_password_draws_a_warning)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project = load(f, "[{url: 'https://u:s3cret@x/'}]", &text);
    cr_assert_not_null(project);
    cr_expect(strstr(text, "dbfleet.yaml:2:16: warning: this password can be read by"), "%s", text);
}
