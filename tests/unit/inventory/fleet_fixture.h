/* What the tests of fleets share: a folder of their own with inventory files, and the fleet or the problems
 * made of it. */
#pragma once

#include "inventory/fleet.h"
#include "inventory/selector.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

typedef struct FleetFixture {
    char *folder;
    Diagnostics *problems;
    FleetOptions options;
    Fleet *fleet; /* of the last load */
    char *text;   /* the problems of the last load */
} FleetFixture;

G_GNUC_UNUSED static FleetFixture *fixture_new(void)
{
    FleetFixture *self = g_new0(FleetFixture, 1);
    self->folder = g_dir_make_tmp("dbfleet-inventory-XXXXXX", NULL);
    self->options.now_unix_us = G_GINT64_CONSTANT(1795000000000000); /* 2026-11-18 */
    return self;
}

static void fixture_remove(const char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
        GDir *folder = g_dir_open(path, 0, NULL);
        for (const char *name = g_dir_read_name(folder); name != NULL; name = g_dir_read_name(folder)) {
            g_autofree char *inside = g_build_filename(path, name, NULL);
            fixture_remove(inside);
        }
        g_dir_close(folder);
    }
    g_remove(path);
}

G_GNUC_UNUSED static void fixture_free(FleetFixture *self)
{
    fixture_remove(self->folder);
    fleet_free(self->fleet);
    diagnostics_free(self->problems);
    g_free(self->folder);
    g_free(self->text);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FleetFixture, fixture_free)

/* Writes FOLDER/name, with the folders above it. */
G_GNUC_UNUSED static void fixture_write(const FleetFixture *self, const char *name, const char *content)
{
    g_autofree char *path = g_build_filename(self->folder, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_mkdir_with_parents(folder, 0700);
    cr_assert(g_file_set_contents(path, content, -1, NULL));
}

/* Loads FOLDER/name (NULL: the folder). The problems' text is kept with the folder's name left out. */
G_GNUC_UNUSED static const Fleet *fixture_load(FleetFixture *self, const char *name)
{
    g_autofree char *path = g_build_filename(self->folder, name, NULL);
    g_clear_pointer(&self->fleet, fleet_free);
    g_clear_pointer(&self->problems, diagnostics_free);
    g_free(self->text);
    self->problems = diagnostics_new();
    self->fleet = fleet_load(path, &self->options, self->problems);
    g_autofree char *text = diagnostics_to_string(self->problems);
    g_autofree char *prefix = g_strdup_printf("%s/", self->folder);
    g_auto(GStrv) parts = g_strsplit(text, prefix, -1);
    self->text = g_strjoinv("", parts);
    return self->fleet;
}

/* Loads a text as inv.yaml; it must be good. */
G_GNUC_UNUSED static const Fleet *fixture_good(FleetFixture *self, const char *content)
{
    fixture_write(self, "inv.yaml", content);
    const Fleet *fleet = fixture_load(self, "inv.yaml");
    cr_assert_not_null(fleet, "%s", self->text);
    return fleet;
}

/* The problems of a text that must not load. */
G_GNUC_UNUSED static const char *fixture_bad(FleetFixture *self, const char *content)
{
    fixture_write(self, "inv.yaml", content);
    cr_assert_null(fixture_load(self, "inv.yaml"), "this loads:\n%s", content);
    return self->text;
}

/* The names of targets, joined by blanks. */
G_GNUC_UNUSED static char *fixture_names(const Fleet *fleet)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (unsigned i = 0; i < fleet_length(fleet); i++)
        g_string_append_printf(names, "%s%s", i > 0 ? " " : "", fleet_at(fleet, i)->name);
    return g_string_free(g_steal_pointer(&names), FALSE);
}

#define expect_text(actual, expected)                                                                        \
    do {                                                                                                     \
        g_autofree char *actual_text = (actual);                                                             \
        cr_expect_str_eq(actual_text, (expected), "got '%s', wanted '%s'", actual_text, (expected));         \
    } while (0)

#define expect_holds(text, part)                                                                             \
    cr_expect(strstr((text), (part)) != NULL, "wanted\n  %s\nin\n%s", (part), (text))
