/* dbfleet.yaml: found, read, refused. */
#include "inventory/project.h"

#include "fleet_fixture.h"

/* Loads a text as dbfleet.yaml; the caller frees both results. */
static Project *load(const FleetFixture *f, const char *content, char **text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    fixture_write(f, "dbfleet.yaml", content);
    Project *project = project_load(NULL, f->folder, problems);
    *text = diagnostics_to_string(problems);
    return project;
}

static char *in_folder(const FleetFixture *f, const char *name)
{
    return g_build_filename(f->folder, name, NULL);
}

Test(project, has_defaults_for_all_but_the_version)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project = load(f, "version: 1\n", &text);
    cr_assert_not_null(project, "%s", text);
    expect_text(in_folder(f, "dbfleet.yaml"), project->file);
    cr_expect_str_eq(project->folder, f->folder);
    cr_expect_null(project->inventory);
    expect_text(in_folder(f, "plans"), project->plans);
    expect_text(in_folder(f, ".dbfleet/ledger.db"), project->ledger);
    cr_assert_eq(project->tracks->len, 1);
    const Track *track = project_track(project, "default");
    expect_text(in_folder(f, "versions"), track->versions);
    expect_text(in_folder(f, "schema"), track->schema);
    cr_expect_str_eq(track->version_table, "dbfleet_version");
    cr_expect_eq(g_hash_table_size(project->dev), 0);
    cr_expect_eq(project->rollout.jobs, 0);
    cr_expect_null(project->rollout.max_failures);
}

Test(project, reads_every_key)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project =
        load(f,
             "version: 1\ninventory: inv/\nplans: /abs/plans/\nledger: l.db\n"
             "tracks:\n  core: {versions: core/v, schema: core/s, version_table: core_version}\n  default: "
             "{versions: v/}\n"
             "dev: {postgres: \"postgresql://u:${env:X}@h/\", sqlite: \":memory:\", mysql: \"${env:DEV}\"}\n"
             "rollout: {jobs: 4, per_host: 2, max_failures: 2%, max_unreachable: 10, on_halt: cancel}\n",
             &text);
    cr_assert_not_null(project, "%s", text);
    cr_expect_str_eq(text, "");
    expect_text(in_folder(f, "inv"), project->inventory);
    cr_expect_str_eq(project->plans, "/abs/plans");
    expect_text(in_folder(f, "l.db"), project->ledger);
    const Track *core = project_track(project, "core");
    expect_text(in_folder(f, "core/v"), core->versions);
    expect_text(in_folder(f, "core/s"), core->schema);
    cr_expect_str_eq(core->version_table, "core_version");
    cr_expect_eq(core->place.line, 6);
    expect_text(in_folder(f, "v"), project_track(project, "default")->versions);
    cr_expect_str_eq(g_hash_table_lookup(project->dev, "sqlite"), ":memory:");
    cr_expect_str_eq(g_hash_table_lookup(project->dev, "postgres"), "postgresql://u:${env:X}@h/");
    cr_expect_eq(project->rollout.jobs, 4);
    cr_expect_eq(project->rollout.per_host, 2);
    cr_expect_str_eq(project->rollout.max_failures, "2%");
    cr_expect_str_eq(project->rollout.max_unreachable, "10");
    cr_expect_str_eq(project->rollout.on_halt, "cancel");
    g_auto(GStrv) names = project_track_names(project), tables = project_track_tables(project);
    expect_text(g_strjoinv(" ", names), "core default");
    expect_text(g_strjoinv(" ", tables), "core_version dbfleet_version");
}

Test(project, is_found_in_a_folder_above)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "dbfleet.yaml", "version: 1\n");
    fixture_write(f, "a/b/c", "");
    g_autofree char *deep = in_folder(f, "a/b"), *expected = in_folder(f, "dbfleet.yaml");
    expect_text(project_find(deep), expected);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Project) project = project_load(NULL, deep, problems);
    cr_assert_not_null(project);
    cr_expect_str_eq(project->folder, f->folder);
}

Test(project, is_named_from_the_current_folder)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "other/my.yaml", "version: 1\ninventory: x\n");
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Project) project = project_load("other/my.yaml", f->folder, problems);
    cr_assert_not_null(project);
    expect_text(in_folder(f, "other/x"), project->inventory);
}

Test(project, that_is_missing_says_what_to_do)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();
    cr_expect_null(project_find(f->folder));
    cr_expect_null(project_load(NULL, f->folder, problems));
    cr_expect_null(project_load("none.yaml", f->folder, problems));
    g_autofree char *text = diagnostics_to_string(problems);
    expect_holds(text, "error: no dbfleet.yaml in ");
    expect_holds(text, "none.yaml: error: cannot be read");
}

Test(project, a_folder_without_one_has_a_default)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(Project) project = project_default(f->folder);
    cr_expect_null(project->file);
    expect_text(in_folder(f, "versions"), project_track(project, "default")->versions);
    expect_text(in_folder(f, ".dbfleet/ledger.db"), project->ledger);
    cr_expect_null(project_track(project, "other"));
}

static const struct {
    const char *text;
    const char *problem;
} BAD[] = {
    {"", "dbfleet.yaml:1:1: error: the version of the format is missing: add the line 'version: 1'"},
    {"inventory: x\n", "the version of the format is missing"},
    {"version: 2\n", "dbfleet.yaml:1:10: error: version '2' of dbfleet.yaml is not known"},
    {"version: [1]\n", "version must be text, not a list"},
    {"- version: 1\n", "dbfleet.yaml must be a mapping, not a list"},
    {"version: 1\ninventroy: x\n",
     "dbfleet.yaml:2:1: error: unknown key 'inventroy' in dbfleet.yaml: did you mean 'inventory'?"},
    {"version: 1\ninventory: \"\"\n", "inventory is empty"},
    {"version: 1\nplans: [x]\n", "dbfleet.yaml:2:8: error: plans must be text, not a list"},
    {"version: 1\nledger: mysql://u:canary@h/l\n",
     "dbfleet.yaml:2:9: error: a ledger cannot be kept at mysql://"},
    {"version: 1\nledger: \"postgresql://h:x/l\"\n", "dbfleet.yaml:2:9: error: ledger: "},
    {"version: 1\ntracks: [a]\n", "tracks must be a mapping of names to tracks, not a list"},
    {"version: 1\ntracks: {a: x}\n", "track 'a' must be written {versions: FOLDER/}, not text"},
    {"version: 1\ntracks: {a: {}}\n", "dbfleet.yaml:2:10: error: track 'a' has no 'versions'"},
    {"version: 1\ntracks: {a: {versions: v, verson_table: x}}\n",
     "unknown key 'verson_table' in track 'a': did you mean"},
    {"version: 1\ntracks: {a: {versions: \"\"}}\n", "versions is empty"},
    {"version: 1\ntracks: {\"a:b\": {versions: v}}\n", "the track name 'a:b' holds ':'"},
    {"version: 1\ntracks: {default: {version_table: \"\"}}\n", "version_table must have from 1 to 55 bytes"},
    {"version: 1\ntracks: {default: {version_table: "
     "a234567890123456789012345678901234567890123456789012345x}}\n",
     "version_table must have from 1 to 55 bytes"},
    {"version: 1\ndev: x\n", "dev must be a mapping, not text"},
    {"version: 1\ndev: {oracle: x}\n", "unknown key 'oracle' in dev"},
    {"version: 1\ndev: {postgres: \"postgresql://u:can@ary@h\"}\n",
     "dbfleet.yaml:2:17: error: dev.postgres: not a database URL"},
    {"version: 1\ndev: {postgres: \"postgresql://u:${evn:X}@h/\"}\n", "dev.postgres: ${evn} is no reference"},
    {"version: 1\nrollout: [x]\n", "rollout must be a mapping"},
    {"version: 1\nrollout: {jobs: 0}\n", "jobs must be a whole number"},
    {"version: 1\nrollout: {job: 1}\n", "unknown key 'job' in rollout: did you mean 'jobs'?"},
    {"version: 1\nrollout: {max_failures: some}\n",
     "max_failures must be a count such as 5 or a share such as 2%, not 'some'"},
    {"version: 1\nrollout: {max_failures: 101%}\n", "max_failures must be a count"},
    {"version: 1\nrollout: {max_failures: 1.5}\n", "max_failures must be a count"},
    {"version: 1\nrollout: {max_unreachable: -1}\n", "max_unreachable must be a count"},
    {"version: 1\nrollout: {on_halt: stop}\n", "on_halt must be step, target or cancel, not 'stop'"},
};

Test(project, every_problem_has_its_place_and_its_words)
{
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autofree char *text = NULL;
        g_autoptr(Project) project = load(f, BAD[i].text, &text);
        cr_expect_null(project, "this loads: %s", BAD[i].text);
        cr_expect(strstr(text, BAD[i].problem) != NULL, "%s\nwanted: %s\ngot: %s", BAD[i].text,
                  BAD[i].problem, text);
        cr_expect_null(strstr(text, "canary"));
    }
}

Test(project, a_literal_password_of_a_scratch_server_draws_a_warning)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *text = NULL;
    g_autoptr(Project) project = load(f, "version: 1\ndev: {mariadb: \"mysql://u:canary@h/\"}\n", &text);
    cr_assert_not_null(project);
    expect_holds(text, "dbfleet.yaml:2:16: warning: this password can be read");
}

Test(project, budgets_may_be_shares_with_a_fraction)
{
    static const char *const GOOD[] = {"0", "5", "2%", "0.5%", "100%"};
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(GOOD); i++) {
        g_autofree char *content = g_strdup_printf("version: 1\nrollout: {max_failures: %s}\n", GOOD[i]),
                        *text = NULL;
        g_autoptr(Project) project = load(f, content, &text);
        cr_assert_not_null(project, "%s", text);
        cr_expect_str_eq(project->rollout.max_failures, GOOD[i]);
    }
}
