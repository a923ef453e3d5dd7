/* Approvals: the folder of signatures, each read with care, since anybody may put anything there. */
#include "run/approvals.h"

#include "base/atomic_file.h"
#include "run/ssh_keygen_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".sig"
#define SIGNATURE_MAX 65536 /* bytes */
#define FILES_MAX 1000u
#define NAME_MAX_LENGTH 100u

char *approvals_folder(const char *file)
{
    return g_strconcat(file, ".sig.d", NULL);
}

/* ---- Reading ---- */

/* Its text, or NULL and why it is not read. Caller frees. */
static char *read_signature(const char *path, gsize *length, const char **why)
{
    g_autofree char *text = g_malloc(SIGNATURE_MAX + 1);
    struct stat about;
    *why = "it cannot be read, or is a symbolic link";
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    bool regular = fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
    gssize got = regular ? read(descriptor, text, SIGNATURE_MAX + 1) : -1;
    (void)close(descriptor);
    if (!regular || got <= 0 || got > SIGNATURE_MAX) {
        *why = !regular ? "it is no regular file" : got > 0 ? "it is too large" : "it is empty";
        return NULL;
    }
    *length = (gsize)got;
    return g_steal_pointer(&text);
}

static bool read_one(const SigningFolder *folder, const char *path, const char *allowed_signers,
                     Approval *approval, GError **error)
{
    gsize length = 0;
    const char *why = NULL;
    g_autofree char *text = read_signature(path, &length, &why);
    if (text)
        return ssh_signature_check(folder, text, length, allowed_signers, approval, error);
    approval_refuse(approval, APPROVAL_UNREADABLE, "%s", why);
    return true;
}

static gint compare_names(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static GPtrArray *names_in(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    struct stat about;
    if (lstat(folder, &about) != 0 && errno == ENOENT)
        return g_steal_pointer(&names);
    if (lstat(folder, &about) == 0 && !S_ISDIR(about.st_mode)) {
        g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_FOLDER,
                    "%s must be a folder of signatures, and is something else", folder);
        return NULL;
    }
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
    for (const char *name; dir && names->len <= FILES_MAX && (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, SUFFIX) && *name != '.')
            g_ptr_array_add(names, g_strdup(name));
    if (names->len > FILES_MAX)
        g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_FOLDER, "%s holds more than %u signatures", folder,
                    FILES_MAX);
    g_ptr_array_sort(names, compare_names);
    return dir && names->len <= FILES_MAX ? g_steal_pointer(&names) : NULL;
}

/* What ssh-keygen would tell of each signature is told once; a pipe it would wait for. */
static bool signers_readable(const char *allowed_signers, GError **error)
{
    struct stat about;
    if (!allowed_signers)
        return true;
    bool readable = stat(allowed_signers, &about) == 0 && g_access(allowed_signers, R_OK) == 0;
    if (readable && S_ISREG(about.st_mode))
        return true;
    g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_SIGNERS,
                "rollout.allowed_signers: %s cannot be read: %s", allowed_signers,
                readable ? "it is no regular file" : g_strerror(errno));
    return false;
}

GPtrArray *approvals_read(const SignedPlan *plan, const char *allowed_signers, GError **error)
{
    g_auto(SigningFolder) signing = {0};
    g_autofree char *folder = approvals_folder(plan->file);
    g_autoptr(GPtrArray) approvals = g_ptr_array_new_with_free_func((GDestroyNotify)approval_free);
    g_autoptr(GPtrArray) names = names_in(folder, error);
    if (!names || !signers_readable(allowed_signers, error))
        return NULL;
    if (names->len > 0 && !signing_folder_init(&signing, plan, error))
        return NULL;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        Approval *approval = approval_new(names->pdata[i]);
        g_ptr_array_add(approvals, approval);
        if (!read_one(&signing, path, allowed_signers, approval, error))
            return NULL;
    }
    return g_steal_pointer(&approvals);
}

/* ---- Writing ---- */

/* A file's name that no principal can turn into a path. Caller frees. */
static char *file_name(const char *signer)
{
    GString *name = g_string_new_len(signer, (gssize)MIN(strlen(signer), NAME_MAX_LENGTH));
    for (gsize i = 0; i < name->len; i++)
        if (!g_ascii_isalnum(name->str[i]) && !strchr(i ? "@._+-" : "@_", name->str[i]))
            name->str[i] = '_';
    g_string_append(name, SUFFIX);
    return g_string_free(name, FALSE);
}

static bool is_same_file(const char *path, const char *text)
{
    gsize length = 0;
    const char *why = NULL;
    g_autofree char *there = read_signature(path, &length, &why);
    return there && length == strlen(text) && memcmp(there, text, length) == 0;
}

static bool write_signature(const char *folder, const Approval *approval, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, approval->file, NULL);
    struct stat about;
    if (lstat(folder, &about) == 0 && !S_ISDIR(about.st_mode)) {
        g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_FOLDER,
                    "%s must be a folder of signatures, and is something else", folder);
        return false;
    }
    g_autoptr(GError) problem = NULL;
    if (atomic_file_create(path, text, &problem))
        return true;
    if (!g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_EXIST)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    if (is_same_file(path, text))
        return true;
    g_set_error(error, APPROVAL_ERROR, APPROVAL_ERROR_TAKEN,
                "%s is there already and is another signature, of an earlier plan or another key: remove it "
                "if it may go, then approve again",
                path);
    return false;
}

Approval *approvals_sign(const SignedPlan *plan, const char *key, const char *allowed_signers, GError **error)
{
    g_auto(SigningFolder) signing = {0};
    g_autofree char *folder = approvals_folder(plan->file);
    if (!signers_readable(allowed_signers, error) || !signing_folder_init(&signing, plan, error))
        return NULL;
    g_autofree char *text = ssh_signature_make(&signing, key, error);
    g_autoptr(Approval) approval = approval_new("");
    if (!text || !ssh_signature_check(&signing, text, strlen(text), allowed_signers, approval, error))
        return NULL;
    g_free(approval->file);
    approval->file = file_name(approval_signer(approval));
    return write_signature(folder, approval, text, error) ? g_steal_pointer(&approval) : NULL;
}
