/* Plan save: dbfleet plan --output: the plan that was shown, as a file to be reviewed and applied. */
#include "base/atomic_file.h"
#include "base/duration.h"
#include "commands/fleet_change_internal.h"
#include <string.h>

/* "24h" from now, or a time. False with a message. */
static bool read_when(const Options *options, const char *option, gint64 now_us, gint64 *unix_us)
{
    const char *text = options_text(options, option);
    gint64 milliseconds;
    *unix_us = 0;
    if (!text || timestamp_parse(text, unix_us))
        return true;
    if (duration_parse(text, &milliseconds)) {
        *unix_us = now_us + milliseconds * 1000;
        return true;
    }
    command_fail(EXIT_USAGE, "--%s: \"%s\" is neither a duration (24h) nor a time (2026-11-23T22:00:00Z)",
                 option, text);
    return false;
}

static int write_file(const Options *options, const char *path, const char *text)
{
    GError *error = NULL;
    if (options_flag(options, "force") ? atomic_file_replace(path, text, strlen(text), &error)
                                       : atomic_file_create(path, text, &error))
        return EXIT_DONE;
    if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST))
        return command_fail_error(EXIT_CONFIGURATION, error);
    g_error_free(error);
    return command_fail(EXIT_CONFIGURATION, "%s is there already; give --force to replace it", path);
}

PlanFile *plan_file_of(const Workspace *workspace, const Plan *plan, const PlanRequest *request,
                       int *exit_code)
{
    SchedulerLimits limits;
    gint64 now_us = g_get_real_time();
    g_autoptr(PlanFile) file = plan_file_new();
    if (!change_limits(workspace, &limits, exit_code))
        return NULL;
    change_stop_starting(workspace, exit_code);
    if (*exit_code == EXIT_DONE)
        *exit_code = change_check_gates(workspace);
    if (*exit_code != EXIT_DONE)
        return NULL;
    if (!read_when(workspace->options, "expires", now_us, &file->expires_us) ||
        !read_when(workspace->options, "not-before", now_us, &file->not_before_us)) {
        *exit_code = EXIT_USAGE;
        return NULL;
    }
    file->track = g_strdup(workspace->track->name);
    file->version_table = g_strdup(workspace_version_table(workspace));
    file->created_by = command_operator();
    file->created_us = now_us;
    file->variables = change_variable_names(workspace);
    file->allow_edited = request->allow_edited;
    file->fill = request->fill;
    change_policy(workspace, &file->rollout);
    g_autofree char *secret = rollout_policy_secret(&file->rollout);
    if (secret) {
        *exit_code = command_fail(EXIT_CONFIGURATION,
                                  "%s holds a secret written out, and a plan is passed on: write a reference "
                                  "such as ${env:NAME} there",
                                  secret);
        return NULL;
    }
    plan_file_take(file, plan, request->variables);
    return g_steal_pointer(&file);
}

int plan_save(const Workspace *workspace, const Plan *plan, const PlanRequest *request)
{
    const Options *options = workspace->options;
    const char *path = options_text(options, "output");
    int code = EXIT_DONE;
    g_autoptr(PlanFile) file = plan_file_of(workspace, plan, request, &code);
    if (!file)
        return code;
    g_autofree char *text = plan_file_text(file);
    code = write_file(options, path, text);
    if (code != EXIT_DONE)
        return code;
    g_autofree char *note = g_strdup_printf(
        "%s: %u %s, digest %.12s; \"dbfleet apply %s\" runs it", path, plan->counts[PLAN_PENDING],
        plan->counts[PLAN_PENDING] == 1 ? "target" : "targets", file->digest, path);
    command_note(options, note);
    return EXIT_DONE;
}
