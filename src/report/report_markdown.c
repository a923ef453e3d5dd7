/* Report Markdown: a run's result as the comment of a pull request or an issue. Sections come in the order of
 * what they are worth, and the first that does not fit any more ends the page with a line that says so. */
#include "base/duration.h"
#include "base/markup.h"
#include "report/summary_internal.h"

#define CLUSTERS_SHOWN 20
#define NAMES_SHOWN 100
#define SQL_LINES 40
#define MESSAGE_LINES 12
#define COMMIT_SHOWN 12
#define CUT_RESERVED 300 /* bytes for the line that says that it was cut */

typedef struct Page {
    const Summary *summary;
    GString *out;
    gsize max_bytes;
    bool cut;
} Page;

/* ---- Sections that fit ---- */

/* Puts the section on the page, if all before it went there and it fits; takes it. */
static void page_take(Page *page, GString *section)
{
    if (!page->cut && page->out->len + section->len + CUT_RESERVED <= page->max_bytes)
        g_string_append_len(page->out, section->str, (gssize)section->len);
    else if (section->len > 0)
        page->cut = true;
    g_string_free(section, TRUE);
}

static void append_row(GString *out, const char *const *cells)
{
    for (; *cells; cells++)
        g_string_append_printf(out, "| %s ", *cells);
    g_string_append(out, "|\n");
}

static const char *targets_word(guint count)
{
    return count == 1 ? "target" : "targets";
}

static char *took_of(gint64 started_us, gint64 finished_us)
{
    return started_us && finished_us ? duration_format(finished_us - started_us) : g_strdup("");
}

/* ---- Headline ---- */

static void append_counts(GString *out, const Summary *summary)
{
    const char *comma = "";
    g_string_append_printf(out, "**%u %s:** ", summary->run->targets->len,
                           targets_word(summary->run->targets->len));
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (!summary->counts[i])
            continue;
        g_string_append_printf(out, "%s%u %s", comma, summary->counts[i], outcome_name((Outcome)i));
        comma = ", ";
    }
    g_string_append(out, "\n\n");
}

static void append_line(GString *out, const char *label, const char *text)
{
    g_autofree char *safe = text ? markdown_escape(text) : NULL;
    if (safe)
        g_string_append_printf(out, "- %s %s\n", label, safe);
}

static void append_commit(GString *out, const char *commit)
{
    g_string_append_printf(out, "- versions at commit `%.*s`%s\n", COMMIT_SHOWN, commit,
                           g_str_has_suffix(commit, "-dirty") ? ", with changes not committed" : "");
}

static void append_circumstances(GString *out, const RunResult *run)
{
    g_autofree char *id = markdown_code(run->id), *started = timestamp_format(run->started_us);
    g_autofree char *text =
        g_strdup_printf("%s by %s, track %s, jobs %u, max_failures %s%s%s", started, run->operator_name,
                        run->track, run->jobs, run->max_failures ? run->max_failures : "0",
                        run->selector ? ", -l " : "", run->selector ? run->selector : "");
    g_string_append_printf(out, "- run %s\n", id);
    append_line(out, "started", text);
    append_line(out, "applies", run->plan_file);
    g_autofree char *approved_by = run->approved_by ? g_strjoinv(", ", run->approved_by) : NULL;
    append_line(out, "approved by", approved_by);
    append_line(out, "halted:", run->halt_reason);
    append_line(out, "paused by", run->finished_us ? NULL : run->paused_by);
    if (run->versions_commit)
        append_commit(out, run->versions_commit);
    for (guint i = 0; i < run->warnings->len; i++)
        append_line(out, "warning:", run->warnings->pdata[i]);
}

static GString *headline(const Summary *summary)
{
    const RunResult *run = summary->run;
    GString *out = g_string_new(NULL);
    g_autofree char *took = took_of(run->started_us, run->finished_us), *goal = markdown_escape(run->goal);
    g_autofree char *next = report_next_command(run);
    g_string_append_printf(out, "### %s: dbfleet %s %s%s%s\n\n", summary_verdict(run), run->command, goal,
                           *took ? " in " : "", took);
    append_counts(out, summary);
    append_circumstances(out, run);
    if (next) {
        g_string_append(out, "\nNext:\n\n");
        markdown_fence(out, "sh", next, 0);
    }
    return out;
}

/* ---- Waves and groups ---- */

static char *gates_of(const WaveResult *wave)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < wave->gates->len; i++) {
        const GateResult *gate = wave->gates->pdata[i];
        g_autofree char *name = markdown_escape(gate->name),
                        *saw = markdown_escape(gate->saw ? gate->saw : "");
        if (!gate->passed)
            g_string_append_printf(out, "%s**%s failed:** %s", out->len ? "; " : "", name, saw);
    }
    if (out->len == 0 && wave->gates->len > 0)
        g_string_append_printf(out, "%u passed", wave->gates->len);
    return g_string_free(out, FALSE);
}

static GString *waves(const Summary *summary)
{
    const GPtrArray *list = summary->run->waves;
    GString *out = g_string_new(NULL);
    if (list->len > 0)
        g_string_append(
            out, "\n#### Waves\n\n| wave | state | targets | took | gates |\n|---|---|---:|---:|---|\n");
    for (guint i = 0; i < list->len; i++) {
        const WaveResult *wave = list->pdata[i];
        g_autofree char *name = markdown_code(wave->name),
                        *took = took_of(wave->started_us, wave->finished_us);
        g_autofree char *targets = g_strdup_printf("%u", wave->targets), *gates = gates_of(wave);
        bool told = g_strcmp0(wave->halt_reason, summary->run->halt_reason) == 0; /* in the headline */
        g_autofree char *reason = wave->halt_reason && !told ? markdown_escape(wave->halt_reason) : NULL;
        g_autofree char *state = g_strconcat(wave_state_name(wave->state), reason ? ": " : "", reason, NULL);
        append_row(out, (const char *[]){name, state, targets, took, gates, NULL});
    }
    return out;
}

static GString *groups(const Summary *summary)
{
    GString *out = g_string_new(NULL);
    if (summary->groups->len < 2)
        return out;
    g_string_append(
        out,
        "\n#### By group\n\n| group | targets | good | not started | other |\n|---|---:|---:|---:|---:|\n");
    for (guint i = 0; i < summary->groups->len; i++) {
        const GroupSummary *group = summary->groups->pdata[i];
        unsigned good = group->counts[OUTCOME_DONE] + group->counts[OUTCOME_UNCHANGED];
        unsigned waiting = group->counts[OUTCOME_NOT_STARTED];
        g_autofree char *name = markdown_code(*group->name ? group->name : "(no group)");
        g_string_append_printf(out, "| %s | %u | %u | %u | %u |\n", name, group->targets, good, waiting,
                               group->targets - good - waiting);
    }
    return out;
}

/* ---- Failures ---- */

/* "acme", "eu-01" and 7 more, folded away where they are many. */
static void append_names(GString *out, const GPtrArray *targets)
{
    guint shown = MIN(targets->len, NAMES_SHOWN);
    bool folded = targets->len > 8;
    if (folded)
        g_string_append_printf(out, "\n<details><summary>%u %s</summary>\n\n", targets->len,
                               targets_word(targets->len));
    else
        g_string_append_printf(out, "\n%s: ", targets_word(targets->len));
    for (guint i = 0; i < shown; i++) {
        g_autofree char *name = markdown_code(((const TargetResult *)targets->pdata[i])->name);
        g_string_append_printf(out, "%s%s", i ? ", " : "", name);
    }
    if (shown < targets->len)
        g_string_append_printf(out, " and %u more", targets->len - shown);
    g_string_append(out, folded ? "\n\n</details>\n" : "\n");
}

static void append_said(GString *out, const char *label, const char *text)
{
    if (text && *text)
        g_string_append_printf(out, "%s%s%s\n", label, *label ? " " : "", text);
}

/* The words of the server in one block, where nothing of them can mean anything. */
static void append_message(GString *out, const TargetResult *example)
{
    const Failure *failure = example->failure;
    g_autofree char *message = summary_message(failure);
    g_autoptr(GString) said = g_string_new(NULL);
    append_said(said, "", message);
    append_said(said, "detail:", failure->detail);
    append_said(said, "lock held by:", failure->blocker);
    append_said(said, "hint:", failure->hint);
    if (g_strcmp0(example->reason, failure->message) != 0)
        append_said(said, "", example->reason);
    if (said->len > 0)
        markdown_fence(out, "text", said->str, MESSAGE_LINES);
}

static void append_failure(GString *out, const TargetResult *example)
{
    const Failure *failure = example->failure;
    g_autofree char *place = summary_place(failure), *safe = place ? markdown_code(place) : NULL;
    const char *sql = failure->excerpt ? failure->excerpt : failure->sql;
    if (safe)
        g_string_append_printf(out, "%s\n\n", safe);
    if (sql)
        markdown_fence(out, "sql", sql, SQL_LINES);
    g_string_append(out, sql ? "\n" : "");
    append_message(out, example);
    if (failure->difference) {
        g_string_append(out, "\nbefore it (-) and now (+):\n\n");
        markdown_fence(out, "diff", failure->difference, SQL_LINES);
    }
}

static GString *failures(const FailureCluster *cluster, guint number)
{
    GString *out = g_string_new(NULL);
    const Failure *failure = cluster->example->failure;
    g_string_append_printf(out, "\n#### %u. %u %s %s", number, cluster->targets->len,
                           targets_word(cluster->targets->len), outcome_name(cluster->outcome));
    if (failure && failure->revision) {
        g_autofree char *revision = markdown_code(failure->revision);
        g_string_append_printf(out, ": revision %s, %s", revision, failure->direction);
    }
    if (failure && failure->error_class)
        g_string_append_printf(out, " (%s)", failure->error_class);
    g_string_append(out, "\n\n");
    if (failure)
        append_failure(out, cluster->example);
    else if (cluster->example->reason)
        markdown_fence(out, "text", cluster->example->reason, MESSAGE_LINES);
    append_names(out, cluster->targets);
    return out;
}

static void take_failures(Page *page)
{
    const GPtrArray *clusters = page->summary->clusters;
    for (guint i = 0; i < clusters->len && i < CLUSTERS_SHOWN; i++)
        page_take(page, failures(clusters->pdata[i], i + 1));
    if (clusters->len <= CLUSTERS_SHOWN)
        return;
    GString *more = g_string_new(NULL);
    g_string_append_printf(more, "\nand %u more kinds of failure\n", clusters->len - CLUSTERS_SHOWN);
    page_take(page, more);
}

static GString *not_started(const Summary *summary)
{
    const RunResult *run = summary->run;
    GString *out = g_string_new(NULL);
    g_autoptr(GPtrArray) targets = g_ptr_array_new();
    g_autofree char *why = markdown_escape(run->halt_reason ? run->halt_reason : summary_end(run));
    for (guint i = 0; i < run->targets->len; i++)
        if (((const TargetResult *)run->targets->pdata[i])->outcome == OUTCOME_NOT_STARTED)
            g_ptr_array_add(targets, run->targets->pdata[i]);
    if (targets->len == 0)
        return out;
    g_string_append_printf(out, "\n#### %u not started\n\n%s\n", targets->len, why);
    append_names(out, targets);
    return out;
}

/* ---- Durations ---- */

static void append_revision(GString *out, const Summary *summary, const RevisionSummary *revision)
{
    g_autofree char *name = markdown_code(
        *revision->first->revision ? revision->first->revision : step_result_direction(revision->first));
    g_autofree char *message = markdown_escape(revision->first->message ? revision->first->message : "");
    g_autofree char *count = g_strdup_printf("%u", revision->count);
    g_autofree char *median = duration_format(summary_percentile(summary, revision, 0.5));
    g_autofree char *most = duration_format(summary_percentile(summary, revision, 0.95));
    g_autofree char *longest = duration_format(summary_percentile(summary, revision, 1));
    append_row(out, (const char *[]){name, message, count, median, most, longest, NULL});
}

static GString *durations(const Summary *summary)
{
    GString *out = g_string_new(NULL);
    if (summary->revisions->len == 0)
        return out;
    g_string_append(
        out, "\n<details><summary>Durations</summary>\n\n| revision | | targets | median | 95% | max |\n"
             "|---|---|---:|---:|---:|---:|\n");
    for (guint i = 0; i < summary->revisions->len; i++)
        append_revision(out, summary, summary_revision(summary, i));
    if (summary->slowest->len > 1)
        g_string_append(out, "\nSlowest: ");
    for (guint i = 0; summary->slowest->len > 1 && i < summary->slowest->len; i++) {
        const TargetResult *target = summary->slowest->pdata[i];
        g_autofree char *name = markdown_code(target->name), *took = duration_format(target->duration_us);
        g_string_append_printf(out, "%s%s %s", i ? ", " : "", name, took);
    }
    g_string_append(out, summary->slowest->len > 1 ? "\n\n</details>\n" : "\n</details>\n");
    return out;
}

/* ---- The whole ---- */

char *report_markdown(const RunResult *run, gsize max_bytes)
{
    g_autoptr(Summary) summary = summary_new(run);
    Page page = {.summary = summary, .out = g_string_new(NULL), .max_bytes = max_bytes};
    page_take(&page, headline(summary));
    page_take(&page, waves(summary));
    page_take(&page, groups(summary));
    take_failures(&page);
    page_take(&page, not_started(summary));
    page_take(&page, durations(summary));
    if (page.cut)
        g_string_append_printf(page.out,
                               "\n_Cut here: a page of Markdown is at most %" G_GSIZE_FORMAT
                               " bytes. Whole: `dbfleet report %s`_\n",
                               max_bytes, run->id);
    return g_string_free(page.out, FALSE);
}
