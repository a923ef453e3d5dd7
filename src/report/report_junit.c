/* Report JUnit: a run's result as the XML that CI servers read. The format has no standard; this is what
 * Jenkins, GitLab and GitHub's actions agree on (tests/report/junit.xsd says it). Refuses to call anything
 * passed or skipped that counts against the run's exit code. */
#include "base/duration.h"
#include "base/markup.h"
#include "report/summary_internal.h"
#include <string.h>

typedef enum Verdict { VERDICT_PASSED, VERDICT_FAILURE, VERDICT_ERROR, VERDICT_SKIPPED, VERDICTS } Verdict;

static const char *const verdict_tags[] = {
    [VERDICT_FAILURE] = "failure", [VERDICT_ERROR] = "error", [VERDICT_SKIPPED] = "skipped"};

static const Verdict verdicts[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = VERDICT_PASSED,         [OUTCOME_UNCHANGED] = VERDICT_PASSED,
    [OUTCOME_FAILED] = VERDICT_FAILURE,      [OUTCOME_UNKNOWN] = VERDICT_ERROR,
    [OUTCOME_UNREACHABLE] = VERDICT_ERROR,   [OUTCOME_LOCKED] = VERDICT_ERROR,
    [OUTCOME_STALE] = VERDICT_ERROR,         [OUTCOME_BLOCKED] = VERDICT_ERROR,
    [OUTCOME_STOPPED] = VERDICT_ERROR,       [OUTCOME_CANCELLED] = VERDICT_ERROR,
    [OUTCOME_NOT_STARTED] = VERDICT_SKIPPED, [OUTCOME_INACTIVE] = VERDICT_SKIPPED,
};

/* Cases of one group, or the gates of all waves. */
typedef struct Suite {
    char *name;
    unsigned counts[VERDICTS];
    gint64 duration_us;
    GString *cases;
} Suite;

static Suite *suite_new(const char *name)
{
    Suite *self = g_new0(Suite, 1);
    self->name = g_strdup(name);
    self->cases = g_string_new(NULL);
    return self;
}

static void suite_free(Suite *self)
{
    g_free(self->name);
    g_string_free(self->cases, TRUE);
    g_free(self);
}

static double seconds(gint64 microseconds)
{
    return (double)microseconds / (double)G_USEC_PER_SEC;
}

/* ---- A case ---- */

static void begin_case(Suite *suite, const char *name, gint64 duration_us, Verdict verdict)
{
    g_autofree char *class_name = xml_escape(suite->name);
    g_autofree char *safe = xml_escape(name);
    suite->counts[verdict]++;
    suite->duration_us += duration_us;
    g_string_append_printf(suite->cases, "    <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\"",
                           class_name, safe, seconds(duration_us));
}

/* Its verdict: `title` in one line, `type` for machines, `body` in full. */
static void end_case(Suite *suite, Verdict verdict, const char *type, const char *title, const char *body)
{
    g_autofree char *line = g_strdelimit(g_strdup(title), "\r\n\t", ' ');
    g_autofree char *safe_type = xml_escape(type), *safe_title = xml_escape(line),
                    *safe_body = xml_escape(body);
    if (verdict == VERDICT_PASSED) {
        g_string_append(suite->cases, "/>\n");
        return;
    }
    g_string_append_printf(suite->cases, ">\n      <%s", verdict_tags[verdict]);
    if (verdict != VERDICT_SKIPPED)
        g_string_append_printf(suite->cases, " type=\"%s\"", safe_type);
    g_string_append_printf(suite->cases, " message=\"%s\">%s</%s>\n    </testcase>\n", safe_title, safe_body,
                           verdict_tags[verdict]);
}

static void add_line(GString *body, const char *label, const char *text)
{
    g_autofree char *lines = g_strchomp(g_strdup(text ? text : ""));
    if (*lines)
        g_string_append_printf(body, "%s%s\n", label, lines);
}

/* All that is known, as the text report has it. */
static char *failure_body(const TargetResult *target)
{
    const Failure *failure = target->failure;
    GString *body = g_string_new(NULL);
    g_autofree char *place = failure ? summary_place(failure) : NULL;
    g_autofree char *said = failure ? summary_message(failure) : NULL;
    if (failure) {
        add_line(body, "", place);
        add_line(body, "", failure->excerpt ? failure->excerpt : failure->sql);
        add_line(body, "", said);
        add_line(body, "detail: ", failure->detail);
        add_line(body, "lock held by: ", failure->blocker);
        add_line(body, "hint: ", failure->hint);
        add_line(body, "before it (-) and now (+):\n", failure->difference);
    }
    if (!failure || g_strcmp0(target->reason, failure->message) != 0)
        add_line(body, "", target->reason);
    return g_string_free(body, FALSE);
}

static void add_target(Suite *suite, const TargetResult *target)
{
    Verdict verdict = verdicts[target->outcome];
    const Failure *failure = target->failure;
    const char *type = failure && failure->error_class ? failure->error_class : outcome_name(target->outcome);
    g_autofree char *title =
        g_strdup_printf("%s%s%s", outcome_name(target->outcome), target->reason ? ": " : "",
                        target->reason ? target->reason : "");
    g_autofree char *body = verdict == VERDICT_SKIPPED ? g_strdup("") : failure_body(target);
    begin_case(suite, target->name, target->duration_us, verdict);
    end_case(suite, verdict, type, title, body);
}

static void add_gate(Suite *suite, const WaveResult *wave, const GateResult *gate)
{
    Verdict verdict = gate->passed ? VERDICT_PASSED : VERDICT_FAILURE;
    g_autofree char *name = g_strdup_printf("after wave %s: %s%s%s", wave->name, gate->name,
                                            gate->target ? " on " : "", gate->target ? gate->target : "");
    begin_case(suite, name, gate->duration_us, verdict);
    end_case(suite, verdict, gate->kind, "the gate did not pass", gate->saw ? gate->saw : "");
}

/* ---- Suites ---- */

static Suite *suite_of(GPtrArray *suites, GHashTable *by_name, const char *group)
{
    Suite *suite = g_hash_table_lookup(by_name, group);
    if (!suite) {
        g_autofree char *name = g_strconcat("dbfleet.", *group ? group : "(no group)", NULL);
        suite = suite_new(name);
        g_hash_table_insert(by_name, (gpointer)group, suite);
        g_ptr_array_add(suites, suite);
    }
    return suite;
}

static void add_gates(GPtrArray *suites, const RunResult *run)
{
    Suite *suite = suite_new("dbfleet.gates");
    for (guint w = 0; w < run->waves->len; w++) {
        const WaveResult *wave = run->waves->pdata[w];
        for (guint g = 0; g < wave->gates->len; g++)
            add_gate(suite, wave, wave->gates->pdata[g]);
    }
    if (suite->cases->len > 0)
        g_ptr_array_add(suites, suite);
    else
        suite_free(suite);
}

static GPtrArray *collect(const RunResult *run)
{
    GPtrArray *suites = g_ptr_array_new_with_free_func((GDestroyNotify)suite_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        add_target(suite_of(suites, by_name, target->group), target);
    }
    add_gates(suites, run);
    return suites;
}

static unsigned tests_of(const unsigned *counts)
{
    unsigned sum = 0;
    for (int i = 0; i < VERDICTS; i++)
        sum += counts[i];
    return sum;
}

static void append_property(GString *out, const char *name, const char *value)
{
    g_autofree char *safe = xml_escape(value ? value : "");
    g_string_append_printf(out, "      <property name=\"%s\" value=\"%s\"/>\n", name, safe);
}

static void append_suite(GString *out, const Suite *suite, const RunResult *run)
{
    g_autofree char *name = xml_escape(suite->name);
    g_autofree char *host = xml_escape(run->host ? run->host : "");
    g_autofree char *started = timestamp_format(run->started_us);
    started[strlen("2026-11-22T16:40:00")] = '\0'; /* readers of this format know no zone */
    g_string_append_printf(
        out,
        "  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" "
        "time=\"%.3f\" timestamp=\"%s\" hostname=\"%s\">\n    <properties>\n",
        name, tests_of(suite->counts), suite->counts[VERDICT_FAILURE], suite->counts[VERDICT_ERROR],
        suite->counts[VERDICT_SKIPPED], seconds(suite->duration_us), started, host);
    append_property(out, "run", run->id);
    append_property(out, "command", run->command);
    append_property(out, "goal", run->goal);
    append_property(out, "track", run->track);
    append_property(out, "end", summary_end(run));
    if (run->halt_reason)
        append_property(out, "halt_reason", run->halt_reason);
    g_string_append(out, "    </properties>\n");
    g_string_append_len(out, suite->cases->str, (gssize)suite->cases->len);
    g_string_append(out, "  </testsuite>\n");
}

char *report_junit(const RunResult *run)
{
    unsigned counts[VERDICTS] = {0};
    g_autoptr(GPtrArray) suites = collect(run);
    g_autofree char *name = g_strdup_printf("dbfleet %s %s", run->command, run->goal);
    g_autofree char *safe = xml_escape(name);
    GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    for (guint i = 0; i < suites->len; i++)
        for (int v = 0; v < VERDICTS; v++)
            counts[v] += ((const Suite *)suites->pdata[i])->counts[v];
    g_string_append_printf(
        out, "<testsuites name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n", safe,
        tests_of(counts), counts[VERDICT_FAILURE], counts[VERDICT_ERROR],
        seconds(run->finished_us ? run->finished_us - run->started_us : 0));
    for (guint i = 0; i < suites->len; i++)
        append_suite(out, suites->pdata[i], run);
    g_string_append(out, "</testsuites>\n");
    return g_string_free(out, FALSE);
}
