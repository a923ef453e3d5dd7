/* Report text: a run's result on one page for a person, 80 columns or more. */
#include "base/duration.h"
#include "base/terminal.h"
#include "base/text_table.h"
#include "report/backup_view_internal.h"
#include "report/style_internal.h"
#include "report/summary_internal.h"
#include "report/wave_view_internal.h"
#include <string.h>

#define NAMES_SHOWN 8
#define KINDS_SHOWN 20
#define COMMIT_SHOWN 12

typedef struct Page {
    GString *out; /* what was not written yet */
    ReportWrite write;
    gpointer context;
    const Summary *summary;
    const ReportOptions *options;
} Page;

#define PIECE_BYTES (16 * 1024)

static void write_out(const Page *page)
{
    page->write(page->context, page->out->str, page->out->len);
    g_string_truncate(page->out, 0);
}

/* ---- Headline ---- */

static StyleColor verdict_color(const Page *page)
{
    const RunResult *run = page->summary->run;
    if (run_result_exit_code(run) == 0 && run->finished_us)
        return STYLE_GREEN;
    return page->summary->counts[OUTCOME_FAILED] || run->halt_reason ? STYLE_RED : STYLE_YELLOW;
}

static const char *targets_word(guint count)
{
    return count == 1 ? "target" : "targets";
}

static void print_counts(const Page *page)
{
    StyleCount counts[OUTCOME_COUNT];
    guint targets = page->summary->run->targets->len;
    g_autofree char *lead = g_strdup_printf("  %u %s:", targets, targets_word(targets));
    for (int i = 0; i < OUTCOME_COUNT; i++)
        counts[i] =
            (StyleCount){page->summary->counts[i], outcome_name((Outcome)i), style_of_outcome((Outcome)i)};
    style_append_counts(page->out, page->options, lead, counts, G_N_ELEMENTS(counts));
}

/* "versions at commit 0f1e2d3c4b5a, with changes that are not committed" */
static void print_commit(const Page *page)
{
    const char *commit = page->summary->run->versions_commit;
    if (!commit)
        return;
    bool dirty = g_str_has_suffix(commit, "-dirty");
    g_autofree char *text =
        g_strdup_printf("commit %.*s%s", COMMIT_SHOWN, commit, dirty ? ", with changes not committed" : "");
    style_append_wrapped(page->out, 2, page->options->width, "versions at", text);
}

static void print_circumstances(const Page *page)
{
    const RunResult *run = page->summary->run;
    g_autofree char *started = timestamp_format(run->started_us);
    g_autofree char *text =
        g_strdup_printf("%s by %s, track %s, jobs %u, max_failures %s%s%s", started, run->operator_name,
                        run->track, run->jobs, run->max_failures ? run->max_failures : "0",
                        run->selector ? ", -l " : "", run->selector ? run->selector : "");
    style_append_wrapped(page->out, 2, page->options->width, "started", text);
    if (run->plan_file)
        style_append_wrapped(page->out, 2, page->options->width, "applies", run->plan_file);
    if (run->approved_by) {
        g_autofree char *names = g_strjoinv(", ", run->approved_by);
        style_append_wrapped(page->out, 2, page->options->width, "approved by", names);
    }
    if (run->of_run && !g_str_equal(run->of_run, run->goal))
        style_append_wrapped(page->out, 2, page->options->width, "goes on with run", run->of_run);
    print_commit(page);
}

static void print_headline(const Page *page)
{
    const RunResult *run = page->summary->run;
    g_autofree char *took = run->finished_us ? duration_format(run->finished_us - run->started_us) : NULL;
    g_autofree char *rest = g_strdup_printf("  %s %s%s%s  (run %s)", run->command, run->goal,
                                            took ? " in " : "", took ? took : "", run->id);
    style_append(page->out, page->options->color, verdict_color(page), summary_verdict(run));
    style_append(page->out, false, STYLE_PLAIN, rest);
    g_string_append_c(page->out, '\n');
    print_counts(page);
    if (run->paused_by && !run->finished_us)
        style_append_wrapped(page->out, 2, page->options->width, "paused by", run->paused_by);
    g_autofree char *estimate = run->estimate_us ? timestamp_format(run->estimate_us) : NULL;
    if (estimate && run->state == RUN_RUNNING)
        style_append_wrapped(page->out, 2, page->options->width, "likely over at", estimate);
    if (run->halt_reason)
        style_append_wrapped(page->out, 2, page->options->width, "halted:", run->halt_reason);
    print_circumstances(page);
    for (guint i = 0; i < run->warnings->len; i++)
        style_append_wrapped(page->out, 2, page->options->width, "warning:", run->warnings->pdata[i]);
    backup_view_print(page->out, run, page->options);
}

/* ---- Groups ---- */

static const TextColumn group_columns[] = {
    {"group", ALIGN_LEFT, 8, SHRINKS_MIDDLE}, {"targets", ALIGN_RIGHT, 7, false},
    {"done", ALIGN_RIGHT, 4, false},          {"unchanged", ALIGN_RIGHT, 9, false},
    {"failed", ALIGN_RIGHT, 6, false},        {"unreachable", ALIGN_RIGHT, 11, false},
    {"other", ALIGN_RIGHT, 5, false},         {"not started", ALIGN_RIGHT, 11, false}};

static void add_group(TextTable *table, const GroupSummary *group)
{
    const unsigned *counts = group->counts;
    unsigned other = group->targets - counts[OUTCOME_DONE] - counts[OUTCOME_UNCHANGED] -
                     counts[OUTCOME_FAILED] - counts[OUTCOME_UNREACHABLE] - counts[OUTCOME_NOT_STARTED];
    const unsigned values[] = {group->targets,
                               counts[OUTCOME_DONE],
                               counts[OUTCOME_UNCHANGED],
                               counts[OUTCOME_FAILED],
                               counts[OUTCOME_UNREACHABLE],
                               other,
                               counts[OUTCOME_NOT_STARTED]};
    char texts[G_N_ELEMENTS(values)][16];
    const char *cells[G_N_ELEMENTS(values) + 1] = {*group->name ? group->name : "(no group)"};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_snprintf(texts[i], sizeof texts[i], "%u", values[i]);
        cells[i + 1] = texts[i];
    }
    text_table_add(table, cells);
}

static void print_title(const Page *page, const char *title)
{
    g_string_append_c(page->out, '\n');
    style_append(page->out, page->options->color, STYLE_BOLD, title);
    g_string_append_c(page->out, '\n');
}

static void print_table(const Page *page, const char *title, TextTable *table)
{
    print_title(page, title);
    g_autofree char *text = text_table_render(table, 2, page->options->width);
    g_string_append(page->out, text);
}

/* A row: of each of so many things. */
typedef void (*AddRow)(const Page *page, TextTable *table, guint index);

/* Tables with a row for each target or step: the rows are made twice rather than kept. */
static void print_long_table(const Page *page, const char *title, const TextColumn *columns, gsize count,
                             guint rows, AddRow add)
{
    g_autoptr(TextTable) table = text_table_new_measured(columns, (unsigned)count);
    for (guint i = 0; i < rows; i++)
        add(page, table, i);
    print_title(page, title);
    text_table_turn(table, page->out, 2, page->options->width);
    for (guint i = 0; i < rows; i++) {
        add(page, table, i);
        if (page->out->len >= PIECE_BYTES)
            write_out(page);
    }
}

static void print_groups(const Page *page)
{
    g_autoptr(TextTable) table = text_table_new(group_columns, G_N_ELEMENTS(group_columns));
    if (page->summary->groups->len < 2)
        return;
    for (guint i = 0; i < page->summary->groups->len; i++)
        add_group(table, page->summary->groups->pdata[i]);
    print_table(page, "By group", table);
}

/* ---- Failures ---- */

static void print_indented(const Page *page, const char *label, const char *text)
{
    if (text && *text)
        style_append_wrapped(page->out, 5, page->options->width, label, text);
}

static void print_place(const Page *page, const Failure *failure)
{
    g_autofree char *place = summary_place(failure);
    g_autofree char *safe = place ? text_printable(place, false) : NULL;
    if (safe)
        g_string_append_printf(page->out, "     %s\n", safe);
}

static void print_lines(const Page *page, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autofree char *safe = text_printable(*line, false);
        if (*safe)
            g_string_append_printf(page->out, "       %s\n", safe);
    }
}

/* The line with its caret where the server said where, else the statement's first lines; and what an
 * undecidable statement's objects were before it ("-") and are now ("+"). */
static void print_sql(const Page *page, const Failure *failure)
{
    print_lines(page, failure->excerpt ? failure->excerpt : failure->sql);
    if (!failure->difference)
        return;
    g_string_append(page->out, "     before it (-) and now (+):\n");
    print_lines(page, failure->difference);
}

static void print_failure(const Page *page, const TargetResult *example)
{
    const Failure *failure = example->failure;
    if (!failure) {
        print_indented(page, "", example->reason);
        return;
    }
    print_place(page, failure);
    print_sql(page, failure);
    print_indented(page, failure->code ? failure->code : "", failure->message);
    print_indented(page, "detail:", failure->detail);
    print_indented(page, "lock held by:", failure->blocker);
    print_indented(page, "hint:", failure->hint);
    if (example->reason && g_strcmp0(example->reason, failure->message) != 0)
        print_indented(page, "", example->reason);
}

static void print_names(const Page *page, const GPtrArray *targets)
{
    guint shown = page->options->verbose ? targets->len : MIN(targets->len, NAMES_SHOWN);
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < shown; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", ((const TargetResult *)targets->pdata[i])->name);
    if (shown < targets->len)
        g_string_append_printf(names, " and %u more (-v names all)", targets->len - shown);
    print_indented(page, targets->len == 1 ? "target:" : "targets:", names->str);
}

static void print_cluster(const Page *page, guint number, const FailureCluster *cluster)
{
    const Failure *failure = cluster->example->failure;
    g_autoptr(GString) what = g_string_new(NULL);
    g_autofree char *title =
        g_strdup_printf("%u %s %s", cluster->targets->len, targets_word(cluster->targets->len),
                        outcome_name(cluster->outcome));
    if (failure && failure->revision)
        g_string_append_printf(what, ": revision %s, %s", failure->revision, failure->direction);
    if (failure && failure->error_class)
        g_string_append_printf(what, " (%s)", failure->error_class);
    g_string_append_printf(page->out, "  %u. ", number);
    style_append(page->out, page->options->color, style_of_outcome(cluster->outcome), title);
    style_append(page->out, false, STYLE_PLAIN, what->str);
    g_string_append_c(page->out, '\n');
    print_failure(page, cluster->example);
    print_names(page, cluster->targets);
}

static void print_clusters(const Page *page)
{
    if (page->summary->clusters->len == 0)
        return;
    g_string_append_c(page->out, '\n');
    style_append(page->out, page->options->color, STYLE_BOLD, "What needs a look");
    g_string_append_c(page->out, '\n');
    guint kinds = page->summary->clusters->len,
          shown = page->options->verbose ? kinds : MIN(kinds, KINDS_SHOWN);
    for (guint i = 0; i < shown; i++)
        print_cluster(page, i + 1, page->summary->clusters->pdata[i]);
    if (shown < kinds)
        g_string_append_printf(page->out, "  and %u more kinds (-v shows all)\n", kinds - shown);
}

/* ---- Not started ---- */

/* Those with no outcome: never started, or, in the record of a run without an end, at work when it ends. */
static GPtrArray *open_targets(const RunResult *run, bool at_work)
{
    GPtrArray *targets = g_ptr_array_new();
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        bool begun = !run->finished_us && target->started_us;
        if (target->outcome == OUTCOME_NOT_STARTED && begun == at_work)
            g_ptr_array_add(targets, (gpointer)target);
    }
    return targets;
}

static void print_open(const Page *page, const char *title, const GPtrArray *targets, const char *why)
{
    g_autofree char *count = g_strdup_printf("%u %s:", targets->len, targets_word(targets->len));
    g_string_append_c(page->out, '\n');
    style_append(page->out, page->options->color, STYLE_BOLD, title);
    g_string_append_c(page->out, '\n');
    style_append_wrapped(page->out, 2, page->options->width, count, why);
    print_names(page, targets);
}

static void print_not_started(const Page *page)
{
    const RunResult *run = page->summary->run;
    g_autoptr(GPtrArray) at_work = open_targets(run, true), waiting = open_targets(run, false);
    if (at_work->len > 0)
        print_open(page, "In progress", at_work, ((const TargetResult *)at_work->pdata[0])->reason);
    if (waiting->len > 0)
        print_open(page, "Not started", waiting, run->halt_reason ? run->halt_reason : summary_end(run));
}

/* ---- Tried again ---- */

/* "acme: 4b1f0c27a9de in 3 tries", one for each step that took more than one. Caller frees. */
static GPtrArray *retried_steps(const RunResult *run)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    for (guint t = 0; t < run->targets->len; t++) {
        const TargetResult *target = run->targets->pdata[t];
        for (guint s = 0; s < target->step_count; s++) {
            const StepResult *step = &target->steps[s];
            if (step->tries > 1)
                g_ptr_array_add(
                    texts, g_strdup_printf("%s: %s in %u tries", target->name,
                                           *step->revision ? step->revision : step_result_direction(step),
                                           step->tries));
        }
    }
    return texts;
}

static void print_retried(const Page *page)
{
    g_autoptr(GPtrArray) texts = retried_steps(page->summary->run);
    guint shown = page->options->verbose ? texts->len : MIN(texts->len, NAMES_SHOWN);
    if (texts->len == 0)
        return;
    g_string_append_c(page->out, '\n');
    style_append(page->out, page->options->color, STYLE_BOLD, "Tried again");
    g_string_append_c(page->out, '\n');
    for (guint i = 0; i < shown; i++)
        style_append_wrapped(page->out, 2, page->options->width, "", texts->pdata[i]);
    if (shown < texts->len)
        g_string_append_printf(page->out, "  and %u more (-v names all)\n", texts->len - shown);
}

/* ---- Slowest, revisions ---- */

static const TextColumn slow_columns[] = {{NULL, ALIGN_RIGHT, 6, false},
                                          {NULL, ALIGN_LEFT, 8, SHRINKS_MIDDLE},
                                          {NULL, ALIGN_LEFT, 10, SHRINKS_MIDDLE}};

static void print_slowest(const Page *page)
{
    g_autoptr(TextTable) table = text_table_new(slow_columns, G_N_ELEMENTS(slow_columns));
    if (page->summary->slowest->len < 2)
        return;
    for (guint i = 0; i < page->summary->slowest->len; i++) {
        const TargetResult *target = page->summary->slowest->pdata[i];
        g_autofree char *took = duration_format(target->duration_us);
        const char *cells[] = {took, target->name, target->server};
        text_table_add(table, cells);
    }
    print_table(page, "Slowest targets", table);
}

static const TextColumn revision_columns[] = {
    {"revision", ALIGN_LEFT, 12, true}, {"", ALIGN_LEFT, 10, true},     {"targets", ALIGN_RIGHT, 7, false},
    {"median", ALIGN_RIGHT, 6, false},  {"95%", ALIGN_RIGHT, 6, false}, {"max", ALIGN_RIGHT, 6, false}};

static void add_revision(const Page *page, TextTable *table, guint index)
{
    const RevisionSummary *revision = summary_revision(page->summary, index);
    g_autofree char *targets = g_strdup_printf("%u", revision->count);
    g_autofree char *median = duration_format(summary_percentile(page->summary, revision, 0.5));
    g_autofree char *most = duration_format(summary_percentile(page->summary, revision, 0.95));
    g_autofree char *longest = duration_format(summary_percentile(page->summary, revision, 1));
    const char *name =
        *revision->first->revision ? revision->first->revision : step_result_direction(revision->first);
    const char *cells[] = {name, revision->first->message, targets, median, most, longest};
    text_table_add(table, cells);
}

static void print_revisions(const Page *page)
{
    if (page->summary->revisions->len > 0)
        print_long_table(page, "Revisions", revision_columns, G_N_ELEMENTS(revision_columns),
                         page->summary->revisions->len, add_revision);
}

static const TextColumn target_columns[] = {
    {"target", ALIGN_LEFT, 8, SHRINKS_MIDDLE}, {"group", ALIGN_LEFT, 5, SHRINKS_MIDDLE},
    {"outcome", ALIGN_LEFT, 11, false},        {"heads", ALIGN_LEFT, 12, true},
    {"steps", ALIGN_RIGHT, 5, false},          {"took", ALIGN_RIGHT, 6, false}};

static void add_target(const Page *page, TextTable *table, guint index)
{
    const TargetResult *target = page->summary->run->targets->pdata[index];
    g_autofree char *heads = target->rows_after ? g_strjoinv(",", target->rows_after) : g_strdup("?");
    g_autofree char *steps = g_strdup_printf("%u", target->step_count);
    g_autofree char *took = target->started_us ? duration_format(target->duration_us) : g_strdup("");
    const char *cells[] = {
        target->name, target->group, outcome_name(target->outcome), *heads ? heads : "base", steps, took};
    text_table_add(table, cells);
}

static void print_targets(const Page *page)
{
    if (!page->options->verbose)
        return;
    print_long_table(page, "Targets", target_columns, G_N_ELEMENTS(target_columns),
                     page->summary->run->targets->len, add_target);
    backup_view_print_each(page->out, page->summary->run, page->options);
}

#define EVENT_KIND 15
#define EVENT_TARGET 20
#define EVENT_TEXT 30 /* narrower than this it starts below its line's beginning */

/* Whom a lock was waited for is what one looks for here: the text is wrapped, never cut. */
static void print_event(const Page *page, const RunEvent *event, unsigned target_width)
{
    g_autofree char *time = timestamp_format(event->time_us);
    g_autofree char *safe = text_printable(event->target ? event->target : "", false);
    g_autofree char *target = text_ellipsize_middle(safe, target_width);
    int padding = (int)target_width - (int)terminal_text_width(target);
    g_autofree char *head =
        g_strdup_printf("  %s  %-*s  %s%*s", time, EVENT_KIND, event->kind, target, MAX(padding, 0), "");
    unsigned column = terminal_text_width(head) + 2, width = page->options->width;
    unsigned indent = width == 0 || width >= column + EVENT_TEXT ? column : 6;
    if (!event->text || !*event->text)
        g_string_append_printf(page->out, "%s\n", g_strchomp(head));
    else {
        g_string_append_printf(page->out, "%s  ", head);
        style_append_words(page->out, column, indent, width, event->text);
    }
}

static void print_events(const Page *page)
{
    const GPtrArray *events = page->summary->run->events;
    unsigned target_width = 0;
    if (!events)
        return;
    for (guint i = 0; i < events->len; i++) {
        const RunEvent *event = events->pdata[i];
        unsigned size = event->target ? terminal_text_width(event->target) : 0;
        target_width = MAX(target_width, MIN(size, EVENT_TARGET));
    }
    g_string_append_c(page->out, '\n');
    style_append(page->out, page->options->color, STYLE_BOLD, "Events");
    g_string_append_c(page->out, '\n');
    for (guint i = 0; i < events->len; i++)
        print_event(page, events->pdata[i], target_width);
}

static void print_next(const Page *page)
{
    g_autofree char *next = report_next_command(page->summary->run);
    if (!next)
        return;
    g_string_append(page->out, "\nNext: ");
    style_append(page->out, page->options->color, STYLE_BOLD, next);
    g_string_append_c(page->out, '\n');
}

void report_text_write(const RunResult *run, const ReportOptions *options, ReportWrite write,
                       gpointer context)
{
    g_autoptr(Summary) summary = summary_new(run);
    g_autoptr(GString) out = g_string_new(NULL);
    const Page page = {out, write, context, summary, options};
    print_headline(&page);
    wave_view_run(page.out, summary, options);
    print_groups(&page);
    print_clusters(&page);
    print_not_started(&page);
    print_retried(&page);
    print_targets(&page);
    print_slowest(&page);
    print_revisions(&page);
    print_events(&page);
    print_next(&page);
    write_out(&page);
}

static void append_piece(gpointer context, const char *text, gsize length)
{
    g_string_append_len(context, text, (gssize)length);
}

char *report_text(const RunResult *run, const ReportOptions *options)
{
    GString *text = g_string_new(NULL);
    report_text_write(run, options, append_piece, text);
    return g_string_free(text, FALSE);
}
