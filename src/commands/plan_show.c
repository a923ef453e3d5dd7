/* Plan show: a plan file as its reviewers see it. Connects to nothing. */
#include "commands/fleet_change_internal.h"
#include "commands/plan_approvals_internal.h"
#include "report/plan_file_view.h"

static char *render_text(const Workspace *workspace, const PlanFile *file)
{
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(workspace->options, 1),
                                .verbose = options_count(workspace->options, "verbose") > 0};
    return plan_file_view_text(file, &view);
}

static char *render_json(const Workspace *workspace, const PlanFile *file)
{
    (void)workspace;
    return plan_file_view_json(file);
}

static char *render_markdown(const Workspace *workspace, const PlanFile *file)
{
    return plan_file_view_markdown(file, workspace->graph, REPORT_MARKDOWN_MAX);
}

static char *render_html(const Workspace *workspace, const PlanFile *file)
{
    return plan_file_view_html(file, workspace->graph);
}

typedef struct PlanForm {
    const char *name;
    bool needs_revisions;
    char *(*render)(const Workspace *workspace, const PlanFile *file); /* NULL: scripts */
} PlanForm;

static const PlanForm forms[] = {
    {"text", false, render_text}, {"json", false, render_json}, {"markdown", true, render_markdown},
    {"html", true, render_html},  {"sql", true, NULL},
};

const char *const plan_form_names[] = {"text", "json", "markdown", "html", "sql", NULL};

static const PlanForm *form_of(const Options *options)
{
    const char *name = options_text(options, "format");
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (g_str_equal(forms[i].name, name))
            return &forms[i];
    g_assert_not_reached();
}

int plan_file_print(const Workspace *workspace, const PlanFile *file)
{
    const PlanForm *form = form_of(workspace->options);
    if (!form->render)
        return plan_file_print_sql(workspace, file);
    g_autofree char *text = form->render(workspace, file);
    return command_page(workspace->options, text);
}

int plan_show(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {.options = options};
    SignedPlan plan;
    g_autofree char *bytes = NULL;
    g_autoptr(PlanFile) file = NULL;
    unsigned parts = WORKSPACE_REVISIONS | (options_given(options, "limit") ? WORKSPACE_FLEET : 0);
    if (options_operand_count(options) != 2)
        return command_fail(EXIT_USAGE, "plan show takes one FILE");
    if (!plan_bytes_read(options_operand(options, 1), &bytes, &plan, &file, &code))
        return code;
    plan_show_approvals(options, &plan, file);
    if (form_of(options)->needs_revisions &&
        !workspace_open_track(&workspace, options, parts, file->track, &code))
        return code;
    return plan_file_print(&workspace, file);
}
