/* Plan file view: the head, the waves, the paths with their targets, the exceptions, as text. */
#include "report/plan_file_view.h"

#include "base/duration.h"
#include "base/text_table.h"
#include "report/plan_file_summary_internal.h"
#include "report/risk_view_internal.h"
#include "report/size_view_internal.h"
#include "report/style_internal.h"

#define NAMES_SHOWN 8u

typedef struct View {
    GString *out;
    const PlanFileSummary *summary;
    const ReportOptions *options;
} View;

static void print(const View *view, unsigned indent, const char *label, const char *text)
{
    if (*text)
        style_append_wrapped(view->out, indent, view->options->width, label, text);
}

/* ---- Head ---- */

static void print_time(const View *view, const char *label, gint64 unix_us)
{
    g_autofree char *text = timestamp_format(unix_us);
    if (unix_us)
        print(view, 2, label, text);
}

static void print_head(const View *view)
{
    const PlanFile *file = view->summary->file;
    g_autofree char *title = plan_file_title(file), *limits = plan_file_limits_text(file);
    g_autofree char *time = timestamp_format(file->created_us);
    g_autofree char *variables = g_strjoinv(", ", file->variables);
    g_autofree char *made = g_strdup_printf("%s by %s, track %s, digest %.12s", time, file->created_by,
                                            file->track, file->digest);
    g_autofree char *lead = g_strdup_printf("plan: %s:", title);
    const StyleCount counts[] = {{view->summary->pending, "to do", STYLE_BOLD},
                                 {view->summary->at_goal, "already there", STYLE_GREEN},
                                 {file->exceptions->len, "left alone", STYLE_YELLOW}};
    style_append_counts(view->out, view->options, lead, counts, G_N_ELEMENTS(counts));
    print(view, 2, "made", made);
    print_time(view, "not before", file->not_before_us);
    print_time(view, "expires", file->expires_us);
    print(view, 2, "limits:", limits);
    print(view, 2, "needs -x for:", variables);
}

static void print_approvals(const View *view)
{
    const PlanFile *file = view->summary->file;
    const GPtrArray *approvals = file->approvals;
    if (!approvals)
        return;
    g_autofree char *count = file->approvals_needed
                                 ? g_strdup_printf("%u of the %u that are needed", approvals_count(approvals),
                                                   file->approvals_needed)
                                 : g_strdup_printf("%u, and none is asked for", approvals->len);
    print(view, 2, "approvals:", count);
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = approvals->pdata[i];
        g_autofree char *standing = approval_standing(approval);
        g_autofree char *signer =
            text_printable(approval->principals ? approval_signer(approval) : approval->file, false);
        g_autofree char *label = g_strdup_printf("%s:", signer);
        print(view, 4, label, standing);
    }
}

static void print_waves(const View *view)
{
    const GPtrArray *waves = view->summary->file->waves;
    if (waves)
        g_string_append(view->out, "\nwaves:\n");
    for (guint i = 0; waves && i < waves->len; i++) {
        const PlanFileWave *wave = waves->pdata[i];
        g_autofree char *rules = plan_file_wave_rules(view->summary->file, wave);
        g_autofree char *label = g_strdup_printf("%s:", wave->name);
        g_autofree char *text = g_strdup_printf(
            "%u %s%s%s", wave->targets, wave->targets == 1 ? "target" : "targets", *rules ? "; " : "", rules);
        print(view, 2, label, text);
    }
}

/* ---- Paths ---- */

static void print_takers(const View *view, const PlanFilePath *path)
{
    g_autofree char *names = plan_file_names(path->takers, NAMES_SHOWN);
    if (!view->options->verbose) {
        print(view, 2, "targets:", names);
        return;
    }
    g_string_append(view->out, "  targets:\n");
    for (guint i = 0; i < path->takers->len; i++) {
        const PlanFileTarget *target = path->takers->pdata[i];
        g_autofree char *name = text_printable(target->name, false);
        g_autofree char *endpoint = text_printable(target->endpoint, false);
        g_string_append_printf(view->out, "    %s  %s%s%s\n", name, endpoint, target->wave ? "  wave " : "",
                               target->wave ? target->wave->name : "");
    }
}

static void print_step(const View *view, const PlanFileStep *step, guint number)
{
    g_autofree char *after = plan_file_rows_text(step->after);
    g_autofree char *text =
        g_strdup_printf("  %u. %s %s%s-> %s  (%.12s%s%s)", number, plan_file_step_word(step), step->revision,
                        *step->revision ? " " : "", after, step->checksum ? step->checksum : "no SQL",
                        step->check ? ", checked before" : "", step->fill ? ", fill" : "");
    g_autofree char *safe = text_printable(text, false);
    risk_view_line(view->out, safe, 5, step->risks, view->options);
}

static void print_path(const View *view, const PlanFilePath *path)
{
    unsigned count = path->takers->len;
    g_autofree char *from = plan_file_rows_text(path->from);
    g_autofree char *label = g_strdup_printf("path %s:", path->name);
    g_autofree char *text = g_strdup_printf("%u %s, %s, from %s, %u %s", count,
                                            count == 1 ? "target" : "targets", dialect_name(path->dialect),
                                            from, path->steps->len, path->steps->len == 1 ? "step" : "steps");
    g_string_append_c(view->out, '\n');
    print(view, 0, label, text);
    for (guint i = 0; i < path->steps->len; i++)
        print_step(view, path->steps->pdata[i], i + 1);
    print_takers(view, path);
}

static void print_risks(const View *view)
{
    g_autoptr(GPtrArray) steps = risk_view_file_steps(view->summary->file);
    const GPtrArray *sizes = view->summary->file->sizes;
    if (steps->len || sizes)
        g_string_append(view->out, "\nwhat to know before:\n");
    risk_view_print(view->out, steps, view->options);
    size_view_print(view->out, sizes, view->options);
}

/* ---- Exceptions ---- */

static void print_exceptions(const View *view)
{
    const GPtrArray *groups = view->summary->exceptions;
    if (groups->len)
        g_string_append_printf(view->out, "\nleft alone: %u\n", view->summary->file->exceptions->len);
    for (guint i = 0; i < groups->len; i++) {
        const ExceptionSummary *group = groups->pdata[i];
        unsigned shown = view->options->verbose ? G_MAXUINT : NAMES_SHOWN;
        g_autofree char *names = plan_file_names(group->exceptions, shown);
        g_autofree char *label =
            g_strdup_printf("%u %s%s", group->exceptions->len, group->problem, group->reason ? ":" : "");
        print(view, 2, label, group->reason ? group->reason : " ");
        print(view, 6, group->exceptions->len == 1 ? "target:" : "targets:", names);
    }
}

char *plan_file_view_text(const PlanFile *file, const ReportOptions *options)
{
    g_autoptr(PlanFileSummary) summary = plan_file_summary_new(file, NULL);
    const View view = {g_string_new(NULL), summary, options};
    print_head(&view);
    print_approvals(&view);
    print_waves(&view);
    for (guint i = 0; i < file->paths->len; i++)
        print_path(&view, file->paths->pdata[i]);
    print_risks(&view);
    print_exceptions(&view);
    return g_string_free(view.out, FALSE);
}
