/* Truth: compares effects, version rows, history rows and results of each target with each other. */
#include "truth.h"

#include "drivers/version_store.h"
#include "run/job/job_run_internal.h"
#include "statements.h"

#include <stdlib.h>

GArray *truth_positions(const World *self)
{
    GArray *positions = g_array_new(FALSE, FALSE, sizeof(int));
    for (guint i = 0; i < self->databases->len; i++) {
        int position = world_position(self, self->databases->pdata[i]);
        g_array_append_val(positions, position);
    }
    return positions;
}

static unsigned number(GHashTable *row, const char *column)
{
    return (unsigned)strtoul(g_hash_table_lookup(row, column), NULL, 10);
}

static bool is_done(GHashTable *row)
{
    return row && g_str_equal(g_hash_table_lookup(row, "state"), HISTORY_DONE);
}

/* Also where only its verify could not be read, or found something. */
static bool took_effect(GHashTable *row)
{
    return is_done(row) || (row && g_str_equal(g_hash_table_lookup(row, "state"), HISTORY_VERIFY_FAILED));
}

bool truth_is_undecided(const Database *database)
{
    const GPtrArray *history = database->kept->history;
    for (guint i = 0; i < history->len; i++)
        if (!is_done(history->pdata[i]) && number(history->pdata[i], "intent"))
            return true;
    return false;
}

/* ---- Effects ---- */

/* Of a step that is neither done nor untouched: those before its mark took effect, the marked one may have.
 */
static void check_half(Database *database, const char *const *statements, GHashTable *row)
{
    unsigned done = row ? number(row, "statements_done") : 0, intent = row ? number(row, "intent") : 0;
    for (unsigned i = 0; statements[i]; i++) {
        unsigned count = database_effect(database, statements[i]);
        bool counted = statement_has_effect(statements[i]);
        if (counted && i < done && count != 1)
            database_complain(database, "recorded and did not happen: %s", statements[i]);
        if (counted && i >= done && i + 1 != intent && count != 0)
            database_complain(database, "happened and is not recorded: %s", statements[i]);
    }
}

static void check_whole(Database *database, const char *const *statements, unsigned wanted)
{
    for (; *statements; statements++) {
        unsigned count = database_effect(database, *statements);
        if (statement_has_effect(*statements) && count != wanted)
            database_complain(database, "took effect %u times, the version rows say %u: %s", count, wanted,
                              *statements);
    }
}

static void check_effects(const World *self, Database *database, PlanCommand command, int reached)
{
    int position = world_position(self, database);
    if (position < -1)
        database_complain(database, "its version rows are nowhere on the track");
    for (int i = 0; i < TRACK_LENGTH; i++) {
        const TrackRevision *revision = &self->track->revisions[i];
        GHashTable *up = database_history(database, revision->id, "up");
        GHashTable *down = database_history(database, revision->id, "down");
        if (i <= reached || i <= position)
            check_whole(database, revision->up, 1);
        else
            check_half(database, revision->up, is_done(up) ? NULL : up);
        if (command == PLAN_DOWNGRADE && i <= reached && i > position)
            check_whole(database, revision->down, 1);
        else
            check_half(database, revision->down, is_done(down) ? NULL : down);
        if (i <= position && !took_effect(up))
            database_complain(database, "%s is applied and its history does not say so", revision->id);
        if (i > position && i > reached && is_done(up))
            database_complain(database, "the history says %s is done and it is not applied", revision->id);
    }
}

/* ---- Results ---- */

static bool says_rows(char *const *rows, const World *self, int position)
{
    if (position < 0)
        return !rows[0];
    return rows[0] && !rows[1] && g_str_equal(rows[0], self->track->revisions[position].id);
}

static void check_step(const World *self, Database *database, const StepResult *step, unsigned attempts)
{
    int of = track_position(self->track, step->revision), position = world_position(self, database);
    bool up = g_strcmp0(step_result_direction(step), "up") == 0;
    bool applied = up ? of <= position : of > position;
    const char *state = step_result_state(step);
    if (g_strcmp0(state, HISTORY_DONE) == 0 && !applied)
        database_complain(database, "the result says that %s was done", step->revision);
    bool undone = g_strcmp0(state, STATE_ROLLED_BACK) == 0 || g_strcmp0(state, STATE_NOT_STARTED) == 0;
    if (undone && applied)
        database_complain(database, "the result says %s of %s, which is done", state, step->revision);
    if (step->tries > attempts)
        database_complain(database, "%s took %u tries of %u", step->revision, step->tries, attempts);
}

static void check_result(const World *self, Database *database, const TargetResult *result, int before,
                         const Target *target)
{
    int position = world_position(self, database);
    bool at_goal = result->rows_goal && says_rows(result->rows_goal, self, position);
    bool untouched = result->outcome == OUTCOME_NOT_STARTED || result->outcome == OUTCOME_LOCKED ||
                     result->outcome == OUTCOME_STALE || result->outcome == OUTCOME_UNREACHABLE;
    if (result->outcome == OUTCOME_DONE && (!at_goal || !result->rows_after))
        database_complain(database, "done, and not at its goal");
    if (result->outcome == OUTCOME_UNCHANGED && position != before)
        database_complain(database, "unchanged, and changed");
    if (result->rows_after && result->outcome != OUTCOME_UNKNOWN &&
        !says_rows(result->rows_after, self, position))
        database_complain(database, "the result says it is at %s, it is at position %d",
                          result->rows_after[0] ? result->rows_after[0] : "base", position);
    if (untouched && position != before)
        database_complain(database, "%s, and changed", outcome_name(result->outcome));
    if (result->outcome != OUTCOME_DONE && result->outcome != OUTCOME_UNCHANGED && !result->reason)
        database_complain(database, "%s without a reason", outcome_name(result->outcome));
    for (guint i = 0; i < result->step_count && result->outcome != OUTCOME_UNKNOWN; i++)
        check_step(self, database, &result->steps[i], target->settings.retry.attempts);
}

static void check_totals(World *self, const RunResult *run)
{
    unsigned sum = 0, good = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        sum += run_result_count(run, (Outcome)i);
    good = run_result_count(run, OUTCOME_DONE) + run_result_count(run, OUTCOME_UNCHANGED);
    if (sum != self->targets->len || run->targets->len != self->targets->len)
        world_complain(self, "%u outcomes for %u targets", sum, self->targets->len);
    if (run_result_exit_code(run) == 0 && good != self->targets->len)
        world_complain(self, "exit code 0 with %u of %u targets good", good, self->targets->len);
    if (run_result_exit_code(run) != 0 && good == self->targets->len && !run->interrupted &&
        !self->gate_failed)
        world_complain(self, "exit code %d with all targets good", run_result_exit_code(run));
}

void truth_check(World *self, const RunResult *run, const GArray *before, PlanCommand command)
{
    check_totals(self, run);
    for (guint i = 0; i < self->databases->len; i++) {
        Database *database = self->databases->pdata[i];
        const TargetResult *result = run->targets->pdata[i];
        int reached = command == PLAN_DOWNGRADE ? TRACK_LENGTH - 1 : -1;
        if (command == PLAN_DOWNGRADE && world_position(self, database) == -1 &&
            g_hash_table_size(database->kept->effects) == 0)
            reached = -1;
        check_effects(self, database, command, reached);
        check_result(self, database, result, g_array_index(before, int, i), self->targets->pdata[i]);
        if (database->wrong)
            world_complain(self, "run %u, %s (%s: %s): %s", self->runs, database->name,
                           outcome_name(result->outcome), result->reason ? result->reason : "",
                           database->wrong);
    }
}
