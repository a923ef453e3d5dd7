/* Rollback: what one run did to a target and nothing has undone since, read from the target's own history.
 * Whatever else changed the target after the run is a refusal: taking the run's steps back from under it
 * could break what came later. Pure; any thread. */
#include "plans/planner_internal.h"

static bool is_move(const HistoryEntry *entry)
{
    return g_str_equal(entry->direction, "up") || g_str_equal(entry->direction, "down");
}

/* A step that stopped before anything of it took effect. */
static bool left_nothing(const HistoryEntry *entry)
{
    bool open = g_str_equal(entry->state, "failed") || g_str_equal(entry->state, "running");
    return open && !history_entry_has_begun(entry);
}

static bool is_over(const HistoryEntry *entry)
{
    return g_str_equal(entry->state, "done") || g_str_equal(entry->state, "verify-failed");
}

static char **rows_of(const char *heads)
{
    return *heads ? g_strsplit(heads, ",", -1) : g_new0(char *, 1);
}

/* Lists of heads come in any order: some are as they were read, others as the files have them. */
static bool heads_are_same(const char *left, const char *right)
{
    g_auto(GStrv) rows = rows_of(left);
    g_auto(GStrv) others = rows_of(right);
    return rows_are_same(rows, others);
}

/* A baseline changes nothing, nor does a stamp that leaves the rows as they were. */
static bool changes_nothing(const HistoryEntry *entry)
{
    return left_nothing(entry) ||
           (!is_move(entry) && heads_are_same(entry->heads_before, entry->heads_after));
}

/* True if `later` took `earlier` back. */
static bool undoes(const HistoryEntry *later, const HistoryEntry *earlier)
{
    bool opposite = is_move(earlier) ? is_move(later) && !g_str_equal(later->direction, earlier->direction)
                                     : g_str_equal(later->direction, earlier->direction);
    return opposite && g_str_equal(later->revision, earlier->revision) &&
           heads_are_same(later->heads_before, earlier->heads_after) &&
           heads_are_same(later->heads_after, earlier->heads_before);
}

static void refuse_unfinished(PlanTarget *self, const HistoryEntry *entry)
{
    plan_target_block(
        self, PROBLEM_UNFINISHED,
        "%s of revision %s (run %s) stopped after %u of %u statements; finish it with \"dbfleet "
        "resume %s\", or undo it by hand and \"dbfleet stamp\"",
        entry->direction, entry->revision, entry->run_id, entry->statements_done, entry->statements_total,
        entry->run_id);
}

static void refuse_moved(PlanTarget *self, const HistoryEntry *entry)
{
    if (is_move(entry))
        plan_target_block(self, PROBLEM_MOVED,
                          "moved since: run %s did %s of revision %s; roll that run back first, or downgrade",
                          entry->run_id, entry->direction, entry->revision);
    else
        plan_target_block(self, PROBLEM_MOVED, "moved since: stamped by run %s; downgrade instead",
                          entry->run_id);
}

/* Takes one history row into what has not been undone since the run began; false, with the target blocked, if
 * it is not over. */
static bool take_entry(PlanTarget *self, GPtrArray *entries, HistoryEntry *entry)
{
    const HistoryEntry *top = entries->len ? entries->pdata[entries->len - 1] : NULL;
    if (changes_nothing(entry))
        return true;
    if (!is_over(entry)) {
        refuse_unfinished(self, entry);
        return false;
    }
    if (top && undoes(entry, top))
        g_ptr_array_set_size(entries, (gint)entries->len - 1);
    else
        g_ptr_array_add(entries, entry);
    return true;
}

/* What another run did and nothing has undone is a refusal. */
static bool all_of_run(PlanTarget *self, const GPtrArray *entries, const char *run_id)
{
    for (guint i = 0; i < entries->len; i++) {
        const HistoryEntry *entry = entries->pdata[i];
        if (g_str_equal(entry->run_id, run_id))
            continue;
        refuse_moved(self, entry);
        return false;
    }
    return true;
}

/* The version rows must be those that the history says. */
static bool stands_where_left(PlanTarget *self, const GPtrArray *steps)
{
    const HistoryEntry *top = steps->len ? steps->pdata[steps->len - 1] : NULL;
    g_auto(GStrv) expected = top ? rows_of(top->heads_after) : NULL;
    if (!top || rows_are_same(expected, self->state->rows))
        return true;
    g_autofree char *now = g_strjoinv(", ", self->state->rows);
    plan_target_block(self, PROBLEM_MOVED,
                      "moved since: its heads are %s, the history says %s; look for another tool that writes "
                      "the version table",
                      *now ? now : "base", *top->heads_after ? top->heads_after : "base");
    return false;
}

GPtrArray *rollback_entries(PlanTarget *self, const char *run_id)
{
    const GPtrArray *since = self->state->since_run;
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    for (guint i = 0; since && i < since->len; i++)
        if (!take_entry(self, steps, since->pdata[i]))
            return NULL;
    if (!all_of_run(self, steps, run_id) || !stands_where_left(self, steps))
        return NULL;
    GPtrArray *newest_first = g_ptr_array_new();
    for (guint i = steps->len; i-- > 0;)
        g_ptr_array_add(newest_first, steps->pdata[i]);
    return newest_first;
}
