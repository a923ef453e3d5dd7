/* Result of testing revisions: what became of each one that was run up, down and up again on a scratch
 * database with rows, as plain values. The dev room fills it, the report room renders it. */
#pragma once

#include "sql/dialect.h"

typedef enum TestVerdict {
    TEST_PASSED,
    TEST_IRREVERSIBLE, /* its way up is right, and it has no way down */
    TEST_FAILED
} TestVerdict;
#define TEST_VERDICT_COUNT (TEST_FAILED + 1)
/* "passed", "irreversible", "failed": stable names for JSON. */
const char *test_verdict_name(TestVerdict verdict);

/* One revision in one dialect. */
typedef struct RevisionTest {
    Dialect dialect;
    char *revision; /* id; NULL: all heads together */
    char *message;
    char *file; /* NULL for all heads together */
    TestVerdict verdict;
    bool declared;          /* irreversible, and it says so: "-- dbfleet:irreversible" */
    const char *step;       /* where it failed: "up", "down", "up again"; NULL */
    char *reason;           /* what the server said, or what was found there; NULL */
    GPtrArray *differences; /* of char *: objects that are not as they should be there */
    GPtrArray *lost;        /* of char *: rows and values that up and down did not bring back */
    char *needs_no_rows;    /* what the server said with rows, where it goes only without; NULL */
    GPtrArray *empty;       /* of char *: tables that no row was found for, and why */
    unsigned rows;          /* that it was tried with */
    gint64 duration_us;
} RevisionTest;

typedef struct RevisionTestResult {
    GPtrArray *tests; /* of RevisionTest *: dialect by dialect, ancestors first */
    unsigned counts[TEST_VERDICT_COUNT];
    unsigned lossy; /* of those that did not fail, as the next */
    unsigned only_without_rows;
} RevisionTestResult;
RevisionTestResult *revision_test_result_new(void);
void revision_test_result_free(RevisionTestResult *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RevisionTestResult, revision_test_result_free)
/* Counts it, and takes it over. */
void revision_test_result_take(RevisionTestResult *self, RevisionTest *test);
RevisionTest *revision_test_new(Dialect dialect);
