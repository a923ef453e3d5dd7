/* Origins: every value of a target with the place it comes from, and no secret. */
#include "fleet_fixture.h"

/* "value @ level line:column", or "-" if there is no such row. */
static char *origin(const Fleet *fleet, const char *target, const char *key)
{
    g_autoptr(GPtrArray) rows = fleet_target_origins(fleet, fleet_find(fleet, target));
    for (guint i = 0; i < rows->len; i++) {
        const TargetOrigin *row = g_ptr_array_index(rows, i);
        if (g_str_equal(row->key, key))
            return g_strdup_printf("%s @ %s %u:%u", row->value, row->level, row->place.line,
                                   row->place.column);
    }
    return g_strdup("-");
}

Test(fleet_origins, names_level_and_place)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(
        f, "defaults: {lock_wait: 90s, vars: {a: 1, b: 2}, user: mig, retry: {total: 1h, attempts: 9}}\n"
           "groups:\n"
           "  eu:\n"
           "    per_host: 4\n"
           "    vars: {b: 3, s: \"${env:S}\", t: \"${cmd:get canary}\"}\n"
           "    password: ${file:/run/pw}\n"
           "    groups:\n"
           "      beta:\n"
           "        transaction: target\n"
           "        retry: {attempts: 1}\n"
           "        targets:\n"
           "          - {name: \"x{1..2}\", url: \"postgresql://h/x{1..2}\", schema: \"s{1..2}\",\n"
           "             labels: {k: v}}\n");
    expect_text(origin(fleet, "x2", "name"), "x2 @ target 12:20");
    expect_text(origin(fleet, "x2", "group"), "beta @ group beta 8:7");
    expect_text(origin(fleet, "x2", "url"), "postgresql://mig@h/x2 @ target 12:36");
    expect_text(origin(fleet, "x2", "schema"), "s2 @ target 12:70");
    expect_text(origin(fleet, "x2", "user"), "mig @ defaults 1:54");
    expect_text(origin(fleet, "x2", "password"), "*** from ${file:/run/pw} @ group eu 6:15");
    expect_text(origin(fleet, "x2", "lock_wait"), "90s @ defaults 1:23");
    expect_text(origin(fleet, "x2", "per_host"), "4 @ group eu 4:15");
    expect_text(origin(fleet, "x2", "transaction"), "target @ group beta 9:22");
    expect_text(origin(fleet, "x2", "statement_timeout"), "15min @ built-in 0:0");
    expect_text(origin(fleet, "x2", "retry.attempts"), "1 @ group beta 10:27");
    expect_text(origin(fleet, "x2", "retry.total"), "1h @ defaults 1:74");
    expect_text(origin(fleet, "x2", "retry.initial"), "500ms @ built-in 0:0");
    expect_text(origin(fleet, "x2", "labels.k"), "v @ target 13:26");
    expect_text(origin(fleet, "x2", "vars.a"), "1 @ defaults 1:38");
    expect_text(origin(fleet, "x2", "vars.b"), "3 @ group eu 5:15");
    expect_text(origin(fleet, "x2", "vars.s"), "*** from ${env:S} @ group eu 5:21");
    expect_text(origin(fleet, "x2", "vars.t"), "*** from ${cmd:…} @ group eu 5:36");
    expect_text(origin(fleet, "x2", "track"), "default @ built-in 0:0");
    expect_text(origin(fleet, "x2", "state"), "active @ built-in 0:0");
}

Test(fleet_origins, hides_passwords_of_the_url)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, "defaults: {user: u, password: \"${env:P}\"}\n"
                                         "targets:\n"
                                         "  - {name: a, url: \"postgresql://me:canary@h/a\"}\n"
                                         "  - {name: b, url: \"postgresql://me:${env:Q}@h/b\"}\n"
                                         "  - {name: c, url: \"postgresql://h/c\", password: canary}\n"
                                         "  - sqlite:d.db\n");
    expect_text(origin(fleet, "a", "password"), "*** @ url 3:20");
    expect_text(origin(fleet, "a", "url"), "postgresql://me:***@h/a @ target 3:20");
    expect_text(origin(fleet, "a", "user"), "-");
    expect_text(origin(fleet, "b", "password"), "*** from ${env:Q} @ url 4:20");
    expect_text(origin(fleet, "c", "password"), "*** @ target 5:50");
    expect_text(origin(fleet, "d", "password"), "-");
    expect_text(origin(fleet, "d", "user"), "-");
}

Test(fleet_origins, life_is_told_by_the_nearer_of_its_two_keys)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, "defaults: {quarantine: {until: 2027-01-01, reason: audit}}\n"
                                         "targets:\n"
                                         "  - {name: a, url: \"sqlite:a.db\"}\n"
                                         "  - {name: b, url: \"sqlite:b.db\", state: active}\n");
    expect_text(origin(fleet, "a", "state"), "quarantined until 2027-01-01: audit @ defaults 1:24");
    expect_text(origin(fleet, "b", "state"), "active @ target 4:42");
}

Test(fleet_origins, works_over_the_files_of_a_folder)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "a.yaml", "groups: {eu: {targets: [\"sqlite:a.db\"]}}\n");
    fixture_write(f, "b.yaml", "groups: {eu: {per_host: 3, labels: {x: y}}}\n");
    const Fleet *fleet = fixture_load(f, NULL);
    g_autoptr(GPtrArray) rows = fleet_target_origins(fleet, fleet_at(fleet, 0));
    for (guint i = 0; i < rows->len; i++) {
        const TargetOrigin *row = g_ptr_array_index(rows, i);
        if (g_str_equal(row->key, "per_host") || g_str_equal(row->key, "labels.x"))
            cr_expect(g_str_has_suffix(row->place.file, "b.yaml"));
    }
    expect_text(origin(fleet, "a", "per_host"), "3 @ group eu 1:25");
}

Test(fleet_origins, works_for_a_url_and_for_discovered_files)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Fleet) fleet = fleet_from_url("postgresql://u:canary@h/shop", NULL, problems);
    expect_text(origin(fleet, "shop", "url"), "postgresql://u:***@h/shop @ command line 0:0");
    expect_text(origin(fleet, "shop", "lock_wait"), "30s @ built-in 0:0");
    fixture_write(f, "x.db", "");
    expect_text(origin(fixture_good(f, "discover: [{sqlite: \"*.db\"}]\n"), "x", "name"), "x @ target 1:12");
}
