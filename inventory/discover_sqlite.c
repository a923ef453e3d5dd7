/* Discovery of SQLite files: owns `discover: [{sqlite: PATTERN}]`, looked up while loading. Opens no
 * database. The loading thread only. */
#include "inventory/discover_internal.h"

#include <glob.h>
#include <string.h>

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
    return discovery_name(template, file);
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

void discover_sqlite(Loader *loader, const Scope *scope, const YamlNode *item, const char *pattern,
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
