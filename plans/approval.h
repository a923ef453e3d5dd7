/* Approvals: who says of a plan file that it may run, as plain values, and which of them count. Pure: the
 * signatures are looked at by who has ssh-keygen (run/approvals.h). */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum ApprovalState {
    APPROVAL_COUNTS,
    APPROVAL_OWN,      /* of who made the plan */
    APPROVAL_REPEATED, /* of a person who counts already */
    APPROVAL_UNKNOWN,  /* good, of a key that the allowed signers do not have */
    APPROVAL_EXPIRED,  /* good, of a key that they have for another time */
    APPROVAL_MISMATCH, /* not a signature of these bytes */
    APPROVAL_UNREADABLE,
    APPROVAL_UNCHECKED /* good, and there is no file of allowed signers to say whose key it is */
} ApprovalState;
/* "counts", "own-plan", "repeated", "unknown-signer", "expired-key", "other-file", "unreadable", "unchecked".
 */
const char *approval_state_name(ApprovalState state);

typedef struct Approval {
    char *file;        /* name of the signature's file */
    char **principals; /* as the allowed signers name the key's owner, NULL-terminated; NULL: not known */
    char *key;         /* "SHA256:…"; NULL: not known */
    ApprovalState state;
    char *reason; /* why it does not count, one line; NULL */
} Approval;
Approval *approval_new(const char *file);
void approval_free(Approval *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Approval, approval_free)
/* Sets the state and, instead of the reason that was there, this one. */
void approval_refuse(Approval *self, ApprovalState state, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Who it is, for people: the first principal, else the key, else the file. */
const char *approval_signer(const Approval *self);

/* "counts", or why not: "does not count: key SHA256:… is not in FILE". Caller frees. */
char *approval_standing(const Approval *self);

/* Whether a principal means the one who made a plan, "user@host": both are the same text, or the parts before
 * the "@" are, in any case of letters. The hosts of mail and of machines seldom agree, so a namesake is
 * taken for the same person: an approval too few is found out, one too many is not. */
bool approval_is_of(const char *principal, const char *created_by);
/* How many are in state APPROVAL_COUNTS. */
unsigned approvals_count(const GPtrArray *approvals);
/* Of Approval *, those that count in state APPROVAL_COUNTS: refuses, unless `self_approval`, what is of who
 * made the plan, and of signatures that share a principal or a key all but the first. Returns how many count.
 */
unsigned approvals_judge(GPtrArray *approvals, const char *created_by, bool self_approval);
