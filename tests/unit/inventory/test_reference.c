/* The reference pages: every example in them loads, and the example of inheritance says what is true. */
#include "fleet_fixture.h"

#include "inventory/fleet_internal.h"
#include "inventory/project.h"

/* Calls `use` for each block of YAML on a page whose first line begins with one of the words; returns their
 * number. */
static unsigned each_example(const char *page, const char *const *words,
                             void (*use)(FleetFixture *, const char *))
{
    g_autofree char *path = g_build_filename(TEST_DATA, "..", "docs", "reference", page, NULL), *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    g_auto(GStrv) parts = g_strsplit(text, "```", -1);
    unsigned count = 0;
    for (gsize i = 1; parts[i] != NULL; i += 2) {
        if (!g_str_has_prefix(parts[i], "yaml\n"))
            continue;
        const char *block = parts[i] + strlen("yaml\n");
        for (gsize w = 0; words[w] != NULL; w++)
            if (g_str_has_prefix(block, words[w])) {
                g_autoptr(FleetFixture) f = fixture_new();
                use(f, block);
                count++;
            }
    }
    return count;
}

static void use_inventory(FleetFixture *f, const char *text)
{
    cr_expect_gt(fleet_length(fixture_good(f, text)), 0);
    cr_expect_str_eq(f->text, "");
}

static void use_project(FleetFixture *f, const char *text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    fixture_write(f, "dbfleet.yaml", text);
    g_autoptr(Project) project = project_load(NULL, f->folder, problems);
    g_autofree char *reasons = diagnostics_to_string(problems);
    cr_expect(project != NULL && *reasons == '\0', "%s", reasons);
}

static void use_inheritance(FleetFixture *f, const char *text)
{
    if (strstr(text, "eu-paid") == NULL)
        return;
    const Fleet *fleet = fixture_good(f, text);
    const Target *small = fleet_find(fleet, "small"), *big = fleet_find(fleet, "big");
    cr_expect_eq(small->settings.lock_timeout_ms, 10000);
    cr_expect_eq(big->settings.lock_timeout_ms, 2000);
    cr_expect_eq(big->settings.lock_wait_ms, 30000);
    static const char *const LABELS[][3] = {{"tier", "standard", "paid"}, {"region", "eu", "eu"}},
                             *const VARS[][3] = {{"currency", "EUR", "CHF"}, {"plan", "basic", "gold"}};
    for (gsize i = 0; i < 2; i++) {
        cr_expect_str_eq(g_hash_table_lookup(small->labels, LABELS[i][0]), LABELS[i][1]);
        cr_expect_str_eq(g_hash_table_lookup(big->labels, LABELS[i][0]), LABELS[i][2]);
        cr_expect_str_eq(g_hash_table_lookup(small->vars, VARS[i][0]), VARS[i][1]);
        cr_expect_str_eq(g_hash_table_lookup(big->vars, VARS[i][0]), VARS[i][2]);
    }
    cr_expect_eq(g_hash_table_size(big->labels), 2);
    cr_expect_eq(g_hash_table_size(big->vars), 2);
}

static const char *const INVENTORY_STARTS[] = {"defaults:", "groups:", "targets:", NULL};

Test(reference, inventories_load)
{
    cr_expect_eq(each_example("inventory.md", INVENTORY_STARTS, use_inventory), 3);
}

Test(reference, inheritance_is_as_told)
{
    cr_expect_eq(each_example("inventory.md", INVENTORY_STARTS, use_inheritance), 3);
}

Test(reference, projects_load)
{
    static const char *const STARTS[] = {"version:", NULL};
    cr_expect_eq(each_example("dbfleet-yaml.md", STARTS, use_project), 1);
}

/* Every key of the tables of keys is on the page. */
Test(reference, every_key_is_described)
{
    g_autofree char *path = g_build_filename(TEST_DATA, "..", "docs", "reference", "inventory.md", NULL),
                    *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    unsigned count = 0;
    const InventoryKey *keys = inventory_keys(&count);
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *row = g_strdup_printf("| `%s` |", keys[i].name);
        bool in_text =
            keys[i].levels == LEVEL_QUARANTINE || keys[i].levels == LEVEL_FOUND; /* in a sentence */
        cr_expect(in_text || strstr(text, row) != NULL, "no row for %s", keys[i].name);
    }
}
