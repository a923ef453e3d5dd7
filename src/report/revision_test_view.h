/* Revision test view: what testing revisions up and down has found, as text, JSON and JUnit's XML. Pure. */
#pragma once

#include "dev/revision_test_result.h"
#include "report/report.h"

/* options->verbose: every revision on a line of its own, else those with something to tell. Caller frees all.
 */
char *revision_test_view_text(const RevisionTestResult *result, const ReportOptions *options);
/* docs/reference/report-json.md documents it. */
char *revision_test_view_json(const RevisionTestResult *result);
/* A suite for each dialect, a case for each revision; what has no way down is skipped. Source: the schema of
 * Apache Ant's JUnit task, as CI servers read it. */
char *revision_test_view_junit(const RevisionTestResult *result);
