/* ssh-keygen: its -Y commands, run without a shell, over copies in a private folder. Main thread. */
#pragma once

#include "run/approvals.h"

/* A private folder with the bytes that are signed and one signature; removed with it. */
typedef struct SigningFolder {
    char *folder;
    char *data;
    char *signature; /* "DATA.sig", where ssh-keygen puts it */
} SigningFolder;

bool signing_folder_init(SigningFolder *self, const SignedPlan *plan, GError **error);
void signing_folder_clear(SigningFolder *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SigningFolder, signing_folder_clear)

/* Judges the signature by itself and fills state, reason, principals and key. False if it cannot be looked
 * at.
 */
bool ssh_signature_check(const SigningFolder *folder, const char *signature, gsize length,
                         const char *allowed_signers, Approval *approval, GError **error);
/* Signs the folder's data; may ask on the terminal. The signature's text; caller frees. */
char *ssh_signature_make(const SigningFolder *folder, const char *key, GError **error);
