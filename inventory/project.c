/* Project: owns dbfleet.yaml, where it is found, what its keys are and what holds without it. It refuses keys
 * that this version does not act on, and touches nothing it names. The loading thread; a loaded project is
 * for any thread. */
#include "inventory/project_internal.h"

#include "base/db_url.h"
#include "base/suggest.h"
#include "inventory/fleet_internal.h"
#include "inventory/project_dev.h"
#include "inventory/project_ledger.h"
#include "inventory/project_notify.h"
#include "inventory/secret.h"

#include <string.h>

#define PROJECT_FILE_NAME "dbfleet.yaml"

/* --- readers --- */

#define FIELD(type, key, reader) ((type *)(gpointer)((char *)(reader)->project + (key)->offset))

static void read_version(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    const char *text = NULL;
    if (yaml_as_text(value, self->name, &text, reader->problems) && !g_str_equal(text, "1"))
        diagnostics_error(reader->problems, yaml_place(value),
                          "version '%s' of dbfleet.yaml is not known to this dbfleet, which reads version: 1",
                          text);
}

/* A text that is not empty. */
static const char *read_nonempty(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    const char *text = NULL;
    if (!yaml_as_text(value, self->name, &text, reader->problems))
        return NULL;
    if (*text != '\0')
        return text;
    diagnostics_error(reader->problems, yaml_place(value), "%s is empty: leave the key out instead",
                      self->name);
    return NULL;
}

static void read_path(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    const char *text = read_nonempty(self, value, reader);
    if (text == NULL)
        return;
    char **field = FIELD(char *, self, reader);
    g_free(*field);
    *field = g_canonicalize_filename(text, reader->project->folder);
}

/* What a shared ledger needs; a URL that is one reference is judged when it is opened. */
static void check_ledger_url(const YamlNode *value, const char *text, ProjectReader *reader)
{
    g_autoptr(GError) error = NULL;
    bool whole = target_url_is_reference(text);
    bool good = !secret_is_reference(text) || secret_check(text, &error);
    g_autoptr(DbUrl) url = good && !whole ? db_url_parse(text, &error) : NULL;
    if (error != NULL)
        diagnostics_error(reader->problems, yaml_place(value), "ledger: %s", error->message);
    else if (url != NULL && !g_str_has_prefix(url->scheme, "postgres"))
        diagnostics_error(reader->problems, yaml_place(value),
                          "a ledger cannot be kept at %s://…: give the path of a file, such as "
                          ".dbfleet/ledger.db, or a postgresql:// URL",
                          url->scheme);
    else if (url != NULL && url->password != NULL && !secret_is_reference(url->password))
        diagnostics_warning(reader->problems, yaml_place(value), LITERAL_PASSWORD);
}

static void read_ledger(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    const char *text = yaml_text(value);
    if (text == NULL || !project_ledger_is_url(text)) {
        read_path(self, value, reader);
        return;
    }
    char **field = FIELD(char *, self, reader);
    g_free(*field);
    *field = g_strdup(text);
    check_ledger_url(value, text, reader);
}

static void read_dev(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    (void)self;
    project_read_mapping(project_mapping(PROJECT_DEV), value, reader);
}

static void read_rollout(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    (void)self;
    rollout_policy_read(&reader->project->rollout, value, reader->project->folder, reader->problems);
}

static void read_lint(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    (void)self;
    project_read_mapping(project_mapping(PROJECT_LINT), value, reader);
}

static void read_notify(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    (void)self;
    g_ptr_array_unref(reader->project->notify);
    reader->project->notify = notify_read(value, reader->problems);
}

/* "auto", or a scratch server's URL, which names no database that anyone needs. */
static void read_dev_url(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    const char *text = read_nonempty(self, value, reader);
    if (text == NULL)
        return;
    g_autoptr(GError) error = NULL;
    bool memory = g_str_equal(self->name, "sqlite") && g_str_equal(text, ":memory:");
    bool plain = memory || g_str_equal(text, PROJECT_DEV_AUTO) || target_url_is_reference(text);
    g_autoptr(DbUrl) url = plain ? NULL : db_url_parse(text, &error);
    if (secret_is_reference(text) && error == NULL)
        secret_check(text, &error);
    if (error != NULL)
        diagnostics_error(reader->problems, yaml_place(value), "dev.%s: %s", self->name, error->message);
    else
        g_hash_table_insert(reader->project->dev, g_strdup(self->name), g_strdup(text));
    if (url != NULL && url->password != NULL && !secret_is_reference(url->password))
        diagnostics_warning(reader->problems, yaml_place(value), LITERAL_PASSWORD);
}

static void read_flag(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    yaml_as_bool(value, self->name, FIELD(bool, self, reader), reader->problems);
}

/* --- keys --- */

#define AT(field) G_STRUCT_OFFSET(Project, field)

static const ProjectKey FILE_KEYS[] = {
    {.name = "version", .read = read_version},
    {.name = "inventory", .read = read_path, .offset = AT(inventory)},
    {.name = "plans", .read = read_path, .offset = AT(plans)},
    {.name = "ledger", .read = read_ledger, .offset = AT(ledger)},
    {.name = "tracks", .read = project_read_tracks},
    {.name = "dev", .read = read_dev},
    {.name = "rollout", .read = read_rollout},
    {.name = "lint", .read = read_lint},
    {.name = "notify", .read = read_notify},
    {0},
};

static const ProjectKey DEV_KEYS[] = {
    {.name = "postgres", .read = read_dev_url},
    {.name = "mysql", .read = read_dev_url},
    {.name = "mariadb", .read = read_dev_url},
    {.name = "sqlite", .read = read_dev_url},
    {.name = "create_missing_roles", .read = read_flag, .offset = AT(create_missing_roles)},
    {0},
};

const ProjectMapping *project_mapping(ProjectLevel level)
{
    static const ProjectMapping MAPPINGS[PROJECT_LEVELS] = {
        [PROJECT_FILE] = {"dbfleet.yaml", FILE_KEYS},
        [PROJECT_DEV] = {"dev", DEV_KEYS},
        [PROJECT_LINT] = {"lint", LINT_KEYS},
    };
    return &MAPPINGS[level];
}

/* Unknown keys, told with the keys that work now. */
static void check_keys(const ProjectMapping *mapping, const YamlNode *node, Diagnostics *problems)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (const ProjectKey *key = mapping->keys; key->name != NULL; key++)
        if (key->read != NULL || yaml_get(node, key->name) != NULL)
            g_ptr_array_add(known, (gpointer)key->name);
    g_ptr_array_add(known, NULL);
    yaml_check_keys(node, mapping->what, (const char *const *)known->pdata, problems);
}

static SourcePlace key_place(const YamlNode *mapping, const char *key)
{
    for (unsigned i = 0; i < yaml_length(mapping); i++)
        if (g_str_equal(yaml_key_at(mapping, i), key))
            return yaml_key_place_at(mapping, i);
    return yaml_place(mapping);
}

void project_read_mapping(const ProjectMapping *mapping, const YamlNode *node, ProjectReader *reader)
{
    if (yaml_kind(node) == YAML_NULL)
        return;
    if (yaml_kind(node) != YAML_MAPPING) {
        diagnostics_error(reader->problems, yaml_place(node), "%s must be a mapping, not %s", mapping->what,
                          yaml_kind_name(yaml_kind(node)));
        return;
    }
    check_keys(mapping, node, reader->problems);
    for (const ProjectKey *key = mapping->keys; key->name != NULL; key++) {
        const YamlNode *value = yaml_get(node, key->name);
        if (value != NULL && key->read == NULL)
            diagnostics_error(reader->problems, key_place(node, key->name),
                              "%s is not supported by this version of dbfleet: take the key out", key->name);
        else if (value != NULL)
            key->read(key, value, reader);
    }
}

/* --- projects --- */

static Project *project_new(const char *file, const char *folder)
{
    Project *self = g_new0(Project, 1);
    self->file = g_strdup(file);
    self->folder = g_strdup(folder);
    self->plans = g_canonicalize_filename("plans", folder);
    self->ledger = g_canonicalize_filename(".dbfleet/ledger.db", folder);
    self->tracks = g_ptr_array_new_with_free_func(track_free);
    project_lint_init(&self->lint);
    self->notify = g_ptr_array_new();
    self->dev = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return self;
}

void project_free(Project *self)
{
    if (self == NULL)
        return;
    g_free(self->file);
    g_free(self->folder);
    g_free(self->inventory);
    g_free(self->plans);
    g_free(self->ledger);
    g_ptr_array_unref(self->tracks);
    g_hash_table_unref(self->dev);
    rollout_policy_clear(&self->rollout);
    project_lint_clear(&self->lint);
    g_ptr_array_unref(self->notify);
    g_free(self);
}

Project *project_default(const char *folder)
{
    g_autofree char *absolute = g_canonicalize_filename(folder, NULL);
    Project *self = project_new(NULL, absolute);
    project_add_default_track(self);
    return self;
}

char *project_find(const char *current_folder)
{
    g_autofree char *folder = g_canonicalize_filename(current_folder, NULL);
    while (true) {
        g_autofree char *path = g_build_filename(folder, PROJECT_FILE_NAME, NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&path);
        char *parent = g_path_get_dirname(folder);
        bool top = g_str_equal(parent, folder);
        g_free(folder);
        folder = parent;
        if (top)
            return NULL;
    }
}

static void read_root(ProjectReader *reader, const YamlNode *root)
{
    SourcePlace place = yaml_place(root);
    if (yaml_kind(root) != YAML_NULL)
        project_read_mapping(project_mapping(PROJECT_FILE), root, reader);
    if (yaml_kind(root) == YAML_NULL ||
        (yaml_kind(root) == YAML_MAPPING && yaml_get(root, "version") == NULL))
        diagnostics_error(reader->problems, place,
                          "the version of the format is missing: add the line 'version: 1'");
    if (project_track(reader->project, "default") == NULL)
        project_add_default_track(reader->project);
}

Project *project_load(const char *path, const char *current_folder, Diagnostics *problems)
{
    unsigned errors_before = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    g_autofree char *file =
        path != NULL ? g_canonicalize_filename(path, current_folder) : project_find(current_folder);
    if (file == NULL) {
        diagnostics_error(
            problems, (SourcePlace){0},
            "no dbfleet.yaml in %s or a folder above: 'dbfleet init' makes one, -c names one elsewhere",
            current_folder);
        return NULL;
    }
    g_autoptr(YamlTree) tree = yaml_tree_load(file, problems);
    if (tree == NULL)
        return NULL;
    g_autofree char *folder = g_path_get_dirname(file);
    g_autoptr(Project) self = project_new(file, folder);
    ProjectReader reader = {.project = self, .problems = problems};
    read_root(&reader, yaml_tree_root(tree));
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == errors_before ? g_steal_pointer(&self) : NULL;
}

const Track *project_track(const Project *self, const char *name)
{
    for (guint i = 0; i < self->tracks->len; i++) {
        const Track *track = g_ptr_array_index(self->tracks, i);
        if (g_str_equal(track->name, name))
            return track;
    }
    return NULL;
}

char **project_track_tables(const Project *self)
{
    char **tables = g_new0(char *, self->tracks->len + 1);
    for (guint i = 0; i < self->tracks->len; i++)
        tables[i] = g_strdup(((const Track *)g_ptr_array_index(self->tracks, i))->version_table);
    return tables;
}

char **project_track_names(const Project *self)
{
    char **names = g_new0(char *, self->tracks->len + 1);
    for (guint i = 0; i < self->tracks->len; i++)
        names[i] = g_strdup(((const Track *)g_ptr_array_index(self->tracks, i))->name);
    return names;
}
