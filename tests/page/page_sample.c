/* Page sample: runs made up in memory, as the page that a report of them is, for the tests of the page and
 * for who works on it: page_sample KIND [TARGETS] [--json | --live URL] > page.html. The same kind gives the
 * same bytes each time. Kinds: halted (every outcome, waves, a gate that failed), done, running, hostile
 * (texts that try to be markup), plain (no waves), many (groups, and kinds of failures), empty. */
#include "base/intern.h"
#include "plan_sample.h"
#include "report/report_page.h"
#include <stdio.h>
#include <string.h>

#define STARTED G_GINT64_CONSTANT(1795365600000000) /* 2026-11-22T16:40:00Z */
#define MILLISECOND 1000
#define WORKERS 24

typedef struct Sample {
    RunResult *run;
    GRand *chance;
    gint64 free_at[WORKERS]; /* when each worker is free */
    const char *kind;
    unsigned targets;
} Sample;

typedef struct SampleRevision {
    const char *revision;
    const char *message;
    gint64 median_us;
} SampleRevision;

static const SampleRevision revisions[] = {
    {"9c2e77aa01b3", "add invoices", 40 * MILLISECOND},
    {"4b1f0c27a9de", "index invoices by customer", 900 * MILLISECOND},
    {"a07d5513be42", "split address into its parts", 220 * MILLISECOND},
    {"c3e1900d77f8", "drop the old address", 15 * MILLISECOND}};

static const char *const groups[] = {"canary", "eu", "eu/west", "us", "apac", "internal"};
static const unsigned group_shares[] = {2, 35, 18, 28, 12, 5};

static bool kind_is(const Sample *self, const char *kind)
{
    return g_str_equal(self->kind, kind);
}

static char **rows(const char *revision)
{
    const char *const texts[] = {revision, NULL};
    return g_strdupv((char **)texts);
}

/* ---- Failures ---- */

static Failure *statement_failure(unsigned place)
{
    Failure *failure = failure_new();
    failure->error_class = g_strdup("constraint");
    failure->code = g_strdup("23505");
    failure->message =
        g_strdup_printf("could not create unique index \"invoices_customer\": key %u is there twice", place);
    failure->detail =
        g_strdup_printf("Key (customer_id, number)=(%u, 1007) is duplicated.", place * 7 % 9000);
    failure->hint =
        g_strdup("Find the rows that are there twice before you retry: select customer_id, number from "
                 "invoices group by 1, 2 having count(*) > 1");
    failure->revision = g_strdup(revisions[1].revision);
    failure->direction = g_strdup("up");
    failure->file = g_strdup("versions/4b1f0c27a9de_index_invoices_by_customer.sql");
    failure->line = 9;
    failure->column = 46;
    failure->statement = 2;
    failure->sql = g_strdup("create unique index invoices_customer\n  on invoices (customer_id, number)");
    failure->excerpt = g_strdup("create unique index invoices_customer on invoices (customer_id, number)\n"
                                "                                         ^\n");
    return failure;
}

static Failure *lock_failure(unsigned place)
{
    Failure *failure = failure_new();
    failure->error_class = g_strdup("lock-timeout");
    failure->code = g_strdup("55P03");
    failure->message = g_strdup("canceling statement due to lock timeout");
    failure->revision = g_strdup(revisions[2].revision);
    failure->direction = g_strdup("up");
    failure->file = g_strdup("versions/a07d5513be42_split_address_into_its_parts.sql");
    failure->line = 14;
    failure->statement = 3;
    failure->sql = g_strdup("alter table customers\n  add column street text,\n  add column city text");
    failure->blocker = g_strdup_printf(
        "pid %u, reporting@bi-7, \"select * from customers\", idle in transaction for 41 min", 20000 + place);
    failure->hint = g_strdup("lock_timeout was 5s and it was tried 4 times");
    return failure;
}

static Failure *undecidable_failure(void)
{
    Failure *failure = failure_new();
    failure->error_class = g_strdup("undecidable");
    failure->code = g_strdup("2013");
    failure->message = g_strdup("Lost connection to server during query");
    failure->revision = g_strdup(revisions[2].revision);
    failure->direction = g_strdup("up");
    failure->file = g_strdup("versions/a07d5513be42_split_address_into_its_parts.sql");
    failure->line = 22;
    failure->statement = 5;
    failure->sql = g_strdup("call move_addresses()");
    failure->difference =
        g_strdup("- customers: 12 columns, 3 indexes\n+ customers: 14 columns, 3 indexes\n");
    failure->hint = g_strdup("look at the table, then say what is true: dbfleet continue, or dbfleet abort");
    return failure;
}

static Failure *hostile_failure(void)
{
    Failure *failure = statement_failure(1);
    g_free(failure->message);
    failure->message = g_strdup(
        "</script><script>window.hacked = 'message'</script><img src=x onerror=\"window.hacked='image'\">");
    g_free(failure->excerpt);
    failure->excerpt =
        g_strdup("select '<!--<script>' || \"</pre><svg onload=window.hacked='svg'>\"\n       ^\n");
    g_free(failure->hint);
    failure->hint = g_strdup("javascript:window.hacked='hint' \xe2\x80\xae \x01 {{data}} ${alert(1)}");
    return failure;
}

/* ---- Targets ---- */

static Outcome outcome_of(const Sample *self, unsigned place)
{
    static const Outcome rare[] = {OUTCOME_UNREACHABLE, OUTCOME_LOCKED,  OUTCOME_STALE,    OUTCOME_BLOCKED,
                                   OUTCOME_UNKNOWN,     OUTCOME_STOPPED, OUTCOME_CANCELLED};
    unsigned share = place * 100 / self->targets, odd = place * 2654435761U % 1000;
    if (kind_is(self, "done"))
        return odd < 60 ? OUTCOME_UNCHANGED : OUTCOME_DONE;
    if (odd >= 990)
        return OUTCOME_INACTIVE;
    if (share >= 62 && !kind_is(self, "plain"))
        return OUTCOME_NOT_STARTED;
    if (odd < 14 * 2)
        return rare[odd / 4];
    if (share > 24 && odd < 60)
        return OUTCOME_FAILED;
    return odd < 110 ? OUTCOME_UNCHANGED : OUTCOME_DONE;
}

static const char *group_of(const Sample *self, unsigned place)
{
    unsigned share = place * 100 / self->targets, sum = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(groups); i++)
        if (share < (sum += group_shares[i]))
            return groups[i];
    return groups[0];
}

static gint64 duration_of(Sample *self, gint64 median)
{
    double wide = g_rand_double_range(self->chance, 0.5, 1.9);
    return (gint64)((double)median * wide * (g_rand_int_range(self->chance, 0, 400) == 0 ? 14 : 1));
}

static void add_step(TargetResult *target, unsigned number, const char *state, gint64 started, gint64 took)
{
    bool done = g_str_equal(state, "done");
    StepResult *step = target_result_add_step(target);
    g_autofree char *id = g_strdup_printf("%s-%u", target->name, number);
    step_result_set_id(step, id);
    step->revision = g_intern_string(revisions[number].revision);
    step->message = g_intern_string(revisions[number].message);
    step_result_set_direction(step, "up");
    step_result_set_state(step, state);
    step->started_us = started;
    step->duration_us = took;
    step->statements_total = 3;
    step->statements_done = done ? 3 : 1;
    step->tries = took > 3 * revisions[number].median_us ? 3 : 1;
}

/* All steps, or those before the one that it failed or stopped at. */
static gint64 add_steps(Sample *self, TargetResult *target, gint64 started)
{
    unsigned whole = target->outcome == OUTCOME_DONE ? G_N_ELEMENTS(revisions) : 1;
    const char *last = target->outcome == OUTCOME_FAILED || target->outcome == OUTCOME_CANCELLED
                           ? "rolled-back"
                       : target->outcome == OUTCOME_UNKNOWN ? "running"
                                                            : NULL;
    gint64 now = started + 8 * MILLISECOND;
    for (unsigned i = 0; i < whole; i++) {
        gint64 took = duration_of(self, revisions[i].median_us);
        add_step(target, i, "done", now, took);
        now += took;
    }
    if (last) {
        add_step(target, 1, last, now, 300 * MILLISECOND);
        now += 300 * MILLISECOND;
    }
    return now - started;
}

static void add_reason(TargetResult *target, unsigned place)
{
    static const char *const reasons[OUTCOME_COUNT] = {
        [OUTCOME_UNREACHABLE] = "could not connect: connection to server at \"db3.internal\" timed out",
        [OUTCOME_LOCKED] = "held by deploy@ci-3, pid 4711, run 20261122-163900-p9q2, since 16:39:02",
        [OUTCOME_STALE] = "its heads moved since it was planned: 9c2e77aa01b3 instead of 77d0c1b2a3f4",
        [OUTCOME_BLOCKED] = "revision 9c2e77aa01b3 was edited after it ran here",
        [OUTCOME_STOPPED] = "stopped between two steps",
        [OUTCOME_CANCELLED] = "cancelled inside a step, which was rolled back",
        [OUTCOME_NOT_STARTED] = "the run halted before its turn",
        [OUTCOME_INACTIVE] = "suspended"};
    if (target->outcome == OUTCOME_FAILED)
        target->failure = place % 5 == 0 ? lock_failure(place) : statement_failure(place);
    else if (target->outcome == OUTCOME_UNKNOWN)
        target->failure = undecidable_failure();
    target->reason = g_strdup(target->failure ? target->failure->message : reasons[target->outcome]);
}

static unsigned free_worker(const Sample *self)
{
    unsigned best = 0;
    for (unsigned i = 1; i < WORKERS; i++)
        if (self->free_at[i] < self->free_at[best])
            best = i;
    return best;
}

static void run_target(Sample *self, TargetResult *target)
{
    unsigned worker = free_worker(self);
    bool steps = target->outcome == OUTCOME_DONE || target->outcome == OUTCOME_FAILED ||
                 target->outcome == OUTCOME_UNKNOWN || target->outcome == OUTCOME_STOPPED ||
                 target->outcome == OUTCOME_CANCELLED;
    target->started_us = self->free_at[worker];
    target->worker = worker + 1;
    target->duration_us = steps
                              ? add_steps(self, target, target->started_us)
                              : duration_of(self, target->outcome == OUTCOME_UNREACHABLE ? 5000 * MILLISECOND
                                                                                         : 20 * MILLISECOND);
    self->free_at[worker] += target->duration_us + 2 * MILLISECOND;
}

static void add_heads(TargetResult *target)
{
    if (target->outcome == OUTCOME_UNREACHABLE || target->outcome == OUTCOME_INACTIVE)
        return;
    target->rows_before = rows(target->outcome == OUTCOME_UNCHANGED ? revisions[3].revision : "77d0c1b2a3f4");
    target->rows_goal = rows(revisions[3].revision);
    if (target->outcome == OUTCOME_DONE || target->outcome == OUTCOME_UNCHANGED)
        target->rows_after = rows(revisions[3].revision);
    else if (target->outcome == OUTCOME_FAILED || target->outcome == OUTCOME_STOPPED)
        target->rows_after = rows(revisions[0].revision);
}

static TargetResult *add_target(Sample *self, unsigned place)
{
    TargetResult *target = target_result_new();
    const char *group = group_of(self, place);
    bool file = g_str_equal(group, "internal");
    target->name = g_strdup_printf("%.*s-%04u", (int)strcspn(group, "/"), group, place + 1);
    target->group = g_intern_string(group);
    target->server = file ? g_strdup_printf("sqlite:data/%s.db", target->name)
                          : g_strdup_printf("postgresql://db%u.%.*s.internal:5432/%s", 1 + place % 7,
                                            (int)strcspn(group, "/"), group, target->name);
    target->dialect = g_intern_string(file ? "sqlite" : "postgres");
    target->server_version = g_intern_string(file ? "3.40.1" : "15.14");
    target->outcome = outcome_of(self, place);
    g_ptr_array_add(self->run->targets, target);
    add_heads(target);
    if (target->outcome == OUTCOME_INACTIVE)
        return target;
    if (target->outcome != OUTCOME_UNCHANGED) {
        target->steps_planned = G_N_ELEMENTS(revisions);
        target->path = g_intern_string("up-from-77d0");
    }
    return target;
}

/* ---- Waves ---- */

static GateResult *sample_gate(const char *name, const char *kind, bool passed, const char *saw, gint64 at)
{
    GateResult *gate = gate_result_new();
    gate->name = g_strdup(name);
    gate->kind = g_strdup(kind);
    gate->passed = passed;
    gate->saw = g_strdup(saw);
    gate->tries = passed ? 1 : 3;
    gate->started_us = at;
    gate->duration_us = passed ? 80 * MILLISECOND : 2100 * MILLISECOND;
    return gate;
}

typedef struct SampleWave {
    const char *name;
    unsigned until; /* percent of all targets */
} SampleWave;

static const SampleWave waves[] = {{"canary", 2}, {"10%", 12}, {"25%", 37}, {"25%", 62}, {"rest", 100}};

static WaveResult *add_wave(Sample *self, const SampleWave *sample, WaveState state)
{
    WaveResult *wave = wave_result_new();
    wave->name = g_strdup(sample->name);
    wave->state = state;
    g_ptr_array_add(self->run->waves, wave);
    return wave;
}

static gint64 last_free(const Sample *self)
{
    gint64 last = 0;
    for (unsigned i = 0; i < WORKERS; i++)
        last = MAX(last, self->free_at[i]);
    return last;
}

static void end_wave(Sample *self, WaveResult *wave, unsigned place)
{
    gint64 finished = last_free(self), next = finished + 3000 * MILLISECOND;
    wave->finished_us = finished;
    if (wave->state != WAVE_HALTED || place == 3)
        wave->soak_until_us = finished + 2000 * MILLISECOND;
    if (wave->state == WAVE_DONE || place == 3) {
        g_ptr_array_add(
            wave->gates,
            sample_gate("error rate of the shop", "http", wave->state == WAVE_DONE,
                        wave->state == WAVE_DONE ? "HTTP 204" : "HTTP 503: error rate 4.1 %, at most 0.5 %",
                        finished + 2000 * MILLISECOND));
        g_ptr_array_add(wave->gates, sample_gate("no invoice without a number", "sql", true, NULL,
                                                 finished + 2100 * MILLISECOND));
    }
    for (unsigned i = 0; i < WORKERS; i++)
        self->free_at[i] = next;
}

static WaveState wave_state_of(const Sample *self, unsigned place)
{
    if (kind_is(self, "done"))
        return WAVE_DONE;
    if (place < 3)
        return WAVE_DONE;
    if (kind_is(self, "running"))
        return place == 3 ? WAVE_RUNNING : WAVE_WAITING;
    return place == 3 ? WAVE_HALTED : WAVE_NOT_STARTED;
}

static void run_wave(Sample *self, unsigned place, unsigned from, unsigned to)
{
    WaveResult *wave = add_wave(self, &waves[place], wave_state_of(self, place));
    bool began = wave->state != WAVE_NOT_STARTED && wave->state != WAVE_WAITING;
    wave->started_us = began ? self->free_at[0] : 0;
    for (unsigned i = from; i < to; i++) {
        TargetResult *target = add_target(self, i);
        add_reason(target, i);
        if (target->outcome == OUTCOME_INACTIVE || target->outcome == OUTCOME_UNCHANGED)
            continue;
        target->wave = place + 1;
        wave->targets++;
        if (target->outcome != OUTCOME_NOT_STARTED)
            run_target(self, target);
    }
    if (wave->state == WAVE_HALTED)
        wave->halt_reason =
            g_strdup("gate \"error rate of the shop\" failed: HTTP 503: error rate 4.1 %, at most 0.5 %");
    if (began && wave->state != WAVE_RUNNING)
        end_wave(self, wave, place);
}

static void run_waves(Sample *self)
{
    for (unsigned i = 0, from = 0; i < G_N_ELEMENTS(waves); i++) {
        unsigned to = (self->targets * waves[i].until + 99) / 100;
        run_wave(self, i, from, to);
        from = to;
    }
}

/* ---- Runs ---- */

static RunResult *sample_run(void)
{
    RunResult *run = run_result_new();
    run->id = g_strdup("20261122-164000-k3f9");
    run->command = g_strdup("upgrade");
    run->goal = g_strdup("head");
    run->track = g_strdup("default");
    run->operator_name = g_strdup("release@ops-1");
    run->plan_digest = g_strdup("5f0c27a94b1fde9c2e77aa01b3a07d55");
    run->plan_file = g_strdup("plans/2026-11-invoices.yaml");
    run->dbfleet_version = g_strdup("0.1.0");
    run->host = g_strdup("ops-1");
    run->versions_commit = g_strdup("0f1e2d3c4b5a69788796a5b4c3d2e1f001234567");
    run->max_failures = g_strdup("5%");
    run->max_unreachable = g_strdup("100%");
    run->on_halt = g_strdup("step");
    run->on_failure = g_strdup("halt");
    run->jobs = WORKERS;
    run->per_host = 8;
    run->started_us = STARTED;
    return run;
}

static void add_path(RunResult *run)
{
    RunPath *path = run_path_new();
    path->digest = g_strdup("up-from-77d0");
    path->dialect = g_strdup("postgres");
    for (gsize i = 0; i < G_N_ELEMENTS(revisions); i++) {
        const RunPathStep step = {revisions[i].revision, "up", NULL};
        run_path_add_step(path, &step);
    }
    g_ptr_array_add(run->paths, path);
}

/* The last of those that were started are still at work. */
static void leave_at_work(Sample *self)
{
    unsigned left = WORKERS / 2;
    for (guint i = self->run->targets->len; i > 0 && left > 0; i--) {
        TargetResult *target = self->run->targets->pdata[i - 1];
        if (target->outcome != OUTCOME_DONE)
            continue;
        left--;
        target->outcome = OUTCOME_NOT_STARTED;
        target->duration_us = 0;
        target->worker = 0; /* recorded when it is over */
        g_clear_pointer(&target->rows_after, g_strfreev);
        target->step_count = 2;
    }
}

static void make_hostile(RunResult *run)
{
    TargetResult *target = run->targets->pdata[0];
    const char *const name = "\"><img src=x onerror=window.hacked='name'>";
    g_free(target->name);
    target->name = g_strdup(name);
    target->group = g_intern_string("</option><script>window.hacked='group'</script>");
    target->outcome = OUTCOME_FAILED;
    target->failure = hostile_failure();
    g_free(target->reason);
    target->reason = g_strdup(target->failure->message);
    g_free(run->goal);
    run->goal = g_strdup("<b>head</b></title><script>window.hacked='title'</script>");
    g_ptr_array_add(run->warnings, g_strdup("<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>"));
}

/* As an older ledger tells it. */
static void forget_waves(RunResult *run)
{
    g_ptr_array_set_size(run->waves, 0);
    for (guint i = 0; i < run->targets->len; i++) {
        TargetResult *target = run->targets->pdata[i];
        target->wave = 0;
        target->worker = 0;
    }
}

/* A group for every four targets, and failures that all say something else. */
static void make_many(RunResult *run)
{
    for (guint i = 0; i < run->targets->len; i++) {
        TargetResult *target = run->targets->pdata[i];
        g_autofree char *group = g_strdup_printf("customer-%04u", i / 4);
        target->group = g_intern_string(group);
        if (!target->failure)
            continue;
        g_free(target->failure->message);
        target->failure->message = g_strdup_printf("relation \"%c%c%c\" does not exist", 'a' + i % 26,
                                                   'a' + i / 26 % 26, 'a' + i / 676 % 26);
    }
}

static void add_event(RunResult *run, const char *kind, const char *target, const char *text)
{
    gint64 time = STARTED + (gint64)run->events->len * G_USEC_PER_SEC;
    g_ptr_array_add(run->events, run_event_new(run->events->len + 1, time, kind, target, text));
}

static void add_events(RunResult *run)
{
    run->events = g_ptr_array_new_with_free_func((GDestroyNotify)run_event_free);
    add_event(run, "began", NULL, "release@ops-1");
    add_event(run, "slow-target", "eu-0091",
              "at revision 4b1f0c27a9de for 10.4 s, median 1.0 s; waits for pid 4711");
}

static void end_run(Sample *self)
{
    RunResult *run = self->run;
    add_events(run);
    if (kind_is(self, "running")) {
        leave_at_work(self);
        run->heartbeat_us = last_free(self);
        run->estimate_us = run->heartbeat_us + 130 * G_USEC_PER_SEC;
        run->state = RUN_RUNNING;
        return;
    }
    run->finished_us = MAX(last_free(self), STARTED + 40 * MILLISECOND);
    if (kind_is(self, "halted") || kind_is(self, "hostile")) {
        run->halt_reason =
            g_strdup("gate \"error rate of the shop\" failed: HTTP 503: error rate 4.1 %, at most 0.5 %");
        g_ptr_array_add(
            run->warnings,
            g_strdup("notify https://chat.example.org/hooks/…: no answer within 10 s, tried 3 times"));
    }
    if (kind_is(self, "hostile") && run->targets->len > 0)
        make_hostile(run);
    if (kind_is(self, "plain"))
        forget_waves(run);
    if (kind_is(self, "many"))
        make_many(run);
}

static RunResult *make_run(const char *kind, unsigned targets)
{
    Sample sample = {
        .run = sample_run(), .chance = g_rand_new_with_seed(5), .kind = kind, .targets = targets};
    for (unsigned i = 0; i < WORKERS; i++)
        sample.free_at[i] = STARTED + 150 * MILLISECOND;
    add_path(sample.run);
    if (targets > 0)
        run_waves(&sample);
    end_run(&sample);
    g_rand_free(sample.chance);
    return sample.run;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "halted";
    unsigned targets = argc > 2 ? (unsigned)g_ascii_strtoull(argv[2], NULL, 10) : 240;
    bool json = argc > 3 && g_str_equal(argv[3], "--json");
    const char *url = argc > 4 && g_str_equal(argv[3], "--live") ? argv[4] : NULL;
    if (g_str_has_prefix(kind, "plan")) {
        g_autofree char *page = plan_sample_page(kind, targets);
        return fputs(page, stdout) < 0;
    }
    g_autoptr(RunResult) run = make_run(kind, targets);
    g_autofree char *text = json ? report_page_json(run) : report_page_html(run, url);
    return fputs(text, stdout) < 0;
}
