/* Explain: reads one target's history and runs, and says in words what the planner's verdict rests on. */
#include "run/doctor/explain.h"
#include "base/suggest.h"
#include "plans/plan_checks.h"
#include "run/doctor/doctor.h"
#include "run/session.h"
#include <stdlib.h>
#include <string.h>

#define STATEMENT_LINES 3
#define STATEMENT_WIDTH 72
#define EDITED_SHOWN 3

static bool is_up(const char *direction)
{
    return g_str_equal(direction, "up");
}

/* ---- Reading the target ---- */

static unsigned to_unsigned(const char *text)
{
    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

/* Columns as version_store_select_trail() has them. */
static TrailEntry *entry_from(char *const *row)
{
    TrailEntry *entry = g_new0(TrailEntry, 1);
    entry->revision = g_strdup(row[0]);
    entry->direction = g_strdup(row[1]);
    entry->state = g_strdup(row[2]);
    entry->total = to_unsigned(row[3]);
    entry->done = to_unsigned(row[4]);
    entry->intent = to_unsigned(row[5]);
    entry->checksum = g_strdup(row[6]);
    entry->run_id = g_strdup(row[7]);
    entry->applied_by = g_strdup(row[8]);
    entry->started = g_strdup(row[9]);
    entry->finished = g_strdup(row[10]);
    entry->detail = g_strdup(row[11]);
    return entry;
}

static void read_trail(Explanation *self, Connection *connection, const VersionStore *store,
                       const char *revision, unsigned limit)
{
    g_autofree char *sql = version_store_select_trail(store, revision, limit);
    g_autoptr(RowSet) rows = connection_query(connection, sql, NULL);
    for (guint i = 0; rows && i < rows->rows->len; i++)
        g_ptr_array_add(self->trail, entry_from(rows->rows->pdata[i]));
}

static const TrailEntry *trail_of(const Explanation *self, const char *revision)
{
    for (guint i = 0; i < self->trail->len; i++) {
        const TrailEntry *entry = self->trail->pdata[i];
        if (g_str_equal(entry->revision, revision))
            return entry;
    }
    return NULL;
}

/* The newest "up" whose section is another one now; NULL if the entry is no such. */
static const Revision *edited_revision(const HistoryEntry *entry, const RevisionGraph *graph, Dialect dialect)
{
    const Revision *revision = revision_graph_find(graph, entry->revision);
    bool applied = is_up(entry->direction) && g_str_equal(entry->state, HISTORY_DONE);
    if (!revision || !applied || !entry->checksum)
        return NULL;
    const Section *section = revision_section(revision, SECTION_UP, dialect);
    return section && g_str_equal(section->checksum, entry->checksum) ? NULL : revision;
}

/* Rows that the details speak of and that may be older than the newest ones. */
static void read_subjects(Explanation *self, Connection *connection, const VersionStore *store,
                          const RevisionGraph *graph)
{
    unsigned shown = 0;
    const HistoryEntry *open = target_state_unfinished(self->state);
    if (open && !trail_of(self, open->revision))
        read_trail(self, connection, store, open->revision, 1);
    for (guint i = 0; i < self->state->history->len && shown < EDITED_SHOWN; i++) {
        const HistoryEntry *entry = self->state->history->pdata[i];
        if (!edited_revision(entry, graph, self->state->dialect))
            continue;
        if (!trail_of(self, entry->revision))
            read_trail(self, connection, store, entry->revision, 1);
        shown++;
    }
}

void explain_read(Explanation *self, const RevisionGraph *graph, const ExplainOptions *options)
{
    const SessionOptions session = {
        .secrets = options->secrets, .folder = options->folder, .read_only = true};
    if (!self->state || self->state->outcome != PROBE_OK || !self->state->server_version)
        return;
    g_autoptr(Connection) connection = session_open(self->target, &session, NULL);
    if (!connection)
        return;
    VersionStore store = session_store(connection, options->version_table);
    g_autofree char *key = lock_key(&connection->server, options->version_table);
    self->lock_holder = connection->driver->lock_holder(connection, key);
    if (!self->state->has_history)
        return;
    read_trail(self, connection, &store, NULL, EXPLAIN_TRAIL);
    read_subjects(self, connection, &store, graph);
}

/* ---- Reading the ledger ---- */

static void add_run(Explanation *self, const RunResult *run, const TargetResult *target)
{
    ExplainedRun *explained = g_new0(ExplainedRun, 1);
    explained->id = g_strdup(run->id);
    explained->command = g_strconcat(run->command, " ", run->goal, NULL);
    explained->outcome = target->outcome;
    explained->reason = g_strdup(target->reason);
    explained->started_us = run->started_us;
    explained->end = run_end_name(run->finished_us, run->state, run->interrupted, run->halt_reason != NULL);
    g_ptr_array_add(self->runs, explained);
}

/* The lock's holder is a run that the ledger says is over or dead. */
static bool holder_is_over(const Explanation *self, Ledger *ledger)
{
    g_autofree char *id = doctor_holder_run(self->lock_holder);
    g_autoptr(RunResult) run = id ? ledger_find(ledger, id, NULL) : NULL;
    return run && (run->finished_us || run->state == RUN_DIED);
}

void explain_runs(Explanation *self, Ledger *ledger)
{
    self->lock_is_stale = holder_is_over(self, ledger);
    g_autoptr(GPtrArray) runs = ledger_runs_of_target(ledger, self->target->name, EXPLAIN_RUNS, NULL);
    for (guint i = 0; runs && i < runs->len; i++) {
        const RunResult *run = runs->pdata[i];
        if (run->targets->len > 0)
            add_run(self, run, run->targets->pdata[0]);
    }
}

/* ---- Details ---- */

static void detail(Explanation *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void detail(Explanation *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(self->details, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static const char *or_unknown(const char *text)
{
    return text && *text ? text : "unknown";
}

static void detail_edited(Explanation *self, const RevisionGraph *graph)
{
    unsigned shown = 0;
    for (guint i = 0; i < self->state->history->len && shown < EDITED_SHOWN; i++) {
        const HistoryEntry *entry = self->state->history->pdata[i];
        const Revision *revision = edited_revision(entry, graph, self->state->dialect);
        const TrailEntry *trail = revision ? trail_of(self, entry->revision) : NULL;
        if (!revision)
            continue;
        const Section *now = revision_section(revision, SECTION_UP, self->state->dialect);
        detail(self, "%s: %.12s when %s applied it %s in run %s; %.12s now", entry->revision, entry->checksum,
               trail ? or_unknown(trail->applied_by) : "somebody",
               trail ? or_unknown(trail->started) : "unknown when",
               trail ? or_unknown(trail->run_id) : "unknown", now ? now->checksum : "no section");
        shown++;
    }
}

/* The statement with this number (from 1) of the section as its file is now. Caller frees; NULL if it cannot
 * be told. */
static char *statement_of(const Explanation *self, const RevisionGraph *graph, const HistoryEntry *open,
                          unsigned number)
{
    const Revision *revision = revision_graph_find(graph, open->revision);
    SectionKind kind = is_up(open->direction) ? SECTION_UP : SECTION_DOWN;
    const Section *section = revision ? revision_section(revision, kind, self->state->dialect) : NULL;
    if (!section)
        return NULL;
    g_autoptr(GHashTable) variables = plan_target_variables(self->target, NULL);
    g_autoptr(Script) script = plan_section_script(section, self->state->dialect, variables, NULL);
    if (!script || number == 0 || number > script_length(script))
        return NULL;
    const Statement *statement = script_at(script, number - 1);
    return sql_first_lines(script_text(script) + statement->start, statement->length, STATEMENT_LINES,
                           STATEMENT_WIDTH);
}

static void detail_unfinished(Explanation *self, const RevisionGraph *graph)
{
    const HistoryEntry *open = target_state_unfinished(self->state);
    if (!open)
        return;
    const TrailEntry *trail = trail_of(self, open->revision);
    unsigned number = open->intent ? open->intent : open->statements_done + 1;
    detail(self, "%s of %s: %u of %u statements took effect; begun %s by %s in run %s", open->direction,
           open->revision, open->statements_done, open->statements_total,
           trail ? or_unknown(trail->started) : "unknown", trail ? or_unknown(trail->applied_by) : "unknown",
           or_unknown(open->run_id));
    if (open->detail && *open->detail)
        detail(self, "it said: %s", open->detail);
    self->statement = statement_of(self, graph, open, number);
    if (self->statement)
        detail(self,
               open->intent ? "whether statement %u took effect is not known; in its file it now reads:"
                            : "it stopped at statement %u:",
               number);
}

static void detail_unknown(Explanation *self, const RevisionGraph *graph)
{
    unsigned count = revision_graph_length(graph);
    g_autofree const char **ids = g_new0(const char *, count + 1);
    for (unsigned i = 0; i < count; i++)
        ids[i] = revision_graph_at(graph, i)->id;
    for (char **row = self->state->rows; *row; row++) {
        const char *near = revision_graph_find(graph, *row) ? NULL : suggest_nearest(*row, ids, count);
        const TrailEntry *trail = trail_of(self, *row);
        if (revision_graph_find(graph, *row))
            continue;
        detail(self, "no file here has revision %s%s%s%s", *row, near ? "; the nearest is " : "",
               near ? near : "", near ? "" : ", and none is near it");
        if (trail)
            detail(self, "it was applied here %s by %s in run %s: these files are older than theirs",
                   or_unknown(trail->started), or_unknown(trail->applied_by), or_unknown(trail->run_id));
    }
}

static void detail_inactive(Explanation *self)
{
    const Target *target = self->target;
    detail(self, "%s:%u says so%s%s", target->place.file ? target->place.file : "the inventory",
           target->place.line, target->life_until ? ", until " : "",
           target->life_until ? target->life_until : "");
}

static void detail_unreachable(Explanation *self)
{
    detail(self, "error class: %s", or_unknown(self->state->error_class));
}

/* ---- What to type ---- */

/* Quoted where a shell would make something else of it. Caller frees. */
static char *shell_word(const char *text)
{
    bool plain = strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.") == strlen(text);
    return plain ? g_strdup(text) : g_shell_quote(text);
}

static void next(Explanation *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void next(Explanation *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *name = shell_word(self->target->name);
    bool other_track = !g_str_equal(self->target->track, "default");
    g_ptr_array_add(self->next,
                    g_strdup_printf("dbfleet %s -l %s%s%s", command, name, other_track ? " -n " : "",
                                    other_track ? self->target->track : ""));
}

/* What a person can say of a statement whose outcome nobody else can tell. */
static void next_answers(Explanation *self, const char *run_id)
{
    static const char *const answers[] = {"--assume-done", "--assume-not-done"};
    g_autofree char *name = shell_word(self->target->name);
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
        g_ptr_array_add(self->next, g_strdup_printf("dbfleet resume %s %s %s", run_id, answers[i], name));
    next(self, "stamp REVISION");
}

static void next_blocked(Explanation *self)
{
    const HistoryEntry *open = self->state ? target_state_unfinished(self->state) : NULL;
    switch (self->planned->problem) {
    case PROBLEM_EDITED:
        next(self, "upgrade %s --allow-edited", self->goal);
        break;
    case PROBLEM_UNDECIDABLE:
        next_answers(self, open->run_id);
        break;
    case PROBLEM_UNFINISHED:
        if (open)
            next(self, "%s %s", is_up(open->direction) ? "upgrade" : "downgrade",
                 is_up(open->direction) ? open->revision : "-1");
        next(self, "stamp REVISION");
        break;
    case PROBLEM_VERIFY_FAILED:
        next(self, "downgrade -1");
        next(self, "stamp heads");
        break;
    case PROBLEM_NEVER_RUN:
        next(self, "upgrade %s --fill", self->goal);
        break;
    case PROBLEM_UNKNOWN_REVISION:
        next(self, "history -i");
        next(self, "stamp REVISION");
        break;
    case PROBLEM_STATE:
        next(self, "doctor");
        break;
    default:
        next(self, "plan upgrade %s -v", self->goal);
    }
}

static void judge_next(Explanation *self)
{
    switch (self->planned->verdict) {
    case PLAN_PENDING:
        if (plan_path_has_checks(self->path))
            next(self, "plan upgrade %s --check", self->goal);
        next(self, "upgrade %s", self->goal);
        break;
    case PLAN_BLOCKED:
        next_blocked(self);
        break;
    case PLAN_UNREACHABLE:
        next(self, "doctor");
        break;
    case PLAN_AT_GOAL:
        if (self->planned->problem == PROBLEM_VERIFY_FAILED)
            next_blocked(self);
        break;
    case PLAN_INACTIVE:
        g_ptr_array_add(self->next, g_strdup_printf("dbfleet inventory show %s", self->target->name));
        break;
    }
}

void explain_judge(Explanation *self, const RevisionGraph *graph)
{
    if (self->planned->verdict == PLAN_INACTIVE)
        detail_inactive(self);
    else if (self->planned->verdict == PLAN_UNREACHABLE)
        detail_unreachable(self);
    else if (self->planned->problem == PROBLEM_EDITED)
        detail_edited(self, graph);
    else if (self->planned->problem == PROBLEM_UNFINISHED || self->planned->problem == PROBLEM_UNDECIDABLE)
        detail_unfinished(self, graph);
    else if (self->planned->problem == PROBLEM_UNKNOWN_REVISION)
        detail_unknown(self, graph);
    judge_next(self);
}
