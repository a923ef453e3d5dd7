/* Lint view: findings as text, JSON, SARIF and annotations of GitHub Actions. Pure. */
#pragma once

#include "lint/lint_result.h"
#include "report/report.h"

/* Worst first within each file; options->verbose: why as well. Caller frees all of them. `folder`: file names
 * are shown from here on. */
char *lint_view_text(const LintResult *result, const char *folder, const ReportOptions *options);
/* docs/reference/report-json.md documents it. */
char *lint_view_json(const LintResult *result, const char *folder);
/* SARIF 2.1.0 (OASIS, 2020), as code scanning of forges reads it. */
char *lint_view_sarif(const LintResult *result, const char *folder);
/* Workflow commands: "::error file=…,line=…,col=…,title=…::…". */
char *lint_view_github(const LintResult *result, const char *folder);
