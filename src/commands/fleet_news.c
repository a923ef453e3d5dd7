/* Fleet news: how the fleet at the end of a run differs from the one that it began with. A tenant that was
 * made meanwhile has the old schema, and nobody would know. */
#include "commands/fleet_change_internal.h"
#include <string.h>

#define NAMES_SHOWN 10

static bool is_active(const Fleet *fleet, const char *name)
{
    const Target *target = fleet_find(fleet, name);
    return target && target->life == TARGET_ACTIVE;
}

/* The active ones of `targets` that are not active in `other`. */
static GPtrArray *missing_in(const Fleet *other, const GPtrArray *targets)
{
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; i < targets->len; i++) {
        const Target *target = targets->pdata[i];
        if (target->life == TARGET_ACTIVE && !is_active(other, target->name))
            g_ptr_array_add(names, target->name);
    }
    return names;
}

static void add_news(RunResult *run, const GPtrArray *names, const char *what)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (names->len == 0)
        return;
    g_string_append_printf(text, "%u %s %s: ", names->len, names->len == 1 ? "target" : "targets", what);
    for (guint i = 0; i < names->len && i < NAMES_SHOWN; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", (const char *)names->pdata[i]);
    if (names->len > NAMES_SHOWN)
        g_string_append_printf(text, ", and %u more", names->len - NAMES_SHOWN);
    g_ptr_array_add(run->warnings, g_strdup(text->str));
}

/* A selector that asks the ledger means other targets by now: this run's. */
static bool selects_by_run(const Workspace *workspace)
{
    const char *limit = options_text(workspace->options, "limit");
    return limit && strchr(limit, '@');
}

static void compare(const Workspace *workspace, const Fleet *fleet, RunResult *run)
{
    g_autoptr(GPtrArray) gone = missing_in(fleet, workspace->targets);
    g_autoptr(GPtrArray) selected =
        selects_by_run(workspace) ? NULL : workspace_select_again(workspace, fleet, NULL);
    g_autoptr(GPtrArray) appeared = selected ? missing_in(workspace->fleet, selected) : g_ptr_array_new();
    add_news(run, appeared, "appeared in the inventory during the run and had no part in it");
    add_news(run, gone, "left the inventory during the run");
}

static void on_ended(gpointer context, RunResult *run)
{
    const Workspace *workspace = context;
    if (run->interrupted || options_text(workspace->options, "url"))
        return; /* somebody waits for the end; one URL is no inventory */
    if (workspace_fleet_is_as_written(workspace))
        return;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Fleet) fleet = workspace_reload_fleet(workspace, problems);
    if (fleet) {
        compare(workspace, fleet, run);
        return;
    }
    const GPtrArray *list = diagnostics_list(problems);
    g_ptr_array_add(run->warnings,
                    g_strdup_printf("whether targets appeared during the run is not known, since the "
                                    "inventory could not be read again: %s",
                                    list->len ? ((const Diagnostic *)list->pdata[0])->message : "?"));
}

RunListener fleet_news_listener(const Workspace *workspace)
{
    return (RunListener){.context = (gpointer)workspace, .ended = on_ended};
}
