/* Result of testing revisions: lists and counts. */
#include "dev/revision_test_result.h"

const char *test_verdict_name(TestVerdict verdict)
{
    static const char *const names[TEST_VERDICT_COUNT] = {
        [TEST_PASSED] = "passed", [TEST_IRREVERSIBLE] = "irreversible", [TEST_FAILED] = "failed"};
    return names[verdict];
}

RevisionTest *revision_test_new(Dialect dialect)
{
    RevisionTest *self = g_new0(RevisionTest, 1);
    self->dialect = dialect;
    self->differences = g_ptr_array_new_with_free_func(g_free);
    self->lost = g_ptr_array_new_with_free_func(g_free);
    self->empty = g_ptr_array_new_with_free_func(g_free);
    return self;
}

static void test_free(gpointer data)
{
    RevisionTest *self = data;
    g_free(self->revision);
    g_free(self->message);
    g_free(self->file);
    g_free(self->reason);
    g_free(self->needs_no_rows);
    g_ptr_array_unref(self->differences);
    g_ptr_array_unref(self->lost);
    g_ptr_array_unref(self->empty);
    g_free(self);
}

RevisionTestResult *revision_test_result_new(void)
{
    RevisionTestResult *self = g_new0(RevisionTestResult, 1);
    self->tests = g_ptr_array_new_with_free_func(test_free);
    return self;
}

void revision_test_result_free(RevisionTestResult *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->tests);
    g_free(self);
}

void revision_test_result_take(RevisionTestResult *self, RevisionTest *test)
{
    self->counts[test->verdict]++;
    self->lossy += test->verdict != TEST_FAILED && test->lost->len > 0;
    self->only_without_rows += test->verdict != TEST_FAILED && test->needs_no_rows;
    g_ptr_array_add(self->tests, test);
}
