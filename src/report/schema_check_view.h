/* Schema check view: where revisions and schema files differ, as text, JSON and annotations of GitHub's
 * workflows. Pure. */
#pragma once

#include "dev/schema_check_result.h"
#include "report/report.h"

/* Caller frees all. */
char *schema_check_view_text(const SchemaCheckResult *result, const ReportOptions *options);
/* docs/reference/report-json.md documents it. */
char *schema_check_view_json(const SchemaCheckResult *result);
/* A line for each difference; nothing where there is none. Source: GitHub's "Workflow commands". */
char *schema_check_view_github(const SchemaCheckResult *result);
