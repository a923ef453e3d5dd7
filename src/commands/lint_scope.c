/* Lint scope: which revisions are looked at. */
#include "commands/lint_internal.h"
#include "run/versions_commit.h"
#include <string.h>

static GPtrArray *all_revisions(const Workspace *workspace)
{
    GPtrArray *down = revision_graph_topological(workspace->graph);
    GPtrArray *up = g_ptr_array_new();
    for (guint i = down->len; i > 0; i--)
        g_ptr_array_add(up, down->pdata[i - 1]);
    g_ptr_array_unref(down);
    return up;
}

/* Those of `all` whose file is in the list; paths of both are made the same way. */
static GPtrArray *with_files(GPtrArray *all, char *const *files)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *found = g_ptr_array_new();
    for (; *files; files++)
        g_hash_table_add(wanted, g_canonicalize_filename(*files, NULL));
    for (guint i = 0; i < all->len; i++) {
        const Revision *revision = all->pdata[i];
        g_autofree char *path = revision->file ? g_canonicalize_filename(revision->file, NULL) : NULL;
        if (path && g_hash_table_contains(wanted, path))
            g_ptr_array_add(found, (gpointer)revision);
    }
    return found;
}

static GPtrArray *since(const Workspace *workspace, const char *ref, char **told, int *exit_code)
{
    g_auto(GStrv) files = versions_changed_since(workspace->track->versions, ref);
    if (!files) {
        *exit_code = command_fail(
            EXIT_USAGE, "--since: git knows no commit %s for %s (in a shallow clone fetch it first)", ref,
            workspace->track->versions);
        return NULL;
    }
    g_autoptr(GPtrArray) all = all_revisions(workspace);
    *told = g_strdup_printf("changed since %s", ref);
    return with_files(all, files);
}

static GPtrArray *chosen(const Workspace *workspace, const char *typed, char **told, int *exit_code)
{
    GError *error = NULL;
    bool range = strchr(typed, ':') != NULL;
    g_autoptr(GPtrArray) found = range ? revision_graph_range(workspace->graph, typed, NULL, &error)
                                       : revision_graph_resolve(workspace->graph, typed, NULL, &error);
    if (!found) {
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        return NULL;
    }
    g_autoptr(GPtrArray) all = all_revisions(workspace);
    GPtrArray *ordered = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++)
        if (g_ptr_array_find(found, all->pdata[i], NULL))
            g_ptr_array_add(ordered, all->pdata[i]);
    *told = g_strdup(typed);
    return ordered;
}

/* What git has no commit of, else all. */
static GPtrArray *by_default(const Workspace *workspace, char **told)
{
    g_auto(GStrv) files = versions_uncommitted(workspace->track->versions);
    g_autoptr(GPtrArray) all = all_revisions(workspace);
    g_autoptr(GPtrArray) fresh = files ? with_files(all, files) : NULL;
    bool some = fresh && fresh->len > 0;
    *told = g_strdup(some    ? "those not committed to git"
                     : files ? "all: git has a commit of every one"
                             : "all: they are not in a git repository");
    return some ? g_steal_pointer(&fresh) : g_steal_pointer(&all);
}

GPtrArray *lint_scope(const Workspace *workspace, char **told, int *exit_code)
{
    const Options *options = workspace->options;
    unsigned given =
        options_given(options, "revision") + options_given(options, "since") + options_flag(options, "all");
    if (given > 1) {
        *exit_code = command_fail(EXIT_USAGE, "give one of --revision, --since and --all");
        return NULL;
    }
    if (options_given(options, "revision"))
        return chosen(workspace, options_text(options, "revision"), told, exit_code);
    if (options_given(options, "since"))
        return since(workspace, options_text(options, "since"), told, exit_code);
    if (!options_flag(options, "all"))
        return by_default(workspace, told);
    *told = g_strdup("all");
    return all_revisions(workspace);
}
