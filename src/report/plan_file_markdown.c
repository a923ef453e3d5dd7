/* Plan file Markdown: a plan as the comment of a pull request. What does not fit is left out in the order of
 * what it is worth, and the page says what is missing and where it is. */
#include "report/plan_file_view.h"

#include "base/duration.h"
#include "base/markup.h"
#include "report/plan_file_summary_internal.h"
#include "report/risk_view_internal.h"
#include "report/size_view_internal.h"

#define ROWS_SHOWN 60  /* of a table */
#define NAMES_SHOWN 20 /* of a group of exceptions */
#define RESERVED 400   /* bytes for the line that says what is missing */

typedef struct Page {
    const PlanFileSummary *summary;
    GString *out;
    gsize max_bytes;
    unsigned sections_left_out; /* SQL that did not fit */
    bool cut;                   /* something else did not */
} Page;

/* ---- Parts that fit ---- */

static bool page_take(Page *page, GString *part)
{
    bool fits = page->out->len + part->len + RESERVED <= page->max_bytes;
    if (fits)
        g_string_append_len(page->out, part->str, (gssize)part->len);
    g_string_free(part, TRUE);
    return fits;
}

static const char *targets_word(guint count)
{
    return count == 1 ? "target" : "targets";
}

static void add_cell(GString *out, const char *text)
{
    g_autofree char *safe = markdown_escape(text);
    g_string_append_printf(out, " %s |", safe);
}

static void add_code(GString *out, const char *text)
{
    g_autofree char *safe = markdown_code(text);
    g_string_append_printf(out, " %s |", safe);
}

/* A table's first `ROWS_SHOWN` rows, and how many more there are. */
static void take_table(Page *page, const char *head, const GPtrArray *rows, const char *what,
                       void (*add_row)(GString *out, const Page *page, gconstpointer row))
{
    GString *out = g_string_new(head);
    for (guint i = 0; i < rows->len && i < ROWS_SHOWN; i++)
        add_row(out, page, rows->pdata[i]);
    if (rows->len > ROWS_SHOWN)
        g_string_append_printf(out, "\n_and %u more %s_\n", rows->len - ROWS_SHOWN, what);
    page->cut |= rows->len > ROWS_SHOWN;
    if (rows->len == 0)
        g_string_free(out, TRUE);
    else if (!page_take(page, out))
        page->cut = true;
}

/* ---- Head ---- */

static void add_line(GString *out, const char *label, const char *text)
{
    g_autofree char *safe = markdown_escape(text);
    if (*text)
        g_string_append_printf(out, "- %s %s\n", label, safe);
}

static void add_time(GString *out, const char *label, gint64 unix_us)
{
    g_autofree char *text = timestamp_format(unix_us);
    if (unix_us)
        add_line(out, label, text);
}

static void add_approvals(GString *out, const PlanFile *file)
{
    for (guint i = 0; file->approvals && i < file->approvals->len; i++) {
        const Approval *approval = file->approvals->pdata[i];
        g_autofree char *signer = markdown_escape(approval_signer(approval));
        g_autofree char *standing = approval_standing(approval), *safe = markdown_escape(standing);
        g_string_append_printf(out, "- approval of %s: %s\n", signer, safe);
    }
    if (file->approvals && file->approvals_needed)
        g_string_append_printf(out, "- **%u of %u approvals**\n", approvals_count(file->approvals),
                               file->approvals_needed);
}

static GString *head(const PlanFileSummary *summary)
{
    const PlanFile *file = summary->file;
    GString *out = g_string_new(NULL);
    g_autofree char *title = plan_file_title(file), *safe = markdown_escape(title);
    g_autofree char *limits = plan_file_limits_text(file);
    g_autofree char *time = timestamp_format(file->created_us);
    g_autofree char *made = g_strdup_printf("%s by %s, track %s", time, file->created_by, file->track);
    g_autofree char *variables = g_strjoinv(", ", file->variables);
    g_string_append_printf(
        out, "### Plan: dbfleet %s\n\n**%u %s to do**, %u already there, %u left alone\n\n", safe,
        summary->pending, targets_word(summary->pending), summary->at_goal, file->exceptions->len);
    g_string_append_printf(out, "- digest `%s`\n", file->digest);
    add_line(out, "made", made);
    add_time(out, "not before", file->not_before_us);
    add_time(out, "expires", file->expires_us);
    add_line(out, "limits:", limits);
    add_line(out, "needs -x for:", variables);
    add_approvals(out, file);
    return out;
}

/* ---- Tables ---- */

static void add_step(GString *out, const Page *page, gconstpointer row)
{
    (void)page;
    const StepSummary *step = row;
    g_autofree char *risks = risk_view_words(step->step->risks);
    g_autofree char *safe = markdown_escape(risks ? risks : "");
    g_string_append_printf(out, "| %s%s |", plan_file_step_word(step->step),
                           step->step->fill ? " (fill)" : "");
    add_code(out, step->step->revision);
    add_cell(out, step->revision ? step->revision->message : "");
    g_string_append_printf(out, " %s | %u | %s%s%s |\n", dialect_name(step->dialect), step->targets,
                           *safe ? "**" : "", safe, *safe ? "**" : "");
}

static void add_path(GString *out, const Page *page, gconstpointer row)
{
    (void)page;
    const PlanFilePath *path = row;
    g_autofree char *from = plan_file_rows_text(path->from);
    g_autofree char *to = plan_file_rows_text(plan_file_path_end(path));
    g_autofree char *names = plan_file_names(path->takers, 3);
    g_string_append_printf(out, "| %s | %u | %s |", path->name, path->takers->len,
                           dialect_name(path->dialect));
    add_code(out, from);
    add_code(out, to);
    g_string_append_printf(out, " %u |", path->steps->len);
    add_cell(out, names);
    g_string_append_c(out, '\n');
}

static void add_wave(GString *out, const Page *page, gconstpointer row)
{
    const PlanFileWave *wave = row;
    g_autofree char *rules = plan_file_wave_rules(page->summary->file, wave);
    g_string_append_c(out, '|');
    add_cell(out, wave->name);
    g_string_append_printf(out, " %u |", wave->targets);
    add_cell(out, rules);
    g_string_append_c(out, '\n');
}

static void add_exception(GString *out, const Page *page, gconstpointer row)
{
    (void)page;
    const ExceptionSummary *group = row;
    g_autofree char *names = plan_file_names(group->exceptions, NAMES_SHOWN);
    g_string_append_printf(out, "| %u | %s |", group->exceptions->len, group->problem);
    add_cell(out, group->reason ? group->reason : "");
    add_cell(out, names);
    g_string_append_c(out, '\n');
}

static void add_size(GString *out, const Page *page, gconstpointer row)
{
    (void)page;
    const TableSize *size = row;
    const TableSizeAt *first = size->largest->len ? size->largest->pdata[0] : NULL;
    g_autofree char *all = size_view_amount(size->rows, size->bytes, size->at_least);
    g_autofree char *most = first ? size_view_amount(first->rows, first->bytes, false) : g_strdup("");
    g_string_append_c(out, '|');
    add_code(out, size->table);
    g_string_append_printf(out, " %u |", size->targets);
    add_cell(out, all);
    add_cell(out, first ? first->target : "");
    add_cell(out, most);
    g_string_append_c(out, '\n');
}

/* ---- Risks ---- */

static void add_risks(GString *out, const StepSummary *step)
{
    for (guint i = 0; i < step->step->risks->len; i++) {
        const RiskMark *mark = step->step->risks->pdata[i];
        g_autofree char *revision = markdown_code(step->step->revision);
        g_autofree char *reason = markdown_escape(mark->reason);
        g_autofree char *object = mark->object ? markdown_code(mark->object) : NULL;
        g_string_append_printf(out, "- **%s** %s %s (%s)", risk_kind_name(mark->kind),
                               plan_file_step_word(step->step), revision, dialect_name(step->dialect));
        if (mark->statement)
            g_string_append_printf(out, " statement %u", mark->statement);
        g_string_append_printf(out, "%s%s: %s\n", object ? ", " : "", object ? object : "", reason);
    }
}

static void take_risks(Page *page)
{
    bool any = false;
    for (guint i = 0; i < page->summary->steps->len; i++) {
        const StepSummary *step = page->summary->steps->pdata[i];
        if (step->step->risks->len == 0)
            continue;
        GString *out = g_string_new(any ? "" : "\n#### Risks\n\n");
        any = true;
        add_risks(out, step);
        page->cut |= !page_take(page, out);
    }
}

/* ---- Folded away ---- */

static GString *sql_of(const StepSummary *step)
{
    GString *out = g_string_new(NULL);
    g_autofree char *text = g_strndup(step->section->text, step->section->length);
    g_autofree char *message = xml_escape(step->revision->message);
    g_autofree char *id = xml_escape(step->revision->id);
    g_string_append_printf(out, "\n<details><summary>SQL: %s <code>%s</code> %s (%s)</summary>\n\n",
                           plan_file_step_word(step->step), id, message, dialect_name(step->dialect));
    markdown_fence(out, "sql", g_strstrip(text), 0);
    g_string_append(out, "\n</details>\n");
    return out;
}

/* One section may serve several dialects: its SQL is shown once. */
static void take_sql(Page *page)
{
    g_autoptr(GHashTable) shown = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < page->summary->steps->len; i++) {
        const StepSummary *step = page->summary->steps->pdata[i];
        if (!step->section || !g_hash_table_add(shown, (gpointer)step->section))
            continue;
        if (!page_take(page, sql_of(step)))
            page->sections_left_out++;
    }
}

static void take_targets(Page *page)
{
    const PlanFile *file = page->summary->file;
    GString *out = g_string_new(NULL);
    g_string_append_printf(
        out,
        "\n<details><summary>%u %s</summary>\n\n| target | endpoint | path | wave |\n|---|---|---|---|\n",
        page->summary->pending, targets_word(page->summary->pending));
    for (guint i = 0; i < file->targets->len && out->len <= page->max_bytes; i++) {
        const PlanFileTarget *target = file->targets->pdata[i];
        if (!target->path)
            continue;
        g_string_append_c(out, '|');
        add_cell(out, target->name);
        add_cell(out, target->endpoint);
        add_cell(out, target->path->name);
        add_cell(out, target->wave ? target->wave->name : "");
        g_string_append_c(out, '\n');
    }
    g_string_append(out, "\n</details>\n");
    page->cut |= !page_take(page, out);
}

/* What a reader of the page must know of the files behind it. */
static void take_missing(Page *page)
{
    unsigned missing = 0;
    for (guint i = 0; i < page->summary->steps->len; i++) {
        const StepSummary *step = page->summary->steps->pdata[i];
        missing += *step->step->revision && !step->section;
    }
    if (missing && page->summary->graph)
        g_string_append_printf(page->out,
                               "\n> **%u %s not as planned any more**: changed or gone, and `dbfleet apply` "
                               "refuses the plan as long as that is so.\n",
                               missing, missing == 1 ? "section is" : "sections are");
}

static void say_what_is_cut(Page *page)
{
    if (page->sections_left_out)
        g_string_append_printf(page->out, "\n_The SQL of %u %s does not fit here; ", page->sections_left_out,
                               page->sections_left_out == 1 ? "section" : "sections");
    else if (page->cut)
        g_string_append(page->out, "\n_Not all fits here; ");
    if (page->sections_left_out || page->cut)
        g_string_append(page->out, "`dbfleet plan show FILE --format sql` has all SQL, `--format html` and "
                                   "`plan show FILE -v` every target._\n");
}

char *plan_file_view_markdown(const PlanFile *file, const RevisionGraph *graph, gsize max_bytes)
{
    g_autoptr(PlanFileSummary) summary = plan_file_summary_new(file, graph);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    Page page = {.summary = summary, .out = g_string_new(NULL), .max_bytes = max_bytes};
    page_take(&page, head(summary));
    take_missing(&page);
    take_risks(&page);
    take_table(&page,
               "\n#### Steps\n\n| | revision | | dialect | targets | risks |\n|---|---|---|---|---:|---|\n",
               summary->steps, "steps", add_step);
    take_table(&page,
               "\n#### Sizes of the tables (estimates)\n\n| table | targets | all | largest | |\n"
               "|---|---:|---|---|---|\n",
               file->sizes ? file->sizes : none, "tables", add_size);
    take_table(&page, "\n#### Waves\n\n| wave | targets | |\n|---|---:|---|\n",
               file->waves ? file->waves : none, "waves", add_wave);
    take_table(&page,
               "\n#### Paths\n\n| path | targets | dialect | from | to | steps | "
               "|\n|---|---:|---|---|---|---:|---|\n",
               file->paths, "paths", add_path);
    take_table(&page, "\n#### Left alone\n\n| targets | problem | | |\n|---:|---|---|---|\n",
               summary->exceptions, "reasons", add_exception);
    take_sql(&page);
    take_targets(&page);
    say_what_is_cut(&page);
    return g_string_free(page.out, FALSE);
}
