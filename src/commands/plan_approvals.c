/* Approvals of plan files: read once, judged by the project's own policy, told by name. */
#include "commands/plan_approvals_internal.h"

bool plan_bytes_read(const char *path, char **bytes, SignedPlan *signed_plan, PlanFile **file, int *exit_code)
{
    GError *error = NULL;
    gsize length = 0;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    *exit_code = EXIT_CONFIGURATION;
    if (!g_file_get_contents(path, bytes, &length, &error)) {
        command_fail_error(EXIT_CONFIGURATION, error);
        return false;
    }
    *signed_plan = (SignedPlan){path, *bytes, length};
    *file = plan_file_parse(*bytes, length, path, problems);
    command_print_problems(problems);
    return *file != NULL;
}

GPtrArray *plan_approvals(const Workspace *workspace, const SignedPlan *signed_plan, const PlanFile *file,
                          unsigned *count, int *exit_code)
{
    GError *error = NULL;
    const RolloutPolicy *rollout = &workspace->project->rollout;
    GPtrArray *approvals = approvals_read(signed_plan, rollout->allowed_signers, &error);
    if (!approvals)
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
    else
        *count = approvals_judge(approvals, file->created_by, rollout->self_approval);
    return approvals;
}

static char **names_of_counted(const GPtrArray *approvals)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = approvals->pdata[i];
        if (approval->state == APPROVAL_COUNTS)
            g_strv_builder_add(names, approval_signer(approval));
    }
    return g_strv_builder_end(names);
}

static void warn_of_others(const SignedPlan *signed_plan, const GPtrArray *approvals)
{
    g_autofree char *folder = approvals_folder(signed_plan->file);
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = approvals->pdata[i];
        if (approval->state != APPROVAL_COUNTS)
            command_warn("%s/%s does not count: %s", folder, approval->file, approval->reason);
    }
}

bool plan_is_approved(const Workspace *workspace, const SignedPlan *signed_plan, const PlanFile *file,
                      char ***approved_by, int *exit_code)
{
    unsigned count = 0;
    unsigned wanted = workspace->project->rollout.approvals;
    *approved_by = NULL;
    if (wanted == 0)
        return true;
    g_autoptr(GPtrArray) approvals = plan_approvals(workspace, signed_plan, file, &count, exit_code);
    if (!approvals)
        return false;
    g_auto(GStrv) names = names_of_counted(approvals);
    g_autofree char *list = g_strjoinv(", ", names);
    warn_of_others(signed_plan, approvals);
    if (count < wanted) {
        *exit_code =
            command_fail(EXIT_CONFIGURATION,
                         "%s has %u of the %u approvals that rollout.approvals asks for%s%s; nothing "
                         "was changed. \"dbfleet plan approve %s\" adds one",
                         signed_plan->file, count, wanted, count ? ": " : "", list, signed_plan->file);
        return false;
    }
    g_autofree char *note = g_strdup_printf("%s is approved by %s", signed_plan->file, list);
    command_note(workspace->options, note);
    *approved_by = g_steal_pointer(&names);
    return true;
}

/* The policy here; a project that cannot be read is no obstacle to reading a plan. */
static Project *project_here(const Options *options)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *folder = g_get_current_dir();
    const char *config = options_text(options, "config");
    g_autofree char *found = config ? g_strdup(config) : project_find(folder);
    Project *project = found ? project_load(found, folder, problems) : NULL;
    return project ? project : project_default(folder);
}

void plan_show_approvals(const Options *options, const SignedPlan *signed_plan, PlanFile *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Project) project = project_here(options);
    const RolloutPolicy *rollout = &project->rollout;
    g_autoptr(GPtrArray) approvals = approvals_read(signed_plan, rollout->allowed_signers, &error);
    if (!approvals) {
        command_warn("%s", error->message);
        return;
    }
    if (approvals->len == 0 && rollout->approvals == 0)
        return;
    approvals_judge(approvals, file->created_by, rollout->self_approval);
    file->approvals_needed = rollout->approvals;
    file->approvals = g_steal_pointer(&approvals);
}
