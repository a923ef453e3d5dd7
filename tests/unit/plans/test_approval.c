/* Approvals: which signatures count. */
#include "plans/approval.h"

#include <criterion/criterion.h>

TestSuite(approval);

/* "NAME,NAME key": principals and key of a good signature; its file is numbered. */
static GPtrArray *signed_by(const char *const *lines)
{
    GPtrArray *approvals = g_ptr_array_new_with_free_func((GDestroyNotify)approval_free);
    for (guint i = 0; lines[i]; i++) {
        g_autofree char *file = g_strdup_printf("%u.sig", i);
        g_auto(GStrv) parts = g_strsplit(lines[i], " ", 2);
        Approval *approval = approval_new(file);
        approval->principals = g_strsplit(parts[0], ",", -1);
        approval->key = g_strdup(parts[1]);
        g_ptr_array_add(approvals, approval);
    }
    return approvals;
}

Test(approval, counts_persons_and_not_keys)
{
    static const struct {
        const char *lines[5];
        bool self_approval;
        unsigned count;
        const char *states; /* the first letter of each */
    } cases[] = {
        {{NULL}, false, 0, ""},
        {{"ada@x k1", "bob@x k2"}, false, 2, "cc"},
        {{"ada@x k1", "ada@x k2"}, false, 1, "cr"},
        {{"ada@x k1", "ADA@X k2", "bob@x k3"}, false, 2, "crc"},
        {{"ada@x k1", "\tAda@x\t k2", "bob@x k3"}, false, 2, "crc"},
        {{"\tmaker@mail k1", "bob@x k2"}, false, 1, "oc"},
        {{"ada@x k1", "bob@x k1"}, false, 1, "cr"},
        {{"ada@x,lovelace@x k1", "lovelace@x,l@y k2", "l@y k3"}, false, 1, "crr"},
        {{"maker@mail k1", "bob@x k2"}, false, 1, "oc"},
        {{"maker@mail k1", "bob@x k2"}, true, 2, "cc"},
        {{"Maker k1"}, false, 0, "o"},
        {{"maker@mail,m@y k1", "m@y k2", "bob@x k3"}, false, 1, "ooc"},
        {{"m@y k2", "maker@mail,m@y k1"}, false, 0, "oo"},
        {{"makers@mail k1", "ma@ker k2"}, false, 2, "cc"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) approvals = signed_by(cases[i].lines);
        g_autoptr(GString) states = g_string_new(NULL);
        unsigned count = approvals_judge(approvals, "maker@laptop", cases[i].self_approval);
        for (guint j = 0; j < approvals->len; j++)
            g_string_append_c(states, *approval_state_name(((Approval *)approvals->pdata[j])->state));
        cr_expect_eq(count, cases[i].count, "case %zu: %u", i, count);
        cr_expect_str_eq(states->str, cases[i].states, "case %zu: %s", i, states->str);
    }
}

Test(approval, what_is_not_good_is_left_as_it_is)
{
    static const char *const lines[] = {"ada@x k1", "ada@x k1", NULL};
    g_autoptr(GPtrArray) approvals = signed_by(lines);
    approval_refuse(approvals->pdata[0], APPROVAL_MISMATCH, "of another file");
    cr_assert_eq(approvals_judge(approvals, "me@here", false), 1);
    const Approval *first = approvals->pdata[0], *second = approvals->pdata[1];
    cr_assert_eq(first->state, APPROVAL_MISMATCH);
    cr_assert_str_eq(first->reason, "of another file");
    cr_assert_eq(second->state, APPROVAL_COUNTS);
    cr_assert_null(second->reason);
}

Test(approval, a_signer_has_a_name)
{
    g_autoptr(Approval) approval = approval_new("x.sig");
    cr_assert_str_eq(approval_signer(approval), "x.sig");
    approval->key = g_strdup("SHA256:k");
    cr_assert_str_eq(approval_signer(approval), "SHA256:k");
    approval->principals = g_strsplit("ada@x", ",", -1);
    cr_assert_str_eq(approval_signer(approval), "ada@x");
}
