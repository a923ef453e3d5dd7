/* ssh-keygen. Its exit status decides; its words only explain. Sources: ssh-keygen(1), "-Y find-principals",
 * "-Y check-novalidate", "-Y verify", "-Y sign"; git's gpg-interface.c for the order: who could it be, then
 * is it so. */
#include "run/ssh_keygen_internal.h"

#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEYGEN "ssh-keygen"
#define TIMEOUT_MS 30000u

G_DEFINE_QUARK(approval - error - quark, approval_error)

/* ---- The folder ---- */

bool signing_folder_init(SigningFolder *self, const SignedPlan *plan, GError **error)
{
    self->folder = g_dir_make_tmp("dbfleet-XXXXXX", error);
    if (!self->folder)
        return false;
    self->data = g_build_filename(self->folder, "plan", NULL);
    self->signature = g_build_filename(self->folder, "plan.sig", NULL);
    return g_file_set_contents_full(self->data, plan->text, (gssize)plan->length,
                                    G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

void signing_folder_clear(SigningFolder *self)
{
    if (self->folder) {
        (void)g_unlink(self->data);
        (void)g_unlink(self->signature);
        (void)g_rmdir(self->folder);
    }
    g_free(self->folder);
    g_free(self->data);
    g_free(self->signature);
    *self = (SigningFolder){0};
}

/* ---- Running it ---- */

static void missing(GError **error, const char *why)
{
    g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_PROGRAM,
                "approvals are SSH signatures, which need ssh-keygen (Debian: openssh-client): %s", why);
}

/* Runs it over the data. True if it ended, however; *good if it said yes. */
static bool ask(const SigningFolder *folder, const char *const *arguments, bool *good, ChildResult *result,
                GError **error)
{
    g_autoptr(GError) problem = NULL;
    int input = open(folder->data, O_RDONLY | O_CLOEXEC);
    if (input < 0) {
        g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_FOLDER, "%s: %s", folder->data, g_strerror(errno));
        return false;
    }
    const ChildOptions options = {.arguments = arguments, .input = input, .timeout_ms = TIMEOUT_MS};
    bool ran = child_run(&options, result, &problem);
    (void)close(input);
    if (!ran)
        missing(error, problem->message);
    else if (result->end != CHILD_EXITED)
        missing(error, "it did not end by itself");
    *good = ran && result->end == CHILD_EXITED && result->code == 0;
    return ran && result->end == CHILD_EXITED;
}

/* Its own words come before its verdict. Caller frees. */
static char *first_line(const ChildResult *result)
{
    return g_strndup(result->output, strcspn(result->output, "\r\n"));
}

/* ---- Is it a signature of these bytes ---- */

/* The word behind "key " in its line "Good …". Caller frees; NULL if there is none. */
static char *key_in(const char *text)
{
    const char *good = strstr(text, "Good \"" APPROVAL_NAMESPACE "\" signature");
    const char *key = good ? strstr(good, " key ") : NULL;
    return key ? g_strndup(key + strlen(" key "), strcspn(key + strlen(" key "), " \n")) : NULL;
}

static bool check_bytes(const SigningFolder *folder, Approval *approval, GError **error)
{
    const char *const arguments[] = {
        KEYGEN, "-Y", "check-novalidate", "-n", APPROVAL_NAMESPACE, "-s", folder->signature, NULL};
    bool good = false;
    g_auto(ChildResult) result = {0};
    if (!ask(folder, arguments, &good, &result, error))
        return false;
    approval->state = APPROVAL_COUNTS;
    approval->key = good ? key_in(result.output) : NULL;
    g_autofree char *words = first_line(&result);
    if (!good && strstr(result.output, "incorrect signature"))
        approval_refuse(approval, APPROVAL_MISMATCH,
                        "it is a signature of another file, or of this one before "
                        "it was changed");
    else if (!good || !approval->key)
        approval_refuse(approval, APPROVAL_UNREADABLE, "it is no signature of a plan: %s", words);
    return true;
}

/* ---- Whose it is ---- */

/* A line that stands for many people says of nobody that they signed. */
static bool names_one(const char *principal)
{
    return *principal && !strpbrk(principal, "*?!");
}

static bool verify_as(const SigningFolder *folder, const char *allowed_signers, const char *principal,
                      bool *good, char **words, GError **error)
{
    const char *const arguments[] = {KEYGEN,          "-Y", "verify",  "-n", APPROVAL_NAMESPACE, "-f",
                                     allowed_signers, "-I", principal, "-s", folder->signature,  NULL};
    g_auto(ChildResult) result = {0};
    if (!ask(folder, arguments, good, &result, error))
        return false;
    g_free(*words);
    *words = first_line(&result);
    return true;
}

static void refuse_unknown(Approval *approval, const char *allowed_signers, const char *said)
{
    if (strstr(said, "expired") || strstr(said, "not yet valid"))
        approval_refuse(approval, APPROVAL_EXPIRED, "the time of key %s in %s is over, or has not come",
                        approval->key, allowed_signers);
    else
        approval_refuse(approval, APPROVAL_UNKNOWN, "key %s is not in %s", approval->key, allowed_signers);
}

/* Of the candidates, those that the signature is good for. */
static bool take_principals(const SigningFolder *folder, const char *allowed_signers, const char *candidates,
                            Approval *approval, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(candidates, "\n", -1);
    g_autoptr(GStrvBuilder) found = g_strv_builder_new();
    g_autofree char *words = NULL;
    bool any = false;
    for (char **line = lines; *line; line++) {
        bool good = false;
        if (names_one(*line) && !verify_as(folder, allowed_signers, *line, &good, &words, error))
            return false;
        if (good)
            g_strv_builder_add(found, *line);
        any |= good;
    }
    approval->principals = g_strv_builder_end(found);
    if (!any)
        approval_refuse(approval, APPROVAL_UNKNOWN, "key %s has no person's name in %s%s%s", approval->key,
                        allowed_signers, words ? ": " : ", only a pattern", words ? words : "");
    return true;
}

static bool check_signer(const SigningFolder *folder, const char *allowed_signers, Approval *approval,
                         GError **error)
{
    const char *const arguments[] = {KEYGEN,          "-Y", "find-principals", "-f",
                                     allowed_signers, "-s", folder->signature, NULL};
    bool good = false;
    g_auto(ChildResult) result = {0};
    if (!ask(folder, arguments, &good, &result, error))
        return false;
    if (good)
        return take_principals(folder, allowed_signers, result.output, approval, error);
    refuse_unknown(approval, allowed_signers, result.output);
    return true;
}

bool ssh_signature_check(const SigningFolder *folder, const char *signature, gsize length,
                         const char *allowed_signers, Approval *approval, GError **error)
{
    if (!g_file_set_contents_full(folder->signature, signature, (gssize)length,
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0600, error) ||
        !check_bytes(folder, approval, error))
        return false;
    if (approval->state != APPROVAL_COUNTS)
        return true;
    if (allowed_signers)
        return check_signer(folder, allowed_signers, approval, error);
    approval->state = APPROVAL_UNCHECKED;
    return true;
}

/* ---- Making one ---- */

char *ssh_signature_make(const SigningFolder *folder, const char *key, GError **error)
{
    const char *const arguments[] = {KEYGEN, "-q", "-Y",         "sign", "-n", APPROVAL_NAMESPACE,
                                     "-f",   key,  folder->data, NULL};
    int status = 0;
    char *text = NULL;
    int failure = child_attend(arguments, &status);
    if (failure != 0) {
        missing(error, g_strerror(failure));
        return NULL;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_SIGNING,
                    "ssh-keygen did not sign with %s: it says above why", key);
        return NULL;
    }
    return g_file_get_contents(folder->signature, &text, NULL, error) ? text : NULL;
}
