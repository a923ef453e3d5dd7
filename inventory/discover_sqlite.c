/* Discovery of SQLite files: owns `discover: [{sqlite: PATTERN}]`, looked up while loading. Other kinds of
 * discovery are refused by name. Opens no database. The loading thread only. */
#include "inventory/fleet_internal.h"

#include <glob.h>
#include <string.h>

/* Kinds that a later version adds. */
static const char *const OTHER_KINDS[] = {"sql", "schemas", "http", "exec", NULL};

/* Files that SQLite or dbfleet keep beside a database. */
static const char *const COMPANIONS[] = {"-wal", "-shm", "-journal", ".dbfleet-lock", NULL};

static bool is_companion(const char *path)
{
    for (gsize i = 0; COMPANIONS[i] != NULL; i++)
        if (g_str_has_suffix(path, COMPANIONS[i]))
            return true;
    return false;
}

/* The pattern from the folder of its file, whose own characters mean themselves. */
static char *absolute_pattern(const char *pattern, const char *file)
{
    if (g_path_is_absolute(pattern))
        return g_strdup(pattern);
    g_autofree char *relative = g_path_get_dirname(file);
    g_autofree char *folder = g_canonicalize_filename(relative, NULL);
    g_autoptr(GString) escaped = g_string_new(NULL);
    for (const char *at = folder; *at != '\0'; at++) {
        if (strchr("*?[]\\", *at) != NULL)
            g_string_append_c(escaped, '\\');
        g_string_append_c(escaped, *at);
    }
    g_string_append_printf(escaped, "/%s", pattern);
    return g_string_free(g_steal_pointer(&escaped), FALSE);
}

/* "tenant-{name}" with the file's basename without extension. */
static char *name_for(const char *template, const char *path)
{
    g_autofree char *file = g_path_get_basename(path);
    char *dot = strrchr(file, '.');
    if (dot != NULL && dot != file)
        *dot = '\0';
    g_auto(GStrv) parts = g_strsplit(template, "{name}", -1);
    g_autofree char *name = g_strjoinv(file, parts);
    return inventory_name_from(name);
}

static unsigned add_matches(Loader *loader, const Scope *scope, const YamlNode *item, const char *template,
                            const glob_t *matches)
{
    unsigned added = 0;
    for (gsize i = 0; i < matches->gl_pathc; i++) {
        if (is_companion(matches->gl_pathv[i]) || !g_file_test(matches->gl_pathv[i], G_FILE_TEST_IS_REGULAR))
            continue;
        if (loader->fleet->targets->len >= TARGETS_MAX) {
            diagnostics_error(loader->problems, yaml_place(item),
                              "more than %u targets: this is the limit of one inventory", TARGETS_MAX);
            return added;
        }
        g_autofree char *name = name_for(template, matches->gl_pathv[i]);
        g_autofree char *path = g_canonicalize_filename(matches->gl_pathv[i], "/");
        targets_add_file(loader, scope, item, name, path);
        added++;
    }
    return added;
}

static void discover_sqlite(Loader *loader, const Scope *scope, const YamlNode *item, const char *pattern,
                            const char *template)
{
    SourcePlace place = yaml_place(yaml_get(item, "sqlite"));
    g_autofree char *absolute = absolute_pattern(pattern, place.file);
    glob_t matches = {0};
    int failure = glob(absolute, GLOB_ERR, NULL, &matches);
    if (failure != 0 && failure != GLOB_NOMATCH)
        diagnostics_error(loader->problems, place, "a folder of %s does not exist or cannot be read",
                          absolute);
    else if (add_matches(loader, scope, item, template, &matches) == 0)
        diagnostics_warning(loader->problems, place, "no file matches %s", absolute);
    globfree(&matches);
}

/* True if the item asks for a kind that this version lacks; an error has been added. */
static bool refuse_other_kind(const YamlNode *item, Diagnostics *problems)
{
    for (unsigned i = 0; i < yaml_length(item); i++)
        if (g_strv_contains(OTHER_KINDS, yaml_key_at(item, i))) {
            diagnostics_error(
                problems, yaml_key_place_at(item, i),
                "discover: %s is not supported by this version of dbfleet: use sqlite, or list the targets",
                yaml_key_at(item, i));
            return true;
        }
    return false;
}

void targets_discover(Loader *loader, const Scope *scope, const YamlNode *item)
{
    Diagnostics *problems = loader->problems;
    if (yaml_kind(item) != YAML_MAPPING) {
        diagnostics_error(problems, yaml_place(item),
                          "an item of discover must be written {sqlite: \"folder/*.db\"}, not %s",
                          yaml_kind_name(yaml_kind(item)));
        return;
    }
    if (refuse_other_kind(item, problems))
        return;
    g_autofree const char **known = inventory_key_names(LEVEL_DISCOVER);
    bool good = yaml_check_keys(item, "discover", known, problems);
    const YamlNode *sqlite = yaml_get(item, "sqlite"), *name = yaml_get(item, "name");
    const char *pattern = NULL, *template = "{name}";
    if (sqlite == NULL && good)
        diagnostics_error(problems, yaml_place(item),
                          "this item of discover has no 'sqlite': write {sqlite: \"folder/*.db\"}");
    good = sqlite != NULL && yaml_as_text(sqlite, "sqlite", &pattern, problems) && good;
    if (name != NULL && !yaml_as_text(name, "name", &template, problems))
        good = false;
    if (good && strstr(template, "{name}") == NULL) {
        diagnostics_error(problems, yaml_place(name),
                          "this name has no {name} in it, so that all files would be targets of one name");
        return;
    }
    if (good)
        discover_sqlite(loader, scope, item, pattern, template);
}
