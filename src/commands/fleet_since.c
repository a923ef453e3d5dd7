/* Fleet since: asks the ledger which targets the last run on the track had, and tells the plan what is
 * different. A ledger that is missing or cannot be read is no reason not to plan. */
#include "plans/fleet_since.h"
#include "commands/fleet_change_internal.h"
#include <string.h>

/* What the ledger knows of a selection like this one; without such a run, of the whole fleet: then what is
 * not selected is not gone. */
static GHashTable *earlier_fleet(Ledger *ledger, const char *track, const char *limit, char **run,
                                 bool *whole)
{
    GHashTable *before = ledger_last_fleet(ledger, track, limit, run, NULL);
    *whole = before || !limit;
    return *whole ? before : ledger_last_fleet(ledger, track, NULL, run, NULL);
}

void change_compare_fleet(const Workspace *workspace, Ledger *ledger, Plan *plan)
{
    const char *limit = options_text(workspace->options, "limit");
    bool by_run = limit && strchr(limit, '@'); /* means other targets each time */
    if (by_run || options_text(workspace->options, "url"))
        return;
    bool whole = false;
    g_autofree char *run = NULL;
    g_autoptr(GHashTable) before =
        ledger ? earlier_fleet(ledger, workspace->track->name, limit, &run, &whole) : NULL;
    if (before)
        plan_take_since(plan, fleet_since_new(run, before, workspace->targets, whole));
}
