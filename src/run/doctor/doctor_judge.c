/* Doctor's judgement: from what was gathered to findings, per target and once per server. Pure. */
#include "run/doctor/checkup_internal.h"
#include "run/doctor/doctor.h"
#include <string.h>

#define CLOCK_SKEW_MAX_S 60

/* ---- Servers ---- */

/* Connections a run would have open at once on a server of so many targets. */
static unsigned wanted_of(const CheckupServer *server, const Target *target, const DoctorFacts *facts)
{
    unsigned wanted = MIN(facts->jobs, server->targets);
    if (facts->per_host)
        wanted = MIN(wanted, facts->per_host);
    if (target->settings.per_host)
        wanted = MIN(wanted, target->settings.per_host);
    return wanted;
}

static CheckupServer *server_of(Checkup *self, GHashTable *by_name, const Target *target)
{
    CheckupServer *server = g_hash_table_lookup(by_name, target->server);
    if (server)
        return server;
    server = g_new0(CheckupServer, 1);
    server->name = target->server;
    server->findings = findings_new();
    g_hash_table_insert(by_name, target->server, server);
    g_ptr_array_add(self->servers, server);
    return server;
}

static bool is_told(const GPtrArray *findings, const Finding *finding)
{
    for (guint i = 0; i < findings->len; i++) {
        const Finding *other = findings->pdata[i];
        if (g_str_equal(other->subject, finding->subject) && g_str_equal(other->found, finding->found))
            return true;
    }
    return false;
}

/* Of several looks at the same server the one that left most free: fewest sessions of our own were there. */
static void take_connections(CheckupServer *server, const Examination *examination)
{
    gint64 most = examination->connections_max, used = examination->connections_in_use;
    if (most <= 0)
        return;
    bool better =
        !server->connections_max || most - used > server->connections_max - server->connections_in_use;
    if (!better)
        return;
    server->connections_max = most;
    server->connections_in_use = MAX(used, 0);
}

static void judge_connections(CheckupServer *server)
{
    gint64 unused = server->connections_max - server->connections_in_use;
    if (!server->connections_max || server->connections_wanted <= unused)
        return;
    g_autofree char *advice =
        unused > 1 ? g_strdup_printf("Set per_host or --jobs to %" G_GINT64_FORMAT " at most.", unused - 1)
                   : g_strdup("Free some, or raise max_connections.");
    findings_add_of_server(server->findings, FINDING_WARNING, "max-connections", advice,
                           "a run would open %u connections at once, and %" G_GINT64_FORMAT
                           " of %" G_GINT64_FORMAT " are free",
                           server->connections_wanted, MAX(unused, 0), server->connections_max);
}

/* ---- Targets ---- */

/* How a problem of the plan is told. The planner's reason says what to do. */
static const char *const problem_subjects[] = {
    [PROBLEM_NO_SECTION] = "revisions",
    [PROBLEM_IRREVERSIBLE] = "revisions",
    [PROBLEM_TRANSACTION_CONTROL] = "revisions",
    [PROBLEM_LOCK_TABLES] = "revisions",
    [PROBLEM_NEEDS_NO_TRANSACTION] = "revisions",
    [PROBLEM_TARGET_TRANSACTION] = "revisions",
    [PROBLEM_UNDEFINED_VARIABLE] = "revisions",
    [PROBLEM_SYNTAX] = "revisions",
    [PROBLEM_ID_TOO_LONG] = "version-table",
    [PROBLEM_GRAPH] = "revisions",
    [PROBLEM_NO_PATH] = "version-table",
    [PROBLEM_UNKNOWN_REVISION] = "version-table",
    [PROBLEM_EDITED] = "history",
    [PROBLEM_UNFINISHED] = "history",
    [PROBLEM_UNDECIDABLE] = "history",
    [PROBLEM_VERIFY_FAILED] = "history",
    [PROBLEM_NEVER_RUN] = "history",
    [PROBLEM_UNREACHABLE] = "connection",
    [PROBLEM_STATE] = "version-table",
};

/* What is told and holds nothing up is a warning. A busy target is told by its lock. */
static void judge_plan(CheckupTarget *self, const PlanTarget *planned)
{
    if (planned->problem == PROBLEM_NONE || planned->problem == PROBLEM_BUSY)
        return;
    bool has_row = planned->problem < G_N_ELEMENTS(problem_subjects) && problem_subjects[planned->problem];
    const char *subject = has_row ? problem_subjects[planned->problem] : "plan";
    bool blocks = planned->verdict == PLAN_BLOCKED || planned->verdict == PLAN_UNREACHABLE;
    findings_add(self->findings, blocks ? FINDING_ERROR : FINDING_WARNING, subject, NULL, "%s",
                 planned->reason ? planned->reason : plan_problem_name(planned->problem));
}

static void judge_tables(CheckupTarget *self, const TargetState *state)
{
    for (char **row = state->rows; row && row[0] && row[1]; row++)
        if (g_str_equal(row[0], row[1]))
            findings_add(self->findings, FINDING_ERROR, "version-table",
                         "Remove one of the two rows, and give the table its primary key.",
                         "revision %s stands twice in the version table", row[0]);
    if (!state->server_version)
        findings_add(self->findings, FINDING_NOTE, "connection", NULL,
                     "the database is not there yet: an upgrade makes it");
    else if (!state->has_version_table)
        findings_add(self->findings, FINDING_NOTE, "version-table", NULL,
                     "dbfleet's tables are not there yet: the first upgrade makes them");
    else if (state->rows && state->rows[0] && state->history->len == 0)
        findings_add(self->findings, FINDING_NOTE, "history", NULL,
                     "there are version rows and no history: another program applied them, and dbfleet "
                     "cannot check their files");
}

static void judge_settings(CheckupTarget *self)
{
    const TargetSettings *settings = &self->target->settings;
    if (settings->lock_timeout_ms == 0)
        findings_add(self->findings, FINDING_WARNING, "lock-timeout", "Say \"lock_timeout: 5s\".",
                     "lock_timeout is 0: a step waits for ever behind a long query, and everybody else "
                     "behind the step");
    if (settings->statement_timeout_ms == 0)
        findings_add(self->findings, FINDING_NOTE, "statement-timeout", "Say \"statement_timeout: 15min\".",
                     "statement_timeout is 0: nothing ends a statement that hangs");
}

/* The same server may be seen a second or two apart: told once. */
static void judge_clock(CheckupServer *self, gint64 skew_us)
{
    gint64 seconds = skew_us / G_USEC_PER_SEC;
    if (ABS(seconds) <= CLOCK_SKEW_MAX_S || self->clock_is_told)
        return;
    self->clock_is_told = true;
    findings_add_of_server(self->findings, FINDING_NOTE, "clock", "Have both follow NTP.",
                           "the server's clock is %" G_GINT64_FORMAT " s %s ours: times in histories and "
                           "reports do not fit together",
                           ABS(seconds), seconds > 0 ? "ahead of" : "behind");
}

char *doctor_holder_run(const char *holder)
{
    static const char mark[] = "application dbfleet ";
    const char *at = holder ? strstr(holder, mark) : NULL;
    return at ? g_strndup(at + strlen(mark), strcspn(at + strlen(mark), ", ")) : NULL;
}

/* Only what is known: a server frees a lock with its session, so one that is held has a session behind it,
 * whether or not the dbfleet at its other end still lives. */
static void judge_lock(CheckupTarget *self, const char *holder, const DoctorFacts *facts)
{
    g_autofree char *run = doctor_holder_run(holder);
    if (!holder)
        return;
    if (run && facts->runs_over && g_hash_table_contains(facts->runs_over, run))
        findings_add(
            self->findings, FINDING_WARNING, "lock",
            "Wait until its statement has ended, or end that session on the server; until then a run waits "
            "lock_wait and gives up.",
            "stale: the run that took the target's lock is over or its process gone, and its session "
            "is still there (%s)",
            holder);
    else
        findings_add(self->findings, FINDING_NOTE, "lock", "A run waits for it, as long as lock_wait says.",
                     "another dbfleet holds the target's lock (%s)", holder);
}

/* ---- Both ---- */

/* What is the server's goes to the server, once. */
static void take_findings(CheckupTarget *self, CheckupServer *server, const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = findings->pdata[i];
        GPtrArray *list = finding->of_server ? server->findings : self->findings;
        if (finding->of_server && is_told(list, finding))
            continue;
        if (finding->of_server)
            findings_add_of_server(list, finding->level, finding->subject, finding->advice, "%s",
                                   finding->found);
        else
            findings_add(list, finding->level, finding->subject, finding->advice, "%s", finding->found);
    }
}

static void judge_target(CheckupTarget *self, CheckupServer *server, const DoctorTarget *gathered,
                         const PlanTarget *planned, const DoctorFacts *facts)
{
    const TargetState *state = gathered->state;
    self->server_version = state->server_version;
    self->unreachable = state->outcome == PROBE_UNREACHABLE;
    judge_plan(self, planned);
    server->unreachable += self->unreachable;
    if (self->unreachable)
        return;
    if (gathered->examination) {
        server->version = state->server_version;
        take_findings(self, server, gathered->examination->findings);
        take_connections(server, gathered->examination);
        judge_clock(server, gathered->clock_skew_us);
    }
    if (state->outcome == PROBE_OK)
        judge_tables(self, state);
    judge_settings(self);
    judge_lock(self, gathered->lock_holder, facts);
}

static void judge_worst(Checkup *self)
{
    self->worst = self->local ? findings_worst(self->local) : FINDING_OK;
    for (guint i = 0; i < self->servers->len; i++)
        self->worst =
            MAX(self->worst, findings_worst(((const CheckupServer *)self->servers->pdata[i])->findings));
    for (guint i = 0; i < self->targets->len; i++) {
        const CheckupTarget *target = self->targets->pdata[i];
        self->unreachable += target->unreachable;
        if (!target->unreachable)
            self->worst = MAX(self->worst, findings_worst(target->findings));
    }
}

Checkup *doctor_judge(const GPtrArray *targets, const GPtrArray *gathered, const Plan *plan,
                      const DoctorFacts *facts, GPtrArray *local)
{
    Checkup *self = checkup_new();
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    self->local = local;
    for (guint i = 0; i < targets->len; i++) {
        const Target *target = targets->pdata[i];
        if (!gathered->pdata[i]) {
            self->inactive++;
            continue;
        }
        CheckupServer *server = server_of(self, by_name, target);
        CheckupTarget *checked = g_new0(CheckupTarget, 1);
        checked->target = target;
        checked->findings = findings_new();
        server->targets++;
        server->connections_wanted = wanted_of(server, target, facts);
        g_ptr_array_add(self->targets, checked);
        judge_target(checked, server, gathered->pdata[i], plan->targets->pdata[i], facts);
    }
    for (guint i = 0; i < self->servers->len; i++)
        judge_connections(self->servers->pdata[i]);
    judge_worst(self);
    return self;
}
