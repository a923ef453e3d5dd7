/* plan approve FILE: signs the plan with an SSH key, as git signs commits. Connects to nothing. */
#include "base/child.h"
#include "commands/fleet_change_internal.h"
#include "commands/plan_approvals_internal.h"

#include <glib/gstdio.h>
#include <string.h>

#define GIT_TIMEOUT_MS 10000u
#define LITERAL_KEY "key::"

/* ---- Which key ---- */

/* What git is configured to; NULL if it is not, or not there. Caller frees. */
static char *git_setting(const char *type, const char *name)
{
    const char *const arguments[] = {"git", "config", type, "--get", name, NULL};
    const ChildOptions options = {.arguments = arguments, .timeout_ms = GIT_TIMEOUT_MS};
    g_auto(ChildResult) result = {0};
    if (!child_run(&options, &result, NULL) || result.end != CHILD_EXITED || result.code != 0)
        return NULL;
    return g_strchomp(g_strdup(result.output));
}

/* git may have the public key itself in the place of a path; its private one is an agent's then. */
static bool is_literal(const char *key)
{
    return g_str_has_prefix(key, LITERAL_KEY) || g_str_has_prefix(key, "ssh-") ||
           g_str_has_prefix(key, "ecdsa-") || g_str_has_prefix(key, "sk-");
}

/* Caller frees; NULL with a message. */
static char *choose_key(const Options *options, int *exit_code)
{
    const char *typed = options_text(options, "signing-key");
    if (typed)
        return g_strdup(typed);
    g_autofree char *format = git_setting("--default=openpgp", "gpg.format");
    char *key = g_strcmp0(format, "ssh") == 0 ? git_setting("--type=path", "user.signingkey") : NULL;
    if (!key)
        *exit_code =
            command_fail(EXIT_USAGE, "no key to sign with: give --signing-key, DBFLEET_SIGNING_KEY, or git's "
                                     "user.signingkey with gpg.format ssh");
    return key;
}

/* A literal key as a file, for ssh-keygen; else the same path. Caller frees, and removes what is *temporary.
 */
static char *key_file(const char *key, bool *temporary, GError **error)
{
    *temporary = is_literal(key);
    if (!*temporary)
        return g_strdup(key);
    g_autofree char *path = NULL;
    g_autofree char *line =
        g_strconcat(g_str_has_prefix(key, LITERAL_KEY) ? key + strlen(LITERAL_KEY) : key, "\n", NULL);
    int descriptor = g_file_open_tmp("dbfleet-key-XXXXXX.pub", &path, error);
    if (descriptor < 0 || !g_close(descriptor, error) || !g_file_set_contents(path, line, -1, error))
        return NULL;
    return g_steal_pointer(&path);
}

static Approval *sign_with(const Workspace *workspace, const SignedPlan *plan, const char *key,
                           GError **error)
{
    bool temporary = false;
    g_autofree char *path = key_file(key, &temporary, error);
    if (!path)
        return NULL;
    Approval *approval = approvals_sign(plan, path, workspace->project->rollout.allowed_signers, error);
    if (temporary)
        (void)g_unlink(path);
    return approval;
}

/* ---- What was done ---- */

/* The signature that was just made, as the policy sees it among the others; NULL if it is gone. */
static const Approval *find_own(const GPtrArray *approvals, const Approval *made)
{
    for (guint i = 0; i < approvals->len; i++)
        if (g_str_equal(((const Approval *)approvals->pdata[i])->file, made->file))
            return approvals->pdata[i];
    return NULL;
}

static int tell(const Workspace *workspace, const SignedPlan *plan, const PlanFile *file,
                const Approval *made)
{
    int code = EXIT_DONE;
    unsigned count = 0;
    unsigned wanted = workspace->project->rollout.approvals;
    g_autofree char *folder = approvals_folder(plan->file);
    g_autofree char *line = g_strdup_printf("approved %s (digest %.12s) as %s: %s/%s\n", plan->file,
                                            file->digest, approval_signer(made), folder, made->file);
    g_autoptr(GPtrArray) approvals = plan_approvals(workspace, plan, file, &count, &code);
    if (!approvals)
        return code;
    const Approval *own = find_own(approvals, made);
    if (own && own->reason)
        command_warn("it does not count: %s", own->reason);
    if (wanted > 0) {
        g_autofree char *note = g_strdup_printf("%u of %u approvals", count, wanted);
        command_note(workspace->options, note);
    }
    return command_print(line);
}

int plan_approve(const Options *options)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    g_auto(Workspace) workspace = {0};
    g_autofree char *bytes = NULL;
    g_autoptr(PlanFile) file = NULL;
    SignedPlan plan;
    if (options_operand_count(options) != 2)
        return command_fail(EXIT_USAGE, "plan approve takes one FILE");
    if (!plan_bytes_read(options_operand(options, 1), &bytes, &plan, &file, &code) ||
        !workspace_open_track(&workspace, options, WORKSPACE_PROJECT, file->track, &code))
        return code;
    g_autofree char *key = choose_key(options, &code);
    if (!key)
        return code;
    g_autoptr(Approval) approval = sign_with(&workspace, &plan, key, &error);
    if (!approval)
        return command_fail_error(EXIT_CONFIGURATION, error);
    return tell(&workspace, &plan, file, approval);
}
