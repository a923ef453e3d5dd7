/* Loading: what targets an inventory means, with which settings. */
#include "fleet_fixture.h"

static const char *const PLAIN =
    "groups:\n"
    "  eu:\n"
    "    labels: {region: eu, tier: paid}\n"
    "    vars: {plan: basic}\n"
    "    per_host: 8\n"
    "    lock_timeout: 3s\n"
    "    targets:\n"
    "      - {name: one, url: \"postgresql://m@db1/one\"}\n"
    "      - {name: two, url: \"postgresql://m@db1/two\", labels: {region: us}, per_host: 2}\n"
    "    groups:\n"
    "      beta:\n"
    "        concurrency: 3\n"
    "        vars: {plan: gold, extra: yes}\n"
    "        statement_timeout: 1h30min\n"
    "        targets:\n"
    "          - {name: three, url: \"mysql://m@db2/three\"}\n";

static const char *label(const Target *target, const char *name)
{
    return g_hash_table_lookup(target->labels, name);
}

static const char *variable(const Target *target, const char *name)
{
    return g_hash_table_lookup(target->vars, name);
}

Test(fleet_load, built_in_settings)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Target *target = fleet_at(fixture_good(f, "targets: [\"postgresql://m@db1/one\"]\n"), 0);
    cr_expect_eq(target->settings.connect_timeout_ms, 5000);
    cr_expect_eq(target->settings.lock_timeout_ms, 5000);
    cr_expect_eq(target->settings.statement_timeout_ms, 15 * 60 * 1000);
    cr_expect_eq(target->settings.lock_wait_ms, 30000);
    cr_expect_eq(target->settings.retry.attempts, 4);
    cr_expect_eq(target->settings.retry.initial_ms, 500);
    cr_expect_eq(target->settings.retry.maximum_ms, 30000);
    cr_expect_eq(target->settings.retry.total_ms, 300000);
    cr_expect_eq(target->settings.per_host, 0);
    cr_expect(target->settings.foreign_keys);
    cr_expect_not(target->settings.create || target->settings.create_schema ||
                  target->settings.transaction_target || target->settings.pooler_session ||
                  target->settings.galera_single_writer);
    cr_expect_str_eq(target->track, "default");
    cr_expect_null(target->schema);
    cr_expect_null(target->group);
    cr_expect_eq(target->life, TARGET_ACTIVE);
    cr_expect_eq(g_hash_table_size(target->labels) + g_hash_table_size(target->vars), 0);
}

Test(fleet_load, of_retry_the_nearest_value_of_each_key_wins)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        fixture_good(f, "defaults: {retry: {attempts: 7, initial: 1s, maximum: 8s}}\n"
                        "groups:\n"
                        "  eu:\n"
                        "    retry: {attempts: 2}\n"
                        "    groups:\n"
                        "      paid:\n"
                        "        retry: {maximum: 4s}\n"
                        "        targets:\n"
                        "          - {name: a, url: \"sqlite:a.db\", retry: {initial: 250ms, total: 0s}}\n"
                        "          - sqlite:b.db\n");
    const RetrySettings *a = &fleet_find(fleet, "a")->settings.retry;
    const RetrySettings *b = &fleet_find(fleet, "b")->settings.retry;
    cr_expect_eq(a->attempts, 2);
    cr_expect_eq(a->initial_ms, 250);
    cr_expect_eq(a->maximum_ms, 4000);
    cr_expect_eq(a->total_ms, 0);
    cr_expect_eq(b->initial_ms, 1000);
    cr_expect_eq(b->total_ms, 300000);
}

Test(fleet_load, nearest_level_wins_and_maps_merge)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, PLAIN);
    const Target *one = fleet_find(fleet, "one"), *two = fleet_find(fleet, "two"),
                 *three = fleet_find(fleet, "three");
    cr_expect_eq(one->settings.per_host, 8);
    cr_expect_eq(two->settings.per_host, 2);
    cr_expect_eq(three->settings.per_host, 8);
    cr_expect_eq(three->settings.lock_timeout_ms, 3000);
    cr_expect_eq(three->settings.statement_timeout_ms, 90 * 60 * 1000);
    cr_expect_eq(one->settings.statement_timeout_ms, 15 * 60 * 1000);
    cr_expect_str_eq(label(one, "region"), "eu");
    cr_expect_str_eq(label(two, "region"), "us");
    cr_expect_str_eq(label(two, "tier"), "paid");
    cr_expect_str_eq(variable(one, "plan"), "basic");
    cr_expect_str_eq(variable(three, "plan"), "gold");
    cr_expect_str_eq(variable(three, "extra"), "yes");
    cr_expect_null(variable(one, "extra"));
}

Test(fleet_load, defaults_reach_every_target)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(
        f, "defaults: {track: core, lock_wait: 1min, vars: {a: 1}, labels: {b: c}, user: migrator,\n"
           "           transaction: target, pooler: session, galera: single-writer, create: true,\n"
           "           create_schema: true, foreign_keys: false, connect_timeout: 250ms}\n"
           "targets: [{name: x, url: \"postgresql://db/x\"}]\n"
           "groups: {g: {transaction: step, targets: [{name: y, url: \"postgresql://me@db/y\"}]}}\n");
    const Target *x = fleet_find(fleet, "x"), *y = fleet_find(fleet, "y");
    cr_expect_str_eq(x->track, "core");
    cr_expect_eq(x->settings.lock_wait_ms, 60000);
    cr_expect_eq(x->settings.connect_timeout_ms, 250);
    cr_expect(x->settings.transaction_target && x->settings.pooler_session &&
              x->settings.galera_single_writer && x->settings.create && x->settings.create_schema);
    cr_expect_not(x->settings.foreign_keys);
    cr_expect_not(y->settings.transaction_target);
    cr_expect_str_eq(x->url->user, "migrator");
    cr_expect_str_eq(y->url->user, "me");
    cr_expect_str_eq(variable(y, "a"), "1");
    cr_expect_str_eq(label(y, "b"), "c");
}

Test(fleet_load, groups_know_their_parents_and_targets)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, PLAIN);
    cr_assert_eq(fleet_group_count(fleet), 2);
    const Group *eu = fleet_group_at(fleet, 0), *beta = fleet_group_find(fleet, "beta");
    cr_expect_str_eq(eu->name, "eu");
    cr_expect_eq(fleet_group_at(fleet, 1), beta);
    cr_expect_eq(beta->parent, eu);
    cr_expect_null(eu->parent);
    cr_expect_eq(beta->concurrency, 3);
    cr_expect_eq(eu->concurrency, 0);
    cr_expect_eq(eu->place.line, 2);
    const Target *one = fleet_find(fleet, "one"), *three = fleet_find(fleet, "three");
    cr_expect(target_in_group(three, eu) && target_in_group(three, beta));
    cr_expect(target_in_group(one, eu));
    cr_expect_not(target_in_group(one, beta));
    cr_expect_null(fleet_group_find(fleet, "one"));
    cr_expect_null(fleet_find(fleet, "eu"));
}

Test(fleet_load, targets_know_their_place_and_index)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, PLAIN);
    const Target *two = fleet_find(fleet, "two");
    cr_expect_eq(two->index, 1);
    cr_expect_eq(fleet_at(fleet, 1), two);
    cr_expect_eq(two->place.line, 9);
    cr_expect_eq(two->place.column, 16);
    cr_expect_str_eq(two->endpoint, "postgresql://db1:5432/two");
    cr_expect_str_eq(two->server, "postgresql://db1:5432");
}

Test(fleet_load, ranges_make_targets_in_step)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, "targets:\n"
                                         "  - {name: \"eu-{0009..0011}\", url: "
                                         "\"postgresql://m@db{1..3}/eu_{0009..0011}\", schema: \"s{1..3}\",\n"
                                         "     password: \"${file:pw/{1..3}}\", labels: {n: \"{1..3}\", "
                                         "plain: x}, vars: {id: \"{0009..0011}\"}}\n");
    cr_assert_eq(fleet_length(fleet), 3);
    const Target *second = fleet_at(fleet, 1);
    cr_expect_str_eq(second->name, "eu-0010");
    cr_expect_str_eq(second->endpoint, "postgresql://db2:5432/eu_0010#s2");
    cr_expect_str_eq(second->schema, "s2");
    cr_expect_str_eq(second->password_reference, "${file:pw/2}");
    cr_expect_str_eq(label(second, "n"), "2");
    cr_expect_str_eq(label(second, "plain"), "x");
    cr_expect_str_eq(variable(second, "id"), "0010");
    cr_expect_str_eq(label(fleet_at(fleet, 2), "n"), "3");
}

Test(fleet_load, named_ranges_multiply)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(
        f, "targets: [{name: \"{r:a..b}-{n:01..02}\", url: \"sqlite:{r:a..b}/{n:01..02}.db\"}]\n");
    expect_text(fixture_names(fleet), "a-01 a-02 b-01 b-02");
    cr_expect(g_str_has_suffix(fleet_find(fleet, "b-01")->url->database, "/b/01.db"));
}

Test(fleet_load, without_a_range_in_name_or_url_braces_are_text)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        fixture_good(f, "targets: [{name: x, url: \"sqlite:x.db\", vars: {note: \"{1..3}\"}}]\n");
    cr_expect_str_eq(variable(fleet_at(fleet, 0), "note"), "{1..3}");
}

Test(fleet_load, inherited_texts_hold_no_ranges)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(
        f, "groups: {g: {schema: \"s{1..9}\", vars: {v: \"{1..9}\"}, targets: [{name: \"x{1..2}\", url: "
           "\"postgresql://db/x{1..2}\"}]}}\n");
    cr_expect_str_eq(fleet_at(fleet, 1)->schema, "s{1..9}");
    cr_expect_str_eq(variable(fleet_at(fleet, 1), "v"), "{1..9}");
}

Test(fleet_load, unnamed_targets_are_called_after_their_database)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, "targets:\n"
                                         "  - postgresql://m@db1/shop\n"
                                         "  - sqlite:data/edge one.db\n"
                                         "  - {url: \"mysql://m@db1/crm\"}\n"
                                         "  - postgresql://m@db1/t{1..2}\n");
    expect_text(fixture_names(fleet), "shop edge_one crm t1 t2");
}

Test(fleet_load, sqlite_paths_start_at_the_inventory_file)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "sub/inv.yaml",
                  "targets: [{name: a, url: \"sqlite:../data//./x.db\"}, "
                  "{name: b, url: \"sqlite:///abs/x.db\"}]\n");
    const Fleet *fleet = fixture_load(f, "sub/inv.yaml");
    cr_assert_not_null(fleet, "%s", f->text);
    g_autofree char *expected = g_build_filename(f->folder, "data/x.db", NULL);
    cr_expect_str_eq(fleet_find(fleet, "a")->url->database, expected);
    cr_expect_str_eq(fleet_find(fleet, "b")->url->database, "/abs/x.db");
    g_autofree char *folder = g_build_filename(f->folder, "sub", NULL);
    cr_expect_str_eq(fleet_folder(fleet), folder);
}

Test(fleet_load, relative_inventory_path_makes_absolute_targets)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "inv.yaml", "targets: [{name: a, url: \"sqlite:x.db\"}]\n");
    cr_assert_eq(g_chdir(f->folder), 0);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Fleet) fleet = fleet_load("inv.yaml", NULL, problems);
    cr_assert_not_null(fleet);
    cr_expect(g_path_is_absolute(fleet_at(fleet, 0)->url->database));
    cr_expect(g_path_is_absolute(fleet_folder(fleet)));
}

Test(fleet_load, anchors_and_merge_keys_work)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, "groups:\n"
                                         "  a: &base\n"
                                         "    per_host: 4\n"
                                         "    labels: &labels {tier: x}\n"
                                         "  b:\n"
                                         "    <<: *base\n"
                                         "    targets: [{name: t, url: \"sqlite:t.db\", labels: *labels}]\n");
    cr_expect_eq(fleet_at(fleet, 0)->settings.per_host, 4);
    cr_expect_str_eq(label(fleet_at(fleet, 0), "tier"), "x");
}

Test(fleet_load, life_states)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(
        f, "groups:\n"
           "  g:\n"
           "    state: suspended\n"
           "    targets:\n"
           "      - {name: s, url: \"sqlite:s.db\"}\n"
           "      - {name: a, url: \"sqlite:a.db\", state: active}\n"
           "      - {name: p, url: \"sqlite:p.db\", state: provisioning}\n"
           "      - {name: r, url: \"sqlite:r.db\", state: retired}\n"
           "      - {name: q, url: \"sqlite:q.db\", quarantine: {until: 2026-12-01, reason: disk full}}\n"
           "      - {name: over, url: \"sqlite:o.db\", state: active, quarantine: {until: 2026-01-01}}\n"
           "  h:\n"
           "    quarantine: {until: \"2026-11-19T00:00:00Z\"}\n"
           "    targets: [{name: hq, url: \"sqlite:hq.db\"}, {name: ha, url: \"sqlite:ha.db\", state: "
           "active}]\n");
    static const struct {
        const char *name;
        TargetLife life;
    } EXPECTED[] = {{"s", TARGET_SUSPENDED},    {"a", TARGET_ACTIVE},      {"p", TARGET_PROVISIONING},
                    {"r", TARGET_RETIRED},      {"q", TARGET_QUARANTINED}, {"over", TARGET_ACTIVE},
                    {"hq", TARGET_QUARANTINED}, {"ha", TARGET_ACTIVE}};
    for (gsize i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
        TargetLife life = fleet_find(fleet, EXPECTED[i].name)->life;
        cr_expect_eq(life, EXPECTED[i].life, "%s is %s", EXPECTED[i].name, target_life_name(life));
    }
    cr_expect_str_eq(fleet_find(fleet, "q")->life_reason, "disk full");
    cr_expect_str_eq(fleet_find(fleet, "q")->life_until, "2026-12-01");
    cr_expect_null(fleet_find(fleet, "ha")->life_until);
    cr_expect_str_eq(target_life_name(TARGET_QUARANTINED), "quarantined");
}

Test(fleet_load, a_quarantine_until_a_day_lasts_to_its_end)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const char *text = "targets: [{name: q, url: \"sqlite:q.db\", quarantine: {until: 2026-11-18}}]\n";
    f->options.now_unix_us = G_GINT64_CONSTANT(1795046399999999); /* 2026-11-18T23:59:59.999999Z */
    cr_expect_eq(fleet_at(fixture_good(f, text), 0)->life, TARGET_QUARANTINED);
    f->options.now_unix_us++;
    cr_expect_eq(fleet_at(fixture_good(f, text), 0)->life, TARGET_ACTIVE);
}

Test(fleet_load, a_folder_is_merged)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(
        f, "b.yml",
        "groups: {eu: {concurrency: 5, per_host: 3, labels: {b: 2}, targets: [\"sqlite:b.db\"]}}\n");
    fixture_write(f, "a.yaml",
                  "defaults: {lock_wait: 1s}\n"
                  "groups: {eu: {per_host: 3, labels: {a: 1}, targets: [\"sqlite:a.db\"]}, us: {}}\n");
    fixture_write(f, "c.yaml", "targets: [\"sqlite:c.db\"]\n");
    fixture_write(f, ".hidden.yaml", "nonsense: 1\n");
    fixture_write(f, "notes.txt", "nonsense: 1\n");
    fixture_write(f, "sub/d.yaml", "nonsense: 1\n");
    const Fleet *fleet = fixture_load(f, NULL);
    cr_assert_not_null(fleet, "%s", f->text);
    expect_text(fixture_names(fleet), "c a b");
    const Target *a = fleet_find(fleet, "a"), *b = fleet_find(fleet, "b");
    cr_expect_eq(a->group, b->group);
    cr_expect_str_eq(label(a, "b"), "2");
    cr_expect_str_eq(label(b, "a"), "1");
    cr_expect_eq(b->settings.lock_wait_ms, 1000);
    cr_expect_eq(b->settings.per_host, 3);
    cr_expect_eq(b->group->concurrency, 5);
    cr_expect_eq(fleet_group_count(fleet), 2);
    g_autofree char *folder = g_canonicalize_filename(f->folder, NULL);
    cr_expect_str_eq(fleet_folder(fleet), folder);
}

Test(fleet_load, an_empty_inventory_is_an_empty_fleet)
{
    g_autoptr(FleetFixture) f = fixture_new();
    cr_expect_eq(fleet_length(fixture_good(f, "")), 0);
    cr_expect_eq(fleet_length(fixture_good(f, "targets:\ngroups:\ndefaults:\n")), 0);
    cr_expect_eq(fleet_length(fixture_good(f, "groups: {g: }\n")), 0);
    cr_expect_eq(fleet_group_count(f->fleet), 1);
}

Test(fleet_load, discovers_sqlite_files)
{
    g_autoptr(FleetFixture) f = fixture_new();
    static const char *const FILES[] = {"data/[x]/b.db",   "data/[x]/a.db",     "data/[x]/a.db-wal",
                                        "data/[x]/c d.db", "data/[x]/note.txt", "data/[x]/a.db.dbfleet-lock"};
    for (gsize i = 0; i < G_N_ELEMENTS(FILES); i++)
        fixture_write(f, FILES[i], "");
    g_autofree char *sub = g_build_filename(f->folder, "data/[x]/folder.db", NULL);
    g_mkdir_with_parents(sub, 0700);
    fixture_write(f, "data/[x]/inv.yaml",
                  "groups: {g: {labels: {k: v}, discover: [{sqlite: \"*.db*\", name: \"t-{name}\"}]}}\n");
    const Fleet *fleet = fixture_load(f, "data/[x]/inv.yaml");
    cr_assert_not_null(fleet, "%s", f->text);
    expect_text(fixture_names(fleet), "t-a t-b t-c_d");
    const Target *spaced = fleet_find(fleet, "t-c_d");
    g_autofree char *path = g_build_filename(f->folder, "data/[x]/c d.db", NULL);
    cr_expect_str_eq(spaced->url->database, path);
    cr_expect_str_eq(label(spaced, "k"), "v");
    cr_expect_str_eq(spaced->group->name, "g");
}

Test(fleet_load, discovery_names_files_by_their_basename)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "data/acme.v2.db", "");
    fixture_write(f, "data/{1..2}.db", "");
    expect_text(fixture_names(fixture_good(f, "discover: [{sqlite: \"data/*.db\"}]\n")), "acme.v2 _1..2_");
    fixture_good(f, "discover: [{sqlite: \"data/*.none\"}]\n");
    expect_holds(f->text, "inv.yaml:1:21: warning: no file matches");
}

/* --- URLs --- */

Test(fleet_load, password_references_leave_the_url)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        fixture_good(f, "groups:\n"
                        "  g:\n"
                        "    password: ${env:GROUP_PW}\n"
                        "    targets:\n"
                        "      - {name: a, url: \"postgresql://u:${file:/run/pw}@h/a\"}\n"
                        "      - {name: b, url: \"postgresql://u@h/b\"}\n"
                        "      - {name: c, url: \"postgresql://u@h/c\", password: \"${cmd:pw c}\"}\n"
                        "      - {name: d, url: \"sqlite:d.db\"}\n");
    static const char *const EXPECTED[] = {"${file:/run/pw}", "${env:GROUP_PW}", "${cmd:pw c}", NULL};
    for (unsigned i = 0; i < fleet_length(fleet); i++) {
        const Target *target = fleet_at(fleet, i);
        cr_expect_eq(g_strcmp0(target->password_reference, EXPECTED[i]), 0, "%s: %s", target->name,
                     target->password_reference);
        cr_expect_null(target->url->password);
    }
    cr_expect_str_eq(f->text, "");
}

Test(fleet_load, literal_passwords_work_and_draw_one_warning_each)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        fixture_good(f, "groups:\n"
                        "  g:\n"
                        "    password: canary1\n"
                        "    targets:\n"
                        "      - {name: \"a{1..9}\", url: \"postgresql://u:canary2@h/a{1..9}\"}\n"
                        "      - {name: b, url: \"postgresql://u@h/b\"}\n");
    cr_expect_str_eq(fleet_find(fleet, "a3")->url->password, "canary2");
    cr_expect_str_eq(fleet_find(fleet, "b")->url->password, "canary1");
    cr_expect_null(fleet_find(fleet, "b")->password_reference);
    cr_expect_eq(diagnostics_count(f->problems, DIAGNOSTIC_WARNING), 2, "%s", f->text);
    expect_holds(f->text, "inv.yaml:3:15: warning: this password can be read");
    expect_holds(f->text, "inv.yaml:5:32: warning: this password can be read");
    cr_expect_null(strstr(f->text, "canary"));
}

Test(fleet_load, references_in_a_url_are_resolved_but_the_password)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_setenv("INV_TEST_USER", "mig", TRUE);
    g_setenv("INV_TEST_HOST", "db9", TRUE);
    g_setenv("INV_TEST_URL", "postgresql://who:${env:NO}@db8/whole", TRUE);
    fixture_write(f, "host.txt", "db7\n");
    const Fleet *fleet = fixture_good(
        f, "targets:\n"
           "  - {name: a, url: \"postgresql://${env:INV_TEST_USER}:${env:PW}@${env:INV_TEST_HOST}/a\"}\n"
           "  - {name: b, url: \"${env:INV_TEST_URL}\"}\n"
           "  - {name: c, url: \"postgresql://u@${file:host.txt}/c\"}\n");
    const Target *a = fleet_find(fleet, "a"), *b = fleet_find(fleet, "b"), *c = fleet_find(fleet, "c");
    cr_expect_str_eq(a->url->user, "mig");
    cr_expect_str_eq(a->endpoint, "postgresql://db9:5432/a");
    cr_expect_str_eq(a->password_reference, "${env:PW}");
    cr_expect_str_eq(b->endpoint, "postgresql://db8:5432/whole");
    cr_expect_str_eq(b->url->password, "${env:NO}"); /* a value is no text to read references in */
    cr_expect_null(b->password_reference);
    cr_expect_str_eq(c->endpoint, "postgresql://db7:5432/c");
    cr_expect_str_eq(f->text, "");
}

Test(fleet_load, a_missing_url_reference_is_an_error_unless_allowed)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const char *text =
        "targets: [{name: a, url: \"${env:INV_TEST_NONE}\"}, {name: b, url: \"sqlite:b.db\"}]\n";
    expect_holds(fixture_bad(f, text),
                 "inv.yaml:1:26: error: ${env:INV_TEST_NONE}: the environment variable INV_TEST_NONE "
                 "is not set");
    f->options.allow_missing_environment = true;
    expect_text(fixture_names(fixture_good(f, text)), "b");
    expect_holds(f->text, "warning: this target is not checked");
}

Test(fleet_load, a_url_of_its_own_is_a_fleet)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Fleet) fleet = fleet_from_url("postgresql://u:canary@h/my shop", NULL, problems);
    g_autoptr(Fleet) file = fleet_from_url("sqlite:data/x.db", NULL, problems);
    cr_assert(fleet != NULL && file != NULL);
    cr_expect_eq(fleet_length(fleet), 1);
    cr_expect_str_eq(fleet_at(fleet, 0)->name, "my_shop");
    cr_expect_str_eq(fleet_at(fleet, 0)->url->password, "canary");
    cr_expect_str_eq(fleet_at(file, 0)->name, "x");
    cr_expect(g_path_is_absolute(fleet_at(file, 0)->url->database));
    cr_expect_eq(diagnostics_count(problems, DIAGNOSTIC_WARNING), 0);
    cr_expect_null(fleet_from_url("nonsense", NULL, problems));
    cr_expect(diagnostics_has_errors(problems));
}

Test(fleet_load, a_url_of_its_own_may_be_of_any_track)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    const FleetOptions options = {.url_track = "audit"};
    g_autoptr(Fleet) fleet = fleet_from_url("sqlite:x.db", &options, problems);
    cr_expect_str_eq(fleet_at(fleet, 0)->track, "audit");
}

Test(fleet_load, ten_thousand_targets_take_no_time)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(GString) text = g_string_new("targets:\n");
    for (unsigned i = 0; i < 10000; i++)
        g_string_append_printf(text, "  - {name: t-%u, url: \"postgresql://m@db%u/t_%u\", labels: {n: %u}}\n",
                               i, i % 9, i, i);
    fixture_write(f, "inv.yaml", text->str);
    gint64 start = g_get_monotonic_time();
    const Fleet *fleet = fixture_load(f, "inv.yaml");
    gint64 elapsed = g_get_monotonic_time() - start;
    cr_assert_not_null(fleet, "%s", f->text);
    cr_expect_eq(fleet_length(fleet), 10000);
    cr_expect_lt(elapsed, 60 * G_USEC_PER_SEC, "%" G_GINT64_FORMAT " us",
                 elapsed); /* 0.3 s without sanitizers */
}

Test(fleet_load, files_tell_whether_loading_again_would_make_the_same_fleet)
{
    static const char one[] = "targets: [{name: a, url: \"sqlite:a.db\"}]\n";
    static const struct {
        const char *before, *after;
        bool same;
    } rows[] = {
        {one, one, true},
        {one, "targets: [{name: b, url: \"sqlite:a.db\"}]\n", false},
        {one, NULL, false},
        {"targets: [{name: a, url: \"sqlite:a.db\"}]\ndiscover: []\n", "=", false},
        {"targets: [{name: a, url: \"postgresql://${env:HOME}@h/a\"}]\n", "=", false},
        {"targets: [{name: a, url: \"sqlite:a.db\", quarantine: {until: 2030-01-01, reason: x}}]\n", "=",
         false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FleetFixture) f = fixture_new();
        g_autofree char *folder = g_build_filename(f->folder, "inv", NULL);
        g_autofree char *file = g_build_filename(folder, "a.yaml", NULL);
        fixture_write(f, "inv/a.yaml", rows[i].before);
        const Fleet *fleet = fixture_load(f, "inv");
        if (rows[i].after == NULL)
            g_remove(file);
        else if (!g_str_equal(rows[i].after, "="))
            fixture_write(f, "inv/a.yaml", rows[i].after);
        cr_assert(fleet != NULL, "%s", f->text);
        cr_expect_eq(fleet_is_as_written(fleet, folder), rows[i].same, "row %zu", i);
        fixture_write(f, "inv/b.yaml", "targets: []\n");
        cr_expect_not(fleet_is_as_written(fleet, folder), "another file, row %zu", i);
    }
}

Test(fleet_load, examples_load)
{
    g_autofree char *folder = g_build_filename(TEST_DATA, "..", "inventory", "examples", NULL);
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    cr_assert_not_null(entries);
    unsigned loaded = 0;
    for (const char *name = g_dir_read_name(entries); name != NULL; name = g_dir_read_name(entries)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (!g_str_has_suffix(name, ".yaml") && !g_file_test(path, G_FILE_TEST_IS_DIR))
            continue;
        g_autoptr(Diagnostics) problems = diagnostics_new();
        g_autoptr(Fleet) fleet = fleet_load(path, NULL, problems);
        g_autofree char *text = diagnostics_to_string(problems);
        cr_expect(fleet != NULL && fleet_length(fleet) > 0, "%s", text);
        loaded++;
    }
    cr_expect_geq(loaded, 3);
}
