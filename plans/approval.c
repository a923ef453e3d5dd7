/* Approvals: one person counts once, and not for a plan of their own. */
#include "plans/approval.h"

#include <string.h>

const char *approval_state_name(ApprovalState state)
{
    static const char *const names[] = {
        [APPROVAL_COUNTS] = "counts",         [APPROVAL_OWN] = "own-plan",
        [APPROVAL_REPEATED] = "repeated",     [APPROVAL_UNKNOWN] = "unknown-signer",
        [APPROVAL_EXPIRED] = "expired-key",   [APPROVAL_MISMATCH] = "other-file",
        [APPROVAL_UNREADABLE] = "unreadable", [APPROVAL_UNCHECKED] = "unchecked"};
    return names[state];
}

Approval *approval_new(const char *file)
{
    Approval *self = g_new0(Approval, 1);
    self->file = g_strdup(file);
    return self;
}

void approval_free(Approval *self)
{
    if (!self)
        return;
    g_free(self->file);
    g_strfreev(self->principals);
    g_free(self->key);
    g_free(self->reason);
    g_free(self);
}

void approval_refuse(Approval *self, ApprovalState state, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_free(self->reason);
    self->reason = g_strdup_vprintf(format, arguments);
    self->state = state;
    va_end(arguments);
}

const char *approval_signer(const Approval *self)
{
    if (self->principals && self->principals[0])
        return self->principals[0];
    return self->key ? self->key : self->file;
}

char *approval_standing(const Approval *self)
{
    if (self->state == APPROVAL_COUNTS)
        return g_strdup("counts");
    if (self->state == APPROVAL_UNCHECKED)
        return g_strdup("a good signature; whose it is was not asked");
    return g_strdup_printf("does not count: %s", self->reason);
}

/* ---- Persons ---- */

/* What stands before the "@", in small letters and without blanks around it. Caller frees. */
static char *local_part(const char *name)
{
    const char *at = strchr(name, '@');
    return g_strstrip(g_utf8_strdown(name, at ? at - name : -1));
}

bool approval_is_of(const char *principal, const char *created_by)
{
    g_autofree char *left = local_part(principal);
    g_autofree char *right = local_part(created_by);
    return g_str_equal(left, right);
}

static bool same_text(const char *left, const char *right)
{
    g_autofree char *a = g_strstrip(g_utf8_casefold(left, -1));
    g_autofree char *b = g_strstrip(g_utf8_casefold(right, -1));
    return g_str_equal(a, b);
}

static bool same_person(const Approval *left, const Approval *right)
{
    if (left->key && g_strcmp0(left->key, right->key) == 0)
        return true;
    for (char **one = left->principals; one && *one; one++)
        for (char **other = right->principals; other && *other; other++)
            if (same_text(*one, *other))
                return true;
    return false;
}

static bool is_makers(const Approval *self, const char *created_by)
{
    for (char **principal = self->principals; principal && *principal; principal++)
        if (approval_is_of(*principal, created_by))
            return true;
    return false;
}

/* The first of the approvals in this state that is of the same person; NULL. */
static const Approval *same_in(const GPtrArray *approvals, ApprovalState state, const Approval *self)
{
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *other = approvals->pdata[i];
        if (other != self && other->state == state && same_person(other, self))
            return other;
    }
    return NULL;
}

/* The maker's other keys are the maker's too: goes on until nothing is found any more. */
static void refuse_own(GPtrArray *approvals, const char *created_by)
{
    for (bool found = true; found;) {
        found = false;
        for (guint i = 0; i < approvals->len; i++) {
            Approval *self = approvals->pdata[i];
            if (self->state != APPROVAL_COUNTS ||
                (!is_makers(self, created_by) && !same_in(approvals, APPROVAL_OWN, self)))
                continue;
            approval_refuse(self, APPROVAL_OWN, "%s made the plan (%s)", approval_signer(self), created_by);
            found = true;
        }
    }
}

unsigned approvals_count(const GPtrArray *approvals)
{
    unsigned count = 0;
    for (guint i = 0; i < approvals->len; i++)
        count += ((const Approval *)approvals->pdata[i])->state == APPROVAL_COUNTS;
    return count;
}

unsigned approvals_judge(GPtrArray *approvals, const char *created_by, bool self_approval)
{
    if (!self_approval)
        refuse_own(approvals, created_by);
    g_autoptr(GPtrArray) earlier = g_ptr_array_new();
    for (guint i = 0; i < approvals->len; i++) {
        Approval *self = approvals->pdata[i];
        if (self->state != APPROVAL_COUNTS)
            continue;
        const Approval *same = same_in(earlier, APPROVAL_COUNTS, self);
        if (!same)
            same = same_in(earlier, APPROVAL_REPEATED, self);
        if (same)
            approval_refuse(self, APPROVAL_REPEATED, "%s has approved it already (%s)", approval_signer(self),
                            same->file);
        g_ptr_array_add(earlier, self);
    }
    return approvals_count(approvals);
}
