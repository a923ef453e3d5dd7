/* The mapping `backup:`: what it says by itself, and merged over levels. */
#include "fleet_fixture.h"

static const BackupSettings *backup_of(const Fleet *fleet, const char *name)
{
    const Target *target = fleet_find(fleet, name);
    cr_assert_not_null(target, "%s", name);
    return &target->settings.backup;
}

TestSuite(backup_settings);

Test(backup_settings, nothing_said_is_none)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, "targets: [{name: a, url: \"sqlite:a.db\"}]\n");
    g_autofree char *folder = g_build_filename(f->folder, "backups", NULL);

    cr_expect_not(backup_settings_wanted(backup_of(fleet, "a")));
    cr_expect_str_eq(backup_of(fleet, "a")->folder, folder);
    cr_expect_eq(backup_of(fleet, "a")->timeout_ms, 60 * 60 * 1000);
}

Test(backup_settings, a_mapping_without_a_method_means_auto_or_its_command)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        fixture_good(f, "targets:\n"
                        "  - {name: a, url: \"sqlite:a.db\", backup: {retention: 7}}\n"
                        "  - {name: b, url: \"sqlite:b.db\", backup: {command: [tar, \"{file}\"]}}\n"
                        "  - {name: c, url: \"sqlite:c.db\", backup: {}}\n");

    cr_expect_eq(backup_of(fleet, "a")->method, BACKUP_AUTO);
    cr_expect_eq(backup_of(fleet, "a")->keep_count, 7);
    cr_expect_eq(backup_of(fleet, "b")->method, BACKUP_COMMAND);
    cr_expect_str_eq(backup_of(fleet, "b")->command[0], "tar");
    cr_expect_str_eq(backup_of(fleet, "b")->command[1], "{file}");
    cr_expect_null(backup_of(fleet, "b")->command[2]);
    cr_expect_eq(backup_of(fleet, "c")->method, BACKUP_AUTO);
}

Test(backup_settings, keys_are_merged_and_the_nearest_wins)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(
        f, "defaults: {backup: {folder: kept, retention: 14d, command: [x]}}\n"
           "groups:\n"
           "  g:\n"
           "    backup: {method: auto, timeout: 2min}\n"
           "    targets:\n"
           "      - {name: a, url: \"sqlite:a.db\"}\n"
           "      - {name: b, url: \"sqlite:b.db\", backup: {method: none}}\n"
           "      - {name: c, url: \"sqlite:c.db\", backup: {method: command, retention: 3, folder: /c}}\n"
           "  off:\n"
           "    backup: {method: none}\n"
           "    targets: [{name: d, url: \"sqlite:d.db\", backup: {retention: 1}}]\n");
    g_autofree char *folder = g_build_filename(f->folder, "kept", NULL);

    cr_expect_eq(backup_of(fleet, "a")->method, BACKUP_AUTO);
    cr_expect_str_eq(backup_of(fleet, "a")->folder, folder);
    cr_expect_eq(backup_of(fleet, "a")->keep_ms, G_GINT64_CONSTANT(14) * 24 * 60 * 60 * 1000);
    cr_expect_eq(backup_of(fleet, "a")->timeout_ms, 2 * 60 * 1000);
    cr_expect_eq(backup_of(fleet, "b")->method, BACKUP_NONE);
    cr_expect_eq(backup_of(fleet, "c")->method, BACKUP_COMMAND);
    cr_expect_str_eq(backup_of(fleet, "c")->command[0], "x");
    cr_expect_str_eq(backup_of(fleet, "c")->folder, "/c");
    cr_expect_eq(backup_of(fleet, "c")->keep_count, 3);
    cr_expect_eq(backup_of(fleet, "c")->keep_ms, 0);
    cr_expect_eq(backup_of(fleet, "d")->method, BACKUP_NONE, "a retention alone does not undo a none");
}

Test(backup_settings, are_shown_in_one_line)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        fixture_good(f, "defaults: {backup: {folder: /kept, retention: 7, command: [tar, \"{file}\"]}}\n"
                        "targets: [{name: a, url: \"sqlite:a.db\"}]\n");
    g_autoptr(GPtrArray) rows = fleet_target_origins(fleet, fleet_at(fleet, 0));
    const char *shown = NULL;
    for (guint i = 0; i < rows->len; i++)
        if (g_str_equal(((const TargetOrigin *)rows->pdata[i])->key, "backup"))
            shown = ((const TargetOrigin *)rows->pdata[i])->value;
    cr_assert_not_null(shown);
    cr_expect_str_eq(shown, "command tar {file}, into /kept, keeps 7, at most 3600 s");
}
