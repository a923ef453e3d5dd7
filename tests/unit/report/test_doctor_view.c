/* The doctor's view: few lines for many targets, JSON that adds up. */
#include "../plan_fixture.h"
#include "page.h"
#include "report/doctor_view.h"

#include <jansson.h>

/* Made by hand; the parts are freed with it. */
static Checkup *checkup_of(PlanFixture *files)
{
    Checkup *self = g_new0(Checkup, 1);
    CheckupServer *server = g_new0(CheckupServer, 1);
    self->local = findings_new();
    self->servers = g_ptr_array_new_with_free_func(g_free);
    self->targets = g_ptr_array_new_with_free_func(g_free);
    *server = (CheckupServer){.name = "postgresql://db1:5432",
                              .version = "PostgreSQL 15.18",
                              .connections_max = 97,
                              .connections_in_use = 5,
                              .connections_wanted = 8,
                              .findings = findings_new()};
    g_ptr_array_add(self->servers, server);
    findings_add(self->local, FINDING_OK, "ledger", NULL, "/srv/ledger.db can be written");
    for (guint i = 0; i < files->targets->len; i++) {
        CheckupTarget *target = g_new0(CheckupTarget, 1);
        target->target = files->targets->pdata[i];
        target->server_version = "PostgreSQL 15.18";
        target->findings = findings_new();
        g_ptr_array_add(self->targets, target);
        server->targets++;
    }
    return self;
}

static void clear(Checkup *self)
{
    for (guint i = 0; i < self->targets->len; i++)
        g_ptr_array_unref(((CheckupTarget *)self->targets->pdata[i])->findings);
    for (guint i = 0; i < self->servers->len; i++)
        g_ptr_array_unref(((CheckupServer *)self->servers->pdata[i])->findings);
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->servers);
    g_ptr_array_unref(self->local);
    g_free(self);
}

static GPtrArray *findings_at(const Checkup *self, guint index)
{
    return ((CheckupTarget *)self->targets->pdata[index])->findings;
}

static void add_targets(PlanFixture *files, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("t%03u", i);
        fixture_add(files, name, DIALECT_POSTGRES, "");
    }
}

static char *page_of(const Checkup *checkup, unsigned width, bool verbose)
{
    return doctor_view_text(checkup, &(ReportOptions){.width = width, .verbose = verbose});
}

static guint lines_of(const char *page)
{
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
    return g_strv_length(lines) - 1;
}

TestSuite(doctor_view);

Test(doctor_view, healthy_targets_are_one_line)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 400);
    Checkup *checkup = checkup_of(&files);
    g_autofree char *page = page_of(checkup, 80, false);
    expect_line(page, "doctor: 400 targets: 400 ok");
    expect_line(page, "  ok       ledger: /srv/ledger.db can be written");
    expect_line(page, "  ok       postgresql://db1:5432: PostgreSQL 15.18, 400 targets; a run opens 8");
    expect_line(page, "           connections, 92 are free");
    expect_line(page, "  ok       400 targets with nothing to tell");
    cr_assert_leq(lines_of(page), 12);
    expect_fits(page, 80);
    clear(checkup);
}

Test(doctor_view, the_same_finding_on_many_targets_is_one_entry_and_the_worst_come_first)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 30);
    Checkup *checkup = checkup_of(&files);
    for (guint i = 0; i < 12; i++)
        findings_add(findings_at(checkup, i), FINDING_WARNING, "invalid-index", "Drop it.",
                     "invalid index on t%03u: i_%u", i, i);
    findings_add(findings_at(checkup, 11), FINDING_WARNING, "engine", NULL, "some tables of MyISAM");
    for (guint i = 0; i < 3; i++)
        findings_add(findings_at(checkup, i), FINDING_WARNING, "owner", NULL, "others own it");
    findings_add(findings_at(checkup, 20), FINDING_ERROR, "privileges", "GRANT it.", "may create nothing");
    g_autofree char *page = page_of(checkup, 80, false);
    expect_line(page, "doctor: 30 targets: 17 ok, 12 with warnings, 1 with errors");
    expect_line(page, "  error    privileges: may create nothing");
    expect_line(page, "           do: GRANT it.");
    expect_line(page, "           target: t020");
    expect_line(page, "           12 targets: t000, t001, t002, t003, t004 and 7 more");
    cr_assert_lt(strstr(page, "privileges"), strstr(page, "invalid-index"));
    cr_assert_lt(strstr(page, "invalid-index"), strstr(page, "owner"), "12 targets before 3");
    cr_assert_lt(strstr(page, "owner"), strstr(page, "engine"), "3 targets before 1");
    expect_no_text(page, "i_1\n");
    g_autofree char *verbose = page_of(checkup, 80, true);
    expect_text(verbose, "t011");
    expect_line(verbose, "  ok       t029: postgresql://db1.internal:5432/t029");
    expect_line(verbose, "  error    t020: postgresql://db1.internal:5432/t020 (privileges)");
    clear(checkup);
}

Test(doctor_view, nothing_reaches_the_terminal_as_it_is)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 1);
    Checkup *checkup = checkup_of(&files);
    findings_add(findings_at(checkup, 0), FINDING_WARNING, "old-transaction", HOSTILE, "%s", HOSTILE);
    findings_add(((CheckupServer *)checkup->servers->pdata[0])->findings, FINDING_NOTE, "clock", HOSTILE,
                 "%s", HOSTILE);
    g_autofree char *page =
        doctor_view_text(checkup, &(ReportOptions){.width = 80, .color = true, .verbose = true});
    expect_harmless(page);
    clear(checkup);
}

Test(doctor_view, json_adds_up)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add_targets(&files, 3);
    Checkup *checkup = checkup_of(&files);
    findings_add(findings_at(checkup, 1), FINDING_WARNING, "lock", "End it.", "stale");
    ((CheckupTarget *)checkup->targets->pdata[2])->unreachable = true;
    checkup->unreachable = 1;
    checkup->worst = FINDING_WARNING;
    g_autofree char *text = doctor_view_json(checkup);
    json_t *json = json_loads(text, 0, NULL);
    cr_assert_not_null(json, "%s", text);
    json_t *totals = json_object_get(json, "totals");
    cr_assert_eq(json_integer_value(json_object_get(totals, "ok")), 1);
    cr_assert_eq(json_integer_value(json_object_get(totals, "warning")), 1);
    cr_assert_eq(json_integer_value(json_object_get(totals, "unreachable")), 1);
    cr_assert_str_eq(json_string_value(json_object_get(json, "level")), "warning");
    json_t *server = json_array_get(json_object_get(json, "servers"), 0);
    cr_assert_eq(json_integer_value(json_object_get(json_object_get(server, "connections"), "max")), 97);
    json_t *finding =
        json_array_get(json_object_get(json_array_get(json_object_get(json, "targets"), 1), "findings"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(finding, "subject")), "lock");
    cr_assert_str_eq(json_string_value(json_object_get(finding, "advice")), "End it.");
    json_decref(json);
    clear(checkup);
}
