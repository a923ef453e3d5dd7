/* Doctor's judgement: what was gathered becomes findings, those of a server once; connections are counted per
 * server. */
#include "../plan_fixture.h"
#include "drivers/version_store.h"
#include "run/doctor/doctor.h"

#include <unistd.h>

/* A fleet whose states were gathered; findings of the drivers are added by the tests. */
typedef struct Clinic {
    PlanFixture files;
    GPtrArray *gathered;
    DoctorFacts facts;
} Clinic;

static void clinic_init(Clinic *self)
{
    *self = (Clinic){.files = plan_fixture_of(THREE_FILES),
                     .gathered = g_ptr_array_new_with_free_func(g_free),
                     .facts = {.jobs = 8}};
}

static void clinic_clear(Clinic *self)
{
    for (guint i = 0; i < self->gathered->len; i++) {
        DoctorTarget *target = self->gathered->pdata[i];
        if (target)
            examination_free(target->examination);
    }
    g_ptr_array_unref(self->gathered);
    plan_fixture_clear(&self->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Clinic, clinic_clear)

/* The last target that was added to the files was gathered. */
static DoctorTarget *gathered(Clinic *self)
{
    DoctorTarget *target = g_new0(DoctorTarget, 1);
    target->state = fixture_last_state(&self->files);
    if (target->state && target->state->outcome == PROBE_OK)
        target->examination = examination_new();
    g_ptr_array_add(self->gathered, target->state ? (gpointer)target : NULL);
    if (!target->state)
        g_clear_pointer(&target, g_free);
    return target;
}

/* A PostgreSQL target at the head, with limits as an inventory has them. */
static DoctorTarget *healthy(Clinic *self, const char *name)
{
    Target *target = fixture_add(&self->files, name, DIALECT_POSTGRES, "cc");
    target->settings.lock_timeout_ms = 5000;
    target->settings.statement_timeout_ms = 900000;
    fixture_assume(&self->files, "baseline", "aa,bb,cc");
    return gathered(self);
}

static Target *last_target(const Clinic *self)
{
    return self->files.targets->pdata[self->files.targets->len - 1];
}

static Checkup *judge(Clinic *self)
{
    g_autoptr(Plan) plan = fixture_plan(&self->files, PLAN_UPGRADE, "heads");
    return doctor_judge(self->files.targets, self->gathered, plan, &self->facts, findings_new());
}

static const CheckupTarget *target_at(const Checkup *self, guint index)
{
    return self->targets->pdata[index];
}

static const CheckupServer *server_at(const Checkup *self, guint index)
{
    return self->servers->pdata[index];
}

static const Finding *find(const GPtrArray *findings, const char *subject)
{
    for (guint i = 0; i < findings->len; i++)
        if (g_str_equal(((const Finding *)findings->pdata[i])->subject, subject))
            return findings->pdata[i];
    return NULL;
}

static void expect_found(const GPtrArray *findings, FindingLevel level, const char *subject,
                         const char *words)
{
    const Finding *finding = find(findings, subject);
    cr_assert_not_null(finding, "nothing about %s", subject);
    cr_assert_eq(finding->level, level, "%s: %s", finding_level_name(finding->level), finding->found);
    cr_assert_not_null(strstr(finding->found, words), "\"%s\" does not say \"%s\"", finding->found, words);
}

TestSuite(doctor);

Test(doctor, healthy_targets_have_nothing_to_tell)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    healthy(&clinic, "a");
    healthy(&clinic, "b");
    g_autoptr(Checkup) checkup = judge(&clinic);
    cr_assert_eq(checkup->worst, FINDING_OK);
    cr_assert_eq(target_at(checkup, 0)->findings->len, 0);
    cr_assert_eq(checkup->servers->len, 1);
    cr_assert_eq(server_at(checkup, 0)->targets, 2);
    cr_assert_eq(server_at(checkup, 0)->connections_wanted, 2);
}

Test(doctor, what_is_the_server_s_is_told_once)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    for (int i = 0; i < 40; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        DoctorTarget *target = healthy(&clinic, name);
        findings_add_of_server(target->examination->findings, FINDING_WARNING, "sql-mode", "Set it.", "bad");
        findings_add(target->examination->findings, FINDING_NOTE, "owner", NULL, "of %s", name);
    }
    g_autoptr(Checkup) checkup = judge(&clinic);
    cr_assert_eq(server_at(checkup, 0)->findings->len, 1);
    expect_found(server_at(checkup, 0)->findings, FINDING_WARNING, "sql-mode", "bad");
    cr_assert_eq(target_at(checkup, 39)->findings->len, 1);
    cr_assert_eq(checkup->worst, FINDING_WARNING);
}

/* Judges `targets` targets of one server with these limits; gives what a run would open, and whether that is
 * too much. */
static void expect_connections(unsigned targets, unsigned jobs, unsigned per_host, gint64 most, gint64 used,
                               unsigned wanted, bool told)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    clinic.facts.jobs = jobs;
    clinic.facts.per_host = per_host;
    for (unsigned i = 0; i < targets; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i);
        DoctorTarget *target = healthy(&clinic, name);
        target->examination->connections_max = most;
        target->examination->connections_in_use = used + (i == 0); /* the first look met one more */
    }
    g_autoptr(Checkup) checkup = judge(&clinic);
    const Finding *finding = find(server_at(checkup, 0)->findings, "max-connections");
    must(server_at(checkup, 0)->connections_wanted == wanted, "%u jobs: %u wanted", jobs,
         server_at(checkup, 0)->connections_wanted);
    must((finding != NULL) == told, "%u jobs, %u per host: %s", jobs, per_host,
         finding ? finding->found : "nothing");
}

Test(doctor, connections_of_all_targets_of_a_server_against_those_that_are_free)
{
    expect_connections(400, 8, 0, 100, 20, 8, false);
    expect_connections(400, 80, 0, 100, 20, 80, false);
    expect_connections(400, 81, 0, 100, 20, 81, true);
    expect_connections(400, 200, 10, 100, 20, 10, false);
    expect_connections(5, 200, 0, 100, 96, 5, true);
    expect_connections(3, 200, 0, 100, 96, 3, false);
    expect_connections(3, 200, 0, 0, 0, 3, false);  /* the server did not say */
    expect_connections(3, 8, 0, 100, 120, 3, true); /* more than allowed: superusers are there */
}

Test(doctor, a_target_s_own_per_host_counts)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        healthy(&clinic, name);
        last_target(&clinic)->settings.per_host = 4;
    }
    g_autoptr(Checkup) checkup = judge(&clinic);
    cr_assert_eq(server_at(checkup, 0)->connections_wanted, 4);
}

Test(doctor, unreachable_and_inactive_targets_are_counted_apart)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    healthy(&clinic, "good");
    fixture_add_unreachable(&clinic.files, "gone", "connection refused");
    gathered(&clinic);
    fixture_add_inactive(&clinic.files, "asleep", TARGET_SUSPENDED, "moving house");
    gathered(&clinic);
    g_autoptr(Checkup) checkup = judge(&clinic);
    cr_assert_eq(checkup->targets->len, 2);
    cr_assert_eq(checkup->unreachable, 1);
    cr_assert_eq(checkup->inactive, 1);
    cr_assert_eq(checkup->worst, FINDING_OK, "exit code 4, not 1");
    cr_assert_eq(checkup_target_level(target_at(checkup, 1)), FINDING_ERROR);
    expect_found(target_at(checkup, 1)->findings, FINDING_ERROR, "connection", "refused");
    cr_assert_eq(server_at(checkup, 0)->unreachable, 1);
}

Test(doctor, version_rows_and_history_are_judged)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    fixture_add(&clinic.files, "twice", DIALECT_SQLITE, "cc cc");
    gathered(&clinic);
    fixture_add(&clinic.files, "unknown", DIALECT_SQLITE, "ffff");
    gathered(&clinic);
    fixture_add(&clinic.files, "new", DIALECT_SQLITE, "");
    fixture_last_state(&clinic.files)->has_version_table = false;
    gathered(&clinic);
    fixture_add(&clinic.files, "halfway", DIALECT_SQLITE, "bb");
    fixture_history(&clinic.files, "up cc failed")->intent = 2;
    gathered(&clinic);
    g_autoptr(Checkup) checkup = judge(&clinic);
    expect_found(target_at(checkup, 0)->findings, FINDING_ERROR, "version-table", "cc stands twice");
    expect_found(target_at(checkup, 0)->findings, FINDING_NOTE, "history", "no history");
    expect_found(target_at(checkup, 1)->findings, FINDING_ERROR, "version-table", "ffff");
    expect_found(target_at(checkup, 2)->findings, FINDING_NOTE, "version-table", "not there yet");
    expect_found(target_at(checkup, 3)->findings, FINDING_ERROR, "history", "cc");
    cr_assert_eq(checkup->worst, FINDING_ERROR);
}

Test(doctor, an_edited_revision_is_a_warning_where_nothing_is_left_to_do)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    fixture_add(&clinic.files, "there", DIALECT_SQLITE, "cc");
    HistoryEntry *entry = fixture_history(&clinic.files, "up aa done");
    fixture_history(&clinic.files, "up bb done");
    fixture_history(&clinic.files, "up cc done");
    g_free(entry->checksum);
    entry->checksum = g_strdup("0123");
    gathered(&clinic);
    g_autoptr(Checkup) checkup = judge(&clinic);
    expect_found(target_at(checkup, 0)->findings, FINDING_WARNING, "history", "edited");
}

Test(doctor, timeouts_of_0_are_told)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    healthy(&clinic, "a");
    last_target(&clinic)->settings.lock_timeout_ms = 0;
    last_target(&clinic)->settings.statement_timeout_ms = 0;
    g_autoptr(Checkup) checkup = judge(&clinic);
    expect_found(target_at(checkup, 0)->findings, FINDING_WARNING, "lock-timeout", "for ever");
    expect_found(target_at(checkup, 0)->findings, FINDING_NOTE, "statement-timeout", "nothing ends");
}

Test(doctor, a_clock_that_is_wrong_is_told_once)
{
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    healthy(&clinic, "a")->clock_skew_us = 60 * G_USEC_PER_SEC;
    g_autoptr(Checkup) good = judge(&clinic);
    cr_assert_null(find(server_at(good, 0)->findings, "clock"));
    healthy(&clinic, "b")->clock_skew_us = -90 * G_USEC_PER_SEC;
    healthy(&clinic, "c")->clock_skew_us = -91 * G_USEC_PER_SEC;
    g_autoptr(Checkup) wrong = judge(&clinic);
    cr_assert_eq(server_at(wrong, 0)->findings->len, 1);
    expect_found(server_at(wrong, 0)->findings, FINDING_NOTE, "clock", "90 s behind ours");
}

Test(doctor, a_lock_is_stale_only_if_the_ledger_says_so)
{
    static const char holder[] = "pid 7, application dbfleet 20261122-1, user me, since then";
    g_autoptr(GHashTable) over = g_hash_table_new(g_str_hash, g_str_equal);
    g_auto(Clinic) clinic;
    clinic_init(&clinic);
    healthy(&clinic, "a")->lock_holder = (char *)holder;
    g_autoptr(Checkup) unknown = judge(&clinic);
    expect_found(target_at(unknown, 0)->findings, FINDING_NOTE, "lock", "pid 7");
    clinic.facts.runs_over = over;
    g_hash_table_add(over, (gpointer) "20261122-2");
    g_autoptr(Checkup) going_on = judge(&clinic);
    expect_found(target_at(going_on, 0)->findings, FINDING_NOTE, "lock", "pid 7");
    g_hash_table_add(over, (gpointer) "20261122-1");
    g_autoptr(Checkup) ended = judge(&clinic);
    expect_found(target_at(ended, 0)->findings, FINDING_WARNING, "lock", "stale");
}

Test(doctor, the_run_of_a_holder)
{
    static const struct {
        const char *holder;
        const char *run;
    } rows[] = {
        {"pid 7, application dbfleet 20261122-1-x, user me", "20261122-1-x"},
        {"connection 7, application dbfleet 20261122-1", "20261122-1"},
        {"pid 7, application dbfleet, user me", NULL},
        {"pid 7, user me", NULL},
        {NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *run = doctor_holder_run(rows[i].holder);
        must(g_strcmp0(run, rows[i].run) == 0, "%s: %s", rows[i].holder, run);
    }
}

/* A problem that doctor has no word for must not look like health. */
Test(doctor, whatever_the_plan_holds_up_is_an_error)
{
    for (int problem = PROBLEM_NONE + 1; problem <= (int)PROBLEM_STATE; problem++) {
        g_auto(Clinic) clinic;
        clinic_init(&clinic);
        healthy(&clinic, "a");
        if (problem == (int)PROBLEM_BUSY)
            continue;
        g_autoptr(Plan) plan = fixture_plan(&clinic.files, PLAN_UPGRADE, "heads");
        PlanTarget *planned = plan->targets->pdata[0];
        planned->verdict = PLAN_BLOCKED;
        planned->problem = (PlanProblem)problem;
        g_autoptr(Checkup) checkup =
            doctor_judge(clinic.files.targets, clinic.gathered, plan, &clinic.facts, findings_new());
        must(checkup->worst == FINDING_ERROR, "%s", plan_problem_name((PlanProblem)problem));
    }
}

/* ---- Here ---- */

Test(doctor, a_ledger_that_cannot_be_made_or_opened_is_an_error)
{
    g_autofree char *folder = g_dir_make_tmp("dbfleet-doctor-XXXXXX", NULL);
    g_autofree char *ledger = g_build_filename(folder, "new", "ledger.db", NULL);
    const Project project = {.ledger = ledger};
    const Track track = {.versions = folder};
    g_autoptr(GPtrArray) good = doctor_local(&project, &track, 8);
    expect_found(good, FINDING_OK, "ledger", "can be made");
    g_autofree char *broken = g_build_filename(folder, "broken.db", NULL);
    g_file_set_contents(broken, "this is no database, and long enough to be taken for one ...............",
                        -1, NULL);
    const Project damaged = {.ledger = broken};
    g_autoptr(GPtrArray) damage = doctor_local(&damaged, &track, 8);
    unlink(broken);
    expect_found(damage, FINDING_ERROR, "ledger", "broken.db");
    const Project far = {.ledger = (char *)"postgresql://me:secret@127.0.0.1:1/ledger"};
    g_autoptr(GPtrArray) away = doctor_local(&far, &track, 8);
    expect_found(away, FINDING_ERROR, "ledger", "127.0.0.1");
    cr_assert_null(strstr(find(away, "ledger")->found, "secret"));
    const Project nowhere = {.ledger = (char *)"/proc/nowhere/ledger.db"};
    g_autoptr(GPtrArray) bad = doctor_local(&nowhere, &track, 100000000);
    if (geteuid() != 0)
        expect_found(bad, FINDING_ERROR, "ledger", "cannot be written");
    expect_found(bad, FINDING_WARNING, "open-files", "100000000 jobs");
    rmdir(folder);
}
