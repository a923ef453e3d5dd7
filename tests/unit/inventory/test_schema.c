/* The JSON Schemas in docs/ against the loaders: the same keys, the same defaults, and one verdict on a
 * corpus of files. A bad file says in its first line whether a schema can see what is wrong with it. */
#include "fleet_fixture.h"
#include "json_schema.h"

#include "inventory/fleet_internal.h"
#include "inventory/project_internal.h"
#include "inventory/project_notify.h"

static json_t *load_schema(const char *name)
{
    g_autofree char *path = g_build_filename(TEST_DATA, "..", "docs", name, NULL);
    json_error_t error;
    json_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(schema, "%s:%d: %s", path, error.line, error.text);
    return schema;
}

/* The properties of a definition are exactly these names. */
static void expect_properties(const json_t *object, const char *what, const char *const *names)
{
    const json_t *properties = json_object_get(object, "properties");
    const char *key;
    json_t *value;
    cr_assert_not_null(properties, "%s", what);
    cr_expect(json_is_false(json_object_get(object, "additionalProperties")), "%s takes any key", what);
    json_object_foreach((json_t *)properties, key, value)
        cr_expect(g_strv_contains(names, key), "the schema has %s in %s, the loader has not", key, what);
    for (gsize i = 0; names[i] != NULL; i++)
        cr_expect_not_null(json_object_get(properties, names[i]),
                           "the loader has %s in %s, the schema has not", names[i], what);
}

Test(schema, inventory_has_the_keys_of_the_loader)
{
    static const struct {
        const char *definition;
        InventoryLevel level;
    } MAPPINGS[] = {{"defaults", LEVEL_DEFAULTS},  {"group", LEVEL_GROUP},
                    {"discovery", LEVEL_DISCOVER}, {"quarantine", LEVEL_QUARANTINE},
                    {"retry", LEVEL_RETRY},        {"backup", LEVEL_BACKUP},
                    {"discovery.sql", LEVEL_SQL},  {"discovery.schemas", LEVEL_SCHEMAS},
                    {"discovery.http", LEVEL_HTTP}};
    json_t *schema = load_schema("inventory.schema.json");
    const json_t *definitions = json_object_get(schema, "definitions");
    for (gsize i = 0; i < G_N_ELEMENTS(MAPPINGS); i++) {
        g_autofree const char **names = inventory_key_names(MAPPINGS[i].level);
        expect_properties(json_object_get(definitions, MAPPINGS[i].definition), MAPPINGS[i].definition,
                          names);
    }
    g_autofree const char **file = inventory_key_names(LEVEL_FILE),
                          **target = inventory_key_names(LEVEL_TARGET);
    expect_properties(schema, "the file", file);
    expect_properties(json_array_get(json_object_get(json_object_get(definitions, "target"), "anyOf"), 1),
                      "a target", target);
    json_decref(schema);
}

/* The names of the keys of a mapping that this version reads. Caller frees the array. */
static const char **supported_keys(const ProjectMapping *mapping)
{
    GPtrArray *names = g_ptr_array_new();
    for (const ProjectKey *key = mapping->keys; key->name != NULL; key++)
        if (key->read != NULL)
            g_ptr_array_add(names, (gpointer)key->name);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

Test(schema, project_has_the_keys_of_the_loader)
{
    json_t *schema = load_schema("dbfleet.schema.json");
    const json_t *definitions = json_object_get(schema, "definitions");
    g_autofree const char **file = supported_keys(project_mapping(PROJECT_FILE));
    g_autofree const char **dev = supported_keys(project_mapping(PROJECT_DEV));
    g_autofree const char **rollout = rollout_key_names(ROLLOUT_POLICY);
    expect_properties(schema, "dbfleet.yaml", file);
    expect_properties(json_object_get(definitions, "dev"), "dev", dev);
    g_autofree const char **lint = supported_keys(project_mapping(PROJECT_LINT));
    expect_properties(json_object_get(definitions, "rollout"), "rollout", rollout);
    g_autofree const char **wave = rollout_key_names(ROLLOUT_WAVE);
    g_autofree const char **gate = rollout_key_names(ROLLOUT_GATE);
    expect_properties(json_array_get(json_object_get(json_object_get(definitions, "wave"), "oneOf"), 1),
                      "a wave", wave);
    expect_properties(json_object_get(definitions, "gate"), "a gate", gate);
    expect_properties(json_object_get(definitions, "throttle"), "a throttle", gate);
    expect_properties(json_object_get(definitions, "lint"), "lint", lint);
    g_autofree const char **notification = notify_key_names();
    expect_properties(json_object_get(definitions, "notification"), "a notification", notification);
    expect_properties(json_object_get(definitions, "track"), "a track", TRACK_KEYS);
    json_decref(schema);
}

Test(schema, inventory_has_the_built_in_values)
{
    g_autoptr(FleetFixture) f = fixture_new();
    json_t *schema = load_schema("inventory.schema.json");
    const json_t *definitions = json_object_get(schema, "definitions");
    const Fleet *fleet = fixture_good(f, "targets: [\"sqlite:a.db\"]\n");
    g_autoptr(GPtrArray) rows = fleet_target_origins(fleet, fleet_at(fleet, 0));
    unsigned compared = 0;
    for (guint i = 0; i < rows->len; i++) {
        const TargetOrigin *row = g_ptr_array_index(rows, i);
        const json_t *value = json_object_get(json_object_get(definitions, row->key), "default");
        if (!g_str_equal(row->level, "built-in") || g_str_equal(row->value, "no limit"))
            continue;
        g_autofree char *number = json_is_integer(value)
                                      ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value))
                                      : NULL;
        const char *text = number                  ? number
                           : json_is_string(value) ? json_string_value(value)
                           : json_is_true(value)   ? "true"
                                                   : "false";
        cr_expect(value != NULL && g_str_equal(text, row->value), "the default of %s is %s", row->key,
                  row->value);
        compared++;
    }
    cr_expect_geq(compared, 15);
    json_decref(schema);
}

/* --- corpus --- */

static bool inventory_loads(const char *path, Diagnostics *problems)
{
    static const char *const SCHEMES[] = {"postgresql", "postgres", "mysql", "mariadb", "sqlite", NULL};
    const FleetOptions options = {.schemes = SCHEMES};
    g_autoptr(Fleet) fleet = fleet_load(path, &options, problems);
    return fleet != NULL;
}

static bool project_loads(const char *path, Diagnostics *problems)
{
    g_autoptr(Project) project = project_load(path, "/", problems);
    return project != NULL;
}

static void check_file(const char *path, bool good, const json_t *schema,
                       bool (*loads)(const char *, Diagnostics *))
{
    g_autoptr(Diagnostics) problems = diagnostics_new(), syntax = diagnostics_new();
    g_autofree char *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    bool loaded = loads(path, problems);
    g_autofree char *reasons = diagnostics_to_string(problems);
    cr_expect_eq(loaded, good, "%s: the loader says %s", path, loaded ? "good" : reasons);
    g_autoptr(YamlTree) tree = yaml_tree_load(path, syntax);
    cr_assert_not_null(tree, "%s is no YAML", path);
    bool refuses = g_str_has_prefix(text, "# schema: refuses\n"),
         accepts = g_str_has_prefix(text, "# schema: accepts\n");
    cr_expect(good || refuses || accepts, "%s does not begin with '# schema: refuses' or 'accepts'", path);
    json_t *value = json_from_yaml(yaml_tree_root(tree));
    cr_expect_eq(schema_accepts(schema, schema, value), good || accepts, "%s: the schema thinks otherwise",
                 path);
    json_decref(value);
}

static void check_corpus(const char *format, bool good, bool (*loads)(const char *, Diagnostics *),
                         unsigned at_least)
{
    g_autofree char *schema_name = g_strdup_printf("%s.schema.json", format);
    g_autofree char *folder =
        g_build_filename(TEST_DATA, "unit/inventory/corpus", format, good ? "good" : "bad", NULL);
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    json_t *schema = load_schema(schema_name);
    unsigned count = 0;
    cr_assert_not_null(entries, "%s", folder);
    for (const char *name = g_dir_read_name(entries); name != NULL;
         name = g_dir_read_name(entries), count++) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        check_file(path, good, schema, loads);
    }
    cr_expect_geq(count, at_least);
    json_decref(schema);
}

Test(schema, good_inventories_are_good_to_both)
{
    check_corpus("inventory", true, inventory_loads, 4);
}

Test(schema, bad_inventories_are_refused)
{
    check_corpus("inventory", false, inventory_loads, 40);
}

Test(schema, good_projects_are_good_to_both)
{
    check_corpus("dbfleet", true, project_loads, 3);
}

Test(schema, bad_projects_are_refused)
{
    check_corpus("dbfleet", false, project_loads, 15);
}
