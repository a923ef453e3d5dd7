/* Judge history: what the history of one target says against going on: a step that stopped half-way, a
 * revision below the heads that never ran, an applied section that was edited, a verify that failed. Pure;
 * any thread. */
#include "plans/planner_internal.h"
#include <string.h>

static bool is_stamp_or_baseline(const HistoryEntry *entry)
{
    return g_str_equal(entry->direction, "stamp") || g_str_equal(entry->direction, "baseline");
}

static bool is_finished(const HistoryEntry *entry)
{
    return !g_str_equal(entry->state, "running") && !g_str_equal(entry->state, "failed");
}

/* What the history says ran and is still there: revision -> its newest entry, a finished "up" or a "down"
 * that stopped half-way. A stamp settles all before it. */
static GHashTable *ran_entries(const TargetState *state)
{
    GHashTable *ran = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < state->history->len; i++) {
        HistoryEntry *entry = state->history->pdata[i];
        bool up = g_str_equal(entry->direction, "up");
        if (is_stamp_or_baseline(entry))
            g_hash_table_remove_all(ran);
        else if (up == is_finished(entry))
            g_hash_table_insert(ran, entry->revision, entry);
        else if (!up)
            g_hash_table_remove(ran, entry->revision);
    }
    return ran;
}

/* The checksum of the "up" that ran; NULL if the entry does not tell. */
static const char *applied_checksum(const HistoryEntry *entry)
{
    return g_str_equal(entry->direction, "up") ? entry->checksum : NULL;
}

static void judge_edited(PlanTarget *self, const RevisionGraph *graph, GHashTable *ran,
                         const RevisionSet *applied)
{
    GHashTableIter iter;
    gpointer id, entry;
    g_hash_table_iter_init(&iter, ran);
    while (g_hash_table_iter_next(&iter, &id, &entry)) {
        const Revision *revision = revision_graph_find(graph, id);
        const char *recorded = applied_checksum(entry);
        if (!revision || !recorded || !revision_graph_set_has(graph, applied, id))
            continue;
        const Section *section = revision_section(revision, SECTION_UP, self->state->dialect);
        if (section && g_str_equal(section->checksum, recorded))
            continue;
        plan_target_block(
            self, PROBLEM_EDITED,
            "%s: revision %s was edited after it was applied here (checksum %.12s then, %.12s now); "
            "restore the "
            "file, or go on with --allow-edited",
            revision->file ? revision->file : "(memory)", (const char *)id, recorded,
            section ? section->checksum : "no section");
        return;
    }
}

/* What ran here and was not undone, but no file knows any more: a file was removed from under the heads. */
static void judge_unknown(PlanTarget *self, const RevisionGraph *graph, GHashTable *ran)
{
    GHashTableIter iter;
    gpointer id;
    const char *unknown = NULL;
    g_hash_table_iter_init(&iter, ran);
    while (g_hash_table_iter_next(&iter, &id, NULL))
        if (!revision_graph_find(graph, id) && (!unknown || strcmp(id, unknown) < 0))
            unknown = id;
    if (unknown)
        plan_target_block(
            self, PROBLEM_UNKNOWN_REVISION,
            "revision %s ran here and no file knows it any more; bring its file back, go on with "
            "--allow-edited, or \"dbfleet stamp\" the heads to settle it",
            unknown);
}

/* A step that took effect although its migrate:verify returned rows stays a question until a stamp answers
 * it. */
static void judge_verify_failed(PlanTarget *self, const RevisionGraph *graph, GHashTable *ran,
                                const RevisionSet *applied)
{
    GHashTableIter iter;
    gpointer id, entry;
    g_hash_table_iter_init(&iter, ran);
    while (g_hash_table_iter_next(&iter, &id, &entry)) {
        const HistoryEntry *ending = entry;
        if (!g_str_equal(ending->state, "verify-failed") || !revision_graph_set_has(graph, applied, id))
            continue;
        plan_target_block(
            self, PROBLEM_VERIFY_FAILED,
            "revision %s took effect here, but its migrate:verify returned rows (%s); downgrade it, or put "
            "the data right and \"dbfleet stamp\" the heads to accept it",
            (const char *)id, ending->detail ? ending->detail : "see the run's report");
        return;
    }
}

/* The ids assumed applied by the newest stamp or baseline, and whether the history reaches back to an origin
 * at all. */
static bool history_origin(const TargetState *state, GHashTable *assumed)
{
    bool origin = false;
    for (guint i = 0; i < state->history->len; i++) {
        const HistoryEntry *entry = state->history->pdata[i];
        if (is_stamp_or_baseline(entry)) {
            g_auto(GStrv) ids = g_strsplit(entry->detail ? entry->detail : "", ",", -1);
            g_hash_table_remove_all(assumed);
            for (char **id = ids; *id; id++)
                g_hash_table_add(assumed, g_steal_pointer(id));
            origin = true;
        } else if (g_str_equal(entry->direction, "up") && entry->heads_before && !*entry->heads_before) {
            origin = true;
        }
    }
    return origin;
}

GPtrArray *judge_missing(const TargetState *state, const RevisionGraph *graph, const RevisionSet *applied)
{
    g_autoptr(GHashTable) ran = ran_entries(state);
    g_autoptr(GHashTable) assumed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!history_origin(state, assumed))
        return NULL;
    GPtrArray *missing = g_ptr_array_new();
    for (unsigned i = 0; i < revision_graph_length(graph); i++) {
        const Revision *revision = revision_graph_at(graph, i);
        if (revision_graph_set_has(graph, applied, revision->id) &&
            !g_hash_table_contains(ran, revision->id) && !g_hash_table_contains(assumed, revision->id))
            g_ptr_array_add(missing, (gpointer)revision);
    }
    return missing;
}

/* A revision below the heads that neither ran here nor is covered by a stamp or baseline was spliced in
 * later. */
static void judge_never_run(PlanTarget *self, const RevisionGraph *graph, const RevisionSet *applied)
{
    g_autoptr(GPtrArray) missing = judge_missing(self->state, graph, applied);
    if (!missing || missing->len == 0)
        return;
    plan_target_block(
        self, PROBLEM_NEVER_RUN,
        "revision %s stands below the heads of this database but never ran on it (added to the files "
        "afterwards?); \"dbfleet upgrade --fill\" runs it now, \"dbfleet stamp\" takes it as done, or move "
        "it "
        "above the heads",
        ((const Revision *)missing->pdata[0])->id);
}

const PlanStep *judge_first_step(const PlanTarget *self)
{
    return self->path && self->path->steps->len ? &self->path->steps->first[0] : NULL;
}

bool judge_is_of_step(const HistoryEntry *entry, const PlanStep *step)
{
    return entry && step && step->revision && g_str_equal(step->revision->id, entry->revision) &&
           g_str_equal(direction_name(step->direction), entry->direction);
}

/* A step that stopped half-way comes first. One that left nothing behind holds up no other, and one that is
 * at work is judged by the run, once it has the lock. */
static void judge_unfinished(PlanTarget *self, const PlanRequest *request)
{
    const HistoryEntry *open = target_state_unfinished(self->state);
    if (!open || self->state->lock_holder)
        return;
    bool same = judge_is_of_step(open, judge_first_step(self));
    bool told = request->assume && g_hash_table_contains(request->assume, self->target->name);
    if (history_entry_is_undecidable(open) && !(same && told))
        plan_target_block(
            self, PROBLEM_UNDECIDABLE,
            "%s of revision %s stopped at statement %u of %u, and whether that took effect cannot "
            "be told; look at the database, then \"dbfleet resume %s --assume-done %s\", \"dbfleet "
            "resume %s --assume-not-done %s\" or \"dbfleet stamp\"",
            open->direction, open->revision, open->intent, open->statements_total, open->run_id,
            self->target->name, open->run_id, self->target->name);
    else if (!same && (open->statements_done > 0 || open->intent > 0))
        plan_target_block(
            self, PROBLEM_UNFINISHED,
            "%s of revision %s stopped after %u of %u statements; finish it first (%s), or complete or "
            "undo it by "
            "hand and \"dbfleet stamp\"",
            open->direction, open->revision, open->statements_done, open->statements_total,
            g_str_equal(open->direction, "up") ? "dbfleet upgrade" : "dbfleet downgrade");
}

void judge_history(PlanTarget *self, const RevisionGraph *graph, const PlanRequest *request,
                   const RevisionSet *applied)
{
    g_autoptr(GHashTable) ran = ran_entries(self->state);
    judge_unfinished(self, request);
    bool back = request->command == PLAN_DOWNGRADE || request->command == PLAN_ROLLBACK;
    if (self->problem == PROBLEM_NONE && !request->fill && request->command != PLAN_ROLLBACK)
        judge_never_run(self, graph, applied);
    if (self->problem == PROBLEM_NONE && !request->allow_edited)
        judge_edited(self, graph, ran, applied);
    if (self->problem == PROBLEM_NONE && !request->allow_edited)
        judge_unknown(self, graph, ran);
    if (self->problem == PROBLEM_NONE && !back)
        judge_verify_failed(self, graph, ran, applied);
}
