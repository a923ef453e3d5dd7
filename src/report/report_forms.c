/* Report forms: the table of renderers. */
#include "report/report_forms.h"
#include "report/event_line.h"
#include "report/metrics.h"
#include "report/report_page.h"
#include <string.h>

static char *render_json(const RunResult *run, const ReportOptions *options)
{
    (void)options;
    return report_json(run);
}

static char *render_junit(const RunResult *run, const ReportOptions *options)
{
    (void)options;
    return report_junit(run);
}

static char *render_markdown(const RunResult *run, const ReportOptions *options)
{
    (void)options;
    return report_markdown(run, REPORT_MARKDOWN_MAX);
}

static char *render_page(const RunResult *run, const ReportOptions *options)
{
    (void)options;
    return report_page_html(run, NULL);
}

static char *render_events(const RunResult *run, const ReportOptions *options)
{
    (void)options;
    return event_lines(run);
}

/* One a line: branches that add a form each merge. */
static const ReportForm forms[] = {
    {"text", ".txt", false, report_text},        {"json", ".json", false, render_json},
    {"markdown", ".md", false, render_markdown}, {"junit", ".xml", false, render_junit},
    {"html", ".html", true, render_page},        {"metrics", ".prom", false, run_metrics},
    {"ndjson", NULL, true, render_events}, /* a run writes them while they happen: --events */
};

const char *const report_form_names[] = {
    "text",     /* the order is that of the table */
    "json",     /**/
    "markdown", /**/
    "junit",    /**/
    "html",     /**/
    "metrics",  /**/
    "ndjson",   /**/
    NULL,
};

const ReportForm *report_form_named(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (g_str_equal(forms[i].name, name))
            return &forms[i];
    return NULL;
}

const ReportForm *report_form_of_file(const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (forms[i].suffix && g_str_has_suffix(path, forms[i].suffix))
            return &forms[i];
    return NULL;
}

char *report_form_suffixes(void)
{
    GString *list = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (forms[i].suffix)
            g_string_append_printf(list, "%s%s", list->len ? ", " : "", forms[i].suffix);
    return g_string_free(list, FALSE);
}
