/* Approvals of a plan file: SSH signatures over its exact bytes, made and verified by ssh-keygen as git does,
 * each in a file of its own in the folder FILE.sig.d. Who signs is told by a file of allowed signers
 * (ssh-keygen(1), "ALLOWED SIGNERS"). Main thread. */
#pragma once

#include "plans/approval.h"

/* What a signature is good for; another of the same key cannot be taken for it. */
#define APPROVAL_NAMESPACE "dbfleet-plan"

#define APPROVAL_ERROR (approval_error_quark())
GQuark approval_error_quark(void);
typedef enum ApprovalError {
    APPROVAL_ERROR_PROGRAM, /* there is no ssh-keygen, or it does not end */
    APPROVAL_ERROR_SIGNERS, /* the file of allowed signers cannot be read */
    APPROVAL_ERROR_FOLDER,  /* FILE.sig.d, or a file that is needed, cannot be read or written */
    APPROVAL_ERROR_SIGNING, /* ssh-keygen refused */
    APPROVAL_ERROR_TAKEN    /* there is another signature of that name */
} ApprovalError;

/* The bytes that are signed: read once, verified, and then run. */
typedef struct SignedPlan {
    const char *file; /* as typed */
    const char *text;
    gsize length;
} SignedPlan;

/* "FILE.sig.d". Caller frees. */
char *approvals_folder(const char *file);
/* Every signature in the folder, by name, judged by itself: of Approval *; what is good is APPROVAL_COUNTS,
 * or APPROVAL_UNCHECKED where `allowed_signers` is NULL. No folder: none. NULL and an error if they cannot be
 * looked at. */
GPtrArray *approvals_read(const SignedPlan *plan, const char *allowed_signers, GError **error);

/* Signs with the key (a private key's path, or a public key's whose private one an agent has) and puts the
 * signature into the folder, named after who it is of, or after the key. May ask for a passphrase on the
 * terminal. The same signature again is no error. The approval as it was read back; NULL and an error. */
Approval *approvals_sign(const SignedPlan *plan, const char *key, const char *allowed_signers,
                         GError **error);
