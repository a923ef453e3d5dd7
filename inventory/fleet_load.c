/* Loading an inventory: owns the way from files to scopes (root and groups, merged over the files of a
 * folder) and then hands each target item on. It refuses to stop at the first problem and connects to
 * nothing. The loading thread only. */
#include "inventory/discover_internal.h"

#include <string.h>

static const FleetOptions NO_OPTIONS = {0};

/* --- scopes --- */

static Scope *scope_new(Fleet *fleet, const Scope *parent, const char *name, SourcePlace place)
{
    Scope *self = g_new0(Scope, 1);
    self->parent = parent;
    self->mappings = g_ptr_array_new();
    self->group.name = fleet_intern(fleet, name);
    self->group.parent = parent == NULL || parent->group.name == NULL ? NULL : &parent->group;
    self->group.place = place;
    self->inherited = parent == NULL ? inherited_built_in() : inherited_copy(&parent->inherited);
    g_ptr_array_add(fleet->scopes, self);
    return self;
}

static bool has_kind(const YamlNode *node, YamlKind kind, const char *what, const char *wanted,
                     Diagnostics *problems)
{
    if (node == NULL || yaml_kind(node) == YAML_NULL)
        return false;
    if (yaml_kind(node) == kind)
        return true;
    diagnostics_error(problems, yaml_place(node), "%s must be %s, not %s", what, wanted,
                      yaml_kind_name(yaml_kind(node)));
    return false;
}

static void report_second_group(const Scope *known, const char *name, SourcePlace place,
                                Diagnostics *problems)
{
    g_autofree char *first = place_to_string(known->group.place);
    diagnostics_error(
        problems, place,
        "the group '%s' is defined twice: it stands at %s too, below another group; names of groups are "
        "unique in an inventory",
        name, first);
}

static void groups_collect(Loader *loader, const Scope *parent, const YamlNode *groups);

/* One entry of a `groups:` mapping. Another file of the folder may have begun the group. */
static void group_collect(Loader *loader, const Scope *parent, const YamlNode *groups, unsigned index)
{
    const char *name = yaml_key_at(groups, index);
    const YamlNode *mapping = yaml_at(groups, index);
    SourcePlace place = yaml_key_place_at(groups, index);
    if (!inventory_name_check(name, "group", place, loader->problems))
        return;
    Scope *scope = g_hash_table_lookup(loader->fleet->groups, name);
    bool same_file =
        scope != NULL && scope->mappings->len > 0 &&
        yaml_place(g_ptr_array_index(scope->mappings, scope->mappings->len - 1)).file == place.file;
    if (scope != NULL && (scope->parent != parent || same_file)) {
        report_second_group(scope, name, place, loader->problems);
        return;
    }
    if (scope == NULL) {
        scope = scope_new(loader->fleet, parent, name, place);
        g_hash_table_insert(loader->fleet->groups, scope->group.name, scope);
    }
    g_autofree char *what = g_strdup_printf("group '%s'", name);
    if (!has_kind(mapping, YAML_MAPPING, what, "a mapping", loader->problems))
        return;
    g_autofree const char **known = inventory_key_names(LEVEL_GROUP);
    yaml_check_keys(mapping, what, known, loader->problems);
    g_ptr_array_add(scope->mappings, (gpointer)mapping);
    groups_collect(loader, scope, yaml_get(mapping, "groups"));
}

static void groups_collect(Loader *loader, const Scope *parent, const YamlNode *groups)
{
    if (!has_kind(groups, YAML_MAPPING, "groups", "a mapping of names to groups", loader->problems))
        return;
    for (unsigned i = 0; i < yaml_length(groups); i++)
        group_collect(loader, parent, groups, i);
}

/* How many targets of the group may be at work at once: the one limit that is not inherited. */
static void read_concurrency(Scope *scope, Loader *loader)
{
    const YamlNode *first = NULL;
    for (guint i = 0; i < scope->mappings->len; i++) {
        const YamlNode *value = yaml_get(g_ptr_array_index(scope->mappings, i), "concurrency");
        unsigned before = scope->group.concurrency;
        if (value == NULL ||
            !yaml_as_unsigned(value, "concurrency", 1, 100000, &scope->group.concurrency, loader->problems))
            continue;
        if (first != NULL && before != scope->group.concurrency) {
            g_autofree char *place = place_to_string(yaml_place(first));
            diagnostics_error(loader->problems, yaml_place(value),
                              "group '%s' has another concurrency at %s: keep one of the two",
                              scope->group.name, place);
        }
        first = value;
    }
}

/* Parents stand before their children, so theirs is final. */
static void scope_inherit(Scope *scope, Loader *loader)
{
    bool root = scope->parent == NULL;
    if (!root) {
        inherited_clear(&scope->inherited);
        scope->inherited = inherited_copy(&scope->parent->inherited);
        read_concurrency(scope, loader);
    }
    g_autofree char *what = root ? g_strdup("defaults") : g_strdup_printf("group '%s'", scope->group.name);
    inherited_apply(&scope->inherited, (const YamlNode *const *)scope->mappings->pdata, scope->mappings->len,
                    root ? LEVEL_DEFAULTS : LEVEL_GROUP, what, loader);
}

/* --- targets --- */

static void list_read(Loader *loader, const Scope *scope, const YamlNode *mapping, const char *key,
                      void (*read_item)(Loader *, const Scope *, const YamlNode *))
{
    const YamlNode *list = yaml_get(mapping, key);
    if (!has_kind(list, YAML_SEQUENCE, key, "a list", loader->problems))
        return;
    for (unsigned i = 0; i < yaml_length(list); i++)
        read_item(loader, scope, yaml_at(list, i));
}

static void targets_read(Loader *loader, const Scope *scope, const YamlNode *mapping)
{
    list_read(loader, scope, mapping, "targets", targets_add_item);
    list_read(loader, scope, mapping, "discover", targets_discover);
}

/* --- files --- */

/* The version of the format, which need not be said. */
static void check_version(const YamlNode *root, Diagnostics *problems)
{
    const YamlNode *version = yaml_get(root, "version");
    const char *text = NULL;
    if (version != NULL && yaml_as_text(version, "version", &text, problems) && !g_str_equal(text, "1"))
        diagnostics_error(problems, yaml_place(version),
                          "version '%s' of an inventory is not known to this dbfleet, which reads version: 1",
                          text);
}

static void document_collect(Loader *loader, const YamlNode *root)
{
    if (!has_kind(root, YAML_MAPPING, "an inventory", "a mapping with groups or targets", loader->problems))
        return;
    g_autofree const char **known = inventory_key_names(LEVEL_FILE);
    yaml_check_keys(root, "the inventory", known, loader->problems);
    check_version(root, loader->problems);
    Scope *top = g_ptr_array_index(loader->fleet->scopes, 0);
    const YamlNode *defaults = yaml_get(root, "defaults");
    if (has_kind(defaults, YAML_MAPPING, "defaults", "a mapping", loader->problems)) {
        g_autofree const char **known_defaults = inventory_key_names(LEVEL_DEFAULTS);
        yaml_check_keys(defaults, "defaults", known_defaults, loader->problems);
        g_ptr_array_add(top->mappings, (gpointer)defaults);
    }
    groups_collect(loader, top, yaml_get(root, "groups"));
}

static void trees_to_targets(Loader *loader)
{
    Fleet *fleet = loader->fleet;
    scope_new(fleet, NULL, NULL, (SourcePlace){0});
    for (guint i = 0; i < fleet->trees->len; i++)
        document_collect(loader, yaml_tree_root(g_ptr_array_index(fleet->trees, i)));
    for (guint i = 0; i < fleet->scopes->len; i++)
        scope_inherit(g_ptr_array_index(fleet->scopes, i), loader);
    const Scope *top = g_ptr_array_index(fleet->scopes, 0);
    for (guint i = 0; i < fleet->trees->len; i++)
        targets_read(loader, top, yaml_tree_root(g_ptr_array_index(fleet->trees, i)));
    for (guint i = 1; i < fleet->scopes->len; i++) {
        const Scope *scope = g_ptr_array_index(fleet->scopes, i);
        for (guint m = 0; m < scope->mappings->len; m++)
            targets_read(loader, scope, g_ptr_array_index(scope->mappings, m));
    }
}

/* Only once what is written is right: nothing is asked for an inventory that will not load. */
static void ask_sources(Loader *loader, unsigned errors_before)
{
    if (diagnostics_count(loader->problems, DIAGNOSTIC_ERROR) == errors_before)
        targets_ask_sources(loader);
}

static bool is_inventory_file(const char *name)
{
    return name[0] != '.' && (g_str_has_suffix(name, ".yaml") || g_str_has_suffix(name, ".yml"));
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The inventory files of a folder, sorted; NULL and an error when it cannot be read or has none. */
static GPtrArray *folder_files(const char *path, Diagnostics *problems)
{
    SourcePlace whole = {.file = path};
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &error);
    if (folder == NULL) {
        diagnostics_error(problems, whole, "%s", error->message);
        return NULL;
    }
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = g_dir_read_name(folder); name != NULL; name = g_dir_read_name(folder))
        if (is_inventory_file(name))
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
    g_ptr_array_sort(files, compare_texts);
    if (files->len > 0)
        return g_steal_pointer(&files);
    diagnostics_error(problems, whole, "no *.yaml or *.yml file in the inventory folder");
    return NULL;
}

static GPtrArray *inventory_files(const char *path, Diagnostics *problems)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return folder_files(path, problems);
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(files, g_strdup(path));
    return files;
}

static char *folder_of(const char *path)
{
    g_autofree char *folder =
        g_file_test(path, G_FILE_TEST_IS_DIR) ? g_strdup(path) : g_path_get_dirname(path);
    return g_canonicalize_filename(folder, NULL);
}

/* The fleet once loading is over: NULL if there were errors. */
static Fleet *finish(Fleet *fleet, const Diagnostics *problems, unsigned errors_before)
{
    g_clear_pointer(&fleet->endpoints, g_hash_table_unref);
    if (diagnostics_count(problems, DIAGNOSTIC_ERROR) == errors_before)
        return fleet;
    fleet_free(fleet);
    return NULL;
}

Fleet *fleet_load(const char *path, const FleetOptions *options, Diagnostics *problems)
{
    unsigned errors_before = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    g_autoptr(GPtrArray) files = inventory_files(path, problems);
    if (files == NULL)
        return NULL;
    g_autofree char *folder = folder_of(path);
    Loader loader = {.fleet = fleet_new(folder),
                     .options = options != NULL ? options : &NO_OPTIONS,
                     .problems = problems,
                     .sources = g_ptr_array_new_with_free_func(discovery_spec_free)};
    for (guint i = 0; i < files->len; i++) {
        YamlTree *tree = yaml_tree_load(g_ptr_array_index(files, i), problems);
        if (tree != NULL)
            g_ptr_array_add(loader.fleet->trees, tree);
    }
    trees_to_targets(&loader);
    ask_sources(&loader, errors_before);
    g_ptr_array_unref(loader.sources);
    return finish(loader.fleet, problems, errors_before);
}

/* What may mean something else another time: sources, references, quarantines. */
static bool speaks_of_more(const char *text)
{
    static const char *const words[] = {"discover", "${", "until"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(text, words[i]) != NULL)
            return true;
    return false;
}

static bool file_is_as_written(const char *file, const YamlTree *tree)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(file, &text, &length, NULL) || speaks_of_more(text))
        return false;
    g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, length);
    return g_str_equal(digest, yaml_tree_digest(tree));
}

bool fleet_is_as_written(const Fleet *self, const char *path)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GPtrArray) files = inventory_files(path, problems);
    bool same = files != NULL && files->len == self->trees->len;
    for (guint i = 0; same && i < files->len; i++)
        same = file_is_as_written(files->pdata[i], self->trees->pdata[i]);
    return same;
}

Fleet *fleet_from_url(const char *url, const FleetOptions *options, Diagnostics *problems)
{
    unsigned errors_before = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    g_autofree char *folder = g_get_current_dir();
    Loader loader = {
        .fleet = fleet_new(folder), .options = options != NULL ? options : &NO_OPTIONS, .problems = problems};
    scope_new(loader.fleet, NULL, NULL, (SourcePlace){0});
    targets_add_url(&loader, url);
    return finish(loader.fleet, problems, errors_before);
}
