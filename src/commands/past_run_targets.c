/* Past run, its targets: which of a run's targets a command goes on with or takes back, in the inventory of
 * today. Connects to nothing. Main thread. */
#include "commands/past_run_internal.h"
#include <string.h>

/* "a, b, c and 7 more" */
static char *short_list(const GPtrArray *names)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < names->len && i < 5; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", (const char *)names->pdata[i]);
    if (names->len > 5)
        g_string_append_printf(text, " and %u more", names->len - 5);
    return g_string_free(text, FALSE);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void tell_missing(const Workspace *workspace, const RunResult *run, GHashTable *wanted)
{
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, wanted);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (!fleet_find(workspace->fleet, name))
            g_ptr_array_add(missing, name);
    if (missing->len == 0)
        return;
    g_ptr_array_sort(missing, compare_names);
    g_autofree char *names = short_list(missing);
    command_warn("%u of run %s %s not in the inventory any more and left alone: %s", missing->len, run->id,
                 missing->len == 1 ? "is" : "are", names);
}

static void tell_moved(const Target *target, const TargetResult *then)
{
    if (then->server && !g_str_equal(then->server, target->endpoint))
        command_warn("%s was at %s then and is at %s now", target->name, then->server, target->endpoint);
}

void past_run_select(Workspace *workspace, const RunResult *run, PastRunTake take)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *selected = g_ptr_array_new();
    for (guint i = 0; i < run->targets->len; i++) {
        TargetResult *target = run->targets->pdata[i];
        if (take(run, target))
            g_hash_table_insert(wanted, target->name, target);
    }
    for (guint i = 0; i < workspace->targets->len; i++) {
        Target *target = workspace->targets->pdata[i];
        const TargetResult *then = g_hash_table_lookup(wanted, target->name);
        if (!then)
            continue;
        tell_moved(target, then);
        g_ptr_array_add(selected, target);
    }
    tell_missing(workspace, run, wanted);
    g_ptr_array_unref(workspace->targets);
    workspace->targets = selected;
}

bool past_run_may_have_changed(const RunResult *run, const TargetResult *target)
{
    return target->outcome != OUTCOME_INACTIVE && (target->started_us > 0 || run->finished_us == 0);
}

/* From 1; 0: the run has none of that name. */
static unsigned wave_named(const RunResult *run, const char *name)
{
    for (guint i = 0; i < run->waves->len; i++)
        if (g_str_equal(((const WaveResult *)run->waves->pdata[i])->name, name))
            return i + 1;
    return 0;
}

static int fail_wave(const RunResult *run, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < run->waves->len; i++)
        g_ptr_array_add(names, ((const WaveResult *)run->waves->pdata[i])->name);
    g_autofree char *list = short_list(names);
    return command_fail(EXIT_USAGE, "run %s has no wave \"%s\"; its waves are: %s", run->id, name,
                        names->len ? list : "none");
}

bool past_run_keep_waves(RunResult *run, const char *const *names, int *exit_code)
{
    for (const char *const *name = names; *name; name++) {
        if (wave_named(run, *name))
            continue;
        *exit_code = fail_wave(run, *name);
        return false;
    }
    for (guint i = run->targets->len; names[0] && i > 0; i--) {
        const TargetResult *target = run->targets->pdata[i - 1];
        const WaveResult *wave = target->wave ? run->waves->pdata[target->wave - 1] : NULL;
        if (!wave || !g_strv_contains(names, wave->name))
            g_ptr_array_remove_index(run->targets, i - 1);
    }
    return true;
}
